"""Which lines may be written and count at signing, and what keeps a risk from being bound.

Shares in units of 10^8, amounts in fen. Conditions that belong to persons (roles, four eyes) are
asked by the use cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from coinsurance.rules import placement_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.backdating import check_backdating
from coinsurance.rules.capacity import Room
from coinsurance.rules.citing import citing
from coinsurance.rules.consents import status_words
from coinsurance.rules.nouns import ConsentMatter
from coinsurance.rules.signing import SigningRules, WrittenLine
from coinsurance.rules.workflows import MEMBER, POOL
from service.kernel.findings import Finding, Language, blocker, warning
from service.kernel.money import split
from service.kernel.shares import WHOLE_UNITS


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line before it is written: the section's limit, the market's last day, the room left."""

    written_units: int
    up_to_units: int | None
    amount_max_fen: int | None
    valid_until: date
    today: date
    start_on: date
    lines_until: date | None
    limit_fen: int
    room: Room
    member: str
    member_status: str
    excluded_classes: tuple[str, ...]
    business_class: str
    carries: bool = True
    left_on: date | None = None


def stays(left_on: date | None, start_on: date) -> bool:
    """Whether a member is still one when a cover starts; notice was given of its last day."""
    return left_on is None or start_on < left_on


def check_member(line: LineFacts, terms: AgreementTerms) -> list[Finding]:
    """Only an active member that stays, carries risk and takes this class writes a line."""
    found = []
    if line.member_status != "active":
        clause = standing_clause(terms, line.member_status)
        found.append(
            blocker(
                "line.member_not_active",
                "organisation",
                clause,
                member=line.member,
                status=line.member_status,
                status_zh=MEMBER.label(line.member_status),
                status_en=MEMBER.label(line.member_status, "en"),
            )
        )
    elif not stays(line.left_on, line.start_on):
        found.append(
            blocker(
                "line.member_leaving",
                "organisation",
                terms.clause("exit_notice"),
                member=line.member,
                left_on=line.left_on,
                start_on=line.start_on,
            )
        )
    if not line.carries:
        found.append(blocker("line.observer", "organisation", member=line.member))
    if line.business_class in line.excluded_classes:
        found.append(
            blocker(
                "line.class_excluded",
                "organisation",
                member=line.member,
                value=line.business_class,
            )
        )
    return found


