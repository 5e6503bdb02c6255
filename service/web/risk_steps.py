"""Words and steps of the pages of risks: lines, conditions, market (风险与份额)."""

from __future__ import annotations

from typing import Any

from coinsurance.placement_forms import (
    LineForm,
    MarketForm,
    NoteForm,
    OffPlatformLineForm,
    SectionNoteForm,
    SubjectivityForm,
)
from coinsurance.placements import lines, risks, subjectivities
from service.auth import INSURER, Actor
from service.kernel.forms import Form as EmptyForm
from service.web.desk_steps import DeskStep, Field

OPEN = ("submitted", "in_market", "undersubscribed")
REASON = Field("area", "note", "理由", "各成员可见", required=True)
TONES = {
    "draft": "neutral",
    "submitted": "info",
    "in_market": "wait",
    "placed": "good",
    "undersubscribed": "warn",
    "withdrawn": "neutral",
    "lapsed": "bad",
    "offered": "wait",
    "written": "info",
    "declined": "neutral",
    "signed": "good",
    "bound": "info",
    "in_force": "good",
    "expired": "neutral",
    "cancelled": "bad",
    "open": "wait",
    "met": "good",
    "waived": "neutral",
}
LABELS = {
    "pool_year": "业务年度",
    "insured_uscc": "被保险企业统一社会信用代码",
    "product": "产品编号",
    "title": "风险名称",
    "business_class": "险种",
    "site": "地点",
    "project_name": "重大科技攻关项目",
    "project_number": "项目编号",
    "method": "参与方式",
    "start_on": "起期",
    "end_on": "止期",
    "rate_ppm": "费率",
    "sum_insured_fen": "保险金额",
    "premium_fen": "保险费",
    "deductible_fen": "免赔额",
    "sections": "分项或分层",
    "sections.code": "代码",
    "sections.title": "名称",
    "sections.kind": "种类",
    "sections.attachment_fen": "起赔点",
    "sections.limit_fen": "限额",
    "sections.aggregate_fen": "累计限额",
    "sections.premium_fen": "保险费",
    "zones": "风险累积区",
    "zones.zone": "累积区代码",
    "zones.at_risk_ppm": "一次事故可能损失比例",
    "values": "价值清单",
    "values.item": "标的",
    "values.location": "位置",
    "values.value_fen": "价值",
    "survey.surveyed_on": "查勘日期",
    "survey.surveyor": "查勘机构",
    "survey.facts": "查勘事实",
    "survey.facts.name": "项目",
    "survey.facts.value": "结果",
    "referral": "超出常规授权的说明",
}
CHECK_LABELS = {
    "file": "被保险人同意书",
    "consent_document": "被保险人同意书",
    "consented_on": "同意日期",
    "issued": "保单形式",
}
BIND_LABELS = {
    "policy_number": "保单号",
    "consent_document": "被保险人同意书",
    "instalments": "分期缴费",
    "instalments.due_on": "应缴日",
    "instalments.amount_fen": "金额",
    "conditions_accepted": "接受各成员认购条件",
    "no_known_loss_document": "无已知损失声明",
    "note": "说明",
}
_SECTION = Field("text", "section", "分项代码", "只有一个分项时可不填", width="third")


async def _submit(actor: Actor, number: str, _: Any) -> object:
    return await risks.submit(actor, number)


RISK_STEPS = {
    "submit": DeskStep(
        "submission",
        "提交",
        EmptyForm,
        _submit,
        INSURER,
        "风险已提交",
        ("draft",),
        hint="提交后全体成员可见；超出授权限额的须先征求成员同意。",
    ),
    "market": DeskStep(
        "market",
        "发起认购",
        MarketForm,
        risks.open_market,
        INSURER,
        "已向成员发起认购",
        ("submitted", "undersubscribed"),
        (Field("day", "lines_until", "认购截止", required=True, width="third"),),
    ),
    "line": DeskStep(
        "lines",
        "填写本公司认购",
        LineForm,
        lines.write_line,
        INSURER,
        "认购已登记",
        ("in_market",),
        (
            _SECTION,
            Field("text", "written_percent", "认购份额", "百分比，如 12.5%", True, width="third"),
            Field("text", "up_to_percent", "可上调至", "协议允许上调时填写", width="third"),
            Field("wan", "amount_max_fen", "最高承担金额", "可不填", width="third"),
            Field("day", "valid_until", "有效至", required=True, width="third"),
            Field("tick", "to_stand", "不可削减：超额认购时未经本公司同意不得削减"),
            Field("area", "conditions", "认购条件", "可不填"),
        ),
        hint="超出本公司承保能力的认购会被拒绝，并告知剩余能力。",
    ),
    "off_platform": DeskStep(
        "off-platform-lines",
        "代录平台外认购",
        OffPlatformLineForm,
        lines.write_off_platform,
        INSURER,
        "平台外认购已代录",
        ("in_market",),
        (
            Field("text", "uscc", "成员统一社会信用代码", required=True),
            Field("count", "evidence_document", "凭证文件编号", required=True, width="third"),
            _SECTION,
            Field("text", "written_percent", "认购份额", "百分比", True, width="third"),
            Field("day", "valid_until", "有效至", required=True, width="third"),
        ),
        kind="plain",
        hint="仅出单人可代录，须附凭证。",
    ),
    "decline": DeskStep(
        "declinations",
        "谢绝认购",
        SectionNoteForm,
        lines.decline,
        INSURER,
        "已谢绝",
        ("in_market",),
        (_SECTION, Field("area", "note", "说明", "可不填")),
        kind="plain",
    ),
    "cut": DeskStep(
        "cut-consents",
        "同意削减本公司不可削减份额",
        SectionNoteForm,
        lines.consent_to_cut,
        INSURER,
        "已同意削减",
        ("in_market",),
        (_SECTION, Field("area", "note", "说明", "可不填")),
        kind="plain",
    ),
    "condition": DeskStep(
        "subjectivities",
        "提出限期条件",
        SubjectivityForm,
        subjectivities.raise_one,
        INSURER,
        "条件已提出",
        OPEN,
        (
            Field("area", "text", "条件", "如 成单前提交消防检测报告", required=True),
            Field("day", "due_on", "期限", required=True, width="third"),
            Field("tick", "before_binding", "成单前须满足"),
        ),
        kind="plain",
    ),
    "withdraw": DeskStep(
        "withdrawal",
        "撤回风险",
        NoteForm,
        risks.withdraw,
        INSURER,
        "风险已撤回",
        ("draft", *OPEN),
        (REASON,),
        kind="danger",
        confirm="撤回后不能恢复。确定撤回？",
    ),
}
