"""What must hold for every series of premium, whatever the shares and amounts."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules import accounts
from coinsurance.rules.agreement.terms import LeadFee, ShareFee
from coinsurance.rules.fees import FeeTerms
from coinsurance.rules.nouns import Component, DayKind
from coinsurance.rules.premium_dues import NET, Remit, Roles, mirrored, net_owed
from coinsurance.rules.premium_series import (
    Held,
    Movement,
    Terms,
    change_shares,
    debts,
    drift,
    is_mirror,
    lines,
    receive,
    reverse,
)
from coinsurance.rules.premium_weights import (
    Change,
    Cover,
    Schedule,
    Section,
    Share,
    weigh,
)
from service.kernel.money import split
from service.kernel.shares import WHOLE_UNITS

START = date(2024, 1, 1)
END = date(2024, 12, 31)
AMOUNTS = st.integers(-(10**7), 10**12)
SOURCES = st.sampled_from(["own", "EX-2024", "EX-2025"])
RATES = st.integers(0, 300_000)


def names(count: int) -> list[str]:
    return [f"m{n:02}" for n in range(count)]


@st.composite
def shares(draw: st.DrawFn, members: int) -> tuple[Share, ...]:
    weights = draw(st.lists(st.integers(0, 1000), min_size=members, max_size=members).filter(any))
    units = split(WHOLE_UNITS, weights)
    return tuple(Share(m, n, u) for n, (m, u) in enumerate(zip(names(members), units, strict=True)))


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    members = draw(st.integers(1, 18))
    codes = [f"S{n}" for n in range(draw(st.integers(1, 3)))]
    schedules = [Schedule(f"{c}/0", c, START, draw(shares(members))) for c in codes]
    for n in range(draw(st.integers(0, 2))):
        day = START + timedelta(days=draw(st.integers(1, 365)))
        code = draw(st.sampled_from(codes))
        schedules.append(Schedule(f"{code}/{n + 1}", code, day, draw(shares(members))))
    changes = [
        Change(
            f"E{n}",
            draw(st.integers(-(10**5), 10**8)),
            START + timedelta(days=draw(st.integers(0, 365))),
            END,
            draw(st.sampled_from(["", *codes])),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    sections = tuple(Section(c, draw(st.integers(1, 10**10))) for c in codes)
    return Cover(START, END, sections, tuple(schedules), tuple(changes))


@st.composite
def terms(draw: st.DrawFn, members: int = 18) -> Terms:
    role = st.sampled_from(names(members))
    fees = FeeTerms(
        draw(st.none() | st.builds(LeadFee, RATES, tax_ppm=RATES)),
        draw(st.none() | st.builds(ShareFee, RATES)),
        draw(st.none() | st.builds(ShareFee, RATES)),
        draw(st.none() | RATES),
    )
    roles = Roles(draw(role), draw(role), draw(role))
    mode = draw(st.sampled_from(["gross", NET]))
    return Terms(roles, fees, Remit(mode, 21, DayKind.CALENDAR), "第八条", "第九条")


def series(cover: Cover, rested: Terms, events: list[tuple[str, int]]) -> list[Movement]:
    """Receipts and refunds; a refund above what a source paid is left out."""
    held, found, weights = Held(), [], weigh(cover)
    for source, fen in events:
        if fen and held.net.get(source, 0) + fen >= 0:
            movement = receive(held, weights, rested, source, fen, START)
            held = held.plus(movement)
            found.append(movement)
    return found


EVENTS = st.lists(st.tuples(SOURCES, AMOUNTS), min_size=1, max_size=12)


@given(covers(), terms(), EVENTS)
def test_parts_are_whole_and_drift_stays_below_one_fen(
    cover: Cover, rested: Terms, events: list[tuple[str, int]]
) -> None:
    held = Held()
    for movement in series(cover, rested, events):
        assert sum(movement.by(Component.PREMIUM).values()) == movement.amount_fen
        after = held.plus(movement)
        if not is_mirror(movement, held):
            assert all(abs(own) < 1 for own in drift(movement).values())
        held = after
        premium = held.all_of(Component.PREMIUM)
        assert sum(premium.values()) == held.total_fen
        for source, net in held.net.items():
            assert net >= 0
            assert sum(held.of(source, Component.PREMIUM).values()) == net


@given(covers(), terms(), EVENTS)
def test_every_movement_balances_and_is_owed_exactly(
    cover: Cover, rested: Terms, events: list[tuple[str, int]]
) -> None:
    for movement in series(cover, rested, events):
        posted = lines(movement, rested)
        assert sum(line.amount_fen for line in posted) == 0
        assert all(line.amount_fen for line in posted)
        standing = accounts.positions((line.account, line.amount_fen) for line in posted)
        owed = net_owed(debts(movement, rested))
        assert {m: fen for m, fen in owed.items() if fen} == {
            m: fen for m, fen in standing.items() if fen
        }


@given(covers(), terms(), EVENTS, st.data())
def test_reversal_restores_everything(
    cover: Cover, rested: Terms, events: list[tuple[str, int]], data: st.DataObject
) -> None:
    held, weights = Held(), weigh(cover)
    for movement in series(cover, rested, events):
        after = held.plus(movement)
        if movement.amount_fen > 0:
            back = reverse(after, weights, rested, movement, START)
            restored = after.plus(back)
            for component in Component:
                before = {m: f for m, f in held.all_of(component).items() if f}
                assert {m: f for m, f in restored.all_of(component).items() if f} == before
            owed = net_owed([*debts(movement, rested), *debts(back, rested)])
            assert not any(owed.values())
            turned = mirrored(debts(movement, rested), START)
            assert net_owed(turned) == net_owed(debts(back, rested))
        held = after


@given(covers(), terms(), EVENTS)
def test_giving_everything_back_leaves_nothing_anywhere(
    cover: Cover, rested: Terms, events: list[tuple[str, int]]
) -> None:
    held, weights = Held(), weigh(cover)
    for movement in series(cover, rested, events):
        held = held.plus(movement)
    for source, net in list(held.net.items()):
        if net:
            held = held.plus(receive(held, weights, rested, source, -net, END))
    assert held.total_fen == 0
    assert not any(fen for own in held.parts.values() for fen in own.values())


@given(covers(), terms(), EVENTS, st.data())
def test_share_change_sums_to_zero_and_lands_on_the_new_entitlement(
    cover: Cover, rested: Terms, events: list[tuple[str, int]], data: st.DataObject
) -> None:
    held = Held()
    for movement in series(cover, rested, events):
        held = held.plus(movement)
    members = len(cover.schedules[0].shares)
    day = START + timedelta(days=data.draw(st.integers(1, 365)))
    later = Schedule("later", cover.sections[0].code, day, data.draw(shares(members)))
    weights = weigh(Cover(START, END, cover.sections, (*cover.schedules, later), cover.changes))
    for movement in change_shares(held, weights, rested, day):
        assert movement.amount_fen == 0
        assert sum(movement.by(Component.PREMIUM).values()) == 0
        held = held.plus(movement)
    own = held.all_of(Component.PREMIUM)
    for member, weight in zip(weights.members, weights.weights, strict=True):
        exact = Fraction(held.total_fen * weight, weights.whole)
        assert abs(own.get(member, 0) - exact) < 1


@given(covers())
def test_weights_hold_all_premium_that_is_due(cover: Cover) -> None:
    """A policy never returns more than its premium; between two changes it may be nothing."""
    weights = weigh(cover)
    first = sum(s.premium_fen for s in cover.sections)
    due = list(accumulate((c.amount_fen for c in cover.changes), initial=first))
    if all(c.section == "" for c in cover.changes) and min(due) >= 0 and due[-1] > 0:
        assert sum(piece.amount for piece in weights.pieces) == due[-1]
    assert all(weight >= 0 for weight in weights.weights)
    assert weights.whole > 0


@given(covers(), terms(), st.integers(1, 10**9), st.integers(1, 30))
def test_many_small_receipts_cost_the_same_fees_as_one(
    cover: Cover, rested: Terms, fen: int, count: int
) -> None:
    many, one, weights = Held(), Held(), weigh(cover)
    for _ in range(count):
        many = many.plus(receive(many, weights, rested, "own", fen, START))
    one = one.plus(receive(one, weights, rested, "own", fen * count, START))
    for component in Component:
        assert many.all_of(component) == one.all_of(component)
