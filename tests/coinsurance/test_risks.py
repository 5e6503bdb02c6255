"""Zones and risks: who writes them, what is refused with clause and remedy, who sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.coinsurance.placing import (
    LIMIT,
    Year,
    make_market,
    make_risk,
    make_submitted,
    make_zones,
    plant_schedule,
    plant_year,
    refused,
    risk,
)
from tests.factories import World


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members, and the zones of a park."""
    await make_zones(world)
    return await plant_year(world)


async def test_zones_lie_in_each_other_and_are_registered_once(world: World) -> None:
    await make_zones(world)
    zone = await world.get("auditor", "/accumulation-zones/P1-B1-C1")
    assert zone["within"] == ["P1-B1", "P1"]
    park = await world.get("clerk", "/accumulation-zones/P1")
    assert (park["inner"], park["uses"]) == (["P1-B1"], [])
    form = {"code": "P1", "kind": "park", "name": "再来一个"}
    assert (await refused(world, "officer", "/accumulation-zones", form))[0] == ["zone.code_taken"]
    for wrong, code in (
        ({"code": "X", "kind": "building", "name": "楼"}, "zone.parent_missing"),
        ({"code": "X", "kind": "park", "name": "园", "parent": "P1"}, "zone.park_has_parent"),
        (
            {"code": "X", "kind": "building", "name": "楼", "parent": "P1-B1-C1"},
            "zone.parent_not_outer",
        ),
        ({"code": "X", "kind": "building", "name": "楼", "parent": "none"}, "risk.unknown_zone"),
    ):
        assert (await refused(world, "officer", "/accumulation-zones", wrong))[0] == [code]


async def test_zones_are_registered_by_officers_and_leads_only(world: World, year: Year) -> None:
    form = {"code": "Q1", "kind": "park", "name": "示例未来科技城"}
    assert (await refused(world, "m2", "/accumulation-zones", form))[0] == ["zone.keeper_only"]
    assert (await world.post("clerk", "/accumulation-zones", form))["code"] == "Q1"
    page = await world.get("clerk", "/accumulation-zones?kind=park&limit=1")
    rest = await world.get("clerk", f"/accumulation-zones?kind=park&cursor={page['next']}")
    assert [z["code"] for z in page["items"] + rest["items"]] == ["P1", "Q1"]
    inner = await world.get("clerk", "/accumulation-zones?parent=P1-B1")
    assert [z["code"] for z in inner["items"]] == ["P1-B1-C1", "P1-B1-C2"]
    assert (await refused(world, "clerk", "/accumulation-zones?kind=x", method="GET"))[0]


async def test_a_risk_is_drafted_changed_and_submitted(world: World, year: Year) -> None:
    number = await make_risk(world, year)
    record = await world.get("clerk", f"/risks/{number}")
    assert (record["status"], record["pool_year"]) == ("draft", "biomedicine-2026")
    assert record["sections"][0]["missing_units"] == 100_000_000
    assert [z["zone"] for z in record["zones"]] == ["P1", "P1-B1", "P1-B1-C1"]
    form = risk(world, year, title="示例晶圆厂一期")
    form.pop("pool_year")
    path = f"/risks/{number}"
    assert (await refused(world, "clerk", path, form, "PUT"))[1]["status"] == 428
    stale = {"If-Match": '"r7"'}
    assert (await refused(world, "clerk", path, form, "PUT", headers=stale))[1]["status"] == 412
    answer = await world.call("clerk", "PUT", path, form, headers={"If-Match": '"r1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"r2"')
    state = await world.post("clerk", f"{path}/submission")
    assert (state["status"], state["revision"], state["findings"]) == ("submitted", 3, [])
    again = await refused(world, "clerk", f"{path}/submission")
    assert again[0] == ["workflow.step_not_allowed"]


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"business_class": "宠物险"}, ["risk.class_not_accepted"]),
    ({"start_on": "2027-02-01", "end_on": "2028-01-31"}, ["risk.starts_outside_year"]),
    ({"premium_fen": 199_999_999}, ["risk.sections_premium"]),
    ({"zones": []}, ["risk.no_zone"]),
    ({"project_name": "示例攻关项目"}, ["risk.project_half"]),
    ({"deductible_fen": LIMIT}, ["risk.deductible_above_sum"]),
    (
        {"values": [{"item": "厂房", "value_fen": LIMIT - 1}]},
        ["risk.above_values"],
    ),
    ({"method": "schedule"}, ["risk.year_takes_lines"]),
    (
        {"zones": [{"zone": "P1", "at_risk_ppm": 10}, {"zone": "P1-B1", "at_risk_ppm": 20}]},
        ["capacity.zone_below_inner"],
    ),
    (
        {
            "sections": [
                {
                    "code": "A",
                    "title": "底层",
                    "kind": "layer",
                    "limit_fen": LIMIT // 2,
                    "premium_fen": 150_000_000,
                },
                {
                    "code": "B",
                    "title": "超赔层",
                    "kind": "layer",
                    "attachment_fen": LIMIT // 4,
                    "limit_fen": LIMIT // 2,
                    "premium_fen": 50_000_000,
                },
            ]
        },
        ["risk.layers_overlap"],
    ),
]


