"""Indexes by folded numbers and names, for the checks before money moves.

Why: a check compares each line with every other by invoice, contract, serial, software, payer and
account, whatever way these were printed. Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.subsidies.evidence_sql import INDEXES
from service.kernel.db import sql

ID = "2026-11-23T09:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "evidence_indexes"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in INDEXES:
            await sql(statement)

    manager.add_raw(run)
    return manager
