"""One product from its first line to the library, clicked as its people do it.

`Story` walks each part once, whichever test asks first; the parts return the product's number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.async_api import FilePayload, Locator, Page, expect

from service.demo.papers import pdf
from tests.browser.console import Site, heading, log_in, monitor_count, shoot

WORD = "晨星"
NAME = f"{WORD}研发费用损失保险"
WRONG_NUMBER = "C12345"
REGISTRATION = "C99000190112025031590101"
RIDER_REGISTRATION = "C99000190122025031590102"
ELIGIBILITY = "项目已立项并有任务书，研发费用单独核算"
PAPER: FilePayload = {
    "name": "晨星条款.pdf",
    "mimeType": "application/pdf",
    "buffer": pdf("晨星研发费用损失保险条款", ["第一条 保险责任", "第二条 责任免除"]),
}


def number_of(page: Page) -> str:
    """The product's number in the address."""
    found = re.search(r"P-\d{4}-\d+", page.url)
    assert found, page.url
    return found[0]


def rows_of(page: Page, title: str) -> Locator:
    """The rows of a repeated group (条款, 保障责任)."""
    group = page.get_by_role("group", name=title, exact=True).first
    return group.get_by_role("group", name=title, exact=True)


async def write_basics(page: Page, name: str = NAME) -> None:
    """Who may buy it, at what price, and whom to ask."""
    await page.get_by_label("产品名称").fill(name)
    await page.get_by_label("产品简介").fill("研发项目失败时补偿已投入的研发费用。")
    await page.get_by_label("生物医药", exact=True).check()
    await page.get_by_label("适用企业").fill("在武汉市注册的科技型企业")
    await page.get_by_label("投保条件").fill(ELIGIBILITY)
    await page.get_by_label("投保所需材料").fill("营业执照\n项目任务书")
    await page.get_by_label("最低费率").fill("1.2")
    await page.get_by_label("最高费率").fill("4.5%")
    await page.get_by_label("最低保险金额").fill("50")
    await page.get_by_label("最高保险金额").fill("3000万元")
    await page.get_by_label("联系人").fill("示例联系人")
    await page.get_by_label("联系电话").fill("027-88000001")


async def write_clause(row: Locator, title: str, serial: str, number: str, kind: str) -> None:
    """One clause with its two numbers."""
    await row.get_by_label("类别").select_option(label=kind)
    await row.get_by_label("条款名称").fill(title)
    part = "主" if kind == "主险" else "附"
    await row.get_by_label("备案编号").fill(
        f"(示例科技财险)(备-费用损失保险)【2025】({part}){serial}号"
    )
    await row.get_by_label("注册号").fill(number)


async def write_component(row: Locator, name: str, exclusions: str) -> None:
    """One coverage component."""
    await row.get_by_label("责任名称").fill(name)
    await row.get_by_label("保险事故").fill(f"{name}：项目被迫终止，已实际发生的费用")
    await row.get_by_label("责任免除").fill(exclusions)
    await row.get_by_label("责任限额").fill("2000")


async def confirm(page: Page, button: str) -> None:
    """Press a button that asks first, and say yes in the page's dialogue."""
    await page.get_by_role("button", name=button).click()
    dialogue = page.get_by_role("dialog", name="请确认")
    await dialogue.get_by_role("button", name="确认执行").click()


async def take_step(page: Page, label: str, note: str = "") -> None:
    """Press one of the steps of the review page, open or folded."""
    step = page.locator("details").filter(has=page.get_by_role("heading", name=label, exact=True))
    if await step.get_attribute("open") is None:
        await step.locator("summary").click()
    if note:
        await step.get_by_label("意见").last.fill(note)
    await step.get_by_role("button", name=re.compile(f"^{label}…?$")).click()


