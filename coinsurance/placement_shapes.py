"""What the API answers about signing, placements and calculators.

Amounts in fen, shares in units of 10^8, rates in ppm. Exact shares are fractions: numerator and
denominator as text, since they pass what JSON numbers hold.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from coinsurance.risk_shapes import Organisation, RiskZoneShape, SubjectivityShape


class SignedLineShape(msgspec.Struct, frozen=True):
    """One line of a signing with its whole reason; `share_fen` is its part of the limit."""

    name: str
    uscc: str
    position: int
    written_units: int
    up_to_units: int | None
    cap_units: int | None
    effective_units: int
    stands: bool
    exact_numerator: str
    exact_denominator: str
    remainder_rank: int | None
    rounded_up: bool
    signed_units: int | None
    difference_numerator: str
    difference_denominator: str
    outcome: str
    outcome_zh: str
    outcome_en: str


class PendingShares(msgspec.Struct, frozen=True):
    """A change of shares of a section that is proposed or consented, and not in force yet."""

    number: str
    section: str
    valid_from: date
    status: str
    status_zh: str
    reason: str
    consent_request: str | None


class SigningShape(msgspec.Struct, frozen=True):
    """What would be signed now on one section; `factor` is the proportion of free lines."""

    section: str
    title: str
    limit_fen: int | None
    whole: bool
    written_units: int
    effective_units: int
    missing_units: int
    factor_numerator: str | None
    factor_denominator: str | None
    clause: str
    lines: list[SignedLineShape]
    left_out: list[str]
    findings: list[dict[str, Any]]


class SigningPreview(msgspec.Struct, frozen=True):
    """What a risk would sign if it were bound now."""

    risk: str
    method: str
    whole: bool
    schedule: str | None
    sections: list[SigningShape]


class PlacementState(msgspec.Struct, frozen=True):
    """A placement after a step."""

    number: str
    status: str
    revision: int
    risk: str
    policy_id: int
    policy_number: str
    snapshot_hash: str
    findings: list[dict[str, Any]] = []


class PlacementItem(msgspec.Struct, frozen=True):
    """A row of the list of placements; `own_units` is the reader's share of the policy."""

    number: str
    status: str
    pool_year: str
    risk: str
    title: str
    policy_id: int
    policy_number: str
    issuer: str
    insured: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    premium_fen: int
    own_units: int | None
    bound_at: datetime


class PlacementPage(msgspec.Struct, frozen=True):
    """A page of placements, newest first."""

    items: list[PlacementItem]
    next: str | None


class ShareShape(msgspec.Struct, frozen=True):
    """A member's share on a section, from a schedule."""

    organisation: Organisation
    position: int
    share_units: int


class ScheduleShape(msgspec.Struct, frozen=True):
    """A schedule of a section; the shares a reader may see, and how many there are."""

    number: str
    valid_from: date
    effective_at: datetime
    clause: str
    members: int
    shares: list[ShareShape]


class PlacedSection(msgspec.Struct, frozen=True):
    """A section of a placement with its schedules, newest first."""

    code: str
    title: str
    kind: str
    attachment_fen: int
    limit_fen: int
    aggregate_fen: int | None
    premium_fen: int
    schedules: list[ScheduleShape]


class ExposureShape(msgspec.Struct, frozen=True):
    """What a placement puts on a member: in a zone, or (zone null) in the year."""

    organisation: Organisation
    zone: str | None
    amount_fen: int
    released_at: datetime | None


class PlacementRecord(msgspec.Struct, frozen=True):
    """A placement as its reader may see it. The snapshot is whole for those who see every share."""

    number: str
    status: str
    revision: int
    pool_year: str
    pool: str
    agreement: str
    agreement_hash: str
    risk: str
    title: str
    policy_id: int
    policy_number: str
    issuer: Organisation
    insured: Organisation
    business_class: str
    project_name: str
    project_number: str
    start_on: date
    end_on: date
    cover_from: date | None
    sum_insured_fen: int
    premium_fen: int
    deductible_fen: int
    character_check: str
    consent_document: int
    bound_at: datetime
    snapshot_hash: str
    sections: list[PlacedSection]
    exposures: list[ExposureShape]
    subjectivities: list[SubjectivityShape]
    snapshot: dict[str, Any] | None


class Explanation(msgspec.Struct, frozen=True):
    """Why each member of a placement got its line."""

    placement: str
    risk: str
    method: str
    agreement: str
    clause: str
    order_zh: str
    order_en: str
    sections: list[SigningShape]


class WhatIfLine(msgspec.Struct, frozen=True):
    """A section before and after a new line, and whether the member can carry it."""

    risk: str
    section: str
    before: SigningShape
    after: SigningShape
    room_fen: int
    most_units: int
    held_by: str
    zone: str
    findings: list[dict[str, Any]]


class NeedShape(msgspec.Struct, frozen=True):
    """What a risk puts on a member, and what would be left."""

    name: str
    risk_fen: int
    aggregate_fen: int
    aggregate_left_fen: int
    zones: list[dict[str, Any]]
    fits: bool
    findings: list[dict[str, Any]]


class WhatIfCapacity(msgspec.Struct, frozen=True):
    """Whether shares fit the capacity of every member."""

    fits: bool
    zones: list[RiskZoneShape]
    members: list[NeedShape]
    findings: list[dict[str, Any]]


class CharacterItem(msgspec.Struct, frozen=True):
    """One question of the legal-character check with its answer."""

    code: str
    zh: str
    en: str
    source: str
    passed: bool
    findings: list[dict[str, Any]]


class WhatIfCharacter(msgspec.Struct, frozen=True):
    """The legal character of a policy of several insurers."""

    passed: bool
    items: list[CharacterItem]
    hash: str
