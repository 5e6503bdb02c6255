"""Steps of a record's page pressed by a person, and pages looked at on a desk and a telephone."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from service.demo.papers import pdf
from tests.browser.console import Site, shoot
from tests.browser.pages import FAULTS

DESK, TELEPHONE = 1440, 390
HEIGHT = 900
INVALID = "aria-invalid"


async def look(page: Page, name: str) -> None:
    """See the page on a desk and on a telephone; what a program finds wrong with it fails."""
    before = page.viewport_size or {"width": DESK, "height": HEIGHT}
    for width in (TELEPHONE, DESK):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        faults = await page.evaluate(FAULTS)
        assert faults == [], f"{name} at {width}: {faults}"
        await shoot(page, f"{name}-{width}")
    await page.set_viewport_size(before)


async def step(page: Page, label: str) -> Locator:
    """One of the steps of a page, opened."""
    title = page.get_by_role("heading", name=label, exact=True)
    found = page.locator("details").filter(has=title)
    if await found.get_attribute("open") is None:
        await found.locator("summary").first.click()
    return found


async def press(step: Locator, label: str, *, sure: bool = False) -> None:
    """Press the button of a step; `sure` says yes to the question it asks."""
    await step.get_by_role("button", name=re.compile(f"^{label}…?$")).last.click()
    if sure:
        dialogue = step.page.get_by_role("dialog", name="请确认")
        await dialogue.get_by_role("button", name="确认执行").click()


async def refused(field: Locator, value: str, words: str) -> None:
    """What was typed is still there, and what is wrong with it stands beside it."""
    await expect(field).to_have_value(value)
    await expect(field).to_have_attribute(INVALID, "true")
    await expect(field).to_have_accessible_description(re.compile(f"须改正.*{words}"))


async def told(page: Page, words: str) -> None:
    """The message after a step that was taken."""
    await expect(page.locator(".flash").filter(has_text=words)).to_be_visible()


async def html(site: Site, login: str, path: str) -> str:
    """Everything the server sends of a page, also what nobody sees at once."""
    async with site.visit(login) as page:
        answer = await page.request.get(path)
        assert answer.ok, f"{path}: {answer.status}"
        return await answer.text()


def paper(name: str) -> dict[str, object]:
    """A paper to hand in."""
    content = pdf(name, ["浏览器测试材料"])
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": content}
