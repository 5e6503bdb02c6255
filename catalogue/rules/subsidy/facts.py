"""Frozen facts about an application that the subsidy rules judge; use cases fill them.

Amounts are whole fen, rates ppm, days dates in Shanghai. None means that the fact is not known: a
rule that needs it says so in a finding, it never guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """A status certificate of a firm (高新技术企业, 专精特新 …); None: valid without end."""

    code: str
    valid_from: date
    valid_to: date | None = None
    number: str = ""

    def holds(self, day: date) -> bool:
        """Whether the certificate is valid on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class BanFacts:
    """A time in which the firm gets nothing, after a recovery or a false statement."""

    reason: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """The firm that applies. ``place`` is a code or name of the place of registration."""

    name: str = ""
    uscc: str = ""
    place: str = ""
    registered_on: date | None = None
    revenue_fen: int | None = None
    staff_count: int | None = None
    rd_share_ppm: int | None = None
    credit_good: bool | None = None
    statuses: tuple[StatusFacts, ...] = ()
    bans: tuple[BanFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """The insurer or pool. ``solvency_ppm``: the lowest ratio of the last three years."""

    name: str = ""
    place: str = ""
    capital_fen: int | None = None
    solvency_ppm: int | None = None
    is_pool: bool = False
    pool_capital_fen: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """The insured equipment, material batch or software, with its contract and delivery.

    ``ordinal`` is the number of the first set on the line, ``units`` how many sets or units it
    covers. ``on_sale_since`` None: not yet on sale. ``listed_from/to`` is the time in which the
    item was recognised and in the catalogue.
    """

    name: str = ""
    edition: str = ""
    item: str = ""
    listed_from: date | None = None
    listed_to: date | None = None
    parameters_met: bool | None = None
    level: str = ""
    counted_by: str = ""
    key_part: bool = False
    ordinal: int | None = None
    units: int | None = None
    value_fen: int | None = None
    contract_fen: int | None = None
    contract_first_on: date | None = None
    contract_last_on: date | None = None
    first_purchase_on: date | None = None
    buyer_relation: str | None = None
    delivered_on: date | None = None
    accepted_on: date | None = None
    version: str = ""
    permit_number: str = ""
    tested: bool | None = None
    customised: bool | None = None
    in_compensated_set: bool | None = None
    on_sale_since: date | None = None
    completed_on: date | None = None
    rd_spend_fen: int | None = None


@dataclass(frozen=True, slots=True)
class OtherMoney:
    """Other public money: its group, what it was given for and who received it."""

    group: str
    amount_fen: int
    on: str = "premium"
    to: str = "firm"


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One line of an application: one object on one policy for one year of cover.

    ``premium_invoiced_fen`` is the whole premium of the line, ``annual_premium_fen`` that of one
    year, ``premium_paid_own_fen`` what the firm paid with its own money. ``cover_year`` counts from
    1; ``gap_days`` are the days without cover before this policy (None for a first policy).
    """

    key: str
    policy: str
    kind: str
    start_on: date
    end_on: date
    limit_fen: int
    premium_invoiced_fen: int
    annual_premium_fen: int
    premium_paid_own_fen: int = 0
    premium_paid_by_others_fen: int = 0
    premium_refunded_fen: int = 0
    sum_insured_fen: int | None = None
    premium_paid_on: date | None = None
    invoice_on: date | None = None
    invoice_to_insured: bool | None = None
    cancelled: bool = False
    claim_paid_fen: int | None = None
    cover_year: int = 1
    gap_days: int | None = None
    first_time: bool | None = None
    product: str = ""
    product_class: str = ""
    in_library: bool | None = None
    filed: bool | None = None
    project: str = ""
    qualification: str = ""
    package_compulsory: int | None = None
    package_optional: int | None = None
    carrier: CarrierFacts = CarrierFacts()
    object: ObjectFacts = ObjectFacts()
    other_money: tuple[OtherMoney, ...] = ()

    @property
    def premium_fen(self) -> int:
        """Premium of the line after refunds, never below zero."""
        return max(0, self.premium_invoiced_fen - self.premium_refunded_fen)

    @property
    def own_fen(self) -> int:
        """What the firm has borne itself after refunds, never below zero."""
        return max(0, self.premium_paid_own_fen - self.premium_refunded_fen)

    @property
    def project_key(self) -> str:
        """The project; a line without one is a project of its own."""
        return self.project or self.key

    def other_on(self, what: str, to: str = "") -> int:
        """Sum of the other public money on the premium, claim or object."""
        return sum(m.amount_fen for m in self.other_money if m.on == what and to in ("", m.to))


@dataclass(frozen=True, slots=True)
class QualificationFacts:
    """A granted qualification; ``left_fen`` is what may still be drawn."""

    number: str
    left_fen: int
    valid_from: date
    valid_to: date
    product: str = ""


@dataclass(frozen=True, slots=True)
class PaidFacts:
    """What was granted before under the same rule: to the firm, per policy, product, project.

    ``firm_year_fen`` is what the firm was granted in the calendar year of the application.
    ``premium_before_fen``: premium claimed earlier for a project, for a cumulative minimum.
    """

    firm_year_fen: int = 0
    total_fen: int = 0
    policy_fen: Mapping[str, int] = field(default_factory=dict)
    product_fen: Mapping[str, int] = field(default_factory=dict)
    project_fen: Mapping[str, int] = field(default_factory=dict)
    premium_before_fen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """The day of application and what is left to give. None: no limit, or not to be judged yet.

    ``materials``: codes of the papers attached; None before the checklist is judged.
    """

    applied_on: date
    scheme_from: date | None = None
    scheme_to: date | None = None
    budget_free_fen: int | None = None
    paid: PaidFacts = PaidFacts()
    qualifications: tuple[QualificationFacts, ...] = ()
    materials: frozenset[str] | None = None

    def qualification(self, number: str) -> QualificationFacts | None:
        """Return the qualification of a number, if there is one."""
        return next((q for q in self.qualifications if q.number == number), None)


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """Everything an assessment looks at. The order of the lines is the order of shared limits."""

    firm: FirmFacts
    lines: tuple[PolicyLine, ...]
    context: Context
