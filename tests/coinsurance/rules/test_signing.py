"""Signing as properties: the whole, the bounds, the fixed order, never less for writing more."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules.signing import (
    OUTCOMES,
    Signed,
    SigningRules,
    WrittenLine,
    cap_units,
    sign,
)
from service.kernel.shares import WHOLE_UNITS, check_lines, sign_down

LIMIT = 987_654_321
RULES = st.builds(SigningRules, st.booleans(), st.integers(0, 5_000_000))


@st.composite
def written_lines(draw: st.DrawFn) -> list[WrittenLine]:
    """Up to a dozen lines of every kind, most of them near the whole together."""
    count = draw(st.integers(1, 12))
    near = 2 * WHOLE_UNITS // count
    lines = []
    for n in range(count):
        written = draw(st.integers(0, min(near, WHOLE_UNITS)))
        lines.append(
            WrittenLine(
                f"m{n:02}",
                written,
                draw(st.none() | st.integers(written, WHOLE_UNITS)),
                draw(st.none() | st.integers(1, LIMIT)),
                draw(st.booleans()),
                draw(st.booleans()),
            )
        )
    return lines


def units(signed: Signed) -> list[int]:
    """The signed units, when there are any."""
    return [line.signed_units or 0 for line in signed.lines]


@given(written_lines(), RULES)
def test_signed_lines_are_the_whole_within_every_bound(
    lines: list[WrittenLine], rules: SigningRules
) -> None:
    signed = sign(lines, limit_fen=LIMIT, rules=rules)
    assert len(signed.lines) == len(lines)
    assert {line.outcome for line in signed.lines} <= OUTCOMES.keys()
    if not signed.whole:
        assert all(line.signed_units is None for line in signed.lines)
        return
    assert sum(units(signed)) == WHOLE_UNITS
    for line, part in zip(lines, signed.lines, strict=True):
        got = part.signed_units
        assert got is not None
        most = line.written_units
        if rules.up_allowed and line.up_to_units is not None:
            most = max(most, line.up_to_units)
        cap = cap_units(line.amount_max_fen, LIMIT)
        assert 0 <= got <= (most if cap is None else min(most, cap))
        assert abs(got - part.exact) < 1
        assert part.floor_units <= got <= part.ceiling_units
        if part.stands:
            assert got >= part.effective_units


@given(written_lines(), RULES)
def test_what_is_missing_is_exactly_what_one_more_line_has_to_bring(
    lines: list[WrittenLine], rules: SigningRules
) -> None:
    signed = sign(lines, limit_fen=LIMIT, rules=rules)
    if signed.missing_units == 0:
        return
    assert "shares.undersubscribed" in {finding.code for finding in signed.findings}
    more = [*lines, WrittenLine("new", signed.missing_units)]
    assert sign(more, limit_fen=LIMIT, rules=rules).missing_units == 0
    fewer = [*lines, WrittenLine("new", signed.missing_units - 1)]
    assert sign(fewer, limit_fen=LIMIT, rules=rules).missing_units == 1


@given(written_lines())
def test_without_caps_and_raising_it_is_the_kernel_rule(lines: list[WrittenLine]) -> None:
    plain = [WrittenLine(x.key, x.written_units, to_stand=x.to_stand) for x in lines]
    written, stand = [x.written_units for x in plain], [x.to_stand for x in plain]
    signed = sign(plain)
    assert signed.whole == (not check_lines(written, stand))
    if signed.whole:
        assert units(signed) == list(sign_down(written, stand))


@given(written_lines(), RULES, st.data())
def test_writing_more_never_signs_less(
    lines: list[WrittenLine], rules: SigningRules, data: st.DataObject
) -> None:
    n = data.draw(st.integers(0, len(lines) - 1))
    line = lines[n]
    higher = data.draw(st.integers(line.written_units, WHOLE_UNITS))
    raised = WrittenLine(
        line.key,
        higher,
        None if line.up_to_units is None else max(higher, line.up_to_units),
        line.amount_max_fen,
        line.to_stand,
        line.cut_consented,
    )
    before = sign(lines, limit_fen=LIMIT, rules=rules)
    after = sign([*lines[:n], raised, *lines[n + 1 :]], limit_fen=LIMIT, rules=rules)
    if before.whole and after.whole:
        assert units(after)[n] >= units(before)[n]


@given(written_lines())
def test_of_two_free_lines_the_larger_never_signs_less(lines: list[WrittenLine]) -> None:
    plain = [WrittenLine(x.key, x.written_units) for x in lines]
    signed = sign(plain)
    if signed.whole:
        rows = sorted(zip([x.written_units for x in plain], units(signed), strict=True))
        assert [got for _, got in rows] == sorted(got for _, got in rows)


@given(st.integers(1, 20), st.integers(1, WHOLE_UNITS))
def test_equal_lines_differ_by_one_unit_and_the_first_come_first(count: int, each: int) -> None:
    lines = [WrittenLine(f"m{n:02}", each) for n in range(count)]
    signed = sign(lines)
    if signed.whole:
        got = units(signed)
        assert got == sorted(got, reverse=True)
        assert got[0] - got[-1] <= 1


@given(written_lines(), RULES)
def test_the_same_lines_give_the_same_answer_and_explain_themselves(
    lines: list[WrittenLine], rules: SigningRules
) -> None:
    signed = sign(lines, limit_fen=LIMIT, rules=rules)
    assert signed == sign(list(lines), limit_fen=LIMIT, rules=rules)
    if not signed.whole:
        return
    assert sum(line.exact for line in signed.lines) == WHOLE_UNITS
    ranked = [line for line in signed.lines if line.rank is not None]
    assert sorted(line.rank or 0 for line in ranked) == list(range(1, len(ranked) + 1))
    up = [line for line in ranked if line.rounded_up]
    assert all((line.rank or 0) <= len(up) for line in up)
    assert _rests(ranked) == sorted(_rests(ranked), reverse=True)
    if signed.factor is not None:
        for line in signed.lines:
            free = signed.factor * line.effective_units
            held = min(max(free, Fraction(line.floor_units)), Fraction(line.ceiling_units))
            assert line.exact == held


def _rests(lines: Sequence[object]) -> list[Fraction]:
    """Remainders in the order of their rank."""
    rows = sorted(lines, key=lambda line: line.rank)  # type: ignore[attr-defined]
    return [line.exact - int(line.exact) for line in rows]  # type: ignore[attr-defined]
