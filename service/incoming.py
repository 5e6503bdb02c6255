"""What comes in is read strictly: addresses without control characters, JSON that says one thing.

The framework takes any content type for JSON, keeps the last of two equal names, and fails on deep
nesting and on bytes that are not UTF-8; each of these is a clear refusal here.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.serialization import decode_json
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.types.empty import Empty

from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register

ADDRESS_MAX_BYTES = 240
"""Longer than any address of ours, shorter than what a file system takes as one name."""
QUERY_MAX_BYTES = 8192


class _SaidTwice(Exception):
    """A name that stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _SaidTwice(next(name for name in names if names.count(name) > 1))


_UNAMBIGUOUS = json.JSONDecoder(object_pairs_hook=_once)


def read_json(body: bytes) -> Any:
    """The value of a JSON body; Refused (400) unless it is UTF-8, well formed and unambiguous."""
    try:
        value = decode_json(body)
        _UNAMBIGUOUS.decode(body.decode())
    except _SaidTwice as error:
        found = blocker("form.said_twice", str(error))
    except RecursionError:
        found = blocker("form.malformed_json", "body", detail="too many levels")
    except UnicodeDecodeError:
        found = blocker("form.malformed_json", "body", detail="not UTF-8")
    except Exception as error:  # whatever the decoder says, it is about the body
        found = blocker("form.malformed_json", "body", detail=str(error)[:200])
    else:
        return value
    raise Refused([found], status=400)


class StrictRequest(Request[Any, Any, Any]):
    """The request of every route; its JSON is `application/json` read by `read_json`."""

    async def json(self) -> Any:
        """The JSON body, read once; Refused with 415 for another content type."""
        if self._json is Empty:
            kind, _ = self.content_type
            if kind != "application/json" and not kind.endswith("+json"):
                told = blocker("http.not_json", "Content-Type", value=kind or "(none)")
                raise Refused([told], status=415)
            self._json = read_json(await self.body())
        return self._json


def any_query() -> dict[str, Any]:
    """Added to `opt=` of a route of the API that reads its query itself."""
    return {"any_query": True}


class CleanAddress:
    """ASGI middleware: refuses addresses that name nothing: too long, or with control characters.

    A NUL would fail in the database, a name that is too long in the file system. Of the API also
    those with a query parameter that the route does not have: a misspelt filter must not answer
    with the whole list.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._names: dict[Any, frozenset[str] | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if not path.isprintable() or b"%00" in scope["query_string"]:
            raise Refused([blocker("http.address_characters", "address")], status=400)
        if len(path) > ADDRESS_MAX_BYTES // 4 and len(path.encode()) > ADDRESS_MAX_BYTES:
            raise Refused(
                [blocker("http.address_too_long", "address", limit=ADDRESS_MAX_BYTES)], status=414
            )
        if len(scope["query_string"]) > QUERY_MAX_BYTES:
            raise Refused(
                [blocker("http.address_too_long", "query", limit=QUERY_MAX_BYTES)], status=414
            )
        if scope["query_string"] and path.startswith("/api/v1/"):
            self._check_names(scope)
        await self.app(scope, receive, send)

    def _check_names(self, scope: Scope) -> None:
        handler = scope.get("route_handler")
        if handler not in self._names:
            self._names[handler] = _query_names(handler, scope)
        known = self._names[handler]
        if known is None:
            return
        pairs = parse_qsl(scope["query_string"].decode("latin1"), keep_blank_values=True)
        strange = sorted({name for name, _ in pairs} - known)
        if strange:
            choices = sorted(known)
            found = [blocker("http.unknown_query", name[:60], known=choices) for name in strange]
            raise Refused(found[:20], status=400)


def _query_names(handler: Any, scope: Scope) -> frozenset[str] | None:
    """Names of the query parameters of a route; None for one that reads its query itself."""
    if handler is None or handler.opt.get("any_query"):
        return None
    model = handler.create_kwargs_model(path_parameters=dict(scope["path_params"]))
    return frozenset(p.field_alias for p in model.expected_query_params)


register(
    {
        "form.said_twice": Text(
            "“{field}”在同一个对象中出现了两次",
            "“{field}” stands twice in one object",
            "每个字段只写一次",
            "Give each field once",
            "RFC 8259 §4",
        ),
        "form.no_body": Text(
            "请求没有内容",
            "The request has no body",
            "请提交 JSON；没有要填的内容时提交 {{}}",
            "Send JSON; send {{}} when there is nothing to say",
        ),
        "form.body_too_large": Text(
            "请求内容超过本接口的大小上限",
            "The body is larger than this route takes",
            "请压缩或拆分后再提交；文件请用上传接口，每个不超过 10 MB",
            "Make it smaller or send it in parts; upload files as documents, 10 MB each at most",
        ),
        "form.number_too_large": Text(
            "编号或数值过大，超出整数范围",
            "A number is too large to be one of ours",
            "请核对编号",
            "Check the number",
        ),
        "form.not_text": Text(
            "内容含有不能保存的字符（例如空字符）",
            "The text holds characters that cannot be stored, such as NUL",
            "请删除后重新输入",
            "Remove them and type the text again",
        ),
        "http.not_json": Text(
            "内容类型“{value}”不是 JSON",
            "Content type “{value}” is not JSON",
            "请以 Content-Type: application/json 提交",
            "Send it with Content-Type: application/json",
        ),
        "http.unknown_query": Text(
            "没有查询条件“{field}”",
            "There is no query parameter “{field}”",
            "可用的查询条件：{known}",
            "This route takes: {known}",
        ),
        "http.address_characters": Text(
            "地址中含有不可见的控制字符",
            "The address holds control characters",
            "请核对网址",
            "Check the address",
        ),
        "http.address_too_long": Text(
            "地址过长，超过 {limit} 字节",
            "The address is longer than {limit} bytes",
            "请核对网址，缩短查询条件",
            "Check the address and shorten the query",
        ),
    }
)
