"""A cover that began before it is bound: told where the agreement is silent, held to its clause."""

from __future__ import annotations

from typing import Any

import pytest

from coinsurance.rules.agreement.book import agreement_terms
from coinsurance.rules.agreement.checks import check_agreement_book
from coinsurance.rules.agreement.words import TITLES, words_of
from coinsurance.rules.backdating import backdated
from service.kernel.db import sql
from service.kernel.findings import blockers
from service.kernel.rulebook import load
from tests.catalogue.subsidy_story import on
from tests.coinsurance.placing import (
    BOOKS,
    Year,
    binding,
    make_checked,
    make_market,
    make_zones,
    plant_year,
    refused,
    write_lines,
)
from tests.coinsurance.test_binding import LINES
from tests.factories import PDF, World, upload
from tests.web.console import send, sign_in, words

CLAUSE = """
[values.backdating]
value = { days_max = %s }
source = "第十一条第二款"
example = true

[[case]]
name = "追溯起保须在约定日数内并有无已知损失声明"
source = "自行演算"
given = { ask = "backdating", days = %s, declared = %s }
expect = { allowed = %s }
"""


def text_with(days_max: int, days: int = 5, declared: str = "true", allowed: str = "true") -> str:
    """The biomedicine agreement with a clause on earlier starts, and its case."""
    body = (BOOKS / "biomedicine.toml").read_text("utf-8")
    return body + CLAUSE % (days_max, days, declared, allowed)


@pytest.mark.parametrize(
    ("days_max", "days", "declared", "stop"),
    [
        (5, 5, True, None),
        (5, 6, True, "bind.backdated_too_far"),
        (5, 5, False, "bind.loss_undeclared"),
        (0, 1, True, "bind.backdated_too_far"),
        (0, 0, False, None),
    ],
)
def test_a_clause_sets_days_and_wants_a_declaration(
    days_max: int, days: int, declared: bool, stop: str | None
) -> None:
    terms = agreement_terms(load(text_with(days_max)))
    found = backdated(days, declared, terms)
    assert (found.code if found else None) == stop
    assert found is None or found.source.endswith("第十一条第二款")


def test_the_clause_has_words_and_its_case_is_run() -> None:
    good = load(text_with(5))
    assert blockers(check_agreement_book(good)) == []
    assert words_of(agreement_terms(good), "backdating").endswith("无已知损失声明")
    never = agreement_terms(load(text_with(0, allowed="false")))
    assert words_of(never, "backdating") == "保险起期不得早于成单日"
    assert TITLES["backdating"] == "追溯起保"
    wrong = blockers(check_agreement_book(load(text_with(5, days=6))))
    assert [f.code for f in wrong] == ["rulebook.case_fails"]


async def ready(world: World, year: Year) -> tuple[str, dict[str, Any]]:
    """A risk that started five days ago, with lines and a check."""
    number = await make_market(world, year)
    await write_lines(world, number, LINES)
    return f"/risks/{number}/binding", binding(await make_checked(world, number))


async def test_silence_of_the_agreement_is_told_and_a_declaration_is_kept(world: World) -> None:
    await make_zones(world)
    year = await plant_year(world)
    path, form = await ready(world, year)
    with on("2026-12-20"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        found, _ = await refused(world, "manager", path, form | {"no_known_loss_document": 99_999})
        assert found == ["bind.declaration_missing"]
        paper = await upload(world, "clerk", "other", "no-loss.pdf")
        state = await world.post("manager", path, form | {"no_known_loss_document": paper})
        assert [f["code"] for f in state["findings"]] == ["bind.backdated"]
        record = await world.get("clerk", f"/placements/{state['number']}")
    assert record["snapshot"]["no_known_loss_document"] == paper


async def test_a_clause_refuses_what_is_not_declared_or_too_early(world: World) -> None:
    await make_zones(world)
    year = await plant_year(world, text=text_with(5))
    path, form = await ready(world, year)
    with on("2026-12-21"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        found, answer = await refused(world, "manager", path, form)
        assert found == ["bind.backdated_too_far"]
        assert answer["errors"][0]["params"] == {"days": 6, "maximum": 5}
    with on("2026-12-20"):
        found, answer = await refused(world, "manager", path, form)
        assert found == ["bind.loss_undeclared"]
        assert answer["errors"][0]["source"].endswith("第十一条第二款")
        paper = await upload(world, "clerk", "other", "no-loss.pdf")
        await world.post("manager", path, form | {"no_known_loss_document": paper})


async def test_the_console_takes_the_declaration_with_the_binding(world: World) -> None:
    await make_zones(world)
    year = await plant_year(world, text=text_with(5))
    path, form = await ready(world, year)
    with on("2026-12-20"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        await sign_in(world.client, "manager")
        home = path.removesuffix("/binding")
        assert "无已知损失声明" in words(await world.client.get(home))
        typed = {name: str(value) for name, value in form.items()}
        missing = await send(world.client, path, typed)
        assert missing.status_code == 422 and "缺少被保险人的无已知损失声明" in words(missing)
        paper = {"declaration": ("no-loss.pdf", PDF + b"none", "application/pdf")}
        done = await send(world.client, path, typed, files=paper)
        assert done.status_code == 303, words(done)
