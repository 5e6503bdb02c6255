"""Guards and indexes of claims.

Why: parts are their movement to the fen, a reversal is the exact mirror, no section pays above what
was authorised and no aggregate is used twice, whatever program writes. May be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.claim_indexes import CLAIM_SQL
from service.kernel.db import sql

ID = "2026-11-28T21:05:43:100000"
VERSION = "1.38.0"
DESCRIPTION = "claim_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in CLAIM_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
