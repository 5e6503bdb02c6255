"""Closing papers that are served after a payment start the clock of its reimbursement anew.

The clause counts from the payment or, if later, from the papers; who pays first and sends the
papers afterwards gives the members their days from service. A notice of papers covers what was paid
since the notice before it, so a later round never moves the day of an earlier payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from coinsurance.claims.rows import Found
from coinsurance.premiums.due import set_due_days
from coinsurance.rules.agreement.terms import Deadline
from coinsurance.rules.claims.deadlines import reimbursement_due
from coinsurance.rules.nouns import DayKind
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import local_day
from service.kernel.db import sql

_COVERED = """
SELECT b.id, b.number, b.arose_on, b.due_on, b.due_days, b.due_calendar, b.clause, n.served_at
  FROM claim_notice n JOIN claim_movement m ON m.claim = n.claim AND m.papers_on IS NULL
    AND m.kind IN ('payment', 'advance') AND m.recorded_at <= n.sent_at
  JOIN obligation b ON b.cause_kind = 'claim_movement' AND b.cause = m.id
    AND b.kind = 'claim_reimbursement' AND b.debtor = n.organisation
    AND b.status NOT IN ('settled', 'void')
 WHERE n.id = ANY($1::bigint[]) AND n.kind = 'papers' AND m.recorded_at > coalesce((
    SELECT max(x.sent_at) FROM claim_notice x WHERE x.claim = n.claim AND x.kind = 'papers'
      AND x.organisation = n.organisation AND x.round < n.round), '-infinity')
 ORDER BY b.id FOR UPDATE OF b
"""


async def count_from_service(actor: Actor, found: Found, notices: Sequence[int]) -> None:
    """Move the due days of open reimbursements to those that notices just served give.

    One event on the claim tells the old and the new days. Inside `work()`, the claim locked.
    """
    moved = [(row, day) for row in await sql(_COVERED, notices) if (day := _day(row)) is not None]
    if not moved:
        return
    await set_due_days({row["id"]: day for row, day in moved})
    await journal.record(
        actor,
        "claim",
        found.number,
        "count_from_papers",
        facts={
            row["number"]: {
                "before": row["due_on"].isoformat() if row["due_on"] else None,
                "due_on": day.isoformat(),
                "clause": row["clause"],
            }
            for row, day in moved
        },
    )


def _day(row: Any) -> date | None:
    """The later due day that the papers give; None where they change nothing."""
    term = Deadline(row["due_days"], DayKind(row["due_calendar"]))
    due = reimbursement_due(row["arose_on"], local_day(row["served_at"]), term, row["clause"])
    return due.on if due.on is not None and due.on != row["due_on"] else None
