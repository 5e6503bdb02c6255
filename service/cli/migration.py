"""`eastlake migrate`: tables, product types and rule files brought to this version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg
import typer

from service.cli.base import (
    ERR,
    Dsn,
    Failure,
    database_address,
    say,
    unreachable,
    with_pool,
)
from service.config import settings
from service.loop import run_async
from service.piccolo_app import MIGRATIONS


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `bring_up_to_date` did; all empty on a database that was up to date."""

    migrations: int
    types: int
    rules: list[str]


def _shipped() -> set[str]:
    """Names of the migration files, folded to what their rows in the database fold to."""
    return {file.stem.removeprefix("eastlake_") for file in MIGRATIONS.glob("eastlake_*.py")}


async def missing_migrations(dsn: Dsn) -> set[str]:
    """Which migrations a database still needs; reads two rows, imports nothing of the runner."""
    config: dict[str, Any] = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    try:
        connection = await asyncpg.connect(**config, timeout=15)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise unreachable(error) from error
    try:
        rows = await connection.fetch("SELECT name FROM migration WHERE app_name = 'eastlake'")
    except asyncpg.UndefinedTableError:
        rows = []
    finally:
        await connection.close()
    done = {row["name"].lower().replace("-", "_").replace(":", "_") for row in rows}
    return _shipped() - done


async def bring_up_to_date(dsn: Dsn) -> Migrated:
    """Migrate, then load product types and publish shipped rules; safe to run twice or at once.

    The runner itself keeps two starters apart with a lock; the loading is one transaction that
    leaves rows alone that are there already.
    """
    missing = await missing_migrations(dsn)
    if missing:
        from service.migrate import MigrationError, migrate

        try:
            await migrate(dsn)
        except (MigrationError, asyncpg.LockNotAvailableError) as error:
            raise Failure(f"数据库升级失败：{error}", f"The migration failed: {error}") from error
        if await missing_migrations(dsn):
            raise Failure("数据库升级未完成", "The migration did not finish")
    types, rules = await with_pool(dsn, _load_shipped)
    return Migrated(len(missing), types, rules)


async def _load_shipped() -> tuple[int, list[str]]:
    from catalogue.books import publish_shipped
    from catalogue.enrolments.editions import load_editions
    from catalogue.products.types import load_types
    from coinsurance import books as pools
    from service.kernel.db import advisory_lock, work

    async with work():
        await advisory_lock("load shipped data")
        await load_editions()
        types, rules = await load_types(), await publish_shipped()
        return types, [*rules, *await pools.publish_shipped()]


def migrate_command() -> None:
    """升级数据库并载入险种与规则 · Bring the database to this version, load types and rules"""
    with (
        database_address(settings()) as dsn,
        ERR.status("正在升级数据库 · Bringing the database to this version"),
    ):
        done = run_async(bring_up_to_date(dsn))
    if done.migrations:
        say(f"已执行 {done.migrations} 个升级步骤", f"{done.migrations} migrations run")
    else:
        say("数据库已是最新版本", "The database was at this version")
    say(f"险种目录：{done.types} 个", f"{done.types} product types")
    for rule in done.rules:
        say(f"已发布规则 {rule}", f"Published {rule}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(migrate_command)
