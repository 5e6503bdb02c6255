"""Accumulation zones (风险累积区): where losses meet, and what every member has at risk there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from catalogue.products.search import like_pattern
from coinsurance.access import keep_look
from coinsurance.placement_forms import ZoneForm
from coinsurance.risk_shapes import ZonePage, ZoneRecord
from coinsurance.rules.capacity import KINDS, Zone, check_parent
from coinsurance.rules.nouns import PoolRole
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor, Role
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, register

EVENT_CAPACITY = """coalesce((SELECT max(m.event_capacity_fen) FROM pool_member m
  JOIN pool_year y ON y.id = m.pool_year WHERE m.organisation = u.organisation
    AND m.status IN ('active', 'suspended') AND y.status IN ('signed', 'open')), u.limit_fen)"""
"""What the member of a `zone_use u` commits for one event: the most of its years that take business
(each binding is held to its own year's); without such a year what held last."""
_UP = """
WITH RECURSIVE up AS (
  SELECT id, code, kind, name, parent, 0 AS step FROM accumulation_zone WHERE {start}
  UNION SELECT z.id, z.code, z.kind, z.name, z.parent, up.step + 1 FROM accumulation_zone z
    JOIN up ON z.id = up.parent WHERE up.step < 10)
"""
_CHAIN = _UP + (
    " SELECT DISTINCT up.id, up.code, up.kind, p.code AS parent FROM up"
    " LEFT JOIN accumulation_zone p ON p.id = up.parent"
)


@dataclass(frozen=True, slots=True)
class ZoneMap:
    """Zones by code, with all zones above them, and the key of each."""

    zones: dict[str, Zone]
    ids: dict[str, int]


async def zone_map(codes: list[str]) -> ZoneMap:
    """The named zones and everything above them; unknown codes are simply not there."""
    rows = await sql(_CHAIN.format(start="code = ANY($1::text[])"), codes)
    return _map(rows)


async def zone_map_of(risk_id: int) -> tuple[dict[str, int], ZoneMap]:
    """What part of a risk lies in each of its zones (ppm), and the zones with those above."""
    listed = await sql(
        "SELECT z.code, k.at_risk_ppm FROM risk_zone k JOIN accumulation_zone z ON z.id = k.zone"
        " WHERE k.risk = $1 ORDER BY k.id",
        risk_id,
    )
    ppm = {row["code"]: row["at_risk_ppm"] for row in listed}
    return ppm, await zone_map(list(ppm))


def _map(rows: list[Any]) -> ZoneMap:
    return ZoneMap(
        {row["code"]: Zone(row["code"], row["kind"], row["parent"]) for row in rows},
        {row["code"]: row["id"] for row in rows},
    )


async def create_zone(actor: Actor, form: ZoneForm) -> ZoneRecord:
    """Register a zone: an officer of the committee, or the lead of any open pool year."""
    async with work():
        await _need_keeper(actor)
        parent = await _parent(form)
        zone_id = await sql_value(
            "INSERT INTO accumulation_zone (code, kind, name, parent, recorded_at, recorded_by)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO NOTHING RETURNING id",
            form.code,
            form.kind,
            form.name,
            parent,
            now(),
            actor.user_id,
        )
        if zone_id is None:
            raise Conflict("zone.code_taken", field="code", zone=form.code)
        await journal.record(
            actor,
            "accumulation_zone",
            form.code,
            "register",
            facts={"kind": form.kind, "name": form.name, "parent": form.parent},
        )
    return await zone_record(actor, form.code)


async def _need_keeper(actor: Actor) -> None:
    if actor.has(Role.COMMITTEE_OFFICER):
        return
    leads = await sql_value(
        "SELECT 1 FROM pool_member WHERE organisation = $1 AND status = 'active'"
        " AND $2 = ANY(roles) LIMIT 1",
        actor.organisation_id,
        PoolRole.LEAD.value,
    )
    if leads is None:
        raise Forbidden("zone.keeper_only")


async def _parent(form: ZoneForm) -> int | None:
    row = None
    found: list[Finding] = []
    if form.parent:
        row = await sql_row("SELECT id, kind FROM accumulation_zone WHERE code = $1", form.parent)
        if row is None:
            found.append(blocker("risk.unknown_zone", "parent", zone=form.parent))
    if not found:
        found += check_parent(form.kind, row["kind"] if row else None)
    if found:
        raise Refused(found)
    return row["id"] if row else None


_LIST = """
SELECT z.code, json_build_object('code', z.code, 'kind', z.kind, 'name', z.name,
  'parent', p.code, 'used_fen', coalesce((SELECT sum(u.used_fen)::bigint FROM zone_use u
    WHERE u.zone = z.id AND ($1::boolean OR u.organisation = $2)), 0),
  'members', (SELECT count(*) FROM zone_use u WHERE u.zone = z.id AND u.used_fen > 0
    AND ($1::boolean OR u.organisation = $2)))::text AS item
FROM accumulation_zone z LEFT JOIN accumulation_zone p ON p.id = z.parent
WHERE ($3::text IS NULL OR z.name ILIKE $3 OR z.code ILIKE $3)
  AND ($4::text IS NULL OR z.kind = $4) AND ($5::text IS NULL OR p.code = $5)
  AND ($6::text IS NULL OR z.code > $6) ORDER BY z.code LIMIT $7
"""


async def zone_page(
    actor: Actor,
    q: str | None = None,
    kind: str | None = None,
    parent: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> ZonePage:
    """Zones in the order of their codes, with what the reader may see of their use."""
    if kind and kind not in KINDS:
        raise Refused([blocker("form.not_a_choice", "kind", value=kind, choices=list(KINDS))])
    size, after = page_size(limit), decode_cursor(cursor, (str,))
    rows = await sql(
        _LIST,
        actor.sees_all,
        actor.organisation_id,
        like_pattern(q) if q else None,
        kind,
        parent,
        after[0] if after else None,
        size + 1,
    )
    more = encode_cursor([rows[size - 1]["code"]]) if len(rows) > size else None
    items = [msgspec.json.decode(row["item"]) for row in rows[:size]]
    return msgspec.convert({"items": items, "next": more}, ZonePage)


_RECORD = """
SELECT json_build_object('code', z.code, 'kind', z.kind, 'name', z.name, 'parent', p.code,
  'inner', (SELECT coalesce(json_agg(c.code ORDER BY c.code), '[]') FROM accumulation_zone c
    WHERE c.parent = z.id),
  'uses', (SELECT coalesce(json_agg(json_build_object('uscc', o.uscc, 'name', o.short_name,
      'used_fen', u.used_fen, 'event_capacity_fen', u.capacity_fen,
      'left_fen', greatest(0, u.capacity_fen - u.used_fen),
      'pools', (SELECT coalesce(json_agg(q ORDER BY q.pool_year), '[]') FROM
        (SELECT y.number AS pool_year, sum(e.amount_fen)::bigint AS used_fen
          FROM placement_exposure e JOIN placement l ON l.id = e.placement
          JOIN pool_year y ON y.id = l.pool_year WHERE e.zone = z.id AND e.organisation = o.id
            AND e.released_at IS NULL GROUP BY y.number) q)) ORDER BY o.uscc), '[]')
    FROM (SELECT u.*, {capacity} AS capacity_fen FROM zone_use u) u
      JOIN organisation o ON o.id = u.organisation
    WHERE u.zone = z.id AND ($2::boolean OR u.organisation = $3)))::text AS record
FROM accumulation_zone z LEFT JOIN accumulation_zone p ON p.id = z.parent WHERE z.code = $1
""".replace("{capacity}", EVENT_CAPACITY)


async def zone_record(actor: Actor, code: str) -> ZoneRecord:
    """A zone with its chain and each member's exposure over all pools; members see their own."""
    text = await sql_value(_RECORD, code, actor.sees_all, actor.organisation_id)
    if text is None:
        raise NotFound("累积区", "Zone", code)
    chain = await sql(_CHAIN.format(start="code = $1"), code)
    above = _above(code, {row["code"]: row["parent"] for row in chain})
    await keep_look(actor, "accumulation_zone", code, "exposure")
    return msgspec.convert({**msgspec.json.decode(text), "within": above}, ZoneRecord)


def _above(code: str, parents: dict[str, str | None]) -> list[str]:
    """The zones around one, from the inside out."""
    found: list[str] = []
    while (parent := parents.get(code)) is not None and parent not in found:
        found.append(parent)
        code = parent
    return found


register(
    {
        "zone.code_taken": Text(
            "累积区编码“{zone}”已被使用",
            "The code “{zone}” belongs to another zone",
            "请直接使用该累积区，或换一个编码",
            "Use that zone, or take another code",
        ),
        "zone.keeper_only": Text(
            "累积区由管委会经办或任一共保体的首席共保人登记",
            "Zones are registered by the committee's officers or the lead of a pool",
            "请联系首席共保人或管委会",
            "Ask the lead or the committee",
            "DESIGN law 9",
        ),
    }
)
