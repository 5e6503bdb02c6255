"""What changed between two versions of a product, for people to read.

Clauses are matched by registration number, file number, then title; components by name, then by
event; documents by kind and file name. So a moved item is no change, and a new number on an old
clause is one change and not two items. Money is shown in 元, rates in percent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from catalogue.rules.facts import ClauseFacts, ComponentFacts, DocumentFacts, VersionFacts
from catalogue.rules.filing.identity import plain
from catalogue.rules.nouns import Basis, ClauseKind, DocumentKind, Stage
from service.kernel.money import format_ppm, format_yuan
from service.kernel.numbering import fold, parse_file_number

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
KINDS_ZH = {ADDED: "新增", REMOVED: "删除", CHANGED: "修改"}
SAME, DELETED, INSERTED = "same", "del", "ins"

_SENTENCE = re.compile(r"[^。；;！？\n]*[。；;！？\n]?")
_TOKEN = re.compile(r"[A-Za-z0-9.,%]+|\s+|.", re.DOTALL)
_COMPARED_MAX = 1200
"""More sentences or tokens than this are shown as one deletion and one insertion."""

Segment = tuple[str, str]
Item = TypeVar("Item")
_Show = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``old`` and ``new`` are display texts, empty where there was nothing.

    ``segments`` are runs of text in order, each ``same``, ``del`` or ``ins``; without the inserted
    ones they give ``old``, without the deleted ones ``new``.
    """

    path: str
    label_zh: str
    kind: str
    old: str
    new: str
    segments: tuple[Segment, ...]

    @property
    def kind_zh(self) -> str:
        """Chinese name of the kind."""
        return KINDS_ZH[self.kind]


def difference(old: VersionFacts, new: VersionFacts) -> list[Change]:
    """Return every difference, in the order in which a version is read; none for equal versions."""
    changes = [*_fields("", "", _VERSION_FIELDS, old, new)]
    for name, label, show in _VERSION_LISTS:
        changes += _plain_list(name, label, show, getattr(old, name), getattr(new, name))
    changes += _items("clauses", "条款", old.clauses, new.clauses, _CLAUSES)
    changes += _items("components", "保障责任", old.components, new.components, _COMPONENTS)
    changes += _items("documents", "材料", old.documents, new.documents, _DOCUMENTS)
    return changes


def segments(old: str, new: str) -> tuple[Segment, ...]:
    """Compare two texts sentence by sentence, changed sentences by character and number."""
    if old == new:
        return ((SAME, old),) if old else ()
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    if len(before) + len(after) > _COMPARED_MAX:
        return _joined(((DELETED, old), (INSERTED, new)))
    found: list[Segment] = []
    for tag, a, b in _matched(before, after):
        if tag == "equal":
            found.append((SAME, a))
        else:
            found += _fine(a, b)
    return _joined(found)


def _fine(old: str, new: str) -> Iterator[Segment]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if not old or not new or len(before) + len(after) > _COMPARED_MAX:
        yield from ((DELETED, old), (INSERTED, new))
        return
    for tag, a, b in _matched(before, after):
        if tag == "equal":
            yield SAME, a
        else:
            yield from ((DELETED, a), (INSERTED, b))


