"""Three sides to the fen: the break of 150.00, members' lists, the year-end certificate."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook, load_workbook

from service.kernel.db import sql, sql_value
from tests.coinsurance.settling import Book, on, plant_book, upload
from tests.coinsurance.test_settlement_runs import agreed_run, bank, yuan
from tests.factories import World
from tests.test_statement_counts import statements

Q4 = "2025-Q4"


async def year_end(world: World, short_fen: int = 0) -> tuple[Book, dict[str, Any]]:
    """A quarter to the year's end, stated, paid through the bank, all but `short_fen`."""
    book = await plant_book(world, start_on="2025-01-01", end_on="2025-12-31")
    with on("2025-11-10"):
        await book.premium(100_000_000, "2025-10-20", "2025-11-10")
    run = await agreed_run(book, day="2025-11-12")
    rows = []
    for n, instruction in enumerate(run["instructions"]):
        fen = instruction["amount_fen"] - (short_fen if n == 0 else 0)
        rows.append((f"N{n}", instruction["reference"], "", "", yuan(fen), "2025-11-13", "成功"))
    with on("2025-11-14"):
        answer = await upload(world, "clerk", "/bank-files", bank(*rows), pool_year=book.number)
        assert answer.status_code == 201, answer.text
    issued = await book.close(Q4, "2026-01-05")
    return book, issued


async def reconcile(book: Book, day: str = "2026-01-06", until: str = "2025-12-31") -> Any:
    """Reconcile the year as the keeper."""
    with on(day):
        body = {"pool_year": book.number, "until_on": until}
        return await book.world.post("clerk", "/reconciliation", body)


async def test_when_all_three_sides_agree_nothing_is_open(world: World) -> None:
    book, _ = await year_end(world)
    report = await reconcile(book)
    assert (report["matched"], report["open"], report["breaks"]) == (6, 0, [])
    assert report["expected_fen"] == report["stated_fen"] == report["banked_fen"]


async def test_a_break_of_150_stays_open_until_a_named_person_explains_it(world: World) -> None:
    book, _ = await year_end(world, 15_000)
    report = await reconcile(book)
    (found,) = report["breaks"]
    assert (found["code"], found["difference_fen"], found["status"]) == (
        "amount_differs",
        -15_000,
        "open",
    )
    later = await reconcile(book, "2026-02-02", "2026-01-31")
    assert [b["number"] for b in later["breaks"]] == [found["number"]]
    path = f"/reconciliation/breaks/{found['number']}/explanation"
    with on("2026-02-03"):
        stranger = await world.call("m3", "POST", path, {"explanation": "不清楚"})
        empty = await world.call("clerk", "POST", path, {"explanation": " "})
        done = await world.post("clerk", path, {"explanation": "付款行扣收手续费150.00元"})
        again = await world.call("clerk", "POST", path, {"explanation": "再说明"})
    assert (stranger.status_code, empty.status_code) == (404, 422)
    assert (done["status"], done["explained_by"]) == ("explained", "示例clerk")
    assert again.json()["code"] == "workflow.step_not_allowed"
    kept = await reconcile(book, "2026-02-04", "2026-01-31")
    assert [b["status"] for b in kept["breaks"]] == ["explained"]


async def test_a_break_goes_when_the_rest_is_paid_and_comes_back_if_it_does(world: World) -> None:
    book, _ = await year_end(world, 15_000)
    (found,) = (await reconcile(book))["breaks"]
    reference = found["reference"]
    more = bank(("M1", reference, "", "", "150.00", "2026-01-08", "成功"))
    with on("2026-01-09"):
        await upload(world, "clerk", "/bank-files", more, pool_year=book.number)
    report = await reconcile(book, "2026-01-10", "2026-01-09")
    assert (report["open"], report["breaks"]) == (0, [])
    gone = await world.get("clerk", f"/reconciliation/breaks/{found['number']}")
    assert gone["status"] == "resolved"
    extra = bank(("M2", reference, "", "", "150.00", "2026-01-12", "成功"))
    with on("2026-01-13"):
        answer = await upload(world, "clerk", "/bank-files", extra, pool_year=book.number)
        assert answer.json()["rows"][0]["verdict"] == "over", answer.text
    report = await reconcile(book, "2026-01-14", "2026-01-13")
    assert [(b["code"], b["difference_fen"]) for b in report["breaks"]] == [("duplicate", 15_000)]


