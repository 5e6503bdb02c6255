"""What differs between two versions of a book: head, values with their sources, cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.kernel.rulebook.book import RuleBook, canonical_json

HEAD = (
    "name",
    "title_zh",
    "document",
    "document_number",
    "issued_on",
    "valid_from",
    "valid_to",
    "status",
)
"""What a book says of itself, but for family and version."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``part``: rule, values or case; ``kind``: added, removed or changed.

    ``old`` and ``new`` hold what stood there: a text or day of the head, a RuleValue, a RuleCase.
    """

    part: str
    key: str
    kind: str
    old: object
    new: object


def compare(old: RuleBook, new: RuleBook) -> list[Change]:
    """Return what differs between two books, in the order of the new one."""
    return [*_head(old, new), *_values(old, new), *_cases(old, new)]


def _head(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    for name in HEAD:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            kind = "added" if not before else "removed" if not after else "changed"
            yield Change("rule", name, kind, before, after)


def _values(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    keys = [*new.values, *(key for key in old.values if key not in new.values)]
    for key in keys:
        yield from _pair("values", key, old.values.get(key), new.values.get(key))


def _cases(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    before = {case.name: case for case in old.cases}
    after = {case.name: case for case in new.cases}
    for name in [*after, *(name for name in before if name not in after)]:
        yield from _pair("case", name, before.get(name), after.get(name))


def _pair(part: str, key: str, old: object, new: object) -> Iterator[Change]:
    if old is None:
        yield Change(part, key, "added", old, new)
    elif new is None:
        yield Change(part, key, "removed", old, new)
    elif canonical_json(old) != canonical_json(new):
        yield Change(part, key, "changed", old, new)
