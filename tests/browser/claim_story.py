"""A loss from its notice to the last fen, clicked by the lead and the members that follow it.

The demo's pool of new energy: insurer 4 leads, 2, 3 and 7 follow, 7 is in default since October.
2,900,000.00 元 of loss less 300,000.00 元 of deductible; shares by capacity 60, 40, 32, 20 of 152.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.console import Site, heading
from tests.browser.placing_story import number_of
from tests.browser.steps import look, press, refused, step, told

YEAR, PERIOD = "new-energy-2026", "2026-11"
CLOCK, AFTER = "2026-11-27T10:00", "2026-12-01T10:00"
"""The day of the claim, and the day after the month has ended."""
POLICY = "示例园区储能电站综合险"
LEAD, MANAGER = "clerk4", "manager4"
FOLLOWERS = ("2", "3")
CAUSE = "储能变流器起火"
AGREED = "2,600,000.00"
PARTS = {
    LEAD: "1,026,315.79 元",
    "clerk2": "684,210.51 元",
    "clerk3": "547,368.43 元",
    "clerk7": "342,105.27 元",
}
"""2,600,000 yuan by 39.473684, 26.315789, 21.052632 and 13.157895 % (自行演算)."""
NOTICE = "出险通知"
HEADER = "银行流水号,附言,付款户名,收款户名,金额(元),入账日期,结果\r\n"


async def notify(site: Site) -> str:
    """The lead notifies of a loss on the placement, wrongly at first."""
    async with site.visit(LEAD) as page:
        await page.goto("/placements")
        await page.get_by_role("link", name=POLICY).click()
        await page.get_by_role("link", name="报案").click()
        assert await heading(page) == "报案"
        await page.get_by_label("出险日").fill("2026-11-24")
        await page.get_by_label("出险原因").fill(CAUSE)
        estimate = page.get_by_label("估损")
        await estimate.fill("约三百万")
        await page.get_by_role("button", name="报案", exact=True).click()
        await refused(estimate, "约三百万", "金额")
        await expect(page.get_by_label("出险原因")).to_have_value(CAUSE)
        await look(page, "claim-refused")
        await estimate.fill("290")
        await page.get_by_label("出险地点").fill("示例园区储能站二号舱")
        await page.get_by_role("button", name="报案", exact=True).click()
        await told(page, "报案已登记")
        return number_of(page)


async def tell(site: Site, number: str) -> None:
    """Registered, told to every member, served."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/claims/{number}")
        await press(await step(page, "立案"), "立案")
        await told(page, "已立案")
        sent = await step(page, "发出通知")
        await sent.get_by_label("通知事项").select_option(label=NOTICE)
        await press(sent, "发出通知")
        await told(page, "通知已发出")
        served = await step(page, "登记送达")
        await served.get_by_label("通知事项").select_option(label=NOTICE)
        await press(served, "登记送达")
        await refused(served.get_by_label("送达方式"), "", "填写")
        await served.get_by_label("送达方式").fill("电子邮件并电话确认")
        await press(served, "登记送达")
        await told(page, "送达已登记")


async def acknowledge(site: Site, login: str, number: str) -> None:
    """A follower signs for the notice."""
    async with site.visit(login) as page:
        await page.goto("/claims")
        await page.get_by_role("link", name=number).click()
        form = await step(page, "签收通知")
        await form.get_by_label("通知事项").select_option(label=NOTICE)
        await press(form, "签收通知")
        await told(page, "已签收")


async def assess(site: Site, number: str) -> None:
    """Surveyed together, assessed after the deductible."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/claims/{number}")
        form = await step(page, "登记查勘")
        await form.get_by_label("查勘日期").fill("2026-11-25")
        await form.get_by_label("查勘人").fill("示例公估机构")
        await form.get_by_label("地点").fill("二号舱")
        await form.get_by_label("联合查勘").check()
        await form.get_by_label("查勘结论").fill("变流器绝缘击穿起火，属于保险责任。")
        for choice in await form.get_by_role("combobox").all():
            await choice.select_option(label="到场")
        await press(form, "登记查勘")
        await told(page, "查勘已登记")
        form = await step(page, "定损理算")
        loss = form.get_by_label("损失金额")
        await loss.fill("-1")
        await press(form, "理算并留存")
        await refused(loss, "-1", "分项损失.*损失金额")
        await loss.fill("290万元")
        await press(form, "理算并留存")
        await told(page, "理算书已留存")
        await expect(page.locator("#why")).to_contain_text(f"{AGREED} 元")
        await look(page, "claim-assessed")


async def ask(site: Site, number: str) -> str:
    """Above the lead's authority: members are asked; returns the number of the request."""
    async with site.visit(MANAGER) as page:
        await page.goto(f"/claims/{number}")
        await press(await step(page, "核定赔付"), "核定赔付", sure=True)
        await expect(page.locator("#do-agree").get_by_role("alert")).to_contain_text("同意")
        form = await step(page, "征求成员同意")
        await form.get_by_label("征求事项").select_option(label="同意赔付")
        await press(form, "征求成员同意")
        await told(page, "已征求成员同意")
        await page.get_by_role("link", name=re.compile("^征求同意 ")).click()
        form = await step(page, "登记送达")
        await form.get_by_label("送达方式").fill("电子邮件并电话确认")
        await press(form, "登记送达")
        await told(page, "送达")
        await look(page, "consent-lead")
        return number_of(page)


