"""Sample data that puts every component of the console on one page (tests/web/gallery.html)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, Template
from pydantic import BaseModel, Field

from service.kernel.findings import Text, register, warning
from service.web.differences import differences
from service.web.forms import Form
from service.web.render import environment

STAGES = ["创新研发", "生产运营", "市场推广", "成果转化"]
INDUSTRIES = [
    "集成电路",
    "新能源",
    "生物医药",
    "人工智能",
    "高端装备",
    "新材料",
    "光电子",
    "商业航天",
    "软件",
    "农业科技",
]
CELLS = {
    (s, i): (a * 3 + b * 5) % 7 % 5 for a, s in enumerate(STAGES) for b, i in enumerate(INDUSTRIES)
}
POINTS = [
    (date(2025, month, 1), count)
    for month, count in enumerate([0, 0, 2, 5, 6, 9, 13, 16, 18, 22, 25, 29], start=1)
]
BARS = [("示例科技财产保险股份有限公司", 12), ("示例农业保险", 9), ("示例责任保险", 6)]
STACKED = [("集成电路", 3, 1, 0), ("生物医药", 2, 4, 1), ("新能源", 1, 2, 1)]
MOMENT = datetime(2025, 6, 7, 6, 30, tzinfo=UTC)
LABELS = {
    "name": "产品名称",
    "kind": "险种",
    "summary": "一句话说明",
    "industries": "适用行业",
    "basis": "责任基础",
    "rate_min_ppm": "最低费率",
    "rate_max_ppm": "最高费率",
    "waiting_days": "等待期",
    "sum_min_fen": "最低保额",
    "sum_max_fen": "最高保额",
    "effective_on": "生效日",
    "document": "条款全文",
    "public": "公开此附件",
    "clauses": "条款",
    "clauses.title": "条款名称",
    "clauses.registration_number": "注册号",
}


class SampleClause(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    registration_number: str = Field("", max_length=40)


class Sample(BaseModel):
    name: str = Field(min_length=2, max_length=120)
    kind: str = ""
    summary: str = Field("", max_length=200)
    industries: list[str] = Field(default_factory=list)
    rate_min_ppm: int | None = None
    sum_min_fen: int | None = None
    sum_max_fen: int | None = None
    waiting_days: int = Field(0, le=3650)
    effective_on: date | None = None
    public: bool = False
    clauses: list[SampleClause] = Field(default_factory=list)


register(
    {
        "test.registration_shape": Text(
            "“{field}”应为 C 加 23 位数字，现有 {length} 位",
            "“{field}” should be C and 23 digits, not {length}",
            "请对照备案系统回执填写",
            "Copy it from the receipt of the filing system",
            "财产保险公司保险条款和保险费率管理办法",
        )
    }
)


def sample_form() -> Form[Sample]:
    form: Form[Sample] = Form(Sample, LABELS)
    form.values = {
        "name": "",
        "kind": "main",
        "summary": "补偿研发失败的费用。" * 17,
        "industries": ["生物医药", "人工智能"],
        "basis": "occurrence",
        "rate_min_ppm": 12500,
        "rate_max_ppm": 35000,
        "sum_min_fen": "十二万",
        "sum_max_fen": 10_000_000_000,
        "waiting_days": "九十",
        "effective_on": "2025-06-07",
        "clauses": [
            {"title": "科技项目研发费用损失保险条款", "registration_number": "C00001"},
            {"title": "", "registration_number": "C00001732312025060700001"},
        ],
    }
    form.parse()
    form.add([warning("test.registration_shape", "clauses.0.registration_number", length=5)])
    return form


def sample_products() -> list[dict[str, Any]]:
    """Rows of a table in every tone."""
    return [
        {
            "number": f"P-2025-{n:06d}",
            "name": name,
            "type": "科技项目研发费用损失保险",
            "insurer": "示例科技财产保险",
            "sum_fen": 10_000_000_00 * n,
            "status": status,
            "tone": tone,
            "moved_at": MOMENT + timedelta(days=n),
        }
        for n, (name, status, tone) in enumerate(
            [
                ("科技项目研发费用损失保险（示例）", "在库", "good"),
                ("集成电路流片费用损失保险（示例）", "审核中", "wait"),
                ("首台（套）重大技术装备综合保险（示例）", "退回补正", "warn"),
                ("专利许可信用保险（示例）", "未通过", "bad"),
            ],
            start=1,
        )
    ]


def sample_records() -> dict[str, Any]:
    """A history and the files of a product."""
    return {
        "events": [
            {
                "at": MOMENT,
                "label": "退回补正",
                "who": "王经办",
                "organisation": "示范区管委会",
                "note": "第 2 条责任与免责第 3 条矛盾，请说明。",
                "tone": "warn",
            },
            {"at": MOMENT - timedelta(days=3), "label": "受理", "who": "王经办", "tone": "good"},
            {
                "at": MOMENT - timedelta(days=5),
                "label": "提交",
                "who": "李明",
                "organisation": "示例科技财产保险",
            },
        ],
        "files": [
            {
                "name": "科技项目研发费用损失保险条款全文（2025版）.pdf",
                "href": "/d/1",
                "kind": "条款",
                "size_bytes": 1_482_931,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015" * 2,
                "at": MOMENT,
                "public": True,
            },
            {
                "name": "精算报告.docx",
                "href": "/d/2",
                "size_bytes": 48_211,
                "sha256": "60303ae22b998861bce3b28f33eec1be" * 2,
                "public": False,
            },
        ],
    }


def sample_context() -> dict[str, Any]:
    return {
        "today": date(2025, 6, 10),
        "points": POINTS,
        "bars": BARS,
        "stacked": STACKED,
        "stages": STAGES,
        "industries": INDUSTRIES,
        "cells": CELLS,
        "products": sample_products(),
        "stage_options": [(s, s) for s in STAGES],
        "industry_options": [(i, i) for i in INDUSTRIES],
        **sample_records(),
        "changes": differences(
            {
                "limit": "赔偿限额",
                "waiting": "等待期",
                "exclusion": "责任免除",
                "contact": "联系人",
            },
            {
                "limit": "每次事故 500万元",
                "waiting": "90天",
                "contact": "李明",
                "exclusion": "投保前已知的项目失败；被保险人故意行为。",
            },
            {
                "limit": "每次事故 1,000万元",
                "contact": "李明",
                "exclusion": "投保前已知的研发项目失败；被保险人及其代表的故意行为。",
            },
        ),
        "form": sample_form(),
    }


def gallery_template() -> Template:
    """The gallery beside this file, able to extend the console's own templates."""
    own = environment()
    assert own.loader is not None
    loader = ChoiceLoader([FileSystemLoader(Path(__file__).parent), own.loader])
    return own.overlay(loader=loader).get_template("gallery.html")
