"""How many products are in the library (在库), as of any day and as known at any moment.

Pure reference of the count; the database computes the same from ``library_fact``. A fact holds from
``effective_on`` and was known at ``recorded_at``. A correction is a later fact that names the wrong
one; it is judged like any other, so that "as known at" an earlier moment never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from catalogue.rules.facts import LibraryRow
from catalogue.rules.nouns import ProductStatus, Stage

VOID = "void"
"""Status of a fact that only cancels the one it corrects."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means (口径); it travels with the figure."""

    id: str
    zh: str
    en: str
    source: str
    note_zh: str
    note_en: str


DEFINITION = Definition(
    id="library-count/1",
    zh=(
        "在库产品数：截至统计日已由示范区管委会批准入库、未暂停、未退出的产品个数，一家保险公司的一个产品计一个，"
        "新版本替换旧版本不重复计数。同一产品涉及多个环节或多个行业的，在每个环节、行业各计一次，合计只计一次。"
        "另列不同产品类型数，避免同类产品重复报送造成虚增。统计日按北京时间；按“当时所知”统计时，"
        "只采用该时刻之前已登记的事实，其后的更正不改变当时的数字。"
    ),
    en=(
        "Products in the library: products entered by the zone committee and neither suspended nor "
        "withdrawn on the day of the count; one product of one insurer counts once, and a new "
        "version does not count again. A product of several stages or industries counts once in "
        "each of them and once in the total. Distinct product types stand beside the total. Days "
        "are days in Shanghai; as known at a moment, only facts recorded by then are used."
    ),
    source="武政办〔2025〕67号 二(四)14",
    note_zh="文件提出“科技保险在库产品达到60个”，未规定“在库”的口径；本口径为系统采用的定义。",
    note_en=(
        "The plan asks for 60 products in the library and does not define the term; "
        "this definition is the registry's own."
    ),
)


@dataclass(frozen=True, slots=True)
class CountLine:
    """One value of the dimension a count is split by."""

    code: str
    label_zh: str
    products: int
    types: int


@dataclass(frozen=True, slots=True)
class Count:
    """The figure with what it was asked for and its definition."""

    as_of: date
    as_known_at: datetime
    products: int
    types: int
    by: str | None = None
    lines: tuple[CountLine, ...] = ()
    definition: Definition = DEFINITION


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The count of one day."""

    day: date
    products: int
    types: int


_Split = Callable[[LibraryRow], Sequence[str]]
DIMENSIONS: dict[str, _Split] = {
    "stage": lambda row: row.stages,
    "industry": lambda row: row.industries,
    "type": lambda row: (row.type_code,),
    "insurer": lambda row: (row.insurer,),
    "district": lambda row: (row.district,),
}
"""What a count can be split by; stages are always all four, the others as they occur."""


def standing(
    rows: Iterable[LibraryRow], as_of: date, as_known_at: datetime
) -> dict[str, LibraryRow]:
    """Return the fact that holds for each product, whatever its status, by product number.

    Of the facts recorded by ``as_known_at`` those named by a correction among them are out: they
    stay out when the correction is corrected in turn. Of the rest with ``effective_on`` by
    ``as_of`` the latest by (effective_on, recorded_at, fact_id) holds.
    """
    known = [row for row in rows if row.recorded_at <= as_known_at]
    cancelled = {row.corrects for row in known if row.corrects is not None}
    latest: dict[str, LibraryRow] = {}
    for row in known:
        if row.status == VOID or row.fact_id in cancelled or row.effective_on > as_of:
            continue
        if row.product not in latest or _order(row) > _order(latest[row.product]):
            latest[row.product] = row
    return dict(sorted(latest.items()))


def in_library(
    rows: Iterable[LibraryRow], as_of: date, as_known_at: datetime
) -> tuple[LibraryRow, ...]:
    """Return the facts of the products that count, by product number."""
    standing_rows = standing(rows, as_of, as_known_at).values()
    return tuple(row for row in standing_rows if row.status == ProductStatus.IN_LIBRARY.value)


def count(
    rows: Iterable[LibraryRow], as_of: date, as_known_at: datetime, by: str | None = None
) -> Count:
    """Return the figure, split by one of DIMENSIONS when asked; raises KeyError for another."""
    there = in_library(rows, as_of, as_known_at)
    lines = () if by is None else _lines(there, by)
    return Count(as_of, as_known_at, len(there), _types(there), by, lines)


def trend(
    rows: Iterable[LibraryRow], days: Iterable[date], as_known_at: datetime
) -> tuple[TrendPoint, ...]:
    """Return the counts of several days, all as known at the same moment."""
    kept = tuple(rows)
    counts = (count(kept, day, as_known_at) for day in days)
    return tuple(TrendPoint(c.as_of, c.products, c.types) for c in counts)


def cross(
    rows: Iterable[LibraryRow], as_of: date, as_known_at: datetime, down: str, across: str
) -> dict[tuple[str, str], int]:
    """Return products by two dimensions, such as industry and stage; empty cells are left out."""
    cells: dict[tuple[str, str], int] = {}
    for row in in_library(rows, as_of, as_known_at):
        for first in dict.fromkeys(DIMENSIONS[down](row)):
            for second in dict.fromkeys(DIMENSIONS[across](row)):
                cells[first, second] = cells.get((first, second), 0) + 1
    return dict(sorted(cells.items()))


def _lines(there: Sequence[LibraryRow], by: str) -> tuple[CountLine, ...]:
    groups: dict[str, list[LibraryRow]] = {}
    if by == "stage":
        groups = {stage.value: [] for stage in Stage}
    for row in there:
        for code in dict.fromkeys(DIMENSIONS[by](row)):
            groups.setdefault(code, []).append(row)
    lines = [
        CountLine(code, _label(by, code), len(members), _types(members))
        for code, members in groups.items()
    ]
    if by == "stage":
        return tuple(lines)
    return tuple(sorted(lines, key=lambda line: (-line.products, line.code)))


def _label(by: str, code: str) -> str:
    if not code:
        return "未填写"
    return Stage.zh_of(code) if by == "stage" else code


def _types(rows: Iterable[LibraryRow]) -> int:
    return len({row.type_code for row in rows})


def _order(row: LibraryRow) -> tuple[date, datetime, int]:
    return row.effective_on, row.recorded_at, row.fact_id
