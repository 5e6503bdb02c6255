"""Reading a bank's file (CSV in UTF-8 or GB18030, Excel): columns by their Chinese names.

Banks put a title and sums above the header: the header is the first row that has what is needed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from catalogue.imports.sheets import Cell, Sheet, SheetRow, read_sheets
from coinsurance.rules.settlement.bank import BankMovement
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import MoneyError, parse_yuan

ROWS_MAX = 5000
HEADER_WITHIN = 20
COLUMNS: dict[str, tuple[str, ...]] = {
    "bank_reference": ("银行流水号", "流水号", "交易流水号", "回单编号", "bank_reference"),
    "text": ("附言", "摘要", "用途", "附言编号", "指令编号", "reference"),
    "amount_fen": ("金额(元)", "金额", "交易金额", "发生额", "amount"),
    "value_on": ("入账日期", "交易日期", "付款日期", "记账日期", "value_date"),
    "payer_name": ("付款户名", "付款人", "付款方", "payer"),
    "payee_name": ("收款户名", "收款人", "收款方", "payee"),
    "paid": ("结果", "状态", "交易状态", "result"),
    "failure": ("失败原因", "退回原因", "failure"),
}
NEEDED = ("bank_reference", "amount_fen", "value_on")
PAID = {"成功": True, "已付": True, "已入账": True, "失败": False, "退回": False}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)

_TIME = re.compile(r"[T\s]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", re.ASCII)


def encoding_of(file_name: str, content: bytes) -> str:
    """How a file is written, as it is kept with it."""
    if file_name.lower().endswith(".xlsx"):
        return "xlsx"
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-bom"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def read_bank_file(file_name: str, content: bytes) -> list[tuple[int, BankMovement]]:
    """The rows of a bank file with their numbers; Refused with the cell of every fault."""
    sheets = read_sheets(file_name, content, lambda _: ROWS_MAX)
    rows = sheets[0].rows if sheets else []
    start, columns = _header(rows)
    found: list[Finding] = []
    read = [(row.number, _movement(sheets[0], row, columns, found)) for row in rows[start + 1 :]]
    if found:
        raise Refused(found)
    if not read:
        raise Refused([blocker("bank.no_rows", "file")])
    return [(number, movement) for number, movement in read if movement is not None]


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


_KNOWN = {_fold(name): field for field, names in COLUMNS.items() for name in names}


def _header(rows: list[SheetRow]) -> tuple[int, dict[int, str]]:
    best: dict[int, str] = {}
    for n, row in enumerate(rows[:HEADER_WITHIN]):
        named = {c: _KNOWN[_fold(cell.text)] for c, cell in row.cells.items()
                 if _fold(cell.text) in _KNOWN}  # fmt: skip
        if set(NEEDED) <= set(named.values()):
            return n, named
        best = named if len(named) > len(best) else best
    missing = [COLUMNS[field][0] for field in NEEDED if field not in best.values()]
    raise Refused([blocker("bank.columns", "file", columns=missing)])


def _movement(
    sheet: Sheet, row: SheetRow, columns: dict[int, str], found: list[Finding]
) -> BankMovement | None:
    values: dict[str, Any] = {"text": ""}
    faults = len(found)
    for column, name in columns.items():
        cell = row.cells.get(column)
        where = f"{sheet.name}!{cell.address}" if cell else f"{sheet.name}!{row.number}"
        text = _text(cell, name) if cell else ""
        if cell is not None and cell.problem is not None and not text:
            found.append(cell.problem)
            continue
        if not text:
            if name in NEEDED:
                found.append(blocker("bank.cell", where, value=""))
            continue
        value = _value(name, text)
        if value is None:
            found.append(blocker("bank.cell", where, value=text[:40]))
        elif value != "" or name not in values:
            values[name] = value
    return BankMovement(**values) if len(found) == faults else None


def _text(cell: Cell, name: str) -> str:
    """What a cell says; a day may be kept as a moment, since banks tell the hour too."""
    problem = cell.problem
    if name == "value_on" and problem is not None and problem.code == "import.date_cell":
        return cell.day or str(problem.params["value"])
    return "" if problem is not None else cell.text


def _value(name: str, text: str) -> Any:
    """A cell as the rule takes it; None when it cannot be read."""
    if name == "paid":
        return PAID.get(text.strip())
    if name == "value_on":
        return _day(text)
    if name == "amount_fen":
        try:
            amount_fen = parse_yuan(text)
        except MoneyError:
            return None
        return amount_fen if amount_fen > 0 else None
    limit = 200 if name == "failure" else 120 if name.endswith("name") else 80
    return text.strip()[:limit] if name != "bank_reference" or len(text.strip()) <= 80 else None


def _day(text: str) -> date | None:
    """A day as banks write it, whatever time of day follows."""
    told = _TIME.sub("", unicodedata.normalize("NFKC", text).strip())
    match = _DAY.fullmatch("".join(told.split()))
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None
