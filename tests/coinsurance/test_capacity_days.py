"""Capacity follows what a placement puts on its members day by day: never given back too early."""

from __future__ import annotations

import pytest

from coinsurance import due
from service.kernel.calendar import now
from service.kernel.db import sql
from service.verify.placements import kept_exposure
from tests.coinsurance.paying import agree, endorse, make_placement
from tests.coinsurance.placing import LIMIT, Year, make_zones, plant_year
from tests.coinsurance.pooling import on
from tests.coinsurance.test_premium_shares import proposal
from tests.factories import World

DAY = "2027-06-15"
PART = LIMIT // 10


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members."""
    await make_zones(world)
    return await plant_year(world)


async def used(year: Year) -> dict[str, tuple[int, int]]:
    """Tenths of the limit each member has in use: of the year, of the park."""
    rows = await sql(
        "SELECT m.organisation, m.aggregate_used_fen AS year_fen, coalesce(u.used_fen, 0) AS zone"
        " FROM pool_member m LEFT JOIN (zone_use u JOIN accumulation_zone z ON z.id = u.zone"
        "  AND z.code = 'P1') ON u.organisation = m.organisation"
    )
    found = {row["organisation"]: (row["year_fen"] // PART, row["zone"] // PART) for row in rows}
    assert (await kept_exposure()).findings == []
    return {login: found[key] for login, key in year.members.items()}


async def own_shares(world: World, day: str) -> list[int | None]:
    """What each member reads as its share of the one placement on a day."""
    found = []
    with on(day):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        for login in ("clerk", "m2", "m3", "m4"):
            (item,) = (await world.get(login, "/placements"))["items"]
            found.append(item["own_units"])
    return found


async def run_due(day: str) -> int:
    """What falls due on a day, twice: the second run finds nothing."""
    with on(day):
        done = (await due.run(now()))["given_back"]
        assert (await due.run(now()))["given_back"] == 0
    return done


async def test_shares_that_change_later_hold_both_until_then(world: World, year: Year) -> None:
    """40/30/20/10 becomes 40/50/0/10 in June: the second holds 50 now, the third 20 till then."""
    number = await make_placement(world, year)
    path = f"/placements/{number}/share-schedules"
    (made,) = await world.post("clerk", path, proposal(year))
    await agree(world, year, made["consent"])
    body = {"resolution_number": "示例决〔2026〕9号"}
    await world.post("approver", f"{path}/{made['schedule']}/effect", body)
    both = {"clerk": (4, 4), "m2": (5, 5), "m3": (2, 2), "m4": (1, 1)}
    assert await used(year) == both
    assert await run_due("2027-06-14") == 0
    assert await used(year) == both
    assert await own_shares(world, "2027-06-14") == [40_000_000, 30_000_000, 20_000_000, 10_000_000]
    assert await run_due(DAY) == 1
    assert await used(year) == {**both, "m3": (0, 0)}
    assert await own_shares(world, DAY) == [40_000_000, 50_000_000, None, 10_000_000]


async def test_a_cancellation_to_come_frees_the_zones_on_its_day(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    before = await used(year)
    await endorse(
        world, year, number, kind="cancel", method="pro_rata", effective_on=DAY, statutory=True
    )
    assert await used(year) == before
    assert await run_due("2027-06-14") == 0
    assert await run_due(DAY) == 1
    assert await used(year) == {login: (part, 0) for login, (part, _) in before.items()}


async def test_a_cancellation_from_the_start_frees_everything_at_once(
    world: World, year: Year
) -> None:
    number = await make_placement(world, year)
    await endorse(
        world, year, number, kind="cancel", method="ab_initio", effective_on="2026-12-15"
    )
    assert set((await used(year)).values()) == {(0, 0)}
    assert await run_due(DAY) == 0


async def test_a_smaller_sum_from_a_later_day_is_kept_until_then(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    before = await used(year)
    await endorse(
        world,
        year,
        number,
        kind="sum_change",
        effective_on=DAY,
        sum_change_fen=-LIMIT // 2,
    )
    assert await used(year) == before
    assert await run_due(DAY) == 1
    assert await used(year) == {"clerk": (2, 2), "m2": (1, 1), "m3": (1, 1), "m4": (0, 0)}
