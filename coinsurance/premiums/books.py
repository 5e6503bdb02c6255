"""The book of a pool year: opening accounts and posting what recipes say.

Used by premium, claims and settlement alike; the lines come from `coinsurance.rules.accounts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from coinsurance.rules import accounts
from coinsurance.rules.accounts import AccountLine, AccountSpec
from service.kernel import ledger
from service.kernel.db import advisory_lock, sql
from service.kernel.ledger import NewAccount, Posting

_MISSING = """
SELECT t.code FROM unnest($2::text[]) AS t(code) WHERE NOT EXISTS (
  SELECT 1 FROM account a JOIN book b ON b.id = a.book WHERE b.code = $1 AND a.code = t.code)
"""


def book_of(year_number: str) -> str:
    """The code of a pool year's ledger book."""
    return f"pool:{year_number}"


async def post(
    book: str,
    key: str,
    reason: str,
    clause: str,
    effective_on: date,
    lines: Sequence[AccountLine],
    *,
    journal_event: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write one entry and return its id; accounts it needs are opened first. Inside `work()`.

    Raises what `ledger.post()` raises.
    """
    await ensure_accounts(book, lines)
    return await ledger.post(
        Posting(
            book,
            key,
            reason,
            clause,
            effective_on,
            lines,
            journal_event=journal_event,
            facts=facts,
        )
    )


async def ensure_accounts(book: str, lines: Sequence[AccountLine]) -> None:
    """Open the accounts that lines use and the book lacks; one statement when all are there."""
    codes = list(dict.fromkeys(line.account for line in lines))
    if not await sql(_MISSING, book, codes):
        return
    await advisory_lock(f"accounts:{book}")
    missing = {row["code"] for row in await sql(_MISSING, book, codes)}
    wanted = [line for line in lines if line.account in missing]
    owners = await _owners([accounts.party_of(code) for code in missing])
    names = {uscc: name for uscc, (_, name) in owners.items()}
    await ledger.open_accounts(
        book, [_new_account(spec, owners) for spec in accounts.specs(wanted, names)]
    )


def _new_account(spec: AccountSpec, owners: Mapping[str, tuple[int, str]]) -> NewAccount:
    owner, _ = owners.get(spec.uscc, (None, ""))
    return NewAccount(spec.code, spec.kind, spec.title, owner)


async def _owners(usccs: Sequence[str]) -> dict[str, tuple[int, str]]:
    rows = await sql(
        "SELECT uscc, id, short_name FROM organisation WHERE uscc = ANY($1::text[])", list(usccs)
    )
    return {row["uscc"]: (row["id"], row["short_name"]) for row in rows}
