"""Sections, limits and shares of the loss day, frozen when a claim is registered.

A section's limit is what was agreed plus the endorsements effective by the loss day; the schedule
is the latest in force that day, as known at registration. Later ones change nothing (POOLS 8).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance.claims.rows import Found
from coinsurance.rules.claims.cover import limits_on_day
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_row, sql_value
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.kernel.shares import WHOLE_UNITS

_SECTIONS = """
SELECT t.id AS section, t.position, t.code, t.title, t.kind = 'layer' AS layer, t.attachment_fen,
  t.limit_fen, t.aggregate_fen, (SELECT s.id FROM share_schedule s WHERE s.section = t.id
    AND s.status = 'effective' AND s.valid_from <= $2 AND s.effective_at <= $3
    ORDER BY s.valid_from DESC, s.effective_at DESC LIMIT 1) AS schedule,
  (SELECT coalesce(sum(d.sum_change_fen), 0)::bigint FROM placement_endorsement e
    JOIN endorsement d ON d.id = e.endorsement WHERE e.placement = g.id AND e.section = t.id
    AND d.effective_on <= $2) AS own_fen
FROM risk_section t JOIN placement g ON g.risk = t.risk WHERE g.id = $1 ORDER BY t.position
"""
_COMMON = """
SELECT coalesce(sum(d.sum_change_fen), 0)::bigint FROM endorsement d
WHERE d.policy = $1 AND d.effective_on <= $2
"""
_POLICY = """
SELECT least(l.limit_fen, d.sum_fen) AS limit_fen, d.sum_fen AS aggregate_fen
FROM policy l, LATERAL (SELECT l.sum_insured_fen + coalesce(sum(e.sum_change_fen), 0)::bigint
  AS sum_fen FROM endorsement e WHERE e.policy = l.id AND e.effective_on <= $2) d
WHERE l.id = $1
"""


async def freeze(found: Found, loss_on: date) -> list[Any]:
    """Write the sections with the shares of the loss day; returns the members on the risk."""
    if found.row["placement"] is None:
        await _of_policy(found, loss_on)
    else:
        await _of_placement(found, loss_on)
    return await sql(
        "SELECT DISTINCT o.id, o.uscc FROM claim_section s JOIN claim_share h ON h.section = s.id"
        " JOIN organisation o ON o.id = h.organisation WHERE s.claim = $1 AND h.share_units > 0"
        " ORDER BY o.id",
        found.id,
    )


async def _of_placement(found: Found, loss_on: date) -> None:
    rows = await sql(_SECTIONS, found.row["placement"], loss_on, now())
    missing = [
        blocker("claim.no_schedule", "loss_on", section=row["code"], loss_on=loss_on)
        for row in rows
        if row["schedule"] is None
    ]
    if missing:
        raise Refused(missing)
    changed_fen = await sql_value(_COMMON, found.row["policy"], loss_on)
    grown = limits_on_day(
        [row["limit_fen"] for row in rows], [row["own_fen"] for row in rows], changed_fen
    )
    await sql_many(
        "INSERT INTO claim_section (claim, section, position, code, title, layer, attachment_fen,"
        " limit_fen, aggregate_fen, schedule) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [_section(found.id, row, more) for row, more in zip(rows, grown, strict=True)],
    )
    await sql(
        "INSERT INTO claim_share (section, organisation, position, share_units)"
        " SELECT s.id, i.organisation, i.position, i.share_units FROM claim_section s"
        " JOIN share_item i ON i.schedule = s.schedule WHERE s.claim = $1"
        " ORDER BY s.position, i.position",
        found.id,
    )


def _section(claim_id: int, row: Any, grown_fen: int) -> tuple[Any, ...]:
    aggregate = row["aggregate_fen"]
    return (
        claim_id,
        row["section"],
        row["position"],
        row["code"],
        row["title"],
        row["layer"],
        row["attachment_fen"],
        max(0, row["limit_fen"] + grown_fen),
        None if aggregate is None else max(0, aggregate + grown_fen),
        row["schedule"],
    )


async def _of_policy(found: Found, loss_on: date) -> None:
    """One section of the policy; the sum insured of the loss day is the most it pays in all.

    保险法第十八条: the sum insured is the highest amount the insurer pays.
    """
    limits = await sql_row(_POLICY, found.row["policy"], loss_on)
    assert limits is not None
    section = await sql_value(
        "INSERT INTO claim_section (claim, position, code, title, layer, attachment_fen,"
        " limit_fen, aggregate_fen) VALUES ($1, 1, 'policy', '保单', false, 0, $2, $3)"
        " RETURNING id",
        found.id,
        limits["limit_fen"],
        limits["aggregate_fen"],
    )
    await sql(
        "INSERT INTO claim_share (section, organisation, position, share_units)"
        " VALUES ($1, $2, 1, $3)",
        section,
        found.row["insurer"],
        WHOLE_UNITS,
    )
