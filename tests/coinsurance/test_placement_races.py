"""64 binders at once with real commits: no capacity is passed in any zone, pool or year."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from coinsurance.access import year_row
from service.kernel.db import sql, sql_value, work
from service.verify.placements import PLACEMENT_INVARIANTS
from tests.coinsurance.placing import (
    LIMIT,
    Year,
    binding,
    consent,
    line,
    make_checked,
    make_market,
    make_zones,
    plant_year,
    write_lines,
)
from tests.elsewhere import committed_world, once_somebody_waits
from tests.factories import World

pytestmark = pytest.mark.commits
RACERS = 64
HALF = LIMIT // 2
ZONES = [{"zone": "P1-B1", "at_risk_ppm": 1_000_000}]


@pytest_asyncio.fixture(loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, "eastlake_placement_races", RACERS + 4) as world:
        yield world


async def two_pools(world: World, capacity_fen: tuple[int, int, int]) -> list[Year]:
    """Two pools with the same two members and the zones that risks of both lie in."""
    await make_zones(world)
    one = await plant_year(world, "biomedicine", followers=1, capacity_fen=capacity_fen)
    two = await plant_year(
        world,
        "new-energy",
        followers=1,
        capacity_fen=capacity_fen,
        product=one.product,
        others=one.members,
    )
    return [one, two]


async def ready(world: World, year: Year, document: int, serial: int) -> tuple[str, dict[str, Any]]:
    """A risk with two lines of a half and a passed check: its number and what binds it."""
    number = await make_market(world, year, zones=ZONES, values=[])
    await write_lines(world, number, {"clerk": line("50%"), "m2": line("50%")})
    check = await make_checked(world, number, document)
    return number, binding(check, policy_number=f"PYII-RACE-{serial:04}")


async def race(world: World, risks: list[tuple[str, dict[str, Any]]]) -> list[httpx.Response]:
    """All bindings at once."""
    return await asyncio.gather(
        *(
            world.call("manager", "POST", f"/risks/{number}/binding", form)
            for number, form in risks
        )
    )


async def outcome(answers: list[httpx.Response]) -> Counter[str]:
    """How many were bound, and the first finding of the others."""
    return Counter(
        "bound" if a.status_code < 300 else str(a.json()["errors"][0]["code"]) for a in answers
    )


async def assert_consistent() -> None:
    """Every invariant of placements holds on what was committed."""
    found = {name: (await check()).findings for name, (_, check) in PLACEMENT_INVARIANTS.items()}
    assert {name: f for name, f in found.items() if f} == {}


async def test_64_bindings_of_two_pools_never_pass_the_event_capacity(world: World) -> None:
    """Ten halves fit into the event capacity of one zone, whichever pool they come from."""
    years = await two_pools(world, (LIMIT, 10 * HALF, 100 * LIMIT))
    document = await consent(world)
    risks = [await ready(world, years[n % 2], document, n) for n in range(RACERS)]
    counted = await outcome(await race(world, risks))
    assert counted == {"bound": 10, "capacity.event": RACERS - 10}
    rows = await sql("SELECT used_fen, limit_fen FROM zone_use ORDER BY id")
    assert len(rows) == 4, "the building and the park of two members"
    assert {(row["used_fen"], row["limit_fen"]) for row in rows} == {(10 * HALF, 10 * HALF)}
    assert await sql_value("SELECT count(*) FROM placement") == 10
    assert await sql_value("SELECT count(*) FROM policy") == 10
    used = await sql_value("SELECT sum(aggregate_used_fen)::bigint FROM pool_member")
    assert used == 10 * LIMIT
    await assert_consistent()


async def test_64_bindings_never_pass_the_yearly_capacity(world: World) -> None:
    """Seven halves fit into a year; the two pools have a year each."""
    years = await two_pools(world, (HALF, 7 * HALF, 7 * HALF))
    await sql("UPDATE pool_member SET aggregate_capacity_fen = $1", 7 * HALF)
    await sql("UPDATE pool_member SET event_capacity_fen = $1", 7 * HALF)
    document = await consent(world)
    risks = [await ready(world, years[0], document, n) for n in range(RACERS)]
    answers = await race(world, risks)
    counted = await outcome(answers)
    assert counted["bound"] == 7
    told = {e["code"] for a in answers if a.status_code >= 300 for e in a.json()["errors"]}
    assert told == {"capacity.aggregate", "capacity.event"}
    rows = await sql("SELECT aggregate_used_fen FROM pool_member ORDER BY pool_year, position")
    assert [row["aggregate_used_fen"] for row in rows] == [7 * HALF, 7 * HALF, 0, 0]
    await assert_consistent()


async def test_one_risk_bound_64_times_is_bound_once(world: World) -> None:
    years = await two_pools(world, (LIMIT, 10 * LIMIT, 10 * LIMIT))
    document = await consent(world)
    number, form = await ready(world, years[0], document, 1)
    answers = await race(world, [(number, form)] * RACERS)
    counted = await outcome(answers)
    assert counted == {"bound": 1, "bind.already_bound": RACERS - 1}
    assert {a.status_code for a in answers} == {201, 409}
    assert await sql_value("SELECT count(*) FROM share_schedule") == 1
    await assert_consistent()


async def test_lines_written_at_once_are_all_counted(world: World) -> None:
    """Both members write at once, many times over: one line each stands in the end."""
    years = await two_pools(world, (LIMIT, 10 * LIMIT, 10 * LIMIT))
    number = await make_market(world, years[0], zones=ZONES, values=[])
    answers = await asyncio.gather(
        *(
            world.call(who, "POST", f"/risks/{number}/lines", line("50%"))
            for _ in range(RACERS // 2)
            for who in ("clerk", "m2")
        )
    )
    assert sorted(Counter(a.status_code for a in answers).items()) == [(201, 2), (409, 62)]
    preview = await world.get("clerk", f"/risks/{number}/signing")
    assert preview["whole"] is True
    await assert_consistent()


async def test_nothing_is_bound_on_a_member_once_it_is_suspended(world: World) -> None:
    """Eight bindings against the suspension of a member and the closing of the year."""
    years = await two_pools(world, (LIMIT, 100 * LIMIT, 100 * LIMIT))
    document = await consent(world)
    risks = [await ready(world, years[n % 2], document, n) for n in range(16)]
    suspend = f"/pool-years/{years[0].number}/members/{years[0].usccs['m2']}/suspension"
    close = f"/pool-years/{years[1].number}/closing"
    calls = [
        world.call("manager", "POST", f"/risks/{number}/binding", form) for number, form in risks
    ]
    calls.insert(8, world.call("approver", "POST", suspend, {"note": "核查"}))
    calls.insert(9, world.call("approver", "POST", close, {"note": "停止新业务"}))
    answers = await asyncio.gather(*calls)
    stops = answers[8:10]
    assert [a.status_code for a in stops] == [201, 201]
    counted = await outcome([*answers[:8], *answers[10:]])
    refusals = {"shares.undersubscribed", "bind.check_outdated", "bind.member_unfit"}
    assert set(counted) <= {"bound", "bind.year_not_open", *refusals}
    late = await sql_value(
        "SELECT count(*) FROM journal_event b JOIN placement l ON l.number = b.subject"
        " JOIN pool_year y ON y.id = l.pool_year JOIN journal_event s ON s.id > 0"
        " AND ((s.subject_kind = 'pool_member' AND s.event = 'suspend' AND y.number = $1)"
        "   OR (s.subject_kind = 'pool_year' AND s.event = 'close_new' AND y.number = $2))"
        " WHERE b.subject_kind = 'placement' AND b.event = 'bind' AND b.id > s.id",
        years[0].number,
        years[1].number,
    )
    assert late == 0, "what was bound was bound before"
    await assert_consistent()


async def test_a_year_that_closes_lets_go_on_who_holds_the_year_but_not_yet_its_pool(
    world: World,
) -> None:
    """The step takes the pool first, a binder the year: neither may stand in the other's way."""
    number = (await two_pools(world, (LIMIT, 10 * LIMIT, 10 * LIMIT)))[0].number
    holds = asyncio.Event()

    async def bind_slowly() -> str:
        async with work():
            await sql("SELECT id FROM pool_year WHERE number = $1 FOR KEY SHARE", number)
            holds.set()
            await once_somebody_waits()
            return str((await year_row(number, "hold"))["status"])

    async def close() -> int:
        await holds.wait()
        form = {"note": "停止新业务"}
        path = f"/pool-years/{number}/closing"
        return (await world.call("approver", "POST", path, form)).status_code

    assert await asyncio.gather(bind_slowly(), close()) == ["open", 201]
