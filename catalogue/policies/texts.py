"""What the use cases of policies have to say, in Chinese and English."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "policy.unknown_organisation": Text(
            "没有统一社会信用代码为 {uscc} 的登记机构",
            "No registered organisation has the USCC {uscc}",
            "请核对代码；未登记的企业请先登记",
            "Check the code; have the organisation registered first",
        ),
        "policy.unknown_product": Text(
            "产品“{number}”不存在或从未入库",
            "The product “{number}” does not exist or was never in the library",
            "请填写在库产品编号，例如 P-2025-000012",
            "Give the number of a product in the library, for example P-2025-000012",
        ),
        "policy.product_of_another": Text(
            "该产品不属于本机构",
            "The product belongs to another insurer",
            "只能登记本机构产品的保单",
            "Record policies on your own products only",
        ),
        "policy.not_recording": Text(
            "本保单由另一家保险机构登记，收费、批改和赔付只能由登记机构办理",
            "Another insurer recorded this policy; it alone writes on it",
            "请联系列第一位的登记机构",
            "Ask the insurer that stands first",
        ),
        "policy.lead_first": Text(
            "多家承保时，登记机构须列第一位",
            "With several insurers, the one that records the policy stands first",
            "请把本机构排在第一位",
            "Put your own organisation first",
        ),
        "policy.number_twice": Text(
            "本机构已登记保单号“{number}”（忽略空格、横线与大小写）",
            "The policy number “{number}” is already recorded (spaces, dashes, case ignored)",
            "请核对保单号；变更请出具批单",
            "Check the number; use an endorsement for a change",
        ),
        "policy.loss_outside_period": Text(
            "出险日期不在保险期间内",
            "The day of loss is outside the period",
            "请核对出险日期",
            "Check the day of loss",
        ),
        "policy.loss_paid_day": Text(
            "赔付日期早于出险日期或晚于今天",
            "The day of payment is before the loss or after today",
            "请核对赔付日期",
            "Check the day of payment",
        ),
        "policy.loss_twice": Text(
            "赔案“{reference}”已登记",
            "The loss “{reference}” is already recorded",
            "同一赔案的后续赔付请用新的编号",
            "Use a new reference for a further payment",
        ),
    }
)
