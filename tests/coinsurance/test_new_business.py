"""New business needs an open year, an active pool and members that stay; old shares run off."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql, sql_value
from tests.coinsurance.placing import (
    Year,
    binding,
    line,
    make_bound,
    make_checked,
    make_market,
    make_risk,
    make_submitted,
    make_zones,
    plant_year,
    refused,
    write_lines,
)
from tests.coinsurance.pooling import make_pool, on
from tests.coinsurance.test_binding import LINES, shares_of
from tests.factories import World, upload

SHARES = [40_000_000, 30_000_000, 20_000_000, 10_000_000]
START = "2026-12-15"


@pytest.fixture
async def lines_year(world: World) -> Year:
    """A year of lines with four members."""
    await make_zones(world)
    return await plant_year(world)


@pytest.fixture
async def shares_year(world: World) -> Year:
    """A year on a schedule of four members."""
    await make_zones(world)
    return await plant_year(world, "integrated-circuit", shares=SHARES)


async def stand(year: Year, login: str, status: str, left_on: str | None = None) -> None:
    """Put a member at a status, with the last day of a notice."""
    await sql(
        "UPDATE pool_member SET status = $2, left_on = $3::text::date"
        " WHERE organisation = $1 AND pool_year = $4",
        year.members[login],
        status,
        left_on,
        year.id,
    )


def blocking(answer: Any, code: str) -> Any:
    """The finding of that code, with its clause and remedy."""
    found = next(error for error in answer["errors"] if error["code"] == code)
    assert found["remedy_zh"] and found["source"]
    return found


@pytest.mark.parametrize(
    ("status", "left_on", "clause", "words"),
    [
        ("suspended", None, "第七条", "已暂停"),
        ("defaulted", None, "第八条第三款", "违约"),
        ("exited", "2026-11-01", "第八条第一款", "已退出（按原份额了结）"),
        ("active", START, "第八条第一款", "将于 2026-12-15 退出"),
        ("active", "2026-12-01", "第八条第一款", "将于 2026-12-01 退出"),
    ],
)
async def test_a_declaration_on_a_member_that_takes_no_business_is_refused_by_clause(
    world: World, shares_year: Year, status: str, left_on: str | None, clause: str, words: str
) -> None:
    number = await make_submitted(world, shares_year, method="schedule")
    check = await make_checked(world, number)
    await stand(shares_year, "m3", status, left_on)
    path = f"/risks/{number}/binding"
    found, answer = await refused(world, "manager", path, binding(check))
    assert found == ["bind.member_unfit"]
    told = blocking(answer, "bind.member_unfit")
    assert told["source"].endswith(clause) and words in told["message_zh"]
    assert "不得自动转由他人承担" in told["remedy_zh"]
    assert await sql_value("SELECT count(*) FROM placement") == 0
    assert await sql_value("SELECT sum(aggregate_used_fen) FROM pool_member") == 0


async def test_a_member_that_leaves_after_the_start_still_takes_the_risk(
    world: World, shares_year: Year
) -> None:
    number = await make_submitted(world, shares_year, method="schedule")
    check = await make_checked(world, number)
    await stand(shares_year, "m3", "active", "2026-12-16")
    state = await world.post("manager", f"/risks/{number}/binding", binding(check))
    assert await shares_of(state["number"]) == {"A": SHARES}


@pytest.mark.parametrize(("status", "left_on"), [("suspended", None), ("active", START)])
async def test_a_line_of_a_member_that_takes_no_business_does_not_count(
    world: World, lines_year: Year, status: str, left_on: str | None
) -> None:
    number = await make_market(world, lines_year)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    await stand(lines_year, "m3", status, left_on)
    path = f"/risks/{number}/binding"
    found, answer = await refused(world, "manager", path, binding(check))
    assert found == ["shares.undersubscribed", "bind.check_outdated"]
    warned = blocking(answer, "bind.line_left_out")
    assert warned["severity"] == "warning" and warned["params"]["member"]
    room = await world.get("clerk", f"/risks/{number}/signing")
    assert room["sections"][0]["left_out"] == [lines_year.usccs["m3"]]
    assert room["sections"][0]["missing_units"] == 20_000_000


async def test_others_may_carry_what_a_leaving_member_wrote(world: World, lines_year: Year) -> None:
    number = await make_market(world, lines_year)
    await write_lines(world, number, {"clerk": "60%", "m2": "40%", "m3": "20%"})
    await stand(lines_year, "m3", "active", START)
    check = await make_checked(world, number)
    state = await world.post("manager", f"/risks/{number}/binding", binding(check))
    assert await shares_of(state["number"]) == {"A": [60_000_000, 40_000_000]}
    assert [f["code"] for f in state["findings"]] == ["bind.line_left_out"]


async def test_a_leaving_member_is_offered_and_writes_no_line(
    world: World, lines_year: Year
) -> None:
    await stand(lines_year, "m3", "active", START)
    number = await make_market(world, lines_year)
    record = await world.get("clerk", f"/risks/{number}")
    assert lines_year.usccs["m3"] not in [x["organisation"]["uscc"] for x in record["lines"]]
    rooms = await world.get("clerk", f"/risks/{number}/capacity")
    assert lines_year.usccs["m3"] not in [room["organisation"]["uscc"] for room in rooms]
    found, answer = await refused(world, "m3", f"/risks/{number}/lines", line("9%"))
    assert found == ["line.member_leaving"]
    told = blocking(answer, "line.member_leaving")
    assert (told["params"]["left_on"], told["source"][-6:]) == (
        START,
        "第八条第一款",
    )
    paper = await upload(world, "clerk", "other", "line.pdf")
    form = line("9%", uscc=lines_year.usccs["m3"], evidence_document=paper)
    path = f"/risks/{number}/off-platform-lines"
    assert (await refused(world, "clerk", path, form))[0] == ["line.member_leaving"]
    what_if = line("9%", risk=number, uscc=lines_year.usccs["m3"])
    shown = await world.post("clerk", "/what-if/line", what_if)
    assert "line.member_leaving" in [f["code"] for f in shown["findings"]]


@pytest.mark.parametrize("status", ["closed_new", "run_off", "commuted"])
async def test_a_closed_year_takes_no_lines_and_binds_nothing(
    world: World, lines_year: Year, status: str
) -> None:
    bound = await make_bound(world, lines_year)
    number = await make_market(world, lines_year)
    await write_lines(world, number, {**LINES, "m4": "5%"})
    check = await make_checked(world, number)
    draft, submitted = (
        await make_risk(world, lines_year),
        await make_submitted(world, lines_year),
    )
    await sql("UPDATE pool_year SET status = $1", status)
    path = f"/risks/{number}"
    assert (await refused(world, "m4", f"{path}/lines", line("10%")))[0] == ["risk.year_not_open"]
    found, _ = await refused(world, "manager", f"{path}/binding", binding(check))
    assert "bind.year_not_open" in found
    assert (await refused(world, "clerk", f"/risks/{draft}/submission"))[0] == [
        "risk.year_not_open"
    ]
    form = {"lines_until": "2026-12-10"}
    assert (await refused(world, "clerk", f"/risks/{submitted}/market", form))[0] == [
        "risk.year_not_open"
    ]
    assert await shares_of(bound["number"]) == {"A": SHARES}, "what is bound runs off as it is"


@pytest.mark.parametrize("status", ["suspended", "run_off", "closed"])
async def test_a_pool_that_is_suspended_or_ends_binds_nothing(
    world: World, shares_year: Year, status: str
) -> None:
    number = await make_submitted(world, shares_year, method="schedule")
    check = await make_checked(world, number)
    draft = await make_risk(world, shares_year, method="schedule")
    await sql("UPDATE pool SET status = $1", status)
    found, answer = await refused(world, "manager", f"/risks/{number}/binding", binding(check))
    assert found == ["bind.pool_not_active"]
    assert answer["errors"][0]["remedy_zh"].startswith("请在共保体恢复运行后")
    assert (await refused(world, "clerk", f"/risks/{draft}/submission"))[0] == [
        "risk.pool_not_active"
    ]
    await sql("UPDATE pool SET status = 'active'")
    await world.post("manager", f"/risks/{number}/binding", binding(check))


async def test_a_year_gives_no_new_share_to_a_member_that_will_have_left(world: World) -> None:
    """Three members by schedule; notice of the second runs until 1 June."""
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    address = f"/pool-years/{pooled.year}/shares"

    def proposal(day: str, *units: int) -> dict[str, Any]:
        return {
            "reason": "调整",
            "valid_from": day,
            "shares": [
                {"uscc": pooled.usccs[m], "share_units": u}
                for m, u in zip(pooled.members, units, strict=True)
            ],
        }

    with on("2026-03-02"):
        leave = f"/pool-years/{pooled.year}/members/{pooled.usccs['m2']}/exit"
        state = await world.post("m2_manager", leave, {"note": "业务调整"})
        assert (state["status"], state["left_on"]) == ("active", "2026-06-01")
        late = proposal("2026-06-01", 50_000_000, 30_000_000, 20_000_000)
        found, answer = await refused(world, "officer", address, late)
        assert found == ["shares.member_not_active"]
        assert "届时为“已退出（按原份额了结）”" in answer["errors"][0]["message_zh"]
        early = proposal("2026-05-31", 60_000_000, 20_000_000, 20_000_000)
        await world.post("officer", address, early)
        after = proposal("2026-06-01", 70_000_000, 0, 30_000_000)
        await world.post("officer", address, after)


async def test_members_that_became_one_legal_person_are_no_two_co_insurers(
    world: World, lines_year: Year
) -> None:
    """Two insurers merge after they joined: the check fails, a passed one no longer fits."""
    number = await make_market(world, lines_year)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    assert check["passed"]
    await sql(
        "UPDATE organisation SET legal_root = $2 WHERE id = $1",
        lines_year.members["m3"],
        lines_year.usccs["m2"],
    )
    found, _ = await refused(world, "manager", f"/risks/{number}/binding", binding(check))
    assert "bind.check_outdated" in found and "policy.one_legal_person_twice" in found
    again = await make_checked(world, number)
    assert not again["passed"]
    wrong = [item["code"] for item in again["content"]["items"] if not item["passed"]]
    assert wrong == ["distinct_persons"]
