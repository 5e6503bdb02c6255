"""An import template: headers with hints, one example row, and the choices to copy from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from catalogue.imports.columns import CHOICES, GUIDE, ROWS_MAX, Column, Plan
from catalogue.imports.sheets import CSV_SHEET

_HEAD = PatternFill("solid", fgColor="FF1F4E79")
_MUST = PatternFill("solid", fgColor="FF9C2A10")
_EXAMPLE = Font(color="FF7F7F7F", italic=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the sheet of choices."""

    head: str
    values: Sequence[str]
    width: int = 14


def workbook(
    plan: Plan, choices: Sequence[Choice], lists: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """The workbook of a template; `lists`: what may be chosen in the cells below a header."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, layout in plan.layouts.items():
        if name == CSV_SHEET:
            continue
        sheet = book.create_sheet(name)
        columns = [column for _, column in layout.columns()]
        filled = len(layout.parts[""]) if name == plan.main else len(columns)
        _table(sheet, columns, filled)
        _lists(sheet, lists or {})
    _guide(book.create_sheet(GUIDE), plan)
    if choices:
        _choices(book.create_sheet(CHOICES), choices)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _table(sheet: Any, columns: list[Column], filled: int) -> None:
    for position, column in enumerate(columns, 1):
        cell = sheet.cell(1, position, column.header)
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = _MUST if column.required else _HEAD
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        cell.comment = Comment(column.hint, "东湖科技保险登记系统", width=260, height=90)
        sheet.column_dimensions[get_column_letter(position)].width = column.width
        for row in range(2, 202):
            sheet.cell(row, position).number_format = "@"
        if position <= filled and column.example:
            example = sheet.cell(2, position, column.example)
            example.font = _EXAMPLE
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "B2"


def _guide(sheet: Any, plan: Plan) -> None:
    sheet.column_dimensions["A"].width = 110
    for row, text in enumerate(plan.guide, 1):
        sheet.cell(row, 1, f"{row}. {text}")
    row = len(plan.guide) + 2
    for name, layout in plan.layouts.items():
        if name == CSV_SHEET:
            continue
        for _, column in layout.columns():
            sheet.cell(row, 1, f"{name} · {column.header}：{column.hint}")
            row += 1


def _choices(sheet: Any, choices: Sequence[Choice]) -> None:
    for position, choice in enumerate(choices, 1):
        sheet.cell(1, position, choice.head).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(position)].width = choice.width
        for row, value in enumerate(choice.values, 2):
            sheet.cell(row, position, value)
    sheet.freeze_panes = "A2"


def _lists(sheet: Any, lists: Mapping[str, Sequence[str]]) -> None:
    """Drop-down lists where one value is chosen from a few."""
    headers = {cell.value: cell.column for cell in sheet[1]}
    for header in lists.keys() & headers.keys():
        letter = get_column_letter(headers[header])
        names = ",".join(lists[header])
        rule = DataValidation(type="list", formula1=f'"{names}"', allow_blank=True)
        rule.add(f"{letter}2:{letter}{ROWS_MAX + 1}")
        sheet.add_data_validation(rule)
