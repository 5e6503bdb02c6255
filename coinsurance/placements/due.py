"""What falls due on risks and placements: written once, safe to repeat (DESIGN law 12).

Lines that are no longer valid lapse; a risk whose market is over and not carried to the whole is
undersubscribed; one that could not be placed by its first day lapses; cover begins and ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from coinsurance.placements import exposure, gathering
from coinsurance.placements.rows import risk_for
from coinsurance.rules.workflows import LINE, PLACEMENT, RISK
from coinsurance.tables import Placement, Risk, RiskLine
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import local_day
from service.kernel.db import sql, sql_row, work

READER = Actor(name=SYSTEM.name, via="system", roles=SYSTEM.roles | {"auditor"})
"""The program reads every risk to judge it and writes as itself."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many of each were written."""

    lines_lapsed: int = 0
    undersubscribed: int = 0
    risks_lapsed: int = 0
    attached: int = 0
    expired: int = 0


async def due(moment: datetime) -> Done:
    """Write everything that has fallen due by a moment; each record in its own transaction."""
    day = local_day(moment)
    return Done(
        lines_lapsed=await _lines(day),
        undersubscribed=await _markets(day),
        risks_lapsed=await _risks(day),
        attached=await _attach(day),
        expired=await _expire(day, moment),
    )


_LINES = """
SELECT l.id FROM risk_line l JOIN risk_section s ON s.id = l.section JOIN risk r ON r.id = s.risk
WHERE (l.status IN ('written', 'offered') AND r.status IN ('placed', 'withdrawn', 'lapsed'))
  OR (l.status = 'written' AND l.valid_until < $1)
  OR (l.status = 'offered' AND r.lines_until < $1) ORDER BY l.id
"""


async def _lines(day: date) -> int:
    return await _each(LINE, RiskLine, await sql(_LINES, day), "risk_line", "lapse", day)


async def _markets(day: date) -> int:
    """A market that is over without the whole; one that is whole waits to be bound."""
    rows = await sql(
        "SELECT id, number FROM risk WHERE status = 'in_market' AND lines_until < $1 ORDER BY id",
        day,
    )
    count = 0
    for row in rows:
        found = await risk_for(READER, row["number"])
        market = await gathering.market_of(found, day)
        if not market.whole:
            count += await _one(RISK, Risk, row["id"], "risk", "fall_short", day)
    return count


async def _risks(day: date) -> int:
    rows = await sql(
        "SELECT id FROM risk WHERE status IN ('in_market', 'undersubscribed')"
        " AND start_on < $1 AND lines_until < $1 ORDER BY id",
        day,
    )
    return await _each(RISK, Risk, rows, "risk", "lapse", day)


async def _attach(day: date) -> int:
    """Cover begins on the first day, or once the premium that the agreement wants is paid."""
    rows = await sql(
        "SELECT l.id FROM placement l JOIN policy y ON y.id = l.policy WHERE l.status = 'bound'"
        " AND l.start_on <= $1 AND y.current_end_on >= $1 AND l.cover_from <= $1 ORDER BY l.id",
        day,
    )
    return await _each(PLACEMENT, Placement, rows, "placement", "attach", day)


async def _expire(day: date, moment: datetime) -> int:
    rows = await sql(
        "SELECT l.id, l.pool_year FROM placement l JOIN policy y ON y.id = l.policy"
        " WHERE l.status IN ('bound', 'in_force') AND y.current_end_on < $1 ORDER BY l.id",
        day,
    )
    count = 0
    for row in rows:
        async with work():
            done = await _one(PLACEMENT, Placement, row["id"], "placement", "expire", day)
            if done:
                await exposure.release(row["id"], row["pool_year"], year_too=False, moment=moment)
            count += done
    return count


async def _each(
    workflow: Any, table: Any, rows: list[Any], kind: str, event: str, day: date
) -> int:
    return sum([await _one(workflow, table, row["id"], kind, event, day) for row in rows])


async def _one(workflow: Any, table: Any, row_id: int, kind: str, event: str, day: date) -> int:
    """One step of one record, unless somebody has moved it meanwhile."""
    name = table._meta.tablename
    async with work():
        row = await sql_row(
            f"SELECT * FROM {name} WHERE id = $1 FOR UPDATE SKIP LOCKED", row_id
        )
        events = {step.event for step in workflow.steps_from(row["status"])} if row else set()
        if row is None or event not in events:
            return 0
        await journal.move(
            workflow,
            table,
            {"id": row_id, "status": row["status"]},
            event,
            SYSTEM,
            subject_kind=kind,
            subject=str(row_id) if kind == "risk_line" else row["number"],
            values={"revision": row["revision"] + 1},
            effective_on=day,
        )
    return 1
