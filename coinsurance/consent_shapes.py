"""What the API answers about requests for consent, and about balances of a year's book. Fen, units.

Weights and reasons of peers are null where the reader may not see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from catalogue.subsidy_shapes import HistoryShape
from service.kernel.calendar import OpenTerm


@dataclass(frozen=True, slots=True)
class ConsentPartyShape:
    """A member asked: service, deadline, answer; weight and note null where masked."""

    uscc: str
    name: str
    position: int
    weight_units: int | None
    served_at: datetime | None
    served_how: str
    due_at: datetime | None
    due_open: OpenTerm | None
    answer: str
    answered_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """One row of the list of requests; `my_answer` is null where the reader was not asked."""

    number: str
    pool: str
    pool_year: str | None
    matter: str
    matter_zh: str
    subject_kind: str
    subject: str
    title: str
    status: str
    status_zh: str
    opened_at: datetime
    due_at: datetime | None
    my_answer: str | None


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """A page of requests, newest first; `next` is null on the last."""

    items: list[ConsentItem]
    next: str | None


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A request for consent, what it needs and where it stands."""

    number: str
    pool: str
    pool_year: str | None
    matter: str
    matter_zh: str
    subject_kind: str
    subject: str
    title: str
    rule: str
    rule_zh: str
    needed_count: int | None
    needed_units: int | None
    due_days: int | None
    due_calendar: str
    clause: str
    deemed_clause: str
    status: str
    status_zh: str
    revision: int
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    consenting: int
    refusing: int
    missing: int
    parties: list[ConsentPartyShape]
    history: list[HistoryShape]


@dataclass(frozen=True, slots=True)
class ConsentState:
    """Where a request stands after a step."""

    number: str
    status: str
    revision: int
    due_at: datetime | None
    consenting: int
    refusing: int
    missing: int


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """What stands on an account by a clause; `own_fen` in the account's own direction."""

    uscc: str | None
    name: str | None
    account: str
    kind: str
    title: str
    clause: str
    currency: str
    debit_fen: int
    credit_fen: int
    balance_fen: int
    own_fen: int


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A member's net position: debit positive, above zero it holds money of others."""

    uscc: str
    name: str
    currency: str
    position_fen: int


@dataclass(frozen=True, slots=True)
class BalancesShape:
    """Balances of a year's book; `sees_all` false: only the reader's own accounts."""

    pool_year: str
    book: str
    as_of: date | None
    as_known_at: datetime | None
    sees_all: bool
    rows: list[BalanceRow]
    positions: list[PositionRow]
