"""Books of procedure: what a silent rule leaves open comes from a book that the scheme names."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.rules.subsidy import notice_period, subsidy_rules
from catalogue.rules.subsidy.procedure import PROCEDURE_KEYS
from catalogue.rules.subsidy.procedure_book import check_procedure_book, with_procedure
from service.kernel.calendar import date
from service.kernel.db import sql
from service.kernel.rulebook import load
from service.verify import money
from tests.catalogue.rule_drafts import next_procedure, shipped, silent_rule
from tests.catalogue.subsidy_story import (
    SCHEME,
    make_committee,
    make_scheme,
    on,
    paid_policy,
    reviewed,
    submitted,
)
from tests.catalogue.test_filing import codes
from tests.catalogue.test_money import scheme_form
from tests.factories import World, make_in_library

SILENT = {"rule_family": "subsidy/silent-example", "rule_version": "2026.1"}
PROCEDURE = {"procedure_family": "procedure/eastlake-example", "procedure_version": "2026.1"}
CITED = "《东湖科技保险补贴办理程序（示例）》版本 2026.1：公开文件未规定，示例设定"


async def published(world: World, text: str) -> None:
    """A rule file published by two persons."""
    made = await world.post("officer", "/rule-drafts", {"text": text})
    seen = {"hash": made["draft"]["hash"]}
    await world.post("approver", f"/rule-drafts/{made['draft']['id']}/publication", seen)


async def staged(world: World, *numbers: str) -> list[int]:
    """A scheme on a silent rule with a book of procedure, and a paid policy for each number."""
    await make_committee(world)
    await published(world, silent_rule())
    await make_scheme(world, **SILENT, **PROCEDURE)
    product = await make_in_library(world)
    return [await paid_policy(world, product, number) for number in numbers]


async def test_silent_rule_needs_a_book_of_procedure(world: World) -> None:
    for rule in (
        {"rule_family": "subsidy/national-first-set", "rule_version": "2024.1"},
        {"rule_family": "subsidy/zhejiang-first-set", "rule_version": "2024.1"},
    ):
        form = scheme_form(**rule)
        refused = await world.call("officer", "POST", "/schemes", form)
        assert (refused.status_code, codes(refused)) == (422, {"subsidy.procedure_missing"})
        keys = [error["params"]["key"] for error in refused.json()["errors"]]
        assert keys == [key for key in PROCEDURE_KEYS if key in keys] and len(keys) >= 5
        assert {error["field"] for error in refused.json()["errors"]} == {"procedure_version"}
    made = await world.post("officer", "/schemes", form | PROCEDURE)
    assert made["procedure_title"] == "东湖科技保险补贴办理程序（示例）"
    assert (made["procedure_family"], made["procedure_version"]) == tuple(PROCEDURE.values())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"procedure_version": "1999.1"}, "scheme.unknown_procedure"),
        ({"procedure_family": "filing", "procedure_version": "2025.1"}, "scheme.unknown_procedure"),
        ({"procedure_family": ""}, "scheme.unknown_procedure"),
        ({"window_from": "2024-01-01"}, "scheme.procedure_not_in_force"),
        ({"rule_family": "filing", "rule_version": "2025.1"}, "scheme.unknown_rule"),
    ],
)
async def test_wrong_books_are_refused(world: World, changes: dict[str, Any], code: str) -> None:
    form = scheme_form(**PROCEDURE) | changes
    assert code in codes(await world.call("officer", "POST", "/schemes", form))


async def test_notice_deadlines_and_trace_cite_the_book(world: World) -> None:
    with on("2026-03-02"):
        policies = await staged(world, "A-1", "A-2")
        number = await reviewed(world, policies[:1])
        trace = await world.get("firm", f"/applications/{number}/assessment")
        ban = next(s for s in trace["assessment"]["steps"] if s["key"] == "recovery_ban_years")
        assert (ban["source"], ban["example"]) == (CITED, True)
        assert trace["reproduced"]
        assert trace["rule"]["procedure_family"] == "procedure/eastlake-example"
        assert len(trace["rule"]["procedure_hash"]) == 64
        form = {"title": "示例公示", "applications": [number]}
        notice = await world.post("officer", f"/schemes/{SCHEME}/notices", form)
        assert (notice["to_on"], notice["source"]) == ("2026-03-09", CITED)
        assert CITED in (await world.client.get(f"/notices/{notice['number']}")).text
        second = await submitted(world, policies[1:])
        state = await world.post("officer", f"/applications/{second}/return", {"note": "请补充"})
        assert state["return_due_on"] == "2026-03-16"
        assert (await money.assessment_hashes()).findings == []
    page = await world.client.get(f"/notices/{notice['number']}")
    assert "办理程序" in page.text


async def test_scheme_keeps_the_version_it_named(world: World) -> None:
    with on("2026-03-02"):
        policies = await staged(world, "A-1")
        await published(world, next_procedure("2026.2", "2026-03-02"))
        number = await reviewed(world, policies)
        form = {"title": "示例公示", "applications": [number]}
        notice = await world.post("officer", f"/schemes/{SCHEME}/notices", form)
        assert notice["to_on"] == "2026-03-09", "five days, though the next version has seven"
        await sql("UPDATE scheme SET status = 'closed'")
        later = await make_scheme(
            world, "example-later", **SILENT, **PROCEDURE | {"procedure_version": "2026.2"},
            window_from="2026-03-02",
        )  # fmt: skip
        assert (await world.get(None, f"/schemes/{later}"))["procedure_version"] == "2026.2"


def test_values_of_the_rule_stay() -> None:
    rule = load(shipped("subsidy", "eastlake-example-2026"))
    book = load(next_procedure())
    merged = with_procedure(subsidy_rules(rule), book)
    assert notice_period(merged, date(2026, 3, 2)).days == 5
    silent = subsidy_rules(load(silent_rule()))
    filled = with_procedure(silent, book)
    assert notice_period(filled, date(2026, 3, 2)).days == 7
    assert filled.hash == silent.hash and filled.ratio == silent.ratio
    assert set(filled.clauses) - set(silent.clauses) == set(PROCEDURE_KEYS)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('family = "procedure/', 'family = "subsidy/', "subsidy.procedure_family"),
        ("days = 5, calendar", "days = 0, calendar", "subsidy.rule_value"),
        ("days = 5, calendar", "hours = 5, calendar", "subsidy.rule_value"),
        ('calendar = "working"', 'calendar = "moon"', "subsidy.rule_value"),
        ('value = 30\nunit = "working days"', "value = 30", "rulebook.wrong_unit"),
        ("[values.decision_days]", "[values.ratio]", "rulebook.unknown_key"),
        ("may_return = false", "may_return = true", "rulebook.case_fails"),
        ("times_returned = 2", "times = 2", "rulebook.case_breaks"),
    ],
)
def test_what_keeps_a_book_of_procedure_back(old: str, new: str, code: str) -> None:
    text = shipped("procedure", "eastlake-example-2026")
    assert old in text
    found = check_procedure_book(load(text.replace(old, new, 1)))
    assert code in {finding.code for finding in found}
