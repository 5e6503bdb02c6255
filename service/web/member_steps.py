"""Words and steps of the pages of pool years and their members (业务年度、成员)."""

from __future__ import annotations

from typing import Any

from coinsurance.pool_forms import (
    AcceptanceForm,
    CapacityForm,
    DefaultForm,
    ExitForm,
    MembershipForm,
    PoolNoteForm,
    ScheduleForm,
    ShortfallChargeForm,
    ShortfallForm,
    ShortfallTakeBackForm,
    StepForm,
    TransferForm,
)
from coinsurance.pools import (
    leaving,
    members,
    schedules,
    shortfall_reversal,
    shortfalls,
    years,
)
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor
from service.web.desk_steps import NOTE, DeskStep, Field
from service.web.pool_steps import (
    APPROVER,
    MANAGER,
    OFFICE,
    PROPOSERS,
    REASON,
    RESOLUTION,
    of_two,
)


def _year(event: str) -> Any:
    async def use(actor: Actor, number: str, form: Any) -> object:
        return await years.step(actor, number, event, form.note)

    return use


def _member(event: str) -> Any:
    async def use(actor: Actor, number: str, uscc: str, form: Any) -> object:
        return await leaving.step(actor, number, uscc, event, form.note)

    return of_two(use)


async def _cure(actor: Actor, number: str, uscc: str, form: Any) -> object:
    return await leaving.cure(actor, number, uscc, form.note)


async def _join(actor: Actor, number: str, uscc: str, form: StepForm) -> object:
    return await members.accept(actor, number, uscc, AcceptanceForm(accept=True, note=form.note))


async def _decline(actor: Actor, number: str, uscc: str, form: StepForm) -> object:
    return await members.accept(actor, number, uscc, AcceptanceForm(accept=False, note=form.note))


async def _take_back(
    actor: Actor, number: str, uscc: str, form: ShortfallTakeBackForm
) -> object:
    return await shortfall_reversal.reverse(actor, number, uscc, form.charge, form)


async def _capacity(actor: Actor, number: str, uscc: str, form: CapacityForm) -> object:
    return await members.change_capacity(actor, number, uscc, form, None)


