"""Schemes, budgets, payment batches, recoveries: through the public routes and the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.books import publish_shipped
from catalogue.rules.recovery import SubsidyOnPremium, recovery_parts
from catalogue.subsidies import schemes
from service.kernel import journal, ledger
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Refused
from tests.catalogue.test_filing import codes
from tests.catalogue.test_policies import policy, receipt
from tests.factories import World, make_in_library, make_user

RULE = {"rule_family": "subsidy/eastlake-example", "rule_version": "2026.1"}


def scheme_form(**changes: Any) -> dict[str, Any]:
    """A scheme of 100,000.00 yuan."""
    return {
        "code": "example-2026",
        "name": "示例保费补贴 2026",
        **RULE,
        "window_from": "2026-01-01",
        "window_to": "2027-12-31",
        "appropriation_fen": 10_000_000,
        "document": "示例预算文件〔2026〕1号",
    } | changes


@pytest.fixture
async def open_scheme(world: World) -> str:
    """An open scheme; returns its code."""
    await publish_shipped()
    await world.post("officer", "/schemes", scheme_form())
    await world.post("approver", "/schemes/example-2026/opening")
    return "example-2026"


async def approved_line(world: World, scheme: str, amount_fen: int, number: str) -> int:
    """An application line approved and committed, as the review leaves it; returns its id."""
    product = await make_in_library(world)
    made = await world.post("clerk", "/policies", policy(world, product, number=f"PY-{number}"))
    await world.post("clerk", f"/policies/{made['id']}/receipts", receipt(2_000_000))
    firm = world.organisations["enterprise"]
    approver = await sql_value("SELECT id FROM eastlake_user WHERE login = 'approver'")
    creator = await sql_value("SELECT id FROM eastlake_user WHERE login = 'firm'")
    application = await sql_value(
        "INSERT INTO application (number, scheme, enterprise, status, account_name, account_number,"
        " bank_name, assessed_fen, approved_fen, approved_by, created_at, created_by)"
        " SELECT $1, s.id, $2, 'approved', '示例光谷芯片科技有限公司', '4200000000000001',"
        " '示例银行光谷支行', $3, $3, $4, $5, $6 FROM scheme s WHERE s.code = $7 RETURNING id",
        f"SA-2026-{number}",
        firm,
        amount_fen,
        approver,
        now(),
        creator,
        scheme,
    )
    line: int = await sql_value(
        "INSERT INTO application_line (application, number, policy, status, assessed_fen,"
        " approved_fen) VALUES ($1, 1, $2, 'approved', $3, $3) RETURNING id",
        application,
        made["id"],
        amount_fen,
    )
    event = await journal.record(auth_system(), "application", f"SA-2026-{number}", "test")
    await schemes.commit(scheme, line, amount_fen, "示例第五条", event)
    return line


def auth_system() -> Any:
    """The system as actor."""
    from service.auth import SYSTEM

    return SYSTEM


async def second_officer(world: World) -> str:
    """Another officer, so that nobody approves what he prepared."""
    from tests.factories import make_token

    user = await make_user(world.organisations["committee"], "cashier", "committee_approver")
    world.headers["cashier"] = await make_token(user, "cashier")
    return "cashier"


async def sent_batch(world: World, scheme: str) -> str:
    """A batch with everything payable, approved and sent; returns its number."""
    batch = await world.post("officer", f"/schemes/{scheme}/payment-batches", {"lines": []})
    number: str = batch["number"]
    await world.post(await second_officer(world), f"/payment-batches/{number}/approval")
    sent = await world.call("officer", "POST", f"/payment-batches/{number}/bank-file")
    assert sent.status_code == 201
    return number


def paid_row(item: int, amount_fen: int, reference: str) -> dict[str, Any]:
    """What the bank says of a payment that went through."""
    day = today().isoformat()
    return {
        "item": item,
        "amount_fen": amount_fen,
        "paid": True,
        "bank_reference": reference,
        "paid_on": day,
    }


async def test_scheme_is_opened_by_somebody_else(world: World) -> None:
    await publish_shipped()
    made = await world.post("officer", "/schemes", scheme_form())
    assert (made["status"], made["budget"]["free_fen"]) == ("draft", 0)
    await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE login = 'officer'")
    own = await world.call("officer", "POST", "/schemes/example-2026/opening", {})
    assert codes(own) == {"auth.four_eyes"}
    opened = await world.post("approver", "/schemes/example-2026/opening")
    assert (opened["status"], opened["budget"]["free_fen"]) == ("open", 10_000_000)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"window_to": "2025-01-01"}, "scheme.window_reversed"),
        ({"rule_version": "1999.1"}, "scheme.unknown_rule"),
        ({"code": "Bad Code"}, "form.invalid"),
        ({"appropriation_fen": 0}, "form.beyond"),
    ],
)
async def test_wrong_schemes_are_refused(world: World, changes: dict[str, Any], code: str) -> None:
    await publish_shipped()
    answer = await world.call("officer", "POST", "/schemes", scheme_form(**changes))
    assert answer.status_code == 422
    assert code in codes(answer) or code == "form.invalid"
    assert await world.get(None, "/schemes") == []


async def test_commitment_above_the_free_budget_is_refused(world: World, open_scheme: str) -> None:
    line = await approved_line(world, open_scheme, 9_999_999, "000001")
    event = await journal.record(auth_system(), "application", "x", "test")
    with pytest.raises(Refused, match=r"ledger\.floor_breached"):
        async with work():
            await schemes.commit(open_scheme, line + 1, 2, "示例第五条", event)
    budget = await world.get("auditor", f"/schemes/{open_scheme}/budget")
    assert budget == {
        "appropriated_fen": 10_000_000,
        "committed_fen": 9_999_999,
        "paid_fen": 0,
        "recovered_fen": 0,
        "free_fen": 1,
    }


async def test_batch_is_paid_once_and_the_budget_follows(world: World, open_scheme: str) -> None:
    await approved_line(world, open_scheme, 1_000_000, "000001")
    number = await sent_batch(world, open_scheme)
    rows = {"rows": [paid_row(1, 1_000_000, "BANK-1")]}
    done = await world.post("officer", f"/payment-batches/{number}/results", rows)
    again = await world.post("officer", f"/payment-batches/{number}/results", rows)
    assert (done["status"], again["status"]) == ("done", "done")
    budget = await world.get("auditor", f"/schemes/{open_scheme}/budget")
    assert (budget["paid_fen"], budget["committed_fen"]) == (1_000_000, 0)
    status = await sql_value("SELECT status FROM application WHERE number = 'SA-2026-000001'")
    assert status == "paid"
    empty = await world.call(
        "officer", "POST", f"/schemes/{open_scheme}/payment-batches", {"lines": []}
    )
    assert codes(empty) == {"payment.not_payable"}


async def test_failed_payment_is_retried_in_another_batch(world: World, open_scheme: str) -> None:
    line = await approved_line(world, open_scheme, 1_000_000, "000001")
    number = await sent_batch(world, open_scheme)
    failed = {"item": 1, "amount_fen": 1_000_000, "paid": False, "failure": "账号户名不符"}
    state = await world.post("officer", f"/payment-batches/{number}/results", {"rows": [failed]})
    assert (state["status"], state["items"][0]["failure"]) == ("part_failed", "账号户名不符")
    retry = await world.post(
        "officer", f"/schemes/{open_scheme}/payment-batches", {"lines": [line]}
    )
    assert [item["line"] for item in retry["items"]] == [line]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (paid_row(9, 1_000_000, "B-1"), "payment.unknown_item"),
        (paid_row(1, 999_999, "B-1"), "payment.amount_differs"),
        (paid_row(1, 1_000_000, "") | {"bank_reference": ""}, "form.missing"),
        (paid_row(1, 1_000_000, "B-1") | {"paid_on": "2099-01-01"}, "payment.paid_in_future"),
    ],
)
async def test_wrong_results_are_refused_whole(
    world: World, open_scheme: str, row: dict[str, Any], code: str
) -> None:
    await approved_line(world, open_scheme, 1_000_000, "000001")
    number = await sent_batch(world, open_scheme)
    answer = await world.call(
        "officer", "POST", f"/payment-batches/{number}/results", {"rows": [row]}
    )
    assert codes(answer) == {code}
    seen = await world.get("auditor", f"/payment-batches/{number}")
    assert [item["status"] for item in seen["items"]] == ["pending"]


async def test_result_for_an_unknown_batch_is_not_found(world: World) -> None:
    rows = {"rows": [paid_row(1, 1, "B-1")]}
    answer = await world.call("officer", "POST", "/payment-batches/PB-2026-000099/results", rows)
    assert answer.status_code == 404


async def test_preparer_does_not_approve_the_batch(world: World, open_scheme: str) -> None:
    await approved_line(world, open_scheme, 1_000_000, "000001")
    batch = await world.post("officer", f"/schemes/{open_scheme}/payment-batches", {"lines": []})
    await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE login = 'officer'")
    own = await world.call("officer", "POST", f"/payment-batches/{batch['number']}/approval", {})
    assert codes(own) == {"auth.four_eyes"}


async def test_cancellation_after_payment_opens_a_mirrored_recovery(
    world: World, open_scheme: str
) -> None:
    line = await approved_line(world, open_scheme, 1_000_000, "000001")
    number = await sent_batch(world, open_scheme)
    rows = {"rows": [paid_row(1, 1_000_000, "BANK-1")]}
    await world.post("officer", f"/payment-batches/{number}/results", rows)
    policy_id = await sql_value("SELECT policy FROM application_line WHERE id = $1", line)
    body = {
        "kind": "cancel",
        "effective_on": "2027-06-01",
        "premium_change_fen": -1_000_001,
        "reason": "退保",
    }
    await world.post("clerk", f"/policies/{policy_id}/endorsements", body)
    proposed = (await world.get("officer", "/recoveries"))["items"][0]
    assert (proposed["status"], proposed["cause"]) == ("proposed", "cancellation")
    # half of the premium was subsidised: of 1,000,001 given back the firm keeps the larger half
    assert proposed["amount_fen"] == 500_000
    path = f"/recoveries/{proposed['number']}"
    early = await world.call(
        "officer",
        "POST",
        f"{path}/repayments",
        {"amount_fen": 1, "received_on": today().isoformat(), "bank_reference": "R-1"},
    )
    assert codes(early) == {"recovery.state"}
    await world.post(await second_officer_again(world), f"{path}/approval")
    pay = {"amount_fen": 500_001, "received_on": today().isoformat(), "bank_reference": "R-1"}
    above = await world.call("officer", "POST", f"{path}/repayments", pay)
    assert codes(above) == {"recovery.above_claim"}
    state = await world.post("officer", f"{path}/repayments", pay | {"amount_fen": 500_000})
    assert state["status"] == "received"
    budget = await world.get("auditor", f"/schemes/{open_scheme}/budget")
    assert (budget["recovered_fen"], budget["free_fen"]) == (500_000, 9_000_000)
    assert (await ledger.trial_balance(f"budget:{open_scheme}")).balanced
    status = await sql_value("SELECT status FROM application WHERE number = 'SA-2026-000001'")
    assert status == "part_recovered"


async def second_officer_again(world: World) -> str:
    """The second officer is there already."""
    assert "cashier" in world.headers
    return "cashier"


async def test_recovery_above_what_was_paid_is_refused(world: World, open_scheme: str) -> None:
    await approved_line(world, open_scheme, 1_000_000, "000001")
    body = {"cause": "false_claim", "amount_fen": 1, "reason": "材料虚假"}
    unpaid = await world.call(
        "officer", "POST", "/applications/SA-2026-000001/lines/1/recoveries", body
    )
    assert codes(unpaid) == {"recovery.above_paid"}


amounts = st.integers(min_value=1, max_value=10**12)


@given(
    premium=amounts,
    shares=st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 10**6), max_size=6),
)
def test_recoveries_never_drift_and_never_exceed_what_was_paid(
    premium: int, shares: list[int], cuts: list[int]
) -> None:
    paid = [min(premium // len(shares), share) for share in shares]
    claimed = dict.fromkeys(range(len(paid)), 0)
    for refunded in [*sorted(premium * cut // 10**6 for cut in cuts), premium]:
        subsidies = [SubsidyOnPremium(n, p, claimed[n]) for n, p in enumerate(paid) if p]
        for line, amount in recovery_parts(premium, refunded, subsidies).items():
            claimed[line] += amount
        for line, amount in claimed.items():
            assert amount <= paid[line]
            assert abs(amount * premium - refunded * paid[line]) < 2 * premium
    assert [claimed[n] for n in range(len(paid))] == paid
