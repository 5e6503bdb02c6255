"""Results of a pool year (经营结果): each figure with numerator, denominator and definition (口径).

Everything is the sum of members' parts, so nothing is counted twice between lead and followers
(POOLS invariant 16). A ratio is never printed without what it is made of: POOLS §1.2 shows a
published one whose denominator nobody can find.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.rules.library_count import Definition
from service.kernel.money import PPM_WHOLE, Rounding, ratio


@dataclass(frozen=True, slots=True)
class Sums:
    """What the books say of a year or of a member in it, in fen; recoveries are above zero."""

    premium_fen: int = 0
    earned_fen: int = 0
    paid_fen: int = 0
    expense_fen: int = 0
    outstanding_fen: int = 0
    recovery_fen: int = 0
    backstop_fen: int = 0
    lead_fee_paid_fen: int = 0
    lead_fee_earned_fen: int = 0
    other_fee_fen: int = 0

    @property
    def net_paid_fen(self) -> int:
        """Paid, less recoveries and what the government bears."""
        return self.paid_fen - self.recovery_fen - self.backstop_fen

    @property
    def incurred_fen(self) -> int:
        """Net paid and what is still expected to be paid."""
        return self.net_paid_fen + self.outstanding_fen


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with all it is made of; `ppm` is None where the denominator is zero."""

    definition: Definition
    numerator_fen: int
    denominator_fen: int

    @property
    def ppm(self) -> int | None:
        """The ratio in parts per million, a half rounded up."""
        if self.denominator_fen == 0:
            return None
        return ratio(self.numerator_fen, PPM_WHOLE, self.denominator_fen, Rounding.HALF_UP)


def ratios(sums: Sums) -> tuple[Ratio, ...]:
    """The ratios of a year or of a member."""
    return (
        Ratio(PAID_RATIO, sums.net_paid_fen, sums.premium_fen),
        Ratio(INCURRED_RATIO, sums.incurred_fen, sums.premium_fen),
        Ratio(EARNED_RATIO, sums.incurred_fen, sums.earned_fen),
        Ratio(EXPENSE_RATIO, sums.expense_fen, sums.premium_fen),
    )


def added(parts: list[Sums]) -> Sums:
    """The sum of members' parts."""
    return Sums(**{name: sum(getattr(part, name) for part in parts) for name in Sums.__slots__})


_OWN_ZH = "没有公开文件规定共保体赔付率的口径；本口径为系统采用的定义。"
_OWN_EN = "No public document defines the ratio for a pool; the definition is the registry's own."
_NET_ZH = "已决赔款为各成员按份额承担部分之和，减追偿与残值，减政府分担"
_NET_EN = "claims paid as the sum of members' parts, less recoveries, salvage and the backstop"

PAID_RATIO = Definition(
    "pool-paid-ratio/1",
    f"已决赔付率 = 已决赔款 ÷ 实收保费。{_NET_ZH}；"
    "实收保费为各成员按份额入账的保费之和，不另加首席共保人口径的全额。",
    f"Paid ratio = {_NET_EN}, over premium booked to all members; the lead's 100% is never added.",
    "POOLS invariant 16",
    _OWN_ZH,
    _OWN_EN,
)
INCURRED_RATIO = Definition(
    "pool-incurred-ratio/1",
    f"已发生赔付率 =（已决赔款 + 未决估损）÷ 实收保费。{_NET_ZH}；"
    "未决估损按统计日仍未支付的估损计。",
    f"Incurred ratio = {_NET_EN}, and what is still reserved, over premium booked to all members.",
    "POOLS invariant 16",
    _OWN_ZH,
    _OWN_EN,
)
EARNED_RATIO = Definition(
    "pool-earned-ratio/1",
    f"满期赔付率 =（已决赔款 + 未决估损）÷ 满期保费。{_NET_ZH}；"
    "满期保费为每张保单实收保费 × 已承保天数 ÷ 保险期间天数，逐成员四舍五入到分后相加。",
    f"Earned ratio = {_NET_EN}, and what is reserved, over premium earned by days of cover, each"
    " member's rounded to the fen for each policy and then added.",
    "POOLS invariant 16",
    _OWN_ZH,
    _OWN_EN,
)
EXPENSE_RATIO = Definition(
    "pool-claim-expense-ratio/1",
    "理赔费用率 = 理赔费用 ÷ 实收保费；两者均为各成员承担部分之和。",
    "Claim expense ratio = expenses of claims over premium, both summed over members' parts.",
    "POOLS invariant 16",
    _OWN_ZH,
    _OWN_EN,
)
