"""Lists by key: conditions, one statement for a page, cursors in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.api import decode_cursor, encode_cursor, page_size
from service.kernel.db import sql
from service.kernel.errors import Refused
from service.kernel.findings import blocker

WORD_MAX = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page: `cursor` is the `next` of the page before, `before` the `previous` of a page."""

    cursor: str | None = None
    limit: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Two columns that together are unique, with their types; `down` turns the list round."""

    first: str
    second: str
    types: tuple[type, type]
    down: bool = False


class Where:
    """Conditions with `?` for values, numbered as they come."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        for value in values:
            self.values.append(value)
            condition = condition.replace("?", f"${len(self.values)}", 1)
        self.parts.append(condition)

    def word(self, columns: str, word: str) -> None:
        """The word occurs literally in an SQL text expression, whatever its case."""
        if "\x00" in word:
            raise Refused([blocker("form.control_characters", "q")])
        if len(word) > WORD_MAX:
            raise Refused([blocker("form.too_long", "q", actual=len(word), limit=WORD_MAX)])
        self.add(f"position(? in lower({columns})) > 0", word.strip().lower())

    def text(self) -> str:
        return " AND ".join(self.parts) or "true"


async def page_rows(
    columns: str, source: str, where: Where, order: Order, turn: Turn
) -> tuple[list[Any], str | None, str | None]:
    """The rows of one page with the cursors of the next and the previous page."""
    limit = page_size(turn.limit)
    start = decode_cursor(turn.before or turn.cursor, order.types)
    back = bool(turn.before)
    down = order.down != back
    if start is not None:
        where.add(f"({order.first}, {order.second}) {'<' if down else '>'} (?, ?)", *start)
    direction = " DESC" if down else ""
    rows = await sql(
        f"SELECT {columns}, {order.first} AS key_a, {order.second} AS key_b FROM {source}"
        f" WHERE {where.text()} ORDER BY {order.first}{direction}, {order.second}{direction}"
        f" LIMIT ${len(where.values) + 1}",
        *where.values,
        limit + 1,
    )
    more = len(rows) > limit
    rows = rows[:limit][::-1] if back else rows[:limit]
    following = _cursor(rows, -1) if more or back else None
    earlier = _cursor(rows, 0) if (more if back else turn.cursor) else None
    return rows, following, earlier


def _cursor(rows: list[Any], position: int) -> str | None:
    return encode_cursor([rows[position]["key_a"], rows[position]["key_b"]]) if rows else None
