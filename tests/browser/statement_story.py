"""Statements of the month of the claim, clicked: drawn up, issued, agreed, one line disputed."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.claim_story import LEAD, MANAGER, PARTS, PERIOD, YEAR
from tests.browser.console import Site
from tests.browser.placing_story import number_of
from tests.browser.steps import look, press, refused, step, told

EARLIER = ("2026-07", "2026-08", "2026-09", "2026-10")
"""Months that the demo leaves open; they are closed one after the other."""
NAMES = {"clerk2": "示例长江财产保险股份有限公司", "clerk3": "示例楚天财产保险股份有限公司"}
REASON = "分摊金额与本公司理算不符，请提供公估报告。"


async def close_earlier(site: Site) -> None:
    """What must be there before the story: earlier months, sent without looking at pages."""
    async with site.visit(LEAD) as clerk, site.visit(MANAGER) as manager:
        for period in EARLIER:
            await _send(clerk, "statements", period)
            await _send(manager, "approval", period)
            await _send(manager, "issue", period)


async def _send(page: Page, path: str, period: str) -> None:
    cookies = await page.context.cookies()
    check = next(cookie["value"] for cookie in cookies if cookie["name"] == "eastlake_csrf")
    form = {"_csrf_token": check, "period": period}
    address = f"/pool-accounts/{YEAR}/{path}"
    answer = await page.request.post(address, form=form, max_redirects=0)
    assert answer.status == 303, f"{path} {period}: {answer.status}"


async def issue(site: Site) -> None:
    """The lead draws up all statements of the month; its manager approves and issues them."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/pool-accounts/{YEAR}")
        form = await step(page, "编制结算单")
        period = form.get_by_label("期间")
        await period.fill("2026-12")
        await press(form, "编制结算单")
        await refused(period, "2026-12", "尚未结束")
        await period.fill(PERIOD)
        await press(form, "编制结算单")
        await told(page, "结算单已编制")
    async with site.visit(MANAGER) as page:
        await page.goto(f"/pool-accounts/{YEAR}")
        for label, words, sure in (
            ("批准结算单", "结算单已批准", False),
            ("签发结算单", "结算单已一次签发并封存", True),
        ):
            form = await step(page, label)
            await form.get_by_label("期间").fill(PERIOD)
            await press(form, label, sure=sure)
            await told(page, words)
        await look(page, "accounts-lead")


async def _open(page: Page, login: str) -> str:
    """From the accounts to the own statement of the month; returns its number."""
    await page.goto(f"/pool-accounts/{YEAR}")
    row = page.locator("#statements").get_by_role("row").filter(has_text=PERIOD)
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text(NAMES[login])
    await row.get_by_role("link").first.click()
    return number_of(page)


async def agree(site: Site, login: str) -> None:
    """A follower acknowledges its statement, its manager agrees: all is paid already."""
    async with site.visit(login) as page:
        number = await _open(page, login)
        await expect(page.locator("#lines")).to_contain_text(PARTS[login])
        await press(await step(page, "签收"), "签收")
        await told(page, "已签收")
        await look(page, "statement-acknowledged")
    async with site.visit(login.replace("clerk", "manager")) as page:
        await page.goto(f"/statements/{number}")
        form = await step(page, "确认结算单")
        await press(form, "确认结算单")
        await told(page, "已确认")
        await expect(page.locator(".product-tags").first).to_contain_text("已结清")


async def dispute(site: Site, login: str) -> str:
    """A follower disputes one line and agrees to the rest; returns the number of the dispute."""
    async with site.visit(login) as page:
        number = await _open(page, login)
        line = page.locator("#lines").get_by_role("row").filter(has_text=PARTS[login]).first
        await line.get_by_role("link", name="异议").click()
        form = await step(page, "对一行提出异议")
        amount = form.get_by_label("争议金额")
        await form.get_by_label("理由").fill(REASON)
        await amount.fill("99999万元")
        await press(form, "对一行提出异议")
        await refused(amount, "99999万元", "超过|多于")
        await expect(form.get_by_label("理由")).to_have_value(REASON)
        await look(page, "dispute-refused")
        await amount.fill("")
        await press(form, "对一行提出异议")
        await told(page, "异议已登记")
        await page.locator("#lines").get_by_role("link", name=re.compile("^DP-")).first.click()
        await expect(page.locator("main")).to_contain_text(REASON)
        await expect(page.locator("main")).to_contain_text(PARTS[login])
        await look(page, "dispute")
        found = number_of(page)
    async with site.visit(login.replace("clerk", "manager")) as page:
        await page.goto(f"/statements/{number}")
        form = await step(page, "确认结算单")
        await press(form, "确认结算单")
        await told(page, "已确认")
        await expect(page.locator(".product-tags").first).to_contain_text("1 行有争议")
        await look(page, "statement-disputed")
    return found


async def lead_sees(site: Site, disputed: str) -> None:
    """The lead finds one statement agreed and one disputed, and the dispute on its ladder."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/pool-accounts/{YEAR}")
        for name in NAMES.values():
            row = page.locator("#statements").get_by_role("row").filter(has_text=PERIOD)
            await expect(row.filter(has_text=name)).to_contain_text(re.compile("已确认|已结清"))
        debt = page.locator("#obligations").get_by_role("row").filter(has_text=PARTS["clerk3"])
        await expect(debt.first).to_contain_text(f"争议 {PARTS['clerk3']}")
        await page.locator("#disputes").get_by_role("link", name=disputed).click()
        await expect(page.locator("#ladder")).to_contain_text("协商")
