"""What a file of catalogue editions looks like: the sheets 版本 and 条目, or one CSV."""

from __future__ import annotations

from catalogue.enrolment_forms import ImportedEditionForm
from catalogue.imports.columns import (
    PART_ROWS_MAX,
    CellError,
    Layout,
    Names,
    fold_name,
    make_plan,
    read_columns,
    whole,
)
from catalogue.imports.sheets import CSV_SHEET
from catalogue.rules.subsidy.nouns import FIRST_KINDS, SubjectKind
from service.kernel.findings import blocker

OPERATORS = {"≥": "≥", "≤": "≤", "=": "=", "区间": "range"}
_WRITTEN = {
    **OPERATORS,
    ">=": "≥",
    "<=": "≤",
    "不低于": "≥",
    "不超过": "≤",
    "等于": "=",
    "range": "range",
}
KINDS = {zh: code for code, zh in SubjectKind.choices() if code in FIRST_KINDS}
_KINDS = {fold_name(zh).replace("(", "").replace(")", ""): code for zh, code in KINDS.items()}


def _kind(text: str, where: str, names: Names) -> object:
    folded = fold_name(text).replace("(", "").replace(")", "")
    code = text if text in FIRST_KINDS else _KINDS.get(folded)
    if code is None:
        found = blocker("import.not_a_choice", where, value=text, choices=list(KINDS))
        raise CellError(found)
    return code


def _operator(text: str, where: str, names: Names) -> object:
    code = _WRITTEN.get(fold_name(text))
    if code is None:
        found = blocker("import.not_a_choice", where, value=text, choices=list(OPERATORS))
        raise CellError(found)
    return code


_TABLE = read_columns(
    "catalogue.enrolments.edition_imports", {"kind": _kind, "operator": _operator}
)
_COLUMNS = {"": _TABLE["editions"], "rows": _TABLE["rows"]}
PLAN = make_plan(
    ImportedEditionForm,
    "版本",
    _COLUMNS,
    {"rows": "条目"},
    (
        "一行一个目录版本，填在“版本”工作表；红色表头必填。",
        "条目填在“条目”工作表，用“版本代码”与“版本”对应；一个条目有几个参数就写几行。",
        "版本代码以“示例”开头的行不会导入，可以保留。",
        "全部通过才会导入，有一处不合格则都不导入，可先“试导入”。",
        "同一类别的版本按生效日期先后填写；上一版本自动止于新版本生效的前一日。",
        "日期可用 Excel 日期格式，或写 2026-07-01、2026/7/1、2026年7月1日。",
        "条目编号请保持“文本”格式；不要使用公式、合并单元格和宏。",
        "CSV 文件中每行一个条目（或参数），重复版本代码，版本的其余各列留空或与首行一致。",
    ),
    Layout(CSV_SHEET, PART_ROWS_MAX, whole(_COLUMNS), grouped=True),
)
