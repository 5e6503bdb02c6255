"""Reads over HTTP on 100,000 products: the whole program against a hand-written rival.

Run: `python -m tests.bench.bench_reads [--rounds 5] [--seconds 2] [--data FOLDER] [--only list]`.
A is `python -m service serve` with every middleware, B is `tests/bench/baseline.py`; both on one
embedded server. Every round measures A and B one after the other, in turning order, for each case
and number of connections; printed are medians over the rounds. Before, all answers are compared.
`--data` keeps the loaded folder for the next run. Named limit (issue 2): A / B at least 1.0.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import asyncpg
import msgspec

from catalogue.products.types import load_types
from catalogue.shapes import ProductPage, ProductRecord
from service import embedded
from service.api import encode_cursor
from service.kernel import db
from service.loop import run_async
from service.migrate import migrate
from tests.bench.baseline import INDEXES
from tests.bench.common import Load, Service, fetch, free_port, measure, serving
from tests.bench.library_data import PRODUCTS, RARE_WORD, load_library, number_of

LIMIT = 1.0
CONNECTIONS = (1, 8, 32)
DEEP = (20_000, 40_000, 60_000, 80_000)
SHELF = "/api/v1/shelf"


async def prepare(dsn: dict[str, Any]) -> None:
    """Migrate and load unless the folder is loaded already."""
    await migrate(dsn)
    await db.start_pool(dsn)
    try:
        await load_types()
    finally:
        await db.stop_pool()
    connection = await asyncpg.connect(**dsn)
    try:
        if not await connection.fetchval("SELECT count(*) FROM product"):
            await load_library(connection)
        for statement in INDEXES:
            await connection.execute(statement)
    finally:
        await connection.close()


async def cases(dsn: dict[str, Any]) -> dict[str, list[str]]:
    """Name of each case and the addresses it asks for in turn."""
    connection = await asyncpg.connect(**dsn)
    keys = [
        await connection.fetchrow(
            "SELECT sort_key, id FROM product_version WHERE status = 'in_library'"
            ' ORDER BY sort_key COLLATE "C", id OFFSET $1 LIMIT 1',
            place,
        )
        for place in DEEP
    ]
    insurers = await connection.fetch(
        "SELECT uscc FROM organisation o WHERE EXISTS (SELECT 1 FROM product p WHERE p.insurer ="
        " o.id) ORDER BY id LIMIT 8"
    )
    await connection.close()
    words = {"words": ["研发", "芯片", "氢能", "激光"], "rare word": [RARE_WORD]}
    numbers = [number_of(n) for n in range(777, PRODUCTS, PRODUCTS // 64)]
    listing = {
        "list": [f"{SHELF}?limit=20"],
        "list, deep": [f"{SHELF}?limit=20&cursor={encode_cursor(list(key))}" for key in keys],
        "list, stage": [f"{SHELF}?limit=20&stage={s}" for s in ("research", "market")],
        "list, insurer": [f"{SHELF}?limit=20&insurer={row['uscc']}" for row in insurers],
    }
    listing |= {
        f"list, {name}": [f"{SHELF}?limit=20&q={quote(word)}" for word in chosen]
        for name, chosen in words.items()
    }
    return listing | {"record": [f"{SHELF}/{number}" for number in numbers]}


def compare(ours: str, theirs: str, chosen: dict[str, list[str]]) -> int:
    """Both answer every address alike; returns how many were compared."""
    compared = 0
    for name, paths in chosen.items():
        shape: type[Any] = ProductRecord if name == "record" else ProductPage
        for path in paths:
            a, b = (msgspec.json.decode(fetch(url + path), type=shape) for url in (ours, theirs))
            if a != b:
                raise AssertionError(f"{path} is answered differently:\n{a}\n{b}")
            compared += 1
    return compared


@contextmanager
def both(folder: Path, dsn: dict[str, Any]) -> Iterator[tuple[Service, Service]]:
    """The program and its rival, each a process of its own."""
    ours, theirs = free_port(), free_port()
    environment = {**os.environ, "EASTLAKE_LOG_LEVEL": "INFO"}
    environment |= {"EASTLAKE_DATA": str(folder), "EASTLAKE_PORT": str(ours)}
    environment.pop("DATABASE_URL", None)
    python, cluster = sys.executable, folder / "cluster"
    with ExitStack() as stack:
        yield (
            stack.enter_context(
                serving(
                    [python, "-m", "service", "serve"],
                    ours,
                    environment,
                    "/health/live",
                    cluster,
                )
            ),
            stack.enter_context(
                serving(
                    [python, "-m", "tests.bench.baseline", str(theirs), json.dumps(dsn)],
                    theirs,
                    environment,
                    f"{SHELF}?limit=1",
                    cluster,
                )
            ),
        )


def run(
    services: tuple[Service, Service], chosen: dict[str, list[str]], rounds: int, seconds: float
) -> dict[tuple[str, int], list[tuple[Load, Load]]]:
    """All rounds, A and B in turning order."""
    seen: dict[tuple[str, int], list[tuple[Load, Load]]] = {}
    for paths in chosen.values():
        for service in services:
            measure(service, paths, 8, 0.5)
    for turn in range(rounds):
        for name, paths in chosen.items():
            for connections in CONNECTIONS:
                order = (0, 1) if turn % 2 == 0 else (1, 0)
                loads = {
                    which: measure(services[which], paths, connections, seconds) for which in order
                }
                seen.setdefault((name, connections), []).append((loads[0], loads[1]))
    return seen


def _both(pairs: list[tuple[Load, Load]], what: str, width: int) -> str:
    ours, theirs = (median(getattr(pair[which], what) for pair in pairs) for which in (0, 1))
    return f" {ours:{width}.0f}/{theirs:<{width}.0f}"


def report(seen: dict[tuple[str, int], list[tuple[Load, Load]]]) -> bool:
    """Print the medians; True when every case keeps the limit."""
    kept = True
    print("case             conns    answers/s      ratio       p50 us         p99 us", end="")
    print("    program us    database us (ours/rival; the last two: processor time each)")
    for (name, connections), pairs in seen.items():
        ratio = median(a.rate / b.rate for a, b in pairs)
        kept &= ratio >= LIMIT
        line = f"{name:16} {connections:4} {_both(pairs, 'rate', 6)} {ratio:6.2f}"
        line += _both(pairs, "p50_us", 6) + _both(pairs, "p99_us", 7)
        print(line + _both(pairs, "program_us", 5) + _both(pairs, "database_us", 6))
    print(f"limit {LIMIT}: {'kept' if kept else 'NOT kept'}")
    return kept


def main() -> int:
    """Exit status 0 when the limit is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="+", default=[], help="names of cases")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.data
        if folder is None:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix="eastlake-bench-"))
            Path(name).chmod(0o755)
            folder = Path(name) / "data"
        dsn = stack.enter_context(embedded.hold(folder)).dsn_kwargs()
        run_async(prepare(dsn))
        chosen = run_async(cases(dsn))
        chosen = {name: paths for name, paths in chosen.items() if name in (options.only or chosen)}
        services = stack.enter_context(both(folder, dsn))
        print(f"{compare(services[0].url, services[1].url, chosen)} answers compared, all alike")
        return 0 if report(run(services, chosen, options.rounds, options.seconds)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
