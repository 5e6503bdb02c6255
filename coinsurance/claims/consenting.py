"""Asking the members on the risk about a claim (超权限理赔征求同意), as about all matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coinsurance.claim_forms import ConsentAskForm, ReasonForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims import notices
from coinsurance.claims.cover import section_claims
from coinsurance.claims.rows import Found, OnRisk, handled, members_on_risk, sections_of
from coinsurance.claims.states import state_of
from coinsurance.pool_forms import AnswerForm
from coinsurance.pools import answering, consents
from coinsurance.pools.consents import Asked, Matter
from coinsurance.rules.claims.decisions import ConsentFacts, check_proposal, consent_weights
from coinsurance.rules.claims.notices import unserved
from coinsurance.rules.claims.nouns import Proposal
from coinsurance.rules.claims.workflow import CLAIM
from coinsurance.rules.nouns import ConsentMatter
from coinsurance.tables import Claim
from service.auth import Actor
from service.kernel import journal
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker, blockers

KIND = "claim"


async def ask(actor: Actor, number: str, form: ConsentAskForm) -> ClaimState:
    """Put the assessed amount, or the declination, to the members on the risk.

    They weigh by their shares in what is proposed. The handler's proposal is its own consent where
    the clause counts it; the others are served and answer as the agreement says.
    """
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "ask", actor.roles)
        members = await members_on_risk(found.id)
        if found.terms is None or len(members) < 2:
            raise Refused([blocker("claim.consent_alone", "proposal")])
        sections = await sections_of(found.id)
        amount_fen = sum(section.assessed_fen for section in sections)
        checks = check_proposal(form.proposal, await section_claims(found, sections))
        if blockers(checks):
            raise Refused(checks)
        asked = await _asked(found, members)
        request = await consents.ask(actor, _matter(found, form, amount_fen), asked)
        key = await sql_value("SELECT id FROM consent_request WHERE number = $1", request)
        await journal.move(
            CLAIM,
            Claim,
            found.row,
            "ask",
            actor,
            subject_kind="claim",
            subject=number,
            note=form.note,
            values={
                "revision": found.row["revision"] + 1,
                "consent": key,
                "proposal": form.proposal.value,
                "proposed_fen": amount_fen if form.proposal is Proposal.AGREE else 0,
            },
            facts={
                "consent_request": request,
                "proposal": form.proposal.value,
                "amount_fen": amount_fen,
            },
        )
        if any(party.organisation_id == actor.organisation_id for party in asked):
            answer = AnswerForm(answer="consented", note="发起人提出的方案")
            await answering.answer(actor, request, answer)
    return await state_of(number)


def _matter(found: Found, form: ConsentAskForm, amount_fen: int) -> Matter:
    assert found.terms is not None
    yuan = f"{amount_fen // 100:,}.{amount_fen % 100:02d} 元"
    what = f"赔付 {yuan}" if form.proposal is Proposal.AGREE else "拒绝赔付"
    return Matter(
        found.row["pool_id"],
        found.row["pool_year"],
        ConsentMatter.CLAIM,
        KIND,
        found.number,
        f"赔案 {found.number}：{what}",
        found.terms.consents[ConsentMatter.CLAIM],
        found.terms.consent_clause(ConsentMatter.CLAIM),
    )


_SHARES = """
SELECT s.position, s.assessed_fen, h.organisation, h.share_units FROM claim_section s
JOIN claim_share h ON h.section = s.id WHERE s.claim = $1 ORDER BY s.position, h.position
"""


async def _asked(found: Found, members: Sequence[OnRisk]) -> list[Asked]:
    """The members on the risk with their weights; the lead only where the clause counts it."""
    assert found.terms is not None
    term = found.terms.consents[ConsentMatter.CLAIM]
    sections: dict[int, tuple[int, dict[int, int]]] = {}
    for row in await sql(_SHARES, found.id):
        amount_fen, shares = sections.setdefault(row["position"], (row["assessed_fen"], {}))
        shares[row["organisation"]] = row["share_units"]
    weights = consent_weights(
        list(sections.values()), [member.organisation_id for member in members]
    )
    lead = await _lead(found)
    return [
        Asked(m.organisation_id, m.uscc, m.position, weights[m.organisation_id])
        for m in members
        if term.includes_lead or m.organisation_id != lead
    ]


async def _lead(found: Found) -> int | None:
    lead: int | None = await sql_value(
        "SELECT organisation FROM pool_member WHERE pool_year = $1 AND 'lead' = ANY(roles)",
        found.row["pool_year"],
    )
    return lead


async def withdraw(actor: Actor, number: str, form: ReasonForm) -> ClaimState:
    """Take the question back; the claim is as assessed again and may be put otherwise."""
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "withdraw", actor.roles, form.reason)
        left_untold = await untold(found)
        if left_untold:
            raise Refused(left_untold)
        await consents.withdraw(actor, KIND, number)
        await journal.move(
            CLAIM,
            Claim,
            found.row,
            "withdraw",
            actor,
            subject_kind="claim",
            subject=number,
            note=form.reason,
            values=released(found.row),
        )
    return await state_of(number)


def released(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a claim that is no longer before the members."""
    return {
        "revision": row["revision"] + 1,
        "consent": None,
        "proposal": "",
        "proposed_fen": None,
    }


async def untold(found: Found) -> list[Finding]:
    """Members on the risk whom the notice of loss has not been served on, as blockers."""
    if not found.in_pool:
        return []
    others = [
        member.label
        for member in await members_on_risk(found.id)
        if member.organisation_id != found.row["handler"]
    ]
    return unserved([notices.facts_of(row) for row in await notices.rows_of(found.id)], others)


async def facts_of(found: Found) -> ConsentFacts | None:
    """How the consent request of a claim stands; None where there is none."""
    row = found.row
    if row["consent"] is None:
        return None
    request = await sql_row("SELECT status FROM consent_request WHERE id = $1", row["consent"])
    assert request is not None
    parties = await consents.party_rows(row["consent"])
    return ConsentFacts(
        request["status"],
        Proposal(row["proposal"]),
        row["proposed_fen"] or 0,
        tuple(p["name"] for p in parties if p["answer"] not in ("consented", "deemed")),
        tuple(p["name"] for p in parties if p["served_at"] is None and p["answer"] == ""),
    )
