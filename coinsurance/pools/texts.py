"""Chinese and English texts of the findings about pools, agreements, years, members."""

from __future__ import annotations

from service.kernel.findings import Text, register

_MEMBERS = ("请核对成员名单", "Check the list of members")

register(
    {
        "pool.unknown_organisation": Text(
            "没有统一社会信用代码为“{value}”的机构",
            "There is no organisation with the credit code “{value}”",
            "请先由管委会登记该机构",
            "Let the committee register the organisation first",
        ),
        "pool.not_pool_family": Text(
            "“{value}”不是共保体协议的规则类别",
            "“{value}” is no family of pool agreements",
            "请填写如 pool/commercial-space 的类别",
            "Write a family such as pool/commercial-space",
        ),
        "pool.no_book": Text(
            "规则“{value}”没有已发布的版本",
            "The rule “{value}” has no published version",
            "请先发布共保体协议的规则文件",
            "Publish the rule file of the agreement first",
            "DESIGN law 8",
        ),
        "pool.code_taken": Text(
            "共保体“{value}”已经设立",
            "The pool “{value}” exists already",
            "每个规则类别只设一个共保体",
            "There is one pool for each family of rules",
        ),
        "pool.years_running": Text(
            "仍有业务年度未了结：{years}",
            "These pool years are not commuted yet: {years}",
            "请先将各业务年度办理了结",
            "Commute the years first",
        ),
        "agreement.other_pool": Text(
            "协议文本属于“{value}”，不是“{family}”",
            "The text belongs to “{value}”, not to “{family}”",
            "请核对 rule.family",
            "Check rule.family",
        ),
        "agreement.version_taken": Text(
            "协议版本“{version}”已经存在，提交后不再修改",
            "Version “{version}” is there already and never changes",
            "请使用新的版本号",
            "Take a new version number",
            "DESIGN law 8",
        ),
        "agreement.differs_from_published": Text(
            "规则库中已发布的版本“{version}”内容与此不同",
            "The published rule of version “{version}” says something else",
            "请使用新的版本号，或采用已发布的文本",
            "Take a new version number, or the published text",
            "DESIGN law 8",
        ),
        "agreement.hash_differs": Text(
            "协议文本与其摘要不一致",
            "The text of the agreement no longer matches its hash",
            "请停止使用并从备份核对",
            "Stop and compare with a backup",
            "DESIGN law 8",
        ),
        "agreement.not_after_last": Text(
            "版本“{version}”自 {day} 起施行，新版本须更晚施行",
            "Version “{version}” begins on {day}; a new one begins later",
            "请以新的版本号写明更晚的施行日",
            "Write a later first day under a new version number",
            "DESIGN law 8",
        ),
        "agreement.parties_known": Text(
            "共保体已有成员，表决对象由成员名单确定",
            "The pool has members; those asked are its members",
            "请不要填写 parties",
            "Leave `parties` out",
        ),
        "agreement.founders_few": Text(
            "至少须征求两家保险公司",
            "At least two insurers must be asked",
            "请填写参与筹建的保险公司",
            "Name the insurers that found the pool",
            "保监发〔2002〕16号",
        ),
        "agreement.not_direct_insurer": Text(
            "“{name}”不是在册的保险公司",
            "“{name}” is no active insurer",
            "共保成员须为直接承保的保险公司",
            "Co-insurers are direct insurers",
            "保监发〔2006〕31号",
        ),
        "agreement.asked_twice": Text(
            "“{name}”出现两次",
            "“{name}” is there twice",
            *_MEMBERS,
        ),
        "agreement.not_effective": Text(
            "协议版本“{version}”在 {day} 未生效",
            "Version “{version}” of the agreement is not in force on {day}",
            "请先使协议生效，或调整年度起日",
            "Let it take effect first, or change the first day of the year",
        ),
        "agreement.none_effective": Text(
            "{day} 没有生效的协议版本",
            "No version of the agreement is in force on {day}",
            "请先表决并确认协议生效",
            "Put an agreement to the vote and let it take effect first",
        ),
        "year.number_taken": Text(
            "业务年度“{number}”已经设立",
            "The pool year “{number}” exists already",
            "每个共保体每年只设一个业务年度",
            "A pool has one year for each number",
        ),
        "year.days_reversed": Text(
            "年度止日早于起日",
            "The year ends before it starts",
            "请核对起止日期",
            "Check both dates",
        ),
        "year.wrong_pool_status": Text(
            "共保体目前为“{status_zh}”，不能设立新的业务年度",
            "The pool is {status_en}; no new year can be made",
            "请先恢复共保体",
            "Resume the pool first",
        ),
        "year.members_few": Text(
            "只有 {count} 家承担份额的成员，共保至少两家",
            "Only {count} members carry a share; co-insurance takes two",
            "请邀请更多成员并由其同意加入",
            "Invite members and let them join",
            "保监发〔2002〕16号",
        ),
        "year.role_unheld": Text(
            "“{role_zh}”没有唯一的承担成员（现有 {count} 家）",
            "The role {role} is held by {count} active members; it takes exactly one",
            "请指定一家正常成员承担",
            "Give the role to one active member",
        ),
        "year.lead_not_first": Text(
            "首席“{name}”的排位为第 {position} 位，应为第一位",
            "The lead {name} stands at position {position}; it must stand first",
            "请将首席排在第一位",
            "Let the lead stand first",
            "DESIGN law 2",
        ),
        "year.lead_by_rule": Text(
            "按协议应由“{name}”任首席（{decided_by}）",
            "By the agreement {name} leads ({decided_by})",
            "请变更首席，或经协议规定的方式另行确定",
            "Change the lead, or decide otherwise as the agreement says",
        ),
        "year.lead_drawn": Text(
            "{names} 并列，须抽签确定首席",
            "{names} are tied; the lead must be drawn",
            "请抽签并以决议编号办理首席交接",
            "Draw, and hand over the lead by resolution",
        ),
        "year.no_schedule": Text(
            "自 {start_on} 起没有生效的份额表",
            "No schedule of shares holds from {start_on}",
            "请提出份额表并使其生效",
            "Propose a schedule and let it take effect",
        ),
        "year.invitations_open": Text(
            "仍有成员未答复邀请：{names}",
            "These have not answered their invitation: {names}",
            "请等待答复，或由其谢绝",
            "Wait for their answers",
        ),
        "year.money_open": Text(
            "仍有未结清的应付 {open_fen}，共 {count} 笔",
            "{count} obligations over {open_fen} are still open",
            "请先结清全部应付款项",
            "Settle all obligations first",
        ),
        "year.balances_open": Text(
            "账套中仍有成员的净额不为零：{names}",
            "These members still have a net position in the book: {names}",
            "请先结清各成员的往来",
            "Settle the members' positions first",
        ),
        "year.not_over": Text(
            "业务年度尚未结束（止日 {end_on}）",
            "The year is not over yet (it ends on {end_on})",
            "年度结束后再办理",
            "Do this after its end",
        ),
        "year.closed_to_change": Text(
            "业务年度目前为“{status_zh}”，不能办理此事项",
            "The year is {status_en}; this cannot be done",
            "请核对业务年度的状态",
            "Check the status of the year",
        ),
        "schedule.mode_differs": Text(
            "本业务年度的份额方式为“{mode_zh}”",
            "The shares of this year come about as {mode}",
            "按承保能力确定时不填写份额；固定份额须逐一填写",
            "Leave the shares out where they derive from capacity; write them where they are fixed",
        ),
        "schedule.no_year_shares": Text(
            "本业务年度逐笔认购，没有年度份额",
            "Lines are written risk by risk; the year has no schedule of its own",
            "请在各笔风险中认购份额",
            "Write lines on the risks",
        ),
        "schedule.share_missing": Text(
            "“{uscc}”没有填写份额",
            "No share is given for {uscc}",
            "请填写 share_units（一亿分之一）或 share（如 12.5%），只填一项",
            "Give share_units (of 10^8) or share (such as 12.5%), one of them",
        ),
        "schedule.year_closed": Text(
            "业务年度已停止新业务，年度份额表不再变更",
            "The year is closed to new business; its schedule no longer changes",
            "存续保单的份额变更请在保单中办理",
            "Change the shares of a policy on the policy itself",
        ),
        "schedule.of_placement": Text(
            "这是保单的份额表，不在此办理",
            "This schedule belongs to a placement and is not dealt with here",
            "请在该保单中办理",
            "Do this on the placement",
        ),
        "schedule.lead_changes": Text(
            "按此份额表，份额最大者为“{name}”，不是现任首席",
            "By these shares {name} would lead, not the present lead",
            "下一次签署年度时按协议确定首席",
            "The lead is found anew when the next year is signed",
        ),
    }
)
