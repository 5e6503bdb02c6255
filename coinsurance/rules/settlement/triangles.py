"""The development triangle (赔款进展三角形): accident years by quarters of development.

The first quarter of development of an accident year is the first quarter of that year; paid and
incurred are cumulative, in fen. Cells after the day asked about do not exist, they are not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from catalogue.rules.library_count import Definition


@dataclass(frozen=True, slots=True)
class Development:
    """What was paid and how the reserve moved, by year of loss and quarter of booking."""

    accident_year: int
    year: int
    quarter: int
    paid_fen: int
    reserve_change_fen: int


@dataclass(frozen=True, slots=True)
class TriangleRow:
    """One accident year: cumulative paid and incurred at the end of each quarter."""

    accident_year: int
    paid_fen: tuple[int, ...]
    incurred_fen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LinkRatio:
    """How far a quarter leads to the next, over all years that have both (volume weighted)."""

    from_quarter: int
    numerator_fen: int
    denominator_fen: int


@dataclass(frozen=True, slots=True)
class Triangle:
    """All accident years with the ratios between neighbouring quarters."""

    rows: tuple[TriangleRow, ...]
    paid_links: tuple[LinkRatio, ...]
    incurred_links: tuple[LinkRatio, ...]


def quarter_of(day: date) -> int:
    """The quarter of the year, 1 to 4."""
    return (day.month + 2) // 3


def quarters_of(accident_year: int, on: date) -> int:
    """How many quarters of development a year has begun by a day."""
    return max(0, (on.year - accident_year) * 4 + quarter_of(on))


def triangle(movements: Iterable[Development], years: Sequence[int], on: date) -> Triangle:
    """Cumulate movements into a triangle of the given accident years as of a day."""
    steps: dict[tuple[int, int], list[int]] = {}
    for move in movements:
        number = (move.year - move.accident_year) * 4 + move.quarter
        cell = steps.setdefault((move.accident_year, max(1, number)), [0, 0])
        cell[0] += move.paid_fen
        cell[1] += move.paid_fen + move.reserve_change_fen
    rows = tuple(_row(year, quarters_of(year, on), steps) for year in sorted(years))
    return Triangle(
        rows,
        _links([row.paid_fen for row in rows]),
        _links([row.incurred_fen for row in rows]),
    )


def _row(year: int, quarters: int, steps: dict[tuple[int, int], list[int]]) -> TriangleRow:
    paid, incurred = [], []
    paid_fen = incurred_fen = 0
    for quarter in range(1, quarters + 1):
        step = steps.get((year, quarter), [0, 0])
        paid_fen += step[0]
        incurred_fen += step[1]
        paid.append(paid_fen)
        incurred.append(incurred_fen)
    return TriangleRow(year, tuple(paid), tuple(incurred))


def _links(rows: Sequence[Sequence[int]]) -> tuple[LinkRatio, ...]:
    width = max((len(row) for row in rows), default=0)
    found = []
    for quarter in range(1, width):
        both = [row for row in rows if len(row) > quarter]
        found.append(
            LinkRatio(
                quarter,
                sum(row[quarter] for row in both),
                sum(row[quarter - 1] for row in both),
            )
        )
    return tuple(found)


TRIANGLE = Definition(
    "pool-triangle/1",
    "赔款进展三角形：行为出险年度，列为自出险年度第一季度起的进展季度；累计已决为各成员承担部分之和，扣减追偿与残值，"
    "累计已发生为累计已决加未决估损。理赔费用另列，不计入。统计日之后的格不存在，不以零填充。",
    "Development triangle: rows are years of loss, columns quarters since that year began; "
    "cumulative paid is the sum of members' parts net of recoveries and salvage, incurred adds "
    "what is reserved. Expenses are told apart. Cells after the day do not exist.",
    "DESIGN law 6",
    "本口径为系统采用的定义。",
    "The definition is the registry's own.",
)
