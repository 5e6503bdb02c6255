"""The pool year of settlement: what a reader sees of it, and the lock that comes first.

Lists filtered by pool year are empty where the reader has no seat. Whatever changes settlement of a
year locks the year before any statement, debt, run or dispute, so that no two ever wait for each
other.
"""

from __future__ import annotations

from typing import Any

from coinsurance import access
from coinsurance.access import View
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor
from service.kernel.db import advisory_lock, sql
from service.kernel.errors import NotFound


async def seen(actor: Actor, year_number: str) -> tuple[Any, View] | None:
    """A pool year and how the actor sees it; None for one it cannot tell from none."""
    try:
        year = await access.year_row(year_number)
        return year, await access.view_of(actor, year)
    except NotFound:
        return None


async def keeps(actor: Actor, year_number: str) -> bool:
    """Whether the actor's insurer keeps the accounts of the pool year."""
    found = await seen(actor, year_number)
    seat = found[1].seat if found else None
    return seat is not None and PoolRole.ACCOUNT_KEEPER in seat.roles


async def sees_whole(actor: Actor, year_number: str) -> bool:
    """Whether the actor sees every member's rows of a pool year; False where it has no seat.

    For records found by their own number: what an outsider may not see looks like nothing there,
    and names no pool year.
    """
    found = await seen(actor, year_number)
    return found is not None and found[1].sees_all


async def lock_year_of(table: str, number: str) -> None:
    """Lock the pool year of a record of settlement, before the record itself."""
    await sql(
        f"SELECT id FROM pool_year WHERE id = (SELECT pool_year FROM {table}"  # noqa: S608
        " WHERE number = $1) FOR NO KEY UPDATE",
        number,
    )


async def lock_bank() -> None:
    """Money of the bank is booked one after the other, whatever its year: a file and a serial
    count once. Taken before the year."""
    await advisory_lock("settlement:bank")
