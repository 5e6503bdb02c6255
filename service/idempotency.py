"""The same POST with the same `Idempotency-Key` is carried out once (law 10)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import Actor
from service.kernel.calendar import now
from service.kernel.db import sql_row, work
from service.kernel.errors import Conflict, Refused, TooLarge
from service.kernel.findings import blocker


async def _read_body(receive: Receive, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit_bytes:
            raise TooLarge("form.too_large", limit=f"{limit_bytes // 1_048_576} MB")
        chunks.append(chunk)
        if not message.get("more_body"):
            break
    return b"".join(chunks)


class Idempotency:
    """ASGI middleware: the same POST with the same `Idempotency-Key` is carried out once (law 10).

    The key row, the work of the route and the stored answer are one transaction, so an answer is
    stored exactly when the work is. Racers with one key queue on its unique index. A refused
    request leaves nothing, also no key, and may be tried again. A stored answer is given only to
    who may still call the route. Without a log-in, and on routes marked `keyless`, the key does
    not count.
    """

    BODY_MAX_BYTES = 12 * 1_048_576

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = None
        if scope["type"] == "http" and scope["method"] == "POST":
            key = next((v for k, v in scope["headers"] if k == b"idempotency-key"), None)
        if key is None or not self._counts(scope):
            await self.app(scope, receive, send)
            return
        await self._once(key.decode("latin1"), scope, receive, send)

    @staticmethod
    def _counts(scope: Any) -> bool:
        """Whether a key may be kept: not without a log-in, and not where secrets pass."""
        handler = scope.get("route_handler")
        return scope["state"]["actor"].user_id is not None and not (
            handler is not None and handler.opt.get("keyless")
        )

    async def _once(self, key: str, scope: Any, receive: Receive, send: Send) -> None:
        if not 1 <= len(key) <= 200 or not key.isprintable():
            raise Refused([blocker("form.invalid", "Idempotency-Key", detail="1–200 characters")])
        actor: Actor = scope["state"]["actor"]
        owner = f"user:{actor.user_id}"
        body = await _read_body(receive, self.BODY_MAX_BYTES)
        target = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin1')}\n"
        digest = hashlib.sha256(target.encode() + body).digest()
        messages: list[Message] = []

        async def replay() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            messages.append(message)

        try:
            async with work():
                stored = await self._claim(owner, key, digest)
                if stored is not None:
                    await self._answer(stored, send)
                    return
                await self.app(scope, replay, keep)
                if messages[0]["status"] >= 400:
                    raise _Undo
                await self._store(owner, key, messages)
        except _Undo:
            pass
        for message in messages:
            await send(message)

    @staticmethod
    async def _claim(owner: str, key: str, digest: bytes) -> Any:
        """None when the key is now ours; the stored row when it was used before."""
        fresh = await sql_row(
            "INSERT INTO idempotency_key (owner, key, request_hash, headers, money, created_at)"
            " VALUES ($1, $2, $3, '{}', true, $4) ON CONFLICT (owner, key) DO NOTHING RETURNING id",
            owner,
            key,
            digest,
            now(),
        )
        if fresh is not None:
            return None
        row = await sql_row(
            "SELECT request_hash, status_code, headers, body FROM idempotency_key"
            " WHERE owner = $1 AND key = $2",
            owner,
            key,
        )
        if row is None or row["request_hash"] != digest:
            raise Conflict("conflict.idempotency", field="Idempotency-Key")
        return row

    @staticmethod
    async def _store(owner: str, key: str, messages: list[Message]) -> None:
        start: Any = messages[0]
        names = (b"content-type", b"content-encoding", b"etag", b"location")
        headers = {
            k.decode(): v.decode("latin1") for k, v in start["headers"] if k.lower() in names
        }
        content = b"".join(m.get("body", b"") for m in messages[1:])  # type: ignore[misc]
        await sql_row(
            "UPDATE idempotency_key SET status_code = $3, headers = $4, body = $5"
            " WHERE owner = $1 AND key = $2",
            owner,
            key,
            start["status"],
            json.dumps(headers),
            content,
        )

    @staticmethod
    async def _answer(row: Any, send: Send) -> None:
        headers = [(k.encode(), v.encode("latin1")) for k, v in json.loads(row["headers"]).items()]
        headers += [
            (b"content-length", str(len(row["body"])).encode()),
            (b"idempotency-replayed", b"true"),
        ]
        await send(
            {"type": "http.response.start", "status": row["status_code"], "headers": headers}
        )
        await send({"type": "http.response.body", "body": row["body"], "more_body": False})


class _Undo(Exception):
    """Rolls the transaction of a refused request back."""
