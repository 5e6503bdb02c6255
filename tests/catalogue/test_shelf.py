"""The public shelf: words, filters, pages by key, bounded totals, and the table that carries it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
import pytest_asyncio

from catalogue.products import listing, shelf
from catalogue.products.search import fold, query_words, search_tokens
from catalogue.products.shelf import ShelfQuery
from catalogue.shapes import ProductItem, ProductPage, ProductRecord
from service.api import encode_cursor
from service.kernel.db import ENGINE, sql, sql_value
from tests.bench.library_data import fill_library
from tests.factories import World, make_draft, make_in_library

PRODUCTS = 260


@pytest_asyncio.fixture(loop_scope="session")
async def library(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """260 products of 60 insurers, inside the test's transaction."""
    work = ENGINE.current_transaction.get()
    assert work is not None
    await fill_library(work.connection, PRODUCTS)
    yield client


@pytest.fixture
def narrow_limits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Few rows are many, so that every way of finding rows is taken."""
    monkeypatch.setattr(listing, "COUNT_MAX", 20)
    monkeypatch.setattr(listing, "WINDOW", 12)
    listing._text.cache_clear()
    yield
    listing._text.cache_clear()


async def numbers(client: httpx.AsyncClient, query: str = "") -> list[str]:
    """Product numbers of the first page that a search gives."""
    answer = await client.get(f"/api/v1/shelf?limit=200&{query}")
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


async def test_words_of_every_kind_hit(world: World) -> None:
    chips = await make_in_library(
        world,
        name="示例芯片研发费用损失保险A+款",
        summary="承保 GPU-7 车规级芯片的研发中断。",
    )
    fab = await make_in_library(
        world, name="示例晶圆厂财产一切险", summary="承保洁净室，费率 100% 公开。"
    )
    hits = {
        "芯片": [chips],
        "研发": [chips],
        "芯": [chips],
        "芯片研发费用": [chips],
        "gpu": [chips],
        "GPU-7": [chips],
        "ｇｐｕ": [chips],  # full width, as typed on a Chinese keyboard
        "pu": [chips],
        "7 车规": [chips],
        "芯片 中断": [chips],
        "晶圆厂": [fab],
        "100%": [fab],
        "芯片 晶圆厂": [],
        "研 发": [chips],
        "发研": [],
        "1_0%": [],
        "00013330": sorted([chips, fab]),  # in the middle of a registration number
        "集成电路": sorted([chips, fab]),
    }
    for words, wanted in hits.items():
        assert sorted(await numbers(world.client, f"q={quote(words)}")) == wanted, words


async def test_filters_narrow_alone_and_together(world: World) -> None:
    research = {"type_code": "PT001", "stages": ["research"], "industries": ["人工智能"]}
    first = await make_in_library(world)
    second = await make_in_library(world, "rival", name="示例算法研发损失保险", **research)
    alone = {
        "stage=production": [first],
        "stage=research": [second],
        f"industry={quote('人工智能')}": [second],
        f"industry={quote('集成电路')}": [first],
        "industry=none": [],
        "type=PT001": [second],
        "risk_kind=property": [first],
        "risk_kind=expense_loss": [second],
        f"insurer={world.usccs['insurer']}": [first],
        f"district={quote('武昌区')}": [second],
        f"stage=research&insurer={world.usccs['insurer']}": [],
        f"type=PT001&q={quote('研发')}&district={quote('武昌区')}": [second],
    }
    for query, wanted in alone.items():
        assert await numbers(world.client, query) == wanted, query


async def test_a_row_follows_whatever_it_is_made_of(world: World) -> None:
    number = await make_in_library(world)
    await make_draft(world)

    async def items() -> Any:
        return (await world.get(None, "/shelf"))["items"]

    assert [item["number"] for item in await items()] == [number]
    await sql(
        "UPDATE organisation SET short_name = '新名', district = '洪山区' WHERE id = $1",
        world.organisations["insurer"],
    )
    assert [(i["insurer"], i["district"]) for i in await items()] == [("新名", "洪山区")]
    await sql("UPDATE product_type SET name = '新类型' WHERE code = 'PT021'")
    assert [item["type_name"] for item in await items()] == ["新类型"]
    assert await numbers(world.client, f"district={quote('洪山区')}") == [number]

    note = {"note": "停售整改"}
    await world.post("approver", f"/products/{number}/suspension", note)
    assert await items() == []
    await world.post("approver", f"/products/{number}/resumption", note)
    assert [item["number"] for item in await items()] == [number]
    assert await sql("SELECT * FROM shelf_differences()") == []
    await sql("UPDATE shelf_item SET sort_key = 'x'")
    assert len(await sql("SELECT * FROM shelf_differences()")) == 1


async def test_paging_meets_every_row_once_while_rows_are_added(
    library: httpx.AsyncClient,
) -> None:
    wanted = await plainly(ShelfQuery())
    late, early, gone = wanted[100], wanted[200], wanted[3]
    hide = "UPDATE product SET status = 'suspended' WHERE number = $1"
    show = "UPDATE product SET status = 'in_library' WHERE number = $1"
    await sql(hide, late)
    await sql(hide, early)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await library.get(f"/api/v1/shelf?limit=17{cursor}")).json()
        seen += [item["number"] for item in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
        if len(seen) == 34:
            await sql(show, late)  # comes in after the cursor: still met
            await sql(hide, gone)  # leaves before the cursor: nothing is skipped
        if len(seen) == 221:
            await sql(show, early)  # comes in before the cursor: the next reader meets it
    assert seen == [number for number in wanted if number != early]


QUERIES = (
    ShelfQuery(),
    ShelfQuery(q="研发"),
    ShelfQuery(q="芯片"),
    ShelfQuery(q="核聚变"),
    ShelfQuery(q="长江"),
    ShelfQuery(q="氢"),
    ShelfQuery(q="芯片 激光"),
    ShelfQuery(q="91202400000001"),
    ShelfQuery(q="保险", stage="research"),
    ShelfQuery(stage="market"),
    ShelfQuery(industry="光电子"),
    ShelfQuery(risk_kind="liability"),
    ShelfQuery(district="洪山区"),
    ShelfQuery(type="PT021"),
    ShelfQuery(type="PT021", q="保险 光谷"),
    ShelfQuery(industry="软件", district="武昌区", q="承保"),
)


async def plainly(query: ShelfQuery) -> list[str]:
    """The same search in the plainest words: every row judged, then sorted."""
    words = [f"%{word}%" for word in fold(query.q or "").split()]
    rows = await sql(
        "SELECT p.number FROM product p JOIN product_version v ON v.id = p.current_version"
        " JOIN product_type t ON t.id = p.product_type JOIN organisation o ON o.id = p.insurer"
        " WHERE p.status = 'in_library' AND v.search_text LIKE ALL ($1::text[])"
        " AND ($2::text IS NULL OR $2 = ANY (v.stages)) AND ($3::text IS NULL"
        " OR $3 = ANY (v.industries)) AND ($4::text IS NULL OR t.risk_kind = $4)"
        " AND ($5::text IS NULL OR o.district = $5) AND ($6::text IS NULL OR t.code = $6)"
        ' ORDER BY v.sort_key COLLATE "C", p.id',
        words,
        query.stage,
        query.industry,
        query.risk_kind,
        query.district,
        query.type,
    )
    return [row["number"] for row in rows]


@pytest.mark.parametrize("limit", [5, 40])
async def test_every_way_of_finding_rows_gives_the_plain_result(
    library: httpx.AsyncClient, narrow_limits: None, limit: int
) -> None:
    for query in QUERIES:
        wanted = await plainly(query)
        seen: list[str] = []
        cursor = None
        while True:
            page = await paged(query, cursor=cursor, limit=limit)
            seen += [item["number"] for item in page["items"]]
            exact = len(wanted) <= 20
            assert page["total"] == {"value": min(len(wanted), 20), "exact": exact}, query
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == wanted, query


async def paged(query: ShelfQuery, **turn: Any) -> Any:
    """One page of a search, asked of the use case."""
    return shelf.decoded(await shelf.shelf_page(replace(query, **turn)))


async def test_pages_turn_back(library: httpx.AsyncClient, narrow_limits: None) -> None:
    for query in (ShelfQuery(), ShelfQuery(q="研发"), ShelfQuery(q="芯片 激光")):
        query = replace(query, limit=7, both_ways=True)
        first = await paged(query)
        second = await paged(query, cursor=first["next"])
        back = await paged(query, before=second["previous"])
        assert first["previous"] is None
        assert back["items"] == first["items"]
        assert back["next"] == first["next"]
        assert back["previous"] is None


async def test_total_is_exact_up_to_a_thousand(
    library: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (await library.get("/api/v1/shelf?limit=1")).json()
    assert page["total"] == {"value": PRODUCTS, "exact": True}
    past = encode_cursor(["zzzz", 1])
    empty = (await library.get(f"/api/v1/shelf?cursor={past}")).json()
    assert empty == {"items": [], "next": None, "total": {"value": PRODUCTS, "exact": True}}
    monkeypatch.setattr(listing, "COUNT_MAX", 100)
    listing._text.cache_clear()
    page = (await library.get("/api/v1/shelf?limit=1")).json()
    listing._text.cache_clear()
    assert page["total"] == {"value": 100, "exact": False}


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("cursor=nonsense", "form.invalid_cursor", "cursor"),
        ("cursor=W10", "form.invalid_cursor", "cursor"),
        ("cursor=" + encode_cursor([1, 2]), "form.invalid_cursor", "cursor"),
        ("cursor=" + encode_cursor(["a", "2"]), "form.invalid_cursor", "cursor"),
        ("limit=0", "form.out_of_range", "limit"),
        ("limit=201", "form.out_of_range", "limit"),
        ("stage=start", "form.not_a_choice", "stage"),
        ("risk_kind=war", "form.not_a_choice", "risk_kind"),
        ("q=" + "长" * 201, "form.too_long", "q"),
    ],
)
async def test_bad_questions_name_field_and_rule(
    client: httpx.AsyncClient, query: str, code: str, field: str
) -> None:
    answer = await client.get(f"/api/v1/shelf?{query}")
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (problem["errors"][0]["code"], problem["errors"][0]["field"]) == (code, field)
    assert problem["errors"][0]["message_zh"] and problem["errors"][0]["remedy_en"]


async def test_a_forged_cursor_is_refused_or_harmless(client: httpx.AsyncClient) -> None:
    for values, status in ((["a", 2**63 - 1], 200), (["a", 2**63], 422), (["a\x00", 1], 422)):
        answer = await client.get(f"/api/v1/shelf?cursor={encode_cursor(values)}")
        assert answer.status_code == status, answer.text


async def test_answers_have_the_published_shape(library: httpx.AsyncClient) -> None:
    page = await library.get("/api/v1/shelf?limit=30")
    shaped = msgspec.json.decode(page.content, type=ProductPage, strict=True)
    assert set(page.json()["items"][0]) == {field.name for field in fields(ProductItem)}
    assert len(shaped.items) == 30
    for item in shaped.items[:5]:
        body = (await library.get(f"/api/v1/shelf/{item.number}")).content
        record = msgspec.json.decode(body, type=ProductRecord, strict=True)
        assert (record.number, record.name) == (item.number, item.name)
        assert record.clauses and record.components
        assert all(document.public for document in record.documents)


async def test_answers_carry_their_headers_and_are_compressed_when_asked(
    library: httpx.AsyncClient,
) -> None:
    plain = await library.get("/api/v1/shelf", headers={"Accept-Encoding": "identity"})
    small = await library.get("/api/v1/shelf", headers={"Accept-Encoding": "gzip"})
    assert plain.content == small.content
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(plain.content) // 2
    for answer in (plain, small):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-security-policy" in answer.headers
        assert answer.headers["x-request-id"]


async def test_only_the_library_is_on_the_shelf(world: World) -> None:
    number = await make_draft(world)
    answer = await world.call(None, "GET", f"/shelf/{number}")
    assert answer.status_code == 404
    assert await sql_value("SELECT count(*) FROM shelf_item") == 0


def test_tokens_answer_for_words_of_one_and_two_characters() -> None:
    assert search_tokens("芯片 AI2025") == ["芯", "片", "芯片", "ai2", "i20", "202", "025"]
    assert query_words("芯片研发") == (["芯片", "片研", "研发"], ["芯片研发"])
    assert query_words("芯 ai GPU") == (["芯", "gpu"], ["芯", "ai", "gpu"])
