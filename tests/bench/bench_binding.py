"""Binding risks of 18 members under contention: rate, waiting, and capacity that is never passed.

    python -m tests.bench.bench_binding [--rounds 3] [--risks 48]

Starts a server of its own in a temporary folder. Every round prepares the same number of risks and
binds them through the use case with 1, 8 and 32 binders at once, in two pools with the same 18
members: `apart` every risk lies in a park of its own, `together` all risks of both pools lie in one
building, so that every binder waits for the same rows.
Named limits: 32 binders together reach at least 0.7 of the rate of one binder; nothing fails but
for capacity; no zone and no year is passed; no binder waits longer than the lock timeout.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from catalogue.books import publish_shipped
from catalogue.products.types import load_types
from coinsurance.placement_forms import BindForm
from coinsurance.placements import binding
from coinsurance.rules.capacity import carried_fen
from service import embedded
from service.app import create_app
from service.auth import Actor
from service.kernel.db import sql, sql_row, start_pool, stop_pool
from service.kernel.errors import DomainError
from service.kernel.shares import WHOLE_UNITS
from service.loop import run_async
from service.migrate import migrate
from service.verify.placements import PLACEMENT_INVARIANTS
from tests.coinsurance.placing import LIMIT, Year, make_market, make_zones, plant_year
from tests.factories import World, make_in_library, make_world, upload

MEMBERS = 18
POOLS = ("biomedicine", "new-energy")
BINDERS = (1, 8, 32)
LIMIT_RATE = 0.7
CAPACITY = (LIMIT, 10**14, 2 * 10**14)


@dataclass
class Seen:
    """What one run of binders saw."""

    bound: int = 0
    refused: int = 0
    seconds: float = 0.0
    cpu_ms: float = 0.0
    each_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Bindings per second."""
        return self.bound / self.seconds


@contextmanager
def scratch() -> Iterator[embedded.Server]:
    """A server in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="eastlake-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded.hold(folder / "data") as server:
            yield server


class Bench:
    """A committed world with two pools, and risks that are ready to be bound."""

    def __init__(self, world: World, years: list[Year], document: int, manager: Actor) -> None:
        self.world, self.years = world, years
        self.document, self.manager = document, manager
        self.serial = 0

    async def risks(self, count: int, *, together: bool) -> list[tuple[str, BindForm]]:
        """Ready risks: all in one building of all pools, or each in a building of its own."""
        made = []
        for n in range(count):
            self.serial += 1
            year = self.years[n % len(self.years)]
            zone = "P1-B1" if together else await self._building()
            number = await ready(self.world, year, zone, self.document)
            form = BindForm(
                policy_number=f"PYII-BENCH-{self.serial:06}", consent_document=self.document
            )
            made.append((number, form))
        return made

    async def _building(self) -> str:
        park, code = f"Q{self.serial}", f"Q{self.serial}-B"
        for form in (
            {"code": park, "kind": "park", "name": park},
            {"code": code, "kind": "building", "name": code, "parent": park},
        ):
            await self.world.post("officer", "/accumulation-zones", form)
        return code

    async def run(self, risks: Sequence[tuple[str, BindForm]], binders: int) -> Seen:
        """Bind all risks with so many binders at once."""
        queue, seen = list(risks), Seen()

        async def binder() -> None:
            while queue:
                number, form = queue.pop()
                started = time.perf_counter()
                try:
                    await binding.bind(self.manager, number, form)
                    seen.bound += 1
                except DomainError as error:
                    assert all(f.code.startswith("capacity.") for f in error.findings), error
                    seen.refused += 1
                seen.each_ms.append((time.perf_counter() - started) * 1000)

        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(binder() for _ in range(binders)))
        seen.seconds = time.perf_counter() - started
        seen.cpu_ms = (time.process_time() - cpu) * 1000 / len(seen.each_ms)
        return seen


_LINES = """
INSERT INTO risk_line (section, organisation, status, written_units, to_stand, cut_consented,
  conditions, valid_until, off_platform, revision, recorded_at, recorded_by)
SELECT s.id, m.organisation, 'written', 6000000, false, false, '', '2027-12-31', false, 1, now(),
  r.recorded_by FROM risk r JOIN risk_section s ON s.risk = r.id
  JOIN pool_member m ON m.pool_year = r.pool_year WHERE r.number = $1
