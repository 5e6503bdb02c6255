"""The page for importing products: template, trial, every problem, all or nothing."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from tests.factories import World
from tests.web.console import send, sign_in, words

PATH = "/insurer/import"
HEADER = "产品类型,产品名称"


def table(*rows: str) -> dict[str, tuple[str, bytes]]:
    return {"file": ("products.csv", "\n".join([HEADER, *rows]).encode("utf-8-sig"))}


async def test_template_is_a_workbook_with_the_named_sheets(world: World) -> None:
    await sign_in(world.client, "clerk")

    answer = await world.client.get(f"{PATH}/template.xlsx")

    assert {"产品", "条款", "保障责任"} <= set(load_workbook(io.BytesIO(answer.content)).sheetnames)


async def test_trial_writes_nothing_and_import_writes_all(world: World) -> None:
    await sign_in(world.client, "clerk")
    rows = table("PT021,示例晶圆厂财产险", "PT001,示例研发费用损失险")

    trial = await send(world.client, PATH, {"mode": "try"}, rows)
    before = (await world.get("clerk", "/products"))["items"]
    done = await send(world.client, PATH, {"mode": "import"}, rows)

    assert trial.status_code == 200
    assert "可以导入，共 2 个产品" in words(trial)
    assert before == []
    assert done.status_code == 201
    assert "已导入 2 个产品草稿" in words(done)
    assert len((await world.get("clerk", "/products"))["items"]) == 2


async def test_one_bad_row_refuses_the_file_and_names_the_cell(world: World) -> None:
    await sign_in(world.client, "clerk")

    answer = await send(
        world.client, PATH, {"mode": "import"}, table("PT021,示例甲保险", "没有这种,示例乙保险")
    )

    assert answer.status_code == 422
    assert "什么都没有写入" in words(answer)
    assert "没有“没有这种”这种产品类型" in words(answer)
    assert "A3" in words(answer)
    assert (await world.get("clerk", "/products"))["items"] == []


async def test_no_file_and_no_workbook_are_explained(world: World) -> None:
    await sign_in(world.client, "clerk")

    missing = await send(world.client, PATH, {"mode": "try"})
    wrong = await send(world.client, PATH, {"mode": "try"}, {"file": ("a.xlsx", b"text")})

    assert missing.status_code == wrong.status_code == 422
    assert "须改正" in words(missing)
    assert "不是 Excel 工作簿" in words(wrong)
