"""Exports of pools: members, yearly shares, requests for consent, balances; peers are masked."""

from __future__ import annotations

from collections.abc import AsyncIterator

from coinsurance.access import keep_look
from coinsurance.pools import balances, consent_records, member_records, schedule_records
from coinsurance.rules.nouns import ConsentMatter, PoolRole, ShareMode
from service.api import PAGE_MAX
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.kernel.db import sql
from service.reports.shape import Column, Kind, Params, Report, Row, day_param

_READERS = frozenset({*INSURER, *COMMITTEE, Role.AUDITOR})
_YEAR = Column("pool_year", "业务年度", width=26)
_PARTY = (Column("uscc", "成员信用代码", width=22), Column("name", "成员", width=24))
_YEARS = """
SELECT y.number FROM pool_year y WHERE ($3::text IS NULL OR y.number = $3)
  AND ($1 OR EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = y.id AND m.organisation = $2
    AND m.status <> 'declined')) ORDER BY y.number
"""


async def _years(actor: Actor, params: Params, report: str) -> list[str]:
    """The years the reader may see, or the one it asks for; each export by an overseer is kept."""
    wanted = params.get("pool_year") or None
    rows = await sql(_YEARS, actor.sees_all, actor.organisation_id, wanted)
    for row in rows:
        await keep_look(actor, "pool_year", row["number"], report, exported=True)
    return [row["number"] for row in rows]


async def _members(actor: Actor, params: Params) -> AsyncIterator[Row]:
    for number in await _years(actor, params, "pool-members"):
        for item in await member_records.members(actor, number):
            yield [
                number,
                item.uscc,
                item.name,
                item.position,
                [PoolRole.zh_of(role) for role in item.roles],
                item.status_zh,
                item.joined_on,
                item.left_on,
                item.risk_capacity_fen,
                item.event_capacity_fen,
                item.aggregate_capacity_fen,
                item.aggregate_used_fen,
                item.aggregate_left_fen,
            ]


async def _shares(actor: Actor, params: Params) -> AsyncIterator[Row]:
    for number in await _years(actor, params, "pool-year-shares"):
        cursor: str | None = None
        while True:
            page = await schedule_records.schedules(actor, number, None, False, cursor, PAGE_MAX)
            for schedule in page.items:
                for share in schedule.shares:
                    yield [
                        number,
                        schedule.number,
                        schedule.status_zh,
                        ShareMode.zh_of(schedule.mode),
                        schedule.valid_from,
                        schedule.effective_at,
                        schedule.clause,
                        schedule.resolution_number,
                        share.uscc,
                        share.name,
                        share.position,
                        share.share or "",
                        share.share_units,
                    ]
            cursor = page.next
            if cursor is None:
                break


async def _consents(actor: Actor, params: Params) -> AsyncIterator[Row]:
    cursor: str | None = None
    while True:
        page = await consent_records.requests(
            actor,
            status=params.get("status") or None,
            year=params.get("pool_year") or None,
            matter=params.get("matter") or None,
            cursor=cursor,
            limit=PAGE_MAX,
        )
        for item in page.items:
            yield [
                item.number,
                item.pool,
                item.pool_year or "",
                ConsentMatter.zh_of(item.matter),
                item.subject,
                item.title,
                item.status_zh,
                item.opened_at,
                item.due_at,
                _ANSWERS.get(item.my_answer or "", "") if item.my_answer is not None else "",
            ]
        cursor = page.next
        if cursor is None:
            return


_ANSWERS = {"": "未答复", "consented": "同意", "refused": "不同意", "deemed": "视为同意"}


async def _balances(actor: Actor, params: Params) -> AsyncIterator[Row]:
    as_of = day_param(params, "as_of")
    for number in await _years(actor, params, "pool-balances"):
        found = await balances.balances(actor, number, as_of=as_of)
        for row in found.rows:
            yield [
                number,
                row.uscc or "",
                row.name or "",
                row.account,
                row.title,
                row.clause,
                row.currency,
                row.debit_fen,
                row.credit_fen,
                row.balance_fen,
            ]


REPORTS = (
    Report(
        "pool-members",
        "共保体成员",
        "本人可见的业务年度的成员、职责与承保能力。跟单成员只见本机构的能力。",
        _READERS,
        (
            _YEAR,
            *_PARTY,
            Column("position", "次序", Kind.WHOLE, 8),
            Column("roles", "职责", Kind.LIST, 24),
            Column("status", "状态"),
            Column("joined_on", "加入日", Kind.DAY, 12),
            Column("left_on", "退出日", Kind.DAY, 12),
            Column("risk_capacity_fen", "单一风险能力", Kind.FEN, 20),
            Column("event_capacity_fen", "单次事故能力", Kind.FEN, 20),
            Column("aggregate_capacity_fen", "年度累计能力", Kind.FEN, 20),
            Column("aggregate_used_fen", "已占用", Kind.FEN, 20),
            Column("aggregate_left_fen", "剩余", Kind.FEN, 20),
        ),
        _members,
        ("pool_year",),
    ),
    Report(
        "pool-year-shares",
        "年度份额表",
        "本人可见的业务年度的全部份额表，最近提出的在前，含未生效的。跟单成员只见本机构的份额。",
        _READERS,
        (
            _YEAR,
            Column("schedule", "份额表", width=18),
            Column("status", "状态"),
            Column("mode", "确定方式"),
            Column("valid_from", "生效日", Kind.DAY, 12),
            Column("effective_at", "确认时间", Kind.MOMENT, 20),
            Column("clause", "条款", width=34),
            Column("resolution_number", "决议编号", width=20),
            *_PARTY,
            Column("position", "次序", Kind.WHOLE, 8),
            Column("share", "份额", width=14),
            Column("share_units", "份额（亿分之一）", Kind.WHOLE, 18),
        ),
        _shares,
        ("pool_year",),
    ),
    Report(
        "consent-requests",
        "征求同意",
        "本机构被征求或发起的事项，最近发起的在前；管委会和审计可见全部。",
        _READERS,
        (
            Column("number", "编号", width=18),
            Column("pool", "共保体", width=22),
            _YEAR,
            Column("matter", "事项"),
            Column("subject", "对象", width=30),
            Column("title", "标题", width=40),
            Column("status", "状态"),
            Column("opened_at", "发起时间", Kind.MOMENT, 20),
            Column("due_at", "答复期限", Kind.MOMENT, 20),
            Column("my_answer", "本机构答复", width=12),
        ),
        _consents,
        ("status", "pool_year", "matter"),
    ),
    Report(
        "pool-balances",
        "共保账目余额",
        "截至某日的各成员账目余额，按科目和条款；借方为正。跟单成员只见本机构的账目。",
        _READERS,
        (
            _YEAR,
            *_PARTY,
            Column("account", "科目", width=36),
            Column("title", "科目名称", width=20),
            Column("clause", "条款", width=34),
            Column("currency", "币种", width=8),
            Column("debit_fen", "借方", Kind.FEN, 18),
            Column("credit_fen", "贷方", Kind.FEN, 18),
            Column("balance_fen", "余额", Kind.FEN, 18),
        ),
        _balances,
        ("pool_year", "as_of"),
    ),
)
