"""A pool made through the public routes in one line: agreement in force, members, shares, open.

The lead is the world's insurer (`clerk`, `manager`) and holds every role; the others are followers
`m2`, `m3` … with a clerk of that log-in and a manager `m2_manager`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.kernel.calendar import SHANGHAI, at_moment
from service.kernel.db import sql, sql_row
from service.kernel.shares import WHOLE_UNITS
from tests.factories import World, make_organisation, make_token, make_user

YI = 10_000_000_000
"""One hundred million yuan (一亿元) in fen."""
CAPACITY = (20 * YI, 40 * YI, 80 * YI)
"""Per risk, per event, in aggregate: more than any test uses."""
ROLES = ["lead", "issuer", "claims_handler", "account_keeper"]
DAY = "2026-01-05"
RESOLUTION = {"resolution_number": "示例决〔2026〕1号"}
SERVED = {"how": "系统通知并电子邮件"}


@contextmanager
def on(day: str, hour: int = 10) -> Iterator[None]:
    """Stop the clock on a day in Shanghai."""
    moment = datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI)
    with at_moment(moment):
        yield


@dataclass
class Pooled:
    """A pool year; `members` are log-ins in order of position, `usccs` their codes."""

    world: World
    code: str
    version: str
    year: str
    members: list[str] = field(default_factory=list)
    usccs: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    schedule: str = ""

    def manager(self, member: str) -> str:
        """The log-in of a member's manager."""
        return "manager" if member == "clerk" else f"{member}_manager"


async def make_insurer(world: World, login: str, serial: int) -> tuple[int, str]:
    """An insurer with a clerk and a manager of that log-in; the same one for a second pool."""
    if login in world.headers:
        row = await sql_row(
            "SELECT o.id, o.uscc FROM organisation o JOIN eastlake_user u ON u.organisation = o.id"
            " WHERE u.login = $1",
            login,
        )
        assert row is not None
        return row["id"], row["uscc"]
    made = await make_organisation(f"示例{login}号财产保险股份有限公司", "insurer", serial)
    for name, role in ((login, "insurer_clerk"), (f"{login}_manager", "insurer_manager")):
        world.headers[name] = await make_token(await make_user(made[0], name, role), name)
    return made


async def add_second_officers(world: World) -> None:
    """Persons beside the first ones, so that four eyes can be kept and tested."""
    for login, role in (
        ("pool_officer", "committee_officer"),
        ("pool_approver", "committee_approver"),
    ):
        if login not in world.headers:
            user = await make_user(world.organisations["committee"], login, role)
            world.headers[login] = await make_token(user, login)


async def answer_all(pooled: Pooled, request: str, *, refusing: Sequence[str] = ()) -> None:
    """Serve a request and let every member that was asked answer it."""
    world = pooled.world
    await world.post("officer", f"/consent-requests/{request}/service", SERVED)
    record = await world.get("officer", f"/consent-requests/{request}")
    logins = {uscc: login for login, uscc in pooled.usccs.items()}
    for party in record["parties"]:
        login = logins[party["uscc"]]
        answer = "refused" if login in refusing else "consented"
        body = {"answer": answer, "note": "不同意" if login in refusing else ""}
        answered = await world.call(
            pooled.manager(login), "POST", f"/consent-requests/{request}/answers", body
        )
        assert answered.status_code == 201 or answered.json()["code"] == "consent.closed"


