"""Decisions on a claim: agreement, declination, dispute, closing, reopening.

What each rests on is kept: authority or consent with its clause, the verdict, the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coinsurance.claim_forms import DecisionForm, ReasonForm, ReopeningForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims import backstop, consenting, moving, notices, notifying
from coinsurance.claims.cover import lock_policy, section_claims
from coinsurance.claims.rows import (
    Found,
    SectionRow,
    claim_for,
    handled,
    members_on_risk,
    roles_of_handler,
    sections_of,
)
from coinsurance.claims.states import state_of
from coinsurance.pools import consents
from coinsurance.pools.parts import SYSTEM_ROLES
from coinsurance.rules.claims.authority import Verdict, judge
from coinsurance.rules.claims.deadlines import payment_due
from coinsurance.rules.claims.decisions import (
    ClosingFacts,
    DecisionFacts,
    basis_of,
    check_closing,
    check_decision,
)
from coinsurance.rules.claims.movements import paid_event
from coinsurance.rules.claims.notices import late_notices
from coinsurance.rules.claims.nouns import ClaimFlag, MovementKind, Proposal
from coinsurance.rules.claims.workflow import CLAIM
from coinsurance.tables import Claim
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, work
from service.kernel.errors import Forbidden, Refused
from service.kernel.findings import Finding, blockers


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the life cycle that is a decision, with what is kept of it."""

    event: str
    kind: str
    reason: str
    amount_fen: int = 0
    basis: str = ""
    clause: str = ""
    consent: int | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


async def _take(actor: Actor, row: Mapping[str, Any], step: Step) -> None:
    """Move the claim and keep the decision."""
    await journal.move(
        CLAIM,
        Claim,
        row,
        step.event,
        actor,
        subject_kind="claim",
        subject=row["number"],
        note=step.reason,
        values={"revision": row["revision"] + 1, **step.values},
        facts={"amount_fen": step.amount_fen, "basis": step.basis, "clause": step.clause},
    )
    await sql(
        "INSERT INTO claim_decision (claim, number, kind, basis, amount_fen, clause, consent,"
        " content, reason, recorded_at, recorded_by) SELECT $1, count(*) + 1, $2, $3, $4, $5, $6,"
        " $7, $8, $9, $10 FROM claim_decision WHERE claim = $1",
        row["id"],
        step.kind,
        step.basis,
        step.amount_fen,
        step.clause,
        step.consent,
        journal.canonical(dict(step.content)),
        step.reason,
        now(),
        actor.user_id,
    )


async def _facts(
    actor: Actor, found: Found, proposal: Proposal, sections: Sequence[SectionRow]
) -> DecisionFacts:
    claims = await section_claims(found, sections)
    amount_fen = sum(claim.assessed_fen for claim in claims)
    if proposal is Proposal.DECLINE:
        amount_fen = max(amount_fen, found.row["estimate_fen"])
    pending = found.status == "consent_pending"
    return DecisionFacts(
        found.status,
        proposal,
        tuple(claims),
        await verdict_of(found, amount_fen),
        await consenting.facts_of(found),
        tuple(await consenting.untold(found)) if pending else (),
        found.row["assessed_by"],
        actor.user_id,
        await backstop.uncovered_after(found, amount_fen)
        if proposal is Proposal.AGREE
        else 0,
    )


async def verdict_of(found: Found, amount_fen: int) -> Verdict:
    """Whether the handler may decide over an amount alone, by its roles and the claim's flags."""
    terms = found.terms
    return judge(
        terms.authority if terms else (),
        await roles_of_handler(found),
        amount_fen,
        found.row["flags"],
        found.clause("authority"),
        members=len(await members_on_risk(found.id)),
    )


async def _warnings(found: Found) -> list[Finding]:
    if found.terms is None:
        return []
    facts = [notices.facts_of(row) for row in await notices.rows_of(found.id)]
    return late_notices(facts, now(), found.clause("notice"))


