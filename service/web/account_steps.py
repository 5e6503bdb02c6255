"""Words and steps of the pages of settlement: statements, runs, disputes (账务与结算)."""

from __future__ import annotations

from typing import Any

from coinsurance.rules.settlement.debts import Method
from coinsurance.settlement_forms import (
    AgreementForm,
    CertificateForm,
    DisputeForm,
    NoteForm,
    OutcomeForm,
    PaymentForm,
    PeriodForm,
    ReconciliationForm,
    RunForm,
)
from coinsurance.settlements import (
    ageing,
    answers,
    certificates,
    closing,
    dispute_outcomes,
    disputes,
    paying,
    reconciling,
    runs,
)
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.kernel.forms import Day, Form, Id, Line
from service.kernel.forms import Form as EmptyForm
from service.web.desk_steps import DeskStep, Field

MANAGER = (Role.INSURER_MANAGER,)
APPROVER = (Role.COMMITTEE_APPROVER,)
REASON = Field("area", "note", "理由", required=True)
TONES = {
    "draft": "neutral",
    "approved": "info",
    "issued": "wait",
    "acknowledged": "info",
    "part_disputed": "bad",
    "agreed": "good",
    "settled": "good",
    "cancelled": "neutral",
    "proposed": "wait",
    "instructed": "info",
    "confirmed": "good",
    "part_confirmed": "wait",
    "failed": "bad",
    "open": "wait",
    "escalated": "bad",
    "referred": "bad",
    "upheld": "good",
    "dismissed": "neutral",
    "withdrawn": "neutral",
    "explained": "good",
    "resolved": "good",
    "prepared": "wait",
}


class YearRunForm(Form):
    """A settlement run of the year of the page."""

    method: Method = Method.GROSS
    due_until: Day


class YearDayForm(Form):
    """A day up to which something of the year is judged."""

    until_on: Day


class YearCertificateForm(Form):
    """A year-end certificate; of all members unless one is named."""

    as_of: Day
    member_uscc: Line = ""


class ResultForm(PaymentForm):
    """What the bank did with one instruction of the run of the page."""

    instruction: Id


def small(kind: str, path: str, label: str, hint: str = "", must: bool = False) -> Field:
    """An input of a third of the line."""
    return Field(kind, path, label, hint, must, width="third")


async def _draft(actor: Actor, year: str, form: PeriodForm) -> object:
    return await closing.prepare(actor, year, form.period)


async def _approve(actor: Actor, year: str, form: PeriodForm) -> object:
    return await closing.approve(actor, year, form.period)


async def _issue(actor: Actor, year: str, form: PeriodForm) -> object:
    return await closing.issue(actor, year, form.period)


async def _run(actor: Actor, year: str, form: YearRunForm) -> object:
    asked = RunForm(pool_year=year, method=form.method, due_until=form.due_until)
    return await runs.prepare(actor, asked)


async def _reconcile(actor: Actor, year: str, form: YearDayForm) -> object:
    return await reconciling.run(actor, ReconciliationForm(pool_year=year, until_on=form.until_on))


async def _remind(actor: Actor, year: str, _: Any) -> object:
    return await ageing.remind(actor, year)


async def _certify(actor: Actor, year: str, form: YearCertificateForm) -> object:
    asked = CertificateForm(pool_year=year, as_of=form.as_of, member_uscc=form.member_uscc)
    return await certificates.prepare(actor, asked)


async def _acknowledge(actor: Actor, number: str, _: Any) -> object:
    return await answers.acknowledge(actor, number)


async def _agree(actor: Actor, number: str, form: AgreementForm) -> object:
    return await answers.agree(actor, number, form.note)


async def _reissue(actor: Actor, number: str, form: NoteForm) -> object:
    return await answers.reissue(actor, number, form.note)


async def _approve_one(actor: Actor, number: str, _: Any) -> object:
    return await answers.approve_one(actor, number)


async def _issue_one(actor: Actor, number: str, _: Any) -> object:
    return await answers.issue_one(actor, number)


