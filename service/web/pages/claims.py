"""Claims in the console: list, notice of loss, one claim with its money and clocks (赔案)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from coinsurance.claim_forms import ClaimForm, ReasonForm, ReversalForm
from coinsurance.claims import (
    alerts,
    calls,
    explaining,
    listing,
    moving,
    notifying,
    paying,
    records,
)
from coinsurance.rules.claims.nouns import (
    PAID_KINDS,
    RECOVERY_KINDS,
    RESERVE_KINDS,
    Attendance,
    ClaimFlag,
    MovementKind,
)
from coinsurance.rules.claims.workflow import CASH_CALL, CLAIM
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import DomainError
from service.web.claim_registration import sections_of
from service.web.claim_steps import (
    CLAIM_STEPS,
    DEADLINES,
    DECISIONS,
    MEMBER_EVENTS,
    NEXT,
    TONES,
)
from service.web.desk_steps import Posted, not_taken, offered, step_routes
from service.web.forms import Form, read_form
from service.web.pages.pools import histories, labels_of
from service.web.product_views import report_links
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
HOME = "/claims"
ALL = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
PARTIES = allow(*INSURER, Role.ENTERPRISE)
LABELS = {
    "placement": "共保保单编号",
    "policy": "保单编号（单一保险机构）",
    "loss_on": "出险日",
    "reporter": "报案人",
    "place": "出险地点",
    "cause": "出险原因",
    "description": "经过",
    "event": "事故编号",
    "estimate_fen": "估损",
    "flags": "复杂情形",
}
RELEASE_LABELS = {"reason": "解除理由", "cash_call": "预收赔款"}
_EXPENSE = frozenset({MovementKind.EXPENSE})
SHARED = {
    "tones": TONES,
    "statuses": {code: names[0] for code, names in CLAIM.states.items()},
    "flags": ClaimFlag,
    "movements": MovementKind,
    "decisions": DECISIONS,
    "deadlines": DEADLINES,
}


@get(HOME, opt=ALL, include_in_schema=False)
async def claim_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Claims the reader may see, newest first."""
    query = request.query_params
    asked = listing.Asked(
        query.get("q") or None,
        query.get("status") or None,
        query.get("pool_year") or None,
        query.get("placement") or None,
        None,
        None,
        query.get("flag") or None,
    )
    found = await listing.claim_page(actor, asked, query.get("after") or None, None)
    large = None
    if actor.has(*COMMITTEE, Role.AUDITOR):
        large = await alerts.alert_page(None, None, 20)
    exports = report_links(
        "claims",
        **{name: query.get(name) for name in ("q", "status", "pool_year", "placement", "flag")},
    )
    return page(
        request,
        "claims/list.html",
        found=found,
        query=query,
        large=large,
        exports=exports,
        **SHARED,
    )


@get(f"{HOME}/new", opt=PARTIES, include_in_schema=False)
async def new_claim(request: AnyRequest, placement: str = "") -> Response[str]:
    """An empty notice of loss."""
    form: Form[Any] = Form(ClaimForm, LABELS, {"placement": placement})
    return page(request, "claims/new.html", form=form, **SHARED)


