"""Objections to a public notice (异议): by anybody under the real name, about one line.

The line is frozen at once; an officer admits the objection, an approver decides it. Who objects is
shown to the committee only, and stands in no note or journal event.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from catalogue.books import scheme_book
from catalogue.paging import check_status, id_page
from catalogue.products.drafts import next_number
from catalogue.products.search import like_pattern
from catalogue.rules.subsidy.nouns import ObjectionStatus
from catalogue.rules.subsidy.objector import check_objector
from catalogue.subsidies import application_texts as _texts  # noqa: F401  registers the texts
from catalogue.subsidies import objection_evidence as evidence
from catalogue.subsidies import records
from catalogue.subsidies.deadlines import Clock, Deadline, due_on, told, waiting
from catalogue.subsidies.notices import is_open, notice_row, term_of
from catalogue.subsidies.objection_evidence import EvidenceFile, read_evidence
from catalogue.subsidy_forms import ObjectionDecisionForm, ObjectionToNoticeForm
from catalogue.subsidy_shapes import (
    EvidenceShape,
    ObjectionPage,
    ObjectionReceipt,
    ObjectionShape,
)
from service.auth import COMMITTEE, PUBLIC, SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import blocker

FREEZABLE = ("open", "frozen")


async def object_to(notice: str, form: ObjectionToNoticeForm) -> ObjectionReceipt:
    """Take an objection while the notice runs; the contested line is frozen at once.

    Somebody who is logged in objects like anybody else: the journal names nobody. Refused with all
    findings on the objector and the evidence.
    """
    found = check_objector(form.name, form.contact)
    if found:
        raise Refused(found)
    files = read_evidence(form.evidence)
    async with work():
        announced = await notice_row(notice)
        if not is_open(announced):
            raise Refused([blocker("notice.over", day=told(term_of(announced).end))])
        line = await sql_row(
            "SELECT l.id, l.status, a.number FROM application_line l JOIN application a"
            " ON a.id = l.application WHERE a.notice = $1 AND a.number = $2 AND l.number = $3"
            " FOR UPDATE OF a, l",
            announced["id"],
            form.application,
            form.line,
        )
        if line is None or line["status"] not in FREEZABLE:
            raise Refused(
                [
                    blocker(
                        "objection.line_not_announced",
                        "line",
                        notice=notice,
                        application=form.application,
                        line=form.line,
                    )
                ]
            )
        moment = now()
        number = await _insert(line["id"], form, files, moment)
        await sql("UPDATE application_line SET status = 'frozen' WHERE id = $1", line["id"])
        facts = {"objection": number, "line": form.line, "evidence": [f.sha256 for f in files]}
        await _journal(PUBLIC, line["number"], "object", facts)
    decide_by = await _decide_by(announced["scheme_id"], moment)
    return ObjectionReceipt(number, moment, told(decide_by), waiting(decide_by))


async def _insert(
    line_id: int, form: ObjectionToNoticeForm, files: list[EvidenceFile], moment: datetime
) -> str:
    number = await next_number("YY", moment)
    objection_id = await sql_value(
        "INSERT INTO notice_objection (application_line, number, objector_name, objector_contact,"
        " text, received_at, status) VALUES ($1, $2, $3, $4, $5, $6, 'open') RETURNING id",
        line_id,
        number,
        form.name,
        form.contact,
        form.text,
        moment,
    )
    await evidence.write(objection_id, files, moment)
    return number


async def _journal(actor: Actor, number: str, event: str, facts: dict[str, Any]) -> None:
    await journal.record(actor, records.SUBJECT, number, event, facts=facts)


async def _decide_by(scheme_id: int, received_at: datetime) -> Deadline:
    rules = (await scheme_book(scheme_id)).rules
    return due_on(rules, Clock("objection", objected_at=received_at))


_OBJECTION = """
SELECT x.id, x.number, a.number AS application, l.number AS line, l.id AS line_id, x.status,
  x.objector_name, x.objector_contact, x.text, x.received_at, x.outcome, x.decided_at,
  a.scheme AS scheme_id, (SELECT coalesce(json_agg(json_build_object('number', v.number,
  'file_name', v.file_name, 'media_type', v.media_type, 'size_bytes', c.size_bytes,
  'sha256', c.sha256) ORDER BY v.number), '[]')::text FROM objection_evidence v
  JOIN document_content c ON c.id = v.content WHERE v.objection = x.id) AS evidence
