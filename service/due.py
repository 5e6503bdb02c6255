"""What falls due (到期事项): written once a day while the program serves, or by `eastlake due`.

Deadlines are judged when they are read (DESIGN law 12); this writes what has to stand in the
records: cover begun and over, deemed answers, lapses, seals. Running it again writes nothing, and
two programs at once do not do anything twice.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import asyncpg

from catalogue.subsidies import due as subsidies
from catalogue.subsidies.due import DueRun
from coinsurance import due as pools
from service.kernel.calendar import now, today
from service.kernel.errors import DomainError
from service.telemetry import LOG

LOOK_SECONDS = 600
"""How often a serving program looks whether a new day has begun."""


async def run(moment: datetime) -> tuple[dict[str, int], DueRun]:
    """Write what fell due up to a moment: counts of the pools, and of the rest."""
    return await pools.run(moment), await subsidies.run(moment)


async def keep() -> None:
    """Run once on each day in Shanghai, the first time at once; what fails is tried again."""
    done: date | None = None
    while True:
        day = today()
        if day != done:
            try:
                counts, rest = await run(now())
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DomainError) as error:
                LOG.warning("due_failed", error=str(error))
            else:
                done = day
                LOG.info("due_written", seals=rest.seals, **{k: n for k, n in counts.items() if n})
        await asyncio.sleep(LOOK_SECONDS)
