"""One line of an application as the rules see it, made from what the records say of its policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from catalogue.rules.enrolment import Actual, Required, all_met, match_parameters
from catalogue.rules.subsidy import CarrierFacts, ObjectFacts, OtherMoney, PolicyLine
from catalogue.rules.subsidy.dates import add_years, gap_days, year_end_on
from catalogue.rules.subsidy.nouns import FIRST_KINDS, CountedBy, SubjectKind


@dataclass(frozen=True, slots=True)
class PolicyFactsRow:
    """What the records say of a policy, its object, sale and receipts. Amounts in fen."""

    id: int
    number: str
    status: str
    start_on: date
    end_on: date
    limit_fen: int
    sum_fen: int
    premium_fen: int
    insurer: str
    insurer_place: str
    product: str
    kind: str
    filed: bool
    in_library: bool | None
    own_fen: int
    others_fen: int
    paid_on: date | None
    invoiced_on: date | None
    invoice_to_insured: bool | None
    claim_paid_fen: int | None
    earlier_from: Sequence[date]
    earlier_to: Sequence[date]
    object: str | None
    object_name: str | None
    level: str | None
    value_fen: int | None
    batch: str | None
    software_version: str | None
    test_report_number: str | None
    marks: int | None
    actual: str | None
    item: str | None
    required: str | None
    edition: str | None
    listed_from: date | None
    listed_to: date | None
    units: int | None
    contract: str | None
    buyer_uscc: str | None
    buyer_relation: str | None
    contract_fen: int | None
    quantity: int | None
    delivered_on: date | None
    accepted_on: date | None
    contract_first_on: date | None
    contract_last_on: date | None
    enrolment: str | None
    enrolment_status: str | None
    qualification: str | None


def product_key(kind: str, object_number: str | None, product: str) -> str:
    """What a cap per product counts: the firm's own product where one is insured."""
    return object_number if kind in FIRST_KINDS and object_number else product


def project_key(contract: str | None, buyer_uscc: str | None) -> str:
    """A sale is a project; empty where there is none."""
    return f"{buyer_uscc}/{contract}" if contract else ""


RENEWAL_DAYS = 31
"""A cover that begins at most so long before the one before it ends follows it."""


def cover_years(row: PolicyFactsRow, applied_on: date) -> tuple[int, int | None]:
    """Year of cover and days without cover before it, from the earlier policies of the object.

    Policies that run side by side count once. A policy of several years counts for all of them; it
    is itself in the year that runs on the day of application.
    """
    before, block_from, covered_to = 0, row.start_on, None
    for first, last in zip(row.earlier_from, row.earlier_to, strict=True):
        if covered_to is None or _follows(first, covered_to):
            before += year_count(block_from, covered_to) if covered_to else 0
            block_from, covered_to = first, last
        else:
            covered_to = max(covered_to, last)
    passed = min(_years_passed(row.start_on, applied_on), year_count(row.start_on, row.end_on) - 1)
    if covered_to is None:
        return 1 + passed, None
    if _follows(row.start_on, covered_to):
        before += year_count(block_from, covered_to)
    else:
        before += _years_passed(block_from, row.start_on)
    return before + 1 + passed, gap_days(covered_to, row.start_on)


def _follows(first: date, covered_to: date) -> bool:
    return first >= covered_to - timedelta(days=RENEWAL_DAYS)


def _years_passed(first: date, day: date) -> int:
    """Anniversaries of the first day up to and including a day."""
    years = 0
    while years < 100 and add_years(first, years + 1) <= day:
        years += 1
    return years


def year_count(start_on: date, end_on: date) -> int:
    """Years of cover, a begun year counted whole, at least one."""
    years = 1
    while years < 100 and year_end_on(start_on, years) < end_on:
        years += 1
    return years


