"""Random JSON to every route that takes JSON, as the right person: never a fault of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.problems import problem
from tests.contract.recipes import recipe
from tests.contract.routes import RouteCase, listed_routes
from tests.contract.stage import Call, Stage, undone

JSON_ROUTES = [c for c in listed_routes() if c.is_api and c.method in ("POST", "PUT")]
EXAMPLES = 500
"""In all, shared out over the routes."""

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(["production", "read", "PT021", "2025-06-07", "insurer", "\x00", "’", "1e9"])
)
_NAMES = st.text(max_size=8)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=8,
)


def _mutant(sound: Any) -> st.SearchStrategy[Any]:
    """Anything at all, or a sound body with some members changed, missing or added."""
    if not isinstance(sound, dict) or not sound:
        return _VALUES
    changed = st.dictionaries(st.sampled_from(sorted(sound)), _VALUES, min_size=1, max_size=3)
    dropped = st.sets(st.sampled_from(sorted(sound)), max_size=2)
    mixed = st.builds(
        lambda new, gone: {k: v for k, v in {**sound, **new}.items() if k not in gone},
        changed,
        dropped,
    )
    return mixed | _VALUES


def test_every_route_with_json_is_fuzzed() -> None:
    assert len(JSON_ROUTES) >= 20
    assert EXAMPLES // len(JSON_ROUTES) >= 2


@pytest.mark.parametrize("case", JSON_ROUTES, ids=str)
async def test_random_json_is_no_fault_of_ours(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    loop, bodies = asyncio.get_running_loop(), _mutant(call.json)
    tried: list[Any] = []

    @settings(
        max_examples=EXAMPLES // len(JSON_ROUTES),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies)
    def collect(body: Any) -> None:
        tried.append(body)

    await loop.run_in_executor(None, collect)
    for body in tried:
        async with undone():
            answer = await _send(stage, case, call, body)
        assert answer.status_code < 500, (body, answer.text[:300])
        if answer.status_code >= 400:
            problem(answer)


async def _send(stage: Stage, case: RouteCase, call: Call, body: Any) -> httpx.Response:
    headers = {**(stage.world.headers[call.who] if call.who else {}), **call.headers}
    path = stage.address(case, call)
    return await stage.client.request(case.method, path, json=body, headers=headers)
