"""What everybody may see without log-in: the shelf, one product, product types, documents."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from catalogue.api.products import document_response
from catalogue.books import filing_book
from catalogue.products import documents, figures, records, shelf, types
from catalogue.rules.nouns import RiskKind, Stage
from catalogue.rules.workflows import FILING, SHELF
from service.auth import Actor, anyone
from service.kernel.calendar import today
from service.web import product_views as views
from service.web.render import page

AnyRequest = Request[Any, Any, Any]
NO_LOG_IN = anyone()


@get("/", opt=NO_LOG_IN, include_in_schema=False)
async def landing(request: AnyRequest) -> Response[str]:
    """The shelf (产品货架) under the headline figures."""
    query = views.shelf_query(request.query_params, status=None)
    found = shelf.decoded(await shelf.shelf_page(query))
    return page(
        request,
        "public/shelf.html",
        views=views,
        query=query,
        filtered=views.is_filtered(query),
        found=found,
        selects=await views.shelf_selects(query),
        figures=await figures.count(),
    )


@get("/products/{number:str}", opt=NO_LOG_IN, include_in_schema=False)
async def product(request: AnyRequest, number: str) -> Response[str]:
    """One product of the shelf, made to be printed too."""
    record = msgspec.json.decode(await records.public_record(number))
    book = await filing_book(today())
    return page(
        request,
        "public/product.html",
        views=views,
        record=record,
        notice=book.rules.notice_text,
        standing_day=today(),
    )


@get("/types", opt=NO_LOG_IN, include_in_schema=False)
async def type_list(
    request: AnyRequest,
    q: str | None = None,
    stage: str | None = None,
    risk_kind: str | None = None,
) -> Response[str]:
    """The product types (产品类型), by stage."""
    found = await types.list_types(q or None, stage or None, risk_kind or None)
    selects = [
        {"name": "stage", "label": "环节", "options": Stage.choices(), "value": stage},
        {
            "name": "risk_kind",
            "label": "风险类别",
            "options": RiskKind.choices(),
            "value": risk_kind,
        },
    ]
    groups = [
        (code, name, [row for row in found if row["stage"] == code])
        for code, name in Stage.choices()
    ]
    return page(
        request, "public/types.html", views=views, q=q, selects=selects, found=found, groups=groups
    )


@get("/types/{code:str}", opt=NO_LOG_IN, include_in_schema=False)
async def one_type(request: AnyRequest, code: str) -> Response[str]:
    """One product type with its source and the products of it on the shelf."""
    kind = await types.one_type(code)
    query = views.shelf_query({"after": request.query_params.get("after")}, type=code)
    found = shelf.decoded(await shelf.shelf_page(query))
    return page(request, "public/type.html", views=views, kind=kind, found=found, query=query)


@get("/about", opt=NO_LOG_IN, include_in_schema=False)
async def about(request: AnyRequest) -> Response[str]:
    """What this is, what it rests on, what it counts and how a filing goes."""
    return page(
        request,
        "public/about.html",
        views=views,
        figures=await figures.count(),
        rules=(await filing_book(today())).rules,
        filing=FILING,
        standing=SHELF,
    )


@get("/documents/{document_id:int}", opt=NO_LOG_IN, include_in_schema=False)
async def download(document_id: int, actor: Actor) -> Response[bytes]:
    """A document: public ones for all, others for their owner, the committee and the auditor."""
    return document_response(await documents.fetch(actor, document_id))


ROUTES = [landing, product, type_list, one_type, about, download]
