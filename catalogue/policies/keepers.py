"""Policies that somebody else keeps: what changes them has to go through the keeper.

A policy bound in a pool changes only with its placement: the members are asked, capacity is
counted and the pool's book moves in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from service.kernel.errors import Conflict
from service.kernel.findings import Text, register

Keeper = Callable[[int], Awaitable[str | None]]
_KEEPERS: list[Keeper] = []


def kept_by(asks: Keeper) -> None:
    """Where `asks(policy id)` gives a record's number, that record keeps the policy."""
    _KEEPERS.append(asks)


async def keeper_of(policy_id: int) -> str | None:
    """The number of the record that keeps a policy; None for one that its insurer keeps itself."""
    for asks in _KEEPERS:
        number = await asks(policy_id)
        if number is not None:
            return number
    return None


async def need_own(policy_id: int) -> None:
    """Conflict (policy.kept_in_pool) for a policy that only its keeper may change."""
    number = await keeper_of(policy_id)
    if number is not None:
        raise Conflict("policy.kept_in_pool", placement=number)


register(
    {
        "policy.kept_in_pool": Text(
            "本保单是共保保单 {placement}，收费和批改不能在此办理",
            "This policy is bound in a pool as {placement}; premium and changes do not go here",
            "请在共保保单 {placement} 项下办理：按协议征求成员同意、核对承保能力并记入共保账",
            "Use the placement {placement}: members are asked, capacity is counted, the book moves",
            "POOLS invariants 1 and 6",
        ),
    }
)
