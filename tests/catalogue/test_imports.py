"""Import of products: what is created, what is refused, and that nothing is left behind."""

from __future__ import annotations

import io
import re
import time
import zipfile
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook

from catalogue.imports import sheets
from catalogue.products import drafts, imports
from catalogue.products.imports import ImportResult, import_products
from catalogue.products.records import version_record
from service.auth import Actor
from service.kernel.db import sql, sql_value
from service.kernel.errors import Refused, TooLarge
from tests.catalogue.sheets import (
    CLAUSE,
    COMPONENT,
    as_bytes,
    csv_file,
    file_of,
    opened,
    product,
    whole,
    with_part,
    workbook,
)
from tests.factories import World


@pytest.fixture
async def clerk(world: World) -> Actor:
    """The clerk of the first insurer."""
    row = (await sql("SELECT id FROM eastlake_user WHERE login = 'clerk'"))[0]
    return Actor(
        user_id=row["id"],
        login="clerk",
        name="示例clerk",
        organisation_id=world.organisations["insurer"],
        organisation="示例科技财产保险股份",
        organisation_kind="insurer",
        roles=frozenset({"insurer_clerk"}),
    )


async def _refused(actor: Actor, content: bytes, name: str = "产品.xlsx") -> dict[str, str]:
    """Code to field of the findings; makes sure that nothing was written."""
    before = await _everything()
    with pytest.raises(Refused) as error:
        await import_products(actor, name, content)
    assert await _everything() == before
    found: dict[str, str] = {}
    for finding in error.value.findings:
        assert finding.text("zh") and finding.text("en")
        assert finding.remedy("zh") and finding.remedy("en")
        found.setdefault(finding.code, finding.field)
    return found


async def _everything() -> list[Any]:
    tables = ("product", "product_version", "journal_event", "clause", "component", "counter")
    return [await sql_value(f"SELECT count(*) FROM {table}") for table in tables]


async def _record(result: ImportResult, row: int = 0) -> dict[str, Any]:
    version = await sql_value(
        "SELECT v.id FROM product_version v JOIN product p ON p.id = v.product WHERE p.number = $1",
        result.rows[row].number,
    )
    return await version_record(version)


async def test_rows_become_drafts_with_clauses_and_components(clerk: Actor) -> None:
    result = await import_products(clerk, "产品.xlsx", whole(product(1), product(2)))

    assert (result.dry_run, result.records) == (False, 2)
    assert [(row.sheet, row.row, row.key) for row in result.rows] == [
        ("产品", 2, "A1"),
        ("产品", 3, "A2"),
    ]
    record = await _record(result)
    assert record["filing_status"] == "draft"
    assert record["type"]["code"] == "PT003"
    assert record["stages"] == ["research", "production"]
    assert record["industries"] == ["光电子", "集成电路"]
    assert record["evidence"] == ["设备清单", "购置发票"]
    assert (record["rate_min_ppm"], record["rate_max_ppm"]) == (1500, 6000)
    assert (record["sum_min_fen"], record["sum_max_fen"]) == (100_000_000, 1_250_000_000)
    assert record["clauses"][0]["registration_number"] == CLAUSE["注册编号"]
    component = record["components"][0]
    assert (component["limit_fen"], component["deductible_ppm"]) == (10_000_000, 100_000)
    assert component["basis"] == "indemnity"


async def test_dry_run_says_the_same_and_writes_nothing(clerk: Actor) -> None:
    before = await _everything()
    result = await import_products(clerk, "产品.xlsx", whole(product(1)), dry_run=True)
    assert await _everything() == before
    assert (result.dry_run, result.records, result.rows[0].number) == (True, 1, None)


async def test_draft_may_be_incomplete_and_is_told_what_is_missing(clerk: Actor) -> None:
    content = file_of({"行标识": "A1", "产品类型": "PT003", "产品名称": "示例仪器保险"})
    result = await import_products(clerk, "产品.xlsx", content)
    advice = {finding.code: finding.field for finding in result.rows[0].findings}
    assert advice["filing.stages_missing"] == "产品!A2 所处环节"
    assert advice["filing.rate_band_missing"] == "产品!A2 费率下限(%)"
    assert all(finding.severity == "warning" for finding in result.rows[0].findings)


