"""What files of lines (份额) and of the schedule of values (价值清单) look like."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from catalogue.imports.columns import (
    CellError,
    Column,
    Layout,
    Names,
    Plan,
    make_plan,
    read_columns,
)
from catalogue.imports.sheets import CSV_SHEET
from coinsurance.placement_forms import LineForm, RiskValueForm
from service.kernel.findings import blocker
from service.kernel.forms import Id, Line

LINES_MAX, VALUES_MAX = 300, 500
Serial = Annotated[Line, Field(min_length=1, max_length=20)]


class ImportedLineForm(LineForm):
    """A line of a file: one's own, or another member's with its evidence."""

    serial: Serial
    uscc: Line = Field("", max_length=30)
    evidence_document: Id | None = None


class ImportedValueForm(RiskValueForm):
    """A row of the schedule of values in a file."""

    serial: Serial


def _id(text: str, where: str, names: Names) -> object:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise CellError(blocker("import.not_a_whole", where, value=text))
    return int(text)


_TABLE = read_columns("coinsurance.placements.imports", {"id": _id})
_COMMON = (
    "序号以“示例”开头的行不会导入，可以保留；红色表头必填。",
    "全部通过才会导入，有一处不合格则都不导入，可先“试导入”。",
    "金额写数字即为元，也可写 500万元、1.2亿元；份额按百分比填写，12.5 即 12.5%。",
    "日期可用 Excel 日期格式，或写 2026-01-05、2026/1/5、2026年1月5日。",
    "序号、代码请保持“文本”格式；不要使用公式、合并单元格和宏。",
)


def _plan(
    form: type[BaseModel], name: str, columns: tuple[Column, ...], rows_max: int, *guide: str
) -> Plan:
    """A file of one sheet with a limit of rows of its own."""
    parts: Mapping[str, tuple[Column, ...]] = {"": columns}
    csv = Layout(CSV_SHEET, rows_max, parts)
    made = make_plan(form, name, parts, {}, (*guide, f"一次最多 {rows_max} 行。", *_COMMON), csv)
    layouts = {
        sheet: dataclasses.replace(layout, rows_max=rows_max)
        for sheet, layout in made.layouts.items()
    }
    return dataclasses.replace(made, layouts=layouts)


LINES = _plan(
    ImportedLineForm,
    "份额",
    _TABLE["lines"],
    LINES_MAX,
    "一行一条份额线，填在“份额”工作表；成员登记本机构的份额，出单人登记其他成员的线下份额。",
)
VALUES = _plan(
    ImportedValueForm,
    "价值清单",
    _TABLE["values"],
    VALUES_MAX,
    "一行一项标的，填在“价值清单”工作表；导入后替换该风险原有的全部价值清单。",
)
