"""Reading subsidy applications: rows to be locked, the whole record, lists by key.

A firm sees its own applications, the committee and the auditor all of them; nobody else any.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from catalogue.books import SubsidyBook, scheme_book
from catalogue.rules.subsidy import payee_of
from catalogue.rules.subsidy.nouns import SubsidyStatus
from catalogue.rules.subsidy.workflow import SEPARATE, SUBSIDY
from catalogue.subsidies.deadlines import Clock, Deadline, Notice, due_on, told, waiting
from catalogue.subsidies.history import history_of
from catalogue.subsidy_shapes import (
    ApplicationLineShape,
    ApplicationRecord,
    ApplicationState,
    MaterialShape,
    StepShape,
)
from catalogue.tables import Application
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import local_day
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import Forbidden, NotFound

SUBJECT = "application"
WRITABLE = ("draft", "returned")
BALLS = {
    "draft": "firm",
    "returned": "firm",
    "submitted": "committee",
    "accepted": "committee",
    "first_review": "committee",
    "second_review": "committee",
    "public_notice": "public",
    "objection": "committee",
    "approved": "committee",
}
"""Who has to act next; nobody once it is over."""


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """What a use case needs to know of an application before it acts. Amounts in fen."""

    id: int
    number: str
    status: str
    revision: int
    scheme_id: int
    scheme: str
    scheme_status: str
    window_from: date
    window_to: date
    enterprise_id: int
    enterprise: str
    enterprise_uscc: str
    notice_id: int | None
    notice_from_on: date | None
    notice_days: int | None
    notice_working: bool | None
    notice_to_on: date | None
    return_count: int
    return_due_on: date | None
    returned_at: datetime | None
    submitted_at: datetime | None
    assessed_fen: int
    approved_fen: int
    facts: str
    contact_name: str
    contact_phone: str
    bank_name: str
    account_name: str
    account_number: str
    statement_signed_by: str

    @property
    def declared(self) -> dict[str, Any]:
        """What the firm declared: `firm`, and `lines` by policy."""
        return journal.parsed(self.facts)

    @property
    def applied_on(self) -> date | None:
        """The day of the first submission, on which the application is judged."""
        return local_day(self.submitted_at) if self.submitted_at else None

    @property
    def notice(self) -> Notice | None:
        """The public notice the application stands in."""
        return notice_of(
            self.notice_from_on, self.notice_days, self.notice_working, self.notice_to_on
        )

    def scheme_facts(self) -> dict[str, Any]:
        """The part of the scheme that the facts need."""
        return {
            "code": self.scheme,
            "window_from": self.window_from,
            "window_to": self.window_to,
        }


def notice_of(
    from_on: date | None, days: int | None, working: bool | None, to_on: date | None
) -> Notice | None:
    """A notice from the columns of a query that joins it from outside; None without one."""
    if from_on is None or days is None or working is None or to_on is None:
        return None
    return Notice(from_on, days, working, to_on)


RETURNED_AT = """(SELECT max(j.recorded_at) FROM journal_event j WHERE a.status = 'returned'
    AND j.subject_kind = 'application' AND j.subject = a.number AND j.event = 'return')"""
"""When an application was returned: its term runs from there until it is stored."""
_ROW = f"""
SELECT a.id, a.number, a.status, a.revision, a.scheme AS scheme_id, s.code AS scheme,
  s.status AS scheme_status, s.window_from, s.window_to,
  a.enterprise AS enterprise_id, o.name AS enterprise, o.uscc AS enterprise_uscc,
  a.notice AS notice_id, n.from_on AS notice_from_on, n.day_count AS notice_days,
  n.working_days AS notice_working, n.to_on AS notice_to_on, a.return_count, a.return_due_on,
  {RETURNED_AT} AS returned_at, a.submitted_at,
  a.assessed_fen, a.approved_fen, a.facts::text AS facts, a.contact_name, a.contact_phone,
  a.bank_name, a.account_name, a.account_number, a.statement_signed_by
