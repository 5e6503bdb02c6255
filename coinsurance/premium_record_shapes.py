"""What readers of pool premium see: parts, explanations, balances. Amounts in fen.

An exact amount is a fraction in lowest terms, as text: `100/3`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from coinsurance.premium_shapes import EndorsementState


@dataclass(frozen=True, slots=True)
class PartRow:
    """A member's part of one movement in one component, and its standing after it."""

    movement: int
    kind: str
    kind_name: str
    source: str
    effective_on: date
    reference: str
    uscc: str
    name: str
    component: str
    component_name: str
    amount_fen: int
    to_date_fen: int
    exact: str
    difference: str
    clause: str


@dataclass(frozen=True, slots=True)
class PartPage:
    """A page of parts in the order they were made."""

    items: list[PartRow]
    next: str | None


@dataclass(frozen=True, slots=True)
class SourceTotal:
    """What a funding source paid net of refunds, over the whole placement."""

    source: str
    net_fen: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """One stretch of days in a member's entitlement.

    Premium that lies on those days × the member's share: `premium` and `contribution` exact.
    """

    section: str
    label: str
    from_on: date
    to_on: date
    days: int
    premium: str
    schedule: str
    share_units: int
    contribution: str
    clause: str


@dataclass(frozen=True, slots=True)
class FeeTotal:
    """A fee or tax of a member to date with the clause it rests on."""

    component: str
    component_name: str
    to_date_fen: int
    exact: str
    difference: str
    clause: str


@dataclass(frozen=True, slots=True)
class MemberExplanation:
    """Why a member has what it has: entitlement, allocated, difference, in whose account it is.

    `exact` = received to date × `weight` ÷ `whole`. `drift_account` carries the difference: it is
    less than one fen after every movement that divides, and shows who is ahead at present.
    """

    uscc: str
    name: str
    position: int
    weight: int
    whole: int
    exact: str
    allocated_fen: int
    difference: str
    drift_account: str
    sources: dict[str, int]
    contributions: list[Contribution]
    fees: list[FeeTotal]
    clause: str


@dataclass(frozen=True, slots=True)
class PremiumExplanation:
    """The premium of a placement: what is due and received, and every visible member's part."""

    placement: str
    pool_year: str
    agreement: str
    due_fen: int
    received_fen: int
    sources: list[SourceTotal]
    cover_from: date | None
    cover_condition: str
    rule: str
    day_convention: str
    remittance: str
    members: list[MemberExplanation]


@dataclass(frozen=True, slots=True)
class EndorsementList:
    """The endorsements of a placement, in order."""

    items: list[EndorsementState]


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A sum of parts for one key: member, policy, source, clause or component."""

    key: str
    label: str
    component: str
    component_name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class BalanceList:
    """Balances of a pool year's premium by one key, as of a day."""

    pool_year: str
    by: str
    as_of: date
    items: list[BalanceRow]
