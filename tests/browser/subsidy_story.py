"""One subsidy clicked from the question what it would bring to the money on the firm's account.

A notice runs for days, so the program has a clock of its own (`at_clock`): it is stopped after the
objection and started again on the day after the notice.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from service.demo.papers import pdf
from tests.browser.console import Site, shoot
from tests.browser.program import Program, new_folder
from tests.browser.story import confirm, take_step

FIRM = "firm5"
SCHEME = "东湖科技保险保费补贴 2026（示例）"
POLICIES = ("示P2026000051", "示P2025000042")
"""A property policy and a first-set policy of one firm, claimed nowhere yet."""
AMOUNTS = ("112,500.00", "153,000.00")
"""40 % of 281,250 yuan of premium; 60 % of 255,000: the demo's example rule, first year."""
WHOLE = "265,500.00"
SIGNER = "示例法定代表人"
APPLIED, OVER = "2026-11-16T10:00", "2026-11-25T10:00"
"""Days on which the firm applies and on which the notice of five working days is over."""
PAID_ON = "2026-11-25"


def paper(name: str) -> FilePayload:
    """A paper to hand in."""
    content = pdf(name, ["浏览器测试材料"])
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": content}


def application_in(page: Page) -> str:
    """The application's number in the address."""
    found = re.search(r"SA-\d{4}-\d+", page.url)
    assert found, page.url
    return found[0]


def tile(page: Page, label: str) -> Locator:
    """The figure on a tile."""
    label_line = page.locator(".tile-label").get_by_text(label, exact=True)
    return page.locator(".tile").filter(has=label_line).locator(".tile-value")


def line_of(page: Page, number: int) -> Locator:
    """One line of the application on the committee's page."""
    return page.locator(f"#line-{number}")


async def to_application(page: Page, number: str, step: str = "") -> None:
    """From the work list to an application."""
    await page.goto("/")
    await page.get_by_role("link", name="补贴工作台").click()
    if step:
        tabs = page.get_by_role("navigation", name="办理环节")
        await tabs.get_by_role("link", name=re.compile(f"^{step}")).click()
    await page.get_by_role("link", name=number).click()


class Stage:
    """The program with its clock and the people at their browsers; one data folder throughout."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.program = Program(new_folder(), clock=APPLIED)
        self.site: Site | None = None

    def open(self) -> Site:
        """The console once the program answers."""
        self.program.ready()
        self.site = Site(self.browser, self.program.address)
        return self.site

    async def later(self) -> Site:
        """Stop the program and start it again on the day after the notice."""
        await self.close()
        self.program.end()
        self.program = Program(self.program.data, clock=OVER)
        return self.open()

    async def close(self) -> None:
        """Close the windows; what the pages complained about fails the test."""
        if self.site is not None:
            await self.site.close()
            assert self.site.complaints == [], self.program.output()[-1500:]


@asynccontextmanager
async def stage_of(browser: Browser) -> AsyncIterator[Stage]:
    """A stage whose program and folder are gone afterwards."""
    stage = Stage(browser)
    try:
        yield stage
        await stage.close()
    finally:
        stage.program.clean_up()


async def apply(site: Site) -> str:
    """The firm's part: what if, draft over two policies, papers, submission."""
    async with site.visit(FIRM) as page:
        await _what_if(page)
        await _draft(page)
        await _hand_in(page)
        return application_in(page)


async def _what_if(page: Page) -> None:
    await page.goto("/firm")
    await page.get_by_role("link", name="补贴申请", exact=True).first.click()
    await page.get_by_role("link", name="可申请的补贴").click()
    await page.get_by_role("link", name=SCHEME).first.click()
    row = page.get_by_role("group", name="保单", exact=True).last
    await row.get_by_label("类别").select_option(label="一般科技保险")
    await row.get_by_label(re.compile("^保费")).fill("28.125")
    await row.get_by_label("责任限额").fill("25000")
    await row.get_by_label("起保日期").fill("2026-07-09")
    await page.get_by_role("button", name="测算").click()
    await expect(tile(page, "测算补贴")).to_contain_text(AMOUNTS[0])
    await shoot(page, "subsidy-what-if")


