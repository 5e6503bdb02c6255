"""Bank files (银行流水文件): taken in once, row by row, all or nothing.

Money under a payable reference is booked; everything else becomes a break and is never lost. The
file is known by its hash, a movement by its bank reference.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.reconciliation_shapes import BankFileItem, BankFileShape, BankRowShape
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.bank import (
    BankMovement,
    Instructed,
    RowResult,
    RowVerdict,
    judge_row,
    reference_in,
)
from coinsurance.settlement_forms import AssignmentForm
from coinsurance.settlements import breaks, paying, seats
from coinsurance.settlements.bank_reading import encoding_of, read_bank_file
from coinsurance.settlements.seats import seen
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import blocker

KIND = "bank_file"


async def take_in(actor: Actor, year_number: str, name: str, content: bytes) -> str:
    """Take in a bank file of a pool year; returns its number.

    Raises Refused with every cell that cannot be read, Conflict for a file taken in before.
    """
    movements = await asyncio.to_thread(read_bank_file, name, content)
    late = [row for row, movement in movements if movement.value_on > today()]
    if late:
        raise Refused(
            [
                blocker("bank.value_in_future", f"row {row}", value=movement.value_on)
                for row, movement in movements
                if movement.value_on > today()
            ]
        )
    digest = hashlib.sha256(content).hexdigest()
    async with work():
        await seats.lock_bank()
        year = await access.year_row(year_number, "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        before = await sql_value("SELECT number FROM bank_file WHERE hash = $1", digest)
        if before is not None:
            raise Conflict("bank.file_twice", field="file", number=before)
        number = await next_number("BK", now())
        file_id = await sql_value(
            "INSERT INTO bank_file (number, pool_year, name, hash, encoding, row_count,"
            " recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
            number,
            year["id"],
            name[-200:],
            digest,
            encoding_of(name, content),
            len(movements),
            now(),
            actor.user_id,
        )
        event = await journal.record(
            actor, KIND, number, "take_in", facts={"sha256": digest, "rows": len(movements)}
        )
        await _take_rows(actor, year, file_id, movements, event)
    return number


async def _take_rows(
    actor: Actor, year: Any, file_id: int, movements: list[tuple[int, BankMovement]], event: int
) -> None:
    references = {row: reference_in(movement.text) for row, movement in movements}
    known = await paying.instructions(sorted({r for r in references.values() if r}))
    known = {key: row for key, row in known.items() if row["pool_year"] == year["id"]}
    booked = await _booked_before([movement.bank_reference for _, movement in movements])
    runs: set[int] = set()
    for row, movement in movements:
        reference = references[row]
        instruction = known.get(reference)
        found = judge_row(movement, _instructed(instruction), booked.get(movement.bank_reference))
        entry = None
        if found.booked_fen:
            paid = paying.Paid(found.booked_fen, movement.value_on, movement.bank_reference)
            entry = await paying.book(year, instruction, paid, event)
        elif found.verdict is RowVerdict.FAILED and _waits(instruction):
            await paying.fail(instruction, movement.failure or "银行退回")
        if found.verdict is not RowVerdict.REPEATED:
            booked[movement.bank_reference] = movement.amount_fen
        await _write_row(file_id, row, movement, reference, instruction, found, entry)
        if found.code is not None:
            await _break(actor, year, movement, reference, instruction, found)
        if instruction is not None and _waits(instruction):
            runs.add(instruction["run"])
            known |= await paying.instructions([reference])
    for run_id in sorted(runs):
        await paying.follow(actor, run_id)


def _waits(instruction: Any) -> bool:
    return (
        instruction is not None
        and instruction["status"] in paying.PAYABLE
        and instruction["run_status"] in paying.OPEN_RUNS
    )


def _instructed(row: Any) -> Instructed | None:
    """An instruction as the rule sees it."""
    if row is None:
        return None
    return Instructed(
        row["reference"],
        row["amount_fen"] - row["paid_fen"],
        _waits(row),
        (row["payer_name"], row["payer_short"]),
        (row["payee_name"], row["payee_short"]),
    )


async def _booked_before(references: list[str]) -> dict[str, int]:
    """Amounts of bank references that came in before, in a file or by hand."""
    rows = await sql(
        "SELECT bank_reference AS reference, amount_fen FROM bank_row"
        " WHERE bank_reference = ANY($1::text[]) AND verdict <> 'repeated'"
        " UNION ALL SELECT e.facts->>'bank_reference', sum(l.amount_fen)::bigint"
        " FROM (SELECT DISTINCT entry FROM discharge WHERE reference = ANY($1::text[])"
        "   AND entry IS NOT NULL) d JOIN entry e ON e.id = d.entry"
        " JOIN entry_line l ON l.entry = e.id AND l.amount_fen > 0"
        " WHERE e.facts->>'bank_reference' IS NOT NULL GROUP BY 1",
        references,
    )
    return {row["reference"]: row["amount_fen"] for row in rows}


async def _write_row(
    file_id: int,
    row: int,
    movement: BankMovement,
    reference: str,
    instruction: Any,
    found: RowResult,
    entry: int | None,
) -> None:
    await sql(
        "INSERT INTO bank_row (file, row, bank_reference, reference, payer_name, payee_name,"
        " amount_fen, value_on, instruction, booked_fen, verdict, failure, entry)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        file_id,
        row,
        movement.bank_reference,
        reference or movement.text[:80],
        movement.payer_name,
        movement.payee_name,
        movement.amount_fen,
        movement.value_on,
        instruction["id"] if instruction is not None else None,
        found.booked_fen,
        found.verdict.value,
        movement.failure,
        entry,
    )


async def _break(
    actor: Actor,
    year: Any,
    movement: BankMovement,
    reference: str,
    instruction: Any,
    found: RowResult,
) -> None:
    assert found.code is not None
    due_fen = instruction["amount_fen"] - instruction["paid_fen"] if instruction else None
    where = reference if instruction is not None else movement.bank_reference
    one = breaks.Found(
        code=found.code,
        reference=where,
        organisation=instruction["payer"] if instruction is not None else None,
        expected_fen=due_fen,
        stated_fen=found.booked_fen or None,
        banked_fen=movement.amount_fen,
        difference_fen=found.difference_fen,
        sources=(movement.bank_reference,),
        # A repeated serial is in no later comparison: only a person can close its break.
        latest_on=(date.max if found.verdict is RowVerdict.REPEATED else movement.value_on),
    )
    await breaks.open_breaks(actor, year, [one])


_FILE = """
SELECT f.*, y.number AS year_number FROM bank_file f JOIN pool_year y ON y.id = f.pool_year
"""


async def record(actor: Actor, number: str) -> BankFileShape:
    """A bank file with what came of every row; for who sees the pool year whole."""
    async with work():
        row = await sql_row(_FILE + " WHERE f.number = $1", number)
        if row is None:
            raise NotFound("银行文件", "Bank file", number)
        if not await seats.sees_whole(actor, row["year_number"]):
            raise NotFound("银行文件", "Bank file", number)
        await access.keep_look(actor, KIND, number, "银行流水")
        rows = await sql("SELECT * FROM bank_row WHERE file = $1 ORDER BY row", row["id"])
        opened = await sql(
            "SELECT DISTINCT b.number FROM recon_break b, jsonb_array_elements_text(b.sources) s"
            " WHERE b.pool_year = $1 AND s = ANY($2::text[]) ORDER BY b.number",
            row["pool_year"],
            [found["bank_reference"] for found in rows],
        )
    return BankFileShape(
        row["number"],
        row["year_number"],
        row["name"],
        row["hash"],
        row["encoding"],
        [_row_shape(found) for found in rows],
        sum(found["booked_fen"] for found in rows),
        [found["number"] for found in opened],
        row["recorded_at"],
    )


def _row_shape(row: Any) -> BankRowShape:
    return BankRowShape(
        row["row"],
        row["bank_reference"],
        row["reference"],
        row["payer_name"],
        row["payee_name"],
        row["amount_fen"],
        row["value_on"],
        row["verdict"],
        RowVerdict.zh_of(row["verdict"]),
        row["booked_fen"],
        row["failure"],
    )


async def files(actor: Actor, year_number: str) -> list[BankFileItem]:
    """The bank files of a pool year, newest first."""
    async with work():
        found = await seen(actor, year_number)
        if found is None or not found[1].sees_all:
            return []
        year, _ = found
        rows = await sql(
            "SELECT f.number, f.name, f.hash, f.row_count, f.recorded_at,"
            " (SELECT coalesce(sum(r.booked_fen), 0)::bigint FROM bank_row r WHERE r.file = f.id)"
            " AS booked_fen FROM bank_file f WHERE f.pool_year = $1 ORDER BY f.id DESC LIMIT 200",
            year["id"],
        )
    return [
        BankFileItem(
            row["number"],
            row["name"],
            row["hash"],
            row["row_count"],
            row["booked_fen"],
            row["recorded_at"],
        )
        for row in rows
    ]


async def assign(actor: Actor, number: str, row_number: int, form: AssignmentForm) -> None:
    """Give money of a row, that was booked nowhere, to an instruction; a person says why."""
    async with work():
        file = await sql_row(_FILE + " WHERE f.number = $1", number)
        if file is None or not await seats.sees_whole(actor, file["year_number"]):
            raise NotFound("银行文件", "Bank file", number)
        await seats.lock_bank()
        year = await access.year_row(file["year_number"], "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        row = await sql_row(
            "SELECT r.*, (SELECT coalesce(sum(a.booked_fen), 0)::bigint FROM bank_assignment a"
            " WHERE a.row = r.id) AS assigned_fen FROM bank_row r WHERE r.file = $1 AND r.row = $2"
            " FOR UPDATE",
            file["id"],
            row_number,
        )
        if row is None:
            raise NotFound("流水", "Row", row_number)
        instruction = (await paying.instructions([form.reference])).get(form.reference)
        if instruction is None:
            raise NotFound("付款指令", "Instruction", form.reference)
        left_fen = _left(row, instruction, year)
        event = await journal.record(
            actor,
            KIND,
            number,
            "assign",
            note=form.note,
            facts={"row": row_number, "reference": form.reference, "amount_fen": left_fen},
        )
        reference = f"{row['bank_reference']}/{row['assigned_fen'] + row['booked_fen']}"
        paid = paying.Paid(left_fen, row["value_on"], reference)
        entry = await paying.book(year, instruction, paid, event)
        await sql(
            "INSERT INTO bank_assignment (row, instruction, booked_fen, entry, note, recorded_at,"
            " recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            row["id"],
            instruction["id"],
            left_fen,
            entry,
            form.note,
            now(),
            actor.user_id,
        )
        await paying.follow(actor, instruction["run"])


def _left(row: Any, instruction: Mapping[str, Any], year: Any) -> int:
    """How much of a row can still be booked on an instruction."""
    if instruction["pool_year"] != year["id"]:
        raise Refused([blocker("bank.other_year", "reference", reference=instruction["reference"])])
    paying.need_payable(instruction)
    booked_fen = row["booked_fen"] + row["assigned_fen"]
    spare_fen = row["amount_fen"] - booked_fen
    if spare_fen <= 0 or row["verdict"] in ("repeated", "failed"):
        raise Refused(
            [blocker("bank.nothing_left", booked_fen=booked_fen, amount_fen=row["amount_fen"])]
        )
    left_fen: int = min(spare_fen, instruction["amount_fen"] - instruction["paid_fen"])
    return left_fen
