"""Balances of a pool year's book per member, account and clause, in two times (账目余额)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from coinsurance.access import keep_look, view_of, year_row
from coinsurance.consent_shapes import BalanceRow, BalancesShape, PositionRow
from service.auth import Actor
from service.kernel.db import sql
from service.kernel.numbering import normalise_uscc

_LINES = """
SELECT o.uscc, o.short_name AS name, a.owner, a.code AS account, a.kind, a.title,
  coalesce(l.clause, e.clause) AS clause, a.currency,
  coalesce(sum(l.amount_fen) FILTER (WHERE l.amount_fen > 0), 0)::bigint AS debit_fen,
  coalesce(-sum(l.amount_fen) FILTER (WHERE l.amount_fen < 0), 0)::bigint AS credit_fen
FROM account a JOIN entry_line l ON l.account = a.id JOIN entry e ON e.id = l.entry
LEFT JOIN organisation o ON o.id = a.owner
WHERE a.book = $1 AND e.kind <> 'pending' AND ($2::date IS NULL OR e.effective_on <= $2)
  AND ($3::timestamptz IS NULL OR e.recorded_at <= $3)
  AND ($4::boolean OR a.owner = $5) AND ($6::text IS NULL OR o.uscc = $6)
  AND ($7::text IS NULL OR position($7 IN coalesce(l.clause, e.clause)) > 0)
GROUP BY o.uscc, o.short_name, a.owner, a.code, a.kind, a.title, coalesce(l.clause, e.clause),
  a.currency
ORDER BY a.code, clause
"""
_DEBIT = ("asset", "expense")


async def balances(
    actor: Actor,
    number: str,
    *,
    as_of: date | None = None,
    as_known_at: datetime | None = None,
    member: str | None = None,
    clause: str | None = None,
) -> BalancesShape:
    """Balances per member, account and clause; a follower sees its own accounts.

    The positions of all members sum to zero in every book; those of a filtered answer need not.
    """
    year = await year_row(number)
    view = await view_of(actor, year)
    await keep_look(actor, "pool_year", number, "balances")
    rows = await sql(
        _LINES,
        year["book"],
        as_of,
        as_known_at,
        view.sees_all,
        view.organisation_id,
        normalise_uscc(member) if member else None,
        clause,
    )
    return BalancesShape(
        number,
        year["book_code"],
        as_of,
        as_known_at,
        view.sees_all,
        [_row(row) for row in rows],
        _positions(rows),
    )


def _row(row: Any) -> BalanceRow:
    balance_fen = row["debit_fen"] - row["credit_fen"]
    own_fen = balance_fen if row["kind"] in _DEBIT else -balance_fen
    shown = {key: value for key, value in dict(row).items() if key != "owner"}
    return BalanceRow(**shown, balance_fen=balance_fen, own_fen=own_fen)


def _positions(rows: list[Any]) -> list[PositionRow]:
    """The net position of each member: above zero it holds money of others."""
    found: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (row["uscc"] or "", row["name"] or "", row["currency"])
        found[key] = found.get(key, 0) + row["debit_fen"] - row["credit_fen"]
    return [PositionRow(*key, position_fen) for key, position_fen in sorted(found.items())]
