"""The checks of enrolment: worked cases, comparison of parameters, shipped editions, grants."""

from __future__ import annotations

import dataclasses
import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rules.enrolment import (
    TEXTS,
    Actual,
    CatalogueFacts,
    ContractFacts,
    EnrolmentFacts,
    ObjectState,
    PolicyState,
    Required,
    all_met,
    check_contract,
    check_enrolment,
    check_grant,
    match_parameters,
    read_editions,
    read_required,
    read_rules,
)
from service.kernel.errors import DomainError
from service.kernel.findings import Severity

SHIPPED = (
    resources.files("catalogue.rules") / "books" / "enrolment" / "catalogues.toml"
).read_text("utf-8")
RULES = read_rules(SHIPPED)
CASES = tomllib.loads(
    (Path(__file__).parents[2] / "cases" / "enrolment" / "enrolment.toml").read_text("utf-8")
)["case"]
TODAY = date(2026, 6, 1)
PRECISION = Required("精度", "≤", "5", "μm")
CONTRACT = ContractFacts(
    seller_uscc="A",
    buyer_uscc="B",
    buyer_relation="none",
    signed_on=date(2026, 3, 1),
    amount_fen=500_000_000,
    quantity=1,
    delivered_on=date(2026, 4, 1),
    accepted_on=date(2026, 4, 1),
)
POLICY = PolicyState(
    status="confirmed",
    start_on=date(2026, 5, 1),
    end_on=date(2027, 4, 30),
    limit_fen=500_000_000,
    insures_firm=True,
    names_object=True,
)
OBJECT = ObjectState(
    kind="first_set",
    value_fen=500_000_000,
    units=1,
    materials=frozenset({"catalogue_proof", "ip_proof", "sales_contract"}),
)
ROW = CatalogueFacts("SB-2024", "first_set", date(2024, 1, 1), None, "1")


def changed(base: Any, changes: dict[str, Any] | None) -> Any:
    """The facts with some fields changed; "none" empties a field, lists become what facts hold."""
    values: dict[str, Any] = {}
    for name, value in (changes or {}).items():
        if isinstance(value, list):
            value = frozenset(value) if name == "materials" else tuple(value)
        values[name] = None if value == "none" else value
    return dataclasses.replace(base, **values)


def facts(case: dict[str, Any]) -> EnrolmentFacts:
    row = None
    if case.get("catalogue") != "none":
        actual = case.get("parameters", [{"name": "精度", "value": "5", "unit": "μm"}])
        matches = match_parameters([PRECISION], [Actual(**a) for a in actual])
        row = dataclasses.replace(changed(ROW, case.get("catalogue")), matches=matches)
    bare = case.get("contract") == "none"
    return EnrolmentFacts(
        object=dataclasses.replace(changed(OBJECT, case.get("object")), catalogue=row),
        policy=changed(POLICY, case.get("policy")),
        contract=None if bare else changed(CONTRACT, case.get("contract")),
        rules=RULES,
        today=TODAY,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any]) -> None:
    found = check_enrolment(facts(case))
    assert [f.code for f in found] == case["codes"]
    assert all(f.text("zh") and f.remedy("en") for f in found)
    if "warnings" in case:
        assert sum(f.severity is Severity.WARNING for f in found) == case["warnings"]


def test_every_text_of_an_enrolment_has_a_case() -> None:
    seen = {code for case in CASES for code in case["codes"]}
    wanted = {code for code in TEXTS if code.startswith("enrolment.")}
    assert wanted <= seen


