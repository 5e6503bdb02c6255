"""A claim after a step, and movements as they were just written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coinsurance.claim_shapes import ClaimState, MovementShape, OwedShape, PartShape
from coinsurance.claims.writes import Write
from coinsurance.rules.claims.movements import MemberPart
from coinsurance.rules.claims.workflow import CLAIM
from service.kernel.db import sql_row
from service.kernel.findings import Finding

_STATE = """
SELECT c.number, c.status, c.revision, c.payment_due_on,
  (SELECT r.number FROM consent_request r WHERE r.id = c.consent) AS consent_request,
  coalesce(sum(s.assessed_fen), 0)::bigint AS assessed_fen,
  sum(s.agreed_fen)::bigint AS agreed_fen, coalesce(sum(s.paid_fen), 0)::bigint AS paid_fen,
  coalesce(sum(s.authorised_fen - s.paid_fen), 0)::bigint AS left_fen,
  coalesce(sum(s.reserve_fen), 0)::bigint AS reserve_fen,
  coalesce(sum(s.expense_fen), 0)::bigint AS expense_fen,
  coalesce(sum(s.recovered_fen), 0)::bigint AS recovered_fen
FROM claim c LEFT JOIN claim_section s ON s.claim = c.id WHERE c.number = $1 GROUP BY c.id
"""


async def state_of(
    number: str, findings: Sequence[Finding] = (), movement: MovementShape | None = None
) -> ClaimState:
    """Where a claim stands now, with warnings that were let pass and what was just written."""
    row = await sql_row(_STATE, number)
    assert row is not None
    return ClaimState(
        **row,
        status_zh=CLAIM.label(row["status"]),
        movement=movement,
        findings=[finding.as_dict() for finding in findings],
    )


def written(
    section: str, write: Write, number: int, obligations: Sequence[str]
) -> MovementShape:
    """A movement as the handler gets it back: every part, every debt with its number."""
    return MovementShape(
        number,
        write.kind.value,
        section,
        write.amount_fen,
        write.cost_fen,
        write.reserve_change_fen,
        write.effective_on,
        write.reference,
        write.charge,
        None,
        write.clause,
        [_part(part, write.called) for part in write.parts],
        [
            OwedShape(
                debt_number, kind, debtor, creditor, amount_fen, due.on, due.days,
                due.calendar.value, due.clause, due.waiting_zh,
            )
            for debt_number, (kind, _, debtor, _, creditor, amount_fen, due) in zip(
                obligations, write.owed, strict=True
            )
        ],
    )  # fmt: skip


def _part(part: MemberPart, called: Mapping[int, int]) -> PartShape:
    return PartShape(
        part.uscc,
        "",
        part.share_units,
        part.amount_fen,
        part.to_date_fen,
        part.exact.text,
        part.difference.text,
        part.reserve_fen,
        called.get(part.organisation_id, 0),
    )


def totals(row: Mapping[str, Any]) -> dict[str, int]:
    """The money columns of a state as plain numbers."""
    return {name: row[name] for name in ("assessed_fen", "paid_fen", "left_fen")}
