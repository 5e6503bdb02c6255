"""From posted names and typed text to the models of the API, and back to the right input."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from service.kernel.errors import Refused
from service.web import formats
from service.web.differences import changed, difference, differences
from service.web.forms import Form
from service.web.posted import nest


class Kind(StrEnum):
    MAIN = "main"
    RIDER = "rider"


class Clause(BaseModel):
    kind: Kind = Kind.MAIN
    title: str = Field(min_length=1, max_length=10)
    limit_fen: StrictInt | None = None


class Draft(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=20)
    rate_ppm: StrictInt | None = None
    share_units: StrictInt | None = None
    days: StrictInt = 0
    on: date | None = None
    public: bool = False
    stages: list[str] = Field(default_factory=list, max_length=2)
    evidence: list[str] = Field(default_factory=list)
    clauses: list[Clause] = Field(default_factory=list)


LABELS = {
    "name": "名称",
    "clauses": "条款",
    "clauses.title": "条款名称",
    "clauses.limit_fen": "限额",
}


def _form(*pairs: tuple[str, object]) -> Form[Draft]:
    form: Form[Draft] = Form(Draft, LABELS)
    form.values = nest(pairs)
    return form


def test_typed_text_becomes_the_model_of_the_api() -> None:
    form = _form(
        ("name", "研发保险"), ("rate_ppm", "1.25"), ("share_units", "35%"), ("days", "1,000"),
        ("on", "2025年6月7日"), ("public", "1"), ("stages", "创新研发"),
        ("evidence", "立项书\n\n 验收报告 "),
        ("clauses-0-kind", "rider"), ("clauses-0-title", "甲"),
        ("clauses-0-limit_fen", "12.5"), ("clauses-0-limit_fen@unit", "万元"),
        ("clauses-7-kind", "main"), ("clauses-7-title", "乙"),
        ("clauses-7-limit_fen", "1,234.56元"), ("clauses-7-limit_fen@unit", "万元"),
    )  # fmt: skip
    draft = form.parse()
    assert draft is not None, [m.text for m in form.messages]
    assert (draft.rate_ppm, draft.share_units, draft.days) == (12_500, 35_000_000, 1000)
    assert (draft.on, draft.public) == (date(2025, 6, 7), True)
    assert (draft.stages, draft.evidence) == (["创新研发"], ["立项书", "验收报告"])
    assert [c.limit_fen for c in draft.clauses] == [12_500_000, 123_456]


def test_findings_land_on_the_row_they_are_about() -> None:
    form = _form(
        ("name", "x"), ("days", "九十"), ("on", "2025-02-30"), ("hacked", "1"),
        ("stages", "a"), ("stages", "b"), ("stages", "c"),
        ("clauses-0-kind", "main"), ("clauses-0-title", ""),
        ("clauses-1-kind", "other"), ("clauses-1-title", "甲" * 11), ("clauses-1-limit_fen", "多"),
    )  # fmt: skip
    assert form.parse() is None
    codes = {(m.path, m.code) for m in form.messages}
    assert ("clauses.0.title", "form.too_long") in codes, "the blank row closes up"
    assert ("clauses.0.limit_fen", "money.not_a_number") in codes
    assert ("clauses.0.kind", "form.not_a_choice") in codes
    assert ("days", "form.not_a_number") in codes and ("on", "form.not_a_date") in codes
    assert ("hacked", "form.unknown_field") in codes and ("stages", "form.too_many") in codes
    title = next(m for m in form.messages if m.path == "clauses.0.title")
    assert "条款第1项·条款名称" in title.text and title.target == "f-clauses-0-title"
    assert form.money("clauses.0.limit_fen") == "多", "what was typed stays"
    assert form.rows("clauses") == ["clauses.0"]


class Premium(BaseModel):
    amount_fen: StrictInt = Field(ge=1, le=1_000_000)
    rate_ppm: StrictInt = Field(le=1_000_000)


def test_bounds_are_said_in_the_unit_that_was_typed() -> None:
    form: Form[Premium] = Form(Premium, {"amount_fen": "保险费", "rate_ppm": "费率"})
    form.values = nest([("amount_fen", "-5"), ("rate_ppm", "101%")])
    assert form.parse() is None
    assert [finding.text("zh") for finding in form.findings] == [
        "“amount_fen”的值 -5.00 元 应 ≥ 0.01 元",
        "“rate_ppm”的值 101% 应 ≤ 100%",
    ]


def test_rows_are_added_and_removed_without_script() -> None:
    form = _form(("name", "研发"), ("clauses-0-title", "甲"), ("clauses-1-title", "乙"))
    form.rearrange("clauses", "")
    assert form.rearranged and form.rows("clauses") == ["clauses.0", "clauses.1", "clauses.2"]
    form.rearrange("", "clauses.0")
    assert [form.value(f"{row}.title") for row in form.rows("clauses")] == ["乙", ""]
    form.rearrange("evidence", "nothing.9")
    assert form.rows("evidence") == ["evidence.0"]


def test_a_stored_record_fills_the_form() -> None:
    clause = Clause(kind=Kind.RIDER, title="甲", limit_fen=12_345_600)
    form = Form.of(Draft(name="研发", rate_ppm=12_500, clauses=[clause]), Draft, LABELS)
    assert form.money("clauses.0.limit_fen", "万元") == "12.3456"
    assert form.money("clauses.0.limit_fen") == "123,456.00"
    assert (form.percent("rate_ppm"), form.value("clauses.0.kind")) == ("1.25", "rider")
    assert form.required("name") and not form.required("days")
    assert (form.limit("name"), form.limit("clauses.0.title")) == (20, 10)


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a-b", "2")],
        [("a-b", "2"), ("a", "1")],
        [("rows-999999-x", "1")],
        [("a-b-c-d-e-f-g", "1")],
    ],
)
def test_names_that_do_not_fit_are_refused(pairs: list[tuple[str, object]]) -> None:
    with pytest.raises(Refused):
        nest(pairs)


@pytest.mark.parametrize("rows", ["甲", [["甲"]], {"x": {"y": "甲"}}])
def test_a_group_of_the_wrong_shape_is_a_finding_not_a_fault(rows: object) -> None:
    form: Form[Draft] = Form(Draft, LABELS, {"name": "研发", "clauses": rows})
    parsed = form.parse()
    assert parsed is None or parsed.clauses == []


def test_formats() -> None:
    moment = datetime(2025, 6, 6, 18, 30, tzinfo=UTC)
    assert formats.day_zh(moment) == "2025年6月7日" and formats.day(moment) == "2025-06-07"
    assert formats.moment(moment) == "2025-06-07 02:30"
    assert formats.wanyuan(12_500_000) == "12.5 万元" and formats.wanyuan(10**10) == "1 亿元"
    assert formats.yuan(-123_456) == "-1,234.56 元" and formats.yuan(None) == "—"
    assert [formats.filesize(n) for n in (0, 1023, 1536, 20 * 1024**2)] == [
        "0 B", "1023 B", "1.5 KB", "20 MB",
    ]  # fmt: skip
    end = datetime(2026, 12, 2, 16, 0, tzinfo=UTC)
    assert formats.deadline(end) == "2026-12-02 24:00" and formats.deadline(None) == "—"
    assert formats.deadline(moment) == formats.moment(moment)
    assert formats.fraction("4000000000/117") == "4,000,000,000 / 117"
    assert formats.fraction("-8717949") == "-8,717,949" and formats.fraction("35/1") == "35"
    assert formats.uscc("91420100MA4K2L3M4X") == "91 420100 MA4K2L3M4 X"
    assert formats.paragraphs("a<b\n\nc") == "<p>a&lt;b</p><p>c</p>"


def test_differences_read_word_by_word() -> None:
    item = difference("限额", "每次事故 500万元", "每次事故 1,000万元")
    assert [(p.kind, p.text) for p in item.parts][1:3] == [("del", "500"), ("ins", "1,000")]
    items = differences(
        {"a": "甲", "b": "乙", "c": "丙"}, {"a": "1", "b": "2"}, {"a": "1", "c": "3"}
    )
    assert [(i.label, i.kind) for i in changed(items)] == [("乙", "删除"), ("丙", "新增")]
