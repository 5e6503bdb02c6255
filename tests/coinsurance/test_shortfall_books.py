"""What others stand in for in the books: claims, statements, runs, ageing, and planted faults."""

from __future__ import annotations

import pytest

from service.kernel.db import sql, sql_value
from service.verify.settlements import SETTLEMENT_INVARIANTS, obligations
from service.verify.shortfalls import SHORTFALL_INVARIANTS
from tests.coinsurance.claiming import Scene, at, make_scene, paid
from tests.coinsurance.pooling import RESOLUTION, Pooled, answer_all, on
from tests.coinsurance.settling import plant_book
from tests.coinsurance.test_shortfalls import (
    ASK,
    DEFAULT,
    agreed,
    charged,
    owing,
    path,
    second_approver,
)
from tests.factories import World


@pytest.fixture
async def pooled(world: World) -> Pooled:
    """40, 30, 20, 10; the second owes the lead and the third."""
    return await owing(world)


async def test_a_claim_is_borne_by_the_shares_of_its_loss_day(world: World) -> None:
    """40/30/20/10 by lines; the third does not reimburse: 4:3:1 of its 20,000 yuan."""
    scene: Scene = await make_scene(world)
    await paid(scene)
    year, usccs = scene.year.number, scene.year.usccs
    base = f"/pool-years/{year}/members/{usccs['m3']}"
    with at("2026-03-20"):
        await world.post("approver", f"{base}/default", DEFAULT)
        asked = await world.post("manager", f"{base}/shortfall", ASK)
        pooled = Pooled(world, "", "", year, list(usccs), usccs)
        await answer_all(pooled, asked["consent_request"])
        shown = await world.get("clerk", f"{base}/shortfall")
        assert [p["allocated"] for p in shown["would_bear"]] == [1_000_000, 750_000, 250_000]
        made = await world.post("approver", f"{base}/shortfall/charges", RESOLUTION)
    assert [(p["uscc"], p["amount_fen"]) for p in made["parts"]] == [
        (usccs["clerk"], 1_000_000),
        (usccs["m2"], 750_000),
        (usccs["m4"], 250_000),
    ]
    kinds = await sql("SELECT DISTINCT kind FROM obligation WHERE cause_kind = 'shortfall'")
    assert [row["kind"] for row in kinds] == ["claim_reimbursement"]
    assert (await obligations()).findings == []
    for name, (_, check) in SHORTFALL_INVARIANTS.items():
        assert (await check()).findings == [], name


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("UPDATE consent_request SET status = 'expired'", "verify.settlement_broken"),
        ("UPDATE obligation SET amount_fen = amount_fen + 1 WHERE cause_kind = 'shortfall'",
         "verify.settlement_broken"),
        ("UPDATE shortfall_part SET amount_fen = amount_fen + CASE id WHEN 1 THEN 1 ELSE -1 END"
         " WHERE id IN (SELECT id FROM shortfall_part ORDER BY id LIMIT 2)",
         "verify.shortfall_differs"),
        ("DELETE FROM discharge", "verify.settlement_broken"),
    ],
)  # fmt: skip
async def test_a_planted_fault_is_found(pooled: Pooled, fault: str, code: str) -> None:
    with on("2026-04-10"):
        await agreed(pooled)
        await charged(pooled)
    first = await sql_value("SELECT min(id) FROM shortfall_part")
    await sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("consent_request", "obligation", "shortfall_part", "discharge"):
        await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await sql(fault.replace("CASE id WHEN 1", f"CASE id WHEN {first}"))
    found = [f.code for _, check in SHORTFALL_INVARIANTS.values() for f in (await check()).findings]
    assert code in found


async def test_the_database_holds_parts_and_mirrors(pooled: Pooled) -> None:
    with on("2026-04-10"):
        await agreed(pooled)
        await charged(pooled)
    with pytest.raises(Exception, match=r"append|change"):
        await sql("UPDATE shortfall_charge SET amount_fen = 1")


async def test_statements_and_runs_go_on_with_what_others_stand_in_for(world: World) -> None:
    """Each member's statement shows what it bears and its recourse; a run pays the new debts."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
    pooled = Pooled(world, "", "", book.number, list(book.year.usccs), book.year.usccs)
    base = f"/pool-years/{book.number}/members/{book.uscc('clerk')}"
    with on("2026-03-20"):
        rows = await sql("SELECT debtor FROM obligation GROUP BY 1 ORDER BY count(*) DESC")
        assert rows, "the issuer owes the others their premium"
        await sql("UPDATE pool_member SET roles = '{follower}' WHERE position = 1")
        await sql("UPDATE pool_member SET roles = '{lead,account_keeper}' WHERE position = 2")
        await world.post("approver", f"{base}/default", DEFAULT)
        asked = await world.post("officer", f"{base}/shortfall", ASK)
        await answer_all(pooled, asked["consent_request"])
        shown = await world.get("auditor", f"{base}/shortfall")
        assert shown["would_bear"]
        made = await world.post("approver", f"{base}/shortfall/charges", RESOLUTION)
        standing = sum(p["amount_fen"] for p in made["parts"] if p["stands_in"])
    with on("2026-04-02"):
        who = "m2"
        await world.post(who, f"/pool-years/{book.number}/statements", {"period": "2026-Q1"})
        path = f"/pool-years/{book.number}/statement-periods/2026-Q1"
        await world.post("m2_manager", f"{path}/approval")
        issued = await world.post("m2_manager", f"{path}/issue")
    items = {item["number"]: item for item in issued["items"]}
    assert sum(item["carried_forward_fen"] for item in items.values()) == 0
    lines = await sql(
        "SELECT sum(abs(l.amount_fen))::bigint AS fen FROM entry_line l JOIN account a"
        " ON a.id = l.account WHERE a.code LIKE 'shortfall_%'"
    )
    assert lines[0]["fen"] == 4 * standing
    with on("2026-04-20"):
        form = {"pool_year": book.number, "method": "gross", "due_until": "2026-04-20"}
        run = await world.post("m2", "/settlement-runs", form)
    owed = await sql(
        "SELECT sum(amount_fen)::bigint AS fen FROM obligation WHERE cause_kind = 'shortfall'"
    )
    assert owed[0]["fen"] == 2 * standing, "to the creditors, and by the defaulter in recourse"
    assert run["gross_fen"] >= 2 * standing
    for name, (_, check) in {**SHORTFALL_INVARIANTS, **SETTLEMENT_INVARIANTS}.items():
        assert (await check()).findings == [], name


async def test_ageing_of_a_past_day_still_knows_a_charge_that_was_reversed(
    pooled: Pooled,
) -> None:
    world = pooled.world
    with on("2026-04-10"):
        await agreed(pooled)
        made = await charged(pooled)
        before = await world.get("clerk", f"/pool-years/{pooled.year}/ageing")
    with on("2026-04-13"):
        other = await second_approver(world)
        address = path(pooled, "shortfall", "charges", made["number"], "reversal")
        await world.post(other, address, {"reason": "更正"})
        now_on = await world.get("clerk", f"/pool-years/{pooled.year}/ageing")
        past = await world.get("clerk", f"/pool-years/{pooled.year}/ageing?on=2026-04-10")
    assert past["total_fen"] == before["total_fen"]
    assert now_on["total_fen"] == 1_500_004
