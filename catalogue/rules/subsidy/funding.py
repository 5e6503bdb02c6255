"""Who pays for one premium (资金来源): the firm, each public source, and what is still due.

The parts always make the whole premium after refunds; so nobody can be paid twice for one yuan.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.rules.subsidy.facts import PolicyLine
from catalogue.rules.subsidy.nouns import Instrument

OWN, OTHERS, UNPAID, THIS = "own", "others", "unpaid", "this"


@dataclass(frozen=True, slots=True)
class Source:
    """One source and what it bears of the premium, in fen."""

    code: str
    amount_fen: int
    public: bool


def funding(instrument: str, line: PolicyLine, amount_fen: int) -> tuple[Source, ...]:
    """Return the sources of the premium of a line once it gets an amount.

    What a subsidy gives back lowers the own part; a direct payment lowers what is unpaid. Loss
    sharing pays a claim, so it changes nothing about the premium.
    """
    loss = instrument == Instrument.LOSS_SHARING
    direct = instrument == Instrument.PREMIUM_DIRECT_PAY
    given = 0 if loss else amount_fen
    to_insurer = line.other_on("premium", "insurer")
    unpaid = line.premium_fen - line.own_fen - line.premium_paid_by_others_fen - to_insurer
    own = line.own_fen - line.other_on("premium", "firm")
    others = [
        Source(money.group, money.amount_fen, True)
        for money in line.other_money
        if money.on == "premium"
    ]
    return (
        Source(OWN, own - (0 if direct else given), False),
        Source(OTHERS, line.premium_paid_by_others_fen, False),
        *others,
        Source(THIS, given, True),
        Source(UNPAID, unpaid - (given if direct else 0), False),
    )
