"""Binding: everything that stands against it at once, and everything it freezes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coinsurance.rules.character import content_hash
from service.kernel.db import sql, sql_value
from tests.catalogue.subsidy_story import on
from tests.coinsurance.placing import (
    LIMIT,
    Year,
    binding,
    consent,
    line,
    make_bound,
    make_checked,
    make_market,
    make_submitted,
    make_zones,
    plant_schedule,
    plant_year,
    refused,
    write_lines,
)
from tests.factories import World
from tests.test_statement_counts import statements

LINES = {"clerk": "40%", "m2": "30%", "m3": "20%", "m4": "10%"}


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members, and the zones of a park."""
    await make_zones(world)
    return await plant_year(world)


async def shares_of(placement: str) -> dict[str, list[int]]:
    """Units per section of a placement, in the order of members."""
    rows = await sql(
        "SELECT x.code, i.share_units FROM share_item i JOIN share_schedule s ON s.id = i.schedule"
        " JOIN risk_section x ON x.id = s.section JOIN placement l ON l.id = s.placement"
        " WHERE l.number = $1 AND s.status = 'effective' ORDER BY x.position, i.position",
        placement,
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row["share_units"])
    return found


async def test_a_bound_risk_freezes_shares_policy_and_exposure(world: World, year: Year) -> None:
    lines = {"clerk": "50%", "m2": "45%", "m3": line("20%", to_stand=True), "m4": "10%"}
    state = await make_bound(world, year, lines)
    assert (state["status"], state["findings"]) == ("bound", [])
    assert await shares_of(state["number"]) == {
        "A": [38_095_238, 34_285_714, 20_000_000, 7_619_048]
    }
    policy = await world.get("clerk", f"/policies/{state['policy_id']}")
    assert [s["share_units"] for s in policy["insurers"]] == [
        38_095_238,
        34_285_714,
        20_000_000,
        7_619_048,
    ]
    assert policy["insurers"][0]["uscc"] == year.usccs["clerk"]
    record = await world.get("clerk", f"/placements/{state['number']}")
    assert content_hash(record["snapshot"]) == state["snapshot_hash"]
    assert record["cover_from"] is None, "the agreement wants premium first"
    put = [(e["zone"], e["amount_fen"]) for e in record["exposures"]][:4]
    own = 38_095_238 * LIMIT // 10**8
    assert put == [(None, own), ("P1", own), ("P1-B1", own), ("P1-B1-C1", own)]
    zone = await world.get("auditor", "/accumulation-zones/P1")
    assert sum(use["used_fen"] for use in zone["uses"]) == LIMIT
    used = await sql("SELECT aggregate_used_fen FROM pool_member ORDER BY position")
    assert sum(row["aggregate_used_fen"] for row in used) == LIMIT
    risk = await world.get("clerk", f"/risks/{state['risk']}")
    assert (risk["status"], risk["placement"]) == ("placed", state["number"])
    assert {x["status"] for x in risk["lines"]} == {"signed"}


async def test_everything_that_stands_against_binding_is_told_at_once(
    world: World, year: Year
) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, {"m2": "30%", "m3": line("20%", conditions="免赔额加倍")})
    form = {"text": "完成查勘", "due_on": "2026-12-05", "before_binding": True}
    await world.post("m2", f"/risks/{number}/subjectivities", form)
    body = {"policy_number": "PYII-1", "consent_document": 1}
    path = f"/risks/{number}/binding"
    assert (await refused(world, "clerk", path, body))[1]["status"] == 403
    assert (await refused(world, "m2_manager", path, body))[1]["status"] == 403
    found, answer = await refused(world, "manager", path, body)
    assert found == [
        "shares.undersubscribed",
        "bind.no_check",
        "bind.subjectivities_open",
        "bind.conditions_open",
    ]
    told = answer["errors"][0]["params"]
    assert told == {"written_units": 50_000_000, "missing_units": 50_000_000}
    assert await sql_value("SELECT count(*) FROM policy") == 0


