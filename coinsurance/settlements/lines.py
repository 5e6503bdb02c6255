"""The ledger's lines behind statements: summed over a period in one query, or one by one.

What a period covers: entries of its months and before that its seal holds, less what the period
before covers. An entry that is booked late is in a later seal, so it comes into the next period by
itself; nothing is lost and nothing counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coinsurance.rules.settlement.items import CURRENT, item_of
from coinsurance.rules.settlement.statements import SumRow
from service.kernel.db import sql
from service.kernel.seals import ledger_chain


@dataclass(frozen=True, slots=True)
class Cover:
    """Which entries a period covers; seals by id, `to_month` as entries carry it."""

    book_id: int
    book: str
    to_month: str
    seal: int
    previous_month: str = ""
    previous_seal: int = 0

    def args(self) -> tuple[Any, ...]:
        """The parameters of `_COVERED`."""
        return (
            self.book_id,
            ledger_chain(self.book),
            self.to_month,
            self.seal,
            self.previous_month,
            self.previous_seal,
        )


_COVERED = """
SELECT e.id, e.reason FROM entry e JOIN sealed_row r ON r.row_id = e.id AND r.chain = $2
 WHERE e.book = $1 AND e.kind IN ('posted', 'post_pending') AND e.period <= $3 AND r.seal <= $4
   AND NOT (e.period <= $5 AND r.seal <= $6)
"""
# The same without looking every entry up: where seals hold as many rows as the book has entries up
# to their last one, they hold all of these. Where they do not, because an entry was committed after
# a later one was sealed, this covers nothing. Entries are only ever added, and the statement counts
# and sums in one snapshot.
_WITHOUT_GAP = """
WITH reach AS (
  SELECT max(s.last_row) AS top, sum(s.row_count) AS held,
    coalesce(max(s.last_row) FILTER (WHERE s.id <= $6), 0) AS before,
    coalesce(sum(s.row_count) FILTER (WHERE s.id <= $6), 0) AS held_before
  FROM seal s WHERE s.chain = $2 AND s.id <= $4
), dense AS MATERIALIZED (
  SELECT r.top, r.before FROM reach r, LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE x.id <= r.before) AS n_before
      FROM entry x WHERE x.book = $1 AND x.id <= r.top) there
   WHERE there.n = r.held AND there.n_before = r.held_before
), covered AS (
  SELECT e.id, e.reason FROM entry e
   WHERE e.book = $1 AND e.kind IN ('posted', 'post_pending') AND e.period <= $3
     AND e.id <= (SELECT top FROM dense)
     AND (e.period > $5 OR e.id > (SELECT before FROM dense))
)"""
_SUMMED = """, sums AS (
  SELECT l.account, c.reason, count(*)::int AS lines, sum(l.amount_fen)::bigint AS fen
    FROM covered c JOIN entry_line l ON l.entry = c.id GROUP BY l.account, c.reason
)
SELECT a.owner, a.code, s.reason, s.lines, s.fen, a.id
  FROM sums s JOIN account a ON a.id = s.account ORDER BY a.id, s.reason
"""
_SUMS = f"WITH covered AS ({_COVERED}){_SUMMED}"
_SUMS_WITHOUT_GAP = _WITHOUT_GAP + _SUMMED
# A recipe ends with the line of its holder: a current line right after a line of another account
# belongs to that account's matter, whatever the reason of the entry.
_MOVED = f"""
WITH covered AS ({_COVERED})
SELECT a.owner, a.code, c.reason, count(*)::int AS lines, sum(l.amount_fen)::bigint AS fen,
       min(pa.code) AS cause
  FROM covered c JOIN entry_line p ON p.entry = c.id AND p.account = ANY($7::bigint[])
  JOIN account pa ON pa.id = p.account
  JOIN entry_line l ON l.entry = c.id AND l.position = p.position + 1
  JOIN account a ON a.id = l.account AND a.code LIKE 'current:%'
 GROUP BY a.id, c.reason, split_part(pa.code, ':', 1) ORDER BY a.id, c.reason
