"""Seals over the journal and the books: what they cover, and what they give away."""

from __future__ import annotations

import asyncio
import hashlib
import textwrap
from datetime import UTC, timedelta

import asyncpg
import pytest

from service.kernel import seals
from service.kernel.calendar import at_moment, now
from service.kernel.db import ENGINE, sql, work
from service.kernel.errors import NotFound
from tests.kernel.ledger_fixture import fresh, guards_off, one, pool_book, post_lines

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("books")]

EVENT = (
    "INSERT INTO journal_event (recorded_at, effective_on, actor_name, via, subject_kind, subject,"
    " event, content_hash) VALUES (now(), current_date, 'test', 'test', 'test', $1::text, 'made',"
    " sha256(convert_to($1::text, 'UTF8'))) RETURNING id"
)


async def write_event() -> int:
    event_id: int = await one(EVENT, fresh("subject"))
    return event_id


async def sealed_book(*sizes: int) -> str:
    """A book with one seal per size, over so many entries each."""
    book = await pool_book()
    for size in sizes:
        for _ in range(size):
            await post_lines(book, ("cash", 5), ("premium", -5))
        made = await seals.seal(seals.ledger_chain(book))
        assert made is not None and made.row_count == size
    return book


async def codes_of(book: str) -> list[str]:
    return [finding.code for finding in await seals.verify(seals.ledger_chain(book))]


async def test_a_chain_grows_seal_by_seal() -> None:
    book = await pool_book()
    chain = seals.ledger_chain(book)
    assert await seals.seal(chain) is None
    keys = [await post_lines(book, ("cash", n), ("premium", -n)) for n in (1, 2, 3)]
    moment = now() + timedelta(hours=1)
    with at_moment(moment):
        first = await seals.seal(chain)
    assert first is not None
    assert (first.number, first.row_count, first.prev_hash) == (1, 3, bytes(32))
    assert first.sealed_at == moment
    assert await seals.seal(chain) is None
    await post_lines(book, ("cash", 4), ("premium", -4))
    second = await seals.seal(chain)
    assert second is not None
    assert (second.number, second.row_count, second.prev_hash) == (2, 1, first.hash)
    assert await seals.verify(chain) == []
    assert second in await seals.heads()

    rows = await sql(
        "SELECT id, content_hash FROM entry WHERE key = ANY($1::text[]) ORDER BY id", keys
    )
    text = b"".join(row["id"].to_bytes(8, "big") + row["content_hash"] for row in rows)
    stamp = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    link = bytes(32) + f"{chain}:1:{stamp}".encode() + hashlib.sha256(text).digest()
    assert first.hash == hashlib.sha256(link).digest()


async def test_the_check_by_hand_in_the_docstring_holds() -> None:
    await write_event()
    made = await seals.seal(seals.JOURNAL)
    assert made is not None and seals.__doc__ is not None
    block = seals.__doc__.split("chain read `entry` instead of `journal_event`):")[1]
    query = textwrap.dedent(block.split("Both columns")[0])
    assert "s.number = 3" in query
    rows = await sql(query.replace("s.number = 3", f"s.number = {made.number}").rstrip(" ;\n"))
    assert [tuple(row) for row in rows] == [(True, True)]


async def test_a_row_that_commits_late_is_in_the_next_seal() -> None:
    await seals.seal(seals.JOURNAL)
    assert ENGINE.pool is not None
    async with ENGINE.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        late = await other.fetchval(EVENT, fresh("late"))
        early = await write_event()
        assert late < early
        first = await seals.seal(seals.JOURNAL)
        await transaction.commit()
    assert first is not None and (first.first_row, first.last_row) == (early, early)
    second = await seals.seal(seals.JOURNAL)
    assert second is not None and (second.first_row, second.last_row) == (late, late)
    assert await seals.verify(seals.JOURNAL) == []


async def test_racing_sealers_never_fork_a_chain() -> None:
    book = await pool_book()
    chain = seals.ledger_chain(book)

    async def write_and_seal() -> None:
        await post_lines(book, ("cash", 5), ("premium", -5))
        await seals.seal(chain)

    await asyncio.gather(*[write_and_seal() for _ in range(12)])
    rows = await sql("SELECT number, row_count FROM seal WHERE chain = $1 ORDER BY number", chain)
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["row_count"] for row in rows) == 12
    assert await seals.seal(chain) is None
    assert await seals.verify(chain) == []


