"""What others took over of a defaulter, on the page of the member: charged, read, taken back."""

from __future__ import annotations

from service.kernel.db import sql_value
from tests.coinsurance.pooling import RESOLUTION, answer_all, make_pool, on
from tests.coinsurance.test_pool_members import owe
from tests.coinsurance.test_shortfalls import ASK, DEFAULT, SHARES, path, second_approver
from tests.factories import World
from tests.web.console import send, sign_in, words


async def test_a_shortfall_goes_its_whole_way_on_the_page(world: World) -> None:
    pooled = await make_pool(world, 4, shares=SHARES)
    home = path(pooled)
    with on("2026-03-02"):
        await owe(pooled, "m2", "clerk", 1_000_001, "2026-03-31")
    with on("2026-04-10"):
        await world.post("approver", f"{home}/default", DEFAULT)
        await sign_in(world.client, "approver")
        shown = words(await world.client.get(home))
        assert "分担违约缺口" in shown and "冲销分担" not in shown
        early = await send(world.client, f"{home}/shortfall-charges", RESOLUTION)
        assert early.status_code == 422 and "尚未就分担" in words(early)
        asked = await world.post("manager", f"{home}/shortfall", ASK)
        await answer_all(pooled, asked["consent_request"])
        await sign_in(world.client, "approver")
        made = await send(world.client, f"{home}/shortfall-charges", RESOLUTION)
        assert made.status_code == 303, words(made)
        number = await sql_value("SELECT number FROM shortfall_charge")
        page = words(await world.client.get(home))
        assert f"违约缺口分担 {number}" in page and "2,857.15" in page and "4000004/7" in page
        await sign_in(world.client, "m4")
        peer = words(await world.client.get(home))
        assert number in peer and "1,428.57" in peer and "2,857.15" not in peer
        await sign_in(world.client, await second_approver(world))
        back = {"charge": number, "reason": "决议文号有误"}
        done = await send(world.client, f"{home}/shortfall-reversals", back)
        assert done.status_code == 303, words(done)
        again = await send(world.client, f"{home}/shortfall-reversals", back)
        assert again.status_code == 409 and "只能冲销一次" in words(again)
        after = words(await world.client.get(home))
        assert "冲销 SF-2026-000002" in after and "已由 SF-2026-000002 冲销" in after
