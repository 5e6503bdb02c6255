"""Direct payments on the pages: the insurer's account, its verification, batch, recovery."""

from __future__ import annotations

from tests.catalogue.direct_story import (
    ACCOUNT,
    CODE,
    approved,
    half_paid_policy,
    insurer_name,
    make_direct_scheme,
    paid_directly,
    verified_account,
)
from tests.catalogue.subsidy_story import on
from tests.factories import World
from tests.web.console import send, sign_in, words


async def test_account_goes_from_the_manager_to_the_committee(world: World) -> None:
    await sign_in(world.client, "manager")
    form = {"account_name": "示例别家", **ACCOUNT}
    wrong = await send(world.client, "/insurer/money/account", form)
    assert wrong.status_code == 422
    assert "不是本机构全称" in words(wrong)
    right = form | {"account_name": await insurer_name(world)}
    assert (await send(world.client, "/insurer/money/account", right)).status_code == 303
    page = words(await world.client.get("/insurer/money"))
    assert "4200111122223333" in page and "待核验" in page
    await send(world.client, "/logout")
    await sign_in(world.client, "officer")
    listed = await world.client.get("/money/payees?status=proposed")
    assert "4200111122223333" in listed.text
    account = (await world.get("officer", "/payee-accounts"))["items"][0]["id"]
    assert "核验通过" not in (await world.client.get(f"/money/payees/{account}")).text
    await send(world.client, "/logout")
    await sign_in(world.client, "approver")
    assert "核验通过" in (await world.client.get(f"/money/payees/{account}")).text
    place = f"/money/payees/{account}/verification"
    done = await send(world.client, place, {"note": "已核对开户许可证"})
    assert done.status_code == 303
    assert "已核验" in words(await world.client.get(f"/money/payees/{account}"))
    again = await send(world.client, place, {"note": "再次"})
    assert again.status_code == 422 and "不能" in words(again)
    assert (await world.client.get("/money/payees/no-such")).status_code == 404


async def test_batch_without_account_says_what_is_missing(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        await approved(world, await half_paid_policy(world))
    with on("2026-03-23"):
        await sign_in(world.client, "officer")
        place = f"/money/schemes/{CODE}/payment-batches"
        refused = await send(world.client, place)
        assert refused.status_code == 422
        assert "没有已核验的收款账户" in words(refused)
        await verified_account(world)
        made = await send(world.client, place)
        assert made.status_code == 303
        listed = (await world.get("officer", "/payment-batches"))["items"][0]["number"]
        page = words(await world.client.get(f"/money/batches/{listed}"))
        assert "直付保险机构" in page and "4200111122223333" in page


async def test_insurer_and_firm_follow_the_money(world: World) -> None:
    policy_id, number = await paid_directly(world)
    with on("2026-06-01"):
        form = {
            "kind": "cancel",
            "effective_on": "2026-06-01",
            "premium_change_fen": -1_000_000,
            "reason": "退保",
        }
        await world.post("clerk", f"/policies/{policy_id}/endorsements", form)
        await sign_in(world.client, "clerk")
        page = words(await world.client.get("/insurer/money"))
        assert "6,000.00 元" in page and "扣除追回后 3,000.00 元" in page
        assert "退保" in page and "待批准" in page
        policy = words(await world.client.get(f"/policies/{policy_id}"))
        assert "由本系统直接支付" in policy
        await send(world.client, "/logout")
        await sign_in(world.client, "firm")
        mine = words(await world.client.get(f"/firm/applications/{number}"))
        assert "承保的保险机构（直接支付保费）" in mine
        assert f"由{await insurer_name(world)}缴回" in mine
        await send(world.client, "/logout")
        await sign_in(world.client, "officer")
        claim = (await world.get("officer", "/recoveries"))["items"][0]["number"]
        shown = words(await world.client.get(f"/money/recoveries/{claim}"))
        assert "保单至今已退回该资金来源 3,000.00 元" in shown
        desk = words(await world.client.get(f"/subsidy/applications/{number}"))
        assert "承保的保险机构（直接支付）" in desk
