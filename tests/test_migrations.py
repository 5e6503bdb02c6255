"""The migrated database is the one the tables describe, compared on the database catalogue."""

from __future__ import annotations

from typing import Any

import asyncpg
from piccolo.table import sort_table_classes

from catalogue.indexes import CATALOGUE_SQL
from catalogue.money_indexes import MONEY_SQL, PAYMENT_SQL, PERSON_SQL
from catalogue.policy_indexes import POLICY_SQL
from catalogue.subsidies.evidence_sql import INDEXES
from coinsurance.claim_indexes import CLAIM_PAYMENT_SQL, CLAIM_SQL, NOTICE_SQL
from coinsurance.indexes import ACCOUNT_SQL, CONSENT_SQL, FACTS_SQL, POOL_SQL, TERMS_SQL
from coinsurance.premium_indexes import PREMIUM_SQL
from coinsurance.settlement_indexes import ANSWER_SQL, LOOKUP_SQL, SETTLEMENT_SQL
from coinsurance.shortfall_indexes import SHORTFALL_SQL
from service.kernel import db
from service.kernel.ledger.accounts_sql import ACCOUNTS_SQL
from service.kernel.ledger_sql import LEDGER_SQL
from service.migrate import migrate
from service.piccolo_app import APP_CONFIG, MIGRATIONS

_CATALOGUE = {
    "columns": (
        "SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default,"
        " character_maximum_length FROM information_schema.columns"
        " WHERE table_schema = $1"
    ),
    "constraints": (
        "SELECT c.conrelid::regclass::text AS table_name, c.conname, c.contype::text,"
        " pg_get_constraintdef(c.oid) AS definition FROM pg_constraint c"
        " JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = $1 AND c.contype <> 'n'"
    ),
    "indexes": (
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = $1"
    ),
    "triggers": (
        "SELECT t.tgrelid::regclass::text AS table_name, t.tgname, pg_get_triggerdef(t.oid) AS d"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND NOT t.tgisinternal"
    ),
    "functions": (
        "SELECT p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),"
        " p.proconfig::text, p.prosrc FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 AND p.prolang <> 13"
    ),
}


EVERYTHING = [
    *LEDGER_SQL,
    *ACCOUNTS_SQL,
    *CATALOGUE_SQL,
    *POLICY_SQL,
    *INDEXES,
    *MONEY_SQL,
    *POOL_SQL,
    *SETTLEMENT_SQL,
    *LOOKUP_SQL,
    *CONSENT_SQL,
    *CLAIM_SQL,
    *PREMIUM_SQL,
    *SHORTFALL_SQL,
    *TERMS_SQL,
    *PAYMENT_SQL,
    *PERSON_SQL,
    *FACTS_SQL,
    *NOTICE_SQL,
    *ANSWER_SQL,
    *CLAIM_PAYMENT_SQL,
    *ACCOUNT_SQL,
]


async def _picture(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Everything the catalogue says of schema public, as sorted plain text."""
    found: dict[str, list[str]] = {}
    for name, query in _CATALOGUE.items():
        rows = await connection.fetch(query, "public")
        lines = (" | ".join("" if v is None else str(v) for v in row.values()) for row in rows)
        found[name] = sorted(line for line in lines if not line.startswith("migration |"))
    return found


async def test_migrations_make_what_the_tables_say(
    pool: None, dsn: dict[str, Any] | str
) -> None:
    config: dict[str, Any] = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    await db.sql("DROP DATABASE IF EXISTS eastlake_drift")
    await db.sql("CREATE DATABASE eastlake_drift")
    try:
        fresh = await asyncpg.connect(**(config | {"database": "eastlake_drift"}))
        for table in sort_table_classes(APP_CONFIG.table_classes):
            for statement in table.create_table().ddl:
                await fresh.execute(statement)
        for statement in EVERYTHING:
            await fresh.execute(statement)
        expected = await _picture(fresh)
        await fresh.close()
        migrated = await asyncpg.connect(**config)
        actual = await _picture(migrated)
        await migrated.close()
        for part, lines in expected.items():
            assert actual[part] == lines, f"{part} of the migrated database differ from the tables"
    finally:
        await db.sql("DROP DATABASE eastlake_drift")


async def test_migrating_again_changes_nothing(pool: None, dsn: dict[str, Any] | str) -> None:
    config: dict[str, Any] = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    connection = await asyncpg.connect(**config)
    before = await _picture(connection)
    await migrate(dsn)
    for statement in EVERYTHING:
        await connection.execute(statement)
    assert await _picture(connection) == before
    await connection.close()


def test_one_linear_history() -> None:
    names = sorted(path.name for path in MIGRATIONS.glob("*.py") if path.name != "__init__.py")
    assert names
    assert all(name.startswith("eastlake_20") for name in names)


# What a row may really lack; every other reference is required.
OPTIONAL = {
    "insured_object.catalogue_item",
    "policy.insured_object",
    "enrolment.contract",
    "enrolment.matched_item",
    "application.notice",
    "application_line.enrolment",
    "application_line.qualification",
    "risk_line.evidence",
    "placement_exposure.zone",
    "premium_movement.policy_receipt",
    "premium_movement.schedule",
    "claim.placement",
    "claim.pool_year",
    "claim_section.section",
    "claim_section.schedule",
    "claim_survey.report",
    "claim_assessment.report",
    "reinstatement.placement",
    "reinstatement.section",
    "obligation.placement",
    "settlement_part.instruction",
    "discharge.run",
    "discharge.instruction",
    "bank_row.instruction",
    "recon_break.organisation",
    "evidence_bundle.pool_year",
    "evidence_bundle.organisation",
    "consent_request.pool_year",
}


def test_every_foreign_key_restricts_and_is_required() -> None:
    keys = {
        f"{table._meta.tablename}.{key._meta.name}": key
        for table in APP_CONFIG.table_classes
        for key in table._meta.foreign_key_columns
    }
    rules = {name: key._foreign_key_meta.on_delete.value for name, key in keys.items()}
    assert set(rules.values()) == {"RESTRICT"}
    assert {name for name, key in keys.items() if key._meta.null} == OPTIONAL
