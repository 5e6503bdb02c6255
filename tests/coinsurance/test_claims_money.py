"""Money of claims through the public routes: payments, mirrors, payees, recoveries, calls."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql, sql_value
from tests.coinsurance.claiming import (
    ACCOUNT,
    Scene,
    agreed,
    assessed,
    at,
    count,
    debts,
    make_scene,
    paid,
    payment,
    positions,
    registered,
)
from tests.factories import World

INSURED = "示例光谷芯片科技有限公司"


@pytest.fixture
async def scene(world: World) -> Scene:
    """A placement over four members, cover begun."""
    return await make_scene(world)


def override(amount_fen: int, name: str = INSURED) -> dict[str, Any]:
    """A manager answers for one more payment."""
    return {"beneficiary_name": name, "amount_max_fen": amount_fen, "reason": "第二期赔款"}


async def test_payment_above_what_is_agreed_is_refused_and_nothing_written(scene: Scene) -> None:
    number = await agreed(scene)
    before = await count("journal_event")
    with at("2026-03-16"):
        told = await scene.refused(
            "clerk", f"{number}/payments", payment(10_000_001), "claim.above_agreed"
        )
        params = next(e for e in told["errors"] if e["code"] == "claim.above_agreed")["params"]
        assert params["left_fen"] == 10_000_000
        for changes, code in (
            ({"paid_on": "2026-03-17"}, "claim.day_outside"),
            ({"paid_on": "2026-03-11"}, "claim.day_outside"),
            ({"payee_account": "无"}, "bank_account.not_a_number"),
            ({"payee_name": "示例他人"}, "claim.payee_unauthorised"),
            ({"section": "Z"}, "claim.unknown_section"),
        ):
            await scene.refused("clerk", f"{number}/payments", payment(1, **changes), code)
        await scene.refused("m2", f"{number}/payments", payment(1), "pool.role_missing")
    assert await count("journal_event") == before
    assert await count("claim_movement") == await count("entry") == 0


async def test_no_payment_before_agreement(scene: Scene) -> None:
    number = await assessed(scene)
    with at("2026-03-11"):
        await scene.refused("clerk", f"{number}/payments", payment(1), "claim.not_agreed")
    assert (await scene.get("clerk", number))["paid_fen"] == 0


async def test_payments_in_parts_follow_the_cumulative_rule(scene: Scene) -> None:
    """40/30/20/10 of 101, 3,333,333 and the rest: every member within a fen, the sum exact."""
    number = await agreed(scene)
    parts = []
    with at("2026-03-16"):
        for n, fen in enumerate((101, 3_333_333, 6_666_566), 1):
            if n > 1:
                await scene.post("manager", f"{number}/payment-overrides", override(fen))
            state = await scene.post("clerk", f"{number}/payments", payment(fen, f"BK-{n}"))
            parts.append([part["amount_fen"] for part in state["movement"]["parts"]])
    assert parts == [
        [41, 30, 20, 10],
        [1_333_333, 1_000_000, 666_667, 333_333],
        [2_666_626, 1_999_970, 1_333_313, 666_657],
    ]
    assert state["status"] == "paid"
    assert sum((await positions(scene)).values()) == 0


async def test_second_payment_needs_another_persons_override(scene: Scene) -> None:
    number = await agreed(scene)
    with at("2026-03-16"):
        state = await scene.post("clerk", f"{number}/payments", payment(6_000_000))
        assert state["status"] == "part_paid"
        second = payment(4_000_000, "BK-2")
        told = await scene.refused("clerk", f"{number}/payments", second, "claim.paid_before")
        assert "681,342.40" in told["errors"][0]["rule"]
        await scene.post("manager", f"{number}/payment-overrides", override(3_999_999))
        await scene.refused("clerk", f"{number}/payments", second, "claim.paid_before")
        await scene.post("manager", f"{number}/payment-overrides", override(4_000_000))
        await scene.refused("manager", f"{number}/payments", second, "claim.override_by_payer")
        await scene.post("clerk", f"{number}/payments", second)
    payees = (await scene.get("clerk", number))["payees"]
    assert [p["override"] for p in payees] == [None, 2]


async def test_another_claim_of_the_same_loss_sees_the_first_payment(scene: Scene) -> None:
    await paid(scene)
    second = await agreed(scene, 70_000_000)
    with at("2026-03-18"):
        await scene.refused(
            "clerk", f"{second}/payments", payment(1, "BK-9"), "claim.paid_before"
        )


async def test_victim_of_a_liability_loss_is_paid_first(scene: Scene) -> None:
    number = await agreed(scene)
    form = payment(
        68_134, beneficiary_kind="third_party", beneficiary_name="示例受害人甲"
    )
    with at("2026-03-16"):
        await scene.refused(
            "clerk", f"{number}/payments", form, "claim.victim_not_compensated"
        )
        state = await scene.post(
            "clerk", f"{number}/payments", {**form, "compensation_proof": "回单 20260315-7"}
        )
    assert state["paid_fen"] == 68_134


async def test_a_bank_reference_is_recorded_once(scene: Scene) -> None:
    number = await agreed(scene)
    with at("2026-03-16"):
        await scene.post("clerk", f"{number}/payments", payment(1_000))
        await scene.post("manager", f"{number}/payment-overrides", override(1_000))
        answer = await scene.world.call(
            "clerk", "POST", f"/claims/{number}/payments", payment(1_000)
        )
    assert (answer.status_code, "claim.reference_twice" in answer.text) == (409, True)


async def test_reversal_mirrors_once_and_voids_the_debts(scene: Scene) -> None:
    number = await paid(scene)
    reason = {"reason": "银行退汇"}
    with at("2026-03-17"):
        state = await scene.post("clerk", f"{number}/payments/1/reversal", reason)
        assert (state["status"], state["paid_fen"], state["left_fen"]) == ("agreed", 0, 10_000_000)
        mirror = [part["amount_fen"] for part in state["movement"]["parts"]]
        assert mirror == [-4_000_000, -3_000_000, -2_000_000, -1_000_000]
        await scene.refused(
            "clerk", f"{number}/payments/1/reversal", reason, "claim.reversed_before"
        )
        await scene.refused(
            "clerk", f"{number}/payments/2/reversal", reason, "claim.reversal_of_reversal"
        )
        assert await debts(number) == []
        assert set((await positions(scene)).values()) == {0}
        await scene.post("clerk", f"{number}/payments", payment(10_000_000, "BK-2"))
    early = {"reason": "x", "effective_on": "2026-03-16"}
    with at("2026-03-18"):
        await scene.refused("clerk", f"{number}/payments/3/reversal", early, "claim.day_outside")
    answer = await scene.world.call("clerk", "POST", f"/claims/{number}/payments/9/reversal", early)
    assert answer.status_code == 404


async def test_a_settled_debt_is_owed_back_in_full(scene: Scene) -> None:
    number = await paid(scene)
    await sql("UPDATE obligation SET settled_fen = 1, status = 'part_settled' WHERE kind = $1"
              " AND amount_fen = 3000000", "claim_reimbursement")  # fmt: skip
    with at("2026-03-17"):
        await scene.post("clerk", f"{number}/payments/1/reversal", {"reason": "错付"})
    codes = scene.year.usccs
    assert await debts(number) == [
        ("claim_reimbursement", codes["m2"], codes["clerk"], 3_000_000),
        ("claim_reimbursement", codes["clerk"], codes["m2"], 3_000_000),
    ]


async def test_expenses_and_recoveries_are_shared_and_mirrored(scene: Scene) -> None:
    number = await paid(scene)
    codes = scene.year.usccs
    with at("2026-03-20"):
        form = {"charge": "loss_adjuster", "amount_fen": 30_001, "reference": "INV-1"}
        state = await scene.post("clerk", f"{number}/expenses", form)
        shared = [part["amount_fen"] for part in state["movement"]["parts"]]
        assert shared == [12_001, 9_000, 6_000, 3_000]
        recovery = {"gross_fen": 500_000, "cost_fen": 20_000, "reference": "R-1",
                    "payer_name": "示例电气设备有限公司"}  # fmt: skip
        state = await scene.post("clerk", f"{number}/recoveries", recovery)
        assert (state["status"], state["recovered_fen"]) == ("recovery", 480_000)
        too_much = {**recovery, "gross_fen": 9_540_001, "reference": "R-2"}
        await scene.refused(
            "clerk", f"{number}/recoveries", too_much, "claim.recovered_above_paid"
        )
        await scene.refused(
            "clerk", f"{number}/payments/1/reversal", {"reason": "x"}, "claim.recovered_above_paid"
        )
        await scene.post("clerk", f"{number}/recoveries/3/reversal", {"reason": "退回"})
        await scene.post("clerk", f"{number}/expenses/2/reversal", {"reason": "发票作废"})
    assert [d for d in await debts(number) if d[0] != "claim_reimbursement"] == []
    net = await positions(scene)
    assert net[codes["clerk"]] == -6_000_000
    assert sum(net.values()) == 0


async def test_recovery_is_owed_by_the_handler(scene: Scene) -> None:
    number = await paid(scene)
    codes = scene.year.usccs
    with at("2026-03-20"):
        form = {"kind": "salvage", "gross_fen": 100, "reference": "S-1", "payer_name": "示例回收"}
        await scene.post("clerk", f"{number}/recoveries", form)
    assert [d for d in await debts(number) if d[0] == "recovery_share"] == [
        ("recovery_share", codes["clerk"], codes["m2"], 30),
        ("recovery_share", codes["clerk"], codes["m3"], 20),
        ("recovery_share", codes["clerk"], codes["m4"], 10),
    ]


async def test_reserves_are_divided_and_used_by_payments(scene: Scene) -> None:
    number = await agreed(scene)
    with at("2026-03-13"):
        form = {"outstanding_fen": 9_999_999, "reason": "公估初步意见"}
        state = await scene.post("clerk", f"{number}/reserves", form)
        reserve = [part["reserve_fen"] for part in state["movement"]["parts"]]
        assert reserve == [3_999_999, 3_000_000, 2_000_000, 1_000_000]
        assert state["reserve_fen"] == 9_999_999
        await scene.refused("clerk", f"{number}/reserves", form, "claim.reserve_unchanged")
        state = await scene.post("clerk", f"{number}/payments", payment(10_000_000))
        assert state["reserve_fen"] == 0
        shares = (await scene.get("clerk", number))["sections"][0]["shares"]
        assert [s["reserve_fen"] for s in shares] == [0, 0, 0, 0]
        await scene.refused(
            "clerk", f"{number}/reserves/1/reversal", {"reason": "x"}, "claim.reserve_used"
        )


async def test_advance_within_authority_only(scene: Scene) -> None:
    number = await registered(scene, estimate_fen=300_000_000)
    with at("2026-03-05"):
        form = payment(200_000_001, advance=True)
        await scene.refused("clerk", f"{number}/payments", form, "claim.above_authority")
        state = await scene.post("clerk", f"{number}/payments", payment(2_000_000, advance=True))
        assert (state["status"], state["paid_fen"]) == ("registered", 2_000_000)
        assert state["left_fen"] == 0
        await scene.post("clerk", f"{number}/flags", {"flags": ["dispute"], "reason": "x"})
        await scene.post("manager", f"{number}/payment-overrides", override(10_000_000))
        second = payment(1_000, "BK-2", advance=True)
        await scene.refused("clerk", f"{number}/payments", second, "claim.flagged")
    with at("2026-03-06"):
        state = await scene.post("clerk", f"{number}/payments/1/reversal", {"reason": "退回"})
    assert (state["status"], state["paid_fen"]) == ("registered", 0)
    assert await sql_value("SELECT authorised_fen FROM claim_section") == 0


async def test_advance_counts_in_the_agreed_amount(scene: Scene) -> None:
    number = await assessed(scene)
    with at("2026-03-11"):
        await scene.refused(
            "clerk", f"{number}/payments", payment(10_000_001, advance=True),
            "claim.advance_above_limit",
        )  # fmt: skip
        await scene.post("clerk", f"{number}/payments", payment(4_000_000, advance=True))
        state = await scene.post("manager", f"{number}/agreement", {})
    assert (state["status"], state["left_fen"]) == ("part_paid", 6_000_000)


async def test_cash_call_before_a_large_payment(scene: Scene) -> None:
    """Called 6 of 15 million yuan; the payment then asks followers for the rest only."""
    number = await agreed(scene, 1_550_000_000)
    codes, handler = scene.year.usccs, scene.year.usccs["clerk"]
    with at("2026-03-13"):
        small = {"amount_fen": 500_000_000}
        await scene.refused("clerk", f"{number}/cash-calls", small, "claim.call_below")
        large = {"amount_fen": 1_500_000_001}
        await scene.refused("clerk", f"{number}/cash-calls", large, "claim.call_above_left")
        await scene.post("clerk", f"{number}/cash-calls", {"amount_fen": 600_000_000})
    calls = (await scene.get("m2", number))["cash_calls"]
    assert [(c["due_on"], [p["amount_fen"] for p in c["parts"]]) for c in calls] == [
        ("2026-03-20", [180_000_000])
    ]
    with at("2026-03-20"):
        await scene.post("clerk", f"{number}/payments", payment(1_500_000_000))
    found = await debts(number)
    assert found[:3] == [
        ("cash_call", codes["m2"], handler, 180_000_000),
        ("cash_call", codes["m3"], handler, 120_000_000),
        ("cash_call", codes["m4"], handler, 60_000_000),
    ]
    assert found[3:] == [
        ("claim_reimbursement", codes["m2"], handler, 270_000_000),
        ("claim_reimbursement", codes["m3"], handler, 180_000_000),
        ("claim_reimbursement", codes["m4"], handler, 90_000_000),
    ]
    with at("2026-03-23"):
        await scene.refused("manager", f"{number}/closing", {"reason": "x"}, "claim.call_open")
        call = calls[0]["number"]
        await scene.post("clerk", f"{number}/cash-calls/{call}/release", {"reason": "已用完"})
        state = await scene.post("manager", f"{number}/closing", {"reason": "赔付完毕"})
    assert state["status"] == "closed"
    assert sum(d[3] for d in await debts(number)) == 900_000_000


async def test_unused_cash_call_goes_back(scene: Scene) -> None:
    number = await agreed(scene, 1_550_000_000)
    with at("2026-03-13"):
        await scene.post("clerk", f"{number}/cash-calls", {"amount_fen": 600_000_000})
        call = (await scene.get("clerk", number))["cash_calls"][0]
        await sql(
            "UPDATE obligation SET settled_fen = amount_fen, status = 'settled' WHERE debtor = $1",
            scene.year.members["m2"],
        )
        path = f"{number}/cash-calls/{call['number']}/release"
        await scene.post("clerk", path, {"reason": "改为直接支付"})
        await scene.refused("clerk", path, {"reason": "x"}, "workflow.step_not_allowed")
    codes = scene.year.usccs
    assert await debts(number) == [
        ("cash_call", codes["m2"], codes["clerk"], 180_000_000),
        ("cash_call", codes["clerk"], codes["m2"], 180_000_000),
    ]


async def test_interest_runs_from_the_day_after_reimbursement_is_due(scene: Scene) -> None:
    """Paid on 16 March, due on 30 March; 21 days late on 20 April at 4.35 % of 30,000.00."""
    number = await paid(scene)
    told = await scene.get("m2", f"{number}/explanation?as_of=2026-04-20")
    assert [(d["debtor"], d["due_on"]) for d in told["debts"]] == [
        (scene.year.usccs["m2"], "2026-03-30")
    ]
    interest = told["debts"][0]["interest"]
    assert (interest["days"], interest["amount_fen"]) == (21, 7_508)
    assert interest["exact"] == "548100/73"
    assert "第十八条" in interest["clause"]
    assert {p["part"]["uscc"] for p in told["parts"]} == {scene.year.usccs["m2"]}
    nothing = await scene.get("clerk", f"{number}/explanation?as_of=2026-03-30")
    assert {d["interest"]["amount_fen"] for d in nothing["debts"]} == {0}


async def test_payee_account_is_whole_for_the_handler_only(scene: Scene) -> None:
    number = await paid(scene)
    seen = {
        who: (await scene.get(who, number))["payees"][0]["account"]
        for who in ("clerk", "m2", "firm", "officer", "auditor")
    }
    whole = ACCOUNT.replace(" ", "")
    assert seen.pop("clerk") == whole
    assert set(seen.values()) == {f"****{whole[-4:]}"}


async def test_agreeing_to_more_than_is_reserved_warns(scene: Scene) -> None:
    """What is agreed and unpaid belongs to what has been incurred."""
    number = await assessed(scene)
    with at("2026-03-12"):
        reserve = {"outstanding_fen": 9_999_999, "reason": "按初步定损"}
        await scene.post("clerk", f"{number}/reserves", reserve)
        state = await scene.post("manager", f"{number}/agreement", {})
        [told] = [f for f in state["findings"] if f["code"] == "claim.reserve_below"]
        assert told["severity"] == "warning"
        fen = {"reserve_fen": 9_999_999, "unpaid_fen": 10_000_000}
        assert told["params"] == {"section": "A", **fen}
        await scene.post("clerk", f"{number}/assessment", {"losses": [{"gross_fen": 60_000_000}]})
        enough = {"outstanding_fen": 10_000_000, "reason": "与核定一致"}
        await scene.post("clerk", f"{number}/reserves", enough)
        state = await scene.post("manager", f"{number}/agreement", {})
    assert [f["code"] for f in state["findings"]] == []
