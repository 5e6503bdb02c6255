"""One subsidy application on the committee's desk: assessment, findings, records, steps."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.money_forms import RecoveryForm
from catalogue.subsidies import applications, assessment, desk, records, recovery_opening, review
from catalogue.subsidy_forms import ReasonForm
from catalogue.subsidy_shapes import ApplicationRecord
from service.auth import COMMITTEE, Actor, Role, allow
from service.kernel.calendar import today, working_days_left
from service.kernel.errors import NotFound
from service.web.desk_steps import Posted, not_taken, offered, step_routes
from service.web.forms import Form, read_form
from service.web.render import page, redirect
from service.web.subsidy_steps import (
    EITHER,
    EVENTS_ZH,
    OFFICER,
    REVIEWERS,
    STEPS,
    WARNING,
    WORDS,
)

AnyRequest = Request[Any, Any, Any]
HOME = "/subsidy/applications"
READERS = allow(*COMMITTEE, Role.AUDITOR)
REASON_LABELS = {"note": "理由"}
RECOVERY_LABELS = {"cause": "原因", "amount_fen": "追回金额", "reason": "理由"}
ALL_STEPS = {**STEPS, "note_warning": WARNING}


@get(HOME + "/{number:str}", opt=READERS, include_in_schema=False)
async def one(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One application in reading order."""
    return await show(request, actor, number, None)


async def show(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    """The page; a step that was not taken keeps what was typed."""
    record = await records.application_record(actor, number)
    trace = await _trace(actor, number)
    stored = {line.number: line.findings for line in record.lines}
    live = await desk.findings_now(actor, number) if record.status in WARNING.states else {}
    notes = await review.warning_notes(actor, number)
    return page(
        request,
        "subsidy/application.html",
        posted.status if posted else 200,
        record=record,
        days_left=working_days_left(record.due_on, today()),
        trace=trace,
        traces={int(line["key"]): line for line in trace.assessment["lines"]} if trace else {},
        found=stored | live,
        live=bool(live),
        notes={(note.line, note.code): note for note in notes},
        checklist=await applications.checklist(actor, number),
        history=_history(record),
        forms=_forms(actor, record, posted),
        steps=STEPS,
        posted=posted,
        make_form=_empty,
        can_note=actor.has(*REVIEWERS) and record.status in WARNING.states,
        can_refuse=actor.has(*REVIEWERS) and record.status in ("first_review", "second_review"),
        can_claim=actor.has(*OFFICER),
        **WORDS,
    )


def _forms(actor: Actor, record: ApplicationRecord, posted: Posted | None) -> dict[str, Form[Any]]:
    """The steps that the life cycle offers; late approval where a line was frozen."""
    allowed = {step.event for step in record.steps}
    if record.status == "approved" and any(line.status == "frozen" for line in record.lines):
        allowed.add("approve")
    forms = offered(STEPS, record.status, actor, posted)
    return {e: f for e, f in forms.items() if allowed & {e, *EITHER.get(e, ())}}


async def _trace(actor: Actor, number: str) -> Any:
    try:
        return await assessment.trace(actor, number)
    except NotFound:
        return None


def _empty(form_id: str) -> Form[Any]:
    """An empty form that shares its page with others of its kind."""
    form: Form[Any] = Form()
    form.form_id = form_id
    return form


def _history(record: ApplicationRecord) -> list[dict[str, Any]]:
    return [
        {
            "at": h.recorded_at,
            "label": EVENTS_ZH.get(h.event, h.event),
            "who": h.by or "系统",
            "note": h.note,
        }
        for h in reversed(record.history)
    ]


async def _line_step(
    request: AnyRequest, actor: Actor, number: str, form: Form[Any], call: Any, done: str
) -> Response[Any]:
    status = await not_taken(form, call)
    if status is None:
        return redirect(request, f"{HOME}/{number}", done)
    return await show(request, actor, number, Posted("line", form, status))


@post(
    HOME + "/{number:str}/lines/{line:int}/refusal", opt=allow(*REVIEWERS), include_in_schema=False
)
async def refuse_line(request: AnyRequest, actor: Actor, number: str, line: int) -> Response[Any]:
    """Refuse one line; the others are assessed again without it."""
    form = await read_form(request, ReasonForm, REASON_LABELS)

    async def call(data: ReasonForm) -> None:
        await review.refuse_line(actor, number, line, data.note)

    return await _line_step(request, actor, number, form, call, "该明细不予补贴，其余已重新测算")


@post(
    HOME + "/{number:str}/lines/{line:int}/recoveries", opt=allow(*OFFICER), include_in_schema=False
)
async def claim(request: AnyRequest, actor: Actor, number: str, line: int) -> Response[Any]:
    """Claim money back for a false claim or a double payment."""
    form = await read_form(request, RecoveryForm, RECOVERY_LABELS)

    async def call(data: RecoveryForm) -> None:
        await recovery_opening.claim(actor, number, line, data)

    return await _line_step(request, actor, number, form, call, "已提出追回，待另一人批准")


ROUTES = [
    one,
    *step_routes(HOME, "number", "application", ALL_STEPS, show),
    refuse_line,
    claim,
]
