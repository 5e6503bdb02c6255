"""Statements as records: rows, what readers see of them, lists, lines."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.settlement.items import Item, item_of
from coinsurance.rules.settlement.workflows import STATEMENT, STATEMENT_PERIOD
from coinsurance.settlement_shapes import (
    ItemSumShape,
    MemberShape,
    PeriodShape,
    StatementItem,
    StatementLine,
    StatementLines,
    StatementPage,
    StatementRecord,
)
from coinsurance.settlements import seats
from coinsurance.settlements.lines import Cover, lines
from coinsurance.tables.settlements import Statement
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound
from service.kernel.money import Rounding, ratio
from service.kernel.shares import WHOLE_UNITS

_ROW = """
SELECT s.*, y.number AS year_number, y.book, b.code AS book_code, p.number AS period_number,
  p.period AS period_code, p.to_month, p.seal AS period_seal, p.previous AS period_previous,
  v.to_month AS previous_month, v.seal AS previous_seal, o.uscc, o.name AS member_name,
  r.number AS replaces_number
FROM statement s JOIN statement_period p ON p.id = s.period JOIN pool_year y ON y.id = s.pool_year
  JOIN book b ON b.id = y.book JOIN organisation o ON o.id = s.organisation
  LEFT JOIN statement_period v ON v.id = p.previous LEFT JOIN statement r ON r.id = s.replaces
"""


async def period_row(year: Any, code: str) -> Any:
    """The standing period of a year by its code; the row of the year is locked already."""
    row = await sql_row(
        "SELECT * FROM statement_period WHERE pool_year = $1 AND period = $2"
        " AND status <> 'cancelled'",
        year["id"],
        code,
    )
    if row is None:
        raise NotFound("对账期", "Statement period", f"{year['number']}.{code}")
    return row


async def approve(actor: Actor, row: Any) -> None:
    """Approve one draft; who prepared it was asked before."""
    await parts.move(
        actor,
        STATEMENT,
        Statement,
        row,
        "approve",
        row["number"],
        values={"approved_at": now(), "approved_by": actor.user_id},
    )


async def statement_row(actor: Actor, number: str, *, lock: bool = False) -> Any:
    """A statement as the actor may see it; NotFound for anybody else's.

    A member sees its own once it is issued; who keeps or leads the pool sees all.
    """
    row = await sql_row(
        _ROW + " WHERE s.number = $1" + (" FOR UPDATE OF s" if lock else ""), number
    )
    if row is None:
        raise NotFound("结算单", "Statement", number)
    own = actor.owns(row["organisation"]) and row["issued_at"] is not None
    if not own and not await seats.sees_whole(actor, row["year_number"]):
        raise NotFound("结算单", "Statement", number)
    return row


def cover_of(row: Any) -> Cover:
    """Which entries a statement covers."""
    return Cover(
        row["book"],
        row["book_code"],
        row["to_month"],
        row["period_seal"],
        row["previous_month"] or "",
        row["previous_seal"] or 0,
    )


_OPEN_FEN = """
SELECT coalesce(sum(CASE WHEN b.debtor = $2 THEN b.amount_fen - b.settled_fen - h.fen
  ELSE b.settled_fen + h.fen - b.amount_fen END), 0)::bigint AS fen
FROM obligation b LEFT JOIN LATERAL (SELECT coalesce(sum(x.amount_fen), 0) AS fen
  FROM obligation_hold x WHERE x.obligation = b.id AND x.state <> 'released') h ON true
WHERE b.pool_year = $1 AND (b.debtor = $2 OR b.creditor = $2)
"""


async def record(actor: Actor, number: str) -> StatementRecord:
    """One statement with its figures, steps and history."""
    async with work():
        row = await statement_row(actor, number)
        await access.keep_look(actor, "statement", number, "结算单")
        open_fen = (await sql(_OPEN_FEN, row["pool_year"], row["organisation"]))[0]["fen"]
        history = await parts.history(STATEMENT.name, number)
    body = journal.parsed(row["content"])
    return StatementRecord(
        number=row["number"],
        pool_year=row["year_number"],
        period=row["period_code"],
        period_number=row["period_number"],
        edition=row["edition"],
        replaces=row["replaces_number"],
        member=MemberShape(row["uscc"], row["member_name"]),
        status=row["status"],
        status_zh=STATEMENT.label(row["status"]),
        revision=row["revision"],
        agreement=body["agreement"]["version"],
        brought_forward_fen=row["brought_forward_fen"],
        items=_items(body),
        items_fen=row["items_fen"],
        settled_fen=row["settled_fen"],
        carried_forward_fen=row["carried_forward_fen"],
        disputed_fen=row["disputed_fen"],
        ordinary_fen=row["carried_forward_fen"] - row["disputed_fen"],
        open_fen=open_fen,
        lines=row["line_count"],
        hash=row["hash"],
        seal_number=body["seal"]["number"],
        seal_hash=body["seal"]["hash"],
        issued_at=row["issued_at"],
        answer_due_on=row["answer_due_on"],
        steps=parts.steps(STATEMENT, row["status"], actor.roles),
        history=history,
    )


def _items(body: Mapping[str, Any]) -> list[ItemSumShape]:
    return [
        ItemSumShape(part["item"], Item.zh_of(part["item"]), part["lines"], part["amount_fen"])
        for part in body["items"]
    ]


_LIST = """
SELECT s.id, s.number, y.number AS year_number, p.period AS period_code, o.uscc, o.name,
  s.status, s.brought_forward_fen, s.items_fen, s.settled_fen, s.carried_forward_fen,
  s.disputed_fen, s.line_count, s.hash, s.issued_at, s.answer_due_on
