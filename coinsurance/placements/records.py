"""Reading placements: lists by key, the record with its schedules, why each member got its line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from catalogue.products.search import like_pattern
from coinsurance.access import keep_look
from coinsurance.placement_shapes import (
    Explanation,
    PendingShares,
    PlacementPage,
    PlacementRecord,
)
from coinsurance.placements import discretion as _discretion  # noqa: F401  masks the policies
from coinsurance.placements import gathering, risk_records, showing
from coinsurance.placements import keeping as _keeping  # noqa: F401  keeps the policies
from coinsurance.placements.rows import VISIBLE, Access, risk_for
from coinsurance.rules.workflows import PLACEMENT, SCHEDULE
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import local_day, today
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import blocker

ORDER_ZH = "份额先按约定比例计算，不足一个单位的尾数从大到小进一；尾数相同的，按成员固定顺序"
ORDER_EN = "Shares in proportion; remainders by size, equal ones in the fixed order of members"

_OWN = """
CASE WHEN EXISTS (SELECT 1 FROM share_schedule h WHERE h.placement = l.id
    AND h.status = 'effective' AND h.valid_from > l.start_on AND h.valid_from <= $8)
  THEN (SELECT nullif(round(sum(coalesce(i.share_units, 0) * greatest(s.premium_fen, 1))
      / sum(greatest(s.premium_fen, 1))), 0)::bigint
    FROM risk_section s CROSS JOIN LATERAL (SELECT h.id FROM share_schedule h
      WHERE h.placement = l.id AND h.section = s.id AND h.status = 'effective'
        AND h.valid_from <= $8 ORDER BY h.valid_from DESC LIMIT 1) h
      LEFT JOIN share_item i ON i.schedule = h.id AND i.organisation = $2 WHERE s.risk = r.id)
  ELSE (SELECT i.share_units FROM policy_insurer i WHERE i.policy = l.policy AND i.insurer = $2) END
"""
"""The reader's share of the whole policy today: as bound, after a change by premium of sections."""
_LIST = f"""
SELECT l.id, json_build_object('number', l.number, 'status', l.status, 'pool_year', y.number,
  'risk', r.number, 'title', r.title, 'policy_id', l.policy, 'policy_number', c.number,
  'issuer', o.short_name, 'insured', e.name, 'start_on', l.start_on, 'end_on', l.end_on,
  'sum_insured_fen', c.current_sum_fen, 'premium_fen', c.current_premium_fen,
  'own_units', {_OWN}, 'bound_at', l.bound_at)::text AS item
FROM placement l JOIN risk r ON r.id = l.risk JOIN pool_year y ON y.id = l.pool_year
  JOIN policy c ON c.id = l.policy JOIN organisation o ON o.id = l.issuer
  JOIN organisation e ON e.id = l.insured
WHERE {VISIBLE}
  AND ($3::text IS NULL OR l.number ILIKE $3 OR c.number ILIKE $3 OR r.title ILIKE $3
    OR e.name ILIKE $3 OR r.project_number ILIKE $3)
  AND ($4::text IS NULL OR l.status = $4) AND ($5::text IS NULL OR y.number = $5)
  AND ($6::bigint IS NULL OR l.id < $6) ORDER BY l.id DESC LIMIT $7
"""


async def placement_page(
    actor: Actor,
    q: str | None = None,
    status: str | None = None,
    pool_year: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> PlacementPage:
    """The placements an actor may see, newest first; `next` is the cursor of the next page."""
    if status and status not in PLACEMENT.states:
        choices = list(PLACEMENT.states)
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
        today(),
    )
    more = encode_cursor([rows[size - 1]["id"]]) if len(rows) > size else None
    items = [msgspec.json.decode(row["item"]) for row in rows[:size]]
    return msgspec.convert({"items": items, "next": more}, PlacementPage)


async def placement_for(actor: Actor, number: str) -> tuple[Any, Access]:
    """A placement with its risk for a reader who may see them; else NotFound."""
    row = await sql_row(
        "SELECT l.id, l.agreement, l.bound_at, r.number AS risk FROM placement l"
        " JOIN risk r ON r.id = l.risk WHERE l.number = $1",
        number,
    )
    if row is None:
        raise NotFound("共保保单", "Placement", number)
    try:
        return row, await risk_for(actor, row["risk"])
    except NotFound:
        raise NotFound("共保保单", "Placement", number) from None


