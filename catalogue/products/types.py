"""Product types (产品类型): the 82 kinds of tech insurance with their sources."""

from __future__ import annotations

from importlib import resources
from typing import Any

from catalogue.products.search import fold, like_pattern
from catalogue.rules.product_types import read_product_types
from service.kernel.db import sql, sql_many, sql_row, work
from service.kernel.errors import NotFound
from service.kernel.names import sort_key

_COLUMNS = (
    "code, name, name_en, stage, risk_kind, regulator_class, covered_object, industries, source,"
    " evidence"
)


async def load_types() -> int:
    """Write the shipped list into the database; running it again changes nothing."""
    text = (resources.files("catalogue.rules") / "books" / "product_types.csv").read_text("utf-8")
    rows = read_product_types(text)
    async with work():
        await sql_many(
            f"INSERT INTO product_type ({_COLUMNS}, sort_key)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (code) DO UPDATE"
            " SET name = EXCLUDED.name, name_en = EXCLUDED.name_en, stage = EXCLUDED.stage,"
            " risk_kind = EXCLUDED.risk_kind, regulator_class = EXCLUDED.regulator_class,"
            " covered_object = EXCLUDED.covered_object, industries = EXCLUDED.industries,"
            " source = EXCLUDED.source, evidence = EXCLUDED.evidence, sort_key = EXCLUDED.sort_key",
            [
                (
                    row.code,
                    row.name_zh,
                    row.name_en,
                    row.stage,
                    row.risk_kind,
                    row.regulator_class,
                    row.covered_object,
                    list(row.industries),
                    row.source,
                    row.evidence,
                    sort_key(row.name_zh),
                )
                for row in rows
            ],
        )
    return len(rows)


_WITH_COUNT = f"""
SELECT {_COLUMNS}, (SELECT count(*) FROM product p WHERE p.product_type = t.id
  AND p.status = 'in_library')::int AS products FROM product_type t
"""


async def list_types(
    q: str | None = None, stage: str | None = None, risk_kind: str | None = None
) -> list[dict[str, Any]]:
    """All types, or those that match, with the number of products now in the library."""
    rows = await sql(
        _WITH_COUNT
        + " WHERE ($1::text IS NULL OR lower(name || ' ' || name_en) LIKE $1)"
        + " AND ($2::text IS NULL OR stage = $2) AND ($3::text IS NULL OR risk_kind = $3)"
        + " ORDER BY code",
        like_pattern(fold(q)) if q else None,
        stage,
        risk_kind,
    )
    return [dict(row) for row in rows]


async def one_type(code: str) -> dict[str, Any]:
    """One type by its code."""
    row = await sql_row(_WITH_COUNT + " WHERE code = $1", code)
    if row is None:
        raise NotFound("产品类型", "Product type", code)
    return dict(row)
