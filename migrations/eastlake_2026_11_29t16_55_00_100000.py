"""A payment is told of the earlier ones for its loss only those that can count against it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.claim_indexes import CLAIM_PAYMENT_SQL
from service.kernel.db import sql

ID = "2026-11-29T16:55:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "payment_facts_of_beneficiary"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in CLAIM_PAYMENT_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