def _kept(facts: DecisionFacts) -> dict[str, Any]:
    """What is kept of a decision: verdict, consent, amounts."""
    verdict = facts.verdict
    return {
        "authority": {
            "alone": verdict.alone,
            "role": verdict.role,
            "amount_max_fen": verdict.amount_max_fen,
            "findings": [finding.code for finding in verdict.findings],
        },
        "sections": {section.code: section.assessed_fen for section in facts.sections},
    }


async def agree(actor: Actor, number: str, form: DecisionForm) -> ClaimState:
    """Agree to pay what was assessed: within authority, or on the members' consent.

    Refused above what the policy can still pay, below what was paid, by the person who assessed,
    and (after a consent) while a notice is unserved. The clock of payment starts today.
    """
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "agree", actor.roles)
        await lock_policy(found.row["policy"])
        sections = await sections_of(found.id)
        facts = await _facts(actor, found, Proposal.AGREE, sections)
        checks = [*check_decision(facts), *await _warnings(found)]
        if blockers(checks):
            raise Refused(checks)
        await sql_many(
            "UPDATE claim_section SET agreed_fen = $2, authorised_fen = $2 WHERE id = $1",
            [(section.id, section.assessed_fen) for section in sections],
        )
        await _take(actor, found.row, _agreement(found, facts, form))
        await _settle_if_paid(actor, number, sections)
    return await state_of(number, checks)


def _agreement(found: Found, facts: DecisionFacts, form: DecisionForm) -> Step:
    terms = found.terms
    due = payment_due(today(), terms.payment if terms else None, found.clause("payment"))
    basis = basis_of(facts)
    return Step(
        "agree",
        "agreement",
        form.note,
        facts.amount_fen,
        basis.value,
        _clause(found, basis.value),
        found.row["consent"],
        _kept(facts),
        {"agreed_on": today(), "payment_due_on": due.on},
    )


def _clause(found: Found, basis: str) -> str:
    if basis == "consent" and found.terms is not None:
        return found.terms.consent_clause("claim")
    return found.clause("authority")


async def _settle_if_paid(actor: Actor, number: str, sections: Sequence[SectionRow]) -> None:
    """What was agreed is already paid (an advance, or the same amount again): the claim is paid."""
    paid_fen = sum(section.paid_fen for section in sections)
    left_fen = sum(section.assessed_fen for section in sections) - paid_fen
    event = paid_event("agreed", left_fen, paid_fen)
    if event is None:
        return
    found = await claim_for(actor, number, lock=True)
    await journal.move(
        CLAIM,
        Claim,
        found.row,
        event,
        actor,
        subject_kind="claim",
        subject=number,
        roles=SYSTEM_ROLES,
        values={"revision": found.row["revision"] + 1},
        facts={"paid_fen": paid_fen},
    )


async def decline(actor: Actor, number: str, form: ReasonForm) -> ClaimState:
    """Decline a claim with its reason: by authority over what was claimed, or by consent."""
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "decline", actor.roles, form.reason)
        sections = await sections_of(found.id)
        facts = await _facts(actor, found, Proposal.DECLINE, sections)
        checks = [*check_decision(facts), *await _warnings(found)]
        if blockers(checks):
            raise Refused(checks)
        await sql(
            "UPDATE claim_section SET agreed_fen = NULL, authorised_fen = 0 WHERE claim = $1",
            found.id,
        )
        basis = basis_of(facts)
        await _take(
            actor,
            found.row,
            Step(
                "decline",
                "declination",
                form.reason,
                0,
                basis.value,
                _clause(found, basis.value),
                found.row["consent"],
                _kept(facts),
            ),
        )
    return await state_of(number, checks)