async def _draft(page: Page) -> None:
    await page.get_by_role("link", name="申请", exact=True).click()
    for policy, amount in zip(POLICIES, AMOUNTS, strict=True):
        choice = page.get_by_role("listitem").filter(has_text=policy)
        await expect(choice).to_contain_text(f"预计 {amount} 元")
        await choice.get_by_role("checkbox").check()
    await shoot(page, "subsidy-policies")
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("草稿已建立，请补充其余内容")).to_be_visible()
    await page.get_by_label("成立日期").fill("2019-05-06")
    await page.get_by_label("信用良好，无严重失信记录").check()
    await page.get_by_label("开户银行").fill("示例银行光谷支行")
    await page.get_by_label("账号", exact=False).fill("420000000000000005")
    await page.get_by_label("联系人", exact=False).fill("示例联系人五")
    await page.get_by_label("联系电话").fill("027-00000005")
    await page.get_by_label("真实性承诺签署人").fill(SIGNER)
    await shoot(page, "subsidy-draft")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.get_by_text("已保存，测算和缺少的内容见下")).to_be_visible()


async def _hand_in(page: Page) -> None:
    papers = page.locator("#papers")
    await shoot(page, "subsidy-missing")
    missing = papers.get_by_role("listitem").filter(has=page.get_by_text("缺", exact=True))
    while await missing.count():
        title = (await missing.first.inner_text()).splitlines()[0].removeprefix("缺").strip()
        await papers.get_by_label("上传哪一项").select_option(label=title)
        await papers.get_by_label("文件").set_input_files(paper(title))
        await papers.get_by_role("button", name="上传", exact=True).click()
        handed = papers.get_by_role("listitem").filter(has_text=re.compile(rf"已交\s*{title}"))
        await expect(handed).to_have_count(1)
    await expect(page.get_by_text("内容和材料齐全", exact=True)).to_be_visible()
    await confirm(page, "提交申请")
    await expect(page.get_by_text("申请已提交，等待管委会受理")).to_be_visible()
    await expect(tile(page, "预计补贴")).to_contain_text(WHOLE)
    await shoot(page, "subsidy-submitted")


async def review(site: Site, number: str) -> None:
    """Acceptance and first review by one officer, second review by another."""
    async with site.visit("officer") as page:
        await to_application(page, number, "已提交")
        await shoot(page, "subsidy-on-desk")
        await take_step(page, "受理", "材料齐全")
        await expect(page.get_by_text("已受理", exact=True).first).to_be_visible()
        await take_step(page, "开始初审")
        await expect(page.get_by_text("已开始初审", exact=True)).to_be_visible()
        await _pass(page, "初审意见")
        await expect(page.get_by_text("初审意见已提交", exact=True)).to_be_visible()
    async with site.visit("officer2") as page:
        await to_application(page, number, "复审")
        await _pass(page, "复审意见")
        await expect(page.get_by_text("复审意见已提交", exact=True)).to_be_visible()


async def _pass(page: Page, step: str) -> None:
    form = page.locator("details").filter(has=page.get_by_role("heading", name=step, exact=True))
    await form.get_by_label(re.compile("^意见(?!说明)")).select_option(label="通过")
    await take_step(page, step)


async def announce(site: Site, number: str) -> str:
    """Public notice of this application alone; returns the notice's number."""
    async with site.visit("officer") as page:
        await page.goto("/subsidy/notices")
        panel = page.locator("#waiting .panel").filter(has_text=number)
        for box in await panel.get_by_role("checkbox").all():
            await box.uncheck()
        await panel.get_by_role("checkbox", name=re.compile(number)).check()
        await panel.get_by_label("公示标题").fill("2026年示例保费补贴公示（浏览器测试）")
        await shoot(page, "subsidy-announce")
        await panel.get_by_role("button", name=re.compile("^发布公示")).click()
        await page.get_by_role("dialog").get_by_role("button", name="确认执行").click()
        told = page.get_by_text(re.compile(r"已发布公示 GS-\d{4}-\d+，至 2026-11-23 止"))
        await expect(told).to_be_visible()
        found = re.search(r"GS-\d{4}-\d+", await told.inner_text())
        assert found
        return found[0]


