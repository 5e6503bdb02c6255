"""The filing checks: worked cases, severities, sources, and all findings at once."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from catalogue.rules.filing import CHECKS, Filing, check_filing
from catalogue.rules.filing.clauses import check_main_clause
from catalogue.rules.filing.cover import check_main_section, risk_of
from catalogue.rules.filing.papers import check_contact
from catalogue.rules.filing.texts import TEXTS
from service.kernel.findings import Severity
from tests.catalogue.rules.examples import (
    cases,
    clause,
    component,
    insurer,
    rider,
    rules,
    version,
)

ON = date(2025, 9, 1)
WARNINGS = {
    "filing.name_is_type",
    "filing.stage_of_type",
    "filing.licence_missing",
    "filing.licence_shape",
    "filing.file_number_insurer",
    "filing.file_number_kind",
    "filing.registration_number_kind",
    "filing.model_clause_vague",
    "filing.exclusions_missing",
    "filing.component_twice",
    "filing.deductible_high",
    "filing.waiting_long",
    "filing.main_section_missing",
    "filing.main_section_unknown",
    "filing.evidence_missing",
}


def _changed(facts: Any, changes: dict[str, Any]) -> Any:
    return dataclasses.replace(
        facts,
        **{
            name: None if value == "none" else tuple(value) if isinstance(value, list) else value
            for name, value in changes.items()
        },
    )


@pytest.mark.parametrize("case", cases("filing"), ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any]) -> None:
    facts = version(
        clauses=(
            _changed(clause(), case.get("clause", {})),
            _changed(rider(), case.get("rider", {})),
        ),
        components=(_changed(component(), case.get("component", {})),),
    )
    facts = _changed(facts, case.get("version", {}))
    found = check_filing(facts, _changed(insurer(), case.get("insurer", {})), rules(), ON)
    assert [finding.code for finding in found] == case["codes"]
    for finding in found:
        assert finding.text("zh") and finding.text("en") and finding.field
        if finding.code.startswith("filing.") and finding.code != "filing.document_missing":
            assert finding.blocks == (finding.code not in WARNINGS)
    if "blockers" in case:
        assert sum(finding.blocks for finding in found) == case["blockers"]


def test_every_filing_text_is_raised_somewhere() -> None:
    seen = {code for case in cases("filing") for code in case["codes"]}
    seen |= {"filing.component_twice", "filing.main_section_missing"}  # the tests below
    assert set(TEXTS) <= seen


def test_an_empty_draft_gives_all_findings_at_once() -> None:
    empty = dataclasses.replace(
        version(),
        name="",
        stages=(),
        industries=(),
        target_enterprises="",
        eligibility="",
        evidence=(),
        rate_min_ppm=None,
        rate_max_ppm=None,
        sum_min_fen=None,
        sum_max_fen=None,
        contact_name="",
        contact_phone="",
        contact_email="",
        clauses=(),
        components=(),
        documents=(),
    )
    found = check_filing(empty, insurer(), rules(), ON)
    assert sum(finding.blocks for finding in found) == 12
    assert [finding.blocks for finding in found] == sorted(
        (finding.blocks for finding in found), reverse=True
    )


def test_order_is_that_of_the_checks() -> None:
    facts = version(contact_name="", name="")
    assert [f.field for f in check_filing(facts, insurer(), rules())] == ["name", "contact_name"]


def test_fields_are_paths_of_the_form() -> None:
    facts = version(clauses=(clause(), rider(registration_number="C1")))
    (finding,) = check_filing(facts, insurer(), rules())
    assert finding.field == "clauses.1.registration_number"
    assert finding.severity is Severity.BLOCKER


def test_branch_names_the_regulation() -> None:
    found = check_filing(version(), insurer(name="国泰产险武汉中心支公司"), rules())
    assert [(f.code, f.source) for f in found] == [
        ("filing.branch_files", "财产保险公司保险条款和保险费率管理办法 (2021)")
    ]


def test_without_a_day_no_year_is_too_late() -> None:
    facts = version(clauses=(clause(file_number="(国泰产险)(备-责任保险)【2031】(主)1号"),))
    assert check_filing(facts, insurer(), rules()) == []


@pytest.mark.parametrize(
    ("company", "name", "short", "same"),
    [
        ("人保财险", "中国人民财产保险股份有限公司", "", True),
        ("太保产险", "中国太平洋财产保险股份有限公司", "", True),
        ("国寿财险", "中国人寿财产保险股份有限公司", "", True),
        ("众安在线", "众安在线财产保险股份有限公司", "", True),
        ("PICC", "中国人民财产保险股份有限公司", "人保财险 PICC", True),
        ("平安产险", "中国人寿财产保险股份有限公司", "国寿财险", False),
        ("国安产险", "中国人寿财产保险股份有限公司", "国寿财险", False),
        ("产险", "中国人寿财产保险股份有限公司", "", False),
    ],
)
def test_company_of_the_file_number(company: str, name: str, short: str, same: bool) -> None:
    number = f"({company})(备-责任保险)【2021】(主)053号"
    facts = version(insurer_name=name, clauses=(clause(file_number=number),))
    found = check_filing(facts, insurer(name=name, short_name=short), rules())
    assert [f.code for f in found] == ([] if same else ["filing.file_number_insurer"])


def test_combination_needs_a_main_section() -> None:
    parts = (component(), component(name="第三者责任"), component(name="本体损失"))
    (finding,) = check_main_section(Filing(version(components=parts), insurer(), rules()))
    assert finding.code == "filing.main_section_missing"
    assert finding.params["risks_zh"] == ["费用损失", "责任", "财产损失"]
    named = version(components=parts, main_section="本体损失")
    assert check_main_section(Filing(named, insurer(), rules())) == []


def test_component_names_once() -> None:
    parts = (component(), component(name="研发费用 损失"))
    (finding,) = check_filing(version(components=parts), insurer(), rules())
    assert (finding.code, finding.field) == ("filing.component_twice", "components.1.name")


def test_risk_of_a_vague_name_is_open() -> None:
    assert risk_of(component(name="第一部分")) is None


@pytest.mark.parametrize(
    "phone",
    ["13812345678", "027-87654321", "(027) 8765 4321", "0712-2345678转801", "95518", "400-123-4567"]
    + ["+86 138 1234 5678", "０２７－８７６５４３２１"],
)
def test_telephone_numbers(phone: str) -> None:
    assert check_contact(Filing(version(contact_phone=phone), insurer(), rules())) == []


@pytest.mark.parametrize("phone", ["1381234567", "87654321", "电话", "0", "1" * 40])
def test_no_telephone_numbers(phone: str) -> None:
    (finding,) = check_contact(Filing(version(contact_phone=phone), insurer(), rules()))
    assert finding.code == "filing.contact_phone_shape"


@pytest.mark.parametrize("email", ["a@b.cn", "z.m+x@mail.example.com.cn"])
def test_addresses(email: str) -> None:
    assert check_contact(Filing(version(contact_email=email), insurer(), rules())) == []


@pytest.mark.parametrize("email", ["a@b", "@b.cn", "a b@c.cn", "a@b@c.cn", "a@-.1"])
def test_no_addresses(email: str) -> None:
    (finding,) = check_contact(Filing(version(contact_email=email), insurer(), rules()))
    assert finding.code == "filing.contact_email_shape"


def test_rule_book_decides_about_documents() -> None:
    asked = rules(required_documents=("clause_text", "leaflet"), wished_documents=())
    (finding,) = check_filing(version(), insurer(), asked)
    assert finding.blocks and finding.params["kind_zh"] == "产品说明"


def test_checks_are_listed_once_and_documented() -> None:
    assert len(set(CHECKS)) == len(CHECKS) == 22
    assert all(check.__doc__ for check in CHECKS)
    assert check_main_clause in CHECKS
