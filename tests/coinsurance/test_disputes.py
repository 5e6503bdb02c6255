"""One line disputed: the side account, the ladder, and how it ends; the rest goes on."""

from __future__ import annotations

from typing import Any

from service.kernel import ledger
from service.kernel.db import sql, sql_value
from tests.coinsurance.settling import Book, on, plant_book
from tests.factories import World

Q1 = "2026-Q1"


async def disputed(world: World, amount_fen: int | None = None) -> tuple[Book, dict[str, Any], str]:
    """A quarter with a claim of 300,000.00 whose part m2 disputes."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    issued = await book.close(Q1, "2026-04-02")
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    line = next(x for x in lines if x["item"] == "claim")
    body: dict[str, Any] = {"line": line["line"], "reason": "出险通知迟于约定的1个工作日"}
    if amount_fen:
        body["amount_fen"] = amount_fen
    with on("2026-04-08"):
        made = await world.post("m2", f"/statements/{number}/disputes", body)
    return book, made, number


async def balance(book: Book, account: str) -> int:
    """What stands on an account, debit positive."""
    rows = await ledger.balances(f"pool:{book.number}")
    return next((row.balance_fen for row in rows if row.account == account), 0)


async def test_a_disputed_line_is_held_and_the_rest_is_agreed(world: World) -> None:
    book, made, number = await disputed(world)
    assert (made["amount_fen"], made["held_fen"], made["level"]) == (9_000_000, 9_000_000, 1)
    assert made["counterparty"]["uscc"] == book.uscc("clerk")
    assert await balance(book, f"disputed:{book.uscc('m2')}") == 9_000_000
    assert await balance(book, f"current:{book.uscc('m2')}") == -9_000_000
    table = await world.get(
        "clerk", f"/pool-years/{book.number}/ageing", params={"on": "2026-04-30"}
    )
    row = next(
        r
        for r in table["rows"]
        if (r["debtor"]["uscc"], r["creditor"]["uscc"]) == (book.uscc("m2"), book.uscc("clerk"))
    )
    assert (row["buckets"]["disputed"], row["buckets"]["31-60"]) == (9_000_000, 0)
    with on("2026-04-09"):
        agreed = await world.post("m2_manager", f"/statements/{number}/agreement", {})
        run = await world.post(
            "clerk", "/settlement-runs", {"pool_year": book.number, "due_until": "2026-04-09"}
        )
    assert agreed["status"] == "agreed"
    paid_by_m2 = [i for i in run["instructions"] if i["payer"] == book.uscc("m2")]
    assert [i["amount_fen"] for i in paid_by_m2] == [450_000]  # the fee alone


async def test_the_next_statement_tells_the_disputed_part_apart(world: World) -> None:
    book, _, _ = await disputed(world)
    second = await book.close("2026-Q2", "2026-07-02")
    mine = second["m2"]
    assert (mine["disputed_fen"], mine["items_fen"]) == (9_000_000, 0)
    record = await world.get("m2", f"/statements/{mine['number']}")
    assert record["ordinary_fen"] == mine["carried_forward_fen"] - 9_000_000


async def test_dismissed_it_is_owed_again_and_interest_runs_from_the_due_day(world: World) -> None:
    book, made, _ = await disputed(world)
    number = made["number"]
    with on("2026-05-06"):
        own = await world.call(
            "m2_manager", "POST", f"/disputes/{number}/dismissal", {"note": "xx"}
        )
        done = await world.post(
            "approver", f"/disputes/{number}/dismissal", {"note": "通知有效送达"}
        )
    assert (own.status_code, done["status"], done["held_fen"]) == (403, "dismissed", 0)
    assert await balance(book, f"disputed:{book.uscc('m2')}") == 0
    page = await world.get("m2", f"/pool-years/{book.number}/obligations?kind=claim_reimbursement")
    owed = page["items"][0]
    assert (owed["status"], owed["open_fen"]) == ("open", 9_000_000)
    path = f"/obligations/{owed['number']}/interest"
    told = await world.get("m2", path, params={"until_on": "2026-05-06"})
    assert (told["days"], told["amount_fen"]) == (61, round(9_000_000 * 43_500 * 61 / 365e6))


async def test_upheld_the_line_is_mirrored_to_the_counterparty(world: World) -> None:
    book, made, _ = await disputed(world)
    number = made["number"]
    before = await balance(book, f"claim_paid:{book.uscc('clerk')}")
    with on("2026-05-06"):
        clerk = await world.call(
            "m2_manager", "POST", f"/disputes/{number}/upholding", {"note": "xx"}
        )
        done = await world.post(
            "manager", f"/disputes/{number}/upholding", {"note": "通知确已迟延"}
        )
    assert clerk.json()["code"] == "dispute.not_counterparty"
    assert (done["status"], done["outcome"]) == ("upheld", "通知确已迟延")
    assert await balance(book, f"claim_paid:{book.uscc('m2')}") == 0
    assert await balance(book, f"claim_paid:{book.uscc('clerk')}") == before + 9_000_000
    assert await balance(book, f"disputed:{book.uscc('m2')}") == 0
    page = await world.get("m2", f"/pool-years/{book.number}/obligations?kind=claim_reimbursement")
    assert (page["items"][0]["status"], page["items"][0]["struck_fen"]) == ("void", 9_000_000)
    result = await world.get(
        "clerk", f"/pool-years/{book.number}/results", params={"as_of": "2026-05-06"}
    )
    assert result["whole"]["paid_fen"] == 30_000_000
    assert sum(m["sums"]["paid_fen"] for m in result["members"]) == 30_000_000


async def test_what_was_paid_before_an_upheld_dispute_is_owed_back(world: World) -> None:
    book, made, _ = await disputed(world, 4_000_000)
    assert made["held_fen"] == 4_000_000
    page = await world.get("m2", f"/pool-years/{book.number}/obligations?kind=claim_reimbursement")
    owed = page["items"][0]["number"]
    pay = {"amount_fen": 5_000_000, "paid_on": "2026-04-09", "bank_reference": "B-1"}
    with on("2026-04-09"):
        more = await world.call("m2", "POST", f"/obligations/{owed}/payments", pay)
        await world.post("clerk", f"/obligations/{owed}/payments", pay)
        over = await world.call(
            "clerk",
            "POST",
            f"/obligations/{owed}/payments",
            {"amount_fen": 1, "paid_on": "2026-04-09", "bank_reference": "B-2"},
        )
        await world.post("manager", f"/disputes/{made['number']}/upholding", {"note": "认可"})
    assert more.json()["code"] == "pool.role_missing"
    assert over.json()["code"] == "settlement.more_than_open"
    after = await world.get("m2", f"/obligations/{owed}")
    assert (after["status"], after["settled_fen"], after["struck_fen"]) == (
        "settled",
        5_000_000,
        4_000_000,
    )


async def test_a_paid_line_that_is_upheld_goes_back_as_a_new_debt(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        owed = await book.claim(30_000_000, "2026-02-20", "2026-03-06")
        await world.post(
            "clerk",
            f"/obligations/{owed['m2']}/payments",
            {"amount_fen": 9_000_000, "paid_on": "2026-03-06", "bank_reference": "B-7"},
        )
    issued = await book.close(Q1, "2026-04-02")
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    claim = next(x for x in lines if x["item"] == "claim")["line"]
    money = next(x for x in lines if x["item"] == "settlement")["line"]
    with on("2026-04-08"):
        body = {"line": money, "reason": "没有收到"}
        wrong = await world.call("m2", "POST", f"/statements/{number}/disputes", body)
        made = await world.post(
            "m2", f"/statements/{number}/disputes", {"line": claim, "reason": "不属承保范围"}
        )
        await world.post("manager", f"/disputes/{made['number']}/upholding", {"note": "认可"})
    assert (wrong.json()["code"], made["held_fen"]) == ("dispute.not_an_item", 0)
    page = await world.get("m2", f"/pool-years/{book.number}/obligations?kind=share_adjustment")
    back = page["items"][0]
    assert (back["debtor"]["uscc"], back["amount_fen"]) == (book.uscc("clerk"), 9_000_000)
    assert (await balance(book, f"current:{book.uscc('m2')}")) == -9_000_000


async def test_what_a_bank_does_not_pay_falls_under_the_dispute_of_its_line(world: World) -> None:
    """Disputed while an instruction waits: failed or cancelled, the debt is held, not overdue."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    number = (await book.close(Q1, "2026-04-02"))["m2"]["number"]
    with on("2026-04-03"):
        form = {"pool_year": book.number, "due_until": "2026-04-03"}
        run = await world.post("clerk", "/settlement-runs", form)
        await world.post("manager", f"/settlement-runs/{run['number']}/approval")
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    body = {"line": next(x for x in lines if x["item"] == "claim")["line"], "reason": "通知迟延"}
    with on("2026-04-08"):
        made = await world.post("m2", f"/statements/{number}/disputes", body)
        assert made["held_fen"] == 0
        first = next(
            i for i in run["instructions"]
            if i["payer"] == book.uscc("m2") and i["amount_fen"] >= 9_000_000
        )  # fmt: skip
        path = f"/settlement-runs/{run['number']}/instructions/{first['number']}/result"
        await world.post("clerk", path, {"paid": False, "failure": "余额不足"})
        held = await world.get("m2", f"/disputes/{made['number']}")
    assert held["held_fen"] == 9_000_000
    state = await sql("SELECT b.status FROM obligation b JOIN obligation_hold h"
                      " ON h.obligation = b.id WHERE h.state = 'held'")  # fmt: skip
    assert [row["status"] for row in state] == ["disputed"]
    with on("2026-04-09"):
        await world.post("m2", f"/disputes/{made['number']}/withdrawal", {"note": "已查明"})
    assert await sql_value("SELECT count(*) FROM obligation_hold WHERE state = 'held'") == 0


