"""What the ledger tests share: books, postings, and how somebody with full rights would tamper."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from typing import Any

import pytest

from service.kernel.db import sql, work
from service.kernel.errors import DomainError
from service.kernel.ledger import (
    Line,
    NewAccount,
    Posting,
    balances,
    open_accounts,
    open_book,
    post,
)

_numbers = itertools.count(1)

DAY = date(2026, 3, 5)
CLAUSE = "共保协议第七条"


def fresh(prefix: str) -> str:
    """A key nobody used before in this run."""
    return f"{prefix}-{next(_numbers)}"


async def pool_book(members: int = 4) -> str:
    """A pool year's book: cash and premium of the lead, one payable account per member."""
    code = fresh("pool:ic:2026")
    await open_book(code, "pool_year", "集成电路共保体 2026 年度")
    await open_accounts(
        code,
        [
            NewAccount("cash", "asset", "银行存款"),
            NewAccount("premium", "income", "保费收入"),
            *(
                NewAccount(f"member:{n}:payable", "liability", f"应付成员{n}", owner=n)
                for n in range(1, members + 1)
            ),
        ],
    )
    return code


async def budget_book(appropriated_fen: int) -> str:
    """A subsidy budget: `free` may not fall below zero."""
    code = fresh("subsidy:2026")
    await open_book(code, "subsidy_budget", "2026 年保费补贴预算")
    await open_accounts(
        code,
        [
            NewAccount("free", "asset", "可用预算", floor_fen=0),
            NewAccount("committed", "asset", "已批未付"),
            NewAccount("paid", "expense", "已付补贴"),
            NewAccount("appropriated", "equity", "预算拨款"),
        ],
    )
    if appropriated_fen:
        await post_lines(code, ("free", appropriated_fen), ("appropriated", -appropriated_fen))
    return code


def posting(book: str, *lines: tuple[Any, ...], **changes: Any) -> Posting:
    """A posting with usual values; `changes` replace them."""
    values: dict[str, Any] = {
        "book": book,
        "key": fresh("entry"),
        "reason": "premium",
        "clause": CLAUSE,
        "effective_on": DAY,
        "lines": [Line(*line) for line in lines],
    }
    return Posting(**{**values, **changes})


async def post_lines(book: str, *lines: tuple[Any, ...], **changes: Any) -> str:
    """Post and return the key."""
    made = posting(book, *lines, **changes)
    await post(made)
    return made.key


async def standing(book: str) -> dict[str, int]:
    """Posted balances by account, debit positive, without the empty ones."""
    return {row.account: row.balance_fen for row in await balances(book) if row.balance_fen}


@contextmanager
def refused(code: str, status: int = 422) -> Iterator[None]:
    """The block is refused with exactly this finding, which can be shown in both languages."""
    with pytest.raises(DomainError) as caught:
        yield
    assert [finding.code for finding in caught.value.findings] == [code]
    assert caught.value.status == status
    for finding in caught.value.findings:
        assert finding.text("zh") and finding.text("en") and finding.remedy("zh")


@asynccontextmanager
async def guards_off(*tables: str) -> AsyncIterator[None]:
    """What the owner of the tables can do to them: no guard runs inside, and all is committed."""
    async with work():
        for table in tables:
            await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            await sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


async def forget_everything(after_event: int) -> None:
    """Empty the books and seals, and the journal after one event, so that nothing stays behind."""
    tables = ("seal", "sealed_row", "entry_line", "entry", "account", "book", "journal_event")
    async with guards_off(*tables):
        for table in tables[:-1]:
            await sql(f"DELETE FROM {table}")
        await sql("DELETE FROM journal_event WHERE id > $1", after_event)


async def one(query: str, *args: Any) -> Any:
    """The single value of a query."""
    return (await sql(query, *args))[0][0]
