"""Properties of claim money: sums, bounds, mirrors, conservation, whatever the figures."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules.agreement.terms import BackstopBand
from coinsurance.rules.claims.backstop import position
from coinsurance.rules.claims.cover import (
    TOWER,
    Deductible,
    Erosion,
    Loss,
    Reinstated,
    Section,
    aggregate_left,
    check_sections,
    pays,
)
from coinsurance.rules.claims.movements import (
    Member,
    MemberPart,
    PaymentFacts,
    SectionMoney,
    call_used,
    check_payment,
    check_recovery,
    mirrored,
    net_obligations,
    parts_of,
)
from coinsurance.rules.claims.nouns import Combine, MovementKind
from service.kernel.findings import blockers
from service.kernel.money import split
from service.kernel.shares import WHOLE_UNITS

FEN = st.integers(0, 10**13)
DAY = date(2025, 10, 20)


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    """Shares of 1 to 18 members that make the whole."""
    weights = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=18).filter(any))
    return list(split(WHOLE_UNITS, weights))


@given(shares(), st.lists(st.one_of(st.integers(1, 10**12), st.just(None)), max_size=12))
def test_parts_sum_to_the_whole_and_never_drift(
    units: list[int], moves: list[int | None]
) -> None:
    """None reverses the latest movement that still can be; every part stays within a fen."""
    allocated, total = [0] * len(units), 0
    open_rows: list[tuple[MemberPart, ...]] = []
    for amount in moves:
        if amount is None:
            if not open_rows:
                continue
            parts = mirrored(open_rows.pop())
        else:
            members = [Member(n, str(n), u, allocated[n]) for n, u in enumerate(units)]
            parts = parts_of(members, total + amount)
            assert sum(p.amount_fen for p in parts) == amount
            assert all(abs(p.difference.fraction) < 1 for p in parts)
            open_rows.append(parts)
        total += sum(p.amount_fen for p in parts)
        allocated = [a + p.amount_fen for a, p in zip(allocated, parts, strict=True)]
        assert sum(allocated) == total
    # Movements were undone in reverse order, so what is left is what the rest alone would give.
    assert tuple(allocated) == split(total, units)


@given(shares(), st.integers(1, 10**12), st.integers(0, 10**12))
def test_a_reversal_is_the_exact_mirror(units: list[int], amount: int, reserve: int) -> None:
    members = [Member(n, str(n), u) for n, u in enumerate(units)]
    parts = parts_of(members, amount, reserve_to_date_fen=reserve)
    back = mirrored(parts)
    assert [p.amount_fen + b.amount_fen for p, b in zip(parts, back, strict=True)] == [0] * len(
        units
    )
    assert all(p.reserve_fen == -b.reserve_fen for p, b in zip(parts, back, strict=True))
    assert sum(p.reserve_fen for p in parts) == reserve


@given(FEN, FEN, FEN, st.integers(1, 10**13))
def test_no_payment_passes_above_what_was_agreed(
    agreed: int, paid: int, limit: int, amount: int
) -> None:
    paid = min(paid, agreed)
    money = SectionMoney("PD", agreed, paid, 0, 0, 0)
    facts = PaymentFacts("agreed", MovementKind.PAYMENT, amount, money, DAY, DAY, DAY)
    assert bool(check_payment(facts)) is (paid + amount > agreed)


@given(FEN, FEN, st.integers(1, 10**13), st.integers(0, 10**13))
def test_recoveries_net_of_cost_never_exceed_payments(
    paid: int, recovered: int, gross: int, cost: int
) -> None:
    recovered = min(recovered, paid)
    money = SectionMoney("PD", paid, paid, 0, 0, recovered)
    if not check_recovery("paid", gross, cost, money, DAY, DAY, DAY):
        assert 0 < gross - cost <= paid - recovered


DEDUCTIBLES = st.builds(
    Deductible, FEN, st.integers(0, 1_000_000), st.sampled_from(Combine), st.booleans()
)


@given(FEN, FEN, DEDUCTIBLES, st.lists(st.tuples(FEN, st.integers(1, 10**12)), max_size=5))
def test_nothing_is_lost_between_loss_and_payment(
    gross: int, salvage: int, deductible: Deductible, layers: list[tuple[int, int]]
) -> None:
    """Loss = salvage + average + deductible + payable + uncovered, for sections and towers."""
    salvage = min(salvage, gross)
    at, sections = 0, [Section("PD", 10**11, left_fen=10**10)]
    for n, (gap, limit) in enumerate(layers):
        sections.append(Section(f"L{n}", limit, at + gap, layer=True))
        at += gap + limit
    assert check_sections(sections) == []
    losses = [Loss("PD", gross, salvage, 10**9, 2 * 10**9)]
    if layers:
        losses.append(Loss(TOWER, gross))
    found = pays(losses, sections, deductible)
    assert found.gross_fen == (
        found.salvage_fen + found.average_fen + found.deductible_fen + found.payable_fen
        + found.uncovered_fen
    )  # fmt: skip
    assert min(found.payable_fen, found.uncovered_fen, found.deductible_fen) >= 0
    for section, result in zip(sections, found.sections, strict=False):
        assert 0 <= result.payable_fen <= section.limit_fen


DAYS = st.integers(0, 360).map(lambda n: date(2025, 1, 1) + timedelta(n))


@given(
    st.integers(1, 10**9),
    st.lists(st.tuples(DAYS, st.integers(1, 10**9)), max_size=8),
    st.lists(st.tuples(DAYS, st.integers(1, 10**9)), max_size=3),
)
def test_agreed_amounts_never_exceed_the_aggregate_on_any_day(
    aggregate: int, wanted: list[tuple[date, int]], filled: list[tuple[date, int]]
) -> None:
    """Whatever order claims are agreed in: up to every day, losses fit into what was there."""
    reinstated = [Reinstated(day, fen) for day, fen in filled]
    agreed: list[Erosion] = []
    for day, fen in wanted:
        left = aggregate_left(aggregate, agreed, reinstated, day)
        if left:
            agreed.append(Erosion(day, min(fen, left)))
    for day in {e.loss_on for e in agreed}:
        used = sum(e.amount_fen for e in agreed if e.loss_on <= day)
        there = aggregate + sum(r.amount_fen for r in reinstated if r.effective_on <= day)
        assert used <= there


@given(
    st.lists(st.integers(1, 3_000_000), min_size=0, max_size=5),
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=5, max_size=5),
    st.integers(1, 10**12),
    st.lists(FEN, min_size=1, max_size=6),
)
def test_bands_pool_and_uncovered_sum_to_the_loss(
    widths: list[int], weights: list[tuple[int, int]], premium: int, losses: list[int]
) -> None:
    bands, at = [], 1_000_000
    for width, (pool, government) in zip(widths, weights, strict=False):
        bands.append(BackstopBand(at, at + width, pool, government))
        at += width
    before = 0
    for loss in sorted(losses):
        found = position(bands, premium, loss)
        assert found.pool_fen + found.government_fen + found.uncovered_fen == loss
        assert min(found.pool_fen, found.government_fen, found.uncovered_fen) >= 0
        assert found.government_fen >= before - len(bands)
        before = found.government_fen


@given(shares(), st.integers(1, 10**12), st.integers(0, 10**12))
def test_what_was_called_is_owed_once(units: list[int], amount: int, call: int) -> None:
    """Cash calls and reimbursement together are each follower's part, to the fen."""
    handler = 0
    parts = dict(enumerate(split(amount, units)))
    called = {n: fen for n, fen in enumerate(split(call, units)) if n != handler}
    used = call_used(parts, called)
    owed = net_obligations(parts, used, handler)
    for member, part in parts.items():
        if member != handler:
            assert used.get(member, 0) + owed.get(member, 0) == part
            assert 0 <= used.get(member, 0) <= called.get(member, 0)
    assert handler not in owed


def test_advance_is_bounded_by_what_the_policy_pays() -> None:
    money = SectionMoney("PD", 0, 40, 0, 0, 0)
    facts = PaymentFacts("assessed", MovementKind.ADVANCE, 61, money, DAY, DAY, DAY, 100)
    assert [f.code for f in blockers(check_payment(facts))] == ["claim.advance_above_limit"]
