"""Who looked at confidential figures of the pools, and when, as it was kept (查阅留痕)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.api import decode_cursor, encode_cursor, page_size
from service.kernel.db import sql


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the reader, what was looked at, and whether it was taken away as a file."""

    id: int
    at: datetime
    reader: str
    login: str
    organisation: str
    subject_kind: str
    subject: str
    what: str
    exported: bool


@dataclass(frozen=True, slots=True)
class LookPage:
    """A page of looks, newest first."""

    items: list[Look]
    next: str | None


_LOOKS = """
SELECT k.id, k.at, u.name AS reader, u.login, o.short_name AS organisation, k.subject_kind,
  k.subject, k.what, k.exported
FROM pool_look k JOIN eastlake_user u ON u.id = k.reader
  JOIN organisation o ON o.id = k.organisation
WHERE ($1::text IS NULL OR k.subject = $1) AND ($2::text IS NULL OR u.login = $2)
  AND ($3::date IS NULL OR (k.at AT TIME ZONE 'Asia/Shanghai')::date = $3)
  AND ($4::bigint IS NULL OR k.id < $4)
ORDER BY k.id DESC LIMIT $5
"""


async def looks(
    subject: str | None,
    login: str | None,
    day: date | None,
    cursor: str | None,
    limit: int | None = None,
) -> LookPage:
    """Looks at a subject, by a person or on a day in Shanghai, newest first."""
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    rows = await sql(_LOOKS, subject, login, day, after[0] if after else None, size + 1)
    items = [Look(**row) for row in rows[:size]]
    return LookPage(items, encode_cursor([items[-1].id]) if len(rows) > size else None)
