"""Catalogue editions (推广应用指导目录): loading, adding, matching an object with its row."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from catalogue.enrolment_forms import EditionForm
from catalogue.enrolments import texts as _texts  # noqa: F401  registers the texts
from catalogue.products.search import like_pattern
from catalogue.rules.enrolment import (
    Actual,
    CatalogueFacts,
    EnrolmentRules,
    Item,
    Required,
    match_parameters,
    read_editions,
    read_required,
    read_rules,
)
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel import journal
from service.kernel.db import advisory_lock, sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import blocker


def _shipped() -> str:
    folder = resources.files("catalogue.rules") / "books" / "enrolment"
    return (folder / "catalogues.toml").read_text("utf-8")


@cache
def enrolment_rules() -> EnrolmentRules:
    """The limits that enrolment and qualification compare with."""
    return read_rules(_shipped())


async def _write(
    code: str, title: str, kind: str, first: date, last: date | None, source: str, example: bool
) -> int | None:
    edition_id: int | None = await sql_value(
        "INSERT INTO catalogue_edition (code, title, subject_kind, valid_from, valid_to, source,"
        " example) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code) DO NOTHING RETURNING id",
        code,
        title,
        kind,
        first,
        last,
        source,
        example,
    )
    return edition_id


async def _write_items(edition_id: int, items: list[Item] | tuple[Item, ...]) -> None:
    await sql_many(
        "INSERT INTO catalogue_item (edition, number, name, parameters) VALUES ($1, $2, $3, $4)",
        [
            (
                edition_id,
                item.number,
                item.name,
                json.dumps([asdict(p) for p in item.parameters], ensure_ascii=False),
            )
            for item in items
        ],
    )


async def load_editions() -> int:
    """Write the shipped editions that are not there yet; running it again changes nothing."""
    editions = read_editions(_shipped())
    async with work():
        for e in editions:
            edition_id = await _write(
                e.code, e.title, e.kind, e.valid_from, e.valid_to, e.source, e.example
            )
            if edition_id is not None:
                await _write_items(edition_id, e.items)
    return len(editions)


async def add_edition(actor: Actor, form: EditionForm) -> dict[str, Any]:
    """Add an edition that follows the last one of its kind, which ends on the day before.

    Refused with every row that is wrong, and when it does not begin after the last one.
    """
    items = _items(form)
    async with work():
        await advisory_lock(f"catalogue edition {form.kind}")
        last = await sql_row(
            "SELECT id, code, valid_from FROM catalogue_edition WHERE subject_kind = $1"
            " ORDER BY valid_from DESC LIMIT 1",
            form.kind,
        )
        if last is not None and form.valid_from <= last["valid_from"]:
            raise Refused(
                [
                    blocker(
                        "edition.not_after_the_last",
                        "valid_from",
                        edition=last["code"],
                        day=last["valid_from"],
                    )
                ]
            )
        edition_id = await _write(
            form.code, form.title, form.kind, form.valid_from, None, form.source, form.example
        )
        if edition_id is None:
            raise Conflict("edition.twice", field="code", edition=form.code)
        await _write_items(edition_id, items)
        if last is not None:
            await sql(
                "UPDATE catalogue_edition SET valid_to = $2 WHERE id = $1"
                " AND (valid_to IS NULL OR valid_to >= $3)",
                last["id"],
                form.valid_from - timedelta(days=1),
                form.valid_from,
            )
        await journal.record(
            actor,
            "catalogue_edition",
            form.code,
            "add",
            facts={"title": form.title, "items": len(items), "source": form.source},
            effective_on=form.valid_from,
        )
    return await one_edition(form.code)


def _items(form: EditionForm) -> list[Item]:
    """The rows of the form; refused with every row that is wrong."""
    found, items, seen = [], [], set()
    for position, row in enumerate(form.items):
        if row.number in seen:
            found.append(
                blocker("edition.item_twice", f"items.{position}.number", number=row.number)
            )
        seen.add(row.number)
        try:
            required = tuple(read_required(p.model_dump()) for p in row.parameters)
            items.append(Item(row.number, row.name, required))
        except ValueError as error:
            found.append(
                blocker("edition.parameter", f"items.{position}.parameters", detail=str(error))
            )
    if found:
        raise Refused(found)
    return items


_EDITIONS = """
SELECT code, title, subject_kind AS kind, valid_from, valid_to, source, example,
  (SELECT count(*) FROM catalogue_item i WHERE i.edition = e.id)::int AS items
FROM catalogue_edition e WHERE ($1::text IS NULL OR subject_kind = $1)
  AND ($2::date IS NULL OR (valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)))
