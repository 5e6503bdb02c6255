"""Callers found within the last minute, for routes whose first statement confirms them.

To look a token up is a round trip of its own, a tenth of a large payment. A route marked
`confirming()` is carried out for the caller as last found. Its first statement asks (`stands`)
whether the rows of token, person and organisation are still the versions the caller was made of.
Nothing is written before `confirm` has passed: the journal takes no event of a caller who is not
confirmed. Where a refusal or fault is about to be answered and the caller is not confirmed,
`Identify` throws it away, looks the token up and has the request carried out again. So what is
taken away counts from the moment that statement begins, in every process, as it did for a look-up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from service.auth.actors import Actor, Standing
from service.kernel.calendar import now
from service.kernel.errors import Unauthenticated

USE_NOTED_EVERY = timedelta(minutes=1)
"""How often the last use of a token is written down; nobody is known for longer."""
CALLERS_MAX = 1_000
VERSIONS = "concat_ws(' ', c.xmin, c.ctid, u.xmin, u.ctid, o.xmin, o.ctid)"
"""Which versions of their rows a caller is made of; every change of a row makes another one."""
_STANDS = (
    "(${0}::bigint IS NULL OR EXISTS (SELECT 1 FROM api_token c JOIN eastlake_user u"
    ' ON u.id = c."user" JOIN organisation o ON o.id = u.organisation'
    f" WHERE c.id = ${{0}} AND c.expires_at > ${{1}} AND {VERSIONS} = ${{2}}::text))"
)
_known: dict[bytes, tuple[Actor, str, datetime]] = {}


def stands(first: int) -> str:
    """The condition for a statement whose parameters from number `first` on are `standing_of`."""
    return _STANDS.format(first, first + 1, first + 2)


def standing_of(actor: Actor) -> tuple[int | None, datetime | None, str | None]:
    """Three parameters for `stands`; for a caller who needs no confirmation all None."""
    standing = actor.standing
    if standing is None or standing.confirmed:
        return None, None, None
    return actor.credential_id, now(), standing.versions


def confirm(actor: Actor, stood: bool) -> None:
    """Take what the statement said; raises Unauthenticated where the caller may have changed."""
    standing = actor.standing
    if standing is None or standing.confirmed:
        return
    if not stood:
        raise Unauthenticated("auth.token_expired")
    standing.confirmed = True


def remember(key: bytes, actor: Actor, versions: str, used_at: datetime) -> None:
    """Keep a caller found by a token until the next use of it is to be noted."""
    if len(_known) >= CALLERS_MAX:
        _known.clear()
    _known[key] = actor, versions, used_at


def recall(key: bytes, request_id: str, address: str) -> Actor | None:
    """The caller last found by a token, yet to be confirmed; None where it has to be looked up."""
    found = _known.get(key)
    if found is None:
        return None
    actor, versions, used_at = found
    if not timedelta(0) <= now() - used_at <= USE_NOTED_EVERY:
        del _known[key]
        return None
    return replace(actor, request_id=request_id, address=address, standing=Standing(versions))


def forget(key: bytes) -> None:
    """Have a caller looked up next time: what was remembered did not stand."""
    _known.pop(key, None)
