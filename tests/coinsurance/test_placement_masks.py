"""A follower never reads a peer's share, line, capacity or condition, on any of these routes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.kernel.db import sql
from tests.coinsurance.placing import (
    Year,
    line,
    make_bound,
    make_checked,
    make_market,
    make_zones,
    plant_year,
    write_lines,
)
from tests.factories import World

LINES: dict[str, Any] = {
    "clerk": "41%",
    "m2": line("31%", conditions="M2的条件"),
    "m3": line("21%", to_stand=True, amount_max_fen=98_765_432_100),
    "m4": "7%",
}
SECRETS = ("41000000", "31000000", "7000000", "M2的条件", "示例成员2", "示例成员4")
"""What m3 must never read: shares, conditions and capacity names of its peers."""


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members, and the zones of a park."""
    await make_zones(world)
    return await plant_year(world)


EXPORTS = ("pool-risks", "pool-placements", "pool-lines", "pool-shares", "pool-accumulation")


async def reads(world: World, who: str, paths: list[str]) -> dict[str, str]:
    """The answers of every path as text."""
    found = {}
    for path in paths:
        answer = await world.call(who, "GET", path)
        assert answer.status_code in (200, 403, 404), answer.text
        found[path] = answer.text
    return found


def risk_paths(number: str, check: str) -> list[str]:
    return [
        "/risks",
        f"/risks/{number}",
        f"/risks/{number}/signing",
        f"/risks/{number}/capacity",
        f"/risks/{number}/files",
        f"/risks/{number}/character-checks",
        f"/risks/{number}/character-checks/{check}",
        "/accumulation-zones",
        "/accumulation-zones/P1",
    ]


def assert_masked(answers: dict[str, str], usccs: list[str]) -> None:
    for path, text in answers.items():
        for secret in (*SECRETS, *usccs):
            assert secret not in text, (path, secret)


