"""The values of a subsidy rule book as the engine uses them; absent values are None or empty.

Each table of a book becomes one dataclass whose field names are the names in the file; the end of a
name is its unit. What a field means stands beside it, with the reading where the text allows two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from catalogue.rules.subsidy.rows import Row
from service.kernel.money import Rounding
from service.kernel.rulebook import RuleValue

Codes = frozenset[str]
NO_CODES: Codes = frozenset()


@dataclass(frozen=True, slots=True)
class Edition:
    """A catalogue edition that counts, for policies that start within the days."""

    edition: str = ""
    start_from: date | None = None
    start_to: date | None = None


@dataclass(frozen=True, slots=True)
class LimitRule:
    """Liability limit (责任限额) against the value or contract.

    ``minimum``: multiples of ``min_of`` the limit must reach. ``max_multiple_ppm`` × ``max_of`` and
    ``max_fen``: the part of the limit that is subsidised (a reading, POLICY §9.1).
    """

    minimum: tuple[Row, ...] = ()
    min_of: str = "value"
    max_multiple_ppm: int | None = None
    max_of: str = "contract"
    max_fen: int | None = None


@dataclass(frozen=True, slots=True)
class MinimumRule:
    """Least amounts: cumulative premium and contract of a project, sum insured, claim."""

    premium_fen: int | None = None
    contract_fen: int | None = None
    insured_fen: int | None = None
    claim_fen: int | None = None


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """Which kinds need a qualification, for how long at most, on which days it must be valid."""

    kinds: Codes = NO_CODES
    years_max: int | None = None
    valid_on: Codes = NO_CODES


@dataclass(frozen=True, slots=True)
class ContinuityRule:
    """Days without cover that still count as continuous; a longer gap refuses or restarts."""

    gap_days_max: int = 0
    on_break: str = "refuse"


@dataclass(frozen=True, slots=True)
class QuantityRule:
    """How first sales are counted; months between the first and the last contract."""

    sets_max: int | None = None
    batch_units_max: int | None = None
    batch_gap_months: int | None = None
    year_units_min: int | None = None
    year_gap_months: int | None = None
    year_to_december: bool = False
    purchase_within_months: int | None = None


@dataclass(frozen=True, slots=True)
class WindowRule:
    """First and last days, both included."""

    start_from: date | None = None
    start_to: date | None = None
    end_from: date | None = None
    end_to: date | None = None
    invoice_from: date | None = None
    invoice_to: date | None = None
    delivery_from: date | None = None
    delivery_to: date | None = None
    applied_from: date | None = None
    applied_to: date | None = None
    delivery_within_listing: bool = False
    in_force_on_application: bool = False


@dataclass(frozen=True, slots=True)
class InsurerRule:
    """What the insurer or pool must be; empty lists ask nothing."""

    filed_product: bool = False
    in_library: bool = False
    capital_min_fen: int | None = None
    pool_capital_min_fen: int | None = None
    solvency_min_ppm: int | None = None
    places: Codes = NO_CODES
    named: Codes = NO_CODES


@dataclass(frozen=True, slots=True)
class SubjectRule:
    """What the firm must be; one of the statuses, valid on the days named (start, application)."""

    statuses: Codes = NO_CODES
    status_valid_on: Codes = NO_CODES
    places: Codes = NO_CODES
    age_min_years: int | None = None
    age_max_years: int | None = None
    revenue_max_fen: int | None = None
    staff_max_count: int | None = None
    rd_share_min_ppm: int | None = None
    credit_required: bool = False


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """What the insured object must be."""

    item_required: bool = False
    parameters_required: bool = False
    delivery_required: bool = False
    acceptance_required: bool = False
    test_required: bool = False
    permit_required: bool = False
    customised_excluded: bool = False
    compensated_set_excluded: bool = False
    version_required: bool = False
    on_sale_max_years: int | None = None
    completed_max_years: int | None = None
    rd_spend_min_fen: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentRule:
    """How the premium must have been paid."""

    paid_in_full: bool = False
    paid_by_insured: bool = False
    invoice_to_insured: bool = False


@dataclass(frozen=True, slots=True)
class PackageRule:
    """Lines of a package: at least so many compulsory ones, at most so many optional ones."""

    compulsory_min: int = 0
    optional_max: int | None = None


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """A paper of the checklist with the clause that asks for it."""

    code: str
    required: bool
    source: str


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """Length of the public notice; ``calendar`` is working or calendar days."""

    days: int = 0
    calendar: str = "working"


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """Mode of every ratio; the amount of a line is cut to whole ``unit_fen``."""

    mode: Rounding = Rounding.DOWN
    unit_fen: int = 1


@dataclass(frozen=True, slots=True)
class SubsidyRules:
    """One version of a subsidy rule, ready to judge; ``clauses`` keep the source of each value."""

    version: str
    hash: str
    title_zh: str
    document: str
    instrument: str
    kinds: Codes
    ratio: tuple[Row, ...]
    ratio_base: str
    rounding: RoundingRule
    clauses: Mapping[str, RuleValue]
    valid_from: date
    valid_to: date | None = None
    classes: Codes = NO_CODES
    editions: tuple[Edition, ...] = ()
    rate_cap_ppm: int | None = None
    limit: LimitRule = LimitRule()
    minimum: MinimumRule = MinimumRule()
    caps: tuple[Row, ...] = ()
    quota: QuotaRule | None = None
    years_max: int | None = None
    continuity: ContinuityRule | None = None
    quantity: QuantityRule = QuantityRule()
    window: WindowRule = WindowRule()
    buyer_exclusions: Codes = NO_CODES
    exclusive_with: Codes = NO_CODES
    stacking_max_ppm: int | None = None
    insurer: InsurerRule = InsurerRule()
    subject: SubjectRule = SubjectRule()
    object: ObjectRule = ObjectRule()
    payment: PaymentRule = PaymentRule()
    package: PackageRule | None = None
    materials: tuple[MaterialRule, ...] = ()
    notice: NoticeRule | None = None
    objection_days: int | None = None
    return_for_correction_max: int | None = None
    return_days: int | None = None
    decision_days: int | None = None
    retention_years: int | None = None
    recovery_ban_years: int | None = None

    def has(self, key: str) -> bool:
        """Whether the book says anything under a key."""
        return key in self.clauses

    def source(self, key: str) -> str:
        """Return the clause of a key; empty where the book is silent."""
        return self.clauses[key].source if key in self.clauses else ""

    def is_example(self, key: str) -> bool:
        """Whether the value was set by us because no public text gives one."""
        return key in self.clauses and self.clauses[key].example
