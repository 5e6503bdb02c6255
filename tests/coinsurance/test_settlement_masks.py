"""Whoever has no seat in a pool year cannot tell a record of it from one that never was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.coinsurance.settling import Book, on, plant_book, upload
from tests.coinsurance.test_settlement_runs import agreed_run, bank, yuan
from tests.factories import World

ENTERED = {"note": "说明", "reference": "SR-2026-000001-001"}
PATHS: tuple[tuple[str, str, str, Any], ...] = (
    ("dispute", "GET", "/disputes/{}", None),
    ("dispute", "POST", "/disputes/{}/escalation", {}),
    ("dispute", "POST", "/disputes/{}/withdrawal", {"note": "说明"}),
    ("obligation", "GET", "/obligations/{}", None),
    ("obligation", "GET", "/obligations/{}/interest", None),
    ("obligation", "POST", "/obligations/{}/interest", {"until_on": "2026-04-08"}),
    ("obligation", "POST", "/obligations/{}/payments",
     {"amount_fen": 1, "paid_on": "2026-04-08", "bank_reference": "X"}),
    ("run", "GET", "/settlement-runs/{}", None),
    ("run", "POST", "/settlement-runs/{}/cancellation", {"note": "说明"}),
    ("run", "POST", "/settlement-runs/{}/instructions/1/result", {"paid": False}),
    ("bank", "GET", "/bank-files/{}", None),
    ("bank", "POST", "/bank-files/{}/rows/2/assignment", ENTERED),
    ("break", "GET", "/reconciliation/breaks/{}", None),
    ("break", "POST", "/reconciliation/breaks/{}/explanation", {"explanation": "说明"}),
    ("list", "GET", "/bordereaux/{}", None),
    ("statement", "GET", "/statements/{}", None),
    ("statement", "GET", "/statements/{}/lines", None),
    ("statement", "GET", "/statements/{}/lines.csv", None),
    ("statement", "POST", "/statements/{}/acknowledgement", {}),
    ("statement", "POST", "/statements/{}/agreement", {}),
    ("statement", "POST", "/statements/{}/disputes", {"line": 1, "reason": "不符"}),
    ("statement", "POST", "/statements/{}/cancellation", {"note": "撤销"}),
    ("bundle", "GET", "/evidence-bundles/{}", None),
    ("bundle", "GET", "/evidence-bundles/{}/archive.zip", None),
)  # fmt: skip
LIST = "行号,明细号,本方编号,保单号,项目,金额(元),份额(%)\r\n1,,JZ-1,,保费,-1.00,\r\n"


@pytest.fixture
async def made(world: World) -> dict[str, str]:
    """One record of each kind, by its number."""
    book: Book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
        owed = await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    issued = await book.close("2026-Q1", "2026-04-02")
    statement = issued["m2"]["number"]
    line = (await world.get("m2", f"/statements/{statement}/lines"))["items"][0]["line"]
    run = await agreed_run(book, day="2026-04-03")
    first = run["instructions"][0]
    row = ("K1", first["reference"], "", "", yuan(first["amount_fen"] + 1), "2026-04-07", "成功")
    with on("2026-04-08"):
        form = {"line": line, "reason": "金额不符"}
        dispute = await world.post("m2", f"/statements/{statement}/disputes", form)
        taken = await upload(world, "clerk", "/bank-files", bank(row), pool_year=book.number)
        sent = await upload(
            world, "m2", "/bordereaux", LIST.encode(), "list.csv", statement=statement
        )
        body = {"subject_kind": "obligation", "subject": owed["m2"]}
        bundle = await world.post("clerk", "/evidence-bundles", body)
    return {
        "statement": statement,
        "dispute": dispute["number"],
        "obligation": owed["m2"],
        "run": run["number"],
        "bank": taken.json()["number"],
        "break": taken.json()["breaks"][0],
        "list": sent.json()["number"],
        "bundle": bundle["number"],
        "year": book.number,
    }


async def test_a_stranger_is_told_the_same_of_what_is_and_what_is_not(
    world: World, made: dict[str, str]
) -> None:
    with on("2026-04-09"):
        for kind, method, path, body in PATHS:
            real, never = made[kind], f"{made[kind][:-1]}X"
            answers = [
                await world.call("rival_manager", method, path.format(number), body)
                for number in (real, never)
            ]
            told = [
                (a.status_code, a.json()["detail"].replace(number, "?"), a.json()["code"])
                for a, number in zip(answers, (real, never), strict=True)
            ]
            assert told[0] == told[1], (kind, path)
            assert told[0][0] == 404
            assert made["year"] not in answers[0].text, path
        for kind in ("dispute", "obligation"):
            body = {"subject_kind": kind, "subject": made[kind]}
            answer = await world.call("rival", "POST", "/evidence-bundles", body)
            assert answer.status_code == 404 and made["year"] not in answer.text


async def test_a_follower_sees_no_bank_file_and_no_peers_records(
    world: World, made: dict[str, str]
) -> None:
    for kind, path in (
        ("bank", "/bank-files/{}"),
        ("dispute", "/disputes/{}"),
        ("list", "/bordereaux/{}"),
        ("bundle", "/evidence-bundles/{}"),
        ("obligation", "/obligations/{}"),
    ):
        answer = await world.call("m4", "GET", path.format(made[kind]))
        assert answer.status_code == 404, kind
    assign = f"/bank-files/{made['bank']}/rows/2/assignment"
    assert (await world.call("m4", "POST", assign, ENTERED)).status_code == 404
    assert (await world.get("m2", f"/obligations/{made['obligation']}"))["number"]
