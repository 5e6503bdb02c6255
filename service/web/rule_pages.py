"""Words and differences for the pages of rule files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from catalogue.forms import NoteForm
from catalogue.rule_forms import RulePublicationForm, RuleRefusalForm
from catalogue.rule_shapes import RuleDraftRecord, RuleVersionItem
from service.kernel.rulebook import RuleBook, RuleCase, family_of
from service.web.case_words import case_text
from service.web.desk_steps import Posted
from service.web.differences import Difference, changed, differences
from service.web.forms import Form
from service.web.rule_words import RuleLine, rule_lines

LABELS = {
    "text": "规则文件",
    "file": "规则文件",
    "replaces": "所依据的草案",
    "hash": "草案摘要",
    "note": "意见",
    "rule.family": "规则类别",
    "rule.version": "版本号",
    "rule.title_zh": "名称",
    "rule.valid_from": "施行日期",
    "rule.valid_to": "失效日期",
    "rule.document": "依据文件",
    "rule.issued_on": "发文日期",
    "rule.status": "性质",
    "values": "数值",
    "case": "算例",
}
_HEAD = {
    "title_zh": "名称",
    "name": "简称",
    "document": "依据文件",
    "document_number": "文号",
    "issued_on": "发文日期",
    "valid_from": "施行日期",
    "valid_to": "失效日期",
    "status": "性质",
}
_CLAIMS = {"published": "依公开文件", "example": "示例"}
STEP_FORMS = {
    "publish": RulePublicationForm,
    "refuse": RuleRefusalForm,
    "withdraw": NoteForm,
}
__all__ = ["LABELS", "case_text", "differences_of", "family_zh", "standing", "step_forms"]


def family_zh(family: str) -> str:
    """Chinese name of the group a family belongs to."""
    known = family_of(family)
    return known.title_zh if known else family


def value_lines(book: RuleBook) -> list[RuleLine]:
    """The values of a book in words."""
    return rule_lines(book.values, book.family)


def standing(item: RuleVersionItem, day: date) -> tuple[str, str]:
    """Where a published version stands on a day, with the tone of its badge."""
    rule = item.rule
    if rule.valid_from > day:
        return "尚未生效", "wait"
    if superseded(item) and item.superseded_from and item.superseded_from <= day:
        return "已被取代", "neutral"
    if rule.valid_to is not None and rule.valid_to < day:
        return "已失效", "neutral"
    return "现行", "good"


def superseded(item: RuleVersionItem) -> bool:
    """Whether the next version takes its place before its own days are over."""
    if item.superseded_from is None:
        return False
    return item.rule.valid_to is None or item.rule.valid_to >= item.superseded_from


def step_forms(record: RuleDraftRecord, posted: Posted | None) -> dict[str, Form[object]]:
    """A form for each decision, with the draft that was looked at named by its hash."""
    forms: dict[str, Form[object]] = {}
    for event, model in STEP_FORMS.items():
        form: Form[object] = Form(model, LABELS, {"hash": record.draft.hash})
        if posted is not None and posted.event == event:
            form = posted.form
        form.form_id = event
        forms[event] = form
    return forms


def differences_of(old: RuleBook, new: RuleBook) -> list[Difference]:
    """What differs between two versions, in the words of the page; equal parts are left out."""
    before, after = _texts(old), _texts(new)
    labels = {key: label for key, (label, _) in {**before, **after}.items()}
    return changed(differences(labels, {k: t for k, (_, t) in before.items()}, _plain(after)))


def _plain(texts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {key: text for key, (_, text) in texts.items()}


def _texts(book: RuleBook) -> dict[str, tuple[str, str]]:
    """Label and text of everything a book says, by a key that both versions share."""
    found: dict[str, tuple[str, str]] = {}
    for name, label in _HEAD.items():
        value = getattr(book, name)
        found[f"rule.{name}"] = (label, _CLAIMS.get(str(value), str(value or "")))
    for line in value_lines(book):
        mark = "（示例）" if line.example else ""
        told = [*line.lines, f"出处：{line.source}{mark}", *([line.note] if line.note else [])]
        found[f"values.{line.key}"] = (line.name, "\n".join(told))
    for case in book.cases:
        found[f"case.{case.name}"] = (f"算例：{case.name}", _case(case))
    return found


def _case(case: RuleCase) -> str:
    return f"给定：{case_text(case.given)}\n应得：{case_text(case.expect)}\n出处：{case.source}"
