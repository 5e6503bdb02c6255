"""A pool made through the public routes, a risk outside its facility, consent, binding, verify."""

from __future__ import annotations

from service import verify
from tests.coinsurance.placing import Year, binding, consent, make_risk, make_zones, refused
from tests.coinsurance.pooling import answer_all, make_pool, on
from tests.factories import World, make_in_library

SUM = 210_000_000_000
"""2,100,000,000 yuan: above the facility of 2,000,000,000."""
ZONES = [{"zone": "P1-B1-C1", "at_risk_ppm": 1_000_000}]


async def test_a_referred_risk_binds_once_the_members_have_agreed(world: World) -> None:
    pooled = await make_pool(world, 3)
    with on("2026-01-05", 14):
        product = await make_in_library(world)
        await make_zones(world)
    year = Year(pooled.year, 0, product)
    section = {"code": "A", "title": "物质损失", "limit_fen": SUM, "premium_fen": 400_000_000}
    with on("2026-02-02"):
        number = await make_risk(
            world,
            year,
            method="schedule",
            start_on="2026-03-01",
            end_on="2027-02-28",
            sum_insured_fen=SUM,
            premium_fen=400_000_000,
            sections=[section],
            values=[],
            zones=ZONES,
            referral="重大科技攻关项目配套产线，客户要求整体承保",
        )
        await world.post("clerk", f"/risks/{number}/submission")
        record = await world.get("clerk", f"/risks/{number}")
        assert record["referral_consent"] == "open"
        check = await make_checked_on(world, number, "2026-02-01")
        path, form = f"/risks/{number}/binding", binding(check)
        assert (await refused(world, "manager", path, form))[0] == ["bind.referral_open"]
        await answer_all(pooled, record["referral_request"])
        state = await world.post("manager", path, form)
    placement = await world.get("auditor", f"/placements/{state['number']}")
    shares = placement["sections"][0]["schedules"][0]["shares"]
    assert sum(share["share_units"] for share in shares) == 100_000_000
    assert placement["cover_from"] == "2026-03-01"
    result = await verify.run()
    assert [finding.text() for finding in result.findings] == []


async def make_checked_on(world: World, number: str, day: str) -> dict[str, object]:
    """A check with the insured's consent of a day."""
    form = {
        "consent_document": await consent(world),
        "consented_on": day,
        "issued": "agreement_attached",
    }
    made: dict[str, object] = await world.post("clerk", f"/risks/{number}/character-checks", form)
    return made


async def test_refused_consent_keeps_the_risk_from_binding(world: World) -> None:
    pooled = await make_pool(world, 3)
    with on("2026-01-05", 14):
        product = await make_in_library(world)
        await make_zones(world)
    year = Year(pooled.year, 0, product)
    with on("2026-02-02"):
        number = await make_risk(
            world,
            year,
            method="schedule",
            business_class="责任险",
            start_on="2026-03-01",
            end_on="2027-02-28",
            referral="责任险不在自动承保范围",
        )
        await world.post("clerk", f"/risks/{number}/submission")
        record = await world.get("clerk", f"/risks/{number}")
        everybody = [login for login in pooled.members if login != "clerk"]
        await answer_all(pooled, record["referral_request"], refusing=everybody)
        record = await world.get("clerk", f"/risks/{number}")
        assert record["referral_consent"] == "refused"
        check = await make_checked_on(world, number, "2026-02-01")
        found, answer = await refused(world, "manager", f"/risks/{number}/binding", binding(check))
    assert found == ["bind.referral_open"]
    assert answer["errors"][0]["params"]["status"] == "refused"