async def test_template_fits_its_own_reader(clerk: Actor) -> None:
    content = await imports.template()
    book = opened(content)
    assert book.sheetnames == ["产品", "条款", "保障责任", "填写说明", "选项"]
    assert book["产品"]["B1"].comment is not None
    assert book["选项"].max_row == 83
    assert set(await _refused(clerk, content)) == {"import.no_rows"}
    for column, value in zip("ABCF", ("B1", "PT001", "示例研发保险", "创新研发"), strict=True):
        book["产品"][f"{column}3"] = value
    result = await import_products(clerk, "模板.xlsx", as_bytes(book))
    assert (result.records, result.examples_skipped) == (1, 3)


async def test_example_row_of_the_template_is_itself_without_fault(clerk: Actor) -> None:
    book = opened(await imports.template())
    for sheet in ("产品", "条款", "保障责任"):
        book[sheet]["A2"] = "B1"
    result = await import_products(clerk, "模板.xlsx", as_bytes(book))
    assert [finding.code for finding in result.rows[0].findings] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_csv_in_the_usual_encodings(clerk: Actor, encoding: str) -> None:
    row = {**product(1), **CLAUSE, **COMPONENT}
    result = await import_products(clerk, "产品.csv", csv_file(row, encoding=encoding))
    record = await _record(result)
    assert record["name"] == "示例科研仪器保险1"
    assert record["clauses"][0]["title"] == "研发设备保险条款"
    assert record["components"][0]["event"].startswith("火灾")


async def test_amounts_in_ten_thousands_and_percent_cells(clerk: Actor) -> None:
    row = product(1)
    row["保额上限(万元)"] = 1250.5
    del row["保额上限(元)"]
    book = workbook(row)
    headers = [cell.value for cell in book["产品"][1]]
    cell = book["产品"].cell(2, headers.index("费率下限(%)") + 1, 0.0015)
    cell.number_format = "0.00%"
    record = await _record(await import_products(clerk, "a.xlsx", as_bytes(book)))
    assert record["sum_max_fen"] == 1_250_500_000
    assert record["rate_min_ppm"] == 1500


CELLS: list[tuple[dict[str, Any], str, str]] = [
    ({"产品类型": "不存在的保险"}, "import.unknown_type", "产品!B2 产品类型"),
    ({"所处环节": "创新研发、量产"}, "import.not_a_choice", "产品!E2 所处环节"),
    ({"费率下限": "千分之三"}, "money.not_a_rate", "产品!J2 费率下限(%)"),
    ({"费率下限": "0.12345%"}, "money.too_fine", "产品!J2 费率下限(%)"),
    ({"费率下限": "101"}, "form.beyond", "产品!J2 费率下限(%)"),
    ({"保额下限": "12.345"}, "money.too_fine", "产品!L2 保额下限(元)"),
    ({"保额下限": "1,23元"}, "money.separators", "产品!L2 保额下限(元)"),
    ({"产品名称": "险"}, "form.too_short", "产品!C2 产品名称"),
    ({"产品名称": "长" * 121}, "form.too_long", "产品!C2 产品名称"),
    ({"产品名称": None}, "form.missing", "产品!A2 产品名称"),
    ({"行标识": None}, "import.key_missing", "产品!A2 行标识"),
    ({"联系电话": True}, "import.value_cell", "产品!O2 联系电话"),
]


@pytest.mark.parametrize(("change", "code", "field"), CELLS)
async def test_a_wrong_cell_is_named(
    clerk: Actor, change: dict[str, Any], code: str, field: str
) -> None:
    found = await _refused(clerk, file_of(product(1, **change), product(2)))
    assert found == {code: field}


async def test_all_findings_come_at_once_and_good_rows_are_not_written(clerk: Actor) -> None:
    content = file_of(
        product(1, 产品类型="PT999"), product(2), product(3, 保额下限="很多", 费率上限="x")
    )
    found = await _refused(clerk, content)
    assert set(found) == {"import.unknown_type", "money.not_a_number", "money.not_a_rate"}


async def test_dates_long_numbers_and_errors_in_cells(clerk: Actor) -> None:
    book = workbook(product(1))
    book["产品"]["C2"] = datetime(2024, 1, 5)
    assert await _refused(clerk, as_bytes(book)) == {"import.date_cell": "产品!C2 产品名称"}
    clause = {**CLAUSE, "注册编号": 133309120240104354411}
    found = await _refused(clerk, file_of(product(1), 条款=[clause]))
    assert found == {"import.long_number": "条款!E2 注册编号"}


