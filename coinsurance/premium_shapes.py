"""What the API answers about premium. Amounts in fen, shares in units of 10^8, rates in ppm.

An exact amount is a fraction in lowest terms, as text: `100/3`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One part of a division: `part_fen` in this movement, `allocated_fen` to date."""

    position: int
    name: str
    weight: int
    exact: str
    exact_numerator: int
    exact_denominator: int
    allocated_fen: int
    difference: str
    part_fen: int


@dataclass(frozen=True, slots=True)
class SplitAnswer:
    """A division with its explanation. `whole` is the sum of the weights."""

    total_fen: int
    total_to_date_fen: int
    whole: int
    rule: str
    clause: str
    parts: list[SplitPart]
    history: list[list[int]]


class PartView(msgspec.Struct, frozen=True):
    """A member's part of a movement in one component; what it is to date, exactly and in fen."""

    member: str
    component: str
    component_name: str
    amount_fen: int
    to_date_fen: int
    exact: str
    difference: str
    clause: str


class DueView(msgspec.Struct, frozen=True):
    """What one member owes another; `due_on` null: the official calendar does not reach it yet."""

    kind: str
    kind_name: str
    debtor: str
    creditor: str
    amount_fen: int
    due_on: date | None
    due_days: int
    due_calendar: str
    clause: str


class MovementView(msgspec.Struct, frozen=True):
    """A movement with its parts and what it makes members owe each other."""

    number: int
    kind: str
    kind_name: str
    source: str
    amount_fen: int
    total_to_date_fen: int
    effective_on: date
    parts: list[PartView]
    obligations: list[DueView]


@dataclass(frozen=True, slots=True)
class PieceView:
    """Where weights come from: premium of some days of a section, by the schedule that holds."""

    section: str
    label: str
    from_on: date
    to_on: date
    days: int
    premium: str
    schedule: str
    units: dict[str, int]


@dataclass(frozen=True, slots=True)
class MemberTotals:
    """Where a member stands: premium and fees to date, exact entitlement, drift, net position.

    `position_fen` above zero: it holds money of others; below zero: others owe it.
    """

    member: str
    weight: int
    premium_fen: int
    exact: str
    difference: str
    components: dict[str, int]
    sources: dict[str, int]
    position_fen: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account of the book and its balance, debit positive."""

    account: str
    balance_fen: int


@dataclass(frozen=True, slots=True)
class PremiumAnswer:
    """A whole series: movements, members, weights and accounts after the last movement."""

    total_fen: int
    due_fen: int
    whole: int
    cover_from: date | None
    members: list[MemberTotals]
    movements: list[MovementView]
    pieces: list[PieceView]
    accounts: list[AccountView]


@dataclass(frozen=True, slots=True)
class EndorsementAnswer:
    """What an endorsement does to the premium, by days counted with the first and the last.

    `change` is exact, `change_fen` rounded; `refunds` says what goes back to each source.
    """

    period_days: int
    earned_days: int
    unearned_days: int
    earned: str
    change: str
    change_fen: int
    premium_after_fen: int
    refund_fen: int
    refunds: dict[str, int]
    day_convention: str
    movements: list[MovementView]


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """A refund by source and member; `mirror`: the source got everything back."""

    refunds: dict[str, int]
    paid_after: dict[str, int]
    movements: list[MovementView]
    members: list[MemberTotals]


@dataclass(frozen=True, slots=True)
class TakenAnswer:
    """Movements that were just taken up; `cover_from` null: cover has not begun."""

    placement: str
    cover_from: date | None
    total_to_date_fen: int | None
    movements: list[MovementView]


@dataclass(frozen=True, slots=True)
class EndorsementState:
    """An endorsement of a placement: what it changes, where it stands, who was asked.

    `consent` is the request for the members' consent, null where none was needed; `taken` what an
    issue gave back.
    """

    placement: str
    number: int
    kind: str
    method: str
    status: str
    status_name: str
    effective_on: date
    premium_change_fen: int
    sum_change_fen: int
    new_end_on: date | None
    section: str
    reason: str
    clause: str
    consent: str | None
    undoes: int | None
    revision: int
    taken: TakenAnswer | None = None


@dataclass(frozen=True, slots=True)
class ShareChangeState:
    """New shares of one section of a placement; units of 10^8 by credit code."""

    placement: str
    schedule: str
    section: str
    valid_from: date
    status: str
    status_name: str
    shares: dict[str, int]
    reason: str
    clause: str
    consent: str | None
    revision: int
