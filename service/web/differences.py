"""Readable differences between two versions of a record, for the ``diff`` macro."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[A-Za-z0-9.,%]+|\s+|.", re.DOTALL)
_COMPARED_CHARACTERS_MAX = 4000


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text that stays (``same``), goes (``del``) or comes (``ins``)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in two versions. ``kind``: 未变, 新增, 删除 or 修改; ``parts`` are in order."""

    label: str
    kind: str
    old: str
    new: str
    parts: tuple[Part, ...]


def text_parts(old: str, new: str) -> tuple[Part, ...]:
    """Split two texts into parts: Chinese by character, numbers and Latin words whole.

    Texts beyond 4,000 characters are shown as one deletion and one insertion.
    """
    if max(len(old), len(new)) > _COMPARED_CHARACTERS_MAX:
        return (Part("del", old), Part("ins", new))
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    parts: list[Part] = []
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(before[a1:a2])))
            continue
        if a2 > a1:
            parts.append(Part("del", "".join(before[a1:a2])))
        if b2 > b1:
            parts.append(Part("ins", "".join(after[b1:b2])))
    return tuple(parts)


def difference(label: str, old: str | None, new: str | None) -> Difference:
    """Compare one field of two versions, both as shown to a person."""
    before, after = old or "", new or ""
    if before == after:
        return Difference(label, "未变", before, after, (Part("same", before),))
    kind = "新增" if not before else "删除" if not after else "修改"
    return Difference(label, kind, before, after, text_parts(before, after))


def differences(
    labels: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]
) -> list[Difference]:
    """Compare the fields named in ``labels`` (key -> Chinese label), in that order."""
    return [difference(label, old.get(key), new.get(key)) for key, label in labels.items()]


def changed(items: Iterable[Difference]) -> list[Difference]:
    """Return only those that differ."""
    return [item for item in items if item.kind != "未变"]
