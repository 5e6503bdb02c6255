"""What all JSON routes share: problem+json, paging, idempotency, request id, ETag.

Errors follow RFC 9457: `type` is a stable URN made from the code, `errors` holds every finding with
field, rule, remedy and both languages.
"""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from service.kernel.errors import DomainError, Refused, Stale, TooLarge, Unavailable
from service.kernel.findings import Finding, Text, blocker, display, register
from service.kernel.ledger.texts import is_told, tell

PROBLEM = "application/problem+json"
PAGE_MAX = 200
PAGE_DEFAULT = 20
TITLES: dict[int, tuple[str, str]] = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录", "Not logged in"),
    403: ("无权操作", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持的方法", "Method not allowed"),
    409: ("与现状冲突", "Conflict"),
    412: ("版本已变", "Precondition failed"),
    413: ("内容过大", "Too large"),
    414: ("地址过长", "Address too long"),
    415: ("类型不支持", "Unsupported media type"),
    422: ("检查未通过", "Checks failed"),
    428: ("缺少版本条件", "Precondition required"),
    429: ("尝试过多", "Too many tries"),
    500: ("系统出错", "Internal error"),
    503: ("暂不可用", "Unavailable"),
}


def problem_body(status: int, findings: tuple[Finding, ...], request_id: str) -> dict[str, Any]:
    """The RFC 9457 document of a set of findings."""
    zh, en = TITLES.get(status, TITLES[400])
    code = findings[0].code if findings else f"http.{status}"
    return {
        "type": f"urn:eastlake:problem:{code}",
        "title": zh,
        "title_en": en,
        "status": status,
        "code": code,
        "detail": "；".join(f.text("zh") for f in findings) or zh,
        "detail_en": "; ".join(f.text("en") for f in findings) or en,
        "instance": f"urn:eastlake:request:{request_id}",
        "errors": [f.as_dict() for f in findings],
    }


_PYDANTIC = {
    "missing": "form.missing",
    "extra_forbidden": "form.unknown_field",
    "control_characters": "form.control_characters",
    "string_too_long": "form.too_long",
    "too_long": "form.too_many",
    "too_short": "form.too_few",
    "string_too_short": "form.too_short",
    "enum": "form.not_a_choice",
    "literal_error": "form.not_a_choice",
}
_JSON_NAMES = {
    "model": "object",
    "int": "integer",
    "int_from_float": "integer",
    "bool": "true / false",
}
_DATE_ERRORS = ("date_", "datetime_")
_UNITS = ("_fen", "_ppm", "_units")
_WHOLE = re.compile(r"-?[0-9]{1,40}")
_RANGE_ERRORS = {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}


def form_finding(error: Mapping[str, Any]) -> Finding:
    """One pydantic error as a finding with field, rule and remedy."""
    field = ".".join(str(part) for part in error.get("loc", ())) or "body"
    kind, context = str(error["type"]), error.get("ctx", {})
    value = str(error.get("input", ""))
    if kind in ("too_long", "too_short") and isinstance(error.get("input"), str):
        kind = f"string_{kind}"  # how pydantic says it of a text with validators of its own
    if kind in _RANGE_ERRORS:
        return blocker(
            "form.beyond", field, value=value, relation=_relation(kind), bound=_bound(context)
        )
    if kind.startswith(_DATE_ERRORS):
        return blocker("form.not_a_date", field, value=value)
    code = _PYDANTIC.get(kind)
    if code == "form.too_long":
        return blocker(code, field, actual=len(value), limit=context["max_length"])
    if code in ("form.too_many", "form.too_few"):
        limit = context.get("max_length", context.get("min_length"))
        return blocker(code, field, actual=context.get("actual_length", 0), limit=limit)
    if code == "form.too_short":
        if not value.strip():
            return blocker("form.missing", field)
        return blocker(code, field, actual=len(value), limit=context["min_length"])
    if code == "form.not_a_choice":
        choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return blocker(code, field, value=value, choices=choices)
    if code is not None:
        return blocker(code, field)
    kind = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_attributes")
    return blocker("form.type", field, expected=_JSON_NAMES.get(kind, kind))


def typed_finding(error: Mapping[str, Any]) -> Finding:
    """As `form_finding`, for people who type amounts in yuan and rates in percent."""
    finding = form_finding(error)
    name = finding.field.rpartition(".")[2]
    if finding.code != "form.beyond" or not name.endswith(_UNITS):
        return finding
    numbers = {n: str(finding.params[n]) for n in ("value", "bound")}
    shown = {n: display(name, int(v)) for n, v in numbers.items() if _WHOLE.fullmatch(v)}
    return replace(finding, params={**finding.params, **shown})


