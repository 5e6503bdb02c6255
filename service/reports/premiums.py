"""Exports of pool premium: parts, debts between members, balances; peers are masked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from fractions import Fraction

from coinsurance.premiums import exporting
from coinsurance.premiums.exporting import Wanted
from coinsurance.rules.nouns import Component, DayKind
from coinsurance.rules.premium_nouns import DueKind, MovementKind, ObligationStatus
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.kernel.calendar import today
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.reports.shape import Column, Kind, Params, Report, Row, day_param

_READERS = frozenset({*INSURER, *COMMITTEE, Role.AUDITOR})
_WHERE = (
    Column("pool_year", "业务年度", width=26),
    Column("placement", "共保保单", width=18),
    Column("policy", "保单号", width=26),
)
_MEMBER = (
    Column("uscc", "成员信用代码", width=22),
    Column("name", "成员", width=34),
)


def _wanted(params: Params, kind: str, choices: list[str]) -> Wanted:
    value = params.get(kind) or None
    if value is not None and value not in choices:
        raise Refused([blocker("form.not_a_choice", kind, value=value, choices=choices)])
    return Wanted(
        params.get("pool_year") or None,
        params.get("placement") or None,
        params.get("member") or None,
        value,
    )


async def _parts(actor: Actor, params: Params) -> AsyncIterator[Row]:
    wanted = _wanted(params, "component", [c.value for c in Component])
    async for row in exporting.parts(actor, wanted):
        exact = Fraction(int(row["exact_numerator"]), int(row["exact_denominator"]))
        yield [
            row["pool_year"],
            row["placement"],
            row["policy"],
            row["insured"],
            row["number"],
            MovementKind.zh_of(row["kind"]),
            row["source"],
            row["effective_on"],
            row["reference"],
            row["uscc"],
            row["name"],
            Component.zh_of(row["component"]),
            row["amount_fen"],
            row["to_date_fen"],
            str(exact),
            str(row["to_date_fen"] - exact),
            row["clause"],
        ]


async def _debts(actor: Actor, params: Params) -> AsyncIterator[Row]:
    wanted = _wanted(params, "kind", [k.value for k in DueKind])
    async for row in exporting.debts(actor, wanted):
        yield [
            row["number"],
            row["pool_year"],
            row["placement"],
            row["policy"],
            DueKind.zh_of(row["kind"]),
            row["debtor_uscc"],
            row["debtor"],
            row["creditor_uscc"],
            row["creditor"],
            row["amount_fen"],
            row["settled_fen"],
            row["arose_on"],
            row["due_on"],
            row["due_days"],
            DayKind.zh_of(row["due_calendar"]),
            ObligationStatus.zh_of(row["status"]),
            row["clause"],
        ]


async def _balances(actor: Actor, params: Params) -> AsyncIterator[Row]:
    wanted = _wanted(params, "component", [c.value for c in Component])
    day = day_param(params, "as_of") or today()
    async for row in exporting.balances(actor, wanted, day):
        yield [
            row["pool_year"],
            row["placement"],
            row["policy"],
            row["uscc"],
            row["name"],
            row["source"],
            Component.zh_of(row["component"]),
            row["clause"],
            row["amount_fen"],
        ]


REPORTS = (
    Report(
        "pool-premium-parts",
        "共保保费分额",
        "每笔保费变动中各成员各项目的分额；应分额为累计精确值（分数），差额为累计已分额减应分额。跟单成员只见本机构。",
        _READERS,
        (
            *_WHERE,
            Column("insured", "被保险人", width=34),
            Column("number", "变动序号", Kind.WHOLE, 10),
            Column("kind", "变动"),
            Column("source", "资金来源"),
            Column("effective_on", "生效日", Kind.DAY, 12),
            Column("reference", "凭据", width=24),
            *_MEMBER,
            Column("component", "项目"),
            Column("amount_fen", "分额", Kind.FEN, 18),
            Column("to_date_fen", "累计已分额", Kind.FEN, 18),
            Column("exact", "累计应分额（分）", width=24),
            Column("difference", "差额（分）", width=18),
            Column("clause", "依据条款", width=40),
        ),
        _parts,
        ("pool_year", "placement", "member", "component"),
    ),
    Report(
        "pool-obligations",
        "共保应付事项",
        "成员之间的应付；应付日为空的，官方工作日历尚未更新到该年度。跟单成员只见本机构为一方的事项。",
        _READERS,
        (
            Column("number", "编号", width=24),
            *_WHERE,
            Column("kind", "事项"),
            Column("debtor_uscc", "应付方信用代码", width=22),
            Column("debtor", "应付方", width=34),
            Column("creditor_uscc", "应收方信用代码", width=22),
            Column("creditor", "应收方", width=34),
            Column("amount_fen", "金额", Kind.FEN, 18),
            Column("settled_fen", "已结", Kind.FEN, 18),
            Column("arose_on", "发生日", Kind.DAY, 12),
            Column("due_on", "应付日", Kind.DAY, 12),
            Column("due_days", "期限", Kind.WHOLE, 8),
            Column("due_calendar", "期限口径"),
            Column("status", "状态"),
            Column("clause", "依据条款", width=40),
        ),
        _debts,
        ("pool_year", "placement", "member", "kind"),
    ),
    Report(
        "pool-premium-balances",
        "共保保费余额",
        "截至某日各成员按保单、资金来源、项目和条款的保费与费用余额。跟单成员只见本机构。",
        _READERS,
        (
            *_WHERE,
            *_MEMBER,
            Column("source", "资金来源"),
            Column("component", "项目"),
            Column("clause", "依据条款", width=40),
            Column("amount_fen", "余额", Kind.FEN, 18),
        ),
        _balances,
        ("pool_year", "placement", "member", "component", "as_of"),
    ),
)
