"""What falls due is written once a day by the serving program, and tried again after a failure."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime

import pytest

from catalogue.subsidies.due import DueRun
from service import due
from service.kernel.calendar import SHANGHAI, at_moment, local_day

FRIDAY = datetime(2026, 11, 27, 23, 30, tzinfo=SHANGHAI)
SATURDAY = datetime(2026, 11, 28, 0, 5, tzinfo=SHANGHAI)


async def test_every_day_once_and_again_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    moments = [FRIDAY, FRIDAY, FRIDAY, SATURDAY, SATURDAY]

    async def run(moment: datetime) -> tuple[dict[str, int], DueRun]:
        runs.append(local_day(moment).isoformat())
        if len(runs) == 1:
            raise OSError("the database is away")
        return {}, DueRun(0, 0, {}, {}, 0, 0)

    async def sleep(seconds: float) -> None:
        assert seconds == due.LOOK_SECONDS
        if not moments:
            raise asyncio.CancelledError
        clock.enter_context(at_moment(moments.pop(0)))

    with contextlib.ExitStack() as clock:
        clock.enter_context(at_moment(moments.pop(0)))
        monkeypatch.setattr(due, "run", run)
        monkeypatch.setattr(due.asyncio, "sleep", sleep)
        with pytest.raises(asyncio.CancelledError):
            await due.keep()
    assert runs == ["2026-11-27", "2026-11-27", "2026-11-28"]