ORDER BY subject_kind, valid_from DESC
"""


async def list_editions(kind: str | None = None, day: date | None = None) -> list[dict[str, Any]]:
    """All editions, or those of a kind, or those valid on a day."""
    return [dict(row) for row in await sql(_EDITIONS, kind, day)]


_ITEMS = """
SELECT i.id, e.code AS edition, e.title AS edition_title, e.subject_kind AS kind, e.valid_from,
  e.valid_to, e.example, i.number, i.name, i.parameters::text AS parameters
FROM catalogue_item i JOIN catalogue_edition e ON e.id = i.edition
"""


def _item(row: Any) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name != "id"}
    required = [Required(**p) for p in msgspec.json.decode(found.pop("parameters"))]
    return {**found, "parameters": [{**asdict(r), "text": r.text} for r in required]}


async def one_edition(code: str) -> dict[str, Any]:
    """One edition with its rows."""
    head = await edition_head(code)
    rows = await sql(_ITEMS + "WHERE e.code = $1 ORDER BY i.id", code)
    return {**head, "rows": [_item(r) for r in rows]}


async def edition_head(code: str) -> dict[str, Any]:
    """One edition without its rows; NotFound for an unknown code."""
    row = await sql_row(
        "SELECT code, title, subject_kind AS kind, valid_from, valid_to, source, example"
        " FROM catalogue_edition WHERE code = $1",
        code,
    )
    if row is None:
        raise NotFound("目录版本", "Catalogue edition", code)
    return dict(row)


_PAGE = (
    _ITEMS
    + """WHERE ($1::text IS NULL OR e.code = $1) AND ($2::text IS NULL OR e.subject_kind = $2)
  AND ($3::text IS NULL OR i.name LIKE $3 OR i.number LIKE $3)
  AND ($4::bigint IS NULL OR i.id > $4) ORDER BY i.id LIMIT $5
"""
)


async def item_page(
    edition: str | None = None,
    kind: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Rows of one edition or of all, as they were added; `next` is the cursor of the next page."""
    size = page_size(limit)
    after = decode_cursor(cursor, (int,))
    rows = await sql(
        _PAGE,
        edition,
        kind,
        like_pattern(q) if q else None,
        after[0] if after else None,
        size + 1,
    )
    more = len(rows) > size
    items = [_item(row) for row in rows[:size]]
    return {"items": items, "next": encode_cursor([rows[size - 1]["id"]]) if more else None}


async def find_items(kind: str | None, day: date, q: str | None) -> list[dict[str, Any]]:
    """Rows of the editions valid on a day whose number or name holds a text; at most 50."""
    rows = await sql(
        _ITEMS + "WHERE ($1::text IS NULL OR e.subject_kind = $1) AND e.valid_from <= $2"
        " AND (e.valid_to IS NULL OR e.valid_to >= $2)"
        " AND ($3::text IS NULL OR i.name LIKE $3 OR i.number LIKE $3) ORDER BY i.id LIMIT 50",
        kind,
        day,
        like_pattern(q) if q else None,
    )
    return [_item(row) for row in rows]


async def item_id(edition: str, number: str) -> int | None:
    """The key of a row, None when the edition has no such row."""
    found: int | None = await sql_value(
        "SELECT i.id FROM catalogue_item i JOIN catalogue_edition e ON e.id = i.edition"
        " WHERE e.code = $1 AND i.number = $2",
        edition,
        number,
    )
    return found


_ROW = """
SELECT e.code AS edition, e.title, e.subject_kind AS kind, e.valid_from, e.valid_to, e.example,
  i.number AS item, i.name, i.parameters::text AS required, o.parameters::text AS actual,
  (SELECT t.code FROM catalogue_edition t WHERE t.subject_kind = o.kind AND t.valid_from <= $2
    AND (t.valid_to IS NULL OR t.valid_to >= $2) ORDER BY t.valid_from DESC LIMIT 1)
    AS edition_then
FROM insured_object o JOIN catalogue_item i ON i.id = o.catalogue_item
JOIN catalogue_edition e ON e.id = i.edition WHERE o.id = $1
"""


def actual_parameters(stored: str) -> list[Actual]:
    """The actual parameters in the JSON column of an object."""
    rows = msgspec.json.decode(stored)
    return [Actual(**row) for row in rows if "declared" not in row]


async def match_object(object_id: int, day: date) -> tuple[CatalogueFacts, Any] | None:
    """The row an object names against its actual parameters, judged for a day; None without."""
    row = await sql_row(_ROW, object_id, day)
    if row is None:
        return None
    required = [Required(**p) for p in msgspec.json.decode(row["required"])]
    matches = match_parameters(required, actual_parameters(row["actual"]))
    facts = CatalogueFacts(
        edition=row["edition"],
        kind=row["kind"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        item=row["item"],
        matches=matches,
        edition_then=row["edition_then"] or "",
    )
    return facts, row