def _relation(kind: str) -> str:
    return {
        "greater_than_equal": "≥",
        "less_than_equal": "≤",
        "greater_than": ">",
        "less_than": "<",
    }[kind]


def _bound(context: Mapping[str, Any]) -> str:
    return str(next((context[k] for k in ("ge", "le", "gt", "lt") if k in context), ""))


def as_domain_error(error: Exception) -> DomainError | None:
    """The domain error behind an exception of the framework; None for a fault of ours."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, ValidationException):
        cause = error.__cause__
        details = getattr(cause, "errors", None)
        if isinstance(details, list):
            return Refused([form_finding(detail) for detail in details])
        return Refused(_framework_findings(error))
    if isinstance(error, MethodNotAllowedException):
        return Refused([blocker("http.method_not_allowed")], status=405)
    if isinstance(error, NotFoundException):
        return Refused([blocker("http.no_such_page")], status=404)
    if isinstance(error, HTTPException) and error.status_code == 413:
        return TooLarge("form.body_too_large", field="body")
    if isinstance(error, HTTPException) and error.status_code < 500:
        return Refused([blocker("http.refused", detail=error.detail)], status=error.status_code)
    if isinstance(error, asyncpg.CharacterNotInRepertoireError):
        return Refused([blocker("form.not_text")])
    if isinstance(error, asyncpg.DataError) and "out of int" in str(error):
        return Refused([blocker("form.number_too_large")])
    if isinstance(error, asyncpg.LockNotAvailableError):
        return Unavailable("unavailable.busy")
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return Unavailable("unavailable.crowded")
    if is_database_away(error):
        return Unavailable()
    return _told_by_the_database(error)


def _told_by_the_database(error: Exception) -> DomainError | None:
    """A refusal of the database's own guards that came at the end of the work, unforeseen."""
    if not is_told(error):
        return None
    try:
        tell(error)
    except DomainError as told:
        return told


def is_database_away(error: BaseException) -> bool:
    """Whether the database server was cut off, is starting or does not answer."""
    if isinstance(error, asyncpg.InterfaceError):
        return "connection" in str(error) and "closed" in str(error)
    if isinstance(error, FileNotFoundError):
        return error.filename is None  # a socket that is not there; of a file it has the name
    return isinstance(error, _DATABASE_AWAY)


