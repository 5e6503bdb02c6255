"""Risks of the demo's pools: submitted, written, checked, bound, and their premium received."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from catalogue.policy_forms import InstalmentForm
from catalogue.products import documents
from catalogue.rules.subsidy.dates import year_end_on
from coinsurance.placement_forms import (
    BindForm,
    CharacterCheckForm,
    LineForm,
    MarketForm,
    RiskForm,
    RiskZoneForm,
    SectionForm,
    SurveyFactForm,
    SurveyForm,
)
from coinsurance.placements import binding, checks, lines, risks
from coinsurance.premium_forms import PoolReceiptForm
from coinsurance.premiums import receipts
from coinsurance.rules.nouns import RiskMethod
from service.auth import Actor
from service.demo import papers, people, plot
from service.demo.plot import Act
from service.demo.pooling import YI_FEN, PoolPlan, plan, pools
from service.kernel.calendar import today
from service.kernel.db import sql_value
from service.kernel.money import Rounding, of_ppm, parse_ppm, split

ORDER = 8200
_LINES_DAYS = 10
_QUARTER_DAYS = 90


class PooledRisk:
    """One risk of the plan, the people of its pool, and one method for each verb."""

    def __init__(self, risk: dict[str, Any], pool: PoolPlan, actors: dict[str, Actor]) -> None:
        self.risk, self.pool = risk, pool
        self.clerks = [actors[people.login_of("clerk", n)] for n in pool.members]
        self.manager = actors[people.login_of("manager", pool.members[0])]
        self.clerk = self.clerks[0]
        self.start_on: date = risk["start"]
        self.end_on = year_end_on(self.start_on)
        self.sum_fen = risk["sum_yi"] * YI_FEN
        self.premium_fen = of_ppm(self.sum_fen, parse_ppm(risk["rate"]), Rounding.HALF_UP)
        self.number = self.placement = ""
        self.consent = 0
        self.received = 0

    def acts(self, number: int) -> list[Act]:
        """What happens to the risk, in order."""
        return sorted(self._acts(number), key=lambda act: act.moment)

    def _acts(self, number: int) -> Iterator[Act]:
        before = "draft:0 submit:1"
        if self.risk["method"] == "lines":
            before += " open_market:1 write:4"
        if self.risk["paid"]:
            before += " check:2 bind:1"
        start = plot.add_working_days(self.start_on, -_LINES_DAYS - 2)
        yield from plot.walk(number, start, before)
        for n in range(self.risk["paid"]):
            day = plot.add_working_days(self._due_on(n), 1)
            yield Act(plot.moment(day, number, 4), "receive", str(n))

    def _due_on(self, n: int) -> date:
        return date.fromordinal(self.start_on.toordinal() + n * _QUARTER_DAYS)

    def _instalments(self) -> list[InstalmentForm]:
        count = self.risk["instalments"]
        parts = split(self.premium_fen, [1] * count)
        return [
            InstalmentForm(due_on=self._due_on(n), amount_fen=fen) for n, fen in enumerate(parts)
        ]

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)(act.value)

    async def draft(self, _: str) -> None:
        risk = self.risk
        product = await sql_value(
            "SELECT p.number FROM product p JOIN product_version v ON v.id = p.current_version"
            " WHERE v.name = $1",
            risk["product"],
        )
        project = [*risk["project"], "", ""]
        form = RiskForm(
            pool_year=f"{risk['pool']}-{risk['year']}",
            insured_uscc=people.firm_uscc(risk["firm"]),
            product=product,
            title=risk["title"],
            business_class=risk["class"],
            site="武汉东湖高新区示例大道 1 号",
            project_name=project[0],
            project_number=project[1],
            method=RiskMethod(risk["method"]),
            start_on=self.start_on,
            end_on=self.end_on,
            rate_ppm=parse_ppm(risk["rate"]),
            sum_insured_fen=self.sum_fen,
            premium_fen=self.premium_fen,
            deductible_fen=self.sum_fen // 1000,
            sections=[
                SectionForm(
                    code="1",
                    title=risk["class"],
                    limit_fen=self.sum_fen,
                    premium_fen=self.premium_fen,
                )
            ],
            zones=[RiskZoneForm(zone=risk["zone"], at_risk_ppm=parse_ppm(risk["at_risk"]))],
            survey=SurveyForm(
                surveyed_on=today(),
                surveyor="示例查勘机构",
                facts=[
                    SurveyFactForm(name="耐火等级", value="一级"),
                    SurveyFactForm(name="自动灭火", value="全覆盖，年检合格"),
                ],
            ),
        )
        self.number = (await risks.create_risk(self.clerk, form)).number

    async def submit(self, _: str) -> None:
        await risks.submit(self.clerk, self.number)

    async def open_market(self, _: str) -> None:
        until = plot.add_working_days(today(), _LINES_DAYS)
        await risks.open_market(self.clerk, self.number, MarketForm(lines_until=until))

    async def write(self, _: str) -> None:
        """Every member that takes part writes its line."""
        for clerk, percent in zip(self.clerks, self.risk["lines"], strict=True):
            if percent:
                form = LineForm(
                    written_percent=percent, valid_until=self.start_on, to_stand=percent == "15%"
                )
                await lines.write_line(clerk, self.number, form)

    async def check(self, _: str) -> None:
        """The insured's consent comes in, and the legal character is checked."""
        words = [
            f"本公司同意由多家保险机构共同承保“{self.risk['title']}”。",
            "已知悉各共保人及其份额，共保协议作为保险单附件。",
        ]
        content = papers.pdf("共同保险同意书（示例）", words)
        kept = await documents.store(self.clerk, "共同保险同意书.pdf", "other", content)
        self.consent = kept.id
        form = CharacterCheckForm(
            consent_document=kept.id, consented_on=today(), issued="agreement_attached"
        )
        await checks.make(self.clerk, self.number, form)

    async def bind(self, _: str) -> None:
        form = BindForm(
            policy_number=f"SL{self.pool.members[0]:02d}{self.risk['key'].upper()}0001",
            consent_document=self.consent,
            instalments=self._instalments() if self.risk["instalments"] > 1 else [],
            conditions_accepted=True,
        )
        self.placement = (await binding.bind(self.manager, self.number, form)).number

    async def receive(self, n: str) -> None:
        """The firm pays an instalment by bank transfer."""
        parts = split(self.premium_fen, [1] * self.risk["instalments"])
        name = people.ENTERPRISES[self.risk["firm"] - 1]
        form = PoolReceiptForm(
            source="own",
            amount_fen=parts[int(n)],
            received_on=today(),
            payer_name=name,
            payer_uscc=people.firm_uscc(self.risk["firm"]),
            invoice_number=f"2600{self.pool.members[0]:02d}{int(n) + 1:014d}",
            bank_reference=f"BK{self.risk['key']}-{int(n) + 1}",
        )
        await receipts.receive(self.clerk, self.placement, form)


def risks_of(actors: dict[str, Actor]) -> list[PooledRisk]:
    """The risks of the plan."""
    known = {pool.code: pool for pool in pools()}
    return [PooledRisk(risk, known[risk["pool"]], actors) for risk in plan()["risk"]]
