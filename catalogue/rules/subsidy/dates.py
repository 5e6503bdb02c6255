"""Calendar arithmetic of the rules: whole months and years, gaps between two covers."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

_ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where it has no such day."""
    month_index = day.year * 12 + day.month - 1 + months
    year, month = divmod(month_index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def add_years(day: date, years: int) -> date:
    """Return the same day of a later year; 29 February becomes the 28th in a common year."""
    return add_months(day, 12 * years)


def within_months(first: date, last: date, months: int) -> bool:
    """Whether ``last`` is no later than ``months`` whole months after ``first``."""
    return last <= add_months(first, months)


def within_years(first: date, last: date, years: int) -> bool:
    """Whether ``last`` is no later than ``years`` whole years after ``first``."""
    return within_months(first, last, 12 * years)


def gap_days(previous_end_on: date, start_on: date) -> int:
    """Return the days without cover between two policies; both ends are days of cover."""
    return max(0, (start_on - previous_end_on).days - 1)


def year_end_on(start_on: date, years: int = 1) -> date:
    """Return the last day of a cover of whole years: 2024-02-29 ends on 2025-02-27.

    The day before the anniversary; an anniversary of 29 February is 28 February.
    """
    return add_years(start_on, years) - _ONE_DAY
