"""When cover begins (见费出单), and what an endorsement does to the premium by days (批改保费).

Days are counted with the first and the last included, as the policy counts them. An endorsement
holds from 0:00 of its effective day: that day belongs to what comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from coinsurance.rules.premium_weights import Change, Cover, days_of, unearned_fen
from service.kernel.findings import Finding, blocker
from service.kernel.money import Rounding, ratio

NO_CONDITION, FIRST_INSTALMENT, FULL_PREMIUM = "none", "first_instalment", "full_premium"


class Amount(StrEnum):
    """How the premium of an endorsement is found (保费计算方式)."""

    STATED = "stated"
    """As agreed; written in the form."""
    PRO_RATA = "pro_rata"
    """By the days left (按日比例)."""
    AB_INITIO = "ab_initio"
    """Everything, as if there had been no contract (自始解除)."""


@dataclass(frozen=True, slots=True)
class Endorsed:
    """An endorsement of the policy that holds, as the weights need it (undone ones are out)."""

    number: int
    kind: str
    effective_on: date
    premium_change_fen: int
    sum_change_fen: int
    old_end_on: date
    new_end_on: date | None
    section: str = ""


def condition_fen(condition: str, premium_fen: int, instalments: Sequence[int]) -> int:
    """What has to be received before cover begins; 0 where the agreement has no such condition.

    Without instalments the first one is the whole premium.
    """
    if condition == FIRST_INSTALMENT:
        return instalments[0] if instalments else premium_fen
    return premium_fen if condition == FULL_PREMIUM else 0


def cover_from(
    needed_fen: int, start_on: date, receipts: Sequence[tuple[date, int]]
) -> date | None:
    """The first day of cover: the day by which the condition was met, never before the period.

    `receipts` in the order they were taken up; what was given back counts. None: not met.
    """
    if needed_fen <= 0:
        return start_on
    received, latest = 0, start_on
    met: date | None = None
    for day, fen in receipts:
        received, latest = received + fen, max(latest, day)
        if received < needed_fen:
            met = None
        elif met is None:
            met = latest
    return met


def return_fen(
    cover: Cover, from_on: date, section: str = "", rounding: Rounding = Rounding.HALF_UP
) -> int:
    """The premium of the days from one on, as it is returned pro rata."""
    exact = unearned_fen(cover, from_on, section)
    return ratio(exact.numerator, 1, exact.denominator, rounding)


def additional_fen(
    annual_fen: int, start_on: date, end_on: date, from_on: date, rounding: Rounding
) -> int:
    """What an additional premium for the whole period comes to from a later day on."""
    return ratio(annual_fen, days_of(from_on, end_on), days_of(start_on, end_on), rounding)


def check_day(cover: Cover, on: date, field: str = "effective_on") -> list[Finding]:
    """An endorsement holds from a day of the period, not before and not after it."""
    last = max([cover.end_on, *(change.to_on for change in cover.changes)])
    if on < cover.start_on:
        return [blocker("premium.before_inception", field, start=cover.start_on, day=on)]
    if on > last:
        return [blocker("premium.after_end", field, end=last, day=on)]
    return []


def change_of(endorsed: Endorsed) -> Change | None:
    """The days on which an endorsement's premium lies; None when it does not touch the premium.

    A longer period alone adds premium to the days it adds; a shorter one takes from those it
    drops; everything else lies from the effective day to the end.
    """
    if not endorsed.premium_change_fen:
        return None
    old, new = endorsed.old_end_on, endorsed.new_end_on or endorsed.old_end_on
    first = endorsed.effective_on
    if new != old and not endorsed.sum_change_fen:
        first = date.fromordinal(min(old, new).toordinal() + 1)
    return Change(
        f"endorsement:{endorsed.number}",
        endorsed.premium_change_fen,
        first,
        max(first, old, new),
        endorsed.section,
    )


def earned_fraction(start_on: date, end_on: date, on: date) -> Fraction:
    """The part of the period before a day, by days (已了责任天数 ÷ 保险期间天数)."""
    whole = days_of(start_on, end_on)
    gone = min(max((on - start_on).days, 0), whole)
    return Fraction(gone, whole)
