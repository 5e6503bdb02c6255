"""The terms of an agreement (共保协议条款) as the rules use them; each knows its clause.

Money in fen, rates in ppm, shares in units of 10^8. A term that is None was not agreed: nothing is
assumed in its place. Where numbers of the shipped pools come from: POOLS §1.3; what no public
document says is marked as an example in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from coinsurance.rules.nouns import ConsentRule, DayKind, ShareMode
from service.kernel.rulebook import RuleValue


@dataclass(frozen=True, slots=True)
class Deadline:
    """A period of days (期限) and how it is counted."""

    days: int
    calendar: DayKind = DayKind.CALENDAR


@dataclass(frozen=True, slots=True)
class LeadChoice:
    """How the lead is found: by the largest share, or elected; `tie` decides between equals.

    Ties: `position` (order of the members), `capacity` (larger aggregate capacity), `joined`
    (earlier member), `uscc` (lower code), `drawn` (nobody is lead before a resolution says so).
    """

    rule: str = "largest_share"
    tie: str = "position"


@dataclass(frozen=True, slots=True)
class LeadFee:
    """What followers pay the lead (出单费), on which base, with which tax on top."""

    rate_ppm: int
    base: str = "follower_premium"
    tax_ppm: int = 0
    set_off: bool = False


@dataclass(frozen=True, slots=True)
class ShareFee:
    """A fee on the whole premium that all members bear by share: broker or administration."""

    rate_ppm: int
    base: str = "premium_gross"


@dataclass(frozen=True, slots=True)
class FeeBenchmark:
    """The usual reinsurance commission, and how far from it the lead fee has to stay (2006/31)."""

    reinsurance_commission_ppm: int
    distance_min_ppm: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """When the issuer passes premium on, and whether net of fees (差额) or in full (全额)."""

    days: int
    calendar: DayKind = DayKind.CALENDAR
    mode: str = "gross"


@dataclass(frozen=True, slots=True)
class Authority:
    """What a role may agree alone: at or below an amount and without complexity flags."""

    role: str
    amount_max_fen: int
    flags_allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentTerm:
    """Whose consent a matter needs, by when, and whether silence counts after service."""

    rule: ConsentRule
    count: int | None = None
    threshold_units: int | None = None
    days: int | None = None
    calendar: DayKind = DayKind.WORKING
    deemed: bool = False
    includes_lead: bool = True


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest on late money, from the day after the due day."""

    rate_ppm: int
    day_count: str = "ACT/365"


@dataclass(frozen=True, slots=True)
class Netting:
    """Set-off: off unless allowed, and then only inside the named sets of matters."""

    allowed: bool = False
    sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class BackstopBand:
    """A band of losses in multiples of the year's premium, borne by weights (1 to 2, not 67 %).

    `to_ppm` None: without end. The bands follow each other; beyond the last nothing is covered.
    """

    from_ppm: int
    to_ppm: int | None = None
    pool_weight: int = 1
    government_weight: int = 0


@dataclass(frozen=True, slots=True)
class Signing:
    """How written lines become signed lines."""

    up_allowed: bool = False
    minimum_units: int = 0


@dataclass(frozen=True, slots=True)
class Facility:
    """Within these limits a declared risk binds on the year's schedule without single lines."""

    sum_insured_max_fen: int
    classes: tuple[str, ...] = ()
    days_max: int | None = None


@dataclass(frozen=True, slots=True)
class Backdating:
    """How many days before binding cover may begin; 0: not at all.

    Beyond today it needs the insured's declaration that no loss is known.
    """

    days_max: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a member must bring (入会条件): least capacity, and how many may join at most."""

    risk_capacity_min_fen: int = 0
    aggregate_capacity_min_fen: int = 0
    members_max: int | None = None


@dataclass(frozen=True, slots=True)
class ReSigning:
    """How conduct bears on the next year's shares: weight of each measure, and the widest cut.

    A member with the full score keeps its weight; one with none loses `sway_ppm` of it.
    """

    remittance_weight: int = 1
    notice_weight: int = 1
    consent_weight: int = 1
    sway_ppm: int = 0


@dataclass(frozen=True, slots=True)
class DisputeLevel:
    """A level of the dispute ladder and how long it may take."""

    name: str
    days: int
    calendar: DayKind = DayKind.WORKING


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """Everything an agreement version says; `clauses` has value, source and note per key.

    The keys are the names of the fields; each matter of consent has its own, `consent_<matter>`.
    """

    version: str
    hash: str
    title_zh: str
    valid_from: date
    valid_to: date | None
    clauses: Mapping[str, RuleValue]
    pool_code: str
    pool_name: str
    industry: str
    classes: tuple[str, ...]
    zone_kinds: tuple[str, ...]
    share_mode: ShareMode
    currency: str
    lead_choice: LeadChoice
    remittance: Remittance
    consents: Mapping[str, ConsentTerm]
    capacity_basis: str = "aggregate"
    rounding_fee: str = "half_up"
    product_types: tuple[str, ...] = ()
    lead_fee: LeadFee | None = None
    broker_fee: ShareFee | None = None
    admin_fee: ShareFee | None = None
    fee_whitelist: tuple[str, ...] = ()
    fee_benchmark: FeeBenchmark | None = None
    premium_tax_ppm: int | None = None
    no_premium_no_cover: str = "none"
    signing: Signing = field(default_factory=Signing)
    facility: Facility | None = None
    backdating: Backdating | None = None
    entry: Entry | None = None
    re_signing: ReSigning | None = None
    exit_notice: Deadline | None = None
    default_grace: Deadline | None = None
    notice: Deadline | None = None
    survey_threshold_fen: int | None = None
    authority: tuple[Authority, ...] = ()
    payment: Deadline | None = None
    reimbursement: Deadline | None = None
    cash_call: Deadline | None = None
    cash_call_threshold_fen: int | None = None
    interest: Interest | None = None
    netting: Netting = field(default_factory=Netting)
    backstop: tuple[BackstopBand, ...] = ()
    expense_sharing: str = "by_share"
    statement_period: str = "month"
    statement_answer: Deadline | None = None
    dispute_levels: tuple[DisputeLevel, ...] = ()
    large_loss_fen: int | None = None

    def clause(self, key: str) -> str:
        """What an amount cites: the agreement version and the clause of a key."""
        value = self.clauses.get(key)
        return f"{self.version} {value.source}" if value else self.version

    def consent_clause(self, matter: str) -> str:
        """The clause that says whose consent a matter needs."""
        return self.clause(f"consent_{matter}")
