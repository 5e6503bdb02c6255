"""A claim, clicked: notice, consent, payment, reimbursement, statement, and a disputed line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser import claim_story as claim
from tests.browser import statement_story as statements
from tests.browser.console import Site
from tests.browser.program import Program, new_folder, removed, until
from tests.demo_folder import copy_of_demo

pytestmark = pytest.mark.browser


@dataclass
class Scene:
    """A data folder with the demo in it, and how far the claim has come there."""

    data: Path
    number: str = ""
    run: str = ""
    begun: bool = False

    async def reimbursed(self, browser: Browser) -> None:
        """The claim from its notice to what the bank made of it, walked once."""
        if self.begun:
            assert self.run, "the claim came to a stop in an earlier test"
            return
        self.begun = True
        async with console(browser, self.data, claim.CLOCK) as site:
            number = await claim.notify(site)
            await claim.tell(site, number)
            for follower in claim.FOLLOWERS:
                await claim.acknowledge(site, f"clerk{follower}", number)
            await claim.assess(site, number)
            request = await claim.ask(site, number)
            for follower in claim.FOLLOWERS:
                await claim.consent(site, f"manager{follower}", request)
            await claim.pay(site, number)
            await claim.owes(site, "clerk2", number)
            self.run = await claim.settle(site, number, self.data.parent)
            self.number = number


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """What the two tests share, gone afterwards."""
    folder = copy_of_demo(new_folder())
    yield Scene(folder)
    until(lambda: removed(folder.parent), 10, "the folder goes")


@asynccontextmanager
async def console(browser: Browser, data: Path, clock: str) -> AsyncIterator[Site]:
    """The program on a data folder at a moment; what the pages complained about fails."""
    program = Program(data, clock=clock)
    site = Site(browser, program.ready().address)
    try:
        yield site
        assert site.complaints == [], program.output()[-1500:]
    finally:
        await site.close()
        program.end()


async def test_claim_from_its_notice_to_reimbursement(chromium: Browser, scene: Scene) -> None:
    await scene.reimbursed(chromium)
    assert scene.number.startswith("CL-2026-") and scene.run.startswith("SR-2026-")


async def test_statement_is_agreed_and_one_line_disputed(chromium: Browser, scene: Scene) -> None:
    await scene.reimbursed(chromium)
    async with console(chromium, scene.data, claim.AFTER) as site:
        await statements.close_earlier(site)
        await statements.issue(site)
        await statements.agree(site, "clerk2")
        disputed = await statements.dispute(site, "clerk3")
        await statements.lead_sees(site, disputed)
    assert disputed.startswith("DP-2026-")
