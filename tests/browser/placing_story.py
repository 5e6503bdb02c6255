"""A risk placed in a pool of single lines, clicked by the members that take part in it.

The demo's pool of biomedicine: insurer 3 leads and issues, 1, 5 and 7 follow. 60,000.00 元 of
premium; the lines make 117 %, so every member is signed down by 117.
"""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from service.demo import people
from tests.browser.console import Site, heading
from tests.browser.steps import look, paper, press, refused, step, told

YEAR = "biomedicine-2026"
POOL = "生物医药产业科技保险共保体"
LEAD, MANAGER = "clerk3", "manager3"
TITLE = "示例联合实验室设备一切险"
INSURED = people.firm_uscc(9)
PREMIUM = "600,000.00 元"
LINES = {LEAD: "40%", "clerk": "35%", "clerk5": "25%", "clerk7": "17%"}
SIGNED = {
    LEAD: "34.188034%",
    "clerk": "29.91453%",
    "clerk5": "21.367521%",
    "clerk7": "14.529915%",
}
"""40, 35, 25 and 17 of 117, to the hundred-millionth (自行演算)."""
PARTS = {
    LEAD: "205,128.20 元",
    "clerk": "179,487.18 元",
    "clerk5": "128,205.13 元",
    "clerk7": "87,179.49 元",
}
"""600,000 yuan by those shares (自行演算)."""
NAMES = {LEAD: "示例楚天财", "clerk": "示例科技财", "clerk5": "示例黄鹤财", "clerk7": "示例云梦责"}
"""How the names of the members begin, in full and in short."""


def number_of(page: Page) -> str:
    """The number at the end of the address."""
    return page.url.partition("#")[0].rpartition("/")[2]


async def submit(site: Site) -> str:
    """The issuer drafts a risk, wrongly at first, submits it and asks for lines."""
    async with site.visit(LEAD) as page:
        await _draft(page)
        number = number_of(page)
        await press(await step(page, "提交"), "提交")
        await told(page, "风险已提交")
        market = await step(page, "发起认购")
        until = market.get_by_label("认购截止")
        await until.fill("2026-11-20")
        await press(market, "发起认购")
        await refused(until, "2026-11-20", "早于今天")
        await until.fill("2026-12-04")
        await press(await step(page, "发起认购"), "发起认购")
        await told(page, "已向成员发起认购")
        await expect(page.locator("#market")).to_contain_text("尚缺 100%")
    return number


async def _draft(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="共保体", exact=True).click()
    await page.get_by_role("link", name=POOL).click()
    await page.get_by_role("link", name="2026 年度", exact=True).click()
    await look(page, "pool-year-lead")
    await page.get_by_role("link", name="提交新风险").click()
    assert await heading(page) == "提交新风险"
    await _write(page)
    await page.get_by_label("被保险企业").fill(INSURED[:-1] + "X")
    premium = page.get_by_label("保险费").first
    await premium.fill("六十万")
    await page.get_by_role("button", name="保存", exact=True).click()
    await refused(premium, "六十万", "金额")
    await look(page, "risk-refused")
    await premium.fill("60万元")
    await page.get_by_role("button", name="保存", exact=True).click()
    await refused(page.get_by_label("被保险企业"), INSURED[:-1] + "X", "校验")
    await expect(premium).to_have_value(re.compile("60万元|600,000.00"))
    await expect(page.get_by_label("累积区代码")).to_have_value("GG-BIO")
    await page.get_by_label("被保险企业").fill(INSURED)
    await page.get_by_role("button", name="保存", exact=True).click()
    await told(page, "风险草稿已保存")


