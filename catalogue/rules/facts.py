"""Frozen facts about products that the rules judge. Use cases fill them; rules never fetch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ClauseFacts:
    """A filed clause (条款)."""

    kind: str
    title: str
    file_number: str = ""
    registration_number: str = ""
    model_clause: str = ""


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """A coverage component (保障责任); amounts in fen, None where not fixed."""

    name: str
    event: str
    exclusions: str = ""
    limit_fen: int | None = None
    deductible_fen: int | None = None
    deductible_ppm: int | None = None
    waiting_days: int = 0
    basis: str = "occurrence"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document attached to a version."""

    id: int
    kind: str
    file_name: str
    sha256: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """Everything that one version of a product says."""

    name: str
    type_code: str
    type_name: str
    type_stage: str
    insurer_id: int
    insurer_name: str
    summary: str = ""
    main_section: str = ""
    stages: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    target_enterprises: str = ""
    eligibility: str = ""
    evidence: tuple[str, ...] = ()
    rate_min_ppm: int | None = None
    rate_max_ppm: int | None = None
    sum_min_fen: int | None = None
    sum_max_fen: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    clauses: tuple[ClauseFacts, ...] = ()
    components: tuple[ComponentFacts, ...] = ()
    documents: tuple[DocumentFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class InsurerFacts:
    """The insurer that files (报送机构): the head office, licensed and active."""

    kind: str
    active: bool
    uscc: str
    legal_root: str
    licence_number: str
    name: str = ""
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """Another entry of the library that may be the same product."""

    number: str
    insurer_id: int
    insurer_name: str
    name: str
    type_code: str
    status: str
    clauses: tuple[ClauseFacts, ...] = ()
    components: tuple[ComponentFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingEvent:
    """One step of a filing as the journal has it, for the clock."""

    event: str
    to_status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """One row of `library_fact` with the attributes the count is split by."""

    fact_id: int
    product: str
    status: str
    effective_on: date
    recorded_at: datetime
    corrects: int | None = None
    stages: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    type_code: str = ""
    insurer: str = ""
    district: str = ""
    attributes: dict[str, str] = field(default_factory=dict, compare=False)
