"""The committee's work list of applications: counts by step, who is due when, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalogue.books import scheme_book
from catalogue.products.search import like_pattern
from catalogue.rules.subsidy import SubsidyRules
from catalogue.subsidies import assessment, records
from catalogue.subsidies.deadlines import Clock, due_on, told, waiting
from service.auth import Actor
from service.kernel.calendar import OpenTerm, today, working_days_left
from service.kernel.db import sql

TABS = (
    "submitted",
    "accepted",
    "first_review",
    "second_review",
    "public_notice",
    "objection",
    "approved",
    "returned",
)
SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One application that waits; `days_left` in working days, negative when late.

    `due_open`, `notice_open`: a term that waits for an official calendar.
    """

    number: str
    status: str
    scheme: str
    scheme_name: str
    enterprise: str
    lines: int
    assessed_fen: int
    approved_fen: int
    submitted_at: datetime | None
    notice: str | None
    notice_to_on: date | None
    notice_over: bool
    notice_open: OpenTerm | None
    due_on: date | None
    due_open: OpenTerm | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The counts of all steps and the applications of one, or of all."""

    counts: dict[str, int]
    items: list[DeskItem]


_ROWS = f"""
SELECT a.number, a.status, s.code AS scheme, s.name AS scheme_name, o.name AS enterprise,
  (SELECT count(*)::int FROM application_line l WHERE l.application = a.id) AS lines,
  a.assessed_fen, a.approved_fen, a.submitted_at, n.number AS notice, n.to_on AS notice_to_on,
  n.from_on AS notice_from_on, n.day_count, n.working_days, a.scheme AS scheme_id, a.return_due_on,
  {records.RETURNED_AT} AS returned_at,
  (SELECT max(j.recorded_at) FROM journal_event j WHERE j.subject_kind = 'application'
    AND j.subject = a.number AND j.event = 'accept') AS accepted_at,
  (SELECT min(x.received_at) FROM notice_objection x JOIN application_line l
    ON l.id = x.application_line WHERE l.application = a.id AND x.status = 'open') AS objected_at
FROM application a JOIN scheme s ON s.id = a.scheme JOIN organisation o ON o.id = a.enterprise
LEFT JOIN public_notice n ON n.id = a.notice
WHERE a.status = ANY($1::text[]) AND ($2::text IS NULL OR s.code = $2)
  AND ($3::text IS NULL OR a.number LIKE $3 OR o.name LIKE $3)
ORDER BY a.submitted_at, a.id LIMIT $4
"""


async def desk(status: str | None = None, scheme: str | None = None, q: str | None = None) -> Desk:
    """What waits on the committee's desk, the oldest first, at most 200 of a step."""
    counted = await sql(
        "SELECT status, count(*)::int AS n FROM application WHERE status = ANY($1::text[])"
        " GROUP BY status",
        list(TABS),
    )
    pattern = like_pattern(q) if q else None
    wanted = [status] if status in TABS else list(TABS)
    rows = await sql(_ROWS, wanted, scheme, pattern, SHOWN_MAX)
    counts = {row["status"]: row["n"] for row in counted}
    used = {row["scheme_id"] for row in rows}
    rules = {scheme_id: (await scheme_book(scheme_id)).rules for scheme_id in used}
    return Desk(counts, [_item(row, rules[row["scheme_id"]]) for row in rows])


async def findings_now(actor: Actor, number: str) -> dict[int, list[dict[str, Any]]]:
    """What the checks say of each line as the records now stand; nothing is written."""
    row = await records.application_row(actor, number)
    judged = await assessment.judge_application(row)
    return {
        int(line.key): [f.as_dict() for f in judged.of_line(int(line.key))]
        for line in judged.result.lines
    }


_COPIED = (
    "number",
    "status",
    "scheme",
    "scheme_name",
    "enterprise",
    "lines",
    "assessed_fen",
    "approved_fen",
    "submitted_at",
    "notice",
)


def _item(row: Any, rules: SubsidyRules) -> DeskItem:
    clock = Clock(
        row["status"],
        return_due_on=row["return_due_on"],
        returned_at=row["returned_at"],
        accepted_at=row["accepted_at"],
        objected_at=row["objected_at"],
    )
    due = due_on(rules, clock)
    notice = records.notice_of(
        row["notice_from_on"], row["day_count"], row["working_days"], row["notice_to_on"]
    )
    return DeskItem(
        **{name: row[name] for name in _COPIED},
        notice_to_on=told(notice.end) if notice else None,
        notice_over=notice.is_over(today()) if notice else False,
        notice_open=waiting(notice.end) if notice else None,
        due_on=told(due),
        due_open=waiting(due),
        days_left=working_days_left(told(due), today()),
    )
