"""Pages of a product list in one statement: the database builds the JSON, pages go by key.

Statements are written so that one prepared plan serves every value: values come as `(SELECT $1)`,
which the planner cannot peep into, since a plan made for a rare word ruins a common one and a plan
of its own for each call costs as much again as the call. The limit is written out, as a bound one
is taken for a tenth of the table. Measured on 100,000 products with `tests/bench/bench_reads.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from service.api import decode_cursor, encode_cursor, page_size
from service.kernel.db import sql

COUNT_MAX = 1000
"""Counts are exact up to here; beyond, `total` says so with `exact: false`."""
WINDOW = 1500
"""Rows in order that are looked through for a frequent word before an index is asked."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: where its rows come from, their JSON, what holds for all of them, their order.

    `names` are joins that only the JSON needs.
    """

    source: str
    item: str
    key: tuple[str, str]
    types: tuple[type, type]
    names: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page: rows after `cursor`, or those before `before`; `both_ways` names both ends."""

    limit: int | None = None
    cursor: str | None = None
    before: str | None = None
    both_ways: bool = False


class Filters:
    """Conditions and their parameters, numbered as they come.

    `judged` decides over a row at hand; `looked_up` says the same for an index to answer. `narrow`
    filters leave few rows, so that all of these are sorted.
    """

    def __init__(self, *, narrow: bool = False) -> None:
        self.values: list[Any] = []
        self.judged: list[str] = []
        self.looked_up: list[str] = []
        self.narrow = narrow

    def bind(self, value: Any) -> str:
        self.values.append(value)
        kinds = {str: "text", int: "bigint", bool: "boolean", list: "varchar[]"}
        return f"(SELECT ${len(self.values)}::{kinds[type(value)]})"

    def add(self, condition: str, *values: Any) -> str:
        """A condition for both uses; each `?` stands for a value."""
        for value in values:
            condition = condition.replace("?", self.bind(value), 1)
        self.judged.append(condition)
        self.looked_up.append(condition)
        return condition


def _all(conditions: tuple[str, ...]) -> str:
    return " AND ".join(conditions) or "true"


@dataclass(frozen=True, slots=True)
class _Statement:
    """What makes the text of a page, apart from the values; texts are made once."""

    listing: Listing
    judged: tuple[str, ...]
    looked_up: tuple[str, ...]
    narrow: bool
    start: int
    """Number of the cursor's first parameter, 0 without a cursor."""
    back: bool
    limit: int
    indexed: bool

    @property
    def direction(self) -> str:
        return " DESC" if self.listing.descending != self.back else ""

    def after(self, a: str, b: str) -> str:
        """The condition that a row lies after the cursor."""
        compare = "<" if self.direction else ">"
        return f"({a}, {b}) {compare} (${self.start}, ${self.start + 1})" if self.start else "true"

    def order(self, a: str, b: str) -> str:
        return f"ORDER BY {a}{self.direction}, {b}{self.direction} LIMIT"

    def rows_in_order(self) -> str:
        """Rows `r` read along the order, and their number `n`."""
        listing, (a, b) = self.listing, self.listing.key
        where = _all(self.judged)
        return (
            f"n AS (SELECT count(*)::int AS total FROM (SELECT 1 FROM {listing.source}"
            f" WHERE {where} LIMIT {COUNT_MAX + 1}) c), r AS (SELECT {listing.item} AS item,"
            f" {a} AS a, {b} AS b FROM {listing.source} {listing.names} WHERE {where}"
            f" AND {self.after(a, b)} {self.order(a, b)} {self.limit + 1})"
        )

    def rows_looked_up(self) -> str:
        """Rows `r` found by an index and sorted, and their number `n`; the source has the items.

        `m` are the matches, cut off once they are too many to count: until then they are all
        there is to sort. Frequent words are met by walking along the order (`w`); where the order
        puts them far off (the name of an insurer), all matches are sorted after all.
        """
        source, (a, b) = self.listing.source, self.listing.key
        where = _all(self.looked_up)
        keys = f"SELECT {a} AS a, {b} AS b FROM {source}"
        many, enough = f"(SELECT total FROM n) > {COUNT_MAX}", "false"
        cut = f"{self.after('a', 'b')} {self.order('a', 'b')} {self.limit + 1}"
        walk = walked = ""
        if not self.narrow:
            walk, walked = self._walk(many), "UNION ALL SELECT a, b FROM w WHERE enough "
            enough = "(SELECT enough FROM w LIMIT 1)"
        return (
            f"m AS MATERIALIZED ({keys} WHERE {where} LIMIT {COUNT_MAX + 1}),"
            f" n AS MATERIALIZED (SELECT count(*)::int AS total FROM m),{walk}"
            f" k AS ((SELECT a, b FROM m WHERE NOT {many} AND {cut}) {walked}"
            f"UNION ALL (SELECT a, b FROM ({keys} WHERE {where}"
            f" AND {many} AND {enough} IS NOT TRUE OFFSET 0) s WHERE {cut})),"
            f" r AS (SELECT {self.listing.item} AS item, k.a, k.b FROM k JOIN {source}"
            f" ON {b} = k.b)"
        )

    def _walk(self, many: str) -> str:
        """Rows `w` among the next WINDOW in order, and whether they fill the page."""
        a, b = self.listing.key
        return (
            f" w AS MATERIALIZED (SELECT a, b, count(*) OVER () > {self.limit} AS enough FROM"
            f" (SELECT a, b FROM (SELECT {a} AS a, {b} AS b, ({_all(self.judged)}) AS fits"
            f" FROM {self.listing.source} WHERE {self.after(a, b)} AND {many}"
            f" {self.order(a, b)} {WINDOW}) x WHERE fits"
            f" {self.order('a', 'b')} {self.limit + 1}) y),"
        )


