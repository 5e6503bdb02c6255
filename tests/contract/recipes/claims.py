"""Claims on a placement whose cover has begun, in every state their routes need.

The insured is `holder`; two followers of a year whose agreement has a backstop from the first fen.
"""

from __future__ import annotations

from typing import Any

from tests.coinsurance.placing import BOOKS, plant_year
from tests.contract.recipes.placements import LIMIT, day, line, risk
from tests.contract.stage import Call, Stage
from tests.factories import upload

API = "/api/v1/claims"
WHAT_IF = "/api/v1/what-if/claim"
YEARS = "/api/v1/pool-years"
REASON = {"reason": "资料齐全，按约定办理"}
BACKSTOP = """
[values.backstop]
value = [{ from_ppm = 0, pool_weight = 1, government_weight = 1 }]
source = "第十九条"
example = true

"""
GROSS = 60_000_000
"""600,000.00 yuan; the deductible of 500,000.00 leaves 100,000.00, within the authority."""
LARGE = 2_000_000_000


def _on(name: str, who: str = "clerk", json: Any = None, **more: Any) -> Call:
    """A call on a claim that `prepare` made."""
    params = {"number": lambda stage: stage.values[f"claim.{name}"], **more.pop("params", {})}
    return Call(who, json=json, params=params, **more)


def _value(name: str) -> Any:
    return lambda stage: stage.values[name]


def _loss(stage: Stage, **changes: Any) -> dict[str, Any]:
    return {
        "placement": stage.values["claim.placement"],
        "loss_on": day(0),
        "cause": "电气火灾",
        "place": "洁净室甲",
        "estimate_fen": 9_000_000,
    } | changes


def payment(reference: str, amount_fen: int = 10_000_000) -> dict[str, Any]:
    """A payment to the insured, whole unless told."""
    return {
        "amount_fen": amount_fen,
        "reference": reference,
        "beneficiary_name": "示例投保科技有限公司",
        "payee_name": "示例投保科技有限公司",
        "payee_account": "6222 0000 1111 2222",
    }


def _attendance(stage: Stage) -> list[dict[str, Any]]:
    usccs = (stage.world.usccs["insurer"], *stage.values["claim.followers"])
    return [{"uscc": uscc, "status": "attended", "person": "示例查勘员"} for uscc in usccs]


def _survey(stage: Stage) -> dict[str, Any]:
    return {
        "held_on": day(0),
        "place": "洁净室甲",
        "surveyor": "示例保险公估有限公司",
        "joint": True,
        "summary": "配电柜短路引燃电缆，过火面积三十平方米",
        "attendance": _attendance(stage),
    }


def _reinstatement(stage: Stage) -> dict[str, Any]:
    return {
        "placement": stage.values["claim.placement"],
        "section": "B",
        "amount_fen": 1_000_000,
        "effective_on": day(0),
        "reason": "出险后恢复累计限额",
    }


ASSESSMENT = {"losses": [{"section": "A", "gross_fen": GROSS}], "note": "按维修报价理算"}
FLAGS = {"flags": ["coverage_doubt"], "reason": "出险原因待查"}
EXPENSE = {"section": "A", "charge": "loss_adjuster", "amount_fen": 30_000, "reference": "INV-1"}
RECOVERY = {"section": "A", "gross_fen": 500_000, "cost_fen": 20_000, "reference": "REC-1"}
RESERVE = {"section": "A", "outstanding_fen": 7_000_000, "reason": "按公估初步意见"}
REOPENING = {"section": "A", "outstanding_fen": 1_000_000, "reason": "发现隐蔽损失"}
OVERRIDE = {
    "beneficiary_name": "示例投保科技有限公司",
    "amount_max_fen": 5_000_000,
    "reason": "第二期赔款，与赔款计划一致",
}
REVERSAL = {"reason": "收款账号有误，银行退汇"}
QUESTION = {
    "sections": [{"code": "PD", "limit_fen": 1_000_000_000}],
    "deductible": {"fixed_fen": 50_000_000},
    "losses": [{"gross_fen": 500_000_000}],
    "members": [
        {"member": "示例财险甲", "units": 50_000_000},
        {"member": "示例财险乙", "units": 30_000_000},
        {"member": "示例财险丙", "units": 20_000_000},
    ],
    "deadlines": {
        "agreed_on": "2025-09-26",
        "payment": {"days": 3},
        "reimbursement": {"days": 3},
    },
    "interest": [{"as_of": "2025-10-31", "rate_ppm": 43_500}],
}

