"""What a debt, a seat and a payment were written with stays.

Why: no rule recomputes these columns, so the database refuses to change them, whoever writes.
Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.money_indexes import PAYMENT_SQL
from coinsurance.indexes import TERMS_SQL
from service.kernel.db import sql

ID = "2026-11-29T05:52:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "terms_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in (*TERMS_SQL, *PAYMENT_SQL):
            await sql(statement)

    manager.add_raw(run)
    return manager
