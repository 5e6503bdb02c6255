"""Words and steps of the pages of pools: agreements, years, members, schedules, consents."""

from __future__ import annotations

from typing import Any

from coinsurance.pool_forms import (
    AgreementForm,
    AnswerForm,
    EffectForm,
    PoolNoteForm,
    PoolYearForm,
    ServiceForm,
    StepForm,
    VoteForm,
)
from coinsurance.pools import (
    agreements,
    answering,
    founding,
    schedules,
    years,
)
from coinsurance.premium_forms import ShareEffectForm
from coinsurance.premiums import shares
from service.auth import Actor, Role
from service.web.desk_steps import NOTE, DeskStep, Field

OFFICE = (Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN)
APPROVER = (Role.COMMITTEE_APPROVER,)
MANAGER = (Role.INSURER_MANAGER,)
PROPOSERS = (*MANAGER, *OFFICE)
REASON = Field("area", "note", "理由", "记入办理过程", required=True)
RESOLUTION = Field("text", "resolution_number", "决议文号", "如 示例决〔2026〕1号", required=True)
TONES = {
    "forming": "wait",
    "active": "good",
    "suspended": "warn",
    "run_off": "neutral",
    "closed": "neutral",
    "draft": "neutral",
    "under_vote": "wait",
    "effective": "good",
    "superseded": "neutral",
    "refused": "bad",
    "withdrawn": "neutral",
    "signed": "info",
    "open": "good",
    "closed_new": "neutral",
    "commuted": "neutral",
    "invited": "wait",
    "exited": "neutral",
    "defaulted": "bad",
    "declined": "neutral",
    "proposed": "wait",
    "consented": "info",
    "given": "good",
    "expired": "warn",
}


def _pool(event: str) -> Any:
    async def use(actor: Actor, code: str, form: PoolNoteForm) -> object:
        return await founding.step(actor, code, event, form.note)

    return use


def of_two(call: Any) -> Any:
    """A use case on a record that two words of its address name."""

    async def use(actor: Actor, key: str, form: Any) -> object:
        first, _, second = key.partition("/")
        return await call(actor, first, second, form)

    return use


async def _withdraw_agreement(actor: Actor, code: str, version: str, form: Any) -> object:
    return await agreements.withdraw(actor, code, version, form.note)


async def _withdraw_schedule(actor: Actor, number: str, form: Any) -> object:
    return await schedules.withdraw(actor, number, form.note)


async def _vote_schedule(actor: Actor, number: str, _: Any) -> object:
    return await schedules.vote(actor, number)


