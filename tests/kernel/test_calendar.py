"""Official working days of two whole years against the notices, and the one clock."""

from __future__ import annotations

import asyncio
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.calendar import (
    CalendarGap,
    add_working_days,
    at_moment,
    day_end,
    day_start,
    is_working_day,
    known_years,
    local_day,
    now,
    today,
    working_days_between,
)

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "cases" / "kernel" / "calendar.toml").read_text("utf-8")
)
days_known = st.dates(date(2024, 3, 1), date(2026, 6, 30))


@pytest.mark.parametrize("case", CASES["year"], ids=lambda case: case["source"])
def test_every_day_of_a_year_follows_the_notice(case: dict[str, Any]) -> None:
    day = date(case["year"], 1, 1)
    while day.year == case["year"]:
        off = any(first <= day <= last for first, last in case["off"])
        expected = day in case["work"] or (day.weekday() < 5 and not off)
        assert is_working_day(day) == expected, day
        day += timedelta(days=1)


@pytest.mark.parametrize("case", CASES["term"], ids=lambda case: case["name"])
def test_terms(case: dict[str, Any]) -> None:
    assert add_working_days(case["start"], case["days"]) == case["end"]


@given(days_known, st.integers(1, 40))
def test_adding_and_counting_agree(start: date, count_days: int) -> None:
    end = add_working_days(start, count_days)
    assert is_working_day(end)
    assert working_days_between(start, end) == count_days
    assert working_days_between(end, start) == -count_days
    assert working_days_between(start, end - timedelta(days=1)) == count_days - 1


@given(days_known, st.integers(1, 20))
def test_back_and_forth(start: date, count_days: int) -> None:
    end = add_working_days(start, -count_days)
    assert is_working_day(end) and end < start
    assert working_days_between(end, start) in (count_days, count_days - 1)
    assert add_working_days(add_working_days(start, 0), 0) == add_working_days(start, 0)


def test_a_year_without_data_is_an_error_that_names_it() -> None:
    first, last = known_years()
    assert first <= 2025 and last >= 2026
    for day, missing in ((date(last + 1, 1, 4), last + 1), (date(first - 1, 12, 31), first - 1)):
        with pytest.raises(CalendarGap) as caught:
            is_working_day(day)
        assert caught.value.year == missing
        assert str(missing) in caught.value.text("zh")
        assert caught.value.status == 422
    with pytest.raises(CalendarGap):
        add_working_days(date(last, 12, 30), 10)
    with pytest.raises(CalendarGap):
        working_days_between(date(last, 12, 30), date(last + 1, 1, 20))


def test_the_clock_can_be_stopped() -> None:
    before = now()
    moment = datetime(2025, 6, 7, 16, 30, tzinfo=UTC)
    with at_moment(moment):
        assert now() == moment
        assert today() == date(2025, 6, 8)
        with at_moment(datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=8)))):
            assert today() == date(2025, 1, 1)
            assert now() == datetime(2024, 12, 31, 16, tzinfo=UTC)
        assert now() == moment
    assert timedelta() <= now() - before < timedelta(seconds=5)
    with pytest.raises(ValueError), at_moment(datetime(2025, 1, 1)):
        pass
    with pytest.raises(ValueError):
        local_day(datetime(2025, 1, 1))


def test_the_clock_starts_again_after_an_error() -> None:
    with pytest.raises(RuntimeError), at_moment(datetime(2020, 1, 1, tzinfo=UTC)):
        raise RuntimeError
    assert now().year >= 2025


def test_each_task_has_its_own_clock() -> None:
    async def year_of(year: int) -> int:
        with at_moment(datetime(year, 6, 1, tzinfo=UTC)):
            await asyncio.sleep(0)
            return today().year

    async def both() -> list[int]:
        return list(await asyncio.gather(year_of(2024), year_of(2025)))

    assert asyncio.run(both()) == [2024, 2025]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_holds_its_own_moments_only(day: date) -> None:
    start, end = day_start(day), day_end(day)
    assert end - start == timedelta(days=1)
    assert local_day(start) == local_day(end - timedelta(microseconds=1)) == day
    assert local_day(end) == day + timedelta(days=1)