async def test_what_is_due_and_not_paid_is_missing_in_the_bank(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        owed = await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    report = await reconcile(book, "2026-03-12", "2026-03-11")
    assert {(b["code"], b["reference"]) for b in report["breaks"]} == {
        ("missing_in_bank", number) for number in owed.values()
    }
    mine = await world.get("m2", f"/reconciliation/breaks?pool_year={book.number}")
    assert [b["reference"] for b in mine["items"]] == [owed["m2"]]
    with on("2026-03-12"):
        future = {"pool_year": book.number, "until_on": "2026-03-13"}
        told = await world.call("clerk", "POST", "/reconciliation", future)
        m2 = await world.call("m2", "POST", "/reconciliation", {**future, "until_on": "2026-03-11"})
    assert told.json()["code"] == "reconciliation.in_future"
    assert m2.json()["code"] == "pool.role_missing"


def sheet(*rows: tuple[Any, ...]) -> bytes:
    """A member's list as a workbook."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "对账清单"
    page.append(["行号", "明细号", "本方编号", "保单号", "项目", "金额(元)", "份额(%)"])
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_members_list_is_compared_line_by_line(world: World) -> None:
    book, issued = await year_end(world)
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    premium, fee = (next(x for x in lines if x["item"] == kind) for kind in ("premium", "fee"))
    content = sheet(
        (1, premium["reference"], "JZ-1", "", "保费", "-300000.00", ""),
        (2, fee["reference"], "JZ-2", "", "费用", "4500.50", ""),
        (3, "", "JZ-3", "示例保单", "赔款", "12.00", ""),
    )
    answer = await upload(world, "m2", "/bordereaux", content, "list.xlsx", statement=number)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert [made[k] for k in ("matched", "altered", "extra", "missing")] == [1, 1, 1, 0]
    assert made["difference_fen"] == 50 + 1_200
    altered = next(x for x in made["lines"] if x["verdict"] == "altered")
    assert altered["fields"] == [{"field": "amount_fen", "stated": "450000", "uploaded": "450050"}]
    after = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    assert {x["own_reference"] for x in after} == {"JZ-1", "JZ-2", None}
    twice = await upload(world, "m2", "/bordereaux", content, "list.xlsx", statement=number)
    foreign = await upload(world, "m3", "/bordereaux", content, "list.xlsx", statement=number)
    keeper = await upload(world, "clerk", "/bordereaux", content, "list.xlsx", statement=number)
    assert (twice.status_code, foreign.status_code) == (409, 404)
    assert keeper.json()["code"] == "settlement.not_own"
    lists = await world.get("clerk", "/bordereaux", params={"statement": number})
    assert [x["number"] for x in lists] == [made["number"]]


async def test_a_list_as_csv_in_gbk_without_references_and_with_a_bad_cell(world: World) -> None:
    _, issued = await year_end(world)
    number = issued["m2"]["number"]
    text = "保单号,项目,金额(元)\r\n,保费,-300000\r\n"
    answer = await upload(
        world, "m2", "/bordereaux", text.encode("gb18030"), "list.csv", statement=number
    )
    made = answer.json()
    assert [made[k] for k in ("matched", "altered", "extra", "missing")] == [0, 0, 1, 2]
    bad = "项目,金额(元)\r\n奖金,三百\r\n"
    told = await upload(world, "m2", "/bordereaux", bad.encode(), "list.csv", statement=number)
    codes = {error["code"] for error in told.json()["errors"]}
    assert codes == {"import.not_a_choice", "money.not_a_number"}
    assert await sql_value("SELECT count(*) FROM bordereau") == 1
    template = await world.call("m2", "GET", "/bordereaux/template.xlsx")
    assert load_workbook(io.BytesIO(template.content)).sheetnames[0] == "对账清单"


async def test_the_certificate_names_everything_that_is_open(world: World) -> None:
    book, issued = await year_end(world, 15_000)
    await reconcile(book)
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    fee = next(x for x in lines if x["item"] == "fee")
    with on("2026-01-07"):
        dispute = await world.post(
            "m2", f"/statements/{number}/disputes", {"line": fee["line"], "reason": "费率有误"}
        )
        form = {"pool_year": book.number, "as_of": "2025-12-31", "member_uscc": book.uscc("m2")}
        told = await world.call("clerk", "POST", "/certificates/no-difference", form)
        all_of_them = await world.call(
            "clerk", "POST", "/certificates/no-difference", {**form, "member_uscc": ""}
        )
    codes = {error["code"] for error in told.json()["errors"]}
    assert {"certificate.not_agreed", "certificate.dispute_open"} <= codes
    assert dispute["number"] in str(told.json()["errors"])
    fields = {error["field"] for error in all_of_them.json()["errors"]}
    assert fields == {book.uscc(member) for member in book.members()}
    broken = [e for e in all_of_them.json()["errors"] if e["code"] == "certificate.break_open"]
    assert len(broken) == 1
    assert await sql_value("SELECT count(*) FROM no_difference_certificate") == 0


async def test_a_certificate_is_made_by_two_sides_and_checked_by_anybody(world: World) -> None:
    book, issued = await year_end(world)
    await reconcile(book)
    await book.agree_all(issued, "2026-01-08")
    form = {"pool_year": book.number, "as_of": "2025-12-31"}
    with on("2026-01-09"):
        early = await world.call(
            "clerk", "POST", "/certificates/no-difference", {**form, "as_of": "2026-01-09"}
        )
        made = await world.post("clerk", "/certificates/no-difference", form)
        twice = await world.call("clerk", "POST", "/certificates/no-difference", form)
        mine = next(c for c in made if c["member"]["uscc"] == book.uscc("m2"))
        path = f"/certificates/no-difference/{mine['number']}"
        before = await world.get(None, f"{path}/verification", params={"hash": mine["hash"]})
        foreign = await world.call("m3_manager", "POST", f"{path}/confirmation")
        done = await world.post("m2_manager", f"{path}/confirmation")
    assert early.json()["code"] == "certificate.not_closed"
    assert (len(made), twice.status_code, foreign.status_code) == (4, 409, 404)
    assert done["content"]["items"] == {"fee": 450_000, "premium": -30_000_000}
    assert done["content"]["carried_forward_fen"] == 0
    assert (before["valid"], before["hash_matches"]) == (False, True)
    check = await world.get(None, f"{path}/verification", params={"hash": done["hash"].upper()})
    assert (check["valid"], check["confirmed_on"]) == (True, "2026-01-09")
    assert "fen" not in str(check) and book.uscc("m2") not in str(check)
    wrong = await world.get(None, f"{path}/verification", params={"hash": "0" * 64})
    assert (wrong["valid"], wrong["hash_matches"]) == (False, False)
    with on("2026-01-12"):
        await world.post("m2_manager", f"{path}/withdrawal", {"note": "发现新差异"})
    after = await world.get(None, f"{path}/verification", params={"hash": done["hash"]})
    assert (after["valid"], after["status"]) == (False, "withdrawn")


async def test_the_keepers_own_certificate_needs_two_persons(world: World) -> None:
    book, issued = await year_end(world)
    await book.agree_all(issued, "2026-01-08")
    form = {"pool_year": book.number, "as_of": "2025-12-31", "member_uscc": book.uscc("clerk")}
    with on("2026-01-09"):
        (made,) = await world.post("manager", "/certificates/no-difference", form)
        path = f"/certificates/no-difference/{made['number']}/confirmation"
        own = await world.call("manager", "POST", path)
    assert own.json()["code"] == "auth.four_eyes"


async def test_statements_settle_by_themselves_when_all_is_paid(world: World) -> None:
    book, issued = await year_end(world)
    await book.agree_all(issued, "2026-01-08")
    states = await sql("SELECT DISTINCT status FROM statement")
    assert [row["status"] for row in states] == ["settled"]


async def test_ageing_reminders_and_interest(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        owed = await book.claim(30_000_000, "2026-02-20", "2026-03-06")
        await book.claim(1_000_000, "2026-02-20", None)
    base = f"/pool-years/{book.number}"
    table = await world.get("clerk", f"{base}/ageing", params={"on": "2026-04-10"})
    row = next(r for r in table["rows"] if r["debtor"]["uscc"] == book.uscc("m2"))
    assert (row["buckets"]["31-60"], row["buckets"]["undated"]) == (9_000_000, 300_000)
    assert table["total_fen"] == 18_000_000 + 600_000
    with on("2026-03-07"):
        told = await world.post("clerk", "/reminders", {"pool_year": book.number})
        none = await world.call("clerk", "POST", "/reminders", {"pool_year": book.number})
    assert (told["reminded"], none.json()["reminded"]) == (3, 0)
    with on("2026-03-25"):
        assert (await world.post("clerk", "/reminders", {"pool_year": book.number}))[
            "reminded"
        ] == 3
    path = f"/obligations/{owed['m2']}"
    with on("2026-03-30"):
        first = await world.post("clerk", f"{path}/interest", {"until_on": "2026-03-16"})
        pay = {"amount_fen": 4_000_000, "paid_on": "2026-03-20", "bank_reference": "I-1"}
        await world.post("clerk", f"{path}/payments", pay)
        second = await world.post("clerk", f"{path}/interest", {"until_on": "2026-03-30"})
        again = await world.call("clerk", "POST", f"{path}/interest", {"until_on": "2026-03-30"})
        debtor = await world.call("m2", "POST", f"{path}/interest", {"until_on": "2026-03-30"})
        of_interest = await world.call(
            "clerk",
            "POST",
            f"/obligations/{first['interest_obligation']}/interest",
            {"until_on": "2026-03-30"},
        )
    whole = round((9_000_000 * 14 + 5_000_000 * 10) * 43_500 / 365e6)
    assert first["charged_fen"] == round(9_000_000 * 43_500 * 10 / 365e6)
    assert second["to_date_fen"] == first["charged_fen"] + second["charged_fen"] == whole
    assert "第十八条" in first["clause"]
    assert again.json()["code"] == "interest.nothing_late"
    assert debtor.json()["code"] == "pool.role_missing"
    assert "interest.on_interest" in of_interest.text


async def test_interest_of_any_debt_without_writing(world: World) -> None:
    form = {
        "principal_fen": 36_500_000,
        "due_on": "2024-07-02",
        "until_on": "2024-11-21",
        "rates": [
            {"from_on": "2024-01-01", "rate_ppm": 34_500},
            {"from_on": "2024-07-22", "rate_ppm": 33_500},
            {"from_on": "2024-10-22", "rate_ppm": 31_000},
        ],
    }
    told = await world.post("clerk", "/what-if/interest", form)
    assert (told["amount_fen"], told["exact"], told["days"]) == (470_200, "470200", 142)
    assert [s["days"] for s in told["segments"]] == [20, 92, 30]
    bare = await world.call(
        "clerk", "POST", "/what-if/interest", {k: v for k, v in form.items() if k != "rates"}
    )
    assert bare.json()["code"] == "interest.no_rate"


async def test_a_certificate_says_how_many_stand_against_it_and_names_the_first(
    world: World,
) -> None:
    """Forty unknown movements make a sentence that can be read; the next run asks once for all."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
    issued = await book.close("2026-Q1", "2026-04-02")
    await book.agree_all(issued, "2026-04-03")
    rows = [(f"U{n}", "无关附言", "", "", "1.00", "2026-03-20", "成功") for n in range(40)]
    form = {"pool_year": book.number, "until_on": "2026-03-31"}
    spent = []
    with on("2026-04-07"):
        taken = await upload(world, "clerk", "/bank-files", bank(*rows), pool_year=book.number)
        assert len(taken.json()["breaks"]) == 40
        for _ in range(2):
            async with statements() as seen:
                report = await world.post("clerk", "/reconciliation", form)
            spent.append(len(seen))
        asked = {"pool_year": book.number, "as_of": "2026-03-31", "member_uscc": book.uscc("m2")}
        told = await world.call("clerk", "POST", "/certificates/no-difference", asked)
    assert report["open"] >= 40
    assert spent[1] <= 20, spent
    [finding] = [e for e in told.json()["errors"] if e["code"] == "certificate.break_open"]
    assert finding["params"]["count"] == report["open"] - _others(report, book)
    assert len(finding["params"]["numbers"]) == 6
    assert len(finding["message_zh"]) < 200


def _others(report: dict[str, Any], book: Book) -> int:
    """Breaks that are another member's."""
    mine = book.uscc("m2")
    return sum(1 for one in report["breaks"] if one["member"] and one["member"]["uscc"] != mine)
