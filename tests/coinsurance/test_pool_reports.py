"""Exports of pools: every format, masked like the API, looks of overseers kept as exports."""

from __future__ import annotations

import pytest

from service.kernel.db import sql
from tests.coinsurance.pooling import make_pool
from tests.factories import World

REPORTS = ("pool-members", "pool-year-shares", "consent-requests", "pool-balances")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
async def test_every_format(world: World, name: str, kind: str) -> None:
    pooled = await make_pool(world, 3)
    answer = await world.call("auditor", "GET", f"/reports/{name}.{kind}?pool_year={pooled.year}")
    assert answer.status_code == 200, answer.text


async def test_exports_are_masked_and_looks_are_kept(world: World) -> None:
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    mine = await world.get("m2", "/reports/pool-year-shares.json")
    assert [row["share_units"] for row in mine["rows"]] == [None, 30_000_000, None]
    members = await world.get("m2", "/reports/pool-members.json")
    assert [row["risk_capacity_fen"] is None for row in members["rows"]] == [True, False, True]
    foreign = await world.get("rival", "/reports/pool-members.json")
    assert foreign["rows"] == []
    asked = await world.get("rival", f"/reports/pool-members.json?pool_year={pooled.year}")
    assert asked["rows"] == []
    await world.get("auditor", "/reports/pool-members.json")
    looks = await sql("SELECT what FROM pool_look WHERE exported ORDER BY id")
    assert [row["what"] for row in looks] == ["pool-members"]
