"""Import of catalogue editions: what is added, what is refused by cell, in API and console."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from catalogue.enrolments.edition_imports import import_editions, template
from service.auth import Actor
from service.kernel.db import sql, sql_value
from service.kernel.errors import Refused
from tests.catalogue.sheets import as_bytes, csv_file, opened, workbook
from tests.factories import World
from tests.web.console import send, sign_in, words

EDITION = {
    "版本代码": "SB-2027",
    "版本名称": "示例首台套目录（2027年版）",
    "类别": "首台(套)",
    "生效日期": "2027-01-01",
    "依据": "示例文件〔2026〕9号",
}
ROW = {
    "版本代码": "SB-2027",
    "条目编号": "11.3",
    "条目名称": "示例刻蚀设备",
    "参数名称": "晶圆直径",
    "要求": "≥",
    "数值": "300",
    "单位": "mm",
}
MORE = {**ROW, "参数名称": "均匀性", "要求": "区间", "数值": "1", "上限": "2", "单位": "%"}


@pytest.fixture
async def admin(world: World) -> Actor:
    """The committee's administrator."""
    row = (await sql("SELECT id, name FROM eastlake_user WHERE login = 'admin'"))[0]
    return Actor(
        user_id=row["id"],
        login="admin",
        name=row["name"],
        organisation_id=world.organisations["committee"],
        organisation_kind="committee",
        roles=frozenset({"committee_admin"}),
    )


def book(*editions: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> Workbook:
    """A workbook with the sheets 版本 and 条目."""
    made = workbook(*editions, 条目=[ROW, MORE] if rows is None else rows)
    made["产品"].title = "版本"
    return made


def file_of(*editions: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> bytes:
    """The same as a file."""
    return as_bytes(book(*editions, rows=rows))


async def _everything() -> list[Any]:
    tables = ("catalogue_edition", "catalogue_item", "journal_event")
    counts = [await sql_value(f"SELECT count(*) FROM {table}") for table in tables]
    return [*counts, await sql_value("SELECT max(valid_to) FROM catalogue_edition")]


async def _refused(actor: Actor, content: bytes, name: str = "目录.xlsx") -> dict[str, str]:
    before = await _everything()
    with pytest.raises(Refused) as error:
        await import_editions(actor, name, content)
    assert await _everything() == before
    assert all(f.text("zh") and f.remedy("zh") and f.text("en") for f in error.value.findings)
    return {finding.code: finding.field for finding in error.value.findings}


async def test_rows_become_items_with_their_parameters(world: World, admin: Actor) -> None:
    result = await import_editions(admin, "目录.xlsx", file_of(EDITION))
    assert (result.records, result.rows[0].number) == (1, "SB-2027")
    made = await world.get(None, "/catalogue-editions/SB-2027")
    assert [row["number"] for row in made["rows"]] == ["11.3"]
    assert [p["text"] for p in made["rows"][0]["parameters"]] == ["≥ 300 mm", "1–2 %"]
    before = await world.get(None, "/catalogue-editions/SB-2024")
    assert before["valid_to"] == "2026-12-31"


async def test_several_editions_in_one_file_follow_one_another(world: World, admin: Actor) -> None:
    later = {**EDITION, "版本代码": "SB-2029", "生效日期": date(2029, 1, 1)}
    rows = [ROW, {**ROW, "版本代码": "SB-2029"}]
    result = await import_editions(admin, "目录.xlsx", file_of(EDITION, later, rows=rows))
    assert result.records == 2
    first = await world.get(None, "/catalogue-editions/SB-2027")
    assert first["valid_to"] == "2028-12-31"


async def test_dry_run_writes_nothing(admin: Actor) -> None:
    before = await _everything()
    result = await import_editions(admin, "目录.xlsx", file_of(EDITION), dry_run=True)
    assert (result.records, result.rows[0].number) == (1, None)
    assert await _everything() == before


CELLS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"类别": "首套"}, {}, "import.not_a_choice", "版本!C2 类别"),
    ({"生效日期": "2027-02-29"}, {}, "form.not_a_date", "版本!D2 生效日期"),
    ({"生效日期": "2020-01-01"}, {}, "edition.not_after_the_last", "版本!D2 生效日期"),
    ({"版本代码": "SB-2024"}, {"版本代码": "SB-2024"}, "edition.twice", "版本!A2 版本代码"),
    ({"依据": None}, {}, "form.missing", "版本!A2 依据"),
    ({}, {"要求": "大于"}, "import.not_a_choice", "条目!E2 要求"),
    ({}, {"数值": "很大"}, "edition.parameter", "条目!A2"),
    ({}, {"数值": None}, "form.missing", "条目!A2"),
    ({}, {"条目名称": "别的名称"}, "edition.two_names", "条目!C3 条目名称"),
    ({}, {"版本代码": "ZZ"}, "import.key_unknown", "条目!A2 版本代码"),
]


