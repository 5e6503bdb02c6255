"""Pool years, members and schedules of shares in the console (业务年度、成员、份额表)."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Request, Response, get

from catalogue.products.counting import parse_moment
from coinsurance.pool_shapes import MemberRecord
from coinsurance.pools import member_records, schedule_records, shortfall_records, years
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.obligations import KINDS_ZH
from coinsurance.rules.workflows import MEMBER, POOL_YEAR, SCHEDULE
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import Refused
from service.web.desk_steps import Posted, offered, step_routes
from service.web.forms import Form
from service.web.member_account_steps import MEMBER_ACCOUNT_STEPS, closed_now
from service.web.member_steps import MEMBER_STEPS, YEAR_STEPS
from service.web.pages.pools import histories, labels_of
from service.web.pool_steps import MANAGER, SCHEDULE_STEPS, TONES
from service.web.render import page

AnyRequest = Request[Any, Any, Any]
YEARS, SCHEDULES = "/pool-years", "/share-schedules"
INSIDERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
WIDTH = 1000
"""Width of the picture of shares, in its own units."""


def blocks(shares: list[Any]) -> list[dict[str, Any]]:
    """The picture of shares: where each member's block begins and how wide it is."""
    found, at = [], 0
    for n, share in enumerate(s for s in shares if s.share_units):
        end = at + share.share_units
        left, right = (place * WIDTH // 100_000_000 for place in (at, end))
        found.append({"x": left, "width": right - left, "tone": n % 8 + 1, "share": share})
        at = end
    return found


async def _looked_up(actor: Actor, number: str, query: dict[str, str], form: Form[Any]) -> Any:
    day: date | None = None
    known = None
    try:
        if query["as_of"]:
            day = parse_moment(query["as_of"], "as_of").date()
        if query["known"]:
            known = parse_moment(query["known"], "known")
    except Refused as error:
        form.add(error.findings)
    return await schedule_records.shares(actor, number, day, known, None)


async def _year(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await years.read(actor, number)
    members = await member_records.members(actor, number)
    query = {name: request.query_params.get(name, "") for name in ("as_of", "known")}
    form: Form[Any] = Form(None, {"as_of": "截至日期", "known": "系统已知"}, query)
    held = await _looked_up(actor, number, query, form)
    forms = offered(YEAR_STEPS, found.status, actor, posted)
    if "propose" in forms and not (posted and posted.event == "propose"):
        carrying = [m for m in members if m.status == "active" and m.roles != ["observer"]]
        forms["propose"].values["shares"] = [{"uscc": m.uscc, "share": ""} for m in carrying]
    listed = await schedule_records.schedules(actor, number, None, False, None, 50)
    return page(
        request,
        "pools/year.html",
        posted.status if posted else 422 if form.findings else 200,
        year=found,
        duties=[PoolRole.zh_of(role) for role in found.seat_roles],
        members=members,
        names={m.uscc: m.name for m in members},
        held=held,
        picture=blocks(held.schedule.shares) if held.schedule else [],
        query=form,
        looking_back=any(query.values()),
        schedules=listed,
        readiness=found.readiness,
        propose=forms.pop("propose", None),
        forms=forms,
        steps=YEAR_STEPS,
        posted=posted,
        history=histories(found.history, labels_of(POOL_YEAR)),
        tones=TONES,
    )


@get(YEARS + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_year(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One year: members with capacity used and left, shares as a picture, what is missing."""
    return await _year(request, actor, number, None)


_MEMBER_STEPS = MEMBER_STEPS | MEMBER_ACCOUNT_STEPS


def _hidden(found: MemberRecord, charged: bool) -> set[str]:
    """Steps that nobody here can take: those of the member's own people, on another's page."""
    hidden = closed_now(found) | (set() if charged else {"take_back"})
    if not found.is_own:
        hidden |= {name for name, step in _MEMBER_STEPS.items() if step.roles == MANAGER}
    return hidden


async def _member(
    request: AnyRequest, actor: Actor, key: str, posted: Posted | None
) -> Response[str]:
    number, _, uscc = key.partition("/")
    found = await member_records.member(actor, number, uscc)
    shortfall = None
    if found.member.status == "defaulted":
        shortfall = await member_records.shortfall(actor, number, uscc)
    charges = await shortfall_records.charges(actor, number, uscc)
    forms = offered(_MEMBER_STEPS, found.member.status, actor, posted)
    for event in _hidden(found, bool(charges)) - ({posted.event} if posted else set()):
        forms.pop(event, None)
    return page(
        request,
        "pools/member.html",
        posted.status if posted else 200,
        record=found,
        member=found.member,
        shortfall=shortfall,
        kinds=KINDS_ZH,
        charges=charges,
        forms=forms,
        steps=_MEMBER_STEPS,
        posted=posted,
        history=histories(found.history, labels_of(MEMBER)),
        tones=TONES,
    )


@get(YEARS + "/{number:str}/members/{uscc:str}", opt=INSIDERS, include_in_schema=False)
async def one_member(request: AnyRequest, actor: Actor, number: str, uscc: str) -> Response[str]:
    """One member of a year: roles, capacity, past, and what it left open."""
    return await _member(request, actor, f"{number}/{uscc}", None)


async def _schedule(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await schedule_records.schedule(actor, number)
    forms = offered(SCHEDULE_STEPS, found.status, actor, posted)
    if found.placement:
        forms.pop("vote", None)
    return page(
        request,
        "pools/schedule.html",
        posted.status if posted else 200,
        schedule=found,
        picture=blocks(found.shares),
        forms=forms,
        steps=SCHEDULE_STEPS,
        posted=posted,
        words=labels_of(SCHEDULE),
        tones=TONES,
    )


@get(SCHEDULES + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_schedule(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One schedule of shares with its consents."""
    return await _schedule(request, actor, number, None)


ROUTES = [
    one_year,
    one_member,
    one_schedule,
    *step_routes(YEARS, "number", "pool_year", YEAR_STEPS, _year),
    *step_routes(YEARS + "/{number:str}/members", "uscc", "pool_member", _MEMBER_STEPS, _member),
    *step_routes(SCHEDULES, "number", "share_schedule", SCHEDULE_STEPS, _schedule),
]
