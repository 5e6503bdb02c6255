"""HEAD is answered wherever GET is: the same status and headers, nothing in the body."""

from __future__ import annotations

import dataclasses

import pytest

from tests.contract.recipes import recipe
from tests.contract.routes import RouteCase, listed_routes
from tests.contract.stage import Stage, undone

READING = [c for c in listed_routes() if c.method == "GET"]
SAME = ("content-type", "content-disposition", "etag", "location", "cache-control")


@pytest.mark.parametrize("case", READING, ids=str)
async def test_head_tells_what_get_would(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    async with undone():
        got = await stage.send(case, call, call.who)
    async with undone():
        head = await stage.send(dataclasses.replace(case, method="HEAD"), call, call.who)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in SAME:
        assert head.headers.get(name) == got.headers.get(name), name


async def test_head_needs_the_same_roles(stage: Stage) -> None:
    for path, who, status in (
        ("/api/v1/journal", "clerk", 403),
        ("/api/v1/journal", None, 401),
        ("/api/v1/nothing", None, 404),
        ("/api/v1/me/password", "clerk", 405),
    ):
        headers = stage.world.headers[who] if who else {}
        answer = await stage.client.head(path, headers=headers)
        stage.client.cookies.clear()
        assert (answer.status_code, answer.content) == (status, b""), path
