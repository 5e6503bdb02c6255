"""Reading risks: the record as JSON made by the database, lists by key, what members can take.

Of lines a follower reads its own; of the whole everybody reads what is missing to 100 %.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from catalogue.products.search import like_pattern
from coinsurance.access import keep_look
from coinsurance.placement_shapes import SigningPreview
from coinsurance.placements import gathering, referrals, showing
from coinsurance.placements.rooms import rooms_of
from coinsurance.placements.rows import VISIBLE, Access, risk_for
from coinsurance.risk_shapes import CheckBrief, Organisation, RiskPage, RiskRecord, RoomShape
from coinsurance.rules.workflows import RISK
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import Refused
from service.kernel.findings import blocker

_LIST = f"""
SELECT r.id, json_build_object('number', r.number, 'status', r.status, 'pool_year', y.number,
  'title', r.title, 'issuer', o.short_name, 'insured', e.name,
  'business_class', r.business_class, 'method', r.method, 'start_on', r.start_on,
  'end_on', r.end_on, 'sum_insured_fen', r.sum_insured_fen, 'premium_fen', r.premium_fen,
  'lines_until', r.lines_until, 'project_number', r.project_number,
  'placement', l.number)::text AS item
FROM risk r JOIN pool_year y ON y.id = r.pool_year JOIN organisation o ON o.id = r.issuer
  JOIN organisation e ON e.id = r.insured LEFT JOIN placement l ON l.risk = r.id
WHERE {VISIBLE}
  AND ($3::text IS NULL OR r.number ILIKE $3 OR r.title ILIKE $3 OR e.name ILIKE $3
    OR r.project_name ILIKE $3 OR r.project_number ILIKE $3)
  AND ($4::text IS NULL OR r.status = $4) AND ($5::text IS NULL OR y.number = $5)
  AND ($6::bigint IS NULL OR r.id < $6) ORDER BY r.id DESC LIMIT $7
"""


async def risk_page(
    actor: Actor,
    q: str | None = None,
    status: str | None = None,
    pool_year: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> RiskPage:
    """The risks an actor may see, newest first; `next` is the cursor of the next page."""
    if status and status not in RISK.states:
        choices = list(RISK.states)
        raise Refused([blocker("form.not_a_choice", "status", value=status, choices=choices)])
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    rows = await sql(
        _LIST,
        actor.sees_all,
        actor.organisation_id,
        like_pattern(q) if q else None,
        status,
        pool_year,
        after[0] if after else None,
        size + 1,
    )
    more = encode_cursor([rows[size - 1]["id"]]) if len(rows) > size else None
    items = [msgspec.json.decode(row["item"]) for row in rows[:size]]
    return msgspec.convert({"items": items, "next": more}, RiskPage)


_RECORD = """
SELECT json_build_object('number', r.number, 'status', r.status, 'revision', r.revision,
  'pool', p.code, 'pool_year', y.number, 'agreement', a.version, 'method', r.method,
  'issuer', json_build_object('uscc', o.uscc, 'name', o.name),
  'insured', json_build_object('uscc', e.uscc, 'name', e.name),
  'product', d.number, 'product_name', v.name, 'title', r.title,
  'business_class', r.business_class, 'site', r.site, 'project_name', r.project_name,
  'project_number', r.project_number, 'start_on', r.start_on, 'end_on', r.end_on,
  'rate_ppm', r.rate_ppm, 'sum_insured_fen', r.sum_insured_fen, 'premium_fen', r.premium_fen,
  'deductible_fen', r.deductible_fen, 'survey', r.survey, 'referral', r.referral,
  'lines_until', r.lines_until,
  'values', (SELECT coalesce(json_agg(json_build_object('item', x.item, 'location', x.location,
    'value_fen', x.value_fen) ORDER BY x.position), '[]') FROM risk_value x WHERE x.risk = r.id),
  'placement', (SELECT l.number FROM placement l WHERE l.risk = r.id))::text
FROM risk r JOIN pool_year y ON y.id = r.pool_year JOIN pool p ON p.id = y.pool
  JOIN pool_agreement a ON a.id = y.agreement JOIN organisation o ON o.id = r.issuer
  JOIN organisation e ON e.id = r.insured JOIN product d ON d.id = r.product
  JOIN product_version v ON v.id = d.current_version WHERE r.id = $1
"""
_LINES = """
SELECT l.id, l.revision, s.code AS section, o.uscc, o.short_name AS name, m.position, l.status,
  l.written_units, l.up_to_units, l.amount_max_fen, l.to_stand, l.cut_consented, l.conditions,
  l.valid_until, l.off_platform, l.evidence AS evidence_document, l.signed_units
FROM risk_line l JOIN risk_section s ON s.id = l.section JOIN risk r ON r.id = s.risk
  JOIN organisation o ON o.id = l.organisation
  JOIN pool_member m ON m.pool_year = r.pool_year AND m.organisation = l.organisation
WHERE s.risk = $1 AND ($2::boolean OR l.organisation = $3) ORDER BY s.position, m.position
"""
_SUBJECTIVITIES = """
SELECT c.number, c.text, c.due_on, c.before_binding, c.status, c.note,
  c.status = 'open' AND c.due_on < $2 AS overdue, o.uscc, o.short_name AS name, c.raised_by
