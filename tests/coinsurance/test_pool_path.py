"""The whole path of a pool through the public routes, for the three shipped agreements."""

from __future__ import annotations

import pytest

from tests.coinsurance.pooling import make_pool
from tests.factories import World


@pytest.mark.parametrize("code", ["integrated-circuit", "new-energy", "biomedicine"])
async def test_a_pool_opens(world: World, code: str) -> None:
    pooled = await make_pool(world, 4, code)
    pool = await world.get("auditor", f"/pools/{code}")
    assert (pool["status"], pool["agreement"]) == ("active", pooled.version)
    year = await world.get("manager", f"/pool-years/{pooled.year}")
    assert (year["status"], year["members"], year["sees_all"]) == ("open", 4, True)
    shares = await world.get("manager", f"/pool-years/{pooled.year}/shares?as_of=2026-06-30")
    if code == "biomedicine":
        assert shares["schedule"] is None
    else:
        assert sum(item["share_units"] for item in shares["schedule"]["shares"]) == 100_000_000
