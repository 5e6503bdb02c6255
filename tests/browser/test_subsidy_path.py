"""Subsidies, clicked: from the application to the money in one go; a double claim."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser import subsidy_story as story
from tests.browser.console import Site, shoot
from tests.browser.subsidy_story import AMOUNTS, FIRM, WHOLE, stage_of, tile

pytestmark = pytest.mark.browser
DOUBLED = ("示例关东医疗器械有限公司", "示例关东半导体设备有限公司")


async def _paid_wan(site: Site) -> Decimal:
    """What the budget's tile says was paid, in 10,000 yuan."""
    async with site.visit("auditor") as page:
        await story.open_scheme(page)
        await shoot(page, "subsidy-budget")
        return Decimal((await tile(page, "已拨付").inner_text()).split()[0].replace(",", ""))


async def _firm_sees(site: Site, number: str, status: str, paid: str) -> None:
    async with site.visit(FIRM) as page:
        await page.goto("/firm/applications")
        row = page.get_by_role("row").filter(has_text=number)
        await expect(row).to_contain_text(status)
        await row.get_by_role("link").first.click()
        await expect(tile(page, "已到账")).to_contain_text(paid)
        await shoot(page, "subsidy-firm-paid")


async def test_subsidy_from_application_to_the_money(chromium: Browser, tmp_path: Path) -> None:
    async with stage_of(chromium) as stage:
        site = stage.open()
        number = await story.apply(site)
        await story.review(site, number)
        notice = await story.announce(site, number)
        objection = await story.object_to(site, number, notice)

        site = await stage.later()
        before = await _paid_wan(site)
        await story.approve(site, number, AMOUNTS[1], "subsidy-approved-rest")
        await story.pay(site, number, AMOUNTS[1], tmp_path)
        await _firm_sees(site, number, "已批准", AMOUNTS[1])
        await story.dismiss(site, objection)
        await story.approve(site, number, WHOLE, "subsidy-approved-whole")
        await story.pay(site, number, AMOUNTS[0], tmp_path)
        await _firm_sees(site, number, "已拨付", WHOLE)
        moved = await _paid_wan(site) - before
        assert moved >= Decimal(WHOLE.replace(",", "")) / 10_000


async def test_double_claim_stands_beside_its_match(site: Site) -> None:
    async with site.visit("officer") as page:
        await page.goto("/subsidy/queue?step=first_review")
        numbers = []
        for firm in DOUBLED:
            link = page.get_by_role("row").filter(has_text=firm).get_by_role("link").first
            numbers.append((await link.inner_text()).strip())
        for number, other in (numbers, reversed(numbers)):
            await page.goto("/subsidy/queue?step=first_review")
            await page.get_by_role("link", name=number).click()
            card = page.locator(".finding-card").filter(has_text="发票").first
            match = card.get_by_role("region", name="相符记录并列")
            await expect(match.get_by_role("link", name=re.compile(other))).to_be_visible()
            await expect(match).to_contain_text("相符内容")
            await shoot(page, f"subsidy-double-{number[-2:]}")
        await match.get_by_role("link", name=re.compile(other)).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(other)
