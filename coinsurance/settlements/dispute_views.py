"""Disputes as records: rows, shapes, lists."""

from __future__ import annotations

from typing import Any

from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.settlement.ladder import Rung, may_escalate
from coinsurance.rules.settlement.workflows import DISPUTE
from coinsurance.settlement_shapes import DisputePage, DisputeShape, MemberShape, RungShape
from coinsurance.settlements import seats
from coinsurance.settlements.seats import seen
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound

_ROW = """
SELECT d.*, y.number AS year_number, b.code AS book, s.number AS statement_number,
  o.uscc, o.name AS member_name, c.uscc AS counterparty_uscc, c.name AS counterparty_name,
  e.key AS entry_key, e.reason AS entry_reason, e.effective_on AS entry_on,
  coalesce(l.clause, e.clause) AS clause, a.code AS account,
  (SELECT coalesce(sum(h.amount_fen), 0)::bigint FROM obligation_hold h
    WHERE h.dispute = d.id AND h.state = 'held') AS held_fen
FROM dispute d JOIN pool_year y ON y.id = d.pool_year JOIN book b ON b.id = y.book
  JOIN statement s ON s.id = d.statement JOIN organisation o ON o.id = d.organisation
  JOIN organisation c ON c.id = d.counterparty JOIN entry e ON e.id = d.entry
  JOIN entry_line l ON l.id = d.line JOIN account a ON a.id = l.account
"""
_RUNGS = (
    "SELECT dispute, level, name, started_on, due_on, due_days, due_calendar FROM dispute_rung"
    " WHERE dispute = ANY($1::bigint[]) ORDER BY level"
)


async def dispute_row(actor: Actor, number: str, *, lock: bool = False) -> Any:
    """A dispute the actor is a side of, or of a pool it sees whole."""
    if lock:
        await seats.lock_year_of("dispute", number)
    row = await sql_row(
        _ROW + " WHERE d.number = $1" + (" FOR UPDATE OF d" if lock else ""), number
    )
    if row is None:
        raise NotFound("争议", "Dispute", number)
    mine = actor.owns(row["organisation"]) or actor.owns(row["counterparty"])
    if not mine and not await seats.sees_whole(actor, row["year_number"]):
        raise NotFound("争议", "Dispute", number)
    return row


async def may(actor: Actor, number: str) -> frozenset[str]:
    """The steps that the reader's side allows on a dispute, whatever its state."""
    row = await dispute_row(actor, number)
    own, other = actor.owns(row["organisation"]), actor.owns(row["counterparty"])
    found = {"withdraw"} if own else set()
    if own or other:
        found |= {"escalate", "refer"}
    if other or actor.is_committee:
        found |= {"uphold"}
    return frozenset(found | ({"dismiss"} if actor.is_committee else set()))


async def record(actor: Actor, number: str) -> DisputeShape:
    """One dispute with its ladder."""
    async with work():
        row = await dispute_row(actor, number)
        await access.keep_look(actor, "dispute", number, "争议")
        rungs = await sql(_RUNGS, [row["id"]])
    return _shape(actor, row, rungs)


async def page(
    actor: Actor,
    *,
    pool_year: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> DisputePage:
    """Disputes the actor is a side of; those of a whole pool year for who sees it whole."""
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        sees_all = actor.sees_all
        if pool_year is not None and not sees_all:
            found = await seen(actor, pool_year)
            sees_all = found is not None and found[1].sees_all
        rows = await sql(
            _ROW + " WHERE ($1::text IS NULL OR y.number = $1)"
            " AND ($2::text IS NULL OR d.status = $2)"
            " AND ($3::bigint IS NULL OR d.organisation = $3 OR d.counterparty = $3)"
            " AND ($4::bigint IS NULL OR d.id < $4) ORDER BY d.id DESC LIMIT $5",
            pool_year,
            status,
            None if sees_all else actor.organisation_id,
            after[0] if after else None,
            size + 1,
        )
        rungs = await sql(_RUNGS, [row["id"] for row in rows])
    items = [
        _shape(actor, row, [rung for rung in rungs if rung["dispute"] == row["id"]])
        for row in rows[:size]
    ]
    more = len(rows) > size
    return DisputePage(items, encode_cursor([rows[size - 1]["id"]]) if more else None)


def _shape(actor: Actor, row: Any, rungs: list[Any]) -> DisputeShape:
    clock = Rung(row["level"], "", today(), row["level_due_on"], 0, "")
    return DisputeShape(
        number=row["number"],
        pool_year=row["year_number"],
        statement=row["statement_number"],
        line=row["line"],
        entry=row["entry_key"],
        member=MemberShape(row["uscc"], row["member_name"]),
        counterparty=MemberShape(row["counterparty_uscc"], row["counterparty_name"]),
        amount_fen=row["amount_fen"],
        reason=row["reason"],
        status=row["status"],
        status_zh=DISPUTE.label(row["status"]),
        revision=row["revision"],
        level=row["level"],
        level_due_on=row["level_due_on"],
        may_escalate=row["closed_at"] is None and may_escalate(clock, today()),
        held_fen=row["held_fen"],
        outcome=row["outcome"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        rungs=[
            RungShape(
                rung["level"],
                rung["name"],
                rung["started_on"],
                rung["due_on"],
                rung["due_days"],
                rung["due_calendar"],
            )
            for rung in rungs
        ],
        steps=parts.steps(DISPUTE, row["status"], actor.roles),
    )
