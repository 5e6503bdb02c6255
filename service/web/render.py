"""Turns a template and its values into an answer: page, redirect with a message, error page.

Templates are rendered at once, inside the handler, so a mistake in a template is an ordinary error.
Macros are imported without context; what they need of the request (check code, address) comes from
the globals defined here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.middleware.csrf import generate_csrf_token
from litestar.template.base import csrf_token
from litestar.utils.scope.state import ScopeState

from service.api import TITLES, as_domain_error
from service.auth import PUBLIC, ROLE_NAMES, Actor
from service.config import settings
from service.kernel.calendar import now
from service.kernel.findings import blocker
from service.web import assets, differences, formats
from service.web.forms import Form, input_id, input_name
from service.web.navigation import navigation_for

TEMPLATE_FOLDER = Path(__file__).parent / "templates"
FLASH_COOKIE = "eastlake_flash"
FLASH_SECONDS = 60
SITE = {
    "name": "东湖科技保险登记系统",
    "short": "科技保险登记",
    "owner": "武汉东湖科技保险创新示范区",
    "basis": "武政办〔2025〕67号",
}
AnyRequest = Request[Any, Any, Any]

_request: ContextVar[AnyRequest | None] = ContextVar("eastlake_page_request", default=None)
_process_key = secrets.token_bytes(32)


@cache
def environment() -> Environment:
    """The one Jinja environment: autoescape on, an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    env.filters.update(formats.FILTERS)
    env.globals.update(
        site=SITE,
        role_names={role.value: name for role, name in ROLE_NAMES.items()},
        asset=assets.asset_url,
        csrf_value=_csrf_value,
        url_with=url_with,
        query_pairs=query_pairs,
        input_id=input_id,
        input_name=input_name,
        empty_form=Form,
        text_parts=differences.text_parts,
    )
    return env


def render(request: AnyRequest, template: str | Template, **context: Any) -> str:
    """Return the HTML of a template; adds actor, nav, flash, path and now."""
    actor = actor_of(request)
    shared = {
        "actor": actor,
        "nav": navigation_for(actor, request.url.path),
        "flash": _read_flash(request),
        "path": request.url.path,
        "now": now(),
    }
    token = _request.set(request)
    try:
        return environment().get_template(template).render(**{**shared, **context})
    finally:
        _request.reset(token)


def page(
    request: AnyRequest, template: str | Template, status: int = 200, **context: Any
) -> Response[str]:
    """Answer with a page. A flash message waiting in the cookie is shown once and dropped."""
    answer = Response(
        render(request, template, **context),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Cache-Control": "no-store" if actor_of(request).user_id else "no-cache"},
    )
    if FLASH_COOKIE in request.cookies:
        answer.delete_cookie(FLASH_COOKIE)
    return answer


def redirect(
    request: AnyRequest, path: str, message: str = "", tone: str = "good"
) -> Response[str]:
    """Send the browser on after a POST (303), with a message for the next page.

    ``path`` must be an address of this console; ``tone`` is good, warn, bad or info.
    """
    if safe_path(path) != path:
        raise ValueError(f"not a path of this console: {path!r}")
    cookies = [_flash_cookie(request, message, tone)] if message else []
    location = quote(path, safe="/?#&=%+,:;@!$'()*~")
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(
        "", status_code=303, media_type=MediaType.HTML, headers=headers, cookies=cookies
    )


def safe_path(path: str | None, default: str = "/") -> str:
    """Return a path of this site unchanged, anything else (another host, scheme) as the default."""
    plain = path or ""
    if not plain.startswith("/") or plain[1:2] in ("/", "\\") or not plain.isprintable():
        return default
    return plain


def svg(drawing: bytes) -> Response[bytes]:
    """Answer with a chart; its own policy lets the style sheet inside the drawing apply."""
    return Response(
        drawing,
        media_type="image/svg+xml",
        headers={
            "Content-Security-Policy": assets.CHART_SECURITY_POLICY,
            "Cache-Control": "no-cache",
        },
    )


def negotiate(path: str) -> str:
    """Return ``json`` below /api, else ``html``: who answers an error for that path."""
    return "json" if path == "/api" or path.startswith("/api/") else "html"


