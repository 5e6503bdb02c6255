"""What a changed placement puts on its members' capacity: after a new sum, new shares, an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from coinsurance.placements import exposure, gathering
from coinsurance.premiums.rows import PlacementRow, unlocked
from coinsurance.rules.capacity import SectionShares, needs
from service.kernel.calendar import today
from service.kernel.db import sql, work
from service.kernel.money import split

_SECTIONS = """
SELECT s.id, s.limit_fen, s.aggregate_fen, (SELECT json_object_agg(i.organisation, i.share_units)
    FROM share_item i WHERE i.share_units > 0 AND i.schedule = (SELECT h.id FROM share_schedule h
      WHERE h.section = s.id AND h.placement = $1 AND h.status = 'effective'
      ORDER BY h.valid_from <= $2 DESC, CASE WHEN h.valid_from <= $2 THEN h.valid_from END DESC,
        h.valid_from LIMIT 1))::text AS shares,
  (SELECT coalesce(sum(d.sum_change_fen), 0)::bigint FROM endorsement d
    JOIN placement_endorsement e ON e.endorsement = d.id WHERE e.section = s.id
    AND d.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM endorsement u WHERE u.undoes = d.id))
    AS own_fen
FROM risk_section s WHERE s.risk = $3 ORDER BY s.position
"""
_COMMON = """
SELECT (c.current_sum_fen - c.sum_insured_fen)::bigint AS changed_fen FROM policy c WHERE c.id = $1
"""


async def refresh(
    placement: PlacementRow, day: date, shares: Mapping[int, Mapping[int, int]] | None = None
) -> bool:
    """Bring the members' capacity in line with sums and shares; Refused where it would be passed.

    Returns whether anything changed.

    `shares`: what sections (by id) will carry by organisation, where a schedule is to change. What
    changes on a later day holds from now on where it grows; what shrinks is kept until that day.
    """
    rows = await sql(_SECTIONS, placement.id, day, placement.risk_id)
    changed = (await sql(_COMMON, placement.policy_id))[0]["changed_fen"]
    common = changed - sum(row["own_fen"] for row in rows)
    spread = split(common, [row["limit_fen"] for row in rows])
    sections = []
    for row, more in zip(rows, spread, strict=True):
        grown = row["own_fen"] + more
        own = (shares or {}).get(row["id"]) or msgspec.json.decode(row["shares"])
        aggregate = row["aggregate_fen"]
        sections.append(
            SectionShares(
                max(row["limit_fen"] + grown, 0),
                {str(key): units for key, units in own.items() if units},
                None if aggregate is None else max(aggregate + grown, 0),
            )
        )
    at_risk, zones = await gathering.zones_for(placement.risk_id)
    wanted = {int(key): need for key, need in needs(sections, at_risk).items()}
    locked = await exposure.lock(
        placement.year_id, wanted, zones.ids, placement.id, keep=day > today()
    )
    return await exposure.settle(locked, placement.id)


_LATER = """
SELECT l.number FROM placement l WHERE l.status IN ('bound', 'in_force')
  AND EXISTS (SELECT 1 FROM (
    SELECT h.valid_from AS day FROM share_schedule h WHERE h.placement = l.id
      AND h.status = 'effective' AND h.valid_from > l.start_on
    UNION ALL SELECT e.effective_on FROM placement_endorsement e WHERE e.placement = l.id
      AND e.status = 'issued' AND e.sum_change_fen <> 0) c
  WHERE c.day <= $1 AND NOT EXISTS (SELECT 1 FROM placement_exposure x WHERE x.placement = l.id
    AND (x.released_at AT TIME ZONE 'Asia/Shanghai')::date >= c.day)) ORDER BY l.id
"""
_ENDED = """
SELECT l.id, l.pool_year FROM placement l WHERE l.status = 'cancelled'
  AND EXISTS (SELECT 1 FROM placement_exposure x WHERE x.placement = l.id AND x.zone IS NOT NULL
    AND x.released_at IS NULL)
  AND (SELECT e.effective_on FROM placement_endorsement e WHERE e.placement = l.id
    AND e.status = 'issued' AND e.kind = 'cancel' ORDER BY e.id DESC LIMIT 1) <= $1 ORDER BY l.id
"""


async def due(day: date) -> int:
    """Give back what changes and cancellations left from their day on; how many placements."""
    count = 0
    for row in await sql(_LATER, day):
        async with work():
            placement = await unlocked(row["number"])
            await sql("SELECT id FROM placement WHERE id = $1 FOR UPDATE", placement.id)
            count += await refresh(placement, day)
    ended = await sql(_ENDED, day)
    for row in ended:
        async with work():
            await sql("SELECT id FROM placement WHERE id = $1 FOR UPDATE", row["id"])
            await exposure.release(row["id"], row["pool_year"], year_too=False)
    return count + len(ended)


async def release(placement: PlacementRow, *, year_too: bool) -> None:
    """Give back what a cancelled placement used."""
    await exposure.release(placement.id, placement.year_id, year_too=year_too)
