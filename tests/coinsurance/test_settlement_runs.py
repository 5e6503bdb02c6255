"""Runs: gross by default, netted only as agreed; bank files in and out; part, failed, twice."""

from __future__ import annotations

import csv
import io
from typing import Any

from service.kernel import ledger
from service.kernel.db import sql, sql_value
from tests.coinsurance.settling import Book, on, plant_book, upload
from tests.factories import World

HEADER = "银行流水号,附言,付款户名,收款户名,金额(元),入账日期,结果\r\n"
NETTED = '[values.netting]\nvalue = { allowed = true, sets = [["premium", "fees", "claims"]] }'


async def due(world: World, **more: Any) -> Book:
    """Premium and a claim, both due."""
    book = await plant_book(world, **more)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    return book


async def allow_netting(book: Book) -> None:
    """The agreement names one netting set."""
    body: str = await sql_value("SELECT body FROM pool_agreement LIMIT 1")
    start = body.index("[values.netting]")
    end = body.index("source", start)
    await sql("ALTER TABLE pool_agreement DISABLE TRIGGER USER")
    await sql(
        "UPDATE pool_agreement SET body = $1 WHERE id = (SELECT agreement FROM pool_year"
        " WHERE number = $2)",
        f"{body[:start]}{NETTED}\n{body[end:]}",
        book.number,
    )
    await sql("ALTER TABLE pool_agreement ENABLE TRIGGER USER")


async def positions(book: Book) -> dict[str, int]:
    """The net position of every member in the book."""
    found: dict[str, int] = {}
    for row in await ledger.balances(f"pool:{book.number}"):
        uscc = row.account.split(":")[1]
        found[uscc] = found.get(uscc, 0) + row.balance_fen
    return found


async def agreed_run(book: Book, method: str = "gross", day: str = "2026-03-12") -> dict[str, Any]:
    """A run prepared by the clerk and agreed by the manager."""
    with on(day):
        form = {"pool_year": book.number, "method": method, "due_until": day}
        run = await book.world.post("clerk", "/settlement-runs", form)
        done: dict[str, Any] = await book.world.post(
            "manager", f"/settlement-runs/{run['number']}/approval"
        )
    return done


def bank(*rows: tuple[str, ...], encoding: str = "utf-8") -> bytes:
    """A bank file."""
    return (HEADER + "".join(",".join(row) + "\r\n" for row in rows)).encode(encoding)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


async def test_every_debt_is_paid_gross_unless_the_agreement_names_a_set(world: World) -> None:
    book = await due(world)
    with on("2026-03-12"):
        form = {"pool_year": book.number, "due_until": "2026-03-12"}
        netted = await world.call(
            "clerk", "POST", "/settlement-runs", {**form, "method": "multilateral"}
        )
        run = await world.post("clerk", "/settlement-runs", form)
    assert netted.json()["code"] == "netting.not_agreed"
    assert (run["gross_fen"], run["cash_fen"]) == (run["gross_fen"], run["gross_fen"])
    assert len(run["instructions"]) == 9
    assert run["sum_fen"] == 0
    assert [p["net_fen"] for p in run["before"]] == [p["net_fen"] for p in run["after"]]


async def test_a_netted_run_moves_no_position_and_discharges_every_debt(world: World) -> None:
    book = await due(world)
    await allow_netting(book)
    before = await positions(book)
    run = await agreed_run(book, "multilateral")
    assert await positions(book) == before
    assert run["cash_fen"] < run["gross_fen"]
    assert {p["member"]: p["net_fen"] for p in run["before"]} == before
    with on("2026-03-13"):
        for n, instruction in enumerate(run["instructions"], 1):
            done = await world.post(
                "clerk",
                f"/settlement-runs/{run['number']}/instructions/{instruction['number']}/result",
                {"paid_on": "2026-03-13", "bank_reference": f"B{n}"},
            )
    assert done["status"] == "confirmed"
    assert set((await positions(book)).values()) == {0}
    states = await sql("SELECT DISTINCT status FROM obligation")
    assert [row["status"] for row in states] == ["settled"]


