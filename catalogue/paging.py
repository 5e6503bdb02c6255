"""Lists by their key, newest first, that can be turned in both directions (keyset paging).

A cursor holds the key of a row; a negative one asks for the rows above it, the page before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogue.rules.nouns import Term
from service.api import decode_cursor, encode_cursor, page_size
from service.kernel.db import sql
from service.kernel.errors import Refused
from service.kernel.findings import blocker


@dataclass(frozen=True, slots=True)
class Turned:
    """The rows of a page with the cursors of the pages around it; null where there is none."""

    rows: list[Any]
    next: str | None
    previous: str | None


def check_status(status: str | None, terms: type[Term]) -> None:
    """Refused when a filter names a status that there is not."""
    choices = [term.value for term in terms]
    if status and status not in choices:
        raise Refused([blocker("form.not_a_choice", "status", value=status, choices=choices)])


async def id_page(
    statement: str, key: str, cursor: str | None, limit: int | None, *values: Any
) -> Turned:
    """One page of a statement that ends in its conditions; its rows carry the key as `id`."""
    size = page_size(limit)
    after = decode_cursor(cursor, (int,))
    back = after is not None and after[0] < 0
    given = list(values)
    if after is not None:
        given.append(abs(after[0]))
        statement += f" AND {key} {'>' if back else '<'} ${len(given)}"
    given.append(size + 1)
    statement += f" ORDER BY {key} {'ASC' if back else 'DESC'} LIMIT ${len(given)}"
    rows = await sql(statement, *given)
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return Turned([], None, None)
    following = encode_cursor([rows[-1]["id"]]) if more or back else None
    earlier = more if back else after is not None
    return Turned(rows, following, encode_cursor([-rows[0]["id"]]) if earlier else None)
