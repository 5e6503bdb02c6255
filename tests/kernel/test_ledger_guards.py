"""What the database refuses whoever writes, and what verify() finds when its guards were off."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import pytest

from service.kernel.db import sql, work
from service.kernel.ledger import (
    post,
    seal,
    verify,
)
from service.kernel.ledger_sql import LEDGER_SQL
from tests.kernel.ledger_fixture import (
    DAY,
    budget_book,
    fresh,
    guards_off,
    one,
    pool_book,
    posting,
    standing,
)

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("books")]


# What the database holds, whoever writes


def test_the_statements_can_go_through_piccolo() -> None:
    assert not any("{" in statement or "}" in statement for statement in LEDGER_SQL)


ENTRY = (
    "INSERT INTO entry (book, key, kind, reason, clause, effective_on, period, recorded_at,"
    " facts, line_count, content_hash, reversal_of, resolves)"
    " SELECT id, $2, $3, 'r', 'c', $4, '2026-03', now(), '{}', $5, '\\x00', $6, $7"
    " FROM book WHERE code = $1 RETURNING id"
)
LINE = (
    "INSERT INTO entry_line (entry, position, account, amount_fen)"
    " SELECT $1, t.n, a.id, t.fen FROM book b JOIN account a ON a.book = b.id"
    " JOIN unnest($3::text[], $4::bigint[]) WITH ORDINALITY AS t (code, fen, n)"
    " ON t.code = a.code WHERE b.code = $2"
)


async def by_hand(
    book: str,
    *lines: tuple[str, int],
    announced: int | None = None,
    kind: str = "posted",
    day: date = DAY,
    reverses: int | None = None,
    resolves: int | None = None,
    foreign: str | None = None,
) -> int:
    """Write an entry past the posting function."""
    async with work():
        entry: int = await one(
            ENTRY,
            book,
            fresh("hand"),
            kind,
            day,
            len(lines) if announced is None else announced,
            reverses,
            resolves,
        )
        if lines:
            await sql(LINE, entry, foreign or book, *map(list, zip(*lines, strict=True)))
    return entry


async def test_balanced_lines_written_by_hand_are_taken() -> None:
    book = await budget_book(100)
    await by_hand(book, ("paid", 60), ("free", -60))
    assert (await standing(book))["free"] == 40
    assert [finding.code for finding in await verify(book)] == ["ledger.hash_differs"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lines": [("paid", 60), ("free", -59)]}, "ledger.unbalanced"),
        ({"lines": [("paid", 60), ("free", -60)], "announced": 3}, "ledger.lines_missing"),
        ({"lines": [("paid", 60), ("free", -60)], "announced": 1}, "ck_entry_lines"),
        ({"lines": [], "announced": 2}, "ledger.lines_missing"),
        ({"lines": [("paid", 60), ("free", -60)], "foreign": True}, "ledger.book_mixed"),
        ({"lines": [("paid", 101), ("free", -101)]}, "ledger.floor_breached"),
        ({"lines": [("paid", 60), ("free", -60)], "kind": "gift"}, "ck_entry_kind"),
        ({"lines": [("paid", 0), ("free", 0)]}, "ck_entry_line_amount"),
        ({"lines": [("paid", 5), ("free", -5)], "reverses": True}, "ledger.not_a_mirror"),
        (
            {"lines": [("paid", -30), ("free", 30)], "reverses": True, "day": date(2026, 3, 4)},
            "ledger.reversal_before_original",
        ),
        (
            {"lines": [("paid", 30), ("free", -30)], "resolves": True, "kind": "post_pending"},
            "ledger.not_pending",
        ),
        ({"lines": [], "resolves": True, "kind": "void_pending"}, "ledger.not_pending"),
        ({"lines": [("paid", 5), ("free", -5)], "kind": "void_pending"}, "ck_entry_l"),
    ],
)
async def test_sql_past_the_posting_function_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    book = await budget_book(100)
    first = posting(book, ("paid", 30), ("free", -30))
    original = await post(first)
    before = await standing(book)
    changes = dict(changes)
    lines = changes.pop("lines")
    if changes.pop("foreign", None):
        changes["foreign"] = await budget_book(100)
    for link in ("reverses", "resolves"):
        if changes.get(link):
            changes[link] = original
    with pytest.raises(asyncpg.PostgresError, match=message):
        await by_hand(book, *lines, **changes)
    assert await standing(book) == before
    assert await verify(book) == []


async def test_no_line_can_be_added_later() -> None:
    book = await pool_book()
    entry = await post(posting(book, ("cash", 5), ("premium", -5)))
    insert = (
        "INSERT INTO entry_line (entry, position, account, amount_fen)"
        " SELECT $1, $2, account, 1 FROM entry_line WHERE entry = $1 LIMIT 1"
    )
    with pytest.raises(asyncpg.PostgresError, match="ledger.book_mixed"):
        await sql(insert, entry, 3)
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql(insert, entry, 2)
    with pytest.raises(asyncpg.PostgresError, match="ck_entry_line_position"):
        await sql(insert, entry, 0)
    async with work():
        await sql("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(asyncpg.PostgresError):
            async with work():
                await sql(insert, entry, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET clause = 'x'",
        "DELETE FROM entry",
        "TRUNCATE entry",
        "UPDATE entry_line SET amount_fen = 1",
        "DELETE FROM entry_line",
        "TRUNCATE entry_line",
        "UPDATE book SET title = 'x'",
        "DELETE FROM book WHERE false",
        "UPDATE account SET kind = 'asset'",
        "UPDATE account SET kept_fen = kept_fen + 1 WHERE floor_fen IS NOT NULL",
        "UPDATE account SET floor_fen = -5 WHERE floor_fen IS NOT NULL",
        "DELETE FROM account",
        "TRUNCATE account CASCADE",
        "INSERT INTO account (book, code, kind, title, currency, floor_fen, kept_fen,"
        " reserved_fen) SELECT id, 'rich', 'asset', 'x', 'CNY', 0, 5, 0 FROM book LIMIT 1",
        "UPDATE seal SET number = 1",
        "DELETE FROM seal",
        "TRUNCATE sealed_row",
        "DELETE FROM journal_event",
        "UPDATE journal_event SET note = 'x'",
        "TRUNCATE journal_event",
    ],
)
async def test_what_is_written_is_never_changed(statement: str) -> None:
    book = await budget_book(100)
    await seal(book)
    with pytest.raises(asyncpg.PostgresError, match="ledger.append_only") as caught:
        await sql(statement)
    assert caught.value.sqlstate == "EL403"


# What verify() finds when the guards were switched off

TAMPERINGS = [
    ("UPDATE entry SET clause = 'x' WHERE id = $1", {"ledger.hash_differs"}),
    ("UPDATE entry SET recorded_at = now() - interval '9 d' WHERE id=$1", {"ledger.hash_differs"}),
    ("UPDATE entry SET content_hash = '\\x01' WHERE id = $1", {"ledger.hash_differs"}),
    (
        "UPDATE entry_line SET amount_fen = amount_fen * 2 WHERE entry = $1",
        {"ledger.hash_differs", "ledger.kept_differs"},
    ),
    (
        "UPDATE entry_line SET amount_fen = amount_fen + 1 WHERE entry = $1 AND position = 1",
        {"ledger.hash_differs", "ledger.unbalanced"},
    ),
    ("UPDATE entry_line SET memo = 'x' WHERE entry = $1", {"ledger.hash_differs"}),
    (
        "DELETE FROM entry_line WHERE entry = $1",
        {"ledger.hash_differs", "ledger.lines_missing", "ledger.kept_differs"},
    ),
    (
        "DELETE FROM entry WHERE id = $1",
        {"ledger.stray_line", "ledger.kept_differs", "seal.rows_differ"},
    ),
    (
        "UPDATE account SET kept_fen = kept_fen + 1 FROM entry e"
        " WHERE e.id = $1 AND account.book = e.book AND floor_fen IS NOT NULL",
        {"ledger.kept_differs"},
    ),
    (
        "UPDATE account SET code = 'other' FROM entry e"
        " WHERE e.id = $1 AND account.book = e.book AND code = 'paid'",
        {"ledger.hash_differs"},
    ),
    (
        "UPDATE account SET currency = 'USD' FROM entry e"
        " WHERE e.id = $1 AND account.book = e.book AND code = 'paid'",
        {"ledger.unbalanced"},
    ),
]


@pytest.mark.parametrize(("statement", "codes"), TAMPERINGS)
async def test_tampering_is_found(statement: str, codes: set[str]) -> None:
    book = await budget_book(100)
    entry = await post(posting(book, ("paid", 30), ("free", -30)))
    await seal(book)
    assert await verify(book) == []
    async with guards_off("entry", "entry_line", "account"):
        await sql(statement, entry)
    found = {finding.code for finding in await verify(book)}
    assert codes <= found and found - codes <= {"seal.rows_differ"}
    async with guards_off("entry", "entry_line"):
        await sql("DELETE FROM entry_line WHERE entry = $1", entry)


async def test_rewriting_the_hash_too_breaks_the_seal() -> None:
    book = await pool_book()
    entry = await post(posting(book, ("cash", 30), ("premium", -30)))
    await seal(book)
    async with guards_off("entry"):
        await sql(
            "UPDATE entry AS e SET clause = 'x', content_hash = sha256(convert_to("
            "ledger_content($2, e.key, e.kind, e.reason, 'x', e.effective_on, e.period,"
            " e.recorded_at, e.reversal_of, e.resolves, e.journal_event, e.facts,"
            " (SELECT string_agg(ledger_line(a.code, l.amount_fen, l.memo, l.clause), E'\\n'"
            " ORDER BY l.position) FROM entry_line l JOIN account a ON a.id = l.account"
            " WHERE l.entry = e.id)), 'UTF8')) WHERE e.id = $1",
            entry,
            book,
        )
    assert [finding.code for finding in await verify(book)] == ["seal.rows_differ"]


async def test_a_guard_that_is_off_is_found() -> None:
    book = await pool_book()
    await sql("ALTER TABLE entry DISABLE TRIGGER entry_balance")
    try:
        codes = [finding.code for finding in await verify(book)]
    finally:
        await sql("ALTER TABLE entry ENABLE TRIGGER entry_balance")
    assert codes == ["ledger.guard_missing"]
    assert await verify(book) == []
