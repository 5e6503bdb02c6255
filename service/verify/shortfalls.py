"""The invariants of shortfalls that others took over (POOLS invariants 6, 7, 19)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from coinsurance.pools import shortfall_facts
from coinsurance.rules.nouns import ConsentMatter
from coinsurance.rules.shortfall import Debt, Taken, borne, relieved, take_over
from service.kernel.db import sql
from service.kernel.findings import Finding, Text, blocker, register
from service.verify.invariants import Outcome

_CHARGES = """
SELECT c.id, c.number, c.member, c.entry, c.amount_fen, c.reversal_of, q.matter, q.status,
  c.resolution_number, m.organisation AS defaulter FROM shortfall_charge c
JOIN consent_request q ON q.id = c.consent JOIN pool_member m ON m.id = c.member ORDER BY c.id
"""
_PARTS = """
SELECT p.obligation, b.number, k.uscc AS creditor, o.uscc, p.organisation, p.share_units,
  p.amount_fen, b.creditor AS creditor_id FROM shortfall_part p
JOIN shortfall_charge c ON c.id = p.charge JOIN obligation b ON b.id = p.obligation
  JOIN organisation k ON k.id = b.creditor JOIN organisation o ON o.id = p.organisation
  JOIN pool_member m ON m.pool_year = c.pool_year AND m.organisation = p.organisation
WHERE p.charge = $1 ORDER BY p.obligation, m.position
"""


async def shortfall_parts() -> Outcome:
    """Every charge rests on a given consent and a resolution, and is made again by the rule."""
    rows = await sql(_CHARGES)
    found: list[Finding] = []
    for row in rows:
        if (row["matter"], row["status"]) != (ConsentMatter.SHORTFALL.value, "given") or not row[
            "resolution_number"
        ]:
            found.append(_broken(row["number"], "没有已获得的同意或决议"))
        if row["reversal_of"] is not None:
            continue
        stored = await sql(_PARTS, row["id"])
        again = take_over(
            _debts(stored), await shortfall_facts.before(row["member"], row["id"])
        )
        amounts = {(part["number"], part["uscc"]): part["amount_fen"] for part in stored}
        found += [
            _differs(f"{row['number']}/{part.member}", amounts[part.debt, part.member], part)
            for part in again
            if amounts[part.debt, part.member] != part.amount_fen
        ]
    return Outcome(len(rows), found)


def _debts(stored: list[Any]) -> list[Debt]:
    by_debt: dict[str, list[Any]] = {}
    for part in stored:
        by_debt.setdefault(part["number"], []).append(part)
    return [
        Debt(
            number,
            parts[0]["creditor"],
            sum(part["amount_fen"] for part in parts),
            tuple((part["uscc"], part["share_units"]) for part in parts),
        )
        for number, parts in by_debt.items()
    ]


async def shortfall_entries() -> Outcome:
    """Entry, debts and discharges of a charge are its parts; a reversal's entry is their mirror."""
    rows = await sql(_CHARGES)
    found: list[Finding] = []
    for row in rows:
        taken = [
            Taken(p["number"], p["uscc"], p["creditor"], 0, p["amount_fen"], 0, Fraction(0))
            for p in await sql(_PARTS, row["id"])
        ]
        if await _lines(row) != borne(taken):
            found.append(_broken(row["number"], "分录与各成员承担额不符"))
        if await _discharged(row) != relieved(taken):
            found.append(_broken(row["number"], "清偿记录与承担额不符"))
        if row["reversal_of"] is None and await _owed(row) != {
            (p.member, p.creditor, p.amount_fen) for p in taken if not p.own and p.amount_fen > 0
        }:
            found.append(_broken(row["number"], "代偿应付与承担额不符"))
    return Outcome(len(rows), found)


async def _lines(row: Any) -> dict[str, int]:
    lines = await sql(
        "SELECT o.uscc, sum(l.amount_fen)::bigint AS fen FROM entry_line l JOIN account a"
        " ON a.id = l.account JOIN organisation o ON o.id = a.owner WHERE l.entry = $1"
        " AND a.code LIKE 'shortfall_borne:%' AND a.owner <> $2 GROUP BY o.uscc",
        row["entry"],
        row["defaulter"],
    )
    return {line["uscc"]: line["fen"] for line in lines if line["fen"]}


async def _discharged(row: Any) -> dict[str, int]:
    done = await sql(
        "SELECT b.number, sum(d.amount_fen)::bigint AS fen FROM discharge d JOIN obligation b"
        " ON b.id = d.obligation WHERE d.entry = $1 AND d.kind = 'takeover' GROUP BY b.number",
        row["entry"],
    )
    return {one["number"]: one["fen"] for one in done}


async def _owed(row: Any) -> set[tuple[str, str, int]]:
    owed = await sql(
        "SELECT d.uscc AS debtor, c.uscc AS creditor, b.amount_fen FROM obligation b"
        " JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor"
        " WHERE b.cause_kind = 'shortfall' AND b.cause = $1 AND b.debtor <> $2"
        " AND b.creditor <> $2",
        row["id"],
        row["defaulter"],
    )
    return {(one["debtor"], one["creditor"], one["amount_fen"]) for one in owed}


def _differs(subject: str, stored: int, part: Taken) -> Finding:
    return blocker(
        "verify.shortfall_differs",
        subject,
        subject=subject,
        stored_fen=stored,
        counted_fen=part.amount_fen,
    )


def _broken(subject: str, what: str) -> Finding:
    return blocker("verify.settlement_broken", subject, subject=subject, what=what)


SHORTFALL_INVARIANTS = {
    "shortfall_parts": ("违约分担有同意和决议且可重算", shortfall_parts),
    "shortfall_entries": ("违约分担与分录、应付、清偿相符", shortfall_entries),
}

register(
    {
        "verify.shortfall_differs": Text(
            "违约分担 {subject} 为 {stored_fen}，按规则重算为 {counted_fen}",
            "The part {subject} of a shortfall is {stored_fen}, recomputed {counted_fen}",
            "请停止使用并从备份核对",
            "Stop and compare with a backup",
            "POOLS invariants 7, 19",
        ),
    }
)