async def make_agreement(pooled: Pooled, text: str = "") -> dict[str, Any]:
    """An agreement in force: drafted, consented to by the members as founders, by resolution."""
    world, base = pooled.world, f"/pools/{pooled.code}/agreements"
    state = await world.post("officer", base, {"text": text} if text else {})
    pooled.version = state["version"]
    parties = [
        {"uscc": pooled.usccs[login], "weight_units": WHOLE_UNITS // len(pooled.members)}
        for login in pooled.members
    ]
    voted = await world.post("officer", f"{base}/{pooled.version}/vote", {"parties": parties})
    await answer_all(pooled, voted["consent_request"])
    done: dict[str, Any] = await world.post(
        "approver", f"{base}/{pooled.version}/effect", RESOLUTION
    )
    return done


async def make_founders(
    world: World, members: int = 3, code: str = "integrated-circuit", serial: int = 600
) -> Pooled:
    """A founded pool and the insurers that will be its members, nothing agreed yet."""
    pooled = Pooled(world, code, "", f"{code}-2026")
    for n in range(1, members + 1):
        login = "clerk" if n == 1 else f"m{n}"
        if n == 1:
            made = world.organisations["insurer"], world.usccs["insurer"]
        else:
            made = await make_insurer(world, login, serial + n)
        pooled.members.append(login)
        pooled.organisations[login], pooled.usccs[login] = made
    await world.post("officer", "/pools", {"family": f"pool/{code}"})
    return pooled


async def make_members(
    pooled: Pooled, capacity_fen: tuple[int, int, int] | Sequence[tuple[int, int, int]] = CAPACITY
) -> None:
    """Invite the members into the drafted year and let them join."""
    world = pooled.world
    each = (
        list(capacity_fen)
        if isinstance(capacity_fen[0], tuple)
        else [capacity_fen] * len(pooled.members)
    )
    for n, login in enumerate(pooled.members):
        await world.post(
            "officer",
            f"/pool-years/{pooled.year}/members",
            invitation(pooled.usccs[login], ROLES if n == 0 else ["follower"], each[n]),
        )
        await world.post(
            pooled.manager(login),
            f"/pool-years/{pooled.year}/members/{pooled.usccs[login]}/acceptance",
        )


def invitation(
    uscc: str, roles: Sequence[str], capacity_fen: Any = CAPACITY, **more: Any
) -> dict[str, Any]:
    """The form of an invitation."""
    risk, event, aggregate = capacity_fen
    return {
        "uscc": uscc,
        "roles": list(roles),
        "risk_capacity_fen": risk,
        "event_capacity_fen": event,
        "aggregate_capacity_fen": aggregate,
        **more,
    }


async def make_schedule(
    pooled: Pooled, shares: Sequence[int] | None, valid_from: str | None = None
) -> str:
    """A schedule in force: proposed, consented to, by resolution; None: by capacity."""
    world = pooled.world
    body: dict[str, Any] = {"reason": "年度份额", "valid_from": valid_from}
    if shares is not None:
        body["shares"] = [
            {"uscc": pooled.usccs[login], "share_units": units}
            for login, units in zip(pooled.members, shares, strict=True)
        ]
    made = await world.post("officer", f"/pool-years/{pooled.year}/shares", body)
    number: str = made["number"]
    voted = await world.post("officer", f"/share-schedules/{number}/vote")
    await answer_all(pooled, voted["consent_request"])
    await world.post("approver", f"/share-schedules/{number}/effect", RESOLUTION)
    return number


def shares_for(members: int) -> list[int]:
    """Shares of a test pool: falling, so that the first leads by the largest share."""
    weights = range(members, 0, -1)
    total = sum(weights)
    units = [WHOLE_UNITS * weight // total for weight in weights]
    units[0] += WHOLE_UNITS - sum(units)
    return units


async def make_pool(
    world: World,
    members: int = 3,
    code: str = "integrated-circuit",
    *,
    shares: Sequence[int] | None = None,
    capacity_fen: tuple[int, int, int] | Sequence[tuple[int, int, int]] = CAPACITY,
    day: str = DAY,
    year: int = 2026,
    until: str = "open",
) -> Pooled:
    """The whole path through the routes: pool, agreement, year, members, shares, open.

    `until`: where to stop (founded, agreed, draft, members, shares, signed, open).
    """
    with on(day):
        pooled = await make_founders(world, members, code)
        pooled.year = f"{code}-{year}"
        for state, step in (
            ("agreed", lambda: make_agreement(pooled)),
            ("draft", lambda: world.post("officer", f"/pools/{code}/years", {"year": year})),
            ("members", lambda: make_members(pooled, capacity_fen)),
            ("shares", lambda: _shares(pooled, shares)),
            ("signed", lambda: world.post("officer", f"/pool-years/{pooled.year}/signing")),
            ("open", lambda: world.post("approver", f"/pool-years/{pooled.year}/opening")),
        ):
            if until == "founded":
                break
            await step()
            if state == until:
                break
    await sql("UPDATE api_token SET expires_at = '2100-01-01'")
    return pooled


async def _shares(pooled: Pooled, shares: Sequence[int] | None) -> None:
    """The year's schedule by the mode of its agreement; a pool of lines has none."""
    record = await pooled.world.get("officer", f"/pool-years/{pooled.year}")
    if record["share_mode"] == "per_risk_line":
        return
    if record["share_mode"] == "fixed":
        shares = shares or shares_for(len(pooled.members))
    pooled.schedule = await make_schedule(pooled, shares)
