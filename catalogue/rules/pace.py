"""Pace towards the target (目标进度): 60 products in the library by the end of 2027.

Whole numbers only: months, products, and tenths of a product per month.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_FORESIGHT_MAX_DAYS = 36_525
"""A hundred years: an expected day beyond that tells nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Where the library stands against its target.

    ``needed_per_month`` is exactly ``missing / months_left``; ``needed_per_month_tenths`` is that
    in tenths, rounded up, and None when no month is left. ``gained`` products in ``gained_days``
    are the present pace; both None without a history. ``projected`` is the count on the target day
    at that pace, rounded down; ``expected_on`` is the day the target is reached at that pace, None
    when it never is.
    """

    count: int
    target: int
    as_of: date
    target_day: date
    missing: int
    days_left: int
    months_left: int
    needed_per_month_tenths: int | None
    gained: int | None
    gained_days: int | None
    projected: int | None
    expected_on: date | None

    @property
    def reached(self) -> bool:
        """Whether the target is met now."""
        return self.missing == 0

    @property
    def on_track(self) -> bool | None:
        """Whether the present pace is enough; None when the pace is not known."""
        if self.reached:
            return True
        return None if self.projected is None else self.projected >= self.target

    @property
    def done_ppm(self) -> int:
        """How much of the target is there, in ppm, at most the whole."""
        if self.target <= 0:
            return 1_000_000
        return min(1_000_000, self.count * 1_000_000 // self.target)


def pace(
    count: int,
    as_of: date,
    target: int,
    target_day: date,
    history: Iterable[tuple[date, int]] = (),
    window_days: int = 365,
) -> Pace:
    """Compare a count with its target.

    ``history`` holds earlier counts. The present pace is the gain since the count that stood
    ``window_days`` ago, or since the first one known when the history is shorter. The month of
    ``as_of`` counts as a month left unless it is its last day; after the target day none is left.
    """
    missing = max(0, target - count)
    days_left = max(0, (target_day - as_of).days)
    months_left = _months_left(as_of, target_day)
    gained, gained_days = _gain(count, as_of, history, window_days)
    return Pace(
        count=count,
        target=target,
        as_of=as_of,
        target_day=target_day,
        missing=missing,
        days_left=days_left,
        months_left=months_left,
        needed_per_month_tenths=-(-missing * 10 // months_left) if months_left else None,
        gained=gained,
        gained_days=gained_days,
        projected=_projected(count, days_left, gained, gained_days),
        expected_on=_expected(as_of, missing, gained, gained_days),
    )


def _months_left(as_of: date, target_day: date) -> int:
    if as_of >= target_day:
        return 0
    ahead = (target_day.year - as_of.year) * 12 + target_day.month - as_of.month
    last = months.monthrange(as_of.year, as_of.month)[1]
    return ahead + (as_of.day < last)


def _gain(
    count: int, as_of: date, history: Iterable[tuple[date, int]], window_days: int
) -> tuple[int, int] | tuple[None, None]:
    past = sorted(point for point in history if point[0] < as_of)
    if not past:
        return None, None
    opening = as_of - timedelta(days=window_days)
    before = [point for point in past if point[0] <= opening]
    if before:
        return count - before[-1][1], window_days
    day, first = past[0]
    return count - first, (as_of - day).days


def _projected(count: int, days_left: int, gained: int | None, span: int | None) -> int | None:
    if gained is None or span is None:
        return None
    return max(0, count + gained * days_left // span)


def _expected(as_of: date, missing: int, gained: int | None, span: int | None) -> date | None:
    if missing == 0:
        return as_of
    if gained is None or span is None or gained <= 0:
        return None
    days = -(-missing * span // gained)
    return as_of + timedelta(days=days) if days <= _FORESIGHT_MAX_DAYS else None
