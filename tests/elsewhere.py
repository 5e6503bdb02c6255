"""Databases besides the one of the session. Never two pools at once: together they would ask the
server for more connections than it gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from service.kernel import db
from tests.contract.routes import the_app
from tests.factories import World, make_world

BLANK = "eastlake_blank"
"""The migrated database with product types and shipped rules, before any test."""
SESSION_CONNECTIONS = 70


async def command(dsn: Any, text: str) -> None:
    """One statement on a connection of its own, such as cannot be in a transaction."""
    connection = await (asyncpg.connect(dsn) if isinstance(dsn, str) else asyncpg.connect(**dsn))
    try:
        await connection.execute(text)
    finally:
        await connection.close()


def beside(dsn: Any, name: str) -> Any:
    """The address of another database of the same server."""
    if isinstance(dsn, str):
        return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    return {**dsn, "database": name}


async def keep_blank(dsn: Any) -> None:
    """Copy the session's database to BLANK; nobody else may be connected."""
    await command(dsn, f"DROP DATABASE IF EXISTS {BLANK}")
    connection = await (asyncpg.connect(dsn) if isinstance(dsn, str) else asyncpg.connect(**dsn))
    try:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f'CREATE DATABASE {BLANK} TEMPLATE "{name}"')
    finally:
        await connection.close()


@asynccontextmanager
async def instead(dsn: Any, connections: int) -> AsyncIterator[None]:
    """All statements go to another database; the session's pool is closed meanwhile."""
    session = db.ENGINE.config
    await db.stop_pool()
    try:
        await db.start_pool(dsn, min_size=2, max_size=connections)
        yield
    finally:
        await db.stop_pool()
        await db.start_pool(session, min_size=2, max_size=SESSION_CONNECTIONS)


@asynccontextmanager
async def committed_world(dsn: Any, name: str, connections: int) -> AsyncIterator[World]:
    """A world that is really committed, in a database of its own that is dropped afterwards."""
    await command(dsn, f"DROP DATABASE IF EXISTS {name}")
    await command(dsn, f"CREATE DATABASE {name} TEMPLATE {BLANK}")
    try:
        async with instead(beside(dsn, name), connections):
            transport = httpx.ASGITransport(app=the_app())  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
                yield await make_world(http)
    finally:
        await command(dsn, f"DROP DATABASE IF EXISTS {name}")


async def once_somebody_waits() -> None:
    """Return when another transaction of the database waits for a lock; fails after 5 seconds."""
    for _ in range(250):
        if await db.sql_value(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND a.datname = current_database()"
        ):
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("nobody waits for a lock")
