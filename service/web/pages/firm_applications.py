"""The enterprise's way to a subsidy: open schemes, “what would I get”, applying, following."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.books import scheme_book
from catalogue.enrolment_forms import ObjectDocumentForm
from catalogue.forms import NoteForm
from catalogue.rules.subsidy.nouns import Level, SubjectKind, SubsidyStatus
from catalogue.rules.subsidy.workflow import SUBSIDY
from catalogue.subsidies import (
    applications,
    assessment,
    listing,
    prefill,
    records,
    recoveries,
    schemes,
)
from catalogue.subsidies import what_if as reckoning
from catalogue.subsidy_forms import (
    ApplicationDraftForm,
    ApplicationForm,
    MaterialForm,
    WhatIfForm,
)
from catalogue.subsidy_shapes import ApplicationRecord, PreviewShape
from service.auth import Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import Conflict, DomainError, Forbidden, NotFound, Refused, Stale
from service.web import firm_views as views
from service.web.forms import Form, read_form
from service.web.pages.firm_objects import UPLOAD_MAX_BYTES, take_upload
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of
from service.web.rule_words import rule_lines

AnyRequest = Request[Any, Any, Any]
FIRM = allow(Role.ENTERPRISE)
HOME = "/firm/applications"
WRITABLE = records.WRITABLE


@get("/firm/schemes", opt=FIRM, include_in_schema=False)
async def scheme_list(request: AnyRequest) -> Response[str]:
    """Schemes that take applications, and those that are over."""
    every = [scheme for scheme in await schemes.schemes() if scheme.status != "draft"]
    taking = [scheme.code for scheme in await schemes.taking()]
    over = [s for s in every if s.status == "closed" or s.window_to < today()]
    return page(
        request,
        "firm/schemes.html",
        views=views,
        open_schemes=[scheme for scheme in every if scheme.code in taking],
        upcoming=[s for s in every if s.code not in taking and s not in over],
        over=over,
    )


@get("/firm/schemes/{code:str}", opt=FIRM, include_in_schema=False)
async def one_scheme(request: AnyRequest, code: str) -> Response[str]:
    """The rule of a scheme in plain words, and the question what one would get."""
    values = {"lines": [{"kind": "general", "cover_year": 1}]}
    return await _scheme_page(request, code, Form(WhatIfForm, views.WHAT_IF_LABELS, values))


async def _scheme_page(
    request: AnyRequest,
    code: str,
    form: Form[Any],
    answer: PreviewShape | None = None,
    status: int = 200,
) -> Response[str]:
    scheme = await schemes.scheme(code)
    if scheme.status == "draft":
        raise NotFound("补贴项目", "Scheme", code)
    row = await schemes.scheme_row(code)
    rules = (await scheme_book(row["id"])).rules
    return page(
        request,
        "firm/scheme.html",
        status,
        views=views,
        scheme=scheme,
        taking=scheme.status == "open" and scheme.window_from <= today() <= scheme.window_to,
        day=today(),
        rules=rules,
        lines=rule_lines(rules.clauses),
        form=form,
        answer=answer,
        kinds=SubjectKind.choices(),
        levels=Level.choices(),
    )


@post("/firm/schemes/{code:str}/what-if", opt=FIRM, include_in_schema=False, status_code=200)
async def what_if(request: AnyRequest, code: str) -> Response[str]:
    """What the lines typed would get; nothing is kept."""
    form: Form[WhatIfForm] = await read_form(request, WhatIfForm, views.WHAT_IF_LABELS)
    data = None if form.rearranged else form.parse()
    answer = None
    if data is not None:
        try:
            answer = await reckoning.what_if(code, data)
        except (Conflict, Refused) as error:
            form.add(error.findings)
    return await _scheme_page(request, code, form, answer, 422 if form.findings else 200)


@get(HOME, opt=FIRM, include_in_schema=False)
async def application_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """The firm's applications, newest first."""
    query = request.query_params
    asked = {"status": query.get("status") or None, "q": query.get("q") or None}
    found = await listing.application_page(actor, **asked, cursor=turn_of(query))
    return page(
        request,
        "firm/applications.html",
        views=views,
        found=found,
        query=query,
        filtered=any(asked.values()),
        selects=[views.select(query, "status", "状态", SubsidyStatus.choices())],
        exports=report_links("applications", **asked),
    )


