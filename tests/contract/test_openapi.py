"""The OpenAPI description tells the truth: valid, complete, and as the routes really answer."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from litestar.exceptions import HTTPException
from openapi_spec_validator import OpenAPIV31SpecValidator

from service import app as application
from tests.contract import examples
from tests.contract.golden import RECORDING
from tests.contract.recipes import recipe
from tests.contract.routes import PERSON_OF, RouteCase, listed_routes, the_app
from tests.contract.stage import Stage, undone

API = [c for c in listed_routes() if c.path.startswith("/api/v1/")]
EXTERNAL = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
async def document() -> dict[str, Any]:
    """The description as it is served."""
    transport = httpx.ASGITransport(app=the_app())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/api/openapi.json")
    assert answer.status_code == 200
    served: dict[str, Any] = answer.json()
    return served


def _operation(document: dict[str, Any], case: RouteCase) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][case.path][case.method.lower()]
    return found


_VALIDATORS: dict[str, Any] = {}


def _complaints(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value; every object is closed, so nothing undeclared may be in it."""
    if not _VALIDATORS:
        closed = copy.deepcopy(document["components"])
        for component in closed["schemas"].values():
            if component.get("type") == "object" and "properties" in component:
                component.setdefault("additionalProperties", False)
        _VALIDATORS["components"] = closed
    key = json.dumps(schema, sort_keys=True)
    if key not in _VALIDATORS:
        whole = {**schema, "components": _VALIDATORS["components"]}
        _VALIDATORS[key] = Draft202012Validator(whole)
    found = _VALIDATORS[key].iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def _content(answers: dict[str, Any], status: int) -> dict[str, Any]:
    found: dict[str, Any] = answers[str(status)].get("content", {})
    return found


def test_description_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    found = [error.message[:300] for error in OpenAPIV31SpecValidator(document).iter_errors()]
    assert found == []


def test_every_route_of_the_api_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    described = {
        (path, method.upper())
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "put", "post", "delete", "patch", "head")
    }
    assert described == {(case.path, case.method) for case in API}


@pytest.mark.parametrize("case", API, ids=str)
def test_operation_says_what_the_guard_does(case: RouteCase, document: dict[str, Any]) -> None:
    operation = _operation(document, case)
    assert operation["summary"]
    assert operation["operationId"] == case.handler.operation_id
    assert operation["x-roles"] == (["public"] if case.is_public else sorted(case.roles))
    assert ({} in operation["security"]) == case.is_public
    keyed = "Idempotency-Key" in {p["name"] for p in operation.get("parameters", [])}
    assert keyed == (case.method == "POST" and not case.handler.opt.get("keyless"))


async def _answers(stage: Stage, case: RouteCase) -> list[tuple[str, httpx.Response]]:
    """What a route says to good and bad calls."""
    call = recipe(case, stage)
    who, roles = call.who, set() if case.is_public else case.roles
    odd = {name: "99" if name in ("token_id", "document_id", "objection") else "no-such"
           for name in case.names}  # fmt: skip
    calls = {
        "good": (call, who),
        "anonymous": (call, None),
        "other role": (call, next((p for r, p in PERSON_OF.items() if r not in roles), None)),
        "nobody": (replace(call, params=odd), who),
        "empty": (replace(call, json={}), who),
        "list": (replace(call, json=[]), who),
        "query": (replace(call, query={"limit": "x", "cursor": "x", "version": "x"}), who),
    }
    found = []
    for name, (given, person) in calls.items():
        async with undone():
            found.append((name, await stage.send(case, given, person)))
    path, headers = stage.address(case, call), stage.world.headers[who] if who else {}
    odd_headers = {**headers, "Content-Type": "text/plain", "If-Match": '"r99"'}
    async with undone():
        answer = await stage.client.request(case.method, path, content=b"x", headers=odd_headers)
        found.append(("text", answer))
        bad = {"Authorization": "Bearer x"}
        found.append(("bad token", await stage.client.request(case.method, path, headers=bad)))
        nul = await stage.client.request(case.method, path + "?q=%00", headers=headers)
        found.append(("NUL", nul))
    return found


@pytest.mark.parametrize("case", API, ids=str)
async def test_statuses_and_bodies_are_the_declared_ones(
    case: RouteCase, document: dict[str, Any], stage: Stage
) -> None:
    declared = _operation(document, case)["responses"]
    for name, answer in await _answers(stage, case):
        told = f"{name}: {answer.status_code} {answer.text[:200]}"
        assert str(answer.status_code) in declared, told
        kind = answer.headers.get("content-type", "").split(";")[0]
        content = _content(declared, answer.status_code)
        assert bool(content) == bool(answer.content), told
        if kind.endswith("json") and kind in content:
            assert _complaints(document, content[kind]["schema"], answer.json()) == [], told
        elif answer.content and answer.status_code >= 400:
            raise AssertionError(told)


@pytest.mark.parametrize("case", API, ids=str)
async def test_example_is_a_real_one(
    case: RouteCase, document: dict[str, Any], stage: Stage
) -> None:
    call = recipe(case, stage)
    async with undone():
        answer = await stage.send(case, call, call.who)
    assert answer.status_code < 300, answer.text[:300]
    operation, name = _operation(document, case), case.handler.operation_id
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json")
    fresh = examples.example_of(call if asked else replace(call, json=None), answer)
    kept = examples.stored()
    if RECORDING and not examples.is_current(kept.get(name), fresh):
        examples.store({**kept, name: fresh})
        kept = examples.stored()
    assert examples.is_current(kept.get(name), fresh), "run with EASTLAKE_RECORD=1 and look at it"
    if asked and "request" in kept[name]:
        assert _complaints(document, asked["schema"], kept[name]["request"]) == []
    content = _content(operation["responses"], answer.status_code).get("application/json")
    if content is not None:
        assert _complaints(document, content["schema"], kept[name]["answer"]) == []
        assert RECORDING or content["example"] == kept[name]["answer"]


def test_no_example_is_left_over_and_none_holds_a_secret() -> None:
    kept = examples.stored()
    assert set(kept) <= {case.handler.operation_id for case in API}
    tokens = re.findall(r"elt_[\w-]{20,}", examples.FILE.read_text("utf-8"))
    assert {token[:8] for token in tokens} == {"elt_show"}


async def test_documentation_page_needs_no_other_host(stage: Stage) -> None:
    page = await stage.client.get("/api/docs")
    assert page.status_code == 200
    assert not EXTERNAL.search(page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if not address.startswith("data:"):
            assert (await stage.client.get(address)).status_code == 200, address
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_health_and_metrics(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await stage.client.get("/health/live")
    ready = await stage.client.get("/health/ready")
    metrics = await stage.client.get("/metrics")
    assert (live.json(), ready.json()) == ({"status": "live"}, {"status": "ready"})
    assert "eastlake_requests_total" in metrics.text
    assert 'route="/health/live"' in metrics.text
    assert "P-2" not in metrics.text, "addresses of records would grow the metrics without end"

    async def away(*_: object) -> None:
        raise HTTPException("away")

    monkeypatch.setattr(application.db, "sql_value", away)
    gone = await stage.client.get("/health/ready")
    assert (gone.status_code, gone.json()) == (503, {"status": "unavailable"})
    assert (await stage.client.get("/health/live")).status_code == 200
