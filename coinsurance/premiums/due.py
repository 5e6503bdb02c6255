"""What falls due on pool premium: due days of debts, capacity given back on the day of a change.

A debt whose term ran into a year without a calendar kept its facts (days, calendar); its last day
is told when the State Council has published that year. Safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from coinsurance.premiums import endorsement_rows as _rows  # noqa: F401  what follows a consent
from coinsurance.premiums import exposures
from coinsurance.rules.nouns import DayKind
from coinsurance.rules.premium_dues import due_day
from service.auth import SYSTEM
from service.kernel import journal
from service.kernel.calendar import local_day
from service.kernel.db import sql, work

_KINDS = {kind.value: kind for kind in DayKind}


@dataclass(frozen=True, slots=True)
class Done:
    """How many due days were told, and how many placements gave capacity back."""

    dues_told: int = 0
    given_back: int = 0


async def set_due_days(days: Mapping[int, date]) -> None:
    """Write the due days of debts, by key, in one statement. The debts are locked."""
    await sql(
        "UPDATE obligation b SET due_on = t.day FROM unnest($1::bigint[], $2::date[])"
        " t(id, day) WHERE b.id = t.id",
        list(days),
        list(days.values()),
    )


async def due(moment: datetime) -> Done:
    """Tell the due days that the calendar knows by now; one event names the debts."""
    async with work():
        rows = await sql(
            "SELECT id, number, arose_on, due_days, due_calendar FROM obligation"
            " WHERE due_on IS NULL ORDER BY id FOR UPDATE SKIP LOCKED"
        )
        told: list[tuple[int, str, date]] = []
        for row in rows:
            day = due_day(row["arose_on"], row["due_days"], _KINDS[row["due_calendar"]])
            if day is not None:
                told.append((row["id"], row["number"], day))
        if told:
            await set_due_days({key: day for key, _, day in told})
            await journal.record(
                SYSTEM,
                "obligation",
                told[0][1],
                "tell_due",
                facts={number: day.isoformat() for _, number, day in told},
                effective_on=local_day(moment),
                recorded_at=moment,
            )
    return Done(len(told), await exposures.due(local_day(moment)))
