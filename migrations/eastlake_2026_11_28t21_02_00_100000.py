"""Guards and indexes of settlement.

Why: the balances of a period sum to zero, an obligation is never paid twice, what was stated, sent
to the bank or taken from it never changes, whatever program writes. Every statement may be run
again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.settlement_indexes import SETTLEMENT_SQL
from service.kernel.db import sql

ID = "2026-11-28T21:02:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "settlement_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in SETTLEMENT_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
