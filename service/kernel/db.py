"""One engine, one pool, one way to change things: `work()`.

Piccolo's own transaction leaks its connection when COMMIT fails and silently joins nested blocks
(see the tests of this module), so nobody else calls `transaction()`. Hot paths use `sql()`, which
hands text and parameters straight to asyncpg inside the current transaction.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import types
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.table import Table

Found = TypeVar("Found")


class Transaction(PostgresTransaction):
    """A Piccolo transaction that always gives its connection back.

    Also when COMMIT fails, and when whoever opens it is cancelled while BEGIN is on its way.
    """

    opening = "BEGIN"

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        self.connection = await self.get_connection()  # type: ignore[no-untyped-call]
        try:
            await self.begin()
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def begin(self) -> None:
        await self.connection.execute(self.opening)

    async def commit(self) -> None:
        await self.connection.execute("COMMIT")
        self._committed = True

    async def rollback(self) -> None:
        if not self.connection.is_closed():
            await self.connection.execute("ROLLBACK")
        self._rolled_back = True

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return False
        try:
            if exception is not None:
                await self.rollback()
            else:
                await self.commit()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def _give_back(self) -> None:
        if self.engine.pool:
            await _release(self.engine.pool, self.connection)
        else:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's engine without the connection that the original opens at import."""

    async def check_version(self) -> None:
        return None

    def transaction(self, allow_nested: bool = True) -> Transaction:
        return Transaction(engine=self, allow_nested=allow_nested)


class OnePlan(Transaction):
    """A transaction in which a statement keeps the plan it was given once."""

    opening = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan"


ENGINE = Engine(config={"database": "eastlake"})


async def _tidy_on_release(connection: asyncpg.Connection) -> None:
    """Instead of asyncpg's reset round trip: no session state is ever set, so only an open
    transaction (a client cut off in mid-flight) needs ending."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


async def start_pool(
    dsn: dict[str, Any] | str,
    *,
    min_size: int = 2,
    max_size: int = 10,
    statement_timeout_ms: int = 30_000,
    slow_query: Any = None,
) -> None:
    """Connect the engine; `dsn` is a URL or asyncpg's keyword arguments.

    `slow_query` is an asyncpg query logger, called for every statement (see service.telemetry).
    """

    async def prepare(connection: asyncpg.Connection) -> None:
        if slow_query is not None:
            connection.add_query_logger(slow_query)

    config = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    ENGINE.config = config
    await ENGINE.start_connection_pool(
        min_size=min_size,
        max_size=max_size,
        command_timeout=statement_timeout_ms / 1000 + 5,
        reset=_tidy_on_release,
        init=prepare,
        server_settings={
            "application_name": "eastlake",
            "timezone": "UTC",
            "statement_timeout": str(statement_timeout_ms),
            "lock_timeout": "10000",
            "idle_in_transaction_session_timeout": "60000",
            "jit": "off",
            "max_parallel_workers_per_gather": "0",
        },
    )


async def stop_pool() -> None:
    """Close the pool if it runs."""
    if ENGINE.pool:
        await ENGINE.close_connection_pool()


def in_work() -> bool:
    """Whether the caller stands inside a `work()` block."""
    return ENGINE.current_transaction.get() is not None


@asynccontextmanager
async def work(*, one_plan: bool = False) -> AsyncIterator[None]:
    """One use case, one transaction: all or nothing.

    Nested, it is a savepoint: a failure caught outside the inner block undoes the inner block
    alone. Deferred checks (ledger balance) of the inner block are forced before it is released.

    `one_plan`: statements keep to one plan for all values. For use cases that read by keys alone
    with statements of many parts, which else cost more to plan each time than to run.
    """
    outer = ENGINE.current_transaction.get()
    if outer is None:
        async with OnePlan(ENGINE) if one_plan else ENGINE.transaction():
            yield
        return
    name = f"s{outer.get_savepoint_id()}"
    connection = outer.connection
    await connection.execute(f"SAVEPOINT {name}")
    try:
        yield
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except BaseException:
        if not connection.is_closed():
            await connection.execute(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
        raise
    await connection.execute(f"RELEASE SAVEPOINT {name}")


async def sql(query: str, *args: Any) -> list[asyncpg.Record]:
    """Rows of a statement written in asyncpg's `$1` style, in the current transaction if any."""
    current = ENGINE.current_transaction.get()
    if current is not None:
        rows: list[asyncpg.Record] = await current.connection.fetch(query, *args)
        return rows
    pool = ENGINE.pool
    if pool is None:
        raise RuntimeError("the connection pool is not running")
    return await _on_pool(pool, query, args)


