"""Who may be a member, with what capacity, and when it may leave (入会、承保能力、退出)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from coinsurance.rules import members_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import PoolRole
from service.kernel.findings import Finding, blocker

GONE = ("declined", "exited", "defaulted")
MANY = frozenset({PoolRole.FOLLOWER.value, PoolRole.OBSERVER.value})
"""Roles that several members may hold."""


@dataclass(frozen=True, slots=True)
class CapacityFacts:
    """What a member commits: per risk, per event, in aggregate over the year. Fen."""

    risk_fen: int
    event_fen: int
    aggregate_fen: int


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A member that is there."""

    uscc: str
    short_name: str
    legal_root: str
    position: int
    roles: frozenset[str]
    status: str


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """An organisation to be invited, with the members that are there."""

    uscc: str
    name: str
    legal_root: str
    direct_insurer: bool
    roles: frozenset[str]
    position: int | None
    capacity: CapacityFacts
    excluded_classes: tuple[str, ...]
    members: tuple[MemberFacts, ...]
    terms: AgreementTerms


def check_invitation(facts: InvitationFacts) -> list[Finding]:
    """Return all that keeps an organisation from being invited (POOLS invariant 4; 2002/16)."""
    observer = PoolRole.OBSERVER in facts.roles
    found = [*_check_place(facts), *_check_roles(facts, observer)]
    found += check_capacity(facts.capacity, observer, facts.terms)
    for position, value in enumerate(facts.excluded_classes):
        if value not in facts.terms.classes:
            choices = list(facts.terms.classes)
            field = f"excluded_classes.{position}"
            found.append(blocker("member.unknown_class", field, value=value, choices=choices))
    return found


def _check_place(facts: InvitationFacts) -> Iterator[Finding]:
    for member in facts.members:
        if member.uscc == facts.uscc:
            yield blocker("member.taken", "uscc", name=facts.name)
        elif member.legal_root == facts.legal_root:
            other = member.short_name
            yield blocker("member.same_legal_person", "uscc", name=facts.name, other=other)
        if facts.position == member.position:
            yield blocker("member.position_taken", "position", position=facts.position)
    entry = facts.terms.entry
    there = [member for member in facts.members if member.status not in GONE]
    if entry and entry.members_max is not None and len(there) >= entry.members_max:
        clause = facts.terms.clause("entry")
        yield blocker("member.too_many", "uscc", clause, maximum=entry.members_max)


def _check_roles(facts: InvitationFacts, observer: bool) -> Iterator[Finding]:
    if observer and len(facts.roles) > 1:
        yield blocker("member.observer_alone", "roles")
    if not observer and not facts.direct_insurer:
        yield blocker("member.not_direct_insurer", "uscc", name=facts.name)
    for member in facts.members:
        if member.status in GONE:
            continue
        for role in sorted(facts.roles & member.roles - MANY):
            yield blocker(
                "member.role_taken",
                "roles",
                role=role,
                role_zh=PoolRole.zh_of(role),
                name=member.short_name,
            )


def check_capacity(
    capacity: CapacityFacts,
    observer: bool,
    terms: AgreementTerms,
    *,
    event_used_fen: int = 0,
    aggregate_used_fen: int = 0,
) -> list[Finding]:
    """Return what is wrong with a capacity: its order, below entry, below what is in use."""
    found: list[Finding] = []
    if not capacity.risk_fen <= capacity.event_fen <= capacity.aggregate_fen:
        found.append(blocker("member.capacity_order", "event_capacity_fen"))
    if observer:
        if capacity.aggregate_fen:
            found.append(blocker("member.observer_capacity", "aggregate_capacity_fen"))
    elif terms.entry is not None:
        clause = terms.clause("entry")
        for name, actual, least in (
            ("risk", capacity.risk_fen, terms.entry.risk_capacity_min_fen),
            ("aggregate", capacity.aggregate_fen, terms.entry.aggregate_capacity_min_fen),
        ):
            if actual < least:
                found.append(
                    blocker(
                        "member.capacity_below_entry",
                        f"{name}_capacity_fen",
                        clause,
                        capacity_fen=actual,
                        minimum_fen=least,
                        **_KINDS[name],
                    )
                )
    for name, actual, used in (
        ("event", capacity.event_fen, event_used_fen),
        ("aggregate", capacity.aggregate_fen, aggregate_used_fen),
    ):
        if actual < used:
            found.append(
                blocker(
                    "member.capacity_below_used",
                    f"{name}_capacity_fen",
                    capacity_fen=actual,
                    used_fen=used,
                    **_KINDS[name],
                )
            )
    return found


_KINDS = {
    "risk": {"kind_zh": "单一风险承保能力", "kind_en": "per risk"},
    "event": {"kind_zh": "单次事故承保能力", "kind_en": "per event"},
    "aggregate": {"kind_zh": "年度累计承保能力", "kind_en": "in aggregate"},
}


def check_exit(
    roles: frozenset[str], left_on: date, earliest_on: date, terms: AgreementTerms
) -> list[Finding]:
    """Return what keeps a member from leaving on a day: a role it holds, the notice."""
    found = [
        blocker("member.holds_role", "roles", role=role, role_zh=PoolRole.zh_of(role))
        for role in sorted(roles - MANY)
    ]
    if left_on < earliest_on:
        clause = terms.clause("exit_notice")
        found.append(blocker("member.exit_too_soon", "left_on", clause, earliest_on=earliest_on))
    return found
