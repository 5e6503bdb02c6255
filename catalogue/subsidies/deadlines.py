"""By when whoever has the ball must act: one rule for the work list, the record and objections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from catalogue.rules.subsidy import (
    SubsidyRules,
    decision_due_on,
    objection_due_on,
    return_due_on,
)
from service.kernel.calendar import UNTOLD, OpenTerm, local_day, term_end, today
from service.kernel.errors import Refused
from service.kernel.findings import blocker

DECIDING = ("accepted", "first_review", "second_review")
Deadline = date | OpenTerm | None
"""A last day; an OpenTerm where the calendar does not reach; None where nothing limits the step."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The facts of a public notice; its last day is stored once it could be told."""

    from_on: date
    day_count: int
    working_days: bool
    to_on: date

    @property
    def end(self) -> date | OpenTerm:
        """The last day on which anybody may object."""
        if self.to_on != UNTOLD:
            return self.to_on
        return term_end(self.from_on, self.day_count, working=self.working_days)

    def is_open(self, day: date) -> bool:
        """Whether anybody may object on a day; a notice whose end is not told stays open."""
        end = self.end
        return self.from_on <= day and (isinstance(end, OpenTerm) or day <= end)

    def is_over(self, day: date) -> bool:
        """Whether the last day has passed."""
        end = self.end
        return not isinstance(end, OpenTerm) and day > end


@dataclass(frozen=True, slots=True)
class Clock:
    """Where an application stands, with the days and moments its terms run from."""

    status: str
    window_to: date | None = None
    notice: Notice | None = None
    return_due_on: date | None = None
    returned_at: datetime | None = None
    accepted_at: datetime | None = None
    objected_at: datetime | None = None


def due_on(rules: SubsidyRules, clock: Clock) -> Deadline:
    """The end of the running term."""
    if clock.status == "draft":
        return clock.window_to
    if clock.status == "public_notice":
        return clock.notice.end if clock.notice else None
    if clock.status == "returned":
        if clock.return_due_on or not clock.returned_at or not rules.return_days:
            return clock.return_due_on
        return return_due_on(rules, local_day(clock.returned_at))
    if clock.status == "objection" and clock.objected_at and rules.objection_days:
        return objection_due_on(rules, local_day(clock.objected_at))
    if clock.status in DECIDING and clock.accepted_at and rules.decision_days:
        return decision_due_on(rules, local_day(clock.accepted_at))
    return None


def check_over(notice: Notice) -> None:
    """Refused while a notice runs, and while nobody can tell when it is over."""
    end = notice.end
    if isinstance(end, OpenTerm):
        raise Refused([end.finding("to_on")])
    if today() <= end:
        raise Refused([blocker("notice.not_over", "to_on", day=end)])


def told(deadline: Deadline) -> date | None:
    """The last day, None where there is none or it cannot be told yet."""
    return None if isinstance(deadline, OpenTerm) else deadline


def waiting(deadline: Deadline) -> OpenTerm | None:
    """The term whose last day cannot be told yet."""
    return deadline if isinstance(deadline, OpenTerm) else None