async def test_a_failed_payment_of_a_netted_run_leaves_its_own_chain_open(world: World) -> None:
    book = await due(world)
    await allow_netting(book)
    run = await agreed_run(book, "multilateral")
    first, *rest = run["instructions"]
    with on("2026-03-13"):
        base = f"/settlement-runs/{run['number']}/instructions"
        for n, instruction in enumerate(rest):
            paid = {"paid_on": "2026-03-13", "bank_reference": f"C{n}"}
            await world.post("clerk", f"{base}/{instruction['number']}/result", paid)
        done = await world.post(
            "clerk", f"{base}/{first['number']}/result", {"paid": False, "failure": "余额不足"}
        )
    assert done["status"] == "failed"
    left = await sql("SELECT number, amount_fen - settled_fen AS fen FROM obligation"
                     " WHERE status <> 'settled'")  # fmt: skip
    assert {row["number"]: row["fen"] for row in left} == {
        part["reference"]: part["amount_fen"] for part in first["discharges"]
    }
    assert (await positions(book))[first["payer"]] == first["amount_fen"]


async def test_two_persons_and_a_second_run_takes_nothing_twice(world: World) -> None:
    book = await due(world)
    with on("2026-03-12"):
        form = {"pool_year": book.number, "due_until": "2026-03-12"}
        run = await world.post("manager", "/settlement-runs", form)
        own = await world.call("manager", "POST", f"/settlement-runs/{run['number']}/approval")
        again = await world.call("clerk", "POST", "/settlement-runs", form)
        m2 = await world.call("m2", "POST", "/settlement-runs", form)
        named = await world.call(
            "clerk", "POST", "/settlement-runs", {**form, "obligations": ["OW-000002", "OW-999999"]}
        )
        gone = await world.post(
            "manager", f"/settlement-runs/{run['number']}/cancellation", {"note": "改期"}
        )
        fresh = await world.post("clerk", "/settlement-runs", form)
    assert own.json()["code"] == "auth.four_eyes"
    assert again.json()["code"] == "settlement.nothing_due"
    assert m2.json()["code"] == "pool.role_missing"
    assert named.json()["code"] == "settlement.not_payable"
    assert (gone["status"], fresh["gross_fen"]) == ("cancelled", run["gross_fen"])


async def test_the_bank_file_is_the_same_every_time_and_comes_back_booked(world: World) -> None:
    book = await due(world)
    run = await agreed_run(book)
    path = f"/settlement-runs/{run['number']}/bank-file"
    with on("2026-03-12"):
        files = [(await world.call("clerk", "POST", path)).content for _ in range(2)]
    assert files[0] == files[1]
    rows = list(csv.DictReader(io.StringIO(files[0].decode("utf-8-sig"))))
    assert len(rows) == 9
    content = bank(
        *(
            (f"YH{n}", f"共保结算 {row['附言']}", row["付款户名"], row["收款户名"], row["金额(元)"],
             "2026-03-13", "成功")
            for n, row in enumerate(rows)
        ),
        encoding="gb18030",
    )  # fmt: skip
    with on("2026-03-14"):
        answer = await upload(world, "clerk", "/bank-files", content, pool_year=book.number)
        taken = answer.json()
        twice = await upload(world, "clerk", "/bank-files", content, pool_year=book.number)
        done = await world.get("clerk", f"/settlement-runs/{run['number']}")
    assert (answer.status_code, taken["encoding"]) == (201, "gb18030")
    assert {row["verdict"] for row in taken["rows"]} == {"booked"}
    assert taken["booked_fen"] == run["gross_fen"]
    assert (twice.status_code, twice.json()["code"]) == (409, "bank.file_twice")
    assert done["status"] == "confirmed"
    assert set((await positions(book)).values()) == {0}


