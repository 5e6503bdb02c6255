"""The demo's history for a module; each test works on it inside a savepoint."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from service import demo, embedded
from service.config import settings
from service.demo import DemoAccount
from service.embedded import Server
from service.kernel import db
from tests.browser.program import PASSWORD
from tests.demo_folder import copy_of_demo
from tests.elsewhere import instead
from tests.sharing import RUN


class _RollBack(Exception):
    """Ends a transaction."""


@pytest.fixture(scope="session")
def demo_server() -> Iterator[Server]:
    """A database server on a copy of the played demo."""
    server = embedded.start(copy_of_demo(RUN / f"demo-{os.getpid()}"))
    yield server
    embedded.stop(server)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def history(pool: None, demo_server: Server) -> AsyncIterator[list[DemoAccount]]:
    """The played demo in a transaction that is never committed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EASTLAKE_DEMO_PASSWORD", PASSWORD)
        settings.cache_clear()
        try:
            async with instead(demo_server.dsn_kwargs(), 4), db.work():
                yield await demo.play()
                raise _RollBack
        except _RollBack:
            pass
    settings.cache_clear()


@pytest_asyncio.fixture(loop_scope="session")
async def played(history: list[DemoAccount]) -> AsyncIterator[list[DemoAccount]]:
    """The played demo; what a test changes is undone."""
    try:
        async with db.work():
            yield history
            raise _RollBack
    except _RollBack:
        pass
