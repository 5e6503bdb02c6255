"""The enterprise's enrolments (投保登记) and qualifications (资格与额度): write, submit, follow."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.enrolment_forms import EnrolmentForm, QualificationForm
from catalogue.enrolments import enrolment, qualifications, records
from catalogue.policies import records as policies
from catalogue.rules.subsidy.nouns import FIRST_KINDS, EnrolmentStatus, QualificationStatus
from service.auth import Actor, Role, allow
from service.kernel.errors import Conflict, Forbidden, Refused, Stale
from service.web import firm_views as views
from service.web.forms import Form, read_form
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of

AnyRequest = Request[Any, Any, Any]
FIRM = allow(Role.ENTERPRISE)
HOME = "/firm/enrolments"
QUALIFIED = "/firm/qualifications"
WRITABLE = ("draft", "returned")
MOST = 100
LABELS = {
    "object": "标的",
    "policy_id": "保单",
    "contract_id": "销售合同",
    "asked_fen": "申请额度",
    "note": "说明",
}


@get(HOME, opt=FIRM, include_in_schema=False)
async def enrolment_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """The firm's enrolments, newest first."""
    query = request.query_params
    q, status = (query.get(name) or None for name in ("q", "status"))
    found = await records.enrolment_page(actor, q, status, None, turn_of(query), None)
    return page(
        request,
        "firm/enrolments.html",
        views=views,
        found=found,
        query=query,
        filtered=bool(q or status or turn_of(query)),
        selects=[views.select(query, "status", "状态", EnrolmentStatus.choices())],
        exports=report_links("enrolments", q=q, status=status),
    )


@get(f"{HOME}/new", opt=FIRM, include_in_schema=False)
async def new(
    request: AnyRequest, actor: Actor, object: str = "", policy: str = ""
) -> Response[str]:
    """Choose object, policy and sale; what is asked for in the address is chosen already."""
    form: Form[Any] = Form(EnrolmentForm, LABELS, {"object": object, "policy_id": policy})
    return await _new_page(request, actor, form)


async def _new_page(
    request: AnyRequest, actor: Actor, form: Form[Any], status: int = 200
) -> Response[str]:
    return page(request, "firm/enrolment_new.html", status, form=form, **await _choices(actor))


async def _choices(actor: Actor) -> dict[str, Any]:
    """Objects, policies and sales of the firm as options."""
    things = (await records.object_page(actor, None, None, None, MOST))["items"]
    first = [thing for thing in things if thing["kind"] in FIRST_KINDS]
    held = (await policies.policy_page(actor, limit=MOST))["items"]
    sales = []
    for thing in first:
        record = await records.object_record(actor, thing["number"])
        sales += [
            (str(k["id"]), f"{k['number']}（{record['name']}，{k['buyer_name']}）")
            for k in record["contracts"]
        ]
    return {
        "objects": [(x["number"], f"{x['name']}（{x['number']}）") for x in first],
        "policies": [
            (str(y["id"]), f"{y['number']}（{y['insurer']}，{y['start_on']} 起）")
            for y in held
            if y["status"] not in ("cancelled", "expired")
        ],
        "contracts": sales,
    }


