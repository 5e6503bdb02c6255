"""Lines and values of a risk from Excel or CSV: by the row, all or none, in API and console."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coinsurance.placements.imports import line_template, value_template
from service.auth import Actor
from service.kernel.db import sql, sql_value
from tests.catalogue.sheets import as_bytes, csv_file, opened, workbook
from tests.coinsurance.placing import (
    LIMIT,
    Year,
    make_market,
    make_risk,
    make_submitted,
    make_zones,
    plant_year,
)
from tests.factories import World, upload
from tests.web.console import send, sign_in, words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECTIONS = [
    {"code": "A", "title": "物质损失", "limit_fen": LIMIT // 2, "premium_fen": 100_000_000},
    {"code": "B", "title": "营业中断", "limit_fen": LIMIT // 2, "premium_fen": 100_000_000},
]


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members."""
    await make_zones(world)
    return await plant_year(world)


def file_of(sheet: str, *rows: dict[str, Any]) -> bytes:
    """A workbook with one sheet."""
    book = workbook(*rows)
    book["产品"].title = sheet
    return as_bytes(book)


def row(serial: str, percent: Any, **more: Any) -> dict[str, Any]:
    """A line of a file."""
    return {"序号": serial, "认购份额(%)": percent, "有效期至": date(2026, 12, 31), **more}


def value(serial: str, item: str, yuan: Any, **more: Any) -> dict[str, Any]:
    """A row of a schedule of values."""
    return {"序号": serial, "标的": item, "价值(元)": yuan, **more}


async def load(
    world: World, who: str, path: str, content: bytes, *, name: str = "份额.xlsx", dry: bool = False
) -> Any:
    """Send a file; the answer."""
    return await world.client.post(
        f"/api/v1{path}",
        files={"file": (name, content, XLSX)},
        data={"dry_run": "true" if dry else "false"},
        headers=world.headers[who],
    )


def told(answer: Any) -> dict[str, str]:
    """Codes of what was refused, each with its cell; every one has a remedy."""
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert all(error["message_zh"] and error["remedy_zh"] for error in errors)
    return {error["code"]: error["field"] for error in errors}


async def test_a_member_imports_its_lines_on_every_section(world: World, year: Year) -> None:
    number = await make_market(world, year, sections=SECTIONS)
    path = f"/risks/{number}/line-imports"
    content = file_of(
        "份额",
        row("1", 30, 分项代码="A", 条件="免赔额加倍", 不可削减="是"),
        row("2", "12.5%", 分项代码="B", **{"金额上限(元)": "5000万元"}),
    )
    tried = await load(world, "m2", path, content, dry=True)
    assert (tried.status_code, tried.json()["records"]) == (200, 2)
    assert await sql_value("SELECT count(*) FROM risk_line WHERE status = 'written'") == 0
    done = await load(world, "m2", path, content)
    assert done.status_code == 201
    assert [r["name"] for r in done.json()["rows"]] == ["A 30%", "B 12.5%"]
    rows = await sql(
        "SELECT organisation, written_units, to_stand, amount_max_fen, conditions FROM risk_line"
        " WHERE status = 'written' ORDER BY id"
    )
    own = year.members["m2"]
    assert [tuple(r.values()) for r in rows] == [
        (own, 30_000_000, True, None, "免赔额加倍"),
        (own, 12_500_000, False, 5_000_000_000, ""),
    ]
    event = await sql("SELECT subject, facts FROM journal_event WHERE event = 'import_lines'")
    assert len(event) == 1


async def test_the_issuer_imports_lines_given_on_paper(world: World, year: Year) -> None:
    number = await make_market(world, year)
    paper = await upload(world, "clerk", "other", "lines.pdf")
    path = f"/risks/{number}/line-imports"
    rows = [
        row("1", 40),
        row("2", 35, 成员统一社会信用代码=year.usccs["m2"], 凭证编号=paper),
        row("3", 25, 成员统一社会信用代码=year.usccs["m3"], 凭证编号=paper),
    ]
    done = await load(world, "clerk", path, file_of("份额", *rows))
    assert done.status_code == 201, done.text
    preview = await world.get("clerk", f"/risks/{number}/signing")
    assert preview["whole"] is True
    kept = await sql("SELECT off_platform, evidence FROM risk_line WHERE status = 'written'")
    assert sorted((r["off_platform"], r["evidence"] or 0) for r in kept) == [
        (False, 0),
        (True, paper),
        (True, paper),
    ]


async def test_every_wrong_row_is_told_by_cell_and_nothing_is_written(
    world: World, year: Year
) -> None:
    number = await make_market(world, year)
    path = f"/risks/{number}/line-imports"
    uscc = "成员统一社会信用代码"
    rows = [
        row("1", 40),
        row("2", 35, **{uscc: year.usccs["m2"]}),
        row("3", 10, **{uscc: "91420100MA4K99999X"}, 凭证编号=1),
        row("4", 0.4, 不可削减="也许"),
        row("5", 101),
        row("6", 5, 分项代码="Z"),
        {"序号": "7", "认购份额(%)": 5, "有效期至": "2026-13-01"},
        row("示例1", 50),
    ]
    found = told(await load(world, "clerk", path, file_of("份额", *rows)))
    assert found["import.not_a_choice"] == "份额!F5 不可削减"
    assert found["form.not_a_date"] == "份额!C8 有效期至"
    assert found["shares.above_whole"] == "份额!B6 认购份额(%)"
    rows[3], rows[4], rows[6] = row("4", 0.4), row("5", 60), row("7", 5)
    found = told(await load(world, "clerk", path, file_of("份额", *rows)))
    assert found["line.evidence_missing"].startswith("份额!")
    assert found["policy.unknown_organisation"] == f"份额!D4 {uscc}"
    assert found["line.written_already"].startswith("份额!A")
    assert found["form.not_a_choice"].endswith("分项代码")
    assert await sql_value("SELECT count(*) FROM risk_line WHERE status = 'written'") == 0
    assert await sql_value("SELECT count(*) FROM journal_event WHERE event = 'import_lines'") == 0


