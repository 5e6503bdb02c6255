"""A claim payment over 18 members: the program against pgbench running it as one SQL function.

    python -m tests.bench.bench_claims [--rounds 5] [--seconds 4] [--claims 4096]

Starts a server of its own in a temporary folder with one pool of 18 members and so many agreed
claims. A payment is one request: token, seat, claim, section and loss held, what was allocated,
earlier payments for the same loss, cash calls; then event, entry of 19 lines, movement, 18 parts,
17 debts, payee and totals. Ways, measured in turning order at 1 and 8 clients:

pgbench     `bench_claim` of `claim_sql`: the same reads, rows, hashes in one function, locks first
in process  the use case `paying.pay` on the pool of connections
http        POST /claims/{number}/payments to `python -m service serve`, one worker

Afterwards the invariants of claim money pass over what both ways wrote. Named limits (issue 5):
http at least 0.6, in process at least 0.75 of pgbench.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from catalogue.books import publish_shipped
from catalogue.products.types import load_types
from coinsurance.claim_forms import PaymentForm
from coinsurance.claims import paying
from service import embedded
from service.app import create_app
from service.auth.identify import actor_of_token, digest
from service.kernel.db import sql, sql_value, start_pool, stop_pool
from service.kernel.shares import format_percent
from service.loop import run_async
from service.migrate import migrate
from service.verify.claims import CLAIM_INVARIANTS
from tests.bench import bench_premium
from tests.bench.bench_premium import _SHARES as SHARES
from tests.bench.claim_sql import CLONE, FUNCTION
from tests.bench.common import free_port, serving
from tests.bench.posting import claim_payment
from tests.coinsurance.claiming import LOSS, agreed, make_scene
from tests.factories import make_world

MEMBERS = 18
AMOUNT = (1_000, 99_999)
MONEY = ("claim_totals", "claim_series", "claim_entries", "claim_debts")
"""Invariants that the clones keep too; they were never notified or assessed."""
SCRIPT = r"""
\set claim random(1, %d)
\set amount random(%d, %d)
\set reference random(1, 1000000000000000)
SELECT bench_claim('\x%s', 'CB-2026-' || lpad(:claim::text, 6, '0'), :amount, 'G' || :reference);
"""


class Bench(bench_premium.Bench):
    """The ways of `bench_premium` with a claim payment instead of a receipt."""

    async def in_process(self, clients: int) -> float:
        """Payments per second through the use case, one event loop."""
        await start_pool(self.server.dsn_kwargs(), min_size=clients, max_size=clients)
        actor = await actor_of_token(self.token)
        assert actor is not None

        async def one() -> None:
            self.serial += 1
            path, body = claim_payment({"claims": self.placements, "amount": AMOUNT}, self.serial)
            await paying.pay(actor, path.split("/")[4], PaymentForm.model_validate(body))

        try:
            return await self._drive(f"in process/{clients}", [one] * clients)
        finally:
            await stop_pool()

    async def http(self, clients: int) -> float:
        """Payments per second through the whole program; the client is a process of its own."""
        port = free_port()
        address = self.server.dsn_kwargs()
        url = (
            f"postgresql://{address['user']}@/{address['database']}?host={address['host']}"
            f"&port={address['port']}"
        )
        environment = {**os.environ, "DATABASE_URL": url, "EASTLAKE_LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "service", "serve", "--port", str(port)]
        cluster = Path(self.server.data_dir) / "cluster"
        order = {
            "kind": "claim_payment",
            "port": port,
            "token": self.token,
            "claims": self.placements,
            "first": self.serial,
            "amount": AMOUNT,
            "clients": clients,
            "seconds": self.seconds,
        }
        with serving(command, port, environment, "/health/ready", cluster) as service:
            before = service.cpu_s()
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "tests.bench.posting"],
                input=json.dumps(order),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"{done.returncode}: {done.stderr[-2000:]}{done.stdout[-500:]}")
            seen = json.loads(done.stdout)
            self.serial += seen["sent"]
            spent = [b - a for a, b in zip(before, service.cpu_s(), strict=True)]
            self.cpu_us.setdefault(f"http/{clients}", []).append(spent[0] / seen["answers"] * 1e6)
            return float(seen["answers"] / seen["seconds"])


async def prepare(dsn: dict[str, Any], claims: int) -> str:
    """Migrate, make one agreed claim over 18 members and clone it; returns a token."""
    await migrate(dsn)
    await start_pool(dsn, min_size=2, max_size=4)
    try:
        await load_types()
        await publish_shipped()
        transport = httpx.ASGITransport(app=create_app())  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
            world = await make_world(client)
            names = ["clerk", *(f"m{n}" for n in range(2, MEMBERS + 1))]
            lines = dict(zip(names, map(format_percent, SHARES), strict=True))
            scene = await make_scene(world, lines=lines, followers=MEMBERS - 1)
            await agreed(scene, loss_on=LOSS)
            token = world.headers["clerk"]["Authorization"].removeprefix("Bearer ")
        await sql(CLONE, claims)
        await _warm(token, min(claims, 256))
        await sql(FUNCTION)
        await sql("VACUUM ANALYZE")
    finally:
        await stop_pool()
    return token


async def _warm(token: str, claims: int) -> None:
    """One payment on each: plans and statistics are not made on empty tables."""
    actor = await actor_of_token(token)
    assert actor is not None
    for n in range(1, claims + 1):
        _, body = claim_payment({"claims": 1, "amount": AMOUNT}, 10**11 + n)
        await paying.pay(actor, f"CB-2026-{n:06d}", PaymentForm.model_validate(body))


async def agrees(dsn: dict[str, Any]) -> bool:
    """What both ways wrote fits the same rules."""
    await start_pool(dsn, min_size=1, max_size=2, statement_timeout_ms=600_000)
    try:
        broken = {
            name: outcome.findings[0].text("en")
            for name in MONEY
            if (outcome := await CLAIM_INVARIANTS[name][1]()).findings
        }
        count = await sql_value("SELECT count(*) FROM claim_movement")
    finally:
        await stop_pool()
    print(f"{count} movements of all ways; broken invariants: {broken or 'none'}")
    return not broken


def main() -> int:
    """Exit status 0 when the limits are kept and all ways wrote the same kind of books."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--claims", type=int, default=4096)
    chosen = parser.parse_args()
    random.seed()
    with tempfile.TemporaryDirectory(prefix="eastlake-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded.hold(folder / "data") as server:
            token = run_async(prepare(server.dsn_kwargs(), chosen.claims))
            script = folder / "payment.sql"
            script.write_text(SCRIPT % (chosen.claims, *AMOUNT, digest(token).hex()))
            bench = Bench(server, token, script, chosen.claims, chosen.seconds)
            kept = run_async(bench_premium.measure(bench, chosen.rounds))
            return 0 if run_async(agrees(server.dsn_kwargs())) and kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
