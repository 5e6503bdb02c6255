"""What the API answers: the shapes that OpenAPI publishes and a test holds real answers against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows there are; beyond 1,000 the value is 1,000 and `exact` is false."""

    value: int
    exact: bool


@dataclass(frozen=True, slots=True)
class ProductItem:
    """One row of a product list. Rates in ppm of the sum insured, sums in fen."""

    number: str
    name: str
    version: int
    status: str
    filing_status: str
    summary: str
    type_code: str
    type_name: str
    risk_kind: str
    insurer: str
    insurer_uscc: str
    district: str
    stages: list[str]
    industries: list[str]
    rate_min_ppm: int | None
    rate_max_ppm: int | None
    sum_min_fen: int | None
    sum_max_fen: int | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A page of products; `next` is the cursor of the following page, null on the last."""

    items: list[ProductItem]
    next: str | None
    total: Total


@dataclass(frozen=True, slots=True)
class TypeBrief:
    """The product type of a product."""

    code: str
    name: str
    stage: str
    risk_kind: str
    regulator_class: str


@dataclass(frozen=True, slots=True)
class InsurerBrief:
    """The insurer of a product."""

    uscc: str
    name: str
    short_name: str
    district: str


@dataclass(frozen=True, slots=True)
class ClauseShape:
    """A filed clause (条款)."""

    kind: str
    title: str
    file_number: str
    registration_number: str
    model_clause: str


@dataclass(frozen=True, slots=True)
class ComponentShape:
    """A coverage component (保障责任); amounts in fen."""

    name: str
    event: str
    exclusions: str
    limit_fen: int | None
    deductible_fen: int | None
    deductible_ppm: int | None
    waiting_days: int
    basis: str


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """A document of a version."""

    id: int
    kind: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    public: bool


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """One version of a product with all its parts."""

    number: str
    status: str
    version: int
    filing_status: str
    revision: int
    name: str
    summary: str
    type: TypeBrief
    insurer: InsurerBrief
    main_section: str
    stages: list[str]
    industries: list[str]
    target_enterprises: str
    eligibility: str
    evidence: list[str]
    rate_min_ppm: int | None
    rate_max_ppm: int | None
    sum_min_fen: int | None
    sum_max_fen: int | None
    contact_name: str
    contact_phone: str
    contact_email: str
    in_library_since: date | None
    clauses: list[ClauseShape]
    components: list[ComponentShape]
    documents: list[DocumentShape]


@dataclass(frozen=True, slots=True)
class TypeShape:
    """A product type with its source and the number of products now in the library."""

    code: str
    name: str
    name_en: str
    stage: str
    risk_kind: str
    regulator_class: str
    covered_object: str
    industries: list[str]
    source: str
    evidence: str
    products: int


@dataclass(frozen=True, slots=True)
class FindingShape:
    """One finding of a check, in Chinese and English."""

    code: str
    field: str
    severity: str
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str
    rule: str
    source: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FindingList:
    """All findings of a check; it passes when none is a blocker."""

    passes: bool
    findings: list[FindingShape]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure counts (口径), and where that comes from."""

    id: str
    zh: str
    en: str
    source: str
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class PaceShape:
    """How far the target is: integers, needed per month in tenths of a product."""

    target: int
    target_day: date
    missing: int
    days_left: int
    months_left: int
    needed_per_month_tenths: int | None
    projected: int | None
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class LibraryCount:
    """Products in the library as of a day, as known at a moment, with every split.

    A product of several stages or industries counts once in `products` and once in each of them.
    `map` rows are stage, industry, products.
    """

    as_of: date
    as_known_at: datetime
    products: int
    types: int
    insurers: int
    stage: dict[str, int]
    industry: dict[str, int]
    type: dict[str, int]
    insurer: dict[str, int]
    district: dict[str, int]
    map: list[list[Any]]
    definition: Definition
    pace: PaceShape | None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """Products in the library at the end of a day."""

    day: date
    products: int


@dataclass(frozen=True, slots=True)
class LibraryFactShape:
    """What held for a product from a day on, when it was recorded, and what corrected it."""

    id: int
    status: str
    version: int
    effective_on: date
    recorded_at: datetime
    recorded_by: str | None
    corrects: int | None
    corrected_by: int | None
