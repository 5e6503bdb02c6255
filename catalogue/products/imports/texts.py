"""Texts of what only an import of products can find."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "import.unknown_type": Text(
            "没有“{value}”这种产品类型，最接近的是“{nearest}”",
            "There is no product type “{value}”; the nearest is “{nearest}”",
            "请从“选项”工作表中复制类型代码或名称",
            "Copy the code or the name from the sheet 选项",
        ),
        "import.same_name": Text(
            "“{name}”与第 {first} 行的产品同名同类型",
            "“{name}” has the name and the type of row {first}",
            "请删除重复的一行，或写出区别",
            "Remove one of the two rows or tell them apart by name",
        ),
        "import.exists": Text(
            "本机构已有同名同类型的产品 {number}“{name}”",
            "Your organisation already has {number} “{name}” of this type",
            "可能重复导入；如确为新产品请改名，修改已有产品请新建版本",
            "Perhaps the file was imported before; rename a new product, or start a new version",
        ),
    }
)
