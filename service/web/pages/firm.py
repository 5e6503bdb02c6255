"""The enterprise's start page and its policies (我的保单): what to do now, confirm, dispute."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.enrolments import records as enrolments
from catalogue.policies import recording
from catalogue.policies import records as policies
from catalogue.policy_forms import DisputeForm
from catalogue.rules.subsidy.nouns import PolicyStatus, SubjectKind
from catalogue.rules.subsidy.workflow import POLICY
from catalogue.subsidies import listing as applications
from catalogue.subsidies import recoveries, schemes
from service.auth import Actor, Role, allow
from service.kernel.errors import Conflict, Refused
from service.web import firm_views as views
from service.web.forms import Form, read_form
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of

AnyRequest = Request[Any, Any, Any]
FIRM = allow(Role.ENTERPRISE)
LABELS = {"text": "哪里不对"}


@get("/firm", opt=FIRM, include_in_schema=False)
async def start(request: AnyRequest, actor: Actor) -> Response[str]:
    """What needs doing now, and the way from a product to the money."""
    unconfirmed = await policies.policy_page(actor, status="recorded", limit=20)
    back = await enrolments.enrolment_page(actor, None, "returned", None, None, 20)
    drafts = await enrolments.enrolment_page(actor, None, "draft", None, None, 20)
    mine = await applications.application_page(actor, limit=100)
    owed = await recoveries.recoveries(actor, "open")
    return page(
        request,
        "firm/start.html",
        views=views,
        unconfirmed=unconfirmed["items"],
        enrolments_back=back["items"],
        enrolment_drafts=drafts["items"],
        by_status={
            status: [item for item in mine.items if item.status == status]
            for status in ("returned", "draft", "public_notice", "objection")
        },
        running=[item for item in mine.items if item.status in views.RUNNING],
        owed=owed,
        open_schemes=await schemes.taking(),
    )


@get("/firm/policies", opt=FIRM, include_in_schema=False)
async def policy_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """The firm's policies, newest first."""
    query = request.query_params
    found = await policies.policy_page(
        actor,
        query.get("q") or None,
        query.get("status") or None,
        query.get("kind") or None,
        turn_of(query),
    )
    return page(
        request,
        "firm/policies.html",
        views=views,
        found=found,
        query=query,
        filtered=any(query.get(name) for name in ("q", "status", "kind", "after", "before")),
        selects=[
            views.select(query, "status", "状态", PolicyStatus.choices()),
            views.select(query, "kind", "类别", SubjectKind.choices()),
        ],
        exports=report_links(
            "policies", q=query.get("q"), status=query.get("status"), kind=query.get("kind")
        ),
    )


@get("/firm/policies/{policy_id:int}", opt=FIRM, include_in_schema=False)
async def policy(request: AnyRequest, actor: Actor, policy_id: int) -> Response[str]:
    """One policy with what it may be used for."""
    return await _policy_page(request, actor, policy_id, Form(DisputeForm, LABELS))


async def _policy_page(
    request: AnyRequest, actor: Actor, policy_id: int, form: Form[Any], status: int = 200
) -> Response[str]:
    record = await policies.policy_record(actor, policy_id)
    mine = await enrolments.enrolment_page(actor, record["number"], None, None, None, 50)
    return page(
        request,
        "firm/policy.html",
        status,
        views=views,
        record=record,
        form=form,
        events={step.event for step in POLICY.allowed(record["status"], actor.roles)},
        enrolled=[item for item in mine["items"] if item["policy_id"] == policy_id],
        open_schemes=await schemes.taking(),
    )


@post("/firm/policies/{policy_id:int}/confirmation", opt=FIRM, include_in_schema=False)
async def confirm(request: AnyRequest, actor: Actor, policy_id: int) -> Response[Any]:
    """Say that the recorded policy is right."""
    home = f"/firm/policies/{policy_id}"
    try:
        await recording.confirm(actor, policy_id)
    except (Conflict, Refused) as error:
        return redirect(request, home, error.findings[0].text("zh"), "bad")
    return redirect(request, home, "保单已确认")


@post("/firm/policies/{policy_id:int}/dispute", opt=FIRM, include_in_schema=False)
async def dispute(request: AnyRequest, actor: Actor, policy_id: int) -> Response[Any]:
    """Say what is wrong with the recorded policy."""
    form: Form[DisputeForm] = await read_form(request, DisputeForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            await recording.dispute(actor, policy_id, data)
            home = f"/firm/policies/{policy_id}"
            return redirect(request, home, "异议已送达保险机构，等待答复")
        except (Conflict, Refused) as error:
            form.add(error.findings)
    return await _policy_page(request, actor, policy_id, form, 422)


ROUTES = [start, policy_list, policy, confirm, dispute]
