"""Readable differences: fields, items matched by identity, segments of long texts."""

from __future__ import annotations

import dataclasses
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.rules.difference import Change, difference, segments
from catalogue.rules.facts import VersionFacts
from tests.catalogue.rules.examples import clause, component, document, rider, version


def _shown(old: VersionFacts, new: VersionFacts) -> list[tuple[str, str, str, str]]:
    return [(c.label_zh, c.kind, c.old, c.new) for c in difference(old, new)]


def test_equal_versions() -> None:
    assert difference(version(), version()) == []


def test_money_rates_and_words_as_people_read_them() -> None:
    new = version(
        name="国泰芯片研发保险",
        rate_max_ppm=25_500,
        sum_min_fen=None,
        sum_max_fen=20_000_000_50,
        summary="",
    )
    assert _shown(version(), new) == [
        ("产品名称", "changed", "国泰科技项目研发费用损失保险（芯片版）", "国泰芯片研发保险"),
        ("产品简介", "removed", "为芯片企业的研发项目提供费用补偿。", ""),
        ("最高费率", "changed", "2%", "2.55%"),
        ("最低保险金额", "removed", "100,000.00 元", ""),
        ("最高保险金额", "changed", "10,000,000.00 元", "20,000,000.50 元"),
    ]


def test_lists_by_item_and_not_by_order() -> None:
    old = version(stages=("research", "market"), industries=("软件", "芯片"))
    new = version(stages=("conversion", "research"), industries=("芯片", "软件"))
    assert _shown(old, new) == [
        ("所处环节", "removed", "市场推广", ""),
        ("所处环节", "added", "", "成果转化"),
    ]


def test_moved_items_are_no_change() -> None:
    old = version(components=(component(), component(name="重复试验费用")))
    new = version(
        clauses=version().clauses[::-1],
        components=old.components[::-1],
        documents=version().documents[::-1],
    )
    assert difference(old, new) == []


def test_a_clause_keeps_its_identity_by_registration_number() -> None:
    new = version(clauses=(rider(), clause(title="新名称", file_number="")))
    changes = difference(version(), new)
    assert [(c.path, c.label_zh, c.kind) for c in changes] == [
        ("clauses[研发费用损失保险条款].title", "条款“研发费用损失保险条款”名称", "changed"),
        (
            "clauses[研发费用损失保险条款].file_number",
            "条款“研发费用损失保险条款”备案编号",
            "removed",
        ),
    ]


def test_a_clause_with_a_new_registration_number_is_found_by_its_file_number() -> None:
    new = version(clauses=(clause(registration_number="C" + "1" * 23), rider()))
    assert [c.path for c in difference(version(), new)] == [
        "clauses[研发费用损失保险条款].registration_number"
    ]


def test_a_clause_with_new_numbers_is_found_by_its_title() -> None:
    new = version(clauses=(clause(registration_number="", file_number=""), rider()))
    assert [c.kind for c in difference(version(), new)] == ["removed", "removed"]


def test_missing_numbers_match_nothing() -> None:
    bare = clause(registration_number="", file_number="")
    new = version(clauses=(dataclasses.replace(bare, title="另一条款"),))
    changes = difference(version(clauses=(bare,)), new)
    assert [change.kind for change in changes] == ["removed", "added"]


def test_clauses_that_come_and_go_are_shown_whole() -> None:
    fresh = rider(title="附加第三者条款", registration_number="C" + "2" * 23, file_number="")
    changes = difference(version(), version(clauses=(clause(), fresh)))
    assert [(c.path, c.kind) for c in changes] == [
        ("clauses[附加重复试验费用条款]", "removed"),
        ("clauses[附加第三者条款]", "added"),
    ]
    assert changes[1].new == f"类别：附加险；名称：附加第三者条款；注册编号：C{'2' * 23}"
    assert changes[1].kind_zh == "新增"


