"""The insurer's own products: list, file of one product, answers, versions, leaving the library."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.forms import DraftForm, EffectiveForm, NoteForm, ResponseForm
from catalogue.products import desk, drafts, filing, library, records, shelf
from catalogue.rules.difference import KINDS_ZH
from service.auth import INSURER, Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import Conflict, Refused
from service.web import product_views as views
from service.web.differences import Difference, Part
from service.web.forms import Form, read_form
from service.web.product_form import LABELS
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
INSURERS = allow(*INSURER)
MANAGER = allow(Role.INSURER_MANAGER)
FACT_LABELS = {"in_library": "在库", "suspended": "暂停", "withdrawn": "退出", "void": "作废"}


def _home(number: str) -> str:
    return f"/insurer/products/{number}"


@get("/insurer/products", opt=INSURERS, include_in_schema=False)
async def my_products(request: AnyRequest, actor: Actor) -> Response[str]:
    """All products of the actor's insurer, newest first."""
    query = views.shelf_query(request.query_params)
    found = shelf.decoded(await shelf.desk_page(actor, query))
    return page(
        request,
        "insurer/products.html",
        views=views,
        query=query,
        filtered=views.is_filtered(query),
        found=found,
        selects=views.desk_selects(query),
    )


@get("/insurer/products/{number:str}", opt=INSURERS, include_in_schema=False)
async def product(
    request: AnyRequest, actor: Actor, number: str, version: int | None = None
) -> Response[str]:
    """The file of one product."""
    return await _file_page(request, actor, number, version=version)


async def _file_page(
    request: AnyRequest,
    actor: Actor,
    number: str,
    *,
    version: int | None = None,
    answer: Form[Any] | None = None,
    answered: int | None = None,
    status: int = 200,
) -> Response[str]:
    file = await desk.desk_record(actor, number, version)
    row = await records.product_row(actor, number)
    newest = max(v.number for v in file.versions)
    open_version = next((v.number for v in file.versions if v.status in records.OPEN), None)
    shown = file.record["version"]
    return page(
        request,
        "insurer/product.html",
        status,
        views=views,
        file=file,
        record=file.record,
        facts=await library.facts_of(row.id),
        fact_labels=FACT_LABELS,
        track=views.filing_track(file.record["filing_status"]),
        current=shown == (open_version or newest) or version is None,
        open_version=open_version,
        may_renew=open_version is None and row.status != "withdrawn",
        events={step.event for step in file.steps},
        days_left=_days_left(file.clock),
        history=[_event(event) for event in file.history],
        answer=answer or Form(ResponseForm, {"text": "答复内容"}),
        answered=answered,
        label=Form(DraftForm, LABELS).label,
    )


def _event(event: desk.HistoryEvent) -> dict[str, Any]:
    tone = views.filing_tone(event.to_status) if event.subject_kind == "filing" else ""
    later = event.subject_kind == "product" and event.event not in ("enter", "replace")
    return {
        "at": event.recorded_at,
        "label": event.event_zh + (f"（{event.effective_on} 起）" if later else ""),
        "who": event.actor,
        "organisation": event.organisation,
        "note": event.note,
        "tone": tone or views.product_tone(event.to_status),
    }


def _days_left(clock: desk.ClockShape) -> int | None:
    """Working days left, negative when late; None when no day is fixed."""
    if clock.limit_days is None or clock.term_days is None:
        return None
    return clock.limit_days - clock.term_days


@post(
    "/insurer/products/{number:str}/objections/{objection:int}/response",
    opt=INSURERS,
    include_in_schema=False,
)
async def respond(request: AnyRequest, actor: Actor, number: str, objection: int) -> Response[Any]:
    """Answer one objection."""
    form = await read_form(request, ResponseForm, {"text": "答复内容"})
    data = form.parse()
    if data is None:
        return await _file_page(request, actor, number, answer=form, answered=objection, status=422)
    try:
        await filing.respond(actor, number, objection, data)
    except (Conflict, Refused) as error:
        return redirect(request, _home(number), error.findings[0].text("zh"), "bad")
    return redirect(request, f"{_home(number)}#objections", f"已答复第 {objection} 条审核意见")


@post("/insurer/products/{number:str}/versions", opt=INSURERS, include_in_schema=False)
async def start_version(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Open a new version and go on drafting it."""
    try:
        state = await drafts.start_version(actor, number)
    except (Conflict, Refused) as error:
        return redirect(request, _home(number), error.findings[0].text("zh"), "bad")
    return redirect(request, f"{_home(number)}/draft", f"已新建第 {state.version} 版草稿")


@get("/insurer/products/{number:str}/difference", opt=INSURERS, include_in_schema=False)
async def difference(
    request: AnyRequest, actor: Actor, number: str, old: int | None = None, new: int | None = None
) -> Response[str]:
    """What differs between two versions, the last two unless told."""
    file = await desk.desk_record(actor, number)
    newest = max(v.number for v in file.versions)
    after = new or newest
    before = old or max(1, after - 1)
    changes = await desk.compare(actor, number, before, after)
    return page(
        request,
        "insurer/difference.html",
        views=views,
        record=file.record,
        versions=file.versions,
        old=before,
        new=after,
        changes=[
            Difference(
                c.label_zh,
                KINDS_ZH[c.kind],
                c.old,
                c.new,
                tuple(Part(op, text) for op, text in c.segments),
            )
            for c in changes
        ],
    )


@get("/insurer/products/{number:str}/abandonment", opt=INSURERS, include_in_schema=False)
async def ask_abandon(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Ask before a filing is withdrawn."""
    return await _ask(request, actor, number, "abandon", Form(NoteForm, LABELS))


@post("/insurer/products/{number:str}/abandonment", opt=INSURERS, include_in_schema=False)
async def abandon(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Withdraw an undecided filing (撤回报送)."""
    form: Form[NoteForm] = await read_form(request, NoteForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            await filing.abandon(actor, number, data)
            return redirect(request, _home(number), "报送已撤回")
        except (Conflict, Refused) as error:
            form.add(error.findings)
    return await _ask(request, actor, number, "abandon", form, 422)


@get("/insurer/products/{number:str}/withdrawal", opt=MANAGER, include_in_schema=False)
async def ask_withdraw(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Ask before a product leaves the library for good."""
    values = {"effective_on": today().isoformat()}
    return await _ask(request, actor, number, "withdraw", Form(EffectiveForm, LABELS, values))


@post("/insurer/products/{number:str}/withdrawal", opt=MANAGER, include_in_schema=False)
async def withdraw(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Leave the library (退出产品库) from a day on."""
    form: Form[EffectiveForm] = await read_form(request, EffectiveForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            await library.change_standing(actor, number, "withdraw", data)
            return redirect(request, _home(number), "产品已退出产品库")
        except (Conflict, Refused) as error:
            form.add(error.findings)
    return await _ask(request, actor, number, "withdraw", form, 422)


async def _ask(
    request: AnyRequest,
    actor: Actor,
    number: str,
    event: str,
    form: Form[Any],
    status: int = 200,
) -> Response[Any]:
    file = await desk.desk_record(actor, number)
    step = next((s for s in file.steps if s.event == event), None)
    if step is None and status == 200:
        return redirect(request, _home(number), "当前状态不能办理这一步", "warn")
    return page(
        request,
        "insurer/ask.html",
        status,
        record=file.record,
        event=event,
        needs_note=step is not None and step.needs_note,
        form=form,
    )


ROUTES = [
    my_products,
    product,
    respond,
    start_version,
    difference,
    ask_abandon,
    abandon,
    ask_withdraw,
    withdraw,
]
