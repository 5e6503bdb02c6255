"""What every page of the console owes: valid, self-contained, labelled, guarded against forgery."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx
import pytest

from tests.contract.problems import nothing_written
from tests.contract.recipes import recipe
from tests.contract.routes import PERSON_OF, RouteCase, listed_routes
from tests.contract.stage import Call, Stage, undone
from tests.web.html_tree import read_html

CONSOLE = [c for c in listed_routes() if not c.is_api and c.is_ours]
PAGES = [c for c in CONSOLE if c.method == "GET" and not c.path.startswith(("/health", "/metrics"))]
POSTS = [c for c in CONSOLE if c.method == "POST"]
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}
LOOKS = {"pool_look"}
"""A look at confidential figures of a pool is kept (查阅留痕): the one thing a page writes."""
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
EXTERNAL = re.compile(r"^(?:https?:)?//", re.I)


def people(case: RouteCase) -> list[str | None]:
    """Everybody who may see a page."""
    if case.is_public:
        return [None, "clerk", "officer", "auditor"]
    return [person for role, person in PERSON_OF.items() if role in case.roles]


def check_headers(answer: httpx.Response) -> None:
    """The headers that no answer may lack."""
    for name, value in SECURITY.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert re.fullmatch(r"[\w.-]{8,40}", answer.headers["x-request-id"])


def check_page(answer: httpx.Response, *, links: bool = True) -> ElementTree.Element:
    """An HTML page as it ought to be; returns its tree.

    `links` off: the page tells of fields that it does not have, which only a forged form can name.
    """
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    tree = read_html(answer.text)
    assert tree.get("lang") == "zh-CN"
    title = tree.find(".//title")
    assert title is not None and (title.text or "").strip()
    assert len(tree.findall(".//main")) == 1
    assert len(tree.findall(".//h1")) == 1, "one headline"
    for element in tree.iter():
        _check_element(element)
    _check_ids(tree, links)
    _check_labels(tree)
    for form in tree.iter("form"):
        if form.get("method", "get").lower() == "post":
            names = {field.get("name") for field in form.iter("input")}
            assert "_csrf_token" in names, "a form that posts carries the check code"
    return tree


def _check_element(element: ElementTree.Element) -> None:
    assert element.tag != "style"
    assert element.tag != "script" or element.get("src"), "no script in the page"
    for name, value in element.attrib.items():
        assert name != "style" and not name.startswith("on"), (element.tag, name)
        if name in ("href", "src", "action", "poster", "data"):
            assert not EXTERNAL.match(value or ""), value
            assert not (value or "").lower().startswith("javascript:"), value
    if element.tag == "img":
        assert element.get("alt") is not None


def _check_ids(tree: ElementTree.Element, links: bool) -> None:
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    twice = {name for name in ids if ids.count(name) > 1}
    assert not twice, f"ids that stand twice: {twice}"
    inside = [e.get("href", "")[1:] for e in tree.iter("a") if e.get("href", "").startswith("#")]
    assert not links or set(inside) <= {*ids, ""}, "links inside the page lead somewhere"


def _check_labels(tree: ElementTree.Element) -> None:
    named = {label.get("for") for label in tree.iter("label")}
    held = {field for label in tree.iter("label") for field in label.iter()}
    for field in tree.iter():
        if field.tag not in ("input", "select", "textarea") or field.get("type") in UNLABELLED:
            continue
        told = field.get("id") in named or field in held
        assert told or field.get("aria-label") or field.get("aria-labelledby"), (
            f"no label for {field.get('name')}"
        )


@pytest.mark.parametrize("case", PAGES, ids=str)
async def test_page_for_everybody_who_may_see_it(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    for who in people(case):
        async with nothing_written(LOOKS):
            answer = await stage.send(case, call, who)
        foreign = who != call.who and bool(case.names)
        assert answer.status_code in ((200, 303, 404) if foreign else (200, 303)), (
            who,
            answer.text[:300],
        )
        check_headers(answer)
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            check_page(answer)
        if who is not None and answer.headers.get("content-type", "").startswith("text/html"):
            assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("case", PAGES, ids=str)
async def test_page_in_every_state(case: RouteCase, stage: Stage) -> None:
    """Pages of one product, whatever has become of it."""
    if "number" not in case.names or "number" in recipe(case, stage).params:
        return
    who = recipe(case, stage).who
    for state in stage.numbers:
        async with undone():
            answer = await stage.send(case, Call(who, state), who)
        assert answer.status_code in (200, 303, 404), (state, answer.text[:300])
        if answer.text:
            check_page(answer)


@pytest.mark.parametrize("case", POSTS, ids=str)
async def test_post_without_check_code_is_refused(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    for token in (None, "", "0" * 128):
        async with nothing_written():
            given = call.form if token is None else {**(call.form or {}), "_csrf_token": token}
            forged = Call(call.who, call.state, None, given, call.files, {}, call.params)
            answer = await stage.send(case, forged, call.who, csrf=False)
        assert answer.status_code == 403
        assert "校验码" in answer.text
        check_headers(answer)
        check_page(answer)


@pytest.mark.parametrize("case", POSTS, ids=str)
async def test_post_of_nonsense_comes_back_as_a_page(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    nonsense = {"note": "\x00", "name": "x" * 5000, "effective_on": "2025-02-29", "clauses": "1",
                "clauses-0-title": "x", "objections-999-text": "x", "a-b-c-d-e-f-g-h": "1",
                "rate_min_ppm": "١٢", "_action": "submit", "_revision": "9" * 30,
                "revision": "x"}  # fmt: skip
    for form in ({}, nonsense, {**nonsense, "clauses": ["1", "2"]}, {"note": "x", "odd": "y"}):
        params = call.params
        async with undone():
            answer = await stage.send(case, Call(call.who, call.state, form=form, params=params),
                                      call.who)  # fmt: skip
        assert answer.status_code < 500, (form, answer.text[:300])
        check_headers(answer)
        if answer.text and answer.headers["content-type"].startswith("text/html"):
            check_page(answer, links=not form)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/static/console/nothing.css", 404),
        ("GET", "/static/console/%2e%2e/pages/public.py", 404),
        ("GET", "/static/console/eastlake.css", 200),
        ("GET", "/static/swagger/swagger-ui.css", 200),
        ("GET", "/%00", 400),
        ("GET", "/products/" + "x" * 500, 414),
        ("DELETE", "/login", 405),
        ("DELETE", "/api/v1/shelf", 405),
        ("TRACE", "/", 405),
        ("OPTIONS", "/api/v1/products", 401),
        ("POST", "/nothing", 404),
        ("GET", "/health/live", 200),
        ("GET", "/metrics", 200),
        ("GET", "/api/openapi.json", 200),
        ("GET", "/api/docs", 200),
    ],
)
async def test_headers_stand_on_every_answer(
    method: str, path: str, status: int, stage: Stage
) -> None:
    answer = await stage.client.request(method, path, headers={"X-Request-ID": "given-id-1"})
    stage.client.cookies.clear()
    assert answer.status_code in (status, 404 if "%" in path else status)
    assert answer.headers["x-request-id"] == "given-id-1"
    check_headers(answer)
    if path.startswith("/static/"):
        assert "set-cookie" not in answer.headers
    if status == 405:
        assert "GET" in answer.headers["allow"]


async def test_log_in_never_leads_to_another_site(stage: Stage) -> None:
    case = next(c for c in POSTS if c.path == "/login")
    good = recipe(case, stage).form
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:x",
                   "/\r\nX: y", "\x00"):  # fmt: skip
        async with undone():
            answer = await stage.send(case, Call(form={**good, "next": target}), None)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), target


async def test_cookies_are_kept_from_scripts_and_other_sites(stage: Stage) -> None:
    case = next(c for c in POSTS if c.path == "/login")
    async with undone():
        answer = await stage.send(case, recipe(case, stage), None)
    session = next(c for c in answer.headers.get_list("set-cookie") if "eastlake_session" in c)
    assert {"HttpOnly", "Path=/"} <= {part.strip() for part in session.split(";")}
    assert "samesite=lax" in session.lower()
