"""The three paths, clicked: an insurer files, the committee enters, the public finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console import Site, heading, shoot
from tests.browser.story import ELIGIBILITY, NAME, PAPER, WORD, Story

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def story(everything: Site) -> Story:
    """The product that the three tests follow."""
    return Story(everything)


async def test_insurer_files(site: Site, story: Story) -> None:
    number = await story.filed()
    async with site.visit("clerk") as page:
        await page.goto("/insurer/products")
        row = page.get_by_role("row").filter(has_text=number)
        await expect(row).to_contain_text("已提交")
        await shoot(page, "insurer-list")


async def test_committee_enters(site: Site, story: Story) -> None:
    number = await story.entered()
    before, after = story.counts
    assert after == before + 1
    async with site.visit("officer") as page:
        await page.goto(f"/committee/products/{number}")
        history = page.locator("#history")
        for word in ("受理", "退回补正", "提出审核建议", "入库"):
            await expect(history).to_contain_text(word)


@pytest.mark.parametrize("word", [WORD, "研发"])
async def test_public_finds(site: Site, story: Story, word: str, tmp_path: Path) -> None:
    number = await story.entered()
    async with site.visit() as page:
        await page.goto("/")
        await page.get_by_label("搜索产品").fill(word)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="查询结果")).to_be_visible()
        await shoot(page, f"public-search-{len(word)}-{word == WORD}")
        await page.get_by_role("link", name=NAME).click()
        assert page.url.endswith(f"/products/{number}")
        assert await heading(page) == NAME
        for title, text in (
            ("保什么", "项目终止费用损失：项目被迫终止"),
            ("不保什么（责任免除）", "资金中断"),
            ("投保条件", f"{ELIGIBILITY}，技术就绪度不低于三级"),
        ):
            block = page.locator("div").filter(
                has=page.get_by_role("heading", name=title, exact=True)
            )
            await expect(block.filter(has_text=text).first).to_be_visible()
        await expect(page.get_by_role("link", name="费率表.pdf")).to_have_count(0)
        await shoot(page, "public-product")
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name=PAPER["name"]).click()
        download = await waiting.value
        assert download.suggested_filename == PAPER["name"]
        saved = tmp_path / "saved.pdf"
        await download.save_as(saved)
        assert saved.read_bytes() == PAPER["buffer"]
