"""How shares come about, who leads by them, and what a schedule must fulfil (份额表).

Units of 10^8, always the whole, to the unit. Shares by capacity are the largest-remainder split of
the whole over the capacities; they are never inferred from cash (POOLS 1.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from coinsurance.rules import shares_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.terms import LeadChoice
from coinsurance.rules.nouns import ShareMode
from coinsurance.rules.workflows import MEMBER
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import explain, split
from service.kernel.shares import WHOLE_UNITS, check_whole


@dataclass(frozen=True, slots=True)
class Holder:
    """A member with what its share and its rank rest on; `key` is its credit code or any name."""

    key: str
    position: int
    share_units: int = 0
    capacity_fen: int = 0
    joined_on: date | None = None
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Derived:
    """A share with its exact entitlement and what it was derived from."""

    key: str
    position: int
    share_units: int
    basis_weight: int
    exact_units: Fraction


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads, among whom it was decided and by what; no key while a draw has to decide."""

    key: str | None
    tied: tuple[str, ...]
    decided_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """A member's share before and after; None: it has none in that schedule."""

    key: str
    before_units: int | None
    after_units: int | None


def by_capacity(holders: Sequence[Holder]) -> tuple[Derived, ...]:
    """Shares in proportion to committed capacity, in order of position.

    Raises Refused where nobody commits capacity.
    """
    ordered = sorted(holders, key=lambda holder: holder.position)
    if not any(holder.capacity_fen for holder in ordered):
        raise Refused([blocker("shares.no_capacity", "members")])
    parts = explain(WHOLE_UNITS, [holder.capacity_fen for holder in ordered])
    return tuple(
        Derived(holder.key, holder.position, part.allocated, part.weight, part.exact)
        for holder, part in zip(ordered, parts, strict=True)
    )


def fixed(holders: Sequence[Holder]) -> tuple[Derived, ...]:
    """Shares as they were agreed, in order of position; nothing is adjusted."""
    return tuple(
        Derived(h.key, h.position, h.share_units, h.share_units, Fraction(h.share_units))
        for h in sorted(holders, key=lambda holder: holder.position)
    )


def derive(mode: str, holders: Sequence[Holder]) -> tuple[Derived, ...]:
    """Shares of a year by its mode; raises Refused with every finding when they are not whole."""
    made = by_capacity(holders) if mode == ShareMode.CAPACITY else fixed(holders)
    found = check_whole([item.share_units for item in made])
    if found:
        raise Refused(found)
    return made


_TIES: dict[str, Callable[[Holder], Any]] = {
    "position": lambda holder: holder.position,
    "capacity": lambda holder: -holder.capacity_fen,
    "joined": lambda holder: holder.joined_on or date.max,
    "uscc": lambda holder: holder.key,
}
"""What comes first wins; whoever is still tied afterwards stands in order of position."""


def find_lead(choice: LeadChoice, holders: Sequence[Holder]) -> Lead:
    """Who leads by the agreement's rule, with its tie rule (POOLS 1.3: largest share, tie rule).

    A tie that has to be drawn names nobody: a resolution does.
    """
    if not holders:
        return Lead(None, (), choice.rule)

    def rank(holder: Holder) -> int:
        return holder.votes if choice.rule == "elected" else holder.share_units

    best = max(rank(holder) for holder in holders)
    tied = [holder for holder in holders if rank(holder) == best]
    names = tuple(h.key for h in sorted(tied, key=lambda holder: holder.position))
    if len(tied) == 1:
        return Lead(names[0], names, choice.rule)
    if choice.tie == "drawn":
        return Lead(None, names, "drawn")
    key = _TIES[choice.tie]
    first = min(tied, key=lambda holder: (key(holder), holder.position))
    return Lead(first.key, names, choice.tie)


def after_exit(holders: Sequence[Holder], leaver: str) -> tuple[Derived, ...]:
    """What the others' shares would be if they took over a leaver's, in proportion to their own.

    Only a proposal for new business: what is in force stays in run-off on the old shares
    (POOLS invariant 19). Raises Refused for an unknown leaver or when nobody is left.
    """
    rest = [holder for holder in holders if holder.key != leaver]
    if len(rest) == len(holders):
        raise Refused([blocker("shares.member_unknown", "exit", name=leaver)])
    return _scaled(rest, WHOLE_UNITS)


def with_newcomer(holders: Sequence[Holder], newcomer: Holder) -> tuple[Derived, ...]:
    """What shares would be if a member joined with a share and the others gave way in proportion.

    Raises Refused when it asks for the whole or is there already.
    """
    if any(holder.key == newcomer.key for holder in holders):
        raise Refused([blocker("shares.member_twice", "newcomer", name=newcomer.key)])
    if not 0 < newcomer.share_units < WHOLE_UNITS:
        raise Refused(
            [blocker("shares.newcomer_share", "newcomer", share_units=newcomer.share_units)]
        )
    others = _scaled(holders, WHOLE_UNITS - newcomer.share_units)
    own = Derived(
        newcomer.key,
        max(holder.position for holder in holders) + 1,
        newcomer.share_units,
        newcomer.share_units,
        Fraction(newcomer.share_units),
    )
    return (*others, own)


