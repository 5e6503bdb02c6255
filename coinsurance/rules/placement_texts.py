"""Chinese and English texts of the findings about risks, lines and binding."""

from __future__ import annotations

from service.kernel.findings import Text, register

_LAW_55 = "《保险法》第五十五条"
_LESS = ("请将份额降至 {most_units} 以内", "Write at most {most_units}")
_REFER = (
    "请说明理由并提请成员同意，或改为逐笔认购",
    "Give the reason and ask the members, or place it by lines",
)

register(
    {
        "risk.year_not_open": Text(
            "业务年度 {number} 不接受新业务",
            "Pool year {number} takes no new business",
            "请选择承保中的业务年度",
            "Choose a pool year that is open",
        ),
        "risk.pool_not_active": Text(
            "业务年度 {number} 所属共保体状态为“{status_zh}”，不承接新业务",
            "The pool of {number} stands at “{status_en}” and takes no new business",
            "请在共保体恢复运行后办理；已成单的业务不受影响",
            "Go on once the pool is active again; what is bound stays as it is",
        ),
        "risk.starts_outside_year": Text(
            "保险起期不在业务年度内（{start_on} 至 {end_on}）",
            "The cover does not start within the pool year ({start_on} to {end_on})",
            "请调整起期，或归入起期所在的业务年度",
            "Change the day, or take the pool year in which the cover starts",
        ),
        "risk.ends_before_start": Text(
            "保险止期须晚于起期 {start}",
            "The cover has to end after its start {start}",
            "请核对保险期间",
            "Check the period",
        ),
        "risk.class_not_accepted": Text(
            "共保协议不承保险类“{value}”",
            "The agreement does not take the class “{value}”",
            "协议约定的险类：{choices}",
            "Classes of the agreement: {choices}",
        ),
        "risk.product_type_not_accepted": Text(
            "共保协议不接受产品类型“{value}”",
            "The agreement does not take products of the type “{value}”",
            "协议约定的产品类型：{choices}",
            "Product types of the agreement: {choices}",
        ),
        "risk.section_twice": Text(
            "分项“{section}”重复",
            "Section “{section}” stands twice",
            "请为每个分项使用不同的编码",
            "Give every section its own code",
        ),
        "risk.sections_premium": Text(
            "各分项保费合计 {sections_fen}，与总保费 {premium_fen} 相差 {difference_fen}",
            "The sections' premiums make {sections_fen}, the premium is {premium_fen}:"
            " {difference_fen} apart",
            "请调整，使两者相等",
            "Make them equal",
        ),
        "risk.limits_above_sum": Text(
            "各分项限额合计 {limits_fen}，超过保险金额 {sum_fen}",
            "The limits make {limits_fen}, more than the sum insured {sum_fen}",
            "请降低限额，或提高保险金额",
            "Lower the limits or raise the sum insured",
        ),
        "risk.section_attaches": Text(
            "只有分层才有起赔点",
            "Only a layer has an attachment point",
            "请将起赔点置为零，或改为分层",
            "Set it to zero, or make it a layer",
        ),
        "risk.aggregate_below_limit": Text(
            "年度累计限额 {aggregate_fen} 低于每次事故限额 {limit_fen}",
            "The yearly limit {aggregate_fen} is below the limit of one event {limit_fen}",
            "请提高年度累计限额",
            "Raise the yearly limit",
        ),
        "risk.premium_above_limit": Text(
            "分项保费 {premium_fen} 超过其限额 {limit_fen}",
            "The premium {premium_fen} of the section is above its limit {limit_fen}",
            "请核对保费与限额",
            "Check premium and limit",
        ),
        "risk.layers_overlap": Text(
            "分层“{above}”的起赔点 {attachment_fen} 低于“{below}”的上限 {top_fen}，两层重叠",
            "Layer “{above}” attaches at {attachment_fen}, below the top {top_fen} of “{below}”",
            "请调整起赔点，使分层首尾相接",
            "Let the layers stand on each other",
        ),
        "risk.layers_gap": Text(
            "分层“{below}”的上限 {top_fen} 与“{above}”的起赔点 {attachment_fen} 之间没有保障",
            "Between the top {top_fen} of “{below}” and “{above}” at {attachment_fen} nothing pays",
            "请确认该空档由被保险人自担",
            "See that the insured bears the gap",
        ),
        "risk.above_values": Text(
            "保险金额 {sum_fen} 超过价值清单合计 {values_fen}，超过部分无效",
            "The sum insured {sum_fen} is above the values {values_fen}; the excess is void",
            "请降低保险金额，或补充价值清单",
            "Lower the sum insured or complete the schedule of values",
            _LAW_55,
        ),
        "risk.below_values": Text(
            "保险金额 {sum_fen} 低于价值清单合计 {values_fen}，出险时按比例赔付",
            "The sum insured {sum_fen} is below the values {values_fen}: losses are paid pro rata",
            "请提示被保险人，或约定不按比例赔付",
            "Tell the insured, or agree to waive the average",
            _LAW_55,
        ),
        "risk.deductible_above_sum": Text(
            "免赔额不低于保险金额 {sum_fen}",
            "The deductible reaches the sum insured {sum_fen}",
            "请降低免赔额",
            "Lower the deductible",
        ),
        "risk.premium_above_sum": Text(
            "保费超过保险金额 {sum_fen}",
            "The premium is above the sum insured {sum_fen}",
            "请核对单位是元还是万元",
            "Check whether the unit is 元 or 万元",
        ),
        "risk.no_zone": Text(
            "未填写风险累积区",
            "No accumulation zone is given",
            "请填写标的所在的累积区，类别为：{kinds}",
            "Name the zones it lies in, of these kinds: {kinds}",
        ),
        "risk.zone_kind": Text(
            "累积区“{zone}”的类别不是本共保体采用的类别",
            "Zone “{zone}” is not of a kind that the pool works with",
            "协议约定的类别：{choices}",
            "Kinds of the agreement: {choices}",
        ),
        "risk.unknown_zone": Text(
            "累积区“{zone}”不存在",
            "There is no zone “{zone}”",
            "请从累积区清单中选择，或先登记",
            "Choose from the list of zones, or register it first",
        ),
        "risk.project_half": Text(
            "重大科技攻关项目须同时填写名称和编号",
            "A major research project has both a name and a number",
            "请补充，或两项都留空",
            "Complete it, or leave both empty",
        ),
        "risk.year_takes_lines": Text(
            "业务年度 {number} 实行逐笔认购，没有年度份额",
            "Pool year {number} works by lines and has no yearly shares",
            "请选择逐笔认购",
            "Choose the method “lines”",
        ),
        "risk.no_schedule": Text(
            "{day} 没有生效的年度份额表",
            "No schedule of shares is in force on {day}",
            "请先使年度份额表生效，或改为逐笔认购",
            "Let a schedule take effect first, or place it by lines",
        ),
        "risk.no_facility": Text(
            "协议没有约定自动承保范围",
            "The agreement has no facility",
            *_REFER,
        ),
        "risk.above_facility": Text(
            "保险金额 {sum_fen} 超过自动承保上限 {maximum_fen}",
            "The sum insured {sum_fen} is above the facility's {maximum_fen}",
            *_REFER,
        ),
        "risk.class_outside_facility": Text(
            "险类“{value}”不在自动承保范围（{choices}）内",
            "The class “{value}” is outside the facility ({choices})",
            *_REFER,
        ),
        "risk.longer_than_facility": Text(
            "保险期间 {days} 天，超过自动承保的 {maximum} 天",
            "The period is {days} days, the facility takes {maximum}",
            *_REFER,
        ),
        "risk.referral_missing": Text(
            "超出自动承保范围，须说明提请成员同意的理由",
            "Outside the facility: give the reason for which members are asked",
            "请填写理由，提交后将征求成员同意",
            "Write the reason; members are asked when it is submitted",
        ),
        "line.member_not_active": Text(
            "{member}目前为“{status_zh}”，不承接新业务；其已有份额按原样了结",
            "{member} stands at “{status_en}” and takes no new business; its old shares run off",
            "请先办理成员加入或恢复",
            "Let the member join or resume first",
        ),
        "line.member_leaving": Text(
            "{member}将于 {left_on} 退出，保险起期 {start_on} 已不在其成员期间内",
            "{member} leaves on {left_on}; a cover from {start_on} on is not its business any more",
            "请由其他成员认购；其已有份额按原样了结",
            "Ask other members; its old shares run off",
            "POOLS invariant 19",
        ),
        "line.observer": Text(
            "{member}是观察员，不承担份额",
            "{member} is an observer and carries no share",
            "请由承担份额的成员认购",
            "Lines are written by members that carry a share",
        ),
        "line.class_excluded": Text(
            "{member}已声明不承保险类“{value}”",
            "{member} has opted out of the class “{value}”",
            "请由其他成员认购",
            "Ask other members",
        ),
        "line.nothing_written": Text(
            "份额须大于零",
            "A line is above zero",
            "不参与请选择“谢绝”",
            "Decline instead",
        ),
        "line.below_minimum": Text(
            "份额 {written_units} 低于协议规定的最低份额 {minimum_units}",
            "The line {written_units} is below the agreement's minimum {minimum_units}",
            "请提高份额，或谢绝",
            "Write more, or decline",
        ),
        "line.up_not_allowed": Text(
            "协议不允许签署份额高于认购份额",
            "The agreement does not let lines be signed above what was written",
            "请删除可增加的上限",
            "Leave the upper bound out",
        ),
        "line.up_to_below_written": Text(
            "可增加的上限 {up_to_units} 低于认购份额 {written_units}",
            "The upper bound {up_to_units} is below the line {written_units}",
            "请核对两项份额",
            "Check both shares",
        ),
        "line.already_over": Text(
            "有效期早于今天 {today}",
            "The line would have lapsed before today {today}",
            "请填写今天或以后的日期",
            "Give today or a later day",
        ),
        "line.ends_before_market": Text(
            "有效期早于认购截止日 {lines_until}，成单时可能已失效",
            "The line ends before the market does ({lines_until}) and may have lapsed at binding",
            "请延长有效期",
            "Let it hold longer",
        ),
        "line.above_risk": Text(
            "{member}的份额 {wanted_units} 超过其每一危险单位承保能力，尚可承担 {left_fen}",
            "The line {wanted_units} of {member} passes its capacity per risk: {left_fen} are left",
            *_LESS,
            "POOLS invariant 3",
        ),
        "line.above_event": Text(
            "{member}的份额 {wanted_units} 超过其在累积区“{zone}”的每次事故承保能力"
            "（各共保体合计），尚可承担 {left_fen}",
            "The line {wanted_units} of {member} passes its event capacity in zone “{zone}” over"
            " all pools: {left_fen} are left",
            *_LESS,
            "POOLS invariant 3",
        ),
        "line.above_aggregate": Text(
            "{member}的份额 {wanted_units} 超过其本年度累计承保能力，尚可承担 {left_fen}",
            "The line {wanted_units} of {member} passes its yearly capacity: {left_fen} are left",
            *_LESS,
            "POOLS invariant 3",
        ),
        "bind.year_not_open": Text(
            "业务年度未开启承保或已停止新业务",
            "The pool year is not open for business",
            "请在业务年度开启后成单",
            "Bind while the year is open",
        ),
        "bind.no_check": Text(
            "尚未做共保法律性质核查",
            "The legal-character check has not been made",
            "请先核查并通过",
            "Make the check first; it has to pass",
            "保监发〔2002〕16号",
        ),
        "bind.check_failed": Text(
            "共保法律性质核查未通过",
            "The legal-character check did not pass",
            "请按核查结果整改后重新核查",
            "Put right what it found and check again",
            "保监发〔2002〕16号",
        ),
        "bind.check_outdated": Text(
            "核查之后风险、份额或协议已有变化",
            "Risk, lines or agreement have changed since the check",
            "请重新做共保法律性质核查",
            "Make the legal-character check again",
        ),
        "bind.consent_differs": Text(
            "被保险人同意书与核查时的不是同一份",
            "The insured's consent is not the one that was checked",
            "请使用核查时的同意书，或重新核查",
            "Use the consent that was checked, or check again",
            "保监发〔2006〕31号",
        ),
        "bind.referral_open": Text(
            "超出自动承保范围，成员同意的状态为“{status_zh}”",
            "Outside the facility; the members' consent stands at “{status_en}”",
            "请在征得同意后成单",
            "Bind once consent is given",
        ),
        "bind.subjectivities_open": Text(
            "成单前须满足的限期条件尚未办结：第 {numbers} 项",
            "Subjectivities that have to be met before binding are open: {numbers}",
            "请满足，或由提出方豁免",
            "Meet them, or let who raised them waive them",
        ),
        "bind.conditions_open": Text(
            "{members}的认购附有条件，尚未确认接受",
            "{members} wrote lines on conditions that were not accepted",
            "请核对条件并确认接受，或请其改写",
            "Accept the conditions, or ask for lines without them",
        ),
        "bind.issuer_without_line": Text(
            "出单人{member}没有份额，不能出具保单",
            "{member} would issue the policy but carries no share",
            "出单人须承担份额",
            "The issuer has to carry a share",
        ),
        "bind.member_unfit": Text(
            "年度份额表中的{member}{reason_zh}，不能承担新业务",
            "{member} of the year's schedule takes no new business: {reason_en}",
            "请先变更份额表，或改为逐笔认购；其份额不得自动转由他人承担",
            "Change the schedule first, or use lines; its share never passes to others by itself",
            "POOLS invariant 19",
        ),
        "bind.line_left_out": Text(
            "{member}的份额线不计入：{reason_zh}",
            "The line of {member} does not count: {reason_en}",
            "不足部分请由其他成员认购；其已有份额按原样了结",
            "Let other members write what is missing; its old shares run off",
            "POOLS invariant 19",
        ),
        "bind.pool_not_active": Text(
            "共保体状态为“{status_zh}”，不承接新业务",
            "The pool stands at “{status_en}” and takes no new business",
            "请在共保体恢复运行后成单；已成单的业务不受影响",
            "Bind once the pool is active again; what is bound stays as it is",
        ),
        "bind.backdated": Text(
            "保险起期 {start} 早于成单日",
            "The cover starts on {start}, before the day of binding",
            "请确认成单前未发生已知损失",
            "See that no loss is known",
        ),
        "bind.backdated_too_far": Text(
            "保险起期早于成单日 {days} 日，协议至多允许 {maximum} 日",
            "The cover starts {days} days before binding; the agreement allows {maximum}",
            "请将起期改为成单日或协议允许的日期",
            "Start it on the day of binding, or within the days allowed",
            "《保险法》第二条",
        ),
        "bind.loss_undeclared": Text(
            "保险起期早于成单日 {days} 日，缺少被保险人的无已知损失声明",
            "The cover starts {days} days before binding without a declaration of no known loss",
            "请上传被保险人签署的无已知损失声明并引用其编号",
            "Upload the insured's declaration and use its id",
            "《保险法》第十六条",
        ),
        "bind.declaration_missing": Text(
            "没有编号为 {document} 的无已知损失声明",
            "There is no document {document} of your organisation",
            "请先由本机构上传声明，再引用其编号",
            "Upload it for your organisation first",
        ),
        "bind.already_bound": Text(
            "该风险已成单，保单为 {placement}",
            "The risk is bound already: {placement}",
            "请查看该保单；需要变更请办理批改",
            "Look at the placement; changes are endorsements",
        ),
    }
)
