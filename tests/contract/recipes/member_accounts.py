"""Settlement accounts of members: asked for by the member, verified by the committee's office."""

from __future__ import annotations

from tests.contract.recipes.pools import MEMBER, NOTE, member
from tests.contract.stage import Call, Stage

CHANGE = {"bank_account": "6222000011119999", "reason": "基本存款账户迁移"}
WRITES: dict[str, Call] = {
    f"POST {MEMBER}/account-changes": member("follow", "manager", "clerk", CHANGE),
    **{
        f"POST {MEMBER}/account-changes/{step}": member("open", who, "clerk", NOTE)
        for step, who in (
            ("confirmation", "officer"),
            ("refusal", "officer"),
            ("withdrawal", "manager"),
        )
    },
}
READS: dict[str, Call] = {}


async def prepare(stage: Stage) -> None:
    """A change waits for the lead of the open pool."""
    uscc = stage.values["pools.clerk"]
    path = f"/pool-years/recipe-open-2026/members/{uscc}/account-changes"
    await stage.world.post("manager", path, CHANGE)
