"""Racers on premium with real commits: to the last fen due, one reference once, one mirror once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from service.kernel.db import sql, sql_value
from service.verify import INVARIANTS
from service.verify.premiums import PREMIUM_INVARIANTS
from tests.coinsurance.paying import make_placement, receipt, recorded_elsewhere
from tests.coinsurance.placing import Year, make_zones, plant_year
from tests.elsewhere import committed_world
from tests.factories import World

pytestmark = pytest.mark.commits
RACERS = 16
PREMIUM = 200_000_000
BACK = {"effective_on": "2026-11-25", "reason": "银行退票"}


@pytest_asyncio.fixture(loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, "eastlake_premium_races", RACERS + 4) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def placement(world: World) -> str:
    """A bound placement with two million yuan of premium; its number."""
    year: Year = await plant_year(world)
    await make_zones(world)
    return await make_placement(world, year)


async def race(calls: list[Any]) -> Counter[str]:
    """All calls at once; how many ended how: their status and, if refused, the first code."""
    answers = await asyncio.gather(*calls)
    return Counter(
        str(a.status_code) if a.status_code < 300 else f"{a.status_code} {a.json()['code']}"
        for a in answers
    )


async def settled(placement: str) -> tuple[int, int]:
    """What is held of the premium, and how many movements; nothing of it may contradict."""
    for name, (_, check) in {**PREMIUM_INVARIANTS, "ledger": INVARIANTS["ledger"]}.items():
        assert (await check()).findings == [], name
    row = await sql(
        "SELECT coalesce(sum(v.amount_fen), 0)::bigint AS fen, count(*) AS n FROM premium_movement"
        " v JOIN placement l ON l.id = v.placement WHERE l.number = $1",
        placement,
    )
    both = await sql_value("SELECT coalesce(sum(amount_fen), 0)::bigint FROM premium_receipt")
    assert both == row[0]["fen"], "policy and pool are one truth"
    return row[0]["fen"], row[0]["n"]


async def test_receipts_at_once_stop_at_the_last_fen(world: World, placement: str) -> None:
    """A third of the premium sixteen times, and the last fen twice."""
    base = f"/placements/{placement}/receipts"
    third = PREMIUM // 3
    counted = await race(
        [world.call("clerk", "POST", base, receipt(third, f"T{n}")) for n in range(RACERS)]
    )
    assert counted == {"201": 3, "422 policy.receipt_above_due": RACERS - 3}
    left = PREMIUM - 3 * third
    counted = await race(
        [world.call("clerk", "POST", base, receipt(left, f"L{n}")) for n in range(2)]
    )
    assert counted == {"201": 1, "422 policy.receipt_above_due": 1}
    assert await settled(placement) == (PREMIUM, 4)


async def test_one_reference_counts_once(world: World, placement: str) -> None:
    base = f"/placements/{placement}/receipts"
    counted = await race(
        [world.call("clerk", "POST", base, receipt(1_000_001, "SAME")) for _ in range(RACERS)]
    )
    assert counted == {"201": 1, "409 premium.receipt_twice": RACERS - 1}
    assert await settled(placement) == (1_000_001, 1)


async def test_a_receipt_is_reversed_once_while_others_come_in(
    world: World, placement: str
) -> None:
    """Reversals of one receipt against receipts of all that is then due: never above the due."""
    base = f"/placements/{placement}/receipts"
    await world.post("clerk", base, receipt(PREMIUM, "WHOLE"))
    half = PREMIUM // 2
    back = [world.call("clerk", "POST", f"{base}/1/reversal", BACK) for _ in range(RACERS // 2)]
    more = [world.call("clerk", "POST", base, receipt(half, f"H{n}")) for n in range(RACERS // 2)]
    counted = await race([call for pair in zip(back, more, strict=True) for call in pair])
    assert counted["409 premium.reversed_before"] == RACERS // 2 - 1
    assert counted["201"] == 1 + await halves()
    assert counted["201"] + sum(n for code, n in counted.items() if code != "201") == RACERS
    fen, _ = await settled(placement)
    assert fen == half * await halves() and fen <= PREMIUM
    mirrors = "SELECT count(*) FROM premium_movement WHERE reversal_of IS NOT NULL"
    assert await sql_value(mirrors) == 1


async def halves() -> int:
    """How many halves of the premium were taken."""
    found: int = await sql_value(
        "SELECT count(*) FROM premium_movement WHERE reference LIKE 'H%' AND amount_fen > 0"
    )
    return found


async def test_what_was_recorded_elsewhere_is_taken_up_once(world: World, placement: str) -> None:
    for n in range(3):
        await recorded_elsewhere(world, placement, receipt(700 + n, f"E{n}"))
    calls = [
        world.call("clerk", "POST", f"/placements/{placement}/movements", {}) for _ in range(RACERS)
    ]
    answers = await asyncio.gather(*calls)
    assert {a.status_code for a in answers} == {201}
    assert sum(len(a.json()["movements"]) for a in answers) == 3
    assert await settled(placement) == (2_103, 3)
