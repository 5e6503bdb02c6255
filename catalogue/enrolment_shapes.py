"""What the API answers about objects, enrolments and qualifications. Amounts in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class EditionShape:
    """A catalogue edition; `example`: its days or rows are not the official ones."""

    code: str
    title: str
    kind: str
    valid_from: date
    valid_to: date | None
    source: str
    example: bool
    items: int


@dataclass(frozen=True, slots=True)
class RequiredShape:
    """A parameter that a row asks for, and as a person writes it."""

    name: str
    operator: str
    value: str
    unit: str
    high: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemShape:
    """One row with the edition it stands in."""

    edition: str
    edition_title: str
    kind: str
    valid_from: date
    valid_to: date | None
    example: bool
    number: str
    name: str
    parameters: list[RequiredShape]


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """An edition with its rows."""

    code: str
    title: str
    kind: str
    valid_from: date
    valid_to: date | None
    source: str
    example: bool
    rows: list[ItemShape]


@dataclass(frozen=True, slots=True)
class ParameterShape:
    """Required against actual; `met` null: not given or not comparable."""

    name: str
    required: str
    actual: str | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class MatchShape:
    """The exact row of an object, judged for a day; `edition_then` is the valid edition."""

    edition: str
    edition_title: str
    example: bool
    valid_from: date
    valid_to: date | None
    item: str
    item_name: str
    judged_on: date
    edition_holds: bool
    edition_then: str
    parameters: list[ParameterShape]


@dataclass(frozen=True, slots=True)
class MatchedItem:
    """The catalogue row that an object or enrolment names."""

    edition: str
    title: str
    valid_from: date
    valid_to: date | None
    example: bool
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The firm an object belongs to."""

    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class ActualShape:
    """A parameter as measured or declared."""

    name: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class ContractShape:
    """The sale of an object."""

    id: int
    number: str
    buyer_name: str
    buyer_uscc: str
    buyer_relation: str
    signed_on: date
    amount_fen: int
    quantity: int
    unit_price_fen: int | None
    invoice_number: str
    invoiced_on: date | None
    delivered_on: date | None
    delivery_place: str
    accepted_on: date | None


@dataclass(frozen=True, slots=True)
class ObjectDocumentShape:
    """A document and what it proves."""

    document: int
    material: str
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class EnrolmentBrief:
    """An enrolment of an object."""

    number: str
    status: str


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One object with everything known of it."""

    number: str
    revision: int
    kind: str
    name: str
    level: str
    value_fen: int | None
    owner: Owner
    catalogue: MatchedItem | None
    parameters: list[ActualShape]
    declared: dict[str, Any]
    serial_numbers: list[str]
    variety: str
    batch: str
    software_version: str
    copyright_number: str
    test_report_number: str
    test_report_body: str
    test_report_marks: list[str]
    contracts: list[ContractShape]
    documents: list[ObjectDocumentShape]
    enrolments: list[EnrolmentBrief]


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """One row of a list of objects."""

    number: str
    kind: str
    name: str
    owner: str
    value_fen: int | None
    revision: int
    item: str | None


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """A page of objects, newest first; `next` is null on the last, `previous` on the first."""

    items: list[ObjectItem]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class EnrolmentItem:
    """One row of a list of enrolments."""

    number: str
    status: str
    revision: int
    enterprise: str
    enterprise_uscc: str
    object: str
    object_name: str
    kind: str
    insurer: str
    policy_id: int
    policy_number: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    submitted_at: datetime | None
    certificate_code: str | None


@dataclass(frozen=True, slots=True)
class EnrolmentPage:
    """A page of enrolments, newest first; `next` is null on the last, `previous` on the first."""

    items: list[EnrolmentItem]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class EventShape:
    """A step that was taken; persons are not named, their organisation is."""

    at: datetime
    event: str
    status: str
    note: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class EnrolmentRecord:
    """One enrolment with what has happened to it."""

    number: str
    status: str
    revision: int
    enterprise: str
    enterprise_uscc: str
    object: str
    object_name: str
    kind: str
    insurer: str
    policy_id: int
    policy_number: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    submitted_at: datetime | None
    certificate_code: str | None
    contract_id: int | None
    matched: MatchedItem | None
    decided_at: datetime | None
    decision_note: str
    events: list[EventShape]


@dataclass(frozen=True, slots=True)
class QualificationItem:
    """One row of a list of qualifications."""

    number: str
    status: str
    revision: int
    enterprise: str
    enterprise_uscc: str
    object: str
    object_name: str
    kind: str
    asked_fen: int
    quota_fen: int | None
    drawn_fen: int
    left_fen: int
    valid_from: date | None
    valid_to: date | None
    note: str


@dataclass(frozen=True, slots=True)
class QualificationPage:
    """A page of qualifications, newest first; `next` null on the last, `previous` on the first."""

    items: list[QualificationItem]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class DrawShape:
    """A draw on the quota; negative when given back."""

    application_line: int
    amount_fen: int
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class QualificationRecord:
    """One qualification with its draws."""

    number: str
    status: str
    revision: int
    enterprise: str
    enterprise_uscc: str
    object: str
    object_name: str
    kind: str
    asked_fen: int
    quota_fen: int | None
    drawn_fen: int
    left_fen: int
    valid_from: date | None
    valid_to: date | None
    note: str
    draws: list[DrawShape]
