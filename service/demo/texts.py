"""The words of the demo: products by type, objections, and who files what when.

Everything about organisations is invented (示例…); rates and sums are examples.
"""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from catalogue.rules.nouns import ClauseKind
from service.demo.people import Insurer
from service.kernel.money import parse_ppm, parse_yuan

STAGES = ("research", "production", "market", "conversion")
_SCALES = {"a": (100, 100), "b": (90, 50), "c": (115, 20)}
"""Rates and sums of a variant, in percent of what the type's text says."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of history.csv: which insurer files which product from which day, on which path."""

    number: int
    insurer: str
    type: str
    variant: str
    name: str
    start: date
    path: str
    issue: str
    later: str


def _read(name: str) -> str:
    return (resources.files("service.demo") / name).read_text("utf-8")


def history() -> list[Row]:
    """Every filing of the demo, in the order of their first day."""
    rows = csv.DictReader(io.StringIO(_read("history.csv")))
    found = []
    for number, row in enumerate(rows):
        start = date.fromisoformat(row.pop("start"))
        found.append(Row(number=number, start=start, **row))
    return found


@cache
def objections() -> dict[str, dict[str, Any]]:
    """Objections by key, with the answer and the amendment."""
    return tomllib.loads(_read("objections.toml"))


@cache
def _products() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for stage in STAGES:
        for code, product in tomllib.loads(_read(f"products/{stage}.toml")).items():
            found[code] = {**product, "stage": stage}
    return found


@cache
def _common() -> dict[str, Any]:
    return tomllib.loads(_read("products/common.toml"))


def scaled(amount: int, percent: int) -> int:
    """An amount or rate at so many percent, in whole hundreds of its unit."""
    return max(100, amount * percent // 10_000 * 100)


def draft_of(row: Row, insurer: Insurer) -> dict[str, Any]:
    """What the insurer writes into the form for this row; documents are added when uploaded."""
    product = _products()[row.type]
    rate_percent, sum_percent = _SCALES[row.variant]
    low, high = (scaled(parse_ppm(text), rate_percent) for text in product["rates"])
    least, most = (scaled(parse_yuan(text), sum_percent) for text in product["sums"])
    stages = [product["stage"], *product.get("stages", [])]
    return {
        "name": row.name,
        "summary": product["summary"],
        "main_section": product.get("section", ""),
        "stages": stages,
        "industries": product["industries"],
        "target_enterprises": product["target"],
        "eligibility": product["eligibility"],
        "evidence": product["evidence"],
        "rate_min_ppm": low,
        "rate_max_ppm": high,
        "sum_min_fen": least,
        "sum_max_fen": most,
        "contact_name": insurer.contact_name,
        "contact_phone": insurer.contact_phone,
        "contact_email": insurer.contact_email,
        "clauses": _clauses(row, product, insurer),
        "components": _components(row, product, sum_percent),
        "documents": [],
    }


def _components(row: Row, product: dict[str, Any], sum_percent: int) -> list[dict[str, Any]]:
    kind, covers = product["kind"], list(product["cover"])
    if row.variant == "c":
        covers = covers[:1]
    if row.variant != "a":
        covers.append(_common()["extra"][kind])
    tail = _common()["tail"][kind]
    return [_component(cover, tail, sum_percent) for cover in covers]


def _component(cover: dict[str, Any], tail: str, sum_percent: int) -> dict[str, Any]:
    return {
        "name": cover["name"],
        "event": cover["event"],
        "exclusions": f"{cover['exclusions']}；{tail}",
        "limit_fen": scaled(parse_yuan(cover["limit"]), sum_percent),
        "deductible_fen": parse_yuan(cover["deductible"]) if "deductible" in cover else None,
        "deductible_ppm": parse_ppm(cover["share"]) if "share" in cover else None,
        "waiting_days": cover.get("waiting", 0),
        "basis": cover["basis"],
    }


def _clauses(row: Row, product: dict[str, Any], insurer: Insurer) -> list[dict[str, Any]]:
    serial, year = 11 + row.number, row.start.year - 1 - row.number % 2
    clauses = [
        {
            "kind": ClauseKind.MAIN.value,
            "title": product["title"],
            "file_number": _file_number(insurer, product["line"], year, "主", serial),
            "registration_number": _registration(insurer, 1, year, serial),
            "model_clause": product.get("model", ""),
        }
    ]
    if row.variant != "a":
        extra = _common()["extra"][product["kind"]]["name"]
        clauses.append(
            {
                "kind": ClauseKind.RIDER.value,
                "title": f"附加{extra}条款",
                "file_number": _file_number(insurer, product["line"], year, "附", serial + 300),
                "registration_number": _registration(insurer, 2, year, serial + 300),
                "model_clause": "",
            }
        )
    return clauses


def _file_number(insurer: Insurer, line: str, year: int, kind: str, serial: int) -> str:
    return f"({insurer.short_name})(备-{line})【{year}】({kind}){serial:03d}号"


def _registration(insurer: Insurer, kind: int, year: int, serial: int) -> str:
    month, day = serial % 5 + 1, serial % 27 + 1
    return f"C{insurer.code:06d}{serial % 900 + 1:03d}{kind}{year}{month:02d}{day:02d}{serial:05d}"


def clause_paragraphs(draft: dict[str, Any]) -> list[str]:
    """The wording of a clause document, from the draft."""
    lines = [f"备案编号：{draft['clauses'][0]['file_number']}", "", "第一章 保险责任"]
    lines += [f"{c['name']}：{c['event']}。" for c in draft["components"]]
    lines += ["", "第二章 责任免除"]
    lines += [f"{c['name']}：{c['exclusions']}。" for c in draft["components"]]
    lines += ["", "第三章 投保条件", draft["eligibility"] + "。", ""]
    return [*lines, "本文件为演示材料，所列机构和条款均为虚构示例。"]
