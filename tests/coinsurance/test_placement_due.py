"""What falls due: lines and risks lapse, cover begins and ends, zones are freed; once only."""

from __future__ import annotations

from datetime import datetime

import pytest

from coinsurance.placements import exposure
from coinsurance.placements.due import Done, due
from coinsurance.rules.capacity import Need
from service.kernel.calendar import SHANGHAI
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Refused
from service.verify.placements import PLACEMENT_INVARIANTS
from tests.coinsurance.placing import (
    LIMIT,
    Year,
    binding,
    line,
    make_bound,
    make_checked,
    make_market,
    make_submitted,
    make_zones,
    plant_year,
    write_lines,
)
from tests.factories import World

SHARES = [40_000_000, 30_000_000, 20_000_000, 10_000_000]


def day(text: str) -> datetime:
    """Ten in the morning of a day in Shanghai."""
    return datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=SHANGHAI)


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members, and the zones of a park."""
    await make_zones(world)
    return await plant_year(world)


async def assert_consistent() -> None:
    found = {name: (await check()).findings for name, (_, check) in PLACEMENT_INVARIANTS.items()}
    assert {name: f for name, f in found.items() if f} == {}


async def test_a_market_that_falls_short_can_be_opened_again(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, {"m2": "30%", "m3": line("20%", valid_until="2026-12-10")})
    assert await due(day("2026-12-10")) == Done()
    done = await due(day("2026-12-11"))
    assert (done.lines_lapsed, done.undersubscribed, done.risks_lapsed) == (3, 1, 0)
    risk = await world.get("clerk", f"/risks/{number}")
    assert risk["status"] == "undersubscribed"
    assert [x["status"] for x in risk["lines"]] == ["lapsed", "written", "lapsed", "lapsed"]
    assert await due(day("2026-12-11")) == Done()
    await world.post("clerk", f"/risks/{number}/market", {"lines_until": "2026-12-14"})
    assert (await world.get("clerk", f"/risks/{number}"))["status"] == "in_market"
    done = await due(day("2026-12-16"))
    assert (done.undersubscribed, done.risks_lapsed) == (1, 1)
    assert (await world.get("clerk", f"/risks/{number}"))["status"] == "lapsed"
    await assert_consistent()


async def test_a_market_that_is_whole_waits_to_be_bound(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(
        world, number, {"clerk": "40%", "m2": "30%", "m3": "20%", "m4": line("10%")}
    )
    done = await due(day("2026-12-12"))
    assert done == Done()
    assert (await world.get("clerk", f"/risks/{number}"))["status"] == "in_market"


async def test_cover_begins_and_ends_and_frees_the_zones(world: World) -> None:
    await make_zones(world)
    year = await plant_year(world, "integrated-circuit", shares=SHARES)
    number = await make_submitted(world, year, method="schedule")
    check = await make_checked(world, number)
    state = await world.post("manager", f"/risks/{number}/binding", binding(check))
    assert await due(day("2026-12-14")) == Done()
    assert (await due(day("2026-12-15"))).attached == 1
    assert (await due(day("2026-12-15"))).attached == 0
    placement = await world.get("clerk", f"/placements/{state['number']}")
    assert placement["status"] == "in_force"
    assert (await due(day("2027-12-14"))).expired == 0
    assert (await due(day("2027-12-15"))).expired == 1
    zone = await world.get("auditor", "/accumulation-zones/P1")
    assert [use["used_fen"] for use in zone["uses"]] == [0, 0, 0, 0]
    used = await sql_value("SELECT sum(aggregate_used_fen)::bigint FROM pool_member")
    assert used == LIMIT, "what was bound in a year stays on the year"
    await assert_consistent()


async def test_cover_that_waits_for_premium_does_not_begin_by_itself(
    world: World, year: Year
) -> None:
    state = await make_bound(world, year)
    assert (await due(day("2026-12-20"))).attached == 0
    await sql(
        "UPDATE placement SET cover_from = '2026-12-18' WHERE number = $1", state["number"]
    )
    assert (await due(day("2026-12-20"))).attached == 1


async def test_offers_end_with_their_risk(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, {"m2": "10%"})
    await world.post("clerk", f"/risks/{number}/withdrawal", {"note": "客户另行安排"})
    assert (await due(day("2026-11-28"))).lines_lapsed == 4
    await assert_consistent()


async def test_exposure_follows_a_changed_sum_and_never_passes_capacity(
    world: World, year: Year
) -> None:
    """Shares or sums change later: the same lock and the same limits hold what is added."""
    state = await make_bound(world, year)
    row = (await sql("SELECT id, pool_year FROM placement WHERE number = $1", state["number"]))[0]
    zones = {
        z["code"]: z["id"] for z in await sql("SELECT id, code FROM accumulation_zone")
    }
    members = list(year.members.values())

    def wanted(fen: int) -> dict[int, Need]:
        return {key: Need(fen, fen, {"P1": fen}) for key in members}

    async with work():
        locked = await exposure.lock(row["pool_year"], wanted(LIMIT // 2), zones, row["id"])
        await exposure.settle(locked, row["id"])
    used = await sql("SELECT aggregate_used_fen FROM pool_member ORDER BY position")
    assert [r["aggregate_used_fen"] for r in used] == [LIMIT // 2] * 4
    await assert_consistent()
    with pytest.raises(Refused) as caught:
        async with work():
            locked = await exposure.lock(row["pool_year"], wanted(5 * LIMIT), zones, row["id"])
            await exposure.settle(locked, row["id"])
    told = {finding.code for finding in caught.value.findings}
    assert told == {"capacity.risk", "capacity.event", "capacity.aggregate"}
    await exposure.release(row["id"], row["pool_year"], year_too=True)
    left = await sql_value("SELECT sum(used_fen)::bigint FROM zone_use")
    year_left = await sql_value("SELECT sum(aggregate_used_fen)::bigint FROM pool_member")
    assert (left, year_left) == (0, 0)
    await assert_consistent()
