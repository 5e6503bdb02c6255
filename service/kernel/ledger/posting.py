"""Writing the ledger: the only writer of entries, one round trip to the database per entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

import asyncpg

from service.kernel.calendar import now
from service.kernel.db import sql, work
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.kernel.ledger.texts import tell

# Codes and amounts travel as two texts: the driver's arrays cost twice that, element by element. A
# code with a line break in it leaves a line without an amount, which is refused.
_POST = (
    "SELECT ledger_post($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,"
    "string_to_array($12,E'\\n'),string_to_array($13,',')::bigint[],$14,$15)"
)
# Slices are cut out of arrays that are walked from their start, so the arrays must stay short.
_MANY_MAX = 200
_POST_MANY = (
    "SELECT ledger_post(p.book, p.key, p.kind, p.reason, p.clause, p.effective_on, p.period, $9,"
    " NULL, p.event, p.facts::jsonb, ($12::text[])[p.low:p.high], ($13::bigint[])[p.low:p.high],"
    " ($14::text[])[p.low:p.high], ($15::text[])[p.low:p.high])"
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],"
    " $6::date[], $7::text[], $8::bigint[], $10::text[], $11::int[], $16::int[])"
    " AS p (book, key, kind, reason, clause, effective_on, period, event, facts, low, high)"
)
_ACCOUNTS = (
    "SELECT opened AS code, account_id AS id FROM ledger_open_accounts($1,$2,$3,$4,$5,$6,$7)"
)
_Texts: TypeAlias = "tuple[str | None, ...] | None"
_Columns: TypeAlias = "tuple[tuple[str, ...], tuple[int, ...], _Texts, _Texts]"


class Line(NamedTuple):
    """One line: fen to an account, debit positive, credit negative (借正贷负).

    `clause` names the clause of this line where it differs from the entry's.
    """

    account: str
    amount_fen: int
    memo: str | None = None
    clause: str | None = None


AnyLine: TypeAlias = "tuple[str, int, str | None, str | None]"
"""A line or anything with its four fields in its order, such as the lines that recipes make."""


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry to be written.

    `key` is its business key, unique in the whole database and kept for ever: posting the same key
    with the same content again returns the first entry. `effective_on` is the day it holds from,
    `period` its accounting month (`2026-07`; default: the month of `effective_on`), `reason` a
    code, `clause` what it rests on. A `pending` posting reserves: it counts against floors, not as
    posted. When it was recorded is never given: the clock says so.
    """

    book: str
    key: str
    reason: str
    clause: str
    effective_on: date
    lines: Sequence[AnyLine]
    period: str | None = None
    pending: bool = False
    journal_event: int | None = None
    facts: Mapping[str, Any] | None = None


class NewAccount(NamedTuple):
    """An account to open.

    `floor_fen` (0 or less) is the lowest balance allowed, in the account's own direction, after
    what pending entries may still take; None: no floor and no kept balance. `owner` is the id of
    an organisation.
    """

    code: str
    kind: str
    title: str
    owner: int | None = None
    floor_fen: int | None = None
    currency: str = "CNY"


async def open_book(code: str, kind: str, title: str) -> int:
    """Open a book (账套) and return its id; `kind` is pool_year or subsidy_budget.

    Raises Conflict when the code is taken.
    """
    try:
        rows = await sql(
            "INSERT INTO book (code, kind, title, opened_at) VALUES ($1, $2, $3, $4) RETURNING id",
            code,
            kind,
            title,
            now(),
        )
    except asyncpg.PostgresError as error:
        tell(error, book=code)
    book_id: int = rows[0]["id"]
    return book_id


async def open_accounts(book: str, accounts: Sequence[NewAccount]) -> dict[str, int]:
    """Open accounts in one statement and return their ids by code.

    Raises Refused for an unknown book, a wrong kind or a floor above zero; Conflict for a code
    that is taken.
    """
    columns = list(zip(*accounts, strict=True)) or [(), (), (), (), (), ()]
    codes, kinds, titles, owners, floors, currencies = columns
    try:
        rows = await sql(_ACCOUNTS, book, codes, kinds, titles, owners, currencies, floors)
    except asyncpg.PostgresError as error:
        tell(error, book=book)
    if len(rows) != len(accounts):
        raise Refused([blocker("ledger.unknown_book", "book", book=book)])
    return {row["code"]: row["id"] for row in rows}


async def post(posting: Posting) -> int:
    """Write one balanced entry and return its id; outside `work()` it is its own transaction.

    The same key with the same content returns the entry already written. Raises Refused
    (ledger.unbalanced, .unknown_book, .unknown_account, .zero_line, .not_whole_fen,
    .too_few_lines, .floor_breached, .invalid) or Conflict (ledger.key_conflict).
    """
    return await _call(*arguments(posting))


def arguments(posting: Posting) -> tuple[Any, ...]:
    """The arguments of the database's `ledger_post` for one posting.

    For a statement that posts together with what the entry is about, where single statements would
    cost too many round trips; everybody else calls :func:`post`. Raises Refused
    (ledger.not_whole_fen).
    """
    accounts, amounts, memos, clauses = _columns(posting.lines)
    return (
        posting.book,
        posting.key,
        "pending" if posting.pending else "posted",
        posting.reason,
        posting.clause,
        posting.effective_on,
        posting.period or month_of(posting.effective_on),
        now(),
        None,
        posting.journal_event,
        _json(posting.facts),
        "\n".join(accounts),
        ",".join(map(str, amounts)),
        memos,
        clauses,
    )


