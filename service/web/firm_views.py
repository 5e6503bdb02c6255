"""Words, tones and tracks of the enterprise's pages: policies, enrolments, applications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from catalogue.rules.subsidy.nouns import (
    EnrolmentStatus,
    Material,
    PolicyStatus,
    QualificationStatus,
    RecoveryCause,
    Relation,
    SubjectKind,
    SubsidyStatus,
)
from catalogue.rules.subsidy.workflow import ENROLMENT, QUALIFICATION, SUBSIDY
from service.kernel.calendar import today
from service.kernel.workflow import Workflow

VOCABULARIES = {
    "policy": PolicyStatus,
    "enrolment": EnrolmentStatus,
    "qualification": QualificationStatus,
    "subsidy": SubsidyStatus,
    "kind": SubjectKind,
    "relation": Relation,
    "material": Material,
}
_GOOD = ("confirmed", "recognised", "active", "granted", "approved", "paid", "evaluated")
_BAD = ("disputed", "refused", "revoked", "cancelled", "recovered", "part_recovered")
_WAIT = ("returned", "recorded", "objection")
LINE_STATES = {
    "open": ("公示中", "info"),
    "frozen": ("有异议，处理中", "warn"),
    "approved": ("已批准", "good"),
    "refused": ("不予补贴", "bad"),
    "paid": ("已拨付", "good"),
    "recovered": ("已追回", "bad"),
}
CERTIFICATE_BANNERS = {
    "valid": ("有效", "good", "证明真实有效，保险正在保障中。"),
    "upcoming": ("真实，保障尚未开始", "info", "证明真实，保险责任从起保日开始。"),
    "expired": ("已到期", "warn", "证明真实，但保险期间已经届满。"),
    "cancelled": ("保单已退保", "bad", "证明所依据的保单已退保，不再有效。"),
    "revoked": ("已撤销", "bad", "投保登记已被撤销，证明不再有效。"),
}
RECOVERY_CAUSES = dict(RecoveryCause.choices())
RECOVERY_STATES = {
    "proposed": ("待批准", "wait"),
    "open": ("待缴回", "bad"),
    "received": ("已缴清", "good"),
    "cancelled": ("已取消", "neutral"),
}
ENDORSEMENT_KINDS = {
    "additional_premium": "加费",
    "return_premium": "退费",
    "sum_change": "变更保险金额或期间",
    "cancel": "退保",
    "reinstate": "恢复效力",
    "undo": "撤销前一批单",
}
_HOLDERS = {
    "firm": "本企业",
    "insurer": "保险机构",
    "committee": "示范区管委会",
    "public": "社会公众（公示）",
}
_ENROLMENT_BALLS = {
    "draft": ("firm", "核对无误后提交，由保险机构确认承保"),
    "returned": ("firm", "按退回意见补正后重新提交"),
    "submitted": ("insurer", "保险机构核对保单和标的，确认后转管委会认定"),
    "insurer_confirmed": ("committee", "管委会认定后生成承保证明，可凭此申请补贴"),
}
_QUALIFICATION_BALLS = {
    "applied": ("committee", "推荐单位核对材料、有效期和价值"),
    "recommended": ("committee", "专家评审"),
    "reviewed": ("committee", "核定额度和有效期"),
}
_SUBSIDY_NOTES = {
    "draft": "补齐下面列出的事项后提交",
    "returned": "按退回意见补正后重新提交，逾期视为撤回",
    "submitted": "管委会核对材料后受理",
    "accepted": "受理后进入初审",
    "first_review": "初审人员审核保单、保费和标的",
    "second_review": "由另一名人员复审，通过后公示",
    "public_notice": "公示期满没有异议的，转审批",
    "objection": "有异议的项目先冻结，其余照常办理",
    "approved": "批次拨付，资金到账后显示已拨付",
}
_ENROLMENT_TRACK = ("draft", "submitted", "insurer_confirmed", "recognised", "active")
_QUALIFICATION_TRACK = ("applied", "recommended", "reviewed", "granted")
_SUBSIDY_TRACK = (
    "draft",
    "submitted",
    "accepted",
    "first_review",
    "second_review",
    "public_notice",
    "approved",
    "paid",
)
_STANDS_AT = {"returned": "submitted", "objection": "public_notice", "evaluated": "paid"}


OBJECT_LABELS = {
    "name": "名称",
    "level": "认定级别",
    "edition": "目录版本",
    "item": "目录条目",
    "value_fen": "单台（批、套）价值",
    "parameters": "技术参数",
    "parameters.name": "参数",
    "parameters.value": "实际值",
    "parameters.unit": "单位",
    "serial_numbers": "出厂编号",
    "variety": "材料品种牌号",
    "batch": "生产批号",
    "software_version": "软件版本号",
    "copyright_number": "软件著作权登记号",
    "test_report_number": "检测报告编号",
    "test_report_body": "检测机构",
    "test_report_marks": "检测资质标志",
    "declared.counted_by": "首次销售计法",
    "declared.key_part": "关键零部件",
    "declared.customised": "为单个用户定制的软件",
    "declared.in_compensated_set": "已随整机享受过补偿",
    "declared.permit_number": "许可证号",
    "declared.on_sale_since": "首次上市日期",
    "declared.completed_on": "研制完成日期",
    "declared.rd_spend_fen": "研发投入",
}
CONTRACT_LABELS = {
    "number": "合同编号",
    "buyer_name": "购买方名称",
    "buyer_uscc": "购买方统一社会信用代码",
    "buyer_relation": "与购买方的关系",
    "signed_on": "签订日期",
    "amount_fen": "合同金额",
    "quantity": "数量",
    "unit_price_fen": "单价",
    "invoice_number": "销售发票号",
    "invoiced_on": "开票日期",
    "delivered_on": "交付日期",
    "delivery_place": "交付地点",
    "accepted_on": "验收日期",
}
APPLICATION_LABELS = {
    "scheme": "补贴项目",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "bank_name": "开户银行",
    "account_name": "户名",
    "account_number": "账号",
    "statement_signed_by": "真实性承诺签署人",
    "firm": "企业情况",
    "firm.registered_on": "成立日期",
    "firm.revenue_fen": "上年度营业收入",
    "firm.staff_count": "职工人数",
    "firm.rd_share_ppm": "研发费用占比",
    "firm.credit_good": "信用良好，无严重失信记录",
    "lines": "保单",
    "lines.policy": "保单",
    "lines.enrolment": "投保登记",
    "lines.qualification": "资格与额度",
    "lines.facts.product_class": "险种",
    "lines.facts.first_time": "首次投保",
    "lines.facts.invoice_on": "开票日期",
    "materials": "材料",
}
APPLICATION_TEXTS = (
    "contact_name",
    "contact_phone",
    "bank_name",
    "account_number",
    "statement_signed_by",
)
WHAT_IF_LABELS = {
    "lines": "保单",
    "lines.kind": "类别",
    "lines.premium_fen": "保费",
    "lines.limit_fen": "责任限额",
    "lines.sum_insured_fen": "保险金额",
    "lines.start_on": "起保日期",
    "lines.cover_year": "第几个保险年度",
    "lines.level": "认定级别",
    "lines.product_class": "险种",
    "lines.first_time": "首次投保",
    "lines.value_fen": "标的价值",
    "lines.contract_fen": "销售合同金额",
    "lines.claim_paid_fen": "已付赔款",
    "lines.premium_paid_own_fen": "企业已付保费",
    "lines.quota_left_fen": "资格剩余额度",
    "lines.other_public_fen": "同一保费已得的其他财政资金",
    "applied_on": "申请日期",
}
UPLOAD_LABELS = {"material": "证明什么", "document": "文件"}
RUNNING = ("submitted", "accepted", "first_review", "second_review", "approved")
"""Applications that wait for somebody else."""


def select(query: Mapping[str, Any], name: str, label: str, options: Any) -> dict[str, Any]:
    """A list of choices for the bar above a list."""
    return {"name": name, "label": label, "options": options, "value": query.get(name) or ""}


def whole(text: object) -> int | None:
    """A small number that a form carries; None for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isdecimal() and len(plain) < 10 else None


