"""What was learnt later: products whose standing on a day is known differently now than then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.kernel.calendar import now
from service.kernel.db import sql

# The rule of library.py for two moments at once: of the facts known then the last one holds.
_DIFFERENT = """
WITH moment(known, at) AS (VALUES ('then', $2::timestamptz), ('now', $3::timestamptz)),
standing AS (SELECT DISTINCT ON (m.known, f.product) m.known, f.product, f.status
  FROM moment m JOIN library_fact f ON f.recorded_at <= m.at
  WHERE f.status <> 'void' AND f.effective_on <= $1 AND NOT EXISTS (SELECT 1 FROM library_fact c
    WHERE c.corrects = f.id AND c.recorded_at <= m.at)
  ORDER BY m.known, f.product, f.effective_on DESC, f.recorded_at DESC, f.id DESC)
SELECT p.number, v.name, o.short_name AS insurer, coalesce(a.status, '') AS then_status,
  coalesce(b.status, '') AS now_status, l.recorded_at AS learnt_at, l.note
FROM (SELECT * FROM standing WHERE known = 'then') a
FULL JOIN (SELECT * FROM standing WHERE known = 'now') b ON b.product = a.product
JOIN product p ON p.id = coalesce(a.product, b.product) JOIN organisation o ON o.id = p.insurer
JOIN LATERAL (SELECT f.version, f.recorded_at, j.note FROM library_fact f
  JOIN journal_event j ON j.id = f.journal_event
  WHERE f.product = p.id AND f.recorded_at > $2 AND f.recorded_at <= $3
  ORDER BY f.recorded_at DESC LIMIT 1) l ON true
JOIN product_version v ON v.id = l.version
WHERE coalesce(a.status, '') <> coalesce(b.status, '') ORDER BY p.number LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class LearntLater:
    """A product that stood differently as known then; an empty status: not in the library yet."""

    number: str
    name: str
    insurer: str
    then_status: str
    now_status: str
    learnt_at: datetime
    note: str


async def learnt_later(as_of: date, as_known_at: datetime) -> list[LearntLater]:
    """Products whose standing as of a day differs between then and now, with what was recorded."""
    rows = await sql(_DIFFERENT, as_of, as_known_at, now())
    return [LearntLater(**row) for row in rows]
