"""Statements that claims and settlement cost: a payment over 18 members as much as over four."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.shares import format_percent
from tests.coinsurance.claiming import Scene, agreed, at, make_scene, notified, paid, payment
from tests.coinsurance.settling import on, plant_book
from tests.factories import World
from tests.test_statement_counts import statements

EIGHTEEN = [25_000_000, 15_000_000, *[4_000_000] * 14, 2_000_000, 2_000_000]
READS = {
    "/claims": 1,
    "/claims/{claim}": 16,
    "/claims/{claim}/explanation": 10,
    "/reports/claims.json": 1,
    "/reports/claim-parts.json": 1,
    "/large-losses": 2,
}
SETTLED = {
    "/pool-years/{year}/statements": 4,
    "/pool-years/{year}/statement-periods": 4,
    "/statements/{statement}": 7,
    "/statements/{statement}/lines": 6,
    "/pool-years/{year}/obligations": 4,
    "/pool-years/{year}/ageing": 6,
    "/settlement-runs/{run}": 8,
    "/reports/pool-obligations.json": 1,
}
"""At most so many statements, the look-up of the token and looks kept not counted."""


async def scene_of(world: World, members: int) -> Scene:
    if members == 4:
        return await make_scene(world)
    names = ["clerk", *(f"m{n}" for n in range(2, members + 1))]
    shares = zip(names, EIGHTEEN, strict=True)
    lines = {name: format_percent(units) for name, units in shares}
    return await make_scene(world, followers=members - 1, lines=lines)


async def cost(world: World, who: str, path: str) -> list[str]:
    async with statements() as seen:
        await world.get(who, path)
    return [text for text in seen if "api_token" not in text and "pool_look" not in text]


async def spent_on(world: World, reads: dict[str, int], who: str, **names: Any) -> dict[str, int]:
    return {path: len(await cost(world, who, path.format(**names))) for path in reads}


@pytest.mark.parametrize("members", [4, 18])
async def test_a_payment_costs_the_same_over_any_number_of_members(
    world: World, members: int
) -> None:
    scene = await scene_of(world, members)
    number = await agreed(scene)
    with at("2026-03-16"):
        async with statements() as seen:
            state = await scene.post("clerk", f"{number}/payments", payment(10_000_000))
    assert len(state["movement"]["parts"]) == members
    assert len(seen) <= 10, seen


@pytest.mark.parametrize("members", [4, 18])
async def test_reading_claims_takes_few_statements(world: World, members: int) -> None:
    scene = await scene_of(world, members)
    number = await paid(scene)
    for who in ("clerk", "m3"):
        reads = {path: n for path, n in READS.items() if path != "/large-losses"}
        spent = await spent_on(world, reads, who, claim=number)
        assert {path: n for path, n in spent.items() if n > READS[path]} == {}
    assert len(await cost(world, "officer", "/large-losses")) <= READS["/large-losses"]


async def test_a_longer_list_of_claims_costs_the_same(world: World) -> None:
    scene = await scene_of(world, 4)
    await paid(scene)
    first = await cost(world, "clerk", "/claims")
    for n in range(3):
        await notified(scene, event=f"E{n}", loss_on=f"2026-03-0{n + 1}")
    assert await cost(world, "clerk", "/claims") == first


@pytest.mark.parametrize("followers", [3, 17])
async def test_reading_settlement_takes_few_statements(world: World, followers: int) -> None:
    book = await plant_book(world, schedule=False, followers=followers)
    book.shares = [40_000_000, 30_000_000, 20_000_000, 10_000_000] if followers == 3 else EIGHTEEN
    with on("2026-03-10"):
        await book.premium(100_000_001, "2026-01-20", "2026-02-10")
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    issued = await book.close("2026-Q1", "2026-04-02")
    with on("2026-04-03"):
        form = {"pool_year": book.number, "method": "gross", "due_until": "2026-04-03"}
        run = await world.post("clerk", "/settlement-runs", form)
        names = {
            "year": book.number,
            "statement": issued["m2"]["number"],
            "run": run["number"],
        }
        for who in ("clerk", "m2"):
            reads = {p: n for p, n in SETTLED.items() if who == "clerk" or "{run}" not in p}
            spent = await spent_on(world, reads, who, **names)
            assert {path: n for path, n in spent.items() if n > SETTLED[path]} == {}
