"""One year of settlement, committed as input and output: events in, every statement out."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from service.kernel.db import sql, sql_value
from service.verify.settlements import SETTLEMENT_INVARIANTS
from tests.coinsurance.settling import Book, on, plant_book, upload
from tests.coinsurance.test_settlement_runs import agreed_run, bank, yuan
from tests.factories import World

FOLDER = Path(__file__).resolve().parent.parent / "cases" / "settlement" / "year"
Event = dict[str, Any]


class Year:
    """The events of the input, played one after the other through the API."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.statements: dict[tuple[str, str], dict[str, Any]] = {}
        self.dispute = ""
        self.rest = ""

    async def play(self, event: Event) -> None:
        """One event on its day."""
        await getattr(self, f"_{event['kind']}")(event, event["on"].isoformat())

    async def _money(self, name: str, event: Event, day: str, sign: int = 1) -> None:
        with on(day):
            make = getattr(self.book, name)
            await make(sign * event["amount_fen"], day, event["due_on"].isoformat())

    async def _premium(self, event: Event, day: str) -> None:
        await self._money("premium", event, day)

    async def _refund(self, event: Event, day: str) -> None:
        await self._money("premium", event, day, -1)

    async def _claim(self, event: Event, day: str) -> None:
        await self._money("claim", event, day)

    async def _expense(self, event: Event, day: str) -> None:
        await self._money("expense", event, day)

    async def _recovery(self, event: Event, day: str) -> None:
        await self._money("recovery", event, day)

    async def _run(self, event: Event, day: str) -> None:
        run = await agreed_run(self.book, day=day)
        short = event.get("short")
        rows = []
        for n, instruction in enumerate(run["instructions"]):
            fen = instruction["amount_fen"]
            if short and await self._is_short(instruction, short):
                fen -= short["fen"]
                self.rest = instruction["reference"]
            paid = event["paid_on"].isoformat()
            rows.append((f"{day}-{n}", instruction["reference"], "", "", yuan(fen), paid, "成功"))
        await self._bank(event["paid_on"], rows)

    async def _is_short(self, instruction: dict[str, Any], short: dict[str, Any]) -> bool:
        kind = await sql_value(
            "SELECT kind FROM obligation WHERE number = $1",
            instruction["discharges"][0]["reference"],
        )
        uscc = self.book.uscc(short["member"])
        return bool(kind == short["kind"] and instruction["payer"] == uscc)

    async def _rest(self, event: Event, day: str) -> None:
        row = (f"{day}-0", self.rest, "", "", yuan(event["fen"]), day, "成功")
        await self._bank(event["on"], [row])

    async def _bank(self, day: date, rows: list[tuple[str, ...]]) -> None:
        with on(day.isoformat()):
            content = bank(*rows)
            path, year = "/bank-files", self.book.number
            answer = await upload(self.book.world, "clerk", path, content, pool_year=year)
        assert answer.status_code == 201, answer.text

    async def _close(self, event: Event, day: str) -> None:
        for member, item in (await self.book.close(event["period"], day)).items():
            self.statements[event["period"], member] = item

    async def _dispute(self, event: Event, day: str) -> None:
        world, who = self.book.world, event["member"]
        number = self.statements[event["period"], who]["number"]
        lines = (await world.get(who, f"/statements/{number}/lines"))["items"]
        line = next(x["line"] for x in lines if x["item"] == event["item"])
        with on(day):
            body = {"line": line, "reason": "出险通知迟延"}
            made = await world.post(who, f"/statements/{number}/disputes", body)
        self.dispute = made["number"]

    async def _uphold(self, event: Event, day: str) -> None:
        with on(day):
            path = f"/disputes/{self.dispute}/upholding"
            await self.book.world.post("manager", path, {"note": "本方通知确已迟延"})

    async def _interest(self, event: Event, day: str) -> None:
        number = await sql_value(
            "SELECT number FROM obligation WHERE due_on = $1 AND debtor = $2",
            event["of"],
            self.book.year.members[event["member"]],
        )
        with on(day):
            path = f"/obligations/{number}/interest"
            await self.book.world.post("clerk", path, {"until_on": day})


async def played(world: World) -> Year:
    """The whole year."""
    given = tomllib.loads((FOLDER / "input.toml").read_text("utf-8"))
    book = await plant_book(
        world, given["pool"]["agreement"], start_on="2025-01-01", end_on="2025-12-31"
    )
    assert book.members() == given["pool"]["members"]
    assert book.shares == given["pool"]["shares_units"]
    year = Year(book)
    for event in given["event"]:
        await year.play(event)
    return year


async def test_every_statement_of_the_year_is_the_expected_one(world: World) -> None:
    year = await played(world)
    expected = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))["statement"]
    assert len(expected) == len(year.statements) == 16
    for want in expected:
        found = year.statements[want["period"], want["member"]]
        record = await world.get(want["member"], f"/statements/{found['number']}")
        told = {
            "period": record["period"],
            "member": want["member"],
            "items": {item["item"]: item["amount_fen"] for item in record["items"]},
            **{
                name: record[name]
                for name in (
                    "brought_forward_fen",
                    "settled_fen",
                    "carried_forward_fen",
                    "disputed_fen",
                )
            },
        }
        assert told == want


async def test_the_played_year_passes_verification_and_plays_alike(world: World) -> None:
    year = await played(world)
    for name, (_, invariant) in SETTLEMENT_INVARIANTS.items():
        assert (await invariant()).findings == [], name
    states = await sql("SELECT DISTINCT status FROM obligation ORDER BY 1")
    assert [row["status"] for row in states] == ["settled", "void"]
    with on("2026-01-06"):
        body = {"pool_year": year.book.number, "until_on": "2025-12-31"}
        report = await world.post("clerk", "/reconciliation", body)
    assert (report["open"], report["breaks"]) == (0, [])