WRITES: dict[str, Call] = {
    f"POST {API}": Call("clerk", json=_loss),
    f"POST {API}/{{number}}/registration": _on("notified", json={}),
    f"POST {API}/{{number}}/flags": _on("registered", json=FLAGS),
    f"POST {API}/{{number}}/notices": _on("registered", json={"kind": "survey"}),
    f"POST {API}/{{number}}/service": _on("registered", json={"how": "电子邮件并电话确认"}),
    f"POST {API}/{{number}}/acknowledgements": _on("registered", "claimer2", json={}),
    f"POST {API}/{{number}}/surveys": _on("registered", json=_survey),
    f"POST {API}/{{number}}/files": _on(
        "registered", json=lambda s: {"document": s.values["claim.paper"], "kind": "损失清单"}
    ),
    f"POST {API}/{{number}}/assessment": _on("surveyed", json=ASSESSMENT),
    f"POST {API}/{{number}}/consent": _on("assessed", "manager", json={"proposal": "agree"}),
    f"POST {API}/{{number}}/consent-withdrawal": _on("asked", "manager", json=REASON),
    f"POST {API}/{{number}}/agreement": _on("assessed", "manager", json={}),
    f"POST {API}/{{number}}/declination": _on("assessed", "manager", json=REASON),
    f"POST {API}/{{number}}/dispute": _on("agreed", "holder", json=REASON),
    f"POST {API}/{{number}}/reserves": _on("registered", json=RESERVE),
    f"POST {API}/{{number}}/reserves/{{movement}}/reversal": _on(
        "surveyed", json=REVERSAL, params={"movement": 1}
    ),
    f"POST {API}/{{number}}/payments": _on("agreed", json=payment("BK-NEW")),
    f"POST {API}/{{number}}/payments/{{movement}}/reversal": _on(
        "returned", json=REVERSAL, params={"movement": 2}
    ),
    f"POST {API}/{{number}}/payment-overrides": _on("agreed", "manager", json=OVERRIDE),
    f"POST {API}/{{number}}/expenses": _on("agreed", json=EXPENSE),
    f"POST {API}/{{number}}/expenses/{{movement}}/reversal": _on(
        "paid", json=REVERSAL, params={"movement": 3}
    ),
    f"POST {API}/{{number}}/recoveries": _on(
        "paid", json={**RECOVERY, "payer_name": "示例电气设备有限公司", "reference": "REC-2"}
    ),
    f"POST {API}/{{number}}/recoveries/{{movement}}/reversal": _on(
        "paid", json=REVERSAL, params={"movement": 4}
    ),
    f"POST {API}/{{number}}/cash-calls": _on(
        "large", json={"section": "A", "amount_fen": 1_000_000_000, "note": "付款前预收"}
    ),
    f"POST {API}/{{number}}/cash-calls/{{call}}/release": _on(
        "called", json=REASON, params={"call": _value("claim.call")}
    ),
    f"POST {API}/{{number}}/closing": _on("paid", "manager", json=REASON),
    f"POST {API}/{{number}}/reopening": _on("closed", "manager", json=REOPENING),
    "POST /api/v1/large-losses/{number}/reading": _on("large", "officer"),
    "POST /api/v1/reinstatements": Call("manager", json=_reinstatement),
    f"POST {YEARS}/{{number}}/backstop-calls": Call(
        "manager",
        json=lambda s: {"government_uscc": s.world.usccs["committee"]},
        params={"number": _value("claim.backed")},
    ),
    f"POST {YEARS}/{{number}}/backstop-receipts": Call(
        "clerk",
        json={"amount_fen": 1_000, "reference": "GOV-1"},
        params={"number": _value("claim.backed")},
    ),
    f"POST {WHAT_IF}": Call("clerk", json=QUESTION),
}
READS: dict[str, Call] = {
    f"GET {API}/{{number}}": _on("paid"),
    f"GET {API}/{{number}}/explanation": _on("paid"),
    f"GET {API}/{{number}}/files/{{document_id}}": _on(
        "paid", params={"document_id": _value("claim.paid.file")}
    ),
    f"GET {YEARS}/{{number}}/backstop": Call("clerk", params={"number": _value("claim.backed")}),
}
NOTHING_WRITTEN = {f"POST {WHAT_IF}"}


async def prepare(stage: Stage) -> None:
    """A placement in force with two sections, and claims on it from notified to closed."""
    await _placement(stage)
    stage.values["claim.paper"] = await upload(stage.world, "clerk", "other", "list.pdf")
    for name in ("notified", "registered", "surveyed", "assessed", "asked", "agreed"):
        await _claim(stage, name, GROSS)
    await _claim(stage, "interrupted", GROSS, section="B")
    for name in ("returned", "paid"):
        await _claim(stage, name, GROSS)
    for name in ("large", "called"):
        await _claim(stage, name, LARGE)
    government = {"government_uscc": stage.world.usccs["committee"]}
    path = f"/pool-years/{stage.values['claim.backed']}/backstop-calls"
    await stage.world.post("manager", path, government)
    await _claim(stage, "closed", GROSS)


