"""Chinese and English texts of everything an import can find."""

from __future__ import annotations

from service.kernel.findings import Text, register

_SAVE_AS = (
    "请在 Excel 中打开原文件，另存为“Excel 工作簿 (*.xlsx)”后再导入",
    "Open the file in its program and save it as a plain .xlsx workbook",
)
_TEMPLATE = ("请下载模板，把内容粘贴到模板中", "Download the template and paste the rows into it")
_VALUES = (
    "请复制后以“值”的方式选择性粘贴，再导入",
    "Copy and paste as values, then import again",
)
_ONE_BY_ONE = ("请取消合并，逐格填写", "Unmerge the cells and fill each of them")
_SPLIT = ("请拆分为几个文件分次导入", "Split it into several files")

FILE_TEXTS = {
    "import.empty": Text("文件是空的", "The file is empty", *_TEMPLATE),
    "import.type": Text(
        "不能导入“{name}”这种文件",
        "Files like “{name}” cannot be imported",
        "请使用 .xlsx 或 .csv 文件",
        "Use a .xlsx or .csv file",
    ),
    "import.not_a_workbook": Text(
        "“{name}”不是 Excel 工作簿，或已损坏",
        "“{name}” is no Excel workbook or is damaged",
        *_SAVE_AS,
    ),
    "import.old_or_locked": Text(
        "“{name}”是旧版 .xls 或加了密码的文件",
        "“{name}” is an old .xls file or locked by a password",
        *_SAVE_AS,
    ),
    "import.not_csv": Text(
        "“{name}”的内容不是 CSV 文本",
        "The content of “{name}” is not CSV text",
        "请在原软件中另存为 CSV (UTF-8)，不要只改扩展名",
        "Save it as CSV (UTF-8) in its program; do not just rename it",
    ),
    "import.encoding": Text(
        "“{name}”的文字编码既不是 UTF-8 也不是 GB18030",
        "“{name}” is neither UTF-8 nor GB18030",
        "请另存为 CSV UTF-8",
        "Save it as CSV UTF-8",
    ),
    "import.bad_csv": Text(
        "CSV 格式有误：{detail}",
        "The CSV cannot be read: {detail}",
        "请检查引号是否成对，或改用 .xlsx 模板",
        "Check that the quotes match, or use the .xlsx template",
    ),
    "import.bomb": Text(
        "工作簿展开后过大（{unpacked} MB 以上，{parts} 个部件）",
        "The workbook is too large when unpacked ({unpacked} MB or more, {parts} parts)",
        *_TEMPLATE,
    ),
    "import.macros": Text("“{name}”含有宏", "“{name}” carries macros", *_SAVE_AS),
    "import.external_links": Text(
        "“{name}”链接到其他文件",
        "“{name}” links to other files",
        "请在“数据—编辑链接”中断开链接后再导入",
        "Break the links in the program and import again",
    ),
    "import.formula": Text(
        "单元格 {cells} 含有公式",
        "The cells {cells} hold formulas",
        *_VALUES,
    ),
    "import.merged": Text("{ranges} 是合并单元格", "The cells {ranges} are merged", *_ONE_BY_ONE),
    "import.too_many_rows": Text(
        "“{sheet}”超过 {limit} 行",
        "The sheet “{sheet}” has more than {limit} rows",
        *_SPLIT,
    ),
    "import.too_wide": Text(
        "“{sheet}”有 {columns} 列，最多 {limit} 列",
        "The sheet “{sheet}” has {columns} columns, at most {limit} are allowed",
        *_TEMPLATE,
    ),
    "import.sheet_missing": Text(
        "没有名为“{sheet}”的工作表（现有：{sheets}）",
        "There is no sheet “{sheet}” (there are: {sheets})",
        *_TEMPLATE,
    ),
    "import.sheet_ignored": Text(
        "工作表“{sheet}”不是模板中的工作表，内容未读取",
        "The sheet “{sheet}” is none of the template; it was not read",
        "如有需要导入的内容，请移到模板的工作表中",
        "Move what is to be imported into a sheet of the template",
    ),
    "import.no_rows": Text(
        "“{sheet}”没有可导入的行（“示例”行不导入）",
        "The sheet “{sheet}” has no rows to import (example rows are skipped)",
        "请从第二行起填写",
        "Fill in from the second row on",
    ),
    "import.more": Text(
        "另有 {number} 个问题未列出",
        "There are {number} further problems",
        "请先改正已列出的问题，再试一次",
        "Put the listed ones right first and try again",
    ),
}
HEADER_TEXTS = {
    "import.column_missing": Text(
        "“{sheet}”缺少列“{column}”",
        "The sheet “{sheet}” lacks the column “{column}”",
        *_TEMPLATE,
    ),
    "import.column_unknown": Text(
        "列名“{column}”不在模板中，是否为“{nearest}”",
        "The column “{column}” is not in the template; was “{nearest}” meant?",
        "请按模板改正列名，或删除该列",
        "Name the column as in the template or remove it",
    ),
    "import.column_twice": Text(
        "列“{column}”出现两次（{first}）",
        "The column “{column}” appears twice (also {first})",
        "请只保留一列",
        "Keep one of them",
    ),
    "import.column_unnamed": Text(
        "该列有内容但没有列名",
        "The column has content but no name",
        "请补上列名，或清空该列",
        "Name the column or clear it",
    ),
}
CELL_TEXTS = {
    "import.date_cell": Text(
        "单元格被存成了日期 {value}",
        "The cell was stored as the date {value}",
        "请把该列设为“文本”格式后重新填写",
        "Set the column to text and type the value again",
    ),
    "import.value_cell": Text(
        "单元格的值“{value}”是错误值或逻辑值",
        "“{value}” is an error or a logical value",
        "请填写文字或数字",
        "Write words or a number",
    ),
    "import.long_number": Text(
        "数字超过 {digits} 位，Excel 已改动后面的数位",
        "The number has more than {digits} digits; Excel has changed the last ones",
        "请把该列设为“文本”格式后重新填写编号",
        "Set the column to text and type the number again",
    ),
    "import.cell_too_long": Text(
        "单元格有 {actual} 个字符，最多 {limit} 个",
        "The cell has {actual} characters, at most {limit} are allowed",
        "请缩短，详细内容可作为材料上传",
        "Shorten it; details can be uploaded as a document",
    ),
    "import.control_characters": Text(
        "单元格含有不可见的控制字符",
        "The cell contains invisible control characters",
        "请删除后重新输入",
        "Remove them and type the text again",
    ),
    "import.not_a_choice": Text(
        "“{value}”不在可选范围内",
        "“{value}” is not a choice",
        "请从下列值中选择：{choices}",
        "Choose one of: {choices}",
    ),
    "import.not_a_whole": Text(
        "“{value}”不是整数",
        "“{value}” is not a whole number",
        "请填写 0 至 3650 的整数",
        "Write a whole number from 0 to 3650",
    ),
    "import.key_missing": Text(
        "未填写{header}",
        "The row has no {header}",
        "请填写本文件内不重复的{header}",
        "Write one that is unique in the file",
    ),
    "import.key_twice": Text(
        "{header}“{key}”与第 {first} 行重复",
        "The {header} “{key}” already stands in row {first}",
        "请改为不重复的{header}，或删除重复的一行",
        "Take another one, or remove one of the two rows",
    ),
    "import.key_unknown": Text(
        "{header}“{key}”在“{sheet}”工作表中不存在",
        "No row of the sheet {sheet} has the {header} “{key}”",
        "请与“{sheet}”工作表的{header}一致",
        "Use one that stands in the sheet {sheet}",
    ),
    "import.row_differs": Text(
        "与第 {first} 行同一记录的内容不一致",
        "The cell differs from row {first}, which is about the same record",
        "同一记录的续行请留空或与首行填写一致",
        "Leave it empty in further rows of a record, or write the same",
    ),
}
register({**FILE_TEXTS, **HEADER_TEXTS, **CELL_TEXTS})
