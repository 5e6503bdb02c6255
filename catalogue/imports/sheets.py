"""Reading workbooks and CSV files that strangers send: values only, as text, with their address.

Refused before anything is read: what is not what its name says, old or locked files, macros, links
to other files, bombs, formulas, merged cells, too many rows or columns. A date, an error value or a
number that Excel has cut to 15 digits is a finding of its cell, never a guess.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from catalogue.imports.scan import COLUMNS_MAX, open_workbook_parts, outlines
from service.kernel.errors import Refused, TooLarge
from service.kernel.findings import Finding, blocker

SIZE_MAX_BYTES = 8 * 1_048_576
CELL_MAX_CHARACTERS = 10_000
EXACT_DIGITS = 15
CSV_SHEET = "CSV"


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell: its address in its sheet and its text; `problem` when it cannot be used.

    `day`: what a cell kept as a date says, for the columns that hold days.
    """

    address: str
    text: str
    problem: Finding | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with content; cells by column from 0, empty ones left out."""

    number: int
    cells: dict[int, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: the rows with content, the first of them being the header."""

    name: str
    rows: list[SheetRow]


def read_sheets(file_name: str, content: bytes, rows_max: Callable[[str], int]) -> list[Sheet]:
    """All sheets of a workbook (.xlsx) or the one of a CSV file.

    `rows_max` tells how many rows below the header a sheet of a name may have. Raises Refused with
    every finding about the file, TooLarge beyond 8 MB.
    """
    if not content:
        raise Refused([blocker("import.empty", "file")])
    if len(content) > SIZE_MAX_BYTES:
        limit = f"{SIZE_MAX_BYTES // 1_048_576} MB"
        raise TooLarge("form.too_large", field="file", limit=limit)
    suffix = file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ""
    if suffix == "csv":
        return [_read_csv(file_name, content, rows_max(CSV_SHEET))]
    if suffix == "xlsx":
        return _read_workbook(file_name, content, rows_max)
    raise Refused([blocker("import.type", "file", name=file_name)])


def _read_workbook(name: str, content: bytes, rows_max: Callable[[str], int]) -> list[Sheet]:
    with open_workbook_parts(content, name) as parts:
        outlines(parts, rows_max)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            return [_sheet(sheet.title, sheet.iter_rows()) for sheet in book.worksheets]
        finally:
            book.close()
    except Refused:
        raise
    except Exception as error:  # whatever a broken file makes the library stumble over
        raise Refused([blocker("import.not_a_workbook", "file", name=name)]) from error


def _sheet(name: str, rows: Iterable[tuple[Any, ...]]) -> Sheet:
    found = []
    for number, row in enumerate(rows, 1):
        cells = {}
        for column, source in enumerate(row[:COLUMNS_MAX]):
            if source.value is None:
                continue
            address = f"{get_column_letter(column + 1)}{number}"
            cell = _workbook_cell(name, address, source)
            if cell.text or cell.problem:
                cells[column] = cell
        if cells:
            found.append(SheetRow(number, cells))
    return Sheet(name, found)


def _workbook_cell(sheet: str, address: str, source: Any) -> Cell:
    value, where = source.value, f"{sheet}!{address}"
    if isinstance(value, (datetime, date, time, timedelta)):
        found = blocker("import.date_cell", where, value=str(value))
        return Cell(address, "", found, _whole_day(value))
    if isinstance(value, bool) or source.data_type == "e":
        return Cell(address, "", blocker("import.value_cell", where, value=str(value)))
    if isinstance(value, (int, float)):
        return _number_cell(where, address, value, source.number_format)
    return _text_cell(where, address, str(value))


def _whole_day(value: Any) -> str:
    """A date without a time of day, in ISO form; nothing for any other value of time."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else ""
    return value.isoformat() if isinstance(value, date) else ""


def _number_cell(where: str, address: str, value: int | float, number_format: str | None) -> Cell:
    number = Decimal(repr(value))
    if not number.is_finite():
        return Cell(address, "", blocker("import.value_cell", where, value=str(value)))
    if abs(number) >= 10**EXACT_DIGITS:
        return Cell(address, "", blocker("import.long_number", where, digits=EXACT_DIGITS))
    if "%" in (number_format or ""):
        return Cell(address, _plain(number * 100) + "%")
    return Cell(address, _plain(number))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text_cell(where: str, address: str, text: str) -> Cell:
    text = text.replace("\r\n", "\n").replace("_x000D_", "").strip()
    if len(text) > CELL_MAX_CHARACTERS:
        return Cell(
            address,
            "",
            blocker("import.cell_too_long", where, actual=len(text), limit=CELL_MAX_CHARACTERS),
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        return Cell(address, "", blocker("import.control_characters", where))
    return Cell(address, text)


def _read_csv(name: str, content: bytes, limit: int) -> Sheet:
    text = _decoded(name, content)
    found: list[SheetRow] = []
    problems: list[Finding] = []
    try:
        for number, values in _csv_rows(text):
            if len(values) > COLUMNS_MAX:
                problems.append(_too_wide(len(values)))
                break
            row = _csv_row(number, values, problems)
            if row.cells:
                found.append(row)
            if len(found) > limit + 1:
                problems = [
                    blocker("import.too_many_rows", CSV_SHEET, sheet=CSV_SHEET, limit=limit)
                ]
                break
    except csv.Error as error:
        problems.append(blocker("import.bad_csv", CSV_SHEET, detail=str(error)))
    if problems:
        raise Refused(problems)
    return Sheet(CSV_SHEET, found)


def _too_wide(columns: int) -> Finding:
    return blocker(
        "import.too_wide", CSV_SHEET, sheet=CSV_SHEET, columns=columns, limit=COLUMNS_MAX
    )


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    yield from enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1)


def _csv_row(number: int, values: list[str], problems: list[Finding]) -> SheetRow:
    cells = {}
    for column, value in enumerate(values):
        address = f"{get_column_letter(column + 1)}{number}"
        if value.startswith("="):
            problems.append(blocker("import.formula", f"{CSV_SHEET}!{address}", cells=[address]))
        cell = _text_cell(f"{CSV_SHEET}!{address}", address, value)
        if cell.text or cell.problem:
            cells[column] = cell
    return SheetRow(number, cells)


def _decoded(name: str, content: bytes) -> str:
    """UTF-8 with or without mark, else GB18030; anything else is refused."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")) or b"\x00" in content:
        raise Refused([blocker("import.not_csv", "file", name=name)])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused([blocker("import.encoding", "file", name=name)])
