"""Words and steps of the pages of claims (赔案)."""

from __future__ import annotations

from typing import Any

from coinsurance.claim_forms import (
    AcknowledgementForm,
    AssessmentForm,
    CashCallForm,
    ConsentAskForm,
    DecisionForm,
    ExpenseForm,
    FlagsForm,
    NoticeForm,
    OverrideForm,
    PaymentForm,
    ReasonForm,
    RecoveryForm,
    ReopeningForm,
    ReserveForm,
    ServiceForm,
    SurveyForm,
)
from coinsurance.claims import (
    calls,
    consenting,
    cover,
    deciding,
    moving,
    notices,
    notifying,
    paying,
    surveys,
)
from coinsurance.rules.claims.nouns import (
    BeneficiaryKind,
    Charge,
    ClaimFlag,
    NoticeKind,
    Proposal,
)
from coinsurance.rules.claims.workflow import (
    ADVANCEABLE,
    CLAIM,
    CLOSABLE,
    PAYABLE,
    RECOVERABLE,
    RUNNING,
)
from service.auth import INSURER, Role
from service.web.claim_registration import RegisterForm, register
from service.web.desk_steps import DeskStep, Field

MANAGER = (Role.INSURER_MANAGER,)
PARTIES = (*INSURER, Role.ENTERPRISE)
REASON = Field("area", "reason", "理由", "各成员可见", required=True)
NOTE = Field("area", "note", "说明", "可不填")
SECTION = Field("text", "section", "分项代码", "只有一个分项时可不填", width="third")
TONES = {
    "notified": "info",
    "registered": "info",
    "survey": "info",
    "assessed": "wait",
    "consent_pending": "wait",
    "agreed": "good",
    "declined": "neutral",
    "disputed": "bad",
    "part_paid": "info",
    "paid": "good",
    "recovery": "info",
    "closed": "neutral",
    "reopened": "warn",
}


def small(kind: str, path: str, label: str, hint: str = "", must: bool = False) -> Field:
    """An input of a third of the line."""
    return Field(kind, path, label, hint, must, width="third")


def choice(path: str, label: str, options: Any, must: bool = True) -> Field:
    """A choice of a vocabulary."""
    return Field("choice", path, label, "", must, tuple(options), width="third")


def _sources(event: str) -> tuple[str, ...]:
    """States out of which an event leads."""
    return tuple(dict.fromkeys(s.source for s in CLAIM.steps if s.event == event))


def step(
    path: str,
    label: str,
    model: Any,
    call: Any,
    done: str,
    states: Any,
    *fields: Field,
    **more: Any,
) -> DeskStep:
    """A step of the member that handles the claim."""
    roles = more.pop("roles", INSURER)
    return DeskStep(path, label, model, call, roles, done, tuple(states), fields, **more)


