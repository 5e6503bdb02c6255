"""Statements of all members from 1 and 5 million ledger lines, against the bare SQL aggregate.

    python -m tests.bench.bench_statements                    # 1M and 5M lines, 20 lines an entry
    python -m tests.bench.bench_statements --lines-an-entry 4
    python -m tests.bench.bench_statements --millions 1 --rounds 5

`EASTLAKE_LOG_LEVEL=ERROR` before it keeps the log of its requests out.

Starts a server of its own in a temporary folder with one pool year of 18 members. Ways, in turning
order on one connection:

bare        sum and count of the period's lines by account and reason, nothing else
sums        `settlements.lines.sums`: the same under the seal, less what is covered already
statements  `settlements.closing.prepare`: sealed, summed, checked, 18 statements written (undone)
result      `settlements.results.member_sums` of the same book, against the bare sum it needs
triangle    `settlements.results` triangle over a claim movement for every tenth line

Named limits (issue 5): statements, result and triangle at most 1.3 x their bare sum; growth of
statements from 1M to 5M at most linear (1.2 x).
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from catalogue.books import publish_shipped
from catalogue.products.types import load_types
from coinsurance.premiums import books
from coinsurance.rules import accounts
from coinsurance.settlements import closing, results
from coinsurance.settlements.lines import Cover, sums
from service import embedded
from service.app import create_app
from service.auth import Actor
from service.auth.identify import actor_of_token
from service.kernel import ledger
from service.kernel.db import sql, sql_row, sql_value, start_pool, stop_pool, work
from service.loop import run_async
from service.migrate import migrate
from tests.coinsurance.claiming import make_scene, registered
from tests.coinsurance.placing import add_member, make_organisation
from tests.coinsurance.settling import on
from tests.factories import make_world

MEMBERS = 18
LIMIT = 1.3
GROWTH = 1.2
PERIOD = "2026-Q1"
LAST = date(2026, 3, 31)
BARE = """
SELECT l.account, e.reason, count(*), sum(l.amount_fen)::bigint FROM entry e
  JOIN entry_line l ON l.entry = e.id WHERE e.book = $1 AND e.period <= $2 GROUP BY 1, 2
"""
BARE_RESULT = """
SELECT l.account, sum(l.amount_fen)::bigint FROM entry e JOIN entry_line l ON l.entry = e.id
 WHERE e.book = $1 AND e.effective_on <= $2 GROUP BY 1
"""
# Entries of premium, each with its lines on the members' accounts in turn; they balance.
LOAD_ENTRIES = """
INSERT INTO entry (book, key, kind, reason, clause, effective_on, period, recorded_at, facts,
  line_count, content_hash)
SELECT $1, 'bench:' || g, 'posted', (ARRAY['premium', 'claim_payment'])[1 + g % 2], '第八条',
  '2026-01-01'::date + (g % 90)::int, to_char('2026-01-01'::date + (g % 90)::int, 'YYYY-MM'),
  '2026-03-31 12:00+08', '{}', $4, sha256(int8send(g))
FROM generate_series($2::bigint, $3::bigint) g
"""
LOAD_LINES = """
INSERT INTO entry_line (entry, position, account, amount_fen)
SELECT e.id, p, CASE WHEN p = e.line_count THEN $4::bigint
    WHEN e.reason = 'premium' THEN ($2::bigint[])[1 + p % array_length($2::bigint[], 1)]
    ELSE ($3::bigint[])[1 + p % array_length($3::bigint[], 1)] END,
  CASE WHEN p = e.line_count THEN -1000 * (p - 1) ELSE 1000 END
FROM entry e, generate_series(1, e.line_count) p WHERE e.book = $1 AND e.id > $5 AND e.id <= $6
"""
MORE_CLAIMS = """
INSERT INTO claim SELECT (jsonb_populate_record(c, jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('claim', 'id')), 'number', 'BENCH-' || g))).*
FROM claim c, generate_series((SELECT count(*) FROM claim) + 1, $1::bigint) g
WHERE c.id = (SELECT min(id) FROM claim)
"""
MORE_MOVEMENTS = """
WITH first AS (SELECT * FROM claim_movement ORDER BY id LIMIT 1),
  ids AS (SELECT array_agg(id ORDER BY id) AS ids FROM claim)
