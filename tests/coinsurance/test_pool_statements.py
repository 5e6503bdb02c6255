"""Reading a pool costs the same number of statements however many members it has."""

from __future__ import annotations

import pytest

from tests.coinsurance.pooling import Pooled, make_pool
from tests.factories import World
from tests.test_statement_counts import statements

READS = {
    "/pool-years/{year}": 8,
    "/pool-years/{year}/members": 3,
    "/pool-years/{year}/shares": 4,
    "/pool-years/{year}/share-schedules": 4,
    "/pool-years/{year}/balances": 3,
    "/pool-years/{year}/re-signing": 6,
    "/share-schedules/{schedule}": 5,
    "/consent-requests": 1,
    "/pools": 1,
    "/pools/{code}": 4,
}
"""At most so many statements, the look-up of the token not counted."""


async def cost(pooled: Pooled, path: str) -> int:
    address = path.format(year=pooled.year, schedule=pooled.schedule, code=pooled.code)
    async with statements() as seen:
        await pooled.world.get("clerk", address)
    return len([text for text in seen if "api_token" not in text])


@pytest.mark.parametrize("members", [3, 12])
async def test_reading_takes_few_statements(world: World, members: int) -> None:
    pooled = await make_pool(world, members)
    spent = {path: await cost(pooled, path) for path in READS}
    assert {path: n for path, n in spent.items() if n > READS[path]} == {}
