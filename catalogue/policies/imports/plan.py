"""What a file of policies looks like: 保单, 共保份额, 分期缴费 and 保费收款, or one CSV."""

from __future__ import annotations

from catalogue.imports.columns import (
    PART_ROWS_MAX,
    ROWS_MAX,
    Layout,
    make_plan,
    read_columns,
    whole,
)
from catalogue.imports.sheets import CSV_SHEET
from catalogue.policy_forms import ImportedPolicyForm

_TABLE = read_columns("catalogue.policies.imports", {})
_COLUMNS = {"": _TABLE.pop("policies"), **_TABLE}
PLAN = make_plan(
    ImportedPolicyForm,
    "保单",
    _COLUMNS,
    {"insurers": "共保份额", "instalments": "分期缴费", "receipts": "保费收款"},
    (
        "一行一张保单，填在“保单”工作表；红色表头必填。",
        "共保份额、分期缴费、保费收款每行一项，用“保单号”与“保单”对应；只有一项的也可填在“保单”右侧各列。",
        "保单号以“示例”开头的行不会导入，可以保留。",
        f"一次最多 {ROWS_MAX} 张保单；全部通过才会导入，有一处不合格则都不导入，可先“试导入”。",
        "金额写数字即为元，也可写 500万元、1.2亿元；费率和份额按百分比填写，0.2 即 0.2%。",
        "日期可用 Excel 日期格式，或写 2026-01-05、2026/1/5、2026年1月5日。",
        "保单号、代码、账号、发票号码请保持“文本”格式；不要使用公式、合并单元格和宏。",
        "CSV 文件中同一保单的续行重复保单号，其余各列留空或与首行一致。",
    ),
    Layout(CSV_SHEET, PART_ROWS_MAX, whole(_COLUMNS), grouped=True),
)