async def consent(site: Site, login: str, request: str) -> None:
    """A follower's manager finds the request among those to answer and agrees."""
    async with site.visit(login) as page:
        await page.goto("/consents")
        await page.get_by_role("link", name=request).click()
        form = await step(page, "答复")
        answer = form.get_by_label("本公司意见")
        await press(form, "答复", sure=True)
        await refused(answer, "", "必填|填写|选择")
        await answer.select_option(label="同意")
        await press(form, "答复", sure=True)
        await told(page, "答复已登记")
        await look(page, "consent-follower")


async def pay(site: Site, number: str) -> None:
    """Agreed by the manager, paid by the clerk; a payment above what is left is refused."""
    async with site.visit(MANAGER) as page:
        await page.goto(f"/claims/{number}")
        await press(await step(page, "核定赔付"), "核定赔付", sure=True)
        await told(page, "已核定赔付")
    async with site.visit(LEAD) as page:
        await page.goto(f"/claims/{number}")
        form = await step(page, "支付赔款")
        amount = form.get_by_label("金额")
        await amount.fill("2,700,000")
        await form.get_by_label("银行流水号").fill("NE-PAY-1")
        await form.get_by_label("受益对象").select_option(label="被保险人")
        for label in ("受益人", "收款户名"):
            await form.get_by_label(label).fill("示例左岭储能科技有限公司")
        await form.get_by_label("收款账号").fill("4200 6600 0001 0005")
        await press(form, "支付赔款", sure=True)
        await refused(amount, "2,700,000", "超过")
        await expect(form.get_by_label("银行流水号")).to_have_value("NE-PAY-1")
        await look(page, "payment-refused")
        await amount.fill("260万元")
        await press(form, "支付赔款", sure=True)
        await told(page, "赔款已入账")
        for part in PARTS.values():
            await expect(page.locator("main")).to_contain_text(part)
        await look(page, "claim-paid")
        form = await step(page, "发出通知")
        await form.get_by_label("通知事项").select_option(label="结案资料")
        await press(form, "发出通知")
        form = await step(page, "登记送达")
        await form.get_by_label("通知事项").select_option(label="结案资料")
        await form.get_by_label("送达方式").fill("电子邮件并电话确认")
        await press(form, "登记送达")
        await told(page, "送达已登记")


async def owes(site: Site, login: str, number: str) -> None:
    """The follower sees what it owes for the claim, and nothing of what others owe."""
    async with site.visit(login) as page:
        await page.goto(f"/claims/{number}")
        await expect(page.locator("#why")).to_contain_text(PARTS[login])
        await look(page, "claim-follower")
        await page.goto(f"/pool-accounts/{YEAR}")
        row = page.locator("#obligations").get_by_role("row").filter(has_text=number)
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("赔款摊回")
        await expect(row).to_contain_text(PARTS[login])
        text = await page.content()
        assert [part for who, part in PARTS.items() if who != login and part in text] == []
        await look(page, "accounts-follower")


async def settle(site: Site, number: str, folder: Path) -> str:
    """What is due goes into a run, another agrees, the bank pays; returns the run's number."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/pool-accounts/{YEAR}")
        form = await step(page, "编制清算批次")
        await form.get_by_label("方式").select_option(label="逐笔全额")
        await press(form, "编制清算批次")
        await refused(form.get_by_label("到期日截至"), "", "填写")
        await form.get_by_label("到期日截至").fill("2026-12-04")
        await press(form, "编制清算批次")
        await told(page, "清算批次已编制")
        await page.locator("#runs").get_by_role("link", name=re.compile("^SR-")).first.click()
        run = number_of(page)
        await expect(page.locator("#instructions")).to_contain_text(PARTS["clerk2"])
        await look(page, "run")
    async with site.visit(MANAGER) as page:
        await page.goto(f"/settlement-runs/{run}")
        await press(await step(page, "同意清算"), "同意清算", sure=True)
        await told(page, "清算已同意")
    async with site.visit(LEAD) as page:
        await _bank(page, run, folder)
        row = page.locator("#runs").get_by_role("row").filter(has_text=run)
        await expect(row).to_contain_text("未能付清")
        await page.goto(f"/claims/{number}")
        debt = page.locator("#why").get_by_role("row").filter(has_text=PARTS["clerk2"])
        await expect(debt.get_by_role("cell", name=PARTS["clerk2"])).to_have_count(2)
    return run


async def _bank(page: Page, run: str, folder: Path) -> None:
    """The payment file out, and what the bank made of it in.

    Nothing comes of the member in default, nor of the one that is going to dispute its line.
    """
    await page.goto(f"/settlement-runs/{run}")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载付款文件（CSV）").click()
    file = folder / "pay.csv"
    await (await waiting.value).save_as(file)
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    lines = [
        f"NE{n:05d},{row['附言']},{row['付款户名']},{row['收款户名']},"
        f"{row['金额(元)'].replace(',', '')},2026-11-27,"
        f"{'失败' if re.search('云梦|楚天', row['付款户名']) else '成功'}\r\n"
        for n, row in enumerate(rows)
    ]
    result = folder / "bank.csv"
    result.write_bytes((HEADER + "".join(lines)).encode("gb18030"))
    await page.goto(f"/pool-accounts/{YEAR}")
    await page.get_by_text("导入银行结果文件").click()
    await page.get_by_label("文件（CSV 或 Excel）").set_input_files(result)
    await page.get_by_role("button", name="导入", exact=True).click()
    await told(page, "银行文件已入账")
