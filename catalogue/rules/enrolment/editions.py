"""Editions of the promotion catalogues (推广应用指导目录) and the limits of enrolment."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.rules.enrolment.matching import OPERATORS, Required, number
from catalogue.rules.subsidy.nouns import FIRST_KINDS
from service.kernel.timeline import Dated, Timeline


@dataclass(frozen=True, slots=True)
class Item:
    """One row of an edition."""

    number: str
    name: str
    parameters: tuple[Required, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition with its validity and source. `example`: days or rows are not official."""

    code: str
    title: str
    kind: str
    valid_from: date
    valid_to: date | None
    source: str
    example: bool
    items: tuple[Item, ...]

    def holds(self, day: date) -> bool:
        """Whether the edition is the valid one of its kind on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Limit:
    """A number with the document it comes from."""

    value: int
    source: str


@dataclass(frozen=True, slots=True)
class EnrolmentRules:
    """What enrolment and qualification compare with."""

    sets_max: Limit
    qualification_years_max: Limit


def read_required(row: Mapping[str, Any]) -> Required:
    """A required parameter from data; ValueError when it cannot be compared with anything."""
    made = Required(
        name=str(row["name"]),
        operator=str(row["operator"]),
        value=str(row["value"]),
        unit=str(row.get("unit", "")),
        high=str(row.get("high", "")),
    )
    if made.operator not in OPERATORS:
        raise ValueError(f"unknown operator {made.operator!r} of {made.name!r}")
    if made.operator == "range":
        low, high = number(made.value), number(made.high)
        if low is None or high is None or high < low:
            raise ValueError(f"the range of {made.name!r} needs a low and a high end")
    elif made.operator != "=" and number(made.value) is None:
        raise ValueError(f"{made.value!r} of {made.name!r} is not a number")
    return made


def read_editions(text: str) -> tuple[Edition, ...]:
    """The editions of a TOML file; ValueError for an unknown kind, key or overlap in time."""
    editions = tuple(_edition(row) for row in tomllib.loads(text)["edition"])
    for kind in {e.kind for e in editions}:
        timeline = Timeline(
            Dated(e.code, e.valid_from, e.valid_to) for e in editions if e.kind == kind
        )
        if timeline.overlaps():
            raise ValueError(f"editions of {kind} overlap in time: {timeline.overlaps()}")
    return editions


def _edition(row: dict[str, Any]) -> Edition:
    row = dict(row)
    items = tuple(
        Item(
            str(item["number"]),
            str(item["name"]),
            tuple(read_required(p) for p in item.get("parameters", [])),
        )
        for item in row.pop("items", [])
    )
    if row["kind"] not in FIRST_KINDS:
        raise ValueError(f"unknown kind {row['kind']!r} of edition {row['code']!r}")
    return Edition(**{"valid_to": None, **row}, items=items)


def read_rules(text: str) -> EnrolmentRules:
    """The limits of a TOML file; each has a source."""
    limits = tomllib.loads(text)["limits"]
    return EnrolmentRules(
        **{name: Limit(row["value"], row["source"]) for name, row in limits.items()}
    )
