"""The OpenAPI description, made to tell the truth about what the framework cannot know.

The framework documents its own 400 and nothing of our errors, roles, ETags and idempotency. Here
each operation gets the problem answers it can really give, the roles that may call it, its headers,
and examples that a test has recorded from real answers (`openapi_examples.json`).
"""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib import resources
from typing import Any

from litestar import Litestar, Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from service.api import PROBLEM, TITLES
from service.auth import anyone

DESCRIPTION = """Products in the library (在库产品), their filing and the counts.

Amounts are integers in 分 (fen), rates in parts per million, days `YYYY-MM-DD` in Asia/Shanghai,
moments ISO 8601 with zone. Errors are `application/problem+json` with every finding in Chinese and
English. Send `Idempotency-Key` with a POST to make it safe to repeat; send `If-Match` with a PUT.
Get a token with `POST /api/v1/tokens` and send it as `Authorization: Bearer`."""

_FINDING = {
    "type": "object",
    "required": ["code", "field", "severity", "message_zh", "message_en", "remedy_zh", "remedy_en"],
    "properties": {
        "code": {"type": "string", "description": "Stable code, e.g. form.missing"},
        "field": {"type": "string", "description": "Path in the form, e.g. clauses.0.title"},
        "severity": {"type": "string", "enum": ["blocker", "warning"]},
        "message_zh": {"type": "string"},
        "message_en": {"type": "string"},
        "remedy_zh": {"type": "string"},
        "remedy_en": {"type": "string"},
        "rule": {"type": "string"},
        "source": {"type": "string"},
        "params": {"type": "object"},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem; `errors` holds every finding.",
    "required": ["type", "title", "title_en", "status", "code", "detail", "detail_en", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "title_en": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "detail_en": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
    },
}
_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeating the POST with the same key and body gives the same answer, once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_ETAG = {
    "description": "Revision of the record; send it back as If-Match with a PUT.",
    "schema": {"type": "string"},
}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


@cache
def recorded_examples() -> dict[str, dict[str, Any]]:
    """Request and answer by operation id, as tests/contract/test_openapi.py records them."""
    text = (resources.files("service") / "openapi_examples.json").read_text("utf-8")
    examples: dict[str, dict[str, Any]] = json.loads(text)
    return examples


def _handlers(app: Litestar) -> dict[str, HTTPRouteHandler]:
    return {
        str(handler.operation_id): handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and handler.operation_id
    }


def _statuses(method: str, path: str, operation: dict[str, Any], public: bool) -> list[int]:
    found = {400, 401, 414}  # a bad address or a bad bearer token is refused by every route
    if operation.get("parameters") or operation.get("requestBody"):
        found.add(422)
    if not public or operation["operationId"] in ("createToken", "downloadReport"):
        found.add(403)
    if "{" in path:
        found.add(404)
    if "requestBody" in operation:
        found |= {404, 409, 413, 415}  # a body may name a record that is not there
    if method == "post":
        found.add(409)
    if method == "put":
        found |= {412, 428}
    if operation["operationId"] in ("createToken", "changePassword"):
        found.add(429)
    return sorted(found)


def _problem(status: int) -> dict[str, Any]:
    zh, en = TITLES[status]
    schema = {"$ref": "#/components/schemas/Problem"}
    told = {"description": f"{en} ({zh})", "content": {PROBLEM: {"schema": schema}}}
    return told | ({"headers": {"Retry-After": _RETRY_AFTER}} if status == 429 else {})


def _add_examples(operation: dict[str, Any], example: dict[str, Any]) -> None:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and "request" in example:
        body["example"] = example["request"]
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if not status.startswith("2"):
            continue
        if content is not None and "answer" in example:
            content["example"] = example["answer"]
        if "etag" in example.get("headers", ()):
            answer.setdefault("headers", {})["ETag"] = _ETAG


def describe(schema: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """The framework's description, completed in place and returned."""
    handlers = _handlers(app)
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Finding": _FINDING, "Problem": _PROBLEM}
    schema["paths"] = {p: i for p, i in schema["paths"].items() if p.startswith("/api/v1/")}
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if "operationId" not in operation:
                continue
            options = handlers[operation["operationId"]].opt
            roles = options.get("roles")
            public = roles == "public"
            operation["security"] = [{}, {"bearer": []}] if public else [{"bearer": []}]
            operation["x-roles"] = ["public"] if public else sorted(roles)
            if method == "post" and not options.get("keyless"):
                operation.setdefault("parameters", []).append(_KEY_HEADER)
            answers = operation["responses"]
            answers.pop("400", None)
            for status in _statuses(method, path, operation, public):
                answers.setdefault(str(status), _problem(status))
            _add_examples(operation, recorded_examples().get(operation["operationId"], {}))
    return schema


class TruthfulJson(JsonRenderPlugin):
    """Renders the completed description, once."""

    _rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            whole = describe(copy.deepcopy(openapi_schema), request.app)
            self._rendered = self.render_json(request, whole)
        return self._rendered


class DescriptionRouter(Router):
    """Serves the description alone: an unknown address below /api is answered like all others."""

    def register(self, value: Any) -> list[Any]:
        """Take every handler of the framework but its English page for unknown addresses."""
        if getattr(value, "fn", object).__name__ == "handle_schema_path_not_found":
            return []
        return super().register(value)


def openapi_config() -> OpenAPIConfig:
    """Where and how the description is served: /api/openapi.json, for everybody."""
    return OpenAPIConfig(
        title="East Lake tech-insurance registry (东湖科技保险登记系统)",
        version="1",
        description=DESCRIPTION,
        openapi_router=DescriptionRouter("/api", route_handlers=[], opt=anyone()),
        render_plugins=[TruthfulJson(path="/openapi.json")],
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}
        ),
        use_handler_docstrings=True,
    )
