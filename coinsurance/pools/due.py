"""What falls due in pools and must be written (law 12): deemed consents, expiries, exits.

Safe to repeat. A consent is deemed only here: by a clause, of a member that was served, once its
deadline has passed; the answer cites all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coinsurance.pools.consents import facts_of, party_rows, request_row, rule_of, settle
from coinsurance.pools.members import move, subject_of
from coinsurance.rules.consents import DEEMED, OPEN, judge
from coinsurance.rules.deadlines import Counted, late_from
from coinsurance.rules.workflows import CONSENT
from service.auth import SYSTEM
from service.kernel import journal
from service.kernel.calendar import SHANGHAI, local_day
from service.kernel.db import advisory_lock, sql, sql_many, sql_row, work

LOCK = "pools due"


@dataclass(frozen=True, slots=True)
class PoolsDue:
    """What a run has written: deadlines told, answers deemed, requests closed, members gone."""

    told: int = 0
    deemed: int = 0
    closed: int = 0
    exits: int = 0


async def due(moment: datetime) -> PoolsDue:
    """Write everything of pools that fell due by a moment; each record in its own transaction."""
    told = await _tell()
    deemed = closed = 0
    for number in await _late_requests(moment):
        written, over = await _close_late(number, moment)
        deemed, closed = deemed + written, closed + over
    return PoolsDue(told, deemed, closed, await _exits(moment))


async def _tell() -> int:
    """Deadlines that waited for an official calendar and can be told by now."""
    async with work():
        await advisory_lock(LOCK)
        rows = await sql(
            "SELECT p.id, p.request, p.served_at, r.due_days, r.due_calendar FROM consent_party p"
            " JOIN consent_request r ON r.id = p.request WHERE r.status = 'open' AND p.answer = ''"
            " AND p.served_at IS NOT NULL AND p.due_at IS NULL AND r.due_days IS NOT NULL"
            " ORDER BY p.id FOR UPDATE OF p"
        )
        told = [(row["id"], moment) for row in rows if (moment := _deadline(row)) is not None]
        if told:
            await sql_many("UPDATE consent_party SET due_at = $2 WHERE id = $1", told)
            await sql(
                "UPDATE consent_request r SET due_at = d.due_at FROM (SELECT request,"
                " max(due_at) AS due_at, bool_and(due_at IS NOT NULL) AS told FROM consent_party"
                " GROUP BY request) d WHERE d.request = r.id AND d.told AND r.due_at IS NULL"
                " AND r.id = ANY($1::bigint[])",
                sorted({row["request"] for row in rows}),
            )
    return len(told)


def _deadline(row: Any) -> datetime | None:
    term = Counted(row["due_days"], row["due_calendar"])
    return late_from(term, local_day(row["served_at"]))


async def _late_requests(moment: datetime) -> list[str]:
    rows = await sql(
        "SELECT r.number FROM consent_request r WHERE r.status = 'open' AND EXISTS (SELECT 1"
        " FROM consent_party p WHERE p.request = r.id AND p.answer = '' AND p.due_at <= $1)"
        " ORDER BY r.id",
        moment,
    )
    return [row["number"] for row in rows]


async def _close_late(number: str, moment: datetime) -> tuple[int, int]:
    """Deem what may be deemed and judge again; how many answers and requests were written."""
    async with work():
        await advisory_lock(LOCK)
        row = await request_row(number, lock=True)
        if row["status"] != OPEN:
            return 0, 0
        parties = await party_rows(row["id"], lock=True)
        late = set(judge(rule_of(row), facts_of(parties), moment).to_deem)
        for party in parties:
            if party["uscc"] in late:
                await _deem(row, party, moment)
        outcome = await settle(SYSTEM, row, moment)
    return len(late), int(outcome != OPEN)


async def _deem(row: Any, party: Any, moment: datetime) -> None:
    """A silence that counts, with what it rests on."""
    served, due_at = (
        party[name].astimezone(SHANGHAI).isoformat(timespec="minutes")
        for name in ("served_at", "due_at")
    )
    note = f"依{row['deemed_clause']}，{served} 送达，{due_at} 期满未复，视为同意"
    await sql(
        "UPDATE consent_party SET answer = $2, answered_at = $3, note = $4 WHERE id = $1",
        party["id"],
        DEEMED,
        moment,
        note,
    )
    await journal.record(
        SYSTEM,
        CONSENT.name,
        row["number"],
        "deem",
        note=note,
        facts={
            "party": party["uscc"],
            "clause": row["deemed_clause"],
            "served_at": party["served_at"].isoformat(),
            "due_at": party["due_at"].isoformat(),
        },
        effective_on=local_day(party["due_at"]),
    )


async def _exits(moment: datetime) -> int:
    """Members whose notice is over leave; their shares in what is in force stay."""
    rows = await sql(
        "SELECT id FROM pool_member WHERE status IN ('active', 'suspended') AND left_on <= $1"
        " ORDER BY id",
        local_day(moment),
    )
    for found in rows:
        async with work():
            await advisory_lock(LOCK)
            row = await sql_row(
                "SELECT m.*, o.uscc, y.number AS year FROM pool_member m JOIN organisation o"
                " ON o.id = m.organisation JOIN pool_year y ON y.id = m.pool_year"
                " WHERE m.id = $1 FOR UPDATE OF m",
                found["id"],
            )
            if row is not None and row["status"] in ("active", "suspended"):
                await move(
                    SYSTEM,
                    row,
                    "leave",
                    subject_of(row["year"], row["uscc"]),
                    effective_on=row["left_on"],
                    follows=True,
                )
    return len(rows)
