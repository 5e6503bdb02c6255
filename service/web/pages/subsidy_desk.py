"""The committee's work list of applications and its notice board (补贴工作台)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.api.products import document_response
from catalogue.rules.subsidy.nouns import ObjectionStatus, SubsidyStatus
from catalogue.subsidies import desk as desks
from catalogue.subsidies import listing, notices, objection_evidence, objections, schemes
from catalogue.subsidy_forms import NoticeForm, ObjectionDecisionForm, ReasonForm
from service.auth import COMMITTEE, Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import DomainError
from service.web.forms import Form, read_form
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of
from service.web.subsidy_steps import APPROVER, OFFICER, REVIEWERS, WORDS

AnyRequest = Request[Any, Any, Any]
READERS = allow(*COMMITTEE, Role.AUDITOR)
QUEUE, NOTICES, OBJECTIONS = "/subsidy/queue", "/subsidy/notices", "/subsidy/objections"
APPLICATIONS = "/subsidy/applications"
NOTICE = {
    "title": "公示标题",
    "from_on": "公示开始",
    "applications": "申请",
    "scheme": "补贴项目",
}
DECISION = {"upheld": "决定", "outcome": "理由", "note": "登记意见"}
OBJECTIONS_ZH = dict(ObjectionStatus.choices())


@get(QUEUE, opt=READERS, include_in_schema=False)
async def queue(request: AnyRequest) -> Response[str]:
    """Applications by step with their clocks, the oldest first."""
    query = request.query_params
    step = query.get("step", "")
    step = step if step in desks.TABS else ""
    found = await desks.desk(step, query.get("scheme") or None, query.get("q") or None)
    everything = ("全部", QUEUE, not step, sum(found.counts.values()))
    tabs = [
        (SubsidyStatus.zh_of(s), f"{QUEUE}?step={s}", s == step, found.counts.get(s, 0))
        for s in desks.TABS
    ]
    return page(
        request,
        "subsidy/queue.html",
        found=found,
        tabs=[everything, *tabs],
        step=step,
        query=query,
        known=[(s.code, s.name) for s in await schemes.schemes()],
        day=today(),
        **WORDS,
    )


@get(APPLICATIONS, opt=READERS, include_in_schema=False)
async def application_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """All applications that were handed in, newest first, those that ended too."""
    query = request.query_params
    status = query.get("status", "")
    known = [value for value in SubsidyStatus.choices() if value[0] != "draft"]
    asked = {
        "status": status if status in dict(known) else None,
        "scheme": query.get("scheme") or None,
        "q": query.get("q") or None,
    }
    return page(
        request,
        "subsidy/applications.html",
        found=await listing.application_page(actor, **asked, cursor=turn_of(query)),
        asked=asked,
        choices=known,
        known=[(s.code, s.name) for s in await schemes.schemes()],
        exports=report_links("applications", **asked),
        **WORDS,
    )


@get(OBJECTIONS, opt=READERS, include_in_schema=False)
async def objection_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """All objections, newest first."""
    query = request.query_params
    status = query.get("status", "")
    asked = {"status": status if status in OBJECTIONS_ZH else None, "q": query.get("q") or None}
    return page(
        request,
        "subsidy/objections.html",
        found=await objections.objection_page(actor, **asked, cursor=turn_of(query)),
        asked=asked,
        exports=report_links("objections", **asked),
        identity=actor.has(*COMMITTEE),
        officer=actor.has(*OFFICER),
        approver=actor.has(*APPROVER),
        objections_zh=OBJECTIONS_ZH,
    )


@get(NOTICES, opt=READERS, include_in_schema=False)
async def notice_board(request: AnyRequest, actor: Actor) -> Response[str]:
    """What waits for a notice, what is announced, what was objected."""
    return await _board(request, actor)


async def _board(
    request: AnyRequest,
    actor: Actor,
    status: int = 200,
    place: str = "",
    posted: Form[Any] | None = None,
) -> Response[str]:
    """The board; `place` names the scheme or objection whose form was not taken."""
    waiting = (await desks.desk("public_notice")).items
    groups: dict[str, list[desks.DeskItem]] = {}
    for item in waiting:
        if item.notice is None:
            groups.setdefault(item.scheme, []).append(item)
    announce = {
        code: posted if place == code and posted else _notice_form(code, items)
        for code, items in groups.items()
    }
    found = await notices.notice_page(cursor=turn_of(request.query_params))
    return page(
        request,
        "subsidy/notices.html",
        status,
        groups=groups,
        announce=announce,
        found=found,
        objections=await objections.objections(actor, "open"),
        identity=actor.has(*COMMITTEE),
        may_announce=actor.has(*REVIEWERS),
        officer=actor.has(*OFFICER),
        approver=actor.has(*APPROVER),
        place=place,
        posted=posted,
        answer=Form(ObjectionDecisionForm, DECISION),
        day=today(),
        objections_zh=OBJECTIONS_ZH,
        **WORDS,
    )


def _notice_form(code: str, items: list[desks.DeskItem]) -> Form[Any]:
    values = {
        "title": f"{items[0].scheme_name}拟补贴名单公示",
        "from_on": today().isoformat(),
        "applications": [item.number for item in items],
    }
    form: Form[Any] = Form(NoticeForm, NOTICE, values)
    form.form_id = code
    return form


@get(
    OBJECTIONS + "/{number:str}/evidence/{file:int}",
    opt=allow(*COMMITTEE),
    include_in_schema=False,
)
async def evidence(number: str, file: int) -> Response[bytes]:
    """A file that was handed in with an objection."""
    return document_response(await objection_evidence.fetch(number, file))


@post(NOTICES, opt=allow(*REVIEWERS), include_in_schema=False)
async def announce(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Give public notice over the chosen applications of a scheme."""
    form = await read_form(request, NoticeForm, NOTICE)
    code = str(form.values.pop("scheme", ""))
    form.form_id = code
    data, status = form.parse(), 422
    if data is not None:
        try:
            made = await notices.publish(actor, code, data)
            until = f"至 {made.to_on} 止" if made.to_on else "期满日待日历更新"
            return redirect(request, NOTICES, f"已发布公示 {made.number}，{until}")
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
            status = error.status
    return await _board(request, actor, status, code or "scheme", form)


