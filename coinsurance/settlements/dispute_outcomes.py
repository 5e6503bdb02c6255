"""How disputes end: withdrawn or dismissed, the line is owed again; upheld, it is mirrored."""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.pools import parts
from coinsurance.premiums import books
from coinsurance.rules import accounts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.nouns import DayKind
from coinsurance.rules.settlement.obligations import counter_account
from coinsurance.rules.settlement.workflows import DISPUTE, STATEMENT
from coinsurance.settlement_forms import OutcomeForm
from coinsurance.settlements import obligations
from coinsurance.settlements.dispute_views import dispute_row
from coinsurance.tables.settlements import Dispute, Statement
from service.auth import SYSTEM, Actor
from service.kernel import ledger
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Forbidden, Refused
from service.kernel.findings import blocker


async def withdraw(actor: Actor, number: str, note: str) -> None:
    """The member takes its dispute back: the line is owed again."""
    async with work():
        row = await dispute_row(actor, number, lock=True)
        if not actor.owns(row["organisation"]):
            raise Forbidden("settlement.not_own", number=number)
        await _close(actor, row, "withdraw", OutcomeForm(note=note, document="", correction=""))
        await _release(row, "released")


async def dismiss(actor: Actor, number: str, form: OutcomeForm) -> None:
    """The committee, as mediator or after a judgment, finds the line right: it is owed again."""
    async with work():
        row = await dispute_row(actor, number, lock=True)
        await _close(actor, row, "dismiss", form)
        await _release(row, "released")


async def uphold(actor: Actor, number: str, form: OutcomeForm) -> None:
    """The line was wrong: conceded by the counterparty, or decided by the committee.

    The line is mirrored to the counterparty, what was held is struck off, what was paid already is
    owed back. With a `correction` the owner of the entry has mirrored it: only the hold ends.
    """
    async with work():
        row = await dispute_row(actor, number, lock=True)
        if not (actor.is_committee or actor.owns(row["counterparty"])):
            raise Forbidden("dispute.not_counterparty", name=row["counterparty_name"])
        event = await _close(actor, row, "uphold", form)
        if form.correction or row["amount_fen"] < 0:
            await _need_correction(row, form.correction)
            await _release(row, "released")
            return
        struck_fen = await _release(row, "struck")
        entry = await _mirror(row, event)
        await _owe_back(row, abs(row["amount_fen"]) - struck_fen, entry)


async def _close(actor: Actor, row: Any, event: str, form: OutcomeForm) -> int:
    return await parts.move(
        actor,
        DISPUTE,
        Dispute,
        row,
        event,
        row["number"],
        note=form.note,
        values={"closed_at": now(), "closed_by": actor.user_id, "outcome": form.note},
        facts={"document": form.document, "correction": form.correction},
    )


async def _release(row: Any, state: str) -> int:
    """End the hold: the side entry is mirrored, holds become released or struck; their sum."""
    await ledger.reverse(
        f"dispute:{row['number']}:released",
        f"dispute:{row['number']}:held",
        effective_on=await _not_before(f"dispute:{row['number']}:held"),
        reason="dispute_released",
        clause=row["clause"],
        facts={"dispute": row["number"]},
    )
    held = await sql(
        "UPDATE obligation_hold SET state = $2 WHERE dispute = $1 AND state = 'held'"
        " RETURNING obligation, amount_fen",
        row["id"],
        state,
    )
    await obligations.restate(hold["obligation"] for hold in held)
    await follow_statements(row["pool_year"])
    return sum(hold["amount_fen"] for hold in held)


async def _not_before(key: str) -> date:
    day: date = await sql_value("SELECT effective_on FROM entry WHERE key = $1", key)
    return max(today(), day)


async def _mirror(row: Any, event: int) -> int:
    """The disputed line the other way round, against the counterparty's account of its kind."""
    name, _, *source = row["account"].split(":")
    other = accounts.account(
        counter_account(name), row["counterparty_uscc"], source[0] if source else ""
    )
    amount_fen = row["amount_fen"]
    return await books.post(
        row["book"],
        f"dispute:{row['number']}:upheld",
        row["entry_reason"],
        row["clause"],
        max(today(), row["entry_on"]),
        [
            accounts.AccountLine(row["account"], -amount_fen),
            accounts.AccountLine(other, amount_fen),
        ],
        journal_event=event,
        facts={"dispute": row["number"], "mirrors": row["entry_key"], "line": row["line"]},
    )


async def _owe_back(row: Any, amount_fen: int, entry: int) -> None:
    """What was paid on the line before goes back to the member."""
    if amount_fen <= 0:
        return
    year = await access.year_row(row["year_number"])
    remittance = terms_of(year["agreement_body"]).remittance
    new = obligations.NewObligation(
        row["pool_year"],
        None,
        "share_adjustment",
        row["counterparty"],
        row["organisation"],
        amount_fen,
        remittance.days,
        DayKind(remittance.calendar),
        row["clause"],
        "dispute",
        row["id"],
        entry,
    )
    await obligations.add(new, today())


async def _need_correction(row: Any, key: str) -> None:
    """A credit line, or one that its owner corrected, needs the entry that does it."""
    found = await sql_row(
        "SELECT e.id FROM entry e JOIN book b ON b.id = e.book WHERE e.key = $1 AND b.code = $2"
        " AND e.recorded_at >= $3",
        key,
        row["book"],
        row["opened_at"],
    )
    if found is None:
        raise Refused([blocker("dispute.no_correction", "correction", value=key)])


_SETTLED = """
SELECT s.id, s.number, s.status, s.revision FROM statement s
  JOIN statement_period p ON p.id = s.period
WHERE s.pool_year = $1 AND s.status = 'agreed' AND NOT EXISTS (
  SELECT 1 FROM obligation b WHERE b.pool_year = s.pool_year
   AND (b.debtor = s.organisation OR b.creditor = s.organisation)
   AND b.status IN ('open', 'part_settled')
   AND to_char(b.arose_on, 'YYYY-MM') <= p.to_month)
ORDER BY s.id FOR UPDATE OF s
"""


async def follow_statements(year_id: int) -> None:
    """Statements that were agreed and of which nothing undisputed is open any more are settled."""
    for row in await sql(_SETTLED, year_id):
        await parts.move(SYSTEM, STATEMENT, Statement, row, "settle", row["number"])
