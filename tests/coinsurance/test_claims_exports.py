"""Exports of claims: every format and filter, peers masked, foreign organisations empty-handed."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest

from service.kernel.db import sql
from tests.coinsurance.claiming import Scene, make_scene, notified, paid
from tests.factories import World
from tests.web.console import sign_in

HEADER = "赔案编号,状态,业务年度,共保保单,保单号,被保险人,主办机构,出险日"


@pytest.fixture
async def scene(world: World) -> Scene:
    return await make_scene(world)


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
async def test_every_format(scene: Scene, kind: str) -> None:
    await notified(scene)
    for name in ("claims", "claim-parts"):
        answer = await scene.world.call("auditor", "GET", f"/reports/{name}.{kind}")
        assert answer.status_code == 200, answer.text
    looks = await sql("SELECT what FROM pool_look WHERE exported ORDER BY id")
    assert [row["what"] for row in looks] == ["赔案清单", "赔案分额"]


async def test_the_export_is_the_list_with_its_filters(scene: Scene) -> None:
    settled = await paid(scene)
    fresh = await notified(scene, cause="进水", loss_on="2026-03-03", event="E2")
    world = scene.world
    text = (await world.call("clerk", "GET", "/reports/claims.csv")).text
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert ",".join(rows[0]).startswith(HEADER)
    assert [row[0] for row in rows[1:]] == [fresh, settled]
    for query, found in (
        ("status=paid", [settled]),
        ("q=进水", [fresh]),
        ("loss_from=2026-03-03", [fresh]),
        ("loss_to=2026-03-02", [settled]),
        (f"pool_year={scene.year.number}", [fresh, settled]),
        (f"placement={scene.placement}", [fresh, settled]),
        ("flag=fraud", []),
    ):
        listed = await world.get("clerk", f"/claims?{query}")
        exported = await world.get("clerk", f"/reports/claims.json?{query}")
        assert [item["number"] for item in listed["items"]] == found, query
        assert [row["number"] for row in exported["rows"]] == found, query
    for query in ("status=lost", "flag=odd", "loss_from=2026-13-01", "colour=red"):
        answer = await world.call("clerk", "GET", f"/reports/claims.json?{query}")
        assert answer.status_code == 422, query


async def test_peers_are_masked_and_strangers_get_nothing(scene: Scene) -> None:
    number = await paid(scene)
    world, usccs = scene.world, scene.year.usccs
    whole = (await world.get("clerk", "/reports/claim-parts.json?kind=payment"))["rows"]
    assert [row["uscc"] for row in whole] == list(usccs.values())
    assert sum(row["amount_fen"] for row in whole) == 10_000_000
    assert {row["difference"] for row in whole} == {"0"}
    mine = (await world.get("m3", "/reports/claim-parts.json"))["rows"]
    assert {row["uscc"] for row in mine} == {usccs["m3"]}
    asked = f"/reports/claim-parts.json?member={usccs['m2']}"
    assert (await world.get("m3", asked))["rows"] == []
    own = (await world.get("m3", "/reports/claims.json"))["rows"]
    assert [(row["number"], row["own_paid_fen"]) for row in own] == [(number, 2_000_000)]
    firm = (await world.get("firm", "/reports/claims.json"))["rows"]
    assert [(row["number"], row["reserve_fen"]) for row in firm] == [(number, None)]
    assert (await world.call("firm", "GET", "/reports/claim-parts.json")).status_code == 403
    for path in ("claims.json", "claim-parts.json", f"claims.json?pool_year={scene.year.number}"):
        assert (await world.get("rival", f"/reports/{path}"))["rows"] == []
    anonymous = await world.client.get("/api/v1/reports/claims.json")
    assert anonymous.status_code == 401


async def test_the_page_links_the_files_of_what_it_shows(scene: Scene) -> None:
    number = await notified(scene)
    client = scene.world.client
    await sign_in(client, "clerk")
    page = (await client.get("/claims?status=notified&q=火灾")).text
    links = re.findall(r'href="(/reports/claims\.(\w+)\?[^"]*)"', page)
    assert [kind for _, kind in links] == ["xlsx", "csv", "json"]
    answer = await client.get(html.unescape(links[2][0]))
    assert [row["number"] for row in answer.json()["rows"]] == [number]
    assert answer.json()["rows"][0]["status_zh"] == "已报案"