async def post_many(postings: Sequence[Posting]) -> list[int]:
    """Write many entries, all or nothing, and return their ids in order; one statement per 200.

    Each is checked as by post(), in order. Raises what post() raises for the first one refused.
    """
    ids: list[int] = []
    async with work():
        for start in range(0, len(postings), _MANY_MAX):
            args = _flat(postings[start : start + _MANY_MAX])
            try:
                rows = await sql(_POST_MANY, *args)
            except asyncpg.PostgresError as error:
                tell(error, key="", original="")
            ids += [row[0] for row in rows]
    return ids


async def reverse(
    key: str,
    original_key: str,
    *,
    effective_on: date,
    reason: str,
    clause: str,
    period: str | None = None,
    journal_event: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write the exact mirror of a posted entry (冲销) and return the id of the reversal.

    Raises Refused: ledger.unknown_entry, .reversal_before_original, .reversal_of_reversal,
    .reversal_of_pending, .floor_breached; Conflict: ledger.reversal_twice, .key_conflict.
    """
    return await _linked(
        "posted", key, original_key, effective_on, reason, clause, period, journal_event, facts
    )


async def reserve(posting: Posting) -> int:
    """Write a pending entry: it holds its amounts back from floors until settled or voided."""
    return await post(replace(posting, pending=True))


async def settle(
    key: str,
    pending_key: str,
    *,
    effective_on: date,
    reason: str,
    clause: str,
    lines: Sequence[AnyLine] | None = None,
    period: str | None = None,
    journal_event: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Book a pending entry, whole or (with `lines`) in part; what is not booked is released.

    Raises Refused: ledger.not_pending, .more_than_reserved, .resolution_before_pending;
    Conflict: ledger.resolved_twice, .key_conflict.
    """
    return await _linked(
        "post_pending",
        key,
        pending_key,
        effective_on,
        reason,
        clause,
        period,
        journal_event,
        facts,
        lines,
    )


async def void(
    key: str,
    pending_key: str,
    *,
    effective_on: date,
    reason: str,
    clause: str,
    period: str | None = None,
    journal_event: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Drop a pending entry and release what it held; errors as for settle()."""
    return await _linked(
        "void_pending", key, pending_key, effective_on, reason, clause, period, journal_event, facts
    )


def month_of(day: date) -> str:
    """Return the accounting month of a day, as it is stored: `2026-07`."""
    return day.isoformat()[:7]


async def _linked(
    kind: str,
    key: str,
    original_key: str,
    effective_on: date,
    reason: str,
    clause: str,
    period: str | None,
    journal_event: int | None,
    facts: Mapping[str, Any] | None,
    lines: Sequence[AnyLine] | None = None,
) -> int:
    texts: tuple[Any, ...] = (None, None, None, None)
    if lines is not None:
        accounts, amounts, memos, clauses = _columns(lines)
        texts = ("\n".join(accounts), ",".join(map(str, amounts)), memos, clauses)
    return await _call(
        None,
        key,
        kind,
        reason,
        clause,
        effective_on,
        period or month_of(effective_on),
        now(),
        original_key,
        journal_event,
        _json(facts),
        *texts,
    )


def _flat(postings: Sequence[Posting]) -> tuple[Any, ...]:
    """Return the columns of many postings and of all their lines, as _POST_MANY wants them."""
    heads = [
        (
            p.book,
            p.key,
            "pending" if p.pending else "posted",
            p.reason,
            p.clause,
            p.effective_on,
            p.period or month_of(p.effective_on),
            p.journal_event,
            _json(p.facts),
        )
        for p in postings
    ]
    highs = list(accumulate(len(p.lines) for p in postings))
    lows = [1, *(high + 1 for high in highs[:-1])]
    accounts, amounts, memos, clauses = _columns([line for p in postings for line in p.lines])
    *first, events, facts = zip(*heads, strict=True)
    return (*first, events, now(), facts, lows, accounts, amounts, memos, clauses, highs)


def _json(facts: Mapping[str, Any] | None) -> str:
    return json.dumps(facts, ensure_ascii=False, allow_nan=False) if facts else "{}"


def _columns(lines: Sequence[AnyLine]) -> _Columns:
    """Return the lines as one array per column; a column that is empty all through is None.

    Amounts must be int, not even bool: asyncpg would cut a float or Decimal to a whole number.
    """
    if not lines:
        return (), (), None, None
    accounts, amounts, memos, clauses = zip(*lines, strict=True)
    if set(map(type, amounts)) != {int}:
        raise Refused([blocker("ledger.not_whole_fen", "lines", amounts=amounts)])
    return accounts, amounts, memos if any(memos) else None, clauses if any(clauses) else None


async def _call(*args: Any) -> int:
    try:
        rows = await sql(_POST, *args)
    except asyncpg.PostgresError as error:
        tell(error, key=args[1], original=args[8] or "")
    entry_id: int = rows[0][0]
    return entry_id
