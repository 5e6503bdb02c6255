"""Checks before money moves: worked cases, one note per code, what a firm is told."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.policies.records import number_key
from catalogue.rules import checks
from catalogue.rules.checks import CheckParameters, Threshold
from catalogue.rules.checks.facts import LineEvidence, Match, Party, match_key
from catalogue.rules.subsidy import subsidy_rules
from service.kernel.findings import all_codes
from service.kernel.rulebook import load

CASES = Path(__file__).parents[2] / "cases" / "checks"
BASE = tomllib.loads((CASES / "base.toml").read_text("utf-8"))
FILES = ("doubles", "premium", "standing", "worth")
ALL = [
    case
    for name in FILES
    for case in tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))["case"]
]


def line(change: dict[str, Any] | None = None) -> LineEvidence:
    """The base line with changes: tables are changed field by field, lists as a whole."""
    facts = copy.deepcopy(BASE)
    for name, value in (change or {}).items():
        if isinstance(value, dict) and isinstance(facts.get(name), dict):
            facts[name] |= value
        else:
            facts[name] = value
    return msgspec.convert(facts, LineEvidence)


def parameters(case: dict[str, Any]) -> CheckParameters:
    """Our thresholds with those of a case."""
    own = {name: Threshold(value) for name, value in case.get("thresholds", {}).items()}
    return replace(
        CheckParameters(),
        exclusive_with=frozenset(case.get("exclusive_with", [])),
        statuses=frozenset(case.get("statuses", [])),
        **own,
    )


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case['code'][6:]}: {case['name']}")
def test_worked_case(case: dict[str, Any]) -> None:
    found = checks.check_line(line(case.get("change")), parameters(case))
    said = {f.code: f.severity.value for f in found}
    assert said.get(case["code"], "none") == case["expect"]
    assert case["source"]
    for finding in found:
        shown = finding.as_dict()
        assert shown["message_zh"] and shown["remedy_en"] and shown["source"]
        assert finding.field.startswith("lines.1.")


def test_base_line_has_no_finding_and_every_check_a_case() -> None:
    assert checks.check_line(line(), CheckParameters()) == []
    codes = {code for code in all_codes() if code.startswith("check.")}
    assert codes == {"check." + check.__name__[6:] for check in checks.CHECKS}
    assert codes == {case["code"] for case in ALL if case["expect"] != "none"}


def test_findings_name_the_matching_records() -> None:
    case = next(c for c in ALL if c["name"] == "20-digit invoice on the policy of another firm")
    found = checks.check_line(line(case["change"]), CheckParameters())
    finding = next(f for f in found if f.code == "check.duplicate_invoice")
    record = finding.as_dict()["params"]["records"][0]  # type: ignore[index]
    assert (record["number"], record["application"], record["day"], record["amount_fen"]) == (
        "PYII2026-000002",
        "SA-2026-000003/1",
        "2026-02-01",
        16_000_000,
    )
    assert "SA-2026-000003/1" in finding.text("zh")


def test_firm_sees_neither_detections_nor_records_of_others() -> None:
    mine = {
        "matches": [
            {
                "kind": "invoice",
                "key": "24422000000012345678",
                "policy": "SECRET-1",
                "firm": {"uscc": "F2", "name": "示例他企业有限公司", "legal_root": "F2"},
                "application": "SA-SECRET",
                "line": 1,
            },
            {"kind": "payer", "key": "示例", "policy": "SECRET-2", "firm": {"uscc": "F2"}},
        ]
    }
    found = checks.check_line(line(mine), CheckParameters())
    assert {f.code for f in found} == {"check.duplicate_invoice", "check.payer_of_many"}
    shown = checks.for_firm(found, "F1")
    assert [f.code for f in shown] == ["check.duplicate_invoice"]
    text = str([f.as_dict() for f in shown])
    assert "SECRET" not in text and "他企业" not in text and checks.HIDDEN in text


def test_warning_passes_with_a_note_and_a_blocker_never() -> None:
    change = {"account_name": "示例个人", "policy": {"status": "disputed"}}
    found = checks.check_line(line(change), CheckParameters())
    codes = [f.code for f in found]
    assert codes == ["check.policy_disputed", "check.account_name_differs"]
    assert [f.code for f in checks.unanswered(found, set(codes))] == ["check.policy_disputed"]
    assert len(checks.unanswered(found, ())) == 2


def test_lines_of_one_application_are_compared() -> None:
    first, second = line(), line({"key": "2", "policy": {"number": "PYII 2026-000009"}})
    second = replace(second, object=replace(second.object, number="OB-2026-000009"))  # type: ignore[type-var]
    found = checks.check_lines([first, second], CheckParameters())
    expected = {
        "check.duplicate_invoice",
        "check.duplicate_contract",
        "check.duplicate_unit",
    }
    assert {key: {f.code for f in fs} for key, fs in found.items()} == {
        "1": expected,
        "2": expected,
    }
    assert len(checks.check_application([first, second], CheckParameters())) == 6
    assert checks.check_application([first], CheckParameters()) == []
    assert checks.check_application([], CheckParameters()) == []


def test_at_most_twenty_records_and_one_finding_of_a_code() -> None:
    many = tuple(
        Match("serial", f"LC-{n:06d}", f"P{n}", Party("F2", "示例", "F2"), application=f"SA-{n}")
        for n in range(50)
    )
    found = checks.check_line(replace(line(), matches=many), CheckParameters())
    assert [f.code for f in found] == ["check.duplicate_serial"]
    assert (found[0].params["count"], len(found[0].params["records"])) == (50, 20)  # type: ignore[arg-type]


RULE = """
[rule]
family = "subsidy/test-set"
name = "test"
version = "1"
title_zh = "示例"
valid_from = 2026-01-01
document = "示例文件"
status = "example"
[values]
instrument = { value = "premium_subsidy", source = "第一条" }
subject_kind = { value = ["first_set"], source = "第一条" }
ratio = { value = [{ ratio_ppm = 800_000 }], source = "第二条" }
ratio_base = { value = "premium_paid", source = "第二条" }
rounding = { value = { mode = "down", unit_fen = 1 }, source = "示例", example = true }
exclusive_with = { value = ["reward"], source = "第三条" }
payment_conditions = { value = { paid_by_insured = true }, source = "第四条" }
limit_rule = { value = { max_multiple_ppm = 3_000_000 }, source = "第五条" }
"""


def test_rule_gives_thresholds_and_its_own_refusals_are_not_repeated() -> None:
    given_by = checks.parameters_of(subsidy_rules(load(RULE)), claim_within_days=Threshold(30))
    assert given_by.sum_multiple_ppm == Threshold(3_000_000, "第五条", False)
    assert given_by.limit_multiple_ppm == CheckParameters().limit_multiple_ppm
    assert given_by.claim_within_days.value == 30 and given_by.claim_ratio_min_ppm.example
    assert given_by.exclusive_with == {"reward"}
    assert given_by.judged == {
        "check.own_ban",
        "check.policy_cancelled",
        "check.premium_paid_by_another",
    }
    paid = next(c for c in ALL if c["name"] == "a third party paid the premium")
    assert checks.check_line(line(paid["change"]), given_by) == []
    assert len(checks.check_line(line(paid["change"]), CheckParameters())) == 1


@settings(deadline=None)
@given(st.text(max_size=40))
def test_keys_are_folded_like_policy_numbers(text: str) -> None:
    assert match_key(text) == number_key(text)
