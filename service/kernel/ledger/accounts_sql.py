"""Opening accounts as a function of the database, for the sake of a plan.

PostgreSQL checks `account.book` once more in every posting that moves a kept balance twice, with
the plan that the session made when it opened an account. Made in here, that plan goes by index.
"""

from __future__ import annotations

from service.kernel.ledger_sql import BY_INDEX

_OPEN = f"""
CREATE OR REPLACE FUNCTION ledger_open_accounts(
  p_book text, p_codes text[], p_kinds text[], p_titles text[], p_owners bigint[],
  p_currencies text[], p_floors bigint[]
) RETURNS TABLE (opened text, account_id bigint) LANGUAGE plpgsql
{BY_INDEX} AS $$
BEGIN
  RETURN QUERY INSERT INTO account
      (book, code, kind, title, owner, currency, floor_fen, kept_fen, reserved_fen)
    SELECT b.id, n.code, n.kind, n.title, n.owner, n.currency, n.floor_fen,
           CASE WHEN n.floor_fen IS NOT NULL THEN 0 END,
           CASE WHEN n.floor_fen IS NOT NULL THEN 0 END
      FROM book AS b, unnest(p_codes, p_kinds, p_titles, p_owners, p_currencies, p_floors)
           AS n (code, kind, title, owner, currency, floor_fen)
     WHERE b.code = p_book RETURNING account.code::text, account.id;
END $$
"""

ACCOUNTS_SQL: list[str] = [_OPEN]
