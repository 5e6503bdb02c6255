"""What the API answers about certificates, evidence and results. Fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalogue.subsidy_shapes import StepShape
from coinsurance.settlement_shapes import MemberShape


@dataclass(frozen=True, slots=True)
class CertificateShape:
    """A year-end no-difference certificate; the content is what its hash is taken over."""

    number: str
    pool_year: str
    member: MemberShape
    as_of: date
    status: str
    status_zh: str
    revision: int
    content: dict[str, Any]
    hash: str
    prepared_at: datetime
    confirmed_at: datetime | None
    steps: list[StepShape]


@dataclass(frozen=True, slots=True)
class VerificationShape:
    """What a stranger learns who checks a certificate by number and hash."""

    number: str
    valid: bool
    status: str
    status_zh: str
    pool_year: str
    as_of: date
    hash_matches: bool
    confirmed_on: date | None


@dataclass(frozen=True, slots=True)
class BundleShape:
    """An evidence bundle that was made: the same call gives the same bytes."""

    number: str
    subject_kind: str
    subject: str
    known_at: datetime
    manifest_sha256: str
    archive_sha256: str
    files: list[str]


@dataclass(frozen=True, slots=True)
class DefinitionShape:
    """What a figure means (口径)."""

    id: str
    zh: str
    en: str
    source: str


@dataclass(frozen=True, slots=True)
class RatioShape:
    """A ratio with all it is made of; `ppm` is null where the denominator is zero."""

    definition: DefinitionShape
    numerator_fen: int
    denominator_fen: int
    ppm: int | None


@dataclass(frozen=True, slots=True)
class SumsShape:
    """Sums of a year or of a member; recoveries are above zero.

    The lead fees of a whole year are null for who does not see its peers: by the agreed rate they
    would tell the lead's share.
    """

    premium_fen: int
    earned_fen: int
    paid_fen: int
    expense_fen: int
    outstanding_fen: int
    recovery_fen: int
    backstop_fen: int
    lead_fee_paid_fen: int | None
    lead_fee_earned_fen: int | None
    other_fee_fen: int
    net_paid_fen: int
    incurred_fen: int


@dataclass(frozen=True, slots=True)
class MemberResult:
    """A member's part of the result."""

    member: MemberShape
    sums: SumsShape
    ratios: list[RatioShape]


@dataclass(frozen=True, slots=True)
class ResultShape:
    """The result of a pool year as of a day, as known at a moment.

    Members are those the reader may see; the whole is the sum over all of them.
    """

    pool_year: str
    as_of: date
    as_known_at: datetime | None
    claims: int
    open_claims: int
    large_losses: int
    whole: SumsShape
    ratios: list[RatioShape]
    members: list[MemberResult]


@dataclass(frozen=True, slots=True)
class TriangleRowShape:
    """One accident year: cumulative, one value for each quarter that has begun."""

    accident_year: int
    paid_fen: list[int]
    incurred_fen: list[int]


@dataclass(frozen=True, slots=True)
class LinkShape:
    """How far a quarter leads to the next over all years that have both."""

    from_quarter: int
    numerator_fen: int
    denominator_fen: int
    ppm: int | None


@dataclass(frozen=True, slots=True)
class TriangleShape:
    """The development triangle of a pool."""

    pool: str
    as_of: date
    as_known_at: datetime | None
    definition: DefinitionShape
    rows: list[TriangleRowShape]
    paid_links: list[LinkShape]
    incurred_links: list[LinkShape]


@dataclass(frozen=True, slots=True)
class ScoreShape:
    """One measure of one member; averages are `days_total` over `done`, `late_days` over `late`."""

    member: MemberShape
    measure: str
    measure_zh: str
    done: int
    days_total: int
    on_time: int
    late: int
    late_days: int
    open: int
    overdue: int
    undated: int


@dataclass(frozen=True, slots=True)
class ScorecardShape:
    """How members of a pool year keep their terms, as of a day."""

    pool_year: str
    as_of: date
    scores: list[ScoreShape]


@dataclass(frozen=True, slots=True)
class ExperienceShape:
    """What the pools learnt of a product version."""

    product: str
    version: int
    name: str
    insurer: str
    as_of: date
    policies: int
    pool_policies: int
    sum_insured_fen: int
    premium_fen: int
    paid_fen: int
    outstanding_fen: int
    recovery_fen: int
    incurred_ratio: RatioShape
    last_policy_on: date | None
    dormant: bool
    health: str
    health_zh: str


@dataclass(frozen=True, slots=True)
class ExperiencePage:
    """A page of product experience by product number."""

    items: list[ExperienceShape]
    next: str | None
