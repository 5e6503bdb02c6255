"""What the rules of premium say to people."""

from __future__ import annotations

from service.kernel.findings import Text, register

LAW_3 = "DESIGN law 3"

register(
    {
        "premium.refund_above_paid": Text(
            "向资金来源“{fund}”退还 {refund_fen}，超过其实缴净额 {paid_fen}",
            "{refund_fen} would go back to the funding source “{fund}”, which paid {paid_fen} net",
            "退费以该资金来源实缴净额为限；请核对退费金额与资金来源",
            "A source gets back at most what it paid; check the amount and the source",
            LAW_3,
        ),
        "premium.reversal_of_reversal": Text(
            "该笔变动本身是冲销，不能再冲销",
            "This movement is itself a reversal and cannot be reversed",
            "如系误冲，请按实收重新登记收款",
            "Record the receipt anew if it was reversed by mistake",
            LAW_3,
        ),
        "premium.reversal_before_original": Text(
            "冲销日早于原收款日 {day}",
            "The reversal would be dated before its original, {day}",
            "请把冲销日改为 {day} 或之后",
            "Date the reversal {day} or later",
            LAW_3,
        ),
        "premium.no_schedule": Text(
            "分项“{section}”自 {day} 起没有份额表，保费无处分摊",
            "Section “{section}” has no schedule of shares from {day}; its premium has no owner",
            "请先确定该分项的份额表",
            "Settle the schedule of that section first",
            "POOLS invariant 8",
        ),
        "premium.before_inception": Text(
            "批改生效日 {day} 早于保险起期 {start}",
            "The endorsement would hold from {day}, before the period starts on {start}",
            "请改为 {start} 或之后；起期前的变更请撤单重办",
            "Take {start} or later; before inception withdraw and bind again",
        ),
        "premium.after_end": Text(
            "批改生效日 {day} 晚于保险止期 {end}",
            "The endorsement would hold from {day}, after the period ends on {end}",
            "请改为 {end} 或之前",
            "Take {end} or earlier",
        ),
        "premium.names_differ": Text(
            "名称有 {names} 个，份额有 {weights} 项，不一致",
            "There are {names} names and {weights} weights",
            "请为每一项份额各填一个名称，或不填名称",
            "Give every weight one name, or none at all",
        ),
        "premium.nothing_received": Text(
            "收款金额为零",
            "The amount received is zero",
            "请填写实收（正数）或退还（负数）的金额",
            "Write what was received (above zero) or given back (below zero)",
        ),
        "premium.not_a_mirror": Text(
            "第 {movement} 笔冲销与原变动不是逐项反号",
            "Movement {movement} does not mirror its original",
            "冲销须照抄原变动的各项分额并反号",
            "A reversal copies every part of its original with the sign turned",
            LAW_3,
        ),
        "premium.parts_not_whole": Text(
            "各成员保费分额合计 {parts_fen}，与该笔变动 {amount_fen} 不等",
            "The members' parts sum to {parts_fen}, the movement is {amount_fen}",
            "请按份额表重新分摊",
            "Divide the movement by the schedule again",
            "DESIGN law 2",
        ),
        "premium.receipt_twice": Text(
            "收款（银行流水号“{reference}”）已经入账",
            "The receipt with the bank reference “{reference}” has been taken up before",
            "同一笔收款只能入账一次；如为另一笔收款，请填写其自身的银行流水号",
            "A receipt is taken up once; give another receipt its own bank reference",
            "DESIGN law 10",
        ),
        "premium.no_instalment": Text(
            "保单没有第 {number} 期保费",
            "The policy has no instalment {number}",
            "请填写保单约定的期次，或留空",
            "Name an instalment of the policy, or none",
        ),
        "premium.not_reversible": Text(
            "第 {number} 笔变动不是可冲销的收款：{reason_zh}",
            "Movement {number} is not a receipt that can be reversed: {reason_en}",
            "批改退费请撤销批单；份额变更请以新的份额表更正；补贴直付由补贴退回办理",
            "Undo the endorsement, change the shares again, or recover the subsidy instead",
            LAW_3,
        ),
        "premium.day_in_future": Text(
            "日期晚于今日 {today}",
            "The day is later than today, {today}",
            "请填写实际发生之日",
            "Write the day on which it happened",
        ),
        "premium.placement_ended": Text(
            "保单状态为“{status_zh}”，不能办理此项批改",
            "The placement has ended ({status_en}); it cannot be changed so",
            "注销的保单可以撤销批单恢复；到期的保单不再批改",
            "A cancelled placement can be reinstated; an expired one is not changed",
        ),
        "premium.statutory_cancel_only": Text(
            "只有投保人依法解除合同（注销）无须成员同意",
            "Only the insured's ending of the contract by law needs no consent",
            "其他批改请按协议征求成员同意",
            "Put any other change to the members",
            "保险法第十五条",
        ),
        "premium.method_unfit": Text(
            "“{method}”计算方式不适用于此类批改",
            "The method “{method}” does not fit this kind of endorsement",
            "按日比例用于加费、退费和注销；自始解除只用于注销；其余请写明金额",
            "Pro rata is for additional, return and cancel; ab initio for cancel; else state it",
        ),
        "premium.endorsement_stale": Text(
            "保费已有变动，按日计算的金额应为 {amount_fen}，与征求同意时的 {proposed_fen} 不同",
            "Premium has moved: by days it would be {amount_fen}, not {proposed_fen} as proposed",
            "请撤回后按现行保费重新提出",
            "Withdraw it and propose it again on the present premium",
        ),
        "premium.endorsement_open": Text(
            "批单 {number} 尚未办结",
            "Endorsement {number} is still open",
            "请先出具或撤回该批单",
            "Issue or withdraw that endorsement first",
        ),
        "premium.not_issued": Text(
            "批单 {number} 尚未出具，不能撤销",
            "Endorsement {number} was not issued and cannot be undone",
            "未出具的批单请撤回",
            "Withdraw an endorsement that was not issued",
        ),
        "premium.no_share_change": Text(
            "没有待入账的份额变更",
            "No change of shares waits to be taken up",
            "请先使新的份额表生效",
            "Let the new schedule take effect first",
        ),
        "premium.share_change_taken": Text(
            "份额表 {number} 的变更已经入账",
            "The change by schedule {number} has been taken up before",
            "一份份额表只入账一次",
            "A schedule is taken up once",
            LAW_3,
        ),
        "premium.share_day": Text(
            "新份额自 {day} 起，须不早于今日 {today}、晚于现行份额表 {last} 且不晚于保险止期 {end}",
            "Shares from {day} must not be before today ({today}), must follow the schedule of"
            " {last} and lie within the period to {end}",
            "份额只向后变更；请另定生效日",
            "Shares change forward only; take another day",
            "POOLS invariant 8",
        ),
        "premium.not_a_member": Text(
            "“{uscc}”不是本业务年度承担风险的成员",
            "“{uscc}” is no member of the pool year that carries risk",
            "请先办理成员加入；观察员不承担份额",
            "Admit it first; an observer carries no share",
        ),
        "premium.no_movement": Text(
            "没有第 {number} 笔变动",
            "There is no movement number {number}",
            "请填写已经发生的变动序号",
            "Name a movement that came before",
        ),
        "premium.reversed_before": Text(
            "第 {number} 笔变动已经冲销过",
            "Movement {number} has been reversed before",
            "一笔变动只能冲销一次；请查看已有的冲销",
            "A movement is reversed once at most; look at the reversal that exists",
            LAW_3,
        ),
        "premium.no_section": Text(
            "没有分项“{section}”",
            "There is no section “{section}”",
            "请填写本保单的分项代码，或留空表示全部分项",
            "Name a section of this policy, or none for all sections",
        ),
        "premium.unknown_member": Text(
            "“{member}”不在成员之中",
            "“{member}” is not one of the members",
            "请先把其列入成员",
            "List it among the members first",
        ),
        "premium.member_twice": Text(
            "成员“{member}”出现两次",
            "The member “{member}” stands in the list twice",
            "每个成员只列一次；同一法人的分支机构不是两个共保人",
            "List every member once; two branches of one legal person are one co-insurer",
            "保监发〔2002〕16号",
        ),
        "premium.return_above_due": Text(
            "退费 {return_fen} 超过现行应收保费 {premium_fen}",
            "{return_fen} would be returned, more than the premium of {premium_fen}",
            "退费以现行保费为限；全部退还请办理注销",
            "At most the premium can be returned; cancel to give all of it back",
            LAW_3,
        ),
        "premium.ends_before_start": Text(
            "保险期间止期早于起期 {start}",
            "The period ends before it starts, {start}",
            "请核对保险期间",
            "Check the period",
        ),
    }
)
