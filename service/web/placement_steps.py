"""Words and steps of the pages of placements: premium, endorsements, shares (共保保单)."""

from __future__ import annotations

from coinsurance.premium_forms import (
    PoolEndorsementForm,
    PoolReceiptForm,
    ShareProposalForm,
    ShareTakingForm,
    TakingForm,
)
from coinsurance.premiums import endorsing, receipts, shares
from service.auth import INSURER
from service.web.desk_steps import DeskStep, Field

KINDS = (
    ("additional_premium", "加费"),
    ("return_premium", "退费"),
    ("sum_change", "保额变更"),
    ("cancel", "注销"),
)
METHODS = (
    ("stated", "按所写金额"),
    ("pro_rata", "按未了日数"),
    ("ab_initio", "自始无效，全部退还"),
)
LIVE = ("bound", "in_force", "expired", "cancelled")


def field(kind: str, path: str, label: str, hint: str = "", must: bool = False) -> Field:
    """An input of a third of the line."""
    return Field(kind, path, label, hint, must, width="third")


PLACEMENT_STEPS: dict[str, DeskStep] = {
    "receive": DeskStep(
        "receipts",
        "登记保费到账",
        PoolReceiptForm,
        receipts.receive,
        INSURER,
        "保费已入账，各成员份额与应划付款项已生成",
        ("bound", "in_force", "expired"),
        (
            field("text", "source", "资金来源", "自缴填 own，补贴填补贴项目代码", True),
            field("money", "amount_fen", "金额", must=True),
            field("day", "received_on", "到账日", must=True),
            field("count", "instalment", "期次", "可不填"),
            field("text", "payer_name", "付款人", must=True),
            field("text", "payer_account", "付款账号"),
            field("text", "invoice_number", "发票号码"),
            field("text", "bank_reference", "银行流水号"),
        ),
        hint="同一银行流水号只能入账一次；金额不得超过应收余额。",
    ),
    "take_up": DeskStep(
        "movements",
        "分配他处登记的到账与退费",
        TakingForm,
        receipts.take_up,
        INSURER,
        "已分配",
        LIVE,
        kind="plain",
        hint="例如财政直接支付给保险机构的补贴、保单批改产生的退费。",
    ),
    "endorse": DeskStep(
        "endorsements",
        "提出批改",
        PoolEndorsementForm,
        endorsing.propose,
        INSURER,
        "批改已提出；须征求同意的已通知各成员",
        ("bound", "in_force"),
        (
            Field("choice", "kind", "批改类型", "", True, KINDS, width="third"),
            field("day", "effective_on", "生效日", must=True),
            Field("choice", "method", "保费计算", "", True, METHODS, width="third"),
            field("money", "premium_change_fen", "保费变更", "退费写负数；按日计算时写全期"),
            field("wan", "sum_change_fen", "保额变更"),
            field("day", "new_end_on", "新的止期"),
            Field("tick", "statutory", "投保人依法解除合同（保险法第十五条），无须成员同意"),
            Field("area", "reason", "理由", required=True),
        ),
        kind="plain",
    ),
    "change_shares": DeskStep(
        "share-schedules",
        "提出份额变更",
        ShareProposalForm,
        shares.propose,
        INSURER,
        "份额变更已提出，已征求各成员同意",
        ("bound", "in_force"),
        (
            field("text", "section", "分项"),
            field("day", "valid_from", "自何日起", must=True),
            Field("own", "shares.share_units", "份额"),
            Field("area", "reason", "理由", required=True),
        ),
        kind="plain",
        hint="合计须恰为 100%，没有容差；只能自今天或以后的日期起向后变更，此前的份额不变。",
    ),
    "move_premium": DeskStep(
        "share-changes",
        "份额变更入账",
        ShareTakingForm,
        shares.take_up,
        INSURER,
        "各成员保费已按未了天数划转，合计为零",
        LIVE,
        kind="plain",
        hint="新份额生效后办理；下一笔保费到账时也会自动办理。",
    ),
}
