"""Users (用户): list, creation, change, password, switching off and on."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from service import people
from service.auth import ROLE_NAMES, ROLES_BY_KIND, Actor, Role, allow, keyless
from service.kernel.errors import DomainError
from service.people.shapes import UserRecord
from service.people_forms import PasswordForm, UserChange, UserForm
from service.web.forms import Form, read_form
from service.web.pages.admin import (
    READERS,
    STATE_CHOICES,
    state_of,
    taken_revision,
    text_of,
    turn_of,
)
from service.web.product_views import report_links
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]

MANAGERS = allow(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER)
LABELS = {
    "login": "用户名",
    "name": "姓名",
    "organisation": "所属机构",
    "roles": "角色",
    "password": "初始密码",
    "active": "是否启用",
}
ORGANISATIONS_OFFERED = 200


def role_choices(kind: str) -> list[tuple[str, str]]:
    """The roles that users of a kind of organisation may hold."""
    return [(r.value, ROLE_NAMES[r]) for r in Role if r in ROLES_BY_KIND.get(kind, frozenset())]


@get("/admin/users", opt=READERS, include_in_schema=False)
async def user_list(request: AnyRequest, actor: Actor) -> Response[Any]:
    wanted_role = text_of(request, "role")
    role = Role(wanted_role) if wanted_role in set(Role) else None
    filters = (text_of(request, "q"), text_of(request, "organisation"), role, state_of(request))
    found = await people.list_users(actor, *filters, turn_of(request))
    return page(
        request,
        "admin/users.html",
        found=found,
        filters=filters,
        roles=[(r.value, ROLE_NAMES[r]) for r in Role],
        states=STATE_CHOICES,
        exports=report_links(
            "users",
            **{name: text_of(request, name) for name in ("q", "organisation", "role", "active")},
        ),
        may_write=actor.has(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER),
    )


@get("/admin/users/new", opt=MANAGERS, include_in_schema=False)
async def new_user(request: AnyRequest, actor: Actor) -> Response[str]:
    uscc = text_of(request, "organisation")
    if uscc is None and not actor.has(Role.COMMITTEE_ADMIN):
        uscc = (await people.whoami(actor)).organisation
    form: Form[UserForm] = Form(UserForm, LABELS, {"organisation": uscc or ""})
    return await _new(request, actor, form)


async def _new(
    request: AnyRequest, actor: Actor, form: Form[UserForm], status: int = 200
) -> Response[str]:
    """The form for one organisation, or the choice of an organisation before it."""
    uscc = form.value("organisation")
    if not uscc:
        turn = people.Turn(limit=ORGANISATIONS_OFFERED)
        offered = await people.list_organisations(actor, active=True, turn=turn)
        choices = [(o.uscc, o.name) for o in offered.items if ROLES_BY_KIND[o.kind]]
        return page(request, "admin/user_where.html", status, form=form, choices=choices)
    organisation = await people.get_organisation(actor, uscc)
    return page(
        request,
        "admin/user_new.html",
        status,
        form=form,
        organisation=organisation,
        roles=role_choices(organisation.kind),
    )


@post("/admin/users/new", opt=MANAGERS | keyless(), include_in_schema=False)
async def create_user(request: AnyRequest, actor: Actor) -> Response[Any]:
    form = await read_form(request, UserForm, LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            made = await people.create_user(actor, data)
            message = "用户已创建，请将用户名和初始密码当面或以安全方式告知本人"
            return redirect(request, f"/admin/users/{made.login}", message)
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    return await _new(request, actor, form, status)


@get("/admin/users/{login:str}", opt=READERS, include_in_schema=False)
async def user_page(request: AnyRequest, login: str, actor: Actor) -> Response[str]:
    return await _show(request, actor, login)


async def _show(
    request: AnyRequest,
    actor: Actor,
    login: str,
    form: Form[Any] | None = None,
    password: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    record = await people.get_user(actor, login)
    return page(
        request,
        "admin/user.html",
        status,
        record=record,
        form=form or _filled(record),
        password=password or Form(PasswordForm, {"password": "新密码"}),
        roles=role_choices(record.organisation_kind),
        own=record.login == actor.login,
        may_write=actor.has(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER),
    )


def _filled(record: UserRecord) -> Form[UserChange]:
    names = (*UserChange.model_fields, "revision")
    return Form(UserChange, LABELS, {name: getattr(record, name) for name in names})


@post("/admin/users/{login:str}", opt=MANAGERS, include_in_schema=False)
async def change_user(request: AnyRequest, login: str, actor: Actor) -> Response[Any]:
    form = await read_form(request, UserChange, LABELS)
    revision = taken_revision(form)
    data, status = form.parse(), 422
    if data is not None:
        try:
            await people.change_user(actor, login, data, revision)
            return redirect(request, f"/admin/users/{login}", "用户资料已保存")
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    form.values["revision"] = revision
    return await _show(request, actor, login, form=form, status=status)


@post("/admin/users/{login:str}/standing", opt=MANAGERS, include_in_schema=False)
async def change_standing(request: AnyRequest, login: str, actor: Actor) -> Response[Any]:
    """Switch a user off (asks first) or on again."""
    posted = await read_form(request)
    record = await people.get_user(actor, login)
    wanted = posted.value("active") == "1"
    if not wanted and not posted.value("confirmed"):
        return page(request, "admin/user_off.html", record=record)
    form, status = _filled(record), 422
    change = UserChange(name=record.name, roles=[Role(r) for r in record.roles], active=wanted)
    try:
        await people.change_user(actor, login, change, record.revision)
    except DomainError as error:
        form.add(error.findings)
        status = error.status
        return await _show(request, actor, login, form=form, status=status)
    word = "已恢复启用" if wanted else "已停用，不能再登录"
    return redirect(request, f"/admin/users/{login}", f"{record.name}{word}")


@post("/admin/users/{login:str}/password", opt=MANAGERS | keyless(), include_in_schema=False)
async def set_password(request: AnyRequest, login: str, actor: Actor) -> Response[Any]:
    form = await read_form(request, PasswordForm, {"password": "新密码"})
    data, status = form.parse(), 422
    if data is not None:
        try:
            await people.set_password(actor, login, data)
            message = "密码已重置，该用户的登录状态已全部退出"
            return redirect(request, f"/admin/users/{login}", message)
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    return await _show(request, actor, login, password=form, status=status)


ROUTES = [
    user_list,
    new_user,
    create_user,
    user_page,
    change_user,
    change_standing,
    set_password,
]
