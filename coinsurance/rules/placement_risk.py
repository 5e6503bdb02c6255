"""What makes a risk fit for its pool year (风险提交规则): all findings at once.

A risk is judged whenever it is written, and has to be clean when it is submitted. Amounts in fen,
rates in ppm. What the agreement says stands in its terms; the clause goes with the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from coinsurance.rules import placement_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.capacity import KIND_NAMES, Zone, check_zones
from coinsurance.rules.nouns import RiskMethod, ShareMode
from coinsurance.rules.workflows import POOL
from service.kernel.findings import Finding, blocker, warning

INSURANCE_LAW_55 = "《保险法》第五十五条"
OPEN_YEARS = ("open",)
PREPARED_YEARS = ("signed", "open")
TAKING_POOLS = ("forming", "active")
"""A pool is forming until its first year opens; risks may be prepared by then."""


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """A section or layer: a layer pays what a loss exceeds its attachment by, up to its limit."""

    code: str
    kind: str
    limit_fen: int
    premium_fen: int
    attachment_fen: int = 0
    aggregate_fen: int | None = None


@dataclass(frozen=True, slots=True)
class YearFacts:
    """The pool year a risk belongs to; `has_schedule`: shares of the year hold on the start day."""

    number: str
    status: str
    pool_status: str
    start_on: date
    end_on: date
    share_mode: ShareMode
    has_schedule: bool


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """A risk as it is to be judged; `values_fen` empty: no schedule of values was given."""

    method: RiskMethod
    business_class: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    premium_fen: int
    deductible_fen: int
    rate_ppm: int
    sections: tuple[SectionFacts, ...]
    year: YearFacts
    terms: AgreementTerms
    zones: Mapping[str, Zone] = field(default_factory=dict)
    at_risk_ppm: Mapping[str, int] = field(default_factory=dict)
    values_fen: tuple[int, ...] = ()
    product_type: str = ""
    project_name: str = ""
    project_number: str = ""
    referral: str = ""


def check_open(
    number: str, year_status: str, pool_status: str, years: Sequence[str] = OPEN_YEARS
) -> list[Finding]:
    """New business needs a year that takes it and a pool that is neither suspended nor ending."""
    found = []
    if year_status not in years:
        found.append(blocker("risk.year_not_open", "pool_year", number=number))
    if pool_status not in TAKING_POOLS:
        found.append(
            blocker(
                "risk.pool_not_active",
                "pool_year",
                number=number,
                status_zh=POOL.label(pool_status),
                status_en=POOL.label(pool_status, "en"),
            )
        )
    return found


def check_year(risk: RiskFacts) -> list[Finding]:
    """The year takes new business, and the cover starts within it."""
    year = risk.year
    found = check_open(year.number, year.status, year.pool_status, PREPARED_YEARS)
    if not year.start_on <= risk.start_on <= year.end_on:
        found.append(
            blocker(
                "risk.starts_outside_year", "start_on", start_on=year.start_on, end_on=year.end_on
            )
        )
    return found


def check_form(start_on: date, end_on: date, sections: Sequence[SectionFacts]) -> list[Finding]:
    """What no draft may hold either, since it could not be stored."""
    found = []
    if end_on <= start_on:
        found.append(blocker("risk.ends_before_start", "end_on", start=start_on))
    codes = [section.code for section in sections]
    found += [
        blocker("risk.section_twice", f"sections.{n}.code", section=code)
        for n, code in enumerate(codes)
        if code in codes[:n]
    ]
    for n, section in enumerate(sections):
        found += _check_section(n, section)
    return found


def check_class(risk: RiskFacts) -> list[Finding]:
    """The agreement accepts the class of business and the type of product."""
    terms, found = risk.terms, []
    if risk.business_class not in terms.classes:
        found.append(
            blocker(
                "risk.class_not_accepted",
                "business_class",
                terms.clause("classes"),
                value=risk.business_class,
                choices=list(terms.classes),
            )
        )
    if terms.product_types and risk.product_type not in terms.product_types:
        found.append(
            blocker(
                "risk.product_type_not_accepted",
                "product",
                terms.clause("product_types"),
                value=risk.product_type,
                choices=list(terms.product_types),
            )
        )
    return found


def check_sections(risk: RiskFacts) -> list[Finding]:
    """Sections share out the premium to the fen; their limits stay within the sum insured."""
    found = []
    premium = sum(section.premium_fen for section in risk.sections)
    if premium != risk.premium_fen:
        found.append(
            blocker(
                "risk.sections_premium",
                "sections",
                sections_fen=premium,
                premium_fen=risk.premium_fen,
                difference_fen=premium - risk.premium_fen,
            )
        )
    limits = sum(section.limit_fen for section in risk.sections)
    if limits > risk.sum_insured_fen:
        found.append(
            blocker(
                "risk.limits_above_sum",
                "sections",
                limits_fen=limits,
                sum_fen=risk.sum_insured_fen,
            )
        )
    found += [
        blocker(
            "risk.premium_above_limit",
            f"sections.{n}.premium_fen",
            premium_fen=section.premium_fen,
            limit_fen=section.limit_fen,
        )
        for n, section in enumerate(risk.sections)
        if section.premium_fen > section.limit_fen
    ]
    return found + _check_layers(risk.sections)


def _check_section(n: int, section: SectionFacts) -> list[Finding]:
    found = []
    if section.kind == "section" and section.attachment_fen:
        found.append(blocker("risk.section_attaches", f"sections.{n}.attachment_fen"))
    if section.aggregate_fen is not None and section.aggregate_fen < section.limit_fen:
        found.append(
            blocker(
                "risk.aggregate_below_limit",
                f"sections.{n}.aggregate_fen",
                aggregate_fen=section.aggregate_fen,
                limit_fen=section.limit_fen,
            )
        )
    return found


def _check_layers(sections: tuple[SectionFacts, ...]) -> list[Finding]:
    """Layers stand on each other: no overlap is allowed, a gap is pointed out."""
    layers = sorted(
        (s for s in sections if s.kind == "layer"), key=lambda layer: layer.attachment_fen
    )
    found = []
    for below, above in zip(layers, layers[1:], strict=False):
        top_fen = below.attachment_fen + below.limit_fen
        if above.attachment_fen == top_fen:
            continue
        overlap = above.attachment_fen < top_fen
        tell, code = (
            (blocker, "risk.layers_overlap") if overlap else (warning, "risk.layers_gap")
        )
        found.append(
            tell(
                code,
                "sections",
                below=below.code,
                above=above.code,
                top_fen=top_fen,
                attachment_fen=above.attachment_fen,
            )
        )
    return found


def check_values(risk: RiskFacts) -> list[Finding]:
    """A sum insured above the values is void in the excess; below them the average rule bites."""
    if not risk.values_fen:
        return []
    total = sum(risk.values_fen)
    told = {"values_fen": total, "sum_fen": risk.sum_insured_fen}
    if risk.sum_insured_fen > total:
        return [blocker("risk.above_values", "values", INSURANCE_LAW_55, **told)]
    if risk.sum_insured_fen < total:
        return [warning("risk.below_values", "values", INSURANCE_LAW_55, **told)]
    return []


def check_money(risk: RiskFacts) -> list[Finding]:
    """Deductible and premium fit the sum insured."""
    found = []
    if risk.deductible_fen >= risk.sum_insured_fen:
        found.append(
            blocker("risk.deductible_above_sum", "deductible_fen", sum_fen=risk.sum_insured_fen)
        )
    if risk.premium_fen > risk.sum_insured_fen:
        found.append(
            blocker("risk.premium_above_sum", "premium_fen", sum_fen=risk.sum_insured_fen)
        )
    return found


def check_zone_list(risk: RiskFacts) -> list[Finding]:
    """The risk says where it accumulates, in zones of the kinds that the pool works with."""
    kinds = risk.terms.zone_kinds
    if not kinds:
        return []
    if not risk.at_risk_ppm:
        names = [KIND_NAMES.get(kind, kind) for kind in kinds]
        return [blocker("risk.no_zone", "zones", risk.terms.clause("zone_kinds"), kinds=names)]
    found = [
        blocker(
            "risk.zone_kind",
            f"zones.{n}.zone",
            risk.terms.clause("zone_kinds"),
            zone=code,
            choices=list(kinds),
        )
        for n, code in enumerate(risk.at_risk_ppm)
        if risk.zones[code].kind not in kinds
    ]
    return found + check_zones(risk.at_risk_ppm, risk.zones)


def check_project(risk: RiskFacts) -> list[Finding]:
    """A major research project has both its name and its number (重大科技攻关项目)."""
    if bool(risk.project_name) == bool(risk.project_number):
        return []
    missing = "project_number" if risk.project_name else "project_name"
    return [blocker("risk.project_half", missing)]


def check_method(risk: RiskFacts) -> list[Finding]:
    """A declaration needs the year's shares; a year of lines takes lines only."""
    if risk.method is RiskMethod.LINES:
        return []
    if risk.year.share_mode is ShareMode.PER_RISK_LINE:
        return [blocker("risk.year_takes_lines", "method", number=risk.year.number)]
    found = []
    if not risk.year.has_schedule:
        found.append(blocker("risk.no_schedule", "method", day=risk.start_on))
    outside = outside_facility(risk)
    if outside and not risk.referral:
        found += outside
        found.append(blocker("risk.referral_missing", "referral"))
    return found


