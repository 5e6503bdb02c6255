"""Rows of exports of claims: the list as the reader sees it, and parts with peers masked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from coinsurance.access import keep_look
from coinsurance.claim_shapes import ClaimItem
from coinsurance.claims.listing import VISIBLE, Asked, claim_page
from service.api import PAGE_MAX
from service.auth import Actor
from service.kernel.db import sql

# All parts for who may see the claim whole (as `rows.claim_for` has it), else the reader's own.
_PARTS = f"""
SELECT p.id, y.number AS pool_year, c.number AS claim, g.number AS placement,
  l.number AS policy, i.name AS insured, c.loss_on, s.code AS section, m.number, m.kind,
  m.effective_on, m.reference, m.charge, r.number AS reversal_of, o.uscc, o.name, p.share_units,
  p.amount_fen, p.reserve_fen, p.to_date_fen, p.exact_numerator, p.exact_denominator, m.clause
FROM claim_part p JOIN claim_movement m ON m.id = p.movement JOIN claim c ON c.id = m.claim
  JOIN claim_section s ON s.id = m.section JOIN policy l ON l.id = c.policy
  JOIN organisation i ON i.id = c.insured JOIN organisation o ON o.id = p.organisation
  LEFT JOIN claim_movement r ON r.id = m.reversal_of
  LEFT JOIN placement g ON g.id = c.placement LEFT JOIN pool_year y ON y.id = c.pool_year
WHERE {VISIBLE} AND ($1 OR p.organisation = $2 OR c.handler = $2 OR c.pool_year IS NULL
    OR EXISTS (SELECT 1 FROM pool_member v WHERE v.pool_year = c.pool_year AND v.organisation = $2
      AND v.status = 'active'
      AND v.roles && '{{lead,issuer,claims_handler,account_keeper}}'::varchar[]))
  AND ($3::text IS NULL OR y.number = $3) AND ($4::text IS NULL OR c.number = $4)
  AND ($5::text IS NULL OR o.uscc = $5) AND ($6::text IS NULL OR m.kind = $6)
  AND p.id > $7 ORDER BY p.id LIMIT $8
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parts are wanted: of a pool year, a claim, a member, a kind of movement."""

    pool_year: str | None = None
    claim: str | None = None
    member: str | None = None
    kind: str | None = None


async def claims(actor: Actor, asked: Asked) -> AsyncIterator[ClaimItem]:
    """The whole list of claims that a question finds, newest first."""
    await keep_look(actor, "claim", asked.pool_year or "*", "赔案清单", exported=True)
    cursor: str | None = None
    while True:
        page = await claim_page(actor, asked, cursor, PAGE_MAX)
        for item in page.items:
            yield item
        cursor = page.next
        if cursor is None:
            return


async def parts(actor: Actor, wanted: Wanted) -> AsyncIterator[Any]:
    """Parts of movements in the order they were made."""
    subject = wanted.claim or wanted.pool_year or "*"
    await keep_look(actor, "claim", subject, "赔案分额", exported=True)
    last = 0
    while True:
        rows = await sql(
            _PARTS,
            actor.sees_all,
            actor.organisation_id,
            wanted.pool_year,
            wanted.claim,
            wanted.member,
            wanted.kind,
            last,
            PAGE_MAX,
        )
        for row in rows:
            yield row
        if len(rows) < PAGE_MAX:
            return
        last = rows[-1]["id"]
