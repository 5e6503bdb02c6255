"""Exports of risks, lines, placements and accumulation; peers are masked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from coinsurance.placements import exporting, records, risk_records
from coinsurance.placements.exporting import Wanted
from coinsurance.rules.capacity import KIND_NAMES
from coinsurance.rules.nouns import RiskMethod
from coinsurance.rules.workflows import LINE, PLACEMENT, RISK
from service.api import PAGE_MAX
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.kernel.shares import format_percent
from service.reports.shape import Column, Kind, Params, Report, Row

_READERS = frozenset({*INSURER, *COMMITTEE, Role.AUDITOR})
_PARTIES = _READERS | {Role.ENTERPRISE}
_FILTERS = ("q", "status", "pool_year")
_MEMBER = (
    Column("uscc", "成员信用代码", width=22),
    Column("name", "成员", width=30),
    Column("position", "次序", Kind.WHOLE, 8),
)
_RISK = (
    Column("number", "风险编号", width=18),
    Column("status", "状态"),
    Column("pool_year", "业务年度", width=24),
    Column("title", "名称", width=34),
    Column("issuer", "出单人", width=20),
    Column("insured", "被保险人", width=30),
    Column("business_class", "险类", width=18),
    Column("method", "参与方式"),
    Column("start_on", "起期", Kind.DAY, 12),
    Column("end_on", "止期", Kind.DAY, 12),
    Column("sum_insured_fen", "保险金额", Kind.FEN, 20),
    Column("premium_fen", "保费", Kind.FEN, 16),
    Column("lines_until", "认购截止日", Kind.DAY, 12),
    Column("project_number", "重大科技攻关项目编号", width=24),
    Column("placement", "共保保单", width=18),
)
_PLACEMENT = (
    Column("number", "共保保单", width=18),
    Column("status", "状态"),
    Column("pool_year", "业务年度", width=24),
    Column("risk", "风险编号", width=18),
    Column("title", "名称", width=34),
    Column("policy_number", "保单号", width=26),
    Column("issuer", "出单人", width=20),
    Column("insured", "被保险人", width=30),
    Column("start_on", "起期", Kind.DAY, 12),
    Column("end_on", "止期", Kind.DAY, 12),
    Column("sum_insured_fen", "现保险金额", Kind.FEN, 20),
    Column("premium_fen", "现保费", Kind.FEN, 16),
    Column("own_share", "本机构份额", width=16),
    Column("bound_at", "成单时间", Kind.MOMENT, 20),
)


def _percent(units: int | None) -> str:
    return "" if units is None else format_percent(units)


async def _risks(actor: Actor, params: Params) -> AsyncIterator[Row]:
    cursor: str | None = None
    while True:
        filters = [params.get(name) or None for name in _FILTERS]
        page = await risk_records.risk_page(actor, *filters, cursor, PAGE_MAX)
        for item in page.items:
            shown: dict[str, Any] = msgspec.structs.asdict(item)
            shown["status"] = RISK.label(item.status)
            shown["method"] = RiskMethod.zh_of(item.method)
            yield [shown[column.name] for column in _RISK]
        cursor = page.next
        if cursor is None:
            return


async def _placements(actor: Actor, params: Params) -> AsyncIterator[Row]:
    cursor: str | None = None
    while True:
        filters = [params.get(name) or None for name in _FILTERS]
        page = await records.placement_page(actor, *filters, cursor, PAGE_MAX)
        for item in page.items:
            shown: dict[str, Any] = msgspec.structs.asdict(item)
            shown["status"] = PLACEMENT.label(item.status)
            shown["own_share"] = _percent(item.own_units)
            yield [shown[column.name] for column in _PLACEMENT]
        cursor = page.next
        if cursor is None:
            return


async def _lines(actor: Actor, params: Params) -> AsyncIterator[Row]:
    wanted = Wanted(params.get("pool_year") or None, params.get("risk") or None)
    async for row in exporting.lines(actor, wanted):
        yield [
            row["pool_year"],
            row["risk"],
            row["title"],
            row["section"],
            row["uscc"],
            row["name"],
            row["position"],
            LINE.label(row["status"]),
            _percent(row["written_units"]),
            _percent(row["up_to_units"]),
            row["amount_max_fen"],
            "是" if row["to_stand"] else "否",
            row["conditions"],
            row["valid_until"],
            "是" if row["off_platform"] else "否",
            _percent(row["signed_units"]),
        ]


async def _shares(actor: Actor, params: Params) -> AsyncIterator[Row]:
    wanted = Wanted(params.get("pool_year") or None, params.get("placement") or None)
    async for row in exporting.shares(actor, wanted):
        yield [
            row["pool_year"],
            row["placement"],
            row["policy"],
            row["insured"],
            row["section"],
            row["schedule"],
            row["valid_from"],
            row["uscc"],
            row["name"],
            row["position"],
            _percent(row["share_units"]),
            row["share_units"],
            row["limit_fen"],
            row["premium_fen"],
            row["start_on"],
            row["end_on"],
            PLACEMENT.label(row["status"]),
        ]


async def _uses(actor: Actor, params: Params) -> AsyncIterator[Row]:
    async for row in exporting.uses(actor, params.get("zone") or None):
        yield [
            row["code"],
            KIND_NAMES[row["kind"]],
            row["zone"],
            row["uscc"],
            row["name"],
            row["used_fen"],
            row["limit_fen"],
            row["limit_fen"] - row["used_fen"],
        ]


REPORTS = (
    Report(
        "pool-risks",
        "共保风险",
        "本人可见的风险，最近登记的在前；金额为提交时的数值。",
        _PARTIES,
        _RISK,
        _risks,
        _FILTERS,
    ),
    Report(
        "pool-placements",
        "共保保单清单",
        "本人可见的共保保单，最近成单的在前；保险金额和保费为批改后的现值，份额为本机构在整张保单中的份额。",
        _PARTIES,
        _PLACEMENT,
        _placements,
        _FILTERS,
    ),
    Report(
        "pool-lines",
        "共保份额线",
        "各风险各分项的认购与签署份额。跟单成员只见本机构。",
        _READERS,
        (
            Column("pool_year", "业务年度", width=24),
            Column("risk", "风险编号", width=18),
            Column("title", "名称", width=34),
            Column("section", "分项", width=12),
            *_MEMBER,
            Column("status", "状态"),
            Column("written", "认购份额", width=16),
            Column("up_to", "可增至", width=16),
            Column("amount_max_fen", "最高承担金额", Kind.FEN, 20),
            Column("to_stand", "不可削减", width=10),
            Column("conditions", "条件", width=30),
            Column("valid_until", "有效期至", Kind.DAY, 12),
            Column("off_platform", "线下认购", width=10),
            Column("signed", "签署份额", width=16),
        ),
        _lines,
        ("pool_year", "risk"),
    ),
    Report(
        "pool-shares",
        "共保保单份额",
        "各共保保单各分项自生效日起的份额，单位为一亿分之一，每张份额表合计恰为一。跟单成员只见本机构。",
        _READERS,
        (
            Column("pool_year", "业务年度", width=24),
            Column("placement", "共保保单", width=18),
            Column("policy", "保单号", width=26),
            Column("insured", "被保险人", width=30),
            Column("section", "分项", width=12),
            Column("schedule", "份额表", width=18),
            Column("valid_from", "生效日", Kind.DAY, 12),
            *_MEMBER,
            Column("share", "份额", width=16),
            Column("share_units", "份额（一亿分之一）", Kind.WHOLE, 18),
            Column("limit_fen", "分项限额", Kind.FEN, 20),
            Column("premium_fen", "分项保费", Kind.FEN, 16),
            Column("start_on", "起期", Kind.DAY, 12),
            Column("end_on", "止期", Kind.DAY, 12),
            Column("status", "状态"),
        ),
        _shares,
        ("pool_year", "placement"),
    ),
    Report(
        "pool-accumulation",
        "风险累积",
        "各成员在各累积区的在险金额（各共保体合计）与每次事故承保能力；成员只见本机构。",
        _READERS,
        (
            Column("code", "累积区编码", width=18),
            Column("kind", "类别"),
            Column("zone", "累积区", width=30),
            *_MEMBER[:2],
            Column("used_fen", "在险金额", Kind.FEN, 20),
            Column("capacity_fen", "每次事故承保能力", Kind.FEN, 20),
            Column("left_fen", "尚余", Kind.FEN, 20),
        ),
        _uses,
        ("zone",),
    ),
)
