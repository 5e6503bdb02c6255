"""Everything at once with real commits: claims, runs, payments, disputes, closings of one year.

Whatever wins, nobody waits for ever, no request is a fault of ours, and every promise holds after.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from service.kernel.db import sql
from service.verify.claims import CLAIM_INVARIANTS
from service.verify.settlements import SETTLEMENT_INVARIANTS
from tests.coinsurance.claiming import Scene, agreed, at, make_scene, payment
from tests.coinsurance.settling import upload
from tests.coinsurance.test_settlement_runs import bank, yuan
from tests.elsewhere import committed_world
from tests.factories import World

pytestmark = pytest.mark.commits
DAY = "2026-04-20"
AT_ONCE = 14
Step = tuple[str, str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, "eastlake_settlement_storm", AT_ONCE + 6) as world:
        yield world


async def _claims(scene: Scene) -> list[str]:
    numbers = []
    for n, day in enumerate(("2026-03-02", "2026-03-01", "2026-02-28", "2026-02-27"), 1):
        number = await agreed(scene, loss_on=day, event=f"E{n}")
        with at("2026-03-16"):
            await scene.post("clerk", f"{number}/payments", payment(6_000_000 + n, f"S-{n}"))
        numbers.append(number)
    return numbers


async def _steps(scene: Scene, claims: list[str], statements: dict[str, str]) -> list[Step]:
    """What anybody may try on this day, most of it more than once."""
    year = scene.year.number
    base = f"/pool-years/{year}"
    run = {"pool_year": year, "method": "gross", "due_until": DAY}
    steps: list[Step] = [("clerk", "/settlement-runs", run)] * 3
    steps += [("clerk", "/reconciliation", {"pool_year": year, "until_on": DAY})] * 2
    steps += [("clerk", "/reminders", {"pool_year": year})] * 2
    steps += [("manager", f"{base}/statement-periods/2026-Q1/cancellation", {"note": "重编"})]
    steps += [("clerk", f"{base}/statements", {"period": "2026-Q1"})] * 2
    for row in await sql("SELECT number, amount_fen FROM obligation ORDER BY id"):
        path = f"/obligations/{row['number']}"
        pay = {"amount_fen": row["amount_fen"] // 2, "paid_on": DAY,
               "bank_reference": f"P-{row['number']}"}  # fmt: skip
        steps += [("clerk", f"{path}/payments", pay)] * 2
        steps += [("clerk", f"{path}/interest", {"until_on": DAY})]
    for number in claims:
        for text in ("银行退汇", "重复"):
            steps.append(("clerk", f"/claims/{number}/payments/1/reversal", {"reason": text}))
        fee = {"charge": "survey", "amount_fen": 1_001, "reference": "F"}
        steps.append(("clerk", f"/claims/{number}/expenses", fee))
    for login, statement in statements.items():
        lines = (await scene.world.get(login, f"/statements/{statement}/lines"))["items"]
        form = {"line": lines[0]["line"], "reason": "金额不符"}
        who = "manager" if login == "clerk" else f"{login}_manager"
        steps += [(login, f"/statements/{statement}/disputes", form)] * 2
        steps.append((who, f"/statements/{statement}/agreement", {}))
    return steps


async def _stated(scene: Scene) -> dict[str, str]:
    base, world = f"/pool-years/{scene.year.number}", scene.world
    with at("2026-04-02"):
        await world.post("clerk", f"{base}/statements", {"period": "2026-Q1"})
        await world.post("manager", f"{base}/statement-periods/2026-Q1/approval")
        page = await world.post("manager", f"{base}/statement-periods/2026-Q1/issue")
    names = {uscc: login for login, uscc in scene.year.usccs.items()}
    return {names[i["member"]["uscc"]]: i["number"] for i in page["items"]}


async def _bank(scene: Scene) -> None:
    """Whatever runs were made are agreed and paid at once, from files and by hand."""
    world = scene.world
    runs = await sql("SELECT number FROM settlement_run WHERE status = 'proposed' ORDER BY id")
    paths = [f"/settlement-runs/{row['number']}/approval" for row in runs]
    calls = [world.call("manager", "POST", path) for path in paths]
    answers = await asyncio.gather(*calls)
    assert max((a.status_code for a in answers), default=0) < 500
    rows = await sql("SELECT reference, amount_fen FROM payment_instruction ORDER BY id")
    files = [
        bank((f"G{n}", r["reference"], "", "", yuan(r["amount_fen"]), DAY, "成功"))
        for n, r in enumerate(rows)
    ]
    sent = [upload(world, "clerk", "/bank-files", f, pool_year=scene.year.number)
            for f in files for _ in range(2)]  # fmt: skip
    assert max((a.status_code for a in await asyncio.gather(*sent)), default=0) < 500


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_a_fault_and_every_promise_holds(world: World, seed: int) -> None:
    scene = await make_scene(world)
    claims = await _claims(scene)
    steps = await _steps(scene, claims, await _stated(scene))
    random.Random(seed).shuffle(steps)
    gate = asyncio.Semaphore(AT_ONCE)
    faults = []

    async def take(step: Step) -> None:
        who, path, body = step
        async with gate:
            answer = await world.call(who, "POST", path, body)
        if answer.status_code >= 500:
            faults.append((path, answer.text[:300]))

    with at(DAY):
        await asyncio.gather(*(take(step) for step in steps))
        await _bank(scene)
    assert faults == []
    for name, (_, check) in {**SETTLEMENT_INVARIANTS, **CLAIM_INVARIANTS}.items():
        assert (await check()).findings == [], name
