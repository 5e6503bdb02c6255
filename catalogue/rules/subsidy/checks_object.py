"""Checks of one line: the insured object, its catalogue row, contract, count and qualification."""

from __future__ import annotations

from catalogue.rules.subsidy.checks_count import quantity
from catalogue.rules.subsidy.dates import add_years, within_years
from catalogue.rules.subsidy.judging import Judged, LineCheck, One, in_days
from catalogue.rules.subsidy.nouns import COUNTED_KINDS, FIRST_KINDS, Relation, SubjectKind
from catalogue.rules.subsidy.rows import pick
from catalogue.rules.subsidy.steps import facets
from service.kernel.findings import Finding
from service.kernel.money import PPM_WHOLE, Rounding, ratio

OBJECT = "object_conditions"


def catalogue(one: One) -> Judged | None:
    """The item stands in an edition that counts on the first day of cover; parameters are met."""
    rules, thing, field = one.rules, one.line.object, one.field("object")
    rule = rules.object
    asked = rules.editions or rule.item_required or rule.parameters_required
    if not asked or one.line.kind not in COUNTED_KINDS:
        return None
    found: list[Finding] = []
    if rules.editions and not any(
        e.edition == thing.edition and in_days(one.line.start_on, e.start_from, e.start_to)
        for e in rules.editions
    ):
        found.append(
            one.blocks(
                "subsidy.edition",
                "catalogue_editions",
                f"{field}.edition",
                edition=thing.edition or "-",
                day=one.line.start_on,
                editions=sorted({e.edition for e in rules.editions}),
            )
        )
    if rule.item_required and not thing.item:
        found.append(one.unknown(OBJECT, f"{field}.item", "item"))
    if rule.parameters_required:
        if thing.parameters_met is None:
            found.append(one.unknown(OBJECT, f"{field}.parameters_met", "parameters_met"))
        elif not thing.parameters_met:
            found.append(
                one.blocks("subsidy.parameters", OBJECT, f"{field}.item", item=thing.item or "-")
            )
    return {"edition": thing.edition, "item": thing.item}, found


def limit_minimum(one: One) -> Judged | None:
    """The liability limit reaches the multiple of the value or contract that the rule asks."""
    rule, line = one.rules.limit, one.line
    row = pick(rule.minimum, facets(one.rules, line)) if rule.minimum else None
    if row is None:
        return None
    name = "value_fen" if rule.min_of == "value" else "contract_fen"
    whole = line.object.value_fen if rule.min_of == "value" else line.object.contract_fen
    if whole is None:
        return {name: None}, [one.unknown("limit_rule", one.field(f"object.{name}"), name)]
    least, found = ratio(whole, row.value, PPM_WHOLE, Rounding.UP), []
    if line.limit_fen < least:
        found.append(
            one.blocks(
                "subsidy.limit_too_low",
                "limit_rule",
                one.field("limit_fen"),
                limit_fen=line.limit_fen,
                minimum_fen=least,
            )
        )
    return {name: whole, "limit_fen": line.limit_fen}, found


def minimum(one: One) -> Judged | None:
    """Contract, sum insured and cumulative premium of the project reach the least amounts."""
    rule, line, field = one.rules.minimum, one.line, one.field
    total_fen = None if rule.premium_fen is None else _project_premium(one)
    amounts = (
        ("contract_fen", line.object.contract_fen, rule.contract_fen, "合同金额", "contract"),
        ("sum_insured_fen", line.sum_insured_fen, rule.insured_fen, "保险金额", "sum insured"),
        (
            "premium_total_fen",
            total_fen,
            rule.premium_fen,
            "项目累计保费",
            "cumulative premium of the project",
        ),
    )
    inputs: dict[str, object] = {}
    found: list[Finding] = []
    for name, given, least, zh, en in amounts:
        if least is None:
            continue
        inputs[name] = given
        if given is None:
            found.append(one.unknown("amount_minimum", field(name), name))
        elif given < least:
            found.append(
                one.blocks(
                    "subsidy.below_minimum",
                    "amount_minimum",
                    field(name),
                    name_zh=zh,
                    name_en=en,
                    amount_fen=given,
                    minimum_fen=least,
                )
            )
    return (inputs, found) if inputs else None


def _project_premium(one: One) -> int:
    """Premium of the project in this application and in earlier ones, in fen."""
    key = one.line.project_key
    before_fen = one.facts.context.paid.premium_before_fen.get(key, 0)
    return before_fen + sum(e.premium_fen for e in one.facts.lines if e.project_key == key)


def buyer(one: One) -> Judged | None:
    """The buyer is no affiliate and no trader, where the rule excludes them."""
    excluded = one.rules.buyer_exclusions
    if not excluded or one.line.kind not in FIRST_KINDS:
        return None
    given, field = one.line.object.buyer_relation, one.field("object.buyer_relation")
    found = []
    if given is None:
        found.append(one.unknown("buyer_exclusions", field, "buyer_relation"))
    elif given in excluded:
        found.append(
            one.blocks(
                "subsidy.buyer_excluded",
                "buyer_exclusions",
                field,
                relation_zh=Relation.zh_of(given),
                relation_en=given,
            )
        )
    return {"buyer_relation": given}, found


def thing(one: One) -> Judged | None:
    """The object itself: delivered, accepted, tested, permitted, not custom-made, not too old.

    What is asked of software is asked of first versions only, of material of first batches only.
    """
    if not one.rules.has(OBJECT):
        return None
    found = [*_delivery(one), *_flags(one), *_software(one), *_ages(one)]
    given = one.line.object
    return {"delivered_on": given.delivered_on, "accepted_on": given.accepted_on}, found


