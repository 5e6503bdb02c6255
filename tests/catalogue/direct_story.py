"""What the tests of direct payments share: a scheme that pays insurers, from draft to the bank."""

from __future__ import annotations

from typing import Any

from service.kernel.calendar import today
from service.kernel.db import sql_value
from tests.catalogue.subsidy_story import draft_form, firm_name, make_committee, on
from tests.catalogue.test_policies import policy, receipt
from tests.factories import World, make_in_library, upload

CODE = "direct-2026"
RULE = {"rule_family": "subsidy/eastlake-direct-example", "rule_version": "2026.1"}
PAPERS = ("application_form", "business_licence", "policy_copy", "truth_statement")
ACCOUNT = {"account_number": "4200 1111 2222 3333", "bank_name": "示例银行武汉分行"}
PREMIUM_FEN = 2_000_000
PAID_FEN = 600_000
"""30 % of the premium, which the example rule pays to the insurer."""


async def insurer_name(world: World) -> str:
    """Full name of the first insurer."""
    name: str = await sql_value(
        "SELECT name FROM organisation WHERE id = $1", world.organisations["insurer"]
    )
    return name


async def make_direct_scheme(world: World) -> None:
    """Committee and an open scheme of 100,000.00 yuan that pays insurers."""
    await make_committee(world)
    form = {
        "code": CODE,
        "name": "示例保费直付 2026",
        **RULE,
        "window_from": "2026-01-01",
        "window_to": "2026-12-31",
        "appropriation_fen": 10_000_000,
        "document": "示例预算文件〔2026〕2号",
    }
    await world.post("officer", "/schemes", form)
    await world.post("approver", f"/schemes/{CODE}/opening")


async def half_paid_policy(world: World, number: str = "D-1", own_fen: int = 1_400_000) -> int:
    """A policy of 20,000.00 yuan of which the firm has paid its own part; returns its key."""
    product = await make_in_library(world)
    day = today().isoformat()
    form = policy(world, product, number=number, start_on=day, end_on=f"{day[:4]}-12-31")
    made = await world.post("clerk", "/policies", form)
    if own_fen:
        paid = receipt(own_fen, payer_name=await firm_name(world), received_on=day)
        await world.post("clerk", f"/policies/{made['id']}/receipts", paid)
    policy_id: int = made["id"]
    return policy_id


async def approved(world: World, policy_id: int, warnings: tuple[str, ...] = ()) -> str:
    """An application for a direct payment, approved after its notice; returns its number.

    `warnings` are answered in writing by the first reviewer.
    """
    papers = [
        {"material": paper, "document": await upload(world, "firm", "other", f"{paper}.pdf")}
        for paper in PAPERS
    ]
    form = await draft_form(world, [policy_id], materials=papers)
    for name in ("bank_name", "account_name", "account_number"):
        form.pop(name)
    state = await world.post("firm", "/applications", {"scheme": CODE, **form})
    number: str = state["number"]
    path = f"/applications/{number}"
    with on("2026-03-03"):
        await world.post("firm", f"{path}/submission")
        await world.post("officer", f"{path}/acceptance")
        await world.post("officer", f"{path}/first-review")
        for code in warnings:
            note = {"line": 1, "code": code, "note": "企业自付部分将于季度末缴纳"}
            await world.post("officer", f"{path}/warning-notes", note)
        await world.post("officer", f"{path}/first-opinion", {"passed": True})
        await world.post("second", f"{path}/second-opinion", {"passed": True})
        notice = {"title": "2026年保费直付公示", "applications": [number]}
        await world.post("officer", f"/schemes/{CODE}/notices", notice)
    with on("2026-03-20"):
        await world.post("approver", f"{path}/approval", {})
    return number


async def verified_account(world: World) -> dict[str, Any]:
    """The insurer's account, entered by its manager and verified by the committee."""
    form = {"account_name": await insurer_name(world), **ACCOUNT}
    made = await world.post("manager", "/payee-accounts", form)
    path = f"/payee-accounts/{made['id']}/verification"
    found: dict[str, Any] = await world.post("chief", path, {"note": "已核对开户许可证"})
    return found


async def sent(world: World) -> str:
    """A batch of everything payable, approved and sent to the bank; returns its number."""
    batch = await world.post("second", f"/schemes/{CODE}/payment-batches", {"lines": []})
    number: str = batch["number"]
    await world.post("chief", f"/payment-batches/{number}/approval")
    await world.call("second", "POST", f"/payment-batches/{number}/bank-file")
    return number


def paid(amount_fen: int = PAID_FEN, reference: str = "BANK-D1") -> dict[str, Any]:
    """The bank's result for the one payment of a batch."""
    row = {
        "item": 1,
        "amount_fen": amount_fen,
        "paid": True,
        "bank_reference": reference,
        "paid_on": today().isoformat(),
    }
    return {"rows": [row]}


async def paid_directly(world: World, own_fen: int = 1_400_000) -> tuple[int, str]:
    """A policy whose premium the scheme has paid in part; returns policy and application."""
    with on("2026-03-02"):
        await make_direct_scheme(world)
        policy_id = await half_paid_policy(world, own_fen=own_fen)
        await verified_account(world)
        warnings = () if own_fen else ("check.premium_not_full",)
        number = await approved(world, policy_id, warnings)
    with on("2026-03-23"):
        batch = await sent(world)
        await world.post("second", f"/payment-batches/{batch}/results", paid())
    return policy_id, number
