"""Reading pool premium: explanations with clauses, balances, and what a peer never sees."""

from __future__ import annotations

from fractions import Fraction

import pytest

from service.kernel.db import sql_value
from tests.coinsurance.cases import figure
from tests.coinsurance.paying import endorse, make_placement, receipt
from tests.coinsurance.placing import Year, make_zones, plant_year
from tests.factories import World


@pytest.fixture
async def year(world: World) -> Year:
    made = await plant_year(world)
    await make_zones(world)
    return made


@pytest.fixture
async def paid(world: World, year: Year) -> str:
    number = await make_placement(world, year)
    for fen, reference in ((1_000_001, "B1"), (333, "B2")):
        await world.post("clerk", f"/placements/{number}/receipts", receipt(fen, reference))
    return number


async def test_every_part_says_why(world: World, year: Year, paid: str) -> None:
    found = await world.get("clerk", f"/placements/{paid}/premium-explanation")
    assert (found["received_fen"], found["due_fen"]) == (1_000_334, 200_000_000)
    assert found["sources"] == [{"source": "own", "net_fen": 1_000_334}]
    assert "第十一条" in found["remittance"]
    for member in found["members"]:
        exact = Fraction(member["exact"])
        assert exact == Fraction(1_000_334 * member["weight"], member["whole"])
        assert Fraction(member["difference"]) == member["allocated_fen"] - exact
        assert abs(member["allocated_fen"] - exact) < 1
        assert member["clause"] and all(fee["clause"] for fee in member["fees"])
        (stretch,) = member["contributions"]
        assert (stretch["days"], stretch["label"]) == (365, "inception")
        assert Fraction(stretch["contribution"]) == Fraction(
            200_000_000 * stretch["share_units"], 10**8
        )
    assert sum(m["allocated_fen"] for m in found["members"]) == 1_000_334


async def test_an_endorsement_is_a_stretch_of_its_own(world: World, year: Year, paid: str) -> None:
    await endorse(
        world,
        year,
        paid,
        kind="additional_premium",
        premium_change_fen=36_500,
        effective_on="2027-01-01",
    )
    found = await world.get("clerk", f"/placements/{paid}/premium-explanation")
    labels = figure(found, "members.0.contributions.*.label")
    assert labels == ["inception", "endorsement:1"]
    assert figure(found, "members.0.contributions.1.days") == 348
    listed = await world.get("auditor", f"/placements/{paid}/endorsements")
    assert figure(listed, "items.*.status") == ["issued"]


async def test_a_follower_sees_its_own_part_and_the_whole(
    world: World, year: Year, paid: str
) -> None:
    own = year.usccs["m2"]
    found = await world.get("m2", f"/placements/{paid}/premium-explanation")
    assert figure(found, "members.*.uscc") == [own]
    assert found["received_fen"] == 1_000_334
    page = await world.get("m2", f"/placements/{paid}/parts?limit=200")
    assert set(figure(page, "items.*.uscc")) == {own}
    balances = await world.get("m2", f"/pool-years/{year.number}/premium-balances")
    assert set(figure(balances, "items.*.key")) == {own}
    path = f"/placements/{paid}/premium-explanation?member={year.usccs['m3']}"
    assert (await world.call("m2", "GET", path)).status_code == 404
    peer = await world.get("m2", f"/placements/{paid}/parts?member={year.usccs['m3']}")
    assert peer["items"] == []
    for text in (found, page, balances):
        assert year.usccs["m3"] not in str(text) and year.usccs["clerk"] not in str(text)


async def test_others_see_nothing_and_looks_are_kept(world: World, year: Year, paid: str) -> None:
    for path in ("premium-explanation", "parts", "endorsements"):
        for who, status in (("rival", 404), ("firm", 403), (None, 401)):
            answer = await world.call(who, "GET", f"/placements/{paid}/{path}")
            assert answer.status_code == status, (path, who)
    path = f"/pool-years/{year.number}/premium-balances"
    assert (await world.call("rival", "GET", path)).status_code == 404
    before = await sql_value("SELECT count(*) FROM pool_look")
    await world.get("auditor", f"/placements/{paid}/parts")
    await world.get("officer", f"/placements/{paid}/premium-explanation")
    await world.get("auditor", path)
    assert await sql_value("SELECT count(*) FROM pool_look") == before + 3


async def test_balances_agree_whatever_they_are_grouped_by(
    world: World, year: Year, paid: str
) -> None:
    path = f"/pool-years/{year.number}/premium-balances"
    sums = set()
    for by in ("member", "policy", "source", "clause", "component"):
        found = await world.get("clerk", f"{path}?by={by}")
        sums.add(sum(figure(found, "items.component=premium.amount_fen")))
        assert all(item["key"] and item["label"] for item in found["items"])
    assert sums == {1_000_334}
    early = await world.get("clerk", f"{path}?as_of=2026-11-19")
    assert early["items"] == []
    assert (await world.call("clerk", "GET", f"{path}?by=colour")).status_code == 422


async def test_parts_are_paged_and_filtered(world: World, year: Year, paid: str) -> None:
    path = f"/placements/{paid}/parts"
    first = await world.get("clerk", f"{path}?limit=5")
    second = await world.get("clerk", f"{path}?limit=200&cursor={first['next']}")
    whole = await world.get("clerk", f"{path}?limit=200")
    assert first["items"] + second["items"] == whole["items"]
    fees = await world.get("clerk", f"{path}?component=lead_fee&movement=1")
    assert len(fees["items"]) == 3
    wrong = await world.call("clerk", "GET", f"{path}?component=colour")
    assert wrong.status_code == 422


@pytest.mark.parametrize("name", ["premium-parts", "obligations", "premium-balances"])
async def test_exports_hold_what_the_reader_may_see(
    world: World, year: Year, paid: str, name: str
) -> None:
    path = f"/reports/pool-{name}.json?pool_year={year.number}"
    whole = await world.get("clerk", path)
    own = await world.get("m2", path)
    assert 0 < len(own["rows"]) < len(whole["rows"])
    assert year.usccs["m3"] in str(whole) and year.usccs["m3"] not in str(own)
    assert (await world.call("rival", "GET", path)).status_code == 404
    before = await sql_value("SELECT count(*) FROM pool_look WHERE exported")
    assert (await world.get("auditor", path))["rows"] == whole["rows"]
    assert await sql_value("SELECT count(*) FROM pool_look WHERE exported") == before + 1
    every = await world.get("rival", f"/reports/pool-{name}.json")
    assert every["rows"] == []
    one = await world.get("clerk", f"{path}&member={year.usccs['m3']}&placement={paid}")
    assert 0 < len(one["rows"]) < len(whole["rows"])