def _delivery(one: One) -> list[Finding]:
    rule, given, found = one.rules.object, one.line.object, list[Finding]()
    if one.line.kind not in FIRST_KINDS:
        return found
    for wanted, name, day in (
        (rule.delivery_required, "delivered_on", given.delivered_on),
        (rule.acceptance_required, "accepted_on", given.accepted_on),
    ):
        if wanted and (day is None or day > one.applied_on):
            zh, en = ("交付", "delivered") if name == "delivered_on" else ("验收", "accepted")
            found.append(
                one.blocks(
                    "subsidy.not_delivered",
                    OBJECT,
                    one.field(f"object.{name}"),
                    name_zh=zh,
                    name_en=en,
                )
            )
    return found


def _flags(one: One) -> list[Finding]:
    rule, given, found = one.rules.object, one.line.object, list[Finding]()
    software = one.line.kind == SubjectKind.FIRST_VERSION
    material = one.line.kind == SubjectKind.FIRST_BATCH
    for wanted, name, answer, good in (
        (rule.test_required and software, "tested", given.tested, True),
        (rule.customised_excluded and software, "customised", given.customised, False),
        (
            rule.compensated_set_excluded and material,
            "in_compensated_set",
            given.in_compensated_set,
            False,
        ),
    ):
        if not wanted:
            continue
        if answer is None:
            found.append(one.unknown(OBJECT, one.field(f"object.{name}"), name))
        elif answer is not good:
            found.append(
                Finding(
                    f"subsidy.object_{name}",
                    one.field(f"object.{name}"),
                    source=one.rules.source(OBJECT),
                )
            )
    return found


def _software(one: One) -> list[Finding]:
    rule, given, found = one.rules.object, one.line.object, list[Finding]()
    if rule.permit_required and not given.permit_number:
        found.append(one.unknown(OBJECT, one.field("object.permit_number"), "permit_number"))
    if one.line.kind != SubjectKind.FIRST_VERSION:
        return found
    if rule.version_required and not given.version:
        found.append(one.unknown(OBJECT, one.field("object.version"), "version"))
    least = rule.rd_spend_min_fen
    if least is not None:
        if given.rd_spend_fen is None:
            found.append(one.unknown(OBJECT, one.field("object.rd_spend_fen"), "rd_spend_fen"))
        elif given.rd_spend_fen < least:
            found.append(
                one.blocks(
                    "subsidy.below_minimum",
                    OBJECT,
                    one.field("object.rd_spend_fen"),
                    name_zh="研发投入",
                    name_en="R&D spending",
                    amount_fen=given.rd_spend_fen,
                    minimum_fen=least,
                )
            )
    return found


def _ages(one: One) -> list[Finding]:
    rule, given, found = one.rules.object, one.line.object, list[Finding]()
    software = one.line.kind == SubjectKind.FIRST_VERSION
    for name, day, most in (
        ("on_sale_since", given.on_sale_since, rule.on_sale_max_years),
        ("completed_on", given.completed_on, rule.completed_max_years if software else None),
    ):
        if most is None or (day is None and name == "on_sale_since"):
            continue
        if day is None:
            found.append(one.unknown(OBJECT, one.field(f"object.{name}"), name))
        elif not within_years(day, one.applied_on, most):
            found.append(
                one.blocks(
                    "subsidy.object_too_old",
                    OBJECT,
                    one.field(f"object.{name}"),
                    day=day,
                    years=most,
                )
            )
    return found


def qualification(one: One) -> Judged | None:
    """A live qualification (资格) of this product stands behind the line."""
    rule, line, field = one.rules.quota, one.line, one.field("qualification")
    if rule is None or (rule.kinds and line.kind not in rule.kinds):
        return None
    held = one.facts.context.qualification(line.qualification) if line.qualification else None
    if held is None:
        found = [one.blocks("subsidy.qualification_missing", "quota", field)]
        return {"qualification": line.qualification or "-"}, found
    found = []
    if held.product and held.product != line.product:
        found.append(
            one.blocks("subsidy.qualification_product", "quota", field, product=held.product)
        )
    days = {"start": line.start_on, "application": one.applied_on}
    for name in sorted(rule.valid_on):
        if not in_days(days[name], held.valid_from, held.valid_to):
            found.append(
                one.blocks(
                    "subsidy.qualification_not_valid",
                    "quota",
                    field,
                    number=held.number,
                    day=days[name],
                    first=held.valid_from,
                    last=held.valid_to,
                )
            )
    longest = rule.years_max
    if longest is not None and held.valid_to > add_years(held.valid_from, longest):
        found.append(
            one.blocks(
                "subsidy.qualification_too_long",
                "quota",
                field,
                number=held.number,
                years=longest,
                first=held.valid_from,
                last=held.valid_to,
            )
        )
    return {
        "qualification": held.number,
        "valid_from": held.valid_from,
        "valid_to": held.valid_to,
    }, found


OBJECT_CHECKS: tuple[tuple[str, str, LineCheck], ...] = (
    ("catalogue", "catalogue_editions", catalogue),
    ("quantity", "quantity_rule", quantity),
    ("limit_minimum", "limit_rule", limit_minimum),
    ("minimum", "amount_minimum", minimum),
    ("buyer", "buyer_exclusions", buyer),
    ("object", OBJECT, thing),
    ("qualification", "quota", qualification),
)
