"""The invariants of claim money: totals, parts made again, entries, debts (POOLS 7, 10)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import msgspec

from coinsurance.rules.accounts import recipe
from coinsurance.rules.claims.movements import Member, parts_of
from coinsurance.rules.claims.nouns import MovementKind, Series, series_of
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding, Text, blocker, register
from service.verify.invariants import Outcome

_RECIPES = {
    Series.PAID: "claim_payment",
    Series.EXPENSE: "claim_expense",
    Series.RECOVERY: "recovery",
}


def differs(subject: str, what: str, stored: object, counted: object) -> Finding:
    """A finding: what is stored is not what was recomputed."""
    return blocker(
        "verify.claim_differs",
        subject,
        subject=subject,
        what=what,
        stored=str(stored),
        counted=str(counted),
    )


async def count(table: str) -> int:
    """How many rows a table has."""
    number: int = await sql_value(f"SELECT count(*) FROM {table}")
    return number


async def compared(table: str, what: str, query: str) -> Outcome:
    """One finding for each row of subject, stored, counted."""
    rows = await sql(query)
    found = [differs(row["subject"], what, row["stored"], row["counted"]) for row in rows]
    return Outcome(await count(table), found)


async def claim_totals() -> Outcome:
    """Totals are the movements; paid ≤ authorised ≤ limit, recovered ≤ paid."""
    return await compared(
        "claim_section",
        "分项合计",
        "SELECT c.number || '/' || s.code AS subject, concat_ws(' ', s.paid_fen, s.reserve_fen,"
        " s.expense_fen, s.recovered_fen, s.authorised_fen) AS stored, concat_ws(' ', t.paid,"
        " t.reserve, t.expense, t.recovered, s.limit_fen) AS counted FROM claim_section s"
        " JOIN claim c ON c.id = s.claim, LATERAL (SELECT"
        " coalesce(sum(amount_fen) FILTER (WHERE kind IN ('payment', 'advance')), 0)::bigint"
        " AS paid,"
        " coalesce(sum(reserve_change_fen), 0)::bigint AS reserve,"
        " coalesce(sum(amount_fen) FILTER (WHERE kind = 'expense'), 0)::bigint AS expense,"
        " coalesce(sum(amount_fen) FILTER (WHERE kind IN ('recovery', 'salvage')), 0)::bigint"
        " AS recovered FROM claim_movement m WHERE m.section = s.id) t"
        " WHERE (s.paid_fen, s.reserve_fen, s.expense_fen, s.recovered_fen)"
        " <> (t.paid, t.reserve, t.expense, t.recovered) OR s.paid_fen > s.authorised_fen"
        " OR s.authorised_fen > s.limit_fen OR s.recovered_fen > s.paid_fen ORDER BY s.id",
    )


_SERIES = """
SELECT c.number AS claim, s.id AS section, m.id, m.number, m.kind, m.amount_fen,
  m.reserve_change_fen, m.reversal_of, p.organisation, o.uscc, p.share_units, p.amount_fen AS fen,
  p.reserve_fen, p.to_date_fen, p.exact_numerator, p.exact_denominator
