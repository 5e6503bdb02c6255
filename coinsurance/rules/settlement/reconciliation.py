"""Three-way reconciliation (三方核对): what the agreement expects, what statements say, what the
bank moved; to the fen, without tolerance.

Each side is a list of legs under references. A reference that does not agree on all three sides
makes a break with a code. A break stays open until a named person explains it; nothing is ever
written off because it is small.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from catalogue.rules.nouns import Term


class Break(Term):
    """Why a reference does not reconcile (差异代码)."""

    MISSING_IN_STATEMENT = (
        "missing_in_statement",
        "结算单缺项",
        "Expected, but no statement has it.",
    )
    NOT_EXPECTED = "not_expected", "协议未约定", "On a statement, but nothing was agreed."
    MISSING_IN_BANK = "missing_in_bank", "银行未到账", "To be paid by now, but no money moved."
    UNKNOWN_REFERENCE = "unknown_reference", "未知附言编号", "Money moved under no known reference."
    AMOUNT_DIFFERS = "amount_differs", "金额不符", "The sides have different amounts."
    DUPLICATE = "duplicate", "重复付款", "Paid more than once."
    WRONG_PARTY = "wrong_party", "收付方不符", "Another payer or payee than agreed."
    TIMING = "timing", "跨期", "Equal, but booked on the other side of the cut-off day."


class Side(Term):
    """One of the three sides (核对来源)."""

    EXPECTED = "expected", "协议应付", "What the agreement makes a member owe."
    STATED = "stated", "结算单", "What the statements and the book say."
    BANKED = "banked", "银行流水", "What the bank moved."


@dataclass(frozen=True, slots=True)
class Leg:
    """One amount of one side. `source` names the row: an obligation, an entry, a bank reference."""

    reference: str
    amount_fen: int
    payer: str = ""
    payee: str = ""
    on: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may explain a break; never applied by itself."""

    code: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A break: the sums of the three sides (None: the side has nothing) and what may explain it."""

    code: Break
    reference: str
    expected_fen: int | None
    stated_fen: int | None
    banked_fen: int | None
    difference_fen: int
    sources: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reconciles and what does not; `totals_fen` of the three sides."""

    matched: tuple[str, ...]
    breaks: tuple[Difference, ...]
    totals_fen: tuple[int, int, int]

    @property
    def clean(self) -> bool:
        """Whether nothing is open."""
        return not self.breaks


@dataclass(slots=True)
class _Row:
    legs: dict[Side, list[Leg]] = field(default_factory=lambda: defaultdict(list))

    def sum_fen(self, side: Side) -> int | None:
        """What a side says; None when it says nothing."""
        legs = self.legs.get(side)
        return sum(leg.amount_fen for leg in legs) if legs else None

    def sources(self) -> tuple[str, ...]:
        """Every row behind it."""
        return tuple(leg.source for side in Side for leg in self.legs.get(side, ()) if leg.source)


def reconcile(
    expected: Sequence[Leg],
    stated: Sequence[Leg],
    banked: Sequence[Leg],
    cutoff_on: date | None = None,
) -> Outcome:
    """Compare the three sides by reference; legs without any are breaks of their own.

    An expected leg whose day is after `cutoff_on` is not due yet and is left out where nothing
    else is under its reference. Several legs of one side are added: a debt paid in two parts
    reconciles.
    """
    rows: dict[str, _Row] = {}
    sides = ((Side.EXPECTED, expected), (Side.STATED, stated), (Side.BANKED, banked))
    for side, legs in sides:
        for n, leg in enumerate(legs):
            key = leg.reference.strip() or f"#{side.value}:{leg.source or n}"
            rows.setdefault(key, _Row()).legs[side].append(leg)
    matched: list[str] = []
    breaks: list[Difference] = []
    for key in sorted(rows):
        if _not_due(rows[key], cutoff_on):
            continue
        found = _judge(rows[key], cutoff_on)
        if not found:
            matched.append(key)
        breaks += [_difference(code, key, rows[key], gap_fen) for code, gap_fen in found]
    totals = [sum(leg.amount_fen for leg in legs) for _, legs in sides]
    told = tuple(_advised(found, breaks) for found in breaks)
    return Outcome(tuple(matched), told, (totals[0], totals[1], totals[2]))


def _not_due(row: _Row, cutoff_on: date | None) -> bool:
    """Only expected, and not before the cut-off day."""
    if cutoff_on is None or row.legs.get(Side.STATED) or row.legs.get(Side.BANKED):
        return False
    return all(leg.on is not None and leg.on > cutoff_on for leg in row.legs[Side.EXPECTED])


def _judge(row: _Row, cutoff_on: date | None) -> list[tuple[Break, int]]:
    """Every break under a reference, with the fen by which it is off."""
    expected, stated, banked = (row.sum_fen(side) for side in Side)
    due_fen = expected if expected is not None else stated
    if due_fen is None:
        return [(Break.UNKNOWN_REFERENCE, banked or 0)]
    found: list[tuple[Break, int]] = []
    if banked is None:
        found.append((Break.MISSING_IN_BANK, -due_fen))
    elif _paid_twice(row, due_fen):
        found.append((Break.DUPLICATE, banked - due_fen))
    elif banked != due_fen:
        found.append((Break.AMOUNT_DIFFERS, banked - due_fen))
    if expected is None:
        found.append((Break.NOT_EXPECTED, due_fen))
    elif stated is None and banked is not None:
        found.append((Break.MISSING_IN_STATEMENT, -expected))
    elif stated is not None and stated != expected and (Break.AMOUNT_DIFFERS not in dict(found)):
        found.append((Break.AMOUNT_DIFFERS, stated - expected))
    if _parties_differ(row):
        found.append((Break.WRONG_PARTY, 0))
    if not found and _across(row, cutoff_on):
        found.append((Break.TIMING, 0))
    return found