def check_line(line: LineFacts, terms: AgreementTerms) -> list[Finding]:
    """Everything that stands against a line, with what the member has left."""
    found = check_member(line, terms)
    minimum = terms.signing.minimum_units
    if line.written_units <= 0:
        found.append(blocker("line.nothing_written", "written_units"))
    elif line.written_units < minimum:
        found.append(
            blocker(
                "line.below_minimum",
                "written_units",
                terms.clause("signing"),
                written_units=line.written_units,
                minimum_units=minimum,
            )
        )
    if line.up_to_units is not None:
        found += _check_up_to(line, terms)
    if line.valid_until < line.today:
        found.append(blocker("line.already_over", "valid_until", today=line.today))
    elif line.lines_until is not None and line.valid_until < line.lines_until:
        found.append(
            warning("line.ends_before_market", "valid_until", lines_until=line.lines_until)
        )
    most = line.room.units(line.limit_fen)
    wanted = max(line.written_units, line.up_to_units or 0)
    if line.amount_max_fen is not None:
        wanted = min(wanted, line.amount_max_fen * WHOLE_UNITS // line.limit_fen)
    if wanted > most:
        found += citing([_above_room(line, most, wanted)], terms.clause("entry"))
    return found


def _check_up_to(line: LineFacts, terms: AgreementTerms) -> list[Finding]:
    found = []
    if not terms.signing.up_allowed:
        found.append(blocker("line.up_not_allowed", "up_to_units", terms.clause("signing")))
    if line.up_to_units is not None and line.up_to_units < line.written_units:
        found.append(
            blocker(
                "line.up_to_below_written",
                "up_to_units",
                written_units=line.written_units,
                up_to_units=line.up_to_units,
            )
        )
    return found


_ABOVE = {
    "risk": "line.above_risk",
    "event": "line.above_event",
    "aggregate": "line.above_aggregate",
}


def _above_room(line: LineFacts, most: int, wanted: int) -> Finding:
    """Which capacity a line passes, what is left of it and the largest line that fits."""
    return blocker(
        _ABOVE[line.room.held_by],
        "written_units",
        member=line.member,
        zone=line.room.zone,
        wanted_units=wanted,
        most_units=most,
        left_fen=line.room.amount_fen,
    )


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A line in the market with what decides whether it counts on a day."""

    line: WrittenLine
    status: str
    valid_until: date
    member_status: str
    leaves: bool = False
    """Notice was given that the member leaves before the cover starts."""


def counts(line: MarketLine, day: date) -> bool:
    """Whether a line takes part in signing on that day."""
    if line.status == "signed":
        return True
    there = line.member_status == "active" and not line.leaves
    return line.status == "written" and line.valid_until >= day and there


def signing_rules(terms: AgreementTerms) -> SigningRules:
    """How the agreement lets lines be signed."""
    return SigningRules(terms.signing.up_allowed, terms.signing.minimum_units)


def policy_shares(
    sections: Sequence[tuple[int, Mapping[str, int]]], order: Sequence[str]
) -> dict[str, int]:
    """Each insurer's share of the whole policy: its sections weighted by their premium.

    `sections` are pairs of premium and units; a section without premium counts by nothing unless
    all are without. Whoever carries anything has at least one unit. Sums to the whole.
    """
    weights = dict.fromkeys(order, 0)
    even = not any(premium for premium, _ in sections)
    for premium, shares in sections:
        for key, units in shares.items():
            weights[key] += units * (1 if even else premium)
    carrying = [key for key in order if any(s.get(key, 0) > 0 for _, s in sections)]
    parts = dict(
        zip(carrying, split(WHOLE_UNITS, [weights[key] for key in carrying]), strict=True)
    )
    for key in carrying:
        if parts[key] == 0:
            largest = max(carrying, key=lambda k: parts[k])
            parts[key], parts[largest] = 1, parts[largest] - 1
    return parts


_STANDING = {"exited": "exit_notice", "defaulted": "default_grace"}


def standing_clause(terms: AgreementTerms, status: str) -> str:
    """The clause under which a member of that status takes no new business."""
    return terms.clause(_STANDING.get(status, "entry"))


@dataclass(frozen=True, slots=True)
class Unfit:
    """A member whose share or line cannot take new business, and why.

    By its status; because it leaves before the cover starts (`left_on`); or because it opted out
    of the class (`business_class`).
    """

    member: str
    status: str
    clause: str
    left_on: date | None = None
    business_class: str = ""


@dataclass(frozen=True, slots=True)
class BindFacts:
    """What has to be in order when a risk is bound.

    `check_fits`: the passed check is still about the facts as they are. `referral` is the status of
    the consent that a declaration outside the facility needs, None when it needs none. `unfit`:
    members of the year's schedule without which it cannot be bound; `left_out`: members whose
    lines do not count any more; `declared`: the insured says that no loss is known.
    """

    year_status: str
    pool_status: str
    start_on: date
    today: date
    check_passed: bool | None
    check_fits: bool
    consent_same: bool
    referral: str | None
    open_subjectivities: tuple[int, ...]
    conditions: tuple[str, ...]
    conditions_accepted: bool
    issuer: str
    issuer_units: int
    declared: bool
    terms: AgreementTerms
    unfit: tuple[Unfit, ...] = ()
    left_out: tuple[Unfit, ...] = ()


_NOT_ASKED = {"status": "none", "status_zh": "尚未征求", "status_en": "Not asked yet"}


def check_bind(facts: BindFacts) -> list[Finding]:
    """Everything that stands against binding, beside signing and capacity."""
    found = []
    if facts.year_status != "open":
        found.append(blocker("bind.year_not_open", "pool_year"))
    if facts.pool_status != "active":
        zh, en = POOL.label(facts.pool_status), POOL.label(facts.pool_status, "en")
        found.append(blocker("bind.pool_not_active", "pool_year", status_zh=zh, status_en=en))
    found += _check_character(facts)
    if facts.referral is not None and facts.referral != "given":
        clause = facts.terms.consent_clause(ConsentMatter.REFERRAL)
        words = status_words(facts.referral) if facts.referral != "none" else _NOT_ASKED
        found.append(blocker("bind.referral_open", "referral", clause, **words))
    if facts.open_subjectivities:
        numbers = list(facts.open_subjectivities)
        found.append(blocker("bind.subjectivities_open", "subjectivities", numbers=numbers))
    if facts.conditions and not facts.conditions_accepted:
        members = list(facts.conditions)
        found.append(blocker("bind.conditions_open", "conditions_accepted", members=members))
    if facts.issuer_units <= 0:
        found.append(blocker("bind.issuer_without_line", "lines", member=facts.issuer))
    found += [told(unfit) for unfit in facts.unfit]
    found += [
        warning(
            "bind.line_left_out",
            "lines",
            unfit.clause,
            member=unfit.member,
            reason_zh=unfit_words(unfit, "zh"),
            reason_en=unfit_words(unfit, "en"),
        )
        for unfit in facts.left_out
    ]
    found += check_backdating(facts.start_on, facts.today, facts.declared, facts.terms)
    return found


def told(unfit: Unfit) -> Finding:
    """The finding that a member of the year's schedule takes no new business."""
    return blocker(
        "bind.member_unfit",
        "lines",
        unfit.clause,
        member=unfit.member,
        reason_zh=unfit_words(unfit, "zh"),
        reason_en=unfit_words(unfit, "en"),
    )


def unfit_words(unfit: Unfit, language: Language) -> str:
    """Why a member takes no new business, in words."""
    zh = language == "zh"
    if unfit.business_class:
        value = unfit.business_class
        return f"不承保险类“{value}”" if zh else f"out of the class “{value}”"
    if unfit.left_on is not None and unfit.status == "active":
        return f"将于 {unfit.left_on} 退出" if zh else f"leaving on {unfit.left_on}"
    return MEMBER.label(unfit.status, language)


def _check_character(facts: BindFacts) -> list[Finding]:
    if facts.check_passed is None:
        return [blocker("bind.no_check", "character_check", "保监发〔2002〕16号")]
    if not facts.check_passed:
        return [blocker("bind.check_failed", "character_check", "保监发〔2002〕16号")]
    if not facts.check_fits:
        return [blocker("bind.check_outdated", "character_check")]
    if not facts.consent_same:
        return [blocker("bind.consent_differs", "consent_document", "保监发〔2006〕31号")]
    return []