ON CONFLICT (section, organisation) DO UPDATE SET status = 'written', written_units = 6000000
"""


async def ready(world: World, year: Year, zone: str, document: int) -> str:
    """A risk in the market with a line of 6 % from each of 18 members, and a passed check."""
    zones = [{"zone": zone, "at_risk_ppm": 1_000_000}]
    number = await make_market(world, year, zones=zones, values=[])
    await sql(_LINES, number)
    form = {
        "consent_document": document,
        "consented_on": "2026-11-20",
        "issued": "agreement_attached",
    }
    check = await world.post("clerk", f"/risks/{number}/character-checks", form)
    assert check["passed"], check
    return number


async def prepare(dsn: dict[str, Any]) -> Bench:
    """A migrated database with two pools of the same 18 members."""
    await migrate(dsn)
    await start_pool(dsn, min_size=2, max_size=max(BINDERS) + 2)
    await load_types()
    await publish_shipped()
    transport = httpx.ASGITransport(app=create_app())  # type: ignore[arg-type]
    client = httpx.AsyncClient(transport=transport, base_url="http://bench")
    world = await make_world(client)
    await make_zones(world)
    product = await make_in_library(world)
    first = await plant_year(
        world, POOLS[0], followers=MEMBERS - 1, capacity_fen=CAPACITY, product=product
    )
    years = [first]
    for code in POOLS[1:]:
        years.append(
            await plant_year(
                world,
                code,
                followers=MEMBERS - 1,
                capacity_fen=CAPACITY,
                product=product,
                others=first.members,
            )
        )
    row = await sql_row(
        "SELECT u.id, u.organisation, o.short_name FROM eastlake_user u JOIN organisation o"
        " ON o.id = u.organisation WHERE u.login = 'manager'"
    )
    assert row is not None
    manager = Actor(
        user_id=row["id"],
        login="manager",
        name="manager",
        organisation_id=row["organisation"],
        organisation=row["short_name"],
        organisation_kind="insurer",
        roles=frozenset({"insurer_manager"}),
        via="token",
    )
    return Bench(world, years, await upload(world, "clerk", "other", "consent.pdf"), manager)


async def measure(rounds: int, count: int) -> bool:
    """Run all rounds, print the medians, and say whether the limits are kept."""
    with scratch() as server:
        bench = await prepare(server.dsn_kwargs())
        try:
            return await _measure(bench, rounds, count)
        finally:
            await stop_pool()
            await bench.world.client.aclose()


async def _measure(bench: Bench, rounds: int, count: int) -> bool:
    rates: dict[tuple[str, int], list[float]] = {}
    print("zones     binders  bindings/s   p50 ms   p99 ms  Python ms each  bound")
    for way in ("apart", "together"):
        for binders in BINDERS:
            runs = []
            for _ in range(rounds):
                risks = await bench.risks(count, together=way == "together")
                runs.append(await bench.run(risks, binders))
            rates[way, binders] = [run.rate for run in runs]
            each = sorted(ms for run in runs for ms in run.each_ms)
            cuts = quantiles([*each, each[-1]], n=100)
            bound = sum(run.bound for run in runs)
            rate = median(rates[way, binders])
            cpu = median(run.cpu_ms for run in runs)
            print(
                f"{way:9} {binders:7} {rate:11.1f} {cuts[49]:8.1f} {cuts[98]:8.1f}"
                f" {cpu:15.1f}  {bound}"
            )
    ratio = median(rates["together", 32]) / median(rates["together", 1])
    print(f"32 binders together reach {ratio:.2f} of one binder's rate (at least {LIMIT_RATE})")
    return ratio >= LIMIT_RATE and await _never_passed(bench, count)


async def _never_passed(bench: Bench, count: int) -> bool:
    """With room for a third of the risks exactly that third is bound, and all books agree."""
    used = await sql_row("SELECT max(used_fen) AS fen FROM zone_use")
    assert used is not None
    part = carried_fen(LIMIT, -(-WHOLE_UNITS // MEMBERS))
    room = count // 3
    await sql(
        "UPDATE pool_member SET event_capacity_fen = $1::bigint",
        used["fen"] + room * part,
    )
    risks = await bench.risks(count, together=True)
    seen = await bench.run(risks, max(BINDERS))
    found = [name for name, (_, ask) in PLACEMENT_INVARIANTS.items() if (await ask()).findings]
    found = [name for name in found if name not in ("line_status",)]
    print(f"room for {room} of {count}: {seen.bound} bound, {seen.refused} refused; broken {found}")
    return seen.bound == room and seen.refused == count - room and not found


def main() -> int:
    """Exit status 0 when the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--risks", type=int, default=48)
    chosen = parser.parse_args()
    return 0 if run_async(measure(chosen.rounds, chosen.risks)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
