"""The in-library count: every split, the trend by month, the map of stages and industries.

With `as_of` and `as_known_at` given, the same question gives the same bytes for ever.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from catalogue.products import figures
from catalogue.rules.library_count import DEFINITION
from catalogue.rules.nouns import Stage
from catalogue.shapes import LibraryCount
from service.auth import Actor
from service.kernel.db import sql
from service.reports.shape import Column, Kind, Params, Report, Row, day_param

_TWO_TIMES = (
    Column("as_of", "统计日", Kind.DAY, 12),
    Column("as_known_at", "所依据的认知时点", Kind.MOMENT, 22),
    Column("definition", "口径编号", width=18),
)
_DIMENSIONS = {
    "stage": "按环节",
    "industry": "按行业",
    "type": "按产品类型",
    "insurer": "按保险公司",
    "district": "按所在区",
}


async def _count(params: Params) -> LibraryCount:
    return await figures.count(day_param(params, "as_of"), params.get("as_known_at") or None)


async def _names() -> dict[str, dict[str, str]]:
    kinds = await sql("SELECT code, name FROM product_type")
    insurers = await sql("SELECT uscc, short_name FROM organisation WHERE kind = 'insurer'")
    return {
        "stage": dict(Stage.choices()),
        "type": {row["code"]: row["name"] for row in kinds},
        "insurer": {row["uscc"]: row["short_name"] for row in insurers},
    }


async def _splits(actor: Actor, params: Params) -> AsyncIterator[Row]:
    count, names = await _count(params), await _names()
    times = [count.as_of, count.as_known_at, count.definition.id]
    for name, value in (("产品", "products"), ("产品类型", "types"), ("保险公司", "insurers")):
        yield ["合计", value, name, getattr(count, value), *times]
    for dimension, title in _DIMENSIONS.items():
        split: dict[str, int] = getattr(count, dimension)
        if dimension == "stage":
            split = {stage.value: split.get(stage.value, 0) for stage in Stage}
        for code, products in split.items():
            yield [title, code, names.get(dimension, {}).get(code, code), products, *times]


async def _trend(actor: Actor, params: Params) -> AsyncIterator[Row]:
    known = params.get("as_known_at") or None
    points = await figures.monthly(day_param(params, "from"), day_param(params, "to"), known)
    for point in points:
        yield [point.day, point.products]


async def _map(actor: Actor, params: Params) -> AsyncIterator[Row]:
    count = await _count(params)
    cells = {(stage, industry): products for stage, industry, products in count.map}
    for industry, total in sorted(count.industry.items(), key=lambda pair: (-pair[1], pair[0])):
        by_stage: list[Any] = [cells.get((stage.value, industry), 0) for stage in Stage]
        empty = [stage.zh for stage in Stage if not cells.get((stage.value, industry))]
        yield [industry, *by_stage, total, empty, count.as_of, count.as_known_at]


REPORTS = (
    Report(
        "library-count",
        "在库产品统计",
        DEFINITION.zh + DEFINITION.note_zh,
        None,
        (
            Column("dimension", "维度"),
            Column("code", "代码", width=22),
            Column("label", "名称", width=34),
            Column("products", "个数", Kind.WHOLE, 10),
            *_TWO_TIMES,
        ),
        _splits,
        ("as_of", "as_known_at"),
    ),
    Report(
        "library-trend",
        "在库产品月度趋势",
        "各月末和最后一日的在库产品数。" + DEFINITION.zh,
        None,
        (Column("day", "日期", Kind.DAY), Column("products", "在库产品数", Kind.WHOLE)),
        _trend,
        ("from", "to", "as_known_at"),
    ),
    Report(
        "stage-industry-map",
        "环节与行业分布",
        "每格为兼有该环节和该行业的在库产品数；一个产品可落入多格，合计列每个产品只计一次。"
        + DEFINITION.zh,
        None,
        (
            Column("industry", "行业", width=18),
            *(Column(stage.value, stage.zh, Kind.WHOLE, 12) for stage in Stage),
            Column("products", "合计", Kind.WHOLE, 10),
            Column("empty_stages", "空白环节", Kind.LIST, 36),
            *_TWO_TIMES[:2],
        ),
        _map,
        ("as_of", "as_known_at"),
    ),
)
