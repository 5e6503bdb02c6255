"""Rows of a rule that hold for some lines only: a ratio, a multiple or a cap with its conditions.

Two rows of one key must never fit the same line (:func:`Condition.overlaps`); so there is no order
of precedence to know. A line that no row fits has no value: the rule is silent about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

TextSet = frozenset[str] | None
CODES = ("kind", "level", "class", "counted_by")
FLAGS = ("key_part", "first_time")
NUMBERS = ("year_from", "year_to", "insured_above_fen", "insured_to_fen")
CONDITION_FIELDS = frozenset((*CODES, *FLAGS, *NUMBERS))


@dataclass(frozen=True, slots=True)
class Facets:
    """The side of a line that conditions look at."""

    kind: str = ""
    level: str = ""
    product_class: str = ""
    counted_by: str = ""
    key_part: bool = False
    first_time: bool | None = None
    year: int = 1
    insured_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """When a row fits; a part that is None fits always.

    ``insured_above_fen`` is not part of the band, ``insured_to_fen`` is (民法典 art. 1259).
    """

    kinds: TextSet = None
    levels: TextSet = None
    classes: TextSet = None
    counted_by: TextSet = None
    key_part: bool | None = None
    first_time: bool | None = None
    year_from: int | None = None
    year_to: int | None = None
    insured_above_fen: int | None = None
    insured_to_fen: int | None = None

    @property
    def always(self) -> bool:
        """Whether the row fits every line."""
        return self == Condition()

    def fits(self, line: Facets) -> bool:
        """Whether a line meets every part."""
        return (
            all(
                wanted is None or given in wanted
                for wanted, given in (
                    (self.kinds, line.kind),
                    (self.levels, line.level),
                    (self.classes, line.product_class),
                    (self.counted_by, line.counted_by),
                )
            )
            and self.key_part in (None, line.key_part)
            and self.first_time in (None, line.first_time)
            and _inside(line.year, self.year_from, self.year_to)
            and self._fits_sum(line.insured_fen)
        )

    def overlaps(self, other: Condition) -> bool:
        """Whether some line could meet both."""
        return (
            all(
                mine is None or theirs is None or bool(mine & theirs)
                for mine, theirs in (
                    (self.kinds, other.kinds),
                    (self.levels, other.levels),
                    (self.classes, other.classes),
                    (self.counted_by, other.counted_by),
                )
            )
            and _same(self.key_part, other.key_part)
            and _same(self.first_time, other.first_time)
            and _bands_meet(
                (self.year_from, self.year_to), (other.year_from, other.year_to), step=0
            )
            and _bands_meet(
                (self.insured_above_fen, self.insured_to_fen),
                (other.insured_above_fen, other.insured_to_fen),
                step=1,
            )
        )

    def _fits_sum(self, insured_fen: int | None) -> bool:
        if self.insured_above_fen is None and self.insured_to_fen is None:
            return True
        if insured_fen is None:
            return False
        above = None if self.insured_above_fen is None else self.insured_above_fen + 1
        return _inside(insured_fen, above, self.insured_to_fen)


@dataclass(frozen=True, slots=True)
class Row:
    """One value with its condition: ppm for a ratio or a multiple, fen for a cap."""

    value: int
    condition: Condition = Condition()
    scope: str = ""


def pick(rows: Iterable[Row], line: Facets) -> Row | None:
    """Return the row that fits a line, or None where the rule is silent."""
    return next((row for row in rows if row.condition.fits(line)), None)


def clashes(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Yield the positions of each two rows of one scope that could fit the same line."""
    for first, row in enumerate(rows):
        for second in range(first + 1, len(rows)):
            other = rows[second]
            if row.scope == other.scope and row.condition.overlaps(other.condition):
                yield first, second


def _inside(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _same(mine: bool | None, theirs: bool | None) -> bool:
    return mine is None or theirs is None or mine == theirs


def _bands_meet(
    mine: tuple[int | None, int | None], theirs: tuple[int | None, int | None], step: int
) -> bool:
    """Whether two bands share a value; ``step`` 1 where the lower bound is not part of the band."""
    (low, high), (other_low, other_high) = mine, theirs
    return _reaches(low, other_high, step) and _reaches(other_low, high, step)


def _reaches(low: int | None, high: int | None, step: int) -> bool:
    return low is None or high is None or low + step <= high
