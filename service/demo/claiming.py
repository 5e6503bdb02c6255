"""One case of the demo on its way to money: application, reviews, notice, approval, recovery."""

from __future__ import annotations

import base64

from catalogue.money_forms import RecoveryForm, RepaymentForm
from catalogue.products import documents
from catalogue.rules.nouns import DocumentKind
from catalogue.rules.subsidy.nouns import Material
from catalogue.subsidies import (
    applications,
    approval,
    notices,
    objections,
    recoveries,
    recovery_opening,
    review,
)
from catalogue.subsidy_forms import (
    ApplicationForm,
    ApprovalForm,
    EvidenceForm,
    FirmFactsForm,
    LineForm,
    MaterialForm,
    NoticeForm,
    ObjectionDecisionForm,
    ObjectionToNoticeForm,
    OpinionForm,
    WarningNoteForm,
)
from service.auth import Actor
from service.demo import office, papers, people
from service.demo.cases import Case
from service.demo.insuring import Insuring
from service.kernel.calendar import today
from service.kernel.db import sql, sql_value
from service.kernel.errors import Refused

_PAPERS = (
    Material.APPLICATION_FORM,
    Material.BUSINESS_LICENCE,
    Material.POLICY_COPY,
    Material.PREMIUM_INVOICE,
    Material.BANK_VOUCHER,
    Material.TRUTH_STATEMENT,
)


class Claiming(Insuring):
    """A case with its application."""

    def __init__(self, case: Case, actors: dict[str, Actor]) -> None:
        super().__init__(case, actors)
        self.application = self.scheme = self.notice = self.objection = ""

    async def apply(self) -> None:
        """The firm writes the application with its papers."""
        line = LineForm(
            policy=self.policy, enrolment=self.enrolment, qualification=self.qualification
        )
        direct = self.case.claim == "direct"
        self.scheme = office.DIRECT if direct else office.scheme_on(today())
        account = {
            "bank_name": "示例银行光谷支行",
            "account_name": self.firm_name,
            "account_number": people.firm_account(self.case.firm),
        }
        form = ApplicationForm(
            scheme=self.scheme,
            contact_name=f"示例联系人{self.case.firm}",
            contact_phone=f"027-0000{self.case.firm:04d}",
            **({} if direct else account),
            statement_signed_by=f"示例法定代表人{self.case.firm}",
            firm=FirmFactsForm.model_validate({"registered_on": "2019-05-06", "credit_good": True}),
            lines=[line],
            materials=[await self._paper(material) for material in _PAPERS],
        )
        self.application = (await applications.create(self.firm, form)).number

    async def _paper(self, material: Material) -> MaterialForm:
        content = papers.pdf(material.zh, [self.firm_name, f"第{self.case.number}号演示材料"])
        kind = DocumentKind.OTHER.value
        stored = await documents.store(self.firm, f"{material.zh}.pdf", kind, content)
        return MaterialForm(material=material, document=stored.id)

    async def hand_in(self) -> None:
        await applications.submit(self.firm, self.application)

    async def withdraw(self) -> None:
        await applications.withdraw(self.firm, self.application, "拟合并申报，撤回本次申请。")

    async def accept(self) -> None:
        await review.accept(self.officer, self.application, "")

    async def give_back(self) -> None:
        note = "银行凭证不清晰，请重新上传并加盖公章。"
        await review.send_back_to_firm(self.officer, self.application, note)

    async def begin(self) -> None:
        await review.begin_review(self.officer, self.application, "")

    async def refuse(self) -> None:
        status = await sql_value(
            "SELECT status FROM application WHERE number = $1", self.application
        )
        actor = self.officer if status == "submitted" else self.approver
        await review.refuse(actor, self.application, "经核查不符合申报条件，不予补贴。")

    async def first(self) -> None:
        await self._pass(self.officer, review.first_opinion)

    async def second(self) -> None:
        await self._pass(self.other_officer, review.second_opinion)

    async def _pass(self, actor: Actor, opinion: office.Opinion) -> None:
        """Pass; where warnings are open each is answered in writing first."""
        form = OpinionForm(passed=True)
        try:
            await opinion(actor, self.application, form)
        except Refused as refused:
            for finding in refused.findings:
                note = WarningNoteForm(
                    line=1, code=str(finding.params["warning"]), note="已核对原件，情况属实。"
                )
                await review.note_warning(actor, self.application, note)
            await opinion(actor, self.application, form)

    async def announce(self) -> None:
        form = NoticeForm(
            title=f"{today().year}年科技保险保费补贴公示（示例{self.case.number}）",
            applications=[self.application],
        )
        made = await notices.publish(self.officer, self.scheme, form)
        self.notice = made.number

    async def object(self) -> None:
        form = ObjectionToNoticeForm(
            application=self.application,
            line=1,
            name=f"示例异议人{self.case.number}",
            contact="027-00009999",
            text="该产品此前已在其他企业使用，不属于首次应用，请予核查。",
            evidence=[self._evidence()],
        )
        self.objection = (await objections.object_to(self.notice, form)).number

    def _evidence(self) -> EvidenceForm:
        """What the objector has found, as a file."""
        content = papers.pdf("异议线索", [f"第{self.case.number}号演示异议的照片与说明。"])
        return EvidenceForm(
            file_name="异议线索.pdf", content_base64=base64.b64encode(content).decode()
        )

    async def admit(self) -> None:
        await objections.admit(self.officer, self.objection, "异议人实名，附线索，予以登记。")

    async def uphold(self) -> None:
        await self._decide(True, "经核查异议属实。")

    async def dismiss(self) -> None:
        await self._decide(False, "经核查异议不成立。")

    async def _decide(self, upheld: bool, outcome: str) -> None:
        form = ObjectionDecisionForm(upheld=upheld, outcome=outcome)
        await objections.decide(self.approver, self.objection, form)

    async def approve(self) -> None:
        form = ApprovalForm(note="同意。")
        await approval.approve(self.approver, self.application, form)

    async def revoke(self) -> None:
        note = "拨付前复核发现发票信息有误。"
        await approval.revoke(self.other_approver, self.application, note)

    async def evaluate(self) -> None:
        note = "装备运行稳定，企业反馈良好，绩效评价合格。"
        await review.evaluate(self.officer, self.application, note)

    async def false_claim(self) -> None:
        """The committee finds the claim false: all that was paid comes back, the firm is banned."""
        paid_fen = await sql_value(
            "SELECT paid_fen FROM application WHERE number = $1", self.application
        )
        form = RecoveryForm(cause="false_claim", amount_fen=paid_fen, reason="销售合同不真实。")
        await recovery_opening.claim(self.officer, self.application, 1, form)

    async def repay(self) -> None:
        """Another approver approves what was proposed; the money is back on the same day."""
        rows = await sql(
            "SELECT r.number, r.amount_fen FROM recovery r JOIN application_line l"
            " ON l.id = r.application_line JOIN application a ON a.id = l.application"
            " WHERE a.number = $1 AND r.status = 'proposed'",
            self.application,
        )
        for row in rows:
            await recoveries.approve(self.other_approver, row["number"])
            form = RepaymentForm(
                amount_fen=row["amount_fen"],
                received_on=today(),
                bank_reference=f"ZH{self.serial}",
            )
            await recoveries.receive(self.officer, row["number"], form)
