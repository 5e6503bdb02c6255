"""People at browsers: log-in, watched pages, screenshots."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.program import PASSWORD

SHOTS = Path(__file__).parent / "shots"
SHOOTING = os.environ.get("EASTLAKE_SHOTS") == "1"
"""Whether somebody is going to look at pictures; drawing them is half of a browser's work."""
PATIENCE_MS = 15_000
_REFUSED = "Failed to load resource: the server responded with a status of 4"
"""The browser's own remark on a page that answers 4xx; the tests look at those pages anyway."""


class Site:
    """The console behind an address; every page opened through it is listened to."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.complaints: list[str] = []
        self._sessions: dict[str, Any] = {}

    async def close(self) -> None:
        """Close every window that is still open."""
        for context in self.browser.contexts:
            await context.close()

    @asynccontextmanager
    async def visit(
        self,
        login: str = "",
        *,
        width: int = 1280,
        height: int = 900,
        scripts: bool = True,
        **options: Any,
    ) -> AsyncIterator[Page]:
        """A window of its own; with `login` somebody who has logged in by the form."""
        if login and login not in self._sessions:
            await self._log_in(login)
        context = await self.browser.new_context(
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            storage_state=self._sessions.get(login),
            **options,
        )
        try:
            yield await self.open(context)
        finally:
            await context.close()

    async def open(self, context: BrowserContext) -> Page:
        """A listened-to page of a context."""
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._watch)
        page.on("response", self._check)
        return page

    async def _log_in(self, login: str) -> None:
        async with self.visit() as page:
            await log_in(page, login)
            self._sessions[login] = await page.context.storage_state()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
            self.complaints.append(f"{message.type}: {message.text}")

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob", "about"):
            return
        if f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"another host: {request.url}")

    def _check(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.request.method} {response.url}")


async def log_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Log in as a person does, from the front page."""
    await page.goto("/")
    await page.get_by_role("link", name="机构登录").click()
    await page.get_by_label("用户名").fill(login)
    await page.get_by_label("密码").fill(password)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.get_by_role("button", name="退出").wait_for()


async def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep what the page looks like; see something of it first.

    A page that is just being left for another is never drawn again, and Chromium waits for it.
    """
    if not SHOOTING:
        return
    path = SHOTS / f"{name}.jpeg"
    await page.screenshot(path=path, type="jpeg", quality=75, full_page=whole)


async def heading(page: Page) -> str:
    """The title on the page."""
    return (await page.get_by_role("heading", level=1).inner_text()).strip()


async def monitor_count(page: Page) -> int:
    """The number of products that the monitor shows."""
    await page.goto("/committee/monitor")
    shown = page.get_by_role("region", name="在库总数").locator("strong").first
    return int((await shown.inner_text()).replace(",", ""))
