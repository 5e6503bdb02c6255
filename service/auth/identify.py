"""From a cookie or a bearer token to the Actor of a request.

Cookies count on console pages only, bearer tokens below /api only, so a foreign page can never act
through a logged-in browser.
"""

from __future__ import annotations

import hashlib
from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from service.auth import known
from service.auth.actors import Actor, check_route
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row
from service.kernel.errors import DomainError, Unauthenticated, Unavailable

COOKIE = "eastlake_session"


def digest(token: str) -> bytes:
    """What is kept of a cookie or token: SHA-256, which suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


_WHO = """
SELECT c.id AS credential_id, {extra} u.id AS user_id, u.login, u.name, u.roles, u.active,
       o.id AS organisation_id, o.short_name, o.kind, o.active AS organisation_active
FROM {table} c JOIN eastlake_user u ON u.id = c."user" JOIN organisation o ON o.id = u.organisation
WHERE c.token_hash = $1 AND c.expires_at > $2 {where}
"""
_BY_COOKIE = _WHO.format(table="session", extra="", where="")
_BY_TOKEN = _WHO.format(
    table="api_token",
    extra=f"c.scopes, c.last_used_at, {known.VERSIONS} AS versions,",
    where="AND c.revoked_at IS NULL",
)


def actor_of_row(
    row: Any, via: str, request_id: str = "", address: str = ""
) -> Actor | None:
    """The actor of a joined row; None where person or organisation is switched off."""
    if row is None or not row["active"] or not row["organisation_active"]:
        return None
    return Actor(
        user_id=row["user_id"],
        login=row["login"],
        name=row["name"],
        organisation_id=row["organisation_id"],
        organisation=row["short_name"],
        organisation_kind=row["kind"],
        roles=frozenset(row["roles"]),
        via=via,
        scopes=frozenset(row["scopes"]) if via == "token" else frozenset(),
        credential_id=row["credential_id"],
        request_id=request_id,
        address=address,
    )


async def actor_of_session(token: str, request_id: str = "", address: str = "") -> Actor | None:
    """The actor of a cookie's token, None when unknown, expired or switched off."""
    row = await sql_row(_BY_COOKIE, digest(token), now())
    return actor_of_row(row, "session", request_id, address)


async def actor_of_token(token: str, request_id: str = "", address: str = "") -> Actor | None:
    """The actor of a bearer token; notes its last use once a minute."""
    moment, key = now(), digest(token)
    row = await sql_row(_BY_TOKEN, key, moment)
    actor = actor_of_row(row, "token", request_id, address)
    if row is None or actor is None:
        return None
    used_at = row["last_used_at"]
    if used_at is None or moment - used_at > known.USE_NOTED_EVERY:
        await sql(
            "UPDATE api_token SET last_used_at = $2 WHERE id = $1", actor.credential_id, moment
        )
    else:
        known.remember(key, actor, row["versions"], used_at)
    return actor


async def actor_of_login(login: str, via: str) -> Actor | None:
    """The actor of a log-in without a password: for the operator's command line only."""
    row = await sql_row(
        "SELECT u.id AS user_id, NULL::bigint AS credential_id, u.login, u.name, u.roles, u.active,"
        " o.id AS organisation_id, o.short_name, o.kind, o.active AS organisation_active"
        " FROM eastlake_user u JOIN organisation o ON o.id = u.organisation WHERE u.login = $1",
        login.strip().lower()[:60],
    )
    return actor_of_row(row, via)


class _Attempt:
    """A request carried out for a caller yet to be confirmed: its answer leaves only if he was.

    What the database could not do for the moment (503) is kept: it is told once the caller is
    looked up, and not tried, or waited for, a second time.
    """

    def __init__(self, actor: Actor, receive: Receive, send: Send) -> None:
        self.actor, self._receive, self._send = actor, receive, send
        self._received: list[Any] = []
        self.status = 0
        self.kept: list[Message] = []

    async def receive(self) -> Any:
        message = await self._receive()
        self._received.append(message)
        return message

    async def send(self, message: Message) -> None:
        if self.actor.is_confirmed:
            await self._send(message)
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
        if self.status == Unavailable.status:
            self.kept.append(message)

    async def receive_again(self) -> Any:
        """What was received, from its beginning, then what still comes."""
        return self._received.pop(0) if self._received else await self._receive()


class Identify:
    """ASGI middleware: puts the Actor of a request into `scope["state"]["actor"]`, if it may call.

    A bad bearer token is an error, not an anonymous request; a stale cookie is anonymous.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            client = scope.get("client")
            request_id, address = state.get("request_id", ""), client[0] if client else ""
            attempt = None
            actor = self._recall(scope, request_id, address)
            if actor is not None:
                attempt = await self._attempt(actor, scope, receive, send)
                if attempt is None:
                    return
                receive = attempt.receive_again
            actor = await self._find(scope, request_id, address)
            state["actor"] = actor = actor or Actor(request_id=request_id, address=address)
            check_route(actor, scope["method"], scope["route_handler"])
            if attempt is not None and attempt.kept:
                for message in attempt.kept:
                    await send(message)
                return
        await self.app(scope, receive, send)

    async def _attempt(
        self, actor: Actor, scope: Any, receive: Receive, send: Send
    ) -> _Attempt | None:
        """Carry the request out for a caller yet to be confirmed; None once it is answered."""
        attempt = _Attempt(actor, receive, send)
        scope["state"]["actor"] = actor
        await self.app(scope, attempt.receive, attempt.send)
        if actor.is_confirmed:
            return None
        del scope["state"]["actor"]
        known.forget(digest(_bearer(scope)))
        if 0 < attempt.status < 400:
            ScopeState.from_scope(scope).response_started = False
            raise RuntimeError(f"{scope['path']} was carried out and confirmed nobody")
        return attempt

    @staticmethod
    def _recall(scope: Any, request_id: str, address: str) -> Actor | None:
        """The caller of a `confirming` route if he was found before and may call it.

        Not with an Idempotency-Key: an answer that is kept was made for somebody known for certain.
        """
        handler = scope["route_handler"]
        if not handler.opt.get("confirming"):
            return None
        token = _bearer(scope)
        if not token or _header(scope, b"idempotency-key") is not None:
            return None
        actor = known.recall(digest(token), request_id, address)
        if actor is not None:
            try:
                check_route(actor, scope["method"], handler)
            except DomainError:
                return None
        return actor

    @staticmethod
    async def _find(scope: Any, request_id: str, address: str) -> Actor | None:
        if scope["path"].startswith("/api/"):
            if not _header(scope, b"authorization"):
                return None
            token = _bearer(scope)
            actor = await actor_of_token(token, request_id, address) if token else None
            if actor is None:
                raise Unauthenticated("auth.token_expired")
            return actor
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        cookie = connection.cookies.get(COOKIE)
        return await actor_of_session(cookie, request_id, address) if cookie else None


def _header(scope: Any, name: bytes) -> bytes | None:
    return next((v for k, v in scope["headers"] if k == name), None)


def _bearer(scope: Any) -> str:
    """The token of a request, "" where it shows none."""
    kind, _, token = (_header(scope, b"authorization") or b"").decode("latin1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
