"""A member's own list of what it booked (对账清单), compared line by line with its statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.rules.nouns import Term


class Verdict(Term):
    """What comes of one line (核对结果)."""

    MATCH = "match", "一致", "The same in both."
    ALTERED = "altered", "内容不同", "In both, with other content."
    EXTRA = "extra", "成员多列", "In the member's list only."
    MISSING = "missing", "成员漏列", "On the statement only."


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A line of either side; empty text and None: not told, so not compared."""

    reference: str
    amount_fen: int
    policy: str = ""
    item: str = ""
    own_reference: str = ""
    share_units: int | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """What differs in a line that is in both."""

    field: str
    stated: str
    uploaded: str


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line with its verdict; `difference_fen` is the member's amount less the statement's."""

    verdict: Verdict
    stated: BookedLine | None
    uploaded: BookedLine | None
    difference_fen: int
    fields: tuple[FieldDifference, ...] = ()


def compare(stated: Sequence[BookedLine], uploaded: Sequence[BookedLine]) -> list[LineResult]:
    """Match every line once: by reference, then by policy, type and amount, then by policy and
    type alone; in the order of the member's list, what it lacks at the end."""
    left = dict(enumerate(stated))
    pairs: dict[int, int] = {}
    for same in (_same_reference, _same_booking, _same_matter):
        for n, line in enumerate(uploaded):
            if n in pairs:
                continue
            found = next((m for m, other in left.items() if same(other, line)), None)
            if found is not None:
                pairs[n] = found
                del left[found]
    results = [
        _matched(stated[pairs[n]], line)
        if n in pairs
        else LineResult(Verdict.EXTRA, None, line, line.amount_fen)
        for n, line in enumerate(uploaded)
    ]
    return results + [
        LineResult(Verdict.MISSING, line, None, -line.amount_fen) for line in left.values()
    ]


def _same_reference(stated: BookedLine, uploaded: BookedLine) -> bool:
    return bool(uploaded.reference) and stated.reference == uploaded.reference


def _same_booking(stated: BookedLine, uploaded: BookedLine) -> bool:
    return _same_matter(stated, uploaded) and stated.amount_fen == uploaded.amount_fen


def _same_matter(stated: BookedLine, uploaded: BookedLine) -> bool:
    """A line that names a reference of ours is looked for under it only."""
    if uploaded.reference or not uploaded.policy:
        return False
    return (stated.policy, stated.item) == (uploaded.policy, uploaded.item or stated.item)


def _matched(stated: BookedLine, uploaded: BookedLine) -> LineResult:
    fields = tuple(_differences(stated, uploaded))
    verdict = Verdict.ALTERED if fields else Verdict.MATCH
    gap_fen = uploaded.amount_fen - stated.amount_fen
    return LineResult(verdict, stated, uploaded, gap_fen, fields)


def _differences(stated: BookedLine, uploaded: BookedLine) -> list[FieldDifference]:
    found = []
    for name in ("amount_fen", "policy", "item", "share_units"):
        ours, theirs = getattr(stated, name), getattr(uploaded, name)
        if theirs not in (None, "") and ours not in (None, "") and ours != theirs:
            found.append(FieldDifference(name, str(ours), str(theirs)))
    return found
