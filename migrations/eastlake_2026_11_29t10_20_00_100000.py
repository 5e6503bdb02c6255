"""An evidence bundle of a claim on a policy of a single insurer has no pool year."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import ForeignKey

ID = "2026-11-29T10:20:00:100000"
VERSION = "1.38.0"
DESCRIPTION = "evidence_of_one_insurer"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="eastlake", description=DESCRIPTION)
    manager.alter_column(
        table_class_name="EvidenceBundle",
        tablename="evidence_bundle",
        column_name="pool_year",
        db_column_name="pool_year",
        params={"null": True},
        old_params={"null": False},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )
    return manager
