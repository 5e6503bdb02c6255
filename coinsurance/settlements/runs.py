"""Settlement runs (清算批次): what is due in one pool year, paid gross or netted as agreed.

Prepared by one person and agreed by another. Circles of debts are set off when the run is agreed;
everything else is paid by instructions (see paying.py).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.debts import Debt, Method, Plan
from coinsurance.rules.settlement.netting import plan
from coinsurance.rules.settlement.obligations import netting_sets
from coinsurance.rules.settlement.statements import digest
from coinsurance.rules.settlement.workflows import SETTLEMENT_RUN
from coinsurance.settlement_forms import RunForm
from coinsurance.settlements import holds, obligations
from coinsurance.settlements import run_texts as _texts  # noqa: F401  registers the texts
from coinsurance.settlements.dispute_outcomes import follow_statements
from coinsurance.settlements.run_views import run_row
from coinsurance.tables.settlements import SettlementRun
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import blocker

HEADER = (
    "批次", "序号", "付款户名", "付款账号", "收款户名", "收款账号", "金额(元)", "附言",
)  # fmt: skip


async def prepare(actor: Actor, form: RunForm) -> str:
    """Put what is due into a run; returns its number.

    Raises Refused when nothing is due, a named obligation cannot be paid now, or netting is asked
    for that the agreement does not name.
    """
    async with work():
        year = await access.year_row(form.pool_year, "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        terms = terms_of(year["agreement_body"])
        rows = await _due(year["id"], form)
        sets = netting_sets(terms.netting.sets) if terms.netting.allowed else []
        members = await sql(_MEMBERS, year["id"])
        found = plan(
            [
                Debt(
                    row["number"],
                    row["debtor_uscc"],
                    row["creditor_uscc"],
                    obligations.free_fen(row),
                    row["kind"],
                )
                for row in rows
            ],
            form.method,
            sets,
            [member["uscc"] for member in members],
        )
        number = await next_number("SR", now())
        key = "netting" if form.method is not Method.GROSS else "remittance"
        await _write(actor, year, form, number, terms.clause(key), found, rows, members)
        await journal.record(
            actor,
            SETTLEMENT_RUN.name,
            number,
            "prepare",
            to_status="proposed",
            facts={"gross_fen": found.gross_fen, "cash_fen": found.cash_fen, "debts": len(rows)},
        )
    return number


_MEMBERS = (
    "SELECT o.id, o.uscc, o.name, m.bank_account FROM pool_member m"
    " JOIN organisation o ON o.id = m.organisation WHERE m.pool_year = $1 ORDER BY m.position"
)


async def _due(year_id: int, form: RunForm) -> list[Any]:
    """The obligations to be paid, locked; those under payment elsewhere are left out."""
    named = set(form.obligations)
    wanted = await obligations.rows_of(year_id, due_until=None if named else form.due_until)
    chosen = [row["id"] for row in wanted if not named or row["number"] in named]
    rows = [row for row in await obligations.locked(chosen) if obligations.free_fen(row) > 0]
    missing = sorted(named - {row["number"] for row in rows})
    if missing:
        raise Refused([blocker("settlement.not_payable", "obligations", numbers=missing)])
    if not rows:
        raise Refused([blocker("settlement.nothing_due", "due_until", until=form.due_until)])
    return rows


async def _write(
    actor: Actor,
    year: Any,
    form: RunForm,
    number: str,
    clause: str,
    found: Plan,
    rows: Sequence[Any],
    members: Sequence[Any],
) -> None:
    proof = _proof(found)
    run_id = await sql_value(
        "INSERT INTO settlement_run (number, pool_year, method, clause, due_until, status,"
        " gross_fen, cash_fen, proof, hash, file_hash, revision, prepared_at, prepared_by)"
        " VALUES ($1, $2, $3, $4, $5, 'proposed', $6, $7, $8, $9, '', 1, $10, $11) RETURNING id",
        number,
        year["id"],
        form.method.value,
        clause,
        form.due_until,
        found.gross_fen,
        found.cash_fen,
        journal.canonical(proof),
        digest(proof),
        now(),
        actor.user_id,
    )
    ids = {row["number"]: row["id"] for row in rows}
    instructions = await _write_instructions(run_id, number, found, rows, members)
    written: list[tuple[Any, ...]] = [
        (run_id, ids[part.reference], instructions[n], part.chain, part.hop, part.amount_fen)
        for n, payment in enumerate(found.instructions)
        for part in payment.discharges
    ]
    written += [
        (run_id, ids[part.reference], None, n, part.hop, part.amount_fen)
        for n, circle in enumerate(found.circles)
        for part in circle.discharges
    ]
    await sql_many(
        "INSERT INTO settlement_part (run, obligation, instruction, chain, hop, amount_fen)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        written,
    )


async def _write_instructions(
    run_id: int, number: str, found: Plan, rows: Sequence[Any], members: Sequence[Any]
) -> list[int]:
    ids = {row[f"{side}_uscc"]: row[side] for row in rows for side in ("debtor", "creditor")}
    accounts = {member["uscc"]: member["bank_account"] for member in members}
    columns = list(
        zip(
            *(
                (
                    n,
                    f"{number}-{n:03d}",
                    ids[payment.payer],
                    ids[payment.payee],
                    accounts.get(payment.payer, ""),
                    accounts.get(payment.payee, ""),
                    payment.amount_fen,
                )
                for n, payment in enumerate(found.instructions, 1)
            ),
            strict=True,
        )
    )
    written = await sql(_INSTRUCT, run_id, *(columns or [()] * 7))
    return [row["id"] for row in written]


_INSTRUCT = """
WITH made AS (
  INSERT INTO payment_instruction (run, number, reference, payer, payee, payer_account,
    payee_account, amount_fen, paid_fen, status, failure)
  SELECT $1, t.n, t.reference, t.payer, t.payee, t.a, t.b, t.fen, 0, 'pending', ''
    FROM unnest($2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
      $8::bigint[]) AS t (n, reference, payer, payee, a, b, fen)
  RETURNING id, number
)
SELECT id FROM made ORDER BY number
"""


def _proof(found: Plan) -> dict[str, Any]:
    """Positions of every member before and after, and what is set off in circles."""

    def rows(positions: Sequence[Any]) -> list[list[Any]]:
        return [[p.member, p.payable_fen, p.receivable_fen, p.net_fen] for p in positions]

    return {
        "before": rows(found.before),
        "after": rows(found.after),
        "sum_fen": sum(position.net_fen for position in found.after),
        "circles": [[list(circle.members), circle.amount_fen] for circle in found.circles],
        "payments": [[p.payer, p.payee, p.amount_fen] for p in found.instructions],
    }


async def agree(actor: Actor, number: str) -> None:
    """Agree to a run, never the person who prepared it; circles of debts are set off at once.

    Refused when a debt of the run was paid or disputed meanwhile.
    """
    async with work():
        run = await run_row(actor, number, lock=True)
        await _need_keeper(actor, run)
        await parts.four_eyes(actor, SETTLEMENT_RUN.name, number, "prepare")
        await _need_unmoved(run)
        await _move(
            actor, run, "agree", values={"agreed_at": now(), "agreed_by": actor.user_id},
            facts={"hash": run["hash"]},
        )  # fmt: skip
        circles = await sql(
            "SELECT obligation, sum(amount_fen)::bigint AS fen FROM settlement_part"
            " WHERE run = $1 AND instruction IS NULL GROUP BY obligation ORDER BY obligation",
            run["id"],
        )
        await obligations.discharge(
            [
                obligations.Done(
                    row["obligation"], row["fen"], "set_off", today(), run=run["id"],
                    reference=number,
                )
                for row in circles
            ]
        )  # fmt: skip
        if run["cash_fen"] == 0:
            await _move(actor, await run_row(actor, number, lock=True), "confirm", follows=True)
        await follow_statements(run["pool_year"])


async def _need_unmoved(run: Any) -> None:
    """Every debt of the run still has what the run pays of it."""
    wanted = {
        row["obligation"]: row["fen"]
        for row in await sql(
            "SELECT obligation, sum(amount_fen)::bigint AS fen FROM settlement_part"
            " WHERE run = $1 GROUP BY obligation",
            run["id"],
        )
    }
    moved = [
        row["number"]
        for row in await obligations.locked(wanted)
        if obligations.open_fen(row) < wanted[row["id"]]
    ]
    if moved:
        raise Refused([blocker("settlement.moved", run["number"], numbers=moved)])


async def cancel(actor: Actor, number: str, note: str) -> None:
    """Give a run up before the bank has it; what circles set off already stays set off."""
    async with work():
        run = await run_row(actor, number, lock=True)
        await _need_keeper(actor, run)
        if run["status"] == "agreed" and run["circles"]:
            raise Refused([blocker("settlement.set_off_done", number=number)])
        await _move(actor, run, "cancel", note=note)
        await sql("UPDATE payment_instruction SET status = 'cancelled' WHERE run = $1", run["id"])
        found = await sql("SELECT obligation FROM settlement_part WHERE run = $1", run["id"])
        await holds.hold_freed(part["obligation"] for part in found)


async def bank_file(actor: Actor, number: str) -> bytes:
    """The payment file for the bank (CSV, UTF-8 with BOM); the same bytes every time."""
    async with work():
        run = await run_row(actor, number, lock=True)
        await _need_keeper(actor, run)
        content = await _file(run)
        digested = hashlib.sha256(content).hexdigest()
        if run["status"] in ("proposed", "cancelled"):
            SETTLEMENT_RUN.advance(run["status"], "instruct", actor.roles)
        if run["status"] == "agreed":
            await _move(
                actor, run, "instruct", values={"file_hash": digested}, facts={"sha256": digested}
            )
    return content


async def _file(run: Any) -> bytes:
    rows = await sql(
        "SELECT i.number, i.reference, p.name AS payer, i.payer_account, q.name AS payee,"
        " i.payee_account, i.amount_fen FROM payment_instruction i"
        " JOIN organisation p ON p.id = i.payer JOIN organisation q ON q.id = i.payee"
        " WHERE i.run = $1 ORDER BY i.number",
        run["id"],
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows:
        yuan = f"{row['amount_fen'] // 100}.{row['amount_fen'] % 100:02d}"
        writer.writerow(
            (
                run["number"],
                row["number"],
                row["payer"],
                row["payer_account"],
                row["payee"],
                row["payee_account"],
                yuan,
                row["reference"],
            )
        )
    return out.getvalue().encode("utf-8-sig")


async def _need_keeper(actor: Actor, run: Any) -> None:
    year = await access.year_row(run["year_number"])
    await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)


async def _move(
    actor: Actor,
    run: Any,
    event: str,
    *,
    note: str = "",
    values: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    follows: bool = False,
) -> int:
    return await parts.move(
        actor,
        SETTLEMENT_RUN,
        SettlementRun,
        run,
        event,
        run["number"],
        note=note,
        values=values,
        facts=facts,
        follows=follows,
    )
