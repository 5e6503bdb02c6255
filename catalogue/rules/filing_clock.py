"""The clock of a filing (审核时限): who has the ball, which term runs, when it falls due.

Terms are working days of the official calendar and belong to the committee only: the clock stops
while the ball is with the insurer and goes on where it stood. A period starts on the day after the
event (Civil Code art. 201) and its last day is never a holiday (art. 203). A year without an
official calendar is a finding and leaves the day open; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from catalogue.rules.facts import FilingEvent
from catalogue.rules.nouns import FilingStatus, Term
from service.kernel.calendar import (
    CalendarGap,
    add_working_days,
    local_day,
    working_days_between,
)
from service.kernel.findings import Finding


class Ball(Term):
    """Who has to act next."""

    INSURER = "insurer", "保险公司", "Drafting, or correcting what was returned."
    COMMITTEE = "committee", "管委会", "Accepting or reviewing."
    NOBODY = "nobody", "无", "Decided, replaced or withdrawn."


class FilingTerm(Term):
    """The period that runs while the committee has the ball."""

    ACCEPTANCE = "acceptance", "受理", "From submission to acceptance or return."
    REVIEW = "review", "审核", "From acceptance to a decision or return."
    NONE = "", "", "No period runs."


class ClockRules(Protocol):
    """What the clock needs of FilingRules, in working days."""

    @property
    def acceptance_days(self) -> int: ...
    @property
    def review_days(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FilingClock:
    """Where the clock of a filing stands at a moment.

    Days of the committee are working days, used in all rounds together; ``insurer_days`` are
    calendar days after the first submission. None means that the official calendar of a year is
    missing; ``findings`` names it. ``left_days`` is negative when overdue.
    """

    status: FilingStatus
    ball: Ball
    term: FilingTerm
    since: datetime | None
    acceptance_used_days: int | None
    review_used_days: int | None
    insurer_days: int
    returns: int
    term_days: int | None
    limit_days: int | None
    due_on: date | None
    findings: tuple[Finding, ...] = ()

    overdue: bool | None = False

    @property
    def committee_days(self) -> int | None:
        """Working days the committee has used in all."""
        if self.acceptance_used_days is None or self.review_used_days is None:
            return None
        return self.acceptance_used_days + self.review_used_days

    @property
    def left_days(self) -> int | None:
        """Working days left in the term that runs."""
        if self.limit_days is None or self.term_days is None:
            return None
        return self.limit_days - self.term_days


@dataclass(frozen=True, slots=True)
class _Stay:
    """A time during which the filing stood in one status, as days in Shanghai."""

    status: FilingStatus
    start: date
    end: date


_BALLS = {
    FilingStatus.DRAFT: Ball.INSURER,
    FilingStatus.RETURNED: Ball.INSURER,
    FilingStatus.SUBMITTED: Ball.COMMITTEE,
    FilingStatus.ACCEPTED: Ball.COMMITTEE,
    FilingStatus.IN_REVIEW: Ball.COMMITTEE,
}
_TERMS = {
    FilingStatus.SUBMITTED: FilingTerm.ACCEPTANCE,
    FilingStatus.ACCEPTED: FilingTerm.REVIEW,
    FilingStatus.IN_REVIEW: FilingTerm.REVIEW,
}


def clock(events: Sequence[FilingEvent], rules: ClockRules, now: datetime) -> FilingClock:
    """Return the clock at an aware moment; later events are not known yet and left out.

    Events that do not move the status (a note, a recommendation) are harmless. Raises ValueError
    for a status that does not exist or a moment without a time zone.
    """
    moves = _moves(events, now)
    status, since = moves[-1] if moves else (FilingStatus.DRAFT, None)
    stays, today = _stays(moves, local_day(now)), local_day(now)
    term = _TERMS.get(status, FilingTerm.NONE)
    gaps: dict[int, Finding] = {}
    acceptance = _used(stays, FilingTerm.ACCEPTANCE, gaps)
    review = _used(stays, FilingTerm.REVIEW, gaps)
    used = {FilingTerm.ACCEPTANCE: acceptance, FilingTerm.REVIEW: review}.get(term)
    limits = {
        FilingTerm.ACCEPTANCE: rules.acceptance_days,
        FilingTerm.REVIEW: rules.review_days,
    }
    limit = limits.get(term)
    due_on = None if limit is None else _due(stays, term, limit, gaps)
    return FilingClock(
        status=status,
        ball=_BALLS.get(status, Ball.NOBODY),
        term=term,
        since=since,
        acceptance_used_days=acceptance,
        review_used_days=review,
        insurer_days=sum(
            (stay.end - stay.start).days for stay in stays if stay.status is FilingStatus.RETURNED
        ),
        returns=sum(status is FilingStatus.RETURNED for status, _ in moves),
        term_days=used,
        limit_days=limit,
        due_on=due_on,
        findings=tuple(gaps[year] for year in sorted(gaps)),
        overdue=_overdue(today, due_on, used, limit),
    )


def _moves(events: Sequence[FilingEvent], now: datetime) -> list[tuple[FilingStatus, datetime]]:
    moves: list[tuple[FilingStatus, datetime]] = []
    current = ""
    for event in sorted(events, key=lambda event: event.at):
        if event.at <= now and event.to_status and event.to_status != current:
            current = event.to_status
            moves.append((_status(current), event.at))
    return moves


def _status(code: str) -> FilingStatus:
    for status in FilingStatus:
        if status.value == code:
            return status
    raise ValueError(f"{code!r} is no status of a filing")


def _stays(moves: list[tuple[FilingStatus, datetime]], today: date) -> list[_Stay]:
    starts = [local_day(moment) for _, moment in moves]
    ends = [*starts[1:], today]
    return [
        _Stay(status, start, end)
        for (status, _), start, end in zip(moves, starts, ends, strict=False)
    ]


def _used(stays: list[_Stay], term: FilingTerm, gaps: dict[int, Finding]) -> int | None:
    used = 0
    for stay in stays:
        if _TERMS.get(stay.status) is term:
            try:
                used += working_days_between(stay.start, stay.end)
            except CalendarGap as gap:
                gaps[gap.year] = gap.findings[0]
                return None
    return used


def _due(
    stays: list[_Stay], term: FilingTerm, limit_days: int, gaps: dict[int, Finding]
) -> date | None:
    """Return the last day of the term; in a term overrun in an earlier round, the day back then."""
    left = limit_days
    try:
        mine = [stay for stay in stays if _TERMS.get(stay.status) is term]
        for stay in mine[:-1]:
            used = working_days_between(stay.start, stay.end)
            if used > left:
                return add_working_days(stay.start, left)
            left -= used
        return add_working_days(mine[-1].start, left)
    except CalendarGap as gap:
        gaps[gap.year] = gap.findings[0]
        return None


def _overdue(today: date, due_on: date | None, used: int | None, limit: int | None) -> bool | None:
    if limit is None:
        return False
    if due_on is not None:
        return today > due_on
    return None if used is None else used > limit
