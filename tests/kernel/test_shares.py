"""Shares: the whole to the unit, and the signing of lines."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.errors import Refused
from service.kernel.findings import display
from service.kernel.money import MoneyError, split
from service.kernel.shares import (
    WHOLE_UNITS,
    check_whole,
    format_percent,
    is_whole,
    parse_percent,
    sign_down,
)

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "cases" / "kernel" / "shares.toml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES["sign"], ids=lambda case: case["name"])
def test_signing_worked_cases(case: dict[str, Any]) -> None:
    assert sign_down(case["written"], case["to_stand"]) == tuple(case["signed"])


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_what_cannot_be_signed_is_told(case: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        sign_down(case["written"], case["to_stand"])
    assert case["code"] in [finding.code for finding in caught.value.findings]


@st.composite
def lines(draw: st.DrawFn) -> list[tuple[int, bool]]:
    """Written lines that can be signed: those to stand within the whole, all of them above it."""
    standing_units = draw(st.integers(0, WHOLE_UNITS))
    weights = draw(st.lists(st.integers(1, 100), max_size=12))
    standing = split(standing_units, weights) if weights else ()
    free = draw(st.lists(st.integers(0, WHOLE_UNITS), max_size=12))
    free.append(max(0, WHOLE_UNITS - sum(standing) - sum(free)))
    rows = [(line, True) for line in standing] + [(line, False) for line in free]
    return draw(st.permutations(rows))


@given(lines())
def test_signed_lines_are_the_whole(rows: list[tuple[int, bool]]) -> None:
    written = [line for line, _ in rows]
    signed = sign_down(written, [stands for _, stands in rows])
    assert is_whole(signed)
    free = sum(line for line, stands in rows if not stands)
    rest = WHOLE_UNITS - sum(line for line, stands in rows if stands)
    for (line, stands), share in zip(rows, signed, strict=True):
        assert 0 <= share <= line
        if stands:
            assert share == line
        else:
            assert abs(share - Fraction(rest * line, free or 1)) < 1


@given(st.lists(st.integers(-5, WHOLE_UNITS), max_size=6))
def test_whole_has_no_tolerance(shares_units: list[int]) -> None:
    good = bool(shares_units) and sum(shares_units) == WHOLE_UNITS and min(shares_units) >= 0
    assert is_whole(shares_units) == good


def test_all_findings_of_a_schedule_at_once() -> None:
    found = check_whole([50_000_000, -1, 50_000_000], "items")
    assert [(f.code, f.field) for f in found] == [
        ("shares.negative", "items.1"),
        ("shares.not_whole", "items"),
    ]
    assert found[1].text("zh") == "份额合计 99.999999%，与 100% 相差 -0.000001%"
    assert [f.code for f in check_whole([])] == ["shares.empty"]


@pytest.mark.parametrize("case", CASES["percent"], ids=lambda case: case["text"])
def test_reading_percent(case: dict[str, Any]) -> None:
    assert parse_percent(case["text"]) == case["units"]


@pytest.mark.parametrize("case", CASES["bad_percent"], ids=lambda case: case["text"])
def test_unreadable_percent_is_told(case: dict[str, Any]) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_percent(case["text"])
    assert caught.value.code == case["code"]


@given(st.integers(0, WHOLE_UNITS))
def test_percent_is_shown_and_read_back(share_units: int) -> None:
    assert parse_percent(format_percent(share_units)) == share_units
    assert display("share_units", share_units) == format_percent(share_units)
