"""What the API answers about banks, breaks, bordereaux, obligations, calculators. Fen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from coinsurance.settlement_shapes import (
    CircleShape,
    InstructionShape,
    ItemSumShape,
    MemberShape,
    PositionShape,
)


@dataclass(frozen=True, slots=True)
class BankRowShape:
    """A row of a bank file and what came of it."""

    row: int
    bank_reference: str
    reference: str
    payer_name: str
    payee_name: str
    amount_fen: int
    value_on: date
    verdict: str
    verdict_zh: str
    booked_fen: int
    failure: str


@dataclass(frozen=True, slots=True)
class BankFileShape:
    """A bank file as it was taken in."""

    number: str
    pool_year: str
    name: str
    hash: str
    encoding: str
    rows: list[BankRowShape]
    booked_fen: int
    breaks: list[str]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BankFileItem:
    """One row of a list of bank files."""

    number: str
    name: str
    hash: str
    rows: int
    booked_fen: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SuggestionShape:
    """What may explain a break; never applied by itself."""

    code: str
    zh: str
    en: str
    references: list[str]


@dataclass(frozen=True, slots=True)
class BreakShape:
    """A difference, open until a named person explains it."""

    number: str
    pool_year: str
    code: str
    code_zh: str
    reference: str
    member: MemberShape | None
    expected_fen: int | None
    stated_fen: int | None
    banked_fen: int | None
    difference_fen: int
    status: str
    status_zh: str
    revision: int
    suggestions: list[SuggestionShape]
    explanation: str
    explained_by: str | None
    explained_at: datetime | None
    found_at: datetime


@dataclass(frozen=True, slots=True)
class BreakPage:
    """A page of breaks, newest first; `next` is null on the last."""

    items: list[BreakShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class ReconciliationShape:
    """Three sides compared, without tolerance."""

    pool_year: str
    until_on: date
    matched: int
    expected_fen: int
    stated_fen: int
    banked_fen: int
    open: int
    breaks: list[BreakShape]


@dataclass(frozen=True, slots=True)
class BordereauLineShape:
    """One line of a member's list with its verdict."""

    row: int | None
    verdict: str
    verdict_zh: str
    line: int | None
    reference: str
    own_reference: str
    policy: str
    item: str
    stated_fen: int | None
    uploaded_fen: int | None
    fields: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class BordereauShape:
    """A member's list compared with its statement."""

    number: str
    statement: str
    member: MemberShape
    name: str
    hash: str
    matched: int
    altered: int
    extra: int
    missing: int
    difference_fen: int
    recorded_at: datetime
    lines: list[BordereauLineShape] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ObligationShape:
    """What one member owes another; open = amount − settled − disputed − struck off."""

    number: str
    pool_year: str
    kind: str
    kind_zh: str
    debtor: MemberShape
    creditor: MemberShape
    amount_fen: int
    settled_fen: int
    disputed_fen: int
    struck_fen: int
    open_fen: int
    arose_on: date
    due_on: date | None
    due_days: int
    due_calendar: str
    days_late: int | None
    bucket: str
    clause: str
    status: str


@dataclass(frozen=True, slots=True)
class ObligationPage:
    """A page of obligations, newest first."""

    items: list[ObligationShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class AgeingShape:
    """One debtor towards one creditor by days late."""

    debtor: MemberShape
    creditor: MemberShape
    buckets: dict[str, int]
    total_fen: int


@dataclass(frozen=True, slots=True)
class AgeingTable:
    """Ageing of a pool year on a day; bucket codes with their Chinese names."""

    pool_year: str
    on: date
    buckets_zh: dict[str, str]
    rows: list[AgeingShape]
    total_fen: int


@dataclass(frozen=True, slots=True)
class RemindedShape:
    """Reminders that were written; a stage is reminded once."""

    pool_year: str
    on: date
    reminded: int
    obligations: list[str]


@dataclass(frozen=True, slots=True)
class SegmentShape:
    """Days with one principal and one rate."""

    after_on: date
    until_on: date
    days: int
    principal_fen: int
    rate_ppm: int
    exact: str


@dataclass(frozen=True, slots=True)
class InterestAnswer:
    """Interest with its segments; rounded once."""

    amount_fen: int
    exact: str
    days: int
    open_fen: int
    day_count: str
    segments: list[SegmentShape]


@dataclass(frozen=True, slots=True)
class InterestCharge:
    """Interest booked on an obligation: to date less what was charged before."""

    obligation: str
    interest_obligation: str | None
    until_on: date
    charged_fen: int
    to_date_fen: int
    clause: str
    calculation: InterestAnswer


@dataclass(frozen=True, slots=True)
class PairShape:
    """What two members owe each other; net above zero: the first pays the second."""

    first: str
    second: str
    first_owes_fen: int
    second_owes_fen: int
    net_fen: int


@dataclass(frozen=True, slots=True)
class NettingAnswer:
    """What would be paid, with the proof."""

    method: str
    gross_fen: int
    cash_fen: int
    saved_fen: int
    sum_fen: int
    before: list[PositionShape]
    after: list[PositionShape]
    bilateral: list[PairShape]
    instructions: list[InstructionShape]
    circles: list[CircleShape]


@dataclass(frozen=True, slots=True)
class ThreeWayAnswer:
    """What reconciles and what does not."""

    matched: list[str]
    breaks: list[BreakAnswer]
    totals_fen: dict[str, int]
    clean: bool


@dataclass(frozen=True, slots=True)
class BreakAnswer:
    """A break of a comparison that is not stored."""

    code: str
    code_zh: str
    reference: str
    expected_fen: int | None
    stated_fen: int | None
    banked_fen: int | None
    difference_fen: int
    suggestions: list[SuggestionShape]


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """One period of a calculated statement."""

    brought_forward_fen: int
    items: list[ItemSumShape]
    items_fen: int
    settled_fen: int
    carried_forward_fen: int
    disputed_fen: int
    ordinary_fen: int


@dataclass(frozen=True, slots=True)
class StatementAnswer:
    """Statements of several periods, one after the other."""

    periods: list[StatementFigures]