FROM application a JOIN scheme s ON s.id = a.scheme JOIN organisation o ON o.id = a.enterprise
LEFT JOIN public_notice n ON n.id = a.notice
"""


async def application_row(actor: Actor, number: str, *, lock: bool = False) -> ApplicationRow:
    """The application for its firm; once handed in also for the committee and the auditor.

    Else NotFound.
    """
    row = await sql_row(
        _ROW + " WHERE a.number = $1" + (" FOR UPDATE OF a" if lock else ""), number
    )
    if row is None or not actor.owns(row["enterprise_id"]):
        handed_in = row is not None and row["submitted_at"] is not None
        if not (actor.sees_all and handed_in):
            raise NotFound("补贴申请", "Application", number)
    return ApplicationRow(**row)


async def book_of_application(row: ApplicationRow) -> SubsidyBook:
    """The rule of the application's scheme."""
    return await scheme_book(row.scheme_id)


_LINE_ROWS = (
    "SELECT id, number, policy, enrolment, qualification, status, assessed_fen, approved_fen"
    " FROM application_line WHERE application = $1 ORDER BY number"
)


async def line_rows(application_id: int, *, lock: bool = False) -> list[Any]:
    """The lines of an application in order, locked if they are to be changed."""
    return await sql(_LINE_ROWS + (" FOR UPDATE" if lock else ""), application_id)


