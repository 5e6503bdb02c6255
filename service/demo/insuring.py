"""One case of the demo up to its cover: object, sale, qualification, policy and enrolment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from catalogue.enrolment_forms import (
    ContractForm,
    EnrolmentForm,
    GrantForm,
    ObjectForm,
    QualificationForm,
)
from catalogue.enrolments import enrolment, objects, qualifications
from catalogue.policies import endorsements, recording
from catalogue.policies.imports import import_policies
from catalogue.policy_forms import (
    CoInsurerForm,
    DisputeForm,
    EndorsementForm,
    InstalmentForm,
    LossForm,
    PolicyForm,
    ReceiptForm,
    UndoForm,
)
from catalogue.rules.subsidy.dates import year_end_on
from service.auth import Actor
from service.demo import people, policy_file
from service.demo.cases import Case
from service.demo.plot import Act
from service.kernel.calendar import today
from service.kernel.db import sql_row
from service.kernel.numbering import make_uscc

_DOUBLE_INVOICE = "08842617"
_SHARED_ACCOUNT = "4200 0099 9999 0001"
_DIRECT_PPM = 300_000
"""What the example rule of direct pay bears of a premium."""
_SHARES = (50_000_000, 30_000_000, 20_000_000)
_SHORT_DAYS = 120
_FUTURE_DAYS = 45
_GOODS: dict[str, dict[str, Any]] = {
    "first_set": {
        "name": "示例12英寸刻蚀设备",
        "level": "national",
        "edition": "SB-2024",
        "item": "示例-11.3",
        "parameters": [
            {"name": "晶圆直径", "value": "300", "unit": "mm"},
            {"name": "刻蚀均匀性", "value": "1.8", "unit": "%"},
            {"name": "平均故障间隔时间", "value": "20000", "unit": "min"},
        ],
    },
    "first_batch": {
        "name": "示例高纯靶材",
        "edition": "CL-2024",
        "item": "示例-152",
        "parameters": [
            {"name": "纯度", "value": "99.9997", "unit": "%"},
            {"name": "平均晶粒尺寸", "value": "0.045", "unit": "mm"},
        ],
        "variety": "高纯铜靶",
        "declared": {"in_compensated_set": False},
    },
    "first_version": {
        "name": "示例工业设计仿真软件",
        "software_version": "V1.0",
        "test_report_body": "示例软件测评中心",
        "test_report_marks": ["CNAS"],
        "declared": {"customised": False, "completed_on": "2025-06-01"},
    },
}


class Insuring:
    """The insured and the insurer of a case, and one method for each verb of its path."""

    def __init__(self, case: Case, actors: dict[str, Actor]) -> None:
        self.case = case
        self.actors = actors
        self.firm = actors[people.login_of("firm", case.firm)]
        self.firm_name = people.ENTERPRISES[case.firm - 1]
        self.officer = actors["officer" if case.number % 2 else "officer2"]
        self.other_officer = actors["officer2" if case.number % 2 else "officer"]
        self.approver = actors["approver" if case.number % 3 else "approver2"]
        self.other_approver = actors["approver2" if case.number % 3 else "approver"]
        self.goods = self.enrolment = self.qualification = ""
        self.contract = self.policy = 0
        self.premium_fen = 0

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)()

    @property
    def serial(self) -> str:
        """What tells the goods of this case from all others."""
        return f"{self.case.start.year}{self.case.number:04d}"

    async def register(self) -> None:
        """The firm registers what it sells for the first time."""
        form = {"kind": self.case.kind, **_GOODS[self.case.kind]}
        form["name"] += f"（{self.case.number:02d}型）"
        if self.case.kind == "first_set":
            form |= {"serial_numbers": [f"SL-{self.serial}-A"], "value_fen": self.case.sum_fen}
        elif self.case.kind == "first_batch":
            form |= {"batch": f"B-{self.serial}", "value_fen": self.case.sum_fen}
        else:
            form |= {
                "copyright_number": f"2025SR{self.case.number:07d}",
                "test_report_number": f"CS-{self.serial}",
                "value_fen": self.case.sum_fen,
            }
        made = await objects.create_object(self.firm, ObjectForm.model_validate(form))
        self.goods = made.number

    async def sell(self) -> None:
        """The sale to an unrelated buyer, delivered and accepted."""
        day = today()
        form = ContractForm(
            number=f"HT-{self.serial}",
            buyer_name=f"示例用户{self.case.number}制造有限公司",
            buyer_uscc=make_uscc("91420100", f"MA4G{self.case.number:04d}"),
            buyer_relation="none",
            signed_on=day - timedelta(days=40),
            amount_fen=self.case.sum_fen,
            quantity=1,
            unit_price_fen=self.case.sum_fen,
            delivered_on=day - timedelta(days=9),
            delivery_place="示例市东湖高新区",
            accepted_on=day - timedelta(days=1),
        )
        self.contract = (await objects.add_contract(self.firm, self.goods, form)).id

    async def ask(self) -> None:
        form = QualificationForm(object=self.goods, asked_fen=20_000_000, note="首批次材料")
        self.qualification = (await qualifications.apply(self.firm, form)).number

    async def recommend(self) -> None:
        await qualifications.recommend(self.officer, self.qualification, "材料齐备，予以推荐。")

    async def examine(self) -> None:
        await qualifications.review(self.other_officer, self.qualification, "专家评审通过。")

    async def grant(self) -> None:
        first = today()
        last = year_end_on(first, 3)
        if self.case.enrol == "quota_short":
            last = first + timedelta(days=_SHORT_DAYS)
        quota_fen = 5_000_000 if self.case.number == 3 else 18_000_000
        form = GrantForm(quota_fen=quota_fen, valid_from=first, valid_to=last, note="同意。")
        await qualifications.grant(self.approver, self.qualification, form)

    async def refuse_quota(self) -> None:
        await qualifications.refuse(self.approver, self.qualification, "性能指标证明不足。")

    async def revoke_quota(self) -> None:
        await qualifications.revoke(self.approver, self.qualification, "企业已停止生产该材料。")

    async def record(self) -> None:
        """The insurer records the policy by hand."""
        form = await self._terms()
        self.policy = (await recording.record_policy(self.clerk, form)).id

    async def record_file(self) -> None:
        """The insurer hands the policy in as a file, with the premium received on it."""
        form = await self._terms()
        content = policy_file.as_csv(form, self._receipt(form.premium_fen))
        done = await import_policies(self.clerk, "示例保单.csv", content)
        self.policy = int(done.rows[0].number or 0)

    async def _terms(self) -> PolicyForm:
        """A policy at a quarter of the filed band of rates."""
        product = await self._product()
        low_ppm, high_ppm = product["rate_min_ppm"], product["rate_max_ppm"]
        rate_ppm = low_ppm + (high_ppm - low_ppm) // 4
        sum_fen = max(product["sum_min_fen"], min(self.case.sum_fen, product["sum_max_fen"]))
        self.premium_fen = sum_fen * rate_ppm // 1_000_000
        start = today() + timedelta(days=_FUTURE_DAYS if self.case.enrol == "future" else 0)
        last = year_end_on(start)
        if self.case.enrol == "short":
            last = start + timedelta(days=_SHORT_DAYS)
        return PolicyForm(
            number=f"示P{self.case.start.year}{self.case.number:06d}",
            product=product["number"],
            insured_uscc=people.firm_uscc(self.case.firm),
            object=self.goods,
            start_on=start,
            end_on=last,
            sum_insured_fen=sum_fen,
            limit_fen=sum_fen,
            rate_ppm=rate_ppm,
            premium_fen=self.premium_fen,
            insurers=self._insurers() if self.case.enrol == "pooled" else [],
            instalments=self._instalments(start),
        )

    def _insurers(self) -> list[CoInsurerForm]:
        """The lead with half of it, and two others."""
        own = people.insurer_of(self.clerk.organisation)
        others = [n for n in range(1, len(people.INSURERS) + 1) if n != own][:2]
        shares = zip((own, *others), _SHARES, strict=True)
        return [CoInsurerForm(uscc=people.insurer_uscc(n), share_units=s) for n, s in shares]

    async def _product(self) -> Any:
        row = await sql_row(
            "SELECT p.number, v.rate_min_ppm, v.rate_max_ppm, v.sum_min_fen, v.sum_max_fen,"
            " u.login FROM product p JOIN product_version v ON v.id = p.current_version"
            " JOIN eastlake_user u ON u.organisation = p.insurer AND 'insurer_clerk' = ANY(u.roles)"
            " WHERE v.name = $1",
            self.case.product,
        )
        assert row is not None, self.case.product
        self.clerk = self.actors[row["login"]]
        return row

    def _instalments(self, start: date) -> list[InstalmentForm]:
        if self.case.number % 5:
            return []
        half = self.premium_fen // 2
        return [
            InstalmentForm(due_on=start, amount_fen=self.premium_fen - half),
            InstalmentForm(due_on=start + timedelta(days=90), amount_fen=half),
        ]

    async def receive(self) -> None:
        """The premium comes from the insured; of a direct payment its own part only."""
        await recording.receive_premium(self.clerk, self.policy, self._receipt(self.own_fen))

    @property
    def own_fen(self) -> int:
        """What the firm pays itself."""
        if self.case.claim != "direct":
            return self.premium_fen
        return self.premium_fen - self.premium_fen * _DIRECT_PPM // 1_000_000

    def _receipt(self, amount_fen: int) -> ReceiptForm:
        """A payment of the firm; two doubled cases share an invoice, two others an account."""
        shared = self.case.claim == "one_account"
        return ReceiptForm(
            amount_fen=amount_fen,
            received_on=today(),
            payer_name=self.firm_name,
            payer_uscc=people.firm_uscc(self.case.firm),
            payer_account=_SHARED_ACCOUNT if shared else people.firm_account(self.case.firm),
            invoice_number=self._invoice(),
            invoiced_on=today(),
            bank_reference=f"SK{self.serial}",
        )

    def _invoice(self) -> str:
        """A number of 20 digits; the planted double claim uses an old short one twice."""
        if self.case.claim == "doubled":
            return _DOUBLE_INVOICE
        return f"2542000000{self.case.number:010d}"

    async def confirm(self) -> None:
        await recording.confirm(self.firm, self.policy)

    async def dispute(self) -> None:
        form = DisputeForm(text="保单载明的保险金额与投保单不一致。")
        await recording.dispute(self.firm, self.policy, form)

    async def answer(self) -> None:
        form = DisputeForm(text="已核对投保单，金额一致，附投保单影像。")
        await recording.answer(self.clerk, self.policy, form)

    async def loss(self) -> None:
        form = LossForm(
            reference=f"PA{self.serial}",
            loss_on=today() - timedelta(days=20),
            paid_on=today(),
            paid_fen=self.premium_fen * 3,
            payee_name=self.firm_name,
        )
        await recording.report_loss(self.clerk, self.policy, form)

    async def _endorse(self, kind: str, reason: str, **changes: int) -> None:
        form = EndorsementForm.model_validate(
            {"kind": kind, "effective_on": today(), "reason": reason, **changes}
        )
        await endorsements.endorse(self.clerk, self.policy, form)

    async def cancel(self) -> None:
        change_fen = -self.premium_fen // 3
        await self._endorse("cancel", "企业停产，申请退保。", premium_change_fen=change_fen)

    async def undo(self) -> None:
        form = UndoForm(effective_on=today(), reason="退保申请撤回，恢复效力。")
        await endorsements.undo(self.clerk, self.policy, 1, form)

    async def reduce(self) -> None:
        change_fen = -self.premium_fen // 5
        await self._endorse("return_premium", "费率下调退费。", premium_change_fen=change_fen)

    async def additional(self) -> None:
        change_fen = self.premium_fen // 10
        await self._endorse("additional_premium", "增加承保场所。", premium_change_fen=change_fen)

    async def sum_up(self) -> None:
        await self._endorse("sum_change", "调增保险金额。", sum_change_fen=10_000_000)

    async def enrol(self) -> None:
        form = EnrolmentForm(object=self.goods, policy_id=self.policy, contract_id=self.contract)
        self.enrolment = (await enrolment.create(self.firm, form)).number

    async def hand_enrolment(self) -> None:
        await enrolment.submit(self.firm, self.enrolment)

    async def confirm_enrolment(self) -> None:
        await enrolment.confirm(self.clerk, self.enrolment, "承保情况属实。")

    async def return_enrolment(self) -> None:
        await enrolment.send_back(self.clerk, self.enrolment, "请补充测试报告首页。")

    async def recognise(self) -> None:
        await enrolment.recognise(self.approver, self.enrolment, "材料已线下核对，予以认定。")

    async def refuse_enrolment(self) -> None:
        await enrolment.refuse(self.approver, self.enrolment, "参数证明与目录要求不符。")

    async def revoke_enrolment(self) -> None:
        await enrolment.revoke(self.approver, self.enrolment, "核查发现该装备此前已有销售。")
