"""One scratch server for the session, one transaction for each test, a client inside it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from tests.sharing import (  # noqa: F401  (hooks of pytest)
    RUN,
    pytest_collection_modifyitems,
    pytest_unconfigure,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)

# Time limits per example say more of the machine than of the code; in CI the examples are the same
# in every run, so that a landing does not hang on what was drawn.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

_SCRATCH = RUN / os.environ.get("PYTEST_XDIST_WORKER", "main")
_SCRATCH.mkdir(mode=0o711, exist_ok=True)
os.environ["EASTLAKE_DATA"] = str(_SCRATCH / "data")
os.environ.setdefault("EASTLAKE_LOG_LEVEL", "ERROR")

from tests.clock import set_clock  # noqa: E402

set_clock()  # before anything of ours is imported that asks for the time

from catalogue.books import publish_shipped  # noqa: E402
from catalogue.enrolments.editions import load_editions  # noqa: E402
from catalogue.products.types import load_types  # noqa: E402
from coinsurance import books as pools  # noqa: E402
from service import embedded  # noqa: E402
from service.app import create_app  # noqa: E402
from service.kernel import db  # noqa: E402
from service.loop import new_event_loop  # noqa: E402
from service.migrate import migrate  # noqa: E402
from tests import factories  # noqa: E402
from tests.elsewhere import SESSION_CONNECTIONS, keep_blank  # noqa: E402


@pytest.fixture(scope="session")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    """The tests run on the loop of the program."""

    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self) -> asyncio.AbstractEventLoop:
            return new_event_loop()

    return Policy()


@pytest.fixture(scope="session")
def dsn() -> Iterator[dict[str, object] | str]:
    """A server of our own, or the one that EASTLAKE_TEST_DATABASE_URL names (it is emptied)."""
    url = os.environ.get("EASTLAKE_TEST_DATABASE_URL")
    if url:
        yield url
        return
    server = embedded.start(_SCRATCH / "data")
    try:
        yield server.dsn_kwargs()
    finally:
        embedded.stop(server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(dsn: dict[str, object] | str) -> AsyncIterator[None]:
    """The migrated database with product types and shipped rules, and a pool on it."""
    await migrate(dsn)
    await db.start_pool(dsn)
    await load_types()
    await load_editions()
    await publish_shipped()
    await pools.publish_shipped()
    await db.stop_pool()
    await keep_blank(dsn)
    await db.start_pool(dsn, min_size=2, max_size=SESSION_CONNECTIONS)
    yield
    await db.stop_pool()


class _RollBack(Exception):
    """Ends the transaction of a test."""


@pytest_asyncio.fixture(loop_scope="session")
async def database(pool: None) -> AsyncIterator[None]:
    """One transaction around a test, always rolled back."""
    try:
        async with db.work():
            yield
            raise _RollBack
    except _RollBack:
        pass


@pytest.fixture(scope="session")
def app() -> object:
    """The application; the pool is started by the fixtures."""
    return create_app()


@pytest_asyncio.fixture(loop_scope="session")
async def client(database: None, app: object) -> AsyncIterator[httpx.AsyncClient]:
    """An anonymous client of the whole application, inside the test's transaction."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        yield http


@pytest_asyncio.fixture(loop_scope="session")
async def world(client: httpx.AsyncClient) -> factories.World:
    """Organisations, users of every role and their API tokens."""
    return await factories.make_world(client)
