"""What a claim counts on which day: reimbursement from papers, claims open on a day."""

from __future__ import annotations

import pytest

from service.kernel.db import sql
from tests.coinsurance.claiming import Scene, at, make_scene, paid
from tests.factories import World


@pytest.fixture
async def scene(world: World) -> Scene:
    return await make_scene(world)


async def test_papers_served_after_the_payment_start_the_days_of_reimbursement(
    scene: Scene,
) -> None:
    """The clause counts from service of the papers: 10 working days after 18 March 2026."""
    number = await paid(scene)

    async def due_days() -> dict[str, str]:
        rows = await sql(
            "SELECT o.uscc, b.due_on FROM obligation b JOIN organisation o ON o.id = b.debtor"
            " WHERE b.kind = 'claim_reimbursement' ORDER BY 1"
        )
        return {row["uscc"]: row["due_on"].isoformat() for row in rows}

    m2, m3 = scene.year.usccs["m2"], scene.year.usccs["m3"]
    assert set((await due_days()).values()) == {"2026-03-30"}
    with at("2026-03-17"):
        await scene.post("clerk", f"{number}/notices", {"kind": "papers", "text": "公估报告"})
    with at("2026-03-18"):
        served = {"kind": "papers", "members": [m2], "how": "电子邮件"}
        await scene.post("clerk", f"{number}/service", served)
    days = await due_days()
    assert (days[m2], days[m3]) == ("2026-04-01", "2026-03-30")
    with at("2026-03-20"):
        await scene.post("m3", f"{number}/acknowledgements", {"kind": "papers"})
    assert (await due_days())[m3] == "2026-04-03"
    with at("2026-03-24"):
        await scene.post("clerk", f"{number}/notices", {"kind": "papers", "text": "补充资料"})
        await scene.post("clerk", f"{number}/service", {**served, "members": []})
    days = await due_days()
    assert (days[m2], days[m3]) == ("2026-04-01", "2026-04-03")


async def test_the_count_of_open_claims_on_a_day_stays_what_it_was(scene: Scene) -> None:
    """What was open on a day is told by events; closing and reopening change only later days."""
    path = f"/pool-years/{scene.year.number}/results"

    async def open_on(day: str, known: str) -> int:
        told = await scene.world.get("clerk", path, params={"as_of": day, "as_known_at": known})
        return int(told["open_claims"])

    number = await paid(scene)
    known = "2026-03-31T12:00:00+08:00"
    assert await open_on("2026-03-31", known) == 1
    with at("2026-04-01"):
        await scene.post("manager", f"{number}/closing", {"reason": "赔付完毕"})
    later = "2026-04-30T12:00:00+08:00"
    assert await open_on("2026-03-31", known) == await open_on("2026-03-31", later) == 1
    assert await open_on("2026-04-30", later) == 0
    with at("2026-05-06"):
        form = {"outstanding_fen": 5_000_000, "reason": "发现隐蔽损失"}
        await scene.post("manager", f"{number}/reopening", form)
    latest = "2026-05-31T12:00:00+08:00"
    assert await open_on("2026-04-30", later) == await open_on("2026-04-30", latest) == 0
    assert await open_on("2026-05-31", latest) == 1
