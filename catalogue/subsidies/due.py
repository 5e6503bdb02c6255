"""What falls due and must be written (law 12): one run, safe to repeat, under an advisory lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from catalogue.enrolments import enrolment, qualifications
from catalogue.subsidies import records, waiting
from service.auth import SYSTEM, Actor
from service.kernel import seals
from service.kernel.calendar import local_day
from service.kernel.db import advisory_lock, sql, sql_value, work

LOCK = "eastlake due"
BATCH = 200
READER = Actor(name=SYSTEM.name, via=SYSTEM.via, roles=frozenset({"system", "auditor"}))
"""The program reads like an auditor."""


@dataclass(frozen=True, slots=True)
class DueRun:
    """What a run has written, and what may be decided from now on.

    `told`: terms that waited for an official calendar and have their last day by now.
    """

    lapsed: int
    told: int = 0
    enrolments: dict[str, int] = field(default_factory=dict)
    qualifications: dict[str, int] = field(default_factory=dict)
    seals: int = 0
    approvable: int = 0


async def run(moment: datetime) -> DueRun:
    """Write what fell due up to a moment. Running it again writes nothing.

    A notice that is over moves nothing by itself: its applications are only counted as approvable.
    """
    day = local_day(moment)
    told = await waiting.settle()
    lapsed = 0
    while batch := await _lapse(moment):
        lapsed += batch
    enrolments = await enrolment.due(moment)
    expired = await qualifications.due(moment)
    approvable = await sql_value(
        "SELECT count(*)::int FROM application a JOIN public_notice n ON n.id = a.notice"
        " WHERE a.status = 'public_notice' AND n.to_on < $1",
        day,
    )
    sealed = len(await seals.seal_all())
    return DueRun(lapsed, told, enrolments, expired, sealed, approvable)


async def _lapse(moment: datetime) -> int:
    """One batch of returned applications whose time for correction is over."""
    async with work():
        await advisory_lock(LOCK)
        rows = await sql(
            "SELECT number FROM application WHERE status = 'returned' AND return_due_on < $1"
            " ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
            local_day(moment),
            BATCH,
        )
        for found in rows:
            row = await records.application_row(READER, found["number"], lock=True)
            await records.move(SYSTEM, row, "lapse", facts={"due_on": str(row.return_due_on)})
    return len(rows)
