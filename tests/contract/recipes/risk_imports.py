"""Imports of lines and values of a risk, and the console forms beside its room."""

from __future__ import annotations

from typing import Any

from catalogue.api.imports import XLSX
from tests.catalogue.sheets import as_bytes, workbook
from tests.contract.recipes.placements import API, day
from tests.contract.stage import Call, Stage


def _file(sheet: str, *rows: dict[str, Any]) -> dict[str, Any]:
    book = workbook(*rows)
    book["产品"].title = sheet
    return {"file": (f"{sheet}.xlsx", as_bytes(book), XLSX)}


def _lines(stage: Stage) -> dict[str, Any]:
    """The own line of the issuer."""
    return _file("份额", {"序号": "1", "认购份额(%)": "25", "有效期至": day(60)})


VALUES = _file("价值清单", {"序号": "1", "标的": "厂房与设备", "价值(元)": "10亿元"})


def _on(name: str, who: str = "clerk", **more: Any) -> Call:
    return Call(who, params={"number": lambda stage: stage.values[f"risk.{name}"]}, **more)


WRITES: dict[str, Call] = {
    f"POST {API}/{{number}}/line-imports": _on(
        "market", files=_lines, form={"dry_run": "false"}
    ),
    f"POST {API}/{{number}}/value-imports": _on(
        "draft", files=VALUES, form={"dry_run": "false"}
    ),
    "POST /risks/{number}/line-import": _on("market", files=_lines, form={"mode": "import"}),
    "POST /risks/{number}/value-import": _on("draft", files=VALUES, form={"mode": "import"}),
}
READS: dict[str, Call] = {
    f"GET {API}/{{number}}/line-imports/template.xlsx": _on("market"),
    f"GET {API}/{{number}}/value-imports/template.xlsx": _on("draft"),
    "GET /risks/{number}/line-import": _on("market"),
    "GET /risks/{number}/line-import/template.xlsx": _on("market"),
    "GET /risks/{number}/value-import": _on("draft"),
    "GET /risks/{number}/value-import/template.xlsx": _on("draft"),
}
