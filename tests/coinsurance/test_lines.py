"""Lines: written, changed, declined, cut by consent, given on paper; capacity and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql
from tests.catalogue.subsidy_story import on
from tests.coinsurance.placing import (
    LIMIT,
    Year,
    line,
    make_bound,
    make_market,
    make_zones,
    plant_year,
    refused,
    write_lines,
)
from tests.factories import World, upload


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members, each able to carry a whole risk."""
    await make_zones(world)
    return await plant_year(world)


async def test_every_eligible_member_is_offered_every_section(world: World, year: Year) -> None:
    await sql(
        "UPDATE pool_member SET excluded_classes = '{企业财产险}' WHERE organisation = $1",
        year.members["m3"],
    )
    await sql(
        "UPDATE pool_member SET status = 'suspended' WHERE organisation = $1", year.members["m4"]
    )
    number = await make_market(world, year)
    record = await world.get("clerk", f"/risks/{number}")
    offered = [(x["organisation"]["uscc"], x["status"]) for x in record["lines"]]
    assert offered == [(year.usccs["clerk"], "offered"), (year.usccs["m2"], "offered")]
    path = f"/risks/{number}"
    assert (await refused(world, "m3", f"{path}/lines", line("9%")))[0] == ["line.class_excluded"]
    assert (await refused(world, "m4", f"{path}/lines", line("9%")))[0] == ["not_found"]
    paper = await upload(world, "clerk", "other", "line.pdf")
    form = line("9%", uscc=year.usccs["m4"], evidence_document=paper)
    found, _ = await refused(world, "clerk", f"{path}/off-platform-lines", form)
    assert found == ["line.member_not_active"]


async def test_a_line_tells_what_is_missing_and_is_changed_by_its_revision(
    world: World, year: Year
) -> None:
    number = await make_market(world, year)
    path = f"/risks/{number}/lines"
    state = await world.post("m2", path, line("30%", up_to_percent="40%"))
    assert (state["status"], state["written_units"]) == ("written", 30_000_000)
    assert state["missing_units"] == 60_000_000
    found, _ = await refused(world, "m2", path, line("20%"))
    assert found == ["line.written_already"]
    mine = f"{path}/{state['id']}"
    assert (await refused(world, "m2", mine, line("20%"), "PUT"))[1]["status"] == 428
    tag = {"If-Match": f'"r{state["revision"]}"'}
    answer = await world.call("m2", "PUT", mine, line("25.5%"), headers=tag)
    assert (answer.status_code, answer.json()["written_units"]) == (200, 25_500_000)
    assert answer.json()["missing_units"] == 74_500_000
    found, body = await refused(world, "m2", mine, line("20%"), "PUT", headers=tag)
    assert (found, body["status"]) == (["conflict.stale"], 412)
    peer = await refused(world, "m3", mine, line("20%"), "PUT", headers={"If-Match": "*"})
    assert peer[1]["status"] == 404


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({"written_percent": "0.3"}, ["shares.not_a_percentage"]),
        ({"written_percent": "12%", "written_units": 12_000_000}, ["line.share_twice"]),
        ({}, ["line.share_missing"]),
        ({"written_units": 0}, ["line.nothing_written"]),
        ({"written_percent": "0.4%"}, ["line.below_minimum"]),
        (
            {"written_percent": "20%", "up_to_percent": "10%"},
            ["line.up_to_below_written"],
        ),
        ({"written_percent": "20%", "valid_until": "2026-11-01"}, ["line.already_over"]),
        ({"written_percent": "20%", "section": "Z"}, ["form.not_a_choice"]),
    ],
)
async def test_a_line_that_says_nothing_clear_is_refused(
    form: dict[str, Any], wanted: list[str], world: World, year: Year
) -> None:
    number = await make_market(world, year)
    body = {"valid_until": "2026-12-31"} | form
    assert (await refused(world, "m2", f"/risks/{number}/lines", body))[0] == wanted


