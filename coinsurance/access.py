"""Who may see and do what in a pool: the actor's seat in a pool year, and the masking of peers.

A member that leads, issues, handles claims or keeps the accounts sees every share of its years; a
follower or observer sees its own. The committee and the auditor see all, and each look is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from coinsurance.rules.nouns import SEES_ALL_ROLES, PoolRole
from service.auth import Actor
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row
from service.kernel.errors import Forbidden, NotFound
from service.kernel.findings import Text, register

_YEAR = """
SELECT y.*, p.code AS pool_code, p.name AS pool_name, p.industry, p.status AS pool_status,
  b.code AS book_code, a.body AS agreement_body, a.version AS agreement_version
FROM pool_year y JOIN pool p ON p.id = y.pool JOIN book b ON b.id = y.book
  JOIN pool_agreement a ON a.id = y.agreement
WHERE y.number = $1
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """The membership of the actor's organisation in one pool year."""

    member_id: int
    organisation_id: int
    position: int
    roles: frozenset[str]
    status: str

    @property
    def sees_all(self) -> bool:
        """Whether every member's share and price may be shown (not after leaving)."""
        return self.status == "active" and not self.roles.isdisjoint(SEES_ALL_ROLES)


@dataclass(frozen=True, slots=True)
class View:
    """What the reader of a pool year may see: everything, or the rows of one organisation."""

    sees_all: bool
    organisation_id: int | None
    seat: Seat | None = None

    def shows(self, organisation_id: int) -> bool:
        """Whether figures of that organisation may be shown."""
        return self.sees_all or organisation_id == self.organisation_id


YearLock = Literal["none", "change", "turn", "hold"]
_LOCKS: dict[YearLock, str] = {
    "none": "",
    "change": " FOR UPDATE OF y",
    "turn": " FOR NO KEY UPDATE OF y",
    "hold": " FOR KEY SHARE OF y, p",
}


async def year_row(number: str, lock: YearLock = "none") -> Any:
    """A pool year with its pool, book and agreement.

    `change`: what new business rests on is to change, so it waits. `turn`: one after the other,
    while business and claims go on (whoever locks their records next must not stop their rows).
    `hold`: year and pool stay as they are until the transaction ends, for several at once.
    """
    row = await sql_row(_YEAR + _LOCKS[lock], number)
    if row is None:
        raise NotFound("业务年度", "Pool year", number)
    return row


async def seat_of(actor: Actor, year_id: int) -> Seat | None:
    """The actor's seat in a pool year, None for an organisation that has none."""
    if actor.organisation_id is None:
        return None
    row = await sql_row(
        "SELECT id, organisation, position, roles, status FROM pool_member"
        " WHERE pool_year = $1 AND organisation = $2",
        year_id,
        actor.organisation_id,
    )
    if row is None:
        return None
    return Seat(
        row["id"], row["organisation"], row["position"], frozenset(row["roles"]), row["status"]
    )


async def view_of(actor: Actor, year: Any) -> View:
    """How the actor sees a pool year; NotFound for an organisation without a seat in it."""
    if actor.sees_all:
        return View(True, None)
    seat = await seat_of(actor, year["id"])
    if seat is None or seat.status == "declined":
        raise NotFound("业务年度", "Pool year", year["number"])
    return View(seat.sees_all, seat.organisation_id, seat)


async def need_role(actor: Actor, year: Any, *roles: PoolRole) -> Seat:
    """The seat of an active member that holds one of the pool's roles; Forbidden otherwise."""
    seat = await seat_of(actor, year["id"])
    if seat is None:
        raise NotFound("业务年度", "Pool year", year["number"])
    if seat.status != "active" or seat.roles.isdisjoint(roles):
        raise Forbidden("pool.role_missing", roles=[role.zh for role in roles])
    return seat


async def keep_look(
    actor: Actor, subject_kind: str, subject: str, what: str, *, exported: bool = False
) -> None:
    """Keep that the committee or the auditor looked at confidential figures of a pool."""
    if actor.sees_all and actor.user_id is not None and actor.via != "system":
        await note_look(actor, subject_kind, subject, what, exported=exported)


async def note_look(
    actor: Actor, subject_kind: str, subject: str, what: str, *, exported: bool = False
) -> None:
    """Keep a look whoever took it, as of a confidential file (查阅留痕)."""
    await sql(
        "INSERT INTO pool_look (at, reader, organisation, subject_kind, subject, what, exported,"
        " request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        now(),
        actor.user_id,
        actor.organisation_id,
        subject_kind,
        subject,
        what,
        exported,
        actor.request_id,
    )


register(
    {
        "pool.role_missing": Text(
            "此操作须由本业务年度的{roles}办理",
            "This step belongs to a member with one of these roles in the pool year: {roles}",
            "请联系承担该职责的成员机构",
            "Ask the member that holds the role",
            "DESIGN law 9",
        ),
    }
)
