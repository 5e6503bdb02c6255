"""Obligations as readers see them: lists, ageing."""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.reconciliation_shapes import ObligationPage, ObligationShape
from coinsurance.rules.settlement.ageing import OpenDebt, bucket_of
from coinsurance.rules.settlement.obligations import KINDS_ZH
from coinsurance.settlement_shapes import MemberShape
from coinsurance.settlements import obligations, seats
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql, work


def shape(row: Any, on: date) -> ObligationShape:
    """An obligation as readers see it."""
    late = (on - row["due_on"]).days if row["due_on"] else None
    return ObligationShape(
        number=row["number"],
        pool_year=row["year_number"],
        kind=row["kind"],
        kind_zh=KINDS_ZH.get(row["kind"], row["kind"]),
        debtor=MemberShape(row["debtor_uscc"], row["debtor_name"]),
        creditor=MemberShape(row["creditor_uscc"], row["creditor_name"]),
        amount_fen=row["amount_fen"],
        settled_fen=row["settled_fen"],
        disputed_fen=row["held_fen"],
        struck_fen=row["struck_fen"],
        open_fen=obligations.open_fen(row),
        arose_on=row["arose_on"],
        due_on=row["due_on"],
        due_days=row["due_days"],
        due_calendar=row["due_calendar"],
        days_late=late if obligations.open_fen(row) else None,
        bucket=bucket_of(row["due_on"], on).value,
        clause=row["clause"],
        status=row["status"],
    )


async def page(
    actor: Actor,
    year_number: str,
    *,
    kind: str | None = None,
    status: str | None = None,
    member: str | None = None,
    unpaid: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> ObligationPage:
    """Obligations of a pool year, newest first; a follower sees those it is a party of.

    `unpaid` leaves out what is settled or void.
    """
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "pool_year", year_number, "应付事项")
        rows = await sql(
            obligations.OPEN + " WHERE b.pool_year = $1 AND ($2::text IS NULL OR b.kind = $2)"
            " AND ($3::text IS NULL OR b.status = $3)"
            " AND ($4::text IS NULL OR d.uscc = $4 OR c.uscc = $4)"
            " AND ($5::bigint IS NULL OR b.debtor = $5 OR b.creditor = $5)"
            " AND ($6::bigint IS NULL OR b.id < $6)"
            " AND NOT ($8::boolean AND b.status IN ('settled', 'void'))"
            " ORDER BY b.id DESC LIMIT $7",
            year["id"],
            kind,
            status,
            member,
            None if view.sees_all else view.organisation_id,
            after[0] if after else None,
            size + 1,
            unpaid,
        )
    items = [shape(row, today()) for row in rows[:size]]
    more = len(rows) > size
    return ObligationPage(items, encode_cursor([rows[size - 1]["id"]]) if more else None)


def open_debt(row: Any) -> OpenDebt:
    """An obligation as the rules of ageing take it."""
    return OpenDebt(
        row["number"],
        row["debtor_uscc"],
        row["creditor_uscc"],
        obligations.open_fen(row),
        row["held_fen"],
        row["due_on"],
    )


async def record(actor: Actor, number: str) -> ObligationShape:
    """One obligation of which the actor is a party, or of a pool it sees whole."""
    async with work():
        row = await obligations.obligation_row(actor, number)
        await access.keep_look(actor, "obligation", number, "应付事项")
    return shape(row, today())


async def may_book(actor: Actor, number: str) -> bool:
    """Whether the reader books what is paid of a debt: the creditor, or who keeps the accounts."""
    row = await obligations.obligation_row(actor, number)
    return actor.owns(row["creditor"]) or await seats.keeps(actor, row["year_number"])
