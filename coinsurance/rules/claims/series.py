"""Occurrences in order on one cover: aggregates wear down, reinstatements fill them up.

For calculators: the real claims keep their own rows. A reinstatement is automatic here: what a loss
uses is filled up at once while there is something left to fill up with, each layer's worth at its
own rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from coinsurance.rules.claims.cover import (
    CoverResult,
    Deductible,
    Loss,
    ReinstatementTerms,
    Section,
    pays,
    reinstatement_premium,
)


@dataclass(frozen=True, slots=True)
class Refill:
    """One reinstatement: its rate of the section's premium, and whether time counts."""

    rate_ppm: int
    by_time: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """A section with its aggregate (None: none), what is used of it, and its reinstatements."""

    section: Section
    aggregate_fen: int | None
    used_fen: int = 0
    premium_fen: int = 0
    refills: tuple[Refill, ...] = ()

    @property
    def base_fen(self) -> int | None:
        """What the aggregate is before reinstatements: as stated, or once the limit."""
        if self.aggregate_fen is None and self.refills:
            return self.section.limit_fen
        return self.aggregate_fen


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: its day (None where no time counts) and its losses."""

    losses: tuple[Loss, ...]
    loss_on: date | None = None


@dataclass(frozen=True, slots=True)
class Refilled:
    """What a section has left after an occurrence, what was filled up and what that costs. Fen."""

    code: str
    left_fen: int | None
    refilled_fen: int
    premium_fen: int
    refill_left_fen: int


@dataclass(frozen=True, slots=True)
class Worked:
    """An occurrence with what the cover pays and what it leaves behind."""

    occurrence: Occurrence
    result: CoverResult
    sections: tuple[Refilled, ...]


@dataclass(slots=True)
class _State:
    left_fen: int
    refilled_fen: int = 0


def work_through(
    terms: Sequence[Terms],
    occurrences: Sequence[Occurrence],
    deductible: Deductible,
    period: tuple[date, date] | None,
) -> list[Worked]:
    """Apply the cover to occurrences in the order given."""
    states = {
        t.section.code: _State(max(0, t.base_fen - t.used_fen))
        for t in terms
        if t.base_fen is not None
    }
    return [_one(terms, states, occurrence, deductible, period) for occurrence in occurrences]


def _one(
    terms: Sequence[Terms],
    states: dict[str, _State],
    occurrence: Occurrence,
    deductible: Deductible,
    period: tuple[date, date] | None,
) -> Worked:
    sections = [
        replace(
            t.section,
            left_fen=states[t.section.code].left_fen if t.section.code in states else None,
        )
        for t in terms
    ]
    result = pays(occurrence.losses, sections, deductible)
    paid = {section.code: section.payable_fen for section in result.sections}
    after = [
        _refill(t, states.get(t.section.code), paid.get(t.section.code, 0), occurrence, period)
        for t in terms
    ]
    return Worked(occurrence, result, tuple(after))


def _refill(
    terms: Terms,
    state: _State | None,
    paid_fen: int,
    occurrence: Occurrence,
    period: tuple[date, date] | None,
) -> Refilled:
    code = terms.section.code
    base_fen = terms.base_fen
    if state is None or base_fen is None:
        return Refilled(code, None, 0, 0, 0)
    state.left_fen -= paid_fen
    free_fen = base_fen * len(terms.refills) - state.refilled_fen
    refill_fen = min(paid_fen, free_fen)
    premium_fen = _premium(terms, state.refilled_fen, refill_fen, base_fen, occurrence, period)
    state.left_fen += refill_fen
    state.refilled_fen += refill_fen
    return Refilled(code, state.left_fen, refill_fen, premium_fen, free_fen - refill_fen)


def _premium(
    terms: Terms,
    before_fen: int,
    refill_fen: int,
    base_fen: int,
    occurrence: Occurrence,
    period: tuple[date, date] | None,
) -> int:
    """The premium of what is filled up: each reinstatement's worth at its own rate."""
    total = 0
    for number, refill in enumerate(terms.refills):
        low, high = number * base_fen, (number + 1) * base_fen
        part_fen = min(high, before_fen + refill_fen) - max(low, before_fen)
        if part_fen <= 0:
            continue
        left, whole = _days(refill, occurrence.loss_on, period)
        total += reinstatement_premium(
            ReinstatementTerms(terms.premium_fen, base_fen, refill.rate_ppm, left, whole), part_fen
        )
    return total


def _days(
    refill: Refill, loss_on: date | None, period: tuple[date, date] | None
) -> tuple[int, int]:
    """Days from the loss to the end of the period, both counted, and days of the period."""
    if not refill.by_time or loss_on is None or period is None:
        return 1, 1
    first, last = period
    return max(0, (last - loss_on).days + 1), (last - first).days + 1
