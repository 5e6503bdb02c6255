"""What the checks of enrolment, contract and qualification have to say."""

from __future__ import annotations

from service.kernel.findings import Text, register

TEXTS = {
    "enrolment.policy_of_another_firm": Text(
        "该保单的被保险人不是本企业",
        "The policy insures another firm",
        "请选择本企业的保单",
        "Choose a policy that insures your firm",
    ),
    "enrolment.policy_of_another_object": Text(
        "该保单承保的是另一标的",
        "The policy insures another object",
        "请选择承保本标的的保单，或改选标的",
        "Choose the policy of this object, or the object of this policy",
    ),
    "enrolment.policy_names_no_object": Text(
        "保单登记时未写明标的，将在保险机构确认时关联",
        "The policy names no object yet; the insurer's confirmation will link it",
        "请保险机构核对保单确系承保本标的",
        "The insurer must make sure that the policy insures this object",
    ),
    "enrolment.policy_enrolled": Text(
        "该保单已用于登记 {enrolment}",
        "The policy is used by enrolment {enrolment}",
        "一张保单只能登记一次",
        "A policy can be enrolled once",
    ),
    "enrolment.policy_disputed": Text(
        "保单处于异议中",
        "The policy is disputed",
        "异议办结后再提交",
        "Settle the dispute first",
    ),
    "enrolment.policy_not_live": Text(
        "保单已退保或已于 {end} 到期",
        "The policy is cancelled or ended on {end}",
        "请选择有效保单",
        "Choose a policy that is in force or about to start",
    ),
    "enrolment.fact_missing": Text(
        "缺少{name_zh}",
        "Missing: {name_en}",
        "请在标的资料中补充",
        "Add it to the record of the object",
        "POLICY §A.6",
    ),
    "enrolment.no_test_report": Text(
        "缺少 CMA 或 CNAS 检测报告",
        "There is no test report of a CMA or CNAS body",
        "多数首版次政策要求第三方检测，请补充报告编号与资质标志",
        "Most first-version rules ask for one; add its number and mark",
        "POLICY §C",
    ),
    "enrolment.no_catalogue_item": Text(
        "标的未对应目录条目",
        "The object names no row of the catalogue",
        "请选择目录版本与条目",
        "Choose the edition and the row",
        "POLICY §A.2",
    ),
    "enrolment.catalogue_other_kind": Text(
        "目录条目 {edition} {item} 不属于此类标的",
        "Row {item} of {edition} is of another kind",
        "请选择同类目录",
        "Choose a catalogue of the same kind",
    ),
    "enrolment.edition_not_valid": Text(
        "保险起期 {day} 时 {edition} 不是有效版本，当日有效的是 {edition_then}",
        "{edition} is not valid on {day}, the first day of cover; valid then: {edition_then}",
        "请改选当日有效版本的条目",
        "Choose the row of the edition valid on that day",
        "POLICY §A.2",
    ),
    "enrolment.parameter_not_met": Text(
        "参数“{name}”要求 {required}，实际 {actual}",
        "Parameter “{name}” must be {required}; it is {actual}",
        "未达到目录要求的标的不能登记；如填写有误请更正",
        "An object below the requirement cannot be enrolled; correct it if mistyped",
    ),
    "enrolment.parameter_unknown": Text(
        "参数“{name}”要求 {required}，实际值 {actual} 无法比较",
        "Parameter “{name}” must be {required}; {actual} cannot be compared",
        "请按目录的名称和单位填写实际值",
        "Give the actual value with the name and unit of the catalogue",
    ),
    "enrolment.beyond_first_sets": Text(
        "此前已登记 {before} 台(套)，本次 {units} 台(套)，超过前 {most} 台(套)",
        "{before} sets enrolled before and {units} now are more than the first {most}",
        "超出部分可能不予补贴，请核对出厂编号",
        "What is beyond may get no subsidy; check the serial numbers",
    ),
    "enrolment.more_units_than_sold": Text(
        "出厂编号 {units} 个，合同数量只有 {quantity}",
        "{units} serial numbers, but the contract sells {quantity}",
        "请核对合同数量与编号",
        "Check the quantity and the numbers",
    ),
    "enrolment.buyer_relation": Text(
        "购买方为{relation_zh}，多数政策不予补贴",
        "The buyer is declared as {relation_en}; most rules pay nothing",
        "请确认声明属实；以具体补贴办法为准",
        "Make sure the declaration is right; the scheme decides",
    ),
    "enrolment.limit_below_value": Text(
        "责任限额 {limit_fen} 低于标的价值 {value_fen}",
        "The limit {limit_fen} is below the value {value_fen}",
        "部分政策要求限额不低于价值，可请保险机构批改",
        "Some rules ask for at least the value; the insurer can endorse it",
        "POLICY §A.2",
    ),
    "enrolment.value_above_contract": Text(
        "标的价值 {value_fen} 高于合同金额 {contract_fen}",
        "The value {value_fen} is above the contract amount {contract_fen}",
        "请核对价值的合理性",
        "Check whether the value is reasonable",
        "POLICY §A.4",
    ),
    "enrolment.covered_before_sale": Text(
        "保险起期早于合同签订日 {day}",
        "The cover starts before the contract was signed on {day}",
        "请核对日期",
        "Check the dates",
    ),
    "enrolment.materials_missing": Text(
        "尚缺材料：{missing_zh}",
        "Papers not there yet: {missing}",
        "上传一次即可在登记与补贴申请中重复使用",
        "Upload them once; enrolment and applications use the same files",
    ),
    "contract.in_future": Text(
        "日期 {day} 晚于今天（{today}）",
        "The day {day} is after today ({today})",
        "请填写已经发生的日期；未发生的留空",
        "Give the day it happened; leave it empty until then",
    ),
    "contract.delivered_early": Text(
        "交付日期早于合同签订日 {signed}",
        "Delivered before the contract was signed on {signed}",
        "请核对日期",
        "Check the dates",
    ),
    "contract.accepted_early": Text(
        "验收早于交付（交付日期：{delivered}）",
        "Accepted before delivery (delivered: {delivered})",
        "先填写交付日期，验收不早于交付",
        "Give the delivery first; acceptance follows it",
    ),
    "contract.buyer_is_seller": Text(
        "购买方就是本企业",
        "The buyer is the seller",
        "自用产品不属于首次销售",
        "Own use is no first sale",
    ),
    "contract.price_unlike_amount": Text(
        "单价×数量为 {total_fen}，与合同金额 {amount_fen} 不一致",
        "Unit price times quantity is {total_fen}, not {amount_fen}",
        "如含其他费用请在材料中说明",
        "Explain other items in the papers",
    ),
    "qualification.quota_above_asked": Text(
        "核定额度高于申请额度 {asked_fen}",
        "The quota is above the {asked_fen} asked for",
        "额度不得超过申请",
        "Grant no more than was asked",
    ),
    "qualification.reversed": Text(
        "有效期止期早于起期 {start}",
        "The validity ends before it starts on {start}",
        "请核对起止日期",
        "Check both dates",
    ),
    "qualification.too_long": Text(
        "有效期超过 {years} 年，最晚至 {latest}",
        "The validity is longer than {years} years; the latest end is {latest}",
        "请缩短有效期",
        "Shorten the validity",
    ),
    "qualification.over_already": Text(
        "有效期在今天（{today}）之前已届满",
        "The validity is over before today ({today})",
        "请核对止期",
        "Check the end",
    ),
}
register(TEXTS)