async def test_a_member_imports_no_line_of_a_peer(world: World, year: Year) -> None:
    number = await make_market(world, year)
    path = f"/risks/{number}/line-imports"
    peer = row("1", 20, 成员统一社会信用代码=year.usccs["m3"], 凭证编号=1)
    answer = await load(world, "m2", path, file_of("份额", peer))
    assert answer.status_code == 403
    foreign = await load(world, "rival", path, file_of("份额", row("1", 20)))
    assert foreign.status_code == 404
    assert (await load(world, "firm", path, file_of("份额", row("1", 20)))).status_code == 403


async def test_a_closed_market_takes_no_file(world: World, year: Year) -> None:
    number = await make_submitted(world, year)
    path = f"/risks/{number}/line-imports"
    found = told(await load(world, "m2", path, file_of("份额", row("1", 20))))
    assert found == {"line.not_in_market": "份额!A2"}


async def test_a_csv_file_does_as_well(world: World, year: Year) -> None:
    number = await make_market(world, year)
    content = csv_file({"序号": "1", "认购份额(%)": "20", "有效期至": "2026-12-31"})
    done = await load(world, "m2", f"/risks/{number}/line-imports", content, name="份额.csv")
    assert (done.status_code, done.json()["records"]) == (201, 1)


async def test_values_replace_the_schedule_and_tell_what_does_not_fit(
    world: World, year: Year
) -> None:
    number = await make_risk(world, year)
    path = f"/risks/{number}/value-imports"
    content = file_of(
        "价值清单", value("1", "厂房", "4亿元", 位置="一号楼"), value("2", "设备", 500_000_000)
    )
    done = await load(world, "clerk", path, content)
    assert done.status_code == 201, done.text
    first = done.json()["rows"][0]
    assert [f["code"] for f in first["findings"]] == ["risk.above_values"]
    assert {f["severity"] for f in first["findings"]} == {"warning"}
    record = await world.get("clerk", f"/risks/{number}")
    assert [(v["item"], v["location"], v["value_fen"]) for v in record["values"]] == [
        ("厂房", "一号楼", 40_000_000_000),
        ("设备", "", 50_000_000_000),
    ]
    assert record["revision"] == 2


async def test_values_of_a_submitted_risk_have_to_fit(world: World, year: Year) -> None:
    number = await make_submitted(world, year)
    path = f"/risks/{number}/value-imports"
    short = await load(world, "clerk", path, file_of("价值清单", value("1", "厂房", "4亿元")))
    assert told(short) == {"risk.above_values": "values"}
    assert await sql_value("SELECT count(*) FROM risk_value") == 2
    wrong = [value("1", "厂房", "四亿"), value("2", "", 1), value("1", "设备", 1)]
    found = told(await load(world, "clerk", path, file_of("价值清单", *wrong)))
    assert found["import.key_twice"] == "价值清单!A4 序号"
    assert "价值清单!C2 价值(元)" in found.values()
    assert any(where.startswith("价值清单!A3") for where in found.values())
    good = await load(world, "clerk", path, file_of("价值清单", value("1", "全部", "10亿元")))
    assert good.status_code == 201
    await world.post("clerk", f"/risks/{number}/market", {"lines_until": "2026-12-10"})
    late = await load(world, "clerk", path, file_of("价值清单", value("1", "全部", "10亿元")))
    assert (late.status_code, late.json()["code"]) == (409, "risk.not_editable")
    assert (await load(world, "m2", path, b"x")).status_code == 403


@pytest.mark.parametrize(("which", "sheet"), [("line", "份额"), ("value", "价值清单")])
async def test_templates_have_headers_an_example_and_words(
    world: World, year: Year, which: str, sheet: str
) -> None:
    number = await make_market(world, year)
    answer = await world.call("m2", "GET", f"/risks/{number}/{which}-imports/template.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    book = opened(answer.content)
    assert book.sheetnames[0] == sheet
    assert book[sheet]["A2"].value == "示例1"
    skipped = await load(world, "m2", f"/risks/{number}/line-imports", answer.content)
    assert "import.no_rows" in told(skipped) or which == "value"
    foreign = await world.call("rival", "GET", f"/risks/{number}/{which}-imports/template.xlsx")
    assert foreign.status_code == 404


async def test_the_pages_try_first_and_import_then(world: World, year: Year) -> None:
    number = await make_market(world, year)
    home = f"/risks/{number}/line-import"
    await sign_in(world.client, "m2")
    shown = await world.client.get(f"/risks/{number}")
    assert home in shown.text
    assert "下载模板" in words(await world.client.get(home))
    file = {"file": ("份额.xlsx", file_of("份额", row("1", 20)), XLSX)}
    tried = await send(world.client, home, {"mode": "try"}, files=file)
    assert "可以导入，共 1 条份额线" in words(tried)
    done = await send(world.client, home, {"mode": "import"}, files=file)
    assert "已导入 1 条份额线" in words(done)
    again = await send(world.client, home, {"mode": "import"}, files=file)
    assert again.status_code == 422 and "已有份额线" in words(again)


async def test_templates_are_for_readers_of_the_risk_only(world: World, year: Year) -> None:
    number = await make_risk(world, year)
    from service.kernel.errors import NotFound

    stranger = Actor(user_id=1, login="x", name="x", organisation_id=999, roles=frozenset())
    for call in (line_template, value_template):
        with pytest.raises(NotFound):
            await call(stranger, number)
