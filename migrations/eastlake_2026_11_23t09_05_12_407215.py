"""The shelf as one table, kept by triggers, with its indexes; those it makes idle are dropped.

Why: the public list is what is read most, and building its rows anew cost more than all else in a
request (tests/bench/bench_reads.py). Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.indexes import CATALOGUE_SQL
from service.kernel.db import sql

ID = "2026-11-23T09:05:12:407215"
VERSION = "1.38.0"
DESCRIPTION = "shelf"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for name in ("shelf", "tokens", "industries"):
            await sql(f"DROP INDEX IF EXISTS ix_product_version_{name}")
        await sql("DROP TABLE IF EXISTS shelf_item")
        for statement in CATALOGUE_SQL:
            await sql(statement)
        await sql("SELECT shelf_refresh(ARRAY(SELECT id FROM product))")

    manager.add_raw(run)
    return manager
