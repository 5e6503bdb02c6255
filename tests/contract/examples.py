"""Examples of the OpenAPI description: recorded from real answers, kept while their shape holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx

import service
from service.api import PROBLEM
from tests.contract.stage import COLLEAGUE, SECRET, Call

FILE = Path(service.__file__).parent / "openapi_examples.json"
ITEMS_MAX = 2
"""Of a list no more is shown."""
_TOKEN = re.compile(r"elt_[\w-]{30,}")
_SECRET = "elt_shown-once-and-never-again-AAAAAAAAAAAAAAAA"
_GIVEN = re.compile(r"\d{4}-\d\d-\d\d|[A-Z]{1,4}-\d{4}-\d+")
"""A day, or the number that a record was given; both change from run to run."""
_FREE = {"facts", "params"}
"""Objects that hold what the occasion brings."""
_SHOWN = {SECRET: "示例科研仪器保险", COLLEAGUE: "示例经办"}


def shorten(value: Any) -> Any:
    """The value with short lists and without a working token."""
    if isinstance(value, list):
        return [shorten(item) for item in value[:ITEMS_MAX]]
    if isinstance(value, dict):
        return {name: shorten(item) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    for told, shown in _SHOWN.items():
        value = value.replace(told, shown)
    return _TOKEN.sub(_SECRET, value)


def example_of(call: Call, answer: httpx.Response) -> dict[str, Any]:
    """What is kept of one call: request, answer and the names of headers that matter."""
    kept: dict[str, Any] = {}
    if call.json is not None:
        kept["request"] = shorten(call.json)
    if answer.headers.get("content-type") in ("application/json", PROBLEM):
        kept["answer"] = shorten(answer.json())
    if "etag" in answer.headers:
        kept["headers"] = ["etag"]
    return kept


def shape(value: Any) -> Any:
    """Names and types, whatever the values: what makes one example as good as another."""
    if isinstance(value, dict):
        return {name: "dict" if name in _FREE else shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def is_current(kept: dict[str, Any] | None, fresh: dict[str, Any]) -> bool:
    """Whether a kept example still says what a fresh one would."""
    return kept is not None and (
        _steady(kept.get("request")) == _steady(fresh.get("request"))
        and shape(kept) == shape(fresh)
    )


def _steady(request: Any) -> Any:
    """The request without ids, record numbers and days, which change from run to run."""
    if isinstance(request, dict):
        return {name: _steady(item) for name, item in request.items()}
    if isinstance(request, list):
        return [_steady(item) for item in request]
    if isinstance(request, str) and _GIVEN.fullmatch(request):
        return "given"
    return "int" if type(request) is int else request


def stored() -> dict[str, dict[str, Any]]:
    """The examples as they are kept."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
    return found


def store(examples: dict[str, dict[str, Any]]) -> None:
    """Write the examples, in the order of their names."""
    text = json.dumps(dict(sorted(examples.items())), ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", "utf-8")
