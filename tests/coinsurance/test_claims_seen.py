"""Who sees what of a claim: the handler, followers, the insured, the committee, strangers."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql
from tests.coinsurance.claiming import Scene, at, make_scene, notified, paid
from tests.factories import World

READERS = ("clerk", "m2", "firm", "officer", "auditor")


@pytest.fixture
async def scene(world: World) -> Scene:
    """A placement over four members, cover begun."""
    return await make_scene(world)


def _codes(record: dict[str, Any]) -> set[str]:
    """Every member whose share or part a record shows."""
    shown = {s["uscc"] for section in record["sections"] for s in section["shares"]}
    shown |= {p["uscc"] for m in record["movements"] for p in m["parts"]}
    shown |= {o[side] for m in record["movements"] for o in m["obligations"]
              for side in ("debtor", "creditor")}  # fmt: skip
    shown |= {n["uscc"] for n in record["notices"]}
    return shown


async def test_a_follower_sees_the_claim_its_own_parts_and_the_totals(scene: Scene) -> None:
    number = await paid(scene)
    with at("2026-03-17"):
        reserve = {"outstanding_fen": 1_000, "reason": "x"}
        await scene.post("clerk", f"{number}/reserves", reserve)
    codes = scene.year.usccs
    record = await scene.get("m2", number)
    assert _codes(record) == {codes["m2"], codes["clerk"]}
    assert record["paid_fen"] == 10_000_000
    assert [s["paid_fen"] for s in record["sections"][0]["shares"]] == [3_000_000]
    assert [o["debtor"] for m in record["movements"] for o in m["obligations"]] == [codes["m2"]]
    assert record["sees_all"] is False
    assert [step["event"] for step in record["steps"]] == []
    whole = await scene.get("clerk", number)
    assert _codes(whole) == set(codes.values())


async def test_the_insured_sees_shares_and_payments_but_no_reserve(scene: Scene) -> None:
    number = await paid(scene)
    with at("2026-03-17"):
        await scene.post("clerk", f"{number}/reserves", {"outstanding_fen": 777, "reason": "x"})
    record = await scene.get("firm", number)
    assert record["reserve_fen"] is None
    assert [m["kind"] for m in record["movements"]] == ["payment"]
    assert record["movements"][0]["parts"] == []
    assert {s["share_units"] for s in record["sections"][0]["shares"]} == {
        40_000_000, 30_000_000, 20_000_000, 10_000_000,
    }  # fmt: skip
    assert record["notices"] == record["cash_calls"] == record["history"] == []
    listed = (await scene.world.get("firm", "/claims"))["items"]
    assert [(c["number"], c["reserve_fen"]) for c in listed] == [(number, None)]
    answer = await scene.world.call("firm", "GET", f"/claims/{number}/explanation")
    assert answer.status_code == 403


async def test_strangers_see_nothing(scene: Scene) -> None:
    number = await notified(scene)
    for who in ("rival", "rival_manager"):
        assert (await scene.world.call(who, "GET", f"/claims/{number}")).status_code == 404
        assert (await scene.world.get(who, "/claims"))["items"] == []
        answer = await scene.world.call(who, "POST", f"/claims/{number}/registration", {})
        assert answer.status_code == 404


async def test_looks_of_committee_and_auditor_are_kept(scene: Scene) -> None:
    number = await notified(scene)
    for who in ("officer", "auditor", "clerk"):
        await scene.get(who, number)
    await scene.get("auditor", f"{number}/explanation")
    looks = await sql(
        "SELECT u.login, l.what FROM pool_look l JOIN eastlake_user u ON u.id = l.reader"
        " WHERE l.subject_kind = 'claim' AND l.subject = $1 ORDER BY l.id",
        number,
    )
    assert [tuple(row) for row in looks] == [
        ("officer", "record"),
        ("auditor", "record"),
        ("auditor", "explanation"),
    ]


async def test_list_is_searched_filtered_and_paged(scene: Scene) -> None:
    first = await notified(scene, event="E1", cause="爆炸")
    second = await notified(scene, loss_on="2026-02-01", flags=["fraud"], event="E2")
    world = scene.world

    async def found(query: str) -> list[str]:
        return [c["number"] for c in (await world.get("m3", f"/claims?{query}"))["items"]]

    assert await found("") == [second, first]
    assert await found("q=爆炸") == [first]
    assert await found("flag=fraud") == [second]
    assert await found("loss_from=2026-03-01") == [first]
    assert await found("loss_to=2026-02-28") == [second]
    assert await found(f"pool_year={scene.year.number}&status=notified") == [second, first]
    assert await found(f"placement={scene.placement}&q=E2") == [second]
    page = await world.get("m3", "/claims?limit=1")
    assert [c["number"] for c in page["items"]] == [second]
    rest = await world.get("m3", f"/claims?limit=1&cursor={page['next']}")
    assert ([c["number"] for c in rest["items"]], rest["next"]) == ([first], None)
    for query in ("status=moon", "flag=moon"):
        assert (await world.call("m3", "GET", f"/claims?{query}")).status_code == 422


async def test_own_part_stands_in_the_list(scene: Scene) -> None:
    await paid(scene)
    own = {}
    for who in ("clerk", "m2", "firm"):
        own[who] = (await scene.world.get(who, "/claims"))["items"][0]["own_paid_fen"]
    assert own == {"clerk": 4_000_000, "m2": 3_000_000, "firm": None}


@pytest.mark.parametrize("who", READERS)
async def test_every_reader_gets_the_same_totals(scene: Scene, who: str) -> None:
    number = await paid(scene)
    record = await scene.get(who, number)
    assert (record["assessed_fen"], record["paid_fen"], record["left_fen"]) == (
        10_000_000, 10_000_000, 0,
    )  # fmt: skip