def test_components_by_name_then_by_event() -> None:
    new = version(components=(component(limit_fen=600_000_00, deductible_ppm=None),))
    assert _shown(version(), new) == [
        ("保障责任“研发费用损失”赔偿限额", "changed", "500,000.00 元", "600,000.00 元"),
        ("保障责任“研发费用损失”免赔率", "removed", "10%", ""),
    ]
    renamed = version(components=(component(name="研发投入损失", basis="agreed_value"),))
    assert _shown(version(), renamed) == [
        ("保障责任“研发费用损失”名称", "changed", "研发费用损失", "研发投入损失"),
        ("保障责任“研发费用损失”责任基础", "changed", "损失补偿", "定值"),
    ]


def test_documents_by_name_and_by_content() -> None:
    old = version(documents=(document(), document(id=2, file_name="说明.pdf", sha256="11" * 32)))
    new = version(
        documents=(
            document(id=9, sha256="ff" * 32, public=True),
            document(id=8, file_name="产品说明.pdf", sha256="11" * 32),
        )
    )
    assert _shown(old, new) == [
        ("材料“条款.pdf”内容指纹", "changed", "ab" * 6, "ff" * 6),
        ("材料“条款.pdf”是否公开", "changed", "不公开", "公开"),
        ("材料“说明.pdf”文件名", "changed", "说明.pdf", "产品说明.pdf"),
    ]


def test_a_document_uploaded_again_is_no_change() -> None:
    again = tuple(dataclasses.replace(d, id=d.id + 100) for d in version().documents)
    assert difference(version(), version(documents=again)) == []


def test_two_clauses_of_one_title_are_kept_apart() -> None:
    bare = clause(registration_number="", file_number="")
    old, new = version(clauses=(bare, bare)), version(clauses=(bare,))
    assert [c.kind for c in difference(old, new)] == ["removed"]


def test_segments_keep_sentences_numbers_and_words_whole() -> None:
    old = "等待期30天。免赔率10%。战争除外。"
    new = "等待期60天。免赔率10%。"
    assert segments(old, new) == (
        ("same", "等待期"),
        ("del", "30"),
        ("ins", "60"),
        ("same", "天。免赔率10%。"),
        ("del", "战争除外。"),
    )


def test_changes_carry_segments() -> None:
    new = version(components=(component(exclusions="故意行为；核风险；已知的技术缺陷"),))
    (change,) = difference(version(), new)
    assert change.segments == (
        ("same", "故意行为；"),
        ("del", "战争"),
        ("ins", "核风险"),
        ("same", "；已知的技术缺陷"),
    )


def test_long_hostile_texts_are_quick() -> None:
    started = time.process_time()
    assert segments("。" * 4000, "。" * 3999) == (("del", "。" * 4000), ("ins", "。" * 3999))
    segments("保" * 4000, "险" * 4000)
    segments("保险" * 300, "险保" * 300)
    assert time.process_time() - started < 2


WORDS = st.text("研发费用。；12%ab \n", max_size=40)


def _gives(change_segments: tuple[tuple[str, str], ...], old: str, new: str) -> bool:
    before = "".join(text for op, text in change_segments if op != "ins")
    after = "".join(text for op, text in change_segments if op != "del")
    return (before, after) == (old, new)


@settings(deadline=None)
@given(WORDS, WORDS)
def test_segments_give_both_texts(old: str, new: str) -> None:
    found = segments(old, new)
    assert _gives(found, old, new)
    assert all(text and op in ("same", "del", "ins") for op, text in found)
    assert all(a[0] != b[0] for a, b in zip(found, found[1:], strict=False))


NAMES = st.lists(st.sampled_from(["甲", "乙", "丙", "丁"]), max_size=5)


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES)
def test_items_come_and_go_in_the_right_number(first: list[str], second: list[str]) -> None:
    old = version(components=tuple(component(name=n, event=f"事件{n}") for n in first))
    new = version(components=tuple(component(name=n, event=f"事件{n}") for n in second))
    changes: list[Change] = difference(old, new)
    gone = sum(change.kind == "removed" for change in changes)
    come = sum(change.kind == "added" for change in changes)
    assert len(first) - gone == len(second) - come
    back = difference(new, old)
    assert (len(back), sum(c.kind == "added" for c in back)) == (len(changes), gone)
    assert all(_gives(change.segments, change.old, change.new) for change in changes)
