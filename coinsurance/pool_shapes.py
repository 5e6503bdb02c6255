"""What the API answers about pools, agreements, years, members and schedules. Fen, units.

Figures that the reader may not see are null: a follower sees its own share and capacity only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from catalogue.subsidy_shapes import HistoryShape, StepShape
from coinsurance.account_shapes import AccountChangeShape


@dataclass(frozen=True, slots=True)
class PoolYearItem:
    """A year of a pool."""

    number: str
    year: int
    status: str
    status_zh: str
    share_mode: str
    agreement: str
    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True)
class PoolItem:
    """One row of the list of pools."""

    code: str
    family: str
    name: str
    industry: str
    status: str
    status_zh: str
    revision: int
    years: int


@dataclass(frozen=True, slots=True)
class PoolPage:
    """A page of pools by code; `next` is null on the last."""

    items: list[PoolItem]
    next: str | None


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A pool: what it is for, under which agreement, and its years."""

    code: str
    family: str
    name: str
    industry: str
    status: str
    status_zh: str
    revision: int
    agreement: str | None
    agreement_title: str | None
    classes: list[str]
    years: list[PoolYearItem]
    steps: list[StepShape]
    history: list[HistoryShape]


@dataclass(frozen=True, slots=True)
class AgreementItem:
    """A version of an agreement in the list of its pool."""

    version: str
    title: str
    status: str
    status_zh: str
    valid_from: date
    valid_to: date | None
    hash: str
    resolution_number: str
    effective_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class ClauseShape:
    """A clause with its id, its value as data and in words; `example`: no public document says so.

    `clause` is what amounts computed by it cite.
    """

    key: str
    title: str
    clause: str
    text: str
    value: Any
    unit: str
    example: bool
    note: str


@dataclass(frozen=True, slots=True)
class ExampleShape:
    """A worked case of the agreement, and what the terms answer."""

    name: str
    source: str
    given: dict[str, Any]
    expect: dict[str, Any]
    got: dict[str, Any]
    passes: bool


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """An agreement version: clauses in words, worked cases with results, the vote on it."""

    pool: str
    version: str
    title: str
    status: str
    status_zh: str
    valid_from: date
    valid_to: date | None
    hash: str
    hash_fits: bool
    resolution_number: str
    effective_at: datetime | None
    revision: int
    consent_request: str | None
    clauses: list[ClauseShape]
    examples: list[ExampleShape]
    findings: list[dict[str, Any]]
    text: str
    steps: list[StepShape]
    history: list[HistoryShape]


@dataclass(frozen=True, slots=True)
class AgreementState:
    """Where a version stands after a step."""

    pool: str
    version: str
    status: str
    revision: int
    hash: str
    consent_request: str | None
    findings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A difference between two versions; `old` and `new` in words, empty where there was none."""

    part: str
    key: str
    title: str
    kind: str
    kind_zh: str
    old: str
    new: str
    old_clause: str
    new_clause: str


@dataclass(frozen=True, slots=True)
class PoolYearState:
    """Where a year stands after a step; warnings that were let pass."""

    number: str
    status: str
    revision: int
    findings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PoolYearRecord:
    """An underwriting year; `seat_roles` are the reader's own, `readiness` what signing lacks."""

    number: str
    pool: str
    pool_name: str
    industry: str
    year: int
    status: str
    status_zh: str
    revision: int
    agreement: str
    agreement_title: str
    share_mode: str
    share_mode_zh: str
    currency: str
    start_on: date
    end_on: date
    book: str
    members: int
    sees_all: bool
    seat_roles: list[str]
    schedule: str | None
    readiness: list[dict[str, Any]]
    steps: list[StepShape]
    history: list[HistoryShape]


