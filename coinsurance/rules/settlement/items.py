"""What the lines of a statement are (结算项目): typed by account and by reason of the entry.

A settlement is no item: it pays items and never comes back as one (POOLS complaint 3).
"""

from __future__ import annotations

from catalogue.rules.nouns import Term


class Item(Term):
    """The type of a line of a statement."""

    PREMIUM = "premium", "保费", "Premium of the member, and what it collected or passed on of it."
    FEE = "fee", "费用", "Lead fee with its tax, broker and administration fees."
    CLAIM = "claim", "赔款", "Claims paid, advances and cash calls."
    EXPENSE = "expense", "理赔费用", "Costs of handling claims."
    RECOVERY = "recovery", "追偿与残值", "Recoveries and salvage."
    BACKSTOP = "backstop", "政府分担", "What the government bears."
    INTEREST = "interest", "利息", "Interest on late money."
    ADJUSTMENT = "adjustment", "调整", "Corrections and anything the types above do not name."
    SETTLEMENT = "settlement", "结算收付", "Money paid between members; not an item."
    DISPUTE = "dispute", "争议挂账", "Moved to or from the side account; not an item."


NOT_ITEMS = frozenset({Item.SETTLEMENT, Item.DISPUTE})
CURRENT, DISPUTED = "current", "disputed"

_BY_ACCOUNT: dict[str, Item] = {
    "premium": Item.PREMIUM,
    "premium_tax": Item.PREMIUM,
    "lead_fee_paid": Item.FEE,
    "lead_fee_earned": Item.FEE,
    "lead_fee_tax_paid": Item.FEE,
    "lead_fee_tax_earned": Item.FEE,
    "broker_fee": Item.FEE,
    "admin_fee_paid": Item.FEE,
    "admin_fee_earned": Item.FEE,
    "claim_paid": Item.CLAIM,
    "claim_expense": Item.EXPENSE,
    "recovery": Item.RECOVERY,
    "backstop": Item.BACKSTOP,
    "interest_paid": Item.INTEREST,
    "interest_earned": Item.INTEREST,
    DISPUTED: Item.DISPUTE,
}
_BY_REASON: tuple[tuple[str, Item], ...] = (
    ("settlement", Item.SETTLEMENT),
    ("remittance", Item.SETTLEMENT),
    ("collection", Item.SETTLEMENT),
    ("dispute_held", Item.DISPUTE),
    ("dispute_released", Item.DISPUTE),
    ("premium", Item.PREMIUM),
    ("share_change", Item.PREMIUM),
    ("lead_fee", Item.FEE),
    ("broker", Item.FEE),
    ("admin", Item.FEE),
    ("fee", Item.FEE),
    ("expense", Item.EXPENSE),
    ("claim_expense", Item.EXPENSE),
    ("recovery", Item.RECOVERY),
    ("claim_recovery", Item.RECOVERY),
    ("salvage", Item.RECOVERY),
    ("claim_salvage", Item.RECOVERY),
    ("backstop", Item.BACKSTOP),
    ("interest", Item.INTEREST),
    ("claim", Item.CLAIM),
    ("advance", Item.CLAIM),
    ("cash_call", Item.CLAIM),
)


def item_of(account: str, reason: str) -> Item:
    """The type of a line: by the name of its account; on a current account by the entry's reason.

    The longest reason that fits decides, so that `claim_expense` is no claim.
    """
    name = account.split(":", 1)[0]
    if name == "recovery" and reason.startswith("backstop"):
        return Item.BACKSTOP
    if name in _BY_ACCOUNT:
        return _BY_ACCOUNT[name]
    fitting = [(len(start), item) for start, item in _BY_REASON if reason.startswith(start)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else Item.ADJUSTMENT
