"""Guards and indexes of the pools.

Why: an effective schedule is the whole, parts of premium sum to their movement, what was agreed and
what was counted never changes, whatever program writes. Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.indexes import POOL_SQL
from service.kernel.db import sql

ID = "2026-11-28T20:33:40:100000"
VERSION = "1.38.0"
DESCRIPTION = "pool_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in POOL_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
