"""The insurer's policy pages: recording with findings beside fields, receipts, endorsements."""

from __future__ import annotations

from tests.catalogue.test_policies import policy
from tests.catalogue.test_policy_imports import file_of, row
from tests.factories import World, make_in_library
from tests.web.console import file_links, send, sign_in, words


def typed(world: World, product: str) -> dict[str, str]:
    """The form as an insurer types it."""
    form = policy(world, product)
    return {
        "number": form["number"],
        "product": product,
        "insured_uscc": form["insured_uscc"],
        "start_on": form["start_on"],
        "end_on": form["end_on"],
        "sum_insured_fen": "1000万元",
        "limit_fen": "1000万元",
        "rate_ppm": "0.2",
        "premium_fen": "20,000.00",
    }


async def test_insurer_records_a_policy_and_receives_premium(world: World) -> None:
    product = await make_in_library(world)
    await sign_in(world.client, "clerk")
    wrong = await send(world.client, "/policies/new", typed(world, product) | {"rate_ppm": "0.9"})
    assert wrong.status_code == 422
    assert "超出备案费率区间" in wrong.text
    assert "PYII 2026-4201 000001" in wrong.text

    made = await send(world.client, "/policies/new", typed(world, product))
    assert made.status_code == 303
    home = made.headers["location"]
    receipt = {
        "amount_fen": "1.5万元",
        "received_on": "2026-11-20",
        "source": "own",
        "payer_name": "示例光谷芯片科技有限公司",
    }
    assert (await send(world.client, f"{home}/receipts", receipt)).status_code == 303
    shown = await world.client.get(home)
    assert "15,000.00" in shown.text
    assert "5,000.00" in shown.text
    above = await send(world.client, f"{home}/receipts", receipt)
    assert above.status_code == 422
    assert "收款超过尚欠保费" in above.text


async def test_endorsement_and_its_undoing_on_the_page(world: World) -> None:
    product = await make_in_library(world)
    state = await world.post("clerk", "/policies", policy(world, product))
    home = f"/policies/{state['id']}"
    await sign_in(world.client, "clerk")
    body = {
        "kind": "return_premium",
        "effective_on": "2027-01-01",
        "premium_change_fen": "-1,000.00",
        "reason": "保额调减",
    }
    assert (await send(world.client, f"{home}/endorsements", body)).status_code == 303
    undo = {"effective_on": "2027-01-02", "reason": "误操作"}
    assert (await send(world.client, f"{home}/endorsements/1/undoing", undo)).status_code == 303
    shown = await world.client.get(home)
    assert "已由批单 2 撤销" in shown.text
    again = await send(world.client, f"{home}/endorsements/1/undoing", undo)
    assert again.status_code == 422
    assert "已由批单 2 撤销" in again.text
    assert "须改正" in again.text


async def test_list_has_an_empty_state_and_filters(world: World) -> None:
    await sign_in(world.client, "clerk")
    assert "还没有登记保单" in (await world.client.get("/policies")).text
    product = await make_in_library(world)
    await world.post("clerk", "/policies", policy(world, product))
    assert "PYII 2026-4201 000001" in (await world.client.get("/policies?q=4201")).text
    assert "没有符合条件" in (await world.client.get("/policies?q=9999")).text


async def test_insurer_imports_policies_and_exports_the_list(world: World) -> None:
    product = await make_in_library(world)
    await sign_in(world.client, "clerk")
    files = {"file": ("保单.xlsx", file_of(row(world, product), row(world, product, 2)))}
    tried = await send(world.client, "/policies/import", {"mode": "try"}, files)
    assert "可以导入，共 2 张保单" in words(tried)
    assert "还没有登记保单" in words(await world.client.get("/policies"))
    done = await send(world.client, "/policies/import", {"mode": "import"}, files)
    assert "已导入 2 张保单" in words(done)
    listed = await world.client.get("/policies?q=0002")
    assert "PYII 2026-0002" in listed.text and "PYII 2026-0001" not in listed.text
    table = (await world.client.get(file_links(listed, "csv")[0])).content.decode("utf-8-sig")
    assert "PYII 2026-0002" in table and "PYII 2026-0001" not in table


async def test_payers_account_is_masked_for_the_insured(world: World) -> None:
    product = await make_in_library(world)
    state = await world.post("clerk", "/policies", policy(world, product))
    receipt = {
        "amount_fen": 500_000,
        "received_on": "2026-11-20",
        "payer_name": "示例光谷芯片科技有限公司",
        "payer_account": "4200 0000 1234 5678",
        "invoiced_on": "2026-11-19",
    }
    await world.post("clerk", f"/policies/{state['id']}/receipts", receipt)
    await sign_in(world.client, "clerk")
    own = await world.client.get(f"/policies/{state['id']}")
    assert "4200000012345678" in own.text
    await send(world.client, "/logout")
    await sign_in(world.client, "firm")
    seen = await world.client.get(f"/firm/policies/{state['id']}")
    assert "****5678" in seen.text and "12345678" not in seen.text
