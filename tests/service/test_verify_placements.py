"""The invariants of placements hold on bound risks, and each notices its own kind of tampering."""

from __future__ import annotations

import pytest

from service.kernel.db import sql
from service.verify.placements import PLACEMENT_INVARIANTS
from tests.coinsurance.placing import line, make_bound, make_zones, plant_year
from tests.factories import World

TAMPERED: dict[str, tuple[str, str]] = {
    "placement_snapshots": (
        "placement",
        "UPDATE placement SET snapshot = jsonb_set(snapshot, '{sections,0,shares,0,share_units}',"
        " '1')",
    ),
    "placement_shares": (
        "share_item",
        "UPDATE share_item SET share_units = share_units - 1 WHERE position = 1",
    ),
    "placement_signing": (
        "risk_line",
        "UPDATE risk_line SET written_units = written_units - 1 WHERE status = 'signed'"
        " AND written_units > signed_units",
    ),
    "kept_exposure": ("zone_use", "UPDATE zone_use SET used_fen = used_fen - 1"),
    "distinct_legal_persons": (
        "character_check",
        "UPDATE character_check SET content = jsonb_set(content, '{facts,insurers,1,legal_root}',"
        " content #> '{facts,insurers,0,legal_root}')",
    ),
    "character_checks": (
        "character_check",
        "UPDATE character_check SET content = jsonb_set(content, '{facts,today}', '\"2020\"')",
    ),
    "placement_four_eyes": (
        "placement",
        "UPDATE placement SET bound_by = (SELECT id FROM eastlake_user WHERE login = 'clerk')",
    ),
    "risk_status": ("risk", "UPDATE risk SET status = 'withdrawn' WHERE status = 'placed'"),
    "line_status": (
        "risk_line",
        "UPDATE risk_line SET status = 'lapsed', signed_units = NULL WHERE status = 'signed'",
    ),
    "placement_status": ("placement", "UPDATE placement SET status = 'in_force'"),
    "subjectivity_status": (
        "subjectivity",
        "UPDATE subjectivity SET status = 'met', resolved_at = now()",
    ),
}


@pytest.fixture
async def bound(world: World) -> str:
    """A bound risk with an open condition after binding; its number."""
    await make_zones(world)
    year = await plant_year(world)
    lines = {"clerk": "50%", "m2": "45%", "m3": line("20%", to_stand=True), "m4": "10%"}
    state = await make_bound(world, year, lines)
    form = {"text": "三十日内完成整改", "due_on": "2026-12-30", "before_binding": False}
    await world.post("m2", f"/risks/{state['risk']}/subjectivities", form)
    number: str = state["number"]
    return number


async def _failed() -> set[str]:
    outcomes = {name: await check() for name, (_, check) in PLACEMENT_INVARIANTS.items()}
    return {name for name, outcome in outcomes.items() if outcome.findings}


async def test_all_hold_on_a_bound_risk(bound: str) -> None:
    outcomes = {name: await check() for name, (_, check) in PLACEMENT_INVARIANTS.items()}
    assert {name: o.findings for name, o in outcomes.items() if o.findings} == {}
    assert all(outcome.count for outcome in outcomes.values())


@pytest.mark.parametrize("name", TAMPERED)
async def test_tampering_is_noticed_by_its_invariant(bound: str, name: str) -> None:
    table, statement = TAMPERED[name]
    await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await sql(statement)
    await sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert name in await _failed()


def test_every_invariant_has_its_tampering() -> None:
    assert TAMPERED.keys() == PLACEMENT_INVARIANTS.keys()
