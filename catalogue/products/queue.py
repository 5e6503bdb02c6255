"""The committee's work list (审核工作台): filings by step with their clocks, in set-based reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from catalogue.books import filing_book
from catalogue.products import shelf
from catalogue.products.desk import ClockShape, clock_shape
from catalogue.products.shelf import ShelfQuery
from catalogue.rules.facts import FilingEvent
from catalogue.rules.nouns import Term
from service.kernel.calendar import today
from service.kernel.db import sql, work


class QueueStep(Term):
    """Where a filing waits; a filing under review is ready for decision once recommended on."""

    SUBMITTED = "submitted", "待受理", "Submitted, not accepted yet."
    ACCEPTED = "accepted", "已受理", "Accepted, on nobody's desk yet."
    REVIEWING = "reviewing", "审核中", "On an officer's desk."
    RECOMMENDED = "recommended", "待审批", "Reviewed, waits for the approver."
    RETURNED = "returned", "退回补正中", "With the insurer."


_STEP = "CASE WHEN {v}status <> 'in_review' THEN {v}status"
_STEP += " WHEN {v}recommendation = '' THEN 'reviewing' ELSE 'recommended' END"
_COUNTS = f"""
SELECT {_STEP.format(v="")} AS step, count(*)::int AS n FROM product_version
WHERE status IN ('submitted', 'accepted', 'in_review', 'returned') GROUP BY 1
"""
_EVENTS = """
SELECT subject, event, to_status, recorded_at AS at FROM journal_event
WHERE subject_kind = 'filing' AND subject = ANY($1::text[]) AND to_status <> '' ORDER BY id
"""
_STANDING = f"""
SELECT p.number || '/' || v.number AS subject, {_STEP.format(v="v.")} AS step, v.recommendation,
  p.current_version IS NOT NULL AS replaces, coalesce(u.name, '') AS reviewer
FROM product_version v JOIN product p ON p.id = v.product
LEFT JOIN eastlake_user u ON u.id = v.reviewed_by
WHERE p.number = ANY($1::text[]) AND v.status IN ('submitted', 'accepted', 'in_review', 'returned')
"""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One filing with where it waits and its clock; `replaces`: a version stands in the library."""

    item: dict[str, Any]
    step: str
    step_zh: str
    recommendation: str
    reviewer: str
    replaces: bool
    clock: ClockShape


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the work list, oldest first; `counts` are of all filings by step."""

    rows: list[QueueRow]
    next: str | None
    previous: str | None
    total: int
    exact: bool
    counts: dict[str, int]


async def queue(query: ShelfQuery, step: str = "") -> QueuePage:
    """Filings that wait, all or those of one step, in four statements however many rows."""
    async with work():
        page = shelf.decoded(await shelf.queue_page(replace(query, status=step or "open")))
        counts = {row["step"]: row["n"] for row in await sql(_COUNTS)}
        rows = await _with_clocks(page["items"])
    total = page["total"]
    return QueuePage(
        rows, page["next"], page.get("previous"), total["value"], total["exact"], counts
    )


async def _with_clocks(items: list[dict[str, Any]]) -> list[QueueRow]:
    subjects = [f"{item['number']}/{item['version']}" for item in items]
    events: dict[str, list[FilingEvent]] = {subject: [] for subject in subjects}
    for row in await sql(_EVENTS, subjects):
        events[row["subject"]].append(FilingEvent(row["event"], row["to_status"], row["at"]))
    numbers = [item["number"] for item in items]
    standing = {row["subject"]: row for row in await sql(_STANDING, numbers)}
    rules = (await filing_book(today())).rules
    return [
        QueueRow(
            item=item,
            step=standing[subject]["step"],
            step_zh=QueueStep.zh_of(standing[subject]["step"]),
            recommendation=standing[subject]["recommendation"],
            reviewer=standing[subject]["reviewer"],
            replaces=standing[subject]["replaces"],
            clock=clock_shape(events[subject], rules),
        )
        for item, subject in zip(items, subjects, strict=True)
        if subject in standing
    ]
