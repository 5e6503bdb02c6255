"""Settlement calculators (试算): netting, three-way comparison, statements; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

from coinsurance.reconciliation_shapes import (
    BreakAnswer,
    NettingAnswer,
    PairShape,
    StatementAnswer,
    StatementFigures,
    ThreeWayAnswer,
)
from coinsurance.rules.settlement.debts import Debt, Discharge, Method, Position
from coinsurance.rules.settlement.netting import pairs, plan
from coinsurance.rules.settlement.reconciliation import Leg, reconcile
from coinsurance.rules.settlement.statements import SumRow, figures
from coinsurance.settlement_forms import (
    LegForm,
    NettingForm,
    StatementWhatIfForm,
    ThreeWayForm,
)
from coinsurance.settlement_shapes import (
    CircleShape,
    DischargeShape,
    InstructionShape,
    ItemSumShape,
    PositionShape,
)
from coinsurance.settlements.breaks import suggestion


def netting(form: NettingForm) -> NettingAnswer:
    """Any debts settled by any method, with the proof; no set given: all kinds are one."""
    debts = [Debt(d.reference, d.debtor, d.creditor, d.amount_fen, d.kind) for d in form.debts]
    kinds = list(dict.fromkeys(debt.kind for debt in debts))
    sets: Sequence[Sequence[str]] = form.sets or [kinds]
    found = plan(debts, form.method, sets if form.method is not Method.GROSS else [], form.members)
    return NettingAnswer(
        method=form.method.value,
        gross_fen=found.gross_fen,
        cash_fen=found.cash_fen,
        saved_fen=found.gross_fen - found.cash_fen,
        sum_fen=sum(position.net_fen for position in found.after),
        before=[_position(position) for position in found.before],
        after=[_position(position) for position in found.after],
        bilateral=[PairShape(*pair) for pair in pairs(debts, form.members)],
        instructions=[
            InstructionShape(
                n,
                f"#{n}",
                payment.payer,
                payment.payer,
                payment.payee,
                payment.payee,
                payment.amount_fen,
                0,
                "pending",
                "",
                _discharges(payment.discharges),
            )
            for n, payment in enumerate(found.instructions, 1)
        ],
        circles=[
            CircleShape(circle.amount_fen, _discharges(circle.discharges))
            for circle in found.circles
        ],
    )


def _position(found: Position) -> PositionShape:
    return PositionShape(found.member, found.payable_fen, found.receivable_fen, found.net_fen)


def _discharges(found: Sequence[Discharge]) -> list[DischargeShape]:
    return [DischargeShape(p.reference, p.amount_fen, p.chain, p.hop) for p in found]


def three_ways(form: ThreeWayForm) -> ThreeWayAnswer:
    """Three sides compared without tolerance."""
    sides = [_legs(form.expected), _legs(form.stated), _legs(form.banked)]
    found = reconcile(sides[0], sides[1], sides[2], form.cutoff_on)
    return ThreeWayAnswer(
        list(found.matched),
        [
            BreakAnswer(
                one.code.value,
                one.code.zh,
                one.reference,
                one.expected_fen,
                one.stated_fen,
                one.banked_fen,
                one.difference_fen,
                [suggestion(told) for told in one.suggestions],
            )
            for one in found.breaks
        ],
        dict(zip(("expected", "stated", "banked"), found.totals_fen, strict=True)),
        found.clean,
    )


def _legs(forms: Sequence[LegForm]) -> list[Leg]:
    return [
        Leg(form.reference, form.amount_fen, form.payer, form.payee, form.on, form.source)
        for form in forms
    ]


def statements(form: StatementWhatIfForm) -> StatementAnswer:
    """Statements of several periods: each brings forward what the last carried."""
    brought_fen, disputed_fen = form.brought_forward_fen, 0
    told = []
    for rows in form.periods:
        found = figures(
            [SumRow(0, row.account, row.reason, row.lines, row.amount_fen) for row in rows],
            brought_fen,
            disputed_fen,
        )
        brought_fen, disputed_fen = found.carried_forward_fen, found.disputed_fen
        told.append(
            StatementFigures(
                found.brought_forward_fen,
                [
                    ItemSumShape(part.item.value, part.item.zh, part.lines, part.amount_fen)
                    for part in found.items
                ],
                found.items_fen,
                found.settled_fen,
                found.carried_forward_fen,
                found.disputed_fen,
                found.ordinary_fen,
            )
        )
    return StatementAnswer(told)