async def _write(page: Page) -> None:
    await page.get_by_label("产品编号").fill("P-2026-000007")
    await page.get_by_label("风险名称").fill(TITLE)
    await page.get_by_label("险种").fill("实验室一切险")
    await page.get_by_label("地点").fill("武汉东湖高新区示例大道 9 号")
    await page.get_by_label("重大科技攻关项目").fill("示例生物制造攻关")
    await page.get_by_label("项目编号").fill("示例攻关〔2026〕21号")
    await page.get_by_label("起期").fill("2026-12-15")
    await page.get_by_label("止期").fill("2027-12-14")
    await page.get_by_label("保险金额").fill("1.5亿元")
    await page.get_by_label("费率").fill("4‰")
    await page.get_by_label("免赔额").fill("15")
    section = page.get_by_role("group", name="分项或分层", exact=True).last
    await section.get_by_label(re.compile("^限额")).fill("15000")
    await section.get_by_label("保险费").fill("60万元")
    await page.get_by_role("button", name="增加一区").click()
    await page.get_by_label("累积区代码").fill("GG-BIO")
    await page.get_by_label("一次事故可能损失比例").fill("50")


async def write_line(site: Site, login: str, number: str, *, wrong: str = "") -> None:
    """A member writes its line, in a window of its own."""
    async with site.visit(login) as page:
        await page.goto("/risks")
        await page.get_by_role("link", name=TITLE).click()
        line = await step(page, "填写本公司认购")
        share = line.get_by_label("认购份额")
        await share.fill(wrong or LINES[login])
        await line.get_by_label("有效至").fill("2026-12-15")
        await press(line, "填写本公司认购")
        if wrong:
            await refused(share, wrong, "份额")
            await expect(line.get_by_label("有效至")).to_have_value("2026-12-15")
            await look(page, "line-refused")
            await share.fill(LINES[login])
            await press(line, "填写本公司认购")
        await told(page, "认购已登记")
        assert number_of(page) == number


async def missing(site: Site, number: str, words: str, name: str) -> None:
    """What the placement room says about what is missing to 100 %."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/risks/{number}")
        await expect(page.locator("#market")).to_contain_text(words)
        await look(page, name)


async def check(site: Site, number: str, outcome: str) -> str:
    """The insured's consent is checked; returns the number of the kept check."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/risks/{number}")
        form = page.locator("#check details")
        if await form.get_attribute("open") is None:
            await form.locator("summary").click()
        await form.get_by_label("同意日期").fill("2026-11-26")
        await form.get_by_label("保单形式").select_option(label="首席出单并附共保协议")
        await form.get_by_role("button", name="核查并留存").click()
        await expect(form.get_by_label("被保险人同意书")).to_have_attribute("aria-invalid", "true")
        await expect(form.get_by_label("同意日期")).to_have_value("2026-11-26")
        await form.get_by_label("被保险人同意书").set_input_files(paper("共同保险同意书"))
        await form.get_by_role("button", name="核查并留存").click()
        await told(page, outcome)
        await look(page, f"character-check-{outcome[-3:]}")
        found = number_of(page)
        await page.emulate_media(media="print")
        await expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
        await expect(page.get_by_text("打印时间")).to_be_visible()
        assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
    return found


async def bind(site: Site, number: str) -> str:
    """The issuer's manager binds; returns the placement's number."""
    async with site.visit(MANAGER) as page:
        await _bind(page, number)
        await page.wait_for_url(re.compile("/placements/PL-"))
        return number_of(page)


async def bind_in_vain(site: Site, number: str, words: str) -> None:
    """Binding is refused; what was typed stays and the reason stands at the form."""
    async with site.visit(MANAGER) as page:
        await _bind(page, number)
        form = page.locator("#bind")
        await expect(form.get_by_role("alert")).to_contain_text(words)
        await expect(form.get_by_label("保单号")).to_have_value("SLBRT20260001")
        await expect(page.locator("#market")).to_contain_text(words)
        await look(page, "bind-refused")


async def _bind(page: Page, number: str) -> None:
    await page.goto(f"/risks/{number}")
    form = page.locator("#bind")
    await form.get_by_label("保单号").fill("SLBRT20260001")
    await press(form, "成单", sure=True)