@pytest.mark.parametrize(("changes", "wanted"), BAD, ids=lambda case: str(case)[:40])
async def test_submission_is_refused_with_every_finding(
    changes: dict[str, Any], wanted: list[str], world: World, year: Year
) -> None:
    number = await make_risk(world, year, **changes)
    draft = await world.get("clerk", f"/risks/{number}")
    assert draft["status"] == "draft"
    found, body = await refused(world, "clerk", f"/risks/{number}/submission")
    assert found == wanted
    assert all(error["severity"] == "blocker" for error in body["errors"][: len(wanted)])


async def test_what_cannot_be_looked_up_is_refused_at_once(world: World, year: Year) -> None:
    form = risk(
        world,
        year,
        insured_uscc=world.usccs["insurer"],
        product="P-2000-000001",
        zones=[{"zone": "nowhere", "at_risk_ppm": 1}, {"zone": "nowhere", "at_risk_ppm": 1}],
    )
    found, _ = await refused(world, "clerk", "/risks", form)
    assert found == [
        "policy.insured_unfit",
        "policy.unknown_product",
        "risk.unknown_zone",
        "risk.unknown_zone",
        "risk.zone_twice",
    ]
    section = {"code": "A", "title": "责任", "limit_fen": 9, "aggregate_fen": 8, "premium_fen": 1}
    twice = risk(world, year, end_on="2026-12-15", sections=[section | {"attachment_fen": 1}] * 2)
    found, _ = await refused(world, "clerk", "/risks", twice)
    assert found == [
        "risk.ends_before_start",
        "risk.section_twice",
        *["risk.section_attaches", "risk.aggregate_below_limit"] * 2,
    ]


async def test_only_the_issuer_of_the_year_writes_risks(world: World, year: Year) -> None:
    form = risk(world, year)
    assert (await refused(world, "m2", "/risks", form))[1]["status"] == 403
    assert (await refused(world, "rival", "/risks", form))[1]["status"] == 404
    number = await make_submitted(world, year)
    for who, status in (("m2", 403), ("rival", 404)):
        path = f"/risks/{number}/market"
        body = {"lines_until": "2026-12-10"}
        assert (await refused(world, who, path, body))[1]["status"] == status


async def test_drafts_are_the_issuers_and_risks_the_members(world: World, year: Year) -> None:
    draft = await make_risk(world, year)
    shown = await make_submitted(world, year)
    for who, sees_draft, sees in (
        ("manager", True, True),
        ("officer", True, True),
        ("m2", False, True),
        ("rival", False, False),
        ("firm", False, True),
    ):
        for number, may in ((draft, sees_draft), (shown, sees)):
            answer = await world.call(who, "GET", f"/risks/{number}")
            assert answer.status_code == (200 if may else 404), (who, number)
        listed = {r["number"] for r in (await world.get(who, "/risks"))["items"]}
        assert listed == ({draft} if sees_draft else set()) | ({shown} if sees else set())


