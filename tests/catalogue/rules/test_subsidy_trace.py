"""The trace: readable, complete, computable again; findings with words and clauses."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from datetime import date
from typing import Any

import pytest

from catalogue.rules.subsidy import (
    Assessment,
    Context,
    FirmFacts,
    ObjectFacts,
    OtherMoney,
    PolicyLine,
    SubsidyRules,
    assess,
    check_trace,
    funding,
    replay,
    subsidy_rules,
)
from catalogue.rules.subsidy.assess import LINE_CHECKS, WHOLE_CHECKS
from catalogue.rules.subsidy.cases import read_application
from catalogue.rules.subsidy.trace_texts import CHECK_NAMES, FACT_LABELS, SENTENCES
from service.kernel.findings import all_codes
from tests.catalogue.rules.subsidy_examples import ROOT, answer_of, cases, changed, rules

ZHEJIANG: dict[str, Any] = {
    "limit_fen": 1_000_000_000,
    "premium_fen": 25_000_000,
    "level": "national",
}


def _assess(made: SubsidyRules, given: dict[str, Any]) -> Assessment:
    return assess(made, read_application(made, given))


def test_a_citizen_can_read_it() -> None:
    answer = _assess(rules("zhejiang-first-set-2024"), ZHEJIANG)
    steps = [step for step in answer.lines[0].steps if step.op != "check"]
    assert [step.sentence("zh") for step in steps] == [
        "以年度保费 250,000.00 元 为起点",
        "费率上限 2% × 限额 10,000,000.00 元 = 200,000.00 元，取较小者 200,000.00 元",
        "200,000.00 元 × 补贴比例 80% = 160,000.00 元",
        "不超过企业自付保费 250,000.00 元 减已获返还 0.00 元，得 160,000.00 元",
        "各级公共资金合计不超过 250,000.00 元，已有 0.00 元，得 160,000.00 元",
    ]
    assert [step.key for step in steps] == ["ratio_base", "rate_cap", "ratio", "", ""]
    assert steps[1].source == "浙经信装备〔2022〕9号：费率不超过2%"
    assert "读法" in steps[1].note
    assert all("元" in step.sentence("en") for step in steps)


def test_checks_say_met_or_not() -> None:
    answer = _assess(rules("zhejiang-first-set-2024"), {**ZHEJIANG, "units": 4})
    said = [step.sentence("zh") for step in answer.lines[0].steps if step.op == "check"]
    assert "核对台(套)、批次或首年度数量：不符合" in said
    assert "核对保费支付：符合" in said
    assert answer.lines[0].steps[0].sentence("en") == "Amounts and dates: met"


def test_it_can_be_stored_and_read_again() -> None:
    answer = _assess(rules("zhejiang-first-set-2024"), {**ZHEJIANG, "ordinal": 9})
    stored = json.loads(json.dumps(answer.as_dict(), ensure_ascii=False))
    assert stored["total_fen"] == 0
    assert stored["lines"][0]["would_be_fen"] == 16_000_000
    assert stored["lines"][0]["findings"][0]["code"] == "subsidy.set_too_late"
    assert len(answer.hash) == 64


def test_the_hash_follows_facts_and_rule() -> None:
    made = rules("zhejiang-first-set-2024")
    first = _assess(made, ZHEJIANG)
    assert first.hash == _assess(made, ZHEJIANG).hash
    assert first.hash != _assess(made, {**ZHEJIANG, "premium_fen": 25_000_001}).hash
    assert first.hash != _assess(dataclasses.replace(made, hash="other"), ZHEJIANG).hash


def test_a_changed_step_is_found() -> None:
    answer = _assess(rules("zhejiang-first-set-2024"), ZHEJIANG)
    line = answer.lines[0]
    for position, step in enumerate(line.steps):
        if step.op == "check":
            continue
        assert replay(step) == step.result_fen
        forged = dataclasses.replace(step, result_fen=(step.result_fen or 0) + 1)
        steps = (*line.steps[:position], forged, *line.steps[position + 1 :])
        assert not check_trace(
            dataclasses.replace(answer, lines=(dataclasses.replace(line, steps=steps),))
        )
    richer = dataclasses.replace(line, amount_fen=line.amount_fen + 1)
    assert not check_trace(dataclasses.replace(answer, lines=(richer,)))


def test_findings_carry_the_clause() -> None:
    answer = _assess(rules("zhejiang-first-set-2024"), {**ZHEJIANG, "ordinal": 4})
    finding = answer.lines[0].findings[0]
    assert finding.source.startswith("浙经信装备〔2022〕9号：前三台")
    assert finding.field == "lines.1.object.ordinal"
    assert finding.text("zh") == "第 4 台(套)超出前 3 台(套)"
    assert finding.remedy("en")


def test_all_words_are_there() -> None:
    names = [name for name, _, _ in (*WHOLE_CHECKS, *LINE_CHECKS)]
    assert len(set(names)) == len(names)
    assert {*names, "claim_minimum"} == set(CHECK_NAMES)
    inputs: set[str] = set()
    for case in cases():
        made = subsidy_rules(changed(case["book"], case.get("rule", {}), case.get("without")))
        answer = _assess(made, case["given"])
        for step in (*answer.steps, *(s for line in answer.lines for s in line.steps)):
            assert step.sentence("zh") and step.sentence("en")
            assert len(step.labelled()) == sum(not name.endswith("_en") for name in step.inputs)
            inputs |= {name for name in step.inputs if not name.endswith("_en")}
    assert inputs <= set(FACT_LABELS)
    assert all(zh and en for zh, en in (*SENTENCES.values(), *FACT_LABELS.values()))


def test_every_code_is_used_and_registered() -> None:
    folder = ROOT / "catalogue" / "rules" / "subsidy"
    used: set[str] = set()
    for path in folder.glob("*.py"):
        if path.name.startswith("texts"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= set(re.findall(r"^subsidy\.[a-z_]*[a-z]$", node.value))
    used |= {f"subsidy.object_{n}" for n in ("tested", "customised", "in_compensated_set")}
    registered: set[str] = set()
    for path in folder.glob("texts*.py"):
        text = path.read_text("utf-8")
        registered |= set(re.findall(r'^ +"(subsidy\.[a-z_]+)": Text', text, re.M))
    assert used == registered
    assert registered <= set(all_codes())


def test_every_fact_that_may_be_missing_has_a_name() -> None:
    names = set()
    for path in (ROOT / "catalogue" / "rules" / "subsidy").glob("checks_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "unknown":
                names |= {arg.value for arg in node.args[2:] if isinstance(arg, ast.Constant)}
    assert len(names) > 15
    assert names <= set(FACT_LABELS)


def test_a_bare_line_names_every_unknown_fact() -> None:
    """Nothing is guessed: a line with no facts is refused fact by fact, without a crash."""
    bare = PolicyLine(
        key="1",
        policy="P1",
        kind="first_set",
        start_on=date(2025, 2, 1),
        end_on=date(2026, 1, 31),
        limit_fen=1,
        premium_invoiced_fen=1,
        annual_premium_fen=1,
    )
    for name in ("eastlake-example-2026", "zhejiang-first-set-2024", "national-first-set-2015"):
        made = rules(name, subject_kind=["first_set"])
        facts = read_application(made, {"limit_fen": 1, "premium_fen": 1})
        answer = assess(
            made,
            dataclasses.replace(
                facts, firm=FirmFacts(), lines=(bare,), context=Context(date(2025, 3, 1))
            ),
        )
        codes = {finding.code for finding in answer.all_findings()}
        assert "subsidy.fact_missing" in codes
        assert answer.total_fen == 0
        assert check_trace(answer)


@pytest.mark.parametrize("name", [case["name"] for case in cases()][:5])
def test_answers_are_stable(name: str) -> None:
    case = next(case for case in cases() if case["name"] == name)
    assert answer_of(case) == answer_of(case)


def test_funding_names_each_source_once() -> None:
    line = PolicyLine(
        key="1",
        policy="P1",
        kind="general",
        start_on=date(2025, 2, 1),
        end_on=date(2026, 1, 31),
        limit_fen=1_000,
        premium_invoiced_fen=1_000,
        annual_premium_fen=1_000,
        premium_paid_own_fen=700,
        premium_refunded_fen=100,
        other_money=(
            OtherMoney("state", 200, to="insurer"),
            OtherMoney("city", 50),
            OtherMoney("reward", 9, on="object"),
        ),
        object=ObjectFacts(),
    )
    made = {s.code: s.amount_fen for s in funding("premium_subsidy", line, 300)}
    assert made == {"own": 250, "others": 0, "state": 200, "city": 50, "this": 300, "unpaid": 100}
    direct = {s.code: s.amount_fen for s in funding("premium_direct_pay", line, 60)}
    assert (direct["own"], direct["this"], direct["unpaid"]) == (550, 60, 40)
    assert {s.code: s.amount_fen for s in funding("loss_sharing", line, 60)}["this"] == 0