async def object_to(site: Site, number: str, notice: str) -> str:
    """Somebody without log-in contests the first line; an officer admits it."""
    async with site.visit() as page:
        await page.goto("/notices")
        await page.get_by_role("link", name="2026年示例保费补贴公示（浏览器测试）").click()
        row = page.get_by_role("row").filter(has_text=f"{number} 第 1 项")
        await row.get_by_role("link", name="对此项提出异议").click()
        await page.get_by_label("真实姓名或单位名称").fill("示例举报人王五")
        await page.get_by_label("联系方式").fill("027-00000099")
        await page.get_by_label("异议内容与依据").fill("该企业厂房已停用，保险金额与实际财产不符。")
        await shoot(page, "subsidy-objecting")
        await page.get_by_role("button", name="提交异议").click()
        told = page.get_by_text(re.compile("异议已收到，编号"))
        await expect(told).to_be_visible()
        found = re.search(r"YY-\d{4}-\d+", await told.inner_text())
        assert found
        await expect(page.get_by_text("王五")).to_have_count(0)
    async with site.visit("officer") as page:
        await page.goto("/subsidy/notices")
        card = page.locator(f"#objection-{found[0]}")
        await expect(card).to_contain_text("示例举报人王五")
        await card.get_by_text("登记异议", exact=True).first.click()
        await card.get_by_label("登记意见").fill("内容具体，予以登记")
        await card.get_by_role("button", name="登记异议").click()
        await to_application(page, number, "异议处理")
        await expect(line_of(page, 1)).to_contain_text("异议冻结")
        await expect(line_of(page, 2)).not_to_contain_text("异议冻结")
        await shoot(page, "subsidy-frozen")
    return found[0]


async def approve(site: Site, number: str, amount: str, shot: str) -> None:
    """The approver approves what nothing stands against."""
    async with site.visit("approver") as page:
        await page.goto(f"/subsidy/applications/{number}")
        await take_step(page, "批准", "无异议部分同意批准。")
        await page.get_by_role("button", name="确认执行").click()
        await expect(page.get_by_text("已批准，预算已占用", exact=True)).to_be_visible()
        await expect(tile(page, "批准金额")).to_contain_text(amount)
        await shoot(page, shot)


async def dismiss(site: Site, objection: str) -> None:
    """Another approver finds the objection unfounded."""
    async with site.visit("approver2") as page:
        await page.goto("/subsidy/notices")
        card = page.locator(f"#objection-{objection}")
        await card.get_by_text("作出决定", exact=True).first.click()
        await card.get_by_label("决定").select_option(label="异议不成立，解除冻结")
        await card.get_by_label("理由").fill("现场核实财产在用，保险金额相符。")
        await card.get_by_role("button", name=re.compile("^作出决定")).click()
        await page.get_by_role("dialog").get_by_role("button", name="确认执行").click()
        await expect(card).to_have_count(0)
        await page.goto("/subsidy/objections")
        await expect(card).to_contain_text("现场核实财产在用")
        await shoot(page, "subsidy-dismissed")


async def pay(site: Site, number: str, amount: str, folder: Path) -> None:
    """A batch by one, approved by another, the bank file out and its result in."""
    async with site.visit("officer") as page:
        await open_scheme(page)
        await take_step(page, "编制拨付批次")
        await expect(page.get_by_text("拨付批次已编制，待另一人审批")).to_be_visible()
        await page.get_by_role("link", name=re.compile(r"^PB-\d{4}-\d+$")).first.click()
        path = page.url.removeprefix(site.address)
        row = page.get_by_role("row").filter(has_text=number)
        await expect(row).to_contain_text(amount)
    async with site.visit("approver2") as page:
        await page.goto(path)
        await take_step(page, "批准拨付")
        await page.get_by_role("button", name="确认执行").click()
        await expect(page.get_by_text("批次已批准，可导出银行文件")).to_be_visible()
    async with site.visit("officer") as page:
        await page.goto(path)
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="下载银行文件（CSV）").click()
        file = folder / "bank.csv"
        await (await waiting.value).save_as(file)
        assert number in file.read_text("utf-8-sig")
        await page.goto(path)
        await shoot(page, "subsidy-batch")
        await _result(page)


async def _result(page: Page) -> None:
    await page.get_by_text("逐笔登记").click()
    rows = page.get_by_role("group", name="付款结果", exact=True)
    batch = re.sub(r"\D", "", page.url)
    for position in range(1, await rows.count()):
        row = rows.nth(position)
        await row.get_by_label(re.compile("^结果")).select_option(label="成功")
        await row.get_by_label("银行流水号").fill(f"BT{batch}{position:04d}")
        await row.get_by_label("付款日期").fill(PAID_ON)
    await page.get_by_role("button", name="登记结果").click()
    await expect(page.get_by_text("银行结果已入账", exact=True)).to_be_visible()
    await shoot(page, "subsidy-batch-done")


async def open_scheme(page: Page) -> None:
    """To the scheme with its budget."""
    await page.goto("/")
    await page.get_by_role("link", name="预算与拨付").click()
    await page.get_by_role("link", name=SCHEME).first.click()
