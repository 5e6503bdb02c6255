"""The stage of the whole-surface tests: built once for a module, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from service.kernel import db
from tests.contract.recipes import prepare
from tests.contract.routes import the_app
from tests.contract.stage import Stage, sessions, set_the_stage, undone


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(pool: None) -> AsyncIterator[Stage]:
    """The world with one product in each state; rolled back after the module."""
    transport = httpx.ASGITransport(app=the_app(), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with undone():
        assert db.in_work()
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            stage = await set_the_stage(client)
            await prepare(stage)
            stage.cookies = await sessions()
            yield stage
