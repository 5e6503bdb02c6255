"""Settlement raced with real commits: one closes, one books, one agrees; nothing is half-written.

Every loser is told with a code, a clause or source where there is one, and a remedy.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
import pytest
import pytest_asyncio

from coinsurance.settlements.due import due
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value, work
from service.verify.settlements import SETTLEMENT_INVARIANTS
from tests.coinsurance.settling import Book, on, plant_book, upload
from tests.coinsurance.test_settlement_runs import agreed_run, bank, yuan
from tests.elsewhere import committed_world
from tests.factories import World

pytestmark = pytest.mark.commits
RACERS = 12
Q1 = "2026-Q1"
Call = Coroutine[Any, Any, httpx.Response]


@pytest_asyncio.fixture(loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, "eastlake_settlement_races", RACERS + 6) as world:
        yield world


async def race(calls: list[Call]) -> Counter[str]:
    """All calls at once: how many ended how. Who lost was told why and what to do."""
    answers = await asyncio.gather(*calls)
    for answer in answers:
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            for error in answer.json()["errors"]:
                assert error["message_zh"] and error["remedy_zh"] and error["remedy_en"], error
    return Counter(
        str(a.status_code) if a.status_code < 300 else f"{a.status_code} {a.json()['code']}"
        for a in answers
    )


async def verified() -> None:
    for name, (_, check) in SETTLEMENT_INVARIANTS.items():
        assert (await check()).findings == [], name


async def quarter(world: World, code: str = "integrated-circuit", **more: Any) -> Book:
    """A pool year with premium and a claim in its first quarter, all due."""
    async with work():
        book = await plant_book(world, code, **more)
    book.serial = 1_000 * len(code)  # numbers of its debts are its own
    with on("2026-03-10"):
        await book.premium(100_000_001, "2026-01-20", "2026-02-10")
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    return book


async def test_a_period_is_drafted_approved_issued_and_cancelled_once(world: World) -> None:
    book = await quarter(world)
    base = f"/pool-years/{book.number}"
    period = f"{base}/statement-periods/{Q1}"
    with on("2026-04-02"):
        drafted = await race(
            [world.call("clerk", "POST", f"{base}/statements", {"period": Q1})
             for _ in range(RACERS)]
        )  # fmt: skip
        assert drafted == {"201": 1, "409 statement.draft_open": RACERS - 1}
        approved = await race([world.call("manager", "POST", f"{period}/approval")
                               for _ in range(RACERS)])  # fmt: skip
        assert approved == {"201": 1, "422 workflow.step_not_allowed": RACERS - 1}
        issued = await race([world.call("manager", "POST", f"{period}/issue")
                             for _ in range(RACERS)])  # fmt: skip
        assert issued == {"201": 1, "422 workflow.step_not_allowed": RACERS - 1}
        again = await race(
            [world.call("clerk", "POST", f"{base}/statements", {"period": Q1})
             for _ in range(RACERS)]
        )  # fmt: skip
        assert again == {"422 statement.period_closed": RACERS}
    told = await sql("SELECT event, count(*) FROM journal_event WHERE subject = $1 GROUP BY 1",
                     f"{book.number}.{Q1}")  # fmt: skip
    assert dict(map(tuple, told)) == {"prepare": 1, "approve": 1, "issue": 1}
    assert await sql_value("SELECT count(*) FROM statement WHERE status = 'issued'") == 4
    with on("2026-04-03"):
        note = {"note": "漏记一笔保费，撤销重编"}
        given_up = await race([world.call("manager", "POST", f"{period}/cancellation", note)
                               for _ in range(RACERS)])  # fmt: skip
    assert given_up["201"] == 1, given_up
    assert await sql_value("SELECT count(*) FROM statement WHERE status = 'cancelled'") == 4
    await verified()


async def test_members_agree_dispute_and_cancel_at_once(world: World) -> None:
    book = await quarter(world)
    issued = await book.close(Q1, "2026-04-02")
    lines = await world.get("m3", f"/statements/{issued['m3']['number']}/lines")
    form = {"line": lines["items"][0]["line"], "reason": "金额与我司账面不符"}
    period = f"/pool-years/{book.number}/statement-periods/{Q1}"
    with on("2026-04-07"):
        calls = [
            world.call("manager", "POST", f"/statements/{issued['clerk']['number']}/agreement", {}),
            *(world.call(f"{member}_manager", "POST",
                         f"/statements/{issued[member]['number']}/agreement", {})
              for member in ("m2", "m3", "m4") for _ in range(3)),
            *(world.call("m3", "POST", f"/statements/{issued['m3']['number']}/disputes", form)
              for _ in range(3)),
            world.call("manager", "POST", f"{period}/cancellation", {"note": "撤销重编"}),
        ]  # fmt: skip
        ended = await race(calls)
    states = {row["status"] for row in await sql("SELECT status FROM statement")}
    assert ("cancelled" in states) == (states == {"cancelled"})
    assert await sql_value("SELECT count(*) FROM dispute") <= 1
    assert sum(ended.values()) == len(calls)
    await verified()


async def test_a_bank_file_is_booked_once_whoever_sends_it_where(world: World) -> None:
    book = await quarter(world)
    other = await quarter(world, "biomedicine", others=book.year.members)
    run = await agreed_run(book)
    rows = [
        (f"B{n}", i["reference"], "", "", yuan(i["amount_fen"]), "2026-03-13", "成功")
        for n, i in enumerate(run["instructions"])
    ]
    content = bank(*rows)
    with on("2026-03-13"):
        ended = await race(
            [upload(world, ("clerk", "keeper")[n % 2], "/bank-files", content,
                    pool_year=(book if n % 3 else other).number) for n in range(RACERS)]
        )  # fmt: skip
    assert ended == {"201": 1, "409 bank.file_twice": RACERS - 1}
    assert await sql_value("SELECT count(*) FROM bank_row") == len(rows)
    taken = await sql_value("SELECT pool_year FROM bank_file")
    booked = await sql_value("SELECT count(*) FROM discharge")
    assert booked == (len(rows) if taken == book.year.id else 0)
    await verified()


async def test_one_serial_in_two_files_is_booked_once(world: World) -> None:
    book = await quarter(world)
    run = await agreed_run(book)
    first, second = run["instructions"][:2]
    files = []
    for n in range(RACERS):
        one = (first, second)[n % 2]
        row = ("SAME", one["reference"], "", "", "1.00", "2026-03-13", "成功")
        files.append(bank(row, (f"Z{n}", "无附言", "", "", "0.01", "2026-03-13", "成功")))
    with on("2026-03-13"):
        ended = await race(
            [upload(world, "clerk", "/bank-files", f, pool_year=book.number) for f in files]
        )
    assert ended == {"201": RACERS}
    assert await sql_value("SELECT sum(amount_fen) FROM discharge") == 100
    repeated = "SELECT count(*) FROM bank_row WHERE verdict = 'repeated'"
    assert await sql_value(repeated) == RACERS - 1
    await verified()


async def test_a_debt_is_paid_once_by_hand_by_file_and_by_run(world: World) -> None:
    """By its number, by one bank serial for several debts, while a run takes them up too."""
    book = await quarter(world)
    owed = await sql("SELECT number, amount_fen FROM obligation ORDER BY id")
    with on("2026-03-12"):
        calls = [
            world.call("keeper", "POST", f"/obligations/{row['number']}/payments",
                       {"amount_fen": row["amount_fen"], "paid_on": "2026-03-12",
                        "bank_reference": reference})
            for n, row in enumerate(owed) for reference in ("ONE", f"P{n}")
        ]  # fmt: skip
        run = {"pool_year": book.number, "method": "gross", "due_until": "2026-03-12"}
        calls += [world.call("clerk", "POST", "/settlement-runs", run) for _ in range(3)]
        ended = await race(calls)
    assert sum(ended.values()) == len(calls)
    once = "SELECT count(DISTINCT obligation) FROM discharge WHERE reference = 'ONE'"
    assert await sql_value(once) <= 1
    over = "SELECT number FROM obligation WHERE settled_fen > amount_fen"
    assert await sql(over) == []
    twice = (
        "SELECT obligation FROM settlement_part t JOIN settlement_run r ON r.id = t.run"
        " WHERE r.status = 'proposed' GROUP BY obligation HAVING count(*) > 1"
    )
    assert await sql(twice) == []
    await verified()


async def test_a_run_is_agreed_once_and_each_result_counts_once(world: World) -> None:
    book = await quarter(world)
    with on("2026-03-12"):
        form = {"pool_year": book.number, "method": "gross", "due_until": "2026-03-12"}
        run = await world.post("clerk", "/settlement-runs", form)
        base = f"/settlement-runs/{run['number']}"
        agreed = await race([world.call("manager", "POST", f"{base}/approval")
                             for _ in range(RACERS)])  # fmt: skip
        assert agreed == {"201": 1, "422 workflow.step_not_allowed": RACERS - 1}
    with on("2026-03-13"):
        results = [
            world.call("clerk", "POST", f"{base}/instructions/{i['number']}/result",
                       {"paid_on": "2026-03-13", "bank_reference": f"R{i['number']}-{n}"})
            for i in run["instructions"] for n in range(2)
        ]  # fmt: skip
        ended = await race(results)
    count = len(run["instructions"])
    assert ended == {"201": count, "409 settlement.not_instructed": count}
    paid = "SELECT sum(amount_fen) = (SELECT sum(amount_fen) FROM obligation) FROM discharge"
    assert await sql_value(paid)
    assert (await world.get("clerk", base))["status"] == "confirmed"
    await verified()


async def test_interest_certificates_and_the_nightly_run_write_once(world: World) -> None:
    book = await quarter(world)
    late = await sql_value("SELECT number FROM obligation ORDER BY id LIMIT 1")
    with on("2026-03-20"):
        charge = {"until_on": "2026-03-20"}
        charged = await race([world.call("m2", "POST", f"/obligations/{late}/interest", charge)
                              for _ in range(RACERS)])  # fmt: skip
    assert charged["201"] == 1 and len(charged) == 2, charged
    assert await sql_value("SELECT count(*) FROM obligation WHERE kind = 'interest'") == 1
    issued = await book.close(Q1, "2026-04-02")
    await book.agree_all(issued, "2026-04-03")
    with on("2026-04-07"):
        form = {"pool_year": book.number, "as_of": "2026-03-31"}
        made = await race([world.call("clerk", "POST", "/certificates/no-difference", form)
                           for _ in range(RACERS)])  # fmt: skip
        assert made == {"201": 1, "409 certificate.standing": RACERS - 1}
        await asyncio.gather(*(due(now()) for _ in range(4)))
    twice = "SELECT obligation FROM reminder GROUP BY obligation, stage HAVING count(*) > 1"
    assert await sql(twice) == []
    await verified()


async def test_what_is_posted_while_a_period_closes_is_stated_once(world: World) -> None:
    """Either in this period or in the next, never in both and never in none."""
    book = await quarter(world)
    other = Book(world, book.year, serial=90_000)

    async def posts() -> None:
        for n in range(20):
            await other.premium(1_000 + n, "2026-03-15")

    with on("2026-04-02"):
        base = f"/pool-years/{book.number}"
        draft = world.call("clerk", "POST", f"{base}/statements", {"period": Q1})
        _, answer = await asyncio.gather(posts(), draft)
    assert answer.status_code == 201, answer.text
    with on("2026-04-02"):
        await world.post("manager", f"{base}/statement-periods/{Q1}/approval")
        await world.post("manager", f"{base}/statement-periods/{Q1}/issue")
    await book.close("2026-Q2", "2026-07-02")
    own = "SELECT coalesce(sum(items_fen), 0)::bigint FROM statement WHERE organisation = $1"
    lines = (
        "SELECT coalesce(sum(l.amount_fen), 0)::bigint FROM entry_line l"
        " JOIN account a ON a.id = l.account JOIN entry e ON e.id = l.entry"
        " WHERE a.owner = $1 AND e.reason <> 'settlement'"
    )
    for member in book.year.members.values():
        assert await sql_value(own, member) == await sql_value(lines, member)
    await verified()
