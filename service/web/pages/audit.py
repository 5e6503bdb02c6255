"""What can be checked: the journal and the proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get, post

from coinsurance import looks
from service import people, verify
from service.auth import Actor, Role, allow
from service.kernel.calendar import now
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.web import audit_views
from service.web.forms import Form
from service.web.pages.admin import text_of, turn_of
from service.web.product_views import report_links
from service.web.render import page

AnyRequest = Request[Any, Any, Any]

READERS = allow(Role.COMMITTEE_ADMIN, Role.AUDITOR)


@get("/audit/journal", opt=READERS, include_in_schema=False)
async def journal_list(request: AnyRequest) -> Response[Any]:
    form: Form[Any] = Form(None, {"day": "登记日期"}, dict(request.query_params))
    try:
        query, status = _event_query(request), 200
    except Refused as error:
        form.add(error.findings)
        query, status = people.EventQuery(), error.status
    found = await people.list_events(query, turn_of(request))
    return page(
        request,
        "admin/journal.html",
        status,
        form=form,
        found=found,
        query=query,
        words=audit_views,
        exports=report_links(
            "journal",
            subject_kind=query.subject_kind,
            subject=query.subject,
            event=query.event,
            actor=query.actor,
            day=query.day.isoformat() if query.day else None,
        ),
    )


def _day(request: AnyRequest) -> date | None:
    day = text_of(request, "day")
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        raise Refused([blocker("form.not_a_date", "day", value=(day or "")[:40])]) from None


def _event_query(request: AnyRequest) -> people.EventQuery:
    names = ("subject_kind", "subject", "event", "actor")
    wanted = {name: text_of(request, name) for name in names}
    return people.EventQuery(**wanted, day=_day(request))


@get("/audit/looks", opt=READERS, include_in_schema=False)
async def look_list(request: AnyRequest) -> Response[Any]:
    """Who looked at the pools' confidential figures, and when."""
    form: Form[Any] = Form(None, {"day": "查阅日期"}, dict(request.query_params))
    found, status = looks.LookPage([], None), 200
    try:
        asked = (text_of(request, "subject"), text_of(request, "reader"), _day(request))
        found = await looks.looks(*asked, text_of(request, "after"), 50)
    except Refused as error:
        form.add(error.findings)
        status = error.status
    return page(request, "admin/looks.html", status, form=form, found=found, words=audit_views)


@dataclass(frozen=True, slots=True)
class Proof:
    """A run of the proofs: what it found, when, and who asked for it."""

    result: verify.Verification
    at: datetime
    by: str


_last: list[Proof] = []
"""The last run of this process; it is looked at, never relied upon."""


@get("/audit/verify", opt=READERS, include_in_schema=False)
async def proof_page(request: AnyRequest) -> Response[str]:
    return _proof(request, _last[0] if _last else None)


@post("/audit/verify", opt=READERS, include_in_schema=False)
async def prove(request: AnyRequest, actor: Actor) -> Response[str]:
    """Recompute every promise of the registry; reads only."""
    proof = Proof(await verify.run(), now(), actor.name)
    _last[:] = [proof]
    return _proof(request, proof)


def _proof(request: AnyRequest, proof: Proof | None) -> Response[str]:
    form: Form[Any] = Form()
    if proof is not None:
        form.add(proof.result.findings)
    names = [zh for zh, _ in verify.INVARIANTS.values()]
    return page(request, "admin/verify.html", proof=proof, form=form, names=names)


ROUTES = [journal_list, look_list, proof_page, prove]
