"""The library monitor: figures with their definition, two times, chart, map, screen, files."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.kernel.calendar import at_moment, now, today
from service.kernel.db import sql
from tests.factories import World, make_in_library
from tests.web.console import file_links, sign_in, words

PAGE = "/committee/monitor"


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/trend.svg"])
async def test_only_committee_and_auditor(world: World, path: str) -> None:
    assert (await world.client.get(path)).status_code == 303
    await sign_in(world.client, "manager")
    assert (await world.client.get(path)).status_code == 403


async def test_empty_library_is_shown_calmly(world: World) -> None:
    await sign_in(world.client, "officer")

    page = await world.client.get(PAGE)
    assert page.status_code == 200
    assert "0 / 60 个" in words(page) and "统计日没有在库产品" in words(page)
    assert (await world.client.get(f"{PAGE}/trend.svg")).status_code == 200


async def test_figures_definition_map_and_splits(world: World) -> None:
    await make_in_library(world)
    await sign_in(world.client, "auditor")

    page = await world.client.get(PAGE)
    text = words(page)
    assert "1 / 60 个" in text and "59" in text
    assert "未规定“在库”的口径" in text
    assert text.count("空缺") >= 3
    assert "/?stage=research&amp;industry=%E9%9B%86%E6%88%90%E7%94%B5%E8%B7%AF" in page.text
    assert "按保险公司" in text and "江汉区" in text


async def test_chart_stands_at_its_own_address(world: World) -> None:
    await make_in_library(world)
    await sign_in(world.client, "officer")

    answer = await world.client.get(f"{PAGE}/trend.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in answer.text and "目标 60 个" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_hindsight_shows_what_was_learnt_later(world: World) -> None:
    number = await make_in_library(world)
    then = now()
    fact = (await world.get("approver", f"/products/{number}/library-facts"))[0]["id"]
    await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE login = 'officer'")
    await sign_in(world.client, "auditor")
    with at_moment(then + timedelta(hours=1)):
        body = {"fact_id": fact, "void": True, "note": "重复登记"}
        await world.post("officer", f"/products/{number}/library-corrections", body)
        asked = {"as_of": today().isoformat(), "as_known_at": then.isoformat()}
        page = await world.client.get(PAGE, params=asked)

    text = words(page)
    assert page.status_code == 200
    assert "1 / 60 个" in text
    assert "在库产品 1 0 -1" in text
    assert number in text and "重复登记" in text and "不在库" in text


async def test_moment_without_zone_is_beijing_time(world: World) -> None:
    await sign_in(world.client, "officer")

    page = await world.client.get(f"{PAGE}?as_of=2026-01-31&as_known_at=2026-02-01T09:30")
    assert page.status_code == 200
    assert "按 2026-02-01 09:30 所知" in words(page)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("as_of=yesterday", "不是日期"),
        ("as_known_at=2999-01-01T00:00", "在未来"),
        ("as_known_at=soon", "不是日期"),
    ],
)
async def test_bad_questions_are_explained(world: World, query: str, wanted: str) -> None:
    await sign_in(world.client, "officer")

    page = await world.client.get(f"{PAGE}?{query}")
    assert page.status_code == 422
    assert wanted in words(page) and "/ 60 个" in words(page)
    assert (await world.client.get(f"{PAGE}/trend.svg?{query}")).status_code == 422


async def test_screen_has_no_navigation_and_comes_back_fresh(world: World) -> None:
    await sign_in(world.client, "officer")

    page = await world.client.get(f"{PAGE}?screen=1")
    assert page.headers["refresh"] == "300"
    assert 'class="screen"' in page.text and "退出投屏" in page.text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_figures_go_out_as_files(world: World, kind: str) -> None:
    await make_in_library(world)
    await sign_in(world.client, "officer")

    page = await world.client.get(f"{PAGE}?as_of={today()}&as_known_at={today()}T00:00")
    places = file_links(page, kind)
    assert len(places) == 3 and all("as_known_at" in place for place in places)
    for place in places:
        assert (await world.client.get(place)).status_code == 200
