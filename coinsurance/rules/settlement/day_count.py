"""Ways to count the days of interest (计息天数基准), each an exact fraction of a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

from catalogue.rules.nouns import Term

_THIRTY = 30


class DayCount(Term):
    """How a period between two days becomes a part of a year."""

    ACT_365 = "ACT/365", "实际天数/365", "Days that passed over 365, leap years too."
    ACT_360 = "ACT/360", "实际天数/360", "Days that passed over 360."
    ACT_ACT = "ACT/ACT", "实际天数/当年实际天数", "Days of each calendar year over its own length."
    THIRTY_360 = "30/360", "每月三十天/360", "Months of 30 days, American rule for the 31st."
    THIRTY_E_360 = "30E/360", "每月三十天/360（欧式）", "Months of 30 days, every 31st is a 30th."
    DAILY = "DAY", "按日利率", "The rate is one of a day: each day that passed counts one."


def year_fraction(start_on: date, end_on: date, basis: DayCount) -> Fraction:
    """The part of a year after `start_on` up to and including `end_on`; negative when reversed.

    For DAILY the number of days, since the rate is a day's.
    """
    if end_on < start_on:
        return -year_fraction(end_on, start_on, basis)
    return _BASES[basis](start_on, end_on)


def counted_days(start_on: date, end_on: date, basis: DayCount) -> int:
    """The days as the basis counts them: 30-day months give other numbers than the calendar."""
    if basis in (DayCount.THIRTY_360, DayCount.THIRTY_E_360):
        return int(year_fraction(start_on, end_on, basis) * 360)
    return (end_on - start_on).days


def _over(days_a_year: int) -> Callable[[date, date], Fraction]:
    return lambda start_on, end_on: Fraction((end_on - start_on).days, days_a_year)


def _act_act(start_on: date, end_on: date) -> Fraction:
    """ISDA: the days that fall into leap years over 366, the others over 365."""
    total = Fraction(0)
    for year in range(start_on.year, end_on.year + 1):
        first = max(start_on, date(year, 1, 1))
        last = min(end_on, date(year + 1, 1, 1))
        total += Fraction((last - first).days, 366 if _is_leap(year) else 365)
    return total


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _thirty(start_on: date, end_on: date, start_day: int, end_day: int) -> Fraction:
    months = (end_on.year - start_on.year) * 12 + end_on.month - start_on.month
    return Fraction(months * _THIRTY + end_day - start_day, 360)


def _thirty_us(start_on: date, end_on: date) -> Fraction:
    start_day = min(start_on.day, _THIRTY)
    end_day = _THIRTY if end_on.day > _THIRTY and start_day == _THIRTY else end_on.day
    return _thirty(start_on, end_on, start_day, end_day)


def _thirty_e(start_on: date, end_on: date) -> Fraction:
    return _thirty(start_on, end_on, min(start_on.day, _THIRTY), min(end_on.day, _THIRTY))


_BASES: dict[DayCount, Callable[[date, date], Fraction]] = {
    DayCount.ACT_365: _over(365),
    DayCount.ACT_360: _over(360),
    DayCount.ACT_ACT: _act_act,
    DayCount.THIRTY_360: _thirty_us,
    DayCount.THIRTY_E_360: _thirty_e,
    DayCount.DAILY: lambda start_on, end_on: Fraction((end_on - start_on).days),
}
