"""Shares of a placement that change within its period: consent, forward only, moved by days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.kernel import ledger
from service.kernel.db import sql, sql_value
from service.kernel.shares import WHOLE_UNITS
from tests.coinsurance.cases import figure
from tests.coinsurance.paying import agree, endorse, make_placement, receipt
from tests.coinsurance.placing import Year, make_zones, plant_year
from tests.factories import World

PREMIUM = 200_000_000
DAY = "2027-06-15"
"""182 of the 365 days from 15 December 2026 lie before it, 183 from it on."""


@pytest.fixture
async def year(world: World) -> Year:
    made = await plant_year(world)
    await make_zones(world)
    return made


@pytest.fixture
async def paid(world: World, year: Year) -> str:
    number = await make_placement(world, year)
    for fen, source in ((PREMIUM // 2, "B1"), (PREMIUM // 2, "B2")):
        await world.post("clerk", f"/placements/{number}/receipts", receipt(fen, source))
    return number


def proposal(year: Year, **changes: Any) -> dict[str, Any]:
    """Member 3 leaves, member 2 takes its share."""
    shares = {"clerk": 40, "m2": 50, "m3": 0, "m4": 10}
    return {
        "valid_from": DAY,
        "shares": [
            {"uscc": year.usccs[login], "share_units": units * WHOLE_UNITS // 100}
            for login, units in shares.items()
        ],
        "reason": "成员三退出后续责任",
    } | changes


async def told(world: World, who: str, path: str, body: dict[str, Any], *codes: str) -> int:
    answer = await world.call(who, "POST", path, body)
    assert [error["code"] for error in answer.json()["errors"]] == list(codes), answer.text
    return answer.status_code


async def take_effect(world: World, year: Year, number: str, **changes: Any) -> str:
    """New shares in force; returns the number of the schedule."""
    path = f"/placements/{number}/share-schedules"
    (made,) = await world.post("clerk", path, proposal(year, **changes))
    await agree(world, year, made["consent"])
    body = {"resolution_number": "示例决〔2026〕9号"}
    done = await world.post("approver", f"{path}/{made['schedule']}/effect", body)
    assert done["status"] == "effective"
    schedule: str = made["schedule"]
    return schedule


async def held(number: str) -> dict[str, int]:
    rows = await sql(
        "SELECT o.uscc, sum(p.amount_fen)::bigint AS fen FROM premium_part p"
        " JOIN premium_movement v ON v.id = p.movement JOIN placement l ON l.id = v.placement"
        " JOIN organisation o ON o.id = p.organisation WHERE l.number = $1"
        " AND p.component = 'premium' GROUP BY 1",
        number,
    )
    return {row["uscc"]: row["fen"] for row in rows}


async def test_premium_moves_forward_by_days(world: World, year: Year, paid: str) -> None:
    schedule = await take_effect(world, year, paid)
    taken = await world.post("clerk", f"/placements/{paid}/share-changes", {"schedule": schedule})
    (moved,) = taken["movements"]
    assert (moved["kind"], moved["amount_fen"], moved["effective_on"]) == ("share_change", 0, DAY)
    shifted = round(PREMIUM * 20 * 183 / 365 / 100)
    found = await held(paid)
    assert found[year.usccs["m3"]] == 40_000_000 - shifted
    assert found[year.usccs["m2"]] == 60_000_000 + shifted
    assert figure(moved, "obligations.kind=share_adjustment.amount_fen") == [shifted, shifted]
    assert sum(figure(moved, "parts.component=lead_fee.amount_fen")) in (-1, 0, 1)
    rows = await ledger.balances(f"pool:{year.number}")
    assert sum(row.balance_fen for row in rows) == 0
    path = f"/placements/{paid}/share-changes"
    body = {"schedule": schedule}
    assert await told(world, "clerk", path, body, "premium.share_change_taken") == 409
    assert await told(world, "clerk", path, {}, "premium.no_share_change") == 422


async def test_a_receipt_takes_up_the_change_before_itself(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    await world.post("clerk", path, receipt(PREMIUM // 2, "B1"))
    await take_effect(world, year, number)
    taken = await world.post("clerk", path, receipt(PREMIUM // 2, "B2"))
    assert figure(taken, "movements.*.kind") == ["share_change", "receipt"]
    shifted = round(PREMIUM * 20 * 183 / 365 / 100)
    assert (await held(number))[year.usccs["m3"]] == 40_000_000 - shifted


async def test_premium_received_after_the_change_needs_no_adjustment(
    world: World, year: Year
) -> None:
    number = await make_placement(world, year)
    schedule = await take_effect(world, year, number)
    path = f"/placements/{number}/share-changes"
    code = "premium.no_share_change"
    assert await told(world, "clerk", path, {"schedule": schedule}, code) == 422
    taken = await world.post("clerk", f"/placements/{number}/receipts", receipt(PREMIUM, "B1"))
    assert figure(taken, "movements.*.kind") == ["receipt"]
    shifted = round(PREMIUM * 20 * 183 / 365 / 100)
    assert (await held(number))[year.usccs["m2"]] == 60_000_000 + shifted


async def test_a_cancellation_later_takes_nothing_from_who_left_before(
    world: World, year: Year, paid: str
) -> None:
    await take_effect(world, year, paid)
    await world.post("clerk", f"/placements/{paid}/share-changes", {})
    before = await held(paid)
    await endorse(world, year, paid, kind="cancel", method="pro_rata", effective_on="2027-09-15")
    after = await held(paid)
    assert after[year.usccs["m3"]] == before[year.usccs["m3"]]
    assert after[year.usccs["m2"]] < before[year.usccs["m2"]]


async def test_shares_change_forward_whole_and_among_members_only(
    world: World, year: Year, paid: str
) -> None:
    path = f"/placements/{paid}/share-schedules"
    code = "premium.share_day"
    for day in ("2026-11-27", "2026-12-15", "2027-12-15"):
        assert await told(world, "clerk", path, proposal(year, valid_from=day), code) == 422
    short = proposal(year)
    short["shares"][3]["share_units"] -= 1
    assert await told(world, "clerk", path, short, "shares.not_whole") == 422
    twice = proposal(year)
    twice["shares"][2] = {**twice["shares"][1], "share_units": 0}
    assert await told(world, "clerk", path, twice, "premium.member_twice") == 422
    stranger = proposal(year)
    stranger["shares"][2]["uscc"] = world.usccs["other_insurer"]
    assert await told(world, "clerk", path, stranger, "premium.not_a_member") == 422
    gone = proposal(year, section="Z")
    assert await told(world, "clerk", path, gone, "premium.no_section") == 422
    assert await told(world, "m2", path, proposal(year), "pool.role_missing") == 403
    assert await told(world, "rival", path, proposal(year), "not_found") == 404


async def test_a_member_that_leaves_takes_no_more_after_its_last_day(
    world: World, year: Year, paid: str
) -> None:
    path = f"/placements/{paid}/share-schedules"
    change = proposal(year)
    before = {"clerk": 40_000_000, "m2": 30_000_000, "m3": 20_000_000, "m4": 10_000_000}
    for item in change["shares"]:
        name = next(n for n, uscc in year.usccs.items() if uscc == item["uscc"])
        item["share_units"] = before[name] + {"m2": 1_000_000, "m3": -1_000_000}.get(name, 0)
    for leaving, status in (("m2", 422), ("m3", 201)):
        await sql("UPDATE pool_member SET left_on = NULL")
        await sql(
            "UPDATE pool_member SET left_on = '2026-12-01' WHERE organisation = $1",
            year.members[leaving],
        )
        answer = await world.call("clerk", "POST", path, change)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert [e["code"] for e in answer.json()["errors"]] == ["line.member_leaving"]


async def test_without_consent_nothing_takes_effect(world: World, year: Year, paid: str) -> None:
    path = f"/placements/{paid}/share-schedules"
    (made,) = await world.post("clerk", path, proposal(year))
    assert "第二十二条第二项" in made["clause"]
    effect = f"{path}/{made['schedule']}/effect"
    body = {"resolution_number": "示例决〔2026〕9号"}
    assert await told(world, "approver", effect, body, "workflow.step_not_allowed") == 422
    assert await told(world, "manager", effect, body, "auth.forbidden") == 403
    assert (
        await sql_value(
            "SELECT count(*) FROM share_schedule WHERE status = 'effective' AND valid_from = $1",
            date(2027, 6, 15),
        )
        == 0
    )


async def test_a_member_without_capacity_cannot_take_more(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    await sql(
        "UPDATE pool_member SET risk_capacity_fen = 30000000000, event_capacity_fen ="
        " 30000000000, aggregate_capacity_fen = 30000000000 WHERE organisation = $1",
        year.members["m2"],
    )
    path = f"/placements/{number}/share-schedules"
    (made,) = await world.post("clerk", path, proposal(year))
    await agree(world, year, made["consent"])
    body = {"resolution_number": "示例决〔2026〕9号"}
    answer = await world.call("approver", "POST", f"{path}/{made['schedule']}/effect", body)
    assert answer.status_code == 422
    assert all(e["code"].startswith("capacity.") for e in answer.json()["errors"]), answer.text
