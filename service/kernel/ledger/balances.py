"""Reading the ledger: balances as of a day, as known at a moment, always summed by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.kernel.db import sql, sql_value
from service.kernel.errors import NotFound

DEBIT_KINDS = frozenset({"asset", "expense"})

# Lines are summed before accounts are joined: one pass over the book's lines.
_BALANCES = """
WITH chosen AS (
  SELECT e.id, e.kind = 'pending' AS pending
    FROM entry AS e
   WHERE e.book = (SELECT id FROM book WHERE code = $1)
     AND ($2::date IS NULL OR e.effective_on <= $2)
     AND ($3::timestamptz IS NULL OR e.recorded_at <= $3)
     AND ($4::text IS NULL OR e.period = $4)
     AND (e.kind <> 'pending' OR NOT EXISTS (
       SELECT 1 FROM entry AS r
        WHERE r.resolves = e.id AND ($2::date IS NULL OR r.effective_on <= $2)
          AND ($3::timestamptz IS NULL OR r.recorded_at <= $3)))
), sums AS (
  SELECT l.account,
         sum(l.amount_fen) FILTER (WHERE NOT c.pending AND l.amount_fen > 0) AS debit_fen,
         -sum(l.amount_fen) FILTER (WHERE NOT c.pending AND l.amount_fen < 0) AS credit_fen,
         sum(l.amount_fen) FILTER (WHERE c.pending) AS pending_fen
    FROM chosen AS c JOIN entry_line AS l ON l.entry = c.id
   GROUP BY l.account
)
SELECT a.code, a.kind, a.title, a.owner, a.currency, a.floor_fen,
       coalesce(s.debit_fen, 0)::bigint AS debit_fen,
       coalesce(s.credit_fen, 0)::bigint AS credit_fen,
       coalesce(s.pending_fen, 0)::bigint AS pending_fen
  FROM book AS b JOIN account AS a ON a.book = b.id
  LEFT JOIN sums AS s ON s.account = a.id
 WHERE b.code = $1
 ORDER BY a.code
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one account, in fen; `pending_fen` is not posted, debit positive."""

    account: str
    kind: str
    title: str
    owner: int | None
    currency: str
    floor_fen: int | None
    debit_fen: int
    credit_fen: int
    pending_fen: int

    @property
    def balance_fen(self) -> int:
        """Posted debits less credits."""
        return self.debit_fen - self.credit_fen

    @property
    def own_fen(self) -> int:
        """The posted balance in the account's own direction: a debt of 5 is 5, not -5."""
        return self.balance_fen if self.kind in DEBIT_KINDS else -self.balance_fen


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts of a book with totals per currency (试算平衡表)."""

    rows: tuple[Balance, ...]

    @property
    def totals_fen(self) -> dict[str, tuple[int, int]]:
        """Debits and credits of each currency."""
        totals: dict[str, tuple[int, int]] = {}
        for row in self.rows:
            debit_fen, credit_fen = totals.get(row.currency, (0, 0))
            totals[row.currency] = (debit_fen + row.debit_fen, credit_fen + row.credit_fen)
        return totals

    @property
    def balanced(self) -> bool:
        """Whether debits equal credits in every currency."""
        return all(debit == credit for debit, credit in self.totals_fen.values())


async def balances(
    book: str,
    *,
    as_of: date | None = None,
    as_known_at: datetime | None = None,
    period: str | None = None,
) -> list[Balance]:
    """Return every account of a book in order of its code, those without movement too.

    `as_of` counts entries effective up to and on that day, `as_known_at` those recorded up to that
    moment, `period` those of one accounting month. A pending entry stops being pending only by a
    resolution that is itself within both. The same past day and moment give the same figures for
    ever, once transactions that were open at that moment have ended. Raises NotFound for an
    unknown book.
    """
    rows = await sql(_BALANCES, book, as_of, as_known_at, period)
    if not rows and not await sql_value("SELECT id FROM book WHERE code = $1", book):
        raise NotFound("账套", "The book", book)
    return [Balance(*row) for row in rows]


async def trial_balance(
    book: str, *, as_of: date | None = None, as_known_at: datetime | None = None
) -> TrialBalance:
    """Return the trial balance of a book (试算平衡); arguments and errors as for balances()."""
    return TrialBalance(tuple(await balances(book, as_of=as_of, as_known_at=as_known_at)))


def total_fen(rows: Sequence[Balance], prefix: str) -> int:
    """Sum the posted balances, in their own direction, of the accounts whose code starts so."""
    return sum(row.own_fen for row in rows if row.account.startswith(prefix))
