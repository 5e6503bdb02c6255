"""Organisations (机构): list, registration, change, certificates, switching off and on."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from service import people
from service.auth import ROLES_BY_KIND, Actor, Role, allow
from service.kernel.errors import DomainError
from service.people.shapes import OrganisationRecord
from service.people_forms import (
    KIND_NAMES,
    CertificateForm,
    Kind,
    OrganisationChange,
    OrganisationForm,
)
from service.web.forms import Form, read_form
from service.web.product_views import report_links
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]

ADMIN = allow(Role.COMMITTEE_ADMIN)
READERS = allow(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER, Role.AUDITOR)
LABELS = {
    "uscc": "统一社会信用代码",
    "kind": "机构类别",
    "name": "机构名称",
    "short_name": "简称",
    "legal_root": "法人机构的统一社会信用代码",
    "district": "所在区",
    "licence_number": "保险许可证号",
    "contact": "联系方式",
    "active": "是否启用",
}
CERTIFICATE_LABELS = {
    "kind": "证书种类",
    "number": "证书编号",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
}
KIND_CHOICES = [(kind.value, KIND_NAMES[kind.value]) for kind in Kind]
STATE_CHOICES = [("1", "启用"), ("0", "停用")]


def turn_of(request: AnyRequest) -> people.Turn:
    """Which page of a list is wanted."""
    params = request.query_params
    return people.Turn(params.get("after") or None, before=params.get("before") or None)


def state_of(request: AnyRequest) -> bool | None:
    """The filter by in use or switched off."""
    return {"1": True, "0": False}.get(request.query_params.get("active", ""))


def text_of(request: AnyRequest, name: str) -> str | None:
    """A filter as typed, None when empty."""
    return (request.query_params.get(name) or "").strip() or None


@get("/admin/organisations", opt=READERS, include_in_schema=False)
async def organisation_list(request: AnyRequest, actor: Actor) -> Response[Any]:
    wanted_kind = text_of(request, "kind")
    kind = Kind(wanted_kind) if wanted_kind in set(Kind) else None
    filters = (text_of(request, "q"), kind, text_of(request, "district"), state_of(request))
    found = await people.list_organisations(actor, *filters, turn_of(request))
    return page(
        request,
        "admin/organisations.html",
        found=found,
        filters=filters,
        kinds=KIND_CHOICES,
        kind_names=KIND_NAMES,
        states=STATE_CHOICES,
        exports=report_links(
            "organisations",
            **{name: text_of(request, name) for name in ("q", "kind", "district", "active")},
        ),
        may_write=actor.has(Role.COMMITTEE_ADMIN),
    )


@get("/admin/organisations/new", opt=ADMIN, include_in_schema=False)
async def new_organisation(request: AnyRequest) -> Response[str]:
    form: Form[OrganisationForm] = Form(OrganisationForm, LABELS)
    return page(request, "admin/organisation_new.html", form=form, kinds=KIND_CHOICES)


@post("/admin/organisations/new", opt=ADMIN, include_in_schema=False)
async def create_organisation(request: AnyRequest, actor: Actor) -> Response[Any]:
    form = await read_form(request, OrganisationForm, LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            made = await people.create_organisation(actor, data)
            return redirect(request, f"/admin/organisations/{made.uscc}", "机构已登记")
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    return page(request, "admin/organisation_new.html", status, form=form, kinds=KIND_CHOICES)


@get("/admin/organisations/{uscc:str}", opt=READERS, include_in_schema=False)
async def organisation_page(request: AnyRequest, uscc: str, actor: Actor) -> Response[str]:
    return await _show(request, actor, uscc)


async def _show(
    request: AnyRequest,
    actor: Actor,
    uscc: str,
    form: Form[Any] | None = None,
    certificate: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    record = await people.get_organisation(actor, uscc)
    users = await people.list_users(actor, organisation=record.uscc)
    return page(
        request,
        "admin/organisation.html",
        status,
        record=record,
        users=users,
        form=form or _filled(record),
        certificate=certificate or Form(CertificateForm, CERTIFICATE_LABELS),
        kind_names=KIND_NAMES,
        may_write=actor.has(Role.COMMITTEE_ADMIN),
        may_add_user=bool(ROLES_BY_KIND[record.kind])
        and actor.has(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER),
    )


def _filled(record: OrganisationRecord) -> Form[OrganisationChange]:
    names = (*OrganisationChange.model_fields, "revision")
    values = {name: getattr(record, name) for name in names}
    if record.legal_root == record.uscc:
        values["legal_root"] = ""
    return Form(OrganisationChange, LABELS, values)


def taken_revision(form: Form[Any]) -> int | None:
    """Take the revision a form was made from out of its values; None: whatever is there."""
    text = str(form.values.pop("revision", ""))
    return int(text) if text.isdigit() and len(text) < 10 else None


@post("/admin/organisations/{uscc:str}", opt=ADMIN, include_in_schema=False)
async def change_organisation(request: AnyRequest, uscc: str, actor: Actor) -> Response[Any]:
    form = await read_form(request, OrganisationChange, LABELS)
    revision = taken_revision(form)
    data, status = form.parse(), 422
    if data is not None:
        try:
            await people.change_organisation(actor, uscc, data, revision)
            return redirect(request, f"/admin/organisations/{uscc}", "机构资料已保存")
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    form.values["revision"] = revision
    return await _show(request, actor, uscc, form=form, status=status)


@post("/admin/organisations/{uscc:str}/standing", opt=ADMIN, include_in_schema=False)
async def change_standing(request: AnyRequest, uscc: str, actor: Actor) -> Response[Any]:
    """Switch an organisation off (asks first) or on again."""
    posted = await read_form(request)
    record = await people.get_organisation(actor, uscc)
    wanted = posted.value("active") == "1"
    if not wanted and not posted.value("confirmed"):
        return page(request, "admin/organisation_off.html", record=record)
    form = _filled(record)
    names = [name for name in OrganisationChange.model_fields if name != "active"]
    change = OrganisationChange(**{n: getattr(record, n) for n in names}, active=wanted)
    try:
        await people.change_organisation(actor, uscc, change, record.revision)
    except DomainError as error:
        form.add(error.findings)
        return await _show(request, actor, uscc, form=form, status=error.status)
    word = "已恢复启用" if wanted else "已停用，其用户不能再登录"
    return redirect(request, f"/admin/organisations/{uscc}", word)


@post("/admin/organisations/{uscc:str}/certificates", opt=ADMIN, include_in_schema=False)
async def add_certificate(request: AnyRequest, uscc: str, actor: Actor) -> Response[Any]:
    form = await read_form(request, CertificateForm, CERTIFICATE_LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            await people.add_certificate(actor, uscc, data)
            return redirect(request, f"/admin/organisations/{uscc}", "证书已登记")
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    return await _show(request, actor, uscc, certificate=form, status=status)


ROUTES = [
    organisation_list,
    new_organisation,
    create_organisation,
    organisation_page,
    change_organisation,
    change_standing,
    add_certificate,
]
