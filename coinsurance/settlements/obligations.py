"""Obligations between members (应付事项): what is open, and the only writer of discharges.

`settled_fen` of an obligation is the sum of its discharges, held by the database; what a dispute
holds back is neither settled nor overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.premiums import books
from coinsurance.rules import accounts
from coinsurance.rules.nouns import DayKind, PoolRole
from coinsurance.rules.premium_dues import due_day
from coinsurance.rules.settlement.obligations import status_of
from coinsurance.settlement_forms import ObligationPaymentForm
from coinsurance.settlements import seats
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Text, blocker, register

OPEN = """
SELECT b.*, y.number AS year_number, d.uscc AS debtor_uscc, d.name AS debtor_name,
  c.uscc AS creditor_uscc, c.name AS creditor_name,
  coalesce(h.held, 0)::bigint AS held_fen, coalesce(h.struck, 0)::bigint AS struck_fen,
  (coalesce(t.fen, 0) - coalesce(g.fen, 0))::bigint AS reserved_fen
FROM obligation b JOIN pool_year y ON y.id = b.pool_year
  JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor
  LEFT JOIN LATERAL (SELECT sum(x.amount_fen) FILTER (WHERE x.state = 'held') AS held,
      sum(x.amount_fen) FILTER (WHERE x.state = 'struck') AS struck
    FROM obligation_hold x WHERE x.obligation = b.id) h ON true
  LEFT JOIN LATERAL (SELECT sum(x.amount_fen) AS fen FROM settlement_part x
      JOIN settlement_run r ON r.id = x.run
      LEFT JOIN payment_instruction i ON i.id = x.instruction
    WHERE x.obligation = b.id AND ((x.instruction IS NULL AND r.status = 'proposed')
      OR i.status IN ('pending', 'part_paid'))) t ON true
  LEFT JOIN LATERAL (SELECT sum(x.amount_fen) AS fen FROM discharge x
      JOIN payment_instruction i ON i.id = x.instruction
    WHERE x.obligation = b.id AND i.status IN ('pending', 'part_paid')) g ON true