async def move(
    actor: Actor,
    row: ApplicationRow,
    event: str,
    *,
    note: str = "",
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> int:
    """Take a step that four eyes allow; returns the journal event. Revision goes up by one."""
    _, event_id = await journal.move(
        SUBSIDY,
        Application,
        {"id": row.id, "status": row.status},
        event,
        actor,
        subject_kind=SUBJECT,
        subject=row.number,
        note=note,
        values={"revision": row.revision + 1, **(values or {})},
        facts=facts,
    )
    return event_id


async def check_step(actor: Actor, row: ApplicationRow, event: str, note: str | None) -> None:
    """Judge a step before any work: state and role first, then who did the steps before.

    Refused or Forbidden as the life cycle says; Forbidden (auth.four_eyes) for one person in parts
    that POLICY §10 keeps apart.
    """
    SUBSIDY.advance(row.status, event, actor.roles, note)
    others = SEPARATE["subsidy"].get(event, ())
    if others and await took(actor, row.number, others):
        raise Forbidden("auth.four_eyes")


async def took(actor: Actor, number: str, events: Collection[str]) -> bool:
    """Whether the person took one of these steps for the application before."""
    return bool(
        await sql_value(
            "SELECT 1 FROM journal_event WHERE subject_kind = $1 AND subject = $2 AND actor = $3"
            " AND event = ANY($4::text[]) LIMIT 1",
            SUBJECT,
            number,
            actor.user_id,
            list(events),
        )
    )


async def state_of(
    application_id: int, warnings: list[dict[str, Any]] | None = None
) -> ApplicationState:
    """Where an application stands now."""
    row = await sql_row(
        "SELECT a.number, a.status, a.revision, a.assessed_fen, a.approved_fen, a.return_due_on,"
        " n.number AS notice FROM application a LEFT JOIN public_notice n ON n.id = a.notice"
        " WHERE a.id = $1",
        application_id,
    )
    assert row is not None
    return ApplicationState(**row, warnings=warnings or [])


_LINES = """
SELECT l.number, l.policy, y.number AS policy_number, i.short_name AS insurer, b.number AS object,
  b.name AS object_name, coalesce(b.kind, 'general') AS kind, y.start_on,
  y.current_end_on AS end_on, y.current_premium_fen AS premium_fen, e.number AS enrolment,
  q.number AS qualification, l.status, l.assessed_fen, l.approved_fen, l.paid_fen,
  l.recovered_fen, l.findings::text AS findings
FROM application_line l JOIN policy y ON y.id = l.policy JOIN organisation i ON i.id = y.insurer
LEFT JOIN enrolment e ON e.id = l.enrolment LEFT JOIN qualification q ON q.id = l.qualification
LEFT JOIN insured_object b ON b.id = coalesce(e.insured_object, y.insured_object)
WHERE l.application = $1 ORDER BY l.number
"""
_MATERIALS = """
SELECT m.material, m.document, d.file_name, c.sha256 FROM application_material m
JOIN document d ON d.id = m.document JOIN document_content c ON c.id = d.content
WHERE m.application = $1 ORDER BY m.id
"""
_MORE = """
SELECT s.name AS scheme_name, n.number AS notice, a.paid_fen, a.recovered_fen, a.assessment_hash,
  (SELECT max(j.recorded_at) FROM journal_event j WHERE j.subject_kind = 'application'
    AND j.subject = a.number AND j.event = 'accept') AS accepted_at,
  (SELECT min(x.received_at) FROM notice_objection x JOIN application_line l
    ON l.id = x.application_line WHERE l.application = a.id AND x.status = 'open') AS objected_at
FROM application a JOIN scheme s ON s.id = a.scheme
LEFT JOIN public_notice n ON n.id = a.notice WHERE a.id = $1
"""
_COPIED = (
    "number",
    "scheme",
    "enterprise",
    "enterprise_uscc",
    "status",
    "revision",
    "contact_name",
    "contact_phone",
    "bank_name",
    "account_name",
    "account_number",
    "statement_signed_by",
    "return_count",
    "submitted_at",
    "assessed_fen",
    "approved_fen",
)


async def application_record(
    actor: Actor, number: str, expected_fen: int | None = None
) -> ApplicationRecord:
    """One application as the actor may see it; `expected_fen` where the caller just computed it."""
    row = await application_row(actor, number)
    more = await sql_row(_MORE, row.id)
    assert more is not None
    declared = row.declared
    expected = row.approved_fen if row.status in _GRANTED else row.assessed_fen
    due = await _due_on(row, more)
    return ApplicationRecord(
        **{name: getattr(row, name) for name in _COPIED},
        scheme_name=more["scheme_name"],
        notice=more["notice"],
        notice_to_on=told(row.notice.end) if row.notice else None,
        return_due_on=told(due) if row.status == "returned" else row.return_due_on,
        paid_fen=more["paid_fen"],
        recovered_fen=more["recovered_fen"],
        assessment_hash=more["assessment_hash"],
        status_zh=SubsidyStatus.zh_of(row.status),
        firm=declared.get("firm", {}),
        expected_fen=expected if expected_fen is None else expected_fen,
        ball=BALLS.get(row.status, "nobody"),
        due_on=told(due),
        due_open=waiting(due),
        steps=[
            StepShape(s.event, s.label_zh, s.label_en, s.needs_note)
            for s in SUBSIDY.allowed(row.status, actor.roles)
        ],
        lines=await line_shapes(actor, row),
        materials=[MaterialShape(**m) for m in await sql(_MATERIALS, row.id)],
        history=await history_of(row.number),
        payee=payee_of((await scheme_book(row.scheme_id)).rules).value,
    )


_GRANTED = ("approved", "paid", "evaluated", "part_recovered", "recovered")


async def line_shapes(actor: Actor, row: ApplicationRow) -> list[ApplicationLineShape]:
    """The lines; the firm reads the findings that are meant for it."""
    facts = row.declared.get("lines", {})
    found = []
    for line in await sql(_LINES, row.id):
        stored = journal.parsed(line["findings"]) or {}
        reader = "office" if actor.sees_all else "firm"
        findings = stored.get(reader, []) if isinstance(stored, dict) else []
        shown = {**dict(line), "findings": findings, "facts": facts.get(str(line["policy"]), {})}
        found.append(ApplicationLineShape(**shown))
    return found


async def _due_on(row: ApplicationRow, more: Any) -> Deadline:
    """The day by which whoever has the ball must act; see `deadlines`."""
    clock = Clock(
        row.status,
        row.window_to,
        row.notice,
        row.return_due_on,
        row.returned_at,
        more["accepted_at"],
        more["objected_at"],
    )
    return due_on((await scheme_book(row.scheme_id)).rules, clock)


def builtin(value: Any) -> Any:
    """Plain values of a dataclass, sets sorted: what goes into a JSON column."""
    return msgspec.to_builtins(value, order="sorted")
