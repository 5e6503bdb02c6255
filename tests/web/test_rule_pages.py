"""Rule files in the console: list, draft with its checks, difference, publication by another."""

from __future__ import annotations

import re

from service.kernel.db import sql_value
from tests.catalogue.rule_drafts import FAMILY, next_version
from tests.factories import World
from tests.web.console import send, sign_in, value_of, words


async def stored(world: World, text: str = "") -> str:
    """A draft put in by the officer on the page; returns its address."""
    await sign_in(world.client, "officer")
    form = {"text": text or next_version(), "_action": "store"}
    answer = await send(world.client, "/rules/new", form)
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


async def test_check_shows_results_and_keeps_the_text(world: World) -> None:
    await sign_in(world.client, "officer")
    answer = await send(world.client, "/rules/new", {"text": next_version(), "_action": "check"})
    text = words(answer)
    assert answer.status_code == 200
    assert "检查通过，8 个算例全部一致" in text
    assert "首台（套）第一年65%" in text and "给定 对象 首台(套)" in text
    assert "项为示例值" in text
    assert "ratio_ppm = 650_000" in value_of(answer, "text")
    assert await sql_value("SELECT count(*) FROM rule_version WHERE status = 'draft'") == 0
    wrong = next_version(**{"total_fen = 8_000_000": "total_fen = 1"})
    answer = await send(world.client, "/rules/new", {"text": wrong, "_action": "check"})
    assert answer.status_code == 422
    assert "计算不一致" in words(answer) and "须改正" in words(answer)
    answer = await send(world.client, "/rules/new", {"text": wrong, "_action": "store"})
    assert answer.status_code == 422
    assert "算例" in words(answer)
    assert "total_fen = 1" in value_of(answer, "text")


async def test_file_takes_the_place_of_the_text(world: World) -> None:
    await sign_in(world.client, "admin")
    good = {"file": ("rule.toml", next_version().encode(), "application/toml")}
    answer = await send(world.client, "/rules/new", {"text": "x", "_action": "store"}, good)
    assert answer.status_code == 303
    bad = {"file": ("rule.toml", b"\xff\xfe", "application/toml")}
    answer = await send(world.client, "/rules/new", {"text": "", "_action": "check"}, bad)
    assert answer.status_code == 422


async def test_another_person_sees_the_difference_and_publishes(world: World) -> None:
    address = await stored(world)
    own = words(await world.client.get(address))
    assert "待发布" in own and "修改草案" in own and "发布意见" not in own
    await sign_in(world.client, "approver")
    assert "2027.1" in words(await world.client.get("/rules"))
    page = await world.client.get(address)
    text = words(page)
    assert "与上一版本的差别" in text and "版本 2026.1" in text
    assert re.search(r"<del>.*?60.*?</del>", page.text, re.S)
    assert re.search(r"<ins>.*?65.*?</ins>", page.text, re.S)
    assert "算例：首台（套）第一年65%" in text
    form = {"hash": value_of(page, "hash"), "note": "同意"}
    done = await send(world.client, f"{address}/publication", form)
    assert done.headers["location"] == f"/rules/{FAMILY}/2027.1"
    shown = words(await world.client.get(done.headers["location"]))
    assert "与内容一致" in shown and "版本 2026.1" in shown
    listed = words(await world.client.get("/rules"))
    assert "2027-01-01 起由 2027.1 取代" in listed
    assert "示例officer起草，示例approver发布" in listed
    assert (await world.client.get(address)).status_code == 404


async def test_refused_draft_goes_back_with_the_reason(world: World) -> None:
    address = await stored(world)
    await sign_in(world.client, "approver")
    page = await world.client.get(address)
    blank = await send(world.client, f"{address}/refusal", {"hash": value_of(page, "hash")})
    assert blank.status_code == 422
    form = {"hash": value_of(page, "hash"), "note": "第一年比例与正式文件不符"}
    assert (await send(world.client, f"{address}/refusal", form)).status_code == 303
    assert "第一年比例与正式文件不符" in words(await world.client.get(address))
    await sign_in(world.client, "officer")
    edit = await world.client.get(f"/rules/new?draft={address.rsplit('/', 1)[1]}")
    changed = {
        "text": next_version(**{'title_zh = "东湖': 'title_zh = "2027年东湖'}),
        "replaces": value_of(edit, "replaces"),
        "_action": "store",
    }
    again = await send(world.client, "/rules/new", changed)
    assert again.headers["location"] == address
    assert "待发布" in words(await world.client.get(address))
    stale = await send(world.client, "/rules/new", changed)
    assert stale.status_code == 422
    assert "已有草案" in words(stale)
    gone = await send(world.client, f"{address}/withdrawal", {"note": ""})
    assert gone.headers["location"] == "/rules"
    assert "没有待发布的草案" in words(await world.client.get("/rules"))


async def test_committee_reads_every_version(world: World) -> None:
    for who in ("officer", "approver", "admin", "auditor"):
        await sign_in(world.client, who)
        answer = await world.client.get(f"/rules/{FAMILY}/2026.1")
        assert answer.status_code == 200, who
        assert "计算一致" in words(answer) and "计算不一致" not in words(answer)
    await sign_in(world.client, "firm")
    assert (await world.client.get("/rules")).status_code == 403
