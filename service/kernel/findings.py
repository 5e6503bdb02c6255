"""Findings: what a check has to say, with a stable code and a text in Chinese and English.

A check returns all its findings; it does not stop at the first (DESIGN law 7). Every package
registers the texts of its codes with :func:`register`, beside the code that raises them. Templates
take ``{name}`` from the parameters and ``{field}`` from the finding. Parameters are shown by the
unit at the end of their name: ``_fen`` as yuan, ``_units`` and ``_ppm`` as percent; a moment as
the minute in Shanghai. A text that needs another word in each language takes two parameters,
``{kind_zh}`` and ``{kind_en}``.
"""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["zh", "en"]
SHOWN_CHARACTERS_MAX = 80
_SHANGHAI = ZoneInfo("Asia/Shanghai")


class Severity(StrEnum):
    """How much a finding weighs."""

    BLOCKER = "blocker"
    """The step is refused until it is put right."""
    WARNING = "warning"
    """The step may go on; the reviewer sees it."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one code: what is wrong, what to do about it, and the rule behind it."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    rule: str = ""

    def needs(self) -> frozenset[str]:
        """Names of the parameters that the four templates use."""
        return _names(self.zh, self.en, self.remedy_zh, self.remedy_en)


class UnknownCode(LookupError):
    """A finding was made with a code nobody registered: a mistake in the program."""


class MissingParameter(LookupError):
    """A finding lacks a parameter its text needs: a mistake in the program."""


_TEXTS: dict[str, Text] = {}


def register(texts: Mapping[str, Text]) -> None:
    """Add texts to the catalogue; the same text twice is harmless, another text is refused."""
    for code, text in texts.items():
        if _TEXTS.get(code, text) != text:
            raise ValueError(f"finding code {code!r} is already registered with another text")
        if not (text.zh and text.en and text.remedy_zh and text.remedy_en):
            raise ValueError(f"finding code {code!r} lacks a text or a remedy")
        text.needs()
        _TEXTS[code] = text


def all_codes() -> dict[str, Text]:
    """Every registered code with its text, in alphabetical order."""
    return dict(sorted(_TEXTS.items()))


def text_of(code: str) -> Text:
    """Return the registered text; raises UnknownCode."""
    try:
        return _TEXTS[code]
    except KeyError:
        raise UnknownCode(f"finding code {code!r} is not registered") from None


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of a check. ``field`` is the path in the form, ``source`` the clause it rests on.

    Raises UnknownCode or MissingParameter when made, so that a finding can always be shown.
    """

    code: str
    field: str = ""
    severity: Severity = Severity.BLOCKER
    params: Mapping[str, object] = dataclasses.field(default_factory=dict, hash=False)
    source: str = ""

    def __post_init__(self) -> None:
        missing = text_of(self.code).needs() - self.params.keys() - {"field"}
        if missing:
            raise MissingParameter(f"finding {self.code!r} lacks {', '.join(sorted(missing))}")
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))

    @property
    def blocks(self) -> bool:
        """Whether this finding stops the step."""
        return self.severity is Severity.BLOCKER

    def text(self, language: Language = "zh") -> str:
        """Return what is wrong."""
        words = text_of(self.code)
        return self._fill(words.zh if language == "zh" else words.en, language)

    def remedy(self, language: Language = "zh") -> str:
        """Return what to do about it."""
        words = text_of(self.code)
        return self._fill(words.remedy_zh if language == "zh" else words.remedy_en, language)

    def as_dict(self) -> dict[str, object]:
        """Plain values only, ready for JSON."""
        return {
            "code": self.code,
            "field": self.field,
            "severity": self.severity.value,
            "message_zh": self.text("zh"),
            "message_en": self.text("en"),
            "remedy_zh": self.remedy("zh"),
            "remedy_en": self.remedy("en"),
            "rule": text_of(self.code).rule,
            "source": self.source,
            "params": {name: _plain(value) for name, value in self.params.items()},
        }

    def _fill(self, template: str, language: Language) -> str:
        shown = {name: display(name, value, language) for name, value in self.params.items()}
        return template.format_map({"field": self.field, **shown})


def blocker(code: str, field: str = "", source: str = "", **params: object) -> Finding:
    """Make a finding that stops the step."""
    return Finding(code, field, Severity.BLOCKER, params, source)


def warning(code: str, field: str = "", source: str = "", **params: object) -> Finding:
    """Make a finding that only tells."""
    return Finding(code, field, Severity.WARNING, params, source)


def blockers(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that stop the step, in order."""
    return [finding for finding in findings if finding.blocks]


def display(name: str, value: object, language: Language = "zh") -> str:
    """Show a parameter to a person; the unit is taken from the end of its name.

    Text from outside is cut at 80 characters and its control characters are made visible.
    """
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if isinstance(value, int):
        return _display_int(name, value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return f"{value.astimezone(_SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        joined = ("、" if language == "zh" else ", ").join(
            display(name, item, language) for item in items
        )
        return joined or ("无" if language == "zh" else "none")
    return _tame(str(value), SHOWN_CHARACTERS_MAX)


def _display_int(name: str, value: int) -> str:
    sign, size = ("-" if value < 0 else ""), abs(value)
    if name.endswith("_fen"):
        return f"{sign}{size // 100:,}.{size % 100:02d} 元"
    for suffix, percent_unit in (("_units", 1_000_000), ("_ppm", 10_000)):
        if name.endswith(suffix):
            width = len(str(percent_unit)) - 1
            decimals = f"{size % percent_unit:0{width}d}".rstrip("0")
            return f"{sign}{size // percent_unit:,}" + (f".{decimals}" if decimals else "") + "%"
    return str(value)


def _tame(text: str, characters_max: int) -> str:
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:characters_max])
    return shown + "…" if len(text) > characters_max else shown


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return [_plain(item) for item in sorted(value, key=str)]
    return _tame(str(value), SHOWN_CHARACTERS_MAX * 5)


@cache
def _names(*templates: str) -> frozenset[str]:
    parts = (part for template in templates for part in string.Formatter().parse(template))
    names = {name for _, name, _, _ in parts if name is not None}
    strange = {name for name in names if not name.isidentifier()}
    if strange:
        raise ValueError(f"a finding text may hold plain names only, not {sorted(strange)}")
    return frozenset(names)
