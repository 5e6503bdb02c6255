"""What a movement makes members owe the handler, and what happens to debts when it is reversed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from coinsurance.claims.rows import Found
from coinsurance.claims.writes import Owed
from coinsurance.rules.agreement.terms import Deadline
from coinsurance.rules.claims.deadlines import Due, due_after, reimbursement_due
from coinsurance.rules.claims.movements import MemberPart, net_obligations
from coinsurance.rules.nouns import DayKind
from service.kernel.db import sql

REIMBURSEMENT, RECOVERY, EXPENSE = "claim_reimbursement", "recovery_share", "expense_share"
CASH_CALL = "cash_call"


def reimbursement(found: Found, paid_on: date, papers_on: date | None) -> Due:
    """When followers reimburse what the handler paid."""
    terms = found.terms
    term = terms.reimbursement if terms else None
    return reimbursement_due(paid_on, papers_on, term, found.clause("reimbursement"))


def owed_for(
    found: Found,
    kind: str,
    parts: Sequence[MemberPart],
    due: Due,
    *,
    covered: Mapping[int, int] | None = None,
    reverse: bool = False,
) -> list[Owed]:
    """Every other member's debt to the handler; `reverse`: the handler owes them.

    A part below zero turns the debt around.
    """
    if not found.in_pool:
        return []
    codes = {part.organisation_id: part.uscc for part in parts}
    handler, code = found.row["handler"], found.row["handler_uscc"]
    amounts = net_obligations(
        {part.organisation_id: part.amount_fen for part in parts}, covered or {}, handler
    )
    found_owed = []
    for member, fen in amounts.items():
        pays = (fen > 0) is not reverse
        debtor, creditor = (member, handler) if pays else (handler, member)
        uscc = codes[member]
        names = (uscc, code) if pays else (code, uscc)
        found_owed.append(Owed(kind, debtor, names[0], creditor, names[1], abs(fen), due))
    return found_owed


_CAUSED = """
SELECT b.id, b.number, b.kind, b.debtor, d.uscc AS debtor_uscc, b.creditor,
  c.uscc AS creditor_uscc, b.amount_fen, b.settled_fen, b.due_days, b.due_calendar, b.clause,
  b.status, EXISTS (SELECT 1 FROM settlement_part x JOIN settlement_run r ON r.id = x.run
    WHERE x.obligation = b.id AND r.status NOT IN ('failed', 'cancelled')) AS in_run
FROM obligation b JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor
WHERE b.cause_kind = 'claim_movement' AND b.cause = $1 AND b.status <> 'void' ORDER BY b.id
"""
_LOCK = """
SELECT id FROM obligation WHERE cause_kind = 'claim_movement' AND cause = $1 ORDER BY id FOR UPDATE
"""


async def taken_back(movement_id: int, reversed_on: date) -> list[Owed]:
    """Undo the debts of a reversed movement: unpaid ones are void, others owed back in full.

    What was settled even in part, or is in a settlement run, is mirrored whole: the rest of the old
    debt and the new one then cancel, and nothing that was paid is rewritten.
    """
    mirrored, unpaid = [], []
    await sql(_LOCK, movement_id)  # a run that takes them up meanwhile is then seen
    for row in await sql(_CAUSED, movement_id):
        if row["settled_fen"] == 0 and not row["in_run"]:
            unpaid.append(row["id"])
        else:
            mirrored.append(_mirror(row, reversed_on))
    if unpaid:
        await sql("UPDATE obligation SET status = 'void' WHERE id = ANY($1::bigint[])", unpaid)
    return mirrored


def _mirror(row: Any, reversed_on: date) -> Owed:
    term = Deadline(row["due_days"], DayKind(row["due_calendar"]))
    return Owed(
        row["kind"],
        row["creditor"],
        row["creditor_uscc"],
        row["debtor"],
        row["debtor_uscc"],
        row["amount_fen"],
        due_after(reversed_on, term, row["clause"]),
    )
