"""A report as a file: CSV for anything, Excel for people, JSON for programs.

The same rows give the same bytes: an Excel file carries no time of its making. Words that a
spreadsheet would take for a formula are written so that it does not.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from service.kernel.calendar import SHANGHAI
from service.reports.shape import Column, Kind, Report, Row

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER_FORMATS = {
    Kind.WHOLE: "#,##0",
    Kind.FEN: "#,##0.00",
    Kind.PPM: "0.00##%",
    Kind.DAY: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MADE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write(fmt: str, report: Report, params: Mapping[str, str], rows: list[Row]) -> bytes:
    """The file of a report in one of MEDIA_TYPES."""
    return {"csv": _csv, "xlsx": _xlsx, "json": _json}[fmt](report, params, rows)


def _words(value: Any) -> str:
    text = "、".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return _INVISIBLE.sub("", text)


def _tame(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _local(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(SHANGHAI)


def _csv_value(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind is Kind.FEN:
        return f"{Decimal(value).scaleb(-2):f}"
    if kind is Kind.PPM:
        text = f"{Decimal(value).scaleb(-4):f}"
        return text.rstrip("0").rstrip(".")
    if kind is Kind.MOMENT:
        return _local(value).isoformat(sep=" ", timespec="seconds")
    if kind in (Kind.WHOLE, Kind.DAY):
        return str(value)
    return _tame(_words(value))


def _title(column: Column) -> str:
    unit = {Kind.FEN: "(元)", Kind.PPM: "(%)"}.get(column.kind, "")
    return f"{column.title}{unit}"


def _csv(report: Report, params: Mapping[str, str], rows: list[Row]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([_title(column) for column in report.columns])
    kinds = [column.kind for column in report.columns]
    for row in rows:
        writer.writerow([_csv_value(kind, v) for kind, v in zip(kinds, row, strict=True)])
    return stream.getvalue().encode("utf-8-sig")


def _json(report: Report, params: Mapping[str, str], rows: list[Row]) -> bytes:
    names = [column.name for column in report.columns]
    body = {
        "report": report.name,
        "title": report.title,
        "definition": report.note,
        "params": dict(sorted(params.items())),
        "columns": [
            {"name": column.name, "title": column.title, "kind": column.kind.value}
            for column in report.columns
        ],
        "rows": [dict(zip(names, row, strict=True)) for row in rows],
    }
    return msgspec.json.encode(body)


def _xlsx_value(kind: Kind, value: Any) -> Any:
    if value is None or value == "":
        return None
    if kind is Kind.FEN:
        return Decimal(value).scaleb(-2)
    if kind is Kind.PPM:
        return Decimal(value).scaleb(-6)
    if kind is Kind.MOMENT:
        return _local(value).replace(tzinfo=None, microsecond=0)
    if kind is Kind.DAY and isinstance(value, str):
        return date.fromisoformat(value)
    return value if kind in (Kind.WHOLE, Kind.DAY) else _words(value)


def _xlsx(report: Report, params: Mapping[str, str], rows: list[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(report.title[:31])
    for position, column in enumerate(report.columns, 1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.freeze_panes = "A2"
    last = get_column_letter(len(report.columns))
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    sheet.append([_head(sheet, _excel_title(column)) for column in report.columns])
    kinds = [column.kind for column in report.columns]
    for row in rows:
        sheet.append([_cell(sheet, kind, v) for kind, v in zip(kinds, row, strict=True)])
    _about(book, report, params)
    stream = io.BytesIO()
    book.save(stream)
    return _timeless(stream.getvalue())


def _excel_title(column: Column) -> str:
    return f"{column.title}(元)" if column.kind is Kind.FEN else column.title


def _head(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True, color="FFFFFFFF")
    cell.fill = PatternFill("solid", fgColor="FF1F4E79")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(sheet: Any, kind: Kind, value: Any) -> Any:
    plain = _xlsx_value(kind, value)
    if plain is None:
        return None
    if isinstance(plain, str) and not plain.startswith(_FORMULA_STARTS):
        return plain
    cell = WriteOnlyCell(sheet, plain)
    if isinstance(plain, str):
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell.number_format = _NUMBER_FORMATS[kind]
    return cell


def _about(book: Workbook, report: Report, params: Mapping[str, str]) -> None:
    sheet = book.create_sheet("口径")
    sheet.column_dimensions["A"].width = 16
    sheet.column_dimensions["B"].width = 100
    for name, text in (("报表", report.title), ("口径", report.note), *sorted(params.items())):
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([name, cell])


def _timeless(content: bytes) -> bytes:
    """The same workbook without the times of its making."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in made.namelist():
            data = made.read(name)
            if name == "docProps/core.xml":
                data = _MADE.sub(rb"\g<1>2025-06-07T00:00:00Z\g<2>", data)
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(info, data)
    return stream.getvalue()
