"""Triggers by which the database itself refuses a change, whoever writes, and whether they stand.

Migrations run the statements; each may be run again. `eastlake verify` asks for the triggers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from service.kernel.db import sql

Guard = tuple[str, str]
"""Table and trigger."""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'EL403', MESSAGE = 'ledger.append_only',
    DETAIL = jsonb_build_object('table', TG_TABLE_NAME, 'operation', TG_OP)::text;
END $$
"""
"""What every guard here calls; the first migration of the ledger makes it."""


def append_only(table: str) -> list[str]:
    """Statements that make a table refuse UPDATE, DELETE and TRUNCATE; at no cost per row."""
    return [
        f"CREATE OR REPLACE TRIGGER {table}_append_only"
        f" BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]


def differs(columns: Iterable[str]) -> str:
    """The condition of a trigger under which one of the columns has changed."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def fixed(table: str, columns: Iterable[str], *more: str) -> str:
    """A statement that makes columns stay as written; `more` are conditions refused besides."""
    return (
        f"CREATE OR REPLACE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({' OR '.join([differs(columns), *more])}) EXECUTE FUNCTION refuse_change()"
    )


def once(*columns: str) -> str:
    """The condition, for `fixed`, under which columns that had been filled in have changed."""
    return f"OLD.{columns[0]} IS NOT NULL AND ({differs(columns)})"


async def switched_off(guards: Collection[Guard]) -> list[Guard]:
    """Those that are missing or switched off."""
    rows = await sql(
        "SELECT g.name, g.guard FROM unnest($1::text[], $2::text[]) g (name, guard)"
        " WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = to_regclass(g.name)"
        " AND t.tgname = g.guard AND t.tgenabled IN ('O', 'A'))",
        [table for table, _ in guards],
        [trigger for _, trigger in guards],
    )
    return [(row["name"], row["guard"]) for row in rows]
