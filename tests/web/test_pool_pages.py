"""Pages of pools: shares as a picture, masked peers, votes, steps of a year and its members."""

from __future__ import annotations

from service.kernel.db import sql_value
from tests.coinsurance.pooling import Pooled, make_pool
from tests.factories import World
from tests.web.console import send, sign_in, words

HIDDEN = "不予显示"


async def test_year_shows_members_shares_and_capacity_to_the_committee(world: World) -> None:
    pooled = await make_pool(world)
    await sign_in(world.client, "officer")
    shown = await world.client.get(f"/pool-years/{pooled.year}")
    assert shown.status_code == 200
    text = words(shown)
    assert "合计 100%" in text, text[:3000]
    assert "50.000001%" in text
    assert HIDDEN not in text
    assert shown.text.count('<rect class="share-') == 4
    looks = await sql_value("SELECT count(*) FROM pool_look WHERE subject = $1", pooled.year)
    assert looks > 0


async def test_follower_sees_its_own_share_and_no_peers(world: World) -> None:
    pooled = await make_pool(world)
    await sign_in(world.client, "m2")
    text = words(await world.client.get(f"/pool-years/{pooled.year}"))
    assert HIDDEN in text
    own = await sql_value(
        "SELECT share_units FROM share_item i JOIN organisation o ON o.id = i.organisation"
        " WHERE o.uscc = $1",
        pooled.usccs["m2"],
    )
    peers = await sql_value(
        "SELECT max(share_units) FROM share_item i JOIN organisation o ON o.id = i.organisation"
        " WHERE o.uscc = $1",
        pooled.usccs["clerk"],
    )
    assert f"{own:,} / 1 亿" in text
    assert f"{peers:,}" not in text
    peer = await world.client.get(f"/pool-years/{pooled.year}/members/{pooled.usccs['clerk']}")
    assert HIDDEN in words(peer)


async def test_insurer_outside_the_pool_finds_nothing(world: World) -> None:
    pooled = await make_pool(world)
    await sign_in(world.client, "rival")
    assert (await world.client.get(f"/pool-years/{pooled.year}")).status_code == 404
    assert (await world.client.get(f"/pools/{pooled.code}")).status_code == 200


async def _proposed(world: World, pooled: Pooled, shares: list[str]) -> int:
    rows = {
        f"shares-{n}-{name}": value
        for n, (login, share) in enumerate(zip(pooled.members, shares, strict=True))
        for name, value in (("uscc", pooled.usccs[login]), ("share", share))
    }
    form = {"valid_from": "2026-12-01", "reason": "年中调整", **rows}
    answer = await send(world.client, f"/pool-years/{pooled.year}/shares", form)
    if answer.status_code != 303:
        assert "0.000001" in words(answer)
        assert 'value="年中调整"' in answer.text or "年中调整" in answer.text
    return answer.status_code


async def test_shares_are_proposed_in_percent_and_must_be_whole(world: World) -> None:
    pooled = await make_pool(world)
    await sign_in(world.client, "officer")
    assert await _proposed(world, pooled, ["50%", "30%", "19.999999%"]) == 422
    assert await _proposed(world, pooled, ["50%", "30%", "20%"]) == 303
    number = await sql_value("SELECT number FROM share_schedule ORDER BY id DESC LIMIT 1")
    shown = await world.client.get(f"/share-schedules/{number}")
    assert "拟议" in words(shown)
    voted = await send(world.client, f"/share-schedules/{number}/vote")
    assert voted.status_code == 303
    request = await sql_value("SELECT number FROM consent_request ORDER BY id DESC LIMIT 1")
    served = await send(world.client, f"/consents/{request}/service", {"how": "系统通知"})
    assert served.status_code == 303
    await sign_in(world.client, "m2_manager")
    assert request in words(await world.client.get("/consents"))
    refused = await send(world.client, f"/consents/{request}/answers", {"answer": "refused"})
    assert refused.status_code == 422
    done = await send(
        world.client, f"/consents/{request}/answers", {"answer": "consented", "note": ""}
    )
    assert done.status_code == 303
    assert "同意" in words(await world.client.get(f"/consents/{request}"))


async def test_agreement_shows_clauses_in_words_and_its_worked_cases(world: World) -> None:
    pooled = await make_pool(world)
    await sign_in(world.client, "clerk")
    shown = await world.client.get(f"/pools/{pooled.code}/agreements/{pooled.version}")
    text = words(shown)
    assert "全部通过" in text
    assert "示例" in text and "第" in text


async def test_steps_of_pool_and_member_stand_on_their_pages(world: World) -> None:
    pooled = await make_pool(world)
    await sign_in(world.client, "approver")
    home = f"/pool-years/{pooled.year}/members/{pooled.usccs['m3']}"
    assert (await send(world.client, f"{home}/suspension", {"note": "整改"})).status_code == 303
    assert "已暂停" in words(await world.client.get(home))
    assert (await send(world.client, f"{home}/resumption", {"note": "完成"})).status_code == 303
    refused = await send(world.client, f"/pools/{pooled.code}/suspension", {"note": ""})
    assert refused.status_code == 422
    assert (
        await send(world.client, f"/pools/{pooled.code}/suspension", {"note": "核查"})
    ).status_code == 303
    assert "已暂停" in words(await world.client.get("/pools"))
