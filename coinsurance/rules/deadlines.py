"""Deadlines of an agreement (期限): the last day of a term, and the moment after which it is late.

Counted by the calendar's one rule: the first day is not counted (民法典第二百零一条); a last day of
calendar days that falls on a day off moves to the next working day (第二百零三条); working days
include make-up days (调休). A term that runs into a year without an official calendar keeps its
facts and waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from coinsurance.rules.nouns import DayKind
from service.kernel.calendar import OpenTerm, day_end, term_end


class Term(Protocol):
    """What a deadline needs to know; every term of an agreement that has days is one."""

    @property
    def days(self) -> int | None: ...
    @property
    def calendar(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A term as it is stored: its days (None: no limit) and how they are counted."""

    days: int | None
    calendar: str


def last_day(term: Term, start_on: date) -> date | OpenTerm | None:
    """The last day of a term that starts after a day; None where nothing limits it."""
    if term.days is None:
        return None
    return term_end(start_on, term.days, working=term.calendar == DayKind.WORKING)


def told(day: date | OpenTerm | None) -> date | None:
    """The last day, None where there is none or where it cannot be told yet."""
    return None if isinstance(day, OpenTerm) else day


def late_from(term: Term, start_on: date) -> datetime | None:
    """The first moment that is too late: the end of the last day in Shanghai."""
    day = told(last_day(term, start_on))
    return None if day is None else day_end(day)


def in_words(days: int, calendar: str) -> str:
    """A term as an agreement writes it: 5 个工作日, 21 日."""
    return f"{days} 个工作日" if calendar == DayKind.WORKING else f"{days} 日"