@pytest.mark.parametrize(
    ("required", "actual", "met"),
    [
        (("≥", "99.9995", "%", ""), ("99.9995", "%"), True),
        (("≥", "99.9995", "%", ""), ("999995", "ppm"), True),
        (("≥", "99.9995", "%", ""), ("99.99949999", "%"), False),
        (("range", "500", "mm", "1250"), ("1.25", "m"), True),
        (("range", "500", "mm", "1250"), ("499.999", "mm"), False),
        (("=", "300", "mm", ""), ("30", "cm"), True),
        (("=", "IP67", "", ""), ("ip67", ""), True),
        (("=", "IP67", "", ""), ("IP68", ""), False),
        (("≥", "300", "h", ""), ("1e9", "h"), None),
        (("≥", "300", "h", ""), ("很多", "h"), None),
        (("≥", "300", "h", ""), ("１，０００", "h"), True),
        (("≥", "300", "h", ""), ("300", ""), None),
    ],
)
def test_parameters_are_compared_exactly(
    required: tuple[str, str, str, str], actual: tuple[str, str], met: bool | None
) -> None:
    operator, value, unit, high = required
    (match,) = match_parameters(
        [Required("参数", operator, value, unit, high)], [Actual(" 参 数 ", *actual)]
    )
    assert match.met is met


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**9))
def test_a_value_meets_its_own_requirement(value: Any) -> None:
    text = f"{value:f}"
    for operator in ("≥", "≤", "="):
        matches = match_parameters([Required("p", operator, text)], [Actual("p", text)])
        assert all_met(matches) is True


def test_one_failure_outweighs_what_is_unknown() -> None:
    required = [PRECISION, Required("转速", "≥", "100")]
    assert all_met(match_parameters(required, [Actual("精度", "6", "μm")])) is False
    assert all_met(match_parameters(required, [Actual("精度", "4", "μm")])) is None
    assert all_met(()) is True


def test_shipped_editions_follow_each_other_and_name_their_source() -> None:
    editions = read_editions(SHIPPED)
    years = {kind: [e.code for e in editions if e.kind == kind] for kind in ("first_set",)}
    assert years["first_set"] == ["SB-2015", "SB-2016", "SB-2017", "SB-2019", "SB-2024"]
    assert all(e.source and e.example for e in editions)
    assert {e.kind for e in editions if e.items} == {"first_set", "first_batch", "first_version"}


@pytest.mark.parametrize(
    "row",
    [
        {"name": "a", "operator": ">", "value": "1"},
        {"name": "a", "operator": "≥", "value": "一"},
        {"name": "a", "operator": "range", "value": "2", "high": "1"},
        {"name": "a", "operator": "range", "value": "2"},
    ],
)
def test_what_cannot_be_compared_is_no_requirement(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a|一"):
        read_required(row)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('kind = "first_set"', 'kind = "fourth_set"', ValueError),
        ("valid_to = 2015-12-31", "valid_to = 2016-06-30", ValueError),
        ("valid_to = 2015-12-31", "valid_to = 2014-12-31", DomainError),
        ('code = "SB-2015"', 'code = "SB-2015"\ncolour = "red"', TypeError),
    ],
)
def test_a_wrong_edition_file_is_refused(old: str, new: str, error: type[Exception]) -> None:
    assert old in SHIPPED
    with pytest.raises(error):
        read_editions(SHIPPED.replace(old, new, 1))


def test_price_and_amount_of_a_contract() -> None:
    odd = dataclasses.replace(CONTRACT, unit_price_fen=499_999_999)
    assert [f.code for f in check_contract(odd, TODAY)] == ["contract.price_unlike_amount"]
    own = dataclasses.replace(CONTRACT, buyer_uscc="A")
    assert [f.code for f in check_contract(own, TODAY)] == ["contract.buyer_is_seller"]


@pytest.mark.parametrize(
    ("first", "last", "codes"),
    [
        (date(2026, 1, 1), date(2028, 12, 31), []),
        (date(2026, 1, 1), date(2029, 1, 1), ["qualification.too_long"]),
        (date(2024, 2, 29), date(2027, 2, 27), []),
        (date(2024, 2, 29), date(2027, 2, 28), ["qualification.too_long"]),
        (date(2026, 6, 2), date(2026, 6, 1), ["qualification.reversed"]),
        (date(2025, 6, 1), date(2026, 5, 31), ["qualification.over_already"]),
    ],
)
def test_validity_of_a_grant(first: date, last: date, codes: list[str]) -> None:
    found = check_grant(100, 100, first, last, TODAY, RULES)
    assert [f.code for f in found] == codes
