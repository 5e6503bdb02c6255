"""Premium of placements and its calculators."""

from __future__ import annotations

from typing import Any

from service.kernel.db import sql
from service.kernel.shares import WHOLE_UNITS
from tests.coinsurance.paying import recorded_elsewhere
from tests.contract.recipes import placements
from tests.contract.recipes.placements import LIMIT, day, line, risk
from tests.contract.stage import Call, Stage

WHAT_IF = "/api/v1/what-if"
MEMBERS: list[dict[str, Any]] = [
    {"member": "示例财险甲", "units": 50_000_000, "roles": ["lead", "issuer"]},
    {"member": "示例财险乙", "units": 30_000_000},
    {"member": "示例财险丙", "units": 20_000_000},
]
_SERIES = {
    "members": MEMBERS,
    "events": [{"amount_fen": 1_000_001, "on": "2026-02-02"}],
    "fees": {"lead_fee": {"rate_ppm": 15_000, "tax_ppm": 60_000}},
    "remittance": {"mode": "net", "days": 21, "calendar": "calendar"},
}
_ENDORSEMENT = {
    "premium_fen": 3_650_000,
    "start_on": "2026-01-01",
    "end_on": "2026-12-31",
    "effective_on": "2026-07-01",
    "received": {"own": 3_650_000},
    "members": MEMBERS,
}

API = "/api/v1/placements"
BALANCES = "/api/v1/pool-years/{number}/premium-balances"
SMALL = LIMIT // 100
PREMIUM = 2_000_000
STATES = ("paid", "elsewhere", "proposed", "consented", "issued", "agreed", "changed")
"""Placements that `prepare` makes, each in the state that some route needs."""
CHANGE = {"effective_on": day(25), "reason": "被保险人申请变更"}
RESOLUTION = {"resolution_number": "示例决〔2026〕12号"}


def receipt(amount_fen: int, reference: str) -> dict[str, Any]:
    """Premium of the insured's own money, received today."""
    return {
        "amount_fen": amount_fen,
        "received_on": day(0),
        "payer_name": "示例投保科技有限公司",
        "bank_reference": reference,
    }


def _on(name: str, who: str = "clerk", json: Any = None, **params: Any) -> Call:
    """A call on a placement that `prepare` made."""
    number = {"number": lambda stage: stage.values[f"premium.{name}"]}
    return Call(who, json=json, params=number | params)