def outside_facility(risk: RiskFacts) -> list[Finding]:
    """Why a declaration lies outside the facility (自动承保范围); empty: it binds by itself."""
    facility = risk.terms.facility
    if facility is None:
        return [blocker("risk.no_facility", "method")]
    clause, found = risk.terms.clause("facility"), []
    if risk.sum_insured_fen > facility.sum_insured_max_fen:
        found.append(
            blocker(
                "risk.above_facility",
                "sum_insured_fen",
                clause,
                sum_fen=risk.sum_insured_fen,
                maximum_fen=facility.sum_insured_max_fen,
            )
        )
    if facility.classes and risk.business_class not in facility.classes:
        found.append(
            blocker(
                "risk.class_outside_facility",
                "business_class",
                clause,
                value=risk.business_class,
                choices=list(facility.classes),
            )
        )
    days = (risk.end_on - risk.start_on).days + 1
    if facility.days_max is not None and days > facility.days_max:
        found.append(
            blocker(
                "risk.longer_than_facility", "end_on", clause, days=days, maximum=facility.days_max
            )
        )
    return found


CHECKS: tuple[Callable[[RiskFacts], list[Finding]], ...] = (
    check_year,
    check_class,
    check_sections,
    check_values,
    check_money,
    check_zone_list,
    check_project,
    check_method,
)


def check_risk(risk: RiskFacts) -> list[Finding]:
    """All findings on a risk, blockers first."""
    found = [finding for check in CHECKS for finding in check(risk)]
    return sorted(found, key=lambda finding: not finding.blocks)