@dataclass
class Story:
    """What has been walked so far."""

    site: Site
    filed_number: str = ""
    entered_number: str = ""
    counts: list[int] = field(default_factory=list)

    async def filed(self) -> str:
        """The insurer's part, up to submission."""
        if not self.filed_number:
            async with self.site.visit() as page:
                await log_in(page, "clerk")
                await self._draft(page)
                await self._see_findings(page)
                await self._correct(page)
                self.filed_number = number_of(page)
        return self.filed_number

    async def _draft(self, page: Page) -> None:
        await page.get_by_role("link", name="我的产品").click()
        await page.get_by_role("link", name="登记新产品").first.click()
        await page.get_by_label("搜索产品类型").fill("研发费用")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name=re.compile("PT001")).click()
        assert await heading(page) == "登记新产品"
        await shoot(page, "insurer-new")
        await write_basics(page)
        await page.get_by_label("投保条件").fill("")
        first = rows_of(page, "条款").first
        await write_clause(first, "晨星研发费用损失保险条款", "901", WRONG_NUMBER, "主险")
        await page.get_by_role("button", name="添加条款").click()
        second = rows_of(page, "条款").nth(1)
        title = "附加关键设备损坏条款"
        await write_clause(second, title, "902", RIDER_REGISTRATION, "附加险")
        await write_component(rows_of(page, "保障责任").first, "项目终止费用损失", "资金中断")
        await page.get_by_role("button", name="添加保障责任").click()
        second = rows_of(page, "保障责任").nth(1)
        await write_component(second, "关键设备损坏后的重复研发费用", "未按规程维护")
        await page.get_by_label("上传材料").set_input_files(PAPER)
        await page.get_by_label("向公众公开").check()
        await shoot(page, "insurer-filled")

    async def _see_findings(self, page: Page) -> None:
        """Submission is refused; what is wrong stands beside the fields, all typed text stays."""
        await page.get_by_role("button", name="保存并提交").click()
        summary = page.get_by_role("alert")
        await expect(summary).to_contain_text("草稿已保存，尚不能提交")
        number = rows_of(page, "条款").first.get_by_label("注册号")
        await expect(number).to_have_value(WRONG_NUMBER)
        await expect(number).to_have_attribute("aria-invalid", "true")
        await expect(number).to_have_accessible_description(re.compile("须改正.*注册"))
        missing = page.get_by_label("投保条件")
        await expect(missing).to_have_accessible_description(re.compile("须改正"))
        await expect(page.get_by_label("产品名称")).to_have_value(NAME)
        await expect(page.get_by_label("最高保险金额")).to_have_value(re.compile("3,?000"))
        await expect(rows_of(page, "保障责任")).to_have_count(2)
        await expect(page.get_by_role("link", name="晨星条款.pdf")).to_be_visible()
        await shoot(page, "insurer-findings")
        await summary.get_by_role("link", name=re.compile("注册")).first.click()
        await expect(number).to_be_in_viewport()

    async def _correct(self, page: Page) -> None:
        number = rows_of(page, "条款").first.get_by_label("注册号")
        await number.fill(REGISTRATION)
        await page.get_by_label("投保条件").fill(ELIGIBILITY)
        await page.get_by_role("button", name="保存并检查").click()
        await expect(page.get_by_text("草稿已保存，检查结果见下")).to_be_visible()
        await expect(page.get_by_text("须改正")).to_have_count(0)
        await shoot(page, "insurer-checked")
        await page.get_by_role("button", name="保存并提交").click()
        await expect(page.get_by_text("已提交示范区管委会，等待受理")).to_be_visible()
        await shoot(page, "insurer-submitted")

    async def entered(self) -> str:
        """The committee's part: returned once, answered, recommended, approved by another."""
        if not self.entered_number:
            number = await self.filed()
            await self._return(number)
            await self._answer(number)
            await self._recommend(number)
            await self._approve(number)
            self.entered_number = number
        return self.entered_number

    async def _return(self, number: str) -> None:
        async with self.site.visit("officer") as page:
            await page.goto("/")
            await page.get_by_role("link", name="审核工作台").click()
            await expect(page.get_by_role("heading", level=1, name="审核工作台")).to_be_visible()
            await shoot(page, "committee-queue")
            await page.get_by_role("link", name=NAME).click()
            await take_step(page, "受理")
            await take_step(page, "开始审核")
            await expect(page.get_by_role("heading", name="检查结果")).to_be_visible()
            alike = page.locator("#alike")
            await expect(alike.get_by_role("heading", name="疑似重复")).to_be_visible()
            await expect(alike).to_contain_text("科研无忧研发费用损失保险")
            await shoot(page, "committee-review")
            await page.get_by_role("link", name="退回补正").click()
            step = page.locator("#do-return")
            await expect(step).to_be_visible()
            rows = rows_of(page, "审核意见")
            await rows.first.get_by_label("涉及内容").select_option(label="投保条件")
            await rows.first.get_by_role("textbox", name="意见").fill("请写明技术就绪度要求。")
            await step.get_by_role("button", name="再加一条意见").click()
            await rows.nth(1).get_by_role("textbox", name="意见").fill("请补充费率表。")
            await shoot(page, "committee-return", whole=False)
            await step.get_by_role("button", name="退回补正", exact=True).click()
            await expect(page.get_by_text("已退回补正，待保险公司答复")).to_be_visible()
            assert number_of(page) == number

    async def _answer(self, number: str) -> None:
        async with self.site.visit("clerk") as page:
            await page.goto("/insurer/products")
            await page.get_by_role("link", name=NAME).click()
            await expect(page.get_by_text("待答复")).to_have_count(2)
            await shoot(page, "insurer-returned")
            for position, text in ((1, "已写明三级以上。"), (2, "已上传费率表。")):
                await page.get_by_label(f"对第 {position} 条的答复").fill(text)
                item = page.get_by_role("listitem").filter(has_text=f"第 {position} 条")
                await item.get_by_role("button", name="答复").click()
                await expect(page.get_by_text(f"已答复第 {position} 条审核意见")).to_be_visible()
            await page.get_by_role("link", name="编辑", exact=True).click()
            await page.get_by_label("投保条件").fill(f"{ELIGIBILITY}，技术就绪度不低于三级")
            await page.get_by_label("上传材料").set_input_files({**PAPER, "name": "费率表.pdf"})
            await page.get_by_label("材料类别").select_option(label="费率表")
            await page.get_by_role("button", name="上传并保存草稿").click()
            await expect(page.get_by_role("link", name="费率表.pdf")).to_be_visible()
            await page.get_by_role("link", name="返回").click()
            await confirm(page, "补正后重新提交")
            await expect(page.get_by_text("已提交示范区管委会，等待受理")).to_be_visible()
            assert number_of(page) == number

    async def _recommend(self, number: str) -> None:
        async with self.site.visit("officer") as page:
            await page.goto(f"/committee/products/{number}")
            await take_step(page, "受理")
            await take_step(page, "开始审核")
            await expect(page.get_by_role("heading", name="补正内容")).to_be_visible()
            step = page.locator("#do-recommend")
            if not await step.is_visible():
                await page.get_by_role("heading", name="提出审核建议", exact=True).click()
            await step.get_by_role("combobox").select_option(label="建议入库")
            await step.get_by_role("textbox", name="审核意见").fill("材料齐备，建议入库。")
            await step.get_by_role("button", name="提出审核建议").click()
            await expect(page.get_by_text("审核建议已提交，待审批")).to_be_visible()
            await expect(page.get_by_role("button", name=re.compile("批准入库"))).to_have_count(0)
            status = await page.evaluate(
                """async (address) => {
                    const form = new FormData();
                    form.append("_csrf_token", document.querySelector("[name=_csrf_token]").value);
                    form.append("confirmed", "1");
                    const options = {method: "POST", body: new URLSearchParams(form)};
                    return (await fetch(address, options)).status;
                }""",
                f"/committee/products/{number}/entry",
            )
            assert status == 403, "the officer cannot approve, whatever the page shows"

    async def _approve(self, number: str) -> None:
        async with self.site.visit("approver") as page:
            self.counts.append(await monitor_count(page))
            await page.goto("/committee/queue?step=recommended")
            await page.get_by_role("link", name=NAME).click()
            assert number_of(page) == number
            await take_step(page, "批准入库")
            assert await heading(page) == "请确认：批准入库"
            await expect(page.get_by_text("经办建议")).to_be_visible()
            await shoot(page, "committee-confirm")
            await page.get_by_role("button", name="确认批准入库").click()
            await expect(page.get_by_text("已批准入库", exact=True)).to_be_visible()
            await shoot(page, "committee-entered")
            self.counts.append(await monitor_count(page))
