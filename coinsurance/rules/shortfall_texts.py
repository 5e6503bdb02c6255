"""Texts of what keeps others from being charged for a defaulter, and of corrections."""

from __future__ import annotations

from service.kernel.findings import Text, register

_NOT_SPREAD = "POOLS invariant 19"

register(
    {
        "shortfall.not_in_default": Text(
            "“{name}”的状态为“{status_zh}”，未被认定违约，其未付款项不得由他人分担",
            "{name} stands at “{status_en}”: without a default nobody takes over what it owes",
            "请先按协议认定违约",
            "Find the default first",
            _NOT_SPREAD,
        ),
        "shortfall.not_asked": Text(
            "尚未就分担“{name}”的未付款项征求成员同意",
            "Members have not been asked to take over what {name} owes",
            "请由首席或管委会先征求同意；未经同意不得向任何成员收取",
            "Let the lead or the committee ask first; nobody is charged before",
            _NOT_SPREAD,
        ),
        "shortfall.no_consent": Text(
            "分担的征求同意 {number} 状态为“{status_zh}”",
            "The request {number} on taking it over stands at “{status_en}”",
            "须按协议规则获得同意后方可收取",
            "Charge once consent is given by the agreement's rule",
            _NOT_SPREAD,
        ),
        "shortfall.nothing_open": Text(
            "征求同意时列明的款项均已清偿、在争议中、在清算批次中或属未解除的现金赔款",
            "Nothing that {name} left open when members were asked can be taken over now",
            "争议、清算中的款项请待其结束；现金赔款请先解除；新的未付款项须另行征求同意",
            "Wait for disputes and runs, release cash calls, ask anew about later debts",
        ),
        "shortfall.no_shares": Text(
            "{numbers} 没有其他成员的签署份额可据以分担",
            "No other member holds a signed share of {numbers}",
            "请核对该款项所属保单的份额，或另行约定",
            "Check the shares of their placements, or agree on something else",
        ),
        "shortfall.day_outside": Text(
            "生效日 {day} 须在 {first}（获得同意之日）至 {today} 之间",
            "The day {day} has to lie between {first}, when consent was given, and {today}",
            "请填写该期间内的日期",
            "Give a day within that time",
        ),
        "shortfall.charged_already": Text(
            "依征求同意 {consent} 已作分担 {number}",
            "{number} was charged under the consent {consent} already",
            "一次同意只分担一次；更正请先冲销原分担",
            "One consent is used once; reverse the charge to correct it",
        ),
        "shortfall.reversed_before": Text(
            "分担 {number} 已由 {reversal} 冲销",
            "{number} was reversed by {reversal}",
            "每笔分担只能冲销一次",
            "A charge is reversed once",
            "DESIGN law 3",
        ),
        "shortfall.reversal_of_reversal": Text(
            "{number} 本身是冲销，不能再冲销",
            "{number} is a reversal itself",
            "如需恢复，请重新办理分担",
            "Charge again instead",
            "DESIGN law 3",
        ),
        "shortfall.reversal_day": Text(
            "冲销日 {day} 须在原分担日 {first} 至 {today} 之间",
            "The reversal {day} has to lie between {first}, the day of the charge, and {today}",
            "请填写该期间内的日期",
            "Give a day within that time",
            "DESIGN law 3",
        ),
        "shortfall.parts_not_whole": Text(
            "分担 {number} 各成员之和 {parts_fen} 与总额 {amount_fen} 不符",
            "The parts {parts_fen} of {number} are not its amount {amount_fen}",
            "请联系系统管理员",
            "Tell the administrator",
            "DESIGN law 2",
        ),
        "shortfall.not_a_mirror": Text(
            "{number} 与原分担不是逐项镜像",
            "{number} does not mirror its charge",
            "请联系系统管理员",
            "Tell the administrator",
            "DESIGN law 3",
        ),
    }
)
