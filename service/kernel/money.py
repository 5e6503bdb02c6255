"""Money (金额) as whole fen (分), and the one way to divide it (DESIGN laws 1 and 2).

Yuan exist only at the edges: :func:`parse_yuan` and :func:`format_yuan`. There is no float here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register

FEN_PER_YUAN = 100
FEN_MAX = 10**15
"""10 万亿元: more than this in one field is a slip of the pen."""
PPM_WHOLE = 1_000_000
"""Rates are whole millionths: 3.5% is 35,000 ppm."""

YuanUnit = Literal["元", "万元", "亿元"]
_UNIT_DECIMALS: Mapping[str, int] = {"": 2, "元": 2, "万": 6, "万元": 6, "亿": 10, "亿元": 10}
"""Decimals that still are whole fen, per unit; ten to that power is the unit in fen."""
_AMOUNT = re.compile(r"([+-]?)(?:人民币)?¥?([+-]?)([0-9,]*)(?:\.([0-9]*))?(亿元|万元|亿|万|元|)整?")
_GROUPED = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+")
_SPACE_NOT_IN_NUMBER = re.compile(r"(?<![0-9.,]) | (?![0-9.,])")
_RATE = re.compile(r"([0-9,]{1,20})(?:\.([0-9]{0,20}))?([%‰])")
_TEXT_CHARACTERS_MAX = 60


class MoneyError(Refused, ValueError):
    """An amount or a rate that cannot be read; ``code`` and ``finding`` say why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__([finding])
        self.code = finding.code
        self.finding = finding


class Rounding(StrEnum):
    """How a ratio becomes whole fen. Each mode treats -x as the mirror of x."""

    DOWN = "down"
    """Towards zero (舍去)."""
    UP = "up"
    """Away from zero (进一)."""
    HALF_UP = "half_up"
    """To the nearest; a half away from zero (四舍五入)."""
    HALF_EVEN = "half_even"
    """To the nearest; a half to the even neighbour (四舍六入五成双)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a divided amount with its explanation; the difference is below one fen."""

    position: int
    weight: int
    exact: Fraction
    allocated: int

    @property
    def difference(self) -> Fraction:
        """What was allocated above (or below) the exact entitlement."""
        return self.allocated - self.exact

    def as_dict(self) -> dict[str, int]:
        """Whole numbers only: fractions as numerator and denominator."""
        return {
            "position": self.position,
            "weight": self.weight,
            "allocated": self.allocated,
            "exact_numerator": self.exact.numerator,
            "exact_denominator": self.exact.denominator,
            "difference_numerator": self.difference.numerator,
            "difference_denominator": self.difference.denominator,
        }


