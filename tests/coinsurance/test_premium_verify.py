"""`eastlake verify` over pool premium: whole stories pass, planted faults are found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coinsurance.premiums import replay
from service.kernel.db import sql, sql_value
from service.verify import premiums
from tests.coinsurance.paying import endorse, make_placement, receipt, undo
from tests.coinsurance.placing import Year, make_zones, plant_year
from tests.coinsurance.test_premium_shares import take_effect
from tests.factories import World


@pytest.fixture
async def year(world: World) -> Year:
    made = await plant_year(world)
    await make_zones(world)
    return made


@pytest.fixture
async def lived(world: World, year: Year) -> str:
    """A placement with everything that can happen to its premium."""
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    for n, fen in enumerate((70_000_001, 33, 1), 1):
        await world.post("clerk", path, receipt(fen, f"B{n}"))
    back = {"effective_on": "2026-11-26", "reason": "退票"}
    await world.post("clerk", f"{path}/2/reversal", back)
    await world.post("clerk", path, receipt(29_999_999, "B4"))
    await take_effect(world, year, number)
    await world.post("clerk", path, receipt(99_999_999, "B5"))
    await endorse(
        world,
        year,
        number,
        kind="additional_premium",
        premium_change_fen=777_777,
        effective_on="2027-07-01",
    )
    await world.post("clerk", path, receipt(777_776, "B6"))
    await endorse(
        world, year, number, kind="return_premium", method="pro_rata", effective_on="2027-11-01"
    )
    await undo(world, year, number, 2, "2027-11-01")
    await endorse(world, year, number, kind="cancel", method="pro_rata", effective_on="2027-10-01")
    return number


async def found() -> dict[str, list[str]]:
    outcomes = {}
    for name, (_, invariant) in premiums.PREMIUM_INVARIANTS.items():
        outcome = await invariant()
        if outcome.findings:
            outcomes[name] = [finding.text("zh") for finding in outcome.findings]
    return outcomes


async def test_a_whole_story_is_made_again_to_the_fen(world: World, lived: str) -> None:
    assert await found() == {}
    count = await sql_value("SELECT count(*) FROM premium_movement")
    assert count == 11
    outcome = await premiums.premium_series()
    assert outcome.count == 1


async def test_nothing_to_verify_is_right(world: World) -> None:
    assert await found() == {}


@pytest.mark.parametrize(
    ("table", "change", "tells"),
    [
        (
            "premium_part",
            "UPDATE premium_part SET amount_fen = amount_fen + 1, to_date_fen = to_date_fen + 1"
            " WHERE id = (SELECT min(id) FROM premium_part)",
            {"premium_parts", "premium_entries", "premium_series"},
        ),
        (
            "premium_part",
            "UPDATE premium_part SET exact_numerator = '1' WHERE component = 'premium'"
            " AND id = (SELECT max(id) FROM premium_part WHERE component = 'premium')",
            {"premium_series"},
        ),
        (
            "premium_movement",
            "UPDATE premium_movement SET source = 'other' WHERE number = 1",
            {"premium_receipts", "premium_series"},
        ),
        (
            "obligation",
            "UPDATE obligation SET amount_fen = amount_fen + 1"
            " WHERE id = (SELECT min(id) FROM obligation)",
            {"premium_debts"},
        ),
    ],
)
async def test_planted_faults_are_found(
    world: World, lived: str, table: str, change: str, tells: set[str]
) -> None:
    await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await sql(change)
    assert set(await found()) >= tells


async def test_a_schedule_changed_behind_the_back_is_found(world: World, lived: str) -> None:
    await sql("ALTER TABLE share_item DISABLE TRIGGER USER")
    await sql(
        "UPDATE share_item SET share_units = share_units + CASE position WHEN 1 THEN 1 ELSE -1 END"
        " WHERE position IN (1, 2) AND schedule = (SELECT min(id) FROM share_schedule)"
    )
    assert "premium_series" in await found()


async def test_faults_name_movement_member_and_component(world: World, lived: str) -> None:
    placement = await sql_value("SELECT id FROM placement WHERE number = $1", lived)
    story: Any = await replay.story_of(placement)
    assert replay.faults(story) == []
    assert story.movements[0].movement.effective_on == date(2026, 11, 20)
