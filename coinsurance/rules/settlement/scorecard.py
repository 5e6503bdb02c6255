"""How a member keeps its terms (成员履约评分): days of remittance, notice and consent.

Averages are whole numerators over whole denominators; what is disputed or has no due day is told
apart and judged by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalogue.rules.nouns import Term


class Measure(Term):
    """What is measured (指标)."""

    REMITTANCE = (
        "remittance",
        "保费划转",
        "From the day premium was received to the day it went on.",
    )
    REIMBURSEMENT = "reimbursement", "赔款摊回", "From the day of the call to the day of payment."
    NOTICE = "notice", "出险通知", "From the report of a loss to the notice to each member."
    CONSENT = "consent", "同意答复", "From service of a request to the answer."
    STATEMENT = "statement", "结算单答复", "From issue of a statement to the answer."


@dataclass(frozen=True, slots=True)
class Timed:
    """One thing done or still to be done; `done_on` None: not yet."""

    member: str
    measure: Measure
    started_on: date
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one member. Averages: `days_total` over `done`, `late_days` over `late`."""

    member: str
    measure: Measure
    done: int
    days_total: int
    on_time: int
    late: int
    late_days: int
    open: int
    overdue: int
    undated: int


def scores(things: Iterable[Timed], on: date) -> list[Score]:
    """The scores of every member and measure as of a day; done later counts as open."""
    groups: dict[tuple[str, Measure], list[Timed]] = {}
    for thing in things:
        if thing.started_on <= on:
            groups.setdefault((thing.member, thing.measure), []).append(thing)
    order = list(Measure)
    keys = sorted(groups, key=lambda key: (key[0], order.index(key[1])))
    return [_score(member, measure, groups[member, measure], on) for member, measure in keys]


def _score(member: str, measure: Measure, things: list[Timed], on: date) -> Score:
    done = [(t, t.done_on) for t in things if t.done_on is not None and t.done_on <= on]
    waiting = [t for t in things if t.done_on is None or t.done_on > on]
    late = [(day - t.due_on).days for t, day in done if t.due_on is not None and day > t.due_on]
    return Score(
        member=member,
        measure=measure,
        done=len(done),
        days_total=sum((day - t.started_on).days for t, day in done),
        on_time=sum(1 for t, day in done if t.due_on is not None and day <= t.due_on),
        late=len(late),
        late_days=sum(late),
        open=len(waiting),
        overdue=sum(1 for t in waiting if t.due_on is not None and t.due_on < on),
        undated=sum(1 for t in things if t.due_on is None),
    )
