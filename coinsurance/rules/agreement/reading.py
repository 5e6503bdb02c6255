"""Reading the tables of an agreement strictly: an unknown or misshapen part is refused.

Every function raises ValueError with words for the person who writes the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_WHOLE_MAX = 10**18


def whole(name: str, value: object) -> int:
    """Return a whole number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} is not a whole number")
    if not 0 <= value <= _WHOLE_MAX:
        raise ValueError(f"{name} is negative or beyond reason")
    return value


def word(name: str, value: object, choices: Collection[str] = ()) -> str:
    """Return a text that is not empty, one of the choices if there are any."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is not a text")
    if choices and value not in choices:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(sorted(choices))}")
    return str(value)


def member(kind: type[E], name: str, value: object) -> E:
    """Return the term of a vocabulary that a code names."""
    code = word(name, value, [term.value for term in kind])
    return next(term for term in kind if term.value == code)


def words(name: str, value: object, choices: Collection[str] = ()) -> tuple[str, ...]:
    """Return the texts of a list, each once."""
    if not isinstance(value, (tuple, list)):
        raise ValueError(f"{name} is not a list")
    found = tuple(word(name, item, choices) for item in value)
    if len(set(found)) != len(found):
        raise ValueError(f"{name} names one text twice")
    return found


def table(name: str, value: object) -> Mapping[str, object]:
    """Return named values."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is not a table")
    return value


def listed(name: str, value: object) -> tuple[object, ...]:
    """Return the items of a list that is not empty."""
    if not isinstance(value, (tuple, list)) or not value:
        raise ValueError(f"{name} is not a list with items")
    return tuple(value)


def fill(
    kind: type[T], name: str, value: object, choices: Mapping[str, Collection[str]] | None = None
) -> T:
    """Make a dataclass from a table whose keys are its fields; a required field must be there."""
    entries, allowed = table(name, value), choices or {}
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    strange = sorted(set(entries) - set(fields))
    if strange:
        raise ValueError(f"{name} has no part {', '.join(strange)}")
    missing = sorted(
        part
        for part, field in fields.items()
        if part not in entries
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    )
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    read = {
        part: _part(f"{name}.{part}", entry, hints[part], allowed.get(part, ()))
        for part, entry in entries.items()
    }
    return kind(**read)


def _part(name: str, value: object, hint: Any, choices: Collection[str]) -> object:
    if isinstance(hint, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        if get_origin(inner) is tuple:
            return tuple(words(name, item, choices) for item in listed(name, value))
        return words(name, value, choices)
    if hint is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is not true or false")
        return value
    if hint is int:
        return whole(name, value)
    if hint is date:
        if not isinstance(value, date):
            raise ValueError(f"{name} is not a day")
        return value
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return member(hint, name, value)
    return word(name, value, choices)
