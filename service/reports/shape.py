"""What a report is: its columns, who may read it, where its rows come from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from service.auth import Actor, Role
from service.kernel.errors import Refused
from service.kernel.findings import blocker

Params = Mapping[str, str]
Row = Sequence[Any]
Rows = Callable[[Actor, Params], AsyncIterator[Row]]


class Kind(StrEnum):
    """What the values of a column are, and so how each format writes them."""

    TEXT = "text"
    """Words."""
    LIST = "list"
    """Several words; joined with 、 outside JSON."""
    WHOLE = "whole"
    """A whole number."""
    FEN = "fen"
    """An amount in fen; shown in 元 with two decimals outside JSON."""
    PPM = "ppm"
    """A rate in millionths; shown in percent outside JSON."""
    DAY = "day"
    """A day in Shanghai."""
    MOMENT = "moment"
    """A moment; shown in Shanghai time outside JSON."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `name` is its key in JSON, `title` its Chinese header."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 14


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `roles` None: anybody may read it. `note` is the definition (口径)."""

    name: str
    title: str
    note: str
    roles: frozenset[Role] | None
    columns: tuple[Column, ...]
    rows: Rows
    params: tuple[str, ...] = ()

    def open_to(self, actor: Actor) -> bool:
        """Whether this person may read the report."""
        return self.roles is None or actor.has(*self.roles)


def day_param(params: Params, name: str) -> date | None:
    """A day among the parameters; Refused when it is none."""
    text = params.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused([blocker("form.not_a_date", name, value=text)]) from None