FROM subjectivity c JOIN organisation o ON o.id = c.raised_by WHERE c.risk = $1 ORDER BY c.number
"""


async def risk_record(actor: Actor, number: str) -> RiskRecord:
    """One risk with everything its reader may see."""
    found = await risk_for(actor, number)
    text = await sql_value(_RECORD, found.risk.id)
    record: dict[str, Any] = msgspec.json.decode(text)
    if found.is_insured:
        record["referral"] = ""
    await keep_look(actor, "risk", number, "record")
    request, consent = await referrals.latest(number)
    record |= {
        "referral_request": request,
        "referral_consent": consent,
        "sections": await _sections(found),
        "zones": await zone_shapes(found.risk.id),
        "lines": await lines(found),
        "subjectivities": await subjectivities(found, today()),
        "character_check": await _check(found),
    }
    return msgspec.convert(record, RiskRecord)


async def _sections(found: Access) -> list[dict[str, Any]]:
    """Every section with what is written and missing; totals of the whole are open to all."""
    market = await gathering.market_of(found, today())
    shown = []
    for part in market.sections:
        section, signed = part.section, part.signed
        total = sum(part.shares.values())
        shown.append(
            {
                "code": section.code,
                "title": section.title,
                "kind": section.kind,
                "attachment_fen": section.attachment_fen,
                "limit_fen": section.limit_fen,
                "aggregate_fen": section.aggregate_fen,
                "premium_fen": section.premium_fen,
                "written_units": signed.written_units if signed else total,
                "missing_units": signed.missing_units if signed else 10**8 - total,
                "whole": signed.whole if signed else total == 10**8,
            }
        )
    return shown


async def zone_shapes(risk_id: int) -> list[dict[str, Any]]:
    """The zones a risk lies in and those around them, with what may be lost there at once."""
    at_risk, zones = await gathering.zones_for(risk_id)
    listed = {
        row["code"]
        for row in await sql(
            "SELECT z.code FROM risk_zone k JOIN accumulation_zone z ON z.id = k.zone"
            " WHERE k.risk = $1",
            risk_id,
        )
    }
    return [
        {
            "zone": code,
            "kind": zones.zones[code].kind,
            "at_risk_ppm": ppm,
            "listed": code in listed,
        }
        for code, ppm in sorted(at_risk.items())
    ]


async def lines(found: Access) -> list[dict[str, Any]]:
    """The lines a reader may see: all for those who see every share, else the own ones."""
    rows = await sql(_LINES, found.risk.id, found.sees_lines, found.view.organisation_id)
    return [
        {**row, "organisation": {"uscc": row["uscc"], "name": row["name"]}} for row in rows
    ]


async def subjectivities(found: Access, day: date) -> list[dict[str, Any]]:
    """Conditions are the same for all members; who raised one only those who see it are told."""
    rows = await sql(_SUBJECTIVITIES, found.risk.id, day)
    open_to_all = found.risk.issuer_id
    return [
        {
            **row,
            "raised_by": Organisation(row["uscc"], row["name"])
            if found.view.shows(row["raised_by"]) or row["raised_by"] == open_to_all
            else None,
        }
        for row in rows
    ]


async def _check(found: Access) -> CheckBrief | None:
    row = await sql_row(
        "SELECT number, passed, hash, recorded_at FROM character_check WHERE risk = $1"
        " ORDER BY id DESC LIMIT 1",
        found.risk.id,
    )
    if row is None:
        return None
    return CheckBrief(row["number"], row["passed"], row["hash"], row["recorded_at"])


async def preview(actor: Actor, number: str) -> SigningPreview:
    """What would be signed if the risk were bound now, and what is missing."""
    found = await risk_for(actor, number)
    market = await gathering.market_of(found, today())
    await keep_look(actor, "risk", number, "signing")
    return showing.preview(found, market)


async def rooms(actor: Actor, number: str, section: str | None = None) -> list[RoomShape]:
    """What each member can still take of a section, and which capacity holds it there."""
    found = await risk_for(actor, number)
    sections = await gathering.sections_of(found.risk.id)
    chosen = next((s for s in sections if section in (None, "", s.code)), None)
    if chosen is None:
        codes = [s.code for s in sections]
        raise Refused([blocker("form.not_a_choice", "section", value=section, choices=codes)])
    stored = await gathering.lines_of(found.risk.id)
    members = await gathering.members_of(found.risk.year_id)
    await keep_look(actor, "risk", number, "capacity")
    asked = [
        member
        for member in members.values()
        if member.eligible(found.risk.start_on) and found.view.shows(member.organisation_id)
    ]
    left_of = await rooms_of(found, chosen, asked, stored)
    shown = []
    for member in asked:
        left = left_of[member.organisation_id]
        shown.append(
            RoomShape(
                Organisation(member.uscc, member.name),
                left.amount_fen,
                left.held_by,
                left.zone,
                left.units(chosen.limit_fen),
                member.risk_capacity_fen,
                member.event_capacity_fen,
                member.aggregate_capacity_fen - member.aggregate_used_fen,
            )
        )
    return shown
