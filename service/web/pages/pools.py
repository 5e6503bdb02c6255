"""Pools, their agreements and consents in the console (共保体、协议、征求同意)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from coinsurance.pool_forms import PoolForm
from coinsurance.pools import agreement_records, consent_records, founding
from coinsurance.rules.nouns import ConsentMatter
from coinsurance.rules.workflows import AGREEMENT, CONSENT, POOL
from service.auth import COMMITTEE, EVERYBODY, INSURER, Actor, Role, allow
from service.kernel.errors import DomainError
from service.web.audit_views import OWN_EVENTS
from service.web.desk_steps import Posted, offered, step_routes
from service.web.forms import Form, read_form
from service.web.pool_case_words import told
from service.web.pool_steps import (
    AGREEMENT_STEPS,
    CONSENT_STEPS,
    OFFICE,
    POOL_STEPS,
    TONES,
)
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
POOLS, CONSENTS = "/pools", "/consents"
ALL = allow(*EVERYBODY)
INSIDERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
EVENTS = {
    "found": "设立",
    "prepare": "筹备",
    "propose": "提出",
    "draft": "起草",
    "create": "建立",
    "invite": "邀请",
    "open": "发起",
    "serve": "送达",
    "answer": "答复",
    "notify": "报案",
}
_FAMILY = {"family": "规则文件"}


def histories(events: list[Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """What happened, newest first, as the history macro shows it."""
    return [
        {
            "at": e.recorded_at,
            "label": labels.get(e.event, EVENTS.get(e.event, e.event)),
            "who": e.by,
            "note": e.note,
        }
        for e in reversed(events)
    ]


def labels_of(workflow: Any) -> dict[str, str]:
    """Chinese words of the events of a life cycle, and of what is recorded beside it."""
    return OWN_EVENTS.get(workflow.name, {}) | {s.event: s.label_zh for s in workflow.steps}


async def _list(request: AnyRequest, form: Form[Any] | None = None) -> Response[str]:
    query = request.query_params
    found = await founding.pools(
        query.get("status") or None,
        query.get("industry") or None,
        query.get("q") or None,
        query.get("after") or None,
        None,
    )
    return page(
        request,
        "pools/list.html",
        422 if form else 200,
        found=found,
        query=query,
        statuses=[(code, names[0]) for code, names in POOL.states.items()],
        form=form or Form(PoolForm, _FAMILY),
        founder=OFFICE,
        tones=TONES,
    )


@get(POOLS, opt=ALL, include_in_schema=False)
async def pool_list(request: AnyRequest) -> Response[str]:
    """The pools."""
    return await _list(request)


@post(POOLS, opt=allow(*OFFICE), include_in_schema=False)
async def found_pool(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Found a pool of a published rule family."""
    form = await read_form(request, PoolForm, _FAMILY)
    data = form.parse()
    if data is not None:
        try:
            made = await founding.found(actor, data)
            return redirect(request, f"{POOLS}/{made.code}", "共保体已设立")
        except DomainError as error:
            form.add(error.findings)
    return await _list(request, form)


async def _pool(
    request: AnyRequest, actor: Actor, code: str, posted: Posted | None
) -> Response[str]:
    found = await founding.read(actor, code)
    versions: list[Any] | None = None
    if actor.has(*INSURER, *COMMITTEE, Role.AUDITOR):
        try:
            versions = await agreement_records.versions(actor, code)
        except DomainError as error:
            if error.status not in (403, 404):
                raise
    return page(
        request,
        "pools/pool.html",
        posted.status if posted else 200,
        pool=found,
        versions=versions,
        forms=offered(POOL_STEPS, found.status, actor, posted),
        steps=POOL_STEPS,
        posted=posted,
        history=histories(found.history, labels_of(POOL)),
        tones=TONES,
    )


@get(POOLS + "/{code:str}", opt=ALL, include_in_schema=False)
async def one_pool(request: AnyRequest, actor: Actor, code: str) -> Response[str]:
    """One pool: what it covers, its agreement versions and its years."""
    return await _pool(request, actor, code, None)


async def _agreement(
    request: AnyRequest, actor: Actor, key: str, posted: Posted | None
) -> Response[str]:
    code, _, version = key.partition("/")
    found = await agreement_records.read(actor, code, version)
    changes = await agreement_records.difference(actor, code, version, "")
    return page(
        request,
        "pools/agreement.html",
        posted.status if posted else 200,
        agreement=found,
        in_words=told,
        changes=changes,
        forms=offered(AGREEMENT_STEPS, found.status, actor, posted),
        steps=AGREEMENT_STEPS,
        posted=posted,
        history=histories(found.history, labels_of(AGREEMENT)),
        tones=TONES,
    )


@get(POOLS + "/{code:str}/agreements/{version:str}", opt=INSIDERS, include_in_schema=False)
async def one_agreement(
    request: AnyRequest, actor: Actor, code: str, version: str
) -> Response[str]:
    """A version of an agreement: clauses in words, worked cases, difference, vote."""
    return await _agreement(request, actor, f"{code}/{version}", None)


@get(CONSENTS, opt=INSIDERS, include_in_schema=False)
async def consent_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Requests for consent: one's own to answer first, or all."""
    query = request.query_params
    mine = query.get("show", "mine" if actor.has(*INSURER) else "all") == "mine"
    found = await consent_records.requests(
        actor,
        status=query.get("status") or None,
        matter=query.get("matter") or None,
        mine=mine,
        cursor=query.get("after") or None,
    )
    return page(
        request,
        "pools/consents.html",
        found=found,
        mine=mine,
        query=query,
        matters=ConsentMatter.choices(),
        statuses=[(code, names[0]) for code, names in CONSENT.states.items()],
        tones=TONES,
    )


async def _consent(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await consent_records.request(actor, number)
    forms = offered(CONSENT_STEPS, found.status, actor, posted)
    if all(party.served_at for party in found.parties):
        forms.pop("serve", None)
    return page(
        request,
        "pools/consent.html",
        posted.status if posted else 200,
        consent=found,
        forms=forms,
        steps=CONSENT_STEPS,
        posted=posted,
        history=histories(found.history, labels_of(CONSENT)),
        tones=TONES,
    )


@get(CONSENTS + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_consent(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One request: the rule, who was served, who answered, what is missing."""
    return await _consent(request, actor, number, None)


ROUTES = [
    pool_list,
    found_pool,
    one_pool,
    one_agreement,
    consent_list,
    one_consent,
    *step_routes(POOLS, "code", "pool", POOL_STEPS, _pool),
    *step_routes(
        POOLS + "/{code:str}/agreements", "version", "agreement", AGREEMENT_STEPS, _agreement
    ),
    *step_routes(CONSENTS, "number", "consent", CONSENT_STEPS, _consent),
]
