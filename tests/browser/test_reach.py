"""What the console can be used with: a telephone, a keyboard, a projector, paper, no scripts."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.console import Site, heading, log_in, shoot
from tests.browser.pages import FAULTS, PLACES, not_looked_at
from tests.browser.story import (
    PAPER,
    REGISTRATION,
    WRONG_NUMBER,
    confirm,
    number_of,
    rows_of,
    write_basics,
    write_clause,
    write_component,
)

pytestmark = pytest.mark.browser
TELEPHONE = 360


def test_every_page_is_looked_at() -> None:
    assert not_looked_at() == [], "give each a Place in tests/browser/pages.py"


@pytest.mark.parametrize("login", PLACES, ids=lambda login: login or "public")
async def test_pages_fit_a_telephone(site: Site, login: str) -> None:
    faults = []
    async with site.visit(login, width=TELEPHONE, height=720) as page:
        for number, place in enumerate(PLACES[login]):
            address = await place.address(page)
            if not address:
                continue
            answer = await page.goto(address)
            assert answer
            if answer.status != place.status:
                faults.append(f"{address}: {answer.status}")
            name = f"{login or 'public'}-{number:02}-{place.name}"
            faults += [f"{address}: {fault}" for fault in await page.evaluate(FAULTS)]
            await shoot(page, f"360-{name}")
            await page.set_viewport_size({"width": 1280, "height": 900})
            faults += [f"{address} at 1280: {f}" for f in await page.evaluate(FAULTS)]
            await shoot(page, f"1280-{name}")
            await page.set_viewport_size({"width": TELEPHONE, "height": 720})
    assert faults == []


async def test_the_screen_fills_a_projector(site: Site) -> None:
    async with site.visit("officer", width=1920, height=1080) as page:
        await page.goto("/committee/monitor?screen=1")
        assert await page.evaluate(FAULTS) == []
        await expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
        count = page.get_by_role("region", name="在库总数").locator("strong").first
        size = await count.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
        assert size >= 80
        height = await page.evaluate("document.scrollingElement.scrollHeight")
        assert height <= 1080, f"{height} px: something is below the edge of the screen"
        boxes = page.get_by_role("region", name="环节与行业分布")
        assert await boxes.evaluate("(e) => e.scrollWidth - e.clientWidth") == 0
        await shoot(page, "screen-1920", whole=False)
        await page.keyboard.press("q")
        await expect(page.get_by_role("navigation", name="主导航")).to_be_visible()


@pytest.mark.parametrize(
    ("login", "path"),
    [("", "/"), ("officer", "/committee/monitor"), ("officer", "/committee/products/{number}")],
)
async def test_paper_shows_no_navigation(site: Site, login: str, path: str) -> None:
    async with site.visit(login) as page:
        place = next(p for p in PLACES[login] + PLACES["approver"] if p.path == path)
        await page.goto(await place.address(page))
        await page.emulate_media(media="print")
        await expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
        await expect(page.locator(".band")).to_be_hidden()
        await expect(page.get_by_text("打印时间")).to_be_visible()
        await page.set_viewport_size({"width": 720, "height": 1000})
        assert await page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
        await shoot(page, f"print-{login or 'public'}-{place.name}")
        sheet = await page.pdf(prefer_css_page_size=True)
        assert sheet.startswith(b"%PDF")


async def focused(page: Page) -> str:
    """The words of what has the focus."""
    found: str = await page.evaluate(
        "() => (document.activeElement.innerText || document.activeElement.name || '').trim()"
    )
    return found


async def tab_to(page: Page, words: str, limit: int = 40) -> int:
    """Press Tab until something with these words has the focus; returns how often."""
    for presses in range(1, limit + 1):
        await page.keyboard.press("Tab")
        if words in await focused(page):
            return presses
    raise AssertionError(f"{words}: not reached with {limit} tabs")


async def test_keyboard_alone(site: Site) -> None:
    async with site.visit("clerk") as page:
        await page.goto("/")
        await page.keyboard.press("Tab")
        assert await focused(page) == "跳到正文"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "content"
        await page.keyboard.press("/")
        await expect(page.get_by_label("搜索产品")).to_be_focused()
        await page.keyboard.type("研发")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"\?q="))
        await expect(page.get_by_role("heading", name="查询结果")).to_be_visible()
        await tab_to(page, "我的产品")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/insurer/products")
        await tab_to(page, "跳到正文")
        await page.keyboard.press("Enter")
        assert await tab_to(page, "登记新产品") < 10
        ring = await page.evaluate(
            "() => parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
        )
        assert ring >= 2, "the focus can be seen"
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/insurer/products/new")


async def test_keyboard_dialogue_and_shortcuts(site: Site) -> None:
    """The dialogue takes the focus, Escape leaves it, and typing in a field is typing."""
    async with site.visit("clerk") as page:
        await page.goto("/insurer/products/new?type=PT002")
        await page.get_by_label("产品名称").focus()
        await page.keyboard.type("键盘/保险")
        await expect(page.get_by_label("产品名称")).to_have_value("键盘/保险")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("草稿已保存", exact=True)).to_be_visible()
        number = number_of(page)
        await page.goto(f"/insurer/products/{number}")
        await page.get_by_role("button", name="提交报送").focus()
        await page.keyboard.press("Enter")
        dialogue = page.get_by_role("dialog", name="请确认")
        await expect(dialogue).to_be_visible()
        await expect(dialogue.get_by_role("button", name="取消")).to_be_focused()
        await shoot(page, "dialogue", whole=False)
        await page.keyboard.press("Escape")
        await expect(dialogue).to_be_hidden()
        assert number_of(page) == number
        await confirm(page, "提交报送")
        await expect(page.get_by_role("alert")).to_contain_text("尚不能提交")
        first = page.get_by_role("alert").get_by_role("link").first
        await first.press("Enter")
        bar = await page.locator(".form-stick .form-buttons").last.bounding_box()
        target = await page.evaluate(
            "() => document.querySelector(':target').getBoundingClientRect().bottom"
        )
        assert bar and target <= bar["y"] + 1, "the bar of buttons covers the field"


async def test_without_scripts_a_filing_goes_in(site: Site) -> None:
    async with site.visit(scripts=False) as page:
        await log_in(page, "clerk")
        await page.goto("/insurer/products/new?type=PT001")
        await write_basics(page, "无脚本研发费用损失保险")
        row = rows_of(page, "条款").first
        await write_clause(row, "无脚本条款", "905", WRONG_NUMBER, "主险")
        await page.get_by_role("button", name="添加条款").click()
        await expect(rows_of(page, "条款")).to_have_count(2)
        await expect(page.get_by_label("产品名称")).to_have_value("无脚本研发费用损失保险")
        await rows_of(page, "条款").nth(1).get_by_role("button", name="删除此项").click()
        await expect(rows_of(page, "条款")).to_have_count(1)
        await write_component(rows_of(page, "保障责任").first, "费用损失", "资金中断")
        await page.get_by_label("上传材料").set_input_files(PAPER)
        await page.get_by_role("button", name="保存草稿", exact=True).click()
        await expect(page.get_by_text("草稿已保存", exact=True)).to_be_visible()
        number = number_of(page)
        await page.get_by_role("button", name="保存并提交").click()
        await expect(page.get_by_role("alert")).to_contain_text("尚不能提交")
        await expect(rows_of(page, "条款").first.get_by_label("注册号")).to_have_value(WRONG_NUMBER)
        await rows_of(page, "条款").first.get_by_label("注册号").fill(REGISTRATION[:-1] + "5")
        await shoot(page, "no-script")
        await page.get_by_role("button", name="保存并提交").click()
        await expect(page.get_by_text("已提交示范区管委会，等待受理")).to_be_visible()
        assert number_of(page) == number


async def test_api_documentation_needs_no_internet(site: Site) -> None:
    async with site.visit() as page:
        await page.goto("/api/docs")
        await expect(page.locator(".opblock").first).to_be_visible()
        assert await page.locator(".opblock").count() > 30
        await shoot(page, "api-docs", whole=False)


async def test_log_out_ends_the_session(site: Site) -> None:
    async with site.visit() as page:
        await log_in(page, "clerk2")
        await page.goto("/insurer/products")
        name = (
            await page.get_by_role("main")
            .get_by_role("row")
            .nth(1)
            .get_by_role("link")
            .inner_text()
        )
        cookies = await page.context.cookies()
        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_text("已退出登录")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_text(name)).to_have_count(0)
        assert await heading(page) == "机构登录"
        await shoot(page, "after-log-out", whole=False)
        await page.context.add_cookies(cookies)  # somebody kept the old cookie
        await page.goto("/insurer/products")
        assert await heading(page) == "机构登录"
