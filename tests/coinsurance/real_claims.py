"""Claims and premium made through the API alone, for figures that others reckon again.

A year with two claims: one paid, recovered from and closed, one reserved, advanced, paid in parts
with a payment that was reversed; costs of both. Nothing is planted but the agreement and members.
"""

from __future__ import annotations

from typing import Any

from tests.coinsurance.claiming import Scene, agreed, at, make_scene, payment, registered
from tests.coinsurance.paying import receipt
from tests.factories import World

VICTIM = {
    "beneficiary_kind": "third_party",
    "beneficiary_name": "示例精密设备有限公司",
    "payee_name": "示例精密设备有限公司",
}


async def play(world: World) -> tuple[Scene, str, str]:
    """The scene with the numbers of both claims."""
    scene = await make_scene(world)
    for day, fen in (("2026-01-06", 100_000_001), ("2026-07-02", 33_333_333)):
        with at(day):
            form = receipt(fen, f"PR-{day}", received_on=day)
            await world.post("clerk", f"/placements/{scene.placement}/receipts", form)
    first = await _paid_and_recovered(scene)
    return scene, first, await _in_parts(scene)


async def _step(scene: Scene, day: str, who: str, path: str, **form: Any) -> Any:
    with at(day):
        return await scene.post(who, path, form)


async def _paid_and_recovered(scene: Scene) -> str:
    number = await agreed(scene)
    await _step(scene, "2026-03-16", "clerk", f"{number}/payments", **payment(10_000_000))
    fee = {"charge": "survey", "amount_fen": 100_001, "reference": "F-1"}
    await _step(scene, "2026-04-02", "clerk", f"{number}/expenses", **fee)
    back = {"gross_fen": 1_000_003, "cost_fen": 100, "reference": "Z-1", "payer_name": "示例责任方"}
    await _step(scene, "2026-07-06", "clerk", f"{number}/recoveries", **back)
    return number


async def _in_parts(scene: Scene) -> str:
    event = {"loss_on": "2026-03-01", "event": "E2", "estimate_fen": 7_000_001}
    number = await registered(scene, **event)
    reserve = {"outstanding_fen": 8_000_003, "reason": "查勘后调整"}
    await _step(scene, "2026-04-07", "clerk", f"{number}/reserves", **reserve)
    with at("2026-05-11"):
        everybody = [{"uscc": uscc, "status": "attended"} for uscc in scene.year.usccs.values()]
        survey = {"held_on": "2026-05-08", "place": "现场", "surveyor": "示例公估", "joint": True,
                  "summary": "查勘", "attendance": everybody}  # fmt: skip
        await scene.post("clerk", f"{number}/surveys", survey)
        losses = {"losses": [{"gross_fen": 59_000_007}]}
        await scene.post("clerk", f"{number}/assessment", losses)
        await scene.post("manager", f"{number}/agreement", {})
        await scene.post("clerk", f"{number}/payments", payment(3_000_001, "T-1", **VICTIM))
    wrong = payment(2_000_002, "T-2", beneficiary_kind="third_party", beneficiary_name="示例甲",
                    payee_name="示例甲", payee_account="42001234567")  # fmt: skip
    state = await _step(scene, "2026-08-03", "clerk", f"{number}/payments", **wrong)
    serial = state["movement"]["number"]
    reversal = {"reason": "户名不符退汇"}
    await _step(scene, "2026-10-12", "clerk", f"{number}/payments/{serial}/reversal", **reversal)
    return number
