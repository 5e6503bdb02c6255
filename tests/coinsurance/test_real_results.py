"""Results and triangles of real claims, reckoned again from the movements the API tells.

The reckoning knows nothing of the program's rules: fractions, quarters and sums of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.coinsurance.claiming import Scene, at
from tests.coinsurance.real_claims import play
from tests.factories import World

TODAY = "2026-11-28"
QUARTERS = ("2026-03-31", "2026-06-30", "2026-09-30", TODAY)
PAID = {"payment": 1, "advance": 1, "recovery": -1, "salvage": -1}


@dataclass
class Reckoned:
    """Claims by member (None: the whole) and day, as the movements say."""

    scene: Scene
    moves: list[dict[str, Any]] = field(default_factory=list)
    premium: list[dict[str, Any]] = field(default_factory=list)

    def claims(self, what: str, until: date, member: str | None) -> int:
        """Paid less recovered, reserved, or costs, up to a day."""
        total = 0
        for move in self.moves:
            if date.fromisoformat(move["effective_on"]) > until:
                continue
            for part in move["parts"]:
                if member is None or part["uscc"] == member:
                    total += self._of(what, move, part)
        return total

    @staticmethod
    def _of(what: str, move: dict[str, Any], part: dict[str, Any]) -> int:
        if what == "reserve":
            return int(part["reserve_fen"])
        if what == "expense":
            return int(part["amount_fen"]) if move["kind"] == "expense" else 0
        return PAID.get(move["kind"], 0) * int(part["amount_fen"])

    def premium_of(self, until: date, member: str | None) -> int:
        """Premium booked up to a day."""
        return sum(
            part["amount_fen"]
            for part in self.premium
            if part["component"] == "保费"
            and date.fromisoformat(part["effective_on"]) <= until
            and member in (None, part["uscc"])
        )


async def reckoned(world: World) -> Reckoned:
    """Both claims and the premium, read as the lead reads them."""
    scene, *numbers = await play(world)
    found = Reckoned(scene)
    for number in numbers:
        found.moves += (await scene.get("clerk", number))["movements"]
    found.premium = (await world.get("clerk", "/reports/pool-premium-parts.json"))["rows"]
    return found


def cells(found: Reckoned, day: str, member: str | None = None) -> dict[str, list[int]]:
    """The row of 2026: paid, and paid with what is reserved, at the end of each quarter."""
    until = [min(q, day) for n, q in enumerate(QUARTERS) if n == 0 or QUARTERS[n - 1] < day]
    days = [date.fromisoformat(text) for text in until]
    paid = [found.claims("paid", on, member) for on in days]
    reserved = [found.claims("reserve", on, member) for on in days]
    return {
        "paid_fen": paid,
        "incurred_fen": [a + b for a, b in zip(paid, reserved, strict=True)],
    }


def half_up(value: Fraction) -> int:
    return (value * 2 + 1).__floor__() // 2


@pytest.mark.parametrize("day", [*QUARTERS, "2026-08-31", "2026-05-10"])
async def test_every_cell_and_ratio_comes_from_the_movements(world: World, day: str) -> None:
    found = await reckoned(world)
    with at(TODAY):
        query = {"as_of": day}
        told = await world.get("clerk", "/pools/integrated-circuit/triangles", params=query)
        own = await world.get(
            "m3", "/pools/integrated-circuit/triangles", params={**query, "own": True}
        )
        year = await world.get(
            "clerk", f"/pool-years/{found.scene.year.number}/results", params=query
        )
    assert told["rows"] == [{"accident_year": 2026, **cells(found, day)}]
    mine = found.scene.year.usccs["m3"]
    assert own["rows"] == [{"accident_year": 2026, **cells(found, day, mine)}]
    for name in ("paid", "incurred"):
        row = cells(found, day)[f"{name}_fen"]
        for n, link in enumerate(told[f"{name}_links"]):
            assert (link["from_quarter"], link["numerator_fen"], link["denominator_fen"]) == (
                n + 1, row[n + 1], row[n],
            )  # fmt: skip
            ppm = half_up(Fraction(row[n + 1] * 1_000_000, row[n])) if row[n] else None
            assert link["ppm"] == ppm
    _results(found, year, date.fromisoformat(day))


def _results(found: Reckoned, told: dict[str, Any], until: date) -> None:
    """Sums of the whole and of each member, and the ratios made of them."""
    everybody = [(None, told["whole"], told["ratios"])]
    everybody += [(m["member"]["uscc"], m["sums"], m["ratios"]) for m in told["members"]]
    assert len(everybody) == 5
    for member, sums, ratios in everybody:
        paid, reserve, expense, premium = (
            found.claims("paid", until, member),
            found.claims("reserve", until, member),
            found.claims("expense", until, member),
            found.premium_of(until, member),
        )
        assert sums["net_paid_fen"] == paid
        assert sums["outstanding_fen"] == reserve
        assert sums["incurred_fen"] == paid + reserve
        assert sums["expense_fen"] == expense
        assert sums["premium_fen"] == premium
        for ratio, (up, down) in zip(
            ratios,
            (
                (paid, premium),
                (paid + reserve, premium),
                (paid + reserve, sums["earned_fen"]),
                (expense, premium),
            ),
            strict=True,
        ):
            assert (ratio["numerator_fen"], ratio["denominator_fen"]) == (up, down)
            assert ratio["ppm"] == (half_up(Fraction(up * 1_000_000, down)) if down else None)


async def test_the_movements_are_what_was_done(world: World) -> None:
    """The figures themselves, by hand: so that the reckoning above is not empty."""
    found = await reckoned(world)
    end = date.fromisoformat(TODAY)
    assert found.claims("paid", date(2026, 3, 31), None) == 10_000_000
    assert found.claims("paid", date(2026, 6, 30), None) == 13_000_001
    assert found.claims("paid", date(2026, 9, 30), None) == 13_000_001 + 2_000_002 - 999_903
    assert found.claims("paid", end, None) == 13_000_001 - 999_903
    assert found.claims("expense", end, None) == 100_001
    assert found.premium_of(end, None) == 133_333_334
    assert found.claims("reserve", end, None) == 8_000_003 - 3_000_001
