"""Pages of claims: a loss from notice to payment in the console, masked for followers."""

from __future__ import annotations

import re

from service.kernel.db import sql, sql_value
from tests.catalogue.test_policies import policy
from tests.coinsurance.claiming import ACCOUNT, Scene, agreed, at, make_scene, notified
from tests.coinsurance.placing import LIMIT
from tests.factories import World, make_in_library
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


async def test_who_sees_all_but_does_not_handle_is_offered_its_own_steps_alone(
    world: World,
) -> None:
    home = await _notified(world)
    await sql(
        "UPDATE pool_member SET roles = '{follower,account_keeper}' WHERE organisation ="
        " (SELECT organisation FROM eastlake_user WHERE login = 'm2')"
    )
    with at("2026-03-03", 16):
        await sign_in(world.client, "manager")
        assert f'action="{home}/registration' in (await world.client.get(home)).text
        await sign_in(world.client, "m2")
        page = (await world.client.get(home)).text
    assert f'action="{home}/registration' not in page
    assert home.rpartition("/")[2] in page and f'action="{home}/' not in page


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


async def _called(world: World) -> tuple[Scene, str, str]:
    """A large agreed claim with a cash call made in the console; its page and the call."""
    scene = await make_scene(world)
    number = await agreed(scene, 1_550_000_000)
    home = f"/claims/{number}"
    with at("2026-03-13"):
        await sign_in(world.client, "clerk")
        called = await send(world.client, f"{home}/cash-calls", {"amount_fen": "6,000,000.00"})
        assert called.status_code == 303, words(called)[:1500]
    return scene, home, str(await sql_value("SELECT number FROM cash_call"))


async def test_cash_call_is_released_on_its_panel_with_a_reason(world: World) -> None:
    scene, home, call = await _called(world)
    address = f"{home}/cash-calls/{call}/release"
    with at("2026-03-13", 14):
        shown = await world.client.get(home)
        assert f'action="{address}#release-{call}"' in shown.text
        assert f"确定解除预收赔款 {call}？" in shown.text
        refused = await send(world.client, address, {"reason": " "})
        assert refused.status_code == 422 and f'id="f-{call}-reason-remarks"' in refused.text
        await sql(
            "UPDATE obligation SET settled_fen = amount_fen, status = 'settled' WHERE debtor = $1",
            scene.year.members["m2"],
        )
        done = await send(world.client, address, {"reason": "改为直接支付"})
        assert (done.status_code, done.headers["location"]) == (303, f"{home}#calls")
        after = await world.client.get(home)
        assert "预收赔款已解除" in words(after) and f"{call} 已解除" in words(after)
        assert address not in after.text
        again = await send(world.client, address, {"reason": "再次解除"})
        assert again.status_code == 422
        assert "再次解除" in again.text and "须改正" in words(again)
    back_fen = await sql_value(
        "SELECT sum(amount_fen)::bigint FROM obligation WHERE creditor = $1 AND kind = 'cash_call'",
        scene.year.members["m2"],
    )
    assert back_fen == 180_000_000


async def test_cash_call_on_its_way_is_not_released_and_followers_cannot(world: World) -> None:
    scene, home, call = await _called(world)
    address = f"{home}/cash-calls/{call}/release"
    with at("2026-03-13", 14):
        await sql(
            "UPDATE obligation SET settled_fen = 100 WHERE debtor = $1", scene.year.members["m3"]
        )
        refused = await send(world.client, address, {"reason": "改为直接支付"})
        assert refused.status_code == 422
        assert "只付了一部分" in words(refused) and "改为直接支付" in refused.text
        assert (await send(world.client, f"{home}/cash-calls/CC-0/release")).status_code == 422
        missing = await send(world.client, f"{home}/cash-calls/CC-0/release", {"reason": "无"})
        assert missing.status_code == 404
        await sign_in(world.client, "m2")
        assert address not in (await world.client.get(home)).text
        follower = await send(world.client, address, {"reason": "不缴"})
        assert follower.status_code == 403 and "须改正" in words(follower)
    assert await sql_value("SELECT status FROM cash_call") == "issued"


LESS, LITTLE = LIMIT - 300_000_000, 300_000_000
SECTIONS = [
    {"code": "A", "title": "物质损失", "limit_fen": LESS, "premium_fen": 190_000_000},
    {"code": "B", "title": "清理费用", "limit_fen": LITTLE, "premium_fen": 10_000_000},
]


async def test_registering_sets_the_first_reserve_of_each_section_filled_in(world: World) -> None:
    scene = await make_scene(world, sections=SECTIONS, deductible_fen=0)
    home = f"/claims/{await notified(scene)}"
    typed = {"reserves-0-section": "A", "reserves-1-section": "B"}
    unit = {"reserves-0-outstanding_fen@unit": "万元", "reserves-1-outstanding_fen@unit": "万元"}
    with at("2026-03-03", 14):
        await sign_in(world.client, "clerk")
        shown = await world.client.get(home)
        assert "B 清理费用" in words(shown)
        assert re.findall(r'name="reserves-\d-section" value="(\w)"', shown.text) == ["A", "B"]
        none = {"reserves-0-outstanding_fen": "", "reserves-1-outstanding_fen": "0"}
        refused = await send(world.client, f"{home}/registration", typed | unit | none)
        assert refused.status_code == 422 and "未决估损已经是 0.00 元" in words(refused)
        assert 'id="f-register-reserves-1-outstanding_fen-remarks"' in refused.text
        assert await sql_value("SELECT status FROM claim") == "notified"
        filled = {"reserves-0-outstanding_fen": "", "reserves-1-outstanding_fen": "12.5"}
        done = await send(world.client, f"{home}/registration", typed | unit | filled)
        assert done.status_code == 303, words(done)[:1500]
        assert "未决估损 125,000.00 元" in words(await world.client.get(home))
        again = await send(world.client, f"{home}/registration", typed | unit | filled)
        assert again.status_code == 422 and "操作没有执行" in words(again)
    rows = await sql("SELECT code, reserve_fen FROM claim_section ORDER BY position")
    assert [(row["code"], row["reserve_fen"]) for row in rows] == [("A", 0), ("B", 12_500_000)]


async def test_policy_of_one_insurer_is_reserved_as_a_whole(world: World) -> None:
    with at("2026-02-27"):
        product = await make_in_library(world)
        form = policy(world, product, start_on="2026-03-01", end_on="2027-02-28")
        made = await world.post("clerk", "/policies", form)
    with at("2026-04-02"):
        loss = {"policy": made["id"], "loss_on": "2026-04-01", "cause": "水损"}
        state = await world.post("firm", "/claims", loss | {"estimate_fen": 200_000_000})
        home = f"/claims/{state['number']}"
        await sign_in(world.client, "clerk")
        assert 'name="reserves-0-outstanding_fen"' in (await world.client.get(home)).text
        reserve = {"reserves-0-section": "", "reserves-0-outstanding_fen": "1,000.00元"}
        assert (await send(world.client, f"{home}/registration", reserve)).status_code == 303
    assert await sql_value("SELECT reserve_fen FROM claim_section") == 100_000
