"""Bank files as banks really make them: Excel cells kept as dates and numbers, hours, titles."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from coinsurance.settlements.bank_reading import read_bank_file
from service.kernel.errors import Refused

HEADER = ("银行流水号", "附言", "付款户名", "收款户名", "金额(元)", "入账日期", "结果")


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """An Excel file with the bank's header."""
    book = Workbook()
    sheet = book.active
    for row in (("示例银行对账明细",), HEADER, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(**changes: Any) -> tuple[Any, ...]:
    values = dict(zip(HEADER, ("B1", "SR-1-001", "甲", "乙", "1.00", "2026-03-13", "成功"),
                      strict=True))  # fmt: skip
    return tuple((values | changes).values())


@pytest.mark.parametrize(
    "told",
    [
        date(2026, 3, 13),
        datetime(2026, 3, 13),
        datetime(2026, 3, 13, 10, 5, 9),
        "2026-03-13",
        "2026/3/13 9:05",
        "2026-03-13T10:05:09",
        "20260313 10:05:09",
        "2026年3月13日",
        20260313,
    ],
)
def test_a_day_is_a_day_whatever_hour_follows(told: Any) -> None:
    [(number, movement)] = read_bank_file("b.xlsx", workbook(row(入账日期=told)))
    assert (number, movement.value_on) == (3, date(2026, 3, 13))


@pytest.mark.parametrize(
    ("told", "fen"),
    [(715.5, 71_550), (0.1 + 0.2, 30), (1, 100), ("1,234.50", 123_450)],
)
def test_an_amount_kept_as_a_number_is_exact(told: Any, fen: int) -> None:
    changed = row(**{"金额(元)": told})
    [(_, movement)] = read_bank_file("b.xlsx", workbook(changed))
    assert movement.amount_fen == fen


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"银行流水号": 12_345_678_901_234_567}, "import.long_number"),
        ({"附言": 12_345_678_901_234_567}, "import.long_number"),
        ({"附言": datetime(2026, 3, 13)}, "import.date_cell"),
        ({"银行流水号": None}, "bank.cell"),
        ({"入账日期": time(10, 5)}, "bank.cell"),
        ({"入账日期": "2026-03-13 25点"}, "bank.cell"),
        ({"入账日期": "2026-02-30 10:00"}, "bank.cell"),
        ({"金额(元)": 0.001}, "bank.cell"),
        ({"金额(元)": -1}, "bank.cell"),
        ({"金额(元)": True}, "import.value_cell"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_cell(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_bank_file("b.xlsx", workbook(row(**changes), row()))
    [finding] = refused.value.findings
    assert finding.code == code
    assert finding.field.startswith("Sheet!")
