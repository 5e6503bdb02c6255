"""Shares (份额) in whole units of 10^8: a schedule is the whole, to the unit (DESIGN law 1).

Also the signing of lines: what was written becomes what is signed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.money import MoneyError, decimal_units, plain_number, split

WHOLE_UNITS = 100_000_000
_PERCENT_DECIMALS = 6
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{0,20}))?%")


def is_whole(shares_units: Sequence[int], whole_units: int = WHOLE_UNITS) -> bool:
    """Whether the shares are a full schedule: at least one, none negative, sum exact."""
    return not check_whole(shares_units, whole_units=whole_units)


def check_whole(
    shares_units: Sequence[int], field: str = "shares", whole_units: int = WHOLE_UNITS
) -> list[Finding]:
    """Return what keeps the shares from being a full schedule; there is no tolerance."""
    if not shares_units:
        return [blocker("shares.empty", field)]
    found = [
        blocker("shares.negative", f"{field}.{position}", share_units=share)
        for position, share in enumerate(shares_units)
        if share < 0
    ]
    total = sum(shares_units)
    if total != whole_units:
        found.append(
            blocker(
                "shares.not_whole",
                field,
                total_units=total,
                whole_units=whole_units,
                difference_units=total - whole_units,
            )
        )
    return found


def parse_percent(text: str, field: str = "") -> int:
    """Read a share written in percent (12.5%); return units. Raises MoneyError.

    The percent sign is required: 0.5 alone could mean a half or half a percent.
    """
    match = _PERCENT.fullmatch(plain_number(text))
    if match is None:
        raise MoneyError(blocker("shares.not_a_percentage", field, value=text))
    units = decimal_units(match[1], match[2], _PERCENT_DECIMALS, field=field, value=text)
    if units > WHOLE_UNITS:
        raise MoneyError(blocker("shares.above_whole", field, value=text))
    return units


def format_percent(share_units: int) -> str:
    """Show units as percent, exactly: 12.5%."""
    whole, rest = divmod(abs(share_units), 10**_PERCENT_DECIMALS)
    decimals = f"{rest:06d}".rstrip("0")
    return f"{'-' if share_units < 0 else ''}{whole}" + (f".{decimals}" if decimals else "") + "%"


def check_lines(
    written_units: Sequence[int],
    to_stand: Sequence[bool],
    whole_units: int = WHOLE_UNITS,
    field: str = "lines",
) -> list[Finding]:
    """Return what keeps written lines from being signed; an undersubscribed risk never binds."""
    if len(written_units) != len(to_stand):
        return [blocker("shares.lengths", field, lines=len(written_units), marks=len(to_stand))]
    found = [
        blocker("shares.negative", f"{field}.{position}", share_units=line)
        for position, line in enumerate(written_units)
        if line < 0
    ]
    written, standing = sum(written_units), _standing(written_units, to_stand)
    if written < whole_units:
        found.append(
            blocker(
                "shares.undersubscribed",
                field,
                written_units=written,
                missing_units=whole_units - written,
            )
        )
    if standing > whole_units:
        found.append(blocker("shares.to_stand_above_whole", field, standing_units=standing))
    return found


def sign_down(
    written_units: Sequence[int], to_stand: Sequence[bool], whole_units: int = WHOLE_UNITS
) -> tuple[int, ...]:
    """Sign written lines down to the whole, by largest remainder; return the signed units.

    A line to stand keeps what it wrote; no signed line is above its written line. Raises Refused
    with the findings of :func:`check_lines`.
    """
    found = check_lines(written_units, to_stand, whole_units)
    if found:
        raise Refused(found)
    rest = whole_units - _standing(written_units, to_stand)
    weights = [0 if stands else line for line, stands in zip(written_units, to_stand, strict=True)]
    cut = split(rest, weights) if any(weights) else (0,) * len(weights)
    return tuple(
        line if stands else signed
        for line, stands, signed in zip(written_units, to_stand, cut, strict=True)
    )


def _standing(written_units: Sequence[int], to_stand: Sequence[bool]) -> int:
    return sum(line for line, stands in zip(written_units, to_stand, strict=True) if stands)


register(
    {
        "shares.empty": Text(
            "没有任何份额",
            "There are no shares",
            "请至少填写一个成员的份额",
            "Give at least one member a share",
        ),
        "shares.negative": Text(
            "份额 {share_units} 为负",
            "The share {share_units} is negative",
            "请填写零或正的份额",
            "Write a share of zero or more",
        ),
        "shares.not_whole": Text(
            "份额合计 {total_units}，与 {whole_units} 相差 {difference_units}",
            "The shares sum to {total_units}; they differ from {whole_units} by {difference_units}",
            "请调整份额，使合计恰为 {whole_units}",
            "Change the shares so that they sum to exactly {whole_units}",
            "DESIGN law 1",
        ),
        "shares.not_a_percentage": Text(
            "“{value}”不是百分比份额",
            "“{value}” is not a share in percent",
            "请填写如 12.5% 的百分比，须带百分号",
            "Write a percentage such as 12.5%, with its sign",
        ),
        "shares.above_whole": Text(
            "份额“{value}”超过 100%",
            "The share “{value}” is above 100%",
            "请填写 0% 至 100% 之间的份额",
            "Write a share between 0% and 100%",
        ),
        "shares.lengths": Text(
            "份额线有 {lines} 条，“不可削减”标记有 {marks} 个，不一致",
            "There are {lines} lines and {marks} marks “to stand”",
            "请为每条份额线各填一个标记",
            "Give every line one mark",
        ),
        "shares.undersubscribed": Text(
            "认购合计 {written_units}，尚缺 {missing_units}，不能成立",
            "Lines sum to {written_units}; {missing_units} are missing, so nothing binds",
            "请继续征集份额，或降低申请的保额",
            "Find more lines, or ask for a lower limit",
        ),
        "shares.to_stand_above_whole": Text(
            "不可削减的份额合计 {standing_units}，超过 100%",
            "Lines to stand sum to {standing_units}, more than 100%",
            "须有成员同意削减其份额",
            "A member has to agree to a smaller line",
        ),
    }
)
