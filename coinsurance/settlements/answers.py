"""A member's answers to its statement (签收、确认), and issue anew after a cancellation."""

from __future__ import annotations

from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.workflows import STATEMENT
from coinsurance.settlements import records, seats
from coinsurance.settlements.dispute_outcomes import follow_statements
from coinsurance.settlements.disputes import need_own
from coinsurance.tables.settlements import Statement
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register


async def _locked(actor: Actor, number: str) -> Any:
    """A statement to be changed: its year is locked first."""
    await seats.lock_year_of("statement", number)
    return await records.statement_row(actor, number, lock=True)


async def may(actor: Actor, number: str) -> frozenset[str]:
    """The steps that the reader's seat allows on a statement, whatever its state."""
    row = await records.statement_row(actor, number)
    own = {"acknowledge", "agree", "dispute"} if actor.owns(row["organisation"]) else set()
    seat = await access.seat_of(actor, row["pool_year"])
    keeps = seat is not None and PoolRole.ACCOUNT_KEEPER in seat.roles
    again = {"approve", "issue"} if row["replaces"] is not None else set()
    return frozenset(own | ({"reissue", *again} if keeps else set()))


async def acknowledge(actor: Actor, number: str) -> None:
    """The member has received its statement."""
    async with work():
        row = await _locked(actor, number)
        need_own(actor, row)
        await parts.move(actor, STATEMENT, Statement, row, "acknowledge", number)


async def agree(actor: Actor, number: str, note: str) -> None:
    """The member agrees to everything it does not dispute (确认其余各项)."""
    async with work():
        row = await _locked(actor, number)
        need_own(actor, row)
        await parts.move(
            actor,
            STATEMENT,
            Statement,
            row,
            "agree",
            number,
            note=note,
            values={"answered_at": now(), "answered_by": actor.user_id},
            facts={"hash": row["hash"], "disputed_fen": row["disputed_fen"]},
        )
        await follow_statements(row["pool_year"])


async def approve_one(actor: Actor, number: str) -> None:
    """Approve a draft; never by the person who prepared it."""
    async with work():
        row = await _locked(actor, number)
        year = await access.year_row(row["year_number"])
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        await parts.four_eyes(actor, "statement_period", row["period_number"], "prepare")
        await parts.four_eyes(actor, STATEMENT.name, number, "reissue")
        await records.approve(actor, row)


async def reissue(actor: Actor, number: str, note: str) -> str:
    """Cancel one issued statement and draft it anew over the same lines; returns its number.

    The figures are fixed by the seal and stay; who wants other lines cancels the whole period.
    Refused while one of its lines is disputed.
    """
    async with work():
        row = await _locked(actor, number)
        year = await access.year_row(row["year_number"])
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        disputed = await sql_value(
            "SELECT count(*)::int FROM dispute WHERE statement = $1"
            " AND status IN ('open', 'escalated', 'referred')",
            row["id"],
        )
        if disputed:
            raise Refused([blocker("statement.dispute_open", count=disputed)])
        if row["issued_at"] is None:
            raise Refused([blocker("statement.not_issued", number=number)])
        await parts.move(actor, STATEMENT, Statement, row, "cancel", number, note=note)
        fresh = await next_number("ST", now())
        await sql_value(_COPY, row["id"], fresh)
        await journal.record(
            actor,
            STATEMENT.name,
            fresh,
            "reissue",
            to_status="draft",
            note=note,
            facts={"replaces": number, "hash": row["hash"]},
        )
    return fresh


_COPY = """
INSERT INTO statement (number, period, pool_year, organisation, position, edition, replaces,
  status, brought_forward_fen, items_fen, settled_fen, carried_forward_fen, disputed_fen,
  line_count, content, hash, revision)
SELECT $2, period, pool_year, organisation, position, edition + 1, id, 'draft',
  brought_forward_fen, items_fen, settled_fen, carried_forward_fen, disputed_fen, line_count,
  content, hash, 1
FROM statement WHERE id = $1 RETURNING id
"""


async def issue_one(actor: Actor, number: str) -> None:
    """Issue a statement that stands in for a cancelled one; all others are issued together."""
    async with work():
        row = await _locked(actor, number)
        year = await access.year_row(row["year_number"])
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        if row["replaces"] is None:
            raise Refused([blocker("statement.issued_together", period=row["period_number"])])
        await parts.move(
            actor,
            STATEMENT,
            Statement,
            row,
            "issue",
            number,
            values={"issued_at": now()},
            facts={"hash": row["hash"], "carried_forward_fen": row["carried_forward_fen"]},
            follows=True,
        )


register(
    {
        "statement.not_issued": Text(
            "结算单 {number} 尚未出具，不能重新出具",
            "The statement {number} was never issued",
            "未出具的结算单请随整期撤销后重新编制",
            "Cancel its period and prepare it anew",
        ),
        "statement.issued_together": Text(
            "结算单须与对账期 {period} 的其他结算单一并出具",
            "The statements of {period} are issued together",
            "请对整期办理出具；只有撤销后重新出具的才单独办理",
            "Issue the period; only one that stands in for a cancelled one goes alone",
            "POOLS complaint 22",
        ),
    }
)