@get(f"{HOME}/new", opt=FIRM, include_in_schema=False)
async def new(
    request: AnyRequest, actor: Actor, scheme: str = "", policy: str = ""
) -> Response[Any]:
    """Tick the policies for a scheme; everything else comes afterwards."""
    if not scheme:
        return redirect(request, "/firm/schemes", "先选择要申请的补贴项目", "info")
    form: Form[Any] = Form(ApplicationForm, views.APPLICATION_LABELS, {"scheme": scheme})
    return await _new_page(request, actor, form, [policy])


async def _new_page(
    request: AnyRequest, actor: Actor, form: Form[Any], ticked: list[str], status: int = 200
) -> Response[str]:
    code = form.value("scheme")
    return page(
        request,
        "firm/application_new.html",
        status,
        views=views,
        scheme=await schemes.scheme(code),
        found=await prefill.candidates(actor, code),
        form=form,
        ticked=ticked,
    )


@post(f"{HOME}/new", opt=FIRM, include_in_schema=False)
async def create(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Start a draft over the policies ticked."""
    form: Form[ApplicationForm] = await read_form(
        request, ApplicationForm, views.APPLICATION_LABELS
    )
    ticked = await _take_lines(form, actor, form.value("scheme"), {})
    data = form.parse()
    if data is not None:
        try:
            state = await applications.create(actor, data)
        except (Conflict, Refused) as error:
            form.add(error.findings)
        else:
            return redirect(request, f"{HOME}/{state.number}/edit", "草稿已建立，请补充其余内容")
    return await _new_page(request, actor, form, ticked, 422)


async def _take_lines(form: Form[Any], actor: Actor, code: str, kept: dict[str, Any]) -> list[str]:
    """Make lines of the ticked policies, with the enrolment and quota the registry knows.

    What was typed of a policy stands below ``line-p<key>``; ``kept`` holds other facts by key.
    """
    ticked = form.chosen("policies")
    typed = form.raw("line")
    form.values.pop("policies", None)
    form.values.pop("line", None)
    known = {str(c.policy): c for c in await prefill.candidates(actor, code)}
    lines = []
    for key in ticked:
        said = typed.get(f"p{key}") if isinstance(typed, dict) else None
        fields = {k: v for k, v in said.items() if v} if isinstance(said, dict) else {}
        line: dict[str, Any] = {"policy": key, "facts": {**kept.get(key, {}), **fields}}
        if key in known:
            line["enrolment"] = known[key].enrolment or ""
            line["qualification"] = known[key].qualification or ""
        lines.append(line)
    form.values["lines"] = lines
    return ticked


@get(HOME + "/{number:str}/edit", opt=FIRM, include_in_schema=False)
async def edit(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """The draft as a form, filled with what the registry knows."""
    record = await applications.read(actor, number)
    if record.status not in WRITABLE:
        return redirect(request, f"{HOME}/{number}", "当前状态不能修改", "warn")
    values = {name: getattr(record, name) for name in views.APPLICATION_TEXTS}
    values |= {"firm": record.firm}
    values["account_name"] = record.account_name or record.enterprise
    form: Form[Any] = Form(ApplicationDraftForm, views.APPLICATION_LABELS, values)
    return await _edit_page(request, actor, record, form)


async def _edit_page(
    request: AnyRequest,
    actor: Actor,
    record: ApplicationRecord,
    form: Form[Any],
    ticked: list[str] | None = None,
    status: int = 200,
) -> Response[str]:
    lines = [line for line in record.lines if line.status != "refused"]
    return page(
        request,
        "firm/application_edit.html",
        status,
        views=views,
        record=record,
        form=form,
        found=await prefill.candidates(actor, record.scheme),
        ticked=[str(line.policy) for line in lines] if ticked is None else ticked,
        typed={str(line.policy): line.facts for line in lines},
    )


@post(HOME + "/{number:str}/edit", opt=FIRM, include_in_schema=False)
async def save(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Save the draft; what was uploaded stays with it."""
    record = await applications.read(actor, number)
    form: Form[ApplicationDraftForm] = await read_form(
        request, ApplicationDraftForm, views.APPLICATION_LABELS
    )
    kept = {str(line.policy): line.facts for line in record.lines}
    ticked = await _take_lines(form, actor, record.scheme, kept)
    form.values["materials"] = [
        {"material": m.material, "document": m.document} for m in record.materials
    ]
    data = form.parse()
    if data is not None:
        revision = views.whole((await request.form()).get("_revision"))
        try:
            await applications.change(actor, number, data, revision)
            return redirect(request, f"{HOME}/{number}", "已保存，测算和缺少的内容见下")
        except (Conflict, Refused, Stale) as error:
            form.add(error.findings)
    return await _edit_page(request, actor, record, form, ticked, 422)


@get(HOME + "/{number:str}", opt=FIRM, include_in_schema=False)
async def one(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One application: how far it is, who has the ball, what it brings, what is missing."""
    return await _application_page(request, actor, number)


async def _application_page(
    request: AnyRequest,
    actor: Actor,
    number: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    record = await applications.read(actor, number)
    editable = record.status in WRITABLE
    owed = [r for r in await recoveries.recoveries(actor) if r.application == number]
    reached = [(h.to_status, h.recorded_at) for h in record.history if h.to_status != h.from_status]
    return page(
        request,
        "firm/application.html",
        status,
        views=views,
        record=record,
        editable=editable,
        preview=await assessment.preview(actor, number) if editable else None,
        judged=None if editable else await _stored(actor, number),
        checklist=await applications.checklist(actor, number),
        form=form or Form(None, views.APPLICATION_LABELS),
        may_withdraw=any(
            s.event == "withdraw" for s in SUBSIDY.allowed(record.status, actor.roles)
        ),
        owed=owed,
        track=views.track("subsidy", record.status, reached),
        returns=[h for h in record.history if h.event == "return"],
        history=[
            {
                "at": h.recorded_at,
                "label": views.event_words("subsidy", h.event),
                "who": h.by,
                "note": h.note,
                "tone": views.tone(h.to_status),
            }
            for h in reversed(record.history)
        ],
    )


async def _stored(actor: Actor, number: str) -> dict[str, Any] | None:
    """The stored assessment; None for a draft that was withdrawn before it was judged."""
    try:
        return (await assessment.trace(actor, number)).assessment
    except NotFound:
        return None


@post(
    HOME + "/{number:str}/materials",
    opt=FIRM,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def attach(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Hand in a paper for an item of the checklist."""
    form: Form[ObjectDocumentForm] = await read_form(
        request, ObjectDocumentForm, views.UPLOAD_LABELS
    )
    await take_upload(form, actor)
    data = None if form.findings else form.parse()
    if data is not None:
        try:
            paper = MaterialForm(material=data.material, document=data.document)
            await applications.attach(actor, number, paper)
            return redirect(request, f"{HOME}/{number}#papers", "材料已上传")
        except (Conflict, Refused) as error:
            form.add(error.findings)
    return await _application_page(request, actor, number, form, 422)


@post(HOME + "/{number:str}/submission", opt=FIRM, include_in_schema=False)
async def submit(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Submit, or submit again; everything that keeps it back is said at once."""
    try:
        await applications.submit(actor, number)
    except Refused as error:
        form: Form[Any] = Form(None, views.APPLICATION_LABELS)
        form.add(error.findings)
        return await _application_page(request, actor, number, form, 422)
    except (Conflict, Forbidden) as error:
        return redirect(request, f"{HOME}/{number}", error.findings[0].text("zh"), "bad")
    return redirect(request, f"{HOME}/{number}", "申请已提交，等待管委会受理")


@post(HOME + "/{number:str}/withdrawal", opt=FIRM, include_in_schema=False)
async def withdraw(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Take the application back."""
    form: Form[NoteForm] = await read_form(request, NoteForm, {"note": "撤回原因"})
    data = form.parse()
    try:
        if data is None:
            raise Refused(form.findings)
        await applications.withdraw(actor, number, data.note)
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        return redirect(request, f"{HOME}/{number}", error.findings[0].text("zh"), "bad")
    return redirect(request, HOME, f"申请 {number} 已撤回")


ROUTES = [
    scheme_list,
    one_scheme,
    what_if,
    application_list,
    new,
    create,
    edit,
    save,
    one,
    attach,
    submit,
    withdraw,
]