async def _agree_run(actor: Actor, number: str, _: Any) -> object:
    return await runs.agree(actor, number)


async def _cancel_run(actor: Actor, number: str, form: NoteForm) -> object:
    return await runs.cancel(actor, number, form.note)


def _result(paid: bool) -> Any:
    async def use(actor: Actor, number: str, form: ResultForm) -> object:
        told = form.model_copy(update={"paid": paid})
        return await paying.result(actor, number, form.instruction, told)

    return use


async def _escalate(actor: Actor, number: str, _: Any) -> object:
    return await disputes.escalate(actor, number)


async def _refer(actor: Actor, number: str, form: NoteForm) -> object:
    return await disputes.refer(actor, number, form.note)


async def _withdraw_dispute(actor: Actor, number: str, form: NoteForm) -> object:
    return await dispute_outcomes.withdraw(actor, number, form.note)


YEARS = ("open", "closed_new", "run_off", "signed")
PERIOD = small("text", "period", "期间", "如 2026-03 或 2026-Q1", True)
ACCOUNT_STEPS = {
    "draft": DeskStep(
        "statements", "编制结算单", PeriodForm, _draft, INSURER,
        "结算单已编制，待另一人批准", YEARS, (PERIOD,),
        hint="一次编制全体成员的结算单。",
    ),
    "approve": DeskStep(
        "approval", "批准结算单", PeriodForm, _approve, MANAGER,
        "结算单已批准", YEARS, (PERIOD,), kind="plain", hint="编制人不得批准。",
    ),
    "issue": DeskStep(
        "issue", "签发结算单", PeriodForm, _issue, MANAGER,
        "结算单已一次签发并封存", YEARS, (PERIOD,), kind="plain",
        confirm="全体成员的结算单在同一事务中签发，带内容摘要。确定签发？",
    ),
    "run": DeskStep(
        "runs", "编制清算批次", YearRunForm, _run, INSURER,
        "清算批次已编制，待另一人同意", YEARS,
        (
            Field("choice", "method", "方式", "", True, tuple(Method.choices()), width="third"),
            small("day", "due_until", "到期日截至", must=True),
        ),
        kind="plain",
        hint="默认逐笔全额支付；轧差只能在协议写明的范围内。",
    ),
    "reconcile": DeskStep(
        "reconciliation", "三方核对", YearDayForm, _reconcile, INSURER,
        "核对完成，差异见下", YEARS, (small("day", "until_on", "截至", must=True),),
        kind="plain", hint="协议应得、结算单、银行三方逐笔核对，没有容差。",
    ),
    "remind": DeskStep(
        "reminders", "催告逾期", EmptyForm, _remind, INSURER,
        "催告已发出", YEARS, kind="plain",
    ),
    "certify": DeskStep(
        "certificates", "编制年终无差异证明", YearCertificateForm, _certify, INSURER,
        "证明已编制，待成员确认", YEARS,
        (
            small("day", "as_of", "截至", must=True),
            small("text", "member_uscc", "成员统一社会信用代码", "不填为全体成员"),
        ),
        kind="plain",
        hint="有未解释差异或未了争议的成员不能出具，系统会逐项列明。",
    ),
}  # fmt: skip
STATEMENT_STEPS = {
    "approve": DeskStep(
        "approval", "批准重新编制的结算单", EmptyForm, _approve_one, MANAGER,
        "已批准", ("draft",), hint="编制人不得批准。",
    ),
    "issue": DeskStep(
        "issue", "签发重新编制的结算单", EmptyForm, _issue_one, MANAGER,
        "已签发", ("approved",), confirm="签发后成员即可看到。确定签发？",
    ),
    "acknowledge": DeskStep(
        "acknowledgement", "签收", EmptyForm, _acknowledge, INSURER, "已签收", ("issued",),
    ),
    "agree": DeskStep(
        "agreement", "确认结算单", AgreementForm, _agree, MANAGER,
        "已确认", ("issued", "acknowledged", "part_disputed"),
        (Field("area", "note", "说明", "可不填"),),
        hint="有异议的行先逐行提出，移入争议科目；确认的是其余各项，其结算不受影响。",
    ),
    "dispute": DeskStep(
        "disputes", "对一行提出异议", DisputeForm, disputes.open_dispute, INSURER,
        "异议已登记，该行移入争议科目", ("issued", "acknowledged", "part_disputed", "agreed"),
        (
            small("count", "line", "行号", must=True),
            small("money", "amount_fen", "争议金额", "不填为整行"),
            Field("area", "reason", "理由", required=True),
        ),
        kind="plain",
    ),
    "reissue": DeskStep(
        "cancellation", "撤销并重新编制", NoteForm, _reissue, MANAGER,
        "已撤销，重新编制的结算单待批准", ("issued", "acknowledged", "part_disputed"),
        (REASON,), kind="danger", confirm="确定撤销这份结算单？",
    ),
}  # fmt: skip
INSTRUCTION = Field("choice", "instruction", "付款指令", required=True, width="full")
"""Its choices are those of the run."""
RUN_STEPS = {
    "agree": DeskStep(
        "approval", "同意清算", EmptyForm, _agree_run, MANAGER,
        "清算已同意，可导出付款文件", ("proposed",),
        confirm="同意后轧差部分即时抵销。确定同意？", hint="编制人不得同意。",
    ),
    "cancel": DeskStep(
        "cancellation", "放弃清算", NoteForm, _cancel_run, INSURER,
        "清算已放弃", ("proposed", "agreed"), (REASON,), kind="danger",
    ),
    "paid": DeskStep(
        "payments", "登记到账", ResultForm, _result(True), INSURER,
        "到账已入账", paying.OPEN_RUNS,
        (
            INSTRUCTION,
            small("money", "amount_fen", "到账金额", "不填为未付的全部"),
            small("day", "paid_on", "到账日", "不填为今日"),
            small("text", "bank_reference", "银行流水号", must=True),
        ),
        kind="plain", confirm="到账入账后不能修改。确定登记？",
        hint="逐笔登记银行结果；有银行结果文件的在账务页导入。同一银行流水号只能入账一次。",
    ),
    "failed": DeskStep(
        "failures", "登记未付成", ResultForm, _result(False), INSURER,
        "未付成已登记，未付部分恢复应付", paying.OPEN_RUNS,
        (INSTRUCTION, Field("text", "failure", "原因", "如 账号有误；可不填")),
        kind="danger", confirm="登记后这笔指令不再接受到账。确定登记未付成？",
    ),
}  # fmt: skip
RESULTS = frozenset({"paid", "failed"})
"""Steps of a run that are about one of its instructions."""
DISPUTE_STEPS = {
    "escalate": DeskStep(
        "escalation", "提交上一级", EmptyForm, _escalate, INSURER,
        "已提交上一级", ("open", "escalated"),
        hint="本级期限届满后，任一方可以提交上一级。",
    ),
    "uphold": DeskStep(
        "upholding", "认定该行有误", OutcomeForm, dispute_outcomes.uphold,
        (*INSURER, *COMMITTEE), "已认定有误，按原样冲正", ("open", "escalated", "referred"),
        (Field("area", "note", "认定理由", required=True), small("text", "document", "文书号")),
        kind="plain", confirm="认定后该行按原样冲正。确定？",
    ),
    "dismiss": DeskStep(
        "dismissal", "认定该行无误", OutcomeForm, dispute_outcomes.dismiss, APPROVER,
        "已认定无误，恢复应付", ("open", "escalated", "referred"),
        (Field("area", "note", "认定理由", required=True), small("text", "document", "文书号")),
        kind="plain",
    ),
    "withdraw": DeskStep(
        "withdrawal", "撤回异议", NoteForm, _withdraw_dispute, INSURER,
        "异议已撤回，恢复应付", ("open", "escalated", "referred"), (REASON,), kind="plain",
    ),
    "refer": DeskStep(
        "referral", "提交外部解决", NoteForm, _refer, MANAGER,
        "已登记提交外部解决", ("open", "escalated"), (REASON,), kind="danger",
    ),
}  # fmt: skip
