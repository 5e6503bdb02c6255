"""Members' own lists (对账清单): uploaded as Excel or CSV, compared line by line, kept.

The file is read by the machinery of all imports; nothing of it changes the books. What the member
calls a line in its own books is shown on the statement from then on.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from catalogue.imports import template as templates
from catalogue.imports.outcome import cut, read_file
from catalogue.imports.reading import Record
from catalogue.policies.records import number_key
from catalogue.products.drafts import next_number
from coinsurance.reconciliation_shapes import BordereauLineShape, BordereauShape
from coinsurance.rules.settlement.bordereau import BookedLine, LineResult, Verdict, compare
from coinsurance.rules.settlement.items import NOT_ITEMS
from coinsurance.settlement_shapes import MemberShape
from coinsurance.settlements import lines, records, seats
from coinsurance.settlements.bordereaux.plan import PLAN
from coinsurance.settlements.disputes import need_own
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Text, blockers, register

__all__ = ["lists", "record", "take_in", "template"]

PAGE = 2000
KIND = "bordereau"


async def template() -> bytes:
    """The workbook to be filled in."""
    return templates.workbook(PLAN, [])


async def take_in(actor: Actor, statement_number: str, name: str, content: bytes) -> str:
    """Compare a member's list with its own statement and keep the result; returns its number.

    Raises Refused with every cell that cannot be read, Conflict for a file sent before.
    """
    reading = await read_file(name, content, PLAN, {})
    if blockers(reading.findings):
        raise Refused(cut(reading.findings))
    digest = hashlib.sha256(content).hexdigest()
    async with work():
        await seats.lock_year_of("statement", statement_number)
        statement = await records.statement_row(actor, statement_number, lock=True)
        need_own(actor, statement)
        before = await sql_value(
            "SELECT number FROM bordereau WHERE statement = $1 AND hash = $2",
            statement["id"],
            digest,
        )
        if before is not None:
            raise Conflict("bordereau.file_twice", field="file", number=before)
        stated = await _stated(statement)
        uploaded = [_uploaded(one) for one in reading.records]
        results = compare([line for line, _ in stated], uploaded)
        number = await next_number("BX", now())
        bordereau = await _write(actor, statement, number, name, digest, results)
        await sql_many(_INSERT_LINE, _rows(bordereau, results, dict(map(_keyed, stated))))
        await journal.record(
            actor,
            KIND,
            number,
            "take_in",
            facts={"statement": statement_number, "sha256": digest, **_counts(results)},
        )
    return number


def _keyed(pair: tuple[BookedLine, int]) -> tuple[str, int]:
    return pair[0].reference, pair[1]


async def _stated(statement: Any) -> list[tuple[BookedLine, int]]:
    """The items of a statement as lines to be compared, with the ledger line's id."""
    found: list[tuple[BookedLine, int]] = []
    after = 0
    cover = records.cover_of(statement)
    while True:
        page = await lines.lines(cover, statement["organisation"], after, PAGE)
        for row in page:
            item = records.line_item(row)
            if item not in NOT_ITEMS:
                line = BookedLine(
                    f"{row['key']}#{row['position']}",
                    row["amount_fen"],
                    number_key(row["policy"]) if row["policy"] else "",
                    item.value,
                    share_units=records.share_units(row),
                )
                found.append((line, row["line"]))
        if len(page) < PAGE:
            return found
        after = page[-1]["line"]


def _uploaded(record: Record) -> BookedLine:
    form = record.form
    return BookedLine(
        form.reference,
        form.amount_fen,
        number_key(form.policy) if form.policy else "",
        form.item,
        form.own_reference,
        form.share_units,
        record.row,
    )


def _counts(results: list[LineResult]) -> dict[str, int]:
    return {
        verdict.value: sum(result.verdict is verdict for result in results) for verdict in Verdict
    }


