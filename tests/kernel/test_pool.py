"""A statement outside work(): its connection comes back whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.kernel import db

pytestmark = pytest.mark.commits


@pytest.fixture
async def three(pool: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.Pool]:
    """A pool of three connections in place of the one of the session."""
    async with asyncpg.create_pool(
        **db.ENGINE.config, min_size=1, max_size=3, reset=db._tidy_on_release
    ) as small:
        monkeypatch.setattr(db.ENGINE, "pool", small)
        yield small
        monkeypatch.undo()


async def all_answer() -> bool:
    """Nine statements at once on three connections, and none is left in use."""
    answers = await asyncio.gather(*[db.sql_value("SELECT 1") for _ in range(9)])
    assert db.ENGINE.pool is not None
    idle = db.ENGINE.pool.get_idle_size() == db.ENGINE.pool.get_size()
    return answers == [1] * 9 and idle


async def test_after_an_error(three: asyncpg.Pool) -> None:
    for _ in range(5):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await db.sql("SELECT 1 / 0")
    assert await all_answer()


async def test_after_cancellation_while_running_and_while_waiting(three: asyncpg.Pool) -> None:
    tasks = [asyncio.create_task(db.sql("SELECT pg_sleep(0.3)")) for _ in range(12)]
    await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)
    assert await all_answer()


async def test_after_the_connection_was_cut(three: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.PostgresConnectionError):
        await db.sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await all_answer()


async def test_after_a_transaction_was_left_open(three: asyncpg.Pool) -> None:
    await db.sql("BEGIN")
    assert await all_answer()
    assert not await db.sql(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'"
        " AND datname = current_database()"
    )
