"""API tokens: hashed, scoped, expiring, revocable; the secret is shown once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.auth.actors import Actor
from service.auth.identify import digest
from service.auth.passwords import check_password
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import Forbidden, NotFound, Refused, Unauthenticated
from service.kernel.findings import Text, blocker, register
from service.kernel.tables import ApiToken

TOKEN_PREFIX = "elt_"
TOKEN_DAYS_MAX = 365


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: `token` is shown this once and never again."""

    id: int
    token: str
    name: str
    scopes: list[str]
    expires_at: datetime


async def make_token(actor: Actor, name: str, scopes: Iterable[str], days: int) -> NewToken:
    """Make an API token for the actor, with scopes out of read and write, for 1 to 365 days."""
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= {"read", "write"}:
        raise Refused(
            [
                blocker(
                    "form.not_a_choice",
                    "scopes",
                    value="、".join(wanted),
                    choices=["read", "write"],
                )
            ]
        )
    if not 1 <= days <= TOKEN_DAYS_MAX:
        raise Refused(
            [blocker("form.out_of_range", "days", value=days, minimum=1, maximum=TOKEN_DAYS_MAX)]
        )
    token, moment = TOKEN_PREFIX + secrets.token_urlsafe(32), now()
    async with work():
        token_id: int = await sql_value(
            'INSERT INTO api_token (token_hash, hint, "user", name, scopes, created_at, expires_at)'
            " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            digest(token),
            token[:10],
            actor.user_id,
            name,
            wanted,
            moment,
            moment + timedelta(days=days),
        )
        await journal.record(actor, "token", str(token_id), "make", facts={"scopes": wanted})
    return NewToken(token_id, token, name, wanted, moment + timedelta(days=days))


async def request_token(
    actor: Actor, login: str, password: str, name: str, scopes: Iterable[str], days: int
) -> NewToken:
    """A token for a log-in and password, or for the caller itself when both are empty.

    A token cannot make one that reaches beyond itself in scope or time, so that a stolen token
    ends when it is due to end. Raises Unauthenticated, TooMany, Refused.
    """
    if login or password:
        who = await check_password(login, password, actor.address)
        who = replace(who, via="password", request_id=actor.request_id)
        return await make_token(who, name, scopes, days)
    if actor.user_id is None:
        raise Unauthenticated("auth.required")
    if actor.via == "token":
        wanted = set(scopes)
        ends = await sql_value(
            "SELECT expires_at FROM api_token WHERE id = $1", actor.credential_id
        )
        if not wanted <= actor.scopes or now() + timedelta(days=days) > ends:
            raise Forbidden("auth.token_beyond")
    return await make_token(actor, name, scopes, days)


async def tokens_of(actor: Actor) -> list[dict[str, Any]]:
    """The actor's own tokens, newest first; never the token itself."""
    return await (
        ApiToken.select(
            ApiToken.id,
            ApiToken.hint,
            ApiToken.name,
            ApiToken.scopes,
            ApiToken.created_at,
            ApiToken.expires_at,
            ApiToken.revoked_at,
            ApiToken.last_used_at,
        )
        .where(ApiToken.user == actor.user_id)
        .order_by(ApiToken.id, ascending=False)
    )


async def revoke_token(actor: Actor, token_id: int) -> None:
    """Revoke one of the actor's own tokens, at once and for good."""
    async with work():
        row = await sql_row(
            'UPDATE api_token SET revoked_at = $3 WHERE id = $1 AND "user" = $2'
            " AND revoked_at IS NULL RETURNING id",
            token_id,
            actor.user_id,
            now(),
        )
        if row is None:
            raise NotFound("令牌", "token", token_id)
        await journal.record(actor, "token", str(token_id), "revoke")


register(
    {
        "auth.token_beyond": Text(
            "新令牌的权限或期限超出当前令牌",
            "The new token would reach beyond the present one in scope or time",
            "请用用户名和口令申请，或缩小权限与期限",
            "Ask with log-in and password, or for a smaller scope and a shorter time",
        ),
    }
)