async def test_row_keys_must_fit(clerk: Actor) -> None:
    stray = {**CLAUSE, "行标识": "Z9"}
    assert await _refused(clerk, file_of(product(1), 条款=[stray])) == {
        "import.key_unknown": "条款!A2 行标识"
    }
    twice = product(2, 行标识="A1")
    assert "import.key_twice" in await _refused(clerk, file_of(product(1), twice))


async def test_same_product_twice_in_the_file_or_imported_before(clerk: Actor) -> None:
    same = product(2, 产品名称="示例科研仪器保险1")
    assert "import.same_name" in await _refused(clerk, file_of(product(1), same))
    await import_products(clerk, "a.xlsx", file_of(product(1)))
    assert await _refused(clerk, file_of(product(1))) == {"import.exists": "产品!C2 产品名称"}


async def test_headers_missing_unknown_and_double(clerk: Actor) -> None:
    row = product(1)
    del row["产品类型"]
    row["产品简价"] = "x"
    found = await _refused(clerk, file_of(row))
    assert found == {"import.column_unknown": "产品!O1", "import.column_missing": "产品!1"}
    book = workbook(product(1))
    book["产品"]["D1"] = "产品名称"
    assert await _refused(clerk, as_bytes(book)) == {"import.column_twice": "产品!D1"}
    book = workbook(product(1))
    book["产品"]["R2"] = "无列名"
    assert await _refused(clerk, as_bytes(book)) == {"import.column_unnamed": "产品!R2"}


async def test_formulas_and_merged_cells_are_named(clerk: Actor) -> None:
    book = workbook(product(1))
    book["产品"]["K2"] = "=J2*2"
    assert await _refused(clerk, as_bytes(book)) == {"import.formula": "产品!K2"}
    book = workbook(product(1), product(2))
    book["产品"].merge_cells("D2:E3")
    assert await _refused(clerk, as_bytes(book)) == {"import.merged": "产品!D2:E3"}
    content = csv_file(product(1, 产品名称="=cmd()"))
    assert await _refused(clerk, content, "a.csv") == {"import.formula": "CSV!C2"}


async def test_sheets_missing_or_strange(clerk: Actor) -> None:
    book = workbook(product(1))
    book["产品"].title = "Sheet1"
    book.create_sheet("Sheet2")
    assert "import.sheet_missing" in await _refused(clerk, as_bytes(book))
    book = workbook(product(1))
    book.create_sheet("备忘").append(["x"])
    result = await import_products(clerk, "a.xlsx", as_bytes(book))
    assert [finding.code for finding in result.findings] == ["import.sheet_ignored"]


NOT_WHAT_IT_SAYS: list[tuple[str, bytes, str]] = [
    ("a.xlsx", b"", "import.empty"),
    ("a.xlsx", b"%PDF-1.4 not a workbook", "import.not_a_workbook"),
    ("a.xlsx", b"PK\x03\x04 broken", "import.not_a_workbook"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "import.old_or_locked"),
    ("a.xls", b"\xd0\xcf\x11\xe0", "import.type"),
    ("a", b"x", "import.type"),
    ("a.csv", b"PK\x03\x04", "import.not_csv"),
    ("a.csv", "行标识".encode("utf-16"), "import.encoding"),
    ("a.csv", b"\xff\xff\xfe\x81", "import.encoding"),
    ("a.csv", '产品名称\n"未闭合'.encode() + b"x" * 140_000, "import.bad_csv"),
]


@pytest.mark.parametrize(("name", "content", "code"), NOT_WHAT_IT_SAYS)
async def test_a_file_that_is_not_what_it_says(
    clerk: Actor, name: str, content: bytes, code: str
) -> None:
    assert set(await _refused(clerk, content, name)) == {code}


async def test_macros_links_bombs_and_a_zip_that_is_no_workbook(clerk: Actor) -> None:
    good = file_of(product(1))
    macros = with_part(good, "xl/vbaProject.bin", b"x")
    assert set(await _refused(clerk, macros)) == {"import.macros"}
    links = with_part(good, "xl/externalLinks/externalLink1.xml", b"<x/>")
    assert set(await _refused(clerk, links)) == {"import.external_links"}
    bomb = with_part(good, "xl/media/x.bin", b"\0" * 30_000_000)
    assert set(await _refused(clerk, bomb)) == {"import.bomb"}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    assert set(await _refused(clerk, stream.getvalue())) == {"import.not_a_workbook"}


