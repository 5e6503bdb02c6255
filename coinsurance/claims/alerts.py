"""Large losses (大额损失): once a claim reaches the agreement's threshold the committee is told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from coinsurance.claim_shapes import AlertPage, AlertShape
from coinsurance.claims.rows import Found, SectionRow, claim_for
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import NotFound


def may_be_large(found: Found, amount_fen: int, sections: Sequence[SectionRow]) -> bool:
    """Whether a payment can have reached the threshold; most claims need no further question."""
    limit_fen = found.terms.large_loss_fen if found.terms else None
    if limit_fen is None:
        return False
    return sum(s.paid_fen + s.reserve_fen for s in sections) + amount_fen >= limit_fen


async def raise_if_large(actor: Actor, number: str) -> None:
    """Tell the committee once of a claim that reached the threshold; inside `work()`.

    What counts is the largest of estimate, assessment, and what was paid with what is reserved.
    """
    found = await claim_for(actor, number)
    limit_fen = found.terms.large_loss_fen if found.terms else None
    if limit_fen is None:
        return
    known_fen = await sql_value(
        "SELECT coalesce(greatest(sum(paid_fen + reserve_fen), sum(assessed_fen)), 0)::bigint"
        " FROM claim_section WHERE claim = $1",
        found.id,
    )
    amount_fen = max(found.row["estimate_fen"], known_fen)
    if amount_fen < limit_fen:
        return
    clause = found.clause("large_loss_fen")
    made = await sql_value(
        "INSERT INTO claim_alert (claim, amount_fen, threshold_fen, clause, raised_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (claim) DO NOTHING RETURNING id",
        found.id,
        amount_fen,
        limit_fen,
        clause,
        now(),
    )
    if made is not None:
        await journal.record(
            actor,
            "claim",
            number,
            "alert",
            facts={"amount_fen": amount_fen, "threshold_fen": limit_fen, "clause": clause},
        )


_ALERTS = """
SELECT t.id, json_build_object('claim', c.number, 'pool_year', y.number, 'insured', i.name,
  'loss_on', c.loss_on, 'cause', c.cause, 'amount_fen', t.amount_fen,
  'threshold_fen', t.threshold_fen, 'clause', t.clause,
  'incurred_fen', (SELECT coalesce(sum(s.paid_fen + s.reserve_fen), 0)::bigint
    FROM claim_section s WHERE s.claim = c.id),
  'raised_at', t.raised_at, 'read_at', t.read_at,
  'read_by', (SELECT u.name FROM eastlake_user u WHERE u.id = t.read_by))::text AS item
FROM claim_alert t JOIN claim c ON c.id = t.claim JOIN pool_year y ON y.id = c.pool_year
JOIN organisation i ON i.id = c.insured
WHERE ($1::boolean IS NOT TRUE OR t.read_at IS NULL) AND ($2::bigint IS NULL OR t.id < $2)
  AND ($3::text IS NULL OR c.number = $3)
ORDER BY t.id DESC LIMIT $4
"""


async def alert_page(
    unread: bool | None = None, cursor: str | None = None, limit: int | None = None
) -> AlertPage:
    """Large losses for the committee and the auditor, newest first, with the count of unread."""
    size = page_size(limit)
    after = decode_cursor(cursor, (int,))
    rows = await sql(_ALERTS, unread, after[0] if after else None, None, size + 1)
    items = [msgspec.json.decode(row["item"], type=AlertShape) for row in rows[:size]]
    more = len(rows) > size
    return AlertPage(
        await unread_count(),
        items,
        encode_cursor([rows[size - 1]["id"]]) if more else None,
    )


async def unread_count() -> int:
    """How many large losses nobody of the committee has read: what the banner shows."""
    count: int = await sql_value("SELECT count(*) FROM claim_alert WHERE read_at IS NULL")
    return count


async def alert_of(number: str) -> AlertShape | None:
    """The alert of a claim, None where it never was large."""
    row = await sql_row(_ALERTS, None, None, number, 1)
    return msgspec.json.decode(row["item"], type=AlertShape) if row else None


async def read(actor: Actor, number: str) -> AlertShape:
    """Somebody of the committee has read an alert; the first reader is kept."""
    async with work():
        found = await claim_for(actor, number)
        if await alert_of(number) is None:
            raise NotFound("大额预警", "Alert", number)
        done = await sql_value(
            "UPDATE claim_alert SET read_at = $2, read_by = $3 WHERE claim = $1"
            " AND read_at IS NULL RETURNING id",
            found.id,
            now(),
            actor.user_id,
        )
        if done is not None:
            await journal.record(actor, "claim", number, "read_alert")
        alert = await alert_of(number)
    assert alert is not None
    return alert