def _scaled(holders: Sequence[Holder], total_units: int) -> tuple[Derived, ...]:
    ordered = sorted(holders, key=lambda holder: holder.position)
    if not any(holder.share_units for holder in ordered):
        raise Refused([blocker("shares.nobody_left", "members")])
    parts = explain(total_units, [holder.share_units for holder in ordered])
    return tuple(
        Derived(holder.key, holder.position, part.allocated, part.weight, part.exact)
        for holder, part in zip(ordered, parts, strict=True)
    )


def changes(before: Sequence[Derived], after: Sequence[Derived]) -> tuple[Change, ...]:
    """Every member's share before and after, in order of position."""
    old = {item.key: item for item in before}
    new = {item.key: item for item in after}
    keys = sorted({**old, **new}, key=lambda key: (new.get(key) or old[key]).position)
    return tuple(
        Change(
            key,
            old[key].share_units if key in old else None,
            new[key].share_units if key in new else None,
        )
        for key in keys
    )


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A proposed share with what the registry knows of the member; None: it is no member."""

    key: str
    name: str
    share_units: int
    legal_root: str
    member_status: str | None
    observer: bool = False
    share_before_units: int = 0


@dataclass(frozen=True, slots=True)
class ScheduleFacts:
    """A proposed schedule of a pool year and where it stands in time."""

    items: tuple[ItemFacts, ...]
    valid_from: date
    year_start_on: date
    year_end_on: date
    last_valid_from: date | None
    today: date


def check_schedule(facts: ScheduleFacts) -> list[Finding]:
    """Return all that keeps a schedule from being proposed (POOLS invariants 1, 4, 19)."""
    found = check_whole([item.share_units for item in facts.items])
    for position, item in enumerate(facts.items):
        found += _check_item(item, f"shares.{position}", facts.items[:position])
    return [*found, *check_days(facts)]


def _check_item(item: ItemFacts, field: str, before: Sequence[ItemFacts]) -> list[Finding]:
    if any(other.key == item.key for other in before):
        return [blocker("shares.member_twice", field, name=item.name)]
    branch = next((o for o in before if o.legal_root and o.legal_root == item.legal_root), None)
    if branch is not None:
        return [
            blocker("shares.same_legal_person", field, name=item.name, other=branch.name),
        ]
    if item.member_status is None:
        return [blocker("shares.member_unknown", field, name=item.name)]
    if item.observer and item.share_units:
        return [blocker("shares.observer_carries", field, name=item.name)]
    if item.member_status == "suspended" and item.share_units <= item.share_before_units:
        return []
    if item.member_status != "active" and item.share_units:
        return [not_active(item.name, item.member_status, field)]
    return []


def not_active(name: str, status: str, field: str = "shares") -> Finding:
    """The finding that a member of that status takes no new share."""
    zh, en = MEMBER.label(status), MEMBER.label(status, "en")
    words = {"name": name, "status": status, "status_zh": zh, "status_en": en}
    return blocker("shares.member_not_active", field, **words)


def check_days(facts: ScheduleFacts) -> list[Finding]:
    """A first schedule holds from the year's first day; a later one only forward from its date."""
    if facts.last_valid_from is None:
        if facts.valid_from != facts.year_start_on:
            return [
                blocker("shares.first_not_at_start", "valid_from", start_on=facts.year_start_on)
            ]
        return []
    found = []
    if not facts.year_start_on <= facts.valid_from <= facts.year_end_on:
        found.append(
            blocker(
                "shares.outside_year",
                "valid_from",
                start_on=facts.year_start_on,
                end_on=facts.year_end_on,
            )
        )
    if facts.valid_from < facts.today:
        found.append(blocker("shares.backdated", "valid_from", today=facts.today))
    if facts.valid_from <= facts.last_valid_from:
        found.append(
            blocker("shares.not_after_last", "valid_from", last_from=facts.last_valid_from)
        )
    return found


def ranked(holders: Sequence[Holder], made: Sequence[Derived]) -> tuple[Holder, ...]:
    """The holders with the shares that were derived for them, to find the lead among them."""
    units = {item.key: item.share_units for item in made}
    return tuple(
        replace(holder, share_units=units[holder.key]) for holder in holders if holder.key in units
    )


def even(count: int) -> tuple[int, ...]:
    """The whole in equal shares; what is left over goes to the first ones."""
    return split(WHOLE_UNITS, [1] * count)