CLAIM_STEPS: dict[str, DeskStep] = {
    "register": step(
        "registration", "立案", RegisterForm, register, "已立案",
        _sources("register"),
        small("day", "loss_on", "出险日", "与报案相同可不填"),
        small("wan", "estimate_fen", "估损", "与报案相同可不填"),
        Field("own", "reserves", "首次未决估损"),
        Field("own", "reserves.section", "分项"),
        Field("own", "reserves.outstanding_fen", "未决估损"),
        NOTE,
        hint="立案后出险日不再变更：它决定业务年度、协议与份额。",
    ),
    "notices": step(
        "notices", "发出通知", NoticeForm, notices.send, "通知已发出",
        (*RUNNING, "notified"),
        choice("kind", "通知事项", NoticeKind.choices()),
        Field("area", "text", "内容", "可不填"),
        kind="plain",
        hint="发给尚未收到此项通知的全部成员。",
    ),
    "service": step(
        "service", "登记送达", ServiceForm, notices.serve, "送达已登记",
        (*RUNNING, "notified"),
        choice("kind", "通知事项", NoticeKind.choices()),
        Field("text", "how", "送达方式", "如 电子邮件并电话确认", True),
        kind="plain",
    ),
    "acknowledge": step(
        "acknowledgements", "签收通知", AcknowledgementForm, notices.acknowledge, "已签收",
        (*RUNNING, "notified", "closed"),
        choice("kind", "通知事项", NoticeKind.choices()),
        kind="plain",
    ),
    "survey": step(
        "surveys", "登记查勘", SurveyForm, surveys.hold, "查勘已登记",
        _sources("survey"),
        small("day", "held_on", "查勘日期", must=True),
        small("text", "surveyor", "查勘人", must=True),
        small("text", "place", "地点", must=True),
        Field("tick", "joint", "联合查勘"),
        Field("own", "attendance", "到场情况"),
        Field("own", "attendance.status", "到场情况"),
        Field("area", "summary", "查勘结论", required=True),
        hint="预计损失超过协议金额的，须联合查勘并登记各成员到场情况。",
    ),
    "reserve": step(
        "reserves", "调整未决估损", ReserveForm, moving.reserve, "未决估损已登记",
        sorted(RUNNING),
        SECTION,
        small("wan", "outstanding_fen", "尚待赔付", must=True),
        Field("area", "reason", "理由", required=True),
        kind="plain",
    ),
    "assess": step(
        "assessment", "定损理算", AssessmentForm, cover.assess, "理算书已留存",
        _sources("assess"),
        Field("own", "losses", "分项损失"),
        Field("own", "losses.section", "分项"),
        Field("own", "losses.gross_fen", "损失金额"),
        Field("own", "losses.salvage_fen", "残值"),
        Field("own", "losses.value_fen", "出险时价值"),
        NOTE,
        hint="限额、免赔额与累计已耗按出险日的保单对整个共保体计算一次。",
    ),
    "ask": step(
        "consent", "征求成员同意", ConsentAskForm, consenting.ask, "已征求成员同意",
        _sources("ask"),
        choice("proposal", "征求事项", Proposal.choices()),
        NOTE,
        roles=MANAGER,
    ),
    "withdraw_consent": step(
        "consent-withdrawal", "撤回征求", ReasonForm, consenting.withdraw, "征求已撤回",
        ("consent_pending",),
        REASON,
        roles=MANAGER,
        kind="plain",
    ),
    "agree": step(
        "agreement", "核定赔付", DecisionForm, deciding.agree, "已核定赔付",
        _sources("agree"),
        NOTE,
        roles=MANAGER,
        confirm="核定后开始计算支付期限。确定核定？",
        hint="超过主办权限或有复杂情形的，须先获成员同意。",
    ),
    "decline": step(
        "declination", "拒赔", ReasonForm, deciding.decline, "已作出拒赔决定",
        _sources("decline"),
        REASON,
        roles=MANAGER,
        kind="danger",
    ),
    "pay": step(
        "payments", "支付赔款", PaymentForm, paying.pay, "赔款已入账，摊回款项已生成",
        sorted(PAYABLE | ADVANCEABLE),
        SECTION,
        small("money", "amount_fen", "金额", must=True),
        small("day", "paid_on", "支付日", "不填为今日"),
        small("text", "reference", "银行流水号", must=True),
        choice("beneficiary_kind", "受益对象", BeneficiaryKind.choices()),
        small("text", "beneficiary_name", "受益人", must=True),
        small("text", "payee_name", "收款户名", must=True),
        small("text", "payee_account", "收款账号", must=True),
        small("text", "bank_name", "开户行"),
        small("text", "authority_reference", "授权或判决文号"),
        small("text", "compensation_proof", "第三者已受偿凭证"),
        Field("tick", "advance", "预付赔款（核定前）"),
        NOTE,
        confirm="赔款入账后只能冲销，不能修改。确定支付？",
        hint="同一损失向同一受益人再次支付须先由负责人放行。",
    ),
    "override": step(
        "payment-overrides", "放行再次支付", OverrideForm, paying.override, "已放行",
        sorted(PAYABLE | ADVANCEABLE),
        small("text", "beneficiary_name", "受益人", must=True),
        small("money", "amount_max_fen", "最高金额", must=True),
        REASON,
        roles=MANAGER,
        kind="danger",
    ),
    "expense": step(
        "expenses", "登记理赔费用", ExpenseForm, moving.expense, "费用已入账",
        sorted(RUNNING),
        SECTION,
        choice("charge", "费用项目", Charge.choices()),
        small("money", "amount_fen", "金额", must=True),
        small("day", "paid_on", "支付日", "不填为今日"),
        small("text", "reference", "凭证号", must=True),
        small("text", "payee_name", "收款人"),
        kind="plain",
    ),
    "recover": step(
        "recoveries", "登记追偿或残值", RecoveryForm, moving.recover, "已入账并按损失份额分回",
        sorted(RECOVERABLE),
        choice("kind", "种类", (("recovery", "追偿款"), ("salvage", "残值"))),
        SECTION,
        small("money", "gross_fen", "收到金额", must=True),
        small("money", "cost_fen", "追偿成本"),
        small("day", "received_on", "到账日", "不填为今日"),
        small("text", "reference", "银行流水号", must=True),
        small("text", "payer_name", "付款人", must=True),
        kind="plain",
    ),
    "call": step(
        "cash-calls", "预收赔款", CashCallForm, calls.call, "预收通知已发出",
        sorted(PAYABLE),
        SECTION,
        small("money", "amount_fen", "金额", must=True),
        NOTE,
        kind="plain",
        hint="大额赔款支付前按份额向各成员预收。",
    ),
    "flags": step(
        "flags", "标记复杂情形", FlagsForm, notifying.set_flags, "标记已更新",
        sorted(RUNNING),
        Field("choices", "flags", "复杂情形", options=tuple(ClaimFlag.choices())),
        REASON,
        kind="plain",
        hint="有标记的案件不论金额均不得由主办人单独核定；标记一经登记，主办人不能自行撤销。",
    ),
    "dispute": step(
        "dispute", "提出争议", ReasonForm, deciding.dispute, "争议已登记",
        _sources("dispute"),
        REASON,
        roles=PARTIES,
        kind="danger",
    ),
    "close": step(
        "closing", "结案", ReasonForm, deciding.close, "已结案",
        (*CLOSABLE, "reopened"),
        REASON,
        roles=MANAGER,
        confirm="有未决估损或未了征求时不能结案。确定结案？",
    ),
    "reopen": step(
        "reopening", "重开赔案", ReopeningForm, deciding.reopen, "赔案已重开",
        ("closed",),
        SECTION,
        small("wan", "outstanding_fen", "尚待赔付", must=True),
        REASON,
        roles=MANAGER,
    ),
}  # fmt: skip
MEMBER_EVENTS = frozenset({"acknowledge", "dispute"})
"""Steps open to members that do not handle the claim, and to the insured."""
NEXT = {
    "notified": "register",
    "registered": "notices",
    "survey": "assess",
    "assessed": "ask",
    "consent_pending": "agree",
    "agreed": "pay",
    "part_paid": "pay",
    "paid": "close",
    "recovery": "close",
    "reopened": "assess",
}
"""The step of the handler that commonly comes next, which stands open on the page."""
DECISIONS = {
    "agreement": "核定赔付",
    "declination": "拒赔",
    "dispute": "争议",
    "reopening": "重开",
    "closing": "结案",
}
DEADLINES = {
    "notice": "出险通知",
    "payment": "支付赔款",
    "cash_call": "预收赔款",
    "reimbursement": "摊回赔款",
}
"""What the clocks of a claim run for."""