def _matched(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        yield tag, "".join(before[a1:a2]), "".join(after[b1:b2])


def _joined(found: Iterable[Segment]) -> tuple[Segment, ...]:
    joined: list[Segment] = []
    for op, text in found:
        if not text:
            continue
        if joined and joined[-1][0] == op:
            joined[-1] = (op, joined[-1][1] + text)
        else:
            joined.append((op, text))
    return tuple(joined)


def _text(value: object) -> str:
    return str(value)


def _fen(value: object) -> str:
    return "" if not isinstance(value, int) else format_yuan(value)


def _ppm(value: object) -> str:
    return "" if not isinstance(value, int) else format_ppm(value)


def _days(value: object) -> str:
    return f"{value} 天" if value else ""


def _stage(value: object) -> str:
    return Stage.zh_of(str(value))


def _basis(value: object) -> str:
    return Basis.zh_of(str(value))


def _clause_kind(value: object) -> str:
    return ClauseKind.zh_of(str(value))


def _document_kind(value: object) -> str:
    return DocumentKind.zh_of(str(value))


def _public(value: object) -> str:
    return "公开" if value else "不公开"


def _digest(value: object) -> str:
    return str(value)[:12]


_Field = tuple[str, str, _Show]
_VERSION_FIELDS: tuple[_Field, ...] = (
    ("name", "产品名称", _text),
    ("type_name", "产品类型", _text),
    ("insurer_name", "报送机构", _text),
    ("summary", "产品简介", _text),
    ("main_section", "主要责任部分", _text),
    ("target_enterprises", "适用企业", _text),
    ("eligibility", "投保条件", _text),
    ("rate_min_ppm", "最低费率", _ppm),
    ("rate_max_ppm", "最高费率", _ppm),
    ("sum_min_fen", "最低保险金额", _fen),
    ("sum_max_fen", "最高保险金额", _fen),
    ("contact_name", "联系人", _text),
    ("contact_phone", "联系电话", _text),
    ("contact_email", "电子邮箱", _text),
)
_VERSION_LISTS: tuple[_Field, ...] = (
    ("stages", "所处环节", _stage),
    ("industries", "适用行业", _text),
    ("evidence", "投保所需材料", _text),
)
_CLAUSE_FIELDS: tuple[_Field, ...] = (
    ("kind", "类别", _clause_kind),
    ("title", "名称", _text),
    ("file_number", "备案编号", _text),
    ("registration_number", "注册编号", _text),
    ("model_clause", "示范条款", _text),
)
_COMPONENT_FIELDS: tuple[_Field, ...] = (
    ("name", "名称", _text),
    ("event", "保险事故", _text),
    ("exclusions", "责任免除", _text),
    ("limit_fen", "赔偿限额", _fen),
    ("deductible_fen", "免赔额", _fen),
    ("deductible_ppm", "免赔率", _ppm),
    ("waiting_days", "等待期", _days),
    ("basis", "责任基础", _basis),
)
_DOCUMENT_FIELDS: tuple[_Field, ...] = (
    ("kind", "种类", _document_kind),
    ("file_name", "文件名", _text),
    ("sha256", "内容指纹", _digest),
    ("public", "是否公开", _public),
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How items of one list are matched, named and shown."""

    keys: tuple[Callable[..., Hashable], ...]
    name: str
    fields: tuple[_Field, ...]


def _file_key(clause: ClauseFacts) -> str:
    number = parse_file_number(clause.file_number)
    return number.text if number is not None else fold(clause.file_number)


def _registration_key(clause: ClauseFacts) -> str:
    return fold(clause.registration_number)


def _title_key(clause: ClauseFacts) -> str:
    return plain(clause.title)


def _component_name(component: ComponentFacts) -> str:
    return plain(component.name)


def _component_event(component: ComponentFacts) -> str:
    return plain(component.event)


def _document_name(document: DocumentFacts) -> str:
    return f"{document.kind}/{document.file_name}"


def _document_content(document: DocumentFacts) -> str:
    return document.sha256


_CLAUSES = _Kind((_registration_key, _file_key, _title_key), "title", _CLAUSE_FIELDS)
_COMPONENTS = _Kind((_component_name, _component_event), "name", _COMPONENT_FIELDS)
_DOCUMENTS = _Kind((_document_name, _document_content), "file_name", _DOCUMENT_FIELDS)


def _fields(
    path: str, label: str, fields: Iterable[_Field], old: object, new: object
) -> Iterator[Change]:
    for name, label_zh, show in fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _change(path + name, label + label_zh, show(before), show(after))


def _plain_list(
    path: str, label: str, show: _Show, old: Sequence[object], new: Sequence[object]
) -> Iterator[Change]:
    for item in dict.fromkeys(old):
        if item not in new:
            yield _change(path, label, show(item), "")
    for item in dict.fromkeys(new):
        if item not in old:
            yield _change(path, label, "", show(item))


def _items(
    path: str, label: str, old: Sequence[Item], new: Sequence[Item], kind: _Kind
) -> Iterator[Change]:
    pairs = _pairs(old, new, kind.keys)
    for position, before in enumerate(old):
        name = getattr(before, kind.name)
        if position not in pairs:
            yield _change(f"{path}[{name}]", label, _summary(before, kind), "")
            continue
        after = new[pairs[position]]
        yield from _fields(f"{path}[{name}].", f"{label}“{name}”", kind.fields, before, after)
    matched = set(pairs.values())
    for position, after in enumerate(new):
        if position not in matched:
            name = getattr(after, kind.name)
            yield _change(f"{path}[{name}]", label, "", _summary(after, kind))


def _pairs(
    old: Sequence[Item], new: Sequence[Item], keys: Iterable[Callable[..., Hashable]]
) -> dict[int, int]:
    """Return positions in ``new`` by positions in ``old``; a stronger key is tried first."""
    pairs: dict[int, int] = {}
    for key in keys:
        free: dict[Hashable, list[int]] = {}
        taken = set(pairs.values())
        for position, item in enumerate(new):
            if position not in taken and key(item):
                free.setdefault(key(item), []).append(position)
        for position, item in enumerate(old):
            if position not in pairs and free.get(key(item)):
                pairs[position] = free[key(item)].pop(0)
    return pairs


def _summary(item: object, kind: _Kind) -> str:
    shown = ((label, show(getattr(item, name))) for name, label, show in kind.fields)
    return "；".join(f"{label}：{text}" for label, text in shown if text)


def _change(path: str, label: str, old: str, new: str) -> Change:
    kind = ADDED if not old else REMOVED if not new else CHANGED
    return Change(path, label, kind, old, new, segments(old, new))