@pytest.mark.parametrize(("head", "row", "code", "field"), CELLS)
async def test_a_wrong_cell_is_named(
    admin: Actor, head: dict[str, Any], row: dict[str, Any], code: str, field: str
) -> None:
    code_of = {"版本代码": {**EDITION, **head}["版本代码"]}
    rows = [{**ROW, **row}, {**MORE, **code_of}]
    found = await _refused(admin, file_of({**EDITION, **head}, rows=rows))
    assert found[code] == field


async def test_findings_of_several_editions_come_at_once(admin: Actor) -> None:
    late = {**EDITION, "版本代码": "CL-2027", "类别": "首批次", "生效日期": "2019-01-01"}
    early = {**EDITION, "生效日期": "2001-01-01"}
    rows = [ROW, {**ROW, "版本代码": "CL-2027", "数值": "x"}]
    found = await _refused(admin, file_of(early, late, rows=rows))
    assert set(found) == {"edition.not_after_the_last", "edition.parameter"}


async def test_csv_repeats_the_code_for_each_row(world: World, admin: Actor) -> None:
    first = {**EDITION, **ROW}
    content = csv_file(first | {"上限": ""}, MORE, {**ROW, "条目编号": "11.4"})
    result = await import_editions(admin, "目录.csv", content)
    assert result.rows[0].name.endswith("（2 个条目）")
    assert len((await world.get(None, "/catalogue-editions/SB-2027"))["rows"]) == 2


async def test_formulas_merged_cells_and_too_many_rows(admin: Actor) -> None:
    made = book(EDITION)
    made["条目"]["F2"] = "=100*3"
    assert await _refused(admin, as_bytes(made)) == {"import.formula": "条目!F2"}
    made = book(EDITION)
    made["条目"].merge_cells("B2:B3")
    assert await _refused(admin, as_bytes(made)) == {"import.merged": "条目!B2:B3"}
    many = [ROW] * 10_001
    assert await _refused(admin, file_of(EDITION, rows=many)) == {"import.too_many_rows": "条目"}


async def test_template_fits_its_own_reader(world: World, admin: Actor) -> None:
    made = opened(await template())
    assert made.sheetnames == ["版本", "条目", "填写说明", "选项"]
    assert set(await _refused(admin, as_bytes(made))) == {"import.no_rows"}
    made["版本"]["A2"] = made["条目"]["A2"] = "SB-2031"
    made["版本"]["D2"] = "2031-01-01"
    assert (await import_editions(admin, "模板.xlsx", as_bytes(made))).records == 1


async def test_routes_are_for_the_administrator(world: World) -> None:
    async def upload(who: str, **data: str) -> Any:
        return await world.client.post(
            "/api/v1/catalogue-edition-imports",
            files={"file": ("目录.xlsx", file_of(EDITION))},
            data=data,
            headers=world.headers[who],
        )

    assert (await upload("officer")).status_code == 403
    assert (await upload("admin", dry_run="true")).status_code == 200
    assert (await upload("admin")).status_code == 201
    again = await upload("admin")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (
        422,
        "edition.not_after_the_last",
    )
    answer = await world.call("admin", "GET", "/catalogue-edition-imports/template.xlsx")
    assert opened(answer.content).sheetnames[0] == "版本"


async def test_console_imports_and_shows_editions(world: World) -> None:
    await sign_in(world.client, "admin")
    wrong = {"file": ("目录.xlsx", file_of({**EDITION, "类别": "首套"}))}
    refused = await send(world.client, "/catalogue-imports", {"mode": "import"}, wrong)
    assert refused.status_code == 422
    assert "什么都没有写入" in words(refused) and "版本!C2" in words(refused)
    good = {"file": ("目录.xlsx", file_of(EDITION))}
    done = await send(world.client, "/catalogue-imports", {"mode": "import"}, good)
    assert "已导入 1 个目录版本" in words(done)
    await world.client.post("/logout")
    listed = words(await world.client.get("/catalogues?kind=first_set&q=2027"))
    assert "示例首台套目录（2027年版）" in listed and "SB-2024" not in listed
    one = words(await world.client.get("/catalogues/SB-2027?q=刻蚀"))
    assert "晶圆直径 ≥ 300 mm" in one
    none = words(await world.client.get("/catalogues/SB-2027?q=没有"))
    assert "没有符合条件的条目" in none
    file = await world.client.get("/reports/catalogue-items.csv?edition=SB-2027")
    assert "均匀性 1–2 %" in file.content.decode("utf-8-sig")
    assert (await world.client.get("/catalogues/no-such")).status_code == 404
