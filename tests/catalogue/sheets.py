"""Workbooks and CSV files for the import tests."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from openpyxl import Workbook, load_workbook

PRODUCT = {
    "行标识": "A1",
    "产品类型": "关键研发设备保险",
    "产品名称": "示例科研仪器保险",
    "产品简介": "承保研发仪器的意外损失",
    "所处环节": "创新研发、生产运营",
    "适用行业": "光电子;集成电路",
    "适用企业": "有研发仪器的企业",
    "投保条件": "设备验收合格",
    "投保所需材料": "设备清单、购置发票",
    "费率下限(%)": 0.15,
    "费率上限(%)": "0.6%",
    "保额下限(元)": 1_000_000,
    "保额上限(元)": "12.5万元",
    "联系人": "示例联系人",
    "联系电话": "027-88001234",
}
CLAUSE = {
    "行标识": "A1",
    "条款类别": "主险",
    "条款名称": "研发设备保险条款",
    "备案编号": "(示例科技财险)(备-企业财产保险)【2025】(主)001号",
    "注册编号": "C00013330912024010435441",
}
COMPONENT = {
    "行标识": "A1",
    "责任名称": "设备物质损失",
    "保险事故": "火灾、爆炸造成的直接物质损失",
    "责任免除": "故意行为",
    "赔偿限额(元)": "10万元",
    "免赔率(%)": "10",
    "等待期(天)": 0,
    "责任基础": "损失补偿",
}


def product(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A row of the sheet 产品; keyword names are headers without their unit."""
    row = {**PRODUCT, "行标识": f"A{number}", "产品名称": f"示例科研仪器保险{number}"}
    row["保额上限(元)"] = "1250万元"
    for name, value in changes.items():
        header = next((h for h in row if h.split("(")[0] == name), name)
        row[header] = value
    return row


def workbook(*products: dict[str, Any], **sheets: list[dict[str, Any]]) -> Workbook:
    """A workbook with the sheet 产品 and more sheets by name; headers from the first row."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in {"产品": list(products), **sheets}.items():
        sheet = book.create_sheet(name)
        headers = list(dict.fromkeys(header for row in rows for header in row))
        sheet.append(headers)
        for row in rows:
            sheet.append([row.get(header) for header in headers])
    return book


def as_bytes(book: Workbook) -> bytes:
    """A workbook as a file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def file_of(*products: dict[str, Any], **sheets: list[dict[str, Any]]) -> bytes:
    """A workbook file with these rows."""
    return as_bytes(workbook(*products, **sheets))


def whole(*products: dict[str, Any]) -> bytes:
    """A workbook file with clauses and components for every product."""
    keys = [row["行标识"] for row in products]
    return file_of(
        *products,
        条款=[{**CLAUSE, "行标识": key} for key in keys],
        保障责任=[{**COMPONENT, "行标识": key} for key in keys],
    )


def csv_file(*rows: dict[str, Any], encoding: str = "utf-8-sig") -> bytes:
    """A CSV file with these rows."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode(encoding)


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """A workbook file with one more part inside."""
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, data)
    return stream.getvalue()


def opened(content: bytes) -> Workbook:
    """A workbook file opened for looking at it."""
    return load_workbook(io.BytesIO(content))
