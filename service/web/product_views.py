"""How products are shown: words, tones and choices that public and insurer pages share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from catalogue.products import types
from catalogue.products.shelf import ShelfQuery, facets
from catalogue.rules.nouns import (
    Basis,
    ClauseKind,
    DocumentKind,
    FilingStatus,
    ProductStatus,
    RegulatorClass,
    RiskKind,
    Stage,
)
from catalogue.rules.product_types import Evidence
from service.kernel.money import format_ppm
from service.web.formats import wanyuan

FILTERS = ("q", "stage", "industry", "risk_kind", "insurer", "type", "status")
PER_MILLE_BELOW_PPM = 10_000
FILING_TONES = {
    "draft": "neutral",
    "submitted": "info",
    "accepted": "info",
    "in_review": "info",
    "returned": "warn",
    "in_library": "good",
    "rejected": "bad",
    "replaced": "neutral",
    "abandoned": "neutral",
}
PRODUCT_TONES = {"new": "neutral", "in_library": "good", "suspended": "warn", "withdrawn": "bad"}
DESK_STATUSES = [
    ("draft", "草稿"),
    ("submitted", "已提交"),
    ("accepted", "已受理"),
    ("in_review", "审核中"),
    ("returned", "退回补正"),
    ("in_library", "在库"),
    ("suspended", "暂停"),
    ("withdrawn", "已退出"),
    ("rejected", "不予入库"),
    ("abandoned", "已撤回"),
]
_TERMS = {
    "stage": Stage,
    "risk": RiskKind,
    "class": RegulatorClass,
    "clause": ClauseKind,
    "basis": Basis,
    "document": DocumentKind,
    "filing": FilingStatus,
    "product": ProductStatus,
    "evidence": Evidence,
}


def zh(vocabulary: str, code: str) -> str:
    """Chinese name of a code, e.g. ``zh("stage", "research")``."""
    return _TERMS[vocabulary].zh_of(code)


def stages_zh(codes: list[str]) -> list[str]:
    """Chinese names of stages."""
    return [Stage.zh_of(code) for code in codes]


def filing_tone(status: str) -> str:
    """Colour of a filing status."""
    return FILING_TONES.get(status, "neutral")


def product_tone(status: str) -> str:
    """Colour of a product status."""
    return PRODUCT_TONES.get(status, "neutral")


def rate(ppm: int, per_mille: bool) -> str:
    """Show a rate in ‰ (as insurers write property rates) or in %."""
    return f"{format_ppm(ppm * 10).rstrip('%')}‰" if per_mille else format_ppm(ppm)


def rate_band(low_ppm: int | None, high_ppm: int | None) -> str:
    """Show a rate band of ppm of the sum insured: in ‰ below 1 %, in % from there on."""
    known = [ppm for ppm in (low_ppm, high_ppm) if ppm is not None]
    if not known:
        return "未填报"
    per_mille = max(known) < PER_MILLE_BELOW_PPM
    return _band(
        None if low_ppm is None else rate(low_ppm, per_mille),
        None if high_ppm is None else rate(high_ppm, per_mille),
    )


def sum_band(low_fen: int | None, high_fen: int | None) -> str:
    """Show a band of sums insured in 万元 or 亿元."""
    if low_fen is None and high_fen is None:
        return "未填报"
    return _band(
        None if low_fen is None else wanyuan(low_fen),
        None if high_fen is None else wanyuan(high_fen),
    )


def _band(low: str | None, high: str | None) -> str:
    if low is None:
        return f"不超过 {high}"
    if high is None:
        return f"{low} 起"
    return low if low == high else f"{low} 至 {high}"


def deductible(component: Mapping[str, Any]) -> str:
    """Show a deductible as amount, as share of the loss, or both."""
    parts = []
    if component["deductible_fen"] is not None:
        parts.append(wanyuan(component["deductible_fen"]))
    if component["deductible_ppm"] is not None:
        parts.append(f"损失的 {format_ppm(component['deductible_ppm'])}")
    return "，".join(parts) if parts else "未约定"


def total_words(total: Mapping[str, Any]) -> str:
    """Show a count that may have stopped at its limit."""
    return f"共 {total['value']:,} 个" + ("" if total["exact"] else "以上")


def shelf_query(params: Mapping[str, Any], **fixed: Any) -> ShelfQuery:
    """Read list filters from the query of an address; ``after`` is the cursor."""

    def text(name: str) -> str | None:
        return str(params.get(name) or "").strip() or None

    return ShelfQuery(**{**{n: text(n) for n in FILTERS}, "cursor": text("after"), **fixed})


def is_filtered(query: ShelfQuery) -> bool:
    """Whether a search or filter narrows the list."""
    return any(getattr(query, name) for name in FILTERS)


def exports(report: str, query: ShelfQuery) -> list[tuple[str, str]]:
    """Label and address of the list as files, with the filters that are set."""
    return report_links(report, **{name: getattr(query, name) for name in FILTERS})


def report_links(report: str, **params: str | None) -> list[tuple[str, str]]:
    """Label and address of a report as files; parameters without a value are left out."""
    set_ = {name: value for name, value in params.items() if value}
    tail = f"?{urlencode(set_)}" if set_ else ""
    formats = (("Excel", "xlsx"), ("CSV", "csv"), ("JSON", "json"))
    return [(label, f"/reports/{report}.{suffix}{tail}") for label, suffix in formats]


async def shelf_selects(query: ShelfQuery) -> list[dict[str, Any]]:
    """The filters of the public shelf with their choices; only what is on the shelf is offered."""
    found = await facets()
    kinds = [t for t in await types.list_types() if t["products"] or t["code"] == query.type]
    industries = [(f["value"], f"{f['value']}（{f['count']}）") for f in found["industries"]]
    insurers = [(f["value"], f"{f['name']}（{f['count']}）") for f in found["insurers"]]
    return [
        _select("stage", "环节", Stage.choices(), query.stage),
        _select("industry", "行业", industries, query.industry),
        _select("risk_kind", "风险类别", RiskKind.choices(), query.risk_kind),
        _select("insurer", "保险公司", insurers, query.insurer),
        _select("type", "产品类型", [(t["code"], t["name"]) for t in kinds], query.type),
    ]


def _select(
    name: str, label: str, options: list[tuple[str, str]], value: str | None
) -> dict[str, Any]:
    known = {code for code, _ in options}
    shown = [*options, (value, value)] if value and value not in known else options
    return {"name": name, "label": label, "options": shown, "value": value or ""}


def desk_selects(query: ShelfQuery) -> list[dict[str, Any]]:
    """The filters of an insurer's own list."""
    return [
        _select("status", "状态", DESK_STATUSES, query.status),
        _select("stage", "环节", Stage.choices(), query.stage),
    ]