@post(f"{HOME}/new", opt=FIRM, include_in_schema=False)
async def create(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Start an enrolment as a draft."""
    form: Form[EnrolmentForm] = await read_form(request, EnrolmentForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            state = await enrolment.create(actor, data)
        except (Conflict, Refused) as error:
            form.add(error.findings)
        else:
            return redirect(request, f"{HOME}/{state.number}", "草稿已建立，核对后提交")
    return await _new_page(request, actor, form, 422)


@get(HOME + "/{number:str}", opt=FIRM, include_in_schema=False)
async def one(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One enrolment: where it stands, who has the ball, what its checks say."""
    return await _enrolment_page(request, actor, number)


async def _enrolment_page(
    request: AnyRequest,
    actor: Actor,
    number: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    record = await records.enrolment_record(actor, number)
    editable = record["status"] in WRITABLE
    if form is None:
        form = Form.of(record, EnrolmentForm, LABELS)
        if editable:
            form.add(await enrolment.findings_of(actor, number))
    reached = [(event["status"], event["at"]) for event in record["events"]]
    return page(
        request,
        "firm/enrolment.html",
        status,
        views=views,
        record=record,
        form=form,
        editable=editable,
        track=views.track("enrolment", record["status"], reached),
        held=views.ball("enrolment", record["status"]),
        history=[
            {
                "at": event["at"],
                "label": views.event_words("enrolment", event["event"]),
                "who": event["organisation"] or "系统",
                "note": event["note"],
            }
            for event in reversed(record["events"])
        ],
        **(await _choices(actor) if editable else {}),
    )


@post(HOME + "/{number:str}", opt=FIRM, include_in_schema=False)
async def save(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Replace object, policy and sale of a draft."""
    form: Form[EnrolmentForm] = await read_form(request, EnrolmentForm, LABELS)
    data = form.parse()
    if data is not None:
        revision = views.whole((await request.form()).get("_revision"))
        try:
            await enrolment.change(actor, number, data, revision)
            return redirect(request, f"{HOME}/{number}", "已保存")
        except (Conflict, Refused, Stale) as error:
            form.add(error.findings)
    return await _enrolment_page(request, actor, number, form, 422)


@post(HOME + "/{number:str}/submission", opt=FIRM, include_in_schema=False)
async def submit(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Hand the enrolment to the insurer; its findings stand beside the fields."""
    try:
        await enrolment.submit(actor, number)
    except Refused as error:
        record = await records.enrolment_record(actor, number)
        form: Form[Any] = Form.of(record, EnrolmentForm, LABELS)
        form.add(error.findings)
        return await _enrolment_page(request, actor, number, form, 422)
    except (Conflict, Forbidden) as error:
        return redirect(request, f"{HOME}/{number}", error.findings[0].text("zh"), "bad")
    return redirect(request, f"{HOME}/{number}", "已提交，等待保险机构确认")


@get(QUALIFIED, opt=FIRM, include_in_schema=False)
async def qualification_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """The firm's qualifications, newest first."""
    query = request.query_params
    q, status = (query.get(name) or None for name in ("q", "status"))
    found = await records.qualification_page(actor, q, status, turn_of(query), None)
    return page(
        request,
        "firm/qualifications.html",
        views=views,
        found=found,
        query=query,
        filtered=bool(q or status or turn_of(query)),
        selects=[views.select(query, "status", "状态", QualificationStatus.choices())],
        exports=report_links("qualifications", q=q, status=status),
    )


@get(f"{QUALIFIED}/new", opt=FIRM, include_in_schema=False)
async def ask(request: AnyRequest, actor: Actor, object: str = "") -> Response[str]:
    """The form to ask for a quota."""
    form: Form[Any] = Form(QualificationForm, LABELS, {"object": object})
    return await _ask_page(request, actor, form)


async def _ask_page(
    request: AnyRequest, actor: Actor, form: Form[Any], status: int = 200
) -> Response[str]:
    choices = await _choices(actor)
    return page(
        request, "firm/qualification_new.html", status, form=form, objects=choices["objects"]
    )


@post(f"{QUALIFIED}/new", opt=FIRM, include_in_schema=False)
async def apply(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Ask for a qualification with a quota."""
    form: Form[QualificationForm] = await read_form(request, QualificationForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            state = await qualifications.apply(actor, data)
        except (Conflict, Refused) as error:
            form.add(error.findings)
        else:
            return redirect(request, f"{QUALIFIED}/{state.number}", "申请已提交")
    return await _ask_page(request, actor, form, 422)


@get(QUALIFIED + "/{number:str}", opt=FIRM, include_in_schema=False)
async def qualification(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One qualification: quota, what was drawn, what is left."""
    record = await records.qualification_record(actor, number)
    return page(
        request,
        "firm/qualification.html",
        views=views,
        record=record,
        track=views.track("qualification", record["status"], ()),
        held=views.ball("qualification", record["status"]),
    )


ROUTES = [
    enrolment_list,
    new,
    create,
    one,
    save,
    submit,
    qualification_list,
    ask,
    apply,
    qualification,
]
