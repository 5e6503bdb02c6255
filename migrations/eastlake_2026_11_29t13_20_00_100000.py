"""A dispute may hold more of an obligation later, when a payment of it has failed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-29T13:20:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "holds_added"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)
    manager.drop_constraint(
        table_class_name="ObligationHold",
        tablename="obligation_hold",
        constraint_name="uq_obligation_hold_obligation_dispute",
        schema=None,
    )
    return manager
