"""Checks of one line: the class of the product, the product itself, its insurer, its package."""

from __future__ import annotations

from catalogue.rules.subsidy.judging import Judged, One
from service.kernel.findings import Finding

KEY = "insurer_conditions"


def product_class(one: One) -> Judged | None:
    """The line of insurance is one the rule names (险种)."""
    classes = one.rules.classes
    if not classes:
        return None
    given, found = one.line.product_class, []
    if given not in classes:
        found.append(
            one.blocks(
                "subsidy.class_not_covered",
                "product_classes",
                one.field("product_class"),
                given=given or "-",
                classes=classes,
            )
        )
    return {"product_class": given}, found


def product(one: One) -> Judged | None:
    """The product was filed, and in the library on the first day of cover."""
    rule, line = one.rules.insurer, one.line
    inputs: dict[str, object] = {}
    found: list[Finding] = []
    for wanted, name, given, code in (
        (rule.in_library, "in_library", line.in_library, "subsidy.product_not_in_library"),
        (rule.filed_product, "filed", line.filed, "subsidy.product_not_filed"),
    ):
        if not wanted:
            continue
        inputs[name] = given
        if given is None:
            found.append(one.unknown(KEY, one.field(name), name))
        elif not given:
            found.append(
                Finding(
                    code,
                    one.field("product"),
                    params={"product": line.product or "-", "day": line.start_on},
                    source=one.rules.source(KEY),
                )
            )
    return (inputs, found) if inputs else None


def carrier(one: One) -> Judged | None:
    """The insurer or the pool is large, solvent, near and named enough."""
    rule, given = one.rules.insurer, one.line.carrier
    field, found = one.field("carrier"), list[Finding]()
    inputs: dict[str, object] = {}
    least = rule.pool_capital_min_fen if given.is_pool else rule.capital_min_fen
    capital = given.pool_capital_fen if given.is_pool else given.capital_fen
    if least is not None:
        inputs["capital_fen"] = capital
        if capital is None:
            found.append(one.unknown(KEY, field, "capital_fen"))
        elif capital < least:
            found.append(
                one.blocks(
                    "subsidy.insurer_capital", KEY, field, capital_fen=capital, minimum_fen=least
                )
            )
    if rule.solvency_min_ppm is not None:
        inputs["solvency_ppm"] = given.solvency_ppm
        if given.solvency_ppm is None:
            found.append(one.unknown(KEY, field, "solvency_ppm"))
        elif given.solvency_ppm < rule.solvency_min_ppm:
            found.append(
                one.blocks(
                    "subsidy.insurer_solvency",
                    KEY,
                    field,
                    solvency_ppm=given.solvency_ppm,
                    minimum_ppm=rule.solvency_min_ppm,
                )
            )
    if rule.places:
        inputs["carrier_place"] = given.place
        if given.place not in rule.places:
            found.append(
                one.blocks(
                    "subsidy.insurer_place",
                    KEY,
                    field,
                    place=given.place or "-",
                    places=rule.places,
                )
            )
    if rule.named:
        inputs["carrier_name"] = given.name
        if given.name not in rule.named:
            found.append(
                one.blocks(
                    "subsidy.insurer_not_named",
                    KEY,
                    field,
                    name=given.name or "-",
                    named=rule.named,
                )
            )
    return (inputs, found) if inputs else None


def package(one: One) -> Judged | None:
    """The package holds its compulsory lines and no more optional ones than allowed."""
    rule, line = one.rules.package, one.line
    if rule is None:
        return None
    compulsory, optional = line.package_compulsory, line.package_optional
    inputs = {"package_compulsory": compulsory, "package_optional": optional}
    if compulsory is None:
        name = "package_compulsory"
        return inputs, [one.unknown("package", one.field(name), name)]
    found = []
    if compulsory < rule.compulsory_min:
        found.append(
            one.blocks(
                "subsidy.package_incomplete",
                "package",
                one.field("package_compulsory"),
                count=compulsory,
                least=rule.compulsory_min,
            )
        )
    if rule.optional_max is not None and (optional or 0) > rule.optional_max:
        found.append(
            one.blocks(
                "subsidy.package_too_many",
                "package",
                one.field("package_optional"),
                count=optional,
                most=rule.optional_max,
            )
        )
    return inputs, found