FROM notice_objection x JOIN application_line l ON l.id = x.application_line
JOIN application a ON a.id = l.application
"""


_FILTERS = """ WHERE ($1::text IS NULL OR x.status = $1)
  AND ($2::text IS NULL OR x.number LIKE $2 OR a.number LIKE $2)"""


async def _row(number: str) -> Any:
    row = await sql_row(_OBJECTION + " WHERE x.number = $1", number)
    if row is None:
        raise NotFound("异议", "Objection", number)
    return row


async def _shape(actor: Actor, row: Any) -> ObjectionShape:
    shown = {k: v for k, v in row.items() if k not in ("id", "line_id", "scheme_id")}
    shown["evidence"] = msgspec.json.decode(row["evidence"], type=list[EvidenceShape])
    if not actor.has(*COMMITTEE):
        shown |= {"objector_name": "", "objector_contact": "", "evidence": []}
    decide_by = await _decide_by(row["scheme_id"], row["received_at"])
    return ObjectionShape(**shown, decide_by=told(decide_by), decide_open=waiting(decide_by))


async def objection(actor: Actor, number: str) -> ObjectionShape:
    """One objection; the objector and the evidence for the committee only."""
    return await _shape(actor, await _row(number))


async def objections(actor: Actor, status: str | None = None) -> list[ObjectionShape]:
    """Objections, the oldest open one first."""
    rows = await sql(
        _OBJECTION + " WHERE $1::text IS NULL OR x.status = $1"
        " ORDER BY x.status <> 'open', x.id LIMIT 500",
        status,
    )
    return [await _shape(actor, row) for row in rows]


async def objection_page(
    actor: Actor,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> ObjectionPage:
    """Objections, newest first; words of the number of the objection or the application."""
    check_status(status, ObjectionStatus)
    pattern = like_pattern(q) if q else None
    turned = await id_page(_OBJECTION + _FILTERS, "x.id", cursor, limit, status, pattern)
    items = [await _shape(actor, row) for row in turned.rows]
    return ObjectionPage(items, turned.next, turned.previous)


async def admit(actor: Actor, number: str, note: str) -> ObjectionShape:
    """An officer admits the objection: the application waits for its decision (异议处理)."""
    async with work():
        found = await _row(number)
        row = await records.application_row(actor, found["application"], lock=True)
        await _still_open(number)
        if row.status != "objection":
            await records.check_step(actor, row, "contest", note)
            await records.move(actor, row, "contest", note=note, facts={"objection": number})
        else:
            await _journal(actor, row.number, "contest", {"objection": number})
    return await objection(actor, number)


async def _still_open(number: str) -> None:
    status = await sql_value(
        "SELECT status FROM notice_objection WHERE number = $1 FOR UPDATE", number
    )
    if status != "open":
        raise Conflict("objection.decided", status=status)


async def decide(actor: Actor, number: str, form: ObjectionDecisionForm) -> ObjectionShape:
    """Uphold or dismiss; not by the officer who admitted it.

    An upheld objection refuses its line; the others wait for `approve_rest`. When no line is left
    the application is refused. When the last objection is dismissed and none was upheld the
    application goes back to where it stood; after an earlier approval the line may be approved.
    """
    event = "uphold" if form.upheld else "dismiss"
    async with work():
        found = await _row(number)
        row = await records.application_row(actor, found["application"], lock=True)
        await _still_open(number)
        if row.status not in ("objection", "approved"):
            raise Conflict("objection.not_admitted")
        if await records.took(actor, row.number, ("contest",)):
            raise Forbidden("auth.four_eyes")
        await sql(
            "UPDATE notice_objection SET status = $2, outcome = $3, decided_by = $4,"
            " decided_at = $5 WHERE id = $1",
            found["id"],
            "upheld" if form.upheld else "dismissed",
            form.outcome,
            actor.user_id,
            now(),
        )
        await _follow_line(found["line_id"], form.upheld, row.status)
        await _follow_application(actor, row, event, number, form.outcome)
    return await objection(actor, number)


async def _follow_line(line_id: int, upheld: bool, status: str) -> None:
    """Refuse the line, or free it once nothing else is held against it."""
    if upheld:
        await sql(
            "UPDATE application_line SET status = 'refused', assessed_fen = 0 WHERE id = $1",
            line_id,
        )
    elif status != "approved":
        await sql(
            "UPDATE application_line SET status = 'open' WHERE id = $1 AND status = 'frozen'"
            " AND NOT EXISTS (SELECT 1 FROM notice_objection x WHERE x.application_line = $1"
            " AND x.status = 'open')",
            line_id,
        )


async def _follow_application(
    actor: Actor, row: records.ApplicationRow, event: str, number: str, outcome: str
) -> None:
    left = await sql_row(
        "SELECT count(*) FILTER (WHERE l.status <> 'refused') AS alive,"
        " count(*) FILTER (WHERE EXISTS (SELECT 1 FROM notice_objection x WHERE"
        " x.application_line = l.id AND x.status = 'open')) AS contested,"
        " count(*) FILTER (WHERE EXISTS (SELECT 1 FROM notice_objection x WHERE"
        " x.application_line = l.id AND x.status = 'upheld')) AS upheld,"
        " count(*) FILTER (WHERE l.status = 'paid') AS paid,"
        " count(*) FILTER (WHERE l.status IN ('approved', 'frozen')) AS unpaid"
        " FROM application_line l WHERE l.application = $1",
        row.id,
    )
    assert left is not None
    facts = {"objection": number}
    if row.status == "objection" and event == "uphold" and not left["alive"]:
        await records.check_step(actor, row, "uphold", outcome)
        await records.move(actor, row, "uphold", note=outcome, facts=facts)
    elif row.status == "objection" and not left["contested"] and not left["upheld"]:
        await records.check_step(actor, row, "dismiss", outcome)
        await records.move(actor, row, "dismiss", note=outcome, facts=facts)
    else:
        await journal.record(
            actor,
            records.SUBJECT,
            row.number,
            f"{event}_line",
            from_status=row.status,
            to_status=row.status,
            note=outcome,
            facts=facts,
        )
    if row.status == "approved" and left["paid"] and not left["unpaid"]:
        await records.move(SYSTEM, row, "pay", facts=facts)