async def test_rows_that_do_not_fit_become_breaks_and_nothing_is_lost(world: World) -> None:
    book = await due(world)
    run = await agreed_run(book)
    by = {i["number"]: i for i in run["instructions"]}
    content = bank(
        (
            "Y1",
            by[1]["reference"],
            "",
            "",
            yuan(by[1]["amount_fen"] - 15_000),
            "2026-03-13",
            "成功",
        ),
        (
            "Y2",
            by[2]["reference"].lower(),
            "",
            "",
            yuan(by[2]["amount_fen"] + 100),
            "2026-03-13",
            "",
        ),
        ("Y3", "SR-2026-999999-001", "", "", "12.00", "2026-03-13", "成功"),
        ("Y4", by[3]["reference"], "别的公司", "", yuan(by[3]["amount_fen"]), "2026-03-13", "成功"),
        ("Y5", by[4]["reference"], "", "", yuan(by[4]["amount_fen"]), "2026-03-13", "退回"),
        ("Y1", by[5]["reference"], "", "", yuan(by[5]["amount_fen"]), "2026-03-13", "成功"),
        encoding="utf-8-sig",
    )
    with on("2026-03-14"):
        taken = (await upload(world, "clerk", "/bank-files", content, pool_year=book.number)).json()
        page = await world.get("clerk", f"/reconciliation/breaks?pool_year={book.number}")
    assert [row["verdict"] for row in taken["rows"]] == [
        "part", "over", "unknown", "unknown", "failed", "repeated",
    ]  # fmt: skip
    assert taken["encoding"] == "utf-8-bom"
    found = {(b["code"], b["difference_fen"]) for b in page["items"]}
    assert found == {
        ("amount_differs", -15_000),
        ("amount_differs", 100),
        ("unknown_reference", 1_200),
        ("wrong_party", by[3]["amount_fen"]),
        ("duplicate", by[5]["amount_fen"] - by[1]["amount_fen"] + 15_000),
    }
    after = await world.get("clerk", f"/settlement-runs/{run['number']}")
    assert [i["status"] for i in after["instructions"]][:5] == [
        "part_paid", "paid", "pending", "failed", "pending",
    ]  # fmt: skip
    assert after["status"] == "part_confirmed"


async def test_a_file_with_a_cell_that_cannot_be_read_changes_nothing(world: World) -> None:
    book = await due(world)
    run = await agreed_run(book)
    good = run["instructions"][0]
    content = bank(
        ("Y1", good["reference"], "", "", yuan(good["amount_fen"]), "2026-03-13", "成功"),
        ("Y2", "", "", "", "十万", "2026-13-40", "也许"),
    )
    before = await sql_value("SELECT count(*) FROM entry")
    with on("2026-03-14"):
        told = await upload(world, "clerk", "/bank-files", content, pool_year=book.number)
        bare = await upload(world, "clerk", "/bank-files", b"a,b\r\n1,2\r\n", pool_year=book.number)
        late = bank(("Y1", good["reference"], "", "", "1.00", "2026-12-01", ""))
        future = await upload(world, "clerk", "/bank-files", late, pool_year=book.number)
    assert [error["code"] for error in told.json()["errors"]] == ["bank.cell"] * 3
    assert bare.json()["code"] == "bank.columns"
    assert future.json()["code"] == "bank.value_in_future"
    assert await sql_value("SELECT count(*) FROM entry") == before
    assert await sql_value("SELECT count(*) FROM bank_file") == 0


async def test_money_without_a_reference_is_given_to_its_instruction_by_a_person(
    world: World,
) -> None:
    book = await due(world)
    run = await agreed_run(book)
    wanted = run["instructions"][0]
    content = bank(("Y9", "没有编号", "", "", yuan(wanted["amount_fen"]), "2026-03-13", "成功"))
    with on("2026-03-14"):
        taken = (await upload(world, "clerk", "/bank-files", content, pool_year=book.number)).json()
        path = f"/bank-files/{taken['number']}/rows/2/assignment"
        body = {"reference": wanted["reference"], "note": "付款人来函说明"}
        foreign = await world.call("m2", "POST", path, body)
        done = await world.post("clerk", path, body)
        again = await world.call("clerk", "POST", path, body)
        report = await world.post(
            "clerk", "/reconciliation", {"pool_year": book.number, "until_on": "2026-03-14"}
        )
    assert foreign.status_code == 404  # a follower sees no bank file
    assert done["breaks"] != []
    assert again.status_code == 409
    after = await world.get("clerk", f"/settlement-runs/{run['number']}")
    assert after["instructions"][0]["status"] == "paid"
    gone = await world.get("clerk", f"/reconciliation/breaks/{taken['breaks'][0]}")
    assert gone["status"] == "resolved"
    assert all(b["code"] == "missing_in_bank" for b in report["breaks"])


