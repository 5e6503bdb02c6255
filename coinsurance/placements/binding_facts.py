"""What stands against binding a risk beside signing and capacity: year, members, consents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from coinsurance.placement_forms import BindForm
from coinsurance.placements import checks, gathering, referrals
from coinsurance.placements.gathering import Market, Member
from coinsurance.placements.rows import Access
from coinsurance.rules.placement_lines import BindFacts, Unfit, standing_clause, stays, told
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql_value
from service.kernel.findings import Finding, blocker


async def facts_of(found: Access, market: Market, check: Any, form: BindForm) -> BindFacts:
    """A risk about to be bound as the rule sees it."""
    risk = found.risk
    open_numbers = await sql_value(
        "SELECT coalesce(array_agg(number ORDER BY number), '{}') FROM subjectivity"
        " WHERE risk = $1 AND status = 'open' AND before_binding",
        risk.id,
    )
    conditions = {
        market.members[line.organisation_id].name
        for part in market.sections
        for line in part.counted
        if line.conditions
    }
    referral = None
    if not risk.by_lines and referrals.needs_consent(await gathering.risk_facts(found)):
        _, status = await referrals.latest(risk.number)
        referral = status or "none"
    issuer = market.members.get(risk.issuer_id)
    return BindFacts(
        year_status=found.year["status"],
        pool_status=found.year["pool_status"],
        start_on=risk.start_on,
        today=today(),
        check_passed=None if check is None else check["passed"],
        check_fits=check is not None and await checks.fits(found, market, check["content"]),
        consent_same=check is not None
        and check["content"]["consent_document"] == form.consent_document,
        referral=referral,
        open_subjectivities=tuple(open_numbers),
        conditions=tuple(sorted(conditions)),
        conditions_accepted=form.conditions_accepted,
        issuer=issuer.name if issuer else "",
        issuer_units=max((p.shares.get(risk.issuer_id, 0) for p in market.sections), default=0)
        if market.whole
        else 1,
        declared=form.no_known_loss_document is not None,
        terms=found.terms,
        unfit=() if risk.by_lines else tuple(_unfit(found, _carrying(market))),
        left_out=tuple(_unfit(found, _left_out(market))),
    )


async def declaration(actor: Actor, form: BindForm) -> list[Finding]:
    """The declaration that no loss is known has to be a document of the issuer."""
    document = form.no_known_loss_document
    if document is None or await sql_value(
        "SELECT 1 FROM document WHERE id = $1 AND organisation = $2",
        document,
        actor.organisation_id,
    ):
        return []
    return [blocker("bind.declaration_missing", "no_known_loss_document", document=document)]


def _carrying(market: Market) -> list[Member]:
    keys = {key for part in market.sections for key in part.shares}
    return [member for key, member in market.members.items() if key in keys]


def _left_out(market: Market) -> list[Member]:
    usccs = {uscc for part in market.sections for uscc in part.left_out}
    return [member for member in market.members.values() if member.uscc in usccs]


def _unfit(found: Access, members: Iterable[Member]) -> list[Unfit]:
    """Those of the members that take no new business, or not of this class, by position."""
    risk, terms = found.risk, found.terms
    unfit = []
    for member in sorted(members, key=lambda member: member.position):
        if member.status != "active":
            clause = standing_clause(terms, member.status)
            unfit.append(Unfit(member.name, member.status, clause))
        elif not stays(member.left_on, risk.start_on):
            clause = terms.clause("exit_notice")
            unfit.append(Unfit(member.name, member.status, clause, member.left_on))
        elif risk.business_class in member.excluded_classes:
            clause = terms.clause("classes")
            unfit.append(
                Unfit(member.name, member.status, clause, business_class=risk.business_class)
            )
    return unfit


def changed(found: Access, market: Market, locked: Mapping[int, Member]) -> list[Finding]:
    """Members that were suspended, gave notice or left while the binder waited for their locks."""
    before = {unfit.member for unfit in _unfit(found, _carrying(market))}
    now_unfit = _unfit(found, locked.values())
    return [told(unfit) for unfit in now_unfit if unfit.member not in before]
