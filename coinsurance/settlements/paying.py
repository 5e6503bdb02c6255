"""Results of payment instructions: booked once, in full or in part, or failed.

The only place that books money paid between members in a run: entry, discharges, instruction and
run move together. A failed instruction leaves exactly its own debts open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.debts import Discharge
from coinsurance.rules.settlement.netting import discharged
from coinsurance.rules.settlement.workflows import SETTLEMENT_RUN
from coinsurance.settlement_forms import PaymentForm
from coinsurance.settlements import holds, obligations, run_views, seats
from coinsurance.settlements.dispute_outcomes import follow_statements
from coinsurance.tables.settlements import SettlementRun
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import blocker

PAYABLE = ("pending", "part_paid")
OPEN_RUNS = ("agreed", "instructed", "part_confirmed")
STATES = {
    "pending": ("待付", "pending"),
    "part_paid": ("部分到账", "part paid"),
    "paid": ("已付清", "paid"),
    "failed": ("未付成", "failed"),
    "part_failed": ("部分未付成", "part failed"),
    "cancelled": ("已撤销", "cancelled"),
}
"""What an instruction can be, in words."""
_INSTRUCTION = """
SELECT i.*, r.number AS run_number, r.status AS run_status, r.revision AS run_revision,
  r.pool_year, r.clause, y.number AS year_number, p.uscc AS payer_uscc, p.name AS payer_name,
  p.short_name AS payer_short, q.uscc AS payee_uscc, q.name AS payee_name,
  q.short_name AS payee_short
FROM payment_instruction i JOIN settlement_run r ON r.id = i.run
  JOIN pool_year y ON y.id = r.pool_year
  JOIN organisation p ON p.id = i.payer JOIN organisation q ON q.id = i.payee
"""


async def instructions(references: list[str]) -> dict[str, Any]:
    """Instructions by reference, locked in sorted order with their runs."""
    await sql(
        "SELECT i.id FROM payment_instruction i JOIN settlement_run r ON r.id = i.run"
        " WHERE i.reference = ANY($1::text[]) ORDER BY r.id, i.id FOR UPDATE OF r, i",
        references,
    )
    rows = await sql(_INSTRUCTION + " WHERE i.reference = ANY($1::text[])", references)
    return {row["reference"]: row for row in rows}


async def result(actor: Actor, number: str, instruction: int, form: PaymentForm) -> None:
    """Enter by hand what the bank did with one instruction.

    Refused: more than is left, a day to come, a bank reference used before, a run not agreed.
    """
    async with work():
        run = await run_views.run_row(actor, number)
        await seats.lock_bank()
        year = await access.year_row(run["year_number"], "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        known = await sql_row(
            "SELECT reference FROM payment_instruction WHERE run = $1 AND number = $2",
            run["id"],
            instruction,
        )
        if known is None:
            raise NotFound("付款指令", "Instruction", f"{number}-{instruction:03d}")
        row = (await instructions([known["reference"]]))[known["reference"]]
        need_payable(row)
        if not form.paid:
            event = await _told(actor, row, "fail", {"failure": form.failure})
            await fail(row, form.failure or "未付")
        else:
            await _check(row, form)
            amount_fen = form.amount_fen or row["amount_fen"] - row["paid_fen"]
            facts = {"amount_fen": amount_fen, "bank_reference": form.bank_reference}
            event = await _told(actor, row, "pay", facts)
            paid_on = form.paid_on or today()
            await book(year, row, Paid(amount_fen, paid_on, form.bank_reference), event)
        await follow(actor, row["run"])


def need_payable(row: Any) -> None:
    """Conflict unless the instruction waits for its result."""
    if row["status"] not in PAYABLE or row["run_status"] not in OPEN_RUNS:
        names = STATES.get(row["status"], (row["status"],) * 2)
        raise Conflict(
            "settlement.not_instructed",
            reference=row["reference"],
            status=row["status"],
            run_zh=SETTLEMENT_RUN.label(row["run_status"]),
            run_en=SETTLEMENT_RUN.label(row["run_status"], "en"),
            status_zh=names[0],
            status_en=names[1],
        )


async def _told(actor: Actor, row: Any, event: str, facts: dict[str, Any]) -> int:
    return await journal.record(
        actor,
        SETTLEMENT_RUN.name,
        row["run_number"],
        event,
        facts={"instruction": row["reference"], **facts},
    )


async def _check(row: Any, form: PaymentForm) -> None:
    left_fen = row["amount_fen"] - row["paid_fen"]
    found = []
    if not form.bank_reference:
        found.append(blocker("form.missing", "bank_reference"))
    if (form.amount_fen or 0) > left_fen:
        found.append(
            blocker(
                "settlement.more_than_instructed",
                "amount_fen",
                left_fen=left_fen,
                amount_fen=form.amount_fen,
            )
        )
    if form.paid_on is not None and form.paid_on > today():
        found.append(blocker("settlement.paid_in_future", "paid_on", today=today()))
    used = await obligations.reference_used(form.bank_reference) if form.bank_reference else None
    if used:
        found.append(
            blocker(
                "settlement.reference_used",
                "bank_reference",
                reference=form.bank_reference,
                where=used,
            )
        )
    if found:
        raise Refused(found)


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that arrived under an instruction."""

    amount_fen: int
    paid_on: date
    bank_reference: str