async def test_an_obligation_under_payment_is_not_disputed_away(world: World) -> None:
    book = await due(world)
    issued = await book.close("2026-Q1", "2026-04-02")
    run = await agreed_run(book, day="2026-04-03")
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    claim = next(line for line in lines if line["item"] == "claim")
    with on("2026-04-07"):
        made = await world.post(
            "m2", f"/statements/{number}/disputes", {"line": claim["line"], "reason": "迟延通知"}
        )
    assert made["held_fen"] == 0
    mine = next(
        i for i in run["instructions"]
        if i["payer"] == book.uscc("m2") and i["amount_fen"] == 9_000_000
    )  # fmt: skip
    with on("2026-04-08"):
        done = await world.post(
            "clerk",
            f"/settlement-runs/{run['number']}/instructions/{mine['number']}/result",
            {"paid_on": "2026-04-08", "bank_reference": "Z1"},
        )
    assert done["status"] == "part_confirmed"


async def test_a_follower_sees_its_own_payments_of_a_run_only(world: World) -> None:
    book = await due(world)
    run = await agreed_run(book)
    mine = await world.get("m3", f"/settlement-runs/{run['number']}")
    usccs = {i["payer"] for i in mine["instructions"]} | {i["payee"] for i in mine["instructions"]}
    assert usccs == {book.uscc("m3"), book.uscc("clerk")}
    assert [p["member"] for p in mine["before"]] == [book.uscc("m3")]
    text = str(mine)
    assert book.uscc("m2") not in text and book.uscc("m4") not in text
    foreign = await world.call("rival", "GET", f"/settlement-runs/{run['number']}")
    assert foreign.status_code == 404


async def test_a_bank_reference_pays_once_by_hand_too(world: World) -> None:
    book = await due(world)
    run = await agreed_run(book)
    base = f"/settlement-runs/{run['number']}/instructions"
    with on("2026-03-13"):
        await world.post("clerk", f"{base}/1/result", {"bank_reference": "H1"})
        again = await world.call("clerk", "POST", f"{base}/2/result", {"bank_reference": "H1"})
        bare = await world.call("clerk", "POST", f"{base}/2/result", {})
        more = await world.call(
            "clerk", "POST", f"{base}/2/result", {"bank_reference": "H2", "amount_fen": 10**14}
        )
        done = await world.call("clerk", "POST", f"{base}/1/result", {"bank_reference": "H3"})
        none = await world.call("clerk", "POST", f"{base}/99/result", {"bank_reference": "H4"})
    assert again.json()["code"] == "settlement.reference_used"
    assert bare.json()["code"] == "form.missing"
    assert more.json()["code"] == "settlement.more_than_instructed"
    assert (done.status_code, none.status_code) == (409, 404)


async def test_netting_is_tried_without_writing(world: World) -> None:
    debts = [
        {"reference": "1", "debtor": "A", "creditor": "B", "amount_fen": 100},
        {"reference": "2", "debtor": "B", "creditor": "C", "amount_fen": 80},
        {"reference": "3", "debtor": "C", "creditor": "A", "amount_fen": 50},
    ]
    told = await world.post("auditor", "/what-if/netting", {"debts": debts})
    assert (told["gross_fen"], told["cash_fen"], told["sum_fen"]) == (230, 50, 0)
    assert [p["net_fen"] for p in told["before"]] == [50, -20, -30]
    gross = await world.post("clerk", "/what-if/netting", {"debts": debts, "method": "gross"})
    assert gross["cash_fen"] == 230
    assert await sql_value("SELECT count(*) FROM settlement_run") == 0
