"""Texts of the decisions on a claim."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "claim.assessor_decides": Text(
            "定损人与核定人不能是同一人",
            "Who assessed the claim may not decide it",
            "请由另一位负责人核定",
            "Let another manager decide",
            "DESIGN law 9",
        ),
        "claim.consent_needed": Text(
            "主办人无权单独决定，须先征求成员同意",
            "The handler may not decide this alone; the members have to be asked",
            "请发起征求同意，取得同意后再决定",
            "Ask for consent and decide once it is given",
            "POOLS 不变量 12",
        ),
        "claim.consent_unserved": Text(
            "征求同意尚未送达成员“{member}”",
            "The request for consent has not been served on “{member}”",
            "请送达并登记送达时间",
            "Serve it and record when",
            "POOLS 不变量 11",
        ),
        "claim.consent_not_given": Text(
            "尚未取得同意（当前：{state_zh}；未答复或不同意：{missing}）",
            "Consent is not given (now: {state_en}; missing: {missing})",
            "请等待答复；期限已过的，可撤回后重新征求或转入争议处理",
            "Wait for the answers; once the time is over, withdraw and ask again, or dispute",
            "POOLS 不变量 12",
        ),
        "claim.consent_to_other": Text(
            "成员同意的事项或金额（{asked_fen}）与现在要决定的不同",
            "The members consented to something else or another amount ({asked_fen})",
            "请就现在的方案重新征求同意",
            "Ask for consent to what is now proposed",
            "POOLS 不变量 12",
        ),
        "claim.nothing_to_agree": Text(
            "核定金额为零，没有可以赔付的金额",
            "The assessed amount is zero; there is nothing to agree on",
            "免赔额以内的请零结案；不属于保险责任的请拒赔",
            "Close a claim within the deductible; decline one that is not covered",
        ),
        "claim.above_limit": Text(
            "分项“{section}”核定 {amount_fen} 超过保单现在还能赔的 {left_fen}",
            "Section “{section}”: {amount_fen} is above the {left_fen} the policy can still pay",
            "其他赔案可能已使用累计限额；请重新定损",
            "Other claims may have used the aggregate; assess again",
            "POOLS 不变量 10",
        ),
        "claim.reserve_below": Text(
            "分项“{section}”未决估损 {reserve_fen} 低于核定未付的 {unpaid_fen}，已发生赔款偏低",
            "Section “{section}”: {reserve_fen} are reserved, below the {unpaid_fen} agreed and "
            "unpaid; too little is shown as incurred",
            "请调整未决估损，使其不低于核定未付金额",
            "Set the reserve to at least what is agreed and unpaid",
            "口径 pool-incurred-ratio/1",
        ),
        "claim.below_paid": Text(
            "分项“{section}”核定 {amount_fen} 低于已付的 {paid_fen}",
            "Section “{section}”: {amount_fen} is below the {paid_fen} already paid",
            "请先冲销多付的赔款，或提高核定金额",
            "Reverse what was paid too much, or agree on more",
            "POOLS 不变量 10",
        ),
        "claim.decline_after_payment": Text(
            "已付过赔款，不能拒赔",
            "Money was already paid, so the claim cannot be declined",
            "请先冲销已付赔款",
            "Reverse the payments first",
        ),
        "claim.beyond_backstop": Text(
            "本年度损失将超出兜底区间上限，{uncovered_fen} 无人承担",
            "The year's losses pass the end of the backstop; {uncovered_fen} have no bearer",
            "请按协议确定超限部分的处理",
            "Settle by the agreement what happens above the end",
            "POOLS 不变量 22",
        ),
        "claim.reserve_open": Text(
            "尚有未决估损 {reserve_fen}",
            "A reserve of {reserve_fen} is still open",
            "请先将未决估损调为零",
            "Set the reserve to zero first",
        ),
        "claim.consent_open": Text(
            "尚有未完成的征求同意",
            "A request for consent is still open",
            "请先取得答复或撤回征求",
            "Wait for the answers or withdraw the request",
        ),
        "claim.call_open": Text(
            "预收赔款 {number} 尚未解除",
            "Cash call {number} is not released",
            "请先解除，未用的部分退还各成员",
            "Release it first; what was not used goes back to the members",
        ),
        "claim.unpaid": Text(
            "尚有核定未付的赔款 {unpaid_fen}",
            "{unpaid_fen} is agreed and not paid",
            "请付清，或补充定损后重新核定",
            "Pay it, or assess and agree again",
        ),
        "claim.assessed_unpaid": Text(
            "定损 {assessed_fen} 尚未核定，不能结案",
            "{assessed_fen} was assessed and is not decided",
            "请核定、拒赔，或重新定损为零",
            "Agree or decline it, or assess it at zero",
        ),
    }
)
