"""The address map with its roles, and what every route owes to the house rules."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import pytest

from service.auth import Role
from tests.contract.golden import FOLDER, stored_text
from tests.contract.recipes import writes
from tests.contract.routes import RouteCase, all_routes, listed_routes

HANDLER_MAX = 15
OURS = [case for case in listed_routes() if case.is_ours]


def _body(case: RouteCase) -> list[Any]:
    """The statements of a handler without its docstring."""
    module = ast.parse(textwrap.dedent(inspect.getsource(case.handler.fn)))
    function = module.body[0]
    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
    return function.body[1:] if ast.get_docstring(function) else function.body


def test_address_map_is_the_golden_one() -> None:
    lines = [f"{c.method:6} {c.path}  {c.roles_text}\n" for c in all_routes()]
    text = "".join(lines)
    assert stored_text(FOLDER / "url_map.txt", text) == text


@pytest.mark.parametrize("case", listed_routes(), ids=str)
def test_every_route_declares_who_may_call_it(case: RouteCase) -> None:
    assert case.is_public or (case.roles and set(case.roles) <= set(Role))


@pytest.mark.parametrize("case", [c for c in OURS if c.is_api], ids=str)
def test_api_handlers_have_at_most_fifteen_lines(case: RouteCase) -> None:
    body = _body(case)
    lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
    assert lines <= HANDLER_MAX


@pytest.mark.parametrize("case", [c for c in OURS if not c.is_api], ids=str)
def test_page_handlers_have_at_most_fifteen_statements(case: RouteCase) -> None:
    found = [n for part in _body(case) for n in ast.walk(part) if isinstance(n, ast.stmt)]
    assert len(found) <= HANDLER_MAX


def test_addresses_are_nouns_in_lower_case() -> None:
    for case in OURS:
        plain = case.path.replace("{", "").replace("}", "").replace("_", "-")
        assert plain == plain.lower(), case
        assert plain == "/" or not plain.endswith("/"), case


def test_every_route_that_writes_has_a_recipe() -> None:
    writing = {str(c) for c in OURS if c.method not in ("GET", "HEAD")}
    missing = sorted(writing - writes())
    gone = sorted(writes() - writing)
    assert (missing, gone) == ([], []), "tests/contract/recipes.py says how each one succeeds"


def test_every_operation_of_the_api_has_a_name_and_a_summary() -> None:
    api = [c for c in OURS if c.path.startswith("/api/v1/")]
    names = [c.handler.operation_id for c in api]
    assert len(set(names)) == len(names)
    assert all(names)
    assert all(c.handler.summary for c in api)