async def test_a_dispute_holds_on_top_what_a_failed_payment_leaves(world: World) -> None:
    """Half of a debt is under payment when the whole line is disputed; the bank does not pay."""
    book, made, number = await disputed(world, 4_000_000)
    with on("2026-04-09"):
        form = {"pool_year": book.number, "due_until": "2026-04-09"}
        run = await world.post("clerk", "/settlement-runs", form)
        await world.post("manager", f"/settlement-runs/{run['number']}/approval")
        await world.post("m2", f"/disputes/{made['number']}/withdrawal", {"note": "改就全额提出"})
        lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
        line = next(x for x in lines if x["item"] == "claim")["line"]
        body = {"line": line, "reason": "通知迟延"}
        again = await world.post("m2", f"/statements/{number}/disputes", body)
        assert (again["amount_fen"], again["held_fen"]) == (9_000_000, 4_000_000)
        paying = next(
            i for i in run["instructions"]
            if i["payer"] == book.uscc("m2") and i["amount_fen"] >= 5_000_000
        )  # fmt: skip
        path = f"/settlement-runs/{run['number']}/instructions/{paying['number']}/result"
        await world.post("clerk", path, {"paid": False, "failure": "余额不足"})
        held = await world.get("m2", f"/disputes/{again['number']}")
        assert held["held_fen"] == 9_000_000
        await world.post("m2", f"/disputes/{again['number']}/withdrawal", {"note": "已查明"})
    page = await world.get("m2", f"/pool-years/{book.number}/obligations?kind=claim_reimbursement")
    assert (page["items"][0]["status"], page["items"][0]["open_fen"]) == ("open", 9_000_000)