async def book(year: Any, row: Any, paid: Paid, event: int) -> int:
    """Post a payment and discharge the debts behind it; returns the entry's id."""
    entry = await obligations.post_payment(
        year,
        f"settle:{row['reference']}:{paid.bank_reference}",
        row["payer_uscc"],
        row["payee_uscc"],
        paid.amount_fen,
        paid.paid_on,
        event,
        {
            "run": row["run_number"],
            "reference": row["reference"],
            "bank_reference": paid.bank_reference,
            "clause": row["clause"],
        },
    )
    found = await sql(
        "SELECT obligation, amount_fen, chain, hop FROM settlement_part WHERE instruction = $1"
        " ORDER BY chain, hop, id",
        row["id"],
    )
    done = discharged(
        [
            Discharge(str(part["obligation"]), part["amount_fen"], part["chain"], part["hop"])
            for part in found
        ],
        row["paid_fen"],
        paid.amount_fen,
    )
    await obligations.discharge(
        [
            obligations.Done(
                int(part.reference),
                part.amount_fen,
                "payment",
                paid.paid_on,
                entry,
                row["run"],
                row["id"],
                paid.bank_reference,
            )
            for part in done
        ]
    )
    whole = row["paid_fen"] + paid.amount_fen == row["amount_fen"]
    await sql(
        "UPDATE payment_instruction SET paid_fen = paid_fen + $2, status = $3 WHERE id = $1",
        row["id"],
        paid.amount_fen,
        "paid" if whole else "part_paid",
    )
    return entry


async def fail(row: Any, why: str) -> None:
    """What is left of an instruction will not come; its debts are open again, or disputed."""
    await sql(
        "UPDATE payment_instruction SET status = $2, failure = $3 WHERE id = $1",
        row["id"],
        "part_failed" if row["paid_fen"] else "failed",
        why[:200],
    )
    found = await sql("SELECT obligation FROM settlement_part WHERE instruction = $1", row["id"])
    await holds.hold_freed(part["obligation"] for part in found)


async def follow(actor: Actor, run_id: int) -> None:
    """Move the run after results came in, and the statements that are settled by them."""
    run = await sql_row(
        "SELECT r.id, r.number, r.status, r.revision, r.pool_year,"
        " bool_or(i.status IN ('pending', 'part_paid')) AS waiting,"
        " bool_or(i.status IN ('failed', 'part_failed')) AS failed,"
        " bool_or(i.paid_fen > 0) AS some"
        " FROM settlement_run r JOIN payment_instruction i ON i.run = r.id WHERE r.id = $1"
        " GROUP BY r.id",
        run_id,
    )
    assert run is not None
    event = "fail" if run["failed"] else "confirm"
    if run["waiting"]:
        event = "pay_part" if run["some"] else ""
    if event and not (event == "pay_part" and run["status"] == "part_confirmed"):
        await parts.move(
            actor, SETTLEMENT_RUN, SettlementRun, run, event, run["number"], follows=True
        )
    await follow_statements(run["pool_year"])
