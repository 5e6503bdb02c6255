"""Texts of what keeps an organisation from joining, a capacity from being set, an exit."""

from __future__ import annotations

from service.kernel.findings import Text, register

_MEMBERS = ("请核对成员名单", "Check the list of members")

register(
    {
        "member.taken": Text(
            "“{name}”已是本业务年度的成员",
            "{name} is in the pool year already",
            *_MEMBERS,
        ),
        "member.same_legal_person": Text(
            "“{name}”与成员“{other}”属同一法人",
            "{name} and the member {other} are one legal person",
            "同一法人的分支机构之间不构成共保，请只保留一个",
            "Branches of one insurer are no co-insurers of each other: keep one",
            "保监发〔2002〕16号",
        ),
        "member.not_direct_insurer": Text(
            "“{name}”不是在册的保险公司，只能作为观察员",
            "{name} is no active insurer and can only be an observer",
            "承担份额的成员须为直接承保的保险公司",
            "A member that carries a share is a direct insurer",
            "保监发〔2006〕31号",
        ),
        "member.observer_alone": Text(
            "观察员不能兼任其他职责",
            "An observer holds no other role",
            "请只填写观察员，或删除观察员",
            "Give it the observer's role alone, or take that one out",
        ),
        "member.role_taken": Text(
            "“{role_zh}”已由“{name}”承担",
            "The role {role} is held by {name}",
            "请先办理职责交接",
            "Hand the role over first",
        ),
        "member.position_taken": Text(
            "排位 {position} 已被占用",
            "Position {position} is taken",
            "请换一个排位",
            "Take another position",
        ),
        "member.capacity_order": Text(
            "承保能力须逐级不减：单一风险 ≤ 单次事故 ≤ 年度累计",
            "Capacity must rise: per risk ≤ per event ≤ in aggregate",
            "请核对三项承保能力",
            "Check the three capacities",
        ),
        "member.observer_capacity": Text(
            "观察员不承诺承保能力",
            "An observer commits no capacity",
            "请将三项承保能力填为零",
            "Write zero for all three",
        ),
        "member.capacity_below_entry": Text(
            "{kind_zh} {capacity_fen} 低于入会最低要求 {minimum_fen}",
            "The capacity {kind_en} of {capacity_fen} is below the least of {minimum_fen}",
            "请按协议的入会条件承诺承保能力",
            "Commit what the agreement asks of a member",
        ),
        "member.too_many": Text(
            "成员已达上限 {maximum} 家",
            "The pool takes at most {maximum} members",
            "请等待成员退出后再邀请",
            "Invite again once a member has left",
        ),
        "member.unknown_class": Text(
            "“{value}”不是本共保体承保的险种",
            "“{value}” is no class of this pool",
            "可选：{choices}",
            "Choose one of: {choices}",
        ),
        "member.capacity_below_used": Text(
            "{kind_zh} {capacity_fen} 低于已占用的 {used_fen}",
            "The capacity {kind_en} of {capacity_fen} is below the {used_fen} in use",
            "承保能力不得低于已占用的金额",
            "Capacity never goes below what is in use",
            "POOLS invariant 3",
        ),
        "member.exit_too_soon": Text(
            "退出须提前通知，最早可于 {earliest_on} 退出",
            "Leaving takes notice; the earliest day is {earliest_on}",
            "请选择 {earliest_on} 或以后的日期",
            "Choose that day or a later one",
        ),
        "member.exit_noted": Text(
            "已通知于 {left_on} 退出",
            "Notice was given for {left_on}",
            "到期由系统办理；退出前仍按原份额承担责任",
            "It happens on that day; until then the member carries its share",
        ),
        "member.holds_role": Text(
            "仍承担“{role_zh}”，须先交接",
            "It still holds the role {role}, which must be handed over first",
            "请由另一成员接任后再办理",
            "Let another member take it over first",
        ),
        "member.not_late": Text(
            "没有逾期超过宽限期的应付款项，不能以迟延付款认定违约",
            "Nothing is late beyond the period of grace; there is no default by late payment",
            "宽限期按协议计算：{grace_zh}",
            "The period of grace is the agreement's: {grace_en}",
        ),
        "member.still_late": Text(
            "仍有逾期应付 {late_fen}",
            "{late_fen} is still late",
            "全部逾期款项付清后方可认定补救",
            "Everything late must be paid before the default is cured",
        ),
        "member.not_in_default": Text(
            "“{name}”没有违约",
            "{name} is not in default",
            "请先认定违约",
            "Find the default first",
        ),
        "member.nothing_open": Text(
            "“{name}”没有未付的款项",
            "{name} has left nothing open",
            "无需征求分担意见",
            "There is nothing to ask about",
        ),
        "member.admission_open": Text(
            "其他成员尚未同意其加入（征求同意 {number}：{status_zh}）",
            "The other members have not consented yet (request {number}: {status_en})",
            "请等待其他成员答复",
            "Wait for the members' answers",
        ),
        "member.role_of_many": Text(
            "“{role_zh}”可由多家成员承担，无需交接",
            "Several members may hold this role ({role_zh}); nothing is handed over",
            "请选择首席、出单人、理赔主办人或账务主办人",
            "Choose the lead, the issuer, the claims handler or the account keeper",
        ),
        "member.not_own": Text(
            "只有“{name}”自己的人员可以办理",
            "Only {name}'s own people can do this",
            "请由该成员的负责人办理",
            "Let the member's manager do it",
        ),
        "member.same_account": Text(
            "这就是现行的结算账户",
            "This is the present settlement account",
            "请填写新的账号",
            "Give the new account",
        ),
        "member.account_asked": Text(
            "“{name}”已有一项结算账户变更待核实",
            "A change of {name}'s account waits to be verified",
            "请等待核实，或先撤回",
            "Wait for it, or withdraw it first",
        ),
        "member.wrong_status": Text(
            "“{name}”目前为“{status_zh}”，不能办理此事项",
            "{name} stands at “{status_en}”; this cannot be done",
            "请核对成员的状态",
            "Check the status of the member",
        ),
    }
)
