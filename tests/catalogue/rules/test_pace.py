"""Pace towards 60: worked cases and what holds always."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.rules.pace import pace
from tests.catalogue.rules.examples import cases

TARGET_DAY = date(2027, 12, 31)


@pytest.mark.parametrize("case", cases("pace"), ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any]) -> None:
    history = [(day, products) for day, products in case.get("history", [])]
    answer = pace(case["count"], case["as_of"], 60, TARGET_DAY, history)
    judged = set(case) - {"name", "history", "unknown"}
    assert {name: getattr(answer, name) for name in judged} == {n: case[n] for n in judged}
    for name in case.get("unknown", []):
        assert getattr(answer, name) is None


def test_a_target_of_nothing_is_reached() -> None:
    assert pace(0, date(2025, 1, 1), 0, TARGET_DAY).done_ppm == 1_000_000


def test_an_expected_day_beyond_a_century_is_not_told() -> None:
    answer = pace(1, date(2025, 1, 1), 10_000, TARGET_DAY, [(date(2024, 1, 1), 0)])
    assert answer.gained == 1 and answer.expected_on is None


DAYS = st.integers(0, 1200).map(lambda n: date(2025, 1, 1) + timedelta(days=n))


@settings(deadline=None)
@given(st.integers(0, 80), DAYS, st.lists(st.tuples(DAYS, st.integers(0, 80)), max_size=8))
def test_what_holds_always(now: int, as_of: date, history: list[tuple[date, int]]) -> None:
    answer = pace(now, as_of, 60, TARGET_DAY, history)
    assert answer.missing == max(0, 60 - now)
    assert (answer.months_left == 0) == (as_of >= TARGET_DAY)
    if answer.needed_per_month_tenths is not None:
        exact = Fraction(answer.missing * 10, answer.months_left)
        assert 0 <= answer.needed_per_month_tenths - exact < 1
    if answer.expected_on is not None and answer.projected is not None and answer.missing:
        assert (answer.expected_on <= TARGET_DAY) == bool(answer.on_track) or as_of > TARGET_DAY
