"""Disputes over single lines (争议挂账): the line goes to a side account, the rest goes on.

What is held is neither settled nor overdue (POOLS invariant 15). A dispute climbs the agreement's
ladder by its clocks; how it ends stands in dispute_outcomes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.pools import parts
from coinsurance.premiums import books
from coinsurance.rules import accounts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.items import NOT_ITEMS
from coinsurance.rules.settlement.ladder import Rung, first_rung, may_escalate, next_rung
from coinsurance.rules.settlement.workflows import DISPUTE, STATEMENT
from coinsurance.settlement_forms import DisputeForm
from coinsurance.settlements import dispute_texts as _texts  # noqa: F401  registers the texts
from coinsurance.settlements import holds, lines, obligations, records, seats
from coinsurance.settlements.dispute_views import dispute_row
from coinsurance.tables.settlements import Dispute, Statement
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import blocker


async def open_dispute(actor: Actor, statement_number: str, form: DisputeForm) -> str:
    """Dispute a line of the member's own statement; returns the dispute's number.

    Raises Refused for a line that is no item, more than the line, or a second dispute of it.
    """
    async with work():
        await seats.lock_year_of("statement", statement_number)
        statement = await records.statement_row(actor, statement_number, lock=True)
        need_own(actor, statement)
        year = await access.year_row(statement["year_number"])
        line = await _line(statement, form)
        amount_fen = form.amount_fen or abs(line["amount_fen"])
        amount_fen = amount_fen if line["amount_fen"] > 0 else -amount_fen
        owed = await _owed(line, statement["organisation"], amount_fen)
        terms = terms_of(year["agreement_body"])
        rung = first_rung(terms.dispute_levels, today())
        number = await next_number("DP", now())
        dispute_id = await sql_value(
            _INSERT,
            number,
            year["id"],
            statement["id"],
            statement["organisation"],
            await _counterparty(year, statement, line, owed),
            line["entry"],
            line["line"],
            amount_fen,
            form.reason,
            rung.level,
            rung.due_on,
            now(),
            actor.user_id,
        )
        await _write_rung(dispute_id, rung)
        await holds.hold(dispute_id, owed, abs(amount_fen))
        event = await _told(actor, statement, number, line["line"], amount_fen, form.reason)
        await books.post(
            year["book_code"],
            f"dispute:{number}:held",
            "dispute_held",
            terms.clause("dispute_levels"),
            max(today(), line["effective_on"]),
            accounts.recipe("dispute", {statement["uscc"]: amount_fen}),
            journal_event=event,
            facts={"dispute": number, "entry": line["key"], "line": line["line"]},
        )
    return number


async def _told(
    actor: Actor, statement: Any, number: str, line: int, amount_fen: int, reason: str
) -> int:
    """The statement moves and the dispute begins: its event, on which the entry rests."""
    facts = {"line": line, "amount_fen": amount_fen}
    await parts.move(
        actor,
        STATEMENT,
        Statement,
        statement,
        "dispute",
        statement["number"],
        facts={"dispute": number, **facts},
    )
    return await journal.record(
        actor,
        DISPUTE.name,
        number,
        "open",
        to_status="open",
        note=reason,
        facts={"statement": statement["number"], **facts},
    )


_INSERT = """
INSERT INTO dispute (number, pool_year, statement, organisation, counterparty, entry, line,
  amount_fen, reason, status, level, level_due_on, outcome, revision, opened_at, opened_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, '', 1, $12, $13) RETURNING id
