"""Pages without log-in: shelf, product, types, documents, addresses that do not exist."""

from __future__ import annotations

import httpx
import pytest

from tests.factories import World, make_draft, make_in_library
from tests.web.console import words


async def test_empty_library_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")

    assert answer.status_code == 200
    assert "还没有在库产品" in words(answer)
    assert "0 / 60 个" in words(answer)


async def test_shelf_shows_figures_with_definition_and_products(world: World) -> None:
    number = await make_in_library(world)

    text = words(await world.client.get("/"))

    assert "1 / 60 个" in text
    assert "未暂停、未退出" in text
    assert number in text
    assert "0.8‰ 至 3.5‰" in text
    assert "100 万元 至 50 亿元" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=晶圆", True),
        ("q=芯片", False),
        ("stage=production", True),
        ("stage=market", False),
        ("industry=集成电路", True),
        ("risk_kind=liability", False),
        ("type=PT021", True),
    ],
)
async def test_search_and_filters(world: World, query: str, found: bool) -> None:
    number = await make_in_library(world)

    answer = await world.client.get(f"/?{query}")

    assert answer.status_code == 200
    assert (number in words(answer)) is found
    assert ("没有符合条件" in words(answer)) is not found


async def test_unknown_choice_and_broken_cursor_are_explained(client: httpx.AsyncClient) -> None:
    for query in ("stage=nowhere", "after=broken"):
        answer = await client.get(f"/?{query}")
        assert answer.status_code == 422
        assert "检查未通过" in words(answer)


async def test_pages_go_on_by_key(world: World) -> None:
    for serial in range(21):
        await make_in_library(world, name=f"示例晶圆厂财产一切险（{serial:02d}型）")

    first = await world.client.get("/?q=晶圆")
    following = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = await world.client.get(following)

    assert "共 21 个" in words(first)
    assert "本页 1 个" in words(second)
    assert "回到第一页" in words(second)


async def test_product_page_tells_what_a_buyer_needs(world: World) -> None:
    number = await make_in_library(world)

    answer = await world.client.get(f"/products/{number}")
    text = words(answer)

    for expected in (
        "战争、核辐射、故意行为、自然磨损",
        "投保前完成现场风险查勘",
        "设备清单与价值证明",
        "C00013330912024010435441",
        "027-00000001",
        "责任限额 50 亿元",
        "clause.pdf",
        "不构成推荐",
    ):
        assert expected in text
    assert "rates.pdf" not in text


async def test_draft_is_not_public(world: World) -> None:
    number = await make_draft(world)

    answer = await world.client.get(f"/products/{number}")

    assert answer.status_code == 404
    assert "没有找到" in words(answer)


async def test_public_document_is_downloaded_and_private_one_is_not(world: World) -> None:
    number = await make_in_library(world)
    record = (await world.get("clerk", f"/products/{number}"))["record"]
    open_, closed = (
        next(d["id"] for d in record["documents"] if d["public"] is public)
        for public in (True, False)
    )

    answer = await world.client.get(f"/documents/{open_}")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content.startswith(b"%PDF-")
    assert (await world.client.get(f"/documents/{closed}")).status_code == 404


async def test_types_with_source_and_products(world: World) -> None:
    number = await make_in_library(world)

    every = words(await world.client.get("/types"))
    one = words(await world.client.get("/types/PT021"))

    assert "共 82 种，其中 1 种已有在库产品" in every
    assert "中国金融2023年第18期" in one
    assert number in one
    assert "没有在库产品" in words(await world.client.get("/types/PT001"))
    assert (await world.client.get("/types/PT999")).status_code == 404
    assert "没有符合条件" in words(await world.client.get("/types?q=没有这种"))


async def test_about_names_basis_definition_and_demo(client: httpx.AsyncClient) -> None:
    text = words(await client.get("/about"))

    for expected in ("武政办〔2025〕67号", "library-count/1", "演示数据", "退回补正"):
        assert expected in text


async def test_pages_have_no_foreign_address_and_no_inline_code(world: World) -> None:
    number = await make_in_library(world)

    for path in ("/", f"/products/{number}", "/types", "/types/PT021", "/about"):
        answer = await world.client.get(path)
        assert "http://" not in answer.text.replace("http://testserver", "")
        assert "https://" not in answer.text
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_shelf_is_exported_with_its_filters(world: World) -> None:
    number = await make_in_library(world)

    page = await world.client.get("/?stage=production&q=晶圆")
    href = page.text.split('class="exports"')[1].split('href="')[2].split('"')[0]
    file = await world.client.get(href.replace("&amp;", "&"))

    assert href.startswith("/reports/shelf.csv?q=")
    assert file.headers["content-disposition"].startswith("attachment")
    assert number in file.content.decode("utf-8-sig")
    empty = await world.client.get("/reports/shelf.csv?stage=market")
    assert number not in empty.content.decode("utf-8-sig")
    assert (await world.client.get("/reports/nothing.csv")).status_code == 404


async def test_unknown_address_is_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/no/such/page")

    assert answer.status_code == 404
    assert "返回首页" in words(answer)