"""


async def sums(cover: Cover) -> list[SumRow]:
    """The lines a period covers, summed by account and reason: one pass over the book."""
    rows = await sql(_SUMS_WITHOUT_GAP, *cover.args()) or await sql(_SUMS, *cover.args())
    found = [SumRow(row[0], row[1], row[2], row[3], row[4]) for row in rows]
    mixed = [
        row["id"]
        for row in rows
        if not row["code"].startswith(f"{CURRENT}:")
        and item_of(row["code"], row["reason"]) is not item_of(CURRENT, row["reason"])
    ]
    if mixed:
        found += _apart(await sql(_MOVED, *cover.args(), mixed))
    return found


def _apart(moved: list[Any]) -> list[SumRow]:
    """Current lines taken out of their entry's matter and put to that of the line before them."""
    found = []
    for row in moved:
        found += [
            SumRow(row["owner"], row["code"], row["reason"], -row["lines"], -row["fen"]),
            SumRow(row["owner"], row["cause"], row["reason"], row["lines"], row["fen"]),
        ]
    return found


_LINES = """
SELECT l.id AS line, e.id AS entry, e.key, l.position, e.reason, e.effective_on, e.recorded_at,
  e.period, a.code AS account, a.title, l.amount_fen, coalesce(l.clause, e.clause) AS clause,
  l.memo, pc.code AS before, y.number AS policy, y.start_on AS cover_from,
  y.current_end_on AS cover_to, f.name AS insured, pl.number AS placement, cl.number AS claim,
  cl.loss_on, coalesce(nullif(pm.reference, ''), cm.reference, '') AS our_reference,
  cp.share_units, pp.exact_numerator, pp.exact_denominator, pp.total_fen,
  bl.own_reference, d.number AS dispute, d.status AS dispute_status
FROM entry e JOIN sealed_row r ON r.row_id = e.id AND r.chain = $2
  JOIN entry_line l ON l.entry = e.id JOIN account a ON a.id = l.account AND a.owner = $7
  LEFT JOIN entry_line pv ON pv.entry = e.id AND pv.position = l.position - 1
    AND a.code LIKE 'current:%'
  LEFT JOIN account pc ON pc.id = pv.account
  LEFT JOIN premium_movement pm ON pm.entry = e.id
  LEFT JOIN claim_movement cm ON cm.entry = e.id
  LEFT JOIN claim cl ON cl.id = cm.claim
  LEFT JOIN placement pl ON pl.id = coalesce(pm.placement, cl.placement)
  LEFT JOIN policy y ON y.id = pl.policy
  LEFT JOIN organisation f ON f.id = pl.insured
  LEFT JOIN claim_part cp ON cp.movement = cm.id AND cp.organisation = $7
  LEFT JOIN LATERAL (SELECT p.exact_numerator, p.exact_denominator,
      (SELECT sum(t.to_date_fen)::bigint FROM premium_part t
        WHERE t.movement = pm.id AND t.component = 'premium') AS total_fen
    FROM premium_part p WHERE p.movement = pm.id AND p.organisation = $7
     AND p.component = 'premium') pp ON true
  LEFT JOIN LATERAL (SELECT b.own_reference FROM bordereau_line b
    WHERE b.line = l.id AND b.own_reference <> '' ORDER BY b.id DESC LIMIT 1) bl ON true
  LEFT JOIN LATERAL (SELECT x.number, x.status FROM dispute x
    WHERE x.line = l.id AND x.organisation = $7 ORDER BY x.id DESC LIMIT 1) d ON true
WHERE e.book = $1 AND e.kind IN ('posted', 'post_pending') AND e.period <= $3 AND r.seal <= $4
  AND NOT (e.period <= $5 AND r.seal <= $6) AND l.id > $8
ORDER BY l.id LIMIT $9
"""


async def lines(cover: Cover, organisation_id: int, after: int, limit: int) -> list[Any]:
    """The lines of one party that a period covers, by id, with what each is about."""
    return await sql(_LINES, *cover.args(), organisation_id, after, limit)


async def one_line(cover: Cover, organisation_id: int, line_id: int) -> Any:
    """One line of a statement; None when the statement does not have it."""
    rows = await lines(cover, organisation_id, line_id - 1, 1)
    return rows[0] if rows and rows[0]["line"] == line_id else None