CAPACITY = (
    Field("wan", "risk_capacity_fen", "单一风险能力", required=True, width="third"),
    Field("wan", "event_capacity_fen", "单次事故能力", required=True, width="third"),
    Field("wan", "aggregate_capacity_fen", "年度累计能力", required=True, width="third"),
)
YEAR_STEPS = {
    "sign": DeskStep(
        "signing",
        "签署年度",
        StepForm,
        _year("sign"),
        OFFICE,
        "年度已签署",
        ("draft",),
        (NOTE,),
        hint="须有四项职责的承担者，份额表合计恰为 100%。",
    ),
    "open": DeskStep(
        "opening",
        "开启承保",
        StepForm,
        _year("open"),
        APPROVER,
        "已开启承保",
        ("signed",),
        (NOTE,),
        hint="签署人不得开启。",
    ),
    "member": DeskStep(
        "members",
        "邀请成员",
        MembershipForm,
        members.invite,
        OFFICE,
        "邀请已发出",
        ("draft", "signed", "open"),
        (
            Field("text", "uscc", "统一社会信用代码", required=True),
            Field(
                "choices",
                "roles",
                "职责",
                required=True,
                options=tuple(PoolRole.choices()),
            ),
            *CAPACITY,
            Field("text", "bank_account", "结算账户"),
        ),
        kind="plain",
    ),
    "propose": DeskStep(
        "shares",
        "提出份额表",
        ScheduleForm,
        schedules.propose,
        PROPOSERS,
        "份额表已提出，待征求同意",
        ("draft", "signed", "open"),
        (
            Field("day", "valid_from", "自何日起", "不填为年度起期", width="third"),
            Field("own", "shares.share", "份额"),
            Field("area", "reason", "理由", required=True),
        ),
        kind="plain",
        hint="合计须恰为 100%，没有容差；中途变更只能自生效日起向后。",
    ),
    "close_new": DeskStep(
        "closing",
        "停止新业务",
        PoolNoteForm,
        _year("close_new"),
        APPROVER,
        "本年度已停止新业务",
        ("open",),
        (REASON,),
        kind="danger",
        confirm="停止后本年度不能再成单。确定？",
    ),
    "run_off": DeskStep(
        "run-off",
        "进入了结期",
        StepForm,
        _year("run_off"),
        APPROVER,
        "本年度进入了结期",
        ("closed_new",),
        (NOTE,),
    ),
    "commute": DeskStep(
        "commutation",
        "了结",
        PoolNoteForm,
        _year("commute"),
        APPROVER,
        "本年度已了结",
        ("run_off",),
        (REASON,),
        kind="danger",
        confirm="了结后本年度账套不再变动。确定？",
    ),
}
MEMBER_STEPS = {
    "accept": DeskStep(
        "acceptance",
        "同意加入",
        StepForm,
        of_two(_join),
        MANAGER,
        "已加入本业务年度",
        ("invited",),
        (NOTE,),
    ),
    "decline": DeskStep(
        "declination",
        "谢绝加入",
        StepForm,
        of_two(_decline),
        MANAGER,
        "已谢绝",
        ("invited",),
        (NOTE,),
        kind="danger",
    ),
    "capacity": DeskStep(
        "capacity",
        "变更承保能力",
        CapacityForm,
        of_two(_capacity),
        MANAGER,
        "承保能力已变更",
        ("invited", "active"),
        CAPACITY,
        kind="plain",
        hint="不得低于已使用的累计能力。",
    ),
    "roles": DeskStep(
        "roles",
        "交接职责",
        TransferForm,
        of_two(leaving.take_over),
        APPROVER,
        "职责已交接",
        ("active",),
        (
            Field(
                "choice",
                "role",
                "由本成员接任",
                required=True,
                options=tuple(PoolRole.choices())[:4],
            ),
            RESOLUTION,
            NOTE,
        ),
        kind="plain",
    ),
    "suspend": DeskStep(
        "suspension",
        "暂停",
        PoolNoteForm,
        _member("suspend"),
        APPROVER,
        "成员已暂停",
        ("active",),
        (REASON,),
        kind="danger",
    ),
    "resume": DeskStep(
        "resumption",
        "恢复",
        PoolNoteForm,
        _member("resume"),
        APPROVER,
        "成员已恢复",
        ("suspended",),
        (REASON,),
    ),
    "exit": DeskStep(
        "exit",
        "退出",
        ExitForm,
        of_two(leaving.leave),
        (*MANAGER, *APPROVER),
        "退出已登记，原份额上的责任继续承担至了结",
        ("active", "suspended"),
        (Field("day", "left_on", "退出日", "不填为通知期届满日", width="third"), REASON),
        kind="danger",
        confirm="退出后原份额上的责任继续承担至了结。确定？",
    ),
    "default": DeskStep(
        "default",
        "认定违约",
        DefaultForm,
        of_two(leaving.default),
        APPROVER,
        "已认定违约；缺口披露，不分摊给他人",
        ("active", "suspended", "exited"),
        (
            Field(
                "choice",
                "cause",
                "事由",
                required=True,
                options=(
                    ("late_payment", "逾期未付"),
                    ("licence_lost", "失去经营资格"),
                    ("insolvency", "丧失偿付能力"),
                ),
            ),
            REASON,
        ),
        kind="danger",
        confirm="违约缺口只作披露，未经决议不得向其他成员收取。确定认定？",
    ),
    "shortfall": DeskStep(
        "shortfall",
        "征求分担意见",
        ShortfallForm,
        of_two(leaving.ask_shortfall),
        PROPOSERS,
        "已向其他成员征求意见",
        ("defaulted",),
        (REASON,),
        hint="未获同意前不向任何成员收取。",
    ),
    "charge": DeskStep(
        "shortfall-charges",
        "分担违约缺口",
        ShortfallChargeForm,
        of_two(shortfalls.charge),
        APPROVER,
        "已按签署份额分担，违约成员仍须向各成员偿还",
        ("defaulted",),
        (
            RESOLUTION,
            Field("day", "effective_on", "生效日", "不填为今天", width="third"),
            NOTE,
        ),
        kind="danger",
        confirm="须已获成员同意并有决议。确定按签署份额向其他成员分担？",
        hint="以征求同意时列明且至今未付的款项为限；征求意见的人不得办理。",
    ),
    "take_back": DeskStep(
        "shortfall-reversals",
        "冲销分担",
        ShortfallTakeBackForm,
        of_two(_take_back),
        APPROVER,
        "分担已逐项冲销",
        ("defaulted", "suspended", "active", "exited"),
        (
            Field("text", "charge", "分担编号", "如 SF-2026-000001", required=True, width="third"),
            Field("day", "effective_on", "冲销日", "不填为今天", width="third"),
            Field("area", "reason", "理由", "记入办理过程", required=True),
        ),
        kind="plain",
        hint="每笔分担只能冲销一次，且不由办理分担的人冲销。",
    ),
    "cure": DeskStep(
        "cure",
        "违约已补救",
        PoolNoteForm,
        of_two(_cure),
        APPROVER,
        "违约已补救，成员恢复为暂停状态",
        ("defaulted",),
        (REASON,),
    ),
}