async def test_an_entity_in_a_sheet_is_refused(clerk: Actor) -> None:
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'
    book = Workbook()
    book.active.title = "产品"  # type: ignore[union-attr]
    stream = io.BytesIO(as_bytes(book))
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            data = evil if info.filename.endswith("sheet1.xml") else source.read(info)
            target.writestr(info.filename, data)
    assert set(await _refused(clerk, out.getvalue())) == {"import.not_a_workbook"}


def _many(rows: int) -> bytes:
    """One row again and again, not written by the library: that takes seconds."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("产品")
    sheet.append(list(product(1)))
    sheet.append(list(product(1).values()))
    stream, out = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with (
        zipfile.ZipFile(stream) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for info in source.infolist():
            text = source.read(info).decode()
            if info.filename.endswith("sheet1.xml"):
                head, row, tail = re.split('(<row r="2".*?</row>)', text)
                row = re.sub('r="([A-Z]*)2"', r'r="\1{}"', row)
                text = head + "".join(row.replace("{}", str(n)) for n in range(2, rows + 2)) + tail
            target.writestr(info.filename, text)
    return out.getvalue()


async def test_fifty_thousand_rows_are_refused_at_once(clerk: Actor) -> None:
    content = _many(50_000)
    start = time.process_time()
    found = await _refused(clerk, content)
    assert found == {"import.too_many_rows": "产品"}
    assert time.process_time() - start < 2
    rows = csv_file(*(product(n) for n in range(5_000)))
    assert await _refused(clerk, rows, "a.csv") == {"import.too_many_rows": "CSV"}


async def test_too_wide_and_too_large(clerk: Actor) -> None:
    book = workbook(product(1))
    book["产品"].cell(2, 200, "x")
    assert set(await _refused(clerk, as_bytes(book))) == {"import.too_wide"}
    wide = ",".join(["x"] * 100).encode()
    assert set(await _refused(clerk, wide, "a.csv")) == {"import.too_wide"}
    with pytest.raises(TooLarge):
        await import_products(clerk, "a.csv", b"x" * (sheets.SIZE_MAX_BYTES + 1))


async def test_control_characters_in_csv(clerk: Actor) -> None:
    content = csv_file(product(1, 产品名称="示例\x07保险"))
    assert await _refused(clerk, content, "a.csv") == {
        "import.control_characters": "CSV!C2 产品名称"
    }


async def test_a_failing_row_in_the_middle_undoes_all(
    clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = [], drafts.create_product

    async def fails_on_third(actor: Actor, form: Any) -> Any:
        made.append(form)
        if len(made) == 3:
            raise RuntimeError("power cut")
        return await real(actor, form)

    monkeypatch.setattr(drafts, "create_product", fails_on_third)
    before = await _everything()
    with pytest.raises(RuntimeError):
        await import_products(clerk, "a.xlsx", file_of(*(product(n) for n in range(1, 5))))
    assert await _everything() == before


async def _upload(world: World, who: str | None, content: bytes, **data: str) -> Any:
    return await world.client.post(
        "/api/v1/product-imports",
        files={"file": ("产品.xlsx", content)},
        data=data,
        headers=world.headers[who] if who else {},
    )


async def test_routes_of_the_import(world: World) -> None:
    tried = await _upload(world, "clerk", whole(product(1)), dry_run="true")
    assert (tried.status_code, tried.json()["rows"][0]["number"]) == (200, None)
    made = await _upload(world, "clerk", whole(product(1)))
    assert made.status_code == 201, made.text
    number = made.json()["rows"][0]["number"]
    assert (await world.get("clerk", f"/products/{number}"))["record"][
        "name"
    ] == "示例科研仪器保险1"
    again = await _upload(world, "clerk", whole(product(1)))
    assert again.status_code == 422
    error = again.json()["errors"][0]
    assert (error["code"], error["field"]) == ("import.exists", "产品!C2 产品名称")
    assert error["remedy_zh"] and error["remedy_en"]
    assert (await _upload(world, None, b"x")).status_code == 401
    assert (await _upload(world, "officer", b"x")).status_code == 403


async def test_template_is_a_download_for_insurers(world: World) -> None:
    answer = await world.call("clerk", "GET", "/product-imports/template.xlsx")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert "attachment" in answer.headers["content-disposition"]
    assert (answer.status_code, opened(answer.content).sheetnames[0]) == (200, "产品")
