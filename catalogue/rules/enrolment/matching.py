"""Required parameters of a catalogue row against the actual ones (目录条目参数比对).

Values are decimal texts and are compared exactly. Units that differ by a power of ten or a known
factor are converted; any other difference of unit is not compared but pointed out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from service.kernel.numbering import fold

_PLAIN = re.compile(r"[-+]?\d{1,30}(\.\d{1,30})?", re.ASCII)
OPERATORS = ("≥", "≤", "=", "range")
_FACTORS: tuple[dict[str, Decimal], ...] = (
    {
        "nm": Decimal("1e-9"),
        "μm": Decimal("1e-6"),
        "mm": Decimal("1e-3"),
        "cm": Decimal("1e-2"),
        "m": Decimal(1),
        "km": Decimal(1000),
    },
    {"g": Decimal("1e-3"), "kg": Decimal(1), "t": Decimal(1000)},
    {"W": Decimal(1), "kW": Decimal(1000), "MW": Decimal("1e6"), "GW": Decimal("1e9")},
    {"V": Decimal(1), "kV": Decimal(1000)},
    {"Pa": Decimal(1), "kPa": Decimal(1000), "MPa": Decimal("1e6"), "GPa": Decimal("1e9")},
    {"s": Decimal(1), "min": Decimal(60), "h": Decimal(3600)},
    {"%": Decimal("1e-2"), "ppm": Decimal("1e-6")},
)
_SPELLINGS = {"µm": "μm", "um": "μm", "毫米": "mm", "米": "m", "千克": "kg", "吨": "t"}


@dataclass(frozen=True, slots=True)
class Required:
    """A parameter that a catalogue row asks for; `high` is the upper end of a range."""

    name: str
    operator: str
    value: str
    unit: str = ""
    high: str = ""

    @property
    def text(self) -> str:
        """The requirement as a person writes it."""
        unit = f" {self.unit}" if self.unit else ""
        if self.operator == "range":
            return f"{self.value}–{self.high}{unit}"
        return f"{self.operator} {self.value}{unit}"


@dataclass(frozen=True, slots=True)
class Actual:
    """A parameter of the object, as measured or declared."""

    name: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ParameterMatch:
    """One required parameter and what the object has; `met` None: not given, not comparable."""

    name: str
    required: str
    actual: str | None
    met: bool | None


def number(text: str) -> Decimal | None:
    """The exact value of a decimal text, None for anything else."""
    plain = fold(text).replace(",", "")
    return Decimal(plain) if _PLAIN.fullmatch(plain) else None


def in_unit(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """The value in another unit, None when the two cannot be compared."""
    source, target = (_SPELLINGS.get(u.strip(), u.strip()) for u in (unit, wanted))
    if source == target:
        return value
    for factors in _FACTORS:
        if source in factors and target in factors:
            return value * factors[source] / factors[target]
    return None


def _met(required: Required, actual: Actual) -> bool | None:
    given, low = number(actual.value), number(required.value)
    if given is None or low is None:
        same = fold(actual.value).casefold() == fold(required.value).casefold()
        return same if required.operator == "=" and actual.unit == required.unit else None
    given = in_unit(given, actual.unit, required.unit)
    if given is None:
        return None
    if required.operator == "≥":
        return given >= low
    if required.operator == "≤":
        return given <= low
    if required.operator == "=":
        return given == low
    high = number(required.high)
    return None if high is None else low <= given <= high


def match_parameters(
    required: Sequence[Required], actual: Iterable[Actual]
) -> tuple[ParameterMatch, ...]:
    """Every required parameter in the order of the catalogue, with the actual one beside it."""
    given = {fold(a.name).casefold(): a for a in actual}
    matches = []
    for one in required:
        mine = given.get(fold(one.name).casefold())
        shown = f"{mine.value} {mine.unit}".strip() if mine else None
        met = _met(one, mine) if mine else None
        matches.append(ParameterMatch(one.name, one.text, shown, met))
    return tuple(matches)


def all_met(matches: Sequence[ParameterMatch]) -> bool | None:
    """Whether all are met; False when one is not, None when one cannot be told."""
    answers = [m.met for m in matches]
    if False in answers:
        return False
    return None if None in answers else True
