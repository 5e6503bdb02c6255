"""What the API answers about claims. Amounts in fen, shares in units of 10^8, rates in ppm.

An exact amount is a fraction in lowest terms, as text: `100/3`. Figures that the reader may not see
are left out: a follower sees totals and its own parts, the insured sees no reserve.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from catalogue.subsidy_shapes import HistoryShape, StepShape


class Party(msgspec.Struct, frozen=True):
    """An organisation by code and name."""

    uscc: str
    name: str


class PartShape(msgspec.Struct, frozen=True):
    """A member's part of a movement: exact entitlement to date, allocated, difference."""

    uscc: str
    name: str
    share_units: int
    amount_fen: int
    to_date_fen: int
    exact: str
    difference: str
    reserve_fen: int
    called_fen: int


class OwedShape(msgspec.Struct, frozen=True):
    """What one member owes another because of a movement; `due_on` null: see `waiting_zh`."""

    number: str
    kind: str
    debtor: str
    creditor: str
    amount_fen: int
    due_on: date | None
    due_days: int
    due_calendar: str
    clause: str
    waiting_zh: str = ""


class MovementShape(msgspec.Struct, frozen=True):
    """A movement as it was written, with the parts and debts the reader may see."""

    number: int
    kind: str
    section: str
    amount_fen: int
    cost_fen: int
    reserve_change_fen: int
    effective_on: date
    reference: str
    charge: str
    reversal_of: int | None
    clause: str
    parts: list[PartShape]
    obligations: list[OwedShape]


class ClaimState(msgspec.Struct, frozen=True):
    """A claim after a step. `findings`: warnings that were let pass."""

    number: str
    status: str
    status_zh: str
    revision: int
    assessed_fen: int
    agreed_fen: int | None
    paid_fen: int
    left_fen: int
    reserve_fen: int
    expense_fen: int
    recovered_fen: int
    payment_due_on: date | None = None
    consent_request: str | None = None
    movement: MovementShape | None = None
    findings: list[dict[str, Any]] = []


class ClaimItem(msgspec.Struct, frozen=True):
    """A row of the list of claims."""

    number: str
    status: str
    status_zh: str
    placement: str | None
    policy_number: str
    pool_year: str | None
    insured: str
    handler: str
    loss_on: date
    reported_at: datetime
    cause: str
    event: str
    flags: list[str]
    estimate_fen: int
    agreed_fen: int | None
    paid_fen: int
    reserve_fen: int | None
    recovered_fen: int
    own_paid_fen: int | None


class ClaimPage(msgspec.Struct, frozen=True):
    """A page of claims, newest first; `next` is null on the last."""

    items: list[ClaimItem]
    next: str | None


class ShareShape(msgspec.Struct, frozen=True):
    """A member's share of a section and its parts to date; null: not told to the insured."""

    uscc: str
    name: str
    share_units: int
    paid_fen: int
    reserve_fen: int | None
    expense_fen: int | None
    recovered_fen: int | None


class SectionShape(msgspec.Struct, frozen=True):
    """A section or layer of a claim: limits of the loss day, schedule, money, shares seen."""

    code: str
    title: str
    layer: bool
    attachment_fen: int
    limit_fen: int
    aggregate_fen: int | None
    aggregate_left_fen: int | None
    schedule: str | None
    assessed_fen: int
    agreed_fen: int | None
    paid_fen: int
    left_fen: int
    reserve_fen: int | None
    expense_fen: int | None
    recovered_fen: int
    shares: list[ShareShape]


class NoticeShape(msgspec.Struct, frozen=True):
    """A notice to a member: when due, sent, served, acknowledged; late or not as judged now."""

    uscc: str
    name: str
    kind: str
    kind_zh: str
    round: int
    state: str
    late: bool
    due_on: date | None
    sent_at: datetime | None
    served_at: datetime | None
    served_how: str
    acknowledged_at: datetime | None
    clause: str
    text: str


class AttendanceShape(msgspec.Struct, frozen=True):
    """Who came to a survey."""

    uscc: str
    name: str
    status: str
    status_zh: str
    person: str
    note: str


