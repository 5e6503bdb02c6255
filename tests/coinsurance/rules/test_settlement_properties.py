"""What holds for any debts, statements and bank rows, not only for the worked cases."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules.settlement.bordereau import BookedLine, Verdict, compare
from coinsurance.rules.settlement.day_count import DayCount, year_fraction
from coinsurance.rules.settlement.debts import Debt, Method
from coinsurance.rules.settlement.interest import LateDebt, Payment, RateStep, interest
from coinsurance.rules.settlement.items import Item, item_of
from coinsurance.rules.settlement.netting import discharged, plan
from coinsurance.rules.settlement.periods import Period, parse_period, period_of
from coinsurance.rules.settlement.reconciliation import Leg, reconcile
from coinsurance.rules.settlement.statements import Heading as StatementHeading
from coinsurance.rules.settlement.statements import SumRow, content, digest, figures
from coinsurance.rules.settlement.triangles import Development, triangle

MEMBERS = ("LEAD", "F1", "F2", "F3", "F4")
KINDS = ("premium_remittance", "lead_fee", "claim_reimbursement", "interest")
SETS = (("premium_remittance", "lead_fee"), ("claim_reimbursement",))
DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
fen = st.integers(1, 10**12)


@st.composite
def debts(draw: st.DrawFn) -> list[Debt]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(MEMBERS), st.sampled_from(MEMBERS), fen, st.sampled_from(KINDS)
            ),
            max_size=30,
        )
    )
    return [
        Debt(f"o{n}", a, b, amount, kind) for n, (a, b, amount, kind) in enumerate(rows) if a != b
    ]


@given(debts(), st.sampled_from(Method))
def test_a_run_sums_to_zero_and_moves_no_position(owed: list[Debt], method: Method) -> None:
    found = plan(owed, method, SETS, MEMBERS)
    assert sum(position.net_fen for position in found.after) == 0
    assert [p.net_fen for p in found.before] == [p.net_fen for p in found.after]
    paid: Counter[str] = Counter()
    for part in (*found.instructions, *found.circles):
        for done in part.discharges:
            paid[done.reference] += done.amount_fen
    assert paid == Counter({debt.reference: debt.amount_fen for debt in owed})
    assert found.cash_fen <= found.gross_fen


@given(debts())
def test_all_in_one_set_needs_the_least_cash_there_is(owed: list[Debt]) -> None:
    found = plan(owed, Method.MULTILATERAL, [KINDS], MEMBERS)
    assert found.cash_fen == sum(max(0, position.net_fen) for position in found.before)


@given(debts(), st.data())
def test_a_part_payment_discharges_every_hop_alike(owed: list[Debt], data: st.DataObject) -> None:
    found = plan(owed, Method.MULTILATERAL, [KINDS], MEMBERS)
    by_reference = {debt.reference: debt for debt in owed}
    for payment in found.instructions:
        first_fen = data.draw(st.integers(1, payment.amount_fen))
        first = discharged(payment.discharges, 0, first_fen)
        moved: Counter[str] = Counter()
        for part in first:
            moved[by_reference[part.reference].debtor] += part.amount_fen
            moved[by_reference[part.reference].creditor] -= part.amount_fen
        wanted = Counter({payment.payer: first_fen, payment.payee: -first_fen})
        assert {m: n for m, n in moved.items() if n} == dict(wanted)
        rest = discharged(payment.discharges, first_fen, payment.amount_fen - first_fen)
        total: Counter[str] = Counter()
        for part in (*first, *rest):
            total[part.reference] += part.amount_fen
        for part in payment.discharges:
            total[part.reference] -= part.amount_fen
        assert not any(total.values())


@given(debts(), st.sampled_from(Method))
def test_the_same_debts_give_the_same_plan(owed: list[Debt], method: Method) -> None:
    assert repr(plan(owed, method, SETS, MEMBERS)) == repr(plan(list(owed), method, SETS, MEMBERS))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(("current", "premium", "claim_paid", "recovery", "disputed", "other")),
        st.sampled_from(("premium", "claim_payment", "settlement", "dispute_held", "x")),
        st.integers(-(10**9), 10**9),
    ),
    max_size=12,
)


@given(st.lists(ROWS, min_size=1, max_size=6))
def test_carried_forward_is_the_next_brought_forward(
    months: list[list[tuple[str, str, int]]],
) -> None:
    brought_fen = disputed_fen = running_fen = 0
    for month in months:
        rows = [SumRow(1, f"{name}:X", reason, 1, amount) for name, reason, amount in month]
        moved = sum(
            r.amount_fen
            for r in rows
            if item_of(r.account, r.reason) is not Item.DISPUTE  # moves between own accounts
        )
        found = figures(rows, brought_fen, disputed_fen)
        running_fen += moved
        assert found.carried_forward_fen == running_fen
        assert found.carried_forward_fen == brought_fen + found.items_fen - found.settled_fen
        brought_fen, disputed_fen = found.carried_forward_fen, found.disputed_fen


@given(ROWS)
def test_the_same_sums_give_the_same_hash(month: list[tuple[str, str, int]]) -> None:
    rows = [SumRow(1, f"{name}:X", reason, 1, amount) for name, reason, amount in month]
    heading = StatementHeading("y-2026", "pool:y-2026", "2026-03", "U", "M", "v", "h", 3, "ff")
    hashes = {digest(content(heading, figures(order, 5))) for order in (rows, rows[::-1])}
    assert len(hashes) == 1


@given(st.integers(1, 10**12), DAYS, DAYS, st.integers(0, 200_000), st.sampled_from(DayCount))
def test_interest_grows_with_time_and_is_exact(
    principal: int, due: date, until: date, rate: int, basis: DayCount
) -> None:
    debt = LateDebt(principal, due, (RateStep(due, rate),), basis)
    found = interest(debt, until)
    exact = (
        principal * Fraction(rate, 10**6) * year_fraction(due, until, basis) if until > due else 0
    )
    assert found.exact == exact
    assert abs(found.amount_fen - exact) <= Fraction(1, 2)


@given(
    st.integers(2, 10**10), DAYS, st.integers(1, 400), st.integers(1, 400), st.integers(1, 10**5)
)
def test_a_late_part_payment_saves_its_own_interest(
    principal: int, due: date, first: int, then: int, rate: int
) -> None:
    """A debt in two parts bears what its parts would bear as two debts."""
    paid_on, until = due + timedelta(days=first), due + timedelta(days=first + then)
    rates, part = (RateStep(due, rate),), principal // 2
    whole = LateDebt(principal, due, rates, payments=(Payment(paid_on, part),))
    apart = (LateDebt(part, due, rates), paid_on), (LateDebt(principal - part, due, rates), until)
    exact = sum(interest(debt, day).exact for debt, day in apart)
    assert interest(whole, until).exact == exact


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 5)), max_size=12))
def test_equal_sides_reconcile_and_a_fen_does_not(rows: list[tuple[str, int]]) -> None:
    legs = [Leg(reference, amount) for reference, amount in rows]
    assert reconcile(legs, legs, legs).clean
    if legs:
        off = [*legs[:-1], Leg(legs[-1].reference, legs[-1].amount_fen + 1)]
        assert not reconcile(legs, legs, off).clean


LINES = st.lists(
    st.tuples(st.sampled_from(("", "E1", "E2", "E3")), st.integers(1, 4), st.sampled_from("PQ")),
    max_size=8,
)


@given(LINES, LINES)
def test_every_line_of_both_lists_has_one_verdict(
    ours: list[tuple[str, int, str]], theirs: list[tuple[str, int, str]]
) -> None:
    stated = [BookedLine(r or f"R{n}", fen, policy) for n, (r, fen, policy) in enumerate(ours)]
    uploaded = [BookedLine(r, fen, policy) for r, fen, policy in theirs]
    found = compare(stated, uploaded)
    assert sum(line.uploaded is not None for line in found) == len(uploaded)
    assert sum(line.stated is not None for line in found) == len(stated)
    total = sum(line.amount_fen for line in uploaded) - sum(line.amount_fen for line in stated)
    assert sum(line.difference_fen for line in found) == total
    assert all(line.difference_fen == 0 for line in found if line.verdict is Verdict.MATCH)


@given(DAYS, st.sampled_from(("month", "quarter")))
def test_periods_follow_each_other(day: date, kind: str) -> None:
    period = period_of(day, kind)
    assert period.first_on <= day <= period.last_on
    assert parse_period(period.code) == period
    assert period.next().first_on == period.last_on + timedelta(days=1)
    assert period.next() == period_of(period.last_on + timedelta(days=1), kind)
    assert period.kind == kind


@given(
    st.lists(
        st.tuples(
            st.integers(2022, 2026),
            st.integers(0, 3),
            st.integers(1, 4),
            st.integers(-500, 500),
            st.integers(-500, 500),
        ),
        max_size=20,
    )
)
def test_triangle_ends_with_the_sum_of_all(rows: list[tuple[int, int, int, int, int]]) -> None:
    on = date(2026, 12, 31)
    moves = [
        Development(year, year + later, quarter, paid, reserve)
        for year, later, quarter, paid, reserve in rows
        if year + later <= 2026
    ]
    found = triangle(moves, range(2022, 2027), on)
    for row in found.rows:
        mine = [move for move in moves if move.accident_year == row.accident_year]
        assert row.paid_fen[-1] == sum(move.paid_fen for move in mine)
        assert row.incurred_fen[-1] == sum(move.paid_fen + move.reserve_change_fen for move in mine)
        assert len(row.paid_fen) == (2027 - row.accident_year) * 4


def test_a_period_of_a_whole_year_is_neither() -> None:
    assert Period(2026, 1, 3).code == "2026-Q1"