def split(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide a total by weights: largest remainder, ties by position.

    The parts sum to the total and each is within one of its exact entitlement; a weight of zero
    gets zero; a negative total gives the mirror of the positive one. When a total grows, a part may
    still shrink by one (Alabama paradox). Raises MoneyError for a negative weight or none above 0.
    """
    whole = _check_weights(weights)
    if total < 0:
        return tuple(-part for part in split(-total, weights))
    entitled = [total * weight for weight in weights]
    parts = [exact // whole for exact in entitled]
    left = total - sum(parts)
    if left:
        remainders = [exact % whole for exact in entitled]
        order = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for position in order[:left]:
            parts[position] += 1
    return tuple(parts)


def allocate(
    total_to_date: int, weights: Sequence[int], allocated_to_date: Sequence[int]
) -> tuple[int, ...]:
    """Return the parts of the next movement in a series that shares one schedule (DESIGN law 2).

    ``total_to_date`` includes the movement. The running sum of every member stays within one of its
    exact entitlement, whatever the series was; so a member whose entitlement in this movement is
    below one may get -1 in it. Raises MoneyError (also when the lengths differ).
    """
    if len(weights) != len(allocated_to_date):
        raise MoneyError(
            blocker("money.lengths", weights=len(weights), parts=len(allocated_to_date))
        )
    due = split(total_to_date, weights)
    return tuple(part - before for part, before in zip(due, allocated_to_date, strict=True))


def explain(total: int, weights: Sequence[int]) -> tuple[Part, ...]:
    """Return every part of :func:`split` with its exact entitlement."""
    whole = _check_weights(weights)
    return tuple(
        Part(position, weight, Fraction(total * weight, whole), allocated)
        for position, (weight, allocated) in enumerate(
            zip(weights, split(total, weights), strict=True)
        )
    )


def ratio(amount: int, numerator: int, denominator: int, rounding: Rounding) -> int:
    """Return amount × numerator ÷ denominator as a whole; a zero denominator raises MoneyError."""
    if denominator == 0:
        raise MoneyError(blocker("money.zero_denominator"))
    top, bottom = amount * numerator, denominator
    negative = (top < 0) != (bottom < 0)
    quotient, remainder = divmod(abs(top), abs(bottom))
    twice = 2 * remainder - abs(bottom)
    if (
        (rounding is Rounding.UP and remainder)
        or (rounding is Rounding.HALF_UP and twice >= 0)
        or (rounding is Rounding.HALF_EVEN and (twice > 0 or (twice == 0 and quotient % 2)))
    ):
        quotient += 1
    return -quotient if negative else quotient


def ratios(
    amounts: Sequence[int], numerator: int, denominator: int, rounding: Rounding
) -> tuple[int, ...]:
    """Return :func:`ratio` of every amount; the commonest mode at a third of the cost."""
    if rounding is Rounding.HALF_UP and denominator > 0 and numerator >= 0:
        top, bottom = 2 * numerator, 2 * denominator
        return tuple(
            [
                (amount * top + denominator) // bottom
                if amount >= 0
                else -((denominator - amount * top) // bottom)
                for amount in amounts
            ]
        )
    return tuple([ratio(amount, numerator, denominator, rounding) for amount in amounts])


def of_ppm(amount_fen: int, rate_ppm: int, rounding: Rounding) -> int:
    """Return the amount at a rate, in fen."""
    return ratio(amount_fen, rate_ppm, PPM_WHOLE, rounding)


def rate_ppm(part_fen: int, whole_fen: int, rounding: Rounding) -> int:
    """Return the rate that a part is of a whole, in ppm; a whole of zero raises MoneyError."""
    return ratio(part_fen, PPM_WHOLE, whole_fen, rounding)


def parse_yuan(text: str, field: str = "") -> int:
    """Read an amount of yuan as a person writes it; return fen.

    Takes 1,234.50, ￥12.5万元, 3亿, full-width digits and signs. Raises MoneyError with the codes
    money.empty, money.not_a_number, money.separators, money.too_fine, money.absurd.
    """
    plain = plain_number(text)
    if not plain:
        raise MoneyError(blocker("money.empty", field))
    match = _AMOUNT.fullmatch(plain) if len(plain) <= _TEXT_CHARACTERS_MAX else None
    if match is None or (match[1] and match[2]) or not (match[3] or match[4]):
        raise MoneyError(blocker("money.not_a_number", field, value=text))
    amount_fen = decimal_units(
        match[3], match[4], _UNIT_DECIMALS[match[5]], field=field, value=text
    )
    if amount_fen > FEN_MAX:
        raise MoneyError(blocker("money.absurd", field, value=text, maximum_fen=FEN_MAX))
    return -amount_fen if "-" in (match[1], match[2]) else amount_fen


def parse_ppm(text: str, field: str = "") -> int:
    """Read a rate written in percent or per mille (3.5%, 12‰); return ppm. Raises MoneyError."""
    match = _RATE.fullmatch(plain_number(text))
    if match is None:
        raise MoneyError(blocker("money.not_a_rate", field, value=text))
    decimals = 4 if match[3] == "%" else 3
    return decimal_units(match[1], match[2], decimals, field=field, value=text)


def format_yuan(amount_fen: int, unit: YuanUnit = "元") -> str:
    """Show fen: ``1,234,567.00 元``; in 万元 or 亿元 exactly, with as many decimals as needed."""
    if unit == "元":
        return f"{_grouped(amount_fen, 2, keep=2)} 元"
    return f"{_grouped(amount_fen, _UNIT_DECIMALS[unit], keep=0)} {unit}"


def format_ppm(rate: int) -> str:
    """Show a rate in ppm as percent, exactly."""
    return f"{_grouped(rate, 4, keep=0)}%"


def plain_number(text: str) -> str:
    """Return the text in half-width characters, without spaces except between digits."""
    folded = " ".join(unicodedata.normalize("NFKC", text).replace("\u2212", "-").split())
    return _SPACE_NOT_IN_NUMBER.sub("", folded)


def decimal_units(
    whole: str, decimals: str | None, decimals_max: int, *, field: str, value: str
) -> int:
    """Return digits before and after the point as whole units of ten to the -decimals_max.

    Raises MoneyError (money.separators, money.too_fine). Trailing zeros count as decimals: 1.500
    may mean one thousand five hundred.
    """
    if whole and not _GROUPED.fullmatch(whole):
        raise MoneyError(blocker("money.separators", field, value=value))
    decimals = decimals or ""
    if len(decimals) > decimals_max:
        raise MoneyError(blocker("money.too_fine", field, value=value, decimals=decimals_max))
    return int(whole.replace(",", "") + decimals.ljust(decimals_max, "0"))


def _grouped(units: int, decimals: int, *, keep: int) -> str:
    whole, rest = divmod(abs(units), 10**decimals)
    shown = f"{rest:0{decimals}d}".rstrip("0").ljust(keep, "0")
    return f"{'-' if units < 0 else ''}{whole:,}" + (f".{shown}" if shown else "")


def _check_weights(weights: Sequence[int]) -> int:
    if weights and min(weights) < 0:
        raise MoneyError(blocker("money.negative_weight"))
    whole = sum(weights)
    if whole == 0:
        raise MoneyError(blocker("money.no_weight"))
    return whole


_WEIGHTS_REMEDY = ("请先确定份额表", "Settle the schedule of shares first")

register(
    {
        "money.empty": Text(
            "金额未填写", "The amount is missing", "请填写金额", "Write the amount"
        ),
        "money.not_a_number": Text(
            "“{value}”不是金额",
            "“{value}” is not an amount",
            "请填写如 1,234.50、12.5万元、3亿 的金额",
            "Write an amount such as 1,234.50, 12.5万元 or 3亿",
        ),
        "money.separators": Text(
            "“{value}”的千位分隔符位置不对",
            "The thousands separators of “{value}” stand in the wrong place",
            "请每三位用一个逗号，或不用逗号",
            "Put one comma after every three digits, or none",
        ),
        "money.too_fine": Text(
            "“{value}”的小数超过 {decimals} 位",
            "“{value}” has more than {decimals} decimals",
            "金额精确到分，份额精确到百万分之一个百分点，不作四舍五入；请减少小数位",
            "Amounts are exact to the fen, shares to a millionth of a percent; use fewer decimals",
        ),
        "money.absurd": Text(
            "金额“{value}”大得不合常理（上限 {maximum_fen}）",
            "The amount “{value}” is beyond reason (at most {maximum_fen})",
            "请核对单位是元还是万元",
            "Check whether the unit is 元 or 万元",
        ),
        "money.not_a_rate": Text(
            "“{value}”不是费率",
            "“{value}” is not a rate",
            "请填写如 3.5% 或 12‰ 的费率",
            "Write a rate such as 3.5% or 12‰",
        ),
        "money.no_weight": Text(
            "没有大于零的份额，无法分摊",
            "No share is above zero; nothing can be divided",
            *_WEIGHTS_REMEDY,
        ),
        "money.negative_weight": Text(
            "份额为负，无法分摊",
            "A share is negative; nothing can be divided",
            *_WEIGHTS_REMEDY,
        ),
        "money.lengths": Text(
            "份额有 {weights} 项，已分摊有 {parts} 项，不一致",
            "There are {weights} shares and {parts} amounts allocated so far",
            *_WEIGHTS_REMEDY,
        ),
        "money.zero_denominator": Text(
            "比例的分母为零",
            "The denominator of the ratio is zero",
            "请核对计算基数",
            "Check the base of the calculation",
        ),
    }
)
