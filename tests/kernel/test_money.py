"""Money: the one way to divide it, reading and showing it."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.kernel.findings import display
from service.kernel.money import (
    FEN_MAX,
    MoneyError,
    Rounding,
    allocate,
    explain,
    format_ppm,
    format_yuan,
    of_ppm,
    parse_ppm,
    parse_yuan,
    rate_ppm,
    ratio,
    ratios,
    split,
)

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "cases" / "kernel" / "money.toml").read_text("utf-8")
)
totals = st.integers(-(10**18), 10**18) | st.integers(-50, 50)
weight_lists = st.lists(st.integers(0, 10**8) | st.integers(0, 9), min_size=1, max_size=40).filter(
    any
)


@pytest.mark.parametrize("case", CASES["split"], ids=lambda case: case["name"])
def test_split_worked_cases(case: dict[str, Any]) -> None:
    assert split(case["total"], case["weights"]) == tuple(case["parts"])


@pytest.mark.parametrize("case", CASES["series"], ids=lambda case: case["name"])
def test_series_worked_cases(case: dict[str, Any]) -> None:
    total, allocated = 0, [0] * len(case["weights"])
    for movement, expected in zip(case["movements"], case["parts"], strict=True):
        total += movement
        parts = allocate(total, case["weights"], allocated)
        assert parts == tuple(expected)
        allocated = [before + part for before, part in zip(allocated, parts, strict=True)]


@given(totals, weight_lists)
def test_parts_sum_to_the_total_and_stay_within_one_fen(total: int, weights: list[int]) -> None:
    parts = explain(total, weights)
    assert sum(part.allocated for part in parts) == total
    assert sum(part.exact for part in parts) == total
    assert all(abs(part.difference) < 1 for part in parts)
    assert all(part.allocated == 0 for part in parts if part.weight == 0)


@given(totals, weight_lists)
def test_a_negative_total_is_the_mirror(total: int, weights: list[int]) -> None:
    assert split(-total, weights) == tuple(-part for part in split(total, weights))


@given(st.integers(0, 10**15), weight_lists)
def test_a_larger_weight_never_gets_less(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    ranked = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    for first, second in zip(ranked, ranked[1:], strict=False):
        assert parts[first] >= parts[second]


@given(st.integers(0, 10**15), weight_lists, st.randoms(use_true_random=False))
def test_order_matters_for_ties_only(total: int, weights: list[int], random: Any) -> None:
    whole = sum(weights)
    remainders = [total * weight % whole for weight in weights]
    assume(len(set(remainders)) == len(remainders))
    order = list(range(len(weights)))
    random.shuffle(order)
    parts = split(total, weights)
    assert split(total, [weights[i] for i in order]) == tuple(parts[i] for i in order)


@given(totals, weight_lists, st.integers(1, 1000))
def test_only_the_proportion_of_weights_counts(total: int, weights: list[int], by: int) -> None:
    assert split(total, [weight * by for weight in weights]) == split(total, weights)


@given(weight_lists, st.lists(totals, min_size=1, max_size=25))
def test_a_series_never_drifts(weights: list[int], movements: list[int]) -> None:
    """Additional and return premiums in any order: law 2 holds after each of them."""
    total, allocated, whole = 0, (0,) * len(weights), sum(weights)
    for movement in movements:
        total += movement
        parts = allocate(total, weights, allocated)
        assert sum(parts) == movement
        allocated = tuple(before + part for before, part in zip(allocated, parts, strict=True))
        assert allocated == split(total, weights)
        for weight, part, held in zip(weights, parts, allocated, strict=True):
            assert abs(held - Fraction(total * weight, whole)) < 1
            if movement >= 0 and part < 0:
                assert part == -1
                assert Fraction(movement * weight, whole) < 1


@given(weight_lists, st.lists(totals, min_size=2, max_size=12))
def test_the_way_to_a_total_does_not_matter(weights: list[int], movements: list[int]) -> None:
    def run(steps: list[int]) -> tuple[int, ...]:
        total, held = 0, (0,) * len(weights)
        for step in steps:
            total += step
            held = tuple(a + b for a, b in zip(held, allocate(total, weights, held), strict=True))
        return held

    assert run(movements) == run(movements[::-1]) == run([sum(movements)])


@pytest.mark.parametrize(
    ("weights", "code"),
    [([], "money.no_weight"), ([0, 0], "money.no_weight"), ([2, -1], "money.negative_weight")],
)
def test_impossible_weights_are_refused(weights: list[int], code: str) -> None:
    with pytest.raises(MoneyError) as caught:
        split(100, weights)
    assert caught.value.code == caught.value.finding.code == code


def test_allocate_refuses_lists_of_different_length() -> None:
    with pytest.raises(MoneyError, match=r"money\.lengths"):
        allocate(10, [1, 1], [0])


def test_huge_totals_stay_exact() -> None:
    total = 10**60 + 1
    parts = split(total, [1, 2, 4])
    assert sum(parts) == total
    assert all(abs(part.difference) < 1 for part in explain(total, [1, 2, 4]))


def test_explain_is_plain_numbers() -> None:
    assert explain(5, [7, 3])[0].as_dict() == {
        "position": 0,
        "weight": 7,
        "allocated": 4,
        "exact_numerator": 7,
        "exact_denominator": 2,
        "difference_numerator": 1,
        "difference_denominator": 2,
    }


@pytest.mark.parametrize("case", CASES["rounding"], ids=lambda case: case["name"])
@pytest.mark.parametrize("mode", list(Rounding))
def test_rounding_worked_cases(case: dict[str, Any], mode: Rounding) -> None:
    assert of_ppm(case["amount"], case["rate_ppm"], mode) == case[mode.value]
    assert of_ppm(-case["amount"], case["rate_ppm"], mode) == -case[mode.value]


@given(totals, st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7).filter(bool))
def test_rounding_brackets_the_exact_value(amount: int, top: int, bottom: int) -> None:
    exact = Fraction(amount * top, bottom)
    got = {mode: ratio(amount, top, bottom, mode) for mode in Rounding}
    assert abs(got[Rounding.DOWN]) <= abs(exact) <= abs(got[Rounding.UP])
    assert abs(got[Rounding.UP]) - abs(got[Rounding.DOWN]) == (exact.denominator != 1)
    assert got[Rounding.HALF_EVEN] == round(exact)
    assert abs(got[Rounding.HALF_UP] - exact) <= Fraction(1, 2)


@given(
    st.lists(totals, max_size=20),
    st.integers(-(10**7), 10**7),
    st.integers(-(10**7), 10**7).filter(bool),
    st.sampled_from(Rounding),
)
def test_ratios_of_many_are_those_of_each(
    amounts: list[int], top: int, bottom: int, mode: Rounding
) -> None:
    assert ratios(amounts, top, bottom, mode) == tuple(
        ratio(amount, top, bottom, mode) for amount in amounts
    )


def test_ratio_refuses_a_zero_denominator() -> None:
    with pytest.raises(MoneyError, match=r"money\.zero_denominator"):
        rate_ppm(1, 0, Rounding.DOWN)
    assert rate_ppm(35_000_000, 1_000_000_000, Rounding.DOWN) == 35_000


@pytest.mark.parametrize("case", CASES["yuan"], ids=lambda case: case["text"])
def test_reading_yuan(case: dict[str, Any]) -> None:
    assert parse_yuan(case["text"]) == case["fen"]


@pytest.mark.parametrize("case", CASES["bad_yuan"], ids=lambda case: repr(case["text"]))
def test_unreadable_yuan_is_told(case: dict[str, Any]) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_yuan(case["text"], "premium")
    assert caught.value.code == case["code"]
    assert caught.value.finding.field == "premium"
    assert caught.value.status == 422
    assert isinstance(caught.value, ValueError)


@given(st.text(max_size=80) | st.text("0123456789,.-+¥元万亿整 　，．", max_size=70))
def test_any_text_gives_fen_or_a_money_error(text: str) -> None:
    try:
        assert abs(parse_yuan(text)) <= FEN_MAX
    except MoneyError as error:
        assert error.finding.text("zh") and error.finding.text("en")


def test_a_number_hidden_behind_many_spaces_is_not_cut() -> None:
    with pytest.raises(MoneyError):
        parse_yuan("5" + " " * 500 + "000")


@given(st.integers(-FEN_MAX, FEN_MAX), st.sampled_from(["元", "万元", "亿元"]))
def test_what_is_shown_can_be_read_back(amount_fen: int, unit: Any) -> None:
    assert parse_yuan(format_yuan(amount_fen, unit)) == amount_fen


@given(st.integers(0, 10**9))
def test_rates_are_shown_and_read_back(rate: int) -> None:
    assert parse_ppm(format_ppm(rate)) == rate


def test_showing() -> None:
    assert format_yuan(123_456_700) == "1,234,567.00 元"
    assert format_yuan(-5) == "-0.05 元"
    assert format_yuan(123_456_700, "万元") == "123.4567 万元"
    assert format_yuan(0, "万元") == "0 万元"
    assert format_yuan(1_234_567_800_000_000, "亿元") == "123,456.78 亿元"
    assert format_ppm(35_000) == "3.5%"
    assert parse_ppm("12‰") == 12_000
    for text in ("3.5", "3.55555%", "1,0%", "0" * 59 + "%x", "-1%", ""):
        with pytest.raises(MoneyError):
            parse_ppm(text)


@given(st.integers(-(10**16), 10**16))
def test_findings_show_money_as_the_kernel_does(amount_fen: int) -> None:
    assert display("limit_fen", amount_fen) == format_yuan(amount_fen)
    assert display("rate_ppm", amount_fen) == format_ppm(amount_fen)
