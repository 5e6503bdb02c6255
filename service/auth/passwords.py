"""Passwords and log-in: argon2id, throttled in the database, a fresh session each time.

Sessions are our own table: a random token at each log-in, only its SHA-256 kept (STACK L3: the
library's session keeps whatever id a client brings).
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.auth.actors import Actor
from service.auth.identify import actor_of_row, digest
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import advisory_lock, sql, sql_row, sql_value, work
from service.kernel.errors import Refused, TooMany, Unauthenticated
from service.kernel.findings import Text, blocker, register
from service.kernel.tables import Session

THROTTLE_WINDOW = timedelta(minutes=15)
THROTTLE_LOGIN_MAX = 5
THROTTLE_ADDRESS_MAX = 50
PASSWORD_MIN = 10
PASSWORD_MAX = 200
PASSWORD_DISTINCT_MIN = 5
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _absent() -> str:
    """What the password of an unknown log-in is compared with, so that it takes as long."""
    return _HASHER.hash(secrets.token_hex(8))


async def hash_password(password: str) -> str:
    """Argon2id in a thread; refuses a password that is too short or one repeated character."""
    fits = PASSWORD_MIN <= len(password) <= PASSWORD_MAX
    if not fits or len(set(password)) < PASSWORD_DISTINCT_MIN:
        raise Refused([blocker("auth.weak_password", "password", minimum=PASSWORD_MIN)])
    return await asyncio.to_thread(_HASHER.hash, password)


def _matches(stored: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(stored or _absent(), password)
    except (VerificationError, InvalidHashError):
        return False


async def _begin_attempt(login: str, address: str, moment: datetime) -> int:
    """Count this try as failed before the password is looked at; raises TooMany.

    Counting first, one try of a log-in or address after the other, keeps a burst of parallel tries
    within the limit; a success takes its count back. A throttled try is not counted, so the wait
    never grows.
    """
    async with work():
        await advisory_lock(f"log-in tries: {login}")
        await advisory_lock(f"log-in tries from: {address}")
        blocking = await sql_value(
            "SELECT greatest((array_agg(at ORDER BY id DESC) FILTER (WHERE login = $1))[$4],"
            " (array_agg(at ORDER BY id DESC) FILTER (WHERE address = $2))[$5])"
            " FROM login_failure WHERE at > $3 AND (login = $1 OR address = $2)",
            login,
            address,
            moment - THROTTLE_WINDOW,
            THROTTLE_LOGIN_MAX,
            THROTTLE_ADDRESS_MAX,
        )
        if blocking is not None:
            wait = blocking + THROTTLE_WINDOW - moment
            raise TooMany("auth.throttled", seconds=max(1, int(wait.total_seconds())))
        attempt: int = await sql_value(
            "INSERT INTO login_failure (login, address, at) VALUES ($1, $2, $3) RETURNING id",
            login,
            address,
            moment,
        )
    return attempt


async def check_password(login: str, password: str, address: str) -> Actor:
    """The actor of a log-in and password; throttled per log-in and per address in the database.

    Unknown log-ins cost the same time and give the same answer as wrong passwords.
    """
    moment, login = now(), login.replace("\x00", "").strip().lower()[:60]
    attempt = await _begin_attempt(login, address[:60], moment)
    row = await sql_row(
        "SELECT u.id AS user_id, NULL::bigint AS credential_id, u.login, u.name, u.roles, u.active,"
        " u.password_hash, o.id AS organisation_id, o.short_name, o.kind,"
        " o.active AS organisation_active FROM eastlake_user u"
        " JOIN organisation o ON o.id = u.organisation WHERE u.login = $1",
        login,
    )
    fits = await asyncio.to_thread(_matches, row["password_hash"] if row else None, password)
    actor = actor_of_row(row, "session") if fits else None
    if actor is None:
        raise Unauthenticated("auth.bad_credentials")
    await sql(
        "DELETE FROM login_failure WHERE login = $1 OR id = $2 OR at < $3",
        login,
        attempt,
        moment - timedelta(1),
    )
    return replace(actor, address=address)


async def log_in(login: str, password: str, address: str, hours: int) -> tuple[Actor, str]:
    """Open a session; returns the actor and the cookie's token, which is shown only once."""
    actor = await check_password(login, password, address)
    token, moment = secrets.token_urlsafe(32), now()
    async with work():
        await sql("DELETE FROM session WHERE expires_at < $1", moment)
        await Session.insert(
            Session(
                token_hash=digest(token),
                user=actor.user_id,
                created_at=moment,
                expires_at=moment + timedelta(hours=hours),
                address=address[:60],
            )
        )
        await journal.record(actor, "user", actor.login, "log_in")
    return actor, token


async def log_out(actor: Actor) -> None:
    """End the session of this actor."""
    if actor.via == "session" and actor.credential_id is not None:
        async with work():
            await sql("DELETE FROM session WHERE id = $1", actor.credential_id)
            await journal.record(actor, "user", actor.login, "log_out")


register(
    {
        "auth.weak_password": Text(
            "口令过于简单：至少 {minimum} 个字符，且不能由少数几个字符重复而成",
            "The password is too weak: at least {minimum} characters and not a few repeated ones",
            "请使用更长、更多样的口令",
            "Take a longer, more varied pass phrase",
        ),
    }
)
