"""`eastlake verify` over settlement: a lived year passes, planted faults are found; what is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asyncpg import PostgresError

from coinsurance.settlements import due
from service.kernel.db import sql, sql_value, work
from service.verify.settlements import SETTLEMENT_INVARIANTS
from tests.coinsurance.settling import Book, on, plant_book, upload
from tests.coinsurance.test_settlement_runs import agreed_run, allow_netting, bank, yuan
from tests.factories import World


async def lived(world: World) -> Book:
    """Two quarters with a dispute, a netted run, a bank file, a break and a certificate."""
    book = await plant_book(world, start_on="2025-07-01", end_on="2026-06-30")
    await allow_netting(book)
    with on("2025-08-01"):
        await book.premium(100_000_001, "2025-07-20", "2025-08-10")
        await book.claim(30_000_000, "2025-07-30", "2025-08-13")
    issued = await book.close("2025-Q3", "2025-10-09")
    number = issued["m3"]["number"]
    lines = (await world.get("m3", f"/statements/{number}/lines"))["items"]
    claim = next(x for x in lines if x["item"] == "claim")
    with on("2025-10-10"):
        body = {"line": claim["line"], "reason": "通知迟延"}
        await world.post("m3", f"/statements/{number}/disputes", body)
    run = await agreed_run(book, "multilateral", "2025-10-13")
    rows = [
        (f"V{n}", i["reference"], "", "", yuan(i["amount_fen"] - (n == 0)), "2025-10-14", "成功")
        for n, i in enumerate(run["instructions"])
    ]
    with on("2025-10-15"):
        await upload(world, "clerk", "/bank-files", bank(*rows), pool_year=book.number)
        reconcile = {"pool_year": book.number, "until_on": "2025-10-15"}
        await world.post("clerk", "/reconciliation", reconcile)
        evidence = {"subject_kind": "statement", "subject": number}
        await world.post("m3", "/evidence-bundles", evidence)
    await book.close("2025-Q4", "2026-01-05")
    await book.agree_all({"m4": {"number": issued["m4"]["number"]}}, "2026-01-06")
    return book


async def found() -> dict[str, list[str]]:
    """What does not fit, by invariant."""
    outcomes = {}
    for name, (_, invariant) in SETTLEMENT_INVARIANTS.items():
        outcome = await invariant()
        if outcome.findings:
            outcomes[name] = [finding.text("zh") for finding in outcome.findings]
    return outcomes


async def test_an_entry_committed_after_a_later_one_was_sealed_is_in_the_next_period(
    world: World,
) -> None:
    book = await plant_book(world)
    number = "SELECT nextval(pg_get_serial_sequence('entry', 'id'))"
    with on("2026-03-10"):
        slow = await sql_value(number)
        await book.premium(100_000_001, "2026-01-20", "2026-02-10")
    first = await book.close("2026-Q1", "2026-04-02")
    top = await sql_value(number)
    with on("2026-04-02"):
        await sql("SELECT setval(pg_get_serial_sequence('entry', 'id'), $1, false)", slow)
        await book.premium(10_000, "2026-02-01")
        await sql("SELECT setval(pg_get_serial_sequence('entry', 'id'), $1)", top)
    assert await found() == {}  # the first period is now summed row by row
    second = await book.close("2026-Q2", "2026-07-02")
    assert second["m2"]["brought_forward_fen"] == first["m2"]["carried_forward_fen"]
    assert second["m2"]["items_fen"] == -3_000 + 45
    assert await found() == {}


async def test_a_lived_year_passes_and_everything_was_looked_at(world: World) -> None:
    await lived(world)
    assert await found() == {}
    counts = {name: (await check()).count for name, (_, check) in SETTLEMENT_INVARIANTS.items()}
    assert all(counts.values()), counts


FAULTS = {
    "statement_figures": "UPDATE statement SET items_fen = items_fen + 1,"
    " carried_forward_fen = carried_forward_fen + 1 WHERE position = 2",
    "statement_hashes": "UPDATE statement SET hash = repeat('0', 64) WHERE position = 2",
    "statement_whole": "UPDATE statement SET items_fen = items_fen + 1,"
    " carried_forward_fen = carried_forward_fen + 1 WHERE position = 3",
    "settlement_status": "UPDATE statement SET status = 'settled' WHERE status = 'issued'",
    "settlement_steps": "UPDATE journal_event SET from_status = 'settled'"
    " WHERE subject_kind = 'statement' AND event = 'issue'",
    "obligations": "UPDATE obligation SET settled_fen = settled_fen - 1 WHERE settled_fen > 1",
    "settlement_runs": "UPDATE payment_instruction SET paid_fen = paid_fen - 1"
    " WHERE status = 'part_paid'",
    "dispute_accounts": "UPDATE dispute SET amount_fen = amount_fen - 1",
    "bank_rows": "UPDATE bank_row SET booked_fen = booked_fen - 1 WHERE booked_fen > 1",
    "settlement_certificates": "UPDATE evidence_archive SET content = 'x'::bytea",
    "settlement_four_eyes": "UPDATE settlement_run SET agreed_by = prepared_by",
}


@pytest.mark.parametrize("name", sorted(SETTLEMENT_INVARIANTS))
async def test_a_planted_fault_is_found(world: World, name: str) -> None:
    await lived(world)
    table = FAULTS[name].split()[1]
    await sql("SET CONSTRAINTS ALL IMMEDIATE")
    await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await sql(FAULTS[name])
    assert name in await found()


REFUSED = (
    "UPDATE statement SET items_fen = items_fen + 1, carried_forward_fen = carried_forward_fen + 1",
    "UPDATE statement_period SET seal = seal + 1",
    "UPDATE discharge SET amount_fen = 1",
    "DELETE FROM bank_row",
    "UPDATE payment_instruction SET amount_fen = amount_fen + 1",
    "UPDATE settlement_run SET proof = '{}'",
    "UPDATE dispute SET amount_fen = amount_fen + 1",
    "UPDATE evidence_archive SET content = 'x'::bytea",
    "UPDATE recon_break SET code = 'timing'",
)


@pytest.mark.parametrize("statement", REFUSED)
async def test_the_database_itself_refuses(world: World, statement: str) -> None:
    await lived(world)
    with pytest.raises(PostgresError) as told:
        async with work():
            await sql(statement)
    assert told.value.sqlstate == "EL403"


async def test_an_obligation_is_never_discharged_beyond_what_is_owed(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    row = await sql_value("SELECT id FROM obligation ORDER BY id LIMIT 1")
    with pytest.raises(PostgresError) as told:
        async with work():
            await sql(
                "INSERT INTO discharge (obligation, kind, entry, amount_fen, settled_on,"
                " recorded_at) VALUES ($1, 'payment', 1, 1, '2026-03-09', now())",
                row,
            )
    assert told.value.args[0] == "settlement.overpaid"


async def test_what_is_due_is_written_once(world: World) -> None:
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    moment = datetime(2026, 3, 20, 1, tzinfo=UTC)
    first = await due.due(moment)
    again = await due.due(moment)
    assert (first.reminded, again.reminded, again.experience) == (3, 0, 0)