def _shares(stage: Stage) -> dict[str, Any]:
    """The first follower takes over what the second carried."""
    usccs = (stage.world.usccs["insurer"], *stage.values["premium.followers"])
    units = (WHOLE_UNITS // 2, WHOLE_UNITS // 2, 0)
    return {
        "valid_from": day(90),
        "reason": "后续责任由其他成员承担",
        "shares": [
            {"uscc": uscc, "share_units": own} for uscc, own in zip(usccs, units, strict=True)
        ],
    }


def _schedule(name: str) -> Any:
    return lambda stage: stage.values[f"premium.schedule.{name}"]


WRITES: dict[str, Call] = {
    f"POST {WHAT_IF}/split": Call(
        "clerk", json={"total_fen": 100, "weights": [1, 1, 1], "history": [100]}
    ),
    f"POST {WHAT_IF}/premium": Call("clerk", json=_SERIES),
    f"POST {WHAT_IF}/endorsement": Call("clerk", json=_ENDORSEMENT),
    f"POST {WHAT_IF}/refund": Call(
        "clerk",
        json={"paid": {"own": 700_000, "EX-2026": 300_000}, "refund_fen": 1, "members": MEMBERS},
    ),
    f"POST {API}/{{number}}/receipts": _on("paid", json=receipt(500_000, "PR-NEW")),
    f"POST {API}/{{number}}/movements": _on("elsewhere", json={"note": "补录收款"}),
    f"POST {API}/{{number}}/receipts/{{movement}}/reversal": _on(
        "paid", json={"effective_on": day(0), "reason": "银行退票"}, movement=1
    ),
    f"POST {API}/{{number}}/endorsements": _on(
        "paid", json={"kind": "additional_premium", "premium_change_fen": 10_000, **CHANGE}
    ),
    f"POST {API}/{{number}}/endorsements/{{which}}/issue": _on(
        "consented", "manager", json={"note": "已核对"}, which=1
    ),
    f"POST {API}/{{number}}/endorsements/{{which}}/withdrawal": _on(
        "proposed", json={"note": "改期办理"}, which=1
    ),
    f"POST {API}/{{number}}/endorsements/{{which}}/undoing": _on(
        "issued", json={"effective_on": day(26), "reason": "批改有误"}, which=1
    ),
    f"POST {API}/{{number}}/share-schedules": _on("paid", json=_shares),
    f"POST {API}/{{number}}/share-schedules/{{schedule}}/effect": _on(
        "agreed", "approver", json=RESOLUTION, schedule=_schedule("agreed")
    ),
    f"POST {API}/{{number}}/share-changes": _on("changed"),
}
READS: dict[str, Call] = {
    f"GET {API}/{{number}}/parts": _on("paid"),
    f"GET {API}/{{number}}/premium-explanation": _on("paid"),
    f"GET {API}/{{number}}/endorsements": _on("issued"),
    f"GET {BALANCES}": Call(
        "clerk", params={"number": lambda stage: stage.values["placement.year"]}
    ),
}
NOTHING_WRITTEN = {
    f"POST {WHAT_IF}/{name}" for name in ("split", "premium", "endorsement", "refund")
}


async def prepare(stage: Stage) -> None:
    """Bound placements of the year of lines, whose premium came in but for one."""
    world, values = stage.world, stage.values
    rows = await sql(
        "SELECT o.uscc FROM pool_member m JOIN pool_year y ON y.id = m.pool_year"
        " JOIN organisation o ON o.id = m.organisation WHERE y.number = $1 AND m.position > 1"
        " ORDER BY m.position",
        values["placement.year"],
    )
    values["premium.followers"] = [row["uscc"] for row in rows]
    for n, name in enumerate(STATES):
        number = await _bound(stage, f"PYII-PAID-{n}")
        values[f"premium.{name}"] = number
        if name != "elsewhere":
            await world.post("clerk", f"/placements/{number}/receipts", receipt(300_001, f"PR-{n}"))
    elsewhere = receipt(400_000, "PR-ELSEWHERE")
    await recorded_elsewhere(world, values["premium.elsewhere"], elsewhere)
    await _endorsed(stage)
    await _reshared(stage)


async def _bound(stage: Stage, policy_number: str) -> str:
    world = stage.world
    section = {"code": "A", "title": "物质损失", "limit_fen": SMALL, "premium_fen": PREMIUM}
    form = risk(
        stage,
        sum_insured_fen=SMALL,
        premium_fen=PREMIUM,
        deductible_fen=0,
        sections=[section],
        values=[],
    )
    number = (await world.post("clerk", "/risks", form))["number"]
    await world.post("clerk", f"/risks/{number}/submission")
    await world.post("clerk", f"/risks/{number}/market", {"lines_until": day(15)})
    for who, share in (("clerk", "50%"), ("placer2", "30%"), ("placer3", "20%")):
        await world.post(who, f"/risks/{number}/lines", line(share))
    check = placements._check(stage)
    await world.post("clerk", f"/risks/{number}/character-checks", check)
    body = {"policy_number": policy_number, "consent_document": check["consent_document"]}
    made: str = (await world.post("manager", f"/risks/{number}/binding", body))["number"]
    return made


async def _endorsed(stage: Stage) -> None:
    """One endorsement put to the members, one that needs nobody's consent, one issued."""
    world = stage.world
    returned = {"kind": "return_premium", "premium_change_fen": -10_000, **CHANGE}
    by_law = {"kind": "cancel", "method": "pro_rata", "statutory": True, **CHANGE}
    for name, form in (("proposed", returned), ("consented", by_law), ("issued", returned)):
        path = f"/placements/{stage.values[f'premium.{name}']}/endorsements"
        made = await world.post("clerk", path, form)
        if name == "issued":
            await _agree(stage, made["consent"])
            await world.post("manager", f"{path}/1/issue")


async def _reshared(stage: Stage) -> None:
    """New shares that members agreed to, and others that took effect after premium came in."""
    for name in ("agreed", "changed"):
        path = f"/placements/{stage.values[f'premium.{name}']}/share-schedules"
        (made,) = await stage.world.post("clerk", path, _shares(stage))
        stage.values[f"premium.schedule.{name}"] = made["schedule"]
        await _agree(stage, made["consent"])
        if name == "changed":
            await stage.world.post("approver", f"{path}/{made['schedule']}/effect", RESOLUTION)


async def _agree(stage: Stage, request: str) -> None:
    """Every follower is served and consents."""
    path = f"/consent-requests/{request}"
    await stage.world.post("manager", f"{path}/service", {"how": "系统通知并电子邮件"})
    for who in ("placer2_manager", "placer3_manager"):
        await stage.world.post(who, f"{path}/answers", {"answer": "consented"})
