"""Endorsements of a placement (共保批改): proposed, put to the members, issued, undone.

What is issued goes through the policy's own endorsements, so that policy and pool are one truth;
the refunds it makes are taken up at once, each funding source by itself. The one who proposes is
not the one who issues (DESIGN law 9).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from catalogue.policies.records import PolicyRow
from catalogue.rules.policies import Change, Present, check_endorsement
from coinsurance.pools import consents, parts
from coinsurance.premium_forms import (
    EndorsementStepForm,
    PoolEndorsementForm,
    PoolUndoForm,
)
from coinsurance.premium_shapes import EndorsementState
from coinsurance.premiums.endorsement_rows import KIND, endorsement_row, state_of, subject_of
from coinsurance.premiums.gathering import Facts, facts_of
from coinsurance.premiums.rows import PlacementRow, placement_of
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from coinsurance.rules.premium_cover import Amount, additional_fen, return_fen
from coinsurance.rules.workflows import PLACEMENT, PLACEMENT_ENDORSEMENT
from coinsurance.tables import PlacementEndorsement
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.money import Rounding, split
from service.kernel.shares import WHOLE_UNITS

LAW = "保险法第十五条"
_RETURNS = ("return_premium", "cancel")


async def propose(actor: Actor, number: str, form: PoolEndorsementForm) -> EndorsementState:
    """Propose an endorsement and put it to the members that the agreement names.

    Refused with every finding: before inception, after the end, wrong sign, more than the premium.
    """
    async with work():
        placement = await placement_of(actor, number, PoolRole.ISSUER, issuer=True)
        facts = await facts_of(placement, by_source=True)
        policy = placement.policy
        found = _check_form(facts, form)
        if blockers(found):
            raise Refused(found)
        fen = _premium_fen(facts, form)
        change = Change(form.kind, form.effective_on, fen, form.sum_change_fen, form.new_end_on)
        await _need_sound(facts, policy, change)
        row = await _insert(
            actor,
            facts,
            change,
            method=form.method.value,
            section=facts.section_ids[form.section] if form.section else None,
            reason=form.reason,
            clause=LAW if form.statutory else facts.terms.consent_clause("endorsement"),
        )
        await _ask(actor, facts, row, needed=not form.statutory)
        return await state_of(placement, row["number"])


async def propose_undo(
    actor: Actor, number: str, which: int, form: PoolUndoForm
) -> EndorsementState:
    """Propose to undo an issued endorsement by its mirror; a cancellation is reinstated.

    Members are asked as for any endorsement: they may come on risk again.
    """
    async with work():
        placement = await placement_of(actor, number, PoolRole.ISSUER, issuer=True)
        facts = await facts_of(placement, by_source=True)
        old = await endorsement_row(placement, which)
        await _need_undoable(placement, old, form.effective_on)
        kind = "reinstate" if old["kind"] == "cancel" else "undo"
        row = await _insert(
            actor,
            facts,
            Change(kind, form.effective_on, -old["premium_change_fen"], -old["sum_change_fen"]),
            method=old["method"],
            section=old["section"],
            reason=form.reason,
            clause=facts.terms.consent_clause("endorsement"),
            undoes=old["id"],
        )
        await _ask(actor, facts, row, needed=True)
        return await state_of(placement, row["number"])


async def withdraw(
    actor: Actor, number: str, which: int, form: EndorsementStepForm
) -> EndorsementState:
    """Withdraw an endorsement that was not issued, and the request on it."""
    async with work():
        placement = await placement_of(actor, number, PoolRole.ISSUER, issuer=True)
        row = await endorsement_row(placement, which)
        subject = subject_of(placement, which)
        await parts.move(
            actor,
            PLACEMENT_ENDORSEMENT,
            PlacementEndorsement,
            row,
            "withdraw",
            subject,
            note=form.note,
        )
        await consents.withdraw(actor, KIND, subject)
        return await state_of(placement, which)


def _check_form(facts: Facts, form: PoolEndorsementForm) -> list[Finding]:
    found = []
    status = facts.placement.status
    if status in ("cancelled", "expired"):
        zh, en = PLACEMENT.states[status]
        found.append(blocker("premium.placement_ended", "kind", status_zh=zh, status_en=en))
    if form.section and form.section not in facts.section_ids:
        found.append(blocker("premium.no_section", "section", section=form.section))
    if form.statutory and form.kind != "cancel":
        found.append(blocker("premium.statutory_cancel_only", "statutory"))
    fits = {
        Amount.STATED: True,
        Amount.PRO_RATA: form.kind != "sum_change",
        Amount.AB_INITIO: form.kind == "cancel",
    }
    if not fits[form.method]:
        found.append(blocker("premium.method_unfit", "method", method=form.method.value))
    return found


def _premium_fen(facts: Facts, form: PoolEndorsementForm) -> int:
    """The change of premium by the method that was chosen."""
    cover, on = facts.cover, form.effective_on
    if form.method is Amount.AB_INITIO:
        return -facts.premium_fen
    if form.method is Amount.STATED:
        return form.premium_change_fen
    if form.kind in _RETURNS:
        return -min(return_fen(cover, on, form.section), facts.premium_fen)
    last = max([cover.end_on, *(change.to_on for change in cover.changes)])
    if not cover.start_on <= on <= last:
        return form.premium_change_fen
    rounding = Rounding(facts.terms.rounding_fee)
    return additional_fen(form.premium_change_fen, cover.start_on, last, on, rounding)


async def _need_sound(facts: Facts, policy: PolicyRow, change: Change) -> None:
    """What the policy's own rules say; every finding cites the agreement's clause too."""
    present = Present(
        policy.status,
        policy.start_on,
        policy.current_end_on,
        policy.current_sum_fen,
        policy.current_premium_fen,
    )
    clause = facts.terms.consent_clause("endorsement")
    found = [replace(f, source=clause) for f in check_endorsement(present, change)]
    other = await sql_value(
        "SELECT number FROM placement_endorsement WHERE placement = $1"
        " AND status IN ('proposed', 'consented') ORDER BY id LIMIT 1",
        facts.placement.id,
    )
    if other is not None:
        found.append(blocker("premium.endorsement_open", "kind", clause, number=other))
    if blockers(found):
        raise Refused(found)


async def _need_undoable(placement: PlacementRow, old: Any, on: date) -> None:
    if old["status"] != "issued":
        raise Conflict("premium.not_issued", number=old["number"])
    by = await sql_value(
        "SELECT number FROM placement_endorsement WHERE undoes = $1"
        " AND status IN ('proposed', 'consented', 'issued')",
        old["id"],
    )
    if by is not None:
        raise Conflict("endorsement.undone_before", number=old["number"], by=by)
    if old["undoes"] is not None:
        raise Conflict("endorsement.is_an_undo", number=old["number"])
    if on < old["effective_on"]:
        raise Conflict(
            "endorsement.undo_before_original", field="effective_on", day=old["effective_on"]
        )


async def _insert(
    actor: Actor,
    facts: Facts,
    change: Change,
    *,
    method: str,
    section: int | None,
    reason: str,
    clause: str,
    undoes: int | None = None,
) -> Any:
    row = await sql_row(
        "INSERT INTO placement_endorsement (placement, number, kind, method, effective_on,"
        " premium_change_fen, sum_change_fen, new_end_on, section, reason, clause, undoes, status,"
        " revision, recorded_at, recorded_by) SELECT $1, 1 + coalesce(max(number), 0), $2, $3, $4,"
        " $5, $6, $7, $8, $9, $10, $11, 'proposed', 1, $12, $13 FROM placement_endorsement"
        " WHERE placement = $1 RETURNING *",
        facts.placement.id,
        change.kind,
        method,
        change.effective_on,
        change.premium_change_fen,
        change.sum_change_fen,
        change.new_end_on,
        section,
        reason,
        clause,
        undoes,
        now(),
        actor.user_id,
    )
    assert row is not None
    await journal.record(
        actor,
        KIND,
        subject_of(facts.placement, row["number"]),
        "propose",
        to_status=PLACEMENT_ENDORSEMENT.initial,
        note=reason,
        facts={
            "kind": change.kind,
            "method": method,
            "premium_change_fen": change.premium_change_fen,
            "sum_change_fen": change.sum_change_fen,
            "undoes": undoes,
        },
        effective_on=change.effective_on,
    )
    return row


async def _ask(actor: Actor, facts: Facts, row: Any, *, needed: bool) -> None:
    """Put it to the members on risk, the issuer aside, weighed by their share of the policy."""
    asked = _asked(facts) if needed else []
    subject = subject_of(facts.placement, row["number"])
    if not asked:
        await parts.move(
            actor,
            PLACEMENT_ENDORSEMENT,
            PlacementEndorsement,
            row,
            "consent",
            subject,
            facts={"clause": row["clause"]},
            follows=True,
        )
        return
    zh = {"cancel": "注销", "reinstate": "恢复", "undo": "撤销批单"}.get(row["kind"], "批改")
    await consents.ask(
        actor,
        consents.Matter(
            facts.placement.pool_id,
            facts.placement.year_id,
            ConsentMatter.ENDORSEMENT,
            KIND,
            subject,
            f"{subject} {zh}：{row['reason']}",
            facts.terms.consents[ConsentMatter.ENDORSEMENT],
            facts.terms.consent_clause("endorsement"),
        ),
        asked,
    )


def _asked(facts: Facts) -> list[consents.Asked]:
    weights = facts.weights()
    units = split(WHOLE_UNITS, weights.weights)
    term = facts.terms.consents[ConsentMatter.ENDORSEMENT]
    left_out = {facts.rested.roles.issuer}
    if not term.includes_lead:
        left_out.add(facts.rested.roles.lead)
    return [
        consents.Asked(facts.ids[member], member, position, own)
        for position, (member, own) in enumerate(zip(weights.members, units, strict=True), 1)
        if own and member not in left_out
    ]
