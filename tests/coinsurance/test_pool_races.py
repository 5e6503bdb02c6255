"""Racers with real commits: one request closes once, one answer counts, one effect takes place."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from coinsurance import due
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value, work
from service.verify.pools import POOL_INVARIANTS
from service.verify.shortfalls import SHORTFALL_INVARIANTS
from tests.coinsurance.pooling import (
    RESOLUTION,
    SERVED,
    Pooled,
    add_second_officers,
    answer_all,
    invitation,
    make_pool,
    on,
)
from tests.coinsurance.test_pool_members import owe
from tests.elsewhere import committed_world, once_somebody_waits
from tests.factories import World

pytestmark = pytest.mark.commits
RACERS = 12
NAME = "eastlake_pool_races"


@pytest_asyncio.fixture(loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, NAME, RACERS + 4) as made:
        yield made


async def race(calls: list[Any]) -> Counter[str]:
    """All calls at once; how many ended how: their status and, if refused, the first code."""
    answers = await asyncio.gather(*calls)
    return Counter(
        str(a.status_code) if a.status_code < 300 else f"{a.status_code} {a.json()['code']}"
        for a in answers
    )


async def verified() -> None:
    for name, (_, check) in POOL_INVARIANTS.items():
        assert (await check()).findings == [], name


async def proposal(pooled: Pooled, units: tuple[int, ...], valid_from: str) -> str:
    """A proposed schedule."""
    shares = [
        {"uscc": pooled.usccs[login], "share_units": share}
        for login, share in zip(pooled.members, units, strict=True)
    ]
    body = {"reason": "份额调整", "shares": shares, "valid_from": valid_from}
    made = await pooled.world.post("officer", f"/pool-years/{pooled.year}/shares", body)
    return str(made["number"])


async def test_a_pool_and_its_year_are_made_once(world: World) -> None:
    form = {"family": "pool/biomedicine"}
    founded = await race([world.call("officer", "POST", "/pools", form) for _ in range(RACERS)])
    assert founded == {"201": 1, "409 pool.code_taken": RACERS - 1}
    pooled = await make_pool(world, 2, until="agreed")
    path = f"/pools/{pooled.code}/years"
    made = await race([world.call("officer", "POST", path, {"year": 2026}) for _ in range(RACERS)])
    assert made == {"201": 1, "409 year.number_taken": RACERS - 1}
    form = invitation(pooled.usccs["m2"], ["follower"])
    members = f"/pool-years/{pooled.year}/members"
    invited = await race([world.call("officer", "POST", members, form) for _ in range(RACERS)])
    assert invited == {"201": 1, "422 member.taken": RACERS - 1}
    await verified()


async def test_a_request_closes_once_and_each_answer_counts_once(world: World) -> None:
    pooled = await make_pool(world, RACERS)
    with on("2026-03-02"):
        number = await proposal(pooled, tuple(_even()), "2026-06-01")
        voted = await world.post("officer", f"/share-schedules/{number}/vote")
        request = voted["consent_request"]
        await world.post("officer", f"/consent-requests/{request}/service", SERVED)
        path, body = f"/consent-requests/{request}/answers", {"answer": "consented"}
        twice = await race([world.call("manager", "POST", path, body) for _ in range(RACERS)])
        assert twice == {"201": 1, "422 consent.answered": RACERS - 1}
        others = [pooled.manager(login) for login in pooled.members[1:]]
        rest = await race([world.call(who, "POST", path, body) for who in others])
        assert rest == {"201": RACERS - 1}
        effect = f"/share-schedules/{number}/effect"
        done = await race(
            [world.call("approver", "POST", effect, RESOLUTION) for _ in range(RACERS)]
        )
    assert done == {"201": 1, "422 workflow.step_not_allowed": RACERS - 1}
    closings = "SELECT count(*) FROM journal_event WHERE subject = $1 AND event = 'give'"
    assert await sql_value(closings, request) == 1
    await verified()


def _even() -> list[int]:
    units = [100_000_000 // RACERS] * RACERS
    units[0] += 100_000_000 - sum(units)
    return units


async def test_of_two_schedules_for_one_day_one_takes_effect(world: World) -> None:
    pooled = await make_pool(world, 2, shares=[60_000_000, 40_000_000])
    with on("2026-03-02"):
        numbers = []
        for units in ((55_000_000, 45_000_000), (52_000_000, 48_000_000)):
            number = await proposal(pooled, units, "2026-06-01")
            voted = await world.post("officer", f"/share-schedules/{number}/vote")
            await answer_all(pooled, voted["consent_request"])
            numbers.append(number)
        done = await race(
            [
                world.call("approver", "POST", f"/share-schedules/{n}/effect", RESOLUTION)
                for n in numbers
            ]
        )
    assert done == {"201": 1, "422 shares.not_after_last": 1}
    await verified()


async def test_silence_is_deemed_once_by_racing_runs(world: World) -> None:
    pooled = await make_pool(world, 3, shares=[40_000_000, 30_000_000, 30_000_000])
    with on("2026-03-02"):
        form = invitation(world.usccs["other_insurer"], ["follower"])
        made = await world.post("officer", f"/pool-years/{pooled.year}/members", form)
        request = made["consent_request"]
        await world.post("officer", f"/consent-requests/{request}/service", SERVED)
    with on("2026-04-01"):
        runs = await asyncio.gather(*(due.run(now()) for _ in range(4)))
    assert sum(run["deemed"] for run in runs) == 3
    assert sum(run["closed"] for run in runs) == 1
    told = await sql("SELECT event FROM journal_event WHERE subject = $1 ORDER BY id", request)
    assert Counter(row["event"] for row in told) == {"ask": 1, "serve": 1, "deem": 3, "give": 1}
    await verified()


async def test_a_shortfall_is_charged_once(world: World) -> None:
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    base = f"/pool-years/{pooled.year}/members/{pooled.usccs['m2']}"
    with on("2026-04-10"):
        await owe(pooled, "m2", "clerk", 1_000_001, "2026-03-31")
        default = {"cause": "insolvency", "note": "丧失偿付能力"}
        await world.post("approver", f"{base}/default", default)
        asked = await world.post("manager", f"{base}/shortfall", {"note": "征求分担"})
        await answer_all(pooled, asked["consent_request"])
        path = f"{base}/shortfall/charges"
        charged = await race(
            [world.call("approver", "POST", path, RESOLUTION) for _ in range(RACERS)]
        )
        assert charged == {"201": 1, "409 shortfall.charged_already": RACERS - 1}
        number = await sql_value("SELECT number FROM shortfall_charge")
        await add_second_officers(world)
        back = await race(
            [
                world.call("pool_approver", "POST", f"{path}/{number}/reversal", {"reason": "更正"})
                for _ in range(RACERS)
            ]
        )
        assert back == {"201": 1, "409 shortfall.reversed_before": RACERS - 1}
    assert await sql_value("SELECT sum(amount_fen) FROM shortfall_charge") == 0
    for name, (_, check) in SHORTFALL_INVARIANTS.items():
        assert (await check()).findings == [], name


async def test_a_charge_that_waits_for_a_debt_lets_claims_refer_to_the_year(world: World) -> None:
    """Who reverses a payment holds the debt and writes rows of the year: no deadlock."""
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    base = f"/pool-years/{pooled.year}/members/{pooled.usccs['m2']}"
    with on("2026-04-10"):
        await owe(pooled, "m2", "clerk", 1_000_001, "2026-03-31")
        await world.post("approver", f"{base}/default", {"cause": "insolvency", "note": "破产"})
        asked = await world.post("manager", f"{base}/shortfall", {"note": "征求分担"})
        await answer_all(pooled, asked["consent_request"])
        holds = asyncio.Event()

        async def reverse_slowly() -> None:
            async with work():
                await sql("SELECT id FROM obligation FOR UPDATE")
                holds.set()
                await once_somebody_waits()
                await sql("SELECT id FROM pool_year WHERE number = $1 FOR KEY SHARE", pooled.year)

        async def charge() -> int:
            await holds.wait()
            path = f"{base}/shortfall/charges"
            return (await world.call("approver", "POST", path, RESOLUTION)).status_code

        assert await asyncio.gather(reverse_slowly(), charge()) == [None, 201]