def error_page(request: AnyRequest, error: Exception) -> Response[Any]:
    """Any exception as a Chinese page; a fault of ours tells nothing but the request id.

    A page that needs a log-in sends the browser to the log-in page, which comes back here.
    """
    known = as_domain_error(error)
    if known is not None and known.status == 401 and request.method == "GET":
        query = urlencode({"next": _own_address(request)})
        return redirect(request, f"/login?{query}", "登录后继续", "info")
    request_id = str(_state(request).get("request_id", ""))
    status = known.status if known else 500
    findings = known.findings if known else (blocker("http.fault", request_id=request_id),)
    lost_csrf = isinstance(error, HTTPException) and "CSRF" in str(error.detail)
    if lost_csrf:
        findings = (blocker("auth.csrf"),)
    form: Form[Any] = Form()
    form.add(findings)
    minted = None if lost_csrf else _mint_check_code(request)
    answer = page(
        request,
        "error.html",
        status,
        title=TITLES.get(status, TITLES[400])[0],
        status_code=status,
        form=form,
        request_id=request_id,
    )
    if lost_csrf and request.app.csrf_config is not None:
        answer.delete_cookie(request.app.csrf_config.cookie_name)
    if minted is not None:
        answer.set_cookie(minted)
    return answer


def _mint_check_code(request: AnyRequest) -> Cookie | None:
    """A check code to log out with, where a page was refused before the framework made one."""
    config, actor = request.app.csrf_config, _state(request).get("actor")
    if config is None or actor is None or actor.user_id is None or _csrf_value_of(request):
        return None
    code = generate_csrf_token(secret=config.secret)
    ScopeState.from_scope(request.scope).csrf_token = code
    return Cookie(
        key=config.cookie_name,
        value=code,
        path=config.cookie_path,
        secure=config.cookie_secure,
        httponly=config.cookie_httponly,
        samesite=config.cookie_samesite,
    )


def actor_of(request: AnyRequest) -> Actor:
    """The actor put there by the middleware; the public where it did not run (unknown address)."""
    actor = _state(request).get("actor", PUBLIC)
    return actor if isinstance(actor, Actor) else PUBLIC


def url_with(**changes: object) -> str:
    """Return the present address with changed query values; None takes one out.

    A changed filter or order starts at the first page, so ``after`` and ``before`` drop out unless
    they are given.
    """
    kept = [(k, v) for k, v in query_pairs() if k not in {*changes, "after", "before"}]
    new = [(key, str(value)) for key, value in changes.items() if value not in (None, "")]
    request = _request.get()
    path = request.url.path if request else ""
    query = urlencode([*kept, *new])
    return f"{path}?{query}" if query else path


def turn_of(query: Mapping[str, str]) -> str | None:
    """The cursor of the page of a list that is asked for, whichever way it is turned."""
    return query.get("after") or query.get("before") or None


def query_pairs() -> list[tuple[str, str]]:
    """The query of the present address, in order."""
    request = _request.get()
    return [(k, str(v)) for k, v in request.query_params.multi_items()] if request else []


def _state(request: AnyRequest) -> dict[str, Any]:
    return request.scope.get("state") or {}


def _own_address(request: AnyRequest) -> str:
    query = request.url.query
    return safe_path(request.url.path + (f"?{query}" if query else ""))


def _csrf_value() -> str:
    request = _request.get()
    return "" if request is None else _csrf_value_of(request)


def _csrf_value_of(request: AnyRequest) -> str:
    config = request.app.csrf_config
    stored = request.cookies.get(config.cookie_name, "") if config else ""
    return csrf_token({"request": request}) or stored


def _flash_key(request: AnyRequest) -> bytes:
    config = request.app.csrf_config
    return b"flash:" + config.secret.encode() if config else _process_key


def _flash_cookie(request: AnyRequest, message: str, tone: str) -> Cookie:
    body = base64.urlsafe_b64encode(json.dumps([tone, message[:300]]).encode()).decode()
    mark = hmac.new(_flash_key(request), body.encode(), hashlib.sha256).hexdigest()[:32]
    return Cookie(
        key=FLASH_COOKIE,
        value=f"{body}.{mark}",
        max_age=FLASH_SECONDS,
        httponly=True,
        secure=settings().secure_cookies,
        samesite="lax",
    )


def _read_flash(request: AnyRequest) -> dict[str, str] | None:
    body, _, mark = request.cookies.get(FLASH_COOKIE, "").rpartition(".")
    wanted = hmac.new(_flash_key(request), body.encode(), hashlib.sha256).hexdigest()[:32]
    if not body or not hmac.compare_digest(mark.encode(), wanted.encode()):
        return None
    try:
        tone, message = json.loads(base64.urlsafe_b64decode(body))
    except ValueError:
        return None
    return {"tone": str(tone), "message": str(message)}
