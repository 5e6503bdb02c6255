"""What every refusal owes to the caller, and the proof that it left nothing behind."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import httpx

from service.kernel.db import sql, sql_value
from tests.contract.stage import undone

_UNFILLED = re.compile(r"\{\w+\}")
LANGUAGES = ("message_zh", "message_en", "remedy_zh", "remedy_en")


async def row_counts() -> dict[str, int]:
    """Number of rows of every table."""
    tables = await sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    names = [row["tablename"] for row in tables]
    one = (f"SELECT '{name}' AS t, count(*) AS n FROM \"{name}\"" for name in names)
    return {row["t"]: row["n"] for row in await sql(" UNION ALL ".join(one))}


async def _state(kept: Collection[str]) -> tuple[dict[str, int], Any]:
    """Row counts, and where every product, version and user stands."""
    standing = await sql_value(
        "SELECT md5(coalesce(string_agg(x, ',' ORDER BY x), '')) FROM ("
        " SELECT 'p' || id || status AS x FROM product"
        " UNION ALL SELECT 'v' || id || status || revision FROM product_version"
        " UNION ALL SELECT 'u' || id || revision || password_hash FROM eastlake_user"
        " UNION ALL SELECT 'o' || id || revision FROM organisation) s"
    )
    counts = {table: n for table, n in (await row_counts()).items() if table not in kept}
    return counts, standing


_TOUCHED = """
SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(c.oid)
  + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)), 0)
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""


@asynccontextmanager
async def nothing_written(kept: Collection[str] = ()) -> AsyncIterator[None]:
    """A savepoint in which no table may gain or lose a row and no record may change.

    Where the database says that rows were touched, the state inside is compared with the state
    after the savepoint is undone; what the request itself undid is no change. `kept`: tables whose
    rows say that somebody looked.
    """
    inside = None
    async with undone():
        touched = await sql_value(_TOUCHED)
        yield
        if await sql_value(_TOUCHED) != touched:
            inside = await _state(kept)
    before = await _state(kept) if inside else None
    assert inside in (None, before), "a refusal left something behind"


def problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The body of a refusal, checked: one of the statuses, RFC 9457, both languages, a remedy."""
    assert answer.status_code in (statuses or range(400, 500)), answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:eastlake:problem:{body['code']}"
    assert body["instance"] == f"urn:eastlake:request:{answer.headers['x-request-id']}"
    assert body["errors"], body
    for error in body["errors"]:
        assert error["code"].count(".") >= 1 or error["code"] == "not_found"
        assert all(error[name] for name in LANGUAGES), error
        assert not _UNFILLED.search(error["message_zh"] + error["message_en"]), error
    return body


def found(body: dict[str, Any]) -> set[tuple[str, str]]:
    """Field and code of every error."""
    return {(error["field"], error["code"]) for error in body["errors"]}
