"""Ways from an entry to what it is about; evidence that was handed out never changes.

Why: every line of a statement tells its insured, policy and references, which are looked up by its
entry. Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.settlement_indexes import LOOKUP_SQL
from service.kernel.db import sql

ID = "2026-11-28T21:31:52:100000"
VERSION = "1.38.0"
DESCRIPTION = "settlement_lookups"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in LOOKUP_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