@dataclass(frozen=True, slots=True)
class MemberShape:
    """A member of a year; capacity, use and account are null where the reader may not see them."""

    uscc: str
    name: str
    short_name: str
    position: int
    roles: list[str]
    roles_zh: list[str]
    status: str
    status_zh: str
    joined_on: date
    left_on: date | None
    excluded_classes: list[str]
    risk_capacity_fen: int | None
    event_capacity_fen: int | None
    aggregate_capacity_fen: int | None
    aggregate_used_fen: int | None
    aggregate_left_fen: int | None
    bank_account: str | None
    share_units: int | None
    revision: int
    consent_request: str | None
    steps: list[StepShape]


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One member with its past; `account_changes` for itself, the committee and the auditor."""

    pool_year: str
    is_own: bool
    member: MemberShape
    history: list[HistoryShape]
    account_changes: list[AccountChangeShape]


@dataclass(frozen=True, slots=True)
class MemberState:
    """Where a member stands after a step; `left_on` may lie ahead while it still is a member."""

    pool_year: str
    uscc: str
    status: str
    revision: int
    left_on: date | None
    consent_request: str | None
    findings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenAmount:
    """What a member owes another and has not paid; `late` on the day of the answer."""

    number: str
    kind: str
    creditor: str
    creditor_name: str
    amount_fen: int
    settled_fen: int
    open_fen: int
    due_on: date | None
    late: bool
    clause: str


@dataclass(frozen=True, slots=True)
class ShortfallShape:
    """What a defaulter left open, disclosed; charged to others by consent and resolution only.

    `consent_request`: the request on taking it over; `would_bear`: parts of the others, debt by
    debt, if they took it over by their signed shares; nothing of it is written (invariant 19).
    """

    pool_year: str
    uscc: str
    name: str
    status: str
    open_fen: int
    late_fen: int
    items: list[OpenAmount]
    consent_request: str | None
    consent_status: str | None
    clause: str
    would_bear: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ShortfallPartShape:
    """A member's part of one debt; `stands_in` false: the creditor's own, which stays unpaid.

    `exact` is the entitlement to date in its series of shares, `difference` what was allocated
    above it; shares and exact amounts of peers are null where the reader may not see them.
    """

    obligation: str
    kind: str
    uscc: str
    name: str
    creditor: str
    creditor_name: str
    stands_in: bool
    amount_fen: int
    share_units: int | None
    to_date_fen: int | None
    exact: str | None
    difference: str | None


@dataclass(frozen=True, slots=True)
class ShortfallChargeShape:
    """What others took over of a defaulter under a consent and a resolution, or its reversal."""

    number: str
    pool_year: str
    uscc: str
    name: str
    consent_request: str
    resolution_number: str
    amount_fen: int | None
    effective_on: date
    clause: str
    reason: str
    reversal_of: str | None
    reversed_by: str | None
    entry: str
    recorded_at: datetime
    parts: list[ShortfallPartShape]


@dataclass(frozen=True, slots=True)
class ShareShape:
    """A member's share; units, percent and basis are null where the reader may not see them.

    `exact_*`: the entitlement the units were rounded from.
    """

    uscc: str
    name: str
    position: int
    share_units: int | None
    share: str | None
    basis_weight: int | None


@dataclass(frozen=True, slots=True)
class ScheduleShape:
    """A schedule of shares; always the whole, whoever reads it."""

    number: str
    pool_year: str
    placement: str | None
    section: str | None
    mode: str
    valid_from: date
    status: str
    status_zh: str
    reason: str
    clause: str
    resolution_number: str
    effective_at: datetime | None
    recorded_at: datetime
    revision: int
    total_units: int
    consent_request: str | None
    shares: list[ShareShape]
    findings: list[dict[str, Any]] = field(default_factory=list)
    steps: list[StepShape] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SharesShape:
    """What was believed about the shares: as of a day, as known at a moment; null: nothing was."""

    pool_year: str
    as_of: date
    as_known_at: datetime
    placement: str | None
    section: str | None
    schedule: ScheduleShape | None


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """Schedules of a year, latest first; `next` is null on the last page."""

    items: list[ScheduleShape]
    next: str | None