async def test_whoever_wrote_the_risk_does_not_bind_it(world: World, year: Year) -> None:
    from tests.coinsurance.placing import risk

    number = (await world.post("manager", "/risks", risk(world, year)))["number"]
    await world.post("clerk", f"/risks/{number}/submission")
    body = {"policy_number": "PYII-1", "consent_document": 1}
    found, answer = await refused(world, "manager", f"/risks/{number}/binding", body)
    assert (found, answer["status"]) == (["workflow.step_not_allowed"], 422) or answer[
        "code"
    ] == "auth.four_eyes"
    await world.post("clerk", f"/risks/{number}/market", {"lines_until": "2026-12-10"})
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    found, answer = await refused(world, "manager", f"/risks/{number}/binding", binding(check))
    assert (found, answer["status"]) == (["auth.four_eyes"], 403)


async def test_a_check_counts_only_for_the_risk_as_it_stands(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    assert (check["passed"], check["fits"]) == (True, True)
    tag = {"If-Match": "*"}
    lines = (await world.get("m2", f"/risks/{number}"))["lines"]
    mine = f"/risks/{number}/lines/{lines[0]['id']}"
    await world.call("m2", "PUT", mine, line("35%"), headers=tag)
    path = f"/risks/{number}/binding"
    assert (await refused(world, "manager", path, binding(check)))[0] == ["bind.check_outdated"]
    kept = await world.get("clerk", f"/risks/{number}/character-checks/{check['number']}")
    assert (kept["passed"], kept["fits"]) == (True, False)
    fresh = await make_checked(world, number)
    other = binding(fresh, consent_document=await consent(world))
    assert (await refused(world, "manager", path, other))[0] == ["bind.consent_differs"]
    assert (await world.post("manager", path, binding(fresh)))["status"] == "bound"


async def test_a_check_that_does_not_pass_is_kept_and_binds_nothing(
    world: World, year: Year
) -> None:
    await sql(
        "UPDATE organisation SET kind = 'reinsurer' WHERE id = $1", year.members["m2"]
    )
    number = await make_market(world, year)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    assert check["passed"] is False
    failed = [i["code"] for i in check["content"]["items"] if not i["passed"]]
    assert failed == ["direct_insurers"]
    found, _ = await refused(world, "manager", f"/risks/{number}/binding", binding(check))
    assert found == ["bind.check_failed", "policy.insurer_unfit"]
    assert len(await world.get("clerk", f"/risks/{number}/character-checks")) == 1


async def test_the_second_that_binds_learns_of_the_first(world: World, year: Year) -> None:
    state = await make_bound(world, year)
    body = {"policy_number": "PYII-2", "consent_document": 1}
    found, answer = await refused(world, "manager", f"/risks/{state['risk']}/binding", body)
    assert (found, answer["status"]) == (["bind.already_bound"], 409)
    assert answer["errors"][0]["params"]["placement"] == state["number"]


async def test_findings_of_the_policy_come_with_the_others(world: World, year: Year) -> None:
    number = await make_market(world, year, rate_ppm=900_000)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    day = {"due_on": "2026-12-15", "amount_fen": 1}
    form = binding(check, instalments=[day])
    found, answer = await refused(world, "manager", f"/risks/{number}/binding", form)
    assert found == ["policy.rate_outside_band", "policy.instalments_not_whole"]
    assert "011号" in answer["errors"][0]["message_zh"]
    assert await sql_value("SELECT count(*) FROM share_schedule") == 0


async def test_capacity_taken_meanwhile_stops_the_binding(world: World) -> None:
    """A line fitted when it was written; another placement has used the zone since."""
    await make_zones(world)
    half = (LIMIT // 2, LIMIT // 2, LIMIT)
    year = await plant_year(world, capacity_fen=half)
    numbers = [await make_market(world, year) for _ in range(2)]
    for number in numbers:
        await write_lines(world, number, LINES)
    checks = [await make_checked(world, number) for number in numbers]
    await world.post("manager", f"/risks/{numbers[0]}/binding", binding(checks[0]))
    path = f"/risks/{numbers[1]}/binding"
    found, answer = await refused(world, "manager", path, binding(checks[1]))
    assert set(found) == {"capacity.event"}
    told = [e["params"] for e in answer["errors"] if e["params"]["zone"] == "P1"]
    assert told[0]["left_fen"] == LIMIT // 10 and told[0]["wanted_fen"] == LIMIT * 4 // 10
    assert await sql_value("SELECT count(*) FROM placement") == 1


async def test_sections_have_their_own_participation(world: World, year: Year) -> None:
    """A: 80 % of the premium, B: 20 %; the policy's shares are weighted by it."""
    sections = [
        {"code": "A", "title": "物质损失", "limit_fen": LIMIT // 2, "premium_fen": 160_000_000},
        {"code": "B", "title": "营业中断", "limit_fen": LIMIT // 2, "premium_fen": 40_000_000},
    ]
    number = await make_market(world, year, sections=sections)
    for code, lines in (
        ("A", {"clerk": "60%", "m2": "40%"}),
        ("B", {"clerk": "20%", "m3": "80%"}),
    ):
        asked = {who: line(share, section=code) for who, share in lines.items()}
        await write_lines(world, number, asked)
    check = await make_checked(world, number)
    state = await world.post("manager", f"/risks/{number}/binding", binding(check))
    assert await shares_of(state["number"]) == {
        "A": [60_000_000, 40_000_000],
        "B": [20_000_000, 80_000_000],
    }
    policy = await world.get("clerk", f"/policies/{state['policy_id']}")
    assert [s["share_units"] for s in policy["insurers"]] == [52_000_000, 32_000_000, 16_000_000]


async def test_a_declaration_binds_on_the_schedule_of_its_day(world: World) -> None:
    await make_zones(world)
    year = await plant_year(
        world, "integrated-circuit", shares=[40_000_000, 30_000_000, 20_000_000, 10_000_000]
    )
    later = [25_000_000] * 4
    await plant_schedule(year, later, "2026-12-16")
    number = await make_submitted(world, year, method="schedule")
    check = await make_checked(world, number)
    state = await world.post("manager", f"/risks/{number}/binding", binding(check))
    assert await shares_of(state["number"]) == {
        "A": [40_000_000, 30_000_000, 20_000_000, 10_000_000]
    }
    why = await world.get("clerk", f"/placements/{state['number']}/explanation")
    assert [x["outcome"] for x in why["sections"][0]["lines"]] == ["schedule"] * 4
    await plant_schedule(year, later, "2026-12-14")
    again = await world.get("clerk", f"/placements/{state['number']}/explanation")
    assert again["sections"] == why["sections"]
    record = await world.get("clerk", f"/placements/{state['number']}")
    assert record["snapshot"]["year_schedule"] == f"SSY-{year.id}-2026-01-01"
    assert record["cover_from"] == "2026-12-15"


async def test_a_member_out_of_business_is_never_spread_over_the_others(world: World) -> None:
    await make_zones(world)
    shares = [40_000_000, 30_000_000, 20_000_000, 10_000_000]
    year = await plant_year(world, "integrated-circuit", shares=shares)
    await sql(
        "UPDATE pool_member SET status = 'defaulted' WHERE organisation = $1", year.members["m3"]
    )
    number = await make_submitted(world, year, method="schedule")
    check = await make_checked(world, number)
    found, answer = await refused(world, "manager", f"/risks/{number}/binding", binding(check))
    assert found == ["bind.member_unfit"]
    assert "不得自动转由他人承担" in answer["errors"][0]["remedy_zh"]


async def test_no_premium_no_cover_waits_and_a_past_start_is_pointed_out(world: World) -> None:
    """The new-energy agreement wants the first instalment before cover begins."""
    await make_zones(world)
    year = await plant_year(world, "new-energy")
    with on("2026-12-20"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        zones = [{"zone": "P1-B1", "at_risk_ppm": 1_000_000}]
        number = await make_submitted(
            world, year, method="lines", zones=zones, values=[]
        )
        form = {"lines_until": "2026-12-25"}
        await world.post("clerk", f"/risks/{number}/market", form)
        await write_lines(world, number, LINES)
        check = await make_checked(world, number)
        state = await world.post("manager", f"/risks/{number}/binding", binding(check))
        record = await world.get("clerk", f"/placements/{state['number']}")
    assert record["cover_from"] is None
    assert [f["code"] for f in state["findings"]] == ["bind.backdated"]


async def test_explanation_names_every_reason(world: World, year: Year) -> None:
    lines: dict[str, Any] = {
        "clerk": "40%",
        "m2": line("60%", to_stand=True),
        "m3": line("50%", amount_max_fen=LIMIT // 4),
        "m4": "13%",
    }
    state = await make_bound(world, year, lines)
    why = await world.get("auditor", f"/placements/{state['number']}/explanation")
    section = why["sections"][0]
    assert section["clause"].startswith("pool/biomedicine/")
    assert [x["outcome"] for x in section["lines"]] == ["cut", "stands", "cut", "cut"]
    assert [x["cap_units"] for x in section["lines"]] == [None, None, 25_000_000, None]
    assert [x["signed_units"] for x in section["lines"]] == [
        20_512_820,
        60_000_000,
        12_820_513,
        6_666_667,
    ]
    exact = [(x["exact_numerator"], x["exact_denominator"]) for x in section["lines"]]
    assert exact[0] == ("800000000", "39")
    assert [x["remainder_rank"] for x in section["lines"]] == [3, None, 1, 2]
    own = await world.get("m3", f"/placements/{state['number']}/explanation")
    assert [x["uscc"] for x in own["sections"][0]["lines"]] == [year.usccs["m3"]]


async def test_the_database_keeps_what_was_frozen(world: World, year: Year) -> None:
    import asyncpg

    from service.kernel.db import work

    state = await make_bound(world, year)
    for statement in (
        "UPDATE placement SET snapshot_hash = repeat('0', 64) WHERE number = $1",
        "UPDATE placement SET start_on = '2026-12-01' WHERE number = $1",
        "DELETE FROM share_item WHERE schedule IN (SELECT s.id FROM share_schedule s JOIN"
        " placement l ON l.id = s.placement WHERE l.number = $1)",
        "UPDATE character_check SET passed = NOT passed WHERE id = (SELECT character_check"
        " FROM placement WHERE number = $1)",
        "UPDATE zone_use SET used_fen = limit_fen + 1 WHERE $1 <> ''",
        "UPDATE pool_member SET aggregate_used_fen = aggregate_capacity_fen + 1 WHERE $1 <> ''",
    ):
        with pytest.raises(asyncpg.PostgresError):
            async with work():
                await sql(statement, state["number"])
    kept = await sql_value(
        "SELECT snapshot::text FROM placement WHERE number = $1", state["number"]
    )
    assert content_hash(json.loads(kept)) == state["snapshot_hash"]


@pytest.mark.parametrize("followers", [2, 17])
async def test_binding_costs_the_same_with_more_members(world: World, followers: int) -> None:
    await make_zones(world)
    year = await plant_year(world, followers=followers)
    number = await make_market(world, year)
    await write_lines(world, number, dict.fromkeys(year.members, "40%"))
    check = await make_checked(world, number)
    await world.get("manager", "/risks")
    async with statements() as seen:
        state = await world.post("manager", f"/risks/{number}/binding", binding(check))
    assert len(seen) <= 50, seen
    for who, path, most in (
        ("clerk", f"/risks/{number}", 15),
        ("clerk", f"/risks/{number}/signing", 7),
        ("clerk", f"/risks/{number}/capacity", 11),
        ("clerk", "/risks", 2),
        ("clerk", "/placements", 2),
        ("clerk", f"/placements/{state['number']}", 7),
        ("m2", f"/placements/{state['number']}/explanation", 10),
        ("m2", "/accumulation-zones/P1", 3),
    ):
        await world.get(who, path)
        async with statements() as seen:
            await world.get(who, path)
        assert len(seen) <= most, (path, len(seen))
