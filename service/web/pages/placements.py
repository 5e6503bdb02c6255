"""Placements in the console: the list, and one with every member's part and why (共保保单)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from coinsurance.placements import records
from coinsurance.placements.rows import Access
from coinsurance.pools import member_records
from coinsurance.premium_forms import EndorsementStepForm, PoolUndoForm, ReversalForm
from coinsurance.premiums import endorsing, issuing, receipts
from coinsurance.premiums import records as premiums
from coinsurance.rules.agreement.words import COVER
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.workflows import PLACEMENT
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import DomainError
from service.kernel.shares import format_percent
from service.web.desk_steps import Posted, offered, step_routes
from service.web.forms import Form, read_form
from service.web.placement_steps import KINDS, PLACEMENT_STEPS
from service.web.render import page, redirect
from service.web.risk_steps import TONES

AnyRequest = Request[Any, Any, Any]
HOME = "/placements"
PARTIES = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
MEMBERS = allow(*INSURER)
ENDORSEMENT_TONES = {
    "proposed": "wait",
    "consented": "info",
    "issued": "good",
    "refused": "bad",
    "withdrawn": "neutral",
    "undone": "neutral",
}
STATUSES = {code: names[0] for code, names in PLACEMENT.states.items()}


@get(HOME, opt=PARTIES, include_in_schema=False)
async def placement_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Placements the reader may see, newest first."""
    query = request.query_params
    found = await records.placement_page(
        actor,
        query.get("q") or None,
        query.get("status") or None,
        query.get("pool_year") or None,
        query.get("after") or None,
        None,
    )
    return page(
        request,
        "placements/list.html",
        found=found,
        query=query,
        statuses=STATUSES,
        tones=TONES,
    )


def _cover_words(condition: str) -> str:
    """When cover begins as the agreement has it, in words, with its clause."""
    code, _, clause = condition.partition("（")
    return f"{COVER.get(code, code)}（{clause}" if clause else COVER.get(code, code)


def _leads(access: Access) -> bool:
    """Whether the reader may propose other shares: the issuer, or the lead of the year."""
    seat = access.view.seat
    return access.is_issuer or (seat is not None and PoolRole.LEAD in seat.roles)


async def _sharers(actor: Actor, found: Any, access: Access) -> list[Any]:
    """Members that may carry a share, for those who may propose one."""
    if not _leads(access):
        return []
    members = await member_records.members(actor, found.pool_year)
    return [m for m in members if m.status == "active" and m.roles != ["observer"]]


async def _forms(
    actor: Actor, found: Any, access: Access, posted: Posted | None
) -> dict[str, Form[Any]]:
    """Steps of the issuer; a lead that is not the issuer may propose other shares."""
    steps = offered(PLACEMENT_STEPS, found.status, actor, posted)
    if not access.is_issuer:
        steps = {k: f for k, f in steps.items() if k == "change_shares" and _leads(access)}
    change = steps.get("change_shares")
    if change is not None and not (posted and posted.event == "change_shares"):
        held = {s.organisation.uscc: s.share_units for s in found.sections[0].schedules[0].shares}
        change.values["shares"] = [
            {"uscc": m.uscc, "share_units": format_percent(held.get(m.uscc, 0))}
            for m in await _sharers(actor, found, access)
        ]
    return steps


