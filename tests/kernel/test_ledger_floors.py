"""Budgets that cannot be overspent, money held back, two dates, and what a transaction undoes."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from service.kernel.calendar import at_moment, now
from service.kernel.db import work
from service.kernel.errors import DomainError
from service.kernel.ledger import (
    Line,
    NewAccount,
    balances,
    open_accounts,
    reserve,
    reverse,
    settle,
    total_fen,
    trial_balance,
    verify,
    void,
)
from tests.kernel.ledger_fixture import (
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


# Floors


async def test_a_budget_is_never_overspent_by_one_fen() -> None:
    book = await budget_book(10_000)
    done = await asyncio.gather(
        *[post_lines(book, ("paid", 333), ("free", -333)) for _ in range(64)],
        return_exceptions=True,
    )
    assert sum(isinstance(result, str) for result in done) == 30
    errors = [result for result in done if isinstance(result, DomainError)]
    assert len(errors) == 34
    assert {error.findings[0].code for error in errors} == {"ledger.floor_breached"}
    assert errors[-1].findings[0].params["left_fen"] == 10
    assert errors[-1].findings[0].params["wanted_fen"] == 333
    assert (await standing(book))["free"] == 10
    await post_lines(book, ("paid", 10), ("free", -10))
    with refused("ledger.floor_breached"):
        await post_lines(book, ("paid", 1), ("free", -1))
    assert await verify(book) == []


async def test_several_floors_in_any_order_never_wait_in_a_ring() -> None:
    book = await budget_book(0)
    names = [f"quota:{n}" for n in range(6)]
    await open_accounts(book, [NewAccount(name, "asset", name, floor_fen=0) for name in names])
    for name in names:
        await post_lines(book, (name, 1_000), ("appropriated", -1_000))

    async def spend(n: int) -> None:
        order = names if n % 2 else names[::-1]
        lines = [(name, -7) for name in order]
        await post_lines(book, *lines, ("paid", 7 * len(names)))

    await asyncio.gather(*[spend(n) for n in range(40)])
    rows = await standing(book)
    assert [rows[name] for name in names] == [720] * len(names)
    assert await verify(book) == []


async def test_a_credit_account_has_its_floor_on_its_own_side() -> None:
    book = await budget_book(0)
    await open_accounts(book, [NewAccount("limit", "liability", "剩余限额", floor_fen=-50)])
    await post_lines(book, ("paid", 100), ("limit", -100))
    await post_lines(book, ("limit", 150), ("paid", -150))
    with refused("ledger.floor_breached"):
        await post_lines(book, ("limit", 1), ("paid", -1))


async def test_a_reversal_may_not_breach_a_floor() -> None:
    book = await budget_book(0)
    grant = await post_lines(book, ("free", 500), ("appropriated", -500))
    await post_lines(book, ("paid", 400), ("free", -400))
    with refused("ledger.floor_breached"):
        await reverse(fresh("r"), grant, effective_on=DAY, reason="recall", clause="预算法")
    assert (await standing(book))["free"] == 100


# Pending entries


async def test_a_reservation_holds_money_back_until_it_is_settled_or_voided() -> None:
    book = await budget_book(1_000)
    held = posting(book, ("committed", 700), ("free", -700))
    await reserve(held)
    rows = {row.account: row for row in await balances(book)}
    assert rows["free"].balance_fen == 1_000 and rows["free"].pending_fen == -700
    assert rows["committed"].pending_fen == 700
    with refused("ledger.floor_breached"):
        await post_lines(book, ("paid", 301), ("free", -301))
    rest: dict[str, Any] = {"effective_on": DAY, "reason": "approve", "clause": "办法第六条"}
    done = fresh("settle")
    part = [Line("committed", 650), Line("free", -650)]
    entry = await settle(done, held.key, lines=part, **rest)
    assert await settle(done, held.key, lines=part, **rest) == entry
    assert await standing(book) == {"free": 350, "committed": 650, "appropriated": -1_000}
    assert all(row.pending_fen == 0 for row in await balances(book))
    for again in (settle, void):
        with refused("ledger.resolved_twice", 409):
            await again(fresh("again"), held.key, **rest)
    second = posting(book, ("committed", 350), ("free", -350))
    await reserve(second)
    await void(fresh("void"), second.key, **rest)
    await post_lines(book, ("paid", 350), ("free", -350))
    assert await verify(book) == []


async def test_resolutions_that_are_refused() -> None:
    book = await budget_book(1_000)
    held = posting(book, ("committed", 700), ("free", -700))
    await reserve(held)
    plain = await post_lines(book, ("paid", 1), ("free", -1))
    rest: dict[str, Any] = {"reason": "approve", "clause": "办法第六条"}
    with refused("ledger.not_pending"):
        await settle(fresh("s"), plain, effective_on=DAY, **rest)
    with refused("ledger.resolution_before_pending"):
        await void(fresh("s"), held.key, effective_on=DAY - timedelta(days=1), **rest)
    for lines in (
        [Line("committed", 701), Line("free", -701)],
        [Line("paid", 10), Line("free", -10)],
        [Line("committed", -10), Line("free", 10)],
    ):
        with refused("ledger.more_than_reserved"):
            await settle(fresh("s"), held.key, effective_on=DAY, lines=lines, **rest)
    await settle(fresh("s"), held.key, effective_on=DAY, **rest)
    assert await standing(book) == {
        "free": 299,
        "paid": 1,
        "committed": 700,
        "appropriated": -1_000,
    }
    assert await verify(book) == []


async def test_racing_reservations_stay_within_the_budget() -> None:
    book = await budget_book(1_000)
    held = [posting(book, ("committed", 90), ("free", -90)) for _ in range(32)]
    done = await asyncio.gather(*[reserve(one_) for one_ in held], return_exceptions=True)
    kept = [p for p, result in zip(held, done, strict=True) if isinstance(result, int)]
    assert len(kept) == 11
    rest: dict[str, Any] = {"effective_on": DAY, "reason": "approve", "clause": "办法第六条"}
    await asyncio.gather(
        *[(settle if n % 2 else void)(fresh("x"), p.key, **rest) for n, p in enumerate(kept)]
    )
    assert (await standing(book))["free"] == 1_000 - 5 * 90
    assert await verify(book) == []


# Two dates


async def test_balances_as_of_a_day_and_as_known_at_a_moment() -> None:
    book = await budget_book(0)
    start = now()
    moments = [start + timedelta(hours=n) for n in range(5)]
    with at_moment(moments[0]):
        grant = await post_lines(
            book, ("free", 900), ("appropriated", -900), effective_on=date(2026, 1, 10)
        )
    with at_moment(moments[1]):
        held = posting(book, ("paid", 200), ("free", -200), effective_on=date(2026, 2, 1))
        await reserve(held)
    with at_moment(moments[2]):
        await post_lines(book, ("paid", 50), ("free", -50), effective_on=date(2026, 1, 20))
    with at_moment(moments[3]):
        await settle(
            fresh("s"), held.key, effective_on=date(2026, 2, 15), reason="pay", clause="第六条"
        )

    async def free(as_of: date | None, hour: int | None) -> tuple[int, int]:
        known = None if hour is None else moments[hour]
        row = next(
            row
            for row in await balances(book, as_of=as_of, as_known_at=known)
            if row.account == "free"
        )
        return row.balance_fen, row.pending_fen

    assert await free(None, None) == (650, 0)
    assert await free(date(2026, 1, 9), None) == (0, 0)
    assert await free(date(2026, 1, 31), None) == (850, 0)
    assert await free(date(2026, 1, 31), 1) == (900, 0)
    assert await free(date(2026, 2, 10), None) == (850, -200)
    assert await free(date(2026, 2, 20), 2) == (850, -200)
    assert await free(date(2026, 2, 20), 3) == (650, 0)
    rows = await balances(book, period="2026-01")
    assert total_fen(rows, "free") == 850 and total_fen(rows, "appropriated") == 900
    assert grant and (await trial_balance(book, as_of=date(2026, 1, 31))).balanced
    with pytest.raises(DomainError) as caught:
        await balances("nowhere")
    assert caught.value.status == 404


# Transactions


async def test_a_refusal_inside_work_undoes_its_block_alone() -> None:
    book = await pool_book()
    async with work():
        await post_lines(book, ("cash", 5), ("premium", -5))
        with refused("ledger.unbalanced"):
            async with work():
                await post_lines(book, ("cash", 5), ("premium", -4))
        await post_lines(book, ("cash", 7), ("premium", -7))
    assert await standing(book) == {"cash": 12, "premium": -12}


async def test_a_failed_use_case_takes_its_entries_along() -> None:
    book = await budget_book(100)
    with pytest.raises(ZeroDivisionError):
        async with work():
            await post_lines(book, ("paid", 60), ("free", -60))
            raise ZeroDivisionError
    assert (await standing(book))["free"] == 100
    assert await verify(book) == []