async def test_a_seal_in_a_failed_use_case_is_gone_with_its_rows() -> None:
    book = await sealed_book(1)
    chain = seals.ledger_chain(book)
    with pytest.raises(ZeroDivisionError):
        async with work():
            await post_lines(book, ("cash", 5), ("premium", -5))
            assert await seals.seal(chain) is not None
            raise ZeroDivisionError
    assert await seals.seal(chain) is None
    assert await codes_of(book) == []


async def test_many_rows_make_several_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    book = await pool_book()
    for _ in range(7):
        await post_lines(book, ("cash", 5), ("premium", -5))
    monkeypatch.setattr(seals, "ROWS_MAX", 3)
    last = await seals.seal(seals.ledger_chain(book))
    assert last is not None and (last.number, last.row_count) == (3, 1)
    assert await codes_of(book) == []


async def test_seal_all_covers_every_chain() -> None:
    book = await pool_book()
    await post_lines(book, ("cash", 5), ("premium", -5))
    await write_event()
    made = {one_.chain for one_ in await seals.seal_all()}
    assert {seals.JOURNAL, seals.ledger_chain(book)} <= made
    assert await seals.seal_all() == []


async def test_a_chain_of_an_unknown_kind_is_not_found() -> None:
    for call in (seals.seal, seals.verify):
        with pytest.raises(NotFound):
            await call("weather")


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (
            "UPDATE entry SET content_hash = '\\x01' WHERE id = $2 AND $1::text > ''",
            ["seal.rows_differ"],
        ),
        ("DELETE FROM entry WHERE id = $2 AND $1::text > ''", ["seal.rows_differ"]),
        ("DELETE FROM sealed_row WHERE chain = $1 AND row_id = $2", ["seal.rows_differ"]),
        (
            "DELETE FROM seal WHERE chain = $1 AND number = 2 AND $2 > 0",
            ["seal.number_gap", "seal.unlinked"],
        ),
        (
            "UPDATE seal SET sealed_at = sealed_at - interval '1 day'"
            " WHERE chain = $1 AND number = 2 AND $2 > 0",
            ["seal.altered"],
        ),
        (
            "UPDATE seal SET rows_hash = '\\x02' WHERE chain = $1 AND number = 2 AND $2 > 0",
            ["seal.altered", "seal.rows_differ"],
        ),
        (
            "UPDATE seal SET hash = '\\x02' WHERE chain = $1 AND number = 2 AND $2 > 0",
            ["seal.altered", "seal.unlinked"],
        ),
    ],
)
async def test_tampering_breaks_the_chain(statement: str, codes: list[str]) -> None:
    book = await sealed_book(2, 3, 1)
    chain = seals.ledger_chain(book)
    entry = await one(
        "SELECT r.row_id FROM sealed_row r JOIN seal s ON s.id = r.seal"
        " WHERE r.chain = $1 AND s.number = 2 LIMIT 1",
        chain,
    )
    assert await codes_of(book) == []
    async with guards_off("entry", "seal", "sealed_row"):
        await sql(statement, chain, entry)
    assert await codes_of(book) == codes
    async with guards_off("entry_line"):
        await sql("DELETE FROM entry_line WHERE entry = $1", entry)


async def test_a_row_is_sealed_once_and_numbers_are_unique() -> None:
    book = await sealed_book(1)
    chain = seals.ledger_chain(book)
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql(
            "INSERT INTO sealed_row (chain, row_id, seal) SELECT chain, row_id, seal"
            " FROM sealed_row WHERE chain = $1",
            chain,
        )
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql(
            "INSERT INTO seal (chain, number, row_count, first_row, last_row, rows_hash, prev_hash,"
            " hash, sealed_at) SELECT chain, number, row_count, first_row, last_row, rows_hash,"
            " prev_hash, hash, sealed_at FROM seal WHERE chain = $1",
            chain,
        )
