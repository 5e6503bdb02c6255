"""Endorsements of placements: consent, four eyes, refunds by source, mirror, reinstatement."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel import ledger
from service.kernel.db import sql, sql_value
from tests.coinsurance.cases import figure
from tests.coinsurance.paying import agree, endorse, make_placement, receipt, undo
from tests.coinsurance.placing import Year, make_zones, plant_year
from tests.factories import World

PREMIUM = 200_000_000


@pytest.fixture
async def year(world: World) -> Year:
    made = await plant_year(world)
    await make_zones(world)
    return made


@pytest.fixture
async def paid(world: World, year: Year) -> str:
    """A placement whose premium was received in two instalments."""
    number = await make_placement(world, year)
    for fen, reference in ((PREMIUM - 33, "B1"), (33, "B2")):
        await world.post("clerk", f"/placements/{number}/receipts", receipt(fen, reference))
    return number


async def told(world: World, who: str, path: str, body: dict[str, Any], *codes: str) -> int:
    answer = await world.call(who, "POST", path, body)
    assert [error["code"] for error in answer.json()["errors"]] == list(codes), answer.text
    return answer.status_code


async def held(number: str) -> dict[str, int]:
    """Premium by member, and by member and source."""
    rows = await sql(
        "SELECT o.uscc || ':' || v.source AS key, sum(p.amount_fen)::bigint AS fen"
        " FROM premium_part p JOIN premium_movement v ON v.id = p.movement"
        " JOIN placement l ON l.id = v.placement JOIN organisation o ON o.id = p.organisation"
        " WHERE l.number = $1 AND p.component = 'premium' GROUP BY 1",
        number,
    )
    return {row["key"]: row["fen"] for row in rows}


async def balances(year: Year) -> dict[str, int]:
    rows = await ledger.balances(f"pool:{year.number}")
    return {row.account: row.balance_fen for row in rows if row.balance_fen}


async def test_it_waits_for_the_members_and_for_another_person(
    world: World, year: Year, paid: str
) -> None:
    path = f"/placements/{paid}/endorsements"
    body = {
        "kind": "return_premium",
        "effective_on": "2026-12-15",
        "premium_change_fen": -10_000_001,
        "reason": "减保",
    }
    made = await world.post("manager", path, body)
    assert (made["status"], made["number"]) == ("proposed", 1)
    assert "第二十二条第五项" in made["clause"]
    issue = f"{path}/1/issue"
    assert await told(world, "manager", issue, {}, "workflow.step_not_allowed") == 422
    assert await told(world, "clerk", path, body, "premium.endorsement_open") == 422
    await agree(world, year, made["consent"])
    assert await told(world, "manager", issue, {}, "auth.four_eyes") == 403
    assert await told(world, "clerk", issue, {}, "auth.forbidden") == 403
    assert await sql_value("SELECT count(*) FROM endorsement") == 0


async def test_a_partial_return_follows_the_series(world: World, year: Year, paid: str) -> None:
    done = await endorse(world, year, paid, kind="return_premium", premium_change_fen=-10_000_001)
    assert done["status"] == "issued"
    (moved,) = done["taken"]["movements"]
    assert (moved["kind"], moved["amount_fen"]) == ("receipt", -10_000_001)
    after = figure(moved, "parts.component=premium.to_date_fen")
    assert after == [75_999_999, 57_000_000, 38_000_000, 19_000_000]
    assert figure(moved, "obligations.kind=premium_return.debtor") == [
        year.usccs[m] for m in ("m2", "m3", "m4")
    ]
    assert sum((await balances(year)).values()) == 0


async def test_everything_back_leaves_every_member_and_source_at_zero(
    world: World, year: Year, paid: str
) -> None:
    policy = await sql_value("SELECT policy FROM placement WHERE number = $1", paid)
    done = await endorse(world, year, paid, kind="cancel", method="ab_initio")
    assert done["premium_change_fen"] == -PREMIUM
    assert set((await held(paid)).values()) == {0}
    assert await balances(year) == {}
    record = await world.get("clerk", f"/policies/{policy}")
    assert (record["status"], record["received_fen"]) == ("cancelled", 0)
    placement = await world.get("clerk", f"/placements/{paid}")
    assert placement["status"] == "cancelled"
    used = await sql("SELECT aggregate_used_fen FROM pool_member WHERE pool_year = $1", year.id)
    assert {row["aggregate_used_fen"] for row in used} == {0}


async def test_a_reinstatement_mirrors_the_cancellation(
    world: World, year: Year, paid: str
) -> None:
    before, book = await held(paid), await balances(year)
    await endorse(world, year, paid, kind="cancel", method="pro_rata", effective_on="2027-03-01")
    assert await held(paid) != before
    back = await undo(world, year, paid, 1, "2027-03-01")
    assert (back["kind"], back["taken"]["movements"][0]["kind"]) == ("reinstate", "reversal")
    assert (await held(paid), await balances(year)) == (before, book)
    placement = await world.get("clerk", f"/placements/{paid}")
    assert placement["status"] == "bound"
    used = await sql_value("SELECT sum(aggregate_used_fen) FROM pool_member")
    assert used == 100_000_000_000
    again = {"effective_on": "2027-03-02", "reason": "再撤"}
    path = f"/placements/{paid}/endorsements"
    code = "endorsement.undone_before"
    assert await told(world, "clerk", f"{path}/1/undoing", again, code) == 409
    assert await told(world, "clerk", f"{path}/2/undoing", again, "endorsement.is_an_undo") == 409


async def test_days_are_counted_with_first_and_last(world: World, year: Year, paid: str) -> None:
    body = {"kind": "cancel", "method": "pro_rata", "effective_on": "2027-03-01", "reason": "x"}
    made = await world.post("clerk", f"/placements/{paid}/endorsements", body)
    left = 31 + 30 + 31 + 30 + 31 + 31 + 30 + 31 + 30 + 14
    assert made["premium_change_fen"] == -round(PREMIUM * left / 365)


async def test_what_cannot_be_is_refused_with_clause_values_and_remedy(
    world: World, year: Year, paid: str
) -> None:
    path = f"/placements/{paid}/endorsements"
    early = {
        "kind": "return_premium",
        "effective_on": "2026-12-14",
        "premium_change_fen": -1,
        "reason": "x",
    }
    answer = await world.call("clerk", "POST", path, early)
    (error,) = answer.json()["errors"]
    assert error["code"] == "endorsement.before_inception"
    assert "第二十二条第五项" in error["source"] and error["remedy_zh"]
    much = {**early, "effective_on": "2026-12-15", "premium_change_fen": -PREMIUM - 1}
    assert await told(world, "clerk", path, much, "endorsement.returns_too_much") == 422
    late = {**early, "effective_on": "2027-12-15"}
    assert await told(world, "clerk", path, late, "endorsement.after_end") == 422
    wrong = {
        **early,
        "effective_on": "2026-12-15",
        "section": "Z",
        "statutory": True,
        "method": "ab_initio",
    }
    codes = ("premium.no_section", "premium.statutory_cancel_only", "premium.method_unfit")
    assert await told(world, "clerk", path, wrong, *codes) == 422
    assert await told(world, "m2", path, early, "pool.role_missing") == 403
    assert await told(world, "rival", path, early, "not_found") == 404
    assert await sql_value("SELECT count(*) FROM placement_endorsement") == 0


async def test_the_insured_may_end_the_contract_by_law(world: World, year: Year, paid: str) -> None:
    path = f"/placements/{paid}/endorsements"
    body = {
        "kind": "cancel",
        "method": "pro_rata",
        "effective_on": "2027-06-15",
        "statutory": True,
        "reason": "投保人解除合同",
    }
    made = await world.post("clerk", path, body)
    assert (made["status"], made["consent"], made["clause"]) == (
        "consented",
        None,
        "保险法第十五条",
    )
    done = await world.post("manager", f"{path}/1/issue", {})
    assert done["taken"]["total_to_date_fen"] == PREMIUM + made["premium_change_fen"]


async def test_a_refusal_or_a_withdrawal_changes_nothing(
    world: World, year: Year, paid: str
) -> None:
    path, before = f"/placements/{paid}/endorsements", await balances(year)
    body = {
        "kind": "additional_premium",
        "effective_on": "2026-12-20",
        "premium_change_fen": 500,
        "reason": "加保",
    }
    made = await world.post("clerk", path, body)
    await world.post("manager", f"/consent-requests/{made['consent']}/service", {"how": "通知"})
    no = {"answer": "refused", "note": "不同意"}
    await world.post("m2_manager", f"/consent-requests/{made['consent']}/answers", no)
    stored = await sql_value("SELECT status FROM placement_endorsement")
    assert stored == "refused"
    again = await world.post("clerk", path, body)
    gone = await world.post("clerk", f"{path}/{again['number']}/withdrawal", {})
    assert gone["status"] == "withdrawn"
    status = await sql_value(
        "SELECT status FROM consent_request WHERE number = $1", again["consent"]
    )
    assert status == "withdrawn"
    assert await balances(year) == before


async def test_an_undone_additional_premium_restores_every_part(
    world: World, year: Year, paid: str
) -> None:
    before, book = await held(paid), await balances(year)
    done = await endorse(
        world,
        year,
        paid,
        kind="additional_premium",
        premium_change_fen=1_000_003,
        effective_on="2027-01-01",
    )
    assert done["taken"]["movements"] == []
    await world.post("clerk", f"/placements/{paid}/receipts", receipt(1_000_003, "AP"))
    assert await held(paid) != before
    back = await undo(world, year, paid, 1, "2027-01-01")
    assert back["taken"]["movements"][0]["amount_fen"] == -1_000_003
    assert (await held(paid), await balances(year)) == (before, book)


async def test_a_larger_sum_is_held_to_the_members_capacity(
    world: World, year: Year, paid: str
) -> None:
    path = f"/placements/{paid}/endorsements"
    body = {
        "kind": "sum_change",
        "effective_on": "2026-12-20",
        "sum_change_fen": 400_000_000_000,
        "reason": "扩建",
    }
    made = await world.post("clerk", path, body)
    await agree(world, year, made["consent"])
    answer = await world.call("manager", "POST", f"{path}/1/issue", {})
    assert answer.status_code == 422, answer.text
    assert all(e["code"].startswith("capacity.") for e in answer.json()["errors"])
    assert await sql_value("SELECT count(*) FROM endorsement") == 0
    await world.post("clerk", f"{path}/1/withdrawal", {})
    await endorse(
        world,
        year,
        paid,
        kind="sum_change",
        sum_change_fen=20_000_000_000,
        effective_on="2026-12-20",
    )
    used = await sql_value("SELECT sum(aggregate_used_fen) FROM pool_member")
    assert used == 120_000_000_000


async def test_a_policy_of_a_pool_is_not_endorsed_past_its_members(world: World) -> None:
    """POOLS invariants 1 and 6: the route of policies leaves a placement's policy as it is."""
    year = await plant_year(world)
    await make_zones(world)
    number = await make_placement(world, year)
    policy = await sql_value("SELECT policy FROM placement WHERE number = $1", number)
    for form in (
        {"kind": "sum_change", "sum_change_fen": 20_000_000_000},
        {"kind": "cancel", "premium_change_fen": -1},
    ):
        body = {"effective_on": "2026-11-25", "reason": "绕过成员", **form}
        answer = await world.call("clerk", "POST", f"/policies/{policy}/endorsements", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "policy.kept_in_pool")
        assert number in answer.json()["detail"]
    assert await sql_value("SELECT count(*) FROM endorsement") == 0