INSERT INTO claim_movement (claim, section, number, kind, amount_fen, cost_fen, reserve_change_fen,
  effective_on, reference, charge, note, holder, clause, recorded_at, recorded_by)
SELECT i.ids[1 + g % $3::bigint], m.section, g + 1, 'payment', 1000, 0, -500,
  '2026-03-01'::date + (g % 200)::int, '', '', '', m.holder, m.clause, now(), m.recorded_by
FROM first m, ids i, generate_series($1::bigint, $2::bigint - 1) g
"""


class _Undo(Exception):
    """Ends the transaction of a measured draft."""


@dataclass
class Bench:
    """A committed pool year, its keeper and the ways to sum it."""

    actor: Actor
    year: Any
    millions: int = 0
    loaded: int = 0

    async def load(self, millions: int, lines_an_entry: int) -> None:
        """Bring the book to so many million lines and seal it."""
        rows = await sql(
            "SELECT split_part(code, ':', 1) AS name, array_agg(id ORDER BY id) AS ids"
            " FROM account WHERE book = $1 GROUP BY 1",
            self.year["book"],
        )
        ids = {row["name"]: row["ids"] for row in rows}
        wanted = millions * 1_000_000 // lines_an_entry
        chunk = 10_000
        for start in range(self.loaded, wanted, chunk):
            stop = min(start + chunk, wanted)
            before = await sql_value("SELECT coalesce(max(id), 0) FROM entry")
            async with work():
                await sql(LOAD_ENTRIES, self.year["book"], start, stop - 1, lines_an_entry)
                top = await sql_value("SELECT max(id) FROM entry")
                await sql(
                    LOAD_LINES,
                    self.year["book"],
                    ids["premium"],
                    ids["claim_paid"],
                    ids["current"][0],
                    before,
                    top,
                )
        self.loaded, self.millions = wanted, millions
        await ledger.seal(self.year["book_code"])
        await self._claims(millions * 1_000, millions * 100_000)
        for table in ("entry", "entry_line", "sealed_row", "claim", "claim_movement", "account"):
            await sql(f"VACUUM (ANALYZE) {table}")

    async def _claims(self, claims: int, movements: int) -> None:
        """So many claims like the first, movements spread over them and over days.

        The guards of claims are off for this.
        """
        for table in ("claim", "claim_movement"):
            await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await sql(MORE_CLAIMS, claims)
        there = await sql_value("SELECT count(*) FROM claim_movement")
        await sql(MORE_MOVEMENTS, there, movements, claims)

    async def cover(self) -> Cover:
        """The first quarter under the last seal."""
        seal = await sql_value("SELECT max(id) FROM seal")
        return Cover(self.year["book"], self.year["book_code"], "2026-03", seal)

    async def bare(self) -> None:
        await sql(BARE, self.year["book"], "2026-03")

    async def sums(self) -> None:
        await sums(await self.cover())

    async def statements(self) -> None:
        """Drafts of all members, then undone."""
        with on("2026-04-02"), contextlib.suppress(_Undo):
            async with work():
                await closing.prepare(self.actor, self.year["number"], PERIOD)
                count = await sql_value("SELECT count(*) FROM statement")
                assert count == MEMBERS, count
                raise _Undo

    async def bare_result(self) -> None:
        await sql(BARE_RESULT, self.year["book"], LAST)

    async def result(self) -> None:
        await results.member_sums(self.year, LAST, None)

    async def triangle(self) -> None:
        await results.triangles(self.actor, self.year["pool_code"], date(2026, 11, 28))

    async def bare_triangle(self) -> None:
        await sql(
            "SELECT c.loss_on, m.effective_on, m.kind, sum(m.amount_fen)::bigint,"
            " sum(m.reserve_change_fen)::bigint FROM claim_movement m"
            " JOIN claim c ON c.id = m.claim GROUP BY 1, 2, 3"
        )


async def prepare() -> Bench:
    """A pool year of 18 members with accounts, one registered claim, and its keeper."""
    await load_types()
    await publish_shipped()
    app = create_app()
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        world = await make_world(client)
        scene = await make_scene(world)
        claim = await registered(scene)
        with on("2026-03-04"):
            await scene.post("clerk", f"{claim}/reserves", {"outstanding_fen": 1, "reason": "估损"})
        token = world.headers["clerk"]["Authorization"].removeprefix("Bearer ")
        actor = await actor_of_token(token)
    assert actor is not None
    for n in range(5, MEMBERS + 1):
        organisation, uscc = await make_organisation(f"示例成员{n}财险", "insurer", 400 + n)
        scene.year.usccs[f"m{n}"] = uscc
        await add_member(
            scene.year, f"m{n}", organisation, n, ["follower"], (10**9, 10**10, 10**11)
        )
    year = await sql_row(
        "SELECT y.*, b.code AS book_code, p.code AS pool_code FROM pool_year y"
        " JOIN book b ON b.id = y.book JOIN pool p ON p.id = y.pool WHERE y.number = $1",
        scene.year.number,
    )
    assert year is not None
    owners = await sql(
        "SELECT m.organisation, o.uscc FROM pool_member m"
        " JOIN organisation o ON o.id = m.organisation WHERE m.pool_year = $1",
        year["id"],
    )
    lines = [
        accounts.AccountLine(accounts.account(name, row["uscc"], source), 1)
        for row in owners
        for name, source in (("premium", "own"), ("claim_paid", ""), ("current", ""))
    ]
    async with work():
        await books.ensure_accounts(year["book_code"], lines)
    return Bench(actor, year)


Way = Callable[[], Awaitable[None]]


async def measure(bench: Bench, rounds: int) -> dict[str, float]:
    """Median milliseconds of every way, in turning order."""
    ways: dict[str, Way] = {
        "bare": bench.bare,
        "sums": bench.sums,
        "statements": bench.statements,
        "bare result": bench.bare_result,
        "result": bench.result,
        "bare triangle": bench.bare_triangle,
        "triangle": bench.triangle,
    }
    seen: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for name in names:
        await ways[name]()
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            started = time.perf_counter()
            await ways[name]()
            seen[name].append((time.perf_counter() - started) * 1000)
    return {name: median(times) for name, times in seen.items()}


@contextlib.asynccontextmanager
async def database(server: embedded.Server) -> AsyncIterator[None]:
    """The migrated server with a pool on it."""
    await migrate(server.dsn_kwargs())
    await start_pool(server.dsn_kwargs(), min_size=1, max_size=2, statement_timeout_ms=600_000)
    try:
        yield
    finally:
        await stop_pool()


async def run(server: embedded.Server, millions: list[int], rounds: int, an_entry: int) -> bool:
    """Load, measure, print; whether the limits are kept."""
    kept, told = True, {}
    async with database(server):
        bench = await prepare()
        for size in millions:
            started = time.perf_counter()
            await bench.load(size, an_entry)
            print(f"{size}M lines, {an_entry} an entry; loaded in"
                  f" {time.perf_counter() - started:.0f} s")  # fmt: skip
            found = told[size] = await measure(bench, rounds)
            for name, ms in found.items():
                base = "bare" + ("" if name in ("sums", "statements", "bare") else f" {name}")
                ratio = f"{ms / found[base]:.2f} x bare" if base in found else ""
                print(f"  {name:14} {ms:9.1f} ms  {ratio}")
            kept &= found["statements"] / found["bare"] <= LIMIT
            kept &= all(found[n] / found[f"bare {n}"] <= LIMIT for n in ("result", "triangle"))
    for small, large in zip(millions, millions[1:], strict=False):
        growth = told[large]["statements"] / told[small]["statements"] / (large / small)
        print(f"growth {small}M to {large}M: {growth:.2f} x linear")
        kept &= growth <= GROWTH
    print(f"limits {LIMIT} x bare, {GROWTH} x linear: {'kept' if kept else 'NOT kept'}")
    return kept


def main() -> int:
    """Exit status 0 when the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--lines-an-entry", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eastlake-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded.hold(folder / "data") as server:
            done = run(server, chosen.millions, chosen.rounds, chosen.lines_an_entry)
            return 0 if run_async(done) else 1


if __name__ == "__main__":
    raise SystemExit(main())
