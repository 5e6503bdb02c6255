"""Odd addresses, queries, headers, credentials and files: a clear 4xx, nothing left behind."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from service.kernel.db import sql
from tests.contract.problems import found, nothing_written, problem
from tests.contract.recipes import recipe
from tests.contract.routes import listed_routes
from tests.contract.stage import Stage, undone
from tests.factories import PDF, draft

PIECES = ["%00", "%0a", "%7f", "x" * 5000, "..%2f..%2fetc%2fpasswd", "%2e%2e", "中文",
          "%ff%fe", "'%20OR%201=1--", "%F0%9F%98%80", "%20", "%25", "%3Cscript%3E", "-1", "0",
          "1.5", "99999999999999999999", "9223372036854775808", "1e3", "0x10",
          "%E2%80%AE"]  # fmt: skip
NAMED = [case for case in listed_routes() if case.names]


@pytest.mark.parametrize("piece", PIECES, ids=[p[:20] for p in PIECES])
async def test_every_address_with_odd_pieces(piece: str, stage: Stage) -> None:
    wrong = {}
    for case in NAMED:
        call = recipe(case, stage)
        path = case.path.format(**dict.fromkeys(case.names, piece))
        who = call.who
        headers = stage.world.headers[who] if who and case.is_api else {}
        if not case.is_api:
            headers = {"Cookie": stage.cookie(who), "X-CSRFToken": stage.csrf}
        body = {} if case.method in ("GET", "HEAD", "DELETE") else {"json": call.json or {}}
        async with nothing_written():
            answer = await stage.client.request(
                case.method, path, headers={**headers, **call.headers}, **body
            )
        stage.client.cookies.clear()
        if not 300 <= answer.status_code < 500:
            wrong[str(case)] = (answer.status_code, answer.text[:200])
        elif case.is_api and answer.status_code >= 400:
            problem(answer)
    assert wrong == {}


LISTS = ["/shelf", "/products", "/organisations", "/users", "/journal"]
QUERIES = [("limit=0", "limit"), ("limit=-1", "limit"), ("limit=1000000000", "limit"),
           ("limit=abc", "limit"), ("limit=99999999999999999999", "limit"),
           ("limit=", "limit"), ("cursor=garbage", "cursor"), ("cursor=AAAA", "cursor"),
           ("cursor=中", "cursor"), ("cursor=W10", "cursor"), ("cursor=" + "A" * 3000, "cursor"),
           ("cursor=%00", "address"), ("q=" + "字" * 3000, "query")]  # fmt: skip


@pytest.mark.parametrize(("query", "field"), QUERIES, ids=[q[0][:24] for q in QUERIES])
async def test_every_list_with_odd_queries(query: str, field: str, stage: Stage) -> None:
    for path in LISTS:
        async with nothing_written():
            answer = await stage.world.call("admin", "GET", f"{path}?{query}")
        assert field in {f for f, _ in found(problem(answer, 400, 414, 422))}, path


async def test_cursor_of_another_list_is_refused(stage: Stage) -> None:
    """Cursors of one shape could be swapped; a number where a name belongs is noticed."""
    cursors = {}
    for path in LISTS:
        page = await stage.world.get("admin", f"{path}?limit=1")
        cursors[path] = page["next"]
    assert all(cursors.values())
    for path, other in (("/journal", "/users"), ("/users", "/journal"), ("/shelf", "/journal")):
        answer = await stage.world.call("admin", "GET", f"{path}?cursor={cursors[other]}")
        assert found(problem(answer, 422)) == {("cursor", "form.invalid_cursor")}


ODD = [("/shelf?stage=moon", "stage", "form.not_a_choice"),
       ("/shelf?risk_kind=moon", "risk_kind", "form.not_a_choice"),
       ("/products?status=moon", "status", "form.not_a_choice"),
       ("/shelf?q=" + "x" * 300, "q", "form.too_long"),
       ("/users?role=king", "role", ""), ("/users?active=maybe", "active", ""),
       ("/organisations?kind=bank", "kind", ""), ("/journal?day=2025-02-29", "day", ""),
       ("/library/count?as_of=2025-02-29", "as_of", "form.invalid_date"),
       ("/library/count?as_of=0000-00-00", "as_of", "form.invalid_date"),
       ("/library/count?as_of=20250607", "as_of", "form.invalid_date"),
       ("/library/count?as_known_at=2025-02-29", "as_known_at", "form.not_a_date"),
       ("/library/count?as_known_at=2025-01-01T00:00:00", "as_known_at", ""),
       ("/library/count?as_known_at=0001-01-01T00:00:00%2B14:00", "as_known_at", ""),
       ("/library/count?as_known_at=9999-12-31T00:00:00%2B00:00", "as_known_at", ""),
       ("/library/trend?from_day=2026-01-01&to_day=2025-01-01", "to_day", "library.days_reversed"),
       ("/library/trend?from_day=0001-01-01&to_day=9999-12-31", "from_day", "form.out_of_range"),
       ("/library/trend?to_day=9999-12-31", "from_day", "form.out_of_range"),
       ("/products/{number}?version=abc", "version", "form.type"),
       ("/products/{number}/difference?old=1", "new", "form.missing"),
       ("/products/{number}/difference?old=x&new=1", "old", "form.type"),
       ("/reports/shelf.json?colour=red", "colour", "form.unknown_field"),
       ("/reports/library-count.json?as_of=2025-02-29", "as_of", "form.not_a_date"),
       ]  # fmt: skip


@pytest.mark.parametrize(("path", "field", "code"), ODD, ids=[o[0][:60] for o in ODD])
async def test_query_value(path: str, field: str, code: str, stage: Stage) -> None:
    path = path.format(number=stage.numbers["draft"])
    async with nothing_written():
        answer = await stage.world.call("admin", "GET", path)
    told = found(problem(answer, 422))
    assert (field, code) in told if code else field in {f for f, _ in told}


SEARCHES = ["晶圆", "晶圆 财产", "晶 圆 财产一切险", "光谷版", "a b", "wafer 晶圆",
            "(){}", "%_\\", "'"]  # fmt: skip


NARROW = ({"insurer": "x"}, {"type": "PT021"}, {"stage": "production"})


async def test_misspelt_filter_is_told_and_answers_nothing(stage: Stage) -> None:
    filters = {"/shelf": "stage", "/products": "status", "/schemes": "status",
               "/notices": "open", "/applications": "scheme", "/me": ""}  # fmt: skip
    for path, known in filters.items():
        answer = await stage.world.call("admin", "GET", f"{path}?stagee=production&odd=")
        body = problem(answer, 400)
        assert found(body) == {("stagee", "http.unknown_query"), ("odd", "http.unknown_query")}
        assert known in body["errors"][0]["message_en"] + body["errors"][0]["remedy_en"]


@pytest.mark.parametrize("words", SEARCHES)
async def test_every_list_takes_every_search(words: str, stage: Stage) -> None:
    """Words that an index answers, words that it cannot, each alone and with a narrow filter."""
    narrow = {"/shelf": NARROW, "/products": NARROW, "/product-types": NARROW[-1:]}
    for path in ("/shelf", "/products", "/product-types", "/organisations", "/users"):
        for more in ({}, *narrow.get(path, ())):
            async with nothing_written():
                answer = await stage.world.call("admin", "GET", path, params={"q": words, **more})
            assert answer.status_code == 200, (path, more, answer.text[:300])


@pytest.mark.parametrize("path", ["/", "/types", "/login", "/about"])
@pytest.mark.parametrize("query", ["q=%00", "stage=moon", "after=x", "q=" + "x" * 9000, "next=//x"])
async def test_public_pages_with_odd_queries(path: str, query: str, stage: Stage) -> None:
    answer = await stage.client.get(f"{path}?{query}")
    stage.client.cookies.clear()
    assert answer.status_code < 500
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 428), ("", 428), ("r1", 412), ('"r1', 412), ('"1"', 412), ('"r99"', 412),
     ("r1,r2", 412), ('"r9999999999999"', 412), ("中".encode(), 412), ('"r-1"', 412)],
)  # fmt: skip
async def test_if_match(header: Any, status: int, stage: Stage) -> None:
    content = {k: v for k, v in draft().items() if k != "type_code"}
    headers = {} if header is None else {"If-Match": header}
    path = f"/products/{stage.numbers['draft']}/draft"
    async with nothing_written():
        answer = await stage.world.call("clerk", "PUT", path, content, headers=headers)
    problem(answer, status)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer elt_" + "x" * 5000, "x", "Bearer 中"],
    ids=repr,
)
async def test_authorization_that_is_none(header: str, stage: Stage) -> None:
    headers = {"Authorization": header.encode()}
    for path in ("/shelf", "/products"):
        async with nothing_written():
            answer = await stage.world.call(None, "GET", path, headers=headers)
        assert problem(answer, 401)["code"] == "auth.token_expired"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE api_token SET expires_at = created_at - interval '1 second'",
        "UPDATE api_token SET revoked_at = now()",
        "UPDATE eastlake_user SET active = false WHERE login = 'clerk'",
        "UPDATE organisation SET active = false",
    ],
)
async def test_token_that_no_longer_counts(change: str, stage: Stage) -> None:
    async with undone():
        await sql(change)
        async with nothing_written():
            answer = await stage.world.call("clerk", "POST", "/products", draft())
    problem(answer, 401)


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "中文".encode()])
async def test_idempotency_key_that_is_none(key: Any, stage: Stage) -> None:
    async with nothing_written():
        answer = await stage.world.call(
            "clerk", "POST", "/products", draft(), headers={"Idempotency-Key": key}
        )
    assert {f for f, _ in found(problem(answer, 422))} == {"Idempotency-Key"}


async def test_headers_of_any_size_do_not_break_it(stage: Stage) -> None:
    headers = {"X-Request-ID": "x" * 5000, "X-Odd": "y" * 50_000, "Cookie": "a=" + "b" * 20_000}
    answer = await stage.world.call(None, "GET", "/shelf", headers=headers)
    assert answer.status_code == 200
    assert len(answer.headers["x-request-id"]) == 16


def _zip(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return stream.getvalue()


FILES: list[tuple[str, bytes, str, str]] = [
    ("x.pdf", b"MZ executable", "other", "document.not_what_it_says"),
    ("x.exe", b"MZ executable", "other", "document.type"),
    ("x.pdf.exe", PDF, "other", "document.type"),
    ("pdf", PDF, "other", "document.type"),
    ("x.svg", b"<svg onload='alert(1)'/>", "other", "document.type"),
    ("x.html", b"<script>", "other", "document.type"),
    ("x.pdf", b"", "other", "document.empty"),
    ("x.png", PDF, "other", "document.not_what_it_says"),
    ("x.docx", b"PK\x03\x04 broken", "other", "document.not_what_it_says"),
    ("x.xlsx", _zip("word/document.xml"), "other", "document.not_what_it_says"),
    ("x.docx", _zip("word/document.xml", "word/vbaProject.bin"), "other",
     "document.not_what_it_says"),
    ("x.pdf", PDF, "moon", "form.not_a_choice"),
    ("x.pdf", PDF, "", "form.not_a_choice"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind", "code"), FILES)
async def test_file(name: str, content: bytes, kind: str, code: str, stage: Stage) -> None:
    async with nothing_written():
        answer = await stage.client.post(
            "/api/v1/documents",
            files={"file": (name, content)},
            data={"kind": kind},
            headers=stage.world.headers["clerk"],
        )
    assert code in {c for _, c in found(problem(answer, 422))}


async def test_uploads_that_are_none(stage: Stage) -> None:
    headers = stage.world.headers["clerk"]
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    parts: list[dict[str, Any]] = [
        {"data": {"kind": "other"}},
        {"files": {"file": ("x.pdf", PDF)}},
        {"files": {"file": ("x.pdf", PDF)}, "data": {"kind": "other", "more": "1"}},
        {"json": {"file": "x", "kind": "other"}},
        {"content": b"--x\r\nbroken", "headers": broken},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {},
    ]
    for path in ("/api/v1/documents", "/api/v1/product-imports"):
        for part in parts:
            more = {**part, "headers": {**headers, **part.get("headers", {})}}
            async with nothing_written():
                answer = await stage.client.post(path, **more)
            problem(answer, 400, 415, 422)


async def test_file_over_ten_megabytes(stage: Stage) -> None:
    for size in (10 * 1_048_576 + 1, 12 * 1_048_576):
        async with nothing_written():
            answer = await stage.client.post(
                "/api/v1/documents",
                files={"file": ("x.pdf", PDF + b"x" * size)},
                data={"kind": "other"},
                headers=stage.world.headers["clerk"],
            )
        problem(answer, 413)


async def test_file_name_cannot_leave_its_place(stage: Stage) -> None:
    async with undone():
        answer = await stage.client.post(
            "/api/v1/documents",
            files={"file": ("..\\..\\etc/pass\x01wd\r\nX: y.pdf", PDF)},
            data={"kind": "other"},
            headers=stage.world.headers["clerk"],
        )
    assert answer.status_code == 201
    assert not set(answer.json()["file_name"]) & set("/\\\r\n\x01")


async def test_session_that_no_longer_counts(stage: Stage) -> None:
    async with undone():
        await sql("UPDATE session SET expires_at = expires_at - $1::interval", timedelta(days=1))
        answer = await stage.client.get(
            "/insurer/products", headers={"Cookie": stage.cookie("clerk")}
        )
    stage.client.cookies.clear()
    assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
