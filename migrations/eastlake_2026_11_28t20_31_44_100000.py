"""Indexes and guards of objection evidence, payee accounts and payers' bank accounts.

Why: an account that was entered is replaced, never edited; one account of an organisation is in
use; a payer is found by its account without reading all receipts. May be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.money_indexes import MONEY_SQL
from service.kernel.db import sql

ID = "2026-11-28T20:31:44:100000"
VERSION = "1.38.0"
DESCRIPTION = "evidence_payees_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in MONEY_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
