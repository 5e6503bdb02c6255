"""Worked cases as data: a small table becomes the facts of an application.

A case names only what it is about. Everything else is set so that the rule is met
(:func:`eligible_line`): the first day of the window, the first edition, a paid premium. Fields of
the line and of its object stand side by side; ``premium_fen`` stands for the invoiced, annual and
own-paid premium at once; ``lines`` holds the lines of a larger case, each on top of the common
fields; ``firm`` and ``context`` are tables of their own. An unknown field is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from catalogue.rules.subsidy.dates import add_years, year_end_on
from catalogue.rules.subsidy.facts import (
    ApplicationFacts,
    BanFacts,
    CarrierFacts,
    Context,
    FirmFacts,
    ObjectFacts,
    OtherMoney,
    PaidFacts,
    PolicyLine,
    QualificationFacts,
    StatusFacts,
)
from catalogue.rules.subsidy.nouns import SubjectKind
from catalogue.rules.subsidy.rules import SubsidyRules
from catalogue.rules.subsidy.trace import Assessment, check_trace
from service.kernel.findings import blockers

T = TypeVar("T")
LONG_AGO = date(2000, 1, 1)
PLENTY_FEN = 10**13
_LINE_FIELDS = {f.name for f in dataclasses.fields(PolicyLine)} - {"object"}
_OBJECT_FIELDS = {f.name for f in dataclasses.fields(ObjectFacts)} - {"name"}
_SHORT = {"premium_fen", "object_name"}


def read_application(rules: SubsidyRules, given: Mapping[str, object]) -> ApplicationFacts:
    """Return the facts of a case. Raises ValueError for a case that cannot be read."""
    common = {k: v for k, v in given.items() if k not in ("firm", "context", "lines")}
    entries = given.get("lines", ({},))
    if not isinstance(entries, (tuple, list)):
        raise ValueError("lines is not a list")
    lines = tuple(
        _line(rules, {**common, **_table(entry)}, position)
        for position, entry in enumerate(entries, start=1)
    )
    start_on = min((line.start_on for line in lines), default=_start_on(rules))
    context = _context(rules, _table(given.get("context", {})), start_on)
    firm = _firm(rules, _table(given.get("firm", {})), context.applied_on)
    return ApplicationFacts(firm, tuple(_dated(line, context) for line in lines), context)


def answer(assessment: Assessment) -> dict[str, object]:
    """Return what a case may expect, by name."""
    first = assessment.lines[0] if assessment.lines else None
    return {
        "total_fen": assessment.total_fen,
        "amounts_fen": [line.amount_fen for line in assessment.lines],
        "base_fen": first.base_fen if first else None,
        "would_be_fen": first.would_be_fen if first else None,
        "payee": first.payee if first else None,
        "refused": assessment.refused,
        "codes": [f.code.removeprefix("subsidy.") for f in blockers(assessment.all_findings())],
        "cuts": [s.text for line in assessment.lines for s in line.steps if s.cut_fen > 0],
        "trace_holds": check_trace(assessment),
    }


def eligible_line(rules: SubsidyRules, premium_fen: int, limit_fen: int) -> dict[str, object]:
    """Return fields of a line that meets every condition of the rule, for cases and tests."""
    kinds = sorted(rules.kinds)
    kind = SubjectKind.GENERAL.value if SubjectKind.GENERAL in rules.kinds else kinds[0]
    quantity, insurer = rules.quantity, rules.insurer
    start_on = _start_on(rules)
    return {
        "policy": "P1",
        "kind": kind,
        "start_on": start_on,
        "limit_fen": limit_fen,
        "sum_insured_fen": limit_fen,
        "premium_fen": premium_fen,
        "invoice_on": rules.window.invoice_from or rules.window.invoice_to or start_on,
        "invoice_to_insured": True,
        "product_class": next(iter(sorted(rules.classes)), ""),
        "in_library": True,
        "filed": True,
        "qualification": "Q1" if rules.quota else "",
        "package_compulsory": rules.package.compulsory_min if rules.package else None,
        "carrier": {
            "name": next(iter(sorted(insurer.named)), ""),
            "place": next(iter(sorted(insurer.places)), ""),
            "capital_fen": insurer.capital_min_fen,
            "solvency_ppm": insurer.solvency_min_ppm,
        },
        "edition": _edition(rules, start_on),
        "item": "1.1",
        "parameters_met": True,
        "counted_by": "set" if quantity.sets_max else "batch",
        "ordinal": 1,
        "units": 1,
        "value_fen": limit_fen,
        "contract_fen": limit_fen,
        "buyer_relation": "none",
        "listed_from": LONG_AGO,
        "tested": True,
        "customised": False,
        "in_compensated_set": False,
        "permit_number": "1",
        "version": "V1.0",
        "rd_spend_fen": rules.object.rd_spend_min_fen,
    }


def _line(rules: SubsidyRules, given: Mapping[str, object], position: int) -> PolicyLine:
    strange = sorted(set(given) - _LINE_FIELDS - _OBJECT_FIELDS - _SHORT)
    if strange:
        raise ValueError(f"unknown fields: {', '.join(strange)}")
    premium, limit = given.get("premium_fen", 0), given.get("limit_fen", 0)
    sample = eligible_line(rules, _whole(premium), _whole(limit))
    fields: dict[str, Any] = {"key": str(position), **sample, "policy": f"P{position}", **given}
    start_on = _day(fields["start_on"])
    premium_fen = fields.pop("premium_fen")
    for name in ("premium_invoiced_fen", "annual_premium_fen", "premium_paid_own_fen"):
        fields.setdefault(name, premium_fen)
    fields.setdefault("end_on", year_end_on(start_on))
    if fields.get("cover_year", 1) != 1:
        fields.setdefault("gap_days", 0)
    for name in ("contract_first_on", "contract_last_on", "first_purchase_on"):
        fields.setdefault(name, start_on)
    thing = {name: fields.pop(name) for name in _OBJECT_FIELDS if name in fields}
    thing["name"] = fields.pop("object_name", "")
    carrier = {**_table(sample["carrier"]), **_table(fields.pop("carrier"))}
    fields["other_money"] = _many(OtherMoney, fields.get("other_money", ()))
    return _build(
        PolicyLine,
        {**fields, "carrier": _build(CarrierFacts, carrier), "object": _build(ObjectFacts, thing)},
    )


def _dated(line: PolicyLine, context: Context) -> PolicyLine:
    """Set the days of the object that a case leaves open: no later than the application."""
    thing, day = line.object, min(line.start_on, context.applied_on)
    return dataclasses.replace(
        line,
        object=dataclasses.replace(
            thing,
            delivered_on=_unless_said(thing.delivered_on, day),
            accepted_on=_unless_said(thing.accepted_on, day),
            on_sale_since=thing.on_sale_since or context.applied_on,
            completed_on=thing.completed_on or context.applied_on,
        ),
    )


def _unless_said(day: date | None, usual: date) -> date | None:
    """A case says “never” with the last possible day."""
    return usual if day is None else (None if day == date.max else day)


def _context(rules: SubsidyRules, given: Mapping[str, object], start_on: date) -> Context:
    window = rules.window
    applied_on = _day(
        given.get("applied_on", window.applied_from or max(start_on, rules.valid_from))
    )
    fields: dict[str, Any] = {**given, "applied_on": applied_on}
    fields["paid"] = _build(PaidFacts, _table(given.get("paid", {})))
    if rules.quota is not None and "qualifications" not in given:
        last = year_end_on(start_on, rules.quota.years_max or 3)
        left = _whole(fields.pop("quota_left_fen", PLENTY_FEN))
        held = [{"number": "Q1", "left_fen": left, "valid_from": start_on, "valid_to": last}]
        fields["qualifications"] = _many(QualificationFacts, held)
    else:
        fields["qualifications"] = _many(QualificationFacts, given.get("qualifications", ()))
    if "materials" in given:
        fields["materials"] = frozenset(str(code) for code in _list(given["materials"]))
    return _build(Context, fields)


def _firm(rules: SubsidyRules, given: Mapping[str, object], applied_on: date) -> FirmFacts:
    rule = rules.subject
    statuses = [{"code": code, "valid_from": LONG_AGO} for code in sorted(rule.statuses)[:1]]
    fields: dict[str, Any] = {
        "place": next(iter(sorted(rule.places)), ""),
        "registered_on": add_years(applied_on, -(rule.age_min_years or 0)),
        "revenue_fen": rule.revenue_max_fen,
        "staff_count": rule.staff_max_count,
        "rd_share_ppm": rule.rd_share_min_ppm,
        "credit_good": True,
        "statuses": statuses,
        **given,
    }
    fields["statuses"] = _many(StatusFacts, fields["statuses"])
    fields["bans"] = _many(BanFacts, fields.get("bans", ()))
    return _build(FirmFacts, fields)


def _start_on(rules: SubsidyRules) -> date:
    window = rules.window
    first = next((e.start_from for e in rules.editions if e.start_from), None)
    return window.start_from or window.start_to or first or rules.valid_from


def _edition(rules: SubsidyRules, day: date) -> str:
    fitting = [
        e.edition
        for e in rules.editions
        if (e.start_from is None or e.start_from <= day)
        and (e.start_to is None or day <= e.start_to)
    ]
    return fitting[0] if fitting else ""


def _build(kind: Callable[..., T], fields: Mapping[str, Any]) -> T:
    try:
        return kind(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _many(kind: Callable[..., T], entries: object) -> tuple[T, ...]:
    return tuple(_build(kind, _table(entry)) for entry in _list(entries))


def _list(value: object) -> tuple[object, ...]:
    if isinstance(value, (tuple, list)):
        return tuple(value)
    raise ValueError(f"{value!r} is not a list")


def _table(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"{value!r} is not a table")


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    raise ValueError(f"{value!r} is not a day")


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is not a whole number")