@post(NOTICES + "/{number:str}/closure", opt=allow(*OFFICER), include_in_schema=False)
async def close(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Put a notice on file once it is over."""
    try:
        await notices.close(actor, number)
    except DomainError as error:
        if error.status == 404:
            raise
        form: Form[Any] = Form()
        form.add(error.findings)
        return await _board(request, actor, error.status, number, form)
    return redirect(request, NOTICES, "公示已归档")


async def _decide(
    request: AnyRequest, actor: Actor, number: str, form: Form[Any], call: Any, done: str
) -> Response[Any]:
    data, status = form.parse(), 422
    if data is not None:
        try:
            await call(data)
            return redirect(request, NOTICES, done)
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
            status = error.status
    return await _board(request, actor, status, number, form)


@post(OBJECTIONS + "/{number:str}/admission", opt=allow(*OFFICER), include_in_schema=False)
async def admit(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """An officer admits an objection; the application waits for the decision."""
    form = await read_form(request, ReasonForm, DECISION)

    async def call(data: ReasonForm) -> None:
        await objections.admit(actor, number, data.note)

    return await _decide(request, actor, number, form, call, "异议已登记，待审批人决定")


@post(OBJECTIONS + "/{number:str}/decision", opt=allow(*APPROVER), include_in_schema=False)
async def decide(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """An approver upholds or dismisses; not the one who admitted it."""
    form = await read_form(request, ObjectionDecisionForm, DECISION)

    async def call(data: ObjectionDecisionForm) -> None:
        await objections.decide(actor, number, data)

    return await _decide(request, actor, number, form, call, "异议已作出决定")


ROUTES = [
    queue,
    application_list,
    notice_board,
    objection_list,
    evidence,
    announce,
    close,
    admit,
    decide,
]
