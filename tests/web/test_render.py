"""The frame of the console: every component on one page, messages, error pages, addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.config.csrf import CSRFConfig

from service.kernel.errors import Conflict, NotFound, Stale
from service.web.assets import STATIC_FOLDER, asset_url, static_router
from service.web.render import error_page, negotiate, page, redirect, safe_path, url_with
from tests.web import gallery
from tests.web.html_tree import read_html

AnyRequest = Request[Any, Any, Any]


@get("/gallery", sync_to_thread=False)
def show_gallery(request: AnyRequest) -> Response[str]:
    return page(request, gallery.gallery_template(), **gallery.sample_context())


@post("/saved", sync_to_thread=False)
def save(request: AnyRequest) -> Response[Any]:
    return redirect(request, "/gallery?stage=a", "<b>已保存</b>")


@get("/broken/{kind:str}", sync_to_thread=False)
def broken(kind: str) -> None:
    raise {
        "404": NotFound("产品", "product", "P-1<script>"),
        "409": Conflict("conflict.status_moved"),
        "412": Stale("conflict.stale"),
        "500": RuntimeError("secret detail"),
    }[kind]


def _error(request: AnyRequest, error: Exception) -> Response[str]:
    return error_page(request, error)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [show_gallery, save, broken, static_router()],
        csrf_config=CSRFConfig(secret="x" * 32, cookie_name="eastlake_csrf"),
        exception_handlers={Exception: _error},
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as opened:
        yield opened


async def _gallery(client: httpx.AsyncClient) -> tuple[str, ET.Element]:
    answer = await client.get("/gallery?stage=a&after=cursor")
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text, read_html(answer.text)


def _all(tree: ET.Element, name: str, path: str = ".//*") -> list[str]:
    return [node.attrib[name] for node in tree.iterfind(f"{path}[@{name}]")]


async def test_page_obeys_the_strict_policy(client: httpx.AsyncClient) -> None:
    text, tree = await _gallery(client)
    assert not _all(tree, "style") and not tree.findall(".//style")
    assert all(s.get("src") and not s.text for s in tree.iterfind(".//script"))
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)


async def test_every_input_has_a_label_and_ids_are_unique(client: httpx.AsyncClient) -> None:
    _, tree = await _gallery(client)
    ids = Counter(_all(tree, "id"))
    assert [i for i, n in ids.items() if n > 1] == []
    labelled = set(_all(tree, "for", ".//label"))
    wrapped = {id(node) for label in tree.iterfind(".//label") for node in label.iter()}
    for field in tree.iter():
        if field.tag in ("input", "select", "textarea") and field.get("type") != "hidden":
            assert field.get("id") in labelled or id(field) in wrapped, field.attrib
    for described in _all(tree, "aria-describedby"):
        assert all(i in ids for i in described.split()), described
    assert all(image.get("alt") is not None for image in tree.iterfind(".//img"))


async def test_findings_link_to_fields_that_exist(client: httpx.AsyncClient) -> None:
    _, tree = await _gallery(client)
    summary = next(s for s in tree.iterfind(".//section") if "data-findings" in s.attrib)
    links = _all(summary, "href", ".//a")
    assert "#f-clauses-1-title" in links
    assert {link[1:] for link in links} <= set(_all(tree, "id"))
    wrong = {node.get("id") for node in tree.iterfind(".//*[@aria-invalid]")}
    assert wrong == {"f-name", "f-sum_min_fen", "f-waiting_days", "f-clauses-1-title"}


async def test_typed_values_and_stored_values_are_shown(client: httpx.AsyncClient) -> None:
    _, tree = await _gallery(client)
    inputs = [node for node in tree.iterfind(".//input") if node.get("name")]
    values = {node.get("name"): node.get("value") for node in inputs}
    assert values["sum_min_fen"] == "十二万" and values["sum_max_fen"] == "10,000"
    assert values["sum_max_fen@unit"] == "万元" and values["rate_min_ppm"] == "1.25"
    assert values["clauses-1-registration_number"] == "C00001732312025060700001"
    boxes = [node for node in inputs if node.get("name") == "industries"]
    assert [box.get("value") for box in boxes if box.get("checked") is not None] == [
        "生物医药",
        "人工智能",
    ]


async def test_sort_and_page_links_keep_the_filter_and_drop_the_cursor(
    client: httpx.AsyncClient,
) -> None:
    _, tree = await _gallery(client)
    assert "/gallery?stage=a&sort=moved" in _all(tree, "href", ".//th/a")
    assert _all(tree, "href", ".//a[@rel='next']") == ["/gallery?stage=a&after=abc"]
    assert _all(tree, "aria-sort", ".//th") == ["descending"]
    assert url_with(stage="b") == "?stage=b", "outside a page there is no address to keep"


async def test_each_form_posts_the_check_code(client: httpx.AsyncClient) -> None:
    _, tree = await _gallery(client)
    forms = tree.findall(".//form[@method='post']")
    assert len(forms) == 3
    for form in forms:
        assert form.find("./input[@name='_csrf_token']").get("value")  # type: ignore[union-attr]


async def test_message_after_redirect_is_shown_once_and_cannot_be_forged(
    client: httpx.AsyncClient,
) -> None:
    await client.get("/gallery")
    code = client.cookies["eastlake_csrf"]
    answer = await client.post("/saved", data={"_csrf_token": code})
    assert answer.status_code == 303 and answer.headers["location"] == "/gallery?stage=a"
    cookie = client.cookies["eastlake_flash"]
    shown = await client.get("/gallery")
    assert "&lt;b&gt;已保存&lt;/b&gt;" in shown.text
    assert "eastlake_flash" not in client.cookies
    forged = await client.get("/gallery", headers={"cookie": f"eastlake_flash=A{cookie}"})
    assert forged.status_code == 200 and "&lt;b&gt;已保存" not in forged.text
    odd = await client.get("/gallery", headers={"cookie": "eastlake_flash=%ff.%ff"})
    assert odd.status_code == 200


async def test_missing_check_code_is_explained_and_the_cookie_renewed(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/saved", data={})
    assert answer.status_code == 403 and "页面校验码缺失或已失效" in answer.text
    assert "eastlake_csrf=" in answer.headers["set-cookie"]


@pytest.mark.parametrize("status", ["404", "409", "412", "500"])
async def test_error_pages_are_chinese_and_tell_no_secret(
    client: httpx.AsyncClient, status: str
) -> None:
    answer = await client.get(f"/broken/{status}")
    assert answer.status_code == int(status)
    assert f"错误 {status}" in answer.text and "返回首页" in answer.text
    assert "secret detail" not in answer.text and "P-1<script>" not in answer.text


async def test_unknown_address_and_wrong_method_get_a_page(client: httpx.AsyncClient) -> None:
    await client.get("/gallery")
    missing = await client.get("/nowhere")
    wrong = await client.delete(
        "/gallery", headers={"x-csrftoken": client.cookies["eastlake_csrf"]}
    )
    assert missing.status_code == 404 and "错误 404" in missing.text
    assert wrong.status_code == 405 and "错误 405" in wrong.text


async def test_static_files_are_served_and_kept_for_a_year(client: httpx.AsyncClient) -> None:
    for file in STATIC_FOLDER.iterdir():
        answer = await client.get(asset_url(file.name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", answer.text)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/products/1?x=2", "/products/1?x=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        (None, "/"),
    ],
)
def test_only_paths_of_this_site_are_followed(path: str | None, kept: str) -> None:
    assert safe_path(path) == kept


def test_json_below_api_only() -> None:
    assert [negotiate(p) for p in ("/api", "/api/v1/x", "/apiary", "/")] == [
        "json",
        "json",
        "html",
        "html",
    ]
