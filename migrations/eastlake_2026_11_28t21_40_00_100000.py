"""Accounts are opened by a function of the database.

Why: the check of an account's book, which postings run again, keeps to the index however small the
table of books was when the session first ran it. May be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from service.kernel.db import sql
from service.kernel.ledger.accounts_sql import ACCOUNTS_SQL

ID = "2026-11-28T21:40:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "ledger_open_accounts"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in ACCOUNTS_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
