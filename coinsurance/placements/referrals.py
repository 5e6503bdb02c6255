"""Risks outside the facility (超限业务): the members' consent they need before they are bound."""

from __future__ import annotations

from coinsurance.placements.rows import Access
from coinsurance.pools import consents
from coinsurance.rules.nouns import ConsentMatter, RiskMethod
from coinsurance.rules.placement_risk import RiskFacts, outside_facility
from service.auth import Actor
from service.kernel.calendar import today

SUBJECT_KIND = "risk"


def needs_consent(facts: RiskFacts) -> bool:
    """Whether a declaration lies outside the facility."""
    return facts.method is RiskMethod.SCHEDULE and bool(outside_facility(facts))


async def ask_if_outside(actor: Actor, found: Access, facts: RiskFacts) -> str | None:
    """Ask the members when a submitted declaration lies outside the facility; the request."""
    if not needs_consent(facts):
        return None
    term = found.terms.consents[ConsentMatter.REFERRAL]
    asked = await consents.members_to_ask(
        found.risk.year_id, term, today(), without=[found.risk.issuer_id]
    )
    matter = consents.Matter(
        pool_id=found.year["pool"],
        year_id=found.risk.year_id,
        matter=ConsentMatter.REFERRAL,
        subject_kind=SUBJECT_KIND,
        subject=found.risk.number,
        title=f"{found.risk.title}：{found.risk.referral}",
        term=term,
        clause=found.terms.clause(f"consent_{ConsentMatter.REFERRAL.value}"),
    )
    return await consents.ask(actor, matter, asked)


async def withdraw(actor: Actor, number: str) -> None:
    """Close an open request when its risk is changed or taken back."""
    await consents.withdraw(actor, SUBJECT_KIND, number)


async def latest(number: str) -> tuple[str | None, str | None]:
    """Number and status of the latest request for consent to a risk; None when none was made."""
    row = await consents.latest_request(SUBJECT_KIND, number)
    return (row["number"], row["status"]) if row else (None, None)
