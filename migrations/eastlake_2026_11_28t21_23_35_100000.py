"""Guards and indexes of pool premium.

Why: a reversal is the exact mirror of one movement and no funding source gets back more than it
paid, whatever program writes. May be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.premium_indexes import PREMIUM_SQL
from service.kernel.db import sql

ID = "2026-11-28T21:23:35:100000"
VERSION = "1.38.0"
DESCRIPTION = "premium_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in PREMIUM_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
