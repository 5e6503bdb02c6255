"""Drafting: choose a product type, write, attach, check, submit. One form for new and returned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from litestar import Request, Response, get, post

from catalogue.forms import DraftForm, NoteForm, ProductForm
from catalogue.products import desk, drafts, filing, types
from catalogue.products.documents import SIZE_MAX_BYTES
from catalogue.rules.nouns import Stage
from service.auth import INSURER, Actor, allow
from service.kernel.errors import Conflict, Refused, Stale
from service.kernel.findings import Finding
from service.web import product_form, product_views
from service.web.forms import Form
from service.web.product_form import LABELS, Asked
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
INSURERS = allow(*INSURER)
UPLOAD_MAX_BYTES = SIZE_MAX_BYTES + 1_048_576


@get("/insurer/products/new", opt=INSURERS, include_in_schema=False)
async def new(
    request: AnyRequest, actor: Actor, type: str | None = None, q: str | None = None
) -> Response[str]:
    """Without a type the list to choose from, with one the empty form."""
    if type:
        kind = await types.one_type(type)
        return await _new_page(request, actor, kind, product_form.blank(kind))
    found = await types.list_types(q or None)
    groups = [(n, [row for row in found if row["stage"] == c]) for c, n in Stage.choices()]
    return page(
        request, "insurer/choose_type.html", views=product_views, q=q, groups=groups, found=found
    )


@post(
    "/insurer/products/new",
    opt=INSURERS,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def create(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Register the product as a draft; then check or submit it if that was asked."""
    form, asked = await product_form.read_draft(request, actor, ProductForm)
    kind = await types.one_type(form.value("type_code"))
    data = None if form.rearranged or form.findings else form.parse()
    if data is None:
        return await _new_page(request, actor, kind, form, asked.note)
    try:
        state = await drafts.create_product(actor, data)
    except Refused as error:
        form.add(error.findings)
        return await _new_page(request, actor, kind, form, asked.note)
    return await _after_saving(request, actor, state.number, asked)


@get("/insurer/products/{number:str}/draft", opt=INSURERS, include_in_schema=False)
async def edit(
    request: AnyRequest, actor: Actor, number: str, check: bool = False
) -> Response[Any]:
    """The open draft; with ``check`` what submission would say stands beside the fields."""
    file = await desk.desk_record(actor, number)
    if not file.editable:
        return redirect(request, _home(number), "当前版本不能修改；在库产品请先新建版本", "warn")
    found = await filing.filing_findings(actor, number) if check else []
    form = _stored(file, found)
    return await _edit_page(request, actor, file, form, Opened(checked=check))


@post(
    "/insurer/products/{number:str}/draft",
    opt=INSURERS,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def save(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Save what was typed; on any error the page comes back with it."""
    form, asked = await product_form.read_draft(request, actor, DraftForm)
    file = await desk.desk_record(actor, number)
    opened = Opened(asked.revision, note=asked.note)
    data = None if form.rearranged or form.findings else form.parse()
    if data is None:
        return await _edit_page(request, actor, file, form, opened)
    try:
        await drafts.change_draft(actor, number, data, asked.base)
    except (Refused, Stale, Conflict) as error:
        form.add(error.findings)
        stale = isinstance(error, Stale)
        return await _edit_page(
            request, actor, file, form, replace(opened, stale=stale), error.status
        )
    return await _after_saving(request, actor, number, asked)


@post("/insurer/products/{number:str}/submission", opt=INSURERS, include_in_schema=False)
async def submit(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Submit the draft as it is stored."""
    return await _submit(request, actor, number)


async def _after_saving(
    request: AnyRequest, actor: Actor, number: str, asked: Asked
) -> Response[Any]:
    if asked.action == "submit":
        return await _submit(request, actor, number, asked.note)
    draft = f"{_home(number)}/draft"
    if asked.action == "check":
        return redirect(request, f"{draft}?check=1", "草稿已保存，检查结果见下")
    if asked.action == "upload":
        return redirect(request, f"{draft}#f-documents", "材料已上传，草稿已保存")
    return redirect(request, draft, "草稿已保存")


async def _submit(request: AnyRequest, actor: Actor, number: str, note: str = "") -> Response[Any]:
    said: Form[NoteForm] = Form(NoteForm, LABELS, {"note": note})
    data = said.parse()
    try:
        if data is None:
            raise Refused(said.findings)
        await filing.submit(actor, number, data)
    except Refused as error:
        file = await desk.desk_record(actor, number)
        if not file.editable:
            return redirect(request, _home(number), error.findings[0].text("zh"), "bad")
        form = _stored(file, error.findings)
        opened = Opened(checked=True, refused=True, note=note)
        return await _edit_page(request, actor, file, form, opened, error.status)
    except Conflict as error:
        return redirect(request, _home(number), error.findings[0].text("zh"), "bad")
    return redirect(request, _home(number), "已提交示范区管委会，等待受理")


@dataclass(frozen=True, slots=True)
class Opened:
    """How the form is being shown: the revision it was made from, what has happened to it."""

    revision: int | None = None
    stale: bool = False
    checked: bool = False
    refused: bool = False
    note: str = ""


def _home(number: str) -> str:
    return f"/insurer/products/{number}"


def _stored(file: desk.DeskRecord, found: list[Finding] | tuple[Finding, ...]) -> Form[Any]:
    form: Form[Any] = Form.of(drafts.draft_of(file.record), DraftForm, LABELS)
    form.add(found)
    return form


async def _edit_page(
    request: AnyRequest,
    actor: Actor,
    file: desk.DeskRecord,
    form: Form[Any],
    opened: Opened,
    status: int = 200,
) -> Response[str]:
    kind = await types.one_type(file.record["type"]["code"])
    return page(
        request,
        "insurer/draft.html",
        422 if form.findings and status == 200 and not opened.checked else status,
        views=product_views,
        form=form,
        kind=kind,
        file=file,
        opened=opened,
        action=f"{_home(file.record['number'])}/draft",
        revision=opened.revision or file.record["revision"],
        options=await product_form.choices(kind, form),
        attached=await product_form.attached(actor, form),
    )


async def _new_page(
    request: AnyRequest, actor: Actor, kind: dict[str, Any], form: Form[Any], note: str = ""
) -> Response[str]:
    return page(
        request,
        "insurer/draft.html",
        422 if form.findings else 200,
        views=product_views,
        form=form,
        kind=kind,
        file=None,
        opened=Opened(note=note),
        action="/insurer/products/new",
        revision="",
        options=await product_form.choices(kind, form),
        attached=await product_form.attached(actor, form),
    )


ROUTES = [new, create, edit, save, submit]
