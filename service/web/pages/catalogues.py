"""Editions of the promotion catalogues (推广应用指导目录) and their rows, without log-in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from catalogue.enrolments import editions
from catalogue.rules.subsidy.nouns import FIRST_KINDS, SubjectKind
from service.auth import anyone
from service.kernel.calendar import today
from service.web import product_views as views
from service.web.render import page

AnyRequest = Request[Any, Any, Any]
NO_LOG_IN = anyone()
KINDS = [(code, zh) for code, zh in SubjectKind.choices() if code in FIRST_KINDS]


@get("/catalogues", opt=NO_LOG_IN, include_in_schema=False)
async def edition_list(request: AnyRequest, kind: str = "", q: str = "") -> Response[str]:
    """All editions of the three catalogues, the newest of each first."""
    chosen = kind if kind in FIRST_KINDS else ""
    found = [
        edition
        for edition in await editions.list_editions(chosen or None)
        if q.strip() in edition["title"] or q.strip() in edition["code"]
    ]
    selects = [{"name": "kind", "label": "类别", "options": KINDS, "value": chosen}]
    return page(
        request,
        "catalogues/list.html",
        found=found,
        q=q,
        selects=selects,
        filtered=bool(chosen or q.strip()),
        kinds=SubjectKind,
        today=today(),
        exports=views.report_links("catalogue-items", kind=chosen or None),
    )


@get("/catalogues/{edition:str}", opt=NO_LOG_IN, include_in_schema=False)
async def one_edition(
    request: AnyRequest, edition: str, q: str = "", after: str | None = None
) -> Response[str]:
    """One edition with its rows and what each of them asks for."""
    head = await editions.edition_head(edition)
    return page(
        request,
        "catalogues/edition.html",
        edition=head,
        found=await editions.item_page(edition, None, q.strip() or None, after),
        q=q,
        kinds=SubjectKind,
        exports=views.report_links("catalogue-items", edition=edition, q=q.strip() or None),
    )


ROUTES = [edition_list, one_edition]
