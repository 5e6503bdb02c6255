"""The official calendar of a year comes late: terms keep their facts, nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from catalogue.subsidies import due
from service.kernel import calendar
from service.kernel.calendar import CalendarGap, OpenTerm, now, term_end, working_days_left
from tests.catalogue.subsidy_story import SCHEME, announced, in_first_review, on, stage, submitted
from tests.catalogue.test_filing import codes
from tests.catalogue.test_notices import objection
from tests.factories import World

HOLIDAY = date(2027, 1, 1)
KNOWN = calendar.is_working_day
OPEN = {"start_on": "2026-12-29", "days": 5, "working": True, "missing_year": 2027}


def _late(day: date) -> bool:
    """The calendar as it stands while the notice of the State Council is not there."""
    if day.year > 2026:
        raise CalendarGap(day.year)
    return KNOWN(day)


def _arrived(day: date) -> bool:
    """A calendar of 2027 in which New Year's Day is the only holiday."""
    return KNOWN(day) if day.year < 2027 else day.weekday() < 5 and day != HOLIDAY


@pytest.fixture
def arrives(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """2027 is missing; calling the fixture's value brings it."""
    monkeypatch.setattr(calendar, "is_working_day", _late)
    return lambda: monkeypatch.setattr(calendar, "is_working_day", _arrived)


def test_a_term_keeps_its_facts(arrives: Callable[[], None]) -> None:
    term = term_end(date(2026, 12, 29), 5)
    assert term == OpenTerm(date(2026, 12, 29), 5, True, 2027)
    assert isinstance(term, OpenTerm)
    assert "2027 年官方工作日历尚未更新，暂不能计算期限" in term.text_zh
    assert term_end(date(2026, 12, 29), 2) == date(2026, 12, 31)
    assert isinstance(term_end(date(2026, 12, 29), 7, working=False), OpenTerm)
    assert working_days_left(date(2027, 1, 8), date(2026, 12, 29)) is None
    arrives()
    assert term_end(date(2026, 12, 29), 5) == date(2027, 1, 6)
    assert term_end(date(2026, 12, 29), 4, working=False) == date(2027, 1, 4)
    assert working_days_left(date(2027, 1, 6), date(2026, 12, 29)) == 5


async def test_notice_runs_until_its_end_can_be_told(
    world: World, arrives: Callable[[], None]
) -> None:
    with on("2026-12-29"):
        number, notice = await announced(world, await stage(world, "A-1"))
        board = await world.get(None, f"/notices/{notice}")
        assert (board["to_on"], board["end_open"], board["open"]) == (None, OPEN, True)
        assert (await world.get(None, "/notices"))["items"][0]["end_open"] == OPEN
    with on("2027-01-11"):
        for path, who in ((f"/applications/{number}/approval", "chief"),
                          (f"/notices/{notice}/closing", "officer")):  # fmt: skip
            refused = await world.call(who, "POST", path, {})
            assert (refused.status_code, codes(refused)) == (422, {"calendar.term_open"})
        assert (await due.run(now())).told == 0
        page = await world.client.get(f"/notices/{notice}")
        assert "2027 年官方工作日历尚未更新，暂不能计算期限" in page.text
        assert "仍可提出异议" in page.text
        assert (await world.client.get("/notices")).status_code == 200
        arrives()
        assert (await world.get(None, f"/notices/{notice}"))["to_on"] == "2027-01-06"
        late = await world.call(None, "POST", f"/notices/{notice}/objections", objection(number))
        assert codes(late) == {"notice.over"}
        run = await due.run(now())
        assert (run.told, run.approvable) == (1, 1)
        assert (await due.run(now())).told == 0
        state = await world.post("chief", f"/applications/{number}/approval")
    assert state["status"] == "approved"


async def test_objection_is_taken_while_nobody_can_count(
    world: World, arrives: Callable[[], None]
) -> None:
    with on("2026-12-29"):
        number, notice = await announced(world, await stage(world, "A-1"))
    with on("2027-01-20"):
        receipt = await world.post(None, f"/notices/{notice}/objections", objection(number))
        assert (receipt["decide_by"], receipt["decide_open"]["days"]) == (None, 10)
        path = f"/objections/{receipt['number']}"
        assert (await world.get("officer", path))["decide_open"]["missing_year"] == 2027
        listed = (await world.get("officer", "/objections"))["items"]
        assert listed[0]["decide_open"]["start_on"] == "2027-01-20"
        await world.post("officer", f"{path}/admission", {"note": "已登记"})
        record = await world.get("officer", f"/applications/{number}")
        assert (record["due_on"], record["due_open"]["days"]) == (None, 10)


async def test_return_waits_for_its_deadline_and_lapses_once_it_is_told(
    world: World, arrives: Callable[[], None]
) -> None:
    with on("2026-12-29"):
        first, second = await stage(world, "A-1", "A-2")
        number = await submitted(world, [first])
        state = await world.post("officer", f"/applications/{number}/return", {"note": "请补充"})
        assert state["return_due_on"] is None
        record = await world.get("firm", f"/applications/{number}")
        assert (record["due_on"], record["due_open"]["days"]) == (None, 10)
        in_time = await submitted(world, [second])
        await world.post("officer", f"/applications/{in_time}/return", {"note": "请补充"})
    with on("2027-01-18"):
        again = await world.post("firm", f"/applications/{in_time}/submission")
        assert again["status"] == "submitted"
        assert (await due.run(now())).lapsed == 0
        arrives()
        late = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert codes(late) == {"application.return_over"}
        record = await world.get("firm", f"/applications/{number}")
        assert record["return_due_on"] == record["due_on"] == "2027-01-13"
        run = await due.run(now())
        assert (run.told, run.lapsed) == (1, 1)


async def test_one_open_term_leaves_the_work_list_whole(
    world: World, arrives: Callable[[], None]
) -> None:
    with on("2026-11-02"):
        early, later = await stage(world, "A-1", "A-2")
        counted = await in_first_review(world, [early])
    with on("2026-12-20"):
        waiting = await in_first_review(world, [later])
        dues = {}
        for number in (counted, waiting):
            record = await world.get("officer", f"/applications/{number}")
            dues[number] = (record["due_on"], record["due_open"] is not None)
        assert dues == {counted: ("2026-12-14", False), waiting: (None, True)}
        scheme = await world.get(None, f"/schemes/{SCHEME}")
        assert scheme["budget"]["free_fen"] == 10_000_000
