"""work() keeps what Piccolo's own transaction does not: rollback, savepoints, the connection."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from service.kernel import db
from service.kernel.tables import Counter

pytestmark = pytest.mark.commits


@pytest.fixture(autouse=True)
async def counters(pool: None) -> None:
    await db.sql("DELETE FROM counter WHERE name LIKE 'test-%'")


async def _add(name: str) -> None:
    await db.sql("INSERT INTO counter (name, value) VALUES ($1, 1)", f"test-{name}")


async def _names() -> list[str]:
    rows = await db.sql("SELECT name FROM counter WHERE name LIKE 'test-%' ORDER BY name")
    return [row["name"].removeprefix("test-") for row in rows]


def _idle() -> int:
    assert db.ENGINE.pool is not None
    return db.ENGINE.pool.get_size() - db.ENGINE.pool.get_idle_size()


async def test_failure_undoes_the_whole_block() -> None:
    with pytest.raises(ValueError, match="stop"):
        async with db.work():
            await _add("a")
            raise ValueError("stop")
    assert await _names() == []
    assert not db.in_work()


async def test_inner_failure_caught_outside_undoes_the_inner_block_alone() -> None:
    async with db.work():
        await _add("outer")
        with pytest.raises(ValueError, match="stop"):
            async with db.work():
                await _add("inner")
                raise ValueError("stop")
        async with db.work():
            await _add("second")
    assert await _names() == ["outer", "second"]


async def test_failed_statement_inside_does_not_poison_the_outer_block() -> None:
    async with db.work():
        await _add("x")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with db.work():
                await _add("x")
        await _add("y")
    assert await _names() == ["x", "y"]


async def test_failed_commit_gives_the_connection_back() -> None:
    unbalanced = (
        "WITH b AS (INSERT INTO book (code, kind, title, opened_at) VALUES ($1, 'pool_year', 't',"
        " now()) RETURNING id) INSERT INTO entry (book, key, kind, reason, clause, effective_on,"
        " period, recorded_at, facts, line_count, content_hash) SELECT id, $1, 'posted', 'r', 'c',"
        " '2026-01-01', '2026-01', now(), '{}', 2, 'x' FROM b"
    )
    before = _idle()
    for n in range(5):
        with pytest.raises(asyncpg.PostgresError):
            async with db.work():
                await db.sql(unbalanced, f"test-unbalanced-{n}")
    assert _idle() == before
    assert not db.in_work()
    async with db.work():
        await _add("after")
    assert await _names() == ["after"]


async def test_cancelled_block_is_rolled_back_and_released() -> None:
    before = _idle()

    async def slow() -> None:
        async with db.work():
            await _add("slow")
            await db.sql("SELECT pg_sleep(5)")

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _names() == []
    assert _idle() == before


async def test_whoever_is_cancelled_at_any_turn_of_opening_gives_the_connection_back() -> None:
    """A client that goes away, or a program that stops, while BEGIN is on its way."""
    before = _idle()

    async def opening() -> None:
        async with db.work():
            await asyncio.sleep(5)

    for turns in range(40):
        task = asyncio.create_task(opening())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert _idle() == before
    assert not db.in_work()


async def test_what_is_computed_meanwhile_comes_with_the_rows() -> None:
    async with db.work():
        rows, found = await db.sql_while(lambda: "made", "SELECT $1::int AS one", 1)
    assert ([row["one"] for row in rows], found) == ([1], "made")


async def test_a_failure_meanwhile_waits_for_the_statement_and_undoes_it() -> None:
    def stop() -> None:
        raise ValueError("stop")

    slow = "INSERT INTO counter (name, value) SELECT 'test-a', 1 FROM pg_sleep(0.05)"
    with pytest.raises(ValueError, match="stop"):
        async with db.work():
            await db.sql_while(stop, slow)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with db.work():
            await db.sql_while(lambda: None, "SELECT 1 / 0")
    assert await _names() == []
    assert _idle() == 0


async def test_a_wait_with_something_made_meanwhile_can_be_called_off() -> None:
    made = asyncio.Event()
    slow = asyncio.create_task(db.sql_while(made.set, "SELECT pg_sleep(20)"))
    await made.wait()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert _idle() == 0
    assert await db.sql_value("SELECT 1") == 1


async def test_compare_and_set_lets_one_racer_win() -> None:
    await _add("race")
    row_id = await db.sql_value("SELECT id FROM counter WHERE name = 'test-race'")

    async def racer(value: int) -> bool:
        async with db.work():
            return await db.compare_and_set(
                Counter, row_id, column="value", expected=1, values={"value": value}
            )

    won = await asyncio.gather(*(racer(n) for n in range(10, 20)))
    assert sum(won) == 1


async def test_locks_in_sorted_order_never_deadlock() -> None:
    for name in "abcdef":
        await _add(name)
    ids = [row["id"] for row in await db.sql("SELECT id FROM counter WHERE name LIKE 'test-%'")]

    async def touch(order: list[int]) -> int:
        async with db.work():
            return len(await db.lock_rows(Counter, order))

    counts = await asyncio.gather(*(touch(ids if n % 2 else ids[::-1]) for n in range(20)))
    assert counts == [len(ids)] * 20


async def test_no_session_state_survives_a_release() -> None:
    """The pool's reset round trip is off, so an open transaction must be ended on release."""
    assert db.ENGINE.pool is not None
    connection = await db.ENGINE.pool.acquire()
    await connection.execute("BEGIN; INSERT INTO counter (name, value) VALUES ('test-open', 1)")
    await db.ENGINE.pool.release(connection)
    assert await _names() == []
