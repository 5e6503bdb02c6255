"""Direct pay (直接支付): from the insurer's account to the premium receipt, and back by mirror."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rules.recovery import SubsidyOnPremium, direct_parts, recovery_parts
from service.kernel import ledger
from service.kernel.db import sql, sql_value
from tests.catalogue.direct_story import (
    ACCOUNT,
    CODE,
    PAID_FEN,
    approved,
    half_paid_policy,
    insurer_name,
    make_direct_scheme,
    paid,
    paid_directly,
    sent,
    verified_account,
)
from tests.catalogue.subsidy_story import on
from tests.catalogue.test_filing import codes
from tests.catalogue.test_policies import receipt
from tests.factories import World


async def test_money_goes_to_the_insurer_and_shows_on_the_policy(world: World) -> None:
    policy_id, number = await paid_directly(world)
    record = await world.get("firm", f"/policies/{policy_id}")
    assert record["sources"] == {"own": 1_400_000, CODE: PAID_FEN}
    assert record["received_fen"] == record["current_premium_fen"]
    direct = record["receipts"][-1]
    assert (direct["paid_by_registry"], direct["bank_reference"]) == (True, "BANK-D1")
    assert direct["payer_uscc"] == world.usccs["committee"]
    assert (await world.get("firm", f"/applications/{number}"))["status"] == "paid"
    batch = (await world.get("officer", "/payment-batches"))["items"][0]
    item = (await world.get("officer", f"/payment-batches/{batch['number']}"))["items"][0]
    assert (item["payee_kind"], item["payee_name"]) == ("insurer", await insurer_name(world))
    file = await world.call("second", "POST", f"/payment-batches/{batch['number']}/bank-file")
    assert "4200111122223333" in file.text and "保单D-1" in file.text
    listed = (await world.get("clerk", "/direct-payments"))["items"]
    assert [(p["policy"], p["amount_fen"], p["account_number"]) for p in listed] == [
        ("D-1", PAID_FEN, "****3333")
    ]
    assert (await world.get("rival", "/direct-payments"))["items"] == []


@pytest.mark.parametrize(
    "change", ["account_number = '6222'", "payee_name = '他人'", "amount_fen = amount_fen + 1"]
)
async def test_nobody_redirects_a_payment(world: World, change: str) -> None:
    """Whoever writes: to whom, where to and how much stays as the batch was approved."""
    await paid_directly(world)
    with pytest.raises(asyncpg.PostgresError, match="append_only"):
        await sql(f"UPDATE payment_item SET {change}")


async def test_without_a_verified_account_nothing_is_paid(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        await approved(world, await half_paid_policy(world))
    with on("2026-03-23"):
        path = f"/schemes/{CODE}/payment-batches"
        refused = await world.call("second", "POST", path, {"lines": []})
        assert codes(refused) == {"payment.no_payee_account"}
        assert await insurer_name(world) in refused.json()["errors"][0]["message_zh"]
        form = {"account_name": await insurer_name(world), **ACCOUNT}
        await world.post("manager", "/payee-accounts", form)
        assert codes(await world.call("second", "POST", path, {"lines": []})) == codes(refused)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account_name": "示例他人贸易有限公司"}, "payee.name_differs"),
        ({"account_number": "没有银行账号的"}, "bank_account.not_a_number"),
        ({"account_number": ""}, "form.missing"),
    ],
)
async def test_account_is_the_insurers_own(
    world: World, changes: dict[str, str], code: str
) -> None:
    form = {"account_name": await insurer_name(world), **ACCOUNT} | changes
    assert codes(await world.call("manager", "POST", "/payee-accounts", form)) == {code}


async def test_account_is_replaced_and_never_edited(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        first = await verified_account(world)
        form = {"account_name": await insurer_name(world), **ACCOUNT}
        same = await world.call("manager", "POST", "/payee-accounts", form)
        assert codes(same) == {"payee.unchanged"}
        second = await world.post(
            "manager", "/payee-accounts", form | {"account_number": "4200 9999 8888"}
        )
        third = await world.post(
            "manager", "/payee-accounts", form | {"account_number": "4200 7777 6666"}
        )
        place = f"/payee-accounts/{third['id']}"
        bare = await world.call("chief", "POST", f"{place}/refusal", {"note": ""})
        assert codes(bare) == {"form.missing"}
        await world.post("chief", f"{place}/refusal", {"note": "户名与许可证不符"})
        again = await world.call("chief", "POST", f"{place}/verification", {})
        assert codes(again) == {"workflow.step_not_allowed"}
        states = {
            a["id"]: a["status"] for a in (await world.get("clerk", "/payee-accounts"))["items"]
        }
        assert states == {
            first["id"]: "verified",
            second["id"]: "replaced",
            third["id"]: "refused",
        }
        assert (await world.get("rival", "/payee-accounts"))["items"] == []
        assert (await world.call("firm", "GET", "/payee-accounts")).status_code == 403


async def test_money_under_way_cannot_be_paid_twice(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        policy_id = await half_paid_policy(world)
        await verified_account(world)
        await approved(world, policy_id)
    with on("2026-03-23"):
        batch = await sent(world)
        own = receipt(PAID_FEN, received_on="2026-03-23")
        path = f"/policies/{policy_id}/receipts"
        assert codes(await world.call("clerk", "POST", path, own)) == {"policy.receipt_above_due"}
        named = await world.call("clerk", "POST", path, own | {"source": CODE})
        assert "policy.source_paid_here" in codes(named)
        await world.post("second", f"/payment-batches/{batch}/results", paid())
        told = await world.post("second", f"/payment-batches/{batch}/results", paid())
        assert told["status"] == "done"
        receipts = "SELECT count(*) FROM premium_receipt WHERE payment_item IS NOT NULL"
        assert await sql_value(receipts) == 1


async def test_premium_paid_by_the_firm_meanwhile_stops_the_payment(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        policy_id = await half_paid_policy(world)
        await verified_account(world)
        await approved(world, policy_id)
        paid_up = receipt(PAID_FEN, received_on="2026-03-02")
        await world.post("clerk", f"/policies/{policy_id}/receipts", paid_up)
    with on("2026-03-23"):
        path = f"/schemes/{CODE}/payment-batches"
        refused = await world.call("second", "POST", path, {"lines": []})
        assert codes(refused) == {"payment.above_due"}


async def _endorse(world: World, policy_id: int, change_fen: int, kind: str) -> None:
    form = {
        "kind": kind,
        "effective_on": "2026-06-01",
        "premium_change_fen": change_fen,
        "reason": "测试",
    }
    await world.post("clerk", f"/policies/{policy_id}/endorsements", form)


async def _recoveries(world: World, who: str = "officer") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.get(who, "/recoveries"))["items"]
    return found


async def test_cancellation_claims_the_direct_part_back_from_the_insurer(world: World) -> None:
    policy_id, number = await paid_directly(world)
    with on("2026-06-01"):
        await _endorse(world, policy_id, -1_000_001, "cancel")
        record = await world.get("firm", f"/policies/{policy_id}")
        assert record["sources"] == {"own": 700_000 - 1, CODE: 300_000}
        claim = (await _recoveries(world))[0]
        assert (claim["amount_fen"], claim["payee_kind"]) == (300_000, "insurer")
        assert claim["debtor"] == await insurer_name(world)
        assert [r["number"] for r in await _recoveries(world, "clerk")] == [claim["number"]]
        assert await _recoveries(world, "rival") == []
        path = f"/recoveries/{claim['number']}"
        await world.post("chief", f"{path}/approval")
        money = {"amount_fen": 300_000, "received_on": "2026-06-01", "bank_reference": "BACK-1"}
        assert (await world.post("second", f"{path}/repayments", money))["status"] == "received"
        budget = await world.get("auditor", f"/schemes/{CODE}/budget")
        assert (budget["paid_fen"], budget["recovered_fen"]) == (PAID_FEN, 300_000)
        assert (await ledger.trial_balance(f"budget:{CODE}")).balanced
        state = await world.get("firm", f"/applications/{number}")
        assert state["status"] == "part_recovered"
        after = await world.get("firm", f"/policies/{policy_id}")
        assert after["sources"] == record["sources"], "the premium was off the policy already"


async def test_public_money_falls_with_the_premium_though_the_firm_owes_its_part(
    world: World,
) -> None:
    policy_id, _ = await paid_directly(world, own_fen=0)
    with on("2026-06-01"):
        await _endorse(world, policy_id, -1_000_000, "return_premium")
        record = await world.get("firm", f"/policies/{policy_id}")
        assert record["sources"] == {CODE: 300_000}
        assert (await _recoveries(world))[0]["amount_fen"] == 300_000
        await _endorse(world, policy_id, -1_000_000, "cancel")
        assert (await world.get("firm", f"/policies/{policy_id}"))["received_fen"] == 0
        assert sorted(r["amount_fen"] for r in await _recoveries(world)) == [300_000, 300_000]


async def test_undone_cancellation_drops_the_claim_and_brings_the_premium_back(
    world: World,
) -> None:
    policy_id, _ = await paid_directly(world)
    with on("2026-06-01"):
        await _endorse(world, policy_id, -1_000_000, "cancel")
        undo = {"effective_on": "2026-06-01", "reason": "撤回退保"}
        await world.post("clerk", f"/policies/{policy_id}/endorsements/1/undoing", undo)
        assert [r["status"] for r in await _recoveries(world)] == ["cancelled"]
        record = await world.get("firm", f"/policies/{policy_id}")
        assert record["sources"] == {"own": 1_400_000, CODE: PAID_FEN}


async def test_money_claimed_back_does_not_come_back_with_the_policy(world: World) -> None:
    policy_id, _ = await paid_directly(world)
    with on("2026-06-01"):
        await _endorse(world, policy_id, -1_000_000, "cancel")
        claim = (await _recoveries(world))[0]
        await world.post("chief", f"/recoveries/{claim['number']}/approval")
        undo = {"effective_on": "2026-06-01", "reason": "撤回退保"}
        await world.post("clerk", f"/policies/{policy_id}/endorsements/1/undoing", undo)
        record = await world.get("firm", f"/policies/{policy_id}")
        assert record["sources"] == {"own": 1_400_000, CODE: 300_000}
        assert [r["status"] for r in await _recoveries(world)] == ["open"]


async def test_false_claim_takes_the_premium_off_the_policy_when_repaid(world: World) -> None:
    policy_id, number = await paid_directly(world)
    with on("2026-06-01"):
        body = {"cause": "false_claim", "amount_fen": 400_000, "reason": "材料虚假"}
        claim = await world.post("officer", f"/applications/{number}/lines/1/recoveries", body)
        path = f"/recoveries/{claim['number']}"
        await world.post("chief", f"{path}/approval")
        money = {"amount_fen": 150_000, "received_on": "2026-06-01", "bank_reference": "B-1"}
        part = await world.post("second", f"{path}/repayments", money)
        assert (part["status"], part["received_fen"]) == ("open", 150_000)
        record = await world.get("firm", f"/policies/{policy_id}")
        assert record["sources"] == {"own": 1_400_000, CODE: 450_000}
        rest = money | {"amount_fen": 250_000, "bank_reference": "B-2"}
        assert (await world.post("second", f"{path}/repayments", rest))["status"] == "received"
        assert (await world.get("firm", f"/policies/{policy_id}"))["received_fen"] == 1_600_000


async def test_policy_cancelled_while_the_bank_pays(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        policy_id = await half_paid_policy(world)
        await verified_account(world)
        await approved(world, policy_id)
    with on("2026-03-23"):
        batch = await sent(world)
        form = {
            "kind": "cancel",
            "effective_on": "2026-03-23",
            "premium_change_fen": -2_000_000,
            "reason": "退保",
        }
        await world.post("clerk", f"/policies/{policy_id}/endorsements", form)
        await world.post("second", f"/payment-batches/{batch}/results", paid())
        record = await world.get("firm", f"/policies/{policy_id}")
        assert record["sources"] == {"own": 0, CODE: 0}
        assert [(r["cause"], r["amount_fen"]) for r in await _recoveries(world)] == [
            ("cancellation", PAID_FEN)
        ]


amounts = st.integers(min_value=1, max_value=10**12)


@given(premium=amounts, paid_ppm=st.integers(0, 10**6), cuts=st.lists(st.integers(1, 10**6)))
def test_direct_money_comes_back_in_its_share_and_whole_at_the_end(
    premium: int, paid_ppm: int, cuts: list[int]
) -> None:
    given_fen = premium * paid_ppm // 10**6
    back = 0
    for reduced in [*sorted(premium * cut // 10**6 for cut in cuts), premium]:
        now_back = direct_parts(premium, reduced, {"a": given_fen})["a"]
        assert back <= now_back <= given_fen
        assert abs(now_back * premium - reduced * given_fen) < premium
        back = now_back
    assert back == given_fen


def test_firm_and_insurer_pay_back_what_they_got() -> None:
    subsidies = [SubsidyOnPremium(1, 40, 0, 20), SubsidyOnPremium(2, 30)]
    assert recovery_parts(100, 50, subsidies) == {1: 20, 2: 15}
    assert recovery_parts(100, 50, [SubsidyOnPremium(1, 40, 20, 20)]) == {}


async def test_what_if_of_a_direct_payment_is_of_what_the_firm_has_not_paid(world: World) -> None:
    with on("2026-03-02"):
        await make_direct_scheme(world)
        line = {"kind": "general", "premium_fen": 20_000_000, "limit_fen": 1_000_000_000}
        path = f"/schemes/{CODE}/what-if"
        nothing_paid = await world.post(None, path, {"lines": [line]})
        most_paid = await world.post(
            None, path, {"lines": [{**line, "premium_paid_own_fen": 16_000_000}]}
        )
    assert (nothing_paid["total_fen"], most_paid["total_fen"]) == (6_000_000, 4_000_000)
