"""Guards, functions and indexes that Piccolo cannot express.

Why: append-only and balance rules must hold against any program that reaches the database, and the
lists need indexes by key. Every statement is idempotent, so a half-run migration can be repeated.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.indexes import CATALOGUE_SQL
from service.kernel.db import sql
from service.kernel.ledger_sql import LEDGER_SQL

ID = "2026-11-23T07:36:50:901390"
VERSION = "1.38.0"
DESCRIPTION = "guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in [*LEDGER_SQL, *CATALOGUE_SQL]:
            await sql(statement)

    manager.add_raw(run)
    return manager
