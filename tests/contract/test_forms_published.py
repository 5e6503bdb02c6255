"""What a form takes is what OpenAPI says it takes: kinds, kinds within lists, what is required."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from service.kernel.forms import Form
from tests.contract.routes import the_app

Schema = dict[str, Any]


def _forms(base: type[Form] = Form) -> Iterator[type[Form]]:
    for form in base.__subclasses__():
        yield form
        yield from _forms(form)


def _kinds(schema: Schema, known: dict[str, Schema]) -> set[str]:
    """The kinds of value a schema admits; those of what a list or a map holds in brackets."""
    if "$ref" in schema:
        return _kinds(known[schema["$ref"].rsplit("/", 1)[-1]], known)
    found: set[str] = set()
    for several in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(several, []):
            found |= _kinds(one, known)
    for value in schema.get("enum", [schema["const"]] if "const" in schema else []):
        found.add("string" if isinstance(value, str) else type(value).__name__)
    told = schema.get("type", [])
    found |= {told} if isinstance(told, str) else set(told)
    for within in ("items", "additionalProperties"):
        inner = schema.get(within)
        if isinstance(inner, dict) and "properties" not in schema:
            found |= {f"{within}[{kind}]" for kind in _kinds(inner, known)}
    return found


async def test_every_form_is_published_as_it_is() -> None:
    transport = httpx.ASGITransport(app=the_app())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        document = (await client.get("/api/openapi.json")).json()
    published = document["components"]["schemas"]
    compared, wrong = 0, []
    for form in set(_forms()):
        own = form.model_json_schema()
        place = f"{form.__module__.rsplit('.', 1)[-1]}_{form.__name__}"
        told = published.get(place) or published.get(form.__name__)
        if told is None or set(told.get("properties", {})) != set(own.get("properties", {})):
            continue
        compared += 1
        if set(told.get("required", [])) != set(own.get("required", [])):
            wrong.append(f"{place}: required")
        for name, schema in own.get("properties", {}).items():
            takes = _kinds(schema, own.get("$defs", {}))
            says = _kinds(told["properties"][name], published)
            if takes != says:
                wrong.append(f"{place}.{name}: takes {takes}, says {says}")
    assert wrong == []
    assert compared > 150
