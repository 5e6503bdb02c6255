"""The enterprise's insured objects (标的): facts, catalogue row, sales, papers used again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post

from catalogue.enrolment_forms import ContractForm, ObjectDocumentForm, ObjectForm
from catalogue.enrolments import editions, objects, records
from catalogue.products import documents
from catalogue.products.documents import SIZE_MAX_BYTES
from catalogue.rules.subsidy.nouns import COUNTED_KINDS, FIRST_KINDS, SubjectKind
from service.auth import Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import Conflict, DomainError, NotFound, Refused, Stale
from service.web import firm_views as views
from service.web.firm_views import CONTRACT_LABELS, OBJECT_LABELS
from service.web.forms import Form, read_form
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of

AnyRequest = Request[Any, Any, Any]
FIRM = allow(Role.ENTERPRISE)
UPLOAD_MAX_BYTES = SIZE_MAX_BYTES + 1_048_576
HOME = "/firm/objects"


@get(HOME, opt=FIRM, include_in_schema=False)
async def object_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """The firm's objects, newest first."""
    query = request.query_params
    q, kind = (query.get(name) or None for name in ("q", "kind"))
    found = await records.object_page(actor, q, kind, turn_of(query), None)
    return page(
        request,
        "firm/objects.html",
        views=views,
        found=found,
        query=query,
        filtered=bool(q or kind or turn_of(query)),
        selects=[views.select(query, "kind", "类别", SubjectKind.choices())],
        exports=report_links("objects", q=q, kind=kind),
    )


@get(f"{HOME}/new", opt=FIRM, include_in_schema=False)
async def new(
    request: AnyRequest, kind: str = "", item: str = "", q: str = "", plain: bool = False
) -> Response[str]:
    """Choose the kind, then the row of the catalogue, then write."""
    if kind not in [code for code, _ in SubjectKind.choices()]:
        return page(request, "firm/object_kind.html", kinds=SubjectKind.choices())
    if kind in COUNTED_KINDS and not item and not plain:
        rows = await editions.find_items(kind, today(), q or None)
        return page(request, "firm/object_item.html", views=views, kind=kind, rows=rows, q=q)
    edition, _, number = item.partition("|")
    row = await _row_of(edition, number)
    values: dict[str, Any] = {"kind": kind, "edition": edition, "item": number}
    if row is not None:
        values["name"] = row["name"]
        values["parameters"] = [
            {"name": p["name"], "value": "", "unit": p["unit"]} for p in row["parameters"]
        ]
    form: Form[Any] = Form(ObjectForm, OBJECT_LABELS, values)
    return await _edit_page(request, form, None)


