"""Bringing the database to the present tables: one runner at a time, with timeouts.

Piccolo runs each migration in a transaction of its own and writes its row afterwards, outside; so
two starters are kept apart by a session lock on a connection of our own, and all raw statements
may be run again (STACK P3).
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards

from service.kernel.db import ENGINE

LOCK_KEY = 5_020_250_607
MINIMUM_SERVER = 150_000


class MigrationError(RuntimeError):
    """The database could not be brought up to date; the text says why."""


async def migrate(dsn: dict[str, Any] | str) -> list[str]:
    """Run all migrations that are missing and return their output lines. Needs no pool."""
    config: dict[str, Any] = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    guard = await asyncpg.connect(**config, server_settings={"lock_timeout": "60000"})
    try:
        version = int(await guard.fetchval("SHOW server_version_num"))
        if version < MINIMUM_SERVER:
            raise MigrationError(
                f"PostgreSQL 15 or later is needed, this is {version} (需要 PostgreSQL 15 以上)"
            )
        await guard.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        before = ENGINE.config, ENGINE.pool
        ENGINE.config = config | {
            "server_settings": {"lock_timeout": "5000", "statement_timeout": "120000"}
        }
        ENGINE.pool = None
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                result = await run_forwards(app_name="eastlake")
        finally:
            ENGINE.config, ENGINE.pool = before
        if not result.success:
            raise MigrationError(result.message or said.getvalue())
        return [line for line in said.getvalue().splitlines() if line.strip()]
    finally:
        await guard.close()
