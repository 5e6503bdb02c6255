"""What a payment has to know, read in two statements: locks first, then one fresh snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from coinsurance.access import View
from coinsurance.claims.rows import Found, SectionRow, handled, sections_of, terms_by_hash
from coinsurance.rules.claims.movements import Member
from coinsurance.rules.claims.payees import Earlier, Override, Party
from service.auth import Actor
from service.kernel.db import sql, sql_row

_LOCK = """
SELECT c.*, y.number AS year, b.code AS book, a.hash AS terms_hash, g.number AS placement_number,
  l.number AS policy_number, l.insurer, h.uscc AS handler_uscc, m.roles AS seat_roles,
  i.uscc AS insured_uscc, i.name AS insured_name,
  m.status AS seat_status, s.id AS s_id, s.code AS s_code, s.position AS s_position,
  s.title AS s_title, s.limit_fen AS s_limit_fen, s.authorised_fen, s.agreed_fen, s.paid_fen,
  s.section AS s_section, s.reserve_fen, s.expense_fen, s.recovered_fen, s.assessed_fen,
  s.aggregate_fen,
  pg_advisory_xact_lock(hashtextextended('loss:' || c.insured || ':' || c.loss_on, 0))
FROM claim c JOIN policy l ON l.id = c.policy JOIN organisation h ON h.id = c.handler
  JOIN organisation i ON i.id = c.insured JOIN claim_section s ON s.claim = c.id
  LEFT JOIN placement g ON g.id = c.placement LEFT JOIN pool_year y ON y.id = c.pool_year
  LEFT JOIN book b ON b.id = y.book LEFT JOIN pool_agreement a ON a.id = g.agreement
  LEFT JOIN pool_member m ON m.pool_year = c.pool_year AND m.organisation = $2
WHERE c.number = $1 AND c.handler = $2
ORDER BY s.position FOR UPDATE OF c, s
"""
# OFFSET 0 keeps the order in which the joins are written: from this claim to its movements to their
# parts. A connection that was opened while these tables were small would else walk through them.
_FACTS = """
SELECT (SELECT json_agg(json_build_array(organisation, uscc, share_units, allocated, reserve)
    ORDER BY position)::text FROM (
  SELECT h.organisation, o.uscc, h.share_units, h.position,
    coalesce(p.allocated, 0) AS allocated, coalesce(p.reserve, 0) AS reserve
  FROM claim_share h JOIN organisation o ON o.id = h.organisation LEFT JOIN (
    SELECT q.organisation, sum(q.reserve_fen)::bigint AS reserve,
      (sum(q.amount_fen) FILTER (WHERE m.kind IN ('payment', 'advance')))::bigint AS allocated
    FROM (SELECT id, kind FROM claim_movement WHERE section = $1 OFFSET 0) m
      CROSS JOIN LATERAL (SELECT * FROM claim_part WHERE movement = m.id OFFSET 0) q
    GROUP BY q.organisation) p ON p.organisation = h.organisation
  WHERE h.section = $1) t) AS members,
(SELECT json_agg(json_build_array(c.number, m.number, k.beneficiary_name, k.beneficiary_uscc,
    k.payee_name, k.payee_account, m.amount_fen) ORDER BY m.id)::text
  FROM (SELECT id, number FROM claim WHERE insured = $3 AND loss_on = $4
      UNION SELECT id, number FROM claim WHERE event = $5 AND event <> '') c
    CROSS JOIN LATERAL (SELECT * FROM claim_movement v WHERE v.claim = c.id OFFSET 0) m
    CROSS JOIN LATERAL (SELECT * FROM claim_payee WHERE movement = m.id OFFSET 0) k
  WHERE m.reversal_of IS NULL
    AND NOT EXISTS (SELECT 1 FROM claim_movement r WHERE r.reversal_of = m.id)) AS earlier,
(SELECT json_agg(json_build_array(w.id, w.beneficiary_name, w.beneficiary_uscc, w.amount_max_fen,
    w.granted_by) ORDER BY w.id)::text FROM claim_override w WHERE w.claim = $2
    AND NOT EXISTS (SELECT 1 FROM claim_payee k WHERE k.override = w.id)) AS overrides,
(SELECT json_agg(json_build_array(p.id, p.organisation, p.amount_fen - p.used_fen)
    ORDER BY p.id)::text FROM cash_call k JOIN cash_call_part p ON p.cash_call = k.id
  WHERE k.section = $1 AND k.status <> 'released' AND p.used_fen < p.amount_fen) AS calls
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read once everything is locked."""

    members: tuple[Member, ...]
    earlier: tuple[Earlier, ...]
    overrides: tuple[Override, ...]
    calls: tuple[tuple[int, int, int], ...]
    """Part of a cash call, member, what is not used of it yet."""


def _decoded(text: str | None) -> list[list[Any]]:
    return msgspec.json.decode(text) if text else []


async def read(found: Found, section: SectionRow) -> Facts:
    """Members with their parts so far, payments for the same loss, overrides, cash calls."""
    row = found.row
    got = await sql_row(
        _FACTS, section.id, found.id, row["insured"], row["loss_on"], row["event"]
    )
    assert got is not None
    return Facts(
        tuple(Member(*member) for member in _decoded(got["members"])),
        tuple(
            Earlier(claim, number, Party(name, uscc), payee, account, fen)
            for claim, number, name, uscc, payee, account, fen in _decoded(got["earlier"])
        ),
        tuple(
            Override(key, Party(name, uscc), fen, by)
            for key, name, uscc, fen, by in _decoded(got["overrides"])
        ),
        tuple((part, member, fen) for part, member, fen in _decoded(got["calls"])),
    )


async def lock(actor: Actor, number: str) -> tuple[Found, list[SectionRow]]:
    """The claim with its sections, locked for its handler; the usual refusals otherwise."""
    rows = await sql(_LOCK, number, actor.organisation_id)
    first = rows[0] if rows else None
    if first is None or (
        first["pool_year"] is not None
        and (first["seat_status"] != "active" or "claims_handler" not in first["seat_roles"])
    ):
        found = await handled(actor, number)
        return found, await sections_of(found.id)
    terms = await terms_by_hash(first["terms_hash"]) if first["terms_hash"] else None
    found = Found(first, terms, View(True, actor.organisation_id))
    return found, [_section(row) for row in rows]


def _section(row: Any) -> SectionRow:
    return SectionRow(
        row["s_id"],
        row["s_section"],
        row["s_position"],
        row["s_code"],
        row["s_title"],
        False,
        0,
        row["s_limit_fen"],
        row["aggregate_fen"],
        None,
        row["assessed_fen"],
        row["agreed_fen"],
        row["authorised_fen"],
        row["paid_fen"],
        row["reserve_fen"],
        row["expense_fen"],
        row["recovered_fen"],
    )
