"""Ageing of a pool year and reminders (账龄与催付); what is overdue is judged when it is read."""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.reconciliation_shapes import AgeingShape, AgeingTable, RemindedShape
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.ageing import Bucket, reminder_stage, table
from coinsurance.settlement_shapes import MemberShape
from coinsurance.settlements import obligations
from coinsurance.settlements.obligation_views import open_debt
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import day_end, now, today
from service.kernel.db import sql, sql_row, work

# As it stood on a past day: paid by then, contested by then, not yet void because its cause was
# reversed. What a released cash call asked for is left out, as if it had never been asked.
_STOOD = """
SELECT b.number, 'open' AS status, b.debtor, b.creditor, b.amount_fen, b.arose_on, b.due_on,
  d.uscc AS debtor_uscc, d.name AS debtor_name, c.uscc AS creditor_uscc, c.name AS creditor_name,
  coalesce(x.fen, 0)::bigint AS settled_fen, coalesce(h.held, 0)::bigint AS held_fen,
  coalesce(h.struck, 0)::bigint AS struck_fen
FROM obligation b JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor
  LEFT JOIN LATERAL (SELECT sum(t.amount_fen) AS fen FROM discharge t
    WHERE t.obligation = b.id AND t.settled_on <= $2) x ON true
  LEFT JOIN LATERAL (SELECT
      sum(t.amount_fen) FILTER (WHERE p.closed_at IS NULL OR p.closed_at >= $3) AS held,
      sum(t.amount_fen) FILTER (WHERE t.state = 'struck' AND p.closed_at < $3) AS struck
    FROM obligation_hold t JOIN dispute p ON p.id = t.dispute
    WHERE t.obligation = b.id AND p.opened_at < $3) h ON true
WHERE b.pool_year = $1 AND b.arose_on <= $2 AND (b.status <> 'void'
  OR (b.cause_kind = 'claim_movement' AND EXISTS (SELECT 1 FROM claim_movement m
    WHERE m.reversal_of = b.cause AND m.effective_on > $2))
  OR (b.cause_kind = 'shortfall' AND EXISTS (SELECT 1 FROM shortfall_charge m
    WHERE m.reversal_of = b.cause AND m.effective_on > $2)))
ORDER BY b.due_on, b.id
"""


async def _stood(year_id: int, day: date) -> list[Any]:
    """The obligations of a pool year as of a day; today's need no reckoning back."""
    if day >= today():
        return await obligations.rows_of(year_id)
    return await sql(_STOOD, year_id, day, day_end(day))


async def ageing(actor: Actor, year_number: str, on: date | None = None) -> AgeingTable:
    """What members owe each other by days late; a follower sees the rows it is a party of.

    As of a past day it is what was open on that day, whatever was paid or decided since.
    """
    day = on or today()
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "pool_year", year_number, "账龄")
        rows = [
            row
            for row in await _stood(year["id"], day)
            if view.sees_all or view.organisation_id in (row["debtor"], row["creditor"])
        ]
    names = {
        row[f"{side}_uscc"]: row[f"{side}_name"] for row in rows for side in ("debtor", "creditor")
    }
    found = table([open_debt(row) for row in rows if row["arose_on"] <= day], day)
    shapes = [
        AgeingShape(
            MemberShape(row.debtor, names[row.debtor]),
            MemberShape(row.creditor, names[row.creditor]),
            {bucket.value: fen for bucket, fen in row.buckets},
            row.total_fen,
        )
        for row in found
    ]
    zh = {bucket.value: bucket.zh for bucket in Bucket}
    return AgeingTable(year_number, day, zh, shapes, sum(shape.total_fen for shape in shapes))


async def remind(actor: Actor, year_number: str) -> RemindedShape:
    """Remind debtors of what is overdue and not disputed, once for each stage reached."""
    async with work():
        year = await access.year_row(year_number, "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        numbers = await _remind(actor, year)
    return RemindedShape(year_number, today(), len(numbers), numbers)


async def due(on: date) -> int:
    """The nightly run's part: reminders of every open pool year; how many were written."""
    written = 0
    for row in await sql(
        "SELECT number FROM pool_year WHERE status NOT IN ('draft', 'commuted') ORDER BY id"
    ):
        async with work():
            year = await access.year_row(row["number"], "turn")
            written += len(await _remind(SYSTEM, year))
    return written


async def _remind(actor: Actor, year: Any) -> list[str]:
    day = today()
    numbers = []
    for row in await obligations.rows_of(year["id"], due_until=day):
        stage = reminder_stage(row["due_on"], day)
        if stage is None or obligations.open_fen(row) <= 0:
            continue
        fresh = await sql_row(
            "INSERT INTO reminder (obligation, stage, open_fen, days_late, reminded_on,"
            " recorded_at) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (obligation, stage) DO NOTHING RETURNING id",
            row["id"],
            stage,
            obligations.open_fen(row),
            (day - row["due_on"]).days,
            day,
            now(),
        )
        if fresh is not None:
            numbers.append(row["number"])
    if numbers:
        await journal.record(
            actor, "pool_year", year["number"], "remind", facts={"obligations": numbers}
        )
    return numbers
