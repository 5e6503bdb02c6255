"""Terms that waited for an official calendar: once it is there, their last days are written.

Run by `due`. What is read before that is computed from the same facts, so both say the same day.
"""

from __future__ import annotations

from typing import Any

from catalogue.books import scheme_book
from catalogue.subsidies import records
from catalogue.subsidies.deadlines import Clock, due_on, told
from catalogue.subsidies.notices import term_of
from service.auth import SYSTEM
from service.kernel import journal
from service.kernel.calendar import UNTOLD
from service.kernel.db import sql, work

EVENT = "tell_term"


async def settle() -> int:
    """Write every last day that can be told by now; returns how many."""
    async with work():
        notices = await sql(
            "SELECT id, number, from_on, to_on, day_count, working_days FROM public_notice"
            " WHERE to_on = $1 ORDER BY id FOR UPDATE SKIP LOCKED",
            UNTOLD,
        )
        returned = await sql(
            f"SELECT a.id, a.number, a.status, a.scheme, {records.RETURNED_AT} AS returned_at"
            " FROM application a WHERE a.status = 'returned' AND a.return_due_on IS NULL"
            " ORDER BY a.id FOR UPDATE OF a SKIP LOCKED"
        )
        told_now = [await _settle_notice(row) for row in notices]
        told_now += [await _settle_return(row) for row in returned]
    return sum(told_now)


async def _settle_notice(row: Any) -> bool:
    day = told(term_of(row).end)
    if day is None:
        return False
    await sql("UPDATE public_notice SET to_on = $2 WHERE id = $1", row["id"], day)
    facts = {"to_on": day.isoformat()}
    await journal.record(SYSTEM, "notice", row["number"], EVENT, facts=facts)
    return True


async def _settle_return(row: Any) -> bool:
    rules = (await scheme_book(row["scheme"])).rules
    day = told(due_on(rules, Clock("returned", returned_at=row["returned_at"])))
    if day is None:
        return False
    await sql("UPDATE application SET return_due_on = $2 WHERE id = $1", row["id"], day)
    await journal.record(
        SYSTEM,
        records.SUBJECT,
        row["number"],
        EVENT,
        from_status=row["status"],
        to_status=row["status"],
        facts={"return_due_on": day.isoformat()},
    )
    return True