_DATABASE_AWAY = (
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


_MISSING = re.compile(r"Missing required \w+ parameter '([^']+)'")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got")


def _framework_findings(error: ValidationException) -> list[Finding]:
    """What the framework says about query, headers and body, one finding for each value."""
    missing = _MISSING.search(error.detail)
    if missing:
        return [blocker("form.missing", missing[1])]
    extra = error.extra if isinstance(error.extra, list) else []
    found = [_framework_finding(str(e.get("key", "")), str(e.get("message", ""))) for e in extra]
    return found or [blocker("form.invalid", "request", detail=error.detail)]


def _framework_finding(field: str, message: str) -> Finding:
    if field == "data" and message == "'data'":
        return blocker("form.no_body", "body")
    expected = _EXPECTED.match(message)
    if expected:
        return blocker("form.type", field, expected=expected[1].removesuffix(" | null"))
    if "date" in message:
        return blocker("form.invalid_date", field)
    return blocker("form.invalid", field, detail=message)


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any exception as problem+json; a fault of ours tells nothing but the request id."""
    request_id = request.scope["state"].get("request_id", "")
    known = as_domain_error(error)
    if known is None:
        body = problem_body(500, (blocker("http.fault", request_id=request_id),), request_id)
        return Response(body, status_code=500, media_type=PROBLEM)
    headers = {"WWW-Authenticate": "Bearer"} if known.status == 401 else {}
    if known.status == 429:
        headers["Retry-After"] = str(known.findings[0].params["seconds"])
    if known.status == 405 and isinstance(error, HTTPException):
        headers |= dict(error.headers or {})
    if known.status == 503:
        headers["Retry-After"] = "5"
    body = problem_body(known.status, known.findings, request_id)
    return Response(body, status_code=known.status, media_type=PROBLEM, headers=headers)


def etag(revision: int) -> str:
    """The entity tag of a record's revision."""
    return f'"r{revision}"'


def expected_revision(if_match: str | None) -> int | None:
    """The revision an If-Match header names; None for `*`. A missing header is refused (428)."""
    if if_match is None or not if_match.strip():
        raise Refused([blocker("conflict.if_match_missing", "If-Match")], status=428)
    text = if_match.strip()
    if text == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"r(\d{1,9})"', text)
    if not found:
        raise Stale("conflict.stale", field="If-Match")
    return int(found[1])


def encode_cursor(values: list[Any]) -> str:
    """An opaque keyset cursor made from the sort key of the last row."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(text: str | None, types: tuple[type, ...]) -> list[Any] | None:
    """The values of a cursor, None without one; anything we did not make is refused."""
    if not text:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        values = msgspec.json.decode(base64.urlsafe_b64decode(padded.encode("ascii")))
        fits = isinstance(values, list) and len(values) == len(types)
        if fits and all(type(v) is t for v, t in zip(values, types, strict=True)):
            return list(values)
    except ValueError:
        pass
    raise Refused([blocker("form.invalid_cursor", "cursor")])


def page_size(limit: int | None) -> int:
    """How many rows a page has: 1 to 200, 20 unless told."""
    if limit is None:
        return PAGE_DEFAULT
    if not 1 <= limit <= PAGE_MAX:
        raise Refused(
            [blocker("form.out_of_range", "limit", value=limit, minimum=1, maximum=PAGE_MAX)]
        )
    return limit


Language = Literal["zh", "en"]

register(
    {
        "unavailable.busy": Text(
            "其他人正在办理同一记录，等待超时；本次操作没有执行",
            "Others are working on the same record and the wait was too long; nothing was done",
            "请稍候几秒再试",
            "Try again in a few seconds",
        ),
        "unavailable.crowded": Text(
            "数据库的连接已用满；本次操作没有执行",
            "All connections of the database are taken; nothing was done",
            "请稍候几秒再试；如经常出现，请告知管理员",
            "Try again in a few seconds; tell the administrator if it keeps happening",
        ),
        "form.beyond": Text(
            "“{field}”的值 {value} 应 {relation} {bound}",
            "{value} in “{field}” must be {relation} {bound}",
            "请填写范围内的值",
            "Give a value within the bound",
        ),
        "form.too_many": Text(
            "“{field}”有 {actual} 项，最多 {limit} 项",
            "“{field}” has {actual} items; at most {limit} are allowed",
            "请减少项数",
            "Give fewer items",
        ),
        "form.too_few": Text(
            "“{field}”只有 {actual} 项，至少 {limit} 项",
            "“{field}” has {actual} items; at least {limit} are needed",
            "请补充",
            "Give more items",
        ),
        "form.too_short": Text(
            "“{field}”只有 {actual} 个字符，至少 {limit} 个",
            "“{field}” has {actual} characters; at least {limit} are needed",
            "请补充内容",
            "Write more",
        ),
        "form.invalid": Text(
            "“{field}”不符合要求：{detail}",
            "“{field}” is not valid: {detail}",
            "请按接口文档填写",
            "See the documentation of the route",
        ),
        "form.invalid_date": Text(
            "“{field}”不是日期",
            "“{field}” is not a date",
            "请按 年-月-日 填写，例如 2025-06-07",
            "Write year-month-day, for example 2025-06-07",
        ),
        "form.invalid_cursor": Text(
            "翻页位置无效",
            "The cursor is not one that this service gave out",
            "请从第一页重新翻起，原样使用返回的 next 值",
            "Start from the first page and use the returned `next` unchanged",
        ),
        "conflict.if_match_missing": Text(
            "修改资料须在 If-Match 中注明所依据的版本",
            "A change needs If-Match with the version it is based on",
            "先读取资料，把返回的 ETag 放进 If-Match",
            "Read the record first and send its ETag as If-Match",
        ),
        "http.method_not_allowed": Text(
            "此地址不支持这种方法",
            "This address does not take this method",
            "请查看接口文档中的方法",
            "See the documentation for the methods of this address",
        ),
        "http.no_such_page": Text(
            "没有这个地址",
            "There is nothing at this address",
            "请核对网址",
            "Check the address",
        ),
        "http.refused": Text(
            "请求被拒绝：{detail}",
            "The request was refused: {detail}",
            "请按接口文档修改请求",
            "Change the request as the documentation says",
        ),
        "http.fault": Text(
            "系统内部出错，已记录（编号 {request_id}）",
            "Internal error, logged as {request_id}",
            "请稍后重试；如仍出错，请把编号告知管理员",
            "Try again later; if it stays, tell the administrator this number",
        ),
    }
)
