"""One whole year of one pool, played through the API against the books that are committed."""

from __future__ import annotations

import csv

from service import verify
from tests.coinsurance import year
from tests.coinsurance.year_by_hand import Hand
from tests.contract.golden import stored_text
from tests.factories import World


async def test_the_year_leaves_exactly_the_books_that_are_committed(world: World) -> None:
    played = await year.play(world, year.load())
    found = await year.books(played)
    for name, rows in found.items():
        text = year.as_csv(name, rows)
        assert stored_text(year.YEAR / name, text) == text, name
    assert sum(int(fen) for _, fen in found["accounts.csv"]) == 0
    result = await verify.run()
    assert [finding.text("zh") for finding in result.findings] == []


def test_the_committed_books_are_those_made_by_hand() -> None:
    by_hand = Hand(year.load()).books()
    for name, columns in year.FILES.items():
        with (year.YEAR / name).open(encoding="utf-8", newline="") as file:
            head, *rows = [tuple(row) for row in csv.reader(file)]
        assert head == columns
        wanted = by_hand[name]
        if name == "parts.csv":
            assert set(rows) == wanted
            assert len(rows) == len(wanted)
        elif name == "accounts.csv":
            assert [row for row in rows if row[1] != "0"] == wanted
        else:
            assert rows == wanted
