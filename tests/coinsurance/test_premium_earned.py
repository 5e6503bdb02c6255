"""Premium earned by days of cover (满期保费), of the period as it was known."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from service.kernel.calendar import now
from service.kernel.db import sql
from tests.coinsurance.paying import endorse, make_placement, receipt
from tests.coinsurance.placing import make_zones, plant_year
from tests.factories import World


async def test_premium_is_earned_over_the_period_as_it_was_known(world: World) -> None:
    """An extension lengthens the period from the moment it is known; before, nothing changes."""
    year = await plant_year(world)
    await make_zones(world)
    number = await make_placement(world, year)
    await world.post("clerk", f"/placements/{number}/receipts", receipt(36_500_000, "E1"))
    row = await sql("SELECT start_on, end_on FROM placement WHERE number = $1", number)
    first, last = row[0]["start_on"], row[0]["end_on"]
    path, day = f"/pool-years/{year.number}/results", first + timedelta(days=99)

    async def earned(known: str) -> int:
        params = {"as_of": str(day), "as_known_at": known}
        told = await world.get("clerk", path, params=params)
        return int(told["whole"]["earned_fen"])

    before = now().isoformat()
    days = (last - first).days + 1
    assert abs(await earned(before) - Fraction(36_500_000 * 100, days)) < len(year.usccs)
    extended = last + timedelta(days=days)
    form = {"kind": "additional_premium", "premium_change_fen": 1_000, "sum_change_fen": 0}
    await endorse(world, year, number, **form, new_end_on=str(extended))
    assert abs(await earned(now().isoformat()) - Fraction(36_500_000 * 50, days)) < len(year.usccs)
    assert abs(await earned(before) - Fraction(36_500_000 * 100, days)) < len(year.usccs)
