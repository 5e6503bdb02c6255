"""What the calculators of shares, consents, deadlines, agreements answer; exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from coinsurance.pool_shapes import ClauseShape, ExampleShape
from service.kernel.calendar import OpenTerm


@dataclass(frozen=True, slots=True)
class Exact:
    """A fraction in lowest terms; texts, since they may be longer than any number type."""

    numerator: str
    denominator: str

    @staticmethod
    def of(value: Fraction) -> Exact:
        """A fraction as it is answered."""
        return Exact(str(value.numerator), str(value.denominator))


@dataclass(frozen=True, slots=True)
class ShareAnswer:
    """A share: exact entitlement in units, what was allocated, the difference (below one unit)."""

    name: str
    position: int
    weight: int
    exact_units: Exact
    share_units: int
    share: str
    difference_units: Exact


@dataclass(frozen=True, slots=True)
class LeadAnswer:
    """Who leads (null while a draw has to decide), among whom, decided by what."""

    name: str | None
    tied: list[str]
    decided_by: str


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A share before and after; null: none."""

    name: str
    before_units: int | None
    after_units: int | None


@dataclass(frozen=True, slots=True)
class SharesAnswer:
    """Shares, their lead, and after a change what would hold for new business.

    `run_off`: shares that stay as they are for what is in force, whoever leaves or joins.
    """

    mode: str
    total_units: int
    shares: list[ShareAnswer]
    lead: LeadAnswer
    after: list[ShareAnswer] | None
    lead_after: LeadAnswer | None
    changes: list[ShareChange]
    run_off: list[ShareChange]
    clause: str
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class ConsentPartyAnswer:
    """A member asked, its deadline, and whether its silence could count now."""

    name: str
    answer: str
    due_at: datetime | None
    due_open: OpenTerm | None
    late: bool
    may_be_deemed: bool


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """Where a request would stand; `needed` counts members, or units under a weighted rule."""

    outcome: str
    outcome_zh: str
    needed: int
    still_needed: int
    consenting: list[str]
    refusing: list[str]
    missing: list[str]
    to_deem: list[str]
    parties: list[ConsentPartyAnswer]


@dataclass(frozen=True, slots=True)
class DeadlineAnswer:
    """The last day of a term and the first moment too late; `open`: waits for a calendar."""

    start_on: date
    days: int
    calendar: str
    last_on: date | None
    late_from: datetime | None
    open: OpenTerm | None


@dataclass(frozen=True, slots=True)
class ReSigningMember:
    """A proposed share with its scores as exact fractions."""

    name: str
    position: int
    before_units: int
    scores: dict[str, Exact]
    days: dict[str, dict[str, int]]
    score: Exact
    weight: Exact
    exact_units: Exact
    share_units: int
    share: str


@dataclass(frozen=True, slots=True)
class ReSigningAnswer:
    """Next year's shares from conduct, with the formula they were computed by."""

    pool_year: str | None
    year: int | None
    as_of: date
    clause: str
    rule: dict[str, int]
    formula_zh: str
    formula_en: str
    total_units: int
    members: list[ReSigningMember]


@dataclass(frozen=True, slots=True)
class AgreementAnswer:
    """What an agreement says and what keeps it from taking effect; nothing was stored."""

    passes: bool
    version: str | None
    hash: str | None
    findings: list[dict[str, Any]]
    clauses: list[ClauseShape]
    examples: list[ExampleShape]
