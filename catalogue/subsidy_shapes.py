"""What the API answers about subsidy applications, notices and objections. Amounts in fen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.kernel.calendar import OpenTerm


@dataclass(frozen=True, slots=True)
class ApplicationState:
    """Where an application stands after a step; warnings that were let pass or noted."""

    number: str
    status: str
    revision: int
    assessed_fen: int
    approved_fen: int
    return_due_on: date | None
    notice: str | None
    warnings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ApplicationItem:
    """One row of a list of applications."""

    number: str
    status: str
    scheme: str
    scheme_name: str
    enterprise: str
    enterprise_uscc: str
    lines: int
    assessed_fen: int
    approved_fen: int
    paid_fen: int
    submitted_at: datetime | None
    return_due_on: date | None
    notice: str | None


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """A page of applications, newest first; `next` is null on the last, `previous` on the first."""

    items: list[ApplicationItem]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class ApplicationLineShape:
    """One policy of an application; `facts` is what the firm declared."""

    number: int
    policy: int
    policy_number: str
    insurer: str
    object: str | None
    object_name: str | None
    kind: str
    start_on: date
    end_on: date
    premium_fen: int
    enrolment: str | None
    qualification: str | None
    status: str
    assessed_fen: int
    approved_fen: int
    paid_fen: int
    recovered_fen: int
    facts: dict[str, Any]
    findings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MaterialShape:
    """A document handed in for an item of the checklist."""

    material: str
    document: int
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StepShape:
    """A step the caller may take now."""

    event: str
    label_zh: str
    label_en: str
    needs_note: bool


@dataclass(frozen=True, slots=True)
class HistoryShape:
    """One step of the past."""

    event: str
    from_status: str
    to_status: str
    note: str
    recorded_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ApplicationRecord:
    """An application with its lines, who has the ball, by when, and what may be done.

    `expected_fen`: what the firm may expect as things stand. `due_open`: a term whose last day
    waits for an official calendar; `due_on` is null then. `payee`: firm, or insurer where the
    rule pays the insurer of each line.
    """

    number: str
    scheme: str
    scheme_name: str
    payee: str
    enterprise: str
    enterprise_uscc: str
    status: str
    status_zh: str
    revision: int
    contact_name: str
    contact_phone: str
    bank_name: str
    account_name: str
    account_number: str
    statement_signed_by: str
    firm: dict[str, Any]
    return_count: int
    return_due_on: date | None
    submitted_at: datetime | None
    notice: str | None
    notice_to_on: date | None
    expected_fen: int
    assessed_fen: int
    approved_fen: int
    paid_fen: int
    recovered_fen: int
    assessment_hash: str
    ball: str
    due_on: date | None
    due_open: OpenTerm | None
    steps: list[StepShape]
    lines: list[ApplicationLineShape]
    materials: list[MaterialShape]
    history: list[HistoryShape]


@dataclass(frozen=True, slots=True)
class ChecklistShape:
    """An item of the checklist: `missing_lines` are those whose object has no such paper."""

    material: str
    title_zh: str
    required: bool
    attached: bool
    documents: list[int]
    missing_lines: list[int]
    source: str


@dataclass(frozen=True, slots=True)
class PreviewShape:
    """What an application would get and what still keeps it from it; nothing is written.

    `total_fen` is granted as things stand, `would_be_fen` once every blocker is put right.
    """

    rule_version: str
    rule_hash: str
    total_fen: int
    would_be_fen: int
    budget_free_fen: int
    findings: list[dict[str, Any]]
    assessment: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CandidateShape:
    """A policy of the firm that could be a line: what the registry fills in and what it would get.

    `applied_in` names an application of the scheme that holds it already.
    """

    policy: int
    policy_number: str
    insurer: str
    object: str | None
    kind: str
    start_on: date
    end_on: date
    premium_fen: int
    enrolment: str | None
    qualification: str | None
    applied_in: str | None
    would_be_fen: int
    findings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class AssessmentShape:
    """The stored assessment with the facts it rests on; `reproduced`: computed again just now
    from those facts and the rule with the same bytes."""

    number: str
    rule: dict[str, str]
    hash: str
    reproduced: bool
    facts: dict[str, Any]
    assessment: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WarningNoteShape:
    """Why a warning was let pass, and who wrote it."""

    line: int
    code: str
    note: str
    written_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class NoticeLineShape:
    """One line under public notice: no account, no contact."""

    application: str
    line: int
    enterprise: str
    item: str
    kind: str
    amount_fen: int
    status: str


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """One public notice of a list; `open` while anybody may object.

    `to_on` is null, and `end_open` says why, while the official calendar does not reach its end.
    """

    number: str
    title: str
    scheme: str
    scheme_name: str
    from_on: date
    to_on: date | None
    end_open: OpenTerm | None
    day_count: int
    working_days: bool
    open: bool
    closed: bool
    applications: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A page of notices, newest first; `next` is null on the last, `previous` on the first."""

    items: list[NoticeItem]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """A public notice (公示) with its lines, its clause and where to object."""

    number: str
    title: str
    scheme: str
    scheme_name: str
    rule_title: str
    rule_document: str
    from_on: date
    to_on: date | None
    end_open: OpenTerm | None
    day_count: int
    working_days: bool
    source: str
    open: bool
    closed: bool
    lines: list[NoticeLineShape]


@dataclass(frozen=True, slots=True)
class ObjectionReceipt:
    """What the objector gets back."""

    number: str
    received_at: datetime
    decide_by: date | None
    decide_open: OpenTerm | None


@dataclass(frozen=True, slots=True)
class EvidenceShape:
    """A file handed in with an objection; `sha256` proves which bytes are kept."""

    number: int
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ObjectionShape:
    """An objection. Who objects and the files are for the committee; the auditor sees neither."""

    number: str
    application: str
    line: int
    status: str
    objector_name: str
    objector_contact: str
    text: str
    received_at: datetime
    decide_by: date | None
    decide_open: OpenTerm | None
    outcome: str
    decided_at: datetime | None
    evidence: list[EvidenceShape]


@dataclass(frozen=True, slots=True)
class ObjectionPage:
    """A page of objections, newest first; `next` is null on the last, `previous` on the first."""

    items: list[ObjectionShape]
    next: str | None
    previous: str | None
