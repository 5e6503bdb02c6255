"""Lists of policies and of the rows of the promotion catalogues."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from catalogue.enrolments import editions
from catalogue.policies import records
from catalogue.rules.subsidy.nouns import PolicyStatus, SubjectKind
from service.api import PAGE_MAX
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.reports.shape import Column, Kind, Params, Report, Row

_POLICY = (
    Column("number", "保单号", width=26),
    Column("status", "状态"),
    Column("kind", "类别"),
    Column("insurer", "保险机构", width=18),
    Column("insured", "被保险人", width=30),
    Column("insured_uscc", "被保险人统一社会信用代码", width=24),
    Column("product", "产品编号", width=16),
    Column("product_name", "产品名称", width=34),
    Column("object", "标的编号", width=18),
    Column("start_on", "起保日期", Kind.DAY, 12),
    Column("end_on", "终止日期", Kind.DAY, 12),
    Column("sum_insured_fen", "现保险金额", Kind.FEN, 20),
    Column("rate_ppm", "费率", Kind.PPM, 10),
    Column("premium_fen", "现保险费", Kind.FEN, 16),
    Column("received_fen", "已收保费", Kind.FEN, 16),
)
_ITEM = (
    Column("edition", "版本代码", width=14),
    Column("edition_title", "版本名称", width=40),
    Column("kind", "类别"),
    Column("valid_from", "生效日期", Kind.DAY, 12),
    Column("valid_to", "终止日期", Kind.DAY, 12),
    Column("number", "条目编号"),
    Column("name", "条目名称", width=36),
    Column("parameters", "参数要求", Kind.LIST, 50),
)


async def _policies(actor: Actor, params: Params) -> AsyncIterator[Row]:
    cursor: str | None = None
    while True:
        page = await records.policy_page(
            actor,
            params.get("q") or None,
            params.get("status") or None,
            params.get("kind") or None,
            cursor,
            PAGE_MAX,
        )
        for item in page["items"]:
            shown: dict[str, Any] = {
                **item,
                "status": PolicyStatus.zh_of(item["status"]),
                "kind": SubjectKind.zh_of(item["kind"]),
            }
            yield [shown[column.name] for column in _POLICY]
        cursor = page["next"]
        if cursor is None:
            return


async def _items(actor: Actor, params: Params) -> AsyncIterator[Row]:
    cursor: str | None = None
    while True:
        page = await editions.item_page(
            params.get("edition") or None,
            params.get("kind") or None,
            params.get("q") or None,
            cursor,
            PAGE_MAX,
        )
        for item in page["items"]:
            row = {**item, "kind": SubjectKind.zh_of(item["kind"])}
            row["parameters"] = [f"{p['name']} {p['text']}" for p in item["parameters"]]
            yield [row[column.name] for column in _ITEM]
        cursor = page["next"]
        if cursor is None:
            return


REPORTS = (
    Report(
        "policies",
        "保单",
        "本人可见的全部保单，最近登记的在前；金额为批改后的现值，已收保费已减退费。",
        frozenset({*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR}),
        _POLICY,
        _policies,
        ("q", "status", "kind"),
    ),
    Report(
        "catalogue-items",
        "目录条目",
        "推广应用指导目录各版本的条目，按录入先后；有效期为版本的有效期。",
        None,
        _ITEM,
        _items,
        ("edition", "kind", "q"),
    ),
)