async def receive(site: Site, placement: str) -> None:
    """The premium comes in: more than is due is refused, 万元 are understood."""
    async with site.visit(LEAD) as page:
        await page.goto(f"/placements/{placement}")
        form = await step(page, "登记保费到账")
        await form.get_by_label("资金来源").fill("own")
        await form.get_by_label("付款人").fill(people.ENTERPRISES[8])
        await form.get_by_label("到账日").fill("2026-11-27")
        await form.get_by_label("银行流水号").fill("BRT-0001")
        amount = form.get_by_label("金额")
        await amount.fill("60.5万元")
        await press(form, "登记保费到账")
        await refused(amount, "60.5万元", "尚欠保费")
        await expect(form.get_by_label("银行流水号")).to_have_value("BRT-0001")
        await look(page, "receipt-refused")
        await amount.fill("60万元")
        await press(form, "登记保费到账")
        await told(page, "保费已入账")
        premium = page.locator("#premium")
        for login, part in PARTS.items():
            row = premium.get_by_role("row").filter(has_text=NAMES[login]).first
            await expect(row).to_contain_text(part)
            await expect(row).to_contain_text("第十条")
        await _why(premium)
        await look(page, "placement-lead")


async def _why(premium: Locator) -> None:
    """Each part with its exact fraction."""
    row = premium.get_by_role("row").filter(has_text=NAMES[LEAD]).first
    await row.get_by_text("算法").click()
    await expect(row).to_contain_text("34.188034%")


async def insured_sees(site: Site, placement: str) -> None:
    """The firm sees its insurers and their shares, and nothing of what they charge each other."""
    async with site.visit("firm9") as page:
        await page.goto("/placements")
        await page.get_by_role("link", name=TITLE).click()
        for login, share in SIGNED.items():
            row = page.get_by_role("listitem").filter(has_text=NAMES[login])
            await expect(row).to_contain_text(share)
        await expect(page.get_by_text("出单费")).to_have_count(0)
        await look(page, "placement-insured")
        assert number_of(page) == placement


async def leaks(site: Site, login: str, pages: dict[str, bool]) -> list[str]:
    """What a follower finds of its peers in all that the server sends; its own part is there.

    `pages`: addresses, and whether the reader's own share stands there.
    """
    leaked = []
    followers = [other for other in NAMES if other not in (login, LEAD)]
    hidden = [SIGNED[LEAD], PARTS[LEAD], *(NAMES[other] for other in followers)]
    for other in followers:
        hidden += [SIGNED[other], PARTS[other], f">{LINES[other]}<"]
    async with site.visit(login) as page:
        for address, has_share in pages.items():
            text = (await page.goto(address)) and await page.content()
            assert text and (SIGNED[login] in text or not has_share), address
            leaked += [f"{address} shows {word}" for word in hidden if word in text]
        await expect(page.locator("#premium")).to_contain_text(PARTS[login])
        await look(page, "placement-follower")
    return leaked


async def look_is_kept(site: Site, placement: str) -> None:
    """The committee reads the placement; the auditor finds that it did, and no step to take."""
    async with site.visit("officer") as page:
        await page.goto(f"/placements/{placement}")
        await expect(page.locator("#premium")).to_contain_text(PARTS["clerk7"])
        await expect(page.locator("#do")).to_have_count(0)
        await look(page, "placement-committee")
    async with site.visit("auditor") as page:
        await page.goto("/audit/journal")
        await page.get_by_role("link", name="查阅记录").click()
        await page.get_by_label("编号").fill(placement)
        await page.get_by_label("查阅人用户名").fill("officer")
        await page.get_by_role("button", name="查询").click()
        row = page.get_by_role("row").filter(has_text=placement).first
        await expect(row).to_contain_text("共保保单")
        await expect(row).to_contain_text("2026-11-27")
        await look(page, "looks")
        await row.get_by_role("link", name=placement).click()
        await expect(page.locator("#premium")).to_contain_text(PARTS[LEAD])
