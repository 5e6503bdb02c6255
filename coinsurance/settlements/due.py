"""What falls due in settlement: reminders, and what the pools learnt of products (law 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coinsurance.settlements import ageing, experience
from service.kernel.calendar import at_moment, local_day


@dataclass(frozen=True, slots=True)
class SettlementDue:
    """How many of each were written; running again the same day writes nothing new."""

    reminded: int
    experience: int


async def due(moment: datetime) -> SettlementDue:
    """Write what fell due up to a moment."""
    with at_moment(moment):
        day = local_day(moment)
        return SettlementDue(await ageing.due(day), await experience.due(day))
