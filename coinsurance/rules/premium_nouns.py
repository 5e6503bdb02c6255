"""The vocabularies of pool premium: movements, debts between members, endorsements."""

from __future__ import annotations

from catalogue.rules.nouns import Term


class MovementKind(Term):
    """What a movement of premium does (保费变动)."""

    RECEIPT = "receipt", "收退保费", "Takes up a receipt of the policy; below zero a refund."
    REVERSAL = "reversal", "冲销", "The exact mirror of one movement, once."
    SHARE_CHANGE = "share_change", "份额变更", "Moves premium between members; sums to zero."


class DueKind(Term):
    """What one member owes another for (应付事项)."""

    PREMIUM_REMITTANCE = "premium_remittance", "应划保费", "The issuer passes premium on."
    PREMIUM_RETURN = "premium_return", "应退保费", "A member gives premium back to the issuer."
    LEAD_FEE = "lead_fee", "出单费", "The lead fee with its tax."
    ADMIN_FEE = "admin_fee", "管理费", "What the account keeper is paid."
    CLAIM_REIMBURSEMENT = "claim_reimbursement", "赔款摊回", "A share of a claim paid."
    CASH_CALL = "cash_call", "现金赔款催付", "A share of a claim asked for in advance."
    RECOVERY_SHARE = "recovery_share", "追偿款分配", "A share of what was recovered."
    EXPENSE_SHARE = "expense_share", "费用分摊", "A share of a cost another member paid."
    INTEREST = "interest", "逾期利息", "Interest on late money."
    SHARE_ADJUSTMENT = "share_adjustment", "份额变更差额", "Premium moved by a change of shares."


class EndorsementKind(Term):
    """What a placement's endorsement does (批改类型)."""

    ADDITIONAL_PREMIUM = "additional_premium", "加保加费", "More premium is due."
    RETURN_PREMIUM = "return_premium", "减保退费", "Premium is given back."
    SUM_CHANGE = "sum_change", "保额或期限变更", "The sum insured or the end changes."
    CANCEL = "cancel", "注销", "The contract ends."


class ObligationStatus(Term):
    """How far a debt is paid (应付状态)."""

    OPEN = "open", "未结", "Nothing is paid."
    PART_SETTLED = "part_settled", "部分已结", "A part is paid."
    SETTLED = "settled", "已结", "All of it is paid."
    DISPUTED = "disputed", "争议中", "Set aside until the dispute is settled."
    VOID = "void", "作废", "It no longer has a cause."