async def _write(
    actor: Actor, statement: Any, number: str, name: str, digest: str, results: list[LineResult]
) -> int:
    counts = _counts(results)
    bordereau: int = await sql_value(
        "INSERT INTO bordereau (number, statement, organisation, name, hash, matched, altered,"
        " extra, missing, difference_fen, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        number,
        statement["id"],
        statement["organisation"],
        name[-200:],
        digest,
        counts["match"],
        counts["altered"],
        counts["extra"],
        counts["missing"],
        sum(result.difference_fen for result in results),
        now(),
        actor.user_id,
    )
    return bordereau


_INSERT_LINE = """
INSERT INTO bordereau_line (bordereau, row, verdict, line, reference, own_reference, policy, item,
  stated_fen, uploaded_fen, fields)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


def _rows(bordereau: int, results: list[LineResult], ids: dict[str, int]) -> list[tuple[Any, ...]]:
    rows = []
    for result in results:
        ours, theirs = result.stated, result.uploaded
        told = theirs or ours
        assert told is not None
        rows.append(
            (
                bordereau,
                theirs.row if theirs else None,
                result.verdict.value,
                ids[ours.reference] if ours else None,
                (ours.reference if ours else told.reference)[:80],
                (theirs.own_reference if theirs else "")[:80],
                told.policy[:80],
                (ours.item if ours else told.item)[:20],
                ours.amount_fen if ours else None,
                theirs.amount_fen if theirs else None,
                journal.canonical(
                    [
                        {"field": one.field, "stated": one.stated, "uploaded": one.uploaded}
                        for one in result.fields
                    ]
                ),
            )
        )
    return rows


_ROW = """
SELECT b.*, s.number AS statement_number, y.number AS year_number, o.uscc, o.name AS member_name
FROM bordereau b JOIN statement s ON s.id = b.statement JOIN pool_year y ON y.id = s.pool_year
  JOIN organisation o ON o.id = b.organisation
"""


async def record(actor: Actor, number: str) -> BordereauShape:
    """A list with every line's verdict; of the member, or of a pool year seen whole."""
    async with work():
        row = await sql_row(_ROW + " WHERE b.number = $1", number)
        if row is None:
            raise NotFound("对账清单", "Bordereau", number)
        mine = actor.owns(row["organisation"])
        if not mine and not await seats.sees_whole(actor, row["year_number"]):
            raise NotFound("对账清单", "Bordereau", number)
        found = await sql(
            "SELECT * FROM bordereau_line WHERE bordereau = $1 ORDER BY (verdict = 'match'), id"
            " LIMIT 5000",
            row["id"],
        )
    return _shape(row, found)


async def lists(actor: Actor, statement_number: str) -> list[BordereauShape]:
    """The lists sent for a statement, newest first, without their lines."""
    async with work():
        try:
            statement = await records.statement_row(actor, statement_number)
        except NotFound:
            return []
        rows = await sql(_ROW + " WHERE b.statement = $1 ORDER BY b.id DESC", statement["id"])
    return [_shape(row, []) for row in rows]


def _shape(row: Any, found: list[Any]) -> BordereauShape:
    return BordereauShape(
        number=row["number"],
        statement=row["statement_number"],
        member=MemberShape(row["uscc"], row["member_name"]),
        name=row["name"],
        hash=row["hash"],
        matched=row["matched"],
        altered=row["altered"],
        extra=row["extra"],
        missing=row["missing"],
        difference_fen=row["difference_fen"],
        recorded_at=row["recorded_at"],
        lines=[
            BordereauLineShape(
                line["row"],
                line["verdict"],
                Verdict.zh_of(line["verdict"]),
                line["line"],
                line["reference"],
                line["own_reference"],
                line["policy"],
                line["item"],
                line["stated_fen"],
                line["uploaded_fen"],
                json.loads(line["fields"]),
            )
            for line in found
        ],
    )


register(
    {
        "bordereau.file_twice": Text(
            "该文件已为本结算单上传过，编号 {number}",
            "This file was sent for the statement before, as {number}",
            "更正后请上传新的文件",
            "Send a corrected file",
        ),
    }
)
