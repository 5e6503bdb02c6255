"""Books of procedure (办理程序): what a zone says of notice, deadlines and bans, for any rule.

Most public subsidy documents are silent about the procedure. A scheme on such a rule names a book
of procedure beside it; the rule's own values stay, the rest comes from here with its source.
A worked case names a first day in ``given.start_on`` and how often an application was returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from catalogue.rules.subsidy import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules.subsidy.book import READERS, SCHEMA
from catalogue.rules.subsidy.procedure import (
    PROCEDURE_KEYS,
    ban_until,
    decision_due_on,
    may_return,
    notice_period,
    objection_due_on,
    retain_until,
    return_due_on,
)
from catalogue.rules.subsidy.rules import RoundingRule, SubsidyRules
from service.kernel.calendar import OpenTerm
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.rulebook import RuleBook, RuleValue, Schema, validate

PREFIX = "procedure/"
PROCEDURE_SCHEMA: Schema = {key: SCHEMA[key] for key in PROCEDURE_KEYS}
_NOTHING = SubsidyRules(
    version="",
    hash="",
    title_zh="",
    document="",
    instrument="",
    kinds=frozenset(),
    ratio=(),
    ratio_base="",
    rounding=RoundingRule(),
    clauses=MappingProxyType({}),
    valid_from=date.min,
)
"""A rule that says nothing."""


def is_procedure_family(family: str) -> bool:
    """Whether a family of rule books is one of procedure."""
    return family.startswith(PREFIX)


def with_procedure(rules: SubsidyRules, book: RuleBook) -> SubsidyRules:
    """Return the rules with what a book of procedure says where they are silent.

    The source of each value taken over names the book. Raises Refused for an unusable value.
    """
    read: dict[str, object] = {}
    clauses: dict[str, RuleValue] = {}
    found: list[Finding] = []
    for key in PROCEDURE_KEYS:
        if rules.has(key) or not book.has(key):
            continue
        name, reader = READERS[key]
        try:
            read[name] = reader(book, key)
        except (TypeError, ValueError) as error:
            found.append(blocker("subsidy.rule_value", f"values.{key}", key=key, detail=str(error)))
        value = book.values[key]
        cited = f"《{book.title_zh}》版本 {book.version}：{value.source}"
        clauses[key] = replace(value, source=cited)
    if found:
        raise Refused(found)
    merged = MappingProxyType({**rules.clauses, **clauses})
    return replace(rules, clauses=merged, **read)  # type: ignore[arg-type]


def check_procedure_book(book: RuleBook) -> list[Finding]:
    """Return what keeps a book of procedure from being published."""
    found = validate(book, PROCEDURE_SCHEMA, evaluate)
    if not is_procedure_family(book.family):
        found.append(blocker("subsidy.procedure_family", "rule.family", value=book.family))
    if not book.values:
        found.append(blocker("subsidy.procedure_empty", "values"))
    try:
        rules = with_procedure(_NOTHING, book)
    except Refused as refused:
        known = {(finding.code, finding.field) for finding in found}
        return [*found, *(f for f in refused.findings if (f.code, f.field) not in known)]
    return [*found, *_check_notice(rules)]


def _check_notice(rules: SubsidyRules) -> list[Finding]:
    notice = rules.notice
    if notice is None or (notice.days > 0 and notice.calendar in ("working", "calendar")):
        return []
    detail = f"days = {notice.days}, calendar = {notice.calendar}"
    return [
        blocker(
            "subsidy.rule_value",
            "values.public_notice_days",
            key="public_notice_days",
            detail=detail,
        )
    ]


def evaluate(book: RuleBook, given: Mapping[str, object]) -> Mapping[str, object]:
    """Answer a worked case. Raises ValueError for one that cannot be read, Refused where silent."""
    unknown = set(given) - {"start_on", "times_returned"}
    start_on, times = given.get("start_on"), given.get("times_returned", 0)
    if unknown or type(start_on) is not date or not isinstance(times, int):
        raise ValueError(f"a case gives start_on and times_returned, not {sorted(given)}")
    rules = with_procedure(_NOTHING, book)
    answers: dict[str, object] = {"may_return": may_return(rules, times)}
    for name, key, compute in _ANSWERS:
        if book.has(key):
            answers[name] = _told(compute(rules, start_on))
    return answers


_Compute = Callable[[SubsidyRules, date], date | OpenTerm]
_ANSWERS: tuple[tuple[str, str, _Compute], ...] = (
    ("notice_to_on", "public_notice_days", lambda rules, day: notice_period(rules, day).last_on),
    ("objection_due_on", "objection_days", objection_due_on),
    ("return_due_on", "return_days", return_due_on),
    ("decision_due_on", "decision_days", decision_due_on),
    ("retain_until", "retention_years", retain_until),
    ("ban_until", "recovery_ban_years", ban_until),
)


def _told(day: date | OpenTerm) -> object:
    return "open" if isinstance(day, OpenTerm) else day
