"""From a cookie or a bearer token to the Actor of a request.

Cookies count on console pages only, bearer tokens below /api only, so a foreign page can never act
through a logged-in browser.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Scope, Send

from service.auth.actors import Actor, check_route
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row
from service.kernel.errors import Unauthenticated

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
    table="api_token", extra="c.scopes, c.last_used_at,", where="AND c.revoked_at IS NULL"
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
    moment = now()
    row = await sql_row(_BY_TOKEN, digest(token), moment)
    actor = actor_of_row(row, "token", request_id, address)
    if row is not None and actor is not None and (
        row["last_used_at"] is None or moment - row["last_used_at"] > timedelta(minutes=1)
    ):
        await sql(
            "UPDATE api_token SET last_used_at = $2 WHERE id = $1", actor.credential_id, moment
        )
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
            actor = await self._find(scope, request_id, address)
            state["actor"] = actor = actor or Actor(request_id=request_id, address=address)
            check_route(actor, scope["method"], scope["route_handler"])
        await self.app(scope, receive, send)

    @staticmethod
    async def _find(scope: Any, request_id: str, address: str) -> Actor | None:
        if scope["path"].startswith("/api/"):
            given = next((v for k, v in scope["headers"] if k == b"authorization"), b"")
            if not given:
                return None
            header = given.decode("latin1")
            kind, _, token = header.partition(" ")
            actor = None
            if kind.lower() == "bearer":
                actor = await actor_of_token(token.strip(), request_id, address)
            if actor is None:
                raise Unauthenticated("auth.token_expired")
            return actor
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        cookie = connection.cookies.get(COOKIE)
        return await actor_of_session(cookie, request_id, address) if cookie else None
