"""Recomputing the ledger from its lines: what `eastlake verify` runs over every book."""

from __future__ import annotations

from service.kernel import seals
from service.kernel.db import sql
from service.kernel.findings import Finding, blocker
from service.kernel.guards import switched_off
from service.kernel.ledger_sql import GUARDS

SHOWN_MAX = 100

# Each query returns the broken rows of book $1 or of all; its columns are the parameters of the
# finding. The links have a code of their own in each row.
_CHECKS: dict[str, str] = {
    "ledger.lines_missing": """
        SELECT e.key, count(l.id) AS lines, e.line_count AS announced
          FROM book AS b JOIN entry AS e ON e.book = b.id
          LEFT JOIN entry_line AS l ON l.entry = e.id
         WHERE ($1::text IS NULL OR b.code = $1) GROUP BY e.id
        HAVING count(l.id) <> e.line_count
            OR count(l.id) > 0 AND max(l.position) <> e.line_count
         ORDER BY e.id""",
    "ledger.unbalanced": """
        SELECT e.key, sum(l.amount_fen)::bigint AS difference_fen
          FROM book AS b JOIN entry AS e ON e.book = b.id
          JOIN entry_line AS l ON l.entry = e.id JOIN account AS a ON a.id = l.account
         WHERE ($1::text IS NULL OR b.code = $1) GROUP BY e.id, a.currency
        HAVING sum(l.amount_fen) <> 0 ORDER BY e.id""",
    "ledger.hash_differs": """
        SELECT e.key
          FROM book AS b JOIN entry AS e ON e.book = b.id
          LEFT JOIN (
            SELECT l.entry, string_agg(ledger_line(a.code, l.amount_fen, l.memo, l.clause),
                                       E'\\n' ORDER BY l.position) AS lines
              FROM entry_line AS l JOIN account AS a ON a.id = l.account GROUP BY l.entry
          ) AS t ON t.entry = e.id
         WHERE ($1::text IS NULL OR b.code = $1)
           AND e.content_hash <> sha256(convert_to(ledger_content(b.code, e.key,
               e.kind, e.reason, e.clause, e.effective_on, e.period, e.recorded_at,
               e.reversal_of, e.resolves, e.journal_event, e.facts, t.lines), 'UTF8'))
         ORDER BY e.id""",
    "ledger.stray_line": """
        SELECT l.id AS line, coalesce(e.key, '') AS key
          FROM entry_line AS l
          LEFT JOIN entry AS e ON e.id = l.entry
          LEFT JOIN account AS a ON a.id = l.account AND a.book = e.book
          LEFT JOIN book AS b ON b.id = e.book
         WHERE a.id IS NULL AND (b.id IS NULL OR $1::text IS NULL OR b.code = $1)
         ORDER BY l.id""",
    "links": """
        SELECT ledger_link_fault(e) AS code, e.key, coalesce(o.key, '') AS original,
               o.effective_on AS day
          FROM book AS b JOIN entry AS e ON e.book = b.id
          LEFT JOIN entry AS o ON o.id = coalesce(e.reversal_of, e.resolves)
         WHERE ($1::text IS NULL OR b.code = $1) AND coalesce(e.reversal_of, e.resolves) IS NOT NULL
           AND ledger_link_fault(e) IS NOT NULL
         ORDER BY e.id""",
    "ledger.kept_differs": """
        SELECT a.code AS account, a.kept_fen, a.reserved_fen, s.posted_fen, s.pending_fen
          FROM book AS b JOIN account AS a ON a.book = b.id
         CROSS JOIN LATERAL (
           SELECT coalesce(sum(ledger_own(a.kind, l.amount_fen))
                    FILTER (WHERE e.kind <> 'pending'), 0)::bigint AS posted_fen,
                  coalesce(sum(greatest(0, -ledger_own(a.kind, l.amount_fen)))
                    FILTER (WHERE e.kind = 'pending' AND NOT EXISTS (
                      SELECT 1 FROM entry AS r WHERE r.resolves = e.id)), 0)::bigint
                    AS pending_fen
             FROM entry_line AS l JOIN entry AS e ON e.id = l.entry
            WHERE l.account = a.id) AS s
         WHERE ($1::text IS NULL OR b.code = $1) AND a.floor_fen IS NOT NULL
           AND (a.kept_fen, a.reserved_fen) IS DISTINCT FROM (s.posted_fen, s.pending_fen)
         ORDER BY a.id""",
    "ledger.floor_broken": """
        SELECT a.code AS account, a.kept_fen - a.reserved_fen AS left_fen, a.floor_fen
          FROM book AS b JOIN account AS a ON a.book = b.id
         WHERE ($1::text IS NULL OR b.code = $1) AND a.kept_fen - a.reserved_fen < a.floor_fen
         ORDER BY a.id""",
}


async def verify(book: str | None = None) -> list[Finding]:
    """Recompute a book, or all of them, from its lines and report everything that does not fit.

    Balance, announced lines, content hashes, mirrors and resolutions, kept balances, floors, the
    seals, and whether the database's guards are switched on. At most 100 findings of each code.
    """
    found = [
        blocker("ledger.guard_missing", guard=guard)
        for _, guard in await switched_off(GUARDS)
    ]
    for code, query in _CHECKS.items():
        for row in await sql(f"{query} LIMIT {SHOWN_MAX}", book):
            params = dict(row)
            name = str(params.pop("code", code))
            where = str(params.get("key") or params.get("account", ""))
            found.append(Finding(name, where, params=params))
    books = await sql("SELECT code FROM book WHERE $1::text IS NULL OR code = $1 ORDER BY id", book)
    for row in books:
        found += await seals.verify(seals.ledger_chain(row["code"]))
    return found


async def seal(book: str) -> seals.Sealed | None:
    """Seal the entries of a book that no seal covers yet; None when there are none."""
    return await seals.seal(seals.ledger_chain(book))
