"""Premium received on a placement, taken up by the pool, or turned around exactly (收款与冲销).

The policy's own rules about receipts are the catalogue's; policy and pool change in one
transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.policies import receipts
from catalogue.rules.policies import check_receipt
from coinsurance.premium_forms import PoolReceiptForm, ReversalForm, TakingForm
from coinsurance.premium_shapes import TakenAnswer
from coinsurance.premiums import taking
from coinsurance.premiums.gathering import Asked, facts_of
from coinsurance.premiums.rows import PlacementRow, placement_of
from coinsurance.premiums.taking import Outcome
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql_row, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers


async def receive(actor: Actor, number: str, form: PoolReceiptForm) -> TakenAnswer:
    """Record premium received from one funding source and take it up.

    Refused with every finding (above what is due, day, source, instalment); Conflict
    (premium.receipt_twice) for a bank reference that was taken up before.
    """
    async with work(one_plan=True):
        placement = await placement_of(actor, number, PoolRole.ISSUER, issuer=True)
        asked = Asked(form.bank_reference, form.instalment)
        facts = await facts_of(placement, asked=asked)
        coming = facts.coming
        assert coming is not None
        if coming.known:
            reference = form.bank_reference
            raise Conflict("premium.receipt_twice", field="bank_reference", reference=reference)
        found = check_receipt(await receipts.facts_of(form, coming.left_fen))
        if not coming.instalment_known:
            missing = form.instalment
            found.append(blocker("premium.no_instalment", "instalment", number=missing))
        if blockers(found):
            raise Refused(found)
        note = f"第 {form.instalment} 期" if form.instalment else ""
        outcome = await taking.take_in(actor, placement, facts, form, note)
        return answer_of(placement, outcome)


async def take_up(actor: Actor, number: str, form: TakingForm) -> TakenAnswer:
    """Take up receipts that were recorded elsewhere, such as a subsidy paid to the insurer."""
    async with work():
        placement = await placement_of(
            actor, number, PoolRole.ISSUER, PoolRole.ACCOUNT_KEEPER, PoolRole.LEAD
        )
        outcome = await taking.take_up(actor, placement, form.note)
        return answer_of(placement, outcome)


async def reverse(actor: Actor, number: str, movement: int, form: ReversalForm) -> TakenAnswer:
    """Turn a receipt around exactly (冲销), once: it was wrong, or the bank took it back.

    Raises NotFound for an unknown movement, Conflict (premium.reversed_before), Refused
    (premium.reversal_of_reversal, .reversal_before_original, .not_reversible,
    .refund_above_paid).
    """
    async with work():
        placement = await placement_of(actor, number, PoolRole.ISSUER, issuer=True)
        row = await _original(placement, movement)
        found = _check_reversal(row, form.effective_on)
        if found:
            raise Refused(found)
        await receipts.give_back(actor, row["receipt"], row["amount_fen"], form.effective_on)
        outcome = await taking.take_up(actor, placement, form.reason)
        return answer_of(placement, outcome)


@dataclass(frozen=True, slots=True)
class _Why:
    zh: str
    en: str


_ENDORSED = _Why("属批改退费", "it is a refund of an endorsement")
_SHARES = _Why("属份额变更", "it is a change of shares")
_PAID_HERE = _Why("属补贴直付", "a scheme paid it directly")


async def _original(placement: PlacementRow, number: int) -> Any:
    row = await sql_row(
        "SELECT v.number, v.kind, v.amount_fen, v.effective_on, r.id AS receipt, r.endorsement,"
        " r.payment_item, (SELECT x.number FROM premium_movement x WHERE x.reversal_of = v.id)"
        " AS reversed_by FROM premium_movement v LEFT JOIN premium_receipt r"
        " ON r.id = v.policy_receipt WHERE v.placement = $1 AND v.number = $2",
        placement.id,
        number,
    )
    if row is None:
        raise NotFound("保费变动", "Premium movement", f"{placement.number}/{number}")
    if row["reversed_by"] is not None:
        raise Conflict("premium.reversed_before", field="number", number=number)
    return row


def _check_reversal(row: Any, on: date) -> list[Finding]:
    if row["kind"] == "reversal":
        return [blocker("premium.reversal_of_reversal", "number")]
    found = []
    why = None
    if row["kind"] == "share_change":
        why = _SHARES
    elif row["amount_fen"] < 0 or row["endorsement"] is not None:
        why = _ENDORSED
    elif row["payment_item"] is not None:
        why = _PAID_HERE
    if why is not None:
        found.append(
            blocker(
                "premium.not_reversible",
                "number",
                number=row["number"],
                reason_zh=why.zh,
                reason_en=why.en,
            )
        )
    if on < row["effective_on"]:
        found.append(
            blocker("premium.reversal_before_original", "effective_on", day=row["effective_on"])
        )
    if on > today():
        found.append(blocker("premium.day_in_future", "effective_on", today=today()))
    return found


def answer_of(placement: PlacementRow, outcome: Outcome) -> TakenAnswer:
    """What was taken up, with parts and debts."""
    taken = outcome.taken
    return TakenAnswer(
        placement.number,
        outcome.cover_from,
        taken[-1].total_to_date_fen if taken else None,
        taken,
    )
