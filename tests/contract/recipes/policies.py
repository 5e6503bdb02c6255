"""Policies: recorded, paid, endorsed, disputed. The insured is `holder`, foreign to `firm`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from service.kernel.calendar import today
from tests.contract.stage import Call, Stage
from tests.factories import make_organisation, make_token, make_user

API = "/api/v1/policies"
HOME = "/policies"
REASON = "被保险人申请"


def _day(days: int) -> str:
    return (today() + timedelta(days)).isoformat()


def form(stage: Stage, number: str) -> dict[str, Any]:
    """A policy that starts today, on the product in the library."""
    return {
        "number": f"PYII-2026-{number}",
        "product": stage.numbers["in_library"],
        "insured_uscc": stage.values["policy.holder"],
        "start_on": _day(0),
        "end_on": _day(364),
        "sum_insured_fen": 1_000_000_000,
        "limit_fen": 1_000_000_000,
        "rate_ppm": 2000,
        "premium_fen": 2_000_000,
    }


def _typed(stage: Stage) -> dict[str, str]:
    """The same as an insurer types it."""
    made = form(stage, "typed")
    amounts = {"sum_insured_fen": "1000万元", "limit_fen": "1000万元", "premium_fen": "20,000.00"}
    return {**made, **amounts, "rate_ppm": "0.2"}


RECEIPT = {"received_on": _day(0), "payer_name": "示例投保人"}
ENDORSEMENT = {"kind": "return_premium", "effective_on": _day(9), "reason": REASON}
LOSS = {
    "reference": "LP-1",
    "loss_on": today().isoformat(),
    "paid_on": today().isoformat(),
    "paid_fen": 100,
    "payee_name": "示例投保人",
}
UNDO = {"effective_on": _day(9), "reason": REASON}
ANSWER = {"text": "保险金额已核对无误"}


def _on(name: str, who: str, json: Any = None, form: Any = None, **params: Any) -> Call:
    """A call on a policy that `prepare` made."""
    key = {"policy_id": lambda stage: stage.values[f"policy.{name}"]}
    return Call(who, json=json, form=form, params={**key, **params})


WRITES: dict[str, Call] = {
    f"POST {API}": Call("clerk", json=lambda stage: form(stage, "new")),
    f"POST {API}/{{policy_id}}/receipts": _on(
        "plain", "clerk", {**RECEIPT, "amount_fen": 1_500_000}
    ),
    f"POST {API}/{{policy_id}}/endorsements": _on(
        "plain", "clerk", {**ENDORSEMENT, "premium_change_fen": -100_000}
    ),
    f"POST {API}/{{policy_id}}/endorsements/{{number}}/undoing": _on(
        "endorsed", "clerk", UNDO, number=1
    ),
    f"POST {API}/{{policy_id}}/losses": _on("plain", "clerk", {**LOSS, "paid_fen": 1_000_000}),
    f"POST {API}/{{policy_id}}/confirmation": _on("plain", "holder"),
    f"POST {API}/{{policy_id}}/disputes": _on("plain", "holder", {"text": "金额登记错误"}),
    f"POST {API}/{{policy_id}}/dispute-answers": _on("disputed", "clerk", ANSWER),
    f"POST {HOME}/new": Call("clerk", form=_typed),
    f"POST {HOME}/{{policy_id}}/receipts": _on(
        "plain", "clerk", form={**RECEIPT, "amount_fen": "1.5万元", "source": "own"}
    ),
    f"POST {HOME}/{{policy_id}}/endorsements": _on(
        "plain", "clerk", form={**ENDORSEMENT, "premium_change_fen": "-1,000.00"}
    ),
    f"POST {HOME}/{{policy_id}}/endorsements/{{number}}/undoing": _on(
        "endorsed", "clerk", form=UNDO, number=1
    ),
    f"POST {HOME}/{{policy_id}}/losses": _on("plain", "clerk", form={**LOSS, "paid_fen": "1万元"}),
    f"POST {HOME}/{{policy_id}}/answer": _on("disputed", "clerk", form=ANSWER),
}
READS: dict[str, Call] = {
    f"GET {API}/{{policy_id}}": _on("endorsed", "clerk"),
    f"GET {HOME}/{{policy_id}}": _on("endorsed", "clerk"),
}


async def prepare(stage: Stage) -> None:
    """A holder and three policies: as recorded, endorsed once, disputed."""
    world = stage.world
    made = await make_organisation("示例投保科技有限公司", "enterprise", 701)
    user = await make_user(made[0], "holder", "enterprise")
    world.headers["holder"] = await make_token(user, "holder")
    stage.values["policy.holder"] = made[1]
    for name in ("plain", "endorsed", "disputed"):
        state = await world.post("clerk", "/policies", form(stage, name))
        stage.values[f"policy.{name}"] = state["id"]
    change = {**ENDORSEMENT, "premium_change_fen": -100_000}
    await world.post("clerk", f"/policies/{stage.values['policy.endorsed']}/endorsements", change)
    path = f"/policies/{stage.values['policy.disputed']}/disputes"
    await world.post("holder", path, {"text": "金额登记错误"})
