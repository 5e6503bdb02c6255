"""Guards and indexes of policies, enrolments and subsidies.

Why: shares of a policy make the whole, no source gets back more than it paid, and what was agreed at
inception never changes, whatever program writes. Every statement may be run again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from catalogue.policy_indexes import POLICY_SQL
from service.kernel.db import sql

ID = "2026-11-23T08:17:38:131558"
VERSION = "1.38.0"
DESCRIPTION = "policy_guards"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)

    async def run() -> None:
        for statement in POLICY_SQL:
            await sql(statement)

    manager.add_raw(run)
    return manager