"""


def open_fen(row: Any) -> int:
    """What is left of an obligation that nobody disputes; nothing of one that is void."""
    if row["status"] == "void":
        return 0
    left: int = row["amount_fen"] - row["settled_fen"] - row["held_fen"] - row["struck_fen"]
    return left


def free_fen(row: Any) -> int:
    """What of it is not under payment in a run either."""
    free: int = open_fen(row) - row["reserved_fen"]
    return free


async def rows_of(year_id: int, *, due_until: date | None = None) -> list[Any]:
    """Obligations of a pool year that are open, due by a day or with any due day, oldest first."""
    return await sql(
        OPEN + " WHERE b.pool_year = $1 AND b.status NOT IN ('settled', 'void')"
        " AND ($2::date IS NULL OR b.due_on <= $2) ORDER BY b.due_on, b.id",
        year_id,
        due_until,
    )


async def locked(ids: Iterable[int]) -> list[Any]:
    """Obligations by id, locked in sorted order (law 13)."""
    wanted = sorted(set(ids))
    await sql(
        "SELECT id FROM obligation WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE", wanted
    )
    return await sql(OPEN + " WHERE b.id = ANY($1::bigint[]) ORDER BY b.id", wanted)


@dataclass(frozen=True, slots=True)
class Done:
    """How much of an obligation is discharged, and by what."""

    obligation: int
    amount_fen: int
    kind: str
    settled_on: date
    entry: int | None = None
    run: int | None = None
    instruction: int | None = None
    reference: str = ""


async def discharge(done: Sequence[Done]) -> None:
    """Write discharges and what they leave of their obligations, in two statements.

    The obligations are locked. The database refuses more than is left (settlement.overpaid).
    """
    moment = now()
    await sql_many(
        "INSERT INTO discharge (obligation, kind, run, instruction, entry, reference, amount_fen,"
        " settled_on, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (
                one.obligation,
                one.kind,
                one.run,
                one.instruction,
                one.entry,
                one.reference,
                one.amount_fen,
                one.settled_on,
                moment,
            )
            for one in done
        ],
    )
    sums: dict[int, int] = {}
    for one in done:
        sums[one.obligation] = sums.get(one.obligation, 0) + one.amount_fen
    await _settle(sums)


async def _settle(sums: Mapping[int, int]) -> None:
    rows = {row["id"]: row for row in await locked(sums)}
    over = [
        blocker(
            "settlement.overpaid",
            rows[key]["number"],
            number=rows[key]["number"],
            amount_fen=rows[key]["amount_fen"],
            settled_fen=rows[key]["settled_fen"] + fen,
            paid_fen=rows[key]["settled_fen"] + fen,
            held_fen=rows[key]["held_fen"] + rows[key]["struck_fen"],
        )
        for key, fen in sums.items()
        if open_fen(rows[key]) < fen or rows[key]["settled_fen"] + fen < 0
    ]
    if over:
        raise Refused(over)
    await sql_many(
        "UPDATE obligation SET settled_fen = settled_fen + $2, status = $3 WHERE id = $1",
        [(key, fen, _status(rows[key], fen)) for key, fen in sorted(sums.items())],
    )


def _status(row: Any, more_fen: int = 0) -> str:
    """Where an obligation stands; one whose cause was undone stays void whatever disputes do."""
    if row["status"] == "void":
        return "void"
    return status_of(
        row["amount_fen"], row["settled_fen"] + more_fen, row["held_fen"], row["struck_fen"]
    )


async def restate(ids: Iterable[int]) -> None:
    """Set the status of obligations after what a dispute holds of them has changed."""
    await sql_many(
        "UPDATE obligation SET status = $2 WHERE id = $1",
        [(row["id"], _status(row)) for row in await locked(ids)],
    )


@dataclass(frozen=True, slots=True)
class NewObligation:
    """An obligation that settlement itself makes: interest, a correction."""

    pool_year: int
    placement: int | None
    kind: str
    debtor: int
    creditor: int
    amount_fen: int
    days: int
    calendar: DayKind
    clause: str
    cause_kind: str
    cause: int
    entry: int


async def add(new: NewObligation, arose_on: date) -> str:
    """Write an obligation; returns its number."""
    number = await next_number("OBL", now())
    await sql(
        "INSERT INTO obligation (number, pool_year, placement, kind, debtor, creditor, amount_fen,"
        " settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,"
        " status, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13,"
        " $14, $15, 'open', $16)",
        number,
        new.pool_year,
        new.placement,
        new.kind,
        new.debtor,
        new.creditor,
        new.amount_fen,
        arose_on,
        due_day(arose_on, new.days, new.calendar),
        new.days,
        new.calendar.value,
        new.clause,
        new.cause_kind,
        new.cause,
        new.entry,
        now(),
    )
    return number


async def obligation_row(actor: Actor, number: str, *, lock: bool = False) -> Any:
    """An obligation the actor may see: its own, or any of a pool whose accounts it sees."""
    if lock:
        await seats.lock_year_of("obligation", number)
    row = await sql_row(OPEN + " WHERE b.number = $1", number)
    if row is None:
        raise NotFound("应付事项", "Obligation", number)
    mine = actor.owns(row["debtor"]) or actor.owns(row["creditor"])
    if not mine and not await seats.sees_whole(actor, row["year_number"]):
        raise NotFound("应付事项", "Obligation", number)
    return (await locked([row["id"]]))[0] if lock else row


async def pay(actor: Actor, number: str, form: ObligationPaymentForm) -> Any:
    """An obligation paid outside a run, booked by who keeps the accounts or is paid; its row.

    Refused: more than is open, a day to come, a bank reference that was used before.
    """
    async with work():
        await seats.lock_bank()
        row = await obligation_row(actor, number, lock=True)
        year = await access.year_row(row["year_number"])
        if not actor.owns(row["creditor"]):
            await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        await _check_payment(row, form)
        event = await journal.record(
            actor,
            "obligation",
            number,
            "pay",
            facts={"amount_fen": form.amount_fen, "bank_reference": form.bank_reference},
            effective_on=form.paid_on,
        )
        entry = await post_payment(
            year,
            f"pay:{number}:{form.bank_reference}",
            row["debtor_uscc"],
            row["creditor_uscc"],
            form.amount_fen,
            form.paid_on,
            event,
            {"obligation": number, "bank_reference": form.bank_reference},
        )
        await discharge(
            [
                Done(
                    row["id"],
                    form.amount_fen,
                    "payment",
                    form.paid_on,
                    entry,
                    reference=form.bank_reference,
                )
            ]
        )
    return (await sql(OPEN + " WHERE b.number = $1", number))[0]


async def _check_payment(row: Any, form: ObligationPaymentForm) -> None:
    found = []
    if form.amount_fen > free_fen(row):
        found.append(
            blocker(
                "settlement.more_than_open",
                "amount_fen",
                number=row["number"],
                open_fen=free_fen(row),
                amount_fen=form.amount_fen,
            )
        )
    if form.paid_on > today():
        found.append(blocker("settlement.paid_in_future", "paid_on", today=today()))
    if form.paid_on < row["arose_on"]:
        found.append(blocker("settlement.paid_too_early", "paid_on", arose_on=row["arose_on"]))
    used = await reference_used(form.bank_reference)
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


async def reference_used(reference: str) -> str | None:
    """Where a bank reference was booked before: a bank reference pays once."""
    found: str | None = await sql_value(
        "SELECT coalesce((SELECT f.number FROM bank_row r JOIN bank_file f ON f.id = r.file"
        " WHERE r.bank_reference = $1 AND r.booked_fen > 0 LIMIT 1),"
        " (SELECT b.number FROM discharge d JOIN obligation b ON b.id = d.obligation"
        " WHERE d.reference = $1 LIMIT 1))",
        reference,
    )
    return found


async def post_payment(
    year: Any,
    key: str,
    payer: str,
    payee: str,
    amount_fen: int,
    paid_on: date,
    event: int,
    facts: Mapping[str, Any],
) -> int:
    """Post money that one member paid another: current account to current account."""
    lines = accounts.recipe("remittance", {payee: amount_fen}, holder=payer)
    return await books.post(
        year["book_code"],
        key,
        "settlement",
        str(facts.get("clause", year["agreement_version"])),
        paid_on,
        lines,
        journal_event=event,
        facts=facts,
    )


register(
    {
        "settlement.overpaid": Text(
            "应付事项 {number} 应付 {amount_fen}，已付 {paid_fen}，争议及核销 {held_fen}，超出应付",
            "Obligation {number} is {amount_fen}; {paid_fen} paid and {held_fen} held are more",
            "请核对付款；每一分只能清偿一次",
            "Check the payments; every fen is paid once",
            "POOLS invariant 13",
        ),
        "settlement.more_than_open": Text(
            "应付事项 {number} 未付 {open_fen}，不能登记付款 {amount_fen}",
            "{open_fen} are open on {number}; {amount_fen} cannot be booked",
            "请按未付金额登记；多付部分列为差异，由付款人说明",
            "Book what is open; the rest is a break that the payer explains",
        ),
        "settlement.paid_in_future": Text(
            "付款日期晚于今天（{today}）",
            "The day of payment is after today ({today})",
            "请核对付款日期",
            "Check the day",
        ),
        "settlement.paid_too_early": Text(
            "付款日期早于应付事项产生之日 {arose_on}",
            "The day of payment is before the obligation arose on {arose_on}",
            "请核对付款日期",
            "Check the day",
        ),
        "settlement.reference_used": Text(
            "银行流水号 {reference} 已入账（{where}），不能重复使用",
            "The bank reference {reference} was booked before ({where})",
            "请核对流水号，防止同一笔款项重复入账",
            "Check the reference; a payment is booked once",
            "POOLS complaint 19",
        ),
    }
)
