"""A clock that begins at a set moment and goes at its own pace, for this process.

The tests name days of 2026; on the real clock they would fail as those days pass. To be called
before anything imports `now` from the calendar.
"""

from __future__ import annotations

from datetime import UTC, datetime

from service.kernel import calendar

BEGIN = "2026-11-27T10:00"
"""A Friday on which offices work, in Shanghai."""


def set_clock(text: str = BEGIN) -> None:
    """Let the clock begin at a moment in Shanghai, written as ISO 8601 without a zone."""
    begin = datetime.fromisoformat(text).replace(tzinfo=calendar.SHANGHAI)
    shift = begin - datetime.now(UTC)
    calendar.now = lambda: calendar._moment.get() or datetime.now(UTC) + shift
