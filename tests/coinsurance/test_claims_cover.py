"""Limits, layers, aggregates, reinstatement and backstop of real claims, over the pool."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql_value
from tests.coinsurance.claiming import (
    Scene,
    agreed,
    assessed,
    at,
    consented,
    debts,
    make_scene,
    payment,
    positions,
    registered,
)
from tests.coinsurance.placing import LIMIT
from tests.factories import World

A = {"code": "A", "title": "物质损失", "limit_fen": LIMIT // 2, "premium_fen": 150_000_000}
B = {
    "code": "B",
    "title": "营业中断",
    "limit_fen": 300_000_000,
    "aggregate_fen": 500_000_000,
    "premium_fen": 50_000_000,
}
LAYERS = [
    {"code": "L1", "title": "底层", "kind": "layer", "limit_fen": 200_000_000,
     "premium_fen": 100_000_000},
    {"code": "L2", "title": "二层", "kind": "layer", "attachment_fen": 200_000_000,
     "limit_fen": LIMIT - 200_000_000, "premium_fen": 100_000_000},
]  # fmt: skip


async def _assess(scene: Scene, number: str, losses: list[dict[str, Any]]) -> Any:
    everybody = [{"uscc": uscc, "status": "attended"} for uscc in scene.year.usccs.values()]
    survey = {"held_on": "2026-03-09", "place": "现场", "surveyor": "示例公估", "joint": True,
              "summary": "查勘", "attendance": everybody}  # fmt: skip
    with at("2026-03-10"):
        await scene.post("clerk", f"{number}/surveys", survey)
        return await scene.post("clerk", f"{number}/assessment", {"losses": losses})


async def _agree(scene: Scene, number: str) -> Any:
    with at("2026-03-12"):
        answer = await scene.world.call("manager", "POST", f"/claims/{number}/agreement", {})
        if answer.status_code >= 300:
            await consented(scene, number)
            return await scene.post("manager", f"{number}/agreement", {})
        return answer.json()


@pytest.fixture
async def scene(world: World) -> Scene:
    """Two sections; business interruption pays 3 million a loss and 5 million in all."""
    return await make_scene(
        world, sections=[{**A, "limit_fen": LIMIT - 300_000_000}, B], deductible_fen=0
    )


async def test_aggregate_wears_down_and_the_last_claim_gets_the_rest(scene: Scene) -> None:
    left = []
    for n in range(3):
        number = await registered(scene, event=f"E{n}")
        state = await _assess(scene, number, [{"section": "B", "gross_fen": 200_000_000}])
        left.append(state["assessed_fen"])
        await _agree(scene, number) if state["assessed_fen"] else None
    assert left == [200_000_000, 200_000_000, 100_000_000]


async def test_of_two_assessed_claims_the_second_is_held_at_agreement(scene: Scene) -> None:
    """Both were assessed while the aggregate was whole; agreement asks again."""
    numbers = []
    for n in range(2):
        number = await registered(scene, event=f"E{n}")
        await _assess(scene, number, [{"section": "B", "gross_fen": 300_000_000}])
        numbers.append(number)
    with at("2026-03-12"):
        for number in numbers:
            await consented(scene, number)
        await scene.post("manager", f"{numbers[0]}/agreement", {})
        told = await scene.refused(
            "manager", f"{numbers[1]}/agreement", {}, "claim.above_limit"
        )
    params = next(e for e in told["errors"] if e["code"] == "claim.above_limit")["params"]
    assert params["left_fen"] == 200_000_000


def _reinstatement(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "placement": scene.placement,
        "section": "B",
        "amount_fen": 300_000_000,
        "effective_on": "2026-04-01",
        "reason": "恢复累计限额",
    } | changes


async def test_reinstatement_serves_later_losses_only(scene: Scene) -> None:
    first = await registered(scene, event="E1")
    await _assess(scene, first, [{"section": "B", "gross_fen": 300_000_000}])
    await _agree(scene, first)
    world = scene.world
    with at("2026-04-01"):
        for changes, code in (
            ({"amount_fen": 300_000_001}, "claim.reinstate_above"),
            ({"section": "A"}, "claim.reinstate_none"),
            ({"section": "Z"}, "claim.unknown_section"),
            ({"effective_on": "2027-02-01"}, "claim.day_outside"),
            ({"rate_ppm": 1_000_000}, "claim.reinstate_uncharged"),
        ):
            form = _reinstatement(scene, **changes)
            answer = await world.call("manager", "POST", "/reinstatements", form)
            assert code in answer.text
        made = await world.post("manager", "/reinstatements", _reinstatement(scene))
    assert (made["premium_fen"], made["left_fen"]) == (0, 500_000_000)
    left = {}
    for day in ("2026-03-31", "2026-04-02"):
        with at("2026-04-03"):
            form = {
                "placement": scene.placement, "loss_on": day, "cause": "停电", "estimate_fen": 1,
            }  # fmt: skip
            number = (await world.post("firm", "/claims", form))["number"]
            await scene.post("clerk", f"{number}/registration", {})
        sections = (await scene.get("clerk", number))["sections"]
        left[day] = sections[1]["aggregate_left_fen"]
    assert left == {"2026-03-31": 200_000_000, "2026-04-02": 500_000_000}


async def test_one_loss_in_two_sections_keeps_its_money_apart(world: World) -> None:
    scene = await make_scene(
        world, sections=[{**A, "limit_fen": LIMIT - 300_000_000}, B], deductible_fen=10_000_000
    )
    number = await registered(scene)
    losses = [
        {"section": "A", "gross_fen": 30_000_000},
        {"section": "B", "gross_fen": 70_000_000},
    ]
    state = await _assess(scene, number, losses)
    assert state["assessed_fen"] == 90_000_000
    await _agree(scene, number)
    with at("2026-03-16"):
        await scene.refused("clerk", f"{number}/payments", payment(1), "claim.unknown_section")
        above = payment(27_000_001, section="A")
        await scene.refused("clerk", f"{number}/payments", above, "claim.above_agreed")
        state = await scene.post(
            "clerk", f"{number}/payments", payment(27_000_000, section="A")
        )
    assert (state["status"], state["left_fen"]) == ("part_paid", 63_000_000)
    by_code = {s["code"]: s["paid_fen"] for s in (await scene.get("clerk", number))["sections"]}
    assert by_code == {"A": 27_000_000, "B": 0}


async def test_layers_pay_in_turn_on_one_loss(world: World) -> None:
    scene = await make_scene(world, sections=LAYERS, deductible_fen=50_000_000)
    number = await registered(scene)
    with at("2026-03-05"):
        wrong = {"losses": [{"section": "L1", "gross_fen": 1}]}
        await scene.refused("clerk", f"{number}/assessment", wrong, "claim.loss_of_layer")
    state = await _assess(scene, number, [{"gross_fen": 350_000_000}])
    assert state["assessed_fen"] == 300_000_000
    sections = (await scene.get("clerk", number))["sections"]
    assert {s["code"]: s["assessed_fen"] for s in sections} == {
        "L1": 200_000_000,
        "L2": 100_000_000,
    }
    told = await scene.get("clerk", f"{number}/explanation")
    steps = {s["code"]: [step["code"] for step in s["steps"]] for s in told["sections"]}
    assert steps == {"L1": ["deductible", "limit"], "L2": ["deductible", "attachment"]}
    assert all(s["assessment_hash"] for s in told["sections"])


async def test_a_looser_deductible_is_refused_a_stricter_one_applies(world: World) -> None:
    scene = await make_scene(world)
    number = await registered(scene)
    losses = [{"gross_fen": 100_000_000}]
    looser = {"losses": losses, "deductible": {"fixed_fen": 49_999_999}}
    with at("2026-03-05"):
        told = await scene.refused(
            "clerk", f"{number}/assessment", looser, "claim.deductible_below"
        )
        assert len(told["errors"]) == 5
    everybody = [{"uscc": uscc, "status": "waived"} for uscc in scene.year.usccs.values()]
    survey = {"held_on": "2026-03-05", "place": "现场", "surveyor": "示例公估", "joint": True,
              "summary": "查勘", "attendance": everybody}  # fmt: skip
    with at("2026-03-05"):
        await scene.post("clerk", f"{number}/surveys", survey)
        stricter = {"losses": losses, "deductible": {"fixed_fen": 50_000_000, "rate_ppm": 600_000}}
        state = await scene.post("clerk", f"{number}/assessment", stricter)
    assert state["assessed_fen"] == 40_000_000


async def test_large_loss_reaches_the_committee_once(world: World) -> None:
    scene = await make_scene(world)
    number = await assessed(scene, 1_100_000_000)
    await assessed(scene, 60_000_000, event="E2")
    page = await world.get("officer", "/large-losses")
    assert (page["unread"], [a["claim"] for a in page["items"]]) == (1, [number])
    assert "第十七条" in page["items"][0]["clause"]
    read = await world.post("officer", f"/large-losses/{number}/reading")
    again = await world.post("approver", f"/large-losses/{number}/reading")
    assert read["read_by"] == again["read_by"] == "示例officer"
    assert (await world.get("auditor", "/large-losses?unread=true"))["items"] == []
    answer = await world.call("auditor", "POST", f"/large-losses/{number}/reading", {})
    assert answer.status_code == 403


async def _premium(scene: Scene) -> None:
    receipt = {"amount_fen": 200_000_000, "received_on": "2026-01-05", "payer_name": "示例投保人"}
    with at("2026-01-05"):
        await scene.world.post("clerk", f"/placements/{scene.placement}/receipts", receipt)


async def test_backstop_is_a_party_with_a_live_position(world: World) -> None:
    """Premium 2 million, loss 5: pool 2×, then 1:1; the government owes 0.5 of the third."""
    scene = await make_scene(world, code="biomedicine")
    await _premium(scene)
    number = await agreed(scene, 550_000_000)
    with at("2026-03-16"):
        await scene.post("clerk", f"{number}/payments", payment(500_000_000))
    path = f"/pool-years/{scene.year.number}"
    where = await world.get("m2", f"{path}/backstop")
    assert (where["loss_fen"], where["pool_fen"], where["government_fen"]) == (
        500_000_000, 450_000_000, 50_000_000,
    )  # fmt: skip
    assert where["to_call_fen"] == 50_000_000
    before = await world.get("m2", f"{path}/backstop?as_of=2026-03-15")
    assert (before["loss_fen"], before["government_fen"]) == (0, 0)
    form = {"government_uscc": world.usccs["committee"]}
    with at("2026-04-01"):
        made = await world.post("manager", f"{path}/backstop-calls", form)
        assert [p["amount_fen"] for p in made["parts"]] == [
            20_000_000, 15_000_000, 10_000_000, 5_000_000,
        ]  # fmt: skip
        again = await world.call("manager", "POST", f"{path}/backstop-calls", form)
        assert "claim.backstop_settled" in again.text
        above = {"amount_fen": 50_000_001, "reference": "G-1"}
        answer = await world.call("clerk", "POST", f"{path}/backstop-receipts", above)
        assert "claim.backstop_above" in answer.text
        receipt = {"amount_fen": 20_000_000, "reference": "G-1"}
        await world.post("clerk", f"{path}/backstop-receipts", receipt)
    net = await positions(scene)
    assert net[world.usccs["committee"]] == 30_000_000
    assert sum(net.values()) == 0
    shares = "SELECT count(*) FROM claim_share WHERE organisation = $1"
    assert await sql_value(shares, world.organisations["committee"]) == 0
    assert len(await debts(number)) == 3


async def test_losses_beyond_the_last_band_are_warned_of(world: World) -> None:
    scene = await make_scene(world, code="biomedicine")
    await _premium(scene)
    number = await assessed(scene, 1_300_000_000)
    with at("2026-03-12"):
        await consented(scene, number)
        state = await scene.post("manager", f"{number}/agreement", {})
    warned = {f["code"]: f["params"] for f in state["findings"]}
    assert warned["claim.beyond_backstop"]["uncovered_fen"] == 250_000_000
