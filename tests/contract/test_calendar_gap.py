"""Every page and every reading route works while the official calendar of next year is late."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from service.kernel import calendar
from service.kernel.calendar import SHANGHAI, CalendarGap, at_moment
from service.kernel.db import sql
from tests.contract.recipes import recipe
from tests.contract.routes import RouteCase, listed_routes
from tests.contract.stage import Stage, undone

READING = [c for c in listed_routes() if c.method == "GET" and c.is_ours]
MOMENTS = ("2026-12-20", "2027-01-12")
KNOWN = calendar.is_working_day


def _late(day: date) -> bool:
    if day.year > 2026:
        raise CalendarGap(day.year)
    return KNOWN(day)


@pytest.mark.parametrize("day", MOMENTS)
@pytest.mark.parametrize("case", READING, ids=str)
async def test_reading_never_fails_for_a_year_without_calendar(
    case: RouteCase, day: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = recipe(case, stage)
    async with undone():
        now = await stage.send(case, call, call.who)
    monkeypatch.setattr(calendar, "is_working_day", _late)
    moment = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=SHANGHAI)
    async with undone():
        await sql("UPDATE session SET expires_at = '2100-01-01'")
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        with at_moment(moment):
            later = await stage.send(case, call, call.who)
    assert later.status_code == now.status_code, later.text[:500]
