"""Three-way reconciliation of a pool year (三方核对): agreement, statements, bank.

Expected: instructions of agreed runs, payments entered for single obligations, and whatever else
is due by the day. Stated: settlements in the book. Banked: rows of bank files. Each under the
reference the bank carries, to the fen.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.reconciliation_shapes import BreakShape, ReconciliationShape
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.reconciliation import Difference, Leg, Outcome, reconcile
from coinsurance.settlement_forms import ReconciliationForm
from coinsurance.settlements import breaks, obligations
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import today
from service.kernel.db import sql, work
from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register

_INSTRUCTED = """
SELECT i.reference, CASE WHEN i.status IN ('failed', 'part_failed') THEN i.paid_fen
    ELSE i.amount_fen END AS fen, p.uscc AS payer, q.uscc AS payee, i.payer AS payer_id,
  (r.agreed_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day
FROM payment_instruction i JOIN settlement_run r ON r.id = i.run
  JOIN organisation p ON p.id = i.payer JOIN organisation q ON q.id = i.payee
WHERE r.pool_year = $1 AND r.agreed_at IS NOT NULL AND i.status <> 'cancelled'
  AND (r.agreed_at AT TIME ZONE 'Asia/Shanghai')::date <= $2 ORDER BY i.id
"""
_DIRECT = """
SELECT b.number AS reference, sum(d.amount_fen)::bigint AS fen, p.uscc AS payer, q.uscc AS payee,
  b.debtor AS payer_id, max(d.settled_on) AS on_day
FROM discharge d JOIN obligation b ON b.id = d.obligation
  JOIN organisation p ON p.id = b.debtor JOIN organisation q ON q.id = b.creditor
WHERE b.pool_year = $1 AND d.kind = 'payment' AND d.run IS NULL AND d.settled_on <= $2
GROUP BY b.id, p.uscc, q.uscc ORDER BY b.id
"""
# What the book says was paid: entries of settlement, by the reference they were posted under.
_STATED = """
SELECT coalesce(e.facts->>'reference', e.facts->>'obligation') AS reference,
  sum(l.amount_fen) FILTER (WHERE l.amount_fen > 0)::bigint AS fen,
  max(split_part(a.code, ':', 2)) FILTER (WHERE l.amount_fen < 0) AS payer,
  max(split_part(a.code, ':', 2)) FILTER (WHERE l.amount_fen > 0) AS payee,
  e.effective_on AS on_day, e.key AS source
FROM entry e JOIN entry_line l ON l.entry = e.id JOIN account a ON a.id = l.account
WHERE e.book = $1 AND e.reason = 'settlement' AND e.kind = 'posted' GROUP BY e.id ORDER BY e.id
"""
_BANKED = """
SELECT coalesce(i.reference, b.number, r.bank_reference) AS reference,
  r.amount_fen - coalesce(a.fen, 0) AS fen,
  CASE WHEN r.booked_fen = 0 THEN coalesce(p.uscc, nullif(r.payer_name, '')) END AS payer,
  CASE WHEN r.booked_fen = 0 THEN coalesce(q.uscc, nullif(r.payee_name, '')) END AS payee,
  r.value_on AS on_day, r.bank_reference AS source
FROM bank_row r JOIN bank_file f ON f.id = r.file
  LEFT JOIN payment_instruction i ON i.id = r.instruction
  LEFT JOIN LATERAL (SELECT x.number FROM discharge d JOIN obligation x ON x.id = d.obligation
    WHERE d.reference = r.bank_reference AND d.run IS NULL LIMIT 1) b ON r.instruction IS NULL
  LEFT JOIN LATERAL (SELECT sum(x.booked_fen)::bigint AS fen FROM bank_assignment x
    WHERE x.row = r.id AND x.instruction IS DISTINCT FROM r.instruction) a ON true
  LEFT JOIN organisation p ON p.name = regexp_replace(r.payer_name, '[[:space:]]', '', 'g')
  LEFT JOIN organisation q ON q.name = regexp_replace(r.payee_name, '[[:space:]]', '', 'g')
WHERE f.pool_year = $1 AND (r.verdict NOT IN ('failed', 'repeated')
  OR (r.verdict = 'repeated' AND b.number IS NOT NULL)) AND r.amount_fen > coalesce(a.fen, 0)
UNION ALL
SELECT i.reference, sum(x.booked_fen)::bigint, NULL, NULL, max(r.value_on), min(r.bank_reference)
FROM bank_assignment x JOIN bank_row r ON r.id = x.row JOIN bank_file f ON f.id = r.file
  JOIN payment_instruction i ON i.id = x.instruction
WHERE f.pool_year = $1 AND x.instruction IS DISTINCT FROM r.instruction GROUP BY i.reference
ORDER BY source
"""


async def run(actor: Actor, form: ReconciliationForm) -> ReconciliationShape:
    """Reconcile a pool year up to a day and keep what does not agree; nothing is written off.

    A break that is found again keeps its number and its explanation; one that is gone is resolved.
    """
    if form.until_on > today():
        raise Refused([blocker("reconciliation.in_future", "until_on", today=today())])
    async with work():
        year = await access.year_row(form.pool_year, "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        outcome, payers = await compare(year, form.until_on)
        found = [_found(one, payers, form.until_on) for one in outcome.breaks]
        await breaks.open_breaks(actor, year, found)
        keys = {one.key for one in found}
        resolved = await breaks.resolve_gone(year, keys, form.until_on)
        await journal.record(
            actor,
            "reconciliation",
            form.pool_year,
            "reconcile",
            facts={
                "until_on": form.until_on.isoformat(),
                "matched": len(outcome.matched),
                "breaks": len(outcome.breaks),
                "resolved": resolved,
            },
        )
        shapes = await _standing(actor, year)
    return ReconciliationShape(
        form.pool_year,
        form.until_on,
        len(outcome.matched),
        *outcome.totals_fen,
        sum(1 for shape in shapes if shape.status == "open"),
        shapes,
    )


async def compare(year: Any, until_on: date) -> tuple[Outcome, dict[str, int]]:
    """The three sides of a pool year compared; and who pays under each reference."""
    instructed = await sql(_INSTRUCTED, year["id"], until_on)
    direct = await sql(_DIRECT, year["id"], until_on)
    due = [
        row
        for row in await obligations.rows_of(year["id"], due_until=until_on)
        if obligations.free_fen(row) > 0
    ]
    expected = [_leg(row) for row in (*instructed, *direct) if row["fen"]]
    expected += [
        Leg(
            row["number"],
            obligations.free_fen(row),
            row["debtor_uscc"],
            row["creditor_uscc"],
            row["due_on"],
            row["number"],
        )
        for row in due
    ]
    stated = [_leg(row) for row in await sql(_STATED, year["book"])]
    banked = [_leg(row) for row in await sql(_BANKED, year["id"])]
    payers = {row["reference"]: row["payer_id"] for row in (*instructed, *direct)}
    payers |= {row["number"]: row["debtor"] for row in due}
    outcome = reconcile(expected, _until(stated, expected, until_on), banked, until_on)
    return outcome, payers


def _leg(row: Any) -> Leg:
    source = row.get("source") or row["reference"]
    return Leg(
        row["reference"],
        row["fen"],
        row["payer"] or "",
        row["payee"] or "",
        row["on_day"],
        source,
    )


def _until(stated: list[Leg], expected: list[Leg], until_on: date) -> list[Leg]:
    """Settlements up to the day, and later ones of references that were expected by it."""
    wanted = {leg.reference for leg in expected}
    return [
        leg for leg in stated if leg.reference in wanted or leg.on is None or leg.on <= until_on
    ]


def _found(found: Difference, payers: dict[str, int], until_on: date) -> breaks.Found:
    return breaks.Found(
        code=found.code,
        reference=found.reference,
        organisation=payers.get(found.reference),
        expected_fen=found.expected_fen,
        stated_fen=found.stated_fen,
        banked_fen=found.banked_fen,
        difference_fen=found.difference_fen,
        sources=found.sources,
        latest_on=until_on,
        suggestions=found.suggestions,
    )


async def _standing(actor: Actor, year: Any) -> list[BreakShape]:
    found: list[BreakShape] = []
    cursor = None
    while True:
        shapes, cursor = await breaks.rows(actor, year["number"], cursor=cursor, limit=200)
        found += [shape for shape in shapes if shape.status != "resolved"]
        if cursor is None:
            return found


register(
    {
        "reconciliation.in_future": Text(
            "核对截止日晚于今天（{today}）",
            "The day is after today ({today})",
            "请核对截止日期",
            "Check the day",
        ),
    }
)