class SurveyShape(msgspec.Struct, frozen=True):
    """A survey that was held."""

    number: int
    held_on: date
    place: str
    surveyor: str
    joint: bool
    summary: str
    report: int | None
    attendance: list[AttendanceShape]


class AssessmentShape(msgspec.Struct, frozen=True):
    """A version of the calculation with facts, steps and hash."""

    number: int
    payable_fen: int
    content: dict[str, Any]
    hash: str
    by: str
    recorded_at: datetime


class DecisionShape(msgspec.Struct, frozen=True):
    """A decision and what it rests on."""

    number: int
    kind: str
    basis: str
    basis_zh: str
    amount_fen: int
    clause: str
    consent_request: str | None
    reason: str
    by: str
    recorded_at: datetime


class CallPartShape(msgspec.Struct, frozen=True):
    """A member's part of a cash call: asked, received, used by payments."""

    uscc: str
    name: str
    amount_fen: int
    received_fen: int
    used_fen: int
    obligation: str | None


class CallShape(msgspec.Struct, frozen=True):
    """A cash call with its parts."""

    number: str
    section: str
    status: str
    status_zh: str
    amount_fen: int
    due_on: date | None
    clause: str
    note: str
    parts: list[CallPartShape]


class PayeeShape(msgspec.Struct, frozen=True):
    """For whom and to whom a payment went; the account is masked for all but the handler."""

    movement: int
    beneficiary_kind: str
    beneficiary: str
    payee: str
    account: str
    bank_name: str
    amount_fen: int
    reversed: bool
    override: int | None


class FileShape(msgspec.Struct, frozen=True):
    """A document of a claim."""

    document: int
    kind: str
    name: str
    hash: str
    recorded_at: datetime


class AlertShape(msgspec.Struct, frozen=True):
    """A large loss: what it came to when it passed the agreement's threshold."""

    claim: str
    pool_year: str
    insured: str
    loss_on: date
    cause: str
    amount_fen: int
    threshold_fen: int
    incurred_fen: int
    clause: str
    raised_at: datetime
    read_at: datetime | None
    read_by: str | None


class AlertPage(msgspec.Struct, frozen=True):
    """Large losses, newest first; `unread` counts those nobody of the committee has read."""

    unread: int
    items: list[AlertShape]
    next: str | None


class ClaimRecord(msgspec.Struct, frozen=True):
    """A claim with everything the reader may see. `is_own`: the reader's firm handles it."""

    number: str
    status: str
    status_zh: str
    revision: int
    placement: str | None
    policy: int
    policy_number: str
    pool_year: str | None
    insured: Party
    handler: Party
    loss_on: date
    reported_at: datetime
    reporter: str
    place: str
    cause: str
    description: str
    event: str
    flags: list[str]
    estimate_fen: int
    registered_on: date | None
    agreed_on: date | None
    payment_due_on: date | None
    closed_on: date | None
    assessed_fen: int
    agreed_fen: int | None
    paid_fen: int
    left_fen: int
    reserve_fen: int | None
    expense_fen: int | None
    recovered_fen: int
    consent_request: str | None
    sees_all: bool
    is_own: bool
    sections: list[SectionShape]
    movements: list[MovementShape]
    payees: list[PayeeShape]
    notices: list[NoticeShape]
    surveys: list[SurveyShape]
    assessments: list[AssessmentShape]
    decisions: list[DecisionShape]
    cash_calls: list[CallShape]
    files: list[FileShape]
    alert: AlertShape | None
    steps: list[StepShape]
    history: list[HistoryShape]


class NoticeState(msgspec.Struct, frozen=True):
    """The notices of a claim after sending, serving or acknowledging."""

    number: str
    notices: list[NoticeShape]


class OverrideState(msgspec.Struct, frozen=True):
    """An override that was granted."""

    claim: str
    number: int
    beneficiary: str
    amount_max_fen: int
    granted_by: str


class ReinstatementState(msgspec.Struct, frozen=True):
    """An aggregate that was filled up: what it cost and what a loss of that day may now use."""

    number: str
    section: str
    amount_fen: int
    premium_fen: int
    effective_on: date
    left_fen: int
