"""Debts whose cause was undone, and what members owed on a past day."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql, sql_value
from service.verify.settlements import SETTLEMENT_INVARIANTS
from tests.coinsurance.claiming import Scene, agreed, at, make_scene, paid
from tests.factories import World


@pytest.fixture
async def scene(world: World) -> Scene:
    return await make_scene(world)


async def owed(number: str) -> list[str]:
    """The numbers of what the followers owe because of a claim: m2, m3, m4."""
    rows = await sql(
        "SELECT number FROM obligation WHERE number LIKE $1 ORDER BY id", f"{number}-%"
    )
    return [row["number"] for row in rows]


async def verified() -> None:
    for name, (_, check) in SETTLEMENT_INVARIANTS.items():
        assert (await check()).findings == [], name


async def totals(scene: Scene, day: str) -> dict[str, int]:
    """What each member owes the handler on a day."""
    path = f"/pool-years/{scene.year.number}/ageing"
    table = await scene.world.get("clerk", path, params={"on": day})
    names = {uscc: login for login, uscc in scene.year.usccs.items()}
    return {names[row["debtor"]["uscc"]]: row["total_fen"] for row in table["rows"]}


def pay(fen: int, day: str, reference: str) -> dict[str, Any]:
    return {"amount_fen": fen, "paid_on": day, "bank_reference": reference}


async def test_a_void_debt_takes_no_money_no_run_and_no_interest(scene: Scene) -> None:
    number = await paid(scene)
    first, *_ = await owed(number)
    with at("2026-04-20"):
        await scene.post("clerk", f"{number}/payments/1/reversal", {"reason": "银行退汇"})
        world = scene.world
        shown = await world.get("m2", f"/obligations/{first}")
        assert (shown["status"], shown["open_fen"]) == ("void", 0)
        run = {"pool_year": scene.year.number, "method": "gross", "due_until": "2026-04-20"}
        for path, body, code in (
            (f"/obligations/{first}/payments", pay(1, "2026-04-20", "V-1"),
             "settlement.more_than_open"),
            (f"/obligations/{first}/interest", {"until_on": "2026-04-20"}, "interest.nothing_late"),
            ("/settlement-runs", run, "settlement.nothing_due"),
            ("/settlement-runs", {**run, "obligations": [first]}, "settlement.not_payable"),
        ):  # fmt: skip
            answer = await world.call("clerk", "POST", path, body)
            assert answer.json()["code"] == code, answer.text
    assert await sql_value("SELECT count(*) FROM discharge") == 0
    await verified()


async def test_a_dispute_that_ends_does_not_bring_a_void_debt_back(scene: Scene) -> None:
    number = await paid(scene)
    base, world = f"/pool-years/{scene.year.number}", scene.world
    with at("2026-04-02"):
        await world.post("clerk", f"{base}/statements", {"period": "2026-Q1"})
        await world.post("manager", f"{base}/statement-periods/2026-Q1/approval")
        page = await world.post("manager", f"{base}/statement-periods/2026-Q1/issue")
        mine = scene.year.usccs["m2"]
        statement = next(i["number"] for i in page["items"] if i["member"]["uscc"] == mine)
        lines = (await world.get("m2", f"/statements/{statement}/lines"))["items"]
        line = next(x["line"] for x in lines if x["item"] == "claim")
        form = {"line": line, "reason": "通知迟延"}
        dispute = await world.post("m2", f"/statements/{statement}/disputes", form)
        await scene.post("clerk", f"{number}/payments/1/reversal", {"reason": "银行退汇"})
        await world.post("m2", f"/disputes/{dispute['number']}/withdrawal", {"note": "已冲销"})
    states = await sql("SELECT DISTINCT status FROM obligation")
    assert [row["status"] for row in states] == ["void"]
    await verified()


async def test_a_cash_call_on_its_way_is_not_released(scene: Scene) -> None:
    number = await agreed(scene, 1_550_000_000)
    world = scene.world
    with at("2026-03-13"):
        await scene.post("clerk", f"{number}/cash-calls", {"amount_fen": 600_000_000})
        call = (await scene.get("clerk", number))["cash_calls"][0]["number"]
        form = {"pool_year": scene.year.number, "method": "gross", "due_until": "2026-03-31"}
        run = (await world.post("clerk", "/settlement-runs", form))["number"]
        path = f"{number}/cash-calls/{call}/release"
        told = await scene.refused("clerk", path, {"reason": "改为直接支付"}, "claim.call_in_run")
        assert run in told["errors"][0]["message_zh"]
        await world.post("clerk", f"/settlement-runs/{run}/cancellation", {"note": "不再预收"})
        await scene.post("clerk", path, {"reason": "改为直接支付"})
    states = await sql("SELECT DISTINCT status FROM obligation")
    assert [row["status"] for row in states] == ["void"]
    await verified()


async def test_what_was_owed_on_a_past_day_stays_what_it_was(scene: Scene) -> None:
    number = await paid(scene)
    world = scene.world
    first, second, _ = await owed(number)
    whole = {"m2": 3_000_000, "m3": 2_000_000, "m4": 1_000_000}
    with at("2026-04-20"):
        await world.post(
            "clerk", f"/obligations/{first}/payments", pay(3_000_000, "2026-03-20", "A")
        )
        await world.post(
            "clerk", f"/obligations/{second}/payments", pay(500_000, "2026-04-01", "B")
        )
        assert await totals(scene, "2026-03-15") == {}
        assert await totals(scene, "2026-03-19") == whole
        assert await totals(scene, "2026-03-20") == {"m3": 2_000_000, "m4": 1_000_000}
        now = {"m3": 1_500_000, "m4": 1_000_000}
        assert await totals(scene, "2026-04-01") == now == await totals(scene, "2026-04-20")
    with at("2026-05-06"):
        await scene.post("clerk", f"{number}/payments/1/reversal", {"reason": "银行退汇"})
        assert await totals(scene, "2026-03-19") == whole
        assert await totals(scene, "2026-04-20") == now
        assert "m4" not in await totals(scene, "2026-05-06")
    await verified()