async def test_a_line_is_disputed_once_and_within_its_amount(world: World) -> None:
    book, made, number = await disputed(world, 1_000_000)
    line = made["line"]
    with on("2026-04-09"):
        again = await world.call(
            "m2", "POST", f"/statements/{number}/disputes", {"line": line, "reason": "再次"}
        )
        await world.post("m2", f"/disputes/{made['number']}/withdrawal", {"note": "已查明"})
        more = await world.call(
            "m2",
            "POST",
            f"/statements/{number}/disputes",
            {"line": line, "reason": "全部", "amount_fen": 9_000_001},
        )
        foreign = await world.call(
            "m3", "POST", f"/statements/{number}/disputes", {"line": line, "reason": "不是我的"}
        )
        unknown = await world.call(
            "m2", "POST", f"/statements/{number}/disputes", {"line": 1, "reason": "没有这一行"}
        )
    assert (again.status_code, again.json()["code"]) == (409, "dispute.line_disputed")
    assert more.json()["code"] == "dispute.more_than_line"
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert await sql_value("SELECT count(*) FROM obligation_hold WHERE state = 'held'") == 0
    assert await balance(book, f"disputed:{book.uscc('m2')}") == 0


async def test_the_ladder_is_climbed_by_its_clocks(world: World) -> None:
    book, made, _ = await disputed(world)
    number = made["number"]
    assert [r["name"] for r in made["rungs"]] == ["经办人协商"]
    assert made["level_due_on"] == "2026-04-15"  # 5 working days
    with on("2026-04-15"):
        early = await world.call("m2", "POST", f"/disputes/{number}/escalation")
        other = await world.call("m3", "POST", f"/disputes/{number}/escalation")
    assert (early.json()["code"], other.status_code) == ("dispute.clock_runs", 404)
    with on("2026-04-16"):
        second = await world.post("clerk", f"/disputes/{number}/escalation")
    assert (second["level"], second["level_due_on"]) == (2, "2026-04-30")
    with on("2026-05-06"):
        third = await world.post("m2", f"/disputes/{number}/escalation")
    assert (third["level"], third["rungs"][-1]["name"]) == (3, "机构负责人协商")
    with on("2026-05-29"):
        top = await world.post("m2", f"/disputes/{number}/escalation")
        assert top["level"] == 4
    with on("2026-07-10"):
        over = await world.call("m2", "POST", f"/disputes/{number}/escalation")
        court = await world.post("m2_manager", f"/disputes/{number}/referral", {"note": "起诉"})
    assert (over.json()["code"], court["status"]) == ("dispute.top_level", "referred")
    assert await balance(book, f"disputed:{book.uscc('m2')}") == 9_000_000


async def test_a_credit_line_needs_the_entry_that_corrects_it(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
    issued = await book.close(Q1, "2026-04-02")
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    line = next(x for x in lines if x["item"] == "premium")["line"]
    with on("2026-04-08"):
        made = await world.post(
            "m2", f"/statements/{number}/disputes", {"line": line, "reason": "份额应为31%"}
        )
        path = f"/disputes/{made['number']}/upholding"
        bare = await world.call("manager", "POST", path, {"note": "认可"})
        await book.premium(1_000, "2026-04-08")
        key = await sql_value("SELECT key FROM entry ORDER BY id DESC LIMIT 1")
        done = await world.post("manager", path, {"note": "认可", "correction": key})
    assert (made["amount_fen"], made["held_fen"]) == (-30_000_000, 30_000_000)
    assert (bare.json()["code"], done["status"]) == ("dispute.no_correction", "upheld")
