"""Accounts of insurers: entered, verified, refused."""

from __future__ import annotations

from typing import Any

from service.kernel.db import sql, sql_value
from tests.catalogue.test_money import approved_line
from tests.contract.recipes.desk import OPEN
from tests.contract.stage import Call, Stage

API = "/api/v1/payee-accounts"
NOTE = {"note": "已核对开户许可证"}


def _form(stage: Stage) -> dict[str, Any]:
    """Another account of the insurer."""
    return {
        "account_name": stage.values["payee.name"],
        "account_number": "4200 0000 5555 6666",
        "bank_name": "示例银行武汉分行",
    }


def _account(who: str, **body: Any) -> Call:
    """A call on the account that `prepare` made."""
    return Call(who, params={"account": lambda stage: stage.values["payee.account"]}, **body)


WRITES: dict[str, Call] = {
    f"POST {API}": Call("manager", json=_form),
    f"POST {API}/{{account}}/verification": _account("approver", json=NOTE),
    f"POST {API}/{{account}}/refusal": _account("approver", json=NOTE),
    "POST /insurer/money/account": Call("manager", form=_form),
    "POST /money/payees/{account}/verification": _account("approver", form=NOTE),
    "POST /money/payees/{account}/refusal": _account("approver", form=NOTE),
}
READS: dict[str, Call] = {
    f"GET {API}": Call("manager"),
    "GET /money/payees/{account}": _account("officer"),
}


async def prepare(stage: Stage) -> None:
    """A verified account with a direct payment at the bank, and one that waits."""
    world = stage.world
    stage.values["payee.name"] = await sql_value(
        "SELECT name FROM organisation WHERE id = $1", world.organisations["insurer"]
    )
    for number in ("4200 0000 3333 4444", "4200 0000 1111 2222"):
        form = {**_form(stage), "account_number": number}
        made = (await world.post("manager", "/payee-accounts", form))["id"]
        if number.endswith("4444"):
            await world.post("approver", f"/payee-accounts/{made}/verification", NOTE)
    stage.values["payee.account"] = made
    await _direct_payment(stage)


async def _direct_payment(stage: Stage) -> None:
    """A batch that pays the public part of losses to the insurer, sent to the bank."""
    world = stage.world
    line = await approved_line(world, OPEN, 400_000, "900008")
    await sql(
        'UPDATE application_line SET assessment = \'{"payee":"insurer"}\' WHERE id = $1', line
    )
    await sql(
        "UPDATE application SET assessment = $1, approved_by = (SELECT id FROM eastlake_user"
        " WHERE login = 'second_approver') WHERE number = 'SA-2026-900008'",
        '{"result":{"instrument":"loss_sharing"}}',
    )
    place = f"/schemes/{OPEN}/payment-batches"
    batch = (await world.post("second_officer", place, {"lines": [line]}))["number"]
    await world.post("second_approver", f"/payment-batches/{batch}/approval")
    sent = await world.call("second_officer", "POST", f"/payment-batches/{batch}/bank-file")
    assert sent.status_code == 201, sent.text
