"""The sale behind an enrolment, and what a qualification may be granted with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalogue.rules.enrolment.editions import EnrolmentRules
from catalogue.rules.subsidy.dates import year_end_on
from service.kernel.findings import Finding, blocker, warning


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """The sale of the object. Amounts in fen."""

    seller_uscc: str
    buyer_uscc: str
    buyer_relation: str
    signed_on: date
    amount_fen: int
    quantity: int
    unit_price_fen: int | None = None
    invoiced_on: date | None = None
    delivered_on: date | None = None
    accepted_on: date | None = None


def check_contract_days(one: ContractFacts, today: date) -> list[Finding]:
    """Signed, delivered, accepted in this order, and nothing that is yet to come."""
    found = []
    for field, day in (
        ("signed_on", one.signed_on),
        ("invoiced_on", one.invoiced_on),
        ("delivered_on", one.delivered_on),
        ("accepted_on", one.accepted_on),
    ):
        if day is not None and day > today:
            found.append(blocker("contract.in_future", f"contract.{field}", day=day, today=today))
    if one.delivered_on and one.delivered_on < one.signed_on:
        found.append(
            blocker("contract.delivered_early", "contract.delivered_on", signed=one.signed_on)
        )
    if one.accepted_on and (one.delivered_on is None or one.accepted_on < one.delivered_on):
        found.append(
            blocker(
                "contract.accepted_early",
                "contract.accepted_on",
                delivered=one.delivered_on or "-",
            )
        )
    return found


def check_contract(one: ContractFacts, today: date) -> list[Finding]:
    """A contract as it is to be recorded."""
    found = check_contract_days(one, today)
    if one.buyer_uscc == one.seller_uscc:
        found.append(blocker("contract.buyer_is_seller", "buyer_uscc"))
    if one.unit_price_fen is not None and one.unit_price_fen * one.quantity != one.amount_fen:
        found.append(
            warning(
                "contract.price_unlike_amount",
                "unit_price_fen",
                total_fen=one.unit_price_fen * one.quantity,
                amount_fen=one.amount_fen,
            )
        )
    return found


def check_grant(
    asked_fen: int, quota_fen: int, first: date, last: date, today: date, rules: EnrolmentRules
) -> list[Finding]:
    """A quota within what was asked, valid for no longer than the rule allows, not yet over."""
    found = []
    if quota_fen > asked_fen:
        found.append(blocker("qualification.quota_above_asked", "quota_fen", asked_fen=asked_fen))
    if last < first:
        return [*found, blocker("qualification.reversed", "valid_to", start=first)]
    years = rules.qualification_years_max
    latest = year_end_on(first, years.value)
    if last > latest:
        found.append(
            blocker(
                "qualification.too_long", "valid_to", years.source, years=years.value, latest=latest
            )
        )
    if last < today:
        found.append(blocker("qualification.over_already", "valid_to", today=today))
    return found
