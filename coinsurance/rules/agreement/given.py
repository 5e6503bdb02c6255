"""Reading what a worked case gives; every function raises ValueError with words for its author."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

Given = Mapping[str, object]
Answer = Mapping[str, object]


def numbers(given: Given, key: str) -> list[int]:
    """A list of whole numbers."""
    value = given.get(key)
    if not isinstance(value, (tuple, list)) or not all(type(item) is int for item in value):
        raise ValueError(f"{key} is not a list of whole numbers")
    return [int(item) for item in value]


def number(given: Given, key: str) -> int:
    """A whole number."""
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{key} is not a whole number")
    return value


def as_day(given: Given, key: str) -> date:
    """A day."""
    value = given.get(key)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{key} is not a day")
    return value
