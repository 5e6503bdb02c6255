"""Guards of what a debt and a seat in a pool year were written with; a migration runs them.

No rule recomputes these columns from elsewhere: when and why a debt is due, whose seat and account
it is. So nobody changes them, whoever writes.
No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

_STAYS: dict[str, tuple[str, ...]] = {
    "obligation": (
        "placement",
        "due_days",
        "due_calendar",
        "clause",
        "cause_kind",
        "cause",
        "entry",
        "recorded_at",
    ),
    "pool_member": ("pool_year", "organisation", "legal_root", "bank_account", "recorded_at"),
}
"""Columns that stay as written, beside those of the other guards."""
_LATER_ONLY = "OLD.due_on IS NOT NULL AND (NEW.due_on IS NULL OR NEW.due_on < OLD.due_on)"
"""A due day that was told moves later only: papers that are served after the payment move it."""


def _stays(table: str, *more: str) -> str:
    differs = [f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _STAYS[table]]
    return (
        f"CREATE OR REPLACE TRIGGER {table}_terms BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({' OR '.join([*differs, *more])}) EXECUTE FUNCTION refuse_change()"
    )


GUARDS: tuple[tuple[str, str], ...] = tuple((table, f"{table}_terms") for table in _STAYS)
"""Table and trigger of every guard, for `eastlake verify`."""

TERMS_SQL: list[str] = [
    _stays("obligation", _LATER_ONLY),
    _stays("pool_member"),
]
