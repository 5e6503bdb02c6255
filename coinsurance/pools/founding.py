"""Pools (共保体): founded from a published rule book, listed, read, suspended, wound up."""

from __future__ import annotations

from typing import Any, Literal

from coinsurance.books import published
from coinsurance.pool_forms import PoolForm
from coinsurance.pool_shapes import PoolItem, PoolPage, PoolRecord, PoolYearItem
from coinsurance.pools import parts
from coinsurance.rules.agreement.book import is_pool_family, terms_of
from coinsurance.rules.nouns import ShareMode
from coinsurance.rules.workflows import POOL, POOL_YEAR
from coinsurance.tables import Pool
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import blocker

EFFECTIVE = "status IN ('effective', 'superseded')"


PoolLock = Literal["none", "turn", "stop"]
_LOCKS: dict[PoolLock, str] = {"none": "", "turn": " FOR NO KEY UPDATE", "stop": " FOR UPDATE"}


async def pool_row(code: str, lock: PoolLock = "none") -> Any:
    """A pool; NotFound for an unknown code.

    `turn`: its years and agreements change one after the other. `stop`: new business that holds
    the pool waits too, which a step that also locks a year must not ask (see `access.year_row`).
    """
    row = await sql_row("SELECT * FROM pool WHERE code = $1" + _LOCKS[lock], code)
    if row is None:
        raise NotFound("共保体", "Pool", code)
    return row


async def found(actor: Actor, form: PoolForm) -> PoolRecord:
    """Found a pool of a family of rule books; its code is the family's second word.

    Raises Refused for another family or one without a published version, Conflict when it exists.
    """
    if not is_pool_family(form.family):
        raise Refused([blocker("pool.not_pool_family", "family", value=form.family)])
    async with work():
        book = await published(form.family, today())
        if book is None:
            raise Refused([blocker("pool.no_book", "family", value=form.family)])
        terms = terms_of(book["body"])
        fresh = await sql_value(
            "INSERT INTO pool (code, family, name, industry, status, revision, recorded_at,"
            " recorded_by) VALUES ($1, $2, $3, $4, $5, 1, $6, $7)"
            " ON CONFLICT (code) DO NOTHING RETURNING id",
            terms.pool_code,
            form.family,
            terms.pool_name,
            terms.industry,
            POOL.initial,
            now(),
            actor.user_id,
        )
        if fresh is None:
            raise Conflict("pool.code_taken", field="family", value=terms.pool_code)
        await journal.record(
            actor,
            POOL.name,
            terms.pool_code,
            "found",
            to_status=POOL.initial,
            facts={"family": form.family, "version": book["version"], "hash": book["hash"]},
        )
    return await read(actor, terms.pool_code)


_YEARS = """
SELECT y.number, y.year, y.status, y.share_mode, a.version AS agreement, y.start_on, y.end_on
FROM pool_year y JOIN pool_agreement a ON a.id = y.agreement WHERE y.pool = $1 ORDER BY y.year DESC
"""


async def read(actor: Actor, code: str) -> PoolRecord:
    """One pool with its agreement in force and its years; nothing of it is confidential."""
    row = await pool_row(code)
    agreement = await sql_row(
        f"SELECT version, title, body FROM pool_agreement WHERE pool = $1 AND {EFFECTIVE}"
        " AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)"
        " ORDER BY valid_from DESC LIMIT 1",
        row["id"],
        today(),
    )
    years = await sql(_YEARS, row["id"])
    return PoolRecord(
        code=row["code"],
        family=row["family"],
        name=row["name"],
        industry=row["industry"],
        status=row["status"],
        status_zh=POOL.label(row["status"]),
        revision=row["revision"],
        agreement=agreement["version"] if agreement else None,
        agreement_title=agreement["title"] if agreement else None,
        classes=list(terms_of(agreement["body"]).classes) if agreement else [],
        years=[PoolYearItem(status_zh=POOL_YEAR.label(y["status"]), **y) for y in years],
        steps=parts.steps(POOL, row["status"], actor.roles),
        history=await parts.history(POOL.name, code),
    )


_LIST = """
SELECT p.id, p.code, p.family, p.name, p.industry, p.status, p.revision,
  (SELECT count(*)::int FROM pool_year y WHERE y.pool = p.id) AS years
FROM pool p WHERE ($1::text IS NULL OR p.status = $1) AND ($2::text IS NULL OR p.industry = $2)
  AND ($3::text IS NULL OR position(lower($3) IN lower(p.name || ' ' || p.code)) > 0)
  AND ($4::text IS NULL OR p.code > $4) ORDER BY p.code LIMIT $5
"""


async def pools(
    status: str | None, industry: str | None, q: str | None, cursor: str | None, limit: int | None
) -> PoolPage:
    """Pools by code."""
    start, size = decode_cursor(cursor, (str,)), page_size(limit)
    rows = await sql(_LIST, status, industry, q or None, start[0] if start else None, size + 1)
    shown = rows[:size]
    items = [
        PoolItem(
            status_zh=POOL.label(row["status"]),
            **{k: row[k] for k in PoolItem.__dataclass_fields__ if k != "status_zh"},
        )
        for row in shown
    ]
    return PoolPage(items, encode_cursor([items[-1].code]) if len(rows) > size else None)


async def step(actor: Actor, code: str, event: str, note: str) -> PoolRecord:
    """Suspend, resume, wind up or close a pool; a pool closes once all its years are commuted."""
    async with work():
        row = await pool_row(code, "stop")
        POOL.advance(row["status"], event, actor.roles, note)
        if event == "close":
            running = await sql(
                "SELECT number FROM pool_year WHERE pool = $1 AND status <> 'commuted'"
                " ORDER BY year",
                row["id"],
            )
            if running:
                numbers = [year["number"] for year in running]
                raise Refused([blocker("pool.years_running", "status", years=numbers)])
        await parts.move(actor, POOL, Pool, row, event, code, note=note)
    return await read(actor, code)


def mode_zh(mode: str) -> str:
    """The Chinese name of a share mode."""
    return ShareMode.zh_of(mode)
