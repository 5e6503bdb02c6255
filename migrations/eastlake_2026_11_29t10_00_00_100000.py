"""What was told, asked, bound and granted stays as it was written.

Why: no rule recomputes who a firm is, what it was granted, what was told of a loss and until when
somebody had to answer, so the database refuses to change it, whoever writes. Every statement may be
run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.money_indexes import PERSON_SQL
from coinsurance.claim_indexes import NOTICE_SQL
from coinsurance.indexes import FACTS_SQL
from coinsurance.settlement_indexes import ANSWER_SQL
from service.kernel.db import sql

ID = "2026-11-29T10:00:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "facts_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in (*PERSON_SQL, *FACTS_SQL, *NOTICE_SQL, *ANSWER_SQL):
            await sql(statement)

    manager.add_raw(run)
    return manager
