"""What happened to an application, in order, as the firm and the office read it."""

from __future__ import annotations

from catalogue.subsidy_shapes import HistoryShape
from service.kernel.db import sql


async def history_of(number: str) -> list[HistoryShape]:
    """The events of an application."""
    rows = await sql(
        "SELECT event, from_status, to_status, note, recorded_at, actor_name AS by"
        " FROM journal_event WHERE subject_kind = 'application' AND subject = $1 ORDER BY id",
        number,
    )
    return [HistoryShape(**row) for row in rows]
