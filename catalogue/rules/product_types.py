"""The list of product types (产品类型), read from the text of ``books/product_types.csv``.

Stage and main risk kind are the project's own mapping; the regulator's class is the table of
科技保险业务统计制度 (金融监管总局, 2024-01), product view: 16 products in four classes, every other
type is ``not_listed``. ``evidence`` tells how far the existence of the type has been published.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.rules.nouns import RegulatorClass, RiskKind, Stage, Term
from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register

COLUMNS = (
    "code",
    "name_zh",
    "name_en",
    "stage_code",
    "risk_kind",
    "regulator_class",
    "covered_object",
    "industries",
    "source",
    "evidence",
)
_CODE = re.compile(r"PT[0-9]{3}")
_SEPARATOR = ";"


class Evidence(Term):
    """How sure it is that products of a type exist."""

    PUBLISHED = "published", "有公开来源", "A named public source tells of the product."
    DIRECTION = "direction", "政策方向", "Named as a plan, a demand or a direction only."
    GENERAL_KNOWLEDGE = "general_knowledge", "行业常识", "No source kept: verify before publishing."


@dataclass(frozen=True, slots=True)
class ProductTypeRow:
    """One kind of tech insurance; ``stage``, ``risk_kind`` and ``regulator_class`` are codes."""

    code: str
    name_zh: str
    name_en: str
    stage: str
    risk_kind: str
    regulator_class: str
    covered_object: str
    industries: tuple[str, ...]
    source: str
    evidence: str


_CHOICES: dict[str, type[Term]] = {
    "stage_code": Stage,
    "risk_kind": RiskKind,
    "regulator_class": RegulatorClass,
    "evidence": Evidence,
}


def read_product_types(text: str) -> tuple[ProductTypeRow, ...]:
    """Return the rows in file order. Raises Refused with every finding of every row."""
    findings = check_product_types(text)
    if findings:
        raise Refused(findings)
    return tuple(_row(cells) for _, cells in _lines(text))


def check_product_types(text: str) -> list[Finding]:
    """Check header, cells, codes and names; an empty list means that the file can be read."""
    header = next(csv.reader(io.StringIO(text)), [])
    if tuple(header) != COLUMNS:
        return [blocker("product_types.header", "1", expected=list(COLUMNS), actual=header)]
    findings: list[Finding] = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in _lines(text):
        if len(cells) != len(COLUMNS):
            findings.append(
                blocker("product_types.cells", str(line), expected=len(COLUMNS), actual=len(cells))
            )
            continue
        record = dict(zip(COLUMNS, cells, strict=True))
        findings += _check_record(line, record)
        findings += _check_unique(line, record, seen)
    return findings


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(io.StringIO(text))
    next(rows, None)
    for cells in rows:
        if cells:
            yield rows.line_num, cells


def _check_record(line: int, record: dict[str, str]) -> Iterator[Finding]:
    for column, value in record.items():
        field = f"{line}.{column}"
        if not value.strip() or value != value.strip():
            yield blocker("product_types.blank", field, column=column)
        elif column in _CHOICES and value not in set(_CHOICES[column]):
            choices = [code for code, _ in _CHOICES[column].choices()]
            yield blocker("product_types.choice", field, value=value, choices=choices)
    if record["code"].strip() and not _CODE.fullmatch(record["code"]):
        yield blocker("product_types.code", f"{line}.code", value=record["code"])


def _check_unique(
    line: int, record: dict[str, str], seen: dict[tuple[str, str], int]
) -> Iterator[Finding]:
    for column in ("code", "name_zh"):
        first = seen.setdefault((column, record[column]), line)
        if first != line:
            yield blocker(
                "product_types.twice", f"{line}.{column}", value=record[column], first=first
            )


def _row(cells: list[str]) -> ProductTypeRow:
    record = dict(zip(COLUMNS, cells, strict=True))
    stage, industries = record.pop("stage_code"), record.pop("industries").split(_SEPARATOR)
    return ProductTypeRow(
        stage=stage, industries=tuple(name.strip() for name in industries), **record
    )


_REMEDY = ("请修正产品类型清单第 {field} 处", "Correct the list of product types at {field}")

register(
    {
        "product_types.header": Text(
            "产品类型清单表头不对：应为 {expected}，实为 {actual}",
            "The header of the product types is {actual}; expected {expected}",
            *_REMEDY,
        ),
        "product_types.cells": Text(
            "应有 {expected} 列，实有 {actual} 列",
            "{actual} cells where {expected} are expected",
            *_REMEDY,
        ),
        "product_types.blank": Text(
            "“{column}”为空或首尾有空格",
            "“{column}” is empty or has spaces around it",
            *_REMEDY,
        ),
        "product_types.choice": Text(
            "“{value}”不在可选范围内：{choices}",
            "“{value}” is none of: {choices}",
            *_REMEDY,
        ),
        "product_types.code": Text(
            "类型代码“{value}”应形如 PT001",
            "The code “{value}” should look like PT001",
            *_REMEDY,
        ),
        "product_types.twice": Text(
            "“{value}”与第 {first} 行重复",
            "“{value}” is the same as in line {first}",
            *_REMEDY,
        ),
    }
)