@lru_cache(maxsize=500)
def _text(statement: _Statement) -> str:
    """One row for each item with its key, and the total on each; at least one row."""
    rows = statement.rows_looked_up() if statement.indexed else statement.rows_in_order()
    return (
        f"WITH {rows} SELECT n.total, r.item, r.a, r.b FROM n LEFT JOIN r ON true"
        f" ORDER BY r.a{statement.direction}, r.b{statement.direction}"
    )


async def page(listing: Listing, filters: Filters, turn: Turn, *, indexed: bool = False) -> bytes:
    """One page as `{"items": [...], "next": cursor|null, "total": {...}}`, in one statement.

    `indexed`: filters are answered by indexes first (the shelf), else judged along the order.
    """
    limit = page_size(turn.limit)
    start = decode_cursor(turn.before or turn.cursor, listing.types) or []
    statement = _Statement(
        listing,
        tuple(filters.judged),
        tuple(filters.looked_up),
        filters.narrow,
        len(filters.values) + 1 if start else 0,
        bool(turn.before),
        limit,
        indexed and bool(filters.judged),
    )
    return _as_page(await sql(_text(statement), *filters.values, *start), limit, turn)


def _as_page(rows: list[Any], limit: int, turn: Turn) -> bytes:
    total, back = rows[0]["total"], bool(turn.before)
    if rows[0]["item"] is None:
        rows = []
    more = len(rows) > limit
    rows = rows[:limit][::-1] if back else rows[:limit]
    tail: dict[str, Any] = {
        "next": _cursor(rows, -1) if more or back else None,
        "total": {"value": min(total, COUNT_MAX), "exact": total <= COUNT_MAX},
    }
    if turn.both_ways:
        earlier = more if back else bool(turn.cursor)
        tail["previous"] = _cursor(rows, 0) if earlier else None
    items = b",".join([row["item"] for row in rows])
    return b'{"items":[' + items + b"]," + msgspec.json.encode(tail)[1:]


def _cursor(rows: list[Any], position: int) -> str | None:
    return encode_cursor([rows[position]["a"], rows[position]["b"]]) if rows else None
