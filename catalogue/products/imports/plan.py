"""What a file of products looks like: the sheets 产品, 条款 and 保障责任, or one CSV."""

from __future__ import annotations

from catalogue.forms import ProductForm
from catalogue.imports.columns import (
    ROWS_MAX,
    CellError,
    Layout,
    Names,
    choice,
    fold_name,
    make_plan,
    nearest,
    optional,
    parts_of,
    pick,
    read_columns,
    whole,
)
from catalogue.imports.sheets import CSV_SHEET
from catalogue.rules.nouns import Basis, ClauseKind, Stage
from service.kernel.findings import blocker

PRODUCTS, CLAUSES, COMPONENTS = "产品", "条款", "保障责任"


def _stages(text: str, where: str, names: Names) -> object:
    return [pick(Stage, part, where) for part in parts_of(text)]


def _type(text: str, where: str, names: Names) -> object:
    code = names.get(fold_name(text))
    if code is None:
        near = nearest(fold_name(text), list(names))
        raise CellError(blocker("import.unknown_type", where, value=text, nearest=near))
    return code


_TABLE = read_columns(
    "catalogue.products.imports",
    {"stages": _stages, "type": _type, "clause_kind": choice(ClauseKind), "basis": choice(Basis)},
)
_COLUMNS = {
    "": _TABLE["products"],
    "clauses": _TABLE["clauses"],
    "components": _TABLE["components"],
}
_FIRST = _TABLE["products"]
_CSV = {**whole(_COLUMNS), "": (*optional(_FIRST[:1]), *_FIRST[1:])}
PLAN = make_plan(
    ProductForm,
    PRODUCTS,
    _COLUMNS,
    {"clauses": CLAUSES, "components": COMPONENTS, "documents": "材料"},
    (
        "一行一个产品，填在“产品”工作表；红色表头必填，其余可先留空，提交报送前再补。",
        "“条款”“保障责任”每行一项，用“行标识”与“产品”对应；只有一项的也可直接填在“产品”右侧各列。",
        "行标识以“示例”开头的行不会导入，可以保留。",
        f"一次最多 {ROWS_MAX} 个产品；全部通过才会导入，有一处不合格则都不导入，可先“试运行”。",
        "金额写数字即为元，也可写 12.5万元、3亿元；费率按百分比填写，0.15 即 0.15%。",
        "编号、电话请保持“文本”格式；不要使用公式、合并单元格和宏。",
        "导入后为草稿，材料（条款文本、费率表）请在系统中上传后再提交报送。",
    ),
    Layout(CSV_SHEET, ROWS_MAX, _CSV, keyed=False),
)
