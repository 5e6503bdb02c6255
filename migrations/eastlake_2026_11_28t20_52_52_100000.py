"""Guards and indexes of consents: what was asked, served and answered is written once.

Why: a deemed consent rests on the day of service and on the clause; neither may move afterwards,
whatever program writes. Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.indexes import CONSENT_SQL
from service.kernel.db import sql

ID = "2026-11-28T20:52:52:100000"
VERSION = "1.38.0"
DESCRIPTION = "consent_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in CONSENT_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
