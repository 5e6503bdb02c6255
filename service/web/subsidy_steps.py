"""Words and steps of the committee's pages about subsidy applications."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from catalogue.forms import NoteForm
from catalogue.rules.subsidy.nouns import Material, SubjectKind, SubsidyStatus
from catalogue.rules.subsidy.workflow import SUBSIDY
from catalogue.subsidies import approval, review
from catalogue.subsidy_forms import ApprovalForm, OpinionForm, ReasonForm, WarningNoteForm
from service.auth import Actor, Role
from service.web.desk_steps import NOTE, REASON, DeskStep, Field

OFFICER = (Role.COMMITTEE_OFFICER,)
APPROVER = (Role.COMMITTEE_APPROVER,)
REVIEWERS = (*OFFICER, *APPROVER)
TONES = {
    "submitted": "info",
    "accepted": "info",
    "first_review": "wait",
    "second_review": "wait",
    "public_notice": "info",
    "objection": "bad",
    "approved": "good",
    "paid": "good",
    "evaluated": "good",
    "refused": "bad",
    "returned": "neutral",
    "withdrawn": "neutral",
    "part_recovered": "warn",
    "recovered": "neutral",
    "draft": "neutral",
    "open": "info",
    "frozen": "bad",
}
LINES_ZH = {
    "open": "在审",
    "frozen": "异议冻结",
    "approved": "已批准",
    "refused": "不予补贴",
    "paid": "已拨付",
    "recovered": "已追回",
}
EVENTS_ZH = {step.event: step.label_zh for step in SUBSIDY.steps} | {
    "draft": "新建草稿",
    "change": "修改草稿",
    "announce": "发布公示",
    "object": "收到异议",
    "note_warning": "书面说明疑点",
    "refuse_line": "不予补贴（单行）",
    "uphold_line": "异议成立（单行）",
    "dismiss_line": "异议不成立（单行）",
    "attach": "补充材料",
    "approve_late": "批准解除冻结的明细",
    "tell_term": "工作日历更新，期限确定",
}
HOLDERS = {"firm": "企业", "committee": "管委会", "public": "公众（公示）", "nobody": "无，已办结"}
WORDS = {
    "statuses": SubsidyStatus,
    "kinds": SubjectKind,
    "materials": Material,
    "tones": TONES,
    "lines_zh": LINES_ZH,
    "holders": HOLDERS,
}
OPINION = (
    Field(
        "choice", "passed", "意见", required=True, options=(("1", "通过"), ("0", "不通过，退回"))
    ),
    Field("area", "note", "意见说明", "不通过的须写明理由"),
)


def _noted(call: Callable[[Actor, str, str], Awaitable[object]]) -> Any:
    async def use(actor: Actor, number: str, form: NoteForm) -> object:
        return await call(actor, number, form.note)

    return use


STEPS = {
    "accept": DeskStep(
        "acceptance",
        "受理",
        NoteForm,
        _noted(review.accept),
        OFFICER,
        "已受理",
        ("submitted",),
        (NOTE,),
    ),
    "begin_review": DeskStep(
        "first-review",
        "开始初审",
        NoteForm,
        _noted(review.begin_review),
        OFFICER,
        "已开始初审",
        ("accepted",),
        (NOTE,),
    ),
    "pass_first": DeskStep(
        "first-opinion",
        "初审意见",
        OpinionForm,
        review.first_opinion,
        OFFICER,
        "初审意见已提交",
        ("first_review",),
        OPINION,
        hint="提交时按现有记录重新测算；有未说明的疑点不能通过。不通过即退回企业补正。",
    ),
    "pass_second": DeskStep(
        "second-opinion",
        "复审意见",
        OpinionForm,
        review.second_opinion,
        REVIEWERS,
        "复审意见已提交",
        ("second_review",),
        OPINION,
        hint="复审人不得是初审人。通过后进入公示，不通过退回初审。",
    ),
    "approve": DeskStep(
        "approval",
        "批准",
        ApprovalForm,
        approval.approve,
        APPROVER,
        "已批准，预算已占用",
        ("public_notice", "objection", "approved"),
        (
            Field("area", "note", "办理意见", "批准无异议部分的须写明理由"),
            Field("tick", "accept_lower", "剩余预算或额度不足时，同意按较低金额批准"),
        ),
        confirm="批准后占用预算，可编入拨付批次。确定批准？",
        hint="公示期满方可批准；批准人不得是初审人或复审人。有异议时只批准无异议的明细。",
    ),
    "return": DeskStep(
        "return",
        "退回补正",
        ReasonForm,
        _noted(review.send_back_to_firm),
        OFFICER,
        "已退回企业补正",
        ("submitted", "first_review", "second_review"),
        (REASON,),
        kind="plain",
    ),
    "refuse": DeskStep(
        "refusal",
        "不予受理或不予补贴",
        ReasonForm,
        _noted(review.refuse),
        REVIEWERS,
        "已作出不予补贴的决定",
        ("submitted", "first_review", "second_review", "public_notice"),
        (REASON,),
        kind="danger",
        confirm="确定对整件申请不予补贴？",
    ),
    "revoke": DeskStep(
        "revocation",
        "拨付前撤销批准",
        ReasonForm,
        _noted(approval.revoke),
        APPROVER,
        "批准已撤销，预算与额度已释放",
        ("approved",),
        (REASON,),
        kind="danger",
        confirm="确定撤销批准？预算与额度随即释放。",
    ),
    "evaluate": DeskStep(
        "evaluation",
        "绩效评价",
        ReasonForm,
        _noted(review.evaluate),
        OFFICER,
        "绩效评价已登记",
        ("paid", "part_recovered"),
        (Field("area", "note", "评价意见", required=True),),
    ),
}
WARNING = DeskStep(
    "warning-notes",
    "书面说明疑点",
    WarningNoteForm,
    review.note_warning,
    REVIEWERS,
    "说明已保存",
    ("submitted", "accepted", "first_review", "second_review"),
    (Field("area", "note", "说明", required=True),),
)
EITHER = {"approve": ("approve", "approve_rest")}
"""Steps of a page that stand for several of the life cycle."""
