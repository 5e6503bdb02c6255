"""Applications of a firm: draft, checklist, submission, withdrawal (POLICY §F.1)."""

from __future__ import annotations

from typing import Any

from catalogue.products.drafts import next_number
from catalogue.rules.checks import for_firm
from catalogue.rules.subsidy import checklist as rule_checklist
from catalogue.rules.subsidy import payee_of
from catalogue.rules.subsidy.nouns import FIRST_KINDS, Payee
from catalogue.subsidies import application_texts as _texts  # noqa: F401  registers the texts
from catalogue.subsidies import assessment, records, schemes
from catalogue.subsidies.assessment import Judgement
from catalogue.subsidies.deadlines import Clock, due_on, told
from catalogue.subsidies.draft_parts import check_parts, write_lines, write_materials
from catalogue.subsidies.records import WRITABLE, ApplicationRow
from catalogue.subsidy_forms import ApplicationDraftForm, ApplicationForm, MaterialForm
from catalogue.subsidy_shapes import ApplicationRecord, ApplicationState, ChecklistShape
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Conflict, Refused, Stale
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.journal import canonical

NEEDED = (
    "contact_name",
    "contact_phone",
    "bank_name",
    "account_name",
    "account_number",
    "statement_signed_by",
)
"""What a draft must have before it is submitted."""
ACCOUNT = ("bank_name", "account_name", "account_number")
"""Not asked for where the money goes to the insurer, which has an account of its own."""
RECOGNISED = ("recognised", "active", "expired")


def _columns(form: ApplicationDraftForm) -> list[Any]:
    facts = {
        "firm": form.firm.model_dump(mode="json", exclude_defaults=True),
        "lines": {
            str(line.policy): line.facts.model_dump(mode="json", exclude_defaults=True)
            for line in form.lines
        },
    }
    return [*(getattr(form, name) for name in NEEDED), canonical(facts)]


async def create(actor: Actor, form: ApplicationForm) -> ApplicationState:
    """Start an application of the actor's firm for an open scheme, as a draft."""
    moment = now()
    async with work():
        scheme = await schemes.scheme_row(form.scheme)
        if scheme["status"] != "open":
            raise Conflict("scheme.not_open", status=scheme["status"])
        parts = await check_parts(actor, form)
        number = await next_number("SA", moment)
        application_id = await sql_value(
            "INSERT INTO application (number, scheme, enterprise, status, contact_name,"
            " contact_phone, bank_name, account_name, account_number, statement_signed_by, facts,"
            " created_at, created_by) VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10,"
            " $11, $12) RETURNING id",
            number,
            scheme["id"],
            actor.organisation_id,
            *_columns(form),
            moment,
            actor.user_id,
        )
        await write_lines(application_id, parts)
        await write_materials(application_id, form.materials)
        await journal.record(actor, records.SUBJECT, number, "draft", to_status="draft")
    return await records.state_of(application_id)


async def change(
    actor: Actor, number: str, form: ApplicationDraftForm, revision: int | None
) -> ApplicationState:
    """Replace a draft, or an application that was returned; Stale when it was changed since."""
    async with work():
        row = await _writable(actor, number)
        if revision is not None and revision != row.revision:
            raise Stale("conflict.stale", field="If-Match")
        parts = await check_parts(actor, form)
        await sql(
            "UPDATE application SET contact_name = $2, contact_phone = $3, bank_name = $4,"
            " account_name = $5, account_number = $6, statement_signed_by = $7, facts = $8,"
            " revision = revision + 1 WHERE id = $1",
            row.id,
            *_columns(form),
        )
        await write_lines(row.id, parts)
        await sql("DELETE FROM application_material WHERE application = $1", row.id)
        await write_materials(row.id, form.materials)
        await journal.record(
            actor, records.SUBJECT, number, "change", from_status=row.status, to_status=row.status
        )
    return await records.state_of(row.id)


async def attach(actor: Actor, number: str, form: MaterialForm) -> ApplicationState:
    """Hand in one document for an item of the checklist."""
    async with work():
        row = await _writable(actor, number)
        await check_parts(actor, ApplicationDraftForm(materials=[form]))
        await write_materials(row.id, [form])
        await sql("UPDATE application SET revision = revision + 1 WHERE id = $1", row.id)
        await journal.record(
            actor,
            records.SUBJECT,
            number,
            "attach",
            from_status=row.status,
            to_status=row.status,
            facts={"material": form.material.value, "document": form.document},
        )
    return await records.state_of(row.id)


async def _writable(actor: Actor, number: str) -> ApplicationRow:
    row = await records.application_row(actor, number, lock=True)
    if row.status not in WRITABLE:
        raise Conflict("application.not_writable", status=row.status)
    return row


async def read(actor: Actor, number: str) -> ApplicationRecord:
    """One application; a draft with what it would get once it is complete."""
    row = await records.application_row(actor, number)
    expected = await assessment.expected_fen(row) if row.status in WRITABLE else None
    return await records.application_record(actor, number, expected)


