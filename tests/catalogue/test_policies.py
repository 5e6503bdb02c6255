"""Policies through the public routes: recording, receipts per source, endorsements, mirrors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalogue.test_filing import codes
from tests.factories import World, make_in_library


def policy(world: World, product: str, **changes: Any) -> dict[str, Any]:
    """A policy within the filed bands of `factories.draft`: 2 ‰ of 1,000,000.00 yuan and more."""
    return {
        "number": "PYII 2026-4201 000001",
        "product": product,
        "insured_uscc": world.usccs["enterprise"],
        "start_on": "2026-12-01",
        "end_on": "2027-11-30",
        "sum_insured_fen": 1_000_000_000,
        "limit_fen": 1_000_000_000,
        "rate_ppm": 2000,
        "premium_fen": 2_000_000,
    } | changes


@pytest.fixture
async def recorded(world: World) -> int:
    """A recorded policy of 20,000.00 yuan premium."""
    product = await make_in_library(world)
    state = await world.post("clerk", "/policies", policy(world, product))
    policy_id: int = state["id"]
    return policy_id


def receipt(amount_fen: int, **changes: Any) -> dict[str, Any]:
    """Premium received from the insured today."""
    return {
        "amount_fen": amount_fen,
        "received_on": "2026-11-20",
        "payer_name": "示例光谷芯片科技有限公司",
    } | changes


async def test_recorded_policy_is_seen_by_its_parties_only(world: World, recorded: int) -> None:
    for who in ("clerk", "firm", "officer", "auditor"):
        record = await world.get(who, f"/policies/{recorded}")
        assert record["insurers"] == [
            {
                "uscc": world.usccs["insurer"],
                "name": "示例科技财产保险股份有限",
                "share_units": 100_000_000,
            }
        ]
    assert (await world.call("rival", "GET", f"/policies/{recorded}")).status_code == 404
    assert (await world.get("rival", "/policies"))["items"] == []
    assert [p["id"] for p in (await world.get("firm", "/policies"))["items"]] == [recorded]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rate_ppm": 5000, "premium_fen": 5_000_000}, "policy.rate_outside_band"),
        ({"end_on": "2026-11-30"}, "policy.ends_before_start"),
        ({"start_on": "2020-02-29"}, "policy.not_in_library"),
        ({"sum_insured_fen": 1000}, "policy.sum_outside_band"),
        ({"object": "OB-2026-000009"}, "policy.object_of_another"),
        (
            {"instalments": [{"due_on": "2026-12-01", "amount_fen": 1}]},
            "policy.instalments_not_whole",
        ),
        ({"insured_uscc": "91420100MA4K00019X"}, "uscc.check_digit"),
    ],
)
async def test_what_does_not_fit_is_refused(
    world: World, changes: dict[str, Any], code: str
) -> None:
    product = await make_in_library(world)
    answer = await world.call("clerk", "POST", "/policies", policy(world, product, **changes))
    assert answer.status_code == 422
    assert code in codes(answer) or code == "uscc.check_digit"
    assert (await world.get("clerk", "/policies"))["items"] == []


async def test_rate_refusal_names_the_filing_clause(world: World) -> None:
    product = await make_in_library(world)
    answer = await world.call("clerk", "POST", "/policies", policy(world, product, rate_ppm=9000))
    error = next(e for e in answer.json()["errors"] if e["code"] == "policy.rate_outside_band")
    assert "备-企业财产保险" in error["message_zh"]
    assert error["source"] == error["params"]["clause"]


async def test_number_is_unique_however_it_is_printed(world: World, recorded: int) -> None:
    product = (await world.get("clerk", f"/policies/{recorded}"))["product"]["number"]
    again = await world.call(
        "clerk", "POST", "/policies", policy(world, product, number="pyii２０２６4201-000001")
    )
    assert (again.status_code, codes(again)) == (409, {"policy.number_twice"})


async def test_shares_of_several_insurers_make_the_whole(world: World) -> None:
    product = await make_in_library(world)
    two = [
        {"uscc": world.usccs["insurer"], "share_units": 66_666_667},
        {"uscc": world.usccs["other_insurer"], "share_units": 33_333_333},
    ]
    state = await world.post("clerk", "/policies", policy(world, product, insurers=two))
    seen = await world.get("rival", f"/policies/{state['id']}")
    assert [s["share_units"] for s in seen["insurers"]] == [66_666_667, 33_333_333]
    two[1]["share_units"] = 33_333_332
    short = await world.call(
        "clerk", "POST", "/policies", policy(world, product, number="B-2", insurers=two)
    )
    assert codes(short) == {"policy.shares_not_whole"}


async def test_a_co_insurer_reads_the_policy_and_writes_nothing_on_it(world: World) -> None:
    product = await make_in_library(world)
    two = [
        {"uscc": world.usccs["insurer"], "share_units": 60_000_000},
        {"uscc": world.usccs["other_insurer"], "share_units": 40_000_000},
    ]
    state = await world.post("clerk", "/policies", policy(world, product, insurers=two))
    path = f"/policies/{state['id']}"
    assert (await world.call("rival", "GET", path)).status_code == 200
    cancel = {"kind": "cancel", "effective_on": "2026-11-20", "reason": "退保"}
    loss = {"reference": "L1", "loss_on": "2026-11-20", "paid_on": "2026-11-20"}
    loss |= {"paid_fen": 1, "payee_name": "示例企业"}
    for form, where in ((receipt(1), "receipts"), (cancel, "endorsements"), (loss, "losses")):
        answer = await world.call("rival", "POST", f"{path}/{where}", form)
        assert (answer.status_code, answer.json()["code"]) == (403, "policy.not_recording"), where



async def test_premium_is_received_up_to_what_is_due(world: World, recorded: int) -> None:
    path = f"/policies/{recorded}/receipts"
    await world.post("clerk", path, receipt(1_500_000))
    above = await world.call("clerk", "POST", path, receipt(500_001))
    assert codes(above) == {"policy.receipt_above_due"}
    await world.post("clerk", path, receipt(500_000, invoice_number="24422000000012345678"))
    record = await world.get("clerk", f"/policies/{recorded}")
    assert record["sources"] == {"own": 2_000_000}
    unknown = await world.call("clerk", "POST", path, receipt(1, source="nowhere"))
    assert "policy.unknown_source" in codes(unknown)


async def test_cancellation_refunds_and_its_undoing_mirrors(world: World, recorded: int) -> None:
    await world.post("clerk", f"/policies/{recorded}/receipts", receipt(2_000_000))
    cancelled = await world.post(
        "clerk",
        f"/policies/{recorded}/endorsements",
        {
            "kind": "cancel",
            "effective_on": "2027-03-01",
            "premium_change_fen": -1_234_567,
            "reason": "企业停产退保",
        },
    )
    assert (cancelled["status"], cancelled["current_premium_fen"]) == ("cancelled", 765_433)
    record = await world.get("firm", f"/policies/{recorded}")
    assert record["sources"] == {"own": 765_433}
    assert [r["amount_fen"] for r in record["receipts"]] == [2_000_000, -1_234_567]
    assert record["receipts"][1]["refund_of"] == record["receipts"][0]["id"]

    undo = {"effective_on": "2027-03-02", "reason": "误操作"}
    back = await world.post("clerk", f"/policies/{recorded}/endorsements/1/undoing", undo)
    assert (back["status"], back["current_premium_fen"]) == ("recorded", 2_000_000)
    record = await world.get("firm", f"/policies/{recorded}")
    assert record["sources"] == {"own": 2_000_000}
    assert [(e["kind"], e["undoes"], e["undone_by"]) for e in record["endorsements"]] == [
        ("cancel", None, 2),
        ("reinstate", 1, None),
    ]
    twice = await world.call("clerk", "POST", f"/policies/{recorded}/endorsements/1/undoing", undo)
    mirror = await world.call("clerk", "POST", f"/policies/{recorded}/endorsements/2/undoing", undo)
    assert (codes(twice), codes(mirror)) == (
        {"endorsement.undone_before"},
        {"endorsement.is_an_undo"},
    )


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (
            {"kind": "return_premium", "premium_change_fen": -2_000_001},
            "endorsement.returns_too_much",
        ),
        ({"kind": "additional_premium", "premium_change_fen": -1}, "endorsement.wrong_sign"),
        (
            {"kind": "return_premium", "premium_change_fen": -1, "effective_on": "2026-11-30"},
            "endorsement.before_inception",
        ),
        ({"kind": "sum_change", "sum_change_fen": 0}, "endorsement.wrong_sign"),
    ],
)
async def test_wrong_endorsements_are_refused(
    world: World, recorded: int, form: dict[str, Any], code: str
) -> None:
    body = {"effective_on": "2027-01-01", "reason": "测试"} | form
    answer = await world.call("clerk", "POST", f"/policies/{recorded}/endorsements", body)
    assert codes(answer) == {code}
    record = await world.get("clerk", f"/policies/{recorded}")
    assert (record["endorsements"], record["current_premium_fen"]) == ([], 2_000_000)


async def test_insured_disputes_and_insurer_answers(world: World, recorded: int) -> None:
    await world.post("firm", f"/policies/{recorded}/disputes", {"text": "保险金额有误"})
    assert (await world.get("clerk", f"/policies/{recorded}"))["status"] == "disputed"
    await world.post("clerk", f"/policies/{recorded}/dispute-answers", {"text": "已核对无误"})
    state = await world.post("firm", f"/policies/{recorded}/confirmation")
    assert state["status"] == "confirmed"
    dispute = (await world.get("firm", f"/policies/{recorded}"))["disputes"][0]
    assert (dispute["text"], dispute["answer"]) == ("保险金额有误", "已核对无误")
