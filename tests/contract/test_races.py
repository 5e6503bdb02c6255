"""Racers with one key, in a database of their own, with real commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from service.kernel.db import sql_value
from tests.elsewhere import committed_world
from tests.factories import World, draft, make_draft

pytestmark = pytest.mark.commits
RACERS = 20


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, "eastlake_races", RACERS + 4) as world:
        yield world


async def _race(world: World, key: str, body: Any, path: str = "/products") -> list[httpx.Response]:
    headers = {"Idempotency-Key": key}
    return await asyncio.gather(
        *(world.call("clerk", "POST", path, body, headers=headers) for _ in range(RACERS))
    )


async def test_one_key_is_one_product(world: World) -> None:
    answers = await _race(world, "race", draft())
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum("idempotency-replayed" not in a.headers for a in answers) == 1
    assert await sql_value("SELECT count(*) FROM product") == 1


async def test_one_key_with_two_bodies_is_one_product(world: World) -> None:
    before = await sql_value("SELECT count(*) FROM product")
    headers = {"Idempotency-Key": "two bodies"}
    bodies = [draft(name=f"示例产品{n % 2}") for n in range(RACERS)]
    answers = await asyncio.gather(
        *(world.call("clerk", "POST", "/products", body, headers=headers) for body in bodies)
    )
    assert sorted({a.status_code for a in answers}) == [201, 409]
    assert sum(a.status_code == 201 for a in answers) == RACERS // 2
    assert await sql_value("SELECT count(*) FROM product") == before + 1


async def test_refused_racers_leave_nothing(world: World) -> None:
    count = "SELECT (SELECT count(*) FROM product) + (SELECT count(*) FROM idempotency_key)"
    before = await sql_value(count)
    answers = await _race(world, "bad", {"name": "示例险", "type_code": "PT999"})
    assert {a.status_code for a in answers} == {422}
    assert await sql_value(count) == before


async def test_racers_without_a_key_get_numbers_of_their_own(world: World) -> None:
    answers = await asyncio.gather(
        *(world.call("clerk", "POST", "/products", draft(name="示例")) for _ in range(RACERS))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["number"] for a in answers}) == RACERS


async def test_one_step_is_taken_once_by_racers_without_a_key(world: World) -> None:
    number = await make_draft(world, name="示例二")
    path = f"/products/{number}/submission"
    answers = await asyncio.gather(
        *(world.call("clerk", "POST", path, {}) for _ in range(RACERS))
    )
    assert sorted({a.status_code for a in answers}) == [201, 422]
    assert sum(a.status_code == 201 for a in answers) == 1
    submitted = "SELECT count(*) FROM journal_event WHERE event = 'submit'"
    assert await sql_value(submitted) == 1
