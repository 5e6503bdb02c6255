"""Editions of the promotion catalogues through the public routes."""

from __future__ import annotations

from catalogue.enrolments.editions import load_editions
from tests.catalogue.test_filing import codes
from tests.factories import World


async def test_editions_are_loaded_once_and_read_by_everybody(world: World) -> None:
    before = await world.get(None, "/catalogue-editions")
    await load_editions()
    assert await world.get(None, "/catalogue-editions") == before
    assert all(edition["source"] and edition["example"] for edition in before)
    then = await world.get(None, "/catalogue-editions?kind=first_set&day=2018-02-28")
    assert [edition["code"] for edition in then] == ["SB-2017"]
    one = await world.get(None, "/catalogue-editions/SB-2024")
    assert one["rows"][0]["parameters"][0]["text"] == "≤ 5 μm"
    rows = await world.get(None, "/catalogue-items?day=2026-01-01&q=靶材")
    assert [(row["edition"], row["number"]) for row in rows] == [("CL-2024", "示例-152")]


async def test_new_edition_ends_the_one_before(world: World) -> None:
    form = {
        "code": "SB-2027",
        "title": "示例新版目录",
        "kind": "first_set",
        "valid_from": "2027-01-01",
        "source": "示例文件",
        "items": [
            {
                "number": "1",
                "name": "示例装备",
                "parameters": [{"name": "精度", "operator": "≤", "value": "1", "unit": "μm"}],
            }
        ],
    }
    await world.post("admin", "/catalogue-editions", form)
    old = await world.get(None, "/catalogue-editions/SB-2024")
    assert old["valid_to"] == "2026-12-31"
    again = await world.call("admin", "POST", "/catalogue-editions", form)
    assert codes(again) == {"edition.not_after_the_last"}
    form["items"] = [{"number": "1", "name": "a", "parameters": []}] * 2
    form |= {"code": "SB-2028", "valid_from": "2028-02-29"}
    assert codes(await world.call("admin", "POST", "/catalogue-editions", form)) == {
        "edition.item_twice"
    }