FROM statement s JOIN statement_period p ON p.id = s.period JOIN pool_year y ON y.id = s.pool_year
  JOIN organisation o ON o.id = s.organisation
WHERE s.pool_year = $1 AND ($2::text IS NULL OR p.period = $2)
  AND ($3::text IS NULL OR s.status = $3) AND ($4::text IS NULL OR o.uscc = $4)
  AND ($5::bigint IS NULL OR (s.organisation = $5 AND s.issued_at IS NOT NULL))
  AND ($6::bigint IS NULL OR s.id < $6) AND (NOT $8 OR s.status <> 'cancelled')
ORDER BY s.id DESC LIMIT $7
"""


async def page(
    actor: Actor,
    year_number: str,
    *,
    period: str | None = None,
    status: str | None = None,
    member: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
    standing: bool = False,
) -> StatementPage:
    """Statements of a pool year, newest first; a follower's list holds its own only.

    `standing`: without those that were cancelled.
    """
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "pool_year", year_number, "结算单清单")
        rows = await sql(
            _LIST,
            year["id"],
            period,
            status,
            member,
            None if view.sees_all else view.organisation_id,
            after[0] if after else None,
            size + 1,
            standing,
        )
    items = [_item(row) for row in rows[:size]]
    more = len(rows) > size
    return StatementPage(items, encode_cursor([rows[size - 1]["id"]]) if more else None)


def _item(row: Any) -> StatementItem:
    return StatementItem(
        row["number"],
        row["year_number"],
        row["period_code"],
        MemberShape(row["uscc"], row["name"]),
        row["status"],
        STATEMENT.label(row["status"]),
        row["brought_forward_fen"],
        row["items_fen"],
        row["settled_fen"],
        row["carried_forward_fen"],
        row["disputed_fen"],
        row["line_count"],
        row["hash"],
        row["issued_at"],
        row["answer_due_on"],
    )


async def line_page(
    actor: Actor, number: str, cursor: str | None = None, limit: int | None = None
) -> StatementLines:
    """Lines of a statement in the order of the book."""
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        row = await statement_row(actor, number)
        found = await lines(cover_of(row), row["organisation"], after[0] if after else 0, size + 1)
    items = [line_shape(row, line) for line in found[:size]]
    more = len(found) > size
    return StatementLines(items, encode_cursor([items[-1].line]) if more else None)


def line_shape(statement: Any, line: Any) -> StatementLine:
    """A line as readers see it."""
    item = line_item(line)
    months = (statement["to_month"], statement["previous_month"] or "")
    return StatementLine(
        line=line["line"],
        reference=f"{line['key']}#{line['position']}",
        entry=line["key"],
        effective_on=line["effective_on"],
        period=line["period"],
        late=line["period"] <= months[1],
        item=item.value,
        item_zh=item.zh,
        account=line["account"],
        title=line["title"],
        amount_fen=line["amount_fen"],
        insured=line["insured"],
        policy=line["policy"],
        placement=line["placement"],
        cover_from=line["cover_from"],
        cover_to=line["cover_to"],
        claim=line["claim"],
        loss_on=line["loss_on"],
        share_units=share_units(line),
        clause=line["clause"],
        our_reference=line["our_reference"],
        own_reference=line["own_reference"],
        dispute=line["dispute"],
        dispute_status=line["dispute_status"],
    )


def line_item(line: Any) -> Item:
    """The type of a line: a current line belongs to the matter of the line before it."""
    before = line["before"]
    if before and not before.startswith("current:"):
        return item_of(before, line["reason"])
    return item_of(line["account"], line["reason"])


def share_units(line: Any) -> int | None:
    """The member's share behind a line: of the claim's schedule, or of the premium to date."""
    if line["share_units"] is not None:
        units: int = line["share_units"]
        return units
    if line["exact_numerator"] is None or not line["total_fen"]:
        return None
    exact = Fraction(int(line["exact_numerator"]), int(line["exact_denominator"]))
    part = exact / line["total_fen"]
    return ratio(part.numerator, WHOLE_UNITS, part.denominator, Rounding.HALF_UP)


_PERIODS = """
SELECT p.*, coalesce(x.number, 0) AS seal_number,
  count(s.id) FILTER (WHERE s.status <> 'cancelled')::int AS statements,
  count(s.id) FILTER (WHERE s.approved_at IS NOT NULL)::int AS approved,
  count(s.id) FILTER (WHERE s.status IN ('agreed', 'settled'))::int AS agreed
FROM statement_period p LEFT JOIN statement s ON s.period = p.id LEFT JOIN seal x ON x.id = p.seal
WHERE p.pool_year = $1 GROUP BY p.id, x.number ORDER BY p.id DESC LIMIT 200
"""


async def periods(actor: Actor, year_number: str) -> list[PeriodShape]:
    """The periods of a pool year, newest first."""
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        rows = await sql(_PERIODS, year["id"])
    return [
        PeriodShape(
            row["number"],
            row["period"],
            row["edition"],
            row["status"],
            STATEMENT_PERIOD.label(row["status"]),
            row["revision"],
            row["statements"],
            row["approved"],
            row["agreed"],
            row["seal_number"],
            row["hash"],
            row["prepared_at"],
            row["issued_at"],
        )
        for row in rows
        if view.sees_all or row["issued_at"] is not None
    ]
