"""Exports of claims and of what each member carries of them; peers are masked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from fractions import Fraction
from typing import Any

import msgspec

from coinsurance.claims import exporting
from coinsurance.claims.exporting import Wanted
from coinsurance.claims.listing import Asked
from coinsurance.rules.claims.nouns import Charge, ClaimFlag, MovementKind
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.kernel.shares import format_percent
from service.reports.shape import Column, Kind, Params, Report, Row, day_param

_READERS = frozenset({*INSURER, *COMMITTEE, Role.AUDITOR})
_CLAIM = (
    Column("number", "赔案编号", width=18),
    Column("status_zh", "状态"),
    Column("pool_year", "业务年度", width=26),
    Column("placement", "共保保单", width=18),
    Column("policy_number", "保单号", width=26),
    Column("insured", "被保险人", width=34),
    Column("handler", "主办机构", width=20),
    Column("loss_on", "出险日", Kind.DAY, 12),
    Column("reported_at", "报案时间", Kind.MOMENT, 20),
    Column("cause", "出险原因", width=30),
    Column("event", "事故编号", width=20),
    Column("flags", "复杂情形", Kind.LIST, 24),
    Column("estimate_fen", "估损", Kind.FEN, 18),
    Column("agreed_fen", "核定赔付", Kind.FEN, 18),
    Column("paid_fen", "已付赔款", Kind.FEN, 18),
    Column("reserve_fen", "未决准备", Kind.FEN, 18),
    Column("recovered_fen", "追偿及残值", Kind.FEN, 18),
    Column("own_paid_fen", "本机构已担赔款", Kind.FEN, 18),
)


async def _claims(actor: Actor, params: Params) -> AsyncIterator[Row]:
    asked = Asked(
        params.get("q") or None,
        params.get("status") or None,
        params.get("pool_year") or None,
        params.get("placement") or None,
        day_param(params, "loss_from"),
        day_param(params, "loss_to"),
        params.get("flag") or None,
    )
    async for item in exporting.claims(actor, asked):
        shown: dict[str, Any] = msgspec.structs.asdict(item)
        shown["flags"] = [ClaimFlag.zh_of(flag) for flag in item.flags]
        yield [shown[column.name] for column in _CLAIM]


async def _parts(actor: Actor, params: Params) -> AsyncIterator[Row]:
    kind, choices = params.get("kind") or None, [k.value for k in MovementKind]
    if kind is not None and kind not in choices:
        raise Refused([blocker("form.not_a_choice", "kind", value=kind, choices=choices)])
    wanted = Wanted(
        params.get("pool_year") or None,
        params.get("claim") or None,
        params.get("member") or None,
        kind,
    )
    async for row in exporting.parts(actor, wanted):
        exact = Fraction(int(row["exact_numerator"]), int(row["exact_denominator"]))
        yield [
            row["pool_year"],
            row["claim"],
            row["placement"],
            row["policy"],
            row["insured"],
            row["loss_on"],
            row["section"],
            row["number"],
            MovementKind.zh_of(row["kind"]),
            row["reversal_of"],
            row["effective_on"],
            row["reference"],
            Charge.zh_of(row["charge"]),
            row["uscc"],
            row["name"],
            format_percent(row["share_units"]),
            row["amount_fen"],
            row["reserve_fen"],
            row["to_date_fen"],
            str(exact),
            str(row["to_date_fen"] - exact),
            row["clause"],
        ]


REPORTS = (
    Report(
        "claims",
        "赔案清单",
        "读者可见的赔案。已付赔款为全部成员合计，不与各成员分额相加；被保险企业不见未决准备。",
        _READERS | {Role.ENTERPRISE},
        _CLAIM,
        _claims,
        ("q", "status", "pool_year", "placement", "loss_from", "loss_to", "flag"),
    ),
    Report(
        "claim-parts",
        "赔案分额",
        "每笔赔案变动中各成员的分额；应分额为累计精确值（分数），差额为累计已分额减应分额。跟单成员只见本机构。",
        _READERS,
        (
            Column("pool_year", "业务年度", width=26),
            Column("claim", "赔案编号", width=18),
            Column("placement", "共保保单", width=18),
            Column("policy", "保单号", width=26),
            Column("insured", "被保险人", width=34),
            Column("loss_on", "出险日", Kind.DAY, 12),
            Column("section", "分项", width=10),
            Column("number", "变动序号", Kind.WHOLE, 10),
            Column("kind", "变动"),
            Column("reversal_of", "冲销序号", Kind.WHOLE, 10),
            Column("effective_on", "生效日", Kind.DAY, 12),
            Column("reference", "凭据", width=24),
            Column("charge", "费用项目"),
            Column("uscc", "成员信用代码", width=22),
            Column("name", "成员", width=34),
            Column("share", "份额", width=14),
            Column("amount_fen", "分额", Kind.FEN, 18),
            Column("reserve_fen", "准备变动分额", Kind.FEN, 18),
            Column("to_date_fen", "累计已分额", Kind.FEN, 18),
            Column("exact", "累计应分额（分）", width=24),
            Column("difference", "差额（分）", width=18),
            Column("clause", "依据条款", width=40),
        ),
        _parts,
        ("pool_year", "claim", "member", "kind"),
    ),
)
