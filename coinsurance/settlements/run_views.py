"""Settlement runs as records. A follower sees the payments and positions it is a party of."""

from __future__ import annotations

from typing import Any

from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.settlement.debts import Method
from coinsurance.rules.settlement.workflows import SETTLEMENT_RUN
from coinsurance.settlement_shapes import (
    CircleShape,
    DischargeShape,
    InstructionShape,
    PositionShape,
    RunItem,
    RunPage,
    RunShape,
)
from coinsurance.settlements import seats
from coinsurance.settlements.seats import seen
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel import journal
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound

_ROW = """
SELECT r.*, y.number AS year_number, y.id AS year_id,
  EXISTS (SELECT 1 FROM settlement_part p WHERE p.run = r.id AND p.instruction IS NULL) AS circles
FROM settlement_run r JOIN pool_year y ON y.id = r.pool_year
"""
_INSTRUCTIONS = """
SELECT i.*, p.uscc AS payer_uscc, p.name AS payer_name, q.uscc AS payee_uscc, q.name AS payee_name
FROM payment_instruction i JOIN organisation p ON p.id = i.payer
  JOIN organisation q ON q.id = i.payee
WHERE i.run = $1 ORDER BY i.number
"""
_PARTS = """
SELECT t.instruction, t.chain, t.hop, t.amount_fen, b.number AS obligation, b.debtor, b.creditor
FROM settlement_part t JOIN obligation b ON b.id = t.obligation WHERE t.run = $1 ORDER BY t.id
"""


async def run_row(actor: Actor, number: str, *, lock: bool = False) -> Any:
    """A run of a pool year the actor has a seat in."""
    if lock:
        await seats.lock_year_of("settlement_run", number)
    row = await sql_row(
        _ROW + " WHERE r.number = $1" + (" FOR UPDATE OF r" if lock else ""), number
    )
    if row is None:
        raise NotFound("清算批次", "Settlement run", number)
    try:
        await access.view_of(actor, await access.year_row(row["year_number"]))
    except NotFound:
        raise NotFound("清算批次", "Settlement run", number) from None
    return row


async def record(actor: Actor, number: str) -> RunShape:
    """One run with its proof; peers' positions and payments only for who sees the pool whole."""
    async with work():
        row = await run_row(actor, number)
        year = await access.year_row(row["year_number"])
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "settlement_run", number, "清算批次")
        instructions = [
            found
            for found in await sql(_INSTRUCTIONS, row["id"])
            if view.sees_all or view.organisation_id in (found["payer"], found["payee"])
        ]
        found_parts = [
            part
            for part in await sql(_PARTS, row["id"])
            if view.sees_all or view.organisation_id in (part["debtor"], part["creditor"])
        ]
        own = await _uscc(view.organisation_id)
    proof = journal.parsed(row["proof"])
    return RunShape(
        number=row["number"],
        pool_year=row["year_number"],
        method=row["method"],
        method_zh=Method.zh_of(row["method"]),
        clause=row["clause"],
        due_until=row["due_until"],
        status=row["status"],
        status_zh=SETTLEMENT_RUN.label(row["status"]),
        revision=row["revision"],
        gross_fen=row["gross_fen"],
        cash_fen=row["cash_fen"],
        sum_fen=proof["sum_fen"],
        before=[PositionShape(*p) for p in proof["before"] if view.sees_all or p[0] == own],
        after=[PositionShape(*p) for p in proof["after"] if view.sees_all or p[0] == own],
        circles=_circles(found_parts),
        instructions=[_instruction(found, found_parts) for found in instructions],
        hash=row["hash"],
        file_hash=row["file_hash"],
        steps=parts.steps(SETTLEMENT_RUN, row["status"], actor.roles),
    )


async def _uscc(organisation_id: int | None) -> str:
    rows = await sql("SELECT uscc FROM organisation WHERE id = $1", organisation_id)
    return rows[0]["uscc"] if rows else ""


def _discharges(found: list[Any]) -> list[DischargeShape]:
    return [DischargeShape(p["obligation"], p["amount_fen"], p["chain"], p["hop"]) for p in found]


def _circles(found: list[Any]) -> list[CircleShape]:
    inside = [part for part in found if part["instruction"] is None]
    numbers = sorted({part["chain"] for part in inside})
    shapes = []
    for number in numbers:
        ring = [part for part in inside if part["chain"] == number]
        first = [part["amount_fen"] for part in ring if part["hop"] == ring[0]["hop"]]
        shapes.append(CircleShape(sum(first), _discharges(ring)))
    return shapes


def _instruction(row: Any, found: list[Any]) -> InstructionShape:
    return InstructionShape(
        row["number"],
        row["reference"],
        row["payer_uscc"],
        row["payer_name"],
        row["payee_uscc"],
        row["payee_name"],
        row["amount_fen"],
        row["paid_fen"],
        row["status"],
        row["failure"],
        _discharges([part for part in found if part["instruction"] == row["id"]]),
    )


_LIST = """
SELECT r.id, r.number, y.number AS year_number, r.method, r.due_until, r.status, r.gross_fen,
  r.cash_fen, count(i.id)::int AS instructions, coalesce(sum(i.paid_fen), 0)::bigint AS paid_fen
FROM settlement_run r JOIN pool_year y ON y.id = r.pool_year
  LEFT JOIN payment_instruction i ON i.run = r.id
    AND ($3::bigint IS NULL OR i.payer = $3 OR i.payee = $3)
WHERE y.number = $1 AND ($2::text IS NULL OR r.status = $2)
  AND ($4::bigint IS NULL OR r.id < $4)
GROUP BY r.id, y.number ORDER BY r.id DESC LIMIT $5
"""


async def page(
    actor: Actor,
    year_number: str,
    *,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> RunPage:
    """Runs of a pool year, newest first."""
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        found = await seen(actor, year_number)
        if found is None:
            return RunPage([], None)
        _, view = found
        rows = await sql(
            _LIST,
            year_number,
            status,
            None if view.sees_all else view.organisation_id,
            after[0] if after else None,
            size + 1,
        )
    items = [
        RunItem(
            row["number"],
            row["year_number"],
            row["method"],
            row["due_until"],
            row["status"],
            SETTLEMENT_RUN.label(row["status"]),
            row["gross_fen"],
            row["cash_fen"],
            row["instructions"],
            row["paid_fen"],
        )
        for row in rows[:size]
    ]
    more = len(rows) > size
    return RunPage(items, encode_cursor([rows[size - 1]["id"]]) if more else None)
