"""Chinese and English texts of the findings of `eastlake verify`."""

from __future__ import annotations

from service.kernel.findings import Text, register

_STOP = ("请停止使用并从备份核对", "Stop and compare with a backup")

register(
    {
        "verify.guard_missing": Text(
            "表 {table} 的只增不改保护被停用",
            "The append-only guard of the table {table} is switched off",
            *_STOP,
            "DESIGN law 6",
        ),
        "verify.status_differs": Text(
            "{subject} 的状态为“{status}”，日志最后记为“{journal}”",
            "{subject} stands at {status}, the journal last moved it to {journal}",
            *_STOP,
            "DESIGN law 5",
        ),
        "verify.step_unknown": Text(
            "{subject} 的“{event}”不是规定的步骤，或与前一步不衔接",
            "“{event}” of {subject} is no step of its life cycle or does not follow the one before",
            *_STOP,
            "DESIGN law 5",
        ),
        "verify.count_differs": Text(
            "{day} 的“{what}”为 {stored}，按历史重算为 {counted}",
            "“{what}” of {day} is {stored}, recounted from history {counted}",
            *_STOP,
            "DESIGN law 6",
        ),
        "verify.fact_differs": Text(
            "{number} 的状态为“{status}”，在库记录表明应为“{facts}”",
            "{number} stands at {status}, its library facts say {facts}",
            *_STOP,
            "DESIGN law 6",
        ),
        "verify.fact_without_event": Text(
            "{number} 的在库记录 {fact} 没有对应的日志",
            "Library fact {fact} of {number} rests on no event of the journal",
            *_STOP,
            "DESIGN law 6",
        ),
        "verify.four_eyes": Text(
            "{subject} 由“{person}”既经办又审批",
            "{subject} was prepared and decided by {person}",
            "请由另一位审批人复核该决定",
            "Let another approver review this decision",
            "DESIGN law 9",
        ),
        "verify.current_version": Text(
            "{number} 的在库版本指向有误",
            "{number} does not point to its version in the library",
            *_STOP,
        ),
        "verify.shelf_row": Text(
            "{number} 在货架上的内容与产品不一致",
            "The shelf shows {number} otherwise than the product is",
            *_STOP,
        ),
        "verify.document_hash": Text(
            "材料内容 {content} 与其摘要不一致",
            "The file content {content} does not match its hash",
            *_STOP,
        ),
        "verify.rule_hash": Text(
            "规则 {rule} 的内容与其摘要不一致",
            "The body of the rule {rule} does not match its hash",
            *_STOP,
            "DESIGN law 8",
        ),
        "verify.decision_rule": Text(
            "{subject} 的决定没有可查的规则版本",
            "The decision on {subject} names no published rule version",
            *_STOP,
            "DESIGN law 8",
        ),
        "verify.money_differs": Text(
            "{subject} 的“{what}”为 {stored}，按明细重算为 {counted}",
            "“{what}” of {subject} is {stored}, recomputed {counted}",
            *_STOP,
            "DESIGN law 6",
        ),
        "verify.assessment": Text(
            "{number} 的测算结果与其摘要不一致，或依事实与规则不能重现",
            "The assessment of {number} does not match its hash or cannot be computed again",
            *_STOP,
            "DESIGN law 8",
        ),
        "verify.shelf": Text(
            "{number} 在货架表中的内容与产品记录不一致",
            "The shelf row of {number} is not what its records say",
            "请重建该行：shelf_refresh",
            "Make the row again with shelf_refresh",
        ),
    }
)
