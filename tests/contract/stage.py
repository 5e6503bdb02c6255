"""A world with one product in each state, and one way to call any route as any person.

Every call runs in a savepoint that is undone, so thousands of calls share one world.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx

from service.auth import Role
from service.auth.identify import COOKIE, digest
from service.kernel import db
from service.kernel.calendar import now
from tests import factories
from tests.contract.routes import RouteCase
from tests.factories import World, make_draft, make_in_library, make_reviewed, upload

SECRET = "尚未公开的示例产品"
"""Name of every product that is not in the library: no foreign answer may hold it."""
COLLEAGUE = "示例clerk"
"""Name of the insurer's clerk: no foreign answer may hold it either."""


class _Undo(Exception):
    """Ends the savepoint of a call."""


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """A savepoint that is always rolled back."""
    try:
        async with db.work():
            yield
            raise _Undo
    except _Undo:
        pass


@dataclass(frozen=True, slots=True)
class Call:
    """What to send to a route; `state` says which product `{number}` is.

    `json`, `form`, `files` and values of `params` may be functions of the stage. `parties` are
    people whose record it is too, though elsewhere they stand for a foreign organisation.
    """

    who: str | None = None
    state: str = "in_library"
    json: Any = None
    form: Any = None
    files: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    parties: tuple[str, ...] = ()

    def on(self, stage: Stage) -> Call:
        """The call with its functions answered."""

        def fill(value: Any) -> Any:
            return value(stage) if callable(value) else value

        params = {name: fill(value) for name, value in self.params.items()}
        names = ("json", "form", "files", "query")
        filled = {name: fill(getattr(self, name)) for name in names}
        return replace(self, **filled, params=params)


@dataclass
class Stage:
    """The world of the tests of the whole surface."""

    world: World
    numbers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    csrf: str = ""

    @property
    def client(self) -> httpx.AsyncClient:
        return self.world.client

    def address(self, case: RouteCase, call: Call) -> str:
        """The path with its parameters filled in."""
        values = {**self.values, "number": self.numbers[call.state], **call.params}
        unknown = set(case.names) - set(values)
        assert not unknown, f"tests/contract/stage.py must know a value for {unknown} of {case}"
        return case.path.format(**{name: values[name] for name in case.names})

    async def send(
        self, case: RouteCase, call: Call, who: str | None, *, csrf: bool = True
    ) -> httpx.Response:
        """Call a route as a person (None: anonymous), in the open transaction."""
        path = self.address(case, call)
        if case.is_api:
            given = self.world.headers[who] if who else {}
            more: dict[str, Any] = {"headers": {**given, **call.headers}}
        else:
            more = {"headers": {"Cookie": self.cookie(who), **call.headers}}
        if case.method in ("POST", "PUT", "PATCH"):
            more |= self._body(case, call, csrf)
        answer = await self.client.request(case.method, path, params=call.query or None, **more)
        self.client.cookies.clear()
        return answer

    def cookie(self, who: str | None) -> str:
        """The Cookie header of a person's browser."""
        session = f"{COOKIE}={self.cookies[who]}; " if who else ""
        return f"{session}eastlake_csrf={self.csrf}"

    def _body(self, case: RouteCase, call: Call, csrf: bool) -> dict[str, Any]:
        if call.files is not None:
            token = {} if case.is_api or not csrf else {"_csrf_token": self.csrf}
            return {"files": call.files, "data": {**(call.form or {}), **token}}
        if case.is_api:
            return {"json": {} if call.json is None else call.json}
        token = {"_csrf_token": self.csrf} if csrf else {}
        return {"data": {**(call.form or {}), **token}}


async def _in_every_state(world: World) -> dict[str, str]:
    """One product of the insurer in each state a product or its filing can be in."""

    async def submitted(**more: Any) -> str:
        number = await make_draft(world, name=SECRET, **more)
        await world.post("clerk", f"/products/{number}/submission")
        return number

    async def step(number: str, who: str, noun: str, body: Any = None) -> str:
        await world.post(who, f"/products/{number}/{noun}", body)
        return number

    accepted = await step(await submitted(), "officer", "acceptance")
    in_review = await step(await submitted(), "officer", "acceptance")
    reviewed = await make_reviewed(world, name=SECRET)
    objections = {"note": "请补正", "objections": [{"field": "eligibility", "text": "不清"}]}
    leaving = await make_in_library(world, name=SECRET)
    paused = await make_in_library(world, name=SECRET)
    return {
        "draft": await make_draft(world, name=SECRET),
        "submitted": await submitted(),
        "accepted": accepted,
        "in_review": await step(in_review, "officer", "review"),
        "recommended": reviewed,
        "returned": await step(await submitted(), "officer", "return", objections),
        "rejected": await step(
            await make_reviewed(world, name=SECRET), "approver", "rejection", {"note": "不符合"}
        ),
        "abandoned": await step(await submitted(), "clerk", "abandonment", {"note": "改报"}),
        "in_library": await step(await make_reviewed(world), "second_approver", "entry"),
        "suspended": await step(paused, "approver", "suspension", {"note": "整改"}),
        "withdrawn": await step(leaving, "manager", "withdrawal", {"note": "停售"}),
        "renewing": await step(await make_in_library(world), "clerk", "versions"),
    }


async def sessions() -> dict[str, str]:
    """A console session of every person, made without the cost of a password."""
    cookies = {}
    for row in await db.sql("SELECT id, login FROM eastlake_user"):
        cookies[row["login"]] = token = secrets.token_urlsafe(32)
        await db.sql(
            'INSERT INTO session (token_hash, "user", created_at, expires_at, address)'
            " VALUES ($1, $2, $3, $4, '')",
            digest(token),
            row["id"],
            now(),
            now() + timedelta(hours=1),
        )
    return cookies


async def set_the_stage(client: httpx.AsyncClient) -> Stage:
    """Build the whole world in the open transaction."""
    world = await factories.make_world(client)
    second = await factories.make_user(
        world.organisations["committee"], "second_approver", Role.COMMITTEE_APPROVER
    )
    world.headers["second_approver"] = await factories.make_token(second, "second_approver")
    stage = Stage(world, await _in_every_state(world), await sessions())
    tokens = await world.get("clerk", "/tokens")
    facts = await world.get("clerk", f"/products/{stage.numbers['in_library']}/library-facts")
    rules = await world.get("admin", "/rule-versions")
    stage.csrf = (await client.get("/login")).cookies["eastlake_csrf"]
    client.cookies.clear()
    stage.values = {
        "objection": 1,
        "token_id": tokens[0]["id"],
        "fact_id": facts[0]["id"],
        "document_id": await upload(world, name="private.pdf"),
        "uscc": world.usccs["insurer"],
        "login": "clerk",
        "code": "PT021",
        "family": rules[0]["family"],
        "version": rules[0]["version"],
        "file_path": "eastlake.css",
        "file": "shelf.json",
    }
    return stage
