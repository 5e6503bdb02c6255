"""Topics of worked cases about money: premium with its fees, interest, backstop, signing.

They ask the very rules that placements, premium, claims and settlement use, so that an agreement
cannot promise one figure and be carried out with another. Members are M1 (lead, issuer, accounts),
M2 … in their order.
"""

from __future__ import annotations

from collections.abc import Mapping

from coinsurance.rules.agreement.given import Answer, Given, as_day, number, numbers
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.claims.backstop import position
from coinsurance.rules.fees import FeeBase, fee_columns, fee_terms
from coinsurance.rules.nouns import Component
from coinsurance.rules.premium_dues import Remit, Roles, dues
from coinsurance.rules.settlement.day_count import DayCount
from coinsurance.rules.settlement.interest import LateDebt, RateStep, interest
from coinsurance.rules.signing import SigningRules, WrittenLine, sign
from service.kernel.money import split


def premium(terms: AgreementTerms, given: Given) -> Answer:
    """What a premium that came in gives to whom: parts, fees, remittances and their last day.

    `remitted_fen`: what the issuer passes on to each follower, gross or net as agreed.
    """
    shares = numbers(given, "shares_units")
    members = [f"M{n}" for n in range(1, len(shares) + 1)]
    amount_fen = number(given, "premium_fen")
    parts = dict(zip(members, split(amount_fen, shares), strict=True))
    weights = dict(zip(members, shares, strict=True))
    charges: dict[Component, dict[str, int]] = {Component.PREMIUM: parts}
    for fee in fee_columns(fee_terms(terms), FeeBase("M1", parts, weights)):
        charges[fee.component] = dict(zip(fee.members, fee.to_date_fen, strict=True))
    remittance = terms.remittance
    owed = dues(
        charges,
        Roles("M1", "M1", "M1"),
        Remit(remittance.mode, remittance.days, remittance.calendar, terms.clause("remittance")),
        as_day(given, "received_on"),
    )
    passed_on = {due.creditor: due.amount_fen for due in owed if due.kind == "premium_remittance"}
    return {
        "parts_fen": tuple(parts.values()),
        "lead_fee_fen": _of_all(charges, Component.LEAD_FEE),
        "lead_fee_tax_fen": _of_all(charges, Component.LEAD_FEE_TAX),
        "broker_fee_fen": _of_all(charges, Component.BROKER_FEE),
        "admin_fee_fen": _of_all(charges, Component.ADMIN_FEE),
        "remitted_fen": tuple(passed_on.get(member, 0) for member in members),
        "due_on": owed[0].due_on if owed and owed[0].due_on else "待日历更新",
        "clause": terms.clause("remittance"),
    }


def _of_all(
    charges: Mapping[Component, Mapping[str, int]], component: Component
) -> tuple[int, ...]:
    """Fen of one component, of every member."""
    own = charges.get(component, {})
    return tuple(own.get(member, 0) for member in charges[Component.PREMIUM])


def late_interest(terms: AgreementTerms, given: Given) -> Answer:
    """Interest on an amount that was due on a day and paid on another."""
    if terms.interest is None:
        return {"interest_fen": 0, "days": 0, "clause": terms.clause("interest")}
    due_on, paid_on = as_day(given, "due_on"), as_day(given, "paid_on")
    basis = next(count for count in DayCount if count.value == terms.interest.day_count)
    rate = RateStep(due_on, terms.interest.rate_ppm)
    result = interest(LateDebt(number(given, "amount_fen"), due_on, (rate,), basis), paid_on)
    return {
        "interest_fen": result.amount_fen,
        "days": result.days,
        "clause": terms.clause("interest"),
    }


def bands(terms: AgreementTerms, given: Given) -> Answer:
    """Who bears a year's loss: pool, government, nobody (invariant 22: they sum to the loss)."""
    stand = position(terms.backstop, number(given, "premium_fen"), number(given, "loss_fen"))
    return {
        "pool_fen": stand.pool_fen,
        "government_fen": stand.government_fen,
        "uncovered_fen": stand.uncovered_fen,
        "clause": terms.clause("backstop"),
    }


def signing(terms: AgreementTerms, given: Given) -> Answer:
    """What written lines sign, or what they lack of the whole."""
    written = numbers(given, "written_units")
    up_to = numbers(given, "up_to_units") if "up_to_units" in given else list(written)
    stands = given.get("to_stand", (False,) * len(written))
    if not isinstance(stands, tuple) or len(stands) != len(written):
        raise ValueError("to_stand does not fit written_units")
    lines = [
        WrittenLine(f"M{n}", units, raised if raised > units else None, to_stand=stand is True)
        for n, (units, raised, stand) in enumerate(zip(written, up_to, stands, strict=True), 1)
    ]
    rules = SigningRules(terms.signing.up_allowed, terms.signing.minimum_units)
    signed = sign(lines, rules=rules)
    return {
        "signed_units": tuple(line.signed_units or 0 for line in signed.lines),
        "whole": signed.whole,
        "missing_units": signed.missing_units,
        "clause": terms.clause("signing"),
    }
