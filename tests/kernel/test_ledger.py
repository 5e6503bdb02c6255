"""Entries on a real database: posting, doing it twice, reversing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.kernel import db
from service.kernel.calendar import at_moment, now
from service.kernel.db import ENGINE, sql, work
from service.kernel.errors import DomainError
from service.kernel.ledger import (
    Line,
    NewAccount,
    open_accounts,
    open_book,
    post,
    post_many,
    reserve,
    reverse,
    settle,
    trial_balance,
    verify,
)
from tests.kernel.ledger_fixture import (
    CLAUSE,
    DAY,
    budget_book,
    fresh,
    pool_book,
    post_lines,
    posting,
    refused,
    standing,
)

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("books")]
SMALL = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
AMOUNTS = st.integers(-(10**12), 10**12).filter(bool)


async def lines_of(key: str) -> list[tuple[str, int]]:
    rows = await sql(
        "SELECT a.code, l.amount_fen FROM entry e JOIN entry_line l ON l.entry = e.id"
        " JOIN account a ON a.id = l.account WHERE e.key = $1 ORDER BY l.position",
        key,
    )
    return [(row["code"], row["amount_fen"]) for row in rows]


# Posting


@asynccontextmanager
async def one_session(
    monkeypatch: pytest.MonkeyPatch, listen: Any = None
) -> AsyncIterator[None]:
    """A new session that every statement goes through: it has no plan of an earlier test."""
    async with asyncpg.create_pool(
        **ENGINE.config, min_size=1, max_size=1, init=listen, reset=db._tidy_on_release
    ) as pool:
        monkeypatch.setattr(ENGINE, "pool", pool)
        yield
    monkeypatch.undo()


async def test_a_posting_is_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    book = await pool_book()
    seen: list[str] = []

    async def listen(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda query: seen.append(query.query))

    async with one_session(monkeypatch, listen):
        made = [posting(book, ("cash", 100), ("premium", -100)) for _ in range(3)]
        await post(made[0])
        await asyncio.sleep(0)
        seen.clear()  # the driver learns the array types once for each connection
        await post(made[1])
        async with work():
            await post(made[2])
        await asyncio.sleep(0)  # the driver reports a statement one turn of the loop later
    texts = [text.split("(")[0] for text in seen]
    assert texts == ["SELECT ledger_post", "BEGIN", "SELECT ledger_post", "COMMIT"]


async def whole_reads() -> dict[str, int]:
    """How often this session has read each table of the ledger from end to end, until now.

    The view counts from some moment before this transaction, so only differences mean anything.
    """
    rows = await sql(
        "SELECT relname, seq_scan FROM pg_stat_xact_user_tables"
        " WHERE seq_scan > 0 AND relname IN ('book', 'account', 'entry', 'entry_line')"
    )
    return {row["relname"]: row["seq_scan"] for row in rows}


async def test_posting_never_reads_a_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the tables are: the plans a session makes then stay with it as they grow."""
    for table in ("book", "account", "entry", "entry_line"):
        await sql(f"VACUUM ANALYZE {table}")  # so that the planner knows how small they are
    async with one_session(monkeypatch):
        for _ in range(3):  # a session keeps the plans of what it has run more than five times
            book = await budget_book(1_000)
        held = posting(book, ("committed", 5), ("free", -5))
        async with work():
            before = await whole_reads()
            key = await post_lines(book, ("paid", 10), ("free", -10))
            await reverse(fresh("r"), key, effective_on=DAY, reason="refund", clause="第九条")
            await post_lines(book, ("paid", 10), ("free", -10))
            await reserve(held)
            await settle(fresh("s"), held.key, effective_on=DAY, reason="pay", clause="第六条")
            await sql("SET CONSTRAINTS ALL IMMEDIATE")
            assert await whole_reads() == before


async def test_everything_said_is_stored() -> None:
    book = await pool_book()
    made = posting(
        book,
        ("cash", 12_345, "首期\t“保费”\n", "第八条"),
        ("premium", -12_345, None, None),
        period="2026-04",
        facts={"policy": "P-2026-000001", "汉字": [1, 2]},
        journal_event=7,
    )
    entry = await post(made)
    row = dict((await sql("SELECT * FROM entry WHERE id = $1", entry))[0])
    assert (row["key"], row["kind"], row["reason"], row["clause"]) == (
        made.key,
        "posted",
        "premium",
        CLAUSE,
    )
    assert (row["effective_on"], row["period"], row["line_count"]) == (DAY, "2026-04", 2)
    assert row["journal_event"] == 7 and "P-2026-000001" in row["facts"]
    assert len(row["content_hash"]) == 32
    stored = await sql("SELECT memo, clause FROM entry_line WHERE entry=$1 ORDER BY id", entry)
    assert [tuple(line) for line in stored] == [("首期\t“保费”\n", "第八条"), (None, None)]
    assert await verify(book) == []


