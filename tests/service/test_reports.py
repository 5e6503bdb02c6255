"""Reports: who may read them, that each format says the same, and that bytes repeat."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from catalogue.products import figures
from service import reports
from service.auth import PUBLIC, Actor
from service.demo import DemoAccount, people
from service.kernel.db import sql
from service.kernel.errors import Forbidden, NotFound, Refused, Unauthenticated
from service.reports.api import ReportRoutes
from service.reports.shape import Column, Kind, Report
from service.reports.writing import write

PUBLIC_ONES = {
    "shelf",
    "library-count",
    "library-trend",
    "stage-industry-map",
    "product-types",
    "catalogue-items",
}
POOLS = {
    "pool-members",
    "pool-year-shares",
    "pool-balances",
    "consent-requests",
    "pool-premium-parts",
    "pool-obligations",
    "pool-premium-balances",
    "pool-lines",
    "pool-shares",
    "pool-accumulation",
    "claim-parts",
}
PLACED = {"pool-risks", "pool-placements", "claims"}
COVER = {"policies", "objects", "enrolments", "recoveries"} | PLACED
SUBSIDY = COVER | {"qualifications", "applications"}
OFFICE = SUBSIDY | POOLS | {"objections", "payments", "payee-accounts", "products", "queue"}
VISIBLE = {
    "clerk": COVER | POOLS | {"payee-accounts", "products"},
    "manager": COVER | POOLS | {"payee-accounts", "products", "organisations", "users"},
    "firm": SUBSIDY,
    "officer": OFFICE | {"organisations"},
    "admin": OFFICE | {"organisations", "users", "journal"},
    "auditor": OFFICE | {"organisations", "users", "journal"},
}
THEN = {"as_of": "2026-06-30", "as_known_at": "2026-07-31"}


async def _person(login: str) -> Actor:
    return (await people.actors())[login]


async def _json(name: str, actor: Actor = PUBLIC, **params: str) -> dict[str, Any]:
    made = await reports.run(name, actor, params, "json")
    answer: dict[str, Any] = json.loads(made.content)
    return answer


def _csv_rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_every_report_runs_in_every_format(played: list[DemoAccount]) -> None:
    admin = await _person("admin")
    for name, report in reports.REGISTRY.items():
        rows = (await _json(name, admin))["rows"]
        assert rows or name in POOLS, name
        table = _csv_rows((await reports.run(name, admin, {}, "csv")).content)
        assert len(table) == len(rows)
        book = load_workbook(io.BytesIO((await reports.run(name, admin, {}, "xlsx")).content))
        assert book.sheetnames == [report.title, "口径"]
        assert book[report.title].max_row == len(rows) + 1
        assert book["口径"]["B2"].value == report.note


@pytest.mark.parametrize("login", VISIBLE)
async def test_each_role_sees_its_reports(played: list[DemoAccount], login: str) -> None:
    actor = await _person(login)
    assert {report.name for report in reports.visible(actor)} == PUBLIC_ONES | VISIBLE[login]
    for name in set(reports.REGISTRY) - PUBLIC_ONES - VISIBLE[login]:
        with pytest.raises(Forbidden):
            await reports.run(name, actor, {}, "csv")


async def test_the_public_sees_only_the_public_ones(played: list[DemoAccount]) -> None:
    assert {report.name for report in reports.visible(PUBLIC)} == PUBLIC_ONES
    with pytest.raises(Unauthenticated):
        await reports.run("users", PUBLIC, {}, "csv")


async def test_unknown_reports_formats_and_parameters(played: list[DemoAccount]) -> None:
    for name, fmt in (("nothing", "csv"), ("shelf", "pdf")):
        with pytest.raises(NotFound):
            await reports.run(name, PUBLIC, {}, fmt)
    with pytest.raises(Refused) as unknown:
        await reports.run("shelf", PUBLIC, {"colour": "red"}, "csv")
    assert unknown.value.findings[0].field == "colour"
    with pytest.raises(Refused) as wrong_day:
        await reports.run("library-count", PUBLIC, {"as_of": "gestern"}, "csv")
    assert wrong_day.value.findings[0].code == "form.not_a_date"


async def test_an_insurer_exports_only_its_own_products(played: list[DemoAccount]) -> None:
    mine = (await _json("products", await _person("clerk")))["rows"]
    everybody = (await _json("products", await _person("officer")))["rows"]
    assert {row["insurer"] for row in mine} == {"示例科技财险"}
    assert len(everybody) > len(mine) > 5
    assert all(row["filing_status"] != "草稿" for row in everybody)


async def test_long_lists_are_read_page_by_page(
    played: list[DemoAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await _json("shelf"))["rows"]
    monkeypatch.setattr("service.reports.products.PAGE_MAX", 7)
    assert (await _json("shelf"))["rows"] == whole
    officer, admin = await _person("officer"), await _person("admin")
    queue = (await _json("queue", officer))["rows"]
    assert len(queue) == len({row["number"] for row in queue}) > 6
    for name in ("journal", "users", "organisations"):
        rows = (await _json(name, admin))["rows"]
        file = "events" if name == "journal" else "directory"
        monkeypatch.setattr(f"service.reports.{file}.PAGE_MAX", 7)
        assert len((await _json(name, admin))["rows"]) == len(rows)


async def test_filters_narrow_the_shelf(played: list[DemoAccount]) -> None:
    rows = (await _json("shelf", stage="market", industry="光电子"))["rows"]
    assert rows
    assert all("市场推广" in row["stages"] and "光电子" in row["industries"] for row in rows)


async def test_count_report_says_what_the_count_says(played: list[DemoAccount]) -> None:
    count = await figures.count(date(2026, 6, 30), "2026-07-31")
    answer = await _json("library-count", **THEN)
    values = {(row["dimension"], row["code"]): row["products"] for row in answer["rows"]}
    assert values["合计", "products"] == count.products
    assert values["按环节", "research"] == count.stage["research"]
    assert answer["definition"].startswith("在库产品数")
    cells = {row["industry"]: row for row in (await _json("stage-industry-map", **THEN))["rows"]}
    for stage, industry, products in count.map:
        assert cells[industry][stage] == products
    assert any(row["empty_stages"] for row in cells.values())


async def test_wrong_entry_is_visible_in_the_report_of_its_time(
    played: list[DemoAccount],
) -> None:
    day = {"as_of": "2025-12-15"}
    now_known = await _json("library-count", **day)
    then_known = await _json("library-count", **day, as_known_at="2026-01-31")
    assert then_known["rows"][0]["products"] == now_known["rows"][0]["products"] + 1


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("name", ["library-count", "stage-industry-map"])
async def test_same_question_same_bytes(played: list[DemoAccount], name: str, fmt: str) -> None:
    first = await reports.run(name, PUBLIC, THEN, fmt)
    assert (await reports.run(name, PUBLIC, THEN, fmt)).content == first.content
    await sql("SELECT pg_sleep(1.1)")  # an Excel file keeps the second of its making
    assert (await reports.run(name, PUBLIC, THEN, fmt)).content == first.content


async def _odd_rows(actor: Actor, params: Any) -> Any:
    yield ["=1+1", -5, 1234567, 1500, date(2026, 1, 2), "2026-01-01T16:00:00+00:00", ["@a", "b"]]
    yield ["-x\x07", 0, 5, 999_999, None, None, []]


ODD = Report(
    "odd",
    "怪值",
    "口径",
    None,
    (
        Column("text", "文字"),
        Column("whole", "整数", Kind.WHOLE),
        Column("amount_fen", "金额", Kind.FEN),
        Column("rate_ppm", "费率", Kind.PPM),
        Column("day", "日期", Kind.DAY),
        Column("moment", "时间", Kind.MOMENT),
        Column("items", "多项", Kind.LIST),
    ),
    _odd_rows,
)


async def _odd() -> list[Any]:
    return [row async for row in _odd_rows(PUBLIC, {})]


async def test_csv_is_safe_in_a_spreadsheet_and_exact() -> None:
    table = _csv_rows(write("csv", ODD, {}, await _odd()))
    assert table[0] == {
        "文字": "'=1+1",
        "整数": "-5",
        "金额(元)": "12345.67",
        "费率(%)": "0.15",
        "日期": "2026-01-02",
        "时间": "2026-01-02 00:00:00+08:00",
        "多项": "'@a、b",
    }
    assert (table[1]["文字"], table[1]["金额(元)"], table[1]["日期"]) == ("'-x", "0.05", "")


async def test_excel_has_real_numbers_dates_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(write("xlsx", ODD, {"q": "=x"}, await _odd())))
    sheet = book["怪值"]
    row = sheet[2]
    assert (row[0].value, row[0].data_type) == ("=1+1", "s")
    assert (row[1].value, row[2].value, row[3].value) == (-5, 12345.67, 0.0015)
    assert row[2].number_format == "#,##0.00"
    assert row[4].value == datetime(2026, 1, 2)
    assert row[5].value == datetime(2026, 1, 2, 0, 0)
    assert sheet["G2"].data_type == "s"
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert book["口径"]["B3"].data_type == "s"


async def test_too_many_rows_are_refused(
    played: list[DemoAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(reports.ROWS_MAX, "csv", 3)
    with pytest.raises(Refused) as refused:
        await reports.run("shelf", PUBLIC, {}, "csv")
    assert refused.value.findings[0].code == "report.too_many_rows"


async def test_routes(client: Any) -> None:
    listed = await client.get("/api/v1/reports")
    assert {report["name"] for report in listed.json()} == PUBLIC_ONES
    for fmt, media_type in reports.MEDIA_TYPES.items():
        answer = await client.get(f"/api/v1/reports/product-types.{fmt}?stage=market")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(media_type)
        assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert (await client.get("/api/v1/reports/users.csv")).status_code == 401
    assert (await client.get("/api/v1/reports/none.csv")).status_code == 404
    assert (await client.get("/api/v1/reports/shelf")).status_code == 404
    assert (await client.get("/api/v1/reports/shelf.csv?x=1")).status_code == 422


async def test_a_token_without_read_gets_no_report(played: list[DemoAccount]) -> None:
    writer = replace(await _person("clerk"), via="token", scopes=frozenset({"write"}))
    with pytest.raises(Forbidden):
        await ReportRoutes.download.fn(None, file="shelf.csv", actor=writer, request=None)