_TRACK = ("起草", "提交", "受理", "审核", "入库")
_REACHED = {
    "draft": 0,
    "submitted": 2,
    "accepted": 3,
    "in_review": 3,
    "in_library": 5,
    "replaced": 5,
}
_NOW_NOTE = {
    "draft": "编写中",
    "submitted": "等待受理",
    "accepted": "等待审核",
    "in_review": "审核中",
}


def filing_track(status: str) -> list[dict[str, str]]:
    """The way of a filing as steps: what is done, what is going on, what is still to come."""
    ending = {
        "returned": ("补正", "按意见修改后重新提交"),
        "rejected": ("不予入库", "已办结"),
        "abandoned": ("已撤回", "已办结"),
    }.get(status)
    if ending is None:
        reached, labels = _REACHED.get(status, 0), list(_TRACK)
    elif status == "returned":
        reached, labels = 2, ["起草", "提交", "补正", "审核", "入库"]
    elif status == "rejected":
        reached, labels = 4, ["起草", "提交", "受理", "审核", "不予入库"]
    else:
        reached, labels = 1, ["起草", "已撤回"]
    note = ending[1] if ending else _NOW_NOTE.get(status, "")
    return [
        {
            "label": label,
            "state": "done" if n < reached else "now" if n == reached else "todo",
            "note": note if n == reached else "",
        }
        for n, label in enumerate(labels)
    ]
