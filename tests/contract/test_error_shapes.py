"""One golden answer for each kind of refusal: what programs and people are told."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import asyncpg
import httpx
import pytest

from catalogue.api import library
from tests import factories
from tests.contract.golden import FOLDER, as_text, stored_text
from tests.contract.problems import problem
from tests.contract.stage import Stage, undone
from tests.factories import PASSWORD, draft

JSON = {"Content-Type": "application/json"}
HEADERS = ("content-type", "www-authenticate", "allow", "retry-after")
_VOLATILE = (
    (re.compile(r"urn:eastlake:request:[\w.-]+"), "urn:eastlake:request:REQUEST"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "REQUEST"),
    (re.compile(r"P-\d{4}-\d{6}"), "P-2025-000001"),
    (re.compile(r"\b\d{1,4} (秒|seconds)"), r"900 \1"),
    (re.compile(r'("seconds": |"retry-after": ")\d+'), r"\g<1>900"),
)


def _text(answer: httpx.Response) -> str:
    headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
    if "allow" in headers:
        headers["allow"] = ", ".join(sorted(headers["allow"].split(", ")))
    text = as_text({"status": answer.status_code, "headers": headers, "body": answer.json()})
    for pattern, steady in _VOLATILE:
        text = pattern.sub(steady, text)
    return text


async def _idempotency(stage: Stage) -> httpx.Response:
    key = {"Idempotency-Key": "golden-1"}
    await stage.world.post("clerk", "/products", draft(), headers=key)
    return await stage.world.call("clerk", "POST", "/products", draft(name="另一个"), headers=key)


async def _throttled(stage: Stage) -> httpx.Response:
    body = {"login": "clerk", "password": "wrong", "name": "x", "scopes": ["read"]}
    for _ in range(5):
        await stage.world.call(None, "POST", "/tokens", body)
    return await stage.world.call(None, "POST", "/tokens", body)


async def _four_eyes(stage: Stage) -> httpx.Response:
    facts = await stage.world.get("auditor", f"/products/{stage.numbers['renewing']}/library-facts")
    body = {"fact_id": facts[0]["id"], "void": True, "note": "误录"}
    path = f"/products/{stage.numbers['renewing']}/library-corrections"
    return await stage.world.call("approver", "POST", path, body)


async def _scope(stage: Stage) -> httpx.Response:
    home = stage.world.organisations["insurer"]
    user = await factories.make_user(home, "reader", "insurer_clerk")
    headers = await factories.make_token(user, "reader", "read")
    return await stage.world.call(None, "POST", "/products", draft(), headers=headers)


def _simple(stage: Stage) -> dict[str, tuple[str | None, str, str, dict[str, Any]]]:
    """Refusals that one request brings about: who, method, address, the rest."""
    numbers = stage.numbers
    change = {k: v for k, v in draft().items() if k != "type_code"}
    path = f"/products/{numbers['draft']}"
    stale = {"If-Match": '"r99"'}
    return {
        "400_malformed_json": ("clerk", "POST", "/products", {"content": b"{", "headers": JSON}),
        "400_said_twice": (
            "clerk",
            "POST",
            "/products",
            {"content": b'{"name": "a", "name": "b"}', "headers": JSON},
        ),
        "400_address": (None, "GET", "/shelf/%00", {}),
        "401_anonymous": (None, "GET", "/products", {}),
        "401_bad_token": (None, "GET", "/shelf", {"headers": {"Authorization": "Bearer elt_x"}}),
        "401_bad_password": (
            None,
            "POST",
            "/tokens",
            {"json": {"login": "clerk", "password": "wrong", "name": "x", "scopes": ["read"]}},
        ),
        "403_role": ("firm", "GET", "/products", {}),
        "404_unknown_address": (None, "GET", "/nothing-here", {}),
        "404_foreign_record": ("rival", "GET", path, {}),
        "405_method": (None, "DELETE", "/shelf", {}),
        "409_taken": (
            "manager",
            "POST",
            "/users",
            {
                "json": {
                    "login": "clerk",
                    "name": "示例",
                    "roles": ["insurer_clerk"],
                    "password": PASSWORD,
                }
            },
        ),
        "412_stale": ("clerk", "PUT", path + "/draft", {"json": change, "headers": stale}),
        "413_too_large": ("clerk", "POST", "/products", {"json": {"name": "x" * 2_000_000}}),
        "414_address": (None, "GET", "/shelf/" + "x" * 300, {}),
        "415_not_json": ("clerk", "POST", "/products", {"content": b"name=x"}),
        "422_no_body": ("clerk", "POST", f"{path}/submission", {}),
        "422_form": (
            "clerk",
            "POST",
            "/products",
            {"json": {"type_code": "PT021", "stages": ["moon"], "rate_min_ppm": 0.5, "odd": 1}},
        ),
        "422_query": (None, "GET", "/shelf?limit=0", {}),
        "422_cursor": (None, "GET", "/shelf?cursor=garbage", {}),
        "422_workflow": ("officer", "POST", path + "/acceptance", {"json": {}}),
        "428_if_match": ("clerk", "PUT", path + "/draft", {"json": change}),
    }


async def _answer(stage: Stage, name: str) -> httpx.Response:
    """The refusal of that name."""
    simple = _simple(stage)
    if name in simple:
        who, method, where, more = simple[name]
        return await stage.world.call(who, method, where, **more)
    made = {
        "403_scope": _scope,
        "403_four_eyes": _four_eyes,
        "409_idempotency": _idempotency,
        "429_throttled": _throttled,
    }
    return await made[name](stage)


NAMES = (
    "400_malformed_json",
    "400_said_twice",
    "400_address",
    "401_anonymous",
    "401_bad_token",
    "401_bad_password",
    "403_role",
    "403_scope",
    "403_four_eyes",
    "404_unknown_address",
    "404_foreign_record",
    "405_method",
    "409_idempotency",
    "409_taken",
    "412_stale",
    "413_too_large",
    "414_address",
    "415_not_json",
    "422_no_body",
    "422_form",
    "422_query",
    "422_cursor",
    "422_workflow",
    "428_if_match",
    "429_throttled",
)


@pytest.mark.parametrize("name", NAMES)
async def test_refusal_is_the_golden_one(name: str, stage: Stage) -> None:
    async with undone():
        answer = await _answer(stage, name)
    problem(answer, int(name[:3]))
    text = _text(answer)
    assert stored_text(FOLDER / "errors" / f"{name}.json", text) == text


async def test_filing_checks_are_told_all_at_once(stage: Stage) -> None:
    async with undone():
        empty = {"type_code": "PT021", "name": "示例险"}
        made = await stage.world.post("clerk", "/products", empty)
        answer = await stage.world.call(
            "clerk", "POST", f"/products/{made['number']}/submission", {}
        )
    problem(answer, 422)
    text = _text(answer)
    assert stored_text(FOLDER / "errors" / "422_filing.json", text) == text


async def test_fault_of_ours_tells_only_its_number(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(library.figures, "count", broken)
    async with undone():
        answer = await stage.world.call(None, "GET", "/library/count")
        page = await stage.client.get("/about")
    assert "secret" not in answer.text + page.text
    assert page.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    text = _text(answer)
    assert stored_text(FOLDER / "errors" / "500_fault.json", text) == text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.TooManyConnectionsError("remaining slots are reserved"), "unavailable.crowded"),
        (asyncpg.LockNotAvailableError("lock timeout"), "unavailable.busy"),
        (asyncpg.CannotConnectNowError("is starting up"), "unavailable"),
        (asyncpg.ConnectionDoesNotExistError("closed in mid-operation"), "unavailable"),
        (asyncpg.InterfaceError("connection is closed"), "unavailable"),
        (ConnectionRefusedError(111, "Connection refused"), "unavailable"),
        (TimeoutError(), "unavailable"),
        (socket.gaierror(-2, "Name or service not known"), "unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_a_database_that_takes_nobody_in_is_no_fault_of_ours(
    error: Exception, code: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise error

    monkeypatch.setattr(library.figures, "count", away)
    async with undone():
        answer = await stage.world.call(None, "GET", "/library/count")
        page = await stage.client.get("/about")
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert answer.json()["errors"][0]["remedy_en"]
    assert int(answer.headers["retry-after"]) > 0
    assert page.status_code == 503
    assert answer.json()["detail"] in page.text


def test_no_golden_file_is_left_over() -> None:
    wanted = {*NAMES, "422_filing", "500_fault"}
    assert {path.stem for path in (FOLDER / "errors").glob("*.json")} == wanted
    for path in (FOLDER / "errors").glob("*.json"):
        assert json.loads(path.read_text("utf-8"))["status"] == int(path.stem[:3])
