"""Interest on late money (逾期利息): simple, from the day after the due day, exact to the end.

Every stretch of days with one principal and one rate is a segment with its exact interest; only
their sum is rounded, once. POOLS defaults: ACT/365, from the day after due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from coinsurance.rules.settlement.day_count import DayCount, counted_days, year_fraction
from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.money import PPM_WHOLE, Rounding, ratio


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came late, and how much of the principal it paid."""

    paid_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class RateStep:
    """A rate that holds for the days after `from_on` (of the first step: from the beginning)."""

    from_on: date
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Days with one principal and one rate; the days after `after_on` up to `until_on`."""

    after_on: date
    until_on: date
    days: int
    principal_fen: int
    rate_ppm: int
    exact: Fraction

    def as_dict(self) -> dict[str, object]:
        """Plain values; the exact interest in fen as numerator and denominator."""
        return {
            "after_on": self.after_on.isoformat(),
            "until_on": self.until_on.isoformat(),
            "days": self.days,
            "principal_fen": self.principal_fen,
            "rate_ppm": self.rate_ppm,
            "exact_numerator": self.exact.numerator,
            "exact_denominator": self.exact.denominator,
        }


@dataclass(frozen=True, slots=True)
class InterestResult:
    """Interest due at `until_on`, rounded once from the exact sum of its segments."""

    amount_fen: int
    exact: Fraction
    days: int
    open_fen: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class LateDebt:
    """A debt, when it was due, at what rate it bears interest and what was paid late."""

    principal_fen: int
    due_on: date
    rates: tuple[RateStep, ...]
    day_count: DayCount = DayCount.ACT_365
    payments: tuple[Payment, ...] = ()
    rounding: Rounding = Rounding.HALF_UP


def interest(debt: LateDebt, until_on: date) -> InterestResult:
    """The interest of a debt for the days after its due day up to and including a day.

    Nothing is due before or on the due day. Payments after `until_on` are not known yet; the day a
    payment arrives still bears interest on it. Raises Refused with every fault of the debt.
    """
    faults = check_debt(debt)
    if faults:
        raise Refused(faults)
    end_on = _last_day(debt, until_on)
    segments = tuple(_segments(debt, end_on)) if end_on > debt.due_on else ()
    exact = sum((segment.exact for segment in segments), Fraction(0))
    paid_fen = sum(p.amount_fen for p in debt.payments if p.paid_on <= until_on)
    return InterestResult(
        amount_fen=ratio(exact.numerator, 1, exact.denominator, debt.rounding),
        exact=exact,
        days=sum(segment.days for segment in segments),
        open_fen=debt.principal_fen - paid_fen,
        segments=segments,
    )


def check_debt(debt: LateDebt) -> list[Finding]:
    """What makes a debt one that bears no interest that could be told."""
    found: list[Finding] = []
    if debt.principal_fen <= 0:
        found.append(blocker("interest.no_principal", "principal_fen"))
    if not debt.rates:
        found.append(blocker("interest.no_rate", "rates"))
    days = [step.from_on for step in debt.rates]
    if days != sorted(set(days)):
        found.append(blocker("interest.rates_order", "rates"))
    if any(payment.amount_fen <= 0 for payment in debt.payments):
        found.append(blocker("interest.no_payment", "payments"))
    paid_fen = sum(payment.amount_fen for payment in debt.payments)
    if paid_fen > debt.principal_fen:
        found.append(
            blocker(
                "interest.paid_too_much",
                "payments",
                paid_fen=paid_fen,
                principal_fen=debt.principal_fen,
            )
        )
    return found


def _last_day(debt: LateDebt, until_on: date) -> date:
    """The day on which the debt was paid off, or the day asked about."""
    left_fen = debt.principal_fen
    for payment in sorted(debt.payments, key=lambda p: p.paid_on):
        left_fen -= payment.amount_fen
        if left_fen == 0:
            return min(payment.paid_on, until_on)
    return until_on


def _segments(debt: LateDebt, end_on: date) -> list[Segment]:
    cuts = {debt.due_on, end_on}
    cuts |= {p.paid_on for p in debt.payments if debt.due_on < p.paid_on < end_on}
    cuts |= {s.from_on for s in debt.rates if debt.due_on < s.from_on < end_on}
    days = sorted(cuts)
    return [_segment(debt, start, end) for start, end in zip(days, days[1:], strict=False)]


def _segment(debt: LateDebt, start_on: date, end_on: date) -> Segment:
    paid_fen = sum(p.amount_fen for p in debt.payments if p.paid_on <= start_on)
    principal_fen, rate = debt.principal_fen - paid_fen, _rate(debt.rates, start_on)
    part = year_fraction(start_on, end_on, debt.day_count)
    return Segment(
        after_on=start_on,
        until_on=end_on,
        days=counted_days(start_on, end_on, debt.day_count),
        principal_fen=principal_fen,
        rate_ppm=rate,
        exact=principal_fen * part * Fraction(rate, PPM_WHOLE),
    )


def _rate(rates: Sequence[RateStep], day: date) -> int:
    """The rate for the days after a day; before the first step the first one holds."""
    held = [step.rate_ppm for step in rates if step.from_on <= day]
    return held[-1] if held else rates[0].rate_ppm


_CHECK = ("请核对本金、付款与利率", "Check principal, payments and rates")

register(
    {
        "interest.no_principal": Text(
            "计息本金应大于零", "The principal must be above zero", *_CHECK
        ),
        "interest.no_rate": Text("没有约定利率，不计息", "No rate was agreed", *_CHECK),
        "interest.rates_order": Text(
            "利率须按起始日先后排列且不重复",
            "The rates must be in order of their first days, each day once",
            *_CHECK,
        ),
        "interest.no_payment": Text("付款金额应大于零", "Each payment must be above zero", *_CHECK),
        "interest.paid_too_much": Text(
            "付款合计 {paid_fen} 超过本金 {principal_fen}",
            "The payments of {paid_fen} are more than the principal of {principal_fen}",
            *_CHECK,
        ),
    }
)
