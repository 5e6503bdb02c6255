"""Posting an entry of 36 lines through the ledger, against pgbench running the same SQL.

Run: `python -m tests.bench.bench_ledger [--rounds 7] [--seconds 4] [--no-wait]`. Starts a server of
its own in a temporary folder. Every round measures pgbench, the ledger and the bare driver one
after the other, in turning order, at 1 and 8 clients; printed are medians over the rounds, so that
what else the machine does falls on all three alike. `--no-wait` does not wait for the disk at
commit: the harder comparison, since then nothing hides what Python costs.
Named limit (issue 2): ledger / pgbench at least 0.75.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median

import asyncpg

from service import embedded
from service.kernel.calendar import now
from service.kernel.db import sql, start_pool, stop_pool
from service.kernel.ledger import Line, NewAccount, Posting, open_accounts, open_book, post
from service.kernel.ledger.posting import _POST as CALL
from service.loop import run_async
from service.migrate import migrate

BOOKS = 20
LINES = 36
LIMIT = 0.75
DAY = date(2026, 3, 5)
CODES = tuple(f"member:{n}:payable" for n in range(1, LINES + 1))
AMOUNTS = (*(100 * n for n in range(1, LINES)), -100 * sum(range(1, LINES)))
SCRIPT = r"""
\set key random(1, 1000000000000000)
\set book random(1, %d)
SELECT ledger_post('bench:' || :book, 'pgbench-' || :key, 'posted', 'premium', '第三条', '2026-03-05',
  '2026-03', now(), NULL, NULL, '{}', string_to_array(:accounts, E'\n'), string_to_array(:amounts, ',')::bigint[], NULL, NULL);
"""  # noqa: E501


async def through_the_ledger() -> None:
    """What a use case does: compute lines, post them."""
    lines = [Line(code, fen) for code, fen in zip(CODES, AMOUNTS, strict=True)]
    await post(
        Posting(
            f"bench:{random.randint(1, BOOKS)}",
            f"ledger-{random.getrandbits(60)}",
            "premium",
            "第三条",
            DAY,
            lines,
        )
    )


async def through_the_driver(connection: asyncpg.Connection) -> None:
    """The same call on a connection held all the time: what the driver alone costs."""
    await connection.fetch(
        CALL,
        f"bench:{random.randint(1, BOOKS)}",
        f"driver-{random.getrandbits(60)}",
        "posted",
        "premium",
        "第三条",
        DAY,
        "2026-03",
        now(),
        None,
        None,
        "{}",
        "\n".join(CODES),
        ",".join(map(str, AMOUNTS)),
        None,
        None,
    )


class Bench:
    """A scratch server with books and accounts, and the three ways to post."""

    def __init__(self, server: embedded.Server, script: Path, seconds: float) -> None:
        self.server = server
        self.script = script
        self.seconds = seconds
        self.cpu_us: dict[str, list[float]] = {}

    async def prepare(self, wait_for_disk: bool) -> None:
        await migrate(self.server.dsn_kwargs())
        await start_pool(self.server.dsn_kwargs(), min_size=1, max_size=1)
        if not wait_for_disk:
            await sql("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        for n in range(1, BOOKS + 1):
            await open_book(f"bench:{n}", "pool_year", "bench")
            await open_accounts(
                f"bench:{n}", [NewAccount(code, "liability", code) for code in CODES]
            )
        await stop_pool()

    async def pgbench(self, clients: int) -> float:
        """Postings per second of PostgreSQL's own load generator."""
        address = self.server.dsn_kwargs()
        command = [str(self.server.bin("pgbench")), "-n", "-M", "prepared", "-j", "1"]
        command += ["-h", address["host"], "-p", str(address["port"]), "-U", address["user"]]
        command += ["-c", str(clients), "-T", str(int(self.seconds)), "-f", str(self.script)]
        command += ["-D", "accounts=" + "\n".join(CODES)]
        command += ["-D", "amounts=" + ",".join(map(str, AMOUNTS)), address["database"]]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=True
        )
        found = re.search(r"tps = ([0-9.]+) \(without", done.stdout)
        assert found, done.stdout + done.stderr
        return float(found.group(1))

    async def ledger(self, clients: int) -> float:
        """Postings per second through `post()` and the pool, one event loop."""
        await start_pool(self.server.dsn_kwargs(), min_size=clients, max_size=clients)
        try:
            return await self._drive("ledger", [through_the_ledger] * clients)
        finally:
            await stop_pool()

    async def driver(self, clients: int) -> float:
        """Postings per second through bare asyncpg connections, one event loop."""
        held = [await asyncpg.connect(**self.server.dsn_kwargs()) for _ in range(clients)]
        try:
            return await self._drive(
                "driver", [partial(through_the_driver, connection) for connection in held]
            )
        finally:
            for connection in held:
                await connection.close()

    async def _drive(self, name: str, calls: list[Callable[[], Awaitable[None]]]) -> float:
        async def loop(call: Callable[[], Awaitable[None]], until: float) -> int:
            done = 0
            while time.perf_counter() < until:
                await call()
                done += 1
            return done

        await asyncio.gather(*[call() for call in calls])
        started, cpu = time.perf_counter(), time.process_time()
        counts = await asyncio.gather(*[loop(call, started + self.seconds) for call in calls])
        taken = time.perf_counter() - started
        self.cpu_us.setdefault(f"{name}/{len(calls)}", []).append(
            (time.process_time() - cpu) / sum(counts) * 1e6
        )
        return sum(counts) / taken


async def measure(bench: Bench, rounds: int, wait_for_disk: bool) -> bool:
    """Run all rounds, print the medians, and say whether the limit is kept."""
    await bench.prepare(wait_for_disk)
    kept = True
    for clients in (1, 8):
        ways = {"pgbench": bench.pgbench, "ledger": bench.ledger, "driver": bench.driver}
        seen: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(rounds):
            names = list(ways)
            for name in names[turn % 3 :] + names[: turn % 3]:
                seen[name].append(await ways[name](clients))
        ratios = {
            name: median(a / b for a, b in zip(seen[name], seen["pgbench"], strict=True))
            for name in ways
        }
        for name in ways:
            cpu = bench.cpu_us.get(f"{name}/{clients}")
            print(
                f"{clients} clients  {name:8} {median(seen[name]):7.0f} postings/s"
                f"  {ratios[name]:.2f} x pgbench"
                + (f"  {median(cpu):4.0f} us of Python each" if cpu else "")
            )
        kept &= ratios["ledger"] >= LIMIT
    print(f"limit {LIMIT}: {'kept' if kept else 'NOT kept'}")
    return kept


def main() -> int:
    """Exit status 0 when the limit is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--no-wait", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eastlake-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        script = folder / "post.sql"
        script.write_text(SCRIPT % BOOKS)
        with embedded.hold(folder / "data") as server:
            bench = Bench(server, script, chosen.seconds)
            return 0 if run_async(measure(bench, chosen.rounds, not chosen.no_wait)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
