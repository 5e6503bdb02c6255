"""The series of premium movements of one placement: what each does to every member.

A series starts empty. `receive` takes up money received or given back, `reverse` mirrors one
movement, `change_shares` moves premium to the members of a new schedule. Each returns the movement
with its parts; `Held.plus` carries it into what is held. The database stores just these rows, so
that use cases, what-if, worked cases and `eastlake verify` reckon with the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from coinsurance.rules import accounts
from coinsurance.rules.accounts import AccountLine
from coinsurance.rules.exact import Exact, exact
from coinsurance.rules.fees import FeeBase, FeeTerms, fees_to_date
from coinsurance.rules.nouns import Component
from coinsurance.rules.premium import (
    check_refund,
    everybody,
    mirror,
    parts,
    share_change_parts,
)
from coinsurance.rules.premium_dues import Due, Remit, Roles, dues
from coinsurance.rules.premium_weights import Weights
from service.kernel.errors import Refused
from service.kernel.findings import blocker

POSTED: Mapping[Component, tuple[str, str]] = {
    Component.LEAD_FEE: ("lead_fee", "lead"),
    Component.LEAD_FEE_TAX: ("lead_fee_tax", "lead"),
    Component.BROKER_FEE: ("broker_fee", "issuer"),
    Component.ADMIN_FEE: ("admin_fee", "keeper"),
}
"""Recipe and holder's role of each component that moves money beside the premium."""

COMPONENTS: Mapping[str, Component] = {component.value: component for component in Component}
"""Components by their code."""

ByMember = Mapping[str, int]


class Part(NamedTuple):
    """A member's part of a movement; `to_date_fen` and `exact` include it. Fen."""

    member: str
    component: Component
    amount_fen: int
    to_date_fen: int
    exact: Exact
    clause: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of premium from one funding source and the parts of its members."""

    kind: str
    source: str
    amount_fen: int
    effective_on: date
    parts: tuple[Part, ...]

    def by(self, component: Component) -> dict[str, int]:
        """Fen of one component by member."""
        return {p.member: p.amount_fen for p in self.parts if p.component is component}

    @property
    def moves(self) -> bool:
        """Whether anybody's premium or fees change."""
        return any(p.amount_fen for p in self.parts if p.component is not Component.PREMIUM_TAX)


