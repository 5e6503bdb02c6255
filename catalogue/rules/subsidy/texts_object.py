"""Chinese and English texts of the subsidy findings about objects, contracts, qualifications."""

from __future__ import annotations

from service.kernel.findings import Text, register

_CHECK = ("请核对标的资料", "Check the facts of the object")
_NEXT = ("不符合的数量不予补贴", "What does not fit gets nothing")

register(
    {
        "subsidy.edition": Text(
            "目录版本“{edition}”在保单起期 {day} 不适用；适用的版本：{editions}",
            "Catalogue edition “{edition}” does not count on {day}; editions: {editions}",
            "请按保单起期对应的目录版本核对条目",
            "Match the item against the edition of the first day of cover",
        ),
        "subsidy.parameters": Text(
            "条目“{item}”要求的技术参数没有达到",
            "The parameters that item “{item}” requires are not met",
            *_CHECK,
        ),
        "subsidy.set_too_late": Text(
            "第 {ordinal} 台(套)超出前 {most} 台(套)",
            "Set number {ordinal} is beyond the first {most}",
            "请只申报范围内的台(套)，必要时拆分明细",
            "Claim only sets within the number; divide the line where needed",
        ),
        "subsidy.batch_too_large": Text(
            "一个批次 {units} 台(件)，最多 {most}",
            "The batch has {units} units; at most {most}",
            *_NEXT,
        ),
        "subsidy.year_too_few": Text(
            "首年度 {units} 台(件)，至少 {least}",
            "The first year has {units} units; at least {least}",
            *_NEXT,
        ),
        "subsidy.contracts_apart": Text(
            "最后一份合同 {last} 不在首份 {first} 至 {until} 之内",
            "The last contract of {last} is not within {first} to {until}",
            "相隔过远的合同不属同一批次或首年度",
            "Contracts too far apart are not one batch or one first year",
        ),
        "subsidy.limit_too_low": Text(
            "责任限额 {limit_fen} 低于要求的 {minimum_fen}",
            "The liability limit {limit_fen} is below the {minimum_fen} required",
            "请由保险机构批改责任限额",
            "Ask the insurer for an endorsement of the limit",
        ),
        "subsidy.below_minimum": Text(
            "{name_zh} {amount_fen} 低于下限 {minimum_fen}",
            "The {name_en} of {amount_fen} is below {minimum_fen}",
            "达到下限后再申报",
            "Apply once the minimum is reached",
        ),
        "subsidy.buyer_excluded": Text(
            "购买方是{relation_zh}，不予补贴",
            "The buyer is an excluded party ({relation_en})",
            "首台(套)、首批次应由无关联的最终用户购买使用",
            "An unrelated user buys and uses it",
        ),
        "subsidy.not_delivered": Text(
            "至申报日尚未{name_zh}",
            "The object is not {name_en} by the day of application",
            "请在完成后申报，并上传证明",
            "Apply afterwards, with the proof",
        ),
        "subsidy.object_tested": Text(
            "没有 CMA 或 CNAS 检测报告",
            "There is no CMA or CNAS test report",
            "请由有资质的机构检测",
            "Have it tested by an accredited body",
        ),
        "subsidy.object_customised": Text(
            "自用或为单一用户定制的软件不予补贴",
            "Software for own use or made for one user gets nothing",
            *_CHECK,
        ),
        "subsidy.object_in_compensated_set": Text(
            "材料用于已获补偿的首台(套)装备",
            "The material is used in first-set equipment already compensated",
            "同一保障不得重复补贴",
            "The same cover is not subsidised twice",
        ),
        "subsidy.object_too_old": Text(
            "自 {day} 起已超过 {years} 年",
            "More than {years} years have passed since {day}",
            *_CHECK,
        ),
        "subsidy.qualification_missing": Text(
            "没有有效的资格与额度",
            "There is no granted qualification with a quota",
            "请先申请资格审定",
            "Apply for a qualification first",
        ),
        "subsidy.qualification_product": Text(
            "资格属于另一产品“{product}”",
            "The qualification belongs to another product, “{product}”",
            "请选用本产品的资格",
            "Choose the qualification of this product",
        ),
        "subsidy.qualification_not_valid": Text(
            "资格 {number} 在 {day} 不有效（{first} 至 {last}）",
            "Qualification {number} is not valid on {day} ({first} to {last})",
            "请核对资格有效期",
            "Check the validity of the qualification",
        ),
        "subsidy.qualification_too_long": Text(
            "资格 {number} 的有效期 {first} 至 {last} 超过 {years} 年",
            "Qualification {number} is valid from {first} to {last}, longer than {years} years",
            "请更正资格的有效期",
            "Correct the validity of the qualification",
        ),
    }
)
