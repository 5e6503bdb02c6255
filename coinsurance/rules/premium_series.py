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
from coinsurance.rules.exact import Exact, exacts
from coinsurance.rules.fees import FeeBase, FeeColumn, FeeTerms, fee_columns
from coinsurance.rules.nouns import Component
from coinsurance.rules.premium import (
    check_refund,
    everybody,
    mirror,
    parts,
    share_change_parts,
)
from coinsurance.rules.premium_dues import CHARGED, Due, Remit, Roles, dues
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


class Column(NamedTuple):
    """One component of a movement, all members of it in their order: fen, fen to date, exact.

    `above` and `below`: the exact entitlements to date as `rules.exact.exacts` gives them.
    """

    component: Component
    clause: str
    members: tuple[str, ...]
    fen: tuple[int, ...]
    to_date_fen: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]

    def parts(self) -> list[Part]:
        """Every member's part of it."""
        return [
            Part(member, self.component, fen, to_date, Exact(above, below), self.clause)
            for member, fen, to_date, above, below in zip(*self[2:], strict=True)
        ]


def columns_of(parts: Iterable[Part]) -> tuple[Column, ...]:
    """Parts as columns, one for each component and clause, in the order of the parts."""
    found: dict[tuple[Component, str], list[Part]] = {}
    for part in parts:
        found.setdefault((part.component, part.clause), []).append(part)
    return tuple(
        Column(
            *key,
            tuple(part.member for part in own),
            tuple(part.amount_fen for part in own),
            tuple(part.to_date_fen for part in own),
            tuple(part.exact.above for part in own),
            tuple(part.exact.below for part in own),
        )
        for key, own in found.items()
    )


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of premium from one funding source and what every member has of it.

    Kept by component, since eighteen members make seventy parts that are all made, written and
    shown alike.
    """

    kind: str
    source: str
    amount_fen: int
    effective_on: date
    columns: tuple[Column, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every member's part of every component."""
        return tuple(part for column in self.columns for part in column.parts())

    def by(self, component: Component) -> dict[str, int]:
        """Fen of one component by member."""
        found: dict[str, int] = {}
        for column in self.columns:
            if column.component is component:
                found.update(zip(column.members, column.fen, strict=True))
        return found

    @property
    def moves(self) -> bool:
        """Whether anybody's premium or fees change."""
        return any(
            any(column.fen)
            for column in self.columns
            if column.component is not Component.PREMIUM_TAX
        )


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
            if kind is component and found:
                for member, fen in held.items():
                    found[member] = found.get(member, 0) + fen
            elif kind is component:
                found = dict(held)
        return found

    def of(self, source: str, component: Component) -> ByMember:
        """Fen of one component and source by member."""
        return self.parts.get((source, component), {})

    def plus(self, movement: Movement) -> Held:
        """What is held after a movement."""
        held = dict(self.parts)
        for column in movement.columns:
            key = movement.source, column.component
            own = held[key] = dict(held.get(key, {}))
            for member, fen in zip(column.members, column.fen, strict=True):
                own[member] = own.get(member, 0) + fen
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
    fens = tuple([own.get(m, 0) for m in members])
    to_date = {m: before.get(m, 0) + fen for m, fen in zip(members, fens, strict=True)}
    total = held.total_fen + amount_fen
    weight = dict(zip(weights.members, weights.weights, strict=True))
    entitled = exacts([total * weight.get(m, 0) for m in members], weights.whole)
    premium = Column(
        Component.PREMIUM, terms.share_clause, members, fens, tuple(to_date.values()), *entitled
    )
    base = FeeBase(terms.roles.lead, to_date, weight)
    fees = _fee_columns(held, terms, base, given if mirrors else None)
    return Movement(kind, source, amount_fen, on, (premium, *fees))


def _fee_columns(
    held: Held, terms: Terms, base: FeeBase, mirrored: Mapping[Component, ByMember] | None
) -> list[Column]:
    """Fees by their bases to date, or as `mirrored` says; these also of members without a base."""
    reckoned = fee_columns(terms.fees, base)
    known = {Component.PREMIUM, *(column.component for column in reckoned)}
    reckoned += [FeeColumn(c, (), (), (), ()) for c in mirrored or () if c not in known]
    found = []
    for component, members, due, above, below in reckoned:
        before = held.all_of(component)
        if mirrored is None:
            fens = tuple([d - before.get(m, 0) for m, d in zip(members, due, strict=True)])
        else:
            own = mirrored.get(component, {})
            more = tuple([member for member in own if member not in members])
            members += more
            above, below = above + (0,) * len(more), below + (1,) * len(more)
            fens = tuple([own.get(m, 0) for m in members])
            due = tuple([before.get(m, 0) + f for m, f in zip(members, fens, strict=True)])
        clause = terms.fees.clause(component)
        found.append(Column(component, clause, members, fens, due, above, below))
    return found


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
    return dues(
        {component: movement.by(component) for component in CHARGED},
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
        part.member: part.exact.gap(part.to_date_fen).fraction
        for column in movement.columns
        if column.component is Component.PREMIUM
        for part in column.parts()
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
