"""Agreement, declination, closing and reopening of a claim: what stands against each.

Above authority the members on the risk are asked, and nothing is decided while a notice is
unserved (POOLS invariants 10 to 12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coinsurance.rules.claims import decision_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.claims.authority import Verdict
from coinsurance.rules.claims.nouns import Basis, Proposal
from coinsurance.rules.claims.workflow import PAYABLE
from coinsurance.rules.workflows import CONSENT
from service.kernel.findings import Finding, blocker, warning
from service.kernel.money import split
from service.kernel.shares import WHOLE_UNITS


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The consent request of a claim as it stands: `proposal` and amount it was asked about."""

    status: str
    proposal: Proposal
    amount_fen: int
    missing: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionClaim:
    """What was assessed on one section, what the policy can still pay, what was paid. Fen.

    `reserve_fen` None: nobody asks whether what is reserved is enough.
    """

    code: str
    assessed_fen: int
    payable_now_fen: int
    paid_fen: int
    reserve_fen: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """A claim about to be agreed or declined."""

    status: str
    proposal: Proposal
    sections: tuple[SectionClaim, ...]
    verdict: Verdict
    consent: ConsentFacts | None
    unserved: tuple[Finding, ...]
    assessed_by: int | None
    user_id: int | None
    backstop_uncovered_fen: int = 0

    @property
    def amount_fen(self) -> int:
        """What is to be agreed over all sections."""
        return sum(section.assessed_fen for section in self.sections)


def check_decision(facts: DecisionFacts) -> list[Finding]:
    """All that stands against agreeing or declining, by authority or by consent."""
    found = list(facts.unserved)
    if facts.assessed_by is not None and facts.assessed_by == facts.user_id:
        found.append(blocker("claim.assessor_decides", "actor"))
    if facts.consent is not None and facts.status == "consent_pending":
        found += _check_consent(facts, facts.consent)
    elif not facts.verdict.alone:
        found += [blocker("claim.consent_needed", "status"), *facts.verdict.findings]
    found += check_proposal(facts.proposal, facts.sections)
    if facts.proposal is Proposal.AGREE and facts.backstop_uncovered_fen:
        uncovered_fen = facts.backstop_uncovered_fen
        found.append(warning("claim.beyond_backstop", "amount_fen", uncovered_fen=uncovered_fen))
    return found


def check_proposal(proposal: Proposal, sections: Sequence[SectionClaim]) -> list[Finding]:
    """What stands against a decision whoever takes it; members are not asked about it either."""
    if proposal is Proposal.AGREE:
        return _check_amounts(sections)
    if any(section.paid_fen for section in sections):
        return [blocker("claim.decline_after_payment", "status")]
    return []


def basis_of(facts: DecisionFacts) -> Basis:
    """What the decision rests on."""
    return Basis.CONSENT if facts.status == "consent_pending" else facts.verdict.basis


def _check_consent(facts: DecisionFacts, consent: ConsentFacts) -> list[Finding]:
    found: list[Finding] = [
        blocker("claim.consent_unserved", "consent", member=member) for member in consent.unserved
    ]
    if consent.status != "given":
        found.append(
            blocker(
                "claim.consent_not_given",
                "consent",
                state=consent.status,
                state_zh=CONSENT.label(consent.status),
                state_en=CONSENT.label(consent.status, "en"),
                missing=consent.missing,
            )
        )
    if consent.proposal is not facts.proposal or (
        facts.proposal is Proposal.AGREE and consent.amount_fen != facts.amount_fen
    ):
        found.append(
            blocker("claim.consent_to_other", "consent", asked_fen=consent.amount_fen)
        )
    return found


def _check_amounts(sections: Sequence[SectionClaim]) -> list[Finding]:
    found: list[Finding] = []
    if not any(section.assessed_fen for section in sections):
        found.append(blocker("claim.nothing_to_agree", "amount_fen"))
    for section in sections:
        if section.assessed_fen > section.payable_now_fen:
            found.append(
                blocker(
                    "claim.above_limit",
                    f"sections.{section.code}",
                    section=section.code,
                    amount_fen=section.assessed_fen,
                    left_fen=section.payable_now_fen,
                )
            )
        if section.assessed_fen < section.paid_fen:
            found.append(
                blocker(
                    "claim.below_paid",
                    f"sections.{section.code}",
                    section=section.code,
                    amount_fen=section.assessed_fen,
                    paid_fen=section.paid_fen,
                )
            )
        unpaid_fen = section.assessed_fen - section.paid_fen
        if section.reserve_fen is not None and section.reserve_fen < unpaid_fen:
            found.append(
                warning(
                    "claim.reserve_below",
                    f"sections.{section.code}",
                    section=section.code,
                    reserve_fen=section.reserve_fen,
                    unpaid_fen=unpaid_fen,
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """What is open on a claim about to be closed. Fen."""

    status: str
    reserve_fen: int
    agreed_fen: int
    paid_fen: int
    consent_open: bool
    calls_open: tuple[str, ...] = ()
    assessed_fen: int = 0


def check_closing(facts: ClosingFacts) -> list[Finding]:
    """Nothing may be open: no reserve, no consent, no cash call, nothing agreed and unpaid."""
    found: list[Finding] = []
    if facts.reserve_fen:
        found.append(blocker("claim.reserve_open", "reserve", reserve_fen=facts.reserve_fen))
    if facts.consent_open:
        found.append(blocker("claim.consent_open", "consent"))
    found += [blocker("claim.call_open", "cash_calls", number=n) for n in facts.calls_open]
    unpaid_fen = facts.agreed_fen - facts.paid_fen
    if unpaid_fen > 0 and (facts.status in PAYABLE or facts.status in ("assessed", "reopened")):
        found.append(blocker("claim.unpaid", "status", unpaid_fen=unpaid_fen))
    if facts.status == "assessed" and facts.assessed_fen > facts.paid_fen:
        found.append(
            blocker("claim.assessed_unpaid", "status", assessed_fen=facts.assessed_fen)
        )
    return found


def consent_weights(
    sections: Sequence[tuple[int, Mapping[int, int]]], order: Sequence[int]
) -> dict[int, int]:
    """The weight of each member in a consent, in units of 10^8: its part of what is proposed.

    `sections` are amounts with the shares of the loss date; without any amount all sections count
    the same. `order` lists the members, the lead first.
    """
    amounts = [amount for amount, _ in sections]
    factors = amounts if any(amounts) else [1] * len(amounts)
    weights = [
        sum(
            factor * shares.get(member, 0)
            for factor, (_, shares) in zip(factors, sections, strict=True)
        )
        for member in order
    ]
    return dict(zip(order, split(WHOLE_UNITS, weights), strict=True))
