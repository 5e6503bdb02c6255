"""Dated values: which one holds, overlaps, gaps; compared with counting day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.errors import Refused
from service.kernel.timeline import Dated, Timeline

START = date(2025, 1, 1)
DAYS = [START + timedelta(days=n) for n in range(45)]


def _day(number: int) -> date:
    return START + timedelta(days=number)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline[int]:
    items = []
    for value in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, 40))
        length = draw(st.none() | st.integers(0, 12))
        last = None if length is None else _day(first + length)
        items.append(Dated(value, _day(first), last))
    return Timeline(items)


@given(timelines())
def test_at_gives_the_one_value_or_refuses(timeline: Timeline[int]) -> None:
    for day in DAYS:
        holding = [item.value for item in timeline if item.holds(day)]
        assert list(timeline.all_at(day)) == holding
        if len(holding) > 1:
            with pytest.raises(Refused):
                timeline.at(day)
        else:
            assert timeline.at(day) == (holding[0] if holding else None)


@given(timelines())
def test_overlaps_are_the_pairs_with_a_common_day(timeline: Timeline[int]) -> None:
    far = [_day(n) for n in range(60)]
    expected = {
        frozenset((a.value, b.value))
        for a in timeline
        for b in timeline
        if a.value != b.value and any(a.holds(day) and b.holds(day) for day in far)
    }
    assert {frozenset((a.value, b.value)) for a, b in timeline.overlaps()} == expected


@given(timelines())
def test_gaps_are_the_uncovered_days_between(timeline: Timeline[int]) -> None:
    covered = [_day(n) for n in range(80) if timeline.all_at(_day(n))]
    between = (
        [d for n in range(80) if covered[0] < (d := _day(n)) < covered[-1] and d not in covered]
        if covered
        else []
    )
    told = [
        first + timedelta(days=n)
        for first, last in timeline.gaps()
        for n in range((last - first).days + 1)
    ]
    assert told == between


def test_both_ends_are_included() -> None:
    certificate = Dated("高新技术企业", date(2022, 11, 9), date(2025, 11, 8))
    assert certificate.holds(date(2022, 11, 9))
    assert certificate.holds(date(2025, 11, 8))
    assert not certificate.holds(date(2025, 11, 9))
    assert len(Timeline([certificate])) == 1


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(Refused, match=r"timeline\.reversed"):
        Dated(1, date(2025, 2, 1), date(2025, 1, 31))
