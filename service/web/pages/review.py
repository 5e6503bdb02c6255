"""The review page of one product: everything about it in reading order, and the steps on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from pydantic import BaseModel

from catalogue.forms import (
    CorrectionForm,
    EffectiveForm,
    NoteForm,
    RecommendationForm,
    ResponseForm,
    ReturnForm,
)
from catalogue.products import decision, desk, filing, library, records
from service.auth import COMMITTEE, Actor, Role, allow
from service.kernel.errors import DomainError
from service.web import product_views as views
from service.web import review_views
from service.web.forms import Form, read_form
from service.web.pages.committee import READERS
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
UseCase = Callable[[Actor, str, Any], Awaitable[object]]

OFFICER = (Role.COMMITTEE_OFFICER,)
APPROVER = (Role.COMMITTEE_APPROVER,)


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step of the review page: its address, form, use case, and whether it asks first."""

    path: str
    label: str
    model: type[BaseModel]
    call: UseCase
    roles: tuple[Role, ...]
    done: str
    asks: bool = False
    kind: str = "primary"


def _standing(event: str) -> UseCase:
    async def call(actor: Actor, number: str, form: EffectiveForm) -> object:
        return await library.change_standing(actor, number, event, form)

    return call


STEPS = {
    "accept": StepForm("acceptance", "受理", NoteForm, filing.accept, OFFICER, "已受理"),
    "begin_review": StepForm(
        "review", "开始审核", NoteForm, filing.begin_review, OFFICER, "已开始审核"
    ),
    "return": StepForm(
        "return",
        "退回补正",
        ReturnForm,
        filing.give_back,
        OFFICER,
        "已退回补正，待保险公司答复",
        kind="danger",
    ),
    "recommend": StepForm(
        "recommendation",
        "提出审核建议",
        RecommendationForm,
        filing.recommend,
        OFFICER,
        "审核建议已提交，待审批",
    ),
    "enter": StepForm(
        "entry", "批准入库", EffectiveForm, decision.enter, APPROVER, "已批准入库", asks=True
    ),
    "reject": StepForm(
        "rejection",
        "不予入库",
        NoteForm,
        decision.reject,
        APPROVER,
        "已作出不予入库的决定",
        asks=True,
        kind="danger",
    ),
    "suspend": StepForm(
        "suspension",
        "暂停在库",
        EffectiveForm,
        _standing("suspend"),
        APPROVER,
        "已暂停在库",
        asks=True,
        kind="danger",
    ),
    "resume": StepForm(
        "resumption",
        "恢复在库",
        EffectiveForm,
        _standing("resume"),
        APPROVER,
        "已恢复在库",
        asks=True,
    ),
    "withdraw": StepForm(
        "withdrawal",
        "退出产品库",
        EffectiveForm,
        _standing("withdraw"),
        APPROVER,
        "已退出产品库",
        asks=True,
        kind="danger",
    ),
    "correct": StepForm(
        "correction",
        "更正在库记录",
        CorrectionForm,
        library.correct,
        APPROVER,
        "在库记录已更正",
        asks=True,
        kind="danger",
    ),
    "note": StepForm("note", "内部备注", ResponseForm, filing.write_note, COMMITTEE, "备注已保存"),
}
"""Event -> form, in the order in which they stand on the page."""


@get("/committee/products/{number:str}", opt=READERS, include_in_schema=False)
async def review_page(
    request: AnyRequest, number: str, actor: Actor, version: int | None = None
) -> Response[str]:
    return await _show(request, actor, number, version)