async def _placement(
    request: AnyRequest,
    actor: Actor,
    number: str,
    posted: Posted | None,
    said: tuple[str, Form[Any]] | None = None,
) -> Response[str]:
    found = await records.placement_record(actor, number)
    reader = not actor.has(Role.ENTERPRISE)
    access = (await records.placement_for(actor, number))[1]
    issuer = access.is_issuer
    shown: dict[str, Any] = {"explanation": None, "premium": None, "parts": None, "pending": []}
    if reader:
        cursor = request.query_params.get("after") or None
        premium = await premiums.explanation(actor, number, None)
        shown = {
            "explanation": await records.explanation(actor, number),
            "premium": premium,
            "cover_words": _cover_words(premium.cover_condition),
            "parts": await premiums.part_page(actor, number, None, None, None, None, cursor, 60),
            "endorsements": (await premiums.endorsements(actor, number)).items,
            "pending": await records.pending_shares(actor, number),
        }
    forms = await _forms(actor, found, access, posted)
    if "receive" in forms and not (posted and posted.event == "receive"):
        forms["receive"].values.update(source="own", payer_name=found.insured.name)
    return page(
        request,
        "placements/placement.html",
        posted.status if posted else 422 if said else 200,
        said=said,
        placement=found,
        reader=reader,
        issuer=issuer,
        turned="after" in request.query_params,
        kinds=dict(KINDS),
        sections=[(section.code, section.title) for section in found.sections],
        change=forms.pop("change_shares", None),
        names={m.uscc: m.name for m in await _sharers(actor, found, access)},
        forms=forms,
        steps=PLACEMENT_STEPS,
        posted=posted,
        statuses=STATUSES,
        tones=TONES | ENDORSEMENT_TONES,
        **shown,
    )


@get(HOME + "/{number:str}", opt=PARTIES, include_in_schema=False)
async def one_placement(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One placement: shares by section and day, premium parts and why, what it holds."""
    return await _placement(request, actor, number, None)


async def _small_step(
    request: AnyRequest,
    actor: Actor,
    number: str,
    model: type[Any],
    call: Any,
    done: str,
    where: str,
) -> Response[Any]:
    """A step on a row of the page: refused, its findings stand there with what was typed."""
    form = await read_form(request, model, {"effective_on": "生效日", "reason": "理由"})
    data = form.parse()
    if data is not None:
        try:
            await call(data)
            anchor = "premium" if where.startswith("reverse") else "endorsements"
            return redirect(request, f"{HOME}/{number}#{anchor}", done)
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
    return await _placement(request, actor, number, None, (where, form))


@post(HOME + "/{number:str}/receipts/{movement:int}/reversal", opt=MEMBERS, include_in_schema=False)
async def reverse_receipt(
    request: AnyRequest, actor: Actor, number: str, movement: int
) -> Response[Any]:
    """Turn a receipt around exactly, once."""

    async def call(data: ReversalForm) -> None:
        await receipts.reverse(actor, number, movement, data)

    return await _small_step(
        request, actor, number, ReversalForm, call, "已按原样冲销", f"reverse-{movement}"
    )


@post(HOME + "/{number:str}/endorsements/{which:int}/issue", opt=MEMBERS, include_in_schema=False)
async def issue(request: AnyRequest, actor: Actor, number: str, which: int) -> Response[Any]:
    """Issue an endorsement that was consented to."""

    async def call(data: EndorsementStepForm) -> None:
        await issuing.issue(actor, number, which, data)

    return await _small_step(
        request, actor, number, EndorsementStepForm, call, "批单已出具", f"issue-{which}"
    )


@post(
    HOME + "/{number:str}/endorsements/{which:int}/withdrawal",
    opt=MEMBERS,
    include_in_schema=False,
)
async def withdraw(request: AnyRequest, actor: Actor, number: str, which: int) -> Response[Any]:
    """Take a proposed endorsement back."""

    async def call(data: EndorsementStepForm) -> None:
        await endorsing.withdraw(actor, number, which, data)

    return await _small_step(
        request, actor, number, EndorsementStepForm, call, "批改已撤回", f"issue-{which}"
    )


@post(HOME + "/{number:str}/endorsements/{which:int}/undoing", opt=MEMBERS, include_in_schema=False)
async def undo(request: AnyRequest, actor: Actor, number: str, which: int) -> Response[Any]:
    """Propose to undo an issued endorsement by its mirror."""

    async def call(data: PoolUndoForm) -> None:
        await endorsing.propose_undo(actor, number, which, data)

    return await _small_step(
        request, actor, number, PoolUndoForm, call, "撤销已提出", f"undo-{which}"
    )


ROUTES = [
    reverse_receipt,
    issue,
    withdraw,
    undo,
    placement_list,
    one_placement,
    *step_routes(HOME, "number", "placement", PLACEMENT_STEPS, _placement),
]
