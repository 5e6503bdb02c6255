"""A product's way from draft to shelf, through the public routes."""

from __future__ import annotations

import pytest

from service.kernel.db import sql_value
from tests.factories import World, draft, make_draft, make_in_library


async def test_insurer_files_committee_enters_public_finds(world: World) -> None:
    number = await make_in_library(world)

    shelf = await world.get(None, "/shelf?q=晶圆")
    assert [item["number"] for item in shelf["items"]] == [number]
    record = await world.get(None, f"/shelf/{number}")
    assert record["status"] == "in_library"
    assert [d["kind"] for d in record["documents"]] == ["clause_text"]
    count = await world.get(None, "/library/count")
    assert count["products"] == 1
    assert count["stage"] == {"production": 1}
    assert count["pace"]["missing"] == 59


async def test_draft_is_not_on_the_shelf_and_not_for_a_rival(world: World) -> None:
    number = await make_draft(world)

    assert (await world.get(None, "/shelf"))["items"] == []
    assert (await world.call("rival", "GET", f"/products/{number}")).status_code == 404
    assert (await world.call("clerk", "GET", f"/products/{number}")).status_code == 200


@pytest.mark.parametrize(
    ("low", "high", "code"),
    [
        ("sum_min_fen", "sum_max_fen", "filing.sum_band_reversed"),
        ("rate_min_ppm", "rate_max_ppm", "filing.rate_band_reversed"),
    ],
)
async def test_a_band_the_wrong_way_round_is_no_draft(
    world: World, low: str, high: str, code: str
) -> None:
    number = await make_draft(world)
    body = draft(documents=[]) | {low: 2_000, high: 1_000}
    made = await world.call("clerk", "POST", "/products", body)
    body.pop("type_code")
    changed = await world.call(
        "clerk", "PUT", f"/products/{number}/draft", body, headers={"If-Match": "*"}
    )
    for answer in (made, changed):
        assert answer.status_code == 422
        assert [(e["code"], e["field"]) for e in answer.json()["errors"]] == [(code, high)]
    assert await sql_value("SELECT count(*) FROM product") == 1
