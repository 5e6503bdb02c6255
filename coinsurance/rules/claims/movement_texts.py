"""Texts of what may move on a claim."""

from __future__ import annotations

from service.kernel.findings import Text, register

_ONCE = "DESIGN law 3"

register(
    {
        "claim.day_outside": Text(
            "日期 {day} 不在 {first} 至 {last} 之间",
            "{day} is not between {first} and {last}",
            "请填写实际发生的日期；不得早于所依据的事项，也不得晚于今天",
            "State the day it really happened; not before what it rests on and not in the future",
        ),
        "claim.not_agreed": Text(
            "赔案当前状态为“{state_zh}”，不能支付赔款",
            "The claim is in the state “{state_en}”, so it cannot be paid",
            "请先核定赔付，核定前只能在权限内预付；已付清的，补充定损并重新核定后再付",
            "Agree the claim first, before that only advances are possible; once paid, assess anew",
            "POOLS 不变量 10",
        ),
        "claim.above_agreed": Text(
            "本次 {amount_fen} 超过尚可支付的 {left_fen}（核定 {agreed_fen}，已付 {paid_fen}）",
            "{amount_fen} is above the {left_fen} left (agreed {agreed_fen}, paid {paid_fen})",
            "请减少金额，或补充定损后重新核定",
            "Pay less, or assess again and agree on more",
            "POOLS 不变量 10",
        ),
        "claim.no_advance_now": Text(
            "当前状态（{state_zh}）不能预付赔款",
            "No advance is possible in the state {state_en}",
            "立案后、核定前可以预付；核定后请直接支付赔款",
            "Advances are possible from registration until agreement; afterwards pay the claim",
            "保险法第二十五条",
        ),
        "claim.advance_above_limit": Text(
            "预付累计 {to_date_fen} 超过保单可赔的 {limit_fen}",
            "Advances of {to_date_fen} are above the {limit_fen} that the policy can pay",
            "请减少预付金额",
            "Advance less",
            "POOLS 不变量 10",
        ),
        "claim.not_running": Text(
            "当前状态（{state_zh}）不能变动金额",
            "No amount moves in the state {state_en}",
            "未立案的请先立案；已结案的请先重开",
            "Register the claim, or reopen it if it is closed",
        ),
        "claim.reserve_unchanged": Text(
            "未决估损已经是 {reserve_fen}",
            "The outstanding reserve already is {reserve_fen}",
            "只在估计改变时登记",
            "Record a reserve when the estimate changes",
        ),
        "claim.no_recovery_now": Text(
            "当前状态（{state_zh}）不能登记追偿款",
            "No recovery is possible in the state {state_en}",
            "赔付后才有追偿权；已结案的请先重开",
            "The right to recover follows payment; reopen a closed claim first",
            "保险法第六十条",
        ),
        "claim.recovery_eaten": Text(
            "追偿费用不低于追偿所得 {gross_fen}，没有可分配的追偿款",
            "The cost is not below the {gross_fen} recovered; nothing is left to share",
            "请将费用登记为理赔费用",
            "Book the cost as an expense of the claim",
        ),
        "claim.recovered_above_paid": Text(
            "扣除费用后的追偿款累计 {recovered_fen} 加本次 {net_fen}，超过已付赔款 {paid_fen}",
            "Recoveries of {recovered_fen} and {net_fen} more are above the {paid_fen} paid",
            "超过赔款的部分属于被保险人；请核对金额",
            "What exceeds the payment belongs to the insured; check the amounts",
            "保险法第六十条",
        ),
        "claim.reversal_of_reversal": Text(
            "冲销不能再冲销",
            "A reversal cannot be reversed",
            "请重新登记一笔正确的变动",
            "Record a new movement",
            _ONCE,
        ),
        "claim.reversed_before": Text(
            "该笔变动已经冲销过",
            "This movement was reversed before",
            "一笔变动只能冲销一次",
            "A movement is reversed once at most",
            _ONCE,
        ),
        "claim.reserve_used": Text(
            "未决估损 {reserve_fen} 低于要冲销的 {amount_fen}（赔款已使用）",
            "The reserve of {reserve_fen} is below the {amount_fen} to be reversed (paid from it)",
            "请改为登记新的估损",
            "Record a new estimate instead",
        ),
    }
)
