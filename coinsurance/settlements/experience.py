"""Feedback to the library (反馈产品库): uptake and loss per product version, health, dormant flag.

Facts are pushed into `product_experience`, which the library's reports read; the catalogue knows
nothing of pools. An insurer sees its own products, committee and auditor all.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.books import filing_book
from coinsurance.result_shapes import ExperiencePage, ExperienceShape
from coinsurance.rules.settlement.experience import (
    Experience,
    Health,
    health_of,
    is_dormant,
)
from coinsurance.settlements.results import ratio_shape
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, work

# Every policy counts once, at 100 %: one of a pool as one of a single insurer.
_FACTS = """
WITH policies AS (
  SELECT y.version, count(*)::int AS policies, count(l.id)::int AS pooled,
    sum(y.current_sum_fen)::bigint AS sums, max(y.start_on) AS last_on
  FROM policy y LEFT JOIN placement l ON l.policy = y.id
  WHERE y.start_on <= $1 AND y.status <> 'cancelled' GROUP BY y.version
), received AS (
  SELECT y.version, sum(r.amount_fen)::bigint AS fen FROM premium_receipt r
    JOIN policy y ON y.id = r.policy WHERE r.received_on <= $1 GROUP BY y.version
), lost AS (
  SELECT y.version,
    coalesce(sum(m.amount_fen) FILTER (WHERE m.kind IN ('payment', 'advance')), 0)::bigint AS paid,
    coalesce(sum(m.amount_fen) FILTER (WHERE m.kind IN ('recovery', 'salvage')), 0)::bigint
      AS recovered,
    sum(m.reserve_change_fen)::bigint AS reserved
  FROM claim_movement m JOIN claim c ON c.id = m.claim JOIN policy y ON y.id = c.policy
  WHERE m.effective_on <= $1 GROUP BY y.version
)
SELECT v.id, coalesce(p.policies, 0) AS policies, coalesce(p.pooled, 0) AS pooled,
  coalesce(p.sums, 0) AS sums, p.last_on, coalesce(r.fen, 0) AS premium,
  coalesce(l.paid, 0) AS paid, coalesce(l.reserved, 0) AS reserved,
  coalesce(l.recovered, 0) AS recovered,
  (SELECT min(f.effective_on) FROM library_fact f WHERE f.product = v.product
    AND f.effective_on <= $1) AS entered_on
FROM product_version v LEFT JOIN policies p ON p.version = v.id
  LEFT JOIN received r ON r.version = v.id LEFT JOIN lost l ON l.version = v.id
WHERE v.status = 'in_library' OR p.policies > 0 ORDER BY v.id
"""
_WRITE = """
INSERT INTO product_experience (version, as_of, policies, pool_policies, sum_insured_fen,
  premium_fen, paid_fen, outstanding_fen, recovery_fen, last_policy_on, dormant, health,
  recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (version, as_of) DO UPDATE SET policies = EXCLUDED.policies,
  pool_policies = EXCLUDED.pool_policies, sum_insured_fen = EXCLUDED.sum_insured_fen,
  premium_fen = EXCLUDED.premium_fen, paid_fen = EXCLUDED.paid_fen,
  outstanding_fen = EXCLUDED.outstanding_fen, recovery_fen = EXCLUDED.recovery_fen,
  last_policy_on = EXCLUDED.last_policy_on, dormant = EXCLUDED.dormant,
  health = EXCLUDED.health, recorded_at = EXCLUDED.recorded_at
"""


async def refresh(actor: Actor, as_of: date | None = None) -> int:
    """Push what is known by a day to the library; how many versions were written."""
    day = as_of or today()
    async with work():
        months = (await filing_book(day)).rules.dormant_months
        rows = await sql(_FACTS, day)
        await sql_many(_WRITE, [_row(row, day, months) for row in rows])
        await journal.record(
            actor,
            "product_experience",
            day.isoformat(),
            "push",
            facts={"versions": len(rows)},
            effective_on=day,
        )
    return len(rows)


async def due(day: date) -> int:
    """The nightly run's part: once a day."""
    if await sql("SELECT 1 FROM product_experience WHERE as_of = $1 LIMIT 1", day):
        return 0
    return await refresh(SYSTEM, day)


def _row(row: Any, day: date, months: int) -> tuple[Any, ...]:
    facts = _facts(row)
    dormant = is_dormant(facts, months, day)
    return (
        row["id"],
        day,
        row["policies"],
        row["pooled"],
        row["sums"],
        row["premium"],
        row["paid"],
        row["reserved"],
        row["recovered"],
        row["last_on"],
        dormant,
        health_of(facts, dormant).value,
        now(),
    )


def _facts(row: Any) -> Experience:
    return Experience(
        row["policies"],
        row["premium"],
        row["paid"],
        row["reserved"],
        row["recovered"],
        row["entered_on"],
        row["last_on"],
    )


_LATEST = """
SELECT x.*, p.number AS product, v.number AS version_number, v.name, o.short_name AS insurer
FROM (SELECT DISTINCT ON (version) * FROM product_experience
       WHERE as_of <= $1 ORDER BY version, as_of DESC) x
  JOIN product_version v ON v.id = x.version JOIN product p ON p.id = v.product
  JOIN organisation o ON o.id = p.insurer
WHERE ($2::bigint IS NULL OR p.insurer = $2) AND ($3::text IS NULL OR x.health = $3)
  AND ($4::bigint IS NULL OR x.version > $4) ORDER BY x.version LIMIT $5
"""


async def page(
    actor: Actor,
    as_of: date | None = None,
    health: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> ExperiencePage:
    """The last experience of every version by a day; an insurer's own products only."""
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    rows = await sql(
        _LATEST,
        as_of or today(),
        None if actor.sees_all else actor.organisation_id,
        health,
        after[0] if after else None,
        size + 1,
    )
    more = len(rows) > size
    items = [_shape(row) for row in rows[:size]]
    return ExperiencePage(items, encode_cursor([rows[size - 1]["version"]]) if more else None)


def _shape(row: Any) -> ExperienceShape:
    facts = Experience(
        row["policies"],
        row["premium_fen"],
        row["paid_fen"],
        row["outstanding_fen"],
        row["recovery_fen"],
        None,
        row["last_policy_on"],
    )
    return ExperienceShape(
        product=row["product"],
        version=row["version_number"],
        name=row["name"],
        insurer=row["insurer"],
        as_of=row["as_of"],
        policies=row["policies"],
        pool_policies=row["pool_policies"],
        sum_insured_fen=row["sum_insured_fen"],
        premium_fen=row["premium_fen"],
        paid_fen=row["paid_fen"],
        outstanding_fen=row["outstanding_fen"],
        recovery_fen=row["recovery_fen"],
        incurred_ratio=ratio_shape(facts.ratio),
        last_policy_on=row["last_policy_on"],
        dormant=row["dormant"],
        health=row["health"],
        health_zh=Health.zh_of(row["health"]),
    )
