"""The hand-written rival of `bench_reads`: Litestar, asyncpg rows, msgspec structs, nothing else.

The same server, pool size, garbage collector settings, joins, columns and bounded count as the
program, indexes that fit its statements, and the same answers; no log, metrics, actor, headers,
error texts or checks. Arguments: the port, and asyncpg's keyword arguments as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import signal
import sys
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, get
from litestar.exceptions import NotFoundException

from catalogue.products.search import like_pattern, query_words
from service.loop import run_async

COUNT_MAX = 1000


class Total(msgspec.Struct):
    value: int
    exact: bool


class Item(msgspec.Struct):
    number: str
    name: str
    version: int
    status: str
    filing_status: str
    summary: str
    type_code: str
    type_name: str
    risk_kind: str
    insurer: str
    insurer_uscc: str
    district: str
    stages: list[str]
    industries: list[str]
    rate_min_ppm: int | None
    rate_max_ppm: int | None
    sum_min_fen: int | None
    sum_max_fen: int | None
    submitted_at: datetime | None


class Page(msgspec.Struct):
    items: list[Item]
    next: str | None
    total: Total


class Kind(msgspec.Struct):
    code: str
    name: str
    stage: str
    risk_kind: str
    regulator_class: str


class Insurer(msgspec.Struct):
    uscc: str
    name: str
    short_name: str
    district: str


class Clause(msgspec.Struct):
    kind: str
    title: str
    file_number: str
    registration_number: str
    model_clause: str


class Component(msgspec.Struct):
    name: str
    event: str
    exclusions: str
    limit_fen: int | None
    deductible_fen: int | None
    deductible_ppm: int | None
    waiting_days: int
    basis: str


class Document(msgspec.Struct):
    id: int
    kind: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    public: bool


class Record(msgspec.Struct):
    number: str
    status: str
    version: int
    filing_status: str
    revision: int
    name: str
    summary: str
    type: Kind
    insurer: Insurer
    main_section: str
    stages: list[str]
    industries: list[str]
    target_enterprises: str
    eligibility: str
    evidence: list[str]
    rate_min_ppm: int | None
    rate_max_ppm: int | None
    sum_min_fen: int | None
    sum_max_fen: int | None
    contact_name: str
    contact_phone: str
    contact_email: str
    in_library_since: date | None
    clauses: list[Clause]
    components: list[Component]
    documents: list[Document]


_FROM = """FROM product_version v JOIN product p ON p.current_version = v.id
 JOIN product_type t ON t.id = p.product_type JOIN organisation o ON o.id = p.insurer
 WHERE p.status = 'in_library' AND v.status = 'in_library'"""
_ORDER = 'v.sort_key COLLATE "C", v.id'
_COLUMNS = """p.number, v.name, v.number AS version, p.status, v.status AS filing_status, v.summary,
 t.code AS type_code, t.name AS type_name, t.risk_kind, o.short_name AS insurer,
 o.uscc AS insurer_uscc, o.district, v.stages, v.industries, v.rate_min_ppm, v.rate_max_ppm,
 v.sum_min_fen, v.sum_max_fen, v.submitted_at"""
_PRODUCT = """SELECT p.number, p.status, v.number AS version, v.status AS filing_status, v.revision,
 v.name, v.summary, t.code, t.name AS type_name, t.stage, t.risk_kind, t.regulator_class, o.uscc,
 o.name AS insurer_name, o.short_name, o.district, v.main_section, v.stages, v.industries,
 v.target_enterprises, v.eligibility, v.evidence, v.rate_min_ppm, v.rate_max_ppm, v.sum_min_fen,
 v.sum_max_fen, v.contact_name, v.contact_phone, v.contact_email, v.id,
 (SELECT min(f.effective_on) FROM library_fact f WHERE f.product = p.id AND f.status = 'in_library'
 AND NOT EXISTS (SELECT 1 FROM library_fact c WHERE c.corrects = f.id)) AS in_library_since
 FROM product p JOIN product_version v ON v.id = p.current_version
 JOIN product_type t ON t.id = p.product_type JOIN organisation o ON o.id = p.insurer
 WHERE p.number = $1 AND p.status = 'in_library'"""
_CLAUSES = """SELECT kind, title, file_number, registration_number, model_clause FROM clause
 WHERE version = $1 ORDER BY position"""
_COMPONENTS = """SELECT name, event, exclusions, limit_fen, deductible_fen, deductible_ppm,
 waiting_days, basis FROM component WHERE version = $1 ORDER BY position"""
_DOCUMENTS = """SELECT d.id, d.kind, d.file_name, d.media_type, b.size_bytes, b.sha256, x.public
 FROM version_document x JOIN document d ON d.id = x.document JOIN document_content b
 ON b.id = d.content WHERE x.version = $1 AND x.public ORDER BY d.id"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_rival_order ON product_version"
    " (sort_key COLLATE \"C\", id) WHERE status = 'in_library'",
    "CREATE INDEX IF NOT EXISTS ix_rival_tokens ON product_version"
    " USING gin (search_tokens) WHERE status = 'in_library'",
)
POOL: list[asyncpg.Pool] = []


