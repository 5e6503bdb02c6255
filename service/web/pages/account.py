"""Log-in and log-out."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.params import Body

from service.auth import COOKIE, EVERYBODY, Actor, allow, anyone, log_in, log_out
from service.config import settings
from service.kernel.errors import DomainError
from service.web.forms import Form
from service.web.render import page, redirect, safe_path

AnyRequest = Request[Any, Any, Any]
Posted = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

LABELS = {"login": "用户名", "password": "密码"}


@get("/login", opt=anyone(), include_in_schema=False)
async def login_page(request: AnyRequest, next: str = "/") -> Response[str]:
    return page(request, "login.html", next=safe_path(next), form=Form(None, LABELS))


@post("/login", opt=anyone(), include_in_schema=False)
async def do_login(request: AnyRequest, actor: Actor, data: Posted) -> Response[Any]:
    config, target = settings(), safe_path(data.get("next"))
    login = data.get("login", "")
    try:
        _, token = await log_in(
            login, data.get("password", ""), actor.address, config.session_hours
        )
    except DomainError as error:
        form: Form[Any] = Form(None, LABELS, {"login": login})
        form.findings = list(error.findings)
        return page(request, "login.html", error.status, next=target, form=form)
    answer = redirect(request, target)
    answer.set_cookie(
        Cookie(
            key=COOKIE,
            value=token,
            max_age=config.session_hours * 3600,
            httponly=True,
            secure=config.secure_cookies,
            samesite="lax",
            path="/",
        )
    )
    return answer


@post("/logout", opt=allow(*EVERYBODY), include_in_schema=False)
async def do_logout(request: AnyRequest, actor: Actor) -> Response[Any]:
    await log_out(actor)
    answer = redirect(request, "/", "已退出登录", "info")
    answer.delete_cookie(COOKIE)
    return answer


ROUTES = [login_page, do_login, do_logout]
