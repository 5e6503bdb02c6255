"""Results, triangles, scorecards, books as plain text, feedback to the library."""

from __future__ import annotations

from pathlib import Path

from service.kernel import ledger
from service.kernel.db import sql, sql_value
from tests.coinsurance.rules.test_plaintext import read_beancount, read_by_hledger
from tests.coinsurance.settling import Book, on, plant_book
from tests.factories import World, make_in_library


async def year(world: World) -> Book:
    """Premium in January and March, a claim in February."""
    book = await plant_book(world)
    with on("2026-01-21"):
        await book.premium(100_000_001, "2026-01-20")
    with on("2026-02-21"):
        await book.claim(30_000_000, "2026-02-20")
    with on("2026-04-01"):
        await book.premium(50_000_000, "2026-03-31")
    return book


async def test_the_result_is_the_sum_of_members_parts(world: World) -> None:
    book = await year(world)
    told = await world.get(
        "clerk", f"/pool-years/{book.number}/results", params={"as_of": "2026-12-31"}
    )
    whole = told["whole"]
    assert (whole["premium_fen"], whole["paid_fen"]) == (150_000_001, 30_000_000)
    for name, total in whole.items():
        assert sum(m["sums"][name] for m in told["members"]) == total
    ratio = told["ratios"][0]
    assert (ratio["numerator_fen"], ratio["denominator_fen"]) == (30_000_000, 150_000_001)
    assert ratio["ppm"] == 200_000
    assert "各成员" in ratio["definition"]["zh"] and ratio["definition"]["source"]
    assert whole["lead_fee_paid_fen"] == whole["lead_fee_earned_fen"]


async def test_as_of_a_day_and_as_known_at_a_moment(world: World) -> None:
    book = await year(world)
    path = f"/pool-years/{book.number}/results"
    cases = {
        ("2026-01-31", None): (100_000_001, 0),
        ("2026-03-31", None): (150_000_001, 30_000_000),
        ("2026-03-31", "2026-03-31T23:00:00+08:00"): (100_000_001, 30_000_000),
        ("2026-12-31", "2026-02-01T00:00:00+08:00"): (100_000_001, 0),
    }
    for (as_of, known), figures in cases.items():
        params = {"as_of": as_of} | ({"as_known_at": known} if known else {})
        answers = [await world.call("auditor", "GET", path, params=params) for _ in range(2)]
        whole = answers[0].json()["whole"]
        assert (whole["premium_fen"], whole["paid_fen"]) == figures, (as_of, known)
        assert answers[0].content == answers[1].content


async def test_a_follower_sees_the_whole_and_its_own_part(world: World) -> None:
    book = await year(world)
    told = await world.get(
        "m3", f"/pool-years/{book.number}/results", params={"as_of": "2026-12-31"}
    )
    assert [m["member"]["uscc"] for m in told["members"]] == [book.uscc("m3")]
    assert told["whole"]["premium_fen"] == 150_000_001
    hidden = {name for name, fen in told["whole"].items() if fen is None}
    assert hidden == {"lead_fee_paid_fen", "lead_fee_earned_fen"}
    assert told["members"][0]["sums"]["lead_fee_paid_fen"] > 0
    foreign = await world.call("rival", "GET", f"/pool-years/{book.number}/results")
    assert foreign.status_code == 404
    looks = await sql_value("SELECT count(*) FROM pool_look")
    await world.get("officer", f"/pool-years/{book.number}/results")
    assert await sql_value("SELECT count(*) FROM pool_look") == looks + 1


async def test_the_scorecard_counts_days_of_remittance(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        owed = await book.claim(30_000_000, "2026-02-20", "2026-03-06")
        pay = {"amount_fen": 9_000_000, "paid_on": "2026-03-10", "bank_reference": "S-1"}
        await world.post("clerk", f"/obligations/{owed['m2']}/payments", pay)
    path = f"/pool-years/{book.number}/scorecards"
    told = await world.get("clerk", path, params={"as_of": "2026-03-31"})
    by = {(s["member"]["uscc"], s["measure"]): s for s in told["scores"]}
    paid, late = by[book.uscc("m2"), "reimbursement"], by[book.uscc("m3"), "reimbursement"]
    assert (paid["done"], paid["days_total"], paid["late"], paid["late_days"]) == (1, 18, 1, 4)
    assert (late["open"], late["overdue"]) == (1, 1)
    early = await world.get("clerk", path, params={"as_of": "2026-03-01"})
    assert {s["overdue"] for s in early["scores"]} == {0}
    mine = await world.get("m3", path, params={"as_of": "2026-03-31"})
    assert {s["member"]["uscc"] for s in mine["scores"]} == {book.uscc("m3")}


async def test_the_triangle_of_a_pool_without_claims_is_there(world: World) -> None:
    await year(world)
    told = await world.get(
        "clerk", "/pools/integrated-circuit/triangles", params={"as_of": "2026-11-28"}
    )
    assert told["rows"] == [{"accident_year": 2026, "paid_fen": [0] * 4, "incurred_fen": [0] * 4}]
    assert told["definition"]["id"] == "pool-triangle/1"
    foreign = await world.call("rival", "GET", "/pools/integrated-circuit/triangles")
    none = await world.call("clerk", "GET", "/pools/nothing/triangles")
    assert (foreign.status_code, none.status_code) == (404, 404)


async def test_the_book_is_read_and_added_up_by_others(world: World, tmp_path: Path) -> None:
    book = await year(world)
    ours = {
        row.account: row.balance_fen
        for row in await ledger.balances(f"pool:{book.number}")
        if row.balance_fen
    }
    base = f"/pool-years/{book.number}/books"
    text = (await world.call("clerk", "GET", f"{base}/beancount")).text
    assert read_beancount(text, tmp_path) == ours
    journal = (await world.call("auditor", "GET", f"{base}/hledger")).text
    assert sorted(read_by_hledger(journal).values()) == sorted(ours.values())
    again = (await world.call("clerk", "GET", f"{base}/beancount")).text
    assert text == again
    early = await world.call("clerk", "GET", f"{base}/beancount", params={"until_on": "2026-02-01"})
    assert read_beancount(early.text, tmp_path)[f"premium:{book.uscc('m2')}:own"] == -30_000_000
    for who, path in (("m2", "beancount"), ("rival", "beancount"), ("clerk", "excel")):
        assert (await world.call(who, "GET", f"{base}/{path}")).status_code == 404


async def test_experience_of_products_goes_to_the_library(world: World) -> None:
    number = await make_in_library(world)
    done = await world.post("officer", "/product-experience")
    mine = next(x for x in done["items"] if x["product"] == number)
    assert (mine["policies"], mine["dormant"], mine["health"]) == (0, False, "unknown")
    assert mine["incurred_ratio"]["ppm"] is None
    await sql("ALTER TABLE library_fact DISABLE TRIGGER USER")
    await sql("UPDATE library_fact SET effective_on = effective_on - 800")
    await sql("ALTER TABLE library_fact ENABLE TRIGGER USER")
    later = await world.post("officer", "/product-experience")
    mine = next(x for x in later["items"] if x["product"] == number)
    assert (mine["dormant"], mine["health"], mine["health_zh"]) == (True, "dormant", "休眠")
    theirs = await world.get("rival", "/product-experience")
    assert theirs["items"] == []