@dataclass(frozen=True, slots=True)
class Held:
    """What every member holds so far, by funding source and component; net receipts by source."""

    net: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[tuple[str, Component], ByMember] = field(default_factory=dict)

    @property
    def total_fen(self) -> int:
        """Premium received to date, all sources."""
        return sum(self.net.values())

    def all_of(self, component: Component) -> dict[str, int]:
        """Fen of one component by member, over all sources."""
        found: dict[str, int] = {}
        for (_, kind), held in self.parts.items():
            if kind is component:
                for member, fen in held.items():
                    found[member] = found.get(member, 0) + fen
        return found

    def of(self, source: str, component: Component) -> ByMember:
        """Fen of one component and source by member."""
        return self.parts.get((source, component), {})

    def plus(self, movement: Movement) -> Held:
        """What is held after a movement."""
        moved: dict[Component, dict[str, int]] = {}
        for part in movement.parts:
            own = moved.get(part.component)
            if own is None:
                own = moved[part.component] = dict(self.of(movement.source, part.component))
            own[part.member] = own.get(part.member, 0) + part.amount_fen
        held = {**self.parts, **{(movement.source, c): own for c, own in moved.items()}}
        net = dict(self.net)
        net[movement.source] = net.get(movement.source, 0) + movement.amount_fen
        return Held(net, held)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the movements of a placement rest on: shares, fees, remittance and their clauses."""

    roles: Roles
    fees: FeeTerms = field(default_factory=FeeTerms)
    remit: Remit = field(default_factory=Remit)
    share_clause: str = ""
    refund_clause: str = ""


def receive(
    held: Held, weights: Weights, terms: Terms, source: str, amount_fen: int, on: date
) -> Movement:
    """Take up money received (above zero) or given back (below zero) of one source.

    Refused (premium.refund_above_paid) when a source would get more than it paid.
    """
    _check_source(held, terms, source, amount_fen)
    if amount_fen < 0 and held.net.get(source, 0) + amount_fen == 0:
        given = {c: mirror(held.of(source, c)) for c in Component if held.of(source, c)}
        return _movement(held, weights, terms, "receipt", source, amount_fen, on, given, True)
    total = held.total_fen + amount_fen
    own = {Component.PREMIUM: parts(total, weights, held.all_of(Component.PREMIUM))}
    return _movement(held, weights, terms, "receipt", source, amount_fen, on, own)


def reverse(held: Held, weights: Weights, terms: Terms, original: Movement, on: date) -> Movement:
    """The exact mirror of a movement, in every component; its entitlements are those after it.

    Refused: premium.reversal_of_reversal, premium.reversal_before_original.
    """
    if original.kind == "reversal":
        raise Refused([blocker("premium.reversal_of_reversal", "number", terms.refund_clause)])
    if on < original.effective_on:
        raise Refused(
            [
                blocker(
                    "premium.reversal_before_original",
                    "effective_on",
                    terms.refund_clause,
                    day=original.effective_on,
                )
            ]
        )
    amount = -original.amount_fen
    _check_source(held, terms, original.source, amount)
    given = {c: mirror(original.by(c)) for c in Component if original.by(c)}
    return _movement(held, weights, terms, "reversal", original.source, amount, on, given, True)


def _check_source(held: Held, terms: Terms, source: str, amount_fen: int) -> None:
    paid = held.net.get(source, 0)
    if paid + amount_fen < 0:
        refund = {source: -amount_fen}
        raise Refused(check_refund({source: paid}, refund, terms.refund_clause))


def change_shares(held: Held, weights: Weights, terms: Terms, on: date) -> list[Movement]:
    """Move premium between members after a change of shares: one movement for each source.

    Every one sums to zero; only those that move something are returned.
    """
    moved = share_change_parts(
        {source: net for source, net in held.net.items() if net},
        weights,
        {source: held.of(source, Component.PREMIUM) for source in held.net},
    )
    found: list[Movement] = []
    for source, own in moved.items():
        movement = _movement(
            held, weights, terms, "share_change", source, 0, on, {Component.PREMIUM: own}
        )
        if movement.moves:
            found.append(movement)
            held = held.plus(movement)
    return found


def _movement(
    held: Held,
    weights: Weights,
    terms: Terms,
    kind: str,
    source: str,
    amount_fen: int,
    on: date,
    given: Mapping[Component, ByMember],
    mirrors: bool = False,
) -> Movement:
    """Premium as given; fees as given, else by their own bases to date."""
    before = held.all_of(Component.PREMIUM)
    own = given.get(Component.PREMIUM, {})
    members = everybody(weights, before, own)
    to_date = {m: before.get(m, 0) + own.get(m, 0) for m in members}
    total, whole = held.total_fen + amount_fen, weights.whole
    weight = dict(zip(weights.members, weights.weights, strict=True))
    rows = [
        Part(
            member,
            Component.PREMIUM,
            own.get(member, 0),
            to_date[member],
            exact(total * weight.get(member, 0), whole),
            terms.share_clause,
        )
        for member in members
    ]
    rows += _fee_parts(held, terms, FeeBase(terms.roles.lead, to_date, weight), given, mirrors)
    return Movement(kind, source, amount_fen, on, tuple(rows))


def _fee_parts(
    held: Held,
    terms: Terms,
    base: FeeBase,
    given: Mapping[Component, ByMember],
    mirrors: bool,
) -> list[Part]:
    so_far = {component: held.all_of(component) for component in Component}
    rows: dict[tuple[str, Component], Part] = {}
    for fee in fees_to_date(terms.fees, base):
        before = so_far[fee.component].get(fee.member, 0)
        fen = fee.to_date_fen - before
        if mirrors:
            fen = given.get(fee.component, {}).get(fee.member, 0)
        rows[fee.member, fee.component] = Part(
            fee.member,
            fee.component,
            fen,
            before + fen,
            fee.exact,
            terms.fees.clause(fee.component),
        )
    for component, own in given.items():
        if component is Component.PREMIUM:
            continue
        for member, fen in own.items():
            if (member, component) not in rows:
                before = so_far[component].get(member, 0)
                rows[member, component] = Part(
                    member,
                    component,
                    fen,
                    before + fen,
                    Exact(0),
                    terms.fees.clause(component),
                )
    return list(rows.values())


def lines(movement: Movement, terms: Terms, memo: str = "") -> list[AccountLine]:
    """The ledger lines of a movement: premium, then every fee that moves money."""
    premium = "share_change" if movement.kind == "share_change" else "premium"
    found = accounts.recipe(
        premium,
        movement.by(Component.PREMIUM),
        holder=terms.roles.issuer,
        source=movement.source,
        clause=terms.share_clause,
        memo=memo,
    )
    for component, (name, role) in POSTED.items():
        own = movement.by(component)
        if any(own.values()):
            found += accounts.recipe(
                name,
                own,
                holder=getattr(terms.roles, role),
                clause=terms.fees.clause(component),
                memo=memo,
            )
    return found


def debts(movement: Movement, terms: Terms) -> list[Due]:
    """What the movement makes members owe each other."""
    charges: dict[str, dict[Component, int]] = {}
    for part in movement.parts:
        if part.component is not Component.PREMIUM_TAX:
            charges.setdefault(part.member, {})[part.component] = part.amount_fen
    return dues(
        charges,
        terms.roles,
        terms.remit,
        movement.effective_on,
        terms.fees.clauses,
        adjustment=movement.kind == "share_change",
    )


def held_after(movements: Iterable[Movement]) -> Held:
    """What is held after movements, in their order."""
    held = Held()
    for movement in movements:
        held = held.plus(movement)
    return held


def drift(movement: Movement) -> dict[str, Fraction]:
    """Each member's premium to date above (or below) its exact entitlement after a movement."""
    return {
        p.member: p.exact.gap(p.to_date_fen).fraction
        for p in movement.parts
        if p.component is Component.PREMIUM
    }


def is_mirror(movement: Movement, before: Held) -> bool:
    """Whether a movement copies earlier parts instead of dividing anew.

    After a mirror in the middle of a series a drift may reach one fen and more, until the next
    movement that divides takes it up; every other movement leaves less than one fen.
    """
    whole = movement.amount_fen < 0 and not (
        before.net.get(movement.source, 0) + movement.amount_fen
    )
    return movement.kind == "reversal" or whole
