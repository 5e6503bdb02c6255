"""What disputes hold back of obligations: neither settled nor overdue (POOLS invariant 15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from coinsurance.settlements import obligations
from service.kernel.db import sql, sql_many

# Debts of a line that is disputed for more than its dispute holds yet, and how much more.
_OPEN_DISPUTES = """
SELECT b.id, d.id AS dispute, abs(d.amount_fen) - t.held_fen AS left_fen
  FROM obligation b JOIN dispute d ON d.entry = b.entry AND d.closed_at IS NULL
   AND d.organisation = CASE WHEN d.amount_fen > 0 THEN b.debtor ELSE b.creditor END
  CROSS JOIN LATERAL (SELECT coalesce(sum(h.amount_fen), 0)::bigint AS held_fen
    FROM obligation_hold h WHERE h.dispute = d.id) t
 WHERE b.id = ANY($1::bigint[]) AND t.held_fen < abs(d.amount_fen) ORDER BY b.id
"""


async def hold(dispute_id: int, owed: Sequence[Any], amount_fen: int) -> None:
    """Hold back what is free of the obligations, oldest first, up to the disputed amount.

    What an instruction may still pay is not free; `hold_freed` holds it if the money does not come.
    """
    holds = []
    for row in owed:
        part_fen = min(amount_fen, max(0, obligations.free_fen(row)))
        if part_fen:
            holds.append((row["id"], dispute_id, part_fen))
            amount_fen -= part_fen
    await sql_many(
        "INSERT INTO obligation_hold (obligation, dispute, amount_fen, state)"
        " VALUES ($1, $2, $3, 'held')",
        holds,
    )
    await obligations.restate(one[0] for one in holds)


async def hold_freed(ids: Iterable[int]) -> None:
    """Obligations that no instruction pays any more fall under the disputes of their lines."""
    wanted = sorted(set(ids))
    found = await sql(_OPEN_DISPUTES, wanted)
    if not found:
        return
    rows = {row["id"]: row for row in await obligations.locked(wanted)}
    for dispute in sorted({row["dispute"] for row in found}):
        own = [row for row in found if row["dispute"] == dispute]
        await hold(dispute, [rows[row["id"]] for row in own], own[0]["left_fen"])
