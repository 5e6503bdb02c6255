"""Accounts of a pool year, clicked: the open break, the ladder of a dispute, the certificate."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import FilePayload, expect

from tests.browser.console import Site, heading
from tests.browser.placing_story import number_of
from tests.browser.steps import look, press, refused, step, told

pytestmark = pytest.mark.browser
LIST: FilePayload = {
    "name": "台账.csv",
    "mimeType": "text/csv",
    "buffer": "本方编号,保单号,项目,金额(元)\r\nJZ-1,没有这张保单,保费,12.34\r\n".encode("gb18030"),
}


async def test_open_break_is_seen_and_another_explained(site: Site) -> None:
    """The break of 150 yuan stays open; words without sense are refused where they stand."""
    async with site.visit("clerk6") as page:
        await page.goto("/pool-accounts/integrated-circuit-2025")
        breaks = page.locator("#breaks")
        short = breaks.get_by_role("row").filter(has_text="金额不符")
        await expect(short).to_contain_text("-150.00 元")
        await expect(short).to_contain_text("待说明")
        reason = short.get_by_label("差异原因")
        await reason.fill("短")
        await short.get_by_role("button", name="登记说明").click()
        await refused(reason, "短", "差异说明")
        await look(page, "break-refused")
        late = breaks.get_by_role("row").filter(has_text="76,800.00 元")
        await late.get_by_label("差异原因").fill("付款成员已书面确认本月补付。")
        await late.get_by_role("button", name="登记说明").click()
        await told(page, "差异说明已登记")
        await expect(late).to_contain_text("示例经办6：付款成员已书面确认本月补付。")
        await expect(short).to_contain_text("待说明")
        assert await page.locator("#breaks form").count() > 0


async def test_bank_file_that_cannot_be_read_says_so_beside_itself(site: Site) -> None:
    async with site.visit("clerk6") as page:
        await page.goto("/pool-accounts/integrated-circuit-2025")
        form = page.locator("#bank")
        await form.locator("summary").click()
        for file, words in (
            ([], "文件"),
            ({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}, "列|表头|银行"),
        ):
            await form.get_by_label("文件").set_input_files(file)  # type: ignore[arg-type]
            await form.get_by_role("button", name="导入").click()
            await expect(form.get_by_role("alert")).to_contain_text(re.compile(words))
        await look(page, "bank-refused")
        assert await page.locator("#runs .badge").count() > 0


async def test_dispute_climbs_its_ladder(site: Site) -> None:
    """Its level is over; a side takes it to the next, and only the member may withdraw it."""
    async with site.visit("clerk4") as page:
        await page.goto("/pool-accounts/new-energy-2026")
        await page.locator("#disputes").get_by_role("link", name=re.compile("^DP-")).first.click()
        number = number_of(page)
        await expect(page.locator(".tiles")).to_contain_text("已过期")
        await expect(page.get_by_role("heading", name="撤回异议")).to_have_count(0)
        await press(await step(page, "提交上一级"), "提交上一级")
        await told(page, "已提交上一级")
        ladder = page.locator("#ladder").get_by_role("row")
        await expect(ladder).to_have_count(3)
        await look(page, "ladder")
    async with site.visit("clerk3") as page:
        await page.goto(f"/pool-disputes/{number}")
        withdraw = await step(page, "撤回异议")
        await press(withdraw, "撤回异议")
        await refused(withdraw.get_by_label("理由"), "", "填写")
        assert await page.get_by_role("heading", name="认定该行有误").count() == 0


async def test_certificate_is_a_page_to_print(site: Site) -> None:
    async with site.visit("manager3") as page:
        await page.goto("/pool-accounts/biomedicine-2026")
        await page.locator("#certificates").get_by_role("link").first.click()
        assert (await heading(page)).startswith("年终无差异证明 ND-2026-")
        await expect(page.locator("main")).to_contain_text("没有未说明的差异")
        await look(page, "certificate")
        await page.emulate_media(media="print")
        await expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
        await expect(page.get_by_text("打印时间")).to_be_visible()
        assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
        path = page.url.removeprefix(site.address)
    async with site.visit("clerk2") as page:
        answer = await page.goto(path)
        assert answer and answer.status == 404, "a stranger to the pool"


async def test_debt_outside_a_run_is_paid_by_hand_and_bears_interest(site: Site) -> None:
    """A late debt with its interest; more than is open is refused; what was typed stays."""
    async with site.visit("clerk6") as page:
        await page.goto("/pool-accounts/integrated-circuit-2025")
        row = page.locator("#obligations").get_by_role("row").filter(has_text="1,431.00 元").first
        await row.get_by_role("link").first.click()
        await expect(page.locator("#interest")).to_contain_text("ACT/365")
        await look(page, "debt")
        form = await step(page, "登记批次外付款")
        amount = form.get_by_label("金额")
        await amount.fill("1万元")
        await form.get_by_label("付款日").fill("2026-11-26")
        await form.get_by_label("银行流水号").fill("HAND-0001")
        await press(form, "登记批次外付款")
        await expect(form.get_by_role("alert")).to_contain_text(re.compile("1,431.00|0.00"))
        await expect(amount).to_have_value("1万元")
        await expect(form.get_by_label("银行流水号")).to_have_value("HAND-0001")
        assert await page.locator("#do-pay [aria-invalid]").count() > 0


async def test_own_list_is_compared_and_evidence_taken_away(site: Site) -> None:
    """A member's list against its statement, line by line; a bundle of the statement."""
    async with site.visit("clerk") as page:
        await page.goto("/pool-accounts/biomedicine-2026")
        await page.locator("#statements").get_by_role("link", name=re.compile("^ST-")).first.click()
        await page.locator("#list").get_by_text("上传对账清单").click()
        upload = page.locator("#list").get_by_label("对账清单", exact=False)
        await page.get_by_role("button", name="比对").click()
        await expect(page.locator("#list").get_by_role("alert")).to_contain_text("对账清单")
        await upload.set_input_files(LIST)
        await page.get_by_role("button", name="比对").click()
        await told(page, "清单已逐行比对")
        await expect(page.get_by_role("row").filter(has_text="成员多列")).to_have_count(1)
        await look(page, "bordereau")
        await page.get_by_role("link", name=re.compile("^结算单 ST-")).click()
        await page.get_by_role("button", name="制作证据包").click()
        await told(page, "证据包已制作")
        await look(page, "evidence")
        for link, ending in (("下载压缩包", ".zip"), ("下载打印稿", ".html")):
            async with page.expect_download() as waiting:
                await page.get_by_role("link", name=link).click()
            assert (await waiting.value).suggested_filename.endswith(ending)