def zh(vocabulary: str, code: str) -> str:
    """Chinese term of a code."""
    return VOCABULARIES[vocabulary].zh_of(code)


def tone(status: str) -> str:
    """Tone of the badge of any status on these pages."""
    for name, statuses in (("good", _GOOD), ("bad", _BAD), ("wait", _WAIT)):
        if status in statuses:
            return name
    return "neutral" if status in ("draft", "expired", "withdrawn", "exhausted") else "info"


def holder(code: str) -> str:
    """Who has the ball, in words; empty when nobody has it."""
    return _HOLDERS.get(code, "")


def ball(subject: str, status: str) -> tuple[str, str] | None:
    """Who has to act on an enrolment or qualification, and what happens then."""
    found = {"enrolment": _ENROLMENT_BALLS, "qualification": _QUALIFICATION_BALLS}[subject]
    return (_HOLDERS[found[status][0]], found[status][1]) if status in found else None


def next_words(status: str) -> str:
    """What happens next to an application."""
    return _SUBSIDY_NOTES.get(status, "")


def days_until(day: date | None) -> str:
    """How far a day is, in words."""
    if day is None:
        return ""
    left = (day - today()).days
    if left < 0:
        return f"已过 {-left} 天"
    return "今天截止" if left == 0 else f"还有 {left} 天"