@post(f"{HOME}/new", opt=PARTIES, include_in_schema=False)
async def notify_claim(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Notify a loss, or show the findings beside what was typed."""
    form = await read_form(request, ClaimForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            state = await notifying.notify(actor, data)
            return redirect(request, f"{HOME}/{state.number}", "报案已登记")
        except DomainError as error:
            form.add(error.findings)
    return page(request, "claims/new.html", 422, form=form, **SHARED)


async def _claim(
    request: AnyRequest,
    actor: Actor,
    number: str,
    posted: Posted | None,
    said: tuple[Form[Any], int] | None = None,
) -> Response[str]:
    """The page of a claim; `said` is a small form of it that was not taken, and the status."""
    found = await records.claim_record(actor, number)
    firm = actor.has(Role.ENTERPRISE)
    forms = offered(CLAIM_STEPS, found.status, actor, posted)
    handles = found.is_own and actor.has(*INSURER)
    waiting = [n for n in found.notices if n.acknowledged_at is None]
    if found.is_own or not waiting:
        forms.pop("acknowledge", None)
    if not handles:
        forms = {event: form for event, form in forms.items() if event in MEMBER_EVENTS}
    _prefill(forms, posted, found)
    return page(
        request,
        "claims/claim.html",
        posted.status if posted else said[1] if said else 200,
        claim=found,
        explanation=None if firm else await explaining.explain(actor, number, None),
        titles=await _to_reserve(actor, forms, found),
        register=forms.pop("register", None),
        assess=forms.pop("assess", None),
        survey=forms.pop("survey", None),
        attendance=Attendance.choices(),
        names={p.uscc: p.name for p in (found.handler, *found.notices)},
        forms=forms,
        opened=posted.event if posted else NEXT.get(found.status, "") if handles else "acknowledge",
        steps=CLAIM_STEPS,
        posted=posted,
        said=said[0] if said else None,
        releases=_releases(actor, found, handles, said[0] if said else None),
        handles=handles,
        firm=firm,
        history=histories(found.history, labels_of(CLAIM)),
        **SHARED,
    )


def _prefill(forms: dict[str, Form[Any]], posted: Posted | None, found: Any) -> None:
    """Rows for every section to assess and every member that may survey; the flags that stand."""
    if "flags" in forms and not (posted and posted.event == "flags"):
        forms["flags"].values["flags"] = list(found.flags)
    if "assess" in forms and not (posted and posted.event == "assess"):
        forms["assess"].values["losses"] = [
            {"section": s.code, "gross_fen": ""} for s in found.sections if not s.layer
        ] or [{"section": "layers", "gross_fen": ""}]
    if "survey" in forms and not (posted and posted.event == "survey"):
        usccs = dict.fromkeys([found.handler.uscc, *(n.uscc for n in found.notices)])
        forms["survey"].values["attendance"] = [{"uscc": uscc, "status": ""} for uscc in usccs]


async def _to_reserve(actor: Actor, forms: dict[str, Form[Any]], found: Any) -> dict[str, str]:
    """Titles of the sections, each with a row for its first reserve, where it is to be set."""
    if "register" not in forms:
        return {}
    titles = await sections_of(actor, found)
    form = forms["register"]
    if not form.rows("reserves"):
        form.values["reserves"] = [{"section": code} for code in titles]
    return titles


def _releases(
    actor: Actor, found: Any, handles: bool, said: Form[Any] | None
) -> dict[str, Form[Any]]:
    """A form for each cash call that may be released, by its number; the posted one as typed."""
    forms = {}
    for one in found.cash_calls:
        open_steps = CASH_CALL.allowed(one.status, actor.roles) if handles else ()
        if said is not None and said.form_id == one.number:
            forms[one.number] = said
        elif any(step.event == "release" for step in open_steps):
            forms[one.number] = Form(ReasonForm, RELEASE_LABELS)
            forms[one.number].form_id = one.number
    return forms


@get(HOME + "/{number:str}", opt=ALL, include_in_schema=False)
async def one_claim(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One claim: where it stands, what it comes to and why, notices, money, decisions."""
    return await _claim(request, actor, number, None)


async def _reverse(actor: Actor, number: str, movement: int, kind: str, data: Any) -> None:
    """What kind a movement is says which use case reverses it."""
    if kind in PAID_KINDS:
        await paying.reverse_payment(actor, number, movement, data)
        return
    kinds = next((group for group in (RECOVERY_KINDS, _EXPENSE) if kind in group), RESERVE_KINDS)
    await moving.reverse(actor, number, movement, data, *kinds)


@post(
    HOME + "/{number:str}/movements/{movement:int}/reversal",
    opt=allow(*INSURER),
    include_in_schema=False,
)
async def reverse(request: AnyRequest, actor: Actor, number: str, movement: int) -> Response[Any]:
    """Reverse a movement by its mirror, once."""
    form = await read_form(request, ReversalForm, {"effective_on": "冲销日", "reason": "理由"})
    form.form_id = f"rev-{movement}"
    kind = str(form.values.pop("kind", ""))
    status = await not_taken(form, lambda data: _reverse(actor, number, movement, kind, data))
    if status is None:
        return redirect(request, f"{HOME}/{number}#money", "已按原样冲销")
    return await _claim(request, actor, number, None, (form, status))


@post(
    HOME + "/{number:str}/cash-calls/{call:str}/release",
    opt=allow(*INSURER),
    include_in_schema=False,
)
async def release_call(request: AnyRequest, actor: Actor, number: str, call: str) -> Response[Any]:
    """Release a cash call: what is unpaid is void, what was paid and not used goes back."""
    form = await read_form(request, ReasonForm, RELEASE_LABELS)
    form.form_id = call
    status = await not_taken(form, lambda data: calls.release(actor, number, call, data))
    if status is None:
        return redirect(request, f"{HOME}/{number}#calls", "预收赔款已解除")
    return await _claim(request, actor, number, None, (form, status))


@post("/large-losses/{number:str}/reading", opt=allow(*COMMITTEE), include_in_schema=False)
async def read_alert(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """The committee has read an alert of a large loss."""
    await alerts.read(actor, number)
    return redirect(request, HOME, "已标为已阅")


ROUTES = [
    claim_list,
    new_claim,
    notify_claim,
    one_claim,
    reverse,
    release_call,
    read_alert,
    *step_routes(HOME, "number", "claim", CLAIM_STEPS, _claim),
]