@post(f"{HOME}/new", opt=FIRM, include_in_schema=False)
async def create(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Register an object."""
    form: Form[ObjectForm] = await read_form(request, ObjectForm, OBJECT_LABELS)
    data = None if form.rearranged else form.parse()
    if data is not None:
        try:
            state = await objects.create_object(actor, data)
        except Refused as error:
            form.add(error.findings)
        else:
            said = "标的已登记，请补充销售合同和材料"
            return redirect(request, f"{HOME}/{state.number}", said)
    return await _edit_page(request, form, None, 422 if form.findings else 200)


@get(HOME + "/{number:str}/edit", opt=FIRM, include_in_schema=False)
async def edit(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """The facts of an object as a form."""
    record = await records.object_record(actor, number)
    item = record.pop("catalogue") or {}
    values = {**record, "edition": item.get("edition", ""), "item": item.get("number", "")}
    form: Form[Any] = Form.of(values, ObjectForm, OBJECT_LABELS)
    return await _edit_page(request, form, record)


@post(HOME + "/{number:str}/edit", opt=FIRM, include_in_schema=False)
async def save(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Replace the facts of an object."""
    record = await records.object_record(actor, number)
    form: Form[ObjectForm] = await read_form(request, ObjectForm, OBJECT_LABELS)
    data = None if form.rearranged else form.parse()
    if data is not None:
        revision = views.whole((await request.form()).get("_revision"))
        try:
            await objects.change_object(actor, number, data, revision)
            return redirect(request, f"{HOME}/{number}", "标的信息已保存")
        except (Conflict, Refused, Stale) as error:
            form.add(error.findings)
    return await _edit_page(request, form, record, 422 if form.findings else 200)


async def _edit_page(
    request: AnyRequest, form: Form[Any], record: dict[str, Any] | None, status: int = 200
) -> Response[str]:
    return page(
        request,
        "firm/object_edit.html",
        status,
        views=views,
        form=form,
        record=record,
        kind=form.value("kind"),
        item=await _row_of(form.value("edition"), form.value("item")),
    )


async def _row_of(edition: str, number: str) -> dict[str, Any] | None:
    """The row of the catalogue with what it asks for."""
    if not edition:
        return None
    try:
        found = await editions.one_edition(edition)
    except NotFound:
        return None
    return next((row for row in found["rows"] if row["number"] == number), None)


@get(HOME + "/{number:str}", opt=FIRM, include_in_schema=False)
async def one(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One object with its catalogue row, sales, papers and enrolments."""
    return await _object_page(request, actor, number)


async def _object_page(
    request: AnyRequest,
    actor: Actor,
    number: str,
    form: Form[Any] | None = None,
    upload: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    record = await records.object_record(actor, number)
    try:
        match = await objects.match_of(actor, number, None)
    except NotFound:
        match = None
    return page(
        request,
        "firm/object.html",
        status,
        views=views,
        record=record,
        match=match,
        first=record["kind"] in FIRST_KINDS,
        form=form or Form(ContractForm, CONTRACT_LABELS),
        upload=upload or Form(ObjectDocumentForm, views.UPLOAD_LABELS),
    )


@get(HOME + "/{number:str}/contracts/{contract:int}", opt=FIRM, include_in_schema=False)
async def edit_contract(
    request: AnyRequest, actor: Actor, number: str, contract: int
) -> Response[str]:
    """One sale as a form."""
    record = await records.object_record(actor, number)
    stored = next((k for k in record["contracts"] if k["id"] == contract), None)
    if stored is None:
        raise NotFound("合同", "Contract", contract)
    form: Form[Any] = Form.of(stored, ContractForm, CONTRACT_LABELS)
    return page(
        request, "firm/contract.html", views=views, record=record, contract=contract, form=form
    )


@post(HOME + "/{number:str}/contracts", opt=FIRM, include_in_schema=False)
async def add_contract(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Record a sale of the object."""
    form: Form[ContractForm] = await read_form(request, ContractForm, CONTRACT_LABELS)
    data = form.parse()
    if data is not None:
        try:
            state = await objects.add_contract(actor, number, data)
        except (Conflict, Refused) as error:
            form.add(error.findings)
        else:
            return _saved(request, number, state.findings)
    return await _object_page(request, actor, number, form=form, status=422)


@post(HOME + "/{number:str}/contracts/{contract:int}", opt=FIRM, include_in_schema=False)
async def save_contract(
    request: AnyRequest, actor: Actor, number: str, contract: int
) -> Response[Any]:
    """Change a sale, or fill in delivery and acceptance later."""
    record = await records.object_record(actor, number)
    form: Form[ContractForm] = await read_form(request, ContractForm, CONTRACT_LABELS)
    data = form.parse()
    if data is not None:
        try:
            state = await objects.change_contract(actor, number, contract, data, None)
        except (Conflict, Refused) as error:
            form.add(error.findings)
        else:
            return _saved(request, number, state.findings)
    return page(
        request, "firm/contract.html", 422, views=views, record=record, contract=contract, form=form
    )


def _saved(request: AnyRequest, number: str, warnings: list[dict[str, Any]]) -> Response[Any]:
    said = "；".join(str(finding["message_zh"]) for finding in warnings)
    words = f"合同已保存。请留意：{said}" if said else "合同已保存"
    return redirect(request, f"{HOME}/{number}#contracts", words, "warn" if said else "good")


@post(
    HOME + "/{number:str}/documents",
    opt=FIRM,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def attach(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Upload a paper once; every enrolment and application of the object uses it."""
    form: Form[ObjectDocumentForm] = await read_form(
        request, ObjectDocumentForm, views.UPLOAD_LABELS
    )
    await take_upload(form, actor)
    data = None if form.findings else form.parse()
    if data is not None:
        try:
            await objects.attach(actor, number, data)
            return redirect(request, f"{HOME}/{number}#papers", "材料已上传")
        except (Conflict, Refused) as error:
            form.add(error.findings)
    return await _object_page(request, actor, number, upload=form, status=422)


async def take_upload(form: Form[Any], actor: Actor) -> None:
    """Keep the file of a form and put its key at ``document``; a refusal stands beside it."""
    file = form.files.get("file")
    if file is None:
        return
    try:
        content = await file.read(SIZE_MAX_BYTES + 1)
        stored = await documents.store(actor, file.filename, "other", content)
    except DomainError as error:
        form.add(replace(finding, field="document") for finding in error.findings)
        return
    form.values["document"] = str(stored.id)


ROUTES = [
    object_list,
    new,
    create,
    edit,
    save,
    one,
    edit_contract,
    add_contract,
    save_contract,
    attach,
]