@SMALL
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=30), pick=st.integers(0, 5))
async def test_balanced_entries_are_taken_and_others_refused(amounts: list[int], pick: int) -> None:
    book = await pool_book()
    names = ["cash", "premium", *(f"member:{n}:payable" for n in range(1, 5))]
    lines = [(names[(n + pick) % 6], fen) for n, fen in enumerate(amounts)]
    if sum(amounts):
        with refused("ledger.unbalanced" if len(lines) > 1 else "ledger.too_few_lines"):
            await post_lines(book, *lines)
        assert await standing(book) == {}
        lines.append((names[pick], -sum(amounts)))
    key = await post_lines(book, *lines)
    assert await lines_of(key) == lines
    trial = await trial_balance(book)
    assert trial.balanced and sum((await standing(book)).values()) == 0


@pytest.mark.parametrize(
    ("lines", "changes", "code"),
    [
        ([("cash", 5), ("premium", -4)], {}, "ledger.unbalanced"),
        ([("cash", 5), ("nowhere", -5)], {}, "ledger.unknown_account"),
        ([("cash\npremium", 5), ("premium", -5)], {}, "ledger.zero_line"),
        ([("cash", 5), ("premium", -5)], {"book": "none"}, "ledger.unknown_book"),
        ([("cash", 0), ("premium", 0)], {}, "ledger.zero_line"),
        ([("cash", None), ("premium", -5)], {}, "ledger.not_whole_fen"),
        ([], {}, "ledger.too_few_lines"),
        ([("cash", 5), ("premium", -5)], {"period": "2026-13"}, "ledger.invalid"),
        ([("cash", 5), ("premium", -5)], {"clause": ""}, "ledger.invalid"),
        ([("cash", 5), ("premium", -5)], {"key": "k" * 201}, "ledger.invalid"),
        ([("cash", 5, "\0"), ("premium", -5)], {}, "ledger.invalid"),
        ([("cash", 2**70), ("premium", -(2**70))], {}, "ledger.invalid"),
        ([("cash", 10**17), ("premium", -(10**17))], {}, "ledger.invalid"),
        ([("cash", 2**63 - 1), ("premium", 2**63 - 1)], {}, "ledger.invalid"),
        ([("cash", 1.5), ("premium", -1.5)], {}, "ledger.not_whole_fen"),
        ([("cash", Decimal("0.5")), ("premium", -1)], {}, "ledger.not_whole_fen"),
        ([("cash", True), ("premium", -1)], {}, "ledger.not_whole_fen"),
    ],
)
async def test_bad_postings_leave_nothing(
    lines: list[tuple[Any, ...]], changes: dict[str, Any], code: str
) -> None:
    book = await pool_book()
    with refused(code):
        await post(replace(posting(book, *lines), **changes))
    assert await standing(book) == {}
    assert await verify(book) == []


async def test_currencies_balance_each_for_itself() -> None:
    book = await pool_book()
    await open_accounts(
        book,
        [
            NewAccount("cash:usd", "asset", "美元存款", currency="USD"),
            NewAccount("premium:usd", "income", "美元保费", currency="USD"),
        ],
    )
    with refused("ledger.unbalanced"):
        await post_lines(book, ("cash", 500), ("premium:usd", -500))
    await post_lines(
        book, ("cash", 700), ("premium", -700), ("cash:usd", 100), ("premium:usd", -100)
    )
    assert (await trial_balance(book)).totals_fen == {"CNY": (700, 700), "USD": (100, 100)}


async def test_books_and_accounts_are_opened_once() -> None:
    book = await pool_book()
    with refused("ledger.book_exists", 409):
        await open_book(book, "pool_year", "again")
    with refused("ledger.account_exists", 409):
        await open_accounts(book, [NewAccount("cash", "asset", "again")])
    with refused("ledger.unknown_book"):
        await open_accounts("none", [NewAccount("cash", "asset", "x")])
    for wrong in (
        NewAccount("a b", "asset", "x"),
        NewAccount("ab", "money", "x"),
        NewAccount("ab", "asset", "x", floor_fen=1),
        NewAccount("ab", "asset", "x", currency="yuan"),
    ):
        with refused("ledger.invalid"):
            await open_accounts(book, [wrong])