async def dispute(actor: Actor, number: str, form: ReasonForm) -> ClaimState:
    """The insured, the handler or a member on the risk disputes; the claim is complex from then on.

    An open request for consent is withdrawn.
    """
    async with work():
        found = await claim_for(actor, number, lock=True)
        if found.view.organisation_id is None:
            raise Forbidden("auth.forbidden")
        CLAIM.advance(found.status, "dispute", actor.roles, form.reason)
        if found.status == "consent_pending":
            untold = await consenting.untold(found)
            if untold:
                raise Refused(untold)
            await consents.withdraw(actor, consenting.KIND, number)
        flags = list(dict.fromkeys([*found.row["flags"], ClaimFlag.DISPUTE.value]))
        await _take(
            actor,
            found.row,
            Step(
                "dispute",
                "dispute",
                form.reason,
                content={"by": actor.organisation},
                values={**consenting.released(found.row), "flags": flags},
            ),
        )
    return await state_of(number)


async def close(actor: Actor, number: str, form: ReasonForm) -> ClaimState:
    """Close a claim: refused while a reserve, a consent, a cash call or a payment is open."""
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "close", actor.roles, form.reason)
        sections = await sections_of(found.id)
        checks = check_closing(await _closing(found, sections))
        if blockers(checks):
            raise Refused(checks)
        paid_fen = sum(section.paid_fen for section in sections)
        await _take(
            actor,
            found.row,
            Step("close", "closing", form.reason, paid_fen, values={"closed_on": today()}),
        )
        await _report_loss(actor, found, paid_fen)
    return await state_of(number, checks)


async def _closing(found: Found, sections: Sequence[SectionRow]) -> ClosingFacts:
    calls = await sql(
        "SELECT number FROM cash_call WHERE claim = $1 AND status <> 'released' ORDER BY id",
        found.id,
    )
    return ClosingFacts(
        found.status,
        sum(section.reserve_fen for section in sections),
        sum(section.agreed_fen or 0 for section in sections),
        sum(section.paid_fen for section in sections),
        await consents.open_request(consenting.KIND, found.number) is not None,
        tuple(row["number"] for row in calls),
        sum(section.assessed_fen for section in sections),
    )


_LAST_PAID = """
SELECT m.effective_on, k.payee_name, (SELECT coalesce(sum(l.paid_fen), 0)::bigint FROM policy_loss l
  WHERE l.policy = $2 AND l.reference LIKE $3) AS told_fen,
  (SELECT count(*) FROM policy_loss l WHERE l.policy = $2 AND l.reference LIKE $3) AS times
FROM claim_movement m JOIN claim_payee k ON k.movement = m.id
WHERE m.claim = $1 AND m.reversal_of IS NULL ORDER BY m.id DESC LIMIT 1
"""


async def _report_loss(actor: Actor, found: Found, paid_fen: int) -> None:
    """Tell the policy what was paid in the end, so that subsidy checks and products know of it."""
    last = await sql_row(_LAST_PAID, found.id, found.row["policy"], f"{found.number}%")
    if last is None or paid_fen <= last["told_fen"]:
        return
    await sql(
        "INSERT INTO policy_loss (policy, reference, loss_on, paid_on, paid_fen, payee_name,"
        " recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        found.row["policy"],
        f"{found.number}/{last['times'] + 1}",
        found.row["loss_on"],
        last["effective_on"],
        paid_fen - last["told_fen"],
        last["payee_name"],
        now(),
        actor.user_id,
    )


async def reopen(actor: Actor, number: str, form: ReopeningForm) -> ClaimState:
    """Reopen a closed claim with a new estimate; it keeps its year, schedule and movements.

    One that was closed before it was registered is taken up now, as the loss day has it.
    """
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "reopen", actor.roles, form.reason)
        fresh = not await sections_of(found.id)
        if fresh:
            await notifying.take_up(found, found.row["loss_on"])
        await _take(
            actor,
            found.row,
            Step(
                "reopen",
                "reopening",
                form.reason,
                form.outstanding_fen,
                values={"closed_on": None} | ({"registered_on": today()} if fresh else {}),
            ),
        )
        await moving.set_reserve(
            actor,
            number,
            form.section,
            form.outstanding_fen,
            reason=form.reason,
            kind=MovementKind.REOPEN,
        )
    return await state_of(number)

