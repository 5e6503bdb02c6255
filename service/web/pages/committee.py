"""The committee's lists: the work list by step with its clocks, and all products."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get

from catalogue.products import shelf, types
from catalogue.products.queue import QueuePage, QueueStep, queue
from catalogue.products.shelf import ShelfQuery
from catalogue.rules.nouns import RiskKind, Stage
from service.auth import COMMITTEE, Actor, Role, allow
from service.web import product_views as views
from service.web.render import page

AnyRequest = Request[Any, Any, Any]

READERS = allow(*COMMITTEE, Role.AUDITOR)
STEP_TONES = {
    "submitted": "info",
    "accepted": "info",
    "reviewing": "info",
    "recommended": "wait",
    "returned": "neutral",
}


def list_query(request: AnyRequest, **fixed: Any) -> ShelfQuery:
    """Read the filters of a list that turns both ways."""
    before = request.query_params.get("before") or None
    return views.shelf_query(request.query_params, before=before, both_ways=True, **fixed)


async def filters(query: ShelfQuery) -> list[dict[str, Any]]:
    """The filters that work list and product list share."""
    kinds = [(kind["code"], kind["name"]) for kind in await types.list_types()]
    insurers = [(row["uscc"], row["short_name"]) for row in await shelf.filers()]
    return [
        {"name": "insurer", "label": "保险公司", "options": insurers, "value": query.insurer},
        {"name": "type", "label": "产品类型", "options": kinds, "value": query.type},
        {"name": "stage", "label": "环节", "options": Stage.choices(), "value": query.stage},
        {
            "name": "risk_kind",
            "label": "风险类别",
            "options": RiskKind.choices(),
            "value": query.risk_kind,
        },
    ]


@get("/committee/queue", opt=READERS, include_in_schema=False)
async def queue_list(request: AnyRequest) -> Response[Any]:
    step = request.query_params.get("step") or ""
    query = list_query(request)
    found = await queue(query, step)
    return page(
        request,
        "committee/queue.html",
        found=found,
        tabs=_tabs(found, step),
        step=step,
        query=query,
        selects=await filters(query),
        narrowed=views.is_filtered(query),
        tones=STEP_TONES,
        exports=views.exports("queue", replace(query, status=step)),
    )


def _tabs(found: QueuePage, step: str) -> list[tuple[str, str, bool, int | None]]:
    everything = ("全部", "/committee/queue", not step, sum(found.counts.values()))
    return [
        everything,
        *(
            (zh, f"/committee/queue?step={code}", step == code, found.counts.get(code, 0))
            for code, zh in QueueStep.choices()
        ),
    ]


@get("/committee/products", opt=READERS, include_in_schema=False)
async def product_list(request: AnyRequest, actor: Actor) -> Response[Any]:
    query = list_query(request)
    found = shelf.decoded(await shelf.desk_page(actor, query))
    status = {
        "name": "status",
        "label": "状态",
        "options": views.DESK_STATUSES,
        "value": query.status,
    }
    return page(
        request,
        "committee/products.html",
        found=found,
        query=query,
        selects=[status, *await filters(query)],
        narrowed=views.is_filtered(query),
        views=views,
        exports=views.exports("products", query),
    )


ROUTES = [queue_list, product_list]
