"""How many statements a request costs: times depend on the machine, these numbers do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from service.kernel import ledger
from service.kernel.db import ENGINE
from tests.factories import World, make_draft, make_in_library, make_reviewed
from tests.kernel.ledger_fixture import pool_book, posting

# What stands for BEGIN and COMMIT inside a test, and the driver's own look-up of array types, once
# for each connection.
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SET CONSTRAINTS")
DRIVER = ("typeinfo_tree", "set_config('jit'")


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """The statements that reach the database inside the block, in order; not the test's frame."""
    work = ENGINE.current_transaction.get()
    assert work is not None, "needs the test's own transaction"
    seen: list[str] = []

    def note(record: object) -> None:
        text = " ".join(record.query.split())  # type: ignore[attr-defined]
        if not text.startswith(FRAME) and not any(word in text for word in DRIVER):
            seen.append(text)

    await asyncio.sleep(0)  # the driver tells its loggers in the next turn of the loop
    with work.connection.query_logger(note):
        yield seen
        await asyncio.sleep(0)


async def cost(client: httpx.AsyncClient, path: str) -> list[str]:
    """Statements of an anonymous GET that succeeds."""
    async with statements() as seen:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return seen


@pytest.mark.parametrize(
    "query",
    ["", "?q=芯片", "?q=晶圆&stage=production", "?insurer=x&type=PT021", "?limit=200&district=x"],
)
async def test_a_list_is_one_statement(world: World, query: str) -> None:
    await make_in_library(world)
    assert len(await cost(world.client, "/api/v1/shelf" + query)) == 1


async def test_a_list_costs_the_same_with_more_rows(world: World) -> None:
    one = await make_in_library(world)
    first = await cost(world.client, "/api/v1/shelf")
    await make_in_library(world, name="示例光模块研发设备保险")
    await make_in_library(world, "rival", name="示例算法责任保险")
    assert await cost(world.client, "/api/v1/shelf") == first
    assert len(await cost(world.client, f"/api/v1/shelf/{one}")) == 1


async def test_types_and_health(client: httpx.AsyncClient) -> None:
    assert len(await cost(client, "/api/v1/product-types")) == 1
    assert len(await cost(client, "/api/v1/product-types/PT021")) == 1
    assert len(await cost(client, "/health/ready")) == 1
    assert await cost(client, "/health/live") == []


async def test_a_figure_with_its_definition_and_pace_is_few_statements(world: World) -> None:
    """Lock and count, definition, lock and trend, first day: none grows with the products."""
    await make_in_library(world)
    assert len(await cost(world.client, "/api/v1/library/count")) <= 6
    assert len(await cost(world.client, "/api/v1/library/trend")) <= 3


@pytest.mark.parametrize(("path", "most"), [("/", 9), ("/types", 2), ("/about", 7)])
async def test_public_pages_are_few_statements(world: World, path: str, most: int) -> None:
    await make_in_library(world)
    assert len(await cost(world.client, path)) <= most


async def test_refused_requests_ask_the_database_nothing(client: httpx.AsyncClient) -> None:
    paths = ("/api/v1/shelf?limit=0", "/api/v1/shelf?cursor=x", "/api/v1/products", "/api/v1/none")
    for path in paths:
        async with statements() as seen:
            assert (await client.get(path)).status_code >= 400
        assert seen == [], path


async def test_a_known_caller_costs_one_statement_more(world: World) -> None:
    number = await make_draft(world)
    await world.get("clerk", "/products")  # notes the token's last use, once a minute
    for path, most in (("/products", 2), (f"/products/{number}", 7)):
        async with statements() as seen:
            await world.get("clerk", path)
        assert len(seen) <= most, seen


async def test_posting_to_the_ledger_is_one_statement(database: None) -> None:
    book = await pool_book(members=36)
    lines = [(f"member:{n}:payable", -100 * n) for n in range(1, 37)]
    made = posting(book, ("cash", 66_600), *lines)
    async with statements() as seen:
        await ledger.post(made)
    assert len(seen) == 1, seen


async def test_the_longest_step_stays_bounded(world: World) -> None:
    """Entry checks everything anew and moves filing, product, journal, facts and shelf."""
    number = await make_reviewed(world)
    async with statements() as seen:
        await world.post("approver", f"/products/{number}/entry")
    assert len(seen) <= 20, seen
