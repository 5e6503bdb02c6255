"""Verify finds nothing in claims that were handled, and every row that somebody changed."""

from __future__ import annotations

import pytest

from service.kernel.db import sql
from service.verify.claims import CLAIM_INVARIANTS
from tests.coinsurance.claiming import Scene, agreed, at, make_scene, paid, payment
from tests.factories import World

OVERRIDE = {
    "beneficiary_name": "示例光谷芯片科技有限公司",
    "amount_max_fen": 9_000_000,
    "reason": "第二期赔款",
}


async def _played(world: World) -> Scene:
    """Claims with everything that may happen: parts, mirrors, calls, recoveries, consent."""
    scene = await make_scene(world)
    number = await agreed(scene)
    with at("2026-03-16"):
        reserve = {"outstanding_fen": 3_333_333, "reason": "x"}
        await scene.post("clerk", f"{number}/reserves", reserve)
        await scene.post("clerk", f"{number}/payments", payment(1_000_001))
        await scene.post("manager", f"{number}/payment-overrides", OVERRIDE)
        await scene.post("clerk", f"{number}/payments", payment(8_999_999, "BK-2"))
        await scene.post("clerk", f"{number}/payments/2/reversal", {"reason": "退汇"})
        expense = {"charge": "survey", "amount_fen": 101, "reference": "I-1"}
        await scene.post("clerk", f"{number}/expenses", expense)
        recovery = {"gross_fen": 1_000, "cost_fen": 1, "reference": "R-1", "payer_name": "示例"}
        await scene.post("clerk", f"{number}/recoveries", recovery)
    large = await agreed(scene, 1_550_000_000, event="E2", loss_on="2026-02-01")
    with at("2026-03-16"):
        await scene.post("clerk", f"{large}/cash-calls", {"amount_fen": 600_000_000})
        await scene.post("clerk", f"{large}/payments", payment(1_500_000_000))
    return scene


async def test_handled_claims_keep_every_promise(world: World) -> None:
    await _played(world)
    for name, (_, invariant) in CLAIM_INVARIANTS.items():
        outcome = await invariant()
        assert [f.text("en") for f in outcome.findings] == [], name


CHANGES = [
    ("claim_status", "claim", "UPDATE claim SET status = 'closed' WHERE status = 'paid'"),
    ("claim_totals", "claim_section", "UPDATE claim_section SET paid_fen = paid_fen - 1"),
    ("claim_series", "claim_part", "UPDATE claim_part SET amount_fen = amount_fen + 1"
     " WHERE id = (SELECT min(id) FROM claim_part)"),
    ("claim_entries", "claim_part", "UPDATE claim_part SET amount_fen = amount_fen + 1"
     " WHERE id = (SELECT min(id) FROM claim_part)"),
    ("claim_debts", "obligation", "UPDATE obligation SET status = 'void'"
     " WHERE kind = 'claim_reimbursement'"),
    ("claim_shares", "claim_share", "UPDATE claim_share SET share_units = share_units"
     " + CASE position WHEN 1 THEN 1 WHEN 2 THEN -1 ELSE 0 END"),
    ("claim_assessments", "claim_assessment", "UPDATE claim_assessment SET"
     " payable_fen = payable_fen + 1"),
    ("claim_decisions", "claim_decision", "UPDATE claim_decision SET basis = 'consent'"),
    ("claim_payees", "claim_payee", "UPDATE claim_payee SET beneficiary_key = 'x'"),
    ("claim_steps", "journal_event", "UPDATE journal_event SET from_status = 'notified'"
     " WHERE event = 'pay'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "table", "change"), CHANGES, ids=[c[0] for c in CHANGES])
async def test_a_changed_row_is_found(world: World, name: str, table: str, change: str) -> None:
    scene = await make_scene(world)
    await paid(scene)
    await sql("SET CONSTRAINTS ALL IMMEDIATE")
    await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await sql(change)
    outcome = await CLAIM_INVARIANTS[name][1]()
    assert outcome.findings
    assert outcome.findings[0].code == "verify.claim_differs"


async def test_a_second_payment_without_its_override_is_found(world: World) -> None:
    scene = await make_scene(world)
    number = await agreed(scene)
    with at("2026-03-16"):
        await scene.post("clerk", f"{number}/payments", payment(1_000_001))
        await scene.post("manager", f"{number}/payment-overrides", OVERRIDE)
        await scene.post("clerk", f"{number}/payments", payment(8_999_999, "BK-2"))
    _, payees = CLAIM_INVARIANTS["claim_payees"]
    assert not (await payees()).findings
    await sql("ALTER TABLE claim_payee DISABLE TRIGGER USER")
    await sql("UPDATE claim_payee SET override = NULL")
    findings = (await payees()).findings
    assert [(f.params["subject"], f.params["counted"]) for f in findings] == [
        (f"{number}/2", f"{number}/1")
    ]
    await sql("UPDATE claim_payee SET beneficiary_key = id::text, beneficiary_uscc = '9'")
    told = {(f.params["subject"], f.params["what"]) for f in (await payees()).findings}
    assert (f"{number}/2", "重复赔付") in told
