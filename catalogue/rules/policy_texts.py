"""Texts of what the rules of policies and endorsements find, in Chinese and English."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "policy.ends_before_start": Text(
            "保险止期早于起期 {start}",
            "The period ends before it starts on {start}",
            "请核对保险期间",
            "Check the period",
        ),
        "policy.too_long": Text(
            "保险期间超过 {years} 年",
            "The period is longer than {years} years",
            "请核对止期年份",
            "Check the year of the end",
        ),
        "policy.not_in_library": Text(
            "产品在起保日 {day} 不在库",
            "The product is not in the library on {day}, the day the cover starts",
            "只有在库产品的保单可以登记；请核对产品编号与起保日",
            "Only policies on products in the library are recorded; check product and day",
        ),
        "policy.rate_outside_band": Text(
            "费率 {rate_ppm} 超出备案费率区间 {low_ppm} 至 {high_ppm}（{clause}）",
            "The rate {rate_ppm} is outside the filed band {low_ppm} to {high_ppm} ({clause})",
            "请按备案费率承保，或先变更备案并更新产品版本",
            "Use the filed rates, or file a change and a new version first",
        ),
        "policy.sum_outside_band": Text(
            "保险金额 {sum_fen} 超出产品保额区间 {low_fen} 至 {high_fen}",
            "The sum {sum_fen} is outside the product's band {low_fen} to {high_fen}",
            "请核对保险金额，或更新产品版本",
            "Check the sum, or file a new version",
        ),
        "policy.premium_above_sum": Text(
            "保费高于保险金额 {sum_fen}",
            "The premium is above the sum insured of {sum_fen}",
            "请核对金额单位（元、万元）",
            "Check the unit of the amounts",
        ),
        "policy.premium_unlike_rate": Text(
            "保费与费率不符：按费率应为 {expected_fen}",
            "Premium and rate differ: by the rate it would be {expected_fen}",
            "如为短期费率或最低保费，请在备注中说明",
            "If a short-period or minimum premium applies, say so in the note",
        ),
        "policy.instalments_not_whole": Text(
            "分期合计 {total_fen}，与保费 {premium_fen} 不等",
            "The instalments sum to {total_fen}, the premium is {premium_fen}",
            "请使分期合计等于保费",
            "Make the instalments sum to the premium",
        ),
        "policy.instalments_unordered": Text(
            "分期日期未按先后排列",
            "The instalments are not in order of their days",
            "请按缴费日期先后填写",
            "Put them in order",
        ),
        "policy.insured_unfit": Text(
            "被保险人不是登记在册的有效企业",
            "The insured is not an active registered enterprise",
            "请先由管委会登记该企业",
            "Have the enterprise registered first",
        ),
        "policy.object_of_another": Text(
            "保险标的不存在或不属于该被保险人",
            "The object does not exist or belongs to another enterprise",
            "请核对标的编号",
            "Check the number of the object",
        ),
        "policy.insurer_unfit": Text(
            "共保方不是有效的保险机构",
            "A co-insurer is not an active insurer",
            "请核对统一社会信用代码",
            "Check the USCC",
        ),
        "policy.shares_not_whole": Text(
            "份额合计 {sum_units}，不等于 100%",
            "The shares sum to {sum_units}, not to 100 %",
            "请使份额合计恰为 100%",
            "Make the shares sum to exactly 100 %",
        ),
        "policy.one_legal_person_twice": Text(
            "同一法人（{root}）的两个机构不得互为共保人",
            "Two branches of one legal person ({root}) are not co-insurers of each other",
            "请只列法人一方",
            "Name the legal person once",
        ),
        "policy.receipt_in_future": Text(
            "收款日期晚于今天（{today}）",
            "The day of receipt is after today ({today})",
            "请填写实际收款日期",
            "Give the day the money came in",
        ),
        "policy.receipt_above_due": Text(
            "收款超过尚欠保费 {left_fen}",
            "The receipt is above the premium still due, {left_fen}",
            "请核对金额；加费请先出具批单",
            "Check the amount; endorse additional premium first",
        ),
        "policy.unknown_source": Text(
            "资金来源“{fund}”不是已登记的补贴项目",
            "The source “{fund}” is not a registered scheme",
            "自有资金填 own，财政资金填补贴项目代码",
            "Write own for the insured's money, the scheme's code for public money",
        ),
        "policy.invoice_in_future": Text(
            "开票日期晚于今天（{today}）",
            "The day of the invoice is after today ({today})",
            "请填写发票上的日期",
            "Give the day on the invoice",
        ),
        "policy.source_paid_here": Text(
            "资金来源“{fund}”由本系统直接支付给保险机构，到账时自动登记",
            "The scheme “{fund}” pays the insurer through this registry and is recorded with it",
            "不必手工登记；其他付款请按实际付款人填写来源",
            "Nothing need be entered; give other money with its own source",
            "DESIGN law 3",
        ),
        "policy.refund_above_paid": Text(
            "退费超过该资金来源（{fund}）所付，多出 {above_fen}",
            "The refund is {above_fen} above what the source {fund} has paid",
            "退费不得超过该来源净付金额",
            "A source never gets back more than it paid",
            "DESIGN law 3",
        ),
        "endorsement.policy_ended": Text(
            "保单已{status}，不能再批改",
            "The policy is {status}; it cannot be endorsed",
            "退保的保单可以复效，即撤销退保批单",
            "A cancelled policy can be reinstated by undoing the cancellation",
        ),
        "endorsement.before_inception": Text(
            "批单生效日早于起保日 {start}",
            "The endorsement takes effect before the cover starts on {start}",
            "请改为起保日或之后",
            "Take the first day of cover or later",
        ),
        "endorsement.after_end": Text(
            "批单生效日晚于止期 {end}",
            "The endorsement takes effect after the period ends on {end}",
            "请改为保险期间之内",
            "Take a day within the period",
        ),
        "endorsement.wrong_sign": Text(
            "批单金额的正负与批单类型不符",
            "The amounts of a {kind} endorsement have the wrong sign",
            "加费填正数，退费与退保填负数或零，变更保额须有差额",
            "Additional premium is positive, return premium and cancellation negative or zero",
        ),
        "endorsement.returns_too_much": Text(
            "退费超过现有保费 {premium_fen}",
            "The return premium is above the present premium of {premium_fen}",
            "退费不得超过现有保费",
            "Return at most the present premium",
        ),
        "endorsement.sum_below_zero": Text(
            "批改后保险金额低于零",
            "The sum insured would fall below zero",
            "请核对变更额",
            "Check the change",
        ),
    }
)
