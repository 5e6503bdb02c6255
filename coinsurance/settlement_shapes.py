"""What the API answers about statements, disputes and runs. Fen; positive: the member owes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from catalogue.subsidy_shapes import HistoryShape, StepShape


@dataclass(frozen=True, slots=True)
class MemberShape:
    """A party of a pool year."""

    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemSumShape:
    """The lines of one type."""

    item: str
    item_zh: str
    lines: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class StatementItem:
    """One row of a list of statements."""

    number: str
    pool_year: str
    period: str
    member: MemberShape
    status: str
    status_zh: str
    brought_forward_fen: int
    items_fen: int
    settled_fen: int
    carried_forward_fen: int
    disputed_fen: int
    lines: int
    hash: str
    issued_at: datetime | None
    answer_due_on: date | None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of statements, newest first; `next` is null on the last."""

    items: list[StatementItem]
    next: str | None


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """A statement: brought forward + items − settled = carried forward.

    `ordinary_fen` is what of it nobody disputes. The seal fixes the lines.
    """

    number: str
    pool_year: str
    period: str
    period_number: str
    edition: int
    replaces: str | None
    member: MemberShape
    status: str
    status_zh: str
    revision: int
    agreement: str
    brought_forward_fen: int
    items: list[ItemSumShape]
    items_fen: int
    settled_fen: int
    carried_forward_fen: int
    disputed_fen: int
    ordinary_fen: int
    open_fen: int
    lines: int
    hash: str
    seal_number: int
    seal_hash: str
    issued_at: datetime | None
    answer_due_on: date | None
    steps: list[StepShape]
    history: list[HistoryShape]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line with everything it is about (POOLS complaint 1)."""

    line: int
    reference: str
    entry: str
    effective_on: date
    period: str
    late: bool
    item: str
    item_zh: str
    account: str
    title: str
    amount_fen: int
    insured: str | None
    policy: str | None
    placement: str | None
    cover_from: date | None
    cover_to: date | None
    claim: str | None
    loss_on: date | None
    share_units: int | None
    clause: str
    our_reference: str
    own_reference: str | None
    dispute: str | None
    dispute_status: str | None


@dataclass(frozen=True, slots=True)
class StatementLines:
    """Lines of a statement in the order of the book; `next` is null on the last page."""

    items: list[StatementLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class PeriodShape:
    """A statement period of a pool year."""

    number: str
    period: str
    edition: int
    status: str
    status_zh: str
    revision: int
    statements: int
    approved: int
    agreed: int
    seal_number: int
    hash: str
    prepared_at: datetime
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class RungShape:
    """A level of the ladder that a dispute reached."""

    level: int
    name: str
    started_on: date
    due_on: date | None
    days: int
    calendar: str


@dataclass(frozen=True, slots=True)
class DisputeShape:
    """A dispute over one line."""

    number: str
    pool_year: str
    statement: str
    line: int
    entry: str
    member: MemberShape
    counterparty: MemberShape
    amount_fen: int
    reason: str
    status: str
    status_zh: str
    revision: int
    level: int
    level_due_on: date | None
    may_escalate: bool
    held_fen: int
    outcome: str
    opened_at: datetime
    closed_at: datetime | None
    rungs: list[RungShape]
    steps: list[StepShape]


@dataclass(frozen=True, slots=True)
class DisputePage:
    """A page of disputes, newest first."""

    items: list[DisputeShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class PositionShape:
    """What a member owes and is owed; positive net: it pays on balance."""

    member: str
    payable_fen: int
    receivable_fen: int
    net_fen: int


@dataclass(frozen=True, slots=True)
class DischargeShape:
    """How much of a debt something pays off."""

    reference: str
    amount_fen: int
    chain: int
    hop: int


@dataclass(frozen=True, slots=True)
class InstructionShape:
    """A payment with the debts it discharges."""

    number: int
    reference: str
    payer: str
    payer_name: str
    payee: str
    payee_name: str
    amount_fen: int
    paid_fen: int
    status: str
    failure: str
    discharges: list[DischargeShape]


@dataclass(frozen=True, slots=True)
class CircleShape:
    """Debts that cancel each other without cash."""

    amount_fen: int
    discharges: list[DischargeShape]


@dataclass(frozen=True, slots=True)
class RunShape:
    """A settlement run with its proof: positions before and after are the same, summing to zero."""

    number: str
    pool_year: str
    method: str
    method_zh: str
    clause: str
    due_until: date
    status: str
    status_zh: str
    revision: int
    gross_fen: int
    cash_fen: int
    sum_fen: int
    before: list[PositionShape]
    after: list[PositionShape]
    circles: list[CircleShape]
    instructions: list[InstructionShape]
    hash: str
    file_hash: str
    steps: list[StepShape]


@dataclass(frozen=True, slots=True)
class RunItem:
    """One row of a list of runs."""

    number: str
    pool_year: str
    method: str
    due_until: date
    status: str
    status_zh: str
    gross_fen: int
    cash_fen: int
    instructions: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of runs, newest first."""

    items: list[RunItem]
    next: str | None
