"""What keeps an agreement from being published or put to the vote: values that do not fit together.

All findings at once, each with the clause it is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from coinsurance.rules.agreement.book import (
    CODE_CHARACTERS_MAX,
    SCHEMA,
    VERSION_CHARACTERS_MAX,
    agreement_terms,
    is_pool_family,
)
from coinsurance.rules.agreement.cases import evaluate
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import Component, ConsentMatter, ConsentRule, PoolRole, ShareMode
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import Finding, blocker, warning
from service.kernel.money import PPM_WHOLE
from service.kernel.rulebook import RuleBook, validate
from service.kernel.shares import WHOLE_UNITS

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9A-Za-z]+([.-][0-9A-Za-z]+)*")
_TYPE = re.compile(r"PT[0-9]{3}")
_DECIDING = (PoolRole.LEAD, PoolRole.ISSUER, PoolRole.CLAIMS_HANDLER)


def check_agreement_book(book: RuleBook) -> list[Finding]:
    """Return what keeps a book from being published: values, dates, cases, consistency."""
    found = [_with_clause(book, f) for f in validate(book, SCHEMA, evaluate)]
    found += _check_names(book)
    try:
        terms = agreement_terms(book)
    except Refused as refused:
        known = {(finding.code, finding.field) for finding in found}
        return [*found, *(f for f in refused.findings if (f.code, f.field) not in known)]
    return [*found, *(finding for check in CHECKS for finding in check(terms))]


def _with_clause(book: RuleBook, finding: Finding) -> Finding:
    """A failing worked case names the clause whose terms answer otherwise."""
    part, _, rest = finding.field.partition(".")
    number = rest.partition(".")[0]
    if part != "case" or not number.isdigit() or finding.source:
        return finding
    try:
        clause = str(evaluate(book, book.cases[int(number)].given)["clause"])
    except (DomainError, ValueError, TypeError, KeyError):
        return finding
    return replace(finding, source=clause)


def _check_names(book: RuleBook) -> Iterator[Finding]:
    code = book.family.partition("/")[2]
    fits = _CODE.fullmatch(code) and len(code) <= CODE_CHARACTERS_MAX
    if not is_pool_family(book.family) or not fits:
        yield blocker("agreement.family", "rule.family", value=book.family)
    if not _VERSION.fullmatch(book.version) or len(book.version) > VERSION_CHARACTERS_MAX:
        yield blocker("agreement.version", "rule.version", value=book.version)


def _at(terms: AgreementTerms, code: str, at: str, /, **params: object) -> Finding:
    value = terms.clauses.get(at)
    return blocker(code, f"values.{at}", value.source if value else "", **params)


def _check_plain(terms: AgreementTerms) -> Iterator[Finding]:
    if not re.fullmatch("[A-Z]{3}", terms.currency):
        yield _at(terms, "agreement.currency", "currency", value=terms.currency)
    for code in terms.product_types:
        if not _TYPE.fullmatch(code):
            yield _at(terms, "agreement.product_type", "product_types", value=code)
    names = [level.name for level in terms.dispute_levels]
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        yield _at(terms, "agreement.twice", "dispute_levels", key="dispute_levels", value=name)


def _check_consents(terms: AgreementTerms) -> Iterator[Finding]:
    for matter in ConsentMatter:
        term, key = terms.consents[matter], f"consent_{matter}"
        counted = term.count is not None and term.count >= 1
        weighed = term.threshold_units is not None and 1 <= term.threshold_units <= WHOLE_UNITS
        wanted = (term.rule == ConsentRule.COUNT, term.rule == ConsentRule.WEIGHTED)
        given = (term.count is not None, term.threshold_units is not None)
        words = {"matter_zh": matter.zh, "matter": matter.value}
        if wanted != given or wanted != (counted, weighed):
            rule = {"rule_zh": term.rule.zh, "rule": term.rule.value}
            yield _at(terms, "agreement.consent_number", key, **words, **rule)
        if term.deemed and term.days is None:
            yield _at(terms, "agreement.deemed_without_days", key, **words)


def _check_fees(terms: AgreementTerms) -> Iterator[Finding]:
    fees = {
        Component.LEAD_FEE: terms.lead_fee,
        Component.BROKER_FEE: terms.broker_fee,
        Component.ADMIN_FEE: terms.admin_fee,
    }
    for component, fee in fees.items():
        if fee is None:
            continue
        if fee.rate_ppm > PPM_WHOLE:
            yield _at(
                terms, "agreement.rate", component, key=component.value, rate_ppm=fee.rate_ppm
            )
        if component not in terms.fee_whitelist:
            names = {"fee_zh": component.zh, "fee": component.value}
            yield _at(terms, "agreement.fee_not_listed", component, **names)
    fee = terms.lead_fee
    if fee is not None and fee.set_off and terms.remittance.mode == "gross":
        yield _at(terms, "agreement.gross_set_off", "remittance")


def _check_benchmark(terms: AgreementTerms) -> Iterator[Finding]:
    fee, benchmark = terms.lead_fee, terms.fee_benchmark
    if fee is None:
        return
    if benchmark is None:
        value = terms.clauses["lead_fee"]
        yield warning("agreement.no_benchmark", "values.lead_fee", value.source)
        return
    commission_ppm = benchmark.reinsurance_commission_ppm
    if abs(fee.rate_ppm - commission_ppm) < benchmark.distance_min_ppm:
        yield _at(
            terms,
            "agreement.fee_like_commission",
            "lead_fee",
            fee_ppm=fee.rate_ppm,
            commission_ppm=commission_ppm,
            distance_ppm=benchmark.distance_min_ppm,
        )


def _check_rates(terms: AgreementTerms) -> Iterator[Finding]:
    rates = {
        "interest": terms.interest and terms.interest.rate_ppm,
        "re_signing": terms.re_signing and terms.re_signing.sway_ppm,
        "premium_tax_ppm": terms.premium_tax_ppm,
        "lead_fee": terms.lead_fee and terms.lead_fee.tax_ppm,
    }
    for key, rate_ppm in rates.items():
        if rate_ppm and rate_ppm > PPM_WHOLE:
            yield _at(terms, "agreement.rate", key, key=key, rate_ppm=rate_ppm)
    if terms.signing.minimum_units > WHOLE_UNITS:
        detail = "minimum_units is above the whole"
        yield _at(terms, "agreement.value", "signing", key="signing", detail=detail)
    weights = terms.re_signing
    if weights and not (weights.remittance_weight + weights.notice_weight + weights.consent_weight):
        yield _at(terms, "agreement.weights", "re_signing", key="re_signing")


def _check_netting(terms: AgreementTerms) -> Iterator[Finding]:
    netting = terms.netting
    matters = [matter for group in netting.sets for matter in group]
    if netting.allowed != bool(netting.sets):
        zh, en = "允许与否和轧差组不符", "netting is allowed without sets, or sets are without it"
        yield _at(terms, "agreement.netting", "netting", detail_zh=zh, detail_en=en)
    elif len(set(matters)) != len(matters):
        zh, en = "同一事项属于两组", "a matter is in two sets"
        yield _at(terms, "agreement.netting", "netting", detail_zh=zh, detail_en=en)


def _check_bands(terms: AgreementTerms) -> Iterator[Finding]:
    before: int | None = 0
    for position, band in enumerate(terms.backstop, 1):
        follows = before is not None and band.from_ppm == before
        upwards = band.to_ppm is None or band.to_ppm > band.from_ppm
        if not follows or not upwards or band.pool_weight + band.government_weight == 0:
            yield _at(terms, "agreement.bands", "backstop", position=position)
        before = band.to_ppm


def _check_cover(terms: AgreementTerms) -> Iterator[Finding]:
    facility = terms.facility
    for value in facility.classes if facility else ():
        if value not in terms.classes:
            choices = list(terms.classes)
            yield _at(terms, "agreement.facility_class", "facility", value=value, choices=choices)
    if facility is None and terms.share_mode != ShareMode.PER_RISK_LINE:
        value_of = terms.clauses["share_mode"]
        yield warning("agreement.facility_missing", "values.facility", value_of.source)
    for position, authority in enumerate(terms.authority):
        if authority.role not in _DECIDING:
            role_zh = PoolRole.zh_of(authority.role)
            field = f"authority.{position}"
            found = _at(
                terms, "agreement.authority_role", "authority", role=authority.role, role_zh=role_zh
            )
            yield blocker(found.code, f"values.{field}", found.source, **found.params)


CHECKS: tuple[Callable[[AgreementTerms], Iterator[Finding]], ...] = (
    _check_plain,
    _check_consents,
    _check_fees,
    _check_benchmark,
    _check_rates,
    _check_netting,
    _check_bands,
    _check_cover,
)
"""One function each; to add a check write it beside its like and put it here."""
