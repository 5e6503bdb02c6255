"""What a member's list looks like: one sheet 对账清单, or one CSV."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalogue.imports.columns import Layout, Plan, choice, read_columns
from catalogue.imports.sheets import CSV_SHEET
from coinsurance.rules.settlement.items import Item
from service.kernel.forms import FEN_MAX, Form, Line, Whole
from service.kernel.shares import WHOLE_UNITS

ROWS_MAX = 20_000
MAIN = "对账清单"


class BordereauLineForm(Form):
    """One line of a member's list; positive: the member owes."""

    row_key: Line = Field("", max_length=20)
    reference: Line = Field("", max_length=240)
    own_reference: Line = Field("", max_length=80)
    policy: Line = Field("", max_length=80)
    item: Line = Field("", max_length=20)
    amount_fen: Annotated[Whole, Field(ge=-FEN_MAX, le=FEN_MAX)]
    share_units: Annotated[Whole, Field(ge=0, le=WHOLE_UNITS)] | None = None


_COLUMNS = {"": read_columns("coinsurance.settlements.bordereaux", {"item": choice(Item)})["lines"]}
PLAN = Plan(
    BordereauLineForm,
    _COLUMNS[""][0].header,
    {
        MAIN: Layout(MAIN, ROWS_MAX, _COLUMNS, keyed=False),
        CSV_SHEET: Layout(CSV_SHEET, ROWS_MAX, _COLUMNS, keyed=False),
    },
    {},
    (
        "一行一项，填在“对账清单”工作表；红色表头必填。",
        "应付共保体为正，应收为负，与结算单方向一致；收付款不列入。",
        "知道结算单明细号的请填写；没有的按保单号、项目、金额核对。",
        "逐项核对，一分不差才算一致；结果分为一致、内容不同、成员多列、成员漏列。",
        "上传不改动任何账目；有误的可更正后再传，对结算单有异议的请对该明细提出争议。",
    ),
)
