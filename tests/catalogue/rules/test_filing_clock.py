"""The clock of a filing: worked cases over two long holidays, and what holds always."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.rules.facts import FilingEvent
from catalogue.rules.filing_clock import Ball, FilingClock, clock
from catalogue.rules.workflows import FILING
from service.kernel.calendar import SHANGHAI, is_working_day, local_day
from tests.catalogue.rules.examples import cases, moment, rules

RULES = rules()


def _clock(events: list[dict[str, Any]], now: date | datetime) -> FilingClock:
    moved = [FilingEvent("step", event["to"], moment(event["on"])) for event in events]
    return clock(moved, RULES, moment(now))


@pytest.mark.parametrize("case", cases("filing_clock"), ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any]) -> None:
    state = _clock(case["events"], case["now"])
    judged = set(case) - {"name", "events", "now", "missing_years", "unknown"}
    assert {name: getattr(state, name) for name in judged} == {name: case[name] for name in judged}
    assert [f.params["year"] for f in state.findings] == case.get("missing_years", [])
    assert all(finding.code == "calendar.year_missing" for finding in state.findings)
    for name in case.get("unknown", []):
        assert getattr(state, name) is None
    if not case["term"]:
        assert (state.due_on, state.limit_days, state.left_days) == (None, None, None)


def test_since_is_the_moment_of_the_last_move() -> None:
    state = _clock([{"to": "submitted", "on": date(2025, 9, 22)}], date(2025, 9, 23))
    assert state.since == moment(date(2025, 9, 22))
    assert _clock([], date(2025, 9, 23)).since is None


def test_order_of_events_does_not_matter() -> None:
    events = [
        {"to": "submitted", "on": date(2025, 9, 22)},
        {"to": "accepted", "on": date(2025, 9, 24)},
    ]
    now = date(2025, 9, 26)
    assert _clock(events[::-1], now) == _clock(events, now)


def test_a_status_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="no status"):
        _clock([{"to": "lost", "on": date(2025, 9, 22)}], date(2025, 9, 23))


def test_a_moment_without_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock([], RULES, datetime(2025, 9, 22))


def test_every_status_has_somebody_to_act() -> None:
    for status in FILING.states:
        state = _clock([{"to": status, "on": date(2025, 9, 22)}], date(2025, 9, 22))
        steps = [step for step in FILING.steps_from(status) if not step.automatic]
        assert (state.ball is Ball.NOBODY) == (not steps)
        if state.ball is Ball.COMMITTEE:
            assert any(role.startswith("committee") for step in steps for role in step.roles)


@st.composite
def _histories(draw: st.DrawFn) -> tuple[list[FilingEvent], datetime]:
    at = datetime(2025, 1, 2, 9, tzinfo=SHANGHAI)
    status, events = "draft", []
    for _ in range(draw(st.integers(0, 10))):
        steps = FILING.steps_from(status)
        if not steps:
            break
        step = draw(st.sampled_from(steps))
        at += timedelta(hours=draw(st.integers(0, 600)))
        status = step.target
        events.append(FilingEvent(step.event, status, at))
    now = at + timedelta(hours=draw(st.integers(0, 600)))
    return events, now


@settings(max_examples=150, deadline=None)
@given(_histories())
def test_what_holds_always(history: tuple[list[FilingEvent], datetime]) -> None:
    events, now = history
    state = clock(events, RULES, now)
    assert state.findings == ()
    assert state.committee_days is not None and state.committee_days >= 0
    assert state.insurer_days <= (local_day(now) - date(2025, 1, 2)).days
    if state.ball is not Ball.COMMITTEE:
        assert state.due_on is None and state.overdue is False
        return
    assert state.due_on is not None and is_working_day(state.due_on)
    assert state.overdue == (local_day(now) > state.due_on)
    later = clock(events, RULES, now + timedelta(days=40))
    assert later.due_on == state.due_on
    assert later.committee_days is not None and later.committee_days > state.committee_days