_PAPERS = """
SELECT m.material, m.document, NULL::int AS line FROM application_material m
WHERE m.application = $1
UNION SELECT d.material, d.document, l.number FROM application_line l
  JOIN policy y ON y.id = l.policy LEFT JOIN enrolment e ON e.id = l.enrolment
  JOIN object_document d ON d.insured_object = coalesce(e.insured_object, y.insured_object)
  WHERE l.application = $1
"""


async def checklist(actor: Actor, number: str) -> list[ChecklistShape]:
    """The papers the rule asks for. What was uploaded for the object of a line counts for it."""
    row = await records.application_row(actor, number)
    book = await records.book_of_application(row)
    papers = await sql(_PAPERS, row.id)
    lines = [x["number"] for x in await records.line_rows(row.id) if x["status"] != "refused"]
    shapes = []
    for item in rule_checklist(book.rules):
        mine = [p for p in papers if p["material"] == item.code]
        whole = any(p["line"] is None for p in mine)
        have = {p["line"] for p in mine}
        missing = [] if whole else [n for n in lines if n not in have]
        shapes.append(
            ChecklistShape(
                material=item.code,
                title_zh=item.title_zh,
                required=item.required,
                attached=whole or bool(lines and not missing),
                documents=sorted({p["document"] for p in mine}),
                missing_lines=missing if have else [],
                source=item.source,
            )
        )
    return shapes


async def submit(actor: Actor, number: str) -> ApplicationState:
    """Submit a draft, or again what was returned. Refused with every finding at once."""
    async with work():
        row = await records.application_row(actor, number, lock=True)
        event = "resubmit" if row.status == "returned" else "submit"
        await records.check_step(actor, row, event, "")
        judged = await assessment.judge_application(row)
        told = _told(row, judged)
        found = [*_incomplete(row, judged), *_in_time(row, judged), *await _enrolments(row), *told]
        if blockers(found):
            raise Refused(found)
        await assessment.store(row, judged)
        await records.move(
            actor,
            row,
            event,
            values={"submitted_at": row.submitted_at or now(), "return_due_on": None},
            facts={
                "assessed_fen": judged.result.total_fen,
                "hash": judged.result.hash,
                "signed_by": row.statement_signed_by,
            },
        )
    warnings = [f.as_dict() for f in told]
    return await records.state_of(row.id, warnings)


def _told(row: ApplicationRow, judged: Judgement) -> list[Finding]:
    """What the firm is told: all the rule says, of other records what is meant for it."""
    checks = [f for found in judged.checks.values() for f in found]
    return [*judged.result.all_findings(), *for_firm(checks, row.enterprise_uscc)]


def _incomplete(row: ApplicationRow, judged: Judgement) -> list[Finding]:
    to_firm = payee_of(judged.book.rules) == Payee.FIRM
    needed = [name for name in NEEDED if to_firm or name not in ACCOUNT]
    found = [blocker("form.missing", name) for name in needed if not getattr(row, name).strip()]
    if to_firm and row.account_name and row.account_name != row.enterprise:
        found.append(
            blocker(
                "application.account_of_another",
                "account_name",
                account=row.account_name,
                firm=row.enterprise,
            )
        )
    return found


def _in_time(row: ApplicationRow, judged: Judgement) -> list[Finding]:
    if row.status == "returned":
        clock = Clock(row.status, return_due_on=row.return_due_on, returned_at=row.returned_at)
        day = told(due_on(judged.book.rules, clock))
        if day is not None and today() > day:
            return [blocker("application.return_over", "", day=day)]
        return []
    if row.scheme_status != "open":
        return [blocker("scheme.not_open", "scheme", status=row.scheme_status)]
    return []


async def _enrolments(row: ApplicationRow) -> list[Finding]:
    """A first sale must have been recognised by enrolment (投保登记) before money is asked for."""
    rows = await sql(
        "SELECT l.number, coalesce(b.kind, 'general') AS kind, e.status FROM application_line l"
        " JOIN policy y ON y.id = l.policy LEFT JOIN enrolment e ON e.id = l.enrolment"
        " LEFT JOIN insured_object b ON b.id = coalesce(e.insured_object, y.insured_object)"
        " WHERE l.application = $1 AND l.status <> 'refused' ORDER BY l.number",
        row.id,
    )
    return [
        blocker("application.not_enrolled", f"lines.{line['number']}.enrolment")
        for line in rows
        if line["kind"] in FIRST_KINDS and line["status"] not in RECOGNISED
    ]


async def withdraw(actor: Actor, number: str, note: str) -> ApplicationState:
    """Take the application back, or discard a draft."""
    async with work():
        row = await records.application_row(actor, number, lock=True)
        await records.check_step(actor, row, "withdraw", note)
        await records.move(actor, row, "withdraw", note=note)
    return await records.state_of(row.id)
