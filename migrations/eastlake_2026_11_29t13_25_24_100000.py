"""A seat's account changes to one that was asked for and verified, and to no other."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.indexes import ACCOUNT_SQL
from service.kernel.db import sql

ID = "2026-11-29T13:25:24:100000"
VERSION = "1.38.0"
DESCRIPTION = "member_account_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in ACCOUNT_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
