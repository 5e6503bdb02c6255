"""The rule books of subsidies (``books/subsidy``): their keys, their values, their worked cases.

All keys of POLICY §9. A key that is absent asks nothing: where the public documents are silent the
book leaves it out, or gives a value marked ``example = true``. One family per place and subject,
named ``subsidy/<place>-<subject>``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from catalogue.rules.subsidy import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules.subsidy.assess import assess
from catalogue.rules.subsidy.cases import answer, read_application
from catalogue.rules.subsidy.nouns import Instrument, RatioBase
from catalogue.rules.subsidy.reading import fill, limit_rule, listed, materials, rows, words
from catalogue.rules.subsidy.rows import Row, clashes
from catalogue.rules.subsidy.rules import (
    ContinuityRule,
    Edition,
    InsurerRule,
    MinimumRule,
    NoticeRule,
    ObjectRule,
    PackageRule,
    PaymentRule,
    QuantityRule,
    QuotaRule,
    RoundingRule,
    SubjectRule,
    SubsidyRules,
    WindowRule,
)
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import PPM_WHOLE
from service.kernel.rulebook import Key, Kind, RuleBook, Schema, validate

FAMILY_PREFIX = "subsidy/"
SCHEMA: Schema = {
    "instrument": Key(Kind.TEXT, choices=tuple(i.value for i in Instrument)),
    "subject_kind": Key(Kind.LIST),
    "product_classes": Key(Kind.LIST, required=False),
    "catalogue_editions": Key(Kind.LIST, required=False),
    "ratio": Key(Kind.LIST),
    "ratio_base": Key(Kind.TEXT, choices=tuple(b.value for b in RatioBase)),
    "rate_cap": Key(Kind.WHOLE, "ppm", required=False),
    "limit_rule": Key(Kind.TABLE, required=False),
    "amount_minimum": Key(Kind.TABLE, required=False),
    "cap": Key(Kind.LIST, required=False),
    "quota": Key(Kind.TABLE, required=False),
    "years_max": Key(Kind.WHOLE, "years", required=False),
    "continuity": Key(Kind.TABLE, required=False),
    "quantity_rule": Key(Kind.TABLE, required=False),
    "date_window": Key(Kind.TABLE, required=False),
    "buyer_exclusions": Key(Kind.LIST, required=False),
    "exclusive_with": Key(Kind.LIST, required=False),
    "stacking_max": Key(Kind.WHOLE, "ppm", required=False),
    "insurer_conditions": Key(Kind.TABLE, required=False),
    "subject_conditions": Key(Kind.TABLE, required=False),
    "object_conditions": Key(Kind.TABLE, required=False),
    "payment_conditions": Key(Kind.TABLE, required=False),
    "package": Key(Kind.TABLE, required=False),
    "materials": Key(Kind.LIST, required=False),
    "public_notice_days": Key(Kind.TABLE, required=False),
    "objection_days": Key(Kind.WHOLE, "working days", required=False),
    "return_for_correction_max": Key(Kind.WHOLE, "times", required=False),
    "return_days": Key(Kind.WHOLE, "working days", required=False),
    "decision_days": Key(Kind.WHOLE, "working days", required=False),
    "retention_years": Key(Kind.WHOLE, "years", required=False),
    "recovery_ban_years": Key(Kind.WHOLE, "years", required=False),
    "rounding": Key(Kind.TABLE),
}
NEEDED_GROUPS: Mapping[str, str] = {
    Instrument.REWARD_REPLACED: "reward",
    Instrument.LOSS_SHARING: "loss_grant",
}
"""The group of funds an instrument stands in for, and so excludes."""

Read = Callable[[RuleBook, str], object]


def _table(kind: type[object]) -> Read:
    return lambda book, key: fill(kind, book.table(key), key)


def _codes(book: RuleBook, key: str) -> object:
    return words("kind" if key == "subject_kind" else key, book.items(key))


def _editions(book: RuleBook, key: str) -> object:
    return tuple(fill(Edition, item, key) for item in listed(book.items(key), key))


READERS: Mapping[str, tuple[str, Read]] = {
    "instrument": ("instrument", RuleBook.text),
    "subject_kind": ("kinds", _codes),
    "product_classes": ("classes", _codes),
    "catalogue_editions": ("editions", _editions),
    "ratio": ("ratio", lambda book, key: rows(book.items(key), key, "ratio_ppm")),
    "ratio_base": ("ratio_base", RuleBook.text),
    "rate_cap": ("rate_cap_ppm", RuleBook.whole),
    "limit_rule": ("limit", lambda book, key: limit_rule(book.table(key), key)),
    "amount_minimum": ("minimum", _table(MinimumRule)),
    "cap": ("caps", lambda book, key: rows(book.items(key), key, "cap_fen", scoped=True)),
    "quota": ("quota", _table(QuotaRule)),
    "years_max": ("years_max", RuleBook.whole),
    "continuity": ("continuity", _table(ContinuityRule)),
    "quantity_rule": ("quantity", _table(QuantityRule)),
    "date_window": ("window", _table(WindowRule)),
    "buyer_exclusions": ("buyer_exclusions", _codes),
    "exclusive_with": ("exclusive_with", _codes),
    "stacking_max": ("stacking_max_ppm", RuleBook.whole),
    "insurer_conditions": ("insurer", _table(InsurerRule)),
    "subject_conditions": ("subject", _table(SubjectRule)),
    "object_conditions": ("object", _table(ObjectRule)),
    "payment_conditions": ("payment", _table(PaymentRule)),
    "package": ("package", _table(PackageRule)),
    "materials": (
        "materials",
        lambda book, key: materials(book.items(key), key, book.source(key)),
    ),
    "public_notice_days": ("notice", _table(NoticeRule)),
    "objection_days": ("objection_days", RuleBook.whole),
    "return_for_correction_max": ("return_for_correction_max", RuleBook.whole),
    "return_days": ("return_days", RuleBook.whole),
    "decision_days": ("decision_days", RuleBook.whole),
    "retention_years": ("retention_years", RuleBook.whole),
    "recovery_ban_years": ("recovery_ban_years", RuleBook.whole),
    "rounding": ("rounding", _table(RoundingRule)),
}
"""How each key is read, and the field of SubsidyRules it fills."""


def is_subsidy_family(family: str) -> bool:
    """Whether a family of rule books is one of subsidies."""
    return family.startswith(FAMILY_PREFIX)


def subsidy_rules(book: RuleBook) -> SubsidyRules:
    """Return the values of a book; raises Refused with one finding for each unusable key."""
    read: dict[str, object] = {}
    found: list[Finding] = []
    for key, (name, reader) in READERS.items():
        if key not in book.values:
            if SCHEMA[key].required:
                found.append(blocker("rulebook.missing_key", f"values.{key}", key=key))
            continue
        try:
            read[name] = reader(book, key)
        except (TypeError, ValueError) as error:
            found.append(blocker("subsidy.rule_value", f"values.{key}", key=key, detail=str(error)))
    if found:
        raise Refused(found)
    return SubsidyRules(
        version=f"{book.family}/{book.version}",
        hash=book.hash,
        title_zh=book.title_zh,
        document=" ".join(part for part in (book.document, book.document_number) if part),
        clauses=book.values,
        valid_from=book.valid_from,
        valid_to=book.valid_to,
        **read,  # type: ignore[arg-type]
    )


def evaluate(book: RuleBook, given: Mapping[str, object]) -> Mapping[str, object]:
    """Answer a worked case (see :mod:`cases` for its form). Raises ValueError, Refused."""
    rules = subsidy_rules(book)
    return answer(assess(rules, read_application(rules, given)))


def check_subsidy_book(book: RuleBook) -> list[Finding]:
    """Return what keeps a book from being published: values, dates, cases, consistency."""
    found = validate(book, SCHEMA, evaluate)
    if not is_subsidy_family(book.family):
        found.append(blocker("subsidy.rule_family", "rule.family", value=book.family))
    try:
        rules = subsidy_rules(book)
    except Refused as refused:
        known = {(finding.code, finding.field) for finding in found}
        return [*found, *(f for f in refused.findings if (f.code, f.field) not in known)]
    return [*found, *_check_rows(rules), *_check_numbers(rules), *_check_pairs(rules)]


def _check_rows(rules: SubsidyRules) -> Iterator[Finding]:
    tables: tuple[tuple[str, tuple[Row, ...]], ...] = (
        ("ratio", rules.ratio),
        ("limit_rule", rules.limit.minimum),
        ("cap", rules.caps),
    )
    for key, entries in tables:
        for first, second in clashes(entries):
            yield blocker(
                "subsidy.rule_clash", f"values.{key}", key=key, first=first + 1, second=second + 1
            )
    for row in rules.caps:
        if row.scope != "policy" and not row.condition.always:
            yield blocker("subsidy.rule_shared_cap", "values.cap", scope=row.scope)


def _check_numbers(rules: SubsidyRules) -> Iterator[Finding]:
    numbers = [("ratio", row.value) for row in rules.ratio]
    numbers += [("stacking_max", rules.stacking_max_ppm)] if rules.stacking_max_ppm else []
    numbers += [("rate_cap", rules.rate_cap_ppm)] if rules.rate_cap_ppm else []
    for key, value in numbers:
        if not 0 < value <= PPM_WHOLE:
            yield blocker("subsidy.rule_share", f"values.{key}", key=key, value_ppm=value)
    if rules.rounding.unit_fen < 1:
        yield blocker(
            "subsidy.rule_value", "values.rounding", key="rounding", detail="unit_fen is below 1"
        )


def _check_pairs(rules: SubsidyRules) -> Iterator[Finding]:
    """What must come together."""
    capped = rules.ratio_base == RatioBase.CAPPED_PREMIUM
    if capped != (rules.rate_cap_ppm is not None):
        yield _needs("ratio_base", "capped_premium", "rate_cap")
    if (rules.instrument == Instrument.LOSS_SHARING) != (rules.ratio_base == RatioBase.CLAIM_PAID):
        yield _needs("instrument", "loss_sharing", "ratio_base = claim_paid")
    group = NEEDED_GROUPS.get(rules.instrument)
    if group is not None and not rules.exclusive_with & {group, "any"}:
        yield _needs("instrument", rules.instrument, f"exclusive_with = {group}")
    if rules.subject.statuses and not rules.subject.status_valid_on:
        yield _needs("subject_conditions", "statuses", "status_valid_on")


def _needs(key: str, value: str, other: str) -> Finding:
    return blocker("subsidy.rule_needs", f"values.{key}", key=key, value=value, other=other)
