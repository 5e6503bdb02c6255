"""Risks from draft to placement, their files, zones and calculators. The insured is `holder`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from service.kernel.calendar import today
from tests.coinsurance.placing import LIMIT, plant_year
from tests.contract.stage import Call, Stage
from tests.factories import PDF, upload

API = "/api/v1/risks"
PLACED = "/api/v1/placements"
ZONES = "/api/v1/accumulation-zones"
WHAT_IF = "/api/v1/what-if"
ANY = {"If-Match": "*"}
NOTE = {"note": "示例客户另行安排"}
START, END = 20, 384


def day(days: int) -> str:
    """A day counted from today."""
    return (today() + timedelta(days)).isoformat()


def risk(stage: Stage, **changes: Any) -> dict[str, Any]:
    """A risk of the pool year that starts in three weeks."""
    return {
        "pool_year": stage.values["placement.year"],
        "insured_uscc": stage.values["policy.holder"],
        "product": stage.numbers["in_library"],
        "title": "示例晶圆厂财产一切险",
        "business_class": "企业财产险",
        "site": "武汉东湖高新区示例路 1 号",
        "project_name": "示例高端芯片攻关项目",
        "project_number": "示例-2026-ZX01",
        "method": "lines",
        "start_on": day(START),
        "end_on": day(END),
        "rate_ppm": 2000,
        "sum_insured_fen": LIMIT,
        "premium_fen": 200_000_000,
        "deductible_fen": 50_000_000,
        "sections": [
            {"code": "A", "title": "物质损失", "limit_fen": LIMIT, "premium_fen": 200_000_000}
        ],
        "zones": [{"zone": "LZ-B1", "at_risk_ppm": 1_000_000}],
        "values": [{"item": "厂房与设备", "location": "一号楼", "value_fen": LIMIT}],
        "survey": {
            "surveyed_on": day(-30),
            "surveyor": "示例查勘机构",
            "facts": [{"name": "耐火等级", "value": "一级"}],
        },
    } | changes


def _changed(stage: Stage) -> dict[str, Any]:
    form = risk(stage, title="示例晶圆厂一期财产一切险")
    form.pop("pool_year")
    return form


def line(percent: str, **changes: Any) -> dict[str, Any]:
    """A line that holds for two months."""
    return {"written_percent": percent, "valid_until": day(60)} | changes


def _zone(code: str) -> dict[str, Any]:
    return {"code": code, "kind": "building", "name": "示例二号楼", "parent": "LZ"}


def _on(name: str, who: str = "clerk", json: Any = None, **more: Any) -> Call:
    """A call on a risk that `prepare` made."""
    params = {"number": lambda stage: stage.values[f"risk.{name}"], **more.pop("params", {})}
    return Call(who, json=json, params=params, **more)


def _value(name: str) -> Any:
    return lambda stage: stage.values[name]


def _off_platform(stage: Stage) -> dict[str, Any]:
    uscc, paper = stage.values["placement.follower"], stage.values["placement.paper"]
    return line("20%", uscc=uscc, evidence_document=paper)


def _check(stage: Stage) -> dict[str, Any]:
    return {
        "consent_document": stage.values["placement.consent"],
        "consented_on": day(-2),
        "issued": "agreement_attached",
    }


def _bind(stage: Stage, number: str = "PYII-PLACED-1") -> dict[str, Any]:
    return {
        "policy_number": number,
        "consent_document": stage.values["placement.consent"],
        "instalments": [{"due_on": day(START), "amount_fen": 200_000_000}],
    }


FILE = {"file": ("process.pdf", PDF + b"process", "application/pdf")}
GRANT = {"reader": "manager", "purpose": "核保查阅工艺风险", "from_on": day(0), "to_on": day(30)}
SUBJECTIVITY = {"text": "三十日内完成喷淋系统整改", "due_on": day(10), "before_binding": True}
INSURER: dict[str, Any] = {
    "contract": "PYII-1",
    "subject": "示例晶圆厂",
    "liability": "财产一切险",
    "start_on": "2026-04-01",
    "end_on": "2027-03-31",
    "sum_insured_fen": LIMIT,
}
_FILE = {"file_id": _value("placement.file")}

WRITES: dict[str, Call] = {
    f"POST {ZONES}": Call("clerk", json=_zone("LZ-B2")),
    f"POST {API}": Call("clerk", json=risk),
    f"PUT {API}/{{number}}": _on("draft", json=_changed, headers=ANY),
    f"POST {API}/{{number}}/submission": _on("draft"),
    f"POST {API}/{{number}}/market": _on("submitted", json={"lines_until": day(15)}),
    f"POST {API}/{{number}}/withdrawal": _on("submitted", json=NOTE),
    f"POST {API}/{{number}}/lines": _on("market", json=line("25%", up_to_percent="30%")),
    f"PUT {API}/{{number}}/lines/{{line_id}}": _on(
        "written", json=line("35%"), headers=ANY, params={"line_id": _value("placement.line")}
    ),
    f"POST {API}/{{number}}/off-platform-lines": _on("market", json=_off_platform),
    f"POST {API}/{{number}}/declinations": _on("market", json={"note": "累积已满"}),
    f"POST {API}/{{number}}/cut-consents": _on("written", json={"note": "同意同比例削减"}),
    f"POST {API}/{{number}}/subjectivities": _on("market", json=SUBJECTIVITY),
    f"POST {API}/{{number}}/subjectivities/{{serial}}/fulfilment": _on(
        "written", json={"note": "整改验收报告已归档"}, params={"serial": 1}
    ),
    f"POST {API}/{{number}}/subjectivities/{{serial}}/waiver": _on(
        "written", json={"note": "改由年度复查跟踪"}, params={"serial": 1}
    ),
    f"POST {API}/{{number}}/character-checks": _on("ready", json=_check),
    f"POST {API}/{{number}}/binding": _on("ready", "manager", json=_bind),
    f"POST {API}/{{number}}/files": _on(
        "market", form={"kind": "process", "confidential": "true"}, files=FILE
    ),
    f"POST {API}/{{number}}/files/{{file_id}}/grants": _on(
        "written", json={**GRANT, "reader": "placer2"}, params=_FILE
    ),
    f"POST {API}/{{number}}/files/{{file_id}}/grants/{{grant_id}}/revocation": _on(
        "written", params={**_FILE, "grant_id": _value("placement.grant")}
    ),
    f"POST {WHAT_IF}/signing": Call(
        "clerk",
        json={
            "limit_fen": LIMIT,
            "lines": [
                {"name": "示例财险甲", "written_percent": "60%", "to_stand": True},
                {"name": "示例财险乙", "written_percent": "50%"},
                {"name": "示例财险丙", "written_percent": "40%", "amount_max_fen": LIMIT // 5},
            ],
        },
    ),
    f"POST {WHAT_IF}/line": Call(
        "clerk", json=lambda stage: line("30%", risk=stage.values["risk.written"])
    ),
    f"POST {WHAT_IF}/capacity": Call(
        "clerk",
        json={
            "sections": [
                {"limit_fen": LIMIT, "shares": [{"name": "示例财险甲", "share_units": 10**8}]}
            ],
            "zones": [
                {"code": "P1", "kind": "park"},
                {"code": "B1", "kind": "building", "parent": "P1", "at_risk_ppm": 600_000},
            ],
            "members": [
                {
                    "name": "示例财险甲",
                    "risk_capacity_fen": LIMIT,
                    "event_capacity_fen": LIMIT,
                    "aggregate_capacity_fen": 2 * LIMIT,
                    "zones_used": [{"zone": "P1", "used_fen": LIMIT // 2}],
                }
            ],
        },
    ),
    f"POST {WHAT_IF}/character": Call(
        "clerk",
        json={
            "consent": True,
            "consented_on": "2026-03-20",
            "issued": "agreement_attached",
            "lead_fee_ppm": 15_000,
            "commission_ppm": 250_000,
            "distance_min_ppm": 100_000,
            "insurers": [
                {"name": "示例财险甲", "legal_root": "甲", "share_units": 60_000_000, **INSURER},
                {"name": "示例财险乙", "legal_root": "乙", "share_units": 40_000_000, **INSURER},
            ],
        },
    ),
}
READS: dict[str, Call] = {
    f"GET {ZONES}/{{code}}": Call("auditor", params={"code": "LZ"}),
    f"GET {API}/{{number}}": _on("written"),
    f"GET {API}/{{number}}/signing": _on("written"),
    f"GET {API}/{{number}}/capacity": _on("written"),
    f"GET {API}/{{number}}/character-checks": _on("ready"),
    f"GET {API}/{{number}}/character-checks/{{check}}": _on(
        "ready", params={"check": _value("placement.check")}
    ),
    f"GET {API}/{{number}}/files": _on("written"),
    f"GET {API}/{{number}}/files/{{file_id}}/content": _on("written", params=_FILE),
    f"GET {API}/{{number}}/files/{{file_id}}/views": _on("written", params=_FILE),
    f"GET {API}/{{number}}/files/{{file_id}}/grants": _on("written", params=_FILE),
    f"GET {PLACED}/{{number}}": Call("clerk", params={"number": _value("placement.bound")}),
    f"GET {PLACED}/{{number}}/explanation": Call(
        "clerk", params={"number": _value("placement.bound")}
    ),
}
NOTHING_WRITTEN = {
    f"POST {WHAT_IF}/{name}" for name in ("signing", "line", "capacity", "character")
}


async def prepare(stage: Stage) -> None:
    """A year of lines with two followers; risks as drafted, submitted, in the market, bound."""
    world, values = stage.world, stage.values
    year = await plant_year(
        world,
        followers=2,
        serial=640,
        prefix="placer",
        product=stage.numbers["in_library"],
        capacity_fen=(LIMIT, 4 * LIMIT, 8 * LIMIT),
        start_on=day(-100),
        end_on=day(200),
    )
    values["placement.year"] = year.number
    values["placement.follower"] = year.usccs["placer2"]
    values["placement.paper"] = await upload(world, "clerk", "other", "line.pdf")
    values["placement.consent"] = await upload(world, "clerk", "other", "consent.pdf")
    park = {"code": "LZ", "kind": "park", "name": "示例光谷园区"}
    await world.post("officer", "/accumulation-zones", park)
    await world.post("officer", "/accumulation-zones", _zone("LZ-B1"))
    for name in ("draft", "submitted", "market", "written", "ready", "bound"):
        number = (await world.post("clerk", "/risks", risk(stage)))["number"]
        values[f"risk.{name}"] = number
        if name == "draft":
            continue
        await world.post("clerk", f"/risks/{number}/submission")
        if name != "submitted":
            await world.post("clerk", f"/risks/{number}/market", {"lines_until": day(15)})
    await _written(stage)
    for name in ("ready", "bound"):
        await _ready(stage, values[f"risk.{name}"])
    bound = values["risk.bound"]
    form = _bind(stage, "PYII-PLACED-2")
    values["placement.bound"] = (await world.post("manager", f"/risks/{bound}/binding", form))[
        "number"
    ]


async def _written(stage: Stage) -> None:
    """A line of each member, a condition, and a confidential file that was granted."""
    world, number = stage.world, stage.values["risk.written"]
    path = f"/risks/{number}"
    made = await world.post("clerk", f"{path}/lines", line("40%", to_stand=True))
    stage.values["placement.line"] = made["id"]
    await world.post("placer2", f"{path}/lines", line("50%"))
    await world.post("clerk", f"{path}/subjectivities", SUBJECTIVITY)
    answer = await stage.client.post(
        f"/api/v1{path}/files",
        files=FILE,
        data={"kind": "process", "confidential": "true"},
        headers=world.headers["clerk"],
    )
    stage.values["placement.file"] = answer.json()["id"]
    grants = f"{path}/files/{answer.json()['id']}/grants"
    stage.values["placement.grant"] = (await world.post("clerk", grants, GRANT))["id"]


async def _ready(stage: Stage, number: str) -> None:
    world = stage.world
    for who, share in (("clerk", "50%"), ("placer2", "45%"), ("placer3", "25%")):
        await world.post(who, f"/risks/{number}/lines", line(share))
    check = await world.post("clerk", f"/risks/{number}/character-checks", _check(stage))
    if number == stage.values["risk.ready"]:
        stage.values["placement.check"] = check["number"]
