"""Texts of the findings about disputes."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "settlement.not_own": Text(
            "{number} 属其他机构，须由该机构自行办理",
            "{number} belongs to another organisation, which answers for it itself",
            "请由相应成员的人员操作",
            "Ask a person of that member",
        ),
        "dispute.not_an_item": Text(
            "明细 {line} 是收付或挂账，不是结算项目，不能提出争议",
            "Line {line} is a payment or a move to the side account, not an item",
            "对款项收付有疑问的，请在核对差异中说明",
            "Questions about payments are breaks of the reconciliation",
        ),
        "dispute.line_disputed": Text(
            "该明细已在争议 {number} 中",
            "The line is disputed already in {number}",
            "请在原争议中补充理由",
            "Add to the standing dispute",
        ),
        "dispute.more_than_line": Text(
            "争议金额 {amount_fen} 超过该明细可争议的 {left_fen}",
            "{amount_fen} is more than the {left_fen} of the line that can be disputed",
            "请填写不超过明细金额的数额",
            "Name an amount within the line",
        ),
        "dispute.nobody_else": Text(
            "明细 {line} 没有对方成员，不能提出争议",
            "Line {line} has no other side",
            "请联系账务主办人核对",
            "Ask who keeps the accounts",
        ),
        "dispute.clock_runs": Text(
            "第 {level} 级协商期限未满（{due_zh}），不能升级",
            "The clock of level {level} still runs ({due_en})",
            "期满后任何一方可升级；双方一致的可直接了结",
            "After it either side may go up; both may end the dispute at any time",
            "POOLS §1.3",
        ),
        "dispute.not_counterparty": Text(
            "争议成立须由对方“{name}”认可，或由管委会调解认定",
            "Only the counterparty, {name}, can concede, or the committee decide",
            "请由对方负责人认可，或升级至调解",
            "Ask the counterparty, or go up to mediation",
        ),
        "dispute.no_correction": Text(
            "账簿中没有争议提出之后的更正分录“{value}”",
            "The book has no correcting entry “{value}” written since the dispute was opened",
            "请先冲销或重做有误的保费、赔款变动，再填写其分录编号",
            "Reverse or redo the wrong movement first and name its entry",
            "DESIGN law 3",
        ),
    }
)
