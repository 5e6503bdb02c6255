"""The one Piccolo app: every table of the three packages, one linear history of migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

APP_CONFIG = AppConfig(
    app_name="eastlake",
    migrations_folder_path=str(MIGRATIONS),
    table_classes=table_finder(
        [
            "service.kernel.tables",
            "catalogue.tables.products",
            "catalogue.tables.policies",
            "catalogue.tables.enrolments",
            "catalogue.tables.subsidies",
            "coinsurance.tables.pools",
            "coinsurance.tables.placements",
            "coinsurance.tables.premiums",
            "coinsurance.tables.claims",
            "coinsurance.tables.claim_files",
            "coinsurance.tables.settlements",
            "coinsurance.tables.reconciliations",
            "coinsurance.tables.shortfalls",
        ],
        exclude_imported=True,
    ),
)
