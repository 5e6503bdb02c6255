"""The bank's result as a file (CSV or Excel): columns by their Chinese names, rows as the form."""

from __future__ import annotations

from typing import Any

from catalogue.imports.sheets import Sheet, SheetRow, read_sheets
from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.money import MoneyError, parse_yuan

COLUMNS = {
    "序号": "item",
    "金额(元)": "amount_fen",
    "结果": "paid",
    "银行流水号": "bank_reference",
    "付款日期": "paid_on",
    "失败原因": "failure",
}
NEEDED = ("item", "amount_fen", "paid")
ROWS_MAX = 5000
PAID = {"成功": True, "已付": True, "失败": False, "退回": False}


def read_result(file_name: str, content: bytes) -> dict[str, list[dict[str, Any]]]:
    """The rows of a result file as `ResultForm` takes them; Refused with the cell of each fault."""
    sheets = read_sheets(file_name, content, lambda _: ROWS_MAX)
    rows = sheets[0].rows if sheets else []
    columns = _columns(rows)
    found: list[Finding] = []
    read = [_row(sheets[0], row, columns, found) for row in rows[1:]]
    if found:
        raise Refused(found)
    return {"rows": read}


def _columns(rows: list[SheetRow]) -> dict[int, str]:
    header = rows[0].cells if rows else {}
    known = {name.replace("（", "(").replace("）", ")"): field for name, field in COLUMNS.items()}
    named = {
        n: known[text]
        for n, cell in header.items()
        if (text := cell.text.strip().replace("（", "(").replace("）", ")")) in known
    }
    missing = [
        zh for zh, field in COLUMNS.items() if field in NEEDED and field not in named.values()
    ]
    if missing:
        raise Refused([blocker("payment.result_columns", "file", columns="、".join(missing))])
    return named


def _row(
    sheet: Sheet, row: SheetRow, columns: dict[int, str], found: list[Finding]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, name in columns.items():
        cell = row.cells.get(column)
        if cell is None:
            continue
        if cell.problem is not None:
            found.append(cell.problem)
            continue
        value = _value(name, cell.text)
        if value is None:
            where = f"{sheet.name}!{cell.address}"
            found.append(blocker("payment.result_cell", where, value=cell.text[:40]))
        values[name] = value
    return values


def _value(name: str, text: str) -> Any:
    """A cell as the form takes it; None when it cannot be read."""
    if name == "paid":
        return PAID.get(text)
    if name == "item":
        return int(text) if text.isdecimal() and len(text) < 9 else None
    if name == "amount_fen":
        try:
            return parse_yuan(text)
        except MoneyError:
            return None
    return text


register(
    {
        "payment.result_columns": Text(
            "结果文件缺少列：{columns}",
            "The result file lacks columns: {columns}",
            "第一行应为列名：序号、金额(元)、结果、银行流水号、付款日期、失败原因",
            "The first row names the columns",
        ),
        "payment.result_cell": Text(
            "单元格 {field} 的内容“{value}”无法识别",
            "The cell {field} cannot be read: {value}",
            "结果填“成功”或“失败”，金额填元，序号填批次中的序号",
            "Result is 成功 or 失败, amount in yuan, number as in the batch",
        ),
    }
)
