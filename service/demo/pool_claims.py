"""Claims on the demo's placements: from the notice of loss to payment, reopening and recovery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from coinsurance.claim_forms import (
    AcknowledgementForm,
    AssessmentForm,
    AttendanceForm,
    ClaimForm,
    ConsentAskForm,
    DecisionForm,
    LossForm,
    NoticeForm,
    OverrideForm,
    PaymentForm,
    ReasonForm,
    RecoveryForm,
    RegistrationForm,
    ReopeningForm,
    ServiceForm,
    SurveyForm,
)
from coinsurance.claims import (
    consenting,
    cover,
    deciding,
    moving,
    notices,
    notifying,
    paying,
    records,
    surveys,
)
from coinsurance.pool_forms import AnswerForm
from coinsurance.pool_forms import ServiceForm as ConsentServiceForm
from coinsurance.pools import answering, consents
from coinsurance.rules.claims.nouns import Attendance, NoticeKind
from service.auth import Actor
from service.demo import people, plot
from service.demo.plot import Act
from service.demo.pool_risks import PooledRisk
from service.demo.pooling import plan
from service.kernel.calendar import today

ORDER = 8400
_HOW = "电子邮件并电话确认"
_YUAN_FEN = 100


class PooledClaim:
    """One claim of the plan, and one method for each verb."""

    def __init__(self, claim: dict[str, Any], risk: PooledRisk, actors: dict[str, Actor]) -> None:
        self.claim, self.risk = claim, risk
        self.firm = actors[people.login_of("firm", risk.risk["firm"])]
        self.clerks, self.clerk, self.manager = risk.clerks, risk.clerk, risk.manager
        self.managers = [actors[people.login_of("manager", n)] for n in risk.pool.members]
        self.usccs = [people.insurer_uscc(n) for n in risk.pool.members]
        self.number = self.request = ""
        self.gross_fen = claim["gross"] * _YUAN_FEN
        self.payments = 0

    def acts(self, number: int) -> list[Act]:
        """What happens to the claim, in order."""
        return sorted(self._acts(number), key=lambda act: act.moment)

    def _acts(self, number: int) -> Iterator[Act]:
        yield from plot.walk(number, self.claim["loss"], self.claim["path"])
        for n, step in enumerate(self.claim["later"]):
            day, _, verb = step.partition(" ")
            yield Act(plot.moment(date.fromisoformat(day), number, n), verb)

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)()

    async def notify(self) -> None:
        """The insured reports the loss."""
        form = ClaimForm(
            placement=self.risk.placement,
            loss_on=self.claim["loss"],
            reporter="示例安全主管",
            place="武汉东湖高新区示例大道 1 号",
            cause=self.claim["cause"],
            description="值班人员发现后立即报警并切断电源，损失待查勘。",
            estimate_fen=self.gross_fen,
        )
        self.number = (await notifying.notify(self.firm, form)).number

    async def register(self) -> None:
        await notifying.register(self.clerk, self.number, RegistrationForm())

    async def tell(self) -> None:
        """The notice of loss goes to every member and is served."""
        await notices.send(self.clerk, self.number, NoticeForm(text="请知悉出险情况"))
        await notices.serve(self.clerk, self.number, ServiceForm(how=_HOW))

    async def acknowledge(self) -> None:
        """All members but the last acknowledge in time."""
        for clerk in self.clerks[1:-1]:
            await notices.acknowledge(clerk, self.number, AcknowledgementForm())

    async def survey(self) -> None:
        form = SurveyForm(
            held_on=today(),
            place="示例现场",
            surveyor="示例公估机构",
            joint=True,
            summary="原因与报案一致，属于保险责任。",
            attendance=[
                AttendanceForm(
                    uscc=uscc,
                    status=Attendance.WAIVED if n == len(self.usccs) - 1 else Attendance.ATTENDED,
                )
                for n, uscc in enumerate(self.usccs)
            ],
        )
        await surveys.hold(self.clerk, self.number, form)

    async def assess(self) -> None:
        form = AssessmentForm(losses=[LossForm(gross_fen=self.gross_fen)])
        await cover.assess(self.clerk, self.number, form)

    async def assess_more(self) -> None:
        """After reopening: hidden damage was found."""
        self.gross_fen += self.claim["more"] * _YUAN_FEN
        await self.assess()

    async def ask(self) -> None:
        state = await consenting.ask(self.manager, self.number, ConsentAskForm())
        assert state.consent_request is not None
        self.request = state.consent_request
        form = ConsentServiceForm(how=_HOW)
        await answering.serve(self.manager, self.request, form)

    async def answer(self) -> None:
        """Members answer until the rule is met."""
        asked = await consents.party_rows((await consents.request_row(self.request))["id"])
        owners = {row["organisation"] for row in asked if not row["answer"]}
        for manager in self.managers:
            if (await consents.request_row(self.request))["status"] != "open":
                return
            if manager.organisation_id in owners:
                form = AnswerForm(answer="consented", note="同意。")
                await answering.answer(manager, self.request, form)

    async def agree(self) -> None:
        await deciding.agree(self.manager, self.number, DecisionForm(note="按理算书核定。"))

    async def pay(self) -> None:
        """What is left of the agreed amount goes to the insured."""
        self.payments += 1
        record = await records.claim_record(self.clerk, self.number)
        name = people.ENTERPRISES[self.risk.risk["firm"] - 1]
        form = PaymentForm(
            amount_fen=record.left_fen,
            reference=f"CP{self.risk.risk['key']}-{self.payments}",
            beneficiary_name=name,
            payee_name=name,
            payee_account="4200 6600 0001 0001",
            bank_name="示例银行光谷支行",
        )
        if self.payments > 1:
            await self._override(name, record.left_fen)
        await paying.pay(self.clerk, self.number, form)

    async def _override(self, name: str, amount_fen: int) -> None:
        form = OverrideForm(
            beneficiary_name=name,
            amount_max_fen=amount_fen,
            reason="重开后新增损失，与首次赔付项目不重复，已核对清单。",
        )
        await paying.override(self.manager, self.number, form)

    async def papers(self) -> None:
        """Report, calculation and proof of payment go to the members."""
        form = NoticeForm(kind=NoticeKind.PAPERS, text="公估报告、理算书与付款凭证")
        await notices.send(self.clerk, self.number, form)
        served = ServiceForm(kind=NoticeKind.PAPERS, how=_HOW)
        await notices.serve(self.clerk, self.number, served)

    async def close(self) -> None:
        await deciding.close(self.manager, self.number, ReasonForm(reason="赔款付清，资料齐全。"))

    async def reopen(self) -> None:
        form = ReopeningForm(
            outstanding_fen=self.claim["more"] * _YUAN_FEN, reason="复产检测发现隐藏损坏。"
        )
        await deciding.reopen(self.manager, self.number, form)

    async def recover(self) -> None:
        """The supplier of the faulty part pays."""
        form = RecoveryForm(
            gross_fen=self.claim["recovered"] * _YUAN_FEN,
            cost_fen=1_200_000,
            reference=f"RC{self.risk.risk['key']}",
            payer_name="示例气体设备有限公司",
        )
        await moving.recover(self.clerk, self.number, form)


def claims(risks: list[PooledRisk], actors: dict[str, Actor]) -> list[PooledClaim]:
    """The claims of the plan."""
    known = {risk.risk["key"]: risk for risk in risks}
    return [PooledClaim(claim, known[claim["risk"]], actors) for claim in plan()["claim"]]
