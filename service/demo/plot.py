"""When things happen in the demo: paths as tables, turned into moments in office hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from service.demo.texts import Row
from service.kernel.calendar import SHANGHAI, add_working_days

_ENTERED = "draft:0 submit:2 accept:2 review:3 recommend:6 enter:2"
_RETURNED = (
    "draft:0 submit:2 accept:2 review:3 give_back:4 respond:5 resubmit:1 accept:2 review:2"
    " recommend:4 enter:2"
)
PATHS: dict[str, str] = {
    "entered": _ENTERED,
    "returned": _RETURNED,
    "slow": "draft:0 submit:3 accept:4 review:6 note:3 recommend:8 enter:4",
    "rejected": "draft:0 submit:2 accept:2 review:3 note:2 recommend_no:5 reject:3",
    "duplicate": "draft:0 submit:1 accept:2 review:3 note:1 give_back:2 respond:4 resubmit:1"
    " accept:2 review:3 recommend_no:3 reject:2",
    "given_up": "draft:0 submit:1 accept:2 review:3 give_back:4 abandon:6",
    "abandoned": "draft:0 submit:3 accept:2 abandon:5",
    "abandoned_draft": "draft:0 abandon:9",
    "recommended": "draft:0 submit:2 accept:2 review:4 note:3 recommend:6",
    "in_review": "draft:0 submit:2 accept:3 review:4 note:2",
    "returned_now": "draft:0 submit:2 accept:2 review:3 give_back:4",
    "accepted": "draft:0 submit:2 accept:3",
    "submitted": "draft:0 submit:1",
    "draft": "draft:0",
}
"""Each step of a path and how many working days after the one before it is taken."""
_MORNING, _NOON, _LUNCH, _EVENING = time(9, 0), time(11, 50), time(13, 40), time(17, 40)
STEP = timedelta(minutes=17)
"""What lies at least between two steps of one path."""
_ABOUT_AN_ISSUE = ("give_back", "respond")
_CHANGED = {"returned": "returned", "entered": "entered", "in_review": "in_review"}


@dataclass(frozen=True, slots=True)
class Act:
    """One step at one moment; `value` is what the step needs besides."""

    moment: datetime
    verb: str
    value: str = ""


def acts(row: Row) -> list[Act]:
    """Everything that happens to one filing and its product, in order."""
    wrong, events = _later(row)
    found = [
        Act(act.moment, act.verb, wrong) if act.verb == "enter" else act
        for act in _walk(row, row.start, row.path, row.issue)
    ]
    for name, value in events:
        if name == "version":
            day, path, issue = value.split(":")
            found.append(Act(moment(date.fromisoformat(day), row.number, 0), "start_version"))
            walked = _walk(row, date.fromisoformat(day), _CHANGED[path], issue)
            found += [act for act in walked if act.verb != "draft"]
        else:
            found.append(Act(moment(date.fromisoformat(value), row.number, 3), name))
    return sorted(found, key=lambda act: act.moment)


def _later(row: Row) -> tuple[str, list[tuple[str, str]]]:
    wrong, events = "", []
    for part in filter(None, row.later.split(";")):
        name, value = part.split(":", 1)
        if name == "wrong":
            wrong = value
        else:
            events.append((name, value))
    return wrong, events


def _walk(row: Row, start: date, path: str, issue: str) -> Iterator[Act]:
    for act in walk(row.number, start, PATHS[path]):
        yield replace(act, value=issue) if act.verb in _ABOUT_AN_ISSUE else act


def walk(number: int, start: date, path: str) -> Iterator[Act]:
    """The steps of a path (`verb:working days after the one before`) at their moments."""
    day, last = start, None
    for n, step in enumerate(path.split()):
        verb, _, days = step.partition(":")
        wait = int(days)
        if wait > 3:
            wait += (number * 3 + n) % 3 - 1
        day = add_working_days(day, wait)
        found = moment(day, number, n)
        if last is not None and found <= last:
            found = last + STEP
        last = found
        yield Act(found, verb)


def moment(day: date, number: int, step: int) -> datetime:
    """A minute in office hours that no two acts of the history share."""
    minutes = (number * 37 + step * 113) % 390
    found = datetime.combine(day, _MORNING, SHANGHAI) + timedelta(minutes=minutes)
    if found.time() > _NOON:
        lunch = datetime.combine(day, _LUNCH) - datetime.combine(day, _NOON)
        found += lunch
    if found.time() > _EVENING:
        found -= timedelta(hours=8)
    return found + timedelta(seconds=number % 60)
