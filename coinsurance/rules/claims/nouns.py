"""The fixed vocabularies of claims: code, Chinese term and one sentence each."""

from __future__ import annotations

from catalogue.rules.nouns import Term


class ClaimFlag(Term):
    """What makes a claim complex, whatever its amount (复杂案件标识); POOLS §1.3."""

    FRAUD = "fraud", "欺诈嫌疑", "Signs of fraud (保险法第二十七条)."
    COVERAGE_DOUBT = "coverage_doubt", "责任存疑", "Whether the policy answers is in doubt."
    DISPUTE = "dispute", "争议", "Insured, members or third parties contest it."
    LITIGATION = "litigation", "诉讼仲裁", "A court or an arbitrator is seized of it."


class MovementKind(Term):
    """What a movement of a claim does (赔案变动); rows are never overwritten."""

    RESERVE = "reserve", "未决估损", "Sets what is still expected to be paid."
    EXPENSE = "expense", "理赔费用", "A cost of handling the claim, shared by its own rule."
    PAYMENT = "payment", "赔款", "Paid on the agreed amount."
    ADVANCE = "advance", "预付赔款", "Paid before agreement (保险法第二十五条)."
    RECOVERY = "recovery", "追偿款", "Received from whoever caused the loss (保险法第六十条)."
    SALVAGE = "salvage", "残值", "Received for what the loss left over (保险法第五十九条)."
    REOPEN = "reopen", "重开估损", "The estimate a reopened claim starts with."


RESERVE_KINDS = frozenset({MovementKind.RESERVE, MovementKind.REOPEN})
PAID_KINDS = frozenset({MovementKind.PAYMENT, MovementKind.ADVANCE})
RECOVERY_KINDS = frozenset({MovementKind.RECOVERY, MovementKind.SALVAGE})


class Series(Term):
    """Movements that share one schedule and one running total (DESIGN law 2)."""

    RESERVE = "reserve", "未决", "Reserves set, and what payments use of them."
    PAID = "paid", "赔付", "Payments and advances of one section."
    EXPENSE = "expense", "费用", "Expenses of one section."
    RECOVERY = "recovery", "追偿", "Recoveries and salvage of one section, net of cost."


def series_of(kind: MovementKind) -> Series:
    """The series a movement belongs to."""
    if kind in PAID_KINDS:
        return Series.PAID
    if kind in RECOVERY_KINDS:
        return Series.RECOVERY
    return Series.EXPENSE if kind is MovementKind.EXPENSE else Series.RESERVE


class NoticeKind(Term):
    """What members are told (通知事项)."""

    LOSS = "loss", "出险通知", "A loss was reported; within the agreed term."
    SURVEY = "survey", "联合查勘通知", "Invitation to survey the loss together."
    PAPERS = "papers", "结案资料", "Report, calculation and proof of payment."


class BeneficiaryKind(Term):
    """Whom a payment is for (受益对象)."""

    INSURED = "insured", "被保险人", "The insured itself."
    THIRD_PARTY = "third_party", "受害第三者", "Who was harmed, under liability cover."
    MORTGAGEE = "mortgagee", "第一受益人", "Named in the policy, such as a bank."


class Combine(Term):
    """How a fixed deductible and one in percent of the loss act together (免赔约定)."""

    GREATER = "greater", "两者以高者为准", "The greater of the two."
    LESSER = "lesser", "两者以低者为准", "The lesser of the two."
    SUM = "sum", "两者相加", "Both are taken off."


class ExpenseSharing(Term):
    """Who bears the expenses of a claim (费用分摊规则)."""

    BY_SHARE = "by_share", "按份额分摊", "Every member on the risk by its share."
    HANDLER_BEARS = "handler_bears", "主办人自担", "The member that handles the claim alone."


class Charge(Term):
    """What an expense of a claim may be for (费用项目); nothing else is shared."""

    LOSS_ADJUSTER = "loss_adjuster", "公估费", "A licensed loss adjuster."
    APPRAISAL = "appraisal", "鉴定检测费", "Cause, value or quality found by an expert."
    LEGAL = "legal", "诉讼仲裁与律师费", "Courts, arbitrators, counsel."
    SURVEY = "survey", "查勘费", "Travel and equipment of a survey."
    RESCUE = "rescue", "施救费", "Cost of averting or lessening the loss (保险法第五十七条)."
    RECOVERY_COST = "recovery_cost", "追偿费", "Cost of recovering that found nothing to take off."


class Attendance(Term):
    """Whether a member came to a joint survey (到场情况)."""

    ATTENDED = "attended", "到场", "Its person was there."
    ABSENT = "absent", "未到场", "It had been invited and did not come."
    WAIVED = "waived", "书面放弃", "It gave up its place in writing."


class Proposal(Term):
    """What members are asked to consent to (征求事项)."""

    AGREE = "agree", "同意赔付", "To pay the assessed amount."
    DECLINE = "decline", "拒绝赔付", "To decline the claim."


class Basis(Term):
    """What a decision rests on (决定依据)."""

    SOLE = "sole", "独家承保", "One insurer carries the whole."
    AUTHORITY = "authority", "主办权限", "Within what the handler may decide alone."
    CONSENT = "consent", "成员同意", "The members on the risk consented."


class BackstopKind(Term):
    """Movements of the government's account (政府兜底往来)."""

    CALL = "call", "应收确认", "What the bands make the government owe by now."
    RECEIPT = "receipt", "收款", "Money received from the government."