async def test_a_follower_reads_its_own_line_and_the_whole(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    paths = risk_paths(number, check["number"])
    answers = await reads(world, "m3", paths)
    assert_masked(answers, [year.usccs["m2"], year.usccs["m4"]])
    signing = json.loads(answers[f"/risks/{number}/signing"])["sections"][0]
    assert [x["uscc"] for x in signing["lines"]] == [year.usccs["m3"]]
    assert (signing["written_units"], signing["missing_units"]) == (100_000_000, 0)
    all_answers = await reads(world, "clerk", paths)
    assert "31000000" in all_answers[f"/risks/{number}"]
    firm = await world.get("firm", f"/risks/{number}")
    assert (firm["lines"], firm["sections"][0]["missing_units"]) == ([], 0)


async def test_a_follower_reads_its_own_share_of_a_placement(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, LINES)
    check = await make_checked(world, number)
    document = check["content"]["consent_document"]
    state = await world.post(
        "manager",
        f"/risks/{number}/binding",
        {"policy_number": "PYII-7", "consent_document": document, "conditions_accepted": True},
    )
    placement = state["number"]
    paths = [
        *risk_paths(number, check["number"]),
        "/placements",
        f"/placements/{placement}",
        f"/placements/{placement}/explanation",
        "/policies",
        f"/policies/{state['policy_id']}",
        *(f"/reports/{name}.json" for name in EXPORTS),
    ]
    answers = await reads(world, "m3", paths)
    assert_masked(answers, [year.usccs["m2"], year.usccs["m4"]])
    mine = json.loads(answers[f"/placements/{placement}"])
    shares = mine["sections"][0]["schedules"][0]
    assert (shares["members"], [s["share_units"] for s in shares["shares"]]) == (4, [21_000_000])
    assert mine["snapshot"] is None
    assert {e["organisation"]["uscc"] for e in mine["exposures"]} == {year.usccs["m3"]}
    listed = json.loads(answers["/placements"])["items"][0]
    assert listed["own_units"] == 21_000_000
    policy = json.loads(answers[f"/policies/{state['policy_id']}"])
    assert [s["share_units"] for s in policy["insurers"]] == [21_000_000]
    for who, seen in (("clerk", 4), ("firm", 4), ("officer", 4)):
        whole = await world.get(who, f"/policies/{state['policy_id']}")
        assert len(whole["insurers"]) == seen
    for who in ("rival", "rival_manager"):
        for path in (p for p in paths if number in p or placement in p):
            assert (await world.call(who, "GET", path)).status_code == 404, (who, path)


async def test_the_insured_reads_insurers_and_shares_without_fees(
    world: World, year: Year
) -> None:
    state = await make_bound(world, year)
    placement = await world.get("firm", f"/placements/{state['number']}")
    shares = placement["sections"][0]["schedules"][0]["shares"]
    assert [s["share_units"] for s in shares] == [40_000_000, 30_000_000, 20_000_000, 10_000_000]
    assert placement["snapshot"] is None and placement["exposures"] == []
    checks = await world.get("firm", f"/risks/{state['risk']}/character-checks")
    assert len(checks[0]["content"]["facts"]["insurers"]) == 4
    assert "lead_fee_ppm" not in json.dumps(checks)
    for path in (f"/placements/{state['number']}/explanation", f"/risks/{state['risk']}/signing"):
        assert (await world.call("firm", "GET", path)).status_code == 403
    other = await world.call("firm", "GET", "/placements?q=nothing")
    assert other.json()["items"] == []


async def test_what_a_line_would_change_is_masked_too(world: World, year: Year) -> None:
    number = await make_market(world, year)
    await write_lines(world, number, LINES)
    form = line("30%", risk=number)
    mine = await world.post("m3", "/what-if/line", form)
    text = json.dumps(mine, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in text]
    assert mine["after"]["written_units"] == 109_000_000
    assert mine["after"]["lines"][0]["signed_units"] == 27_522_936
    other = form | {"uscc": year.usccs["m2"]}
    assert (await world.call("m3", "POST", "/what-if/line", other)).status_code == 404
    assert (await world.call("rival", "POST", "/what-if/line", form)).status_code == 404
    seen = await world.post("clerk", "/what-if/line", other)
    assert len(seen["after"]["lines"]) == 4


async def test_a_member_that_left_reads_what_it_carries_and_nothing_new(
    world: World, year: Year
) -> None:
    state = await make_bound(world, year)
    fresh = await make_market(world, year)
    await sql(
        "UPDATE pool_member SET status = 'exited', left_on = '2026-11-27' WHERE organisation = $1",
        year.members["m2"],
    )
    assert (await world.call("m2", "GET", f"/placements/{state['number']}")).status_code == 200
    assert (await world.call("m2", "GET", f"/risks/{fresh}")).status_code == 404
    listed = [p["number"] for p in (await world.get("m2", "/placements"))["items"]]
    assert listed == [state["number"]]


async def test_looks_at_placements_are_kept(world: World, year: Year) -> None:
    state = await make_bound(world, year)
    await world.get("officer", f"/placements/{state['number']}")
    await world.get("auditor", f"/placements/{state['number']}/explanation")
    rows = await sql("SELECT what FROM pool_look WHERE subject = $1 ORDER BY id", state["number"])
    assert [row["what"] for row in rows] == ["record", "explanation"]


async def test_exports_hold_what_their_reader_may_see(world: World, year: Year) -> None:
    state = await make_bound(world, year)
    counted = {}
    for who in ("clerk", "m3", "auditor", "rival", "firm"):
        for name in EXPORTS:
            answer = await world.call(who, "GET", f"/reports/{name}.json")
            counted[who, name] = len(answer.json()["rows"]) if answer.status_code == 200 else None
    wanted = {
        "clerk": (1, 1, 4, 4, 3),
        "m3": (1, 1, 1, 1, 3),
        "auditor": (1, 1, 4, 4, 12),
        "rival": (0, 0, 0, 0, 0),
        "firm": (1, 1, None, None, None),
    }
    assert counted == {
        (who, name): n
        for who, numbers in wanted.items()
        for name, n in zip(EXPORTS, numbers, strict=True)
    }
    csv = await world.call("m3", "GET", f"/reports/pool-shares.csv?placement={state['number']}")
    assert "20%" in csv.text and "30%" not in csv.text
    looks = await sql("SELECT what, exported FROM pool_look WHERE exported ORDER BY id")
    assert {row["what"] for row in looks} == {"lines", "shares", "exposure"}