async def test_a_line_above_capacity_is_refused_with_what_is_left(world: World) -> None:
    """Risk 30 %, event 45 % in the zone (20 % of it used elsewhere), year 60 %."""
    await make_zones(world)
    parts = (LIMIT * 30 // 100, LIMIT * 45 // 100, LIMIT * 60 // 100)
    year = await plant_year(world, capacity_fen=parts)
    number = await make_market(world, year)
    path = f"/risks/{number}/lines"
    found, body = await refused(world, "m2", path, line("30.000001%"))
    assert found == ["line.above_risk"]
    told = body["errors"][0]["params"]
    assert (told["most_units"], told["left_fen"]) == (30_000_000, parts[0])
    await sql(
        "INSERT INTO zone_use (zone, organisation, used_fen, limit_fen) SELECT id, $1, $2, $3"
        " FROM accumulation_zone WHERE code = 'P1'",
        year.members["m2"],
        LIMIT * 20 // 100,
        parts[1],
    )
    found, body = await refused(world, "m2", path, line("26%"))
    assert found == ["line.above_event"]
    assert body["errors"][0]["params"]["zone"] == "P1"
    assert body["errors"][0]["params"]["most_units"] == 25_000_000
    await sql(
        "UPDATE pool_member SET aggregate_used_fen = $2 WHERE organisation = $1",
        year.members["m2"],
        LIMIT * 50 // 100,
    )
    found, body = await refused(world, "m2", path, line("25%"))
    assert found == ["line.above_aggregate"]
    assert body["errors"][0]["params"]["left_fen"] == LIMIT * 10 // 100
    rooms = await world.get("clerk", f"/risks/{number}/capacity")
    left = {r["organisation"]["uscc"]: (r["held_by"], r["most_units"]) for r in rooms}
    assert left[year.usccs["m2"]] == ("aggregate", 10_000_000)
    assert left[year.usccs["m3"]] == ("risk", 30_000_000)
    own = await world.get("m2", f"/risks/{number}/capacity")
    assert [r["organisation"]["uscc"] for r in own] == [year.usccs["m2"]]
    state = await world.post("m2", path, line("40%", amount_max_fen=LIMIT // 10))
    assert state["status"] == "written"


async def test_lines_on_two_sections_count_together(world: World) -> None:
    await make_zones(world)
    cap = LIMIT * 30 // 100
    year = await plant_year(world, capacity_fen=(cap, cap, cap))
    half = {"limit_fen": LIMIT // 2, "premium_fen": 100_000_000}
    sections = [{"code": c, "title": c, **half} for c in ("A", "B")]
    number = await make_market(world, year, sections=sections)
    path = f"/risks/{number}/lines"
    assert (await refused(world, "m2", path, line("40%")))[0] == ["form.not_a_choice"]
    await world.post("m2", path, line("40%", section="A"))
    found, body = await refused(world, "m2", path, line("21%", section="B"))
    assert found == ["line.above_risk"]
    assert body["errors"][0]["params"]["most_units"] == 20_000_000
    await world.post("m2", path, line("20%", section="B"))


async def test_declined_lines_come_back_and_market_days_hold(world: World, year: Year) -> None:
    number = await make_market(world, year)
    state = await world.post("m2", f"/risks/{number}/declinations", {"note": "累积已满"})
    assert state["status"] == "declined"
    assert (await world.post("m2", f"/risks/{number}/lines", line("5%")))["status"] == "written"
    taken = await world.post("m2", f"/risks/{number}/declinations", {})
    assert taken["status"] == "declined"
    with on("2026-12-11"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        found, _ = await refused(world, "m3", f"/risks/{number}/lines", line("5%"))
    assert found == ["line.market_closed"]


async def test_a_line_to_stand_is_cut_only_by_its_own_consent(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(
        world,
        number,
        {"clerk": "40%", "m2": line("60%", to_stand=True), "m3": "50%"},
    )
    path = f"/risks/{number}"
    before = (await world.get("clerk", f"{path}/signing"))["sections"][0]
    assert [x["signed_units"] for x in before["lines"]] == [17_777_778, 60_000_000, 22_222_222]
    found, _ = await refused(world, "m3", f"{path}/cut-consents")
    assert found == ["line.does_not_stand"]
    await world.post("m2", f"{path}/cut-consents", {"note": "同意同比例削减"})
    after = (await world.get("clerk", f"{path}/signing"))["sections"][0]
    assert [x["signed_units"] for x in after["lines"]] == [26_666_667, 40_000_000, 33_333_333]
    assert after["factor_numerator"] == "2" and after["factor_denominator"] == "3"
    await world.call(
        "m2",
        "PUT",
        f"{path}/lines/{(await own_line(world, 'm2', number))['id']}",
        line("55%", to_stand=True),
        headers={"If-Match": "*"},
    )
    assert (await own_line(world, "m2", number))["cut_consented"] is False


async def own_line(world: World, who: str, number: str) -> dict[str, Any]:
    """The one line that a follower sees of a risk."""
    lines = (await world.get(who, f"/risks/{number}"))["lines"]
    assert len(lines) == 1
    found: dict[str, Any] = lines[0]
    return found


async def test_a_line_on_paper_needs_its_paper(world: World, year: Year) -> None:
    number = await make_market(world, year)
    path = f"/risks/{number}/off-platform-lines"
    form = line("20%", uscc=year.usccs["m2"], evidence_document=10**9)
    assert (await refused(world, "clerk", path, form))[0] == ["line.evidence_missing"]
    paper = await upload(world, "clerk", "other", "line.pdf")
    form["evidence_document"] = paper
    assert (await refused(world, "m3", path, form))[1]["status"] == 403
    stranger = form | {"uscc": world.usccs["other_insurer"]}
    assert (await refused(world, "clerk", path, stranger))[0] == ["line.not_a_member"]
    state = await world.post("clerk", path, form)
    assert state["status"] == "written"
    mine = await own_line(world, "m2", number)
    assert (mine["off_platform"], mine["evidence_document"]) == (True, paper)
    await world.post("m2", f"/risks/{number}/declinations", {"note": "未曾出具"})
    assert (await own_line(world, "m2", number))["status"] == "declined"


async def test_no_lines_outside_the_market(world: World, year: Year) -> None:
    state = await make_bound(world, year)
    path = f"/risks/{state['risk']}/lines"
    assert (await refused(world, "m2", path, line("5%")))[0] == ["line.not_in_market"]


async def test_subjectivities_are_raised_met_and_waived(world: World, year: Year) -> None:
    number = await make_market(world, year)
    path = f"/risks/{number}/subjectivities"
    form = {"text": "十五日内完成喷淋系统整改并提交验收报告", "due_on": "2026-12-05"}
    raised = await world.post("m2", path, form | {"before_binding": True})
    assert (raised["number"], raised["status"], raised["overdue"]) == (1, "open", False)
    seen = (await world.get("m3", f"/risks/{number}"))["subjectivities"]
    assert (seen[0]["text"], seen[0]["raised_by"]) == (form["text"], None)
    past = form | {"before_binding": True, "due_on": "2026-11-01"}
    assert (await refused(world, "m2", path, past))[0] == ["subjectivity.due_in_past"]
    with on("2026-12-06"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        late = (await world.get("clerk", f"/risks/{number}"))["subjectivities"]
    assert late[0]["overdue"] is True
    note = {"note": "验收报告已归档"}
    assert (await refused(world, "m3", f"{path}/1/waiver", note))[1]["status"] == 403
    assert (await refused(world, "m2", f"{path}/1/fulfilment", note))[1]["status"] == 403
    met = await world.post("clerk", f"{path}/1/fulfilment", note)
    assert (met["status"], met["note"]) == ("met", note["note"])
    again, _ = await refused(world, "m2", f"{path}/1/waiver", note)
    assert again == ["workflow.step_not_allowed"]
    assert (await refused(world, "clerk", f"{path}/9/waiver", note))[1]["status"] == 404


async def test_less_event_capacity_holds_in_every_zone_at_once(world: World) -> None:
    """What the zone shows and what the database holds follow in the same transaction."""
    await make_zones(world)
    year = await plant_year(world)
    await make_bound(world, year)
    used = LIMIT * 30 // 100
    address = f"/pool-years/{year.number}/members/{year.usccs['m2']}/capacity"

    async def commit(event_fen: int) -> Any:
        form = {"risk_capacity_fen": used, "event_capacity_fen": event_fen}
        return await world.call(
            "m2_manager",
            "PUT",
            address,
            form | {"aggregate_capacity_fen": 4 * LIMIT},
            headers={"If-Match": "*"},
        )

    async def shown() -> tuple[int, int, int]:
        record = await world.get("m2", "/accumulation-zones/P1-B1")
        (own,) = record["uses"]
        return own["used_fen"], own["event_capacity_fen"], own["left_fen"]

    assert await shown() == (used, 2 * LIMIT, 2 * LIMIT - used)
    assert (await commit(used + 5)).status_code == 200
    assert await shown() == (used, used + 5, 5)
    kept = await sql(
        "SELECT DISTINCT used_fen, limit_fen FROM zone_use WHERE organisation = $1",
        year.members["m2"],
    )
    assert [tuple(row.values()) for row in kept] == [(used, used + 5)]
    low = await commit(used - 1)
    assert [e["code"] for e in low.json()["errors"]][-1] == "member.capacity_below_used"
    assert await shown() == (used, used + 5, 5)
    assert (await commit(LIMIT)).status_code == 200
    assert await shown() == (used, LIMIT, LIMIT - used)
