"""The shell around every answer: request id, security headers, metrics and one log line.

One ASGI layer for all of it, since each layer costs every request; the framework's own middleware
would not do, as it does not run for unknown addresses and refused check codes.
"""

from __future__ import annotations

import re
import secrets
import time
from itertools import count
from typing import Any

from litestar.middleware.compression import CompressionMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.telemetry import note_answer
from service.web.assets import CONTENT_SECURITY_POLICY

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,40}$")
_POLICY = (b"content-security-policy", CONTENT_SECURITY_POLICY.encode())
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class Compression(CompressionMiddleware):
    """The framework's compression; a request that accepts none passes straight through."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"accept-encoding" for name, _ in scope["headers"]):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


_PROCESS = secrets.token_hex(5)
_serial = count(1)


def _request_id(scope: Any) -> str:
    """A sane X-Request-ID as given, else one of our own: this process and a serial number."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin1")
            if REQUEST_ID.match(given):
                return given
    return f"{_PROCESS}{next(_serial):06x}"


class Shell:
    """ASGI layer around the application. HEAD is answered as GET, without the body (RFC 9110)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        heading = scope["method"] == "HEAD"
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                headers = [*given, *_HEADERS, (b"x-request-id", request_id.encode())]
                if not any(name.lower() == b"content-security-policy" for name, _ in given):
                    headers.append(_POLICY)
                message["headers"] = headers
            elif heading and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            if heading:
                scope["method"] = "GET"
            await self.app(scope, receive, dressed)
        finally:
            if heading:
                scope["method"] = "HEAD"
            note_answer(scope, status, time.perf_counter() - started)
