"""Amounts, sales and days that do not fit each other: object, contract, buyer, cover."""

from __future__ import annotations

from datetime import timedelta

from catalogue.rules.checks.facts import ContractEvidence
from catalogue.rules.checks.looking import REFUSALS, Examined, record
from catalogue.rules.subsidy.dates import gap_days, within_months
from catalogue.rules.subsidy.nouns import FIRST_KINDS, Relation, SubjectKind
from service.kernel.findings import Finding
from service.kernel.money import PPM_WHOLE, Rounding, ratio


def _contract(given: ContractEvidence) -> dict[str, object]:
    return record(
        "contract",
        given.number,
        given.signed_on,
        given.amount_fen,
        party=given.buyer.name,
        party_uscc=given.buyer.uscc,
        status=given.relation,
    )


def check_sum_far_above_contract(one: Examined) -> list[Finding]:
    """Sum insured or limit is a large multiple of what the object was sold for (扩大保障)."""
    sales, most = one.line.contracts, one.parameters.sum_multiple_ppm
    if not sales:
        return []
    sold_fen = sum(c.amount_fen for c in sales)
    above_fen = ratio(sold_fen, most.value, PPM_WHOLE, Rounding.DOWN)
    insured_fen = max(one.line.policy.sum_insured_fen, one.line.policy.limit_fen)
    if insured_fen <= above_fen:
        return []
    return one.says(
        "check.sum_far_above_contract",
        "policy.sum_insured_fen",
        map(_contract, sales),
        source=most.source,
        insured_fen=insured_fen,
        contract_fen=sold_fen,
        multiple_ppm=most.value,
    )


def check_limit_below_value(one: Examined) -> list[Finding]:
    """The limit of a first set does not reach the value of the equipment."""
    thing, least = one.line.object, one.parameters.limit_multiple_ppm
    if thing is None or thing.kind != SubjectKind.FIRST_SET or thing.value_fen is None:
        return []
    needed_fen = ratio(thing.value_fen, least.value, PPM_WHOLE, Rounding.UP)
    if one.line.policy.limit_fen >= needed_fen:
        return []
    return one.says(
        "check.limit_below_value",
        "policy.limit_fen",
        [record("object", thing.number, None, thing.value_fen)],
        source=least.source,
        limit_fen=one.line.policy.limit_fen,
        needed_fen=needed_fen,
    )


def check_buyer_is_applicant(one: Examined) -> list[Finding]:
    """The firm sold the object to itself."""
    own = [c for c in one.line.contracts if c.buyer.uscc and c.buyer.uscc == one.line.firm.uscc]
    if not own:
        return []
    return one.says("check.buyer_is_applicant", "object.contract", map(_contract, own), blocks=True)


def check_buyer_same_person(one: Examined) -> list[Finding]:
    """The buyer belongs to the legal person of the seller.

    Blocks when the relation was declared as none: the statement is false.
    """
    same = [
        c
        for c in one.line.contracts
        if c.buyer.uscc != one.line.firm.uscc and c.buyer.same_person(one.line.firm)
    ]
    if not same:
        return []
    return one.says(
        "check.buyer_same_person",
        "object.contract.buyer_relation",
        map(_contract, same),
        blocks=any(c.relation == Relation.NONE for c in same),
        buyers=tuple(c.buyer.name for c in same),
    )


def check_buyer_declared_related(one: Examined) -> list[Finding]:
    """The seller itself declared the buyer as an affiliate or a trader."""
    if one.line.kind not in FIRST_KINDS:
        return []
    told = [c for c in one.line.contracts if c.relation != Relation.NONE]
    if not told:
        return []
    return one.says(
        "check.buyer_declared_related",
        "object.contract.buyer_relation",
        map(_contract, told),
        source=REFUSALS,
        buyers=tuple(c.buyer.name for c in told),
        relations_zh=tuple(Relation.zh_of(c.relation) for c in told),
        relations_en=tuple(c.relation for c in told),
    )


def check_batch_gap(one: Examined) -> list[Finding]:
    """Contracts of one batch lie further apart than a batch allows (批次间隔)."""
    thing, most = one.line.object, one.parameters.batch_gap_months
    if thing is None or thing.kind != SubjectKind.FIRST_BATCH or len(thing.contracts) < 2:
        return []
    days = sorted(c.signed_on for c in thing.contracts)
    if within_months(days[0], days[-1], most.value):
        return []
    return one.says(
        "check.batch_gap",
        "object.batch",
        map(_contract, thing.contracts),
        source=most.source,
        first=days[0],
        last=days[-1],
        months=most.value,
    )


def check_cover_gap(one: Examined) -> list[Finding]:
    """The last cover of the same first set ended before this one began (保障中断)."""
    start, most = one.line.policy.start_on, one.parameters.gap_max_days
    if one.line.kind != SubjectKind.FIRST_SET:
        return []
    before = [
        m
        for m in one.matches("object", applied=False)
        if m.start_on and m.start_on < start and m.status != "cancelled"
    ]
    ends = [m.end_on for m in before if m.end_on]
    if not ends or (days := gap_days(max(ends), start)) <= most.value:
        return []
    return one.says(
        "check.cover_gap",
        "policy.start_on",
        [m.record() for m in before],
        source=most.source,
        days=days,
        last=max(ends),
        start=start,
        most=most.value,
    )


def check_material_in_set(one: Examined) -> list[Finding]:
    """The buyer of the material applied for a first set sold after it: it may be inside."""
    signed = {c.buyer.uscc: c.signed_on for c in one.line.contracts}
    span = timedelta(days=one.parameters.material_set_days.value)
    if one.line.kind != SubjectKind.FIRST_BATCH:
        return []
    sets = [
        m
        for m in one.matches("buyer_set")
        if m.start_on
        and (day := signed.get(m.firm.uscc)) is not None
        and day <= m.start_on <= day + span
    ]
    return one.alike("check.material_in_set", "object", sets, blocks=False)


WORTH = (
    check_sum_far_above_contract,
    check_limit_below_value,
    check_buyer_is_applicant,
    check_buyer_same_person,
    check_buyer_declared_related,
    check_batch_gap,
    check_cover_gap,
    check_material_in_set,
)
