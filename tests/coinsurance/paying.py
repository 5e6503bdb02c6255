"""Placements with premium for tests: bound in the past, receipts on known days."""

from __future__ import annotations

from typing import Any

from catalogue.policies import receipts
from catalogue.policy_forms import ReceiptForm
from service.auth.identify import actor_of_token
from service.kernel.db import sql_value, work
from tests.coinsurance.placing import Year, binding, make_checked, make_market, write_lines
from tests.factories import World

SUM = 10_000_000_000
"""A hundred million yuan in fen."""


def receipt(amount_fen: int, reference: str = "", **changes: Any) -> dict[str, Any]:
    """Premium received from the insured's own money."""
    return {
        "amount_fen": amount_fen,
        "received_on": "2026-11-20",
        "payer_name": "示例企业",
        "bank_reference": reference,
    } | changes


async def make_placement(
    world: World, year: Year, lines: dict[str, str] | None = None, **changes: Any
) -> str:
    """A bound placement; returns its number. `instalments` go to the policy."""
    bound = {k: changes.pop(k) for k in ("instalments",) if k in changes}
    number = await make_market(world, year, **changes)
    await write_lines(
        world, number, lines or {"clerk": "40%", "m2": "30%", "m3": "20%", "m4": "10%"}
    )
    check = await make_checked(world, number)
    state = await world.post("manager", f"/risks/{number}/binding", binding(check, **bound))
    made: str = state["number"]
    return made


async def agree(world: World, year: Year, request: str, *silent: str) -> None:
    """Serve a request for consent and let every member that was asked consent."""
    record = await world.get("auditor", f"/consent-requests/{request}")
    await world.post("manager", f"/consent-requests/{request}/service", {"how": "系统通知"})
    by_uscc = {uscc: login for login, uscc in year.usccs.items()}
    for party in record["parties"]:
        login = by_uscc[party["organisation"]["uscc"] if "organisation" in party else party["uscc"]]
        if login in silent:
            continue
        manager = "manager" if login == "clerk" else f"{login}_manager"
        answer = await world.call(
            manager, "POST", f"/consent-requests/{request}/answers", {"answer": "consented"}
        )
        assert answer.status_code < 300 or answer.status_code == 409, answer.text


async def endorse(world: World, year: Year, number: str, **form: Any) -> Any:
    """Propose an endorsement, get the consents and issue it; the answer of the issue."""
    body = {"effective_on": "2026-12-15", "reason": "被保险人申请"} | form
    made = await world.post("clerk", f"/placements/{number}/endorsements", body)
    if made["consent"]:
        await agree(world, year, made["consent"])
    return await world.post(
        "manager", f"/placements/{number}/endorsements/{made['number']}/issue", {}
    )


async def undo(world: World, year: Year, number: str, which: int, on: str) -> Any:
    """Propose to undo an endorsement, get the consents and issue it."""
    made = await world.post(
        "clerk",
        f"/placements/{number}/endorsements/{which}/undoing",
        {"effective_on": on, "reason": "批改有误"},
    )
    if made["consent"]:
        await agree(world, year, made["consent"])
    return await world.post(
        "manager", f"/placements/{number}/endorsements/{made['number']}/issue", {}
    )


async def recorded_elsewhere(world: World, placement: str, form: dict[str, Any]) -> None:
    """A receipt of the policy that came past the pool, as a scheme's direct payment does."""
    token = world.headers["clerk"]["Authorization"].removeprefix("Bearer ")
    actor = await actor_of_token(token)
    assert actor is not None
    policy = await sql_value("SELECT policy FROM placement WHERE number = $1", placement)
    async with work():
        await receipts.write(actor, policy, ReceiptForm.model_validate(form))
