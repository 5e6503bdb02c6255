"""Words and steps of the pages of budgets, payment batches and recoveries."""

from __future__ import annotations

from typing import Any

from catalogue.forms import NoteForm
from catalogue.money_forms import AppropriationForm, BatchForm, RepaymentForm
from catalogue.rules.subsidy.nouns import (
    BatchStatus,
    PayeeStatus,
    RecoveryCause,
    RecoveryStatus,
)
from catalogue.subsidies import payee_accounts, payments, recoveries, schemes
from catalogue.subsidy_forms import ReasonForm
from service.auth import Actor, Role
from service.kernel.errors import NotFound
from service.kernel.forms import Form as EmptyForm
from service.web.desk_steps import DeskStep, Field

OFFICER = (Role.COMMITTEE_OFFICER,)
APPROVER = (Role.COMMITTEE_APPROVER,)
SCHEME_LABELS = {
    "code": "项目代码",
    "name": "项目名称",
    "rule_family": "规则",
    "rule_version": "规则版本",
    "procedure_family": "办理程序",
    "procedure_version": "办理程序版本",
    "window_from": "申报开始",
    "window_to": "申报截止",
    "appropriation_fen": "首次下达预算",
    "document": "预算文件",
    "exclusivity_group": "互斥组",
}
RESULT_LABELS = {
    "file": "结果文件",
    "rows": "结果",
    "rows.item": "序号",
    "rows.amount_fen": "金额",
    "rows.paid": "结果",
    "rows.bank_reference": "银行流水号",
    "rows.paid_on": "付款日期",
    "rows.failure": "失败原因",
}
STATUS_ZH = {
    "scheme": {"draft": "待开放", "open": "受理中", "closed": "已截止"},
    "batch": dict(BatchStatus.choices()),
    "item": {"pending": "待付", "paid": "已付", "failed": "失败"},
    "payee": dict(PayeeStatus.choices()),
    "recovery": dict(RecoveryStatus.choices()),
}
TONES = {
    "draft": "wait",
    "open": "info",
    "approved": "info",
    "sent": "info",
    "part_failed": "bad",
    "done": "good",
    "pending": "wait",
    "paid": "good",
    "failed": "bad",
    "proposed": "wait",
    "received": "good",
    "cancelled": "neutral",
    "closed": "neutral",
    "verified": "good",
    "refused": "bad",
    "replaced": "neutral",
}
SHARED = {"words": STATUS_ZH, "tones": TONES, "causes": dict(RecoveryCause.choices())}


async def _open(actor: Actor, code: str, _: Any) -> object:
    return await schemes.open_scheme(actor, code)


async def _close(actor: Actor, code: str, _: Any) -> object:
    return await schemes.close_scheme(actor, code)


async def _approve_batch(actor: Actor, number: str, _: Any) -> object:
    return await payments.approve_batch(actor, number)


async def _approve_recovery(actor: Actor, number: str, _: Any) -> object:
    return await recoveries.approve(actor, number)


async def _verify_payee(actor: Actor, account: str, form: NoteForm) -> object:
    return await payee_accounts.verify(actor, account_key(account), form.note)


async def _refuse_payee(actor: Actor, account: str, form: ReasonForm) -> object:
    return await payee_accounts.refuse(actor, account_key(account), form.note)


def account_key(text: str) -> int:
    """The key of an account in an address; NotFound for anything else."""
    if not text.isdecimal() or len(text) > 18:
        raise NotFound("收款账户", "Payee account", text)
    return int(text)


async def _cancel_recovery(actor: Actor, number: str, _: Any) -> object:
    return await recoveries.cancel(actor, number)


MONEY_FIELDS = (
    Field("wan", "amount_fen", "追加金额", required=True),
    Field("text", "document", "预算文件", required=True),
)
SCHEME_STEPS = {
    "open": DeskStep(
        "opening",
        "开放申报",
        EmptyForm,
        _open,
        APPROVER,
        "项目已开放，首次预算已入账",
        ("draft",),
        confirm="开放后即可受理申请，首次预算入账。确定开放？",
        hint="编制人不得开放自己编制的项目。",
    ),
    "batch": DeskStep(
        "payment-batches",
        "编制拨付批次",
        BatchForm,
        payments.prepare_batch,
        OFFICER,
        "拨付批次已编制，待另一人审批",
        ("open", "closed"),
        hint="把本项目全部已批准、未在其他批次中的明细编入一个批次。",
    ),
    "appropriate": DeskStep(
        "appropriations",
        "追加预算",
        AppropriationForm,
        schemes.appropriate,
        APPROVER,
        "预算已追加",
        ("open",),
        MONEY_FIELDS,
        kind="plain",
    ),
    "close": DeskStep(
        "closure",
        "截止申报",
        EmptyForm,
        _close,
        APPROVER,
        "项目已截止，不再受理新申请",
        ("open",),
        kind="danger",
        confirm="截止后不再受理新申请，在办申请继续。确定截止？",
    ),
}
BATCH_STEPS = {
    "approve": DeskStep(
        "approval",
        "批准拨付",
        EmptyForm,
        _approve_batch,
        APPROVER,
        "批次已批准，可导出银行文件",
        ("draft",),
        confirm="批准后即可向银行发出付款文件。确定批准？",
        hint="编制人不得审批自己编制的批次。",
    ),
}
PAYEE_STEPS = {
    "verify": DeskStep(
        "verification",
        "核验通过",
        NoteForm,
        _verify_payee,
        APPROVER,
        "收款账户已核验，今后直接支付到此账户",
        ("proposed",),
        (Field("area", "note", "核验说明", "例如核对了开户许可证"),),
        confirm="通过后今后的直接支付都付到此账户。确定通过？",
    ),
    "refuse": DeskStep(
        "refusal",
        "不予通过",
        ReasonForm,
        _refuse_payee,
        APPROVER,
        "收款账户未通过核验",
        ("proposed",),
        (Field("area", "note", "理由", "保险机构可见", required=True),),
        kind="danger",
    ),
}
RECOVERY_STEPS = {
    "approve": DeskStep(
        "approval",
        "批准追回",
        EmptyForm,
        _approve_recovery,
        APPROVER,
        "追回已批准，待缴回",
        ("proposed",),
        confirm="批准后收款的单位须缴回。确定批准？",
        hint="提出追回的人和批准过该补贴的人都不得批准。",
    ),
    "cancel": DeskStep(
        "cancellation",
        "撤销追回",
        EmptyForm,
        _cancel_recovery,
        APPROVER,
        "追回已撤销",
        ("proposed",),
        kind="danger",
        confirm="确定撤销这一追回？",
    ),
    "receive": DeskStep(
        "repayments",
        "登记缴回",
        RepaymentForm,
        recoveries.receive,
        OFFICER,
        "缴回已入账",
        ("open",),
        (
            Field("money", "amount_fen", "缴回金额", required=True, width="third"),
            Field("day", "received_on", "到账日期", required=True, width="third"),
            Field("text", "bank_reference", "银行流水号", required=True, width="third"),
        ),
    ),
}