def line_facts(
    number: int,
    declared: Mapping[str, Any],
    row: PolicyFactsRow,
    other_money: tuple[OtherMoney, ...],
    applied_on: date,
) -> PolicyLine:
    """The facts of one line. A refund is taken off what its payer paid."""
    year, gap = cover_years(row, applied_on)
    own_fen, others_fen = row.own_fen, row.others_fen
    if others_fen < 0:
        own_fen, others_fen = own_fen + others_fen, 0
    if own_fen < 0:
        own_fen, others_fen = 0, max(0, own_fen + others_fen)
    return PolicyLine(
        key=str(number),
        policy=row.number,
        kind=row.kind,
        start_on=row.start_on,
        end_on=row.end_on,
        limit_fen=row.limit_fen,
        premium_invoiced_fen=row.premium_fen,
        annual_premium_fen=row.premium_fen // year_count(row.start_on, row.end_on),
        premium_paid_own_fen=own_fen,
        premium_paid_by_others_fen=others_fen,
        sum_insured_fen=row.sum_fen,
        premium_paid_on=row.paid_on,
        invoice_on=row.invoiced_on or _day(declared.get("invoice_on")),
        invoice_to_insured=row.invoice_to_insured,
        cancelled=row.status == "cancelled",
        claim_paid_fen=row.claim_paid_fen,
        cover_year=year,
        gap_days=gap,
        first_time=declared.get("first_time"),
        product=product_key(row.kind, row.object, row.product),
        product_class=declared.get("product_class", ""),
        in_library=row.in_library,
        filed=row.filed,
        project=project_key(row.contract, row.buyer_uscc),
        qualification=row.qualification or "",
        package_compulsory=declared.get("package_compulsory"),
        package_optional=declared.get("package_optional"),
        carrier=CarrierFacts(
            name=row.insurer,
            place=row.insurer_place,
            capital_fen=declared.get("insurer_capital_fen"),
            solvency_ppm=declared.get("insurer_solvency_ppm"),
        ),
        object=_object(declared, row),
        other_money=other_money,
    )


def _object(declared: Mapping[str, Any], row: PolicyFactsRow) -> ObjectFacts:
    """The insured object; what its record declares stands before what the line declares."""
    if row.object is None:
        return ObjectFacts()
    actual, of_object = _actual(row.actual)
    said = {**declared, **of_object}
    ordinal, units = _counted(row, said)
    return ObjectFacts(
        name=row.object_name or "",
        edition=_edition(row.edition),
        item=row.item or "",
        listed_from=row.listed_from,
        listed_to=row.listed_to,
        parameters_met=_met(row.required, actual),
        level=row.level or "",
        counted_by=said.get("counted_by") or _usual_count(row),
        key_part=bool(said.get("key_part")),
        ordinal=ordinal,
        units=units,
        value_fen=row.value_fen,
        contract_fen=row.contract_fen,
        contract_first_on=row.contract_first_on,
        contract_last_on=row.contract_last_on,
        first_purchase_on=row.contract_first_on,
        buyer_relation=row.buyer_relation,
        delivered_on=row.delivered_on,
        accepted_on=row.accepted_on,
        version=row.software_version or "",
        permit_number=said.get("permit_number", ""),
        tested=bool(row.test_report_number and row.marks),
        customised=said.get("customised"),
        in_compensated_set=said.get("in_compensated_set"),
        on_sale_since=_day(said.get("on_sale_since")),
        completed_on=_day(said.get("completed_on")),
        rd_spend_fen=said.get("rd_spend_fen"),
    )


def _actual(stored: str | None) -> tuple[list[Actual], Mapping[str, Any]]:
    """Actual parameters of an object, and what its record declares."""
    rows = msgspec.json.decode(stored) if stored else []
    declared = next((row["declared"] for row in rows if "declared" in row), {})
    return [Actual(**row) for row in rows if "declared" not in row], declared


def _met(required: str | None, actual: list[Actual]) -> bool | None:
    """Whether the actual parameters fit the catalogue row; None without a row."""
    if required is None:
        return None
    wanted = [Required(**row) for row in msgspec.json.decode(required)]
    return all_met(match_parameters(wanted, actual))


def _edition(code: str | None) -> str:
    """The year that names an edition in the rules: SB-2024 is the edition 2024."""
    year = (code or "").rsplit("-", 1)[-1]
    return year if year.isdigit() else code or ""


def _usual_count(row: PolicyFactsRow) -> str:
    return CountedBy.BATCH.value if row.kind == SubjectKind.FIRST_BATCH else CountedBy.SET.value


def _counted(row: PolicyFactsRow, said: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Number of the first set on the line, and how many it covers."""
    units = row.units or row.quantity or said.get("units")
    ordinal = said.get("ordinal")
    return (1 if ordinal is None and row.units else ordinal), units


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