async def _show(
    request: AnyRequest,
    actor: Actor,
    number: str,
    version: int | None = None,
    event: str = "",
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """The page with the forms of the steps; one of them as it was posted."""
    file = await desk.desk_record(actor, number, version)
    latest = version is None or version == file.versions[0].number
    waits = latest and file.record["filing_status"] in records.OPEN
    facts = await library.facts_of((await records.product_row(actor, number)).id)
    offered = _offered(actor, file, review_views.correctable(facts)) if latest else {}
    fact = request.query_params.get("fact", "")
    forms = {
        name: Form(step.model, review_views.FIELD_LABELS, review_views.first_values(name, fact))
        for name, step in offered.items()
    }
    if form is not None and event in forms:
        forms[event] = form
    for name, shown in forms.items():
        shown.form_id = name
    return page(
        request,
        "committee/review.html",
        status,
        file=file,
        record=file.record,
        views=views,
        words=review_views,
        steps=STEPS,
        forms=forms,
        posted=event,
        refused=form if form is not None and event not in forms else None,
        latest=latest,
        findings=await _findings(actor, number) if waits else None,
        alike=await desk.alike(actor, number) if waits else [],
        changes=await _changes(actor, number, file),
        facts=facts,
    )


def _offered(
    actor: Actor, file: desk.DeskRecord, correctable: list[tuple[int, str]]
) -> dict[str, StepForm]:
    """The steps this person may take on this file now, in the order of STEPS."""
    events = {step.event for step in file.steps} | {"note"}
    if file.record["filing_status"] == "in_review":
        events.add("recommend")
    if correctable:
        events.add("correct")
    return {name: step for name, step in STEPS.items() if name in events and actor.has(*step.roles)}


async def _findings(actor: Actor, number: str) -> Form[Any]:
    """What the checks say about the filing; likenesses have a section of their own."""
    shown: Form[Any] = Form(None, review_views.FIELD_LABELS)
    found = await filing.filing_findings(actor, number)
    shown.add(f for f in found if f.code != "filing.like_another")
    return shown


async def _changes(
    actor: Actor, number: str, file: desk.DeskRecord
) -> tuple[int, list[review_views.Difference]] | None:
    """The version before this one that was in the library, and what differs from it."""
    current = file.record["version"]
    wanted = ("in_library", "replaced")
    old = next((v for v in file.versions if v.number < current and v.status in wanted), None)
    if old is None:
        return None
    found = await desk.compare(actor, number, old.number, current)
    return old.number, [review_views.as_difference(change) for change in found]


async def take(request: AnyRequest, actor: Actor, number: str, event: str) -> Response[Any]:
    """Take a step: read its form, ask where it must be asked, run the use case, go back."""
    step = STEPS[event]
    form = await read_form(request, step.model, review_views.FIELD_LABELS)
    confirmed = bool(form.values.pop("confirmed", ""))
    changing = bool(form.values.pop("changing", ""))
    if form.rearranged or changing:
        return await _show(request, actor, number, None, event, form)
    data = form.parse()
    if data is None:
        return await _show(request, actor, number, None, event, form, 422)
    if step.asks and not confirmed:
        return await _ask(request, actor, number, event, form)
    try:
        await step.call(actor, number, data)
    except DomainError as error:
        form.add(error.findings)
        return await _show(request, actor, number, None, event, form, error.status)
    return redirect(request, f"/committee/products/{number}", step.done)


async def _ask(
    request: AnyRequest, actor: Actor, number: str, event: str, form: Form[Any]
) -> Response[str]:
    """The page between a step that counts and its doing: what will follow from it."""
    file = await desk.desk_record(actor, number)
    product = await records.product_row(actor, number)
    return page(
        request,
        "committee/confirm.html",
        file=file,
        record=file.record,
        step=STEPS[event],
        event=event,
        form=form,
        facts=await library.facts_of(product.id) if event == "correct" else [],
        words=review_views,
        views=views,
    )


def _handler(event: str, step: StepForm) -> Any:
    async def handler(request: AnyRequest, number: str, actor: Actor) -> Response[Any]:
        return await take(request, actor, number, event)

    return post(
        f"/committee/products/{{number:str}}/{step.path}",
        opt=allow(*step.roles),
        include_in_schema=False,
        name=f"console_{step.path}",
    )(handler)


ROUTES = [review_page, *(_handler(event, step) for event, step in STEPS.items())]