"""


def need_own(actor: Actor, statement: Any) -> None:
    """Only the member whose statement it is may answer it."""
    if not actor.owns(statement["organisation"]):
        raise Forbidden("settlement.not_own", number=statement["number"])


async def _line(statement: Any, form: DisputeForm) -> Any:
    """The line, if it may be disputed in that amount."""
    cover = records.cover_of(statement)
    line = await lines.one_line(cover, statement["organisation"], form.line)
    if line is None:
        raise NotFound("结算单明细", "Line of the statement", form.line)
    if records.line_item(line) in NOT_ITEMS:
        raise Refused([blocker("dispute.not_an_item", "line", line=form.line)])
    earlier = await sql(
        "SELECT number, status, abs(amount_fen) AS fen FROM dispute WHERE line = $1"
        " AND status NOT IN ('dismissed', 'withdrawn')",
        form.line,
    )
    standing = [row["number"] for row in earlier if row["status"] != "upheld"]
    if standing:
        raise Conflict("dispute.line_disputed", field="line", number=standing[0])
    left_fen = abs(line["amount_fen"]) - sum(row["fen"] for row in earlier)
    if (form.amount_fen or left_fen) > left_fen or left_fen == 0:
        raise Refused(
            [
                blocker(
                    "dispute.more_than_line",
                    "amount_fen",
                    left_fen=left_fen,
                    amount_fen=form.amount_fen or abs(line["amount_fen"]),
                )
            ]
        )
    return line


async def _owed(line: Any, member: int, amount_fen: int) -> list[Any]:
    """Obligations that came from the line's entry: owed by the member, or to it, locked."""
    side = "debtor" if amount_fen > 0 else "creditor"
    rows = await sql(
        f"SELECT id FROM obligation WHERE entry = $1 AND {side} = $2 ORDER BY id",  # noqa: S608
        line["entry"],
        member,
    )
    found = await obligations.locked(row["id"] for row in rows)
    return [row for row in found if obligations.free_fen(row) > 0] or found


async def _counterparty(year: Any, statement: Any, line: Any, owed: Sequence[Any]) -> int:
    """Who has the other side of the line: of the debt, of the entry's money, or who keeps books."""
    member = statement["organisation"]
    if owed:
        first = owed[0]
        other: int = first["creditor"] if first["debtor"] == member else first["debtor"]
        return other
    found = await sql_value(
        "SELECT a.owner FROM entry_line l JOIN account a ON a.id = l.account WHERE l.entry = $1"
        " AND a.owner <> $2 ORDER BY (a.code LIKE 'current:%') DESC, abs(l.amount_fen) DESC,"
        " l.position LIMIT 1",
        line["entry"],
        member,
    )
    keeper = await sql_value(
        "SELECT organisation FROM pool_member WHERE pool_year = $1 AND $2 = ANY(roles)",
        year["id"],
        PoolRole.ACCOUNT_KEEPER.value,
    )
    chosen = found or keeper
    if chosen is None or chosen == member:
        raise Refused([blocker("dispute.nobody_else", "line", line=line["line"])])
    other_side: int = chosen
    return other_side


async def _write_rung(dispute_id: int, rung: Rung) -> None:
    await sql(
        "INSERT INTO dispute_rung (dispute, level, name, started_on, due_on, due_days,"
        " due_calendar, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        dispute_id,
        rung.level,
        rung.name,
        rung.started_on,
        rung.due_on,
        rung.days,
        rung.calendar,
        now(),
    )


async def escalate(actor: Actor, number: str) -> None:
    """Go up one level once the clock of the present one is over; either side may."""
    async with work():
        row = await dispute_row(actor, number, lock=True)
        need_party(actor, row)
        year = await access.year_row(row["year_number"])
        rung = next_rung(terms_of(year["agreement_body"]).dispute_levels, row["level"], today())
        present = Rung(row["level"], "", row["level_due_on"] or today(), row["level_due_on"], 0, "")
        if not may_escalate(present, today()):
            raise Refused(
                [
                    blocker(
                        "dispute.clock_runs",
                        "level",
                        level=row["level"],
                        due_zh=str(row["level_due_on"] or "日历更新后确定"),
                        due_en=str(row["level_due_on"] or "to be told by the calendar"),
                    )
                ]
            )
        await parts.move(
            actor,
            DISPUTE,
            Dispute,
            row,
            "escalate",
            number,
            values={"level": rung.level, "level_due_on": rung.due_on},
            facts={"level": rung.level, "name": rung.name},
        )
        await _write_rung(row["id"], rung)


async def refer(actor: Actor, number: str, note: str) -> None:
    """Take the dispute outside: regulator, arbitrator, court. It stays on the side account."""
    async with work():
        row = await dispute_row(actor, number, lock=True)
        need_party(actor, row)
        await parts.move(actor, DISPUTE, Dispute, row, "refer", number, note=note)


def need_party(actor: Actor, row: Any) -> None:
    """Only the two sides of a dispute may take it further."""
    if not (actor.owns(row["organisation"]) or actor.owns(row["counterparty"])):
        raise Forbidden("settlement.not_own", number=row["number"])
