"""Lists of products: the public shelf, what a person may see, what waits for the committee."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import fields, replace
from typing import Any

from catalogue.products import queue, shelf
from catalogue.products.shelf import ShelfQuery
from catalogue.rules.nouns import FilingStatus, ProductStatus, RiskKind, Stage
from service.api import PAGE_MAX
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.reports.shape import Column, Kind, Params, Report, Row

_FILTERS = ("q", "stage", "industry", "risk_kind", "insurer", "type", "district")
_ABOUT = (
    Column("number", "产品编号", width=16),
    Column("name", "产品名称", width=34),
    Column("version", "版本", Kind.WHOLE, 8),
    Column("status", "产品状态"),
    Column("filing_status", "报送状态"),
    Column("type_code", "类型代码"),
    Column("type_name", "产品类型", width=30),
    Column("risk_kind", "风险类别"),
    Column("insurer", "报送机构", width=18),
    Column("insurer_uscc", "统一社会信用代码", width=22),
    Column("district", "所在区"),
    Column("stages", "所处环节", Kind.LIST, 22),
    Column("industries", "适用行业", Kind.LIST, 24),
)
_BANDS = (
    Column("rate_min_ppm", "费率下限", Kind.PPM, 12),
    Column("rate_max_ppm", "费率上限", Kind.PPM, 12),
    Column("sum_min_fen", "保额下限", Kind.FEN, 18),
    Column("sum_max_fen", "保额上限", Kind.FEN, 20),
    Column("submitted_at", "提交时间", Kind.MOMENT, 20),
)
_LAST = (Column("summary", "产品简介", width=60),)
_CLOCK = (
    Column("step", "所处步骤"),
    Column("reviewer", "经办人"),
    Column("due_on", "应办结日", Kind.DAY),
    Column("days_used", "已用工作日", Kind.WHOLE, 10),
    Column("overdue", "是否超期", width=10),
)


def _query(params: Params) -> ShelfQuery:
    known = {field.name for field in fields(ShelfQuery)}
    return ShelfQuery(**{k: v for k, v in params.items() if v and k in known}, limit=PAGE_MAX)


async def _items(
    query: ShelfQuery, page: Callable[[ShelfQuery], Awaitable[bytes]]
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page along its key."""
    while True:
        found = shelf.decoded(await page(query))
        for item in found["items"]:
            yield item
        if found["next"] is None:
            return
        query = replace(query, cursor=found["next"])


def _about(item: dict[str, Any]) -> list[Any]:
    row = [item[column.name] for column in _ABOUT]
    row[3] = ProductStatus.zh_of(item["status"])
    row[4] = FilingStatus.zh_of(item["filing_status"])
    row[7] = RiskKind.zh_of(item["risk_kind"])
    row[11] = [Stage.zh_of(stage) for stage in item["stages"]]
    return row


def _bands(item: dict[str, Any]) -> list[Any]:
    return [item[column.name] for column in _BANDS]


def _row(item: dict[str, Any]) -> Row:
    return [*_about(item), *_bands(item), item["summary"]]


async def _shelf(actor: Actor, params: Params) -> AsyncIterator[Row]:
    async for item in _items(_query(params), shelf.shelf_page):
        yield _row(item)


async def _desk(actor: Actor, params: Params) -> AsyncIterator[Row]:
    async for item in _items(_query(params), lambda query: shelf.desk_page(actor, query)):
        yield _row(item)


async def _queue(actor: Actor, params: Params) -> AsyncIterator[Row]:
    query, step = replace(_query(params), status=None), params.get("status", "")
    while True:
        page = await queue.queue(query, step)
        for row in page.rows:
            clock = row.clock
            late = {True: "超期", False: "", None: "日历缺失"}[clock.overdue]
            times = [row.step_zh, row.reviewer, clock.due_on, clock.term_days, late]
            yield [*_about(row.item), *times, *_bands(row.item), row.item["summary"]]
        if page.next is None:
            return
        query = replace(query, cursor=page.next)


REPORTS = (
    Report(
        "shelf",
        "在库产品",
        "导出时在库的产品，每个产品一行，取其在库版本；不含暂停和已退出的产品。",
        None,
        (*_ABOUT, *_BANDS, *_LAST),
        _shelf,
        _FILTERS,
    ),
    Report(
        "products",
        "产品登记表",
        "本人可见的全部产品，每个产品一行，取办理中的版本，没有的取在库版本或最新版本。",
        frozenset({*INSURER, *COMMITTEE, Role.AUDITOR}),
        (*_ABOUT, *_BANDS, *_LAST),
        _desk,
        (*_FILTERS, "status"),
    ),
    Report(
        "queue",
        "待办报送",
        "已提交、已受理、审核中和退回补正中的报送，按提交先后；工作日按国务院放假安排，补正期间不计。",
        frozenset({*COMMITTEE, Role.AUDITOR}),
        (*_ABOUT, *_CLOCK, *_BANDS, *_LAST),
        _queue,
        (*_FILTERS, "status"),
    ),
)