async def test_many_entries_go_in_together_or_not_at_all() -> None:
    book = await budget_book(100_000)
    many = [
        posting(
            book,
            ("paid", 2 * n, None if n % 3 else f"第{n}笔"),
            *[("free", -n)] * 2,
            facts={"n": n},
            pending=n == 5,
        )
        for n in range(1, 301)
    ]
    many[250:251] = [posting(book, ("paid", 7), ("free", -7))]
    ids = await post_many(many)
    keys = [p.key for p in many]
    rows = await sql("SELECT id, key FROM entry WHERE key = ANY($1::text[]) ORDER BY id", keys)
    assert [(row["id"], row["key"]) for row in rows] == list(zip(ids, keys, strict=True))
    assert await post_many(many) == ids
    before = await standing(book)
    bad = posting(book, ("paid", 10**9), ("free", -(10**9)))
    with refused("ledger.floor_breached"):
        await post_many([posting(book, ("paid", 1), ("free", -1)), bad])
    assert await standing(book) == before
    assert await post_many([]) == []
    assert await verify(book) == []


# Idempotency


async def test_the_same_key_and_content_write_nothing_more() -> None:
    book = await pool_book()
    made = posting(book, ("cash", 100), ("premium", -100), facts={"b": 1, "a": 2})
    first = await post(made)
    with at_moment(now() + timedelta(days=3)):
        assert await post(replace(made, facts={"a": 2, "b": 1}, journal_event=99)) == first
    assert await standing(book) == {"cash": 100, "premium": -100}
    for other in (
        replace(made, lines=[Line("cash", 101), Line("premium", -101)]),
        replace(made, lines=[Line("premium", -100), Line("cash", 100)]),
        replace(made, clause="第八条"),
        replace(made, effective_on=DAY + timedelta(days=1), period="2026-03"),
        replace(made, facts={"a": 3, "b": 1}),
        replace(made, pending=True),
        replace(made, lines=[Line("cash", 100, "memo"), Line("premium", -100)]),
    ):
        with refused("ledger.key_conflict", 409):
            await post(other)
    assert await standing(book) == {"cash": 100, "premium": -100}


async def test_racing_twins_make_one_entry() -> None:
    book = await budget_book(1_000)
    made = posting(book, ("paid", 600), ("free", -600))
    ids = await asyncio.gather(*[post(made) for _ in range(24)])
    assert len(set(ids)) == 1
    assert await standing(book) == {"free": 400, "paid": 600, "appropriated": -1_000}


# Reversals


@SMALL
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=12), late_days=st.integers(0, 400))
async def test_a_reversal_is_the_exact_mirror(amounts: list[int], late_days: int) -> None:
    book = await pool_book()
    lines = [(f"member:{n % 4 + 1}:payable", fen) for n, fen in enumerate(amounts)]
    lines.append(("cash", -sum(amounts)) if sum(amounts) else ("cash", 1))
    if not sum(amounts):
        lines.append(("premium", -1))
    key = await post_lines(book, *lines)
    day = DAY + timedelta(days=late_days)
    back = fresh("back")
    first = await reverse(back, key, effective_on=day, reason="refund", clause="第九条")
    assert await lines_of(back) == [(account, -fen) for account, fen in lines]
    assert await standing(book) == {}
    again = await reverse(back, key, effective_on=day, reason="refund", clause="第九条")
    assert again == first
    with refused("ledger.reversal_twice", 409):
        await reverse(fresh("back"), key, effective_on=day, reason="refund", clause="第九条")


async def test_reversals_that_are_refused() -> None:
    book = await pool_book()
    key = await post_lines(book, ("cash", 100), ("premium", -100))
    held = posting(book, ("cash", 100), ("premium", -100))
    await reserve(held)
    rest: dict[str, Any] = {"reason": "refund", "clause": "第九条"}
    with refused("ledger.reversal_before_original"):
        await reverse(fresh("r"), key, effective_on=DAY - timedelta(days=1), **rest)
    with refused("ledger.reversal_of_pending"):
        await reverse(fresh("r"), held.key, effective_on=DAY, **rest)
    with refused("ledger.unknown_entry"):
        await reverse(fresh("r"), "nothing", effective_on=DAY, **rest)
    back = fresh("r")
    await reverse(back, key, effective_on=DAY, **rest)
    with refused("ledger.reversal_of_reversal"):
        await reverse(fresh("r"), back, effective_on=DAY, **rest)
    with refused("ledger.key_conflict", 409):
        await reverse(key, key, effective_on=DAY, **rest)
    assert await standing(book) == {}


async def test_racing_reversals_leave_one() -> None:
    book = await pool_book()
    key = await post_lines(book, ("cash", 100), ("premium", -100))
    done = await asyncio.gather(
        *[
            reverse(fresh("race"), key, effective_on=DAY, reason="refund", clause="第九条")
            for _ in range(16)
        ],
        return_exceptions=True,
    )
    assert sum(isinstance(result, int) for result in done) == 1
    assert all(
        result.findings[0].code == "ledger.reversal_twice"
        for result in done
        if isinstance(result, DomainError)
    )
    assert not any(isinstance(r, Exception) and not isinstance(r, DomainError) for r in done)
    assert await standing(book) == {}
