"""Texts of what keeps shares and schedules from being agreed."""

from __future__ import annotations

from service.kernel.findings import Text, register

_LIST = ("请核对成员名单", "Check the list of members")

register(
    {
        "shares.no_capacity": Text(
            "没有成员承诺承保能力，无法按能力确定份额",
            "No member commits capacity, so shares cannot be derived from it",
            "请先登记各成员的承保能力",
            "Record the capacity of the members first",
        ),
        "shares.member_unknown": Text(
            "“{name}”不是本业务年度的成员",
            "“{name}” is no member of the pool year",
            *_LIST,
        ),
        "shares.year_and_members": Text(
            "共保年度与成员名单只能给其一：给了年度，份额以该年度为准",
            "A pool year or members, not both: shares are those of the year",
            "请删去成员名单，或不填共保年度",
            "Leave out the members, or the pool year",
        ),
        "shares.member_twice": Text(
            "“{name}”出现两次",
            "“{name}” is there twice",
            "每个成员只列一行",
            "List each member once",
            "POOLS invariant 4",
        ),
        "shares.same_legal_person": Text(
            "“{name}”与“{other}”属同一法人，不能各占一份",
            "“{name}” and “{other}” are one legal person and cannot hold two shares",
            "同一法人的分支机构之间不构成共保，请合并为一个成员",
            "Branches of one insurer are no co-insurers of each other: make them one member",
            "保监发〔2002〕16号",
        ),
        "shares.observer_carries": Text(
            "“{name}”是观察员，不承担份额",
            "“{name}” is an observer and carries nothing",
            "请将其份额改为零，或先变更其职责",
            "Give it no share, or change its role first",
        ),
        "shares.member_not_active": Text(
            "“{name}”届时为“{status_zh}”，不能承担新的份额",
            "“{name}” will then stand at “{status_en}” and cannot take a share",
            "有效份额表不受影响；新的份额表只列正常成员",
            "Schedules in force stay as they are; a new one lists active members only",
            "POOLS invariant 19",
        ),
        "shares.first_not_at_start": Text(
            "首份份额表须自年度起日 {start_on} 起生效",
            "The first schedule holds from the first day of the year, {start_on}",
            "请将生效日改为年度起日",
            "Let it begin on that day",
        ),
        "shares.outside_year": Text(
            "生效日不在业务年度 {start_on} 至 {end_on} 之内",
            "It must begin within the pool year, {start_on} to {end_on}",
            "请在年度之内选择生效日",
            "Choose a day of the pool year",
        ),
        "shares.backdated": Text(
            "份额变更只能向后生效，不能早于今天（{today}）",
            "A change of shares holds forward only, not before today ({today})",
            "请选择今天或以后的日期；已发生的保费和赔案按原份额处理",
            "Choose today or later; what happened before stays on the old shares",
            "POOLS invariants 8 and 19",
        ),
        "shares.not_after_last": Text(
            "须晚于现有份额表的生效日 {last_from}",
            "It must begin after the last schedule, {last_from}",
            "请选择更晚的生效日",
            "Choose a later day",
        ),
        "shares.newcomer_share": Text(
            "新成员的份额 {share_units} 须大于零且小于 100%",
            "The share of a new member, {share_units}, must be above zero and below 100%",
            "请填写合理的份额",
            "Give a share between the two",
        ),
        "shares.nobody_left": Text(
            "没有其他成员承担份额",
            "No other member holds a share",
            *_LIST,
        ),
    }
)
