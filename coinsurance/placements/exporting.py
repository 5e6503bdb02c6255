"""Rows of exports of risks, lines, placements and accumulation; peers are masked as everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from coinsurance.access import keep_look
from coinsurance.placements.rows import VISIBLE
from coinsurance.placements.zones import EVENT_CAPACITY
from coinsurance.rules.nouns import SEES_ALL_ROLES
from service.api import PAGE_MAX
from service.auth import Actor
from service.kernel.db import sql

_SEES = """
($1 OR r.issuer = $2 OR EXISTS (SELECT 1 FROM pool_member v WHERE v.pool_year = r.pool_year
  AND v.organisation = $2 AND v.status = 'active' AND v.roles && $3::varchar[]))
"""
_LINES = f"""
SELECT l.id, y.number AS pool_year, r.number AS risk, r.title, s.code AS section, o.uscc,
  o.short_name AS name, m.position, l.status, l.written_units, l.up_to_units, l.amount_max_fen,
  l.to_stand, l.conditions, l.valid_until, l.off_platform, l.signed_units
FROM risk_line l JOIN risk_section s ON s.id = l.section JOIN risk r ON r.id = s.risk
  JOIN pool_year y ON y.id = r.pool_year JOIN organisation o ON o.id = l.organisation
  JOIN pool_member m ON m.pool_year = r.pool_year AND m.organisation = l.organisation
WHERE {VISIBLE} AND (l.organisation = $2 OR {_SEES})
  AND ($4::text IS NULL OR y.number = $4) AND ($5::text IS NULL OR r.number = $5)
  AND l.id > $6 ORDER BY l.id LIMIT $7
"""
_SHARES = f"""
SELECT i.id, y.number AS pool_year, l.number AS placement, c.number AS policy, e.name AS insured,
  s.code AS section, h.number AS schedule, h.valid_from, o.uscc, o.short_name AS name, i.position,
  i.share_units, s.limit_fen, s.premium_fen, l.start_on, l.end_on, l.status
FROM share_item i JOIN share_schedule h ON h.id = i.schedule JOIN placement l ON l.id = h.placement
  JOIN risk r ON r.id = l.risk JOIN risk_section s ON s.id = h.section
  JOIN policy c ON c.id = l.policy JOIN organisation e ON e.id = l.insured
  JOIN pool_year y ON y.id = l.pool_year JOIN organisation o ON o.id = i.organisation
WHERE h.status = 'effective' AND {VISIBLE} AND (i.organisation = $2 OR {_SEES})
  AND ($4::text IS NULL OR y.number = $4) AND ($5::text IS NULL OR l.number = $5)
  AND i.id > $6 ORDER BY i.id LIMIT $7
"""
_USES = f"""
SELECT u.id, z.code, z.kind, z.name AS zone, o.uscc, o.short_name AS name, u.used_fen,
  {EVENT_CAPACITY} AS limit_fen
FROM zone_use u JOIN accumulation_zone z ON z.id = u.zone
  JOIN organisation o ON o.id = u.organisation
WHERE ($1::boolean OR u.organisation = $2) AND ($3::text IS NULL OR z.code = $3)
  AND u.id > $4 ORDER BY u.id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of an export is wanted: a pool year, and one record of it."""

    pool_year: str | None = None
    number: str | None = None


async def lines(actor: Actor, wanted: Wanted) -> AsyncIterator[Any]:
    """Lines of the risks a reader may see: all of them for who sees every share, else its own."""
    async for row in _masked(_LINES, actor, wanted, "lines"):
        yield row


async def shares(actor: Actor, wanted: Wanted) -> AsyncIterator[Any]:
    """Shares of placements by schedule and section, masked in the same way."""
    async for row in _masked(_SHARES, actor, wanted, "shares"):
        yield row


async def _masked(query: str, actor: Actor, wanted: Wanted, what: str) -> AsyncIterator[Any]:
    roles = [role.value for role in SEES_ALL_ROLES]
    subject = wanted.number or wanted.pool_year or "*"
    await keep_look(actor, "placement", subject, what, exported=True)
    last = 0
    while True:
        rows = await sql(
            query,
            actor.sees_all,
            actor.organisation_id,
            roles,
            wanted.pool_year,
            wanted.number,
            last,
            PAGE_MAX,
        )
        for row in rows:
            yield row
        if len(rows) < PAGE_MAX:
            return
        last = rows[-1]["id"]


async def uses(actor: Actor, zone: str | None) -> AsyncIterator[Any]:
    """What members have at risk in zones over all pools; a member reads its own."""
    await keep_look(actor, "accumulation_zone", zone or "*", "exposure", exported=True)
    last = 0
    while True:
        rows = await sql(_USES, actor.sees_all, actor.organisation_id, zone, last, PAGE_MAX)
        for row in rows:
            yield row
        if len(rows) < PAGE_MAX:
            return
        last = rows[-1]["id"]