async def _placement(stage: Stage) -> None:
    world, values = stage.world, stage.values
    text = (BOOKS / "integrated-circuit.toml").read_text("utf-8")
    year = await plant_year(
        world,
        "claims-example",
        text=text.replace("[values.interest]", f"{BACKSTOP}[values.interest]"),
        followers=2,
        serial=660,
        prefix="claimer",
        product=stage.numbers["in_library"],
        capacity_fen=(LIMIT, 4 * LIMIT, 8 * LIMIT),
        start_on=day(-100),
        end_on=day(200),
    )
    values["claim.backed"] = year.number
    sections = [
        {"code": "A", "title": "物质损失", "limit_fen": LIMIT // 2, "premium_fen": 150_000_000},
        {
            "code": "B",
            "title": "营业中断",
            "limit_fen": LIMIT // 2,
            "aggregate_fen": LIMIT // 2,
            "premium_fen": 50_000_000,
        },
    ]
    form = risk(
        stage, pool_year=year.number, start_on=day(0), end_on=day(364), sections=sections
    )
    number = (await world.post("clerk", "/risks", form))["number"]
    await world.post("clerk", f"/risks/{number}/submission")
    await world.post("clerk", f"/risks/{number}/market", {"lines_until": day(15)})
    for who, share in (("clerk", "50%"), ("claimer2", "30%"), ("claimer3", "20%")):
        for section in ("A", "B"):
            await world.post(who, f"/risks/{number}/lines", line(share, section=section))
    check = {
        "consent_document": values["placement.consent"],
        "consented_on": day(-2),
        "issued": "agreement_attached",
    }
    await world.post("clerk", f"/risks/{number}/character-checks", check)
    binding = {
        "policy_number": "PYII-CLAIMS-1",
        "consent_document": values["placement.consent"],
        "instalments": [{"due_on": day(0), "amount_fen": 200_000_000}],
    }
    placed = await world.post("manager", f"/risks/{number}/binding", binding)
    values["claim.placement"] = placed["number"]


async def _claim(stage: Stage, name: str, gross_fen: int, section: str = "A") -> None:
    """A claim that stops where its name says."""
    world = stage.world
    form = _loss(stage, estimate_fen=gross_fen, event=f"EV-{name}")
    number = (await world.post("clerk", "/claims", form))["number"]
    stage.values[f"claim.{name}"] = number
    if name == "notified":
        return
    path = f"/claims/{number}"
    await world.post("clerk", f"{path}/registration", {})
    await world.post("clerk", f"{path}/notices", {"text": "请知悉出险情况"})
    if name == "registered":
        return
    stage.values["claim.followers"] = await _followers(stage, number)
    await world.post("clerk", f"{path}/service", {"how": "电子邮件"})
    await world.post("clerk", f"{path}/reserves", RESERVE)
    await world.post("clerk", f"{path}/surveys", _survey(stage))
    if name == "surveyed":
        return
    losses = {"losses": [{"section": section, "gross_fen": gross_fen}]}
    await world.post("clerk", f"{path}/assessment", losses)
    if name == "assessed":
        return
    if name in ("asked", "large", "called"):
        await _ask(stage, number, answered=name != "asked")
    if name == "asked":
        return
    await world.post("manager", f"{path}/agreement", {})
    override = {**OVERRIDE, "amount_max_fen": 10**9}
    await world.post("manager", f"{path}/payment-overrides", override)
    if name == "called":
        call = {"section": "A", "amount_fen": 1_000_000_000}
        await world.post("clerk", f"{path}/cash-calls", call)
        record = await world.get("clerk", path)
        stage.values["claim.call"] = record["cash_calls"][0]["number"]
    if name in ("returned", "paid", "closed"):
        await world.post("clerk", f"{path}/payments", payment(f"BK-{name}"))
    if name in ("paid", "closed"):
        await _after_payment(stage, number, name)


async def _followers(stage: Stage, number: str) -> list[str]:
    record = await stage.world.get("clerk", f"/claims/{number}")
    return [notice["uscc"] for notice in record["notices"]]


async def _ask(stage: Stage, number: str, *, answered: bool) -> None:
    """Ask the members; where wanted, two of three consent, which is enough by weight."""
    world = stage.world
    state = await world.post("manager", f"/claims/{number}/consent", {"proposal": "agree"})
    request = f"/consent-requests/{state['consent_request']}"
    await world.post("manager", f"{request}/service", {"how": "电子邮件"})
    if answered:
        answer = {"answer": "consented"}
        await world.post("claimer2_manager", f"{request}/answers", answer)


async def _after_payment(stage: Stage, number: str, name: str) -> None:
    """An expense, a recovery, a document; closed where the name says."""
    world, path = stage.world, f"/claims/{number}"
    expense = await world.post("clerk", f"{path}/expenses", {**EXPENSE, "reference": f"I-{name}"})
    recovery = {**RECOVERY, "payer_name": "示例电气设备有限公司", "reference": f"R-{name}"}
    await world.post("clerk", f"{path}/recoveries", recovery)
    paper = await upload(world, "clerk", "other", f"{name}.pdf")
    await world.post("clerk", f"{path}/files", {"document": paper, "kind": "理算报告"})
    stage.values[f"claim.{name}.file"] = paper
    assert expense["expense_fen"] == EXPENSE["amount_fen"]
    if name == "closed":
        await world.post("manager", f"{path}/closing", REASON)

