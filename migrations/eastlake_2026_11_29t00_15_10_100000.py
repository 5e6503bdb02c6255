"""What others took over of a defaulter's debts is whole, never changes and is mirrored once.

Why: the database holds it whoever writes. Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from coinsurance.shortfall_indexes import SHORTFALL_SQL
from service.kernel.db import sql

ID = "2026-11-29T00:15:10:100000"
VERSION = "1.38.0"
DESCRIPTION = "shortfall_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in SHORTFALL_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