_RECORD = """
SELECT json_build_object('number', l.number, 'status', l.status, 'revision', l.revision,
  'pool_year', y.number, 'pool', p.code, 'agreement', a.version, 'agreement_hash', a.hash,
  'risk', r.number, 'title', r.title, 'policy_id', l.policy, 'policy_number', c.number,
  'issuer', json_build_object('uscc', o.uscc, 'name', o.name),
  'insured', json_build_object('uscc', e.uscc, 'name', e.name),
  'business_class', r.business_class, 'project_name', r.project_name,
  'project_number', r.project_number, 'start_on', l.start_on, 'end_on', l.end_on,
  'cover_from', l.cover_from, 'sum_insured_fen', c.current_sum_fen,
  'premium_fen', c.current_premium_fen, 'deductible_fen', r.deductible_fen,
  'character_check', k.number, 'consent_document', l.consent_document, 'bound_at', l.bound_at,
  'snapshot_hash', l.snapshot_hash,
  'snapshot', CASE WHEN $2::boolean THEN l.snapshot END,
  'exposures', (SELECT coalesce(json_agg(json_build_object(
      'organisation', json_build_object('uscc', m.uscc, 'name', m.short_name), 'zone', z.code,
      'amount_fen', x.amount_fen, 'released_at', x.released_at) ORDER BY x.id), '[]')
    FROM placement_exposure x JOIN organisation m ON m.id = x.organisation
      LEFT JOIN accumulation_zone z ON z.id = x.zone
    WHERE x.placement = l.id AND ($2 OR x.organisation = $3)),
  'sections', (SELECT json_agg(json_build_object('code', s.code, 'title', s.title,
      'kind', s.kind, 'attachment_fen', s.attachment_fen, 'limit_fen', s.limit_fen,
      'aggregate_fen', s.aggregate_fen, 'premium_fen', s.premium_fen,
      'schedules', (SELECT coalesce(json_agg(json_build_object('number', h.number,
          'valid_from', h.valid_from, 'effective_at', h.effective_at, 'clause', h.clause,
          'members', (SELECT count(*) FROM share_item i WHERE i.schedule = h.id),
          'shares', (SELECT coalesce(json_agg(json_build_object(
              'organisation', json_build_object('uscc', m.uscc, 'name', m.short_name),
              'position', i.position, 'share_units', i.share_units) ORDER BY i.position), '[]')
            FROM share_item i JOIN organisation m ON m.id = i.organisation
            WHERE i.schedule = h.id AND ($2 OR $4::boolean OR i.organisation = $3)))
          ORDER BY h.valid_from DESC, h.id DESC), '[]')
        FROM share_schedule h WHERE h.placement = l.id AND h.section = s.id
          AND h.status = 'effective')) ORDER BY s.position)
    FROM risk_section s WHERE s.risk = r.id))::text
FROM placement l JOIN risk r ON r.id = l.risk JOIN pool_year y ON y.id = l.pool_year
  JOIN pool p ON p.id = y.pool JOIN pool_agreement a ON a.id = l.agreement
  JOIN policy c ON c.id = l.policy JOIN organisation o ON o.id = l.issuer
  JOIN organisation e ON e.id = l.insured JOIN character_check k ON k.id = l.character_check
WHERE l.id = $1
"""


async def placement_record(actor: Actor, number: str) -> PlacementRecord:
    """One placement; a follower reads its own shares, the insured those of all its insurers."""
    row, found = await placement_for(actor, number)
    text = await sql_value(
        _RECORD, row["id"], found.sees_lines, found.view.organisation_id, found.is_insured
    )
    record: dict[str, Any] = msgspec.json.decode(text)
    record["subjectivities"] = await risk_records.subjectivities(found, today())
    await keep_look(actor, "placement", number, "record")
    return msgspec.convert(record, PlacementRecord)


_PENDING = """
SELECT h.number, s.code AS section, h.valid_from, h.status, h.reason, (SELECT r.number
  FROM consent_request r WHERE r.subject_kind = 'share_schedule' AND r.subject = h.number
  ORDER BY r.id DESC LIMIT 1) AS consent_request
FROM share_schedule h JOIN risk_section s ON s.id = h.section
WHERE h.placement = $1 AND h.status IN ('proposed', 'consented') ORDER BY h.id
"""


async def pending_shares(actor: Actor, number: str) -> list[PendingShares]:
    """Changes of shares under way, without the shares themselves."""
    row, _ = await placement_for(actor, number)
    rows = await sql(_PENDING, row["id"])
    return [PendingShares(**one, status_zh=SCHEDULE.label(one["status"])) for one in rows]


async def explanation(actor: Actor, number: str) -> Explanation:
    """Why each member got its line: made again from the lines that were signed."""
    row, found = await placement_for(actor, number)
    agreement = await sql_row(
        "SELECT body, version FROM pool_agreement WHERE id = $1", row["agreement"]
    )
    assert agreement is not None
    frozen = replace(found, year={**found.year, "agreement_body": agreement["body"]})
    market = await gathering.market_of(frozen, local_day(row["bound_at"]))
    shown = showing.preview(frozen, market)
    await keep_look(actor, "placement", number, "explanation")
    return Explanation(
        number,
        found.risk.number,
        found.risk.method,
        frozen.terms.version,
        shown.sections[0].clause if shown.sections else "",
        ORDER_ZH,
        ORDER_EN,
        shown.sections,
    )
