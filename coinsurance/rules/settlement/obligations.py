"""Where an obligation stands, from what is settled, held by disputes and struck off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

KINDS_ZH: Mapping[str, str] = {
    "premium_remittance": "保费划付",
    "premium_return": "退保费",
    "lead_fee": "出单费",
    "admin_fee": "管理费",
    "claim_reimbursement": "赔款摊回",
    "cash_call": "预收赔款",
    "recovery_share": "追偿款划付",
    "expense_share": "费用分摊",
    "interest": "逾期利息",
    "share_adjustment": "份额调整",
}


MATTERS: Mapping[str, tuple[str, ...]] = {
    "premium": ("premium_remittance", "premium_return", "share_adjustment"),
    "fees": ("lead_fee", "admin_fee"),
    "claims": ("claim_reimbursement", "cash_call"),
    "expenses": ("expense_share",),
    "recoveries": ("recovery_share",),
    "interest": ("interest",),
}
"""The matters an agreement names in its netting sets, and the obligations each covers."""


def netting_sets(sets: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The netting sets of an agreement as kinds of obligations; one not known stands for itself."""
    return [
        tuple(kind for matter in matters for kind in MATTERS.get(matter, (matter,)))
        for matters in sets
    ]


def status_of(amount_fen: int, settled_fen: int, held_fen: int, struck_fen: int) -> str:
    """The status of an obligation; what is held is neither settled nor ordinarily open.

    `disputed`: all that is left is held. `void`: upheld disputes struck all of it off.
    """
    left_fen = amount_fen - settled_fen - struck_fen
    if left_fen == 0:
        return "settled" if settled_fen else "void"
    if held_fen == left_fen:
        return "disputed"
    return "part_settled" if settled_fen else "open"


PAIRED: Mapping[str, str] = {
    "lead_fee_paid": "lead_fee_earned",
    "lead_fee_tax_paid": "lead_fee_tax_earned",
    "admin_fee_paid": "admin_fee_earned",
    "interest_paid": "interest_earned",
}


def counter_account(name: str) -> str:
    """The account of the other side that an upheld line is mirrored to.

    A fee that is not owed was not earned; premium, claims and costs go to the same account of the
    counterparty, which bears them.
    """
    both = {**PAIRED, **{earned: paid for paid, earned in PAIRED.items()}}
    return both.get(name, name)