def _paid_twice(row: _Row, due_fen: int) -> bool:
    """More money than due, of which one payment alone, or a repeated one, would have been it."""
    banked = row.legs.get(Side.BANKED, [])
    total_fen = sum(leg.amount_fen for leg in banked)
    if len(banked) < 2 or total_fen <= due_fen:
        return False
    repeated = Counter(leg.amount_fen for leg in banked).most_common(1)[0][1] > 1
    return repeated or any(leg.amount_fen == due_fen for leg in banked)


def _parties_differ(row: _Row) -> bool:
    for name in ("payer", "payee"):
        told = {getattr(leg, name) for legs in row.legs.values() for leg in legs} - {""}
        if len(told) > 1:
            return True
    return False


def _across(row: _Row, cutoff_on: date | None) -> bool:
    """Whether statement and bank lie on different sides of the cut-off day."""
    if cutoff_on is None:
        return False
    sides = [
        any(leg.on is not None and leg.on > cutoff_on for leg in row.legs[side])
        for side in (Side.STATED, Side.BANKED)
    ]
    return sides[0] != sides[1]


def _difference(code: Break, key: str, row: _Row, gap_fen: int) -> Difference:
    expected, stated, banked = (row.sum_fen(side) for side in Side)
    return Difference(code, key, expected, stated, banked, gap_fen, row.sources())


def _advised(found: Difference, breaks: Sequence[Difference]) -> Difference:
    """The break with what may explain it, looked for among the other breaks."""
    others = [other for other in breaks if other.reference != found.reference]
    return replace(found, suggestions=tuple(_suggest(found, others)))


SUM_OF_MAX = 12
"""Among so many other breaks sums of two and three are looked for."""


def _suggest(found: Difference, others: Sequence[Difference]) -> Iterable[Suggestion]:
    gap_fen = found.difference_fen
    if gap_fen:
        equal = [o.reference for o in others if o.difference_fen == -gap_fen]
        if equal:
            yield Suggestion("same_amount", tuple(equal[:3]))
        else:
            parts = _sum_of(-gap_fen, others)
            if parts:
                yield Suggestion("sum_of", parts)
    like = [o.reference for o in others if _mistaken(found, o)]
    if like:
        yield Suggestion("like_reference", tuple(like[:3]))
    if _transposed(found):
        yield Suggestion("transposed_digits")
    if found.code is Break.TIMING:
        yield Suggestion("next_period")


def _sum_of(wanted_fen: int, others: Sequence[Difference]) -> tuple[str, ...]:
    """Two or three other breaks whose differences make up this one."""
    pool = [(o.difference_fen, o.reference) for o in others if o.difference_fen][:SUM_OF_MAX]
    for n, (first_fen, first) in enumerate(pool):
        for m, (second_fen, second) in enumerate(pool[n + 1 :], n + 1):
            if first_fen + second_fen == wanted_fen:
                return first, second
            for third_fen, third in pool[m + 1 :]:
                if first_fen + second_fen + third_fen == wanted_fen:
                    return first, second, third
    return ()


def _mistaken(found: Difference, other: Difference) -> bool:
    """Whether one is unknown and looks like the other, which is known."""
    unknown = [o.code is Break.UNKNOWN_REFERENCE for o in (found, other)]
    return unknown[0] != unknown[1] and _alike(found.reference, other.reference)


REFERENCE_MIN = 6
"""Shorter references are alike by chance."""


def _alike(one: str, other: str) -> bool:
    """Whether two references differ by one sign, or by two neighbours that changed places."""
    one, other = (_folded(text) for text in (one, other))
    if min(len(one), len(other)) < REFERENCE_MIN or one == other:
        return one == other
    if len(one) == len(other):
        wrong = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        swapped = (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and one[wrong[0]] == other[wrong[1]]
            and one[wrong[1]] == other[wrong[0]]
        )
        return len(wrong) == 1 or swapped
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(
        long[:n] + long[n + 1 :] == short for n in range(len(long))
    )


def _folded(reference: str) -> str:
    return "".join(c for c in reference.upper() if c.isalnum())


def _transposed(found: Difference) -> bool:
    """Whether two neighbouring digits of one amount changed places in another."""
    told = [fen for fen in (found.expected_fen, found.stated_fen, found.banked_fen) if fen]
    return any(
        a != b and len(str(a)) == len(str(b)) and _swapped(str(a), str(b))
        for n, a in enumerate(told)
        for b in told[n + 1 :]
    )


def _swapped(a: str, b: str) -> bool:
    wrong = [n for n, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and a[wrong[0]] == b[wrong[1]]
        and a[wrong[1]] == b[wrong[0]]
    )


SUGGESTIONS: dict[str, tuple[str, str]] = {
    "same_amount": (
        "金额与 {references} 的差异相抵，可能记错附言编号",
        "The difference of {references} makes up for it: a wrong reference perhaps",
    ),
    "sum_of": (
        "{references} 的差异合计与之相抵，可能合并付款",
        "The differences of {references} together make up for it: one payment for several perhaps",
    ),
    "like_reference": (
        "编号与 {references} 只差一位",
        "The reference is one sign away from {references}",
    ),
    "transposed_digits": (
        "两个相邻数字对调，可能录入有误",
        "Two digits changed places: a slip of the pen perhaps",
    ),
    "next_period": (
        "金额一致，只是跨期，可在下一期核对",
        "The amounts agree; only the period differs",
    ),
}
"""Code of a suggestion: Chinese and English words."""
