"""Import of policies: what is recorded, what is refused by cell, that nothing is left behind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from catalogue.imports.outcome import ImportResult
from catalogue.policies.imports import import_policies, template
from service.auth import Actor
from service.kernel.db import sql, sql_value
from service.kernel.errors import Refused
from tests.catalogue.sheets import as_bytes, csv_file, opened, workbook
from tests.factories import World, make_in_library

POLICY = {
    "保单号": "PYII 2026-0001",
    "产品编号": "",
    "被保险人统一社会信用代码": "",
    "起保日期": "2026-12-01",
    "终止日期": "2027-11-30",
    "保险金额(元)": "1000万元",
    "责任限额(元)": "1000万元",
    "费率(%)": "0.2",
    "保险费(元)": "20000.00",
}
RECEIPT = {
    "收款日期": "2026-11-20",
    "收款金额(元)": "15000",
    "付款人": "示例光谷芯片科技有限公司",
    "付款账号": "4200 0000 0000 0001",
    "发票号码": "25420000000000000001",
}


@pytest.fixture
async def product(world: World) -> str:
    """A product in the library."""
    return await make_in_library(world)


@pytest.fixture
async def clerk(world: World) -> Actor:
    """The clerk of the first insurer."""
    row = (await sql("SELECT id, name FROM eastlake_user WHERE login = 'clerk'"))[0]
    return Actor(
        user_id=row["id"],
        login="clerk",
        name=row["name"],
        organisation_id=world.organisations["insurer"],
        organisation="示例科技财产保险股份",
        organisation_kind="insurer",
        roles=frozenset({"insurer_clerk"}),
    )


def row(world: World, product: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    """A row of the sheet 保单; keyword names are headers without their unit."""
    made: dict[str, Any] = {
        **POLICY,
        "保单号": f"PYII 2026-{number:04d}",
        "产品编号": product,
        "被保险人统一社会信用代码": world.usccs["enterprise"],
    }
    for name, value in changes.items():
        made[next((h for h in made if h.split("(")[0] == name), name)] = value
    return made


def book(*policies: dict[str, Any], **sheets: list[dict[str, Any]]) -> Workbook:
    """A workbook with the sheet 保单 and more sheets by name."""
    made = workbook(*policies, **sheets)
    made["产品"].title = "保单"
    return made


def file_of(*policies: dict[str, Any], **sheets: list[dict[str, Any]]) -> bytes:
    """The same as a file."""
    return as_bytes(book(*policies, **sheets))


async def _everything() -> list[Any]:
    tables = ("policy", "premium_receipt", "instalment", "policy_insurer", "journal_event")
    return [await sql_value(f"SELECT count(*) FROM {table}") for table in tables]


async def _refused(actor: Actor, content: bytes, name: str = "保单.xlsx") -> dict[str, str]:
    """Code to field of the findings; makes sure that nothing was written."""
    before = await _everything()
    with pytest.raises(Refused) as error:
        await import_policies(actor, name, content)
    assert await _everything() == before
    found: dict[str, str] = {}
    for finding in error.value.findings:
        assert finding.text("zh") and finding.remedy("zh")
        assert finding.text("en") and finding.remedy("en")
        found.setdefault(finding.code, finding.field)
    return found


async def _record(world: World, result: ImportResult, position: int = 0) -> dict[str, Any]:
    record: dict[str, Any] = await world.get("clerk", f"/policies/{result.rows[position].number}")
    return record


async def test_rows_become_policies_with_shares_instalments_and_receipts(
    world: World, clerk: Actor, product: str
) -> None:
    first, second = row(world, product, 1), row(world, product, 2, 备注="短期费率")
    content = file_of(
        first,
        second,
        共保份额=[
            {
                "保单号": first["保单号"],
                "共保人统一社会信用代码": world.usccs["insurer"],
                "份额(%)": "66.666667",
            },
            {
                "保单号": first["保单号"],
                "共保人统一社会信用代码": world.usccs["other_insurer"],
                "份额(%)": "33.333333%",
            },
        ],
        分期缴费=[
            {"保单号": first["保单号"], "应缴日期": "2026年12月1日", "应缴金额(元)": "1.5万元"},
            {"保单号": first["保单号"], "应缴日期": "2027/3/1", "应缴金额(元)": 5000},
        ],
        保费收款=[{"保单号": first["保单号"], **RECEIPT}],
    )

    result = await import_policies(clerk, "保单.xlsx", content)

    assert (result.dry_run, result.records) == (False, 2)
    record = await _record(world, result)
    assert [s["share_units"] for s in record["insurers"]] == [66_666_667, 33_333_333]
    assert [(i["due_on"], i["amount_fen"]) for i in record["instalments"]] == [
        ("2026-12-01", 1_500_000),
        ("2027-03-01", 500_000),
    ]
    assert record["received_fen"] == 1_500_000
    assert record["receipts"][0]["payer_account"] == "4200000000000001"
    assert (await _record(world, result, 1))["note"] == "短期费率"


async def test_dry_run_says_the_same_and_writes_nothing(
    world: World, clerk: Actor, product: str
) -> None:
    before = await _everything()
    content = file_of(row(world, product, 保险费="18000"))
    result = await import_policies(clerk, "保单.xlsx", content, dry_run=True)
    assert await _everything() == before
    assert (result.records, result.rows[0].number) == (1, None)
    advice = {f.code: (f.field, f.severity) for f in result.rows[0].findings}
    assert advice == {"policy.premium_unlike_rate": ("保单!I2 保险费(元)", "warning")}


CELLS: list[tuple[dict[str, Any], str, str]] = [
    ({"产品编号": "P-2020-000001"}, "policy.unknown_product", "保单!B2 产品编号"),
    ({"被保险人统一社会信用代码": "91420100MA4K0001"}, "uscc.length", "保单!C2"),
    ({"费率": "0.9"}, "policy.rate_outside_band", "保单!H2 费率(%)"),
    ({"费率": "千分之二"}, "money.not_a_rate", "保单!H2 费率(%)"),
    ({"终止日期": "2026-11-30"}, "policy.ends_before_start", "保单!E2 终止日期"),
    ({"终止日期": "2027-02-29"}, "form.not_a_date", "保单!E2 终止日期"),
    ({"起保日期": "二月"}, "form.not_a_date", "保单!D2 起保日期"),
    ({"保险金额": "12.345"}, "money.too_fine", "保单!F2 保险金额(元)"),
    ({"保险费": "-5"}, "form.beyond", "保单!I2 保险费(元)"),
    ({"保单号": None}, "import.key_missing", "保单!A2 保单号"),
    ({"标的编号": "OB-2026-000009"}, "policy.object_of_another", "保单!J2 标的编号"),
    ({"起保日期": "2020-02-29"}, "policy.not_in_library", "保单!B2 产品编号"),
]


@pytest.mark.parametrize(("change", "code", "field"), CELLS)
async def test_a_wrong_cell_is_named(
    world: World, clerk: Actor, product: str, change: dict[str, Any], code: str, field: str
) -> None:
    wrong = row(world, product, 1, **change)
    found = await _refused(clerk, file_of(wrong, row(world, product, 2)))
    assert found[code].startswith(field)
    assert len(found) == 1 or code in ("policy.not_in_library",)


async def test_findings_of_all_rows_come_at_once(world: World, clerk: Actor, product: str) -> None:
    content = file_of(
        row(world, product, 1, 费率="0.9"),
        row(world, product, 2, 产品编号="P-1999-000001"),
        row(world, product, 3, 终止日期="30.11.2027"),
    )
    found = await _refused(clerk, content)
    assert {"policy.rate_outside_band", "policy.unknown_product", "form.not_a_date"} <= set(found)


async def test_days_kept_as_dates_by_excel_are_read(
    world: World, clerk: Actor, product: str
) -> None:
    made = row(world, product, 起保日期=date(2026, 12, 1), 终止日期=datetime(2027, 11, 30))
    result = await import_policies(clerk, "保单.xlsx", file_of(made))
    record = await _record(world, result)
    assert (record["start_on"], record["end_on"]) == ("2026-12-01", "2027-11-30")
    late = row(world, product, 2, 起保日期=datetime(2026, 12, 1, 9, 30))
    assert await _refused(clerk, file_of(late)) == {"import.date_cell": "保单!D2 起保日期"}
    swapped = row(world, product, 2, 保单号=date(2026, 12, 1))
    assert "import.date_cell" in await _refused(clerk, file_of(swapped))


async def test_same_number_twice_however_it_is_printed(
    world: World, clerk: Actor, product: str
) -> None:
    again = row(world, product, 2, 保单号="pyii２０２６0001")
    found = await _refused(clerk, file_of(row(world, product, 1), again))
    assert found == {"import.same_policy": "保单!A3 保单号"}
    await import_policies(clerk, "保单.xlsx", file_of(row(world, product, 1)))
    assert await _refused(clerk, file_of(again)) == {"policy.number_twice": "保单!A2 保单号"}


async def test_parts_must_fit_the_policy(world: World, clerk: Actor, product: str) -> None:
    key = {"保单号": "PYII 2026-0001"}
    stray = [{"保单号": "PYII 9", "应缴日期": "2026-12-01", "应缴金额(元)": "1"}]
    found = await _refused(clerk, file_of(row(world, product), 分期缴费=stray))
    assert found == {"import.key_unknown": "分期缴费!A2 保单号"}
    short = [{**key, "应缴日期": "2026-12-01", "应缴金额(元)": "1"}]
    found = await _refused(clerk, file_of(row(world, product), 分期缴费=short))
    assert found == {"policy.instalments_not_whole": "保单!A2 分期缴费"}
    paid = [{**key, **RECEIPT}, {**key, **RECEIPT}]
    found = await _refused(clerk, file_of(row(world, product), 保费收款=paid))
    assert found == {"policy.receipt_above_due": "保费收款!C3 收款金额(元)"}
    odd = [{**key, **RECEIPT, "付款账号": "不详", "资金来源": "no-such", "收款日期": "2099-01-01"}]
    found = await _refused(clerk, file_of(row(world, product), 保费收款=odd))
    assert set(found) == {
        "bank_account.not_a_number",
        "policy.unknown_source",
        "policy.receipt_in_future",
    }


async def test_csv_with_further_rows_of_a_policy(world: World, clerk: Actor, product: str) -> None:
    first = {**row(world, product), "应缴日期": "2026-12-01", "应缴金额(元)": "15000"}
    more = {"保单号": first["保单号"], "应缴日期": "2027-03-01", "应缴金额(元)": "5000"}
    result = await import_policies(clerk, "保单.csv", csv_file(first, more))
    assert len((await _record(world, result))["instalments"]) == 2
    other = {**first, "保单号": "PYII 7"}
    differs = {**more, "保单号": "PYII 7", "费率(%)": "0.3"}
    found = await _refused(clerk, csv_file(other, differs), "保单.csv")
    assert found == {"import.row_differs": "CSV!H3 费率(%)"}


async def test_formulas_merged_cells_wrong_headers_and_other_sheets(
    world: World, clerk: Actor, product: str
) -> None:
    made = book(row(world, product))
    made["保单"]["F2"] = "=1000*10000"
    assert await _refused(clerk, as_bytes(made)) == {"import.formula": "保单!F2"}
    made = book(row(world, product), row(world, product, 2))
    made["保单"].merge_cells("B2:B3")
    assert await _refused(clerk, as_bytes(made)) == {"import.merged": "保单!B2:B3"}
    made = book(row(world, product))
    made["保单"]["H1"] = "费律"
    found = await _refused(clerk, as_bytes(made))
    assert found == {"import.column_unknown": "保单!H1", "import.column_missing": "保单!1"}
    made = book(row(world, product))
    made["保单"].title = "Sheet1"
    made.create_sheet("Sheet2")
    assert "import.sheet_missing" in await _refused(clerk, as_bytes(made))


async def test_fifty_thousand_rows_are_refused(world: World, clerk: Actor, product: str) -> None:
    made = Workbook(write_only=True)
    sheet = made.create_sheet("保单")
    plain = row(world, product)
    sheet.append(list(plain))
    for _ in range(50_000):
        sheet.append(list(plain.values()))
    assert await _refused(clerk, as_bytes(made)) == {"import.too_many_rows": "保单"}


async def test_template_fits_its_own_reader(clerk: Actor, world: World, product: str) -> None:
    made = opened(await template())
    assert made.sheetnames == ["保单", "共保份额", "分期缴费", "保费收款", "填写说明"]
    assert set(await _refused(clerk, as_bytes(made))) == {"import.no_rows"}
    sheet = made["保单"]
    sheet["A2"], sheet["B2"], sheet["C2"] = "PYII 1", product, world.usccs["enterprise"]
    sheet["E2"], sheet["F2"] = "2026-12-01", "2027-11-30"
    for name in ("共保份额", "保费收款"):
        made[name].delete_rows(2)
    made["分期缴费"]["A2"] = "PYII 1"
    made["分期缴费"]["B2"] = "2026-12-01"
    result = await import_policies(clerk, "模板.xlsx", as_bytes(made))
    assert result.records == 1


async def test_routes_of_the_import(world: World, product: str) -> None:
    async def upload(who: str, content: bytes, **data: str) -> Any:
        return await world.client.post(
            "/api/v1/policy-imports",
            files={"file": ("保单.xlsx", content)},
            data=data,
            headers=world.headers[who],
        )

    content = file_of(row(world, product))
    tried = await upload("clerk", content, dry_run="true")
    assert (tried.status_code, tried.json()["rows"][0]["number"]) == (200, None)
    made = await upload("clerk", content)
    assert made.status_code == 201, made.text
    again = await upload("clerk", content)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "保单!A2 保单号")
    foreign = await upload("rival", file_of(row(world, product, 8)))
    assert foreign.json()["errors"][0]["code"] == "policy.product_of_another"
    assert (await upload("officer", content)).status_code == 403
    answer = await world.call("clerk", "GET", "/policy-imports/template.xlsx")
    assert opened(answer.content).sheetnames[0] == "保单"
