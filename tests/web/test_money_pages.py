"""Budgets, payment batches and recoveries as the committee sees them."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.books import publish_shipped
from service.kernel.calendar import today
from service.kernel.db import sql_value
from tests.catalogue.test_money import approved_line, scheme_form, second_officer
from tests.factories import World
from tests.web.console import send, sign_in, words

HOME = "/money/schemes/example-2026"


@pytest.fixture
async def scheme(world: World) -> str:
    """An open scheme; returns its code."""
    await publish_shipped()
    await world.post("officer", "/schemes", scheme_form())
    await world.post("approver", "/schemes/example-2026/opening")
    return "example-2026"


def result_rows(**changes: Any) -> dict[str, str]:
    """One paid row of a result as typed."""
    row = {
        "item": "1",
        "amount_fen": "10,000.00",
        "paid": "1",
        "bank_reference": "BANK-1",
        "paid_on": today().isoformat(),
    } | changes
    return {f"rows-0-{name}": value for name, value in row.items()}


async def sent(world: World, scheme: str) -> str:
    """A batch that the bank has; prepared, approved and sent on the pages."""
    await approved_line(world, scheme, 1_000_000, "000001")
    await sign_in(world.client, "officer")
    made = await send(world.client, f"{HOME}/payment-batches")
    assert made.status_code == 303, words(made)
    number: str = await sql_value("SELECT number FROM payment_batch ORDER BY id DESC LIMIT 1")
    await sign_in(world.client, await second_officer(world))
    assert (await send(world.client, f"/money/batches/{number}/approval")).status_code == 303
    await sign_in(world.client, "officer")
    file = await send(world.client, f"/money/batches/{number}/bank-file")
    assert file.status_code == 200
    assert "示例光谷芯片科技有限公司" in file.text
    return number


async def test_scheme_is_prepared_by_one_and_opened_by_another(world: World) -> None:
    await publish_shipped()
    await sign_in(world.client, "officer")
    assert "还没有补贴项目" in (await world.client.get("/money/schemes")).text
    form = {
        "code": "example-2026",
        "name": "示例保费补贴 2026",
        "rule": "subsidy/eastlake-example 2026.1",
        "window_from": "2026-01-01",
        "window_to": "2025-12-31",
        "appropriation_fen": "10",
        "appropriation_fen@unit": "万元",
        "document": "示例预算文件〔2026〕1号",
    }
    reversed_window = await send(world.client, "/money/schemes/new", form)
    assert reversed_window.status_code == 422
    assert "申报截止日早于开始日" in reversed_window.text
    form["window_to"] = "2026-12-31"
    assert (await send(world.client, "/money/schemes/new", form)).status_code == 303
    assert (await send(world.client, f"{HOME}/opening")).status_code == 403
    await sign_in(world.client, "approver")
    assert (await send(world.client, f"{HOME}/opening")).status_code == 303
    shown = words(await world.client.get(HOME))
    assert "10 万元" in shown
    assert "补贴比例" in shown
    assert "公开文件未规定，示例设定" in shown


async def test_budget_is_shown_as_of_a_day(world: World, scheme: str) -> None:
    await sign_in(world.client, "auditor")
    past = await world.client.get(f"{HOME}?as_of=2020-01-01")
    assert "按所选日期" in past.text
    wrong = await world.client.get(f"{HOME}?as_of=2020-13-01")
    assert wrong.status_code == 422
    assert "开放申报" not in past.text


async def test_batch_is_paid_by_typed_rows(world: World, scheme: str) -> None:
    number = await sent(world, scheme)
    place = f"/money/batches/{number}"
    wrong = await send(world.client, f"{place}/results", result_rows(amount_fen="9,999.99"))
    assert wrong.status_code == 422
    assert "金额不符" in wrong.text
    assert (await send(world.client, f"{place}/results", result_rows())).status_code == 303
    shown = words(await world.client.get(place))
    assert "已完成" in shown
    assert "BANK-1" in shown


async def test_batch_is_answered_by_a_file_and_retried(world: World, scheme: str) -> None:
    number = await sent(world, scheme)
    place = f"/money/batches/{number}"
    header = "序号,金额(元),结果,银行流水号,付款日期,失败原因\n"
    for text, said in (("序号\n1\n", "缺少列"), (header + "1,一万,成功,,,\n", "无法识别")):
        bad = {"file": ("r.csv", text.encode(), "text/csv")}
        refused = await send(world.client, f"{place}/results", files=bad)
        assert refused.status_code == 422
        assert said in refused.text
    content = (header + "1,10000.00,失败,,,户名不符\n").encode()
    done = await send(
        world.client, f"{place}/results", files={"file": ("r.csv", content, "text/csv")}
    )
    assert done.status_code == 303
    assert "户名不符" in (await world.client.get(place)).text
    retried = await send(world.client, f"{place}/retry")
    assert retried.status_code == 303
    assert retried.headers["location"] != place
    again = await send(world.client, f"{place}/retry")
    assert again.status_code == 422


async def test_recovery_shows_its_calculation_and_is_paid_back(world: World, scheme: str) -> None:
    number = await sent(world, scheme)
    await send(world.client, f"/money/batches/{number}/results", result_rows())
    policy_id = await sql_value("SELECT policy FROM application_line LIMIT 1")
    body = {
        "kind": "cancel",
        "effective_on": "2027-06-01",
        "premium_change_fen": -1_000_000,
        "reason": "退保",
    }
    await world.post("clerk", f"/policies/{policy_id}/endorsements", body)
    listed = words(await world.client.get("/money/recoveries"))
    assert "退保" in listed
    found: str = await sql_value("SELECT number FROM recovery")
    place = f"/money/recoveries/{found}"
    shown = words(await world.client.get(place))
    assert "已拨付 × 退回保费 ÷ 全部保费" in shown
    assert "5,000.00 元" in shown
    await sign_in(world.client, "cashier")
    assert (await send(world.client, f"{place}/approval")).status_code == 303
    await sign_in(world.client, "officer")
    pay = {"amount_fen": "5,000.01", "received_on": today().isoformat(), "bank_reference": "R-1"}
    assert (await send(world.client, f"{place}/repayments", pay)).status_code == 422
    pay["amount_fen"] = "5000"
    assert (await send(world.client, f"{place}/repayments", pay)).status_code == 303
    assert "已缴清" in words(await world.client.get(place))
    unknown = await world.client.get("/money/recoveries/RC-2020-000001")
    assert unknown.status_code == 404
