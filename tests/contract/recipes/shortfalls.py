"""Shortfalls taken over: the second member owes the third, the first bears it by its share."""

from __future__ import annotations

from typing import Any

from tests.contract.recipes.pools import MEMBER, NOTE, RESOLUTION, member
from tests.contract.stage import Call, Stage

CHARGES = f"{MEMBER}/shortfall/charges"
REASON = {"reason": "示例更正"}


def _charge(who: str, json: Any) -> Call:
    """A call on the charge that `prepare` made."""
    call = member("charged", who, "m2", json)
    call.params["charge"] = lambda stage: stage.values["shortfalls.charge"]
    return call


WRITES: dict[str, Call] = {
    f"POST {CHARGES}": member("agreeing", "approver", "m2", RESOLUTION),
    f"POST {CHARGES}/{{charge}}/reversal": _charge("approver", REASON),
    "POST /pool-years/{number}/members/{uscc}/shortfall-charges": Call(
        "approver", form=RESOLUTION, params=member("agreeing", "approver", "m2").params
    ),
    "POST /pool-years/{number}/members/{uscc}/shortfall-reversals": Call(
        "approver",
        form=lambda stage: {**REASON, "charge": stage.values["shortfalls.charge"]},
        params=member("charged", "approver", "m2").params,
    ),
}
READS: dict[str, Call] = {f"GET {CHARGES}": member("charged", "clerk", "m2")}


async def prepare(stage: Stage) -> None:
    """Two years whose members agreed; in one the others are charged already."""
    world = stage.world
    for name in ("agreeing", "charged"):
        base = f"/pool-years/recipe-{name}-2026/members/{stage.values['pools.m2']}/shortfall"
        asked = await world.post("officer", base, NOTE)
        request = f"/consent-requests/{asked['consent_request']}"
        await world.post("officer", f"{request}/service", {"how": "系统通知并电子邮件"})
        await world.post("manager", f"{request}/answers", {"answer": "consented"})
    made = await world.post("second_approver", f"{base}/charges", RESOLUTION)
    stage.values["shortfalls.charge"] = made["number"]