POOL_STEPS = {
    "agreement": DeskStep(
        "agreements",
        "起草协议版本",
        AgreementForm,
        agreements.draft,
        PROPOSERS,
        "协议草案已保存",
        ("forming", "active", "suspended"),
        (Field("area", "text", "协议文本（TOML）", "留空则采用本共保体已发布的示范文本"),),
        hint="条款以数据写成，自带算例；算例不通过的版本不能生效。",
    ),
    "year": DeskStep(
        "years",
        "新建业务年度",
        PoolYearForm,
        years.create,
        OFFICE,
        "业务年度已建立，账套已开立",
        ("forming", "active"),
        (
            Field("count", "year", "年度", "如 2026", required=True, width="third"),
            Field("day", "start_on", "起期", "不填为 1 月 1 日", width="third"),
            Field("day", "end_on", "止期", "不填为 12 月 31 日", width="third"),
        ),
    ),
    "suspend": DeskStep(
        "suspension",
        "暂停",
        PoolNoteForm,
        _pool("suspend"),
        APPROVER,
        "共保体已暂停",
        ("active",),
        (REASON,),
        kind="danger",
        confirm="暂停后不能成单。确定暂停？",
    ),
    "resume": DeskStep(
        "resumption",
        "恢复",
        PoolNoteForm,
        _pool("resume"),
        APPROVER,
        "共保体已恢复",
        ("suspended",),
        (REASON,),
    ),
    "wind_up": DeskStep(
        "winding-up",
        "停止新业务",
        PoolNoteForm,
        _pool("wind_up"),
        APPROVER,
        "共保体进入了结期",
        ("active", "suspended"),
        (REASON,),
        kind="danger",
        confirm="停止后不再承接新业务，未了责任按原份额继续。确定？",
    ),
    "close": DeskStep(
        "closing",
        "关闭",
        PoolNoteForm,
        _pool("close"),
        APPROVER,
        "共保体已关闭",
        ("run_off", "forming"),
        (REASON,),
        kind="danger",
        confirm="关闭后不能再开。确定关闭？",
    ),
}
AGREEMENT_STEPS = {
    "vote": DeskStep(
        "vote",
        "提交表决",
        VoteForm,
        of_two(agreements.vote),
        PROPOSERS,
        "已向各成员征求同意",
        ("draft",),
        (NOTE,),
        hint="提交后文本不再改动。筹建中的共保体由接口指定创始成员。",
    ),
    "effect": DeskStep(
        "effect",
        "确认生效",
        EffectForm,
        of_two(agreements.take_effect),
        APPROVER,
        "协议版本已生效",
        ("under_vote",),
        (RESOLUTION, NOTE),
        confirm="生效后按此版本计算每一笔金额。确定？",
        hint="算例须全部通过，同意须达到协议规则；起草人不得确认生效。",
    ),
    "withdraw": DeskStep(
        "withdrawal",
        "撤回",
        PoolNoteForm,
        of_two(_withdraw_agreement),
        PROPOSERS,
        "协议版本已撤回",
        ("draft", "under_vote"),
        (REASON,),
        kind="danger",
    ),
}


async def _take_effect(actor: Actor, number: str, form: EffectForm) -> object:
    """Of a placement's section on the placement, where capacity follows; else of the year."""
    placement = (await schedules.schedule_row(number))["placement_number"]
    if placement is None:
        return await schedules.take_effect(actor, number, form)
    effect = ShareEffectForm(resolution_number=form.resolution_number, note=form.note)
    return await shares.take_effect(actor, placement, number, effect)


SCHEDULE_STEPS = {
    "vote": DeskStep(
        "vote",
        "征求成员同意",
        StepForm,
        _vote_schedule,
        PROPOSERS,
        "已征求成员同意",
        ("proposed",),
    ),
    "effect": DeskStep(
        "effect",
        "确认生效",
        EffectForm,
        _take_effect,
        APPROVER,
        "份额表已生效",
        ("consented",),
        (RESOLUTION, NOTE),
        confirm="生效后自所列日期起按此份额计算。确定？",
        hint="提出份额表的人不得确认生效。",
    ),
    "withdraw": DeskStep(
        "withdrawal",
        "撤回",
        PoolNoteForm,
        _withdraw_schedule,
        PROPOSERS,
        "份额表已撤回",
        ("proposed", "consented"),
        (REASON,),
        kind="danger",
    ),
}
CONSENT_STEPS = {
    "answer": DeskStep(
        "answers",
        "答复",
        AnswerForm,
        answering.answer,
        MANAGER,
        "答复已登记",
        ("open",),
        (
            Field(
                "choice",
                "answer",
                "本公司意见",
                required=True,
                options=(("consented", "同意"), ("refused", "不同意")),
                width="third",
            ),
            Field("area", "note", "理由", "不同意时必填"),
        ),
        confirm="答复登记后不能更改。确定提交？",
    ),
    "serve": DeskStep(
        "service",
        "登记送达",
        ServiceForm,
        answering.serve,
        PROPOSERS,
        "送达已登记，期限开始计算",
        ("open",),
        (Field("text", "how", "送达方式", "如 系统通知并电子邮件", required=True),),
        hint="登记尚未送达的全部成员，送达时刻为现在。",
        kind="plain",
    ),
}
