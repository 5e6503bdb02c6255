"""The one clock, and the official working days of China including make-up days (调休).

Working days come from the data of the library ``chinese_calendar``, which follows the yearly
holiday notices of the State Council (国务院办公厅关于部分节假日安排的通知). A year it lacks is an
error, never a guess. The clock is an argument of every rule: only use cases and edges call
:func:`now` and :func:`today`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

from service.kernel.errors import DomainError
from service.kernel.findings import Finding, Text, blocker, register

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNTOLD = date.max
"""A last day that must be stored and cannot be told yet; ``infinity`` in the database."""
_ONE_DAY = timedelta(days=1)
_moment: ContextVar[datetime | None] = ContextVar("eastlake_moment", default=None)


class CalendarGap(DomainError):
    """The official calendar of a year is not known."""

    status = 422
    code = "calendar.year_missing"

    def __init__(self, year: int) -> None:
        first, last = known_years()
        super().__init__([blocker(self.code, year=year, first=first, last=last)])
        self.year = year


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _moment.get() or datetime.now(UTC)


def today() -> date:
    """Return the present day in Shanghai."""
    return local_day(now())


@contextmanager
def at_moment(moment: datetime) -> Iterator[datetime]:
    """Stop the clock at an aware moment for this task (demo history and tests)."""
    if moment.tzinfo is None:
        raise ValueError("at_moment needs a moment with a time zone")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _moment.reset(token)


def local_day(moment: datetime) -> date:
    """Return the day in Shanghai on which an aware moment falls."""
    if moment.tzinfo is None:
        raise ValueError("local_day needs a moment with a time zone")
    return moment.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """Return the first moment of a day in Shanghai, in UTC; of the first day the first there is."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def day_end(day: date) -> datetime:
    """Return the first moment after a day in Shanghai, in UTC: the bound that is not part of it."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return day_start(day + _ONE_DAY)


def known_years() -> tuple[int, int]:
    """Return the first and the last year whose official calendar is known."""
    days = chinese_calendar.constants.holidays
    return min(days).year, max(days).year


@lru_cache(maxsize=10_000)  # the library searches all its years for each day
def is_working_day(day: date) -> bool:
    """Whether offices work on that day; raises CalendarGap for an unknown year."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise CalendarGap(day.year) from None


def add_working_days(day: date, count_days: int) -> date:
    """Return the last day of a period of working days that starts after ``day``.

    The first day is not counted (Civil Code art. 201); 0 gives the day itself, or the next working
    day when it falls on a holiday (art. 203); a negative count goes back. Raises CalendarGap.
    """
    step = -_ONE_DAY if count_days < 0 else _ONE_DAY
    left_days = abs(count_days)
    while left_days or not is_working_day(day):
        day += step
        left_days -= is_working_day(day) and left_days > 0
    return day


def working_days_between(start: date, end: date) -> int:
    """Count the working days after ``start`` up to and including ``end``; negative when reversed.

    For n above 0, ``working_days_between(a, add_working_days(a, n)) == n``. Raises CalendarGap.
    """
    if end < start:
        return -working_days_between(end, start)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_working_day(day) for day in days)


@dataclass(frozen=True, slots=True)
class OpenTerm:
    """A term whose last day cannot be told: it runs into a year without an official calendar.

    Its facts stay: it starts after ``start_on`` and lasts ``days`` working days, or calendar days
    the last of which must be a working day. The day is told once the calendar is there.
    """

    start_on: date
    days: int
    working: bool
    missing_year: int

    def finding(self, field: str = "") -> Finding:
        """The term as a blocker, for a step that cannot be taken without its last day."""
        return blocker(
            "calendar.term_open",
            field,
            start_on=self.start_on,
            days=self.days,
            unit_zh="个工作日" if self.working else "天（末日遇节假日顺延）",
            unit_en="working days" if self.working else "days",
            year=self.missing_year,
        )

    @property
    def text_zh(self) -> str:
        """The term in plain words, for a page."""
        return self.finding().text("zh")


def term_end(start_on: date, days: int, *, working: bool = True) -> date | OpenTerm:
    """Return the last day of a term that starts after a day; never raises CalendarGap.

    Calendar days: a last day on a holiday moves to the next working day (Civil Code art. 203).
    """
    try:
        if working:
            return add_working_days(start_on, days)
        return add_working_days(start_on + timedelta(days=days), 0)
    except CalendarGap as gap:
        return OpenTerm(start_on, days, working, gap.year)


def working_days_left(day: date | None, on: date) -> int | None:
    """Working days from ``on`` to a day, negative once it has passed; None where unknown."""
    if day is None:
        return None
    try:
        return working_days_between(on, day)
    except CalendarGap:
        return None


_UPDATE = (
    "国务院公布该年放假安排后，请更新日历数据",
    "Update the calendar once the State Council has published that year",
    "国务院办公厅关于部分节假日安排的通知",
)

register(
    {
        "calendar.year_missing": Text(
            "{year} 年官方工作日历尚未更新（现有 {first} 至 {last} 年），暂不能计算期限",
            "The official calendar of {year} is not there yet (known: {first} to {last}); "
            "working days cannot be counted",
            *_UPDATE,
        ),
        "calendar.term_open": Text(
            "自 {start_on} 次日起 {days} {unit_zh}；{year} 年官方工作日历尚未更新，暂不能计算期限",
            "{days} {unit_en} after {start_on}: the official calendar of {year} is not there yet, "
            "so the last day cannot be told",
            *_UPDATE,
        ),
    }
)
