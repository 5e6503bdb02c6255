"""How first sales are counted: sets, batches, first years (台(套)数、批次数、首年度)."""

from __future__ import annotations

from datetime import date

from catalogue.rules.subsidy.dates import add_months
from catalogue.rules.subsidy.judging import Judged, One
from catalogue.rules.subsidy.nouns import COUNTED_KINDS, CountedBy
from service.kernel.findings import Finding


def quantity(one: One) -> Judged | None:
    """First N sets; a batch of few units and near contracts; a first year of many (数量与批次)."""
    if not one.rules.has("quantity_rule") or one.line.kind not in COUNTED_KINDS:
        return None
    thing = one.line.object
    by_way = {
        CountedBy.SET.value: _sets,
        CountedBy.BATCH.value: _batch,
        CountedBy.FIRST_YEAR.value: _first_year,
    }
    judge = by_way.get(thing.counted_by)
    if judge is None:
        found = [one.unknown("quantity_rule", one.field("object.counted_by"), "counted_by")]
    else:
        found = judge(one)
    if one.rules.quantity.purchase_within_months is not None:
        found += _purchase(one, one.rules.quantity.purchase_within_months)
    inputs = {"counted_by": thing.counted_by, "ordinal": thing.ordinal, "units": thing.units}
    return inputs, found


def _sets(one: One) -> list[Finding]:
    most, thing = one.rules.quantity.sets_max, one.line.object
    if most is None:
        return []
    if thing.ordinal is None:
        return [one.unknown("quantity_rule", one.field("object.ordinal"), "ordinal")]
    last = thing.ordinal + (thing.units or 1) - 1
    if thing.ordinal >= 1 and last <= most:
        return []
    return [
        one.blocks(
            "subsidy.set_too_late",
            "quantity_rule",
            one.field("object.ordinal"),
            ordinal=last,
            most=most,
        )
    ]


def _batch(one: One) -> list[Finding]:
    rule, thing, found = one.rules.quantity, one.line.object, list[Finding]()
    if rule.batch_units_max is not None:
        if thing.units is None:
            found.append(one.unknown("quantity_rule", one.field("object.units"), "units"))
        elif thing.units > rule.batch_units_max:
            found.append(
                one.blocks(
                    "subsidy.batch_too_large",
                    "quantity_rule",
                    one.field("object.units"),
                    units=thing.units,
                    most=rule.batch_units_max,
                )
            )
    if rule.batch_gap_months is not None:
        found += _contracts(one, rule.batch_gap_months)
    return found


def _first_year(one: One) -> list[Finding]:
    rule, thing, found = one.rules.quantity, one.line.object, list[Finding]()
    if rule.year_units_min is not None:
        if thing.units is None:
            found.append(one.unknown("quantity_rule", one.field("object.units"), "units"))
        elif thing.units < rule.year_units_min:
            found.append(
                one.blocks(
                    "subsidy.year_too_few",
                    "quantity_rule",
                    one.field("object.units"),
                    units=thing.units,
                    least=rule.year_units_min,
                )
            )
    if rule.year_gap_months is not None:
        found += _contracts(one, rule.year_gap_months)
    if rule.year_to_december:
        first, last = thing.first_purchase_on, thing.contract_last_on
        if first is None or last is None:
            name = "first_purchase_on" if first is None else "contract_last_on"
            found.append(one.unknown("quantity_rule", one.field(f"object.{name}"), name))
        else:
            found += _too_far(one, first, last, date(first.year, 12, 31))
    return found


def _contracts(one: One, months: int) -> list[Finding]:
    """The last contract is at most so many months after the first."""
    thing = one.line.object
    first, last = thing.contract_first_on, thing.contract_last_on
    if first is None or last is None:
        name = "contract_first_on" if first is None else "contract_last_on"
        return [one.unknown("quantity_rule", one.field(f"object.{name}"), name)]
    return _too_far(one, first, last, add_months(first, months))


def _purchase(one: One, months: int) -> list[Finding]:
    """The contracts lie within the first year (首年度), counted from the user's first purchase."""
    thing = one.line.object
    first, last = thing.first_purchase_on, thing.contract_last_on
    if first is None or last is None:
        name = "first_purchase_on" if first is None else "contract_last_on"
        return [one.unknown("quantity_rule", one.field(f"object.{name}"), name)]
    return _too_far(one, first, last, add_months(first, months))


def _too_far(one: One, first: date, last: date, until: date) -> list[Finding]:
    if first <= last <= until:
        return []
    return [
        one.blocks(
            "subsidy.contracts_apart",
            "quantity_rule",
            one.field("object.contract_last_on"),
            first=first,
            last=last,
            until=until,
        )
    ]
