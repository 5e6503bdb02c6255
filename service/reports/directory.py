"""Product types, organisations and users."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from catalogue.products import types
from catalogue.rules.nouns import RegulatorClass, RiskKind, Stage
from catalogue.rules.product_types import Evidence
from service.api import PAGE_MAX
from service.auth import COMMITTEE, ROLE_NAMES, Actor, Role
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.people import Turn, list_organisations, list_users
from service.people_forms import KIND_NAMES
from service.people_forms import Kind as Kinds
from service.reports.shape import Column, Kind, Params, Report, Row


async def _types(actor: Actor, params: Params) -> AsyncIterator[Row]:
    for row in await types.list_types(params.get("q") or None, params.get("stage") or None):
        yield [
            row["code"],
            row["name"],
            row["name_en"],
            Stage.zh_of(row["stage"]),
            RiskKind.zh_of(row["risk_kind"]),
            RegulatorClass.zh_of(row["regulator_class"]),
            row["products"],
            row["industries"],
            row["covered_object"],
            Evidence.zh_of(row["evidence"]),
            row["source"],
        ]


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(kind: type[_Choice], params: Params, name: str) -> _Choice | None:
    """A code among the parameters; Refused when there is none like it."""
    value = params.get(name)
    if value and value not in set(kind):
        choices = [item.value for item in kind]
        raise Refused([blocker("form.not_a_choice", name, value=value, choices=choices)])
    return kind(value) if value else None


def _active(params: Params) -> bool | None:
    return {"1": True, "0": False}.get(params.get("active", ""))


async def _organisations(actor: Actor, params: Params) -> AsyncIterator[Row]:
    turn = Turn(limit=PAGE_MAX)
    while True:
        page = await list_organisations(
            actor,
            params.get("q") or None,
            _choice(Kinds, params, "kind"),
            params.get("district") or None,
            _active(params),
            turn,
        )
        for item in page.items:
            yield [
                item.uscc,
                item.name,
                item.short_name,
                KIND_NAMES[item.kind],
                item.district,
                "在用" if item.active else "停用",
                item.users,
            ]
        if page.next is None:
            return
        turn = replace(turn, cursor=page.next)


async def _users(actor: Actor, params: Params) -> AsyncIterator[Row]:
    turn = Turn(limit=PAGE_MAX)
    while True:
        page = await list_users(
            actor,
            params.get("q") or None,
            params.get("organisation") or None,
            _choice(Role, params, "role"),
            _active(params),
            turn,
        )
        for item in page.items:
            yield [
                item.login,
                item.name,
                [ROLE_NAMES[Role(role)] for role in item.roles],
                item.organisation_name,
                item.organisation,
                "在用" if item.active else "停用",
                item.created_at,
            ]
        if page.next is None:
            return
        turn = replace(turn, cursor=page.next)


_STATE = Column("active", "状态", width=8)
REPORTS = (
    Report(
        "product-types",
        "产品类型目录",
        "本系统收录的科技保险产品类型及公开来源；在库数为导出时的在库产品数。环节和风险类别为本系统的归类。",
        None,
        (
            Column("code", "代码", width=8),
            Column("name", "类型名称", width=36),
            Column("name_en", "英文名称", width=40),
            Column("stage", "所属环节"),
            Column("risk_kind", "风险类别"),
            Column("regulator_class", "监管统计类别", width=24),
            Column("products", "在库产品数", Kind.WHOLE, 10),
            Column("industries", "适用行业", Kind.LIST, 30),
            Column("covered_object", "承保对象", width=50),
            Column("evidence", "依据程度"),
            Column("source", "来源", width=60),
        ),
        _types,
        ("q", "stage"),
    ),
    Report(
        "organisations",
        "机构名录",
        "本人有权查看的机构；用户数只计在用的。",
        frozenset({*COMMITTEE, Role.AUDITOR, Role.INSURER_MANAGER}),
        (
            Column("uscc", "统一社会信用代码", width=22),
            Column("name", "机构名称", width=36),
            Column("short_name", "简称", width=18),
            Column("kind", "类别"),
            Column("district", "所在区"),
            _STATE,
            Column("users", "在用用户数", Kind.WHOLE, 10),
        ),
        _organisations,
        ("q", "kind", "district", "active"),
    ),
    Report(
        "users",
        "用户名录",
        "本人有权查看的用户，含停用的；不含口令和令牌。",
        frozenset({Role.COMMITTEE_ADMIN, Role.AUDITOR, Role.INSURER_MANAGER}),
        (
            Column("login", "用户名"),
            Column("name", "姓名"),
            Column("roles", "角色", Kind.LIST, 24),
            Column("organisation_name", "机构", width=34),
            Column("organisation", "统一社会信用代码", width=22),
            _STATE,
            Column("created_at", "建立时间", Kind.MOMENT, 20),
        ),
        _users,
        ("q", "organisation", "role", "active"),
    ),
)
