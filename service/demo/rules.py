"""The draft of next year's example rule that waits in the demo for its publication."""

from __future__ import annotations

from importlib import resources

from catalogue.publishing import drafts
from catalogue.rule_forms import RuleDraftForm
from service.auth import Actor

_PAIRS = (
    ('version = "2026.1"', 'version = "2027.1"'),
    ("valid_from = 2025-01-01\ndocument", "valid_from = 2027-01-01\ndocument"),
    ("year_to = 1, ratio_ppm = 600_000", "year_to = 1, ratio_ppm = 650_000"),
    ('name = "首台（套）第一年60%"', 'name = "首台（套）第一年65%"'),
    ("total_fen = 12_000_000, trace_holds", "total_fen = 13_000_000, trace_holds"),
    ("value = { days = 5, calendar", "value = { days = 7, calendar"),
)


def next_year() -> str:
    """The text: 65 % instead of 60 in the first year, a public notice of seven working days."""
    books = resources.files("catalogue.rules") / "books"
    text = (books / "subsidy" / "eastlake-example-2026.toml").read_text("utf-8")
    for old, new in _PAIRS:
        if old not in text:
            raise ValueError(f"the example rule does not say {old!r} any more")
        text = text.replace(old, new, 1)
    return text


async def prepare(officer: Actor) -> None:
    """Put the draft in."""
    await drafts.prepare(officer, RuleDraftForm(text=next_year()))