async def _on_pool(pool: Any, query: str, args: Sequence[Any]) -> list[asyncpg.Record]:
    """One statement on a pooled connection."""
    proxy = await pool.acquire()
    try:
        rows: list[asyncpg.Record] = await proxy._con.fetch(query, *args)
        return rows
    finally:
        await _release(pool, proxy)


async def _release(pool: Any, proxy: Any) -> None:
    """Give a connection back.

    Through the pool that costs a task and a turn of the event loop, a fifth of a small query. It
    is needed only where there is something to wait for: a statement that is being cancelled, a
    transaction left open, a connection that was cut.
    """
    connection = proxy._con
    if connection is None or (
        connection.is_closed()
        or connection.is_in_transaction()
        or connection._protocol._is_cancelling()
    ):
        await pool.release(proxy)
    else:
        await proxy._holder.release(None)


@types.coroutine
def _go_on(begun: Any, waits_for: Any) -> Generator[Any, Any, Any]:
    """Await a coroutine that has already run up to its first wait."""
    while True:
        try:
            got = yield waits_for
        except BaseException as error:
            resume = functools.partial(begun.throw, error)
        else:
            resume = functools.partial(begun.send, got)
        try:
            waits_for = resume()
        except StopIteration as done:
            return done.value


async def sql_while(
    compute: Callable[[], Found], query: str, *args: Any
) -> tuple[list[asyncpg.Record], Found]:
    """The rows of a statement, and what is computed while the database works on it.

    What fails meanwhile undoes the statement inside `work()` only; else it stands once it is done.
    It is begun here and not as a task, which would cost two turns of the event loop.
    """
    begun: Any = sql(query, *args)
    try:
        waits_for = begun.send(None)
    except StopIteration as done:
        return done.value, compute()
    try:
        found = compute()
    except BaseException:
        with contextlib.suppress(Exception):
            await _go_on(begun, waits_for)
        raise
    return await _go_on(begun, waits_for), found


async def sql_row(query: str, *args: Any) -> asyncpg.Record | None:
    """The first row, or None."""
    rows = await sql(query, *args)
    return rows[0] if rows else None


async def sql_value(query: str, *args: Any) -> Any:
    """The first column of the first row, or None."""
    rows = await sql(query, *args)
    return rows[0][0] if rows else None


async def sql_many(query: str, rows: Iterable[Sequence[Any]]) -> None:
    """One statement for many parameter rows, sent as one batch; needs an open `work()`."""
    current = ENGINE.current_transaction.get()
    if current is None:
        raise RuntimeError("sql_many() belongs inside work()")
    await current.connection.executemany(query, list(rows))


async def lock_rows(table: type[Table], ids: Iterable[int]) -> list[asyncpg.Record]:
    """Lock rows in sorted order (law 13) and return them whole, so that racers never deadlock."""
    name = table._meta.tablename
    query = f'SELECT * FROM "{name}" WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE'
    return await sql(query, sorted(set(ids)))


async def advisory_lock(*names: str, shared: bool = False) -> None:
    """Hold named locks until the transaction ends; several are taken in sorted order."""
    call = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    for name in sorted(names):
        digest = hashlib.sha256(name.encode()).digest()
        await sql(f"SELECT {call}($1)", int.from_bytes(digest[:8], "big", signed=True))


async def compare_and_set(
    table: type[Table], row_id: int, *, column: str, expected: Any, values: dict[str, Any]
) -> bool:
    """Update one row only while `column` still holds `expected`; False when somebody was faster."""
    columns = {getattr(table, name): value for name, value in values.items()}
    done = await (
        table.update(columns)
        .where(table._meta.primary_key == row_id, getattr(table, column) == expected)
        .returning(table._meta.primary_key)
    )
    return bool(done)
