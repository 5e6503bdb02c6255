"""Premium received, taken up and reversed: policy and pool in one transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.kernel import ledger
from service.kernel.db import sql, sql_value
from tests.coinsurance.cases import figure
from tests.coinsurance.paying import make_placement, receipt, recorded_elsewhere
from tests.coinsurance.placing import Year, make_zones, plant_year
from tests.factories import World
from tests.test_statement_counts import statements


@pytest.fixture
async def year(world: World) -> Year:
    made = await plant_year(world)
    await make_zones(world)
    return made


async def told(world: World, who: str, path: str, body: dict[str, Any], *codes: str) -> int:
    """The status of a refusal that tells exactly these codes."""
    answer = await world.call(who, "POST", path, body)
    assert [error["code"] for error in answer.json()["errors"]] == list(codes), answer.text
    return answer.status_code


async def balances(year: Year) -> dict[str, int]:
    rows = await ledger.balances(f"pool:{year.number}")
    return {row.account: row.balance_fen for row in rows if row.balance_fen}


async def test_a_receipt_becomes_parts_debts_and_one_entry(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    taken = await world.post("clerk", f"/placements/{number}/receipts", receipt(1_000_001, "B1"))
    premium = figure(taken, "movements.0.parts.component=premium.amount_fen")
    assert premium == [400_001, 300_000, 200_000, 100_000]
    lead, m2 = year.usccs["clerk"], year.usccs["m2"]
    found = await balances(year)
    assert found[f"premium:{m2}:own"] == -300_000
    assert found[f"current:{lead}"] == 1_000_001 - 80_000
    assert sum(found.values()) == 0
    assert await sql_value("SELECT count(*) FROM entry") == 1
    assert await sql_value("SELECT count(*) FROM premium_receipt") == 1
    assert "第十二条" in figure(taken, "movements.0.parts.component=lead_fee.clause")[0]
    owed = figure(taken, "movements.0.obligations.kind=premium_remittance.amount_fen")
    assert owed == [300_000, 200_000, 100_000]
    assert figure(taken, "movements.0.obligations.0.due_on") == "2026-12-11"


async def test_receipts_of_a_series_stay_within_one_fen(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    for n in range(1, 6):
        path = f"/placements/{number}/receipts"
        taken = await world.post("clerk", path, receipt(7, f"S{n}"))
    parts = figure(taken, "movements.0.parts.component=premium.to_date_fen")
    assert (sum(parts), taken["total_to_date_fen"]) == (35, 35)
    assert parts == [14, 11, 7, 3] or parts == [14, 10, 7, 4]
    differences = figure(taken, "movements.0.parts.component=premium.difference")
    assert all(text != "1" and text != "-1" for text in differences)


async def test_the_same_bank_reference_is_taken_up_once(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    await world.post("clerk", path, receipt(500, "B-7"))
    assert await told(world, "clerk", path, receipt(500, "B-7"), "premium.receipt_twice") == 409
    assert await sql_value("SELECT count(*) FROM premium_receipt") == 1
    whole = receipt(200_000_000, "B-7")
    assert await told(world, "clerk", path, whole, "premium.receipt_twice") == 409


async def test_bad_receipts_are_refused_with_all_their_faults(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    wrong = receipt(200_000_001, "B1", received_on="2026-12-24", source="NO-1", instalment=3)
    codes = (
        "policy.receipt_in_future",
        "policy.receipt_above_due",
        "policy.unknown_source",
        "premium.no_instalment",
    )
    assert await told(world, "clerk", path, wrong, *codes) == 422
    assert await told(world, "clerk", path, receipt(0), "form.beyond") == 422
    assert await sql_value("SELECT count(*) FROM premium_movement") == 0
    assert await sql_value("SELECT count(*) FROM premium_receipt") == 0


async def test_only_the_issuer_records_premium(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    assert await told(world, "m2", path, receipt(5), "pool.role_missing") == 403
    assert await told(world, "rival", path, receipt(5), "not_found") == 404
    assert (
        await told(world, "clerk", "/placements/PL-2026-999999/receipts", receipt(5), "not_found")
        == 404
    )


async def test_receipts_recorded_elsewhere_are_taken_up_in_order(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    policy = await sql_value("SELECT policy FROM placement WHERE number = $1", number)
    past = f"/policies/{policy}/receipts"
    assert await told(world, "clerk", past, receipt(300, "E1"), "policy.kept_in_pool") == 409
    for fen, reference in ((300, "E1"), (400, "")):
        await recorded_elsewhere(world, number, receipt(fen, reference))
    taken = await world.post("clerk", f"/placements/{number}/movements")
    assert figure(taken, "movements.*.amount_fen") == [300, 400]
    again = await world.post("clerk", f"/placements/{number}/movements")
    assert again["movements"] == []
    await recorded_elsewhere(world, number, receipt(50, "E3"))
    more = await world.post("clerk", f"/placements/{number}/receipts", receipt(60, "E4"))
    assert figure(more, "movements.*.amount_fen") == [50, 60]


async def test_a_reversal_mirrors_everything_once(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    base = f"/placements/{number}/receipts"
    await world.post("clerk", base, receipt(1_234_567, "B1"))
    body = {"effective_on": "2026-11-25", "reason": "银行退票"}
    early = {"effective_on": "2026-11-19", "reason": "银行退票"}
    code = "premium.reversal_before_original"
    assert await told(world, "clerk", f"{base}/1/reversal", early, code) == 422
    back = await world.post("clerk", f"{base}/1/reversal", body)
    assert back["movements"][0]["kind"] == "reversal"
    assert back["total_to_date_fen"] == 0
    assert await balances(year) == {}
    kinds = figure(back, "movements.0.obligations.*.kind")
    assert kinds == ["premium_return", "lead_fee", "expense_share"] * 3
    assert await told(world, "clerk", f"{base}/1/reversal", body, "premium.reversed_before") == 409
    twice = "premium.reversal_of_reversal"
    assert await told(world, "clerk", f"{base}/2/reversal", body, twice) == 422
    assert await told(world, "clerk", f"{base}/9/reversal", body, "not_found") == 404
    owed = await sql(
        "SELECT debtor, creditor, kind, sum(amount_fen) AS fen FROM obligation"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert len(owed) == 18
    assert await sql_value("SELECT sum(amount_fen) FROM premium_receipt") == 0
    await world.post("clerk", base, receipt(1_234_567, "B2"))


async def test_cover_begins_with_the_money_where_the_agreement_says_so(world: World) -> None:
    year = await plant_year(world, "biomedicine")
    await make_zones(world)
    number = await make_placement(
        world,
        year,
        instalments=[
            {"due_on": "2026-12-01", "amount_fen": 80_000_000},
            {"due_on": "2027-05-10", "amount_fen": 120_000_000},
        ],
        start_on="2026-12-01",
        end_on="2027-11-09",
    )
    base = f"/placements/{number}/receipts"
    first = await world.post("clerk", base, receipt(10_000_000, "B1", received_on="2026-11-11"))
    assert first["cover_from"] is None
    second = await world.post("clerk", base, receipt(190_000_000, "B2", received_on="2026-11-12"))
    assert second["cover_from"] == "2026-12-01"
    body = {"effective_on": "2026-11-25", "reason": "银行退票"}
    gone = await world.post("clerk", f"{base}/2/reversal", body)
    assert gone["cover_from"] is None
    stored = await sql_value("SELECT cover_from FROM placement WHERE number = $1", number)
    assert stored is None
    assert (
        await sql_value(
            "SELECT count(*) FROM journal_event WHERE subject = $1 AND event = 'cover'", number
        )
        == 2
    )


async def test_a_receipt_is_few_statements(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    await world.post("clerk", path, receipt(1_000_000, "B1"))
    headers = {"Idempotency-Key": "receipt-2"}
    async with statements() as seen:
        await world.post("clerk", path, receipt(200, "B2"), headers=headers)
    assert len(seen) <= 7, seen
    async with statements() as seen:
        await world.post("clerk", path, receipt(200, "B2"), headers=headers)
    assert await sql_value("SELECT count(*) FROM premium_movement") == 2


async def test_the_database_itself_refuses_what_is_no_mirror(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    await world.post("clerk", f"/placements/{number}/receipts", receipt(1_000, "B1"))
    row = (await sql("SELECT * FROM premium_movement"))[0]
    with pytest.raises(Exception, match="not_a_mirror"):
        await sql(
            "INSERT INTO premium_movement (placement, number, kind, reversal_of, source,"
            " amount_fen, effective_on, reference, holder, entry, recorded_at, recorded_by)"
            " VALUES ($1, 2, 'reversal', $2, 'own', -999, $3, 'x', $4, 1, now(), $5)",
            row["placement"],
            row["id"],
            date(2026, 11, 25),
            row["holder"],
            row["recorded_by"],
        )
        await sql("SET CONSTRAINTS ALL IMMEDIATE")
