"""What the API answers about zones, risks, lines, conditions, files and legal-character checks.

Amounts in fen, shares in units of 10^8, rates in ppm.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec


class Organisation(msgspec.Struct, frozen=True):
    """An organisation by code and name."""

    uscc: str
    name: str


class ZoneItem(msgspec.Struct, frozen=True):
    """A row of the list of zones; `used_fen` and `members` count what the reader may see."""

    code: str
    kind: str
    name: str
    parent: str | None
    used_fen: int
    members: int


class ZonePage(msgspec.Struct, frozen=True):
    """A page of zones in the order of their codes."""

    items: list[ZoneItem]
    next: str | None


class YearUse(msgspec.Struct, frozen=True):
    """What the placements of one pool year put into a zone."""

    pool_year: str
    used_fen: int


class ZoneUse(msgspec.Struct, frozen=True):
    """What a member has at risk in a zone over all pools, against its event capacity."""

    uscc: str
    name: str
    used_fen: int
    event_capacity_fen: int
    left_fen: int
    pools: list[YearUse]


class ZoneRecord(msgspec.Struct, frozen=True):
    """A zone, the zones around it from the inside out, those inside, and its use by member."""

    code: str
    kind: str
    name: str
    parent: str | None
    within: list[str]
    inner: list[str]
    uses: list[ZoneUse]


class RiskState(msgspec.Struct, frozen=True):
    """A risk after a step; `findings` are those that do not stop it yet."""

    number: str
    status: str
    revision: int
    findings: list[dict[str, Any]] = []


class RiskItem(msgspec.Struct, frozen=True):
    """A row of the list of risks."""

    number: str
    status: str
    pool_year: str
    title: str
    issuer: str
    insured: str
    business_class: str
    method: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    premium_fen: int
    lines_until: date | None
    project_number: str
    placement: str | None


class RiskPage(msgspec.Struct, frozen=True):
    """A page of risks, newest first."""

    items: list[RiskItem]
    next: str | None


class RiskSectionShape(msgspec.Struct, frozen=True):
    """A section with what is written and what is missing to the whole."""

    code: str
    title: str
    kind: str
    attachment_fen: int
    limit_fen: int
    aggregate_fen: int | None
    premium_fen: int
    written_units: int
    missing_units: int
    whole: bool


class RiskZoneShape(msgspec.Struct, frozen=True):
    """A zone of a risk; `listed` false: it is around a listed one."""

    zone: str
    kind: str
    at_risk_ppm: int
    listed: bool


class RiskValueShape(msgspec.Struct, frozen=True):
    """A row of the schedule of values."""

    item: str
    location: str
    value_fen: int


class LineShape(msgspec.Struct, frozen=True):
    """A member's line on a section."""

    id: int
    revision: int
    section: str
    organisation: Organisation
    position: int
    status: str
    written_units: int
    up_to_units: int | None
    amount_max_fen: int | None
    to_stand: bool
    cut_consented: bool
    conditions: str
    valid_until: date
    off_platform: bool
    evidence_document: int | None
    signed_units: int | None


class LineState(msgspec.Struct, frozen=True):
    """A line after a step, and what its section still lacks."""

    id: int
    revision: int
    status: str
    section: str
    written_units: int
    missing_units: int
    findings: list[dict[str, Any]] = []


class SubjectivityShape(msgspec.Struct, frozen=True):
    """A condition with its deadline; `overdue` as of today."""

    number: int
    text: str
    due_on: date
    before_binding: bool
    status: str
    overdue: bool
    note: str
    raised_by: Organisation | None


class CheckBrief(msgspec.Struct, frozen=True):
    """A legal-character check in one line; `fits`: still about the risk as it stands."""

    number: str
    passed: bool
    hash: str
    made_at: datetime


class RiskRecord(msgspec.Struct, frozen=True):
    """A risk with everything its reader may see; a follower sees its own lines only."""

    number: str
    status: str
    revision: int
    pool: str
    pool_year: str
    agreement: str
    method: str
    issuer: Organisation
    insured: Organisation
    product: str
    product_name: str
    title: str
    business_class: str
    site: str
    project_name: str
    project_number: str
    start_on: date
    end_on: date
    rate_ppm: int
    sum_insured_fen: int
    premium_fen: int
    deductible_fen: int
    survey: dict[str, Any]
    referral: str
    referral_request: str | None
    referral_consent: str | None
    lines_until: date | None
    sections: list[RiskSectionShape]
    zones: list[RiskZoneShape]
    values: list[RiskValueShape]
    lines: list[LineShape]
    subjectivities: list[SubjectivityShape]
    character_check: CheckBrief | None
    placement: str | None


class RoomShape(msgspec.Struct, frozen=True):
    """What a member can still take of a risk, and which capacity holds it there."""

    organisation: Organisation
    room_fen: int
    held_by: str
    zone: str
    most_units: int
    risk_capacity_fen: int
    event_capacity_fen: int
    aggregate_left_fen: int


class FileShape(msgspec.Struct, frozen=True):
    """A file of a risk; `readable` by the one who asks."""

    id: int
    kind: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    confidential: bool
    readable: bool
    recorded_at: datetime


class GrantShape(msgspec.Struct, frozen=True):
    """Who may read a confidential file, for what and how long."""

    id: int
    reader: str
    reader_name: str
    organisation: str
    purpose: str
    from_on: date
    to_on: date
    granted_at: datetime
    revoked_at: datetime | None


class FileView(msgspec.Struct, frozen=True):
    """One view of a file."""

    at: datetime
    reader: str
    organisation: str
    what: str


class CheckRecord(msgspec.Struct, frozen=True):
    """A legal-character check as it was made; `fits`: still about the risk as it stands."""

    number: str
    risk: str
    passed: bool
    fits: bool
    hash: str
    made_at: datetime
    made_by: str
    content: dict[str, Any]
