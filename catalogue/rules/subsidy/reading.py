"""Reading the tables of a subsidy rule book, strictly: an unknown or misshapen part is refused.

Every function raises ValueError with words for the person who writes the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from catalogue.rules.subsidy import nouns
from catalogue.rules.subsidy.rows import CODES, CONDITION_FIELDS, FLAGS, Condition, Row
from catalogue.rules.subsidy.rules import LimitRule, MaterialRule
from service.kernel.money import Rounding

T = TypeVar("T")

VOCABULARIES: Mapping[str, frozenset[str]] = {
    "kind": frozenset(nouns.SubjectKind),
    "kinds": frozenset(nouns.SubjectKind),
    "level": frozenset(nouns.Level),
    "counted_by": frozenset(nouns.CountedBy),
    "valid_on": frozenset({"start", "application"}),
    "status_valid_on": frozenset({"start", "application"}),
    "on_break": frozenset({"refuse", "restart"}),
    "calendar": frozenset({"working", "calendar"}),
    "mode": frozenset({"down", "up", "half_up", "half_even"}),
    "min_of": frozenset({"value", "contract"}),
    "max_of": frozenset({"value", "contract"}),
    "scope": frozenset(nouns.CapScope),
    "code": frozenset(nouns.Material),
}
"""Which words a field of that name may hold; other names take any text."""


def whole(name: str, value: object) -> int:
    """Return a whole number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} is not a whole number")
    if value < 0:
        raise ValueError(f"{name} is negative")
    return value


def flag(name: str, value: object) -> bool:
    """Return a yes or no."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} is not true or false")
    return value


def day(name: str, value: object) -> date:
    """Return a day."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"{name} is not a day")
    return value


def word(name: str, value: object) -> str:
    """Return a text, one of the vocabulary of its name if there is one."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is not a text")
    known = VOCABULARIES.get(name)
    if known is not None and value not in known:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(sorted(known))}")
    return str(value)


def words(name: str, value: object) -> frozenset[str]:
    """Return a set of texts from one text or a list of them; an empty or double list is refused."""
    items = (value,) if isinstance(value, str) else value
    if not isinstance(items, (tuple, list)) or not items:
        raise ValueError(f"{name} is not a list of texts")
    found = [word(name, item) for item in items]
    if len(set(found)) != len(found):
        raise ValueError(f"{name} names one text twice")
    return frozenset(found)


_READERS: Mapping[str, Callable[[str, object], object]] = {
    "int": whole,
    "int | None": whole,
    "bool": flag,
    "date | None": day,
    "str": word,
    "Codes": words,
    "Rounding": lambda name, value: Rounding(word(name, value)),
}


def table(value: object, name: str) -> Mapping[str, object]:
    """Return named values."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is not a table")
    return value


def listed(value: object, name: str) -> tuple[object, ...]:
    """Return the items of a list that is not empty."""
    if not isinstance(value, (tuple, list)) or not value:
        raise ValueError(f"{name} is not a list with items")
    return tuple(value)


def fill(kind: type[T], value: object, name: str) -> T:
    """Make a rule dataclass from a table whose keys are its fields; empty tables are refused."""
    entries = table(value, name)
    if not entries:
        raise ValueError(f"{name} says nothing")
    known: Mapping[str, Any] = {f.name: f.type for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    strange = sorted(set(entries) - set(known))
    if strange:
        raise ValueError(f"{name} has no part {', '.join(strange)}")
    read = {key: _READERS[str(known[key])](key, entry) for key, entry in entries.items()}
    made = kind(**read)
    _check_pairs(made, name)
    return made


def rows(value: object, name: str, value_name: str, *, scoped: bool = False) -> tuple[Row, ...]:
    """Return the rows of a list: a value, its conditions, and for caps its scope."""
    return tuple(_row(item, name, value_name, scoped) for item in listed(value, name))


def limit_rule(value: object, name: str) -> LimitRule:
    """Return the limit rule; ``minimum`` is a list of rows with ``multiple_ppm``."""
    entries = dict(table(value, name))
    minimum = entries.pop("minimum", None)
    made = fill(LimitRule, entries, name) if entries else LimitRule()
    if minimum is not None:
        made = dataclasses.replace(made, minimum=rows(minimum, f"{name}.minimum", "multiple_ppm"))
    return made


def materials(value: object, name: str, source: str) -> tuple[MaterialRule, ...]:
    """Return the checklist; a paper without a clause of its own takes that of the key."""
    found = []
    for item in listed(value, name):
        entry = table(item, name)
        _only(entry, {"code", "required", "source"}, name)
        found.append(
            MaterialRule(
                word("code", entry.get("code")),
                flag("required", entry.get("required")),
                word("source", entry.get("source", source)),
            )
        )
    if len({material.code for material in found}) != len(found):
        raise ValueError(f"{name} names one paper twice")
    return tuple(found)


def _row(item: object, name: str, value_name: str, scoped: bool) -> Row:
    entry = table(item, name)
    _only(entry, {value_name, *CONDITION_FIELDS, *(("scope",) if scoped else ())}, name)
    if value_name not in entry:
        raise ValueError(f"a row of {name} lacks {value_name}")
    return Row(
        whole(value_name, entry[value_name]),
        _condition(entry),
        word("scope", entry.get("scope")) if scoped else "",
    )


def _condition(entry: Mapping[str, object]) -> Condition:
    read: dict[str, Any] = {}
    names = {"kind": "kinds", "level": "levels", "class": "classes", "counted_by": "counted_by"}
    for key in entry:
        if key in CODES:
            read[names[key]] = words(key, entry[key])
        elif key in FLAGS:
            read[key] = flag(key, entry[key])
        elif key in CONDITION_FIELDS:
            read[key] = whole(key, entry[key])
    return Condition(**read)


def _only(entry: Mapping[str, object], known: set[str], name: str) -> None:
    strange = sorted(set(entry) - known)
    if strange:
        raise ValueError(f"{name} has no part {', '.join(strange)}")


def _check_pairs(made: object, name: str) -> None:
    """A first day must not be after its last day."""
    for field in dataclasses.fields(made):  # type: ignore[arg-type]
        if not field.name.endswith("_from"):
            continue
        first = getattr(made, field.name)
        last = getattr(made, f"{field.name.removesuffix('_from')}_to", None)
        if first is not None and last is not None and last < first:
            raise ValueError(f"{name}: {field.name} is after its last day")