def _conditions(q: str | None, stage: str | None, insurer: str | None) -> tuple[str, list[Any]]:
    text, values = "", []
    if q:
        tokens, words = query_words(q)
        if tokens:
            values.append(tokens)
            text += f" AND v.search_tokens @> ${len(values)}::varchar[]"
        for word in words:
            values.append(like_pattern(word))
            text += f" AND v.search_text LIKE ${len(values)}"
    if stage:
        values.append([stage])
        text += f" AND v.stages @> ${len(values)}::varchar[]"
    if insurer:
        values.append(insurer)
        text += f" AND o.uscc = ${len(values)}"
    return text, values


@get("/api/v1/shelf")
async def list_shelf(
    q: str | None = None,
    stage: str | None = None,
    insurer: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page:
    where, values = _conditions(q, stage, insurer)
    counted = _FROM + where if where else "FROM product WHERE status = 'in_library'"
    count = f"SELECT count(*) FROM (SELECT 1 {counted} LIMIT {COUNT_MAX + 1}) c"
    if cursor:
        key, last = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values += [key, last]
        where += f" AND ({_ORDER}) > (${len(values) - 1}, ${len(values)})"
    rows = await POOL[0].fetch(
        f"SELECT {_COLUMNS}, v.sort_key, v.id, ({count}) AS total {_FROM}{where}"
        f" ORDER BY {_ORDER} LIMIT {limit + 1}",
        *values,
    )
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        last_row = [rows[-1]["sort_key"], rows[-1]["id"]]
        following = base64.urlsafe_b64encode(msgspec.json.encode(last_row)).decode().rstrip("=")
    total = rows[0]["total"] if rows else 0
    items = [Item(*tuple(row)[:19]) for row in rows]
    return Page(items, following, Total(min(total, COUNT_MAX), total <= COUNT_MAX))


@get("/api/v1/shelf/{number:str}")
async def one_product(number: str) -> Record:
    async with POOL[0].acquire() as connection:
        row = await connection.fetchrow(_PRODUCT, number)
        if row is None:
            raise NotFoundException
        clauses = await connection.fetch(_CLAUSES, row["id"])
        components = await connection.fetch(_COMPONENTS, row["id"])
        documents = await connection.fetch(_DOCUMENTS, row["id"])
    values = tuple(row)
    return Record(
        *values[:7],
        Kind(*values[7:12]),
        Insurer(*values[12:16]),
        *values[16:29],
        row["in_library_since"],
        [Clause(*child) for child in clauses],
        [Component(*child) for child in components],
        [Document(*child) for child in documents],
    )


async def _no_reset(connection: asyncpg.Connection) -> None:
    return None


async def main() -> None:
    """Serve until SIGTERM."""
    app = Litestar([list_shelf, one_product], openapi_config=None)
    server = Server(app, port=int(sys.argv[1]), interface=Interfaces.ASGINL, websockets=False,
                    backlog=1024, log_enabled=False)  # fmt: skip
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    settings = {"jit": "off", "timezone": "UTC"}
    async with asyncpg.create_pool(
        **json.loads(sys.argv[2]),
        min_size=2,
        max_size=10,
        reset=_no_reset,
        server_settings=settings,
    ) as pool:
        POOL.append(pool)
        await server.serve()


if __name__ == "__main__":
    run_async(main())
