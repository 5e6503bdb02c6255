"""The real program with the demo in it, and headless Chromium in front of it.

With EASTLAKE_SHOTS=1 pictures go to tests/browser/shots/; people look at them, nothing compares.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.console import PATIENCE_MS, SHOOTING, SHOTS, Site
from tests.browser.program import Program, new_folder
from tests.demo_folder import copy_of_demo

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def server() -> Iterator[Program]:
    """The program that the browser visits."""
    program = Program(copy_of_demo(new_folder())).ready()
    yield program
    program.clean_up()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Headless Chromium of this machine; without one the test is skipped, with CI=true it fails."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        say = f"no Chromium on the path ({', '.join(_NAMES)}): browser tests did not run"
        if os.environ.get("CI") == "true":
            pytest.fail(say)
        pytest.skip(say)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def everything(chromium: Browser, server: Program) -> AsyncIterator[Site]:
    """The console as a browser sees it, with everybody's sessions."""
    if SHOOTING:
        SHOTS.mkdir(exist_ok=True)
        for old in SHOTS.glob("*.jpeg"):
            old.unlink(missing_ok=True)
    site = Site(chromium, server.address)
    yield site
    await site.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(everything: Site, server: Program) -> AsyncIterator[Site]:
    """The console for one test; what the pages complained about fails it."""
    everything.complaints.clear()
    yield everything
    assert everything.complaints == [], server.output()[-1500:]