async def test_lists_are_filtered_searched_and_paged(world: World, year: Year) -> None:
    one = await make_submitted(
        world, year, title="示例光刻车间", project_name="示例专项", project_number="2026ZX01"
    )
    two = await make_market(world, year)
    for query, wanted in (
        ("q=光刻", [one]),
        ("q=2026ZX01", [one]),
        (f"q={two}", [two]),
        ("status=in_market", [two]),
        ("pool_year=biomedicine-2026", [two, one]),
        ("pool_year=other-2026", []),
        ("q=%25", []),
    ):
        page = await world.get("clerk", f"/risks?{query}")
        assert [r["number"] for r in page["items"]] == wanted, query
    first = await world.get("clerk", "/risks?limit=1")
    second = await world.get("clerk", f"/risks?limit=1&cursor={first['next']}")
    assert [first["items"][0]["number"], second["items"][0]["number"]] == [two, one]
    assert second["next"] is None
    assert (await refused(world, "clerk", "/risks?status=none", method="GET"))[0]


async def test_a_risk_is_taken_back_and_stays_so(world: World, year: Year) -> None:
    number = await make_market(world, year)
    note = {"note": "客户另行安排"}
    assert (await refused(world, "clerk", f"/risks/{number}/withdrawal", {}))[0]
    state = await world.post("clerk", f"/risks/{number}/withdrawal", note)
    assert state["status"] == "withdrawn"
    body = {"lines_until": "2026-12-10"}
    found, _ = await refused(world, "clerk", f"/risks/{number}/market", body)
    assert found == ["workflow.step_not_allowed"]


async def test_outside_the_facility_the_members_are_asked(world: World) -> None:
    """2,000,000,000 yuan and 366 days bind by themselves; one fen more needs consent."""
    await make_zones(world)
    big = (10**13, 10**13, 10**13)
    year = await plant_year(world, "integrated-circuit", capacity_fen=big)
    limit = 200_000_000_001
    changes = {
        "method": "schedule",
        "sum_insured_fen": limit,
        "values": [],
        "sections": [
            {"code": "A", "title": "物质损失", "limit_fen": limit, "premium_fen": 200_000_000}
        ],
    }
    number = await make_risk(world, year, **changes)
    found, _ = await refused(world, "clerk", f"/risks/{number}/submission")
    assert found == ["risk.no_schedule", "risk.above_facility", "risk.referral_missing"]
    await plant_schedule(year, [40_000_000, 30_000_000, 20_000_000, 10_000_000])
    reason = "重大科技攻关项目配套产线，客户要求整体承保"
    number = await make_risk(world, year, **changes, referral=reason)
    await world.post("clerk", f"/risks/{number}/submission")
    record = await world.get("clerk", f"/risks/{number}")
    assert (record["referral"], record["referral_consent"]) == (reason, "open")
    path = f"/risks/{number}/withdrawal"
    await world.post("clerk", path, {"note": "客户另行安排"})
    record = await world.get("clerk", f"/risks/{number}")
    assert record["referral_consent"] == "withdrawn"


async def test_each_look_of_committee_and_auditor_is_kept(world: World, year: Year) -> None:
    from service.kernel.db import sql_value

    number = await make_market(world, year)
    looks = "SELECT count(*) FROM pool_look WHERE subject = $1"
    for path in (f"/risks/{number}", f"/risks/{number}/signing", f"/risks/{number}/capacity"):
        before = await sql_value(looks, number)
        await world.get("officer", path)
        await world.get("auditor", path)
        await world.get("clerk", path)
        assert await sql_value(looks, number) == before + 2


async def test_a_risk_outside_what_was_filed_is_told_before_the_market(world: World) -> None:
    """Binding would refuse it, after every member had written its line."""
    await make_zones(world)
    year = await plant_year(world)
    state = await world.post("clerk", "/risks", risk(world, year, rate_ppm=900_000))
    assert ("policy.rate_outside_band", "warning") in [
        (f["code"], f["severity"]) for f in state["findings"]
    ]
    done = await world.post("clerk", f"/risks/{state['number']}/submission")
    told = next(f for f in done["findings"] if f["code"] == "policy.rate_outside_band")
    assert told["source"] and told["remedy_zh"]
    inside = await world.post("clerk", "/risks", risk(world, year))
    assert inside["findings"] == []
