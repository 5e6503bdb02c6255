"""What the claim calculator answers. Amounts in fen; exact amounts as fractions in lowest terms."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from coinsurance.claim_backstop_shapes import BandShape
from coinsurance.claim_explain_shapes import DeadlineShape, StepShape


class SectionAnswer(msgspec.Struct, frozen=True):
    """What a section pays for an occurrence, step by step, and its aggregate afterwards.

    `reinstated_fen` of what it used was filled up again for `reinstatement_premium_fen`;
    `reinstatement_left_fen` is what may still be filled up.
    """

    code: str
    payable_fen: int
    over_fen: int
    aggregate_left_fen: int | None
    reinstated_fen: int
    reinstatement_premium_fen: int
    reinstatement_left_fen: int
    steps: list[StepShape]


class OccurrenceAnswer(msgspec.Struct, frozen=True):
    """An occurrence: salvage, average, deductible, payable and uncovered sum to the loss."""

    number: int
    loss_on: date | None
    gross_fen: int
    salvage_fen: int
    average_fen: int
    deductible_fen: int
    payable_fen: int
    uncovered_fen: int
    sections: list[SectionAnswer]


class PartAnswer(msgspec.Struct, frozen=True):
    """A member's part of a movement: exact entitlement to date, allocated to date, difference."""

    member: str
    units: int
    amount_fen: int
    to_date_fen: int
    exact: str
    exact_numerator: str
    exact_denominator: str
    difference: str


class MovementAnswer(msgspec.Struct, frozen=True):
    """A movement of a section with its parts and what followers then owe the handler."""

    number: int
    kind: str
    section: str
    amount_fen: int
    total_to_date_fen: int
    parts: list[PartAnswer]
    owed: dict[str, int]


class MemberAnswer(msgspec.Struct, frozen=True):
    """A member after all movements: paid, expenses, recovered, net, and where it stands.

    `position_fen` above zero: it owes the others; below: they owe it. Positions sum to zero.
    """

    member: str
    units: int
    paid_fen: int
    expense_fen: int
    recovered_fen: int
    net_fen: int
    position_fen: int


class DecisionAnswer(msgspec.Struct, frozen=True):
    """Whether the handler may decide alone; if not, where the members' consent stands."""

    amount_fen: int
    alone: bool
    basis: str
    amount_max_fen: int | None
    findings: list[dict[str, Any]]
    consent: str | None
    consenting: list[str]
    missing: list[str]
    weights: dict[str, int]


class BackstopAnswer(msgspec.Struct, frozen=True):
    """The bands before and after: pool, government and uncovered sum to the loss.

    `government_change_fen` is what this loss makes the government owe more; `members` shares it.
    """

    premium_fen: int
    loss_before_fen: int
    loss_fen: int
    pool_fen: int
    government_fen: int
    uncovered_fen: int
    government_change_fen: int
    uncovered_change_fen: int
    members: dict[str, int]
    bands: list[BandShape]


class InterestAnswer(msgspec.Struct, frozen=True):
    """Interest as of a day, exact, rounded once; the stretches of days it comes from."""

    principal_fen: int
    due_on: date | None
    as_of: date
    days: int
    amount_fen: int
    exact: str
    open_fen: int
    day_count: str
    segments: list[dict[str, Any]]


class ClaimAnswer(msgspec.Struct, frozen=True):
    """A claim worked through; parts that were not asked for are empty or null."""

    payable_fen: int
    agreed_fen: int
    paid_fen: int
    recovered_fen: int
    expense_fen: int
    joint_survey: bool | None
    cash_call: bool | None
    large_loss: bool | None
    rule: str
    occurrences: list[OccurrenceAnswer]
    movements: list[MovementAnswer]
    members: list[MemberAnswer]
    decision: DecisionAnswer | None
    deadlines: list[DeadlineShape]
    backstop: BackstopAnswer | None
    interest: list[InterestAnswer]
