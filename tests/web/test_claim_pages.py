"""Pages of claims: a loss from notice to payment in the console, masked for followers."""

from __future__ import annotations

import re

from service.kernel.db import sql_value
from tests.coinsurance.claiming import ACCOUNT, at, make_scene
from tests.factories import World
from tests.web.console import send, sign_in, words

PAYMENT = {
    "amount_fen": "60,000.00",
    "reference": "BK-1",
    "beneficiary_kind": "insured",
    "beneficiary_name": "示例光谷芯片科技有限公司",
    "payee_name": "示例光谷芯片科技有限公司",
    "payee_account": ACCOUNT,
}

SURVEY = {
    "held_on": "2026-03-03",
    "surveyor": "示例公估",
    "place": "洁净室甲",
    "joint": "1",
    "summary": "电气短路",
}


async def _notified(world: World) -> str:
    scene = await make_scene(world)
    with at("2026-03-03"):
        await sign_in(world.client, "firm")
        form = {"placement": scene.placement, "loss_on": "2026-03-02", "cause": "电气火灾"}
        refused = await send(world.client, "/claims/new", form)
        assert refused.status_code == 422
        assert 'value="电气火灾"' in refused.text
        made = await send(
            world.client, "/claims/new", form | {"estimate_fen": "9", "estimate_fen@unit": "万元"}
        )
        assert made.status_code == 303, words(made)
    return str(made.headers["location"])


async def test_claim_runs_from_notice_to_payment_in_the_console(world: World) -> None:
    home = await _notified(world)
    with at("2026-03-03", 14):
        await sign_in(world.client, "clerk")
        for step, form in (
            ("registration", {}),
            ("notices", {"kind": "loss"}),
            ("service", {"kind": "loss", "how": "电子邮件并电话确认"}),
        ):
            answer = await send(world.client, f"{home}/{step}", form)
            assert answer.status_code == 303, (step, words(answer)[:1500])
        room = (await world.client.get(home)).text
        usccs = re.findall(r'name="attendance-\d+-uscc" value="(\w+)"', room)
        assert len(usccs) == 4
        survey = SURVEY | {
            f"attendance-{n}-{name}": value
            for n, uscc in enumerate(usccs)
            for name, value in (("uscc", uscc), ("status", "attended"))
        }
        answer = await send(world.client, f"{home}/surveys", survey)
        assert answer.status_code == 303, words(answer)[:1500]
        losses = {"losses-0-section": "A", "losses-0-gross_fen": "560,000.00"}
        assessed = await send(world.client, f"{home}/assessment", losses)
        assert assessed.status_code == 303, words(assessed)[:1500]
        shown = words(await world.client.get(home))
        assert "60,000.00 元" in shown and "免赔" in shown
        await sign_in(world.client, "manager")
        assert (await send(world.client, f"{home}/agreement", {"note": ""})).status_code == 303
        paid = await send(world.client, f"{home}/payments", PAYMENT)
        assert paid.status_code == 303, words(paid)[:1500]
        lead = words(await world.client.get(home))
        assert "24,000.00 元" in lead and "18,000.00 元" in lead
        await sign_in(world.client, "m2")
        follower = words(await world.client.get(home))
        assert "18,000.00 元" in follower and "24,000.00 元" not in follower
        assert ACCOUNT not in follower
        await sign_in(world.client, "rival")
        assert (await world.client.get(home)).status_code == 404


async def test_payment_is_reversed_once_on_its_row(world: World) -> None:
    await test_claim_runs_from_notice_to_payment_in_the_console(world)
    number = await sql_value("SELECT number FROM claim")
    movement = await sql_value(
        "SELECT number FROM claim_movement WHERE kind = 'payment' ORDER BY id DESC LIMIT 1"
    )
    with at("2026-03-03", 16):
        await sign_in(world.client, "manager")
        address = f"/claims/{number}/movements/{movement}/reversal"
        form = {"kind": "payment", "reason": "银行退回"}
        await send(world.client, address, form)
        assert "已按原样冲销" in words(await world.client.get(f"/claims/{number}"))
        again = await send(world.client, address, form)
        assert again.status_code == 422
        assert 'value="银行退回"' in again.text and "须改正" in words(again)
    reversed_fen = await sql_value(
        "SELECT sum(amount_fen)::bigint FROM claim_movement WHERE kind = 'payment'"
    )
    assert reversed_fen == 0


async def test_committee_reads_claims_and_large_losses(world: World) -> None:
    home = await _notified(world)
    with at("2026-03-04"):
        await sign_in(world.client, "officer")
        assert home.rpartition("/")[2] in words(await world.client.get("/claims"))
        assert (await world.client.get(home)).status_code == 200


async def test_flags_that_stand_are_ticked_so_that_another_is_added(world: World) -> None:
    home = await _notified(world)
    with at("2026-03-03", 14):
        await sign_in(world.client, "clerk")
        assert (await send(world.client, f"{home}/registration", {})).status_code == 303
        form = {"flags": ["fraud"], "reason": "举报"}
        assert (await send(world.client, f"{home}/flags", form)).status_code == 303
        page = (await world.client.get(home)).text
        ticked = re.findall(r'name="flags"[^>]*value="(\w+)"[^>]*checked', page)
        assert ticked == ["fraud"]
        form = {"flags": ["coverage_doubt"], "reason": "责任存疑"}
        refused = await send(world.client, f"{home}/flags", form)
    assert refused.status_code == 422
    assert "不能自行撤销" in words(refused)
