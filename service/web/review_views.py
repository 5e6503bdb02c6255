"""Words of the review page: labels of fields, choices for objections, readable differences."""

from __future__ import annotations

from typing import Any

from catalogue.products.desk import ChangeShape, HistoryEvent
from catalogue.rules.difference import KINDS_ZH
from service.kernel.calendar import today
from service.web.differences import Difference, Part
from service.web.product_form import LABELS

FIELD_LABELS = LABELS | {
    "note": "办理意见",
    "objections": "审核意见",
    "objections.field": "涉及内容",
    "objections.text": "意见",
    "text": "内容",
    "enter": "审核建议",
    "fact_id": "要更正的记录",
    "void": "更正方式",
    "recommendation": "审核建议",
}
STANDING_ZH = {"in_library": "在库", "suspended": "暂停", "withdrawn": "退出", "void": "作废"}
CONSEQUENCES = {
    "enter": "产品自生效日起计入在库数，并在公开货架展示；如此前已有在库版本，由本版本替换。"
    "决定连同所依据的规则版本一并存档，不可撤销，只能更正或退出。",
    "reject": "本次报送办结，保险公司可以看到理由。产品不计入在库数。",
    "suspend": "自生效日起不计入在库数，并从公开货架撤下，恢复前不再展示。",
    "resume": "自生效日起重新计入在库数，并在公开货架展示。",
    "withdraw": "自生效日起不计入在库数，并从公开货架撤下。退出后不能恢复，须另行报送。",
    "correct": "更正会改变相关日期的在库数；“当时所知”的历史数字不变，原记录保留可查。",
}
_HISTORY_TONES = {
    "enter": "good",
    "resume": "good",
    "new_version": "good",
    "return": "warn",
    "suspend": "warn",
    "correct": "warn",
    "reject": "bad",
    "withdraw": "bad",
    "abandon": "bad",
}


def field_choices(record: dict[str, Any]) -> list[tuple[str, str]]:
    """What an objection may be about: the fields, and each clause and component by name."""
    plain = [
        (code, label)
        for code, label in FIELD_LABELS.items()
        if "." not in code and (code in record or code == "type_code")
    ]
    rows = []
    for group, key, one in (("clauses", "title", "条款"), ("components", "name", "保障责任")):
        rows += [
            (f"{group}.{n}", f"{one}第 {n + 1} 项：{row[key]}")
            for n, row in enumerate(record[group])
        ]
    return [*plain, *rows]


def field_zh(path: str, record: dict[str, Any]) -> str:
    """Say what an objection is about; empty for the filing as a whole."""
    if not path:
        return ""
    steps = path.split(".")
    bare = ".".join(step for step in steps if not step.isdigit())
    label = FIELD_LABELS.get(bare, bare)
    position = next((int(step) for step in steps if step.isdigit()), None)
    if position is None:
        return label
    if len(steps) > 2:
        return f"{FIELD_LABELS.get(steps[0], steps[0])}第 {position + 1} 项 · {label}"
    return dict(field_choices(record)).get(path, f"{label}第 {position + 1} 项")


def first_values(event: str, fact: str = "") -> dict[str, Any]:
    """What a step's form holds before anything is typed; ``fact`` is the record to correct."""
    if event == "correct":
        return {"fact_id": fact}
    if event in ("enter", "suspend", "resume", "withdraw"):
        return {"effective_on": today().isoformat()}
    return {}


def as_difference(change: ChangeShape) -> Difference:
    """A change of the catalogue in the form that the `diff` macro shows."""
    parts = tuple(Part(kind, text) for kind, text in change.segments)
    return Difference(
        change.label_zh, KINDS_ZH.get(change.kind, change.kind), change.old, change.new, parts
    )


def history(events: list[HistoryEvent]) -> list[dict[str, Any]]:
    """Journal events as the `history` macro takes them, newest first."""
    return [
        {
            "at": event.recorded_at,
            "label": _what(event),
            "who": event.actor,
            "organisation": event.organisation,
            "note": event.note,
            "tone": _HISTORY_TONES.get(event.event, "neutral"),
        }
        for event in events
    ]


def _what(event: HistoryEvent) -> str:
    version = event.subject.partition("/")[2]
    about = f"（第 {version} 版）" if version else ""
    day = event.effective_on.isoformat()
    counts = event.subject_kind == "product"
    return f"{event.event_zh}{about}" + (f"，{day} 起生效" if counts else "")


def correctable(facts: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Library facts that may be corrected, as choices: not corrected yet and no cancellation."""
    return [
        (fact["id"], f"{fact['effective_on'].isoformat()} 起{standing_zh(fact['status'])}")
        for fact in facts
        if fact["corrected_by"] is None and fact["status"] != "void"
    ]


def standing_zh(status: str) -> str:
    """Chinese name of the status of a library fact."""
    return STANDING_ZH.get(status, status)
