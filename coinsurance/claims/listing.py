"""Lists of claims by key, with search and filters; what the reader may not see is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from catalogue.products.search import like_pattern
from coinsurance.claim_shapes import ClaimItem, ClaimPage
from coinsurance.claims.rows import ON_RISK
from coinsurance.rules.claims.nouns import ClaimFlag
from coinsurance.rules.claims.workflow import CLAIM
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.db import sql
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker

VISIBLE = f"""
($1::boolean OR c.handler = $2 OR c.insured = $2 OR (c.pool_year IS NULL AND l.insurer = $2)
  OR EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = c.pool_year AND m.organisation = $2
    AND m.status = 'active'
    AND m.roles && '{{lead,issuer,claims_handler,account_keeper}}'::varchar[])
  OR {ON_RISK})
"""
"""Condition on a claim `c` and its policy `l`: $1 whether the reader sees all, $2 who it is."""

_LIST = f"""
SELECT c.id, json_build_object('number', c.number, 'status', c.status, 'status_zh', '',
  'placement', g.number, 'policy_number', l.number, 'pool_year', y.number, 'insured', i.name,
  'handler', h.short_name, 'loss_on', c.loss_on, 'reported_at', c.reported_at, 'cause', c.cause,
  'event', c.event, 'flags', c.flags, 'estimate_fen', c.estimate_fen,
  'agreed_fen', s.agreed_fen, 'paid_fen', coalesce(s.paid_fen, 0),
  'reserve_fen', CASE WHEN c.insured = $2 THEN NULL ELSE coalesce(s.reserve_fen, 0) END,
  'recovered_fen', coalesce(s.recovered_fen, 0), 'own_paid_fen', o.own_fen)::text AS item
FROM claim c JOIN policy l ON l.id = c.policy JOIN organisation i ON i.id = c.insured
JOIN organisation h ON h.id = c.handler LEFT JOIN placement g ON g.id = c.placement
LEFT JOIN pool_year y ON y.id = c.pool_year
LEFT JOIN LATERAL (SELECT sum(agreed_fen)::bigint AS agreed_fen, sum(paid_fen)::bigint AS paid_fen,
  sum(reserve_fen)::bigint AS reserve_fen, sum(recovered_fen)::bigint AS recovered_fen
  FROM claim_section WHERE claim = c.id) s ON true
LEFT JOIN LATERAL (SELECT sum(p.amount_fen)::bigint AS own_fen FROM claim_movement m
  JOIN claim_part p ON p.movement = m.id WHERE m.claim = c.id AND p.organisation = $2
  AND m.kind IN ('payment', 'advance')) o ON true
WHERE {VISIBLE}
  AND ($3::text IS NULL OR c.number ILIKE $3 OR l.number ILIKE $3 OR i.name ILIKE $3
    OR c.cause ILIKE $3 OR c.event ILIKE $3 OR g.number ILIKE $3)
  AND ($4::text IS NULL OR c.status = $4) AND ($5::text IS NULL OR y.number = $5)
  AND ($6::text IS NULL OR g.number = $6) AND ($7::date IS NULL OR c.loss_on >= $7)
  AND ($8::date IS NULL OR c.loss_on <= $8) AND ($9::text IS NULL OR $9 = ANY(c.flags))
  AND ($10::bigint IS NULL OR c.id < $10) ORDER BY c.id DESC LIMIT $11
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of claims is narrowed to."""

    q: str | None = None
    status: str | None = None
    pool_year: str | None = None
    placement: str | None = None
    loss_from: date | None = None
    loss_to: date | None = None
    flag: str | None = None

    def check(self) -> list[Finding]:
        """Statuses and flags that do not exist."""
        found: list[Finding] = []
        if self.status and self.status not in CLAIM.states:
            choices = list(CLAIM.states)
            found.append(
                blocker("form.not_a_choice", "status", value=self.status, choices=choices)
            )
        if self.flag and self.flag not in set(ClaimFlag):
            choices = [code for code, _ in ClaimFlag.choices()]
            found.append(blocker("form.not_a_choice", "flag", value=self.flag, choices=choices))
        return found


async def claim_page(
    actor: Actor, asked: Asked, cursor: str | None = None, limit: int | None = None
) -> ClaimPage:
    """The claims an actor may see, newest first; `next` is the cursor of the next page."""
    found = asked.check()
    if found:
        raise Refused(found)
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    rows = await sql(
        _LIST,
        actor.sees_all,
        actor.organisation_id,
        like_pattern(asked.q) if asked.q else None,
        asked.status,
        asked.pool_year,
        asked.placement,
        asked.loss_from,
        asked.loss_to,
        asked.flag,
        after[0] if after else None,
        size + 1,
    )
    items = [_item(row["item"]) for row in rows[:size]]
    more = encode_cursor([rows[size - 1]["id"]]) if len(rows) > size else None
    return ClaimPage(items, more)


def _item(text: str) -> ClaimItem:
    values = msgspec.json.decode(text)
    values["status_zh"] = CLAIM.label(values["status"])
    return msgspec.convert(values, ClaimItem)
