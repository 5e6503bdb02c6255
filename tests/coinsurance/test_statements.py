"""Statements from the book to agreement: sums, chain, sealing, late entries, refusals."""

from __future__ import annotations

from service.kernel import seals
from service.kernel.db import sql, sql_value
from tests.coinsurance.settling import Book, on, plant_book
from tests.factories import World

Q1, Q2 = "2026-Q1", "2026-Q2"
FEE = 30_000_000 * 15_000 // 1_000_000


async def quarter(world: World) -> Book:
    """A book of one quarter: premium and a claim."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_001, "2026-01-20", "2026-02-10")
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    return book


async def test_a_quarter_is_stated_to_every_member_and_sums_to_zero(world: World) -> None:
    book = await quarter(world)
    issued = await book.close(Q1, "2026-04-02")
    assert set(issued) == {"clerk", "m2", "m3", "m4"}
    carried = {member: item["carried_forward_fen"] for member, item in issued.items()}
    assert sum(carried.values()) == 0
    assert carried["m2"] == -30_000_000 + FEE + 9_000_000
    record = await world.get("m2", f"/statements/{issued['m2']['number']}")
    items = {item["item"]: item["amount_fen"] for item in record["items"]}
    assert items == {"premium": -30_000_000, "fee": FEE, "claim": 9_000_000}
    assert record["open_fen"] == record["carried_forward_fen"]
    assert record["answer_due_on"] == "2026-04-17"  # 10 working days over 清明


async def test_what_is_carried_is_brought_and_late_entries_come_into_the_next(
    world: World,
) -> None:
    book = await quarter(world)
    first = await book.close(Q1, "2026-04-02")
    with on("2026-05-10"):
        await book.premium(10_000, "2026-03-31")  # dated before the closing, booked after it
        await book.premium(20_000, "2026-05-01")
    second = await book.close(Q2, "2026-07-02")
    for member, item in second.items():
        assert item["brought_forward_fen"] == first[member]["carried_forward_fen"]
    lines = await world.get("m2", f"/statements/{second['m2']['number']}/lines")
    assert [(line["late"], line["amount_fen"]) for line in lines["items"]] == [
        (True, -3_000),
        (True, 45),
        (False, -6_000),
        (False, 90),
    ]
    again = await world.get("m2", f"/statements/{first['m2']['number']}")
    assert again["hash"] == first["m2"]["hash"]


async def test_what_is_booked_between_draft_and_issue_waits_for_the_next(world: World) -> None:
    book = await quarter(world)
    base = f"/pool-years/{book.number}"
    with on("2026-04-02"):
        draft = await world.post("clerk", f"{base}/statements", {"period": Q1})
        await book.premium(1_000, "2026-03-30")
        await world.post("manager", f"{base}/statement-periods/{Q1}/approval")
        issued = await world.post("manager", f"{base}/statement-periods/{Q1}/issue")
    assert {i["number"]: i["hash"] for i in draft["items"]} == {
        i["number"]: i["hash"] for i in issued["items"]
    }
    later = await book.close(Q2, "2026-07-02")
    assert later["m2"]["items_fen"] == -300 + 5


async def test_the_hash_of_every_statement_is_in_the_sealed_journal(world: World) -> None:
    book = await quarter(world)
    issued = await book.close(Q1, "2026-04-02")
    hashes = {item["hash"] for item in issued.values()}
    told = await sql(
        "SELECT e.facts->>'hash' AS hash FROM journal_event e JOIN sealed_row r ON r.row_id = e.id"
        " AND r.chain = 'journal' WHERE e.subject_kind = 'statement' AND e.event = 'issue'"
    )
    assert {row["hash"] for row in told} == hashes
    assert await seals.verify(seals.JOURNAL) == []


async def test_a_period_is_closed_once_and_in_turn(world: World) -> None:
    book = await quarter(world)
    base = f"/pool-years/{book.number}"
    await book.close(Q1, "2026-04-02")
    with on("2026-10-12"):
        for period, code in (
            (Q1, "statement.period_closed"),
            ("2026-Q3", "statement.period_gap"),
            ("2026-04", "statement.period_kind"),
            ("2026-Q4", "statement.period_not_over"),
            ("2026-Q5", "statement.bad_period"),
        ):
            told = await world.call("clerk", "POST", f"{base}/statements", {"period": period})
            codes = [error["code"] for error in told.json()["errors"]]
            assert (told.status_code, code in codes) == (422, True), (period, codes)
        drafted = await world.post("clerk", f"{base}/statements", {"period": Q2})
        assert drafted["items"]
        twice = await world.call("clerk", "POST", f"{base}/statements", {"period": "2026-Q3"})
        assert twice.json()["code"] == "statement.draft_open"
    assert await sql_value("SELECT count(*) FROM statement_period") == 2


async def test_who_prepared_does_not_approve_and_nothing_unapproved_is_issued(
    world: World,
) -> None:
    book = await quarter(world)
    base = f"/pool-years/{book.number}"
    with on("2026-04-02"):
        await world.post("manager", f"{base}/statements", {"period": Q1})
        mine = await world.call("manager", "POST", f"{base}/statement-periods/{Q1}/approval")
        assert (mine.status_code, mine.json()["code"]) == (403, "auth.four_eyes")
        early = await world.call("manager", "POST", f"{base}/statement-periods/{Q1}/issue")
        assert early.json()["code"] == "statement.not_approved"
        follower = await world.call("m2", "POST", f"{base}/statements", {"period": Q1})
        assert follower.json()["code"] == "pool.role_missing"
        stranger = await world.call("rival", "GET", f"{base}/statements")
        assert stranger.status_code == 404


async def test_drafts_are_the_keepers_and_a_member_sees_its_own_only(world: World) -> None:
    book = await quarter(world)
    base = f"/pool-years/{book.number}"
    with on("2026-04-02"):
        draft = await world.post("clerk", f"{base}/statements", {"period": Q1})
    number = {i["member"]["uscc"]: i["number"] for i in draft["items"]}[book.uscc("m2")]
    assert (await world.call("m2", "GET", f"/statements/{number}")).status_code == 404
    with on("2026-04-02"):
        await world.post("manager", f"{base}/statement-periods/{Q1}/approval")
        await world.post("manager", f"{base}/statement-periods/{Q1}/issue")
    mine = await world.get("m2", f"{base}/statements")
    assert [item["member"]["uscc"] for item in mine["items"]] == [book.uscc("m2")]
    for path in ("", "/lines", "/lines.csv"):
        theirs = await world.call("m3", "GET", f"/statements/{number}{path}")
        assert theirs.status_code == 404
    lines = await world.get("m2", f"/statements/{number}/lines")
    assert {line["account"].split(":")[1] for line in lines["items"]} == {book.uscc("m2")}
    assert len((await world.get("auditor", f"{base}/statements"))["items"]) == 4


async def test_a_cancelled_period_is_prepared_anew_with_what_came_meanwhile(world: World) -> None:
    book = await quarter(world)
    base = f"/pool-years/{book.number}"
    first = await book.close(Q1, "2026-04-02")
    with on("2026-04-03"):
        await book.premium(10_000, "2026-03-31")
        note = {"note": "漏记一笔保费"}
        await world.post("manager", f"{base}/statement-periods/{Q1}/cancellation", note)
    second = await book.close(Q1, "2026-04-04")
    assert second["m2"]["items_fen"] == first["m2"]["items_fen"] - 3_000 + 45
    assert second["m2"]["number"] != first["m2"]["number"]
    old = await world.get("m2", f"/statements/{first['m2']['number']}")
    assert (old["status"], old["hash"]) == ("cancelled", first["m2"]["hash"])
    with on("2026-04-05"):
        number = second["m2"]["number"]
        await world.post("m2_manager", f"/statements/{number}/agreement", {})
        held = await world.call(
            "manager", "POST", f"{base}/statement-periods/{Q1}/cancellation", note
        )
    assert held.json()["code"] == "statement.agreed_already"


async def test_one_statement_is_cancelled_and_issued_anew_over_the_same_lines(
    world: World,
) -> None:
    book = await quarter(world)
    issued = await book.close(Q1, "2026-04-02")
    number = issued["m3"]["number"]
    with on("2026-04-03"):
        again = await world.post(
            "manager", f"/statements/{number}/cancellation", {"note": "收件机构名称有误"}
        )
        own = await world.call("manager", "POST", f"/statements/{again['number']}/approval")
        assert own.json()["code"] == "auth.four_eyes"
        user = await sql_value(
            "SELECT id FROM organisation WHERE id = $1", book.year.members["clerk"]
        )
        assert user is not None
    assert (again["replaces"], again["status"]) == (number, "draft")
    assert again["carried_forward_fen"] == issued["m3"]["carried_forward_fen"]
    alone = await world.call("manager", "POST", f"/statements/{issued['m4']['number']}/issue")
    assert alone.json()["code"] == "statement.issued_together"


async def test_acknowledged_agreed_and_no_other_way_round(world: World) -> None:
    book = await quarter(world)
    issued = await book.close(Q1, "2026-04-02")
    number = issued["m2"]["number"]
    with on("2026-04-07"):
        foreign = await world.call("m3", "POST", f"/statements/{number}/acknowledgement")
        keeper = await world.call("clerk", "POST", f"/statements/{number}/acknowledgement")
        done = await world.post("m2", f"/statements/{number}/acknowledgement")
        clerk = await world.call("m2", "POST", f"/statements/{number}/agreement", {})
        agreed = await world.post("m2_manager", f"/statements/{number}/agreement", {"note": "无误"})
        again = await world.call("m2_manager", "POST", f"/statements/{number}/agreement", {})
    assert (foreign.status_code, keeper.json()["code"]) == (404, "settlement.not_own")
    assert (done["status"], clerk.status_code, agreed["status"]) == ("acknowledged", 403, "agreed")
    assert again.json()["code"] == "workflow.step_not_allowed"


async def test_the_csv_of_a_statement_is_the_same_every_time(world: World) -> None:
    book = await quarter(world)
    issued = await book.close(Q1, "2026-04-02")
    path = f"/statements/{issued['clerk']['number']}/lines.csv"
    files = [(await world.call("clerk", "GET", path)).content for _ in range(2)]
    text = files[0].decode("utf-8-sig")
    assert files[0] == files[1]
    assert text.splitlines()[2].startswith("明细号,分录,生效日")
    assert "1000000.01" in text  # premium collected by the issuer


async def test_an_empty_year_has_statements_of_nothing(world: World) -> None:
    book = await plant_book(world)
    issued = await book.close(Q1, "2026-04-02")
    assert len(issued) == 4
    assert {item["carried_forward_fen"] for item in issued.values()} == {0}