FROM claim_movement m JOIN claim c ON c.id = m.claim JOIN claim_section s ON s.id = m.section
JOIN claim_part p ON p.movement = m.id JOIN organisation o ON o.id = p.organisation
ORDER BY s.id, m.number, p.position
"""


async def claim_series() -> Outcome:
    """Every movement divided again by the rules, in order; a reversal is the exact mirror."""
    found: list[Finding] = []
    made = 0
    for rows in grouped(await sql(_SERIES), "section"):
        movements = grouped(rows, "number")
        made += len(movements)
        found += _section_faults(movements)
    return Outcome(made, found)


def grouped(rows: Iterable[Any], key: str) -> list[list[Any]]:
    """Rows that follow each other with one value of a key."""
    groups: list[list[Any]] = []
    for row in rows:
        if not groups or groups[-1][0][key] != row[key]:
            groups.append([])
        groups[-1].append(row)
    return groups


def _section_faults(movements: list[list[Any]]) -> list[Finding]:
    totals: dict[Series, int] = {}
    reserve = 0
    allocated: dict[tuple[Series, int], int] = {}
    reserves: dict[int, int] = {}
    parts: dict[int, dict[int, tuple[int, int]]] = {}
    found = []
    for rows in movements:
        head = rows[0]
        series = series_of(MovementKind(head["kind"]))
        if series is not Series.RESERVE:
            totals[series] = totals.get(series, 0) + head["amount_fen"]
        reserve += head["reserve_change_fen"]
        if head["reversal_of"] is not None:
            original = parts.get(head["reversal_of"], {})
            wanted = {member: (-fen, -kept) for member, (fen, kept) in original.items()}
        else:
            wanted = _again(rows, series, totals.get(series, 0), reserve, allocated, reserves)
        stored = {row["organisation"]: (row["fen"], row["reserve_fen"]) for row in rows}
        if stored != wanted:
            subject = f"{head['claim']}/{head['number']}"
            found.append(differs(subject, "成员部分", stored, wanted))
        for member, (fen, kept) in stored.items():
            allocated[series, member] = allocated.get((series, member), 0) + fen
            reserves[member] = reserves.get(member, 0) + kept
        parts[head["id"]] = stored
    return found


def _again(
    rows: list[Any],
    series: Series,
    total: int,
    reserve: int,
    allocated: dict[tuple[Series, int], int],
    reserves: dict[int, int],
) -> dict[int, tuple[int, int]]:
    """The parts of a movement as the rules make them from what was allocated before."""
    members = [
        Member(
            row["organisation"],
            row["uscc"],
            row["share_units"],
            allocated.get((series, row["organisation"]), 0),
            reserves.get(row["organisation"], 0),
        )
        for row in rows
    ]
    moves_reserve = series in (Series.RESERVE, Series.PAID)
    made = parts_of(members, total, reserve_to_date_fen=reserve if moves_reserve else None)
    fits = all(
        part.exact.fraction == Fraction(int(row["exact_numerator"]), int(row["exact_denominator"]))
        for part, row in zip(made, rows, strict=True)
    )
    if not fits:
        return {}
    return {part.organisation_id: (part.amount_fen, part.reserve_fen) for part in made}


_ENTRIES = """
SELECT c.number || '/' || m.number AS subject, m.kind, m.entry, m.id, h.uscc AS holder,
  (SELECT json_object_agg(o.uscc, p.amount_fen)::text FROM claim_part p JOIN organisation o
    ON o.id = p.organisation WHERE p.movement = m.id) AS parts,
  (SELECT json_object_agg(a.code, l.amount_fen)::text FROM entry_line l JOIN account a
    ON a.id = l.account WHERE l.entry = m.entry) AS lines
FROM claim_movement m JOIN claim c ON c.id = m.claim JOIN organisation h ON h.id = m.holder
WHERE c.pool_year IS NOT NULL AND m.kind NOT IN ('reserve', 'reopen') ORDER BY m.id
"""


async def claim_entries() -> Outcome:
    """The entry of every movement is what the recipe makes of its parts."""
    rows = await sql(_ENTRIES)
    found = []
    for row in rows:
        name = _RECIPES[series_of(MovementKind(row["kind"]))]
        parts = msgspec.json.decode(row["parts"])
        wanted = {
            line.account: line.amount_fen for line in recipe(name, parts, holder=row["holder"])
        }
        lines = msgspec.json.decode(row["lines"] or "{}")
        if lines != wanted:
            found.append(differs(row["subject"], "分录", lines, wanted))
    return Outcome(len(rows), found)


async def claim_debts() -> Outcome:
    """What members owe the handler for a movement is their part less what a call had asked.

    A movement and its reversal together leave nothing owed.
    """
    return await compared(
        "claim_movement",
        "应付",
        "WITH m AS (SELECT v.id, coalesce(v.reversal_of, v.id) AS first, v.holder, v.kind,"
        "  c.number || '/' || v.number AS subject FROM claim_movement v JOIN claim c"
        "  ON c.id = v.claim WHERE c.pool_year IS NOT NULL),"
        " parts AS (SELECT m.first, p.organisation, sum((p.amount_fen - p.called_fen)"
        "  * CASE WHEN m.kind IN ('recovery', 'salvage') THEN -1 ELSE 1 END) AS fen"
        "  FROM m JOIN claim_part p ON p.movement = m.id WHERE p.organisation <> m.holder"
        "  AND m.kind NOT IN ('reserve', 'reopen') GROUP BY 1, 2),"
        " owed AS (SELECT m.first, CASE WHEN b.debtor = m.holder THEN b.creditor ELSE b.debtor END"
        "  AS organisation, sum(CASE WHEN b.debtor = m.holder THEN -b.amount_fen"
        "  ELSE b.amount_fen END) AS fen FROM m JOIN obligation b ON b.cause = m.id"
        "  AND b.cause_kind = 'claim_movement' AND b.status <> 'void' GROUP BY 1, 2)"
        " SELECT (SELECT subject FROM m WHERE m.id = coalesce(parts.first, owed.first)) AS subject,"
        "  coalesce(owed.fen, 0) AS stored, coalesce(parts.fen, 0) AS counted"
        " FROM parts FULL JOIN owed USING (first, organisation)"
        " WHERE coalesce(owed.fen, 0) <> coalesce(parts.fen, 0) ORDER BY 1",
    )


register(
    {
        "verify.claim_differs": Text(
            "{subject} 的“{what}”为 {stored}，重算为 {counted}",
            "“{what}” of {subject} is {stored}, recomputed {counted}",
            "请停止使用，并与最近的备份和封存核对",
            "Stop and compare with the latest backup and seals",
            "POOLS invariants 7–12, 22",
        ),
    }
)