def left_words(day: str) -> str:
    """How far a day of a record as JSON is, in words."""
    return days_until(date.fromisoformat(day))


def track(subject: str, status: str, reached: Iterable[tuple[str, Any]]) -> list[dict[str, str]]:
    """The steps of a record for the tracker. ``reached``: (status, moment) in order."""
    every = {
        "enrolment": _ENROLMENT_TRACK,
        "qualification": _QUALIFICATION_TRACK,
        "subsidy": _SUBSIDY_TRACK,
    }[subject]
    days = {state: str(moment)[:10] for state, moment in reached if state}
    last = [state for state in days if state in every]
    here = _STANDS_AT.get(status, status)
    if here not in every:
        here = max(last, key=every.index, default=every[0])
    position = every.index(here)
    over = status in ("paid", "evaluated", "active", "granted")
    shown = []
    for n, state in enumerate(every):
        name = "done" if n < position or (n == position and over) else "todo"
        standing = "now" if n == position and not over else name
        note = days.get(state, "")
        shown.append({"label": zh(subject, state), "state": standing, "note": note})
    if here != status and status not in _STANDS_AT:
        shown[position]["state"] = "done"
        shown.insert(position + 1, {"label": zh(subject, status), "state": "now", "note": ""})
    return shown


def event_words(subject: str, event: str) -> str:
    """A step of the journal in words."""
    flows: Mapping[str, Workflow] = {
        "enrolment": ENROLMENT,
        "qualification": QUALIFICATION,
        "subsidy": SUBSIDY,
    }
    known = {step.event: step.label_zh for step in flows[subject].steps}
    more = {
        "draft": "新建草稿",
        "change": "修改草稿",
        "attach": "上传材料",
        "apply": "提出申请",
        "announce": "列入公示",
        "object": "收到异议",
        "note_warning": "审核人员书面说明",
        "refuse_line": "不予补贴（单行）",
        "uphold_line": "异议成立（单行）",
        "dismiss_line": "异议不成立（单行）",
        "approve_late": "批准解除冻结的明细",
        "tell_term": "工作日历更新，期限确定",
    }
    return known.get(event) or more.get(event, event)


def source_name(source: str) -> str:
    """Who paid premium, in words."""
    return "企业自付" if source == "own" else f"财政资金（{source}）"


__all__ = [
    "APPLICATION_LABELS",
    "APPLICATION_TEXTS",
    "WHAT_IF_LABELS",
    "left_words",
    "CONTRACT_LABELS",
    "OBJECT_LABELS",
    "UPLOAD_LABELS",
    "whole",
    "CERTIFICATE_BANNERS",
    "ENDORSEMENT_KINDS",
    "LINE_STATES",
    "RECOVERY_CAUSES",
    "RECOVERY_STATES",
    "RUNNING",
    "ball",
    "days_until",
    "event_words",
    "holder",
    "next_words",
    "select",
    "source_name",
    "tone",
    "track",
    "zh",
]
