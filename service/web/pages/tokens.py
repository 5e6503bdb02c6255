"""The own account (我的账号): password and API tokens."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from service import auth, people
from service.auth import EVERYBODY, Actor, NewToken, allow, keyless
from service.kernel.calendar import now
from service.kernel.errors import DomainError, NotFound
from service.people_forms import OwnPasswordForm, TokenForm
from service.web.forms import Form, read_form
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]

OWN = allow(*EVERYBODY)
PASSWORD_LABELS = {"old_password": "现用密码", "new_password": "新密码"}
TOKEN_LABELS = {"name": "用途", "scopes": "权限", "days": "有效天数"}
SCOPE_CHOICES = [("read", "读取"), ("write", "写入（代您办理）")]
SCOPE_NAMES = {"read": "读取", "write": "写入"}


@get("/account", opt=OWN, include_in_schema=False)
async def account(request: AnyRequest, actor: Actor) -> Response[str]:
    return await _show(request, actor)


async def _show(
    request: AnyRequest,
    actor: Actor,
    password: Form[Any] | None = None,
    token: Form[Any] | None = None,
    made: NewToken | None = None,
    status: int = 200,
) -> Response[str]:
    first = {"days": 90, "scopes": ["read"]}
    return page(
        request,
        "admin/account.html",
        status,
        me=await people.whoami(actor),
        tokens=await auth.tokens_of(actor),
        password=password or Form(OwnPasswordForm, PASSWORD_LABELS),
        form=token or Form(TokenForm, TOKEN_LABELS, first),
        made=made,
        moment=now(),
        scopes=SCOPE_CHOICES,
        scope_names=SCOPE_NAMES,
    )


@post("/account/password", opt=OWN | keyless(), include_in_schema=False)
async def change_password(request: AnyRequest, actor: Actor) -> Response[Any]:
    form = await read_form(request, OwnPasswordForm, PASSWORD_LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            await people.change_own_password(actor, data)
            return redirect(request, "/account", "密码已修改，其他设备上的登录已退出")
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    return await _show(request, actor, password=form, status=status)


@post("/account/tokens", opt=OWN | keyless(), include_in_schema=False)
async def make_token(request: AnyRequest, actor: Actor) -> Response[str]:
    """Make a token and show it, this once."""
    form = await read_form(request, TokenForm, TOKEN_LABELS)
    for name in ("login", "password"):
        form.values.pop(name, None)
    data, status = form.parse(), 422
    if data is not None:
        try:
            made = await auth.make_token(actor, data.name, data.scopes, data.days)
            return await _show(request, actor, made=made)
        except DomainError as error:
            form.add(error.findings)
            status = error.status
    return await _show(request, actor, token=form, status=status)


@post("/account/tokens/{token_id:int}/revocation", opt=OWN, include_in_schema=False)
async def revoke_token(request: AnyRequest, token_id: int, actor: Actor) -> Response[Any]:
    """Ask, then revoke for good."""
    posted = await read_form(request)
    if posted.value("confirmed"):
        await auth.revoke_token(actor, token_id)
        return redirect(request, "/account", "令牌已撤销，立即失效")
    own = await auth.tokens_of(actor)
    found = next((t for t in own if t["id"] == token_id and t["revoked_at"] is None), None)
    if found is None:
        raise NotFound("令牌", "token", token_id)
    return page(request, "admin/token_off.html", token=found)


ROUTES = [account, change_password, make_token, revoke_token]
