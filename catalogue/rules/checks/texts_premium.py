"""Chinese and English texts of the checks of premium, payer and claims."""

from __future__ import annotations

from service.kernel.findings import Text, register

_EXPLAIN = (
    "请比对并列显示的记录；如情况属实且合规，写明理由后方可通过",
    "Compare the records side by side; if all is in order, write down why before it passes",
)

register(
    {
        "check.premium_paid_by_another": Text(
            "保费 {paid_fen} 由他人“{payers}”支付",
            "Premium of {paid_fen} was paid by another: {payers}",
            "请核对银行凭证；他人代缴的保费一般不计入补贴",
            "Check the bank voucher; premium paid by others usually does not count",
        ),
        "check.payer_name_differs": Text(
            "付款人“{payers}”与被保险人“{insured}”名称不一致",
            "The payer {payers} is not named like the insured, {insured}",
            "请核对发票抬头与银行凭证",
            "Check the name on invoice and bank voucher",
        ),
        "check.payer_of_many": Text(
            "同一付款人“{keys}”为 {firms} 家企业缴纳保费：{numbers}",
            "One payer “{keys}” paid the premiums of {firms} firms: {numbers}",
            *_EXPLAIN,
        ),
        "check.account_shared": Text(
            "收款账户已被其他企业用于申报：{numbers}",
            "Another firm has applied with the same bank account: {numbers}",
            "请企业提供本单位账户并附开户证明",
            "Ask for an account in the firm's own name, with proof",
        ),
        "check.account_name_differs": Text(
            "收款户名“{account}”不是申请企业“{firm}”",
            "The account is in the name of {account}, not of the applicant {firm}",
            "请更正收款账户；户名须与申请企业一致",
            "Correct the account; it must be in the applicant's name",
        ),
        "check.premium_not_full": Text(
            "实收保费 {received_fen}，少于到期应缴 {due_fen}",
            "Premium received {received_fen} is less than the {due_fen} that was due",
            "请保险机构核对收讫证明；未足额缴费的按规定处理",
            "Let the insurer check the receipts; proceed as the rule says for part payment",
        ),
        "check.receipt_outside_period": Text(
            "保费到账日不在合理期间（保障 {start} 至 {end}，起保前 {days} 天内）",
            "Premium came in at an unlikely time (cover {start} to {end}, {days} days before)",
            *_EXPLAIN,
        ),
        "check.premium_reduced": Text(
            "申请日 {applied_on} 后有退费、减保或退保：退费 {returned_fen}，减保 {reduced_fen}",
            "Refund, reduction or cancellation after {applied_on}: premium {returned_fen}, "
            "sum {reduced_fen}",
            "请按批改后的保费重新测算；已批准或已拨付的先启动追回",
            "Assess again on the reduced premium; recover first where money was granted",
        ),
        "check.claim_like_refund": Text(
            "赔款 {paid_fen} 接近保费 {premium_fen}，且距缴费不超过 {days} 天，疑似变相退费",
            "Claims of {paid_fen} are near the premium of {premium_fen} and within {days} days of "
            "it: they may give the premium back",
            "请调取赔案卷宗核实；属实的写明理由，虚假的移送处理",
            "Call for the claim file; write down why it is genuine, or refer it",
        ),
        "check.payee_is_applicant": Text(
            "首次销售的赔款 {paid_fen} 付给了申请企业自身，而非用户",
            "The claim of {paid_fen} on a first sale went to the applicant, not to the user",
            *_EXPLAIN,
        ),
        "check.claims_outlier": Text(
            "保险机构“{insurer}”{policies} 张保单有 {claims} 次赔付，明显高于同业"
            "（{other_policies} 张 {other_claims} 次）",
            "{insurer} paid {claims} claims on {policies} policies, far more than the others "
            "({other_claims} on {other_policies})",
            "请抽查该机构的赔案",
            "Look into claim files of this insurer",
        ),
    }
)
