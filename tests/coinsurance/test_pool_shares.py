"""Schedules of shares: whole, forward only, by consent, in two times, masked."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql
from tests.coinsurance.pooling import (
    RESOLUTION,
    YI,
    Pooled,
    add_second_officers,
    answer_all,
    make_pool,
    make_schedule,
    on,
)
from tests.factories import World, make_organisation

THREE = [50_000_000, 30_000_000, 20_000_000]


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


async def propose(pooled: Pooled, shares: list[dict[str, Any]], **more: Any) -> Any:
    return await pooled.world.call(
        "officer",
        "POST",
        f"/pool-years/{pooled.year}/shares",
        {"reason": "年度份额", "shares": shares, **more},
    )


def percent(pooled: Pooled, *shares: str) -> list[dict[str, Any]]:
    return [
        {"uscc": pooled.usccs[login], "share": share}
        for login, share in zip(pooled.members, shares, strict=False)
    ]


@pytest.mark.parametrize(
    ("shares", "difference", "shown"),
    [
        (("50%", "30%", "19.999999%"), -1, "-0.000001%"),
        (("50%", "30%", "20.000001%"), 1, "0.000001%"),
        (("50%", "30%", "0%"), -20_000_000, "-20%"),
    ],
)
async def test_shares_that_are_not_the_whole(
    world: World, shares: tuple[str, ...], difference: int, shown: str
) -> None:
    pooled = await make_pool(world, 3, until="members")
    answer = await propose(pooled, percent(pooled, *shares))
    assert (answer.status_code, codes(answer)) == (422, ["shares.not_whole"])
    assert answer.json()["errors"][0]["params"]["difference_units"] == difference
    assert shown in answer.json()["detail"]
    assert await sql("SELECT id FROM share_schedule") == []


async def test_everything_that_is_wrong_is_told_at_once(world: World) -> None:
    pooled = await make_pool(world, 3, until="members")
    branch, branch_code = await make_organisation("示例m2号财险光谷支公司", "insurer", 760)
    await sql("UPDATE organisation SET legal_root = $2 WHERE id = $1", branch, pooled.usccs["m2"])
    shares = [
        *percent(pooled, "50%", "30%"),
        {"uscc": branch_code, "share": "10%"},
        {"uscc": pooled.usccs["m2"], "share": "9%"},
        {"uscc": world.usccs["other_insurer"], "share": "0.5%"},
    ]
    answer = await propose(pooled, shares, valid_from="2026-02-01")
    assert set(codes(answer)) == {
        "shares.not_whole",
        "shares.same_legal_person",
        "shares.member_twice",
        "shares.member_unknown",
        "shares.first_not_at_start",
    }
    both = [{"uscc": pooled.usccs["clerk"], "share": "100%", "share_units": 100_000_000}]
    assert codes(await propose(pooled, both)) == ["share.both_given"]
    assert codes(await propose(pooled, [{"uscc": pooled.usccs["clerk"]}])) == [
        "schedule.share_missing"
    ]
    assert codes(await propose(pooled, [])) == ["schedule.mode_differs"]
    assert codes(await propose(pooled, percent(pooled, "100%"), mode="capacity")) == [
        "schedule.mode_differs"
    ]


async def test_shares_by_capacity_are_derived_and_never_written(world: World) -> None:
    capacities = [(YI, YI, 3 * YI), (YI, YI, YI), (YI, YI, 2 * YI)]
    pooled = await make_pool(world, 3, "new-energy", capacity_fen=capacities)
    shares = await world.get("clerk", f"/pool-years/{pooled.year}/shares")
    shown = [(s["share_units"], s["basis_weight"]) for s in shares["schedule"]["shares"]]
    assert shown == [(50_000_000, 3 * YI), (16_666_667, YI), (33_333_333, 2 * YI)]
    written = await propose(pooled, percent(pooled, "50%", "25%", "25%"))
    assert codes(written) == ["schedule.mode_differs"]


async def test_a_pool_of_lines_has_no_yearly_schedule(world: World) -> None:
    pooled = await make_pool(world, 2, "biomedicine")
    answer = await propose(pooled, percent(pooled, "60%", "40%"))
    assert codes(answer) == ["schedule.no_year_shares"]


async def test_a_change_within_the_year_holds_forward_and_by_consent(world: World) -> None:
    pooled = await make_pool(world, 3, shares=THREE)
    with on("2026-05-06"):
        past = await propose(pooled, percent(pooled, "40%", "40%", "20%"), valid_from="2026-05-05")
        assert codes(past) == ["shares.backdated"]
        outside = await propose(
            pooled, percent(pooled, "40%", "40%", "20%"), valid_from="2027-01-01"
        )
        assert codes(outside) == ["shares.outside_year"]
        made = await propose(pooled, percent(pooled, "45%", "35%", "20%"), valid_from="2026-07-01")
        number = made.json()["number"]
        early = await world.call(
            "approver", "POST", f"/share-schedules/{number}/effect", RESOLUTION
        )
        assert codes(early) == ["workflow.step_not_allowed"]
        voted = await world.post("manager", f"/share-schedules/{number}/vote")
        await answer_all(pooled, voted["consent_request"])
        held = await world.get("m2", f"/share-schedules/{number}")
        assert (held["status"], held["clause"]) == (
            "consented",
            "pool/integrated-circuit/2025.1 第五条第一款",
        )
    with on("2026-07-02"):
        late = await world.call("approver", "POST", f"/share-schedules/{number}/effect", RESOLUTION)
        assert codes(late) == ["shares.backdated"], "its day has passed meanwhile"
    with on("2026-06-30"):
        await world.post("approver", f"/share-schedules/{number}/effect", RESOLUTION)
    base = f"/pool-years/{pooled.year}/shares"
    june = await world.get("clerk", f"{base}?as_of=2026-06-30")
    july = await world.get("clerk", f"{base}?as_of=2026-07-01")
    believed = await world.get("clerk", f"{base}?as_of=2026-07-01&as_known_at=2026-06-29T00:00:00Z")
    nothing = await world.get("clerk", f"{base}?as_of=2025-12-31")
    assert [s["share"] for s in june["schedule"]["shares"]] == ["50%", "30%", "20%"]
    assert [s["share"] for s in july["schedule"]["shares"]] == ["45%", "35%", "20%"]
    assert believed["schedule"]["number"] == june["schedule"]["number"]
    assert nothing["schedule"] is None
    again = await world.get("clerk", f"{base}?as_of=2026-07-01&as_known_at=2026-06-29T00:00:00Z")
    assert again == believed
    page = await world.get("auditor", f"/pool-years/{pooled.year}/share-schedules?limit=1")
    assert page["items"][0]["number"] == number
    rest = await world.get(
        "auditor", f"/pool-years/{pooled.year}/share-schedules?cursor={page['next']}"
    )
    assert [item["number"] for item in rest["items"]] == [pooled.schedule]


async def test_a_second_change_may_not_reach_behind_the_first(world: World) -> None:
    pooled = await make_pool(world, 2, shares=[60_000_000, 40_000_000])
    with on("2026-03-02"):
        await make_schedule(pooled, [55_000_000, 45_000_000], "2026-06-01")
        before = await propose(pooled, percent(pooled, "50%", "50%"), valid_from="2026-05-01")
        assert codes(before) == ["shares.not_after_last"]
        same = await propose(pooled, percent(pooled, "50%", "50%"), valid_from="2026-06-01")
        assert codes(same) == ["shares.not_after_last"]
        lead = await propose(pooled, percent(pooled, "45%", "55%"), valid_from="2026-08-03")
        number = lead.json()["number"]
        voted = await world.post("officer", f"/share-schedules/{number}/vote")
        await answer_all(pooled, voted["consent_request"])
        done = await world.post("approver", f"/share-schedules/{number}/effect", RESOLUTION)
    assert [f["code"] for f in done["findings"]] == ["schedule.lead_changes"]


async def test_followers_propose_nothing_and_see_their_own_share(world: World) -> None:
    pooled = await make_pool(world, 3, shares=THREE)
    body = {"reason": "x", "shares": percent(pooled, "50%", "30%", "20%")}
    mine = await world.call("m2_manager", "POST", f"/pool-years/{pooled.year}/shares", body)
    assert (mine.status_code, codes(mine)) == (403, ["pool.role_missing"])
    for path in (
        f"/pool-years/{pooled.year}/shares",
        f"/pool-years/{pooled.year}/share-schedules",
        f"/share-schedules/{pooled.schedule}",
    ):
        seen = await world.call("m2", "GET", path)
        assert "30000000" in seen.text
        assert "50000000" not in seen.text
        assert "20000000" not in seen.text
        foreign = await world.call("rival", "GET", path)
        assert foreign.status_code == 404
        assert (await world.call("firm", "GET", path)).status_code == 403


async def test_who_proposed_does_not_let_it_take_effect(world: World) -> None:
    pooled = await make_pool(world, 2, until="members")
    await add_second_officers(world)
    await sql(
        "UPDATE eastlake_user SET roles = '{committee_officer,committee_approver}'"
        " WHERE login = 'officer'"
    )
    made = await propose(pooled, percent(pooled, "60%", "40%"))
    number = made.json()["number"]
    voted = await world.post("officer", f"/share-schedules/{number}/vote")
    await answer_all(pooled, voted["consent_request"])
    own = await world.call("officer", "POST", f"/share-schedules/{number}/effect", RESOLUTION)
    assert (own.status_code, codes(own)) == (403, ["auth.four_eyes"])
    bare = await world.call("approver", "POST", f"/share-schedules/{number}/effect", {})
    assert codes(bare) == ["form.missing"]
    done = await world.post("pool_approver", f"/share-schedules/{number}/effect", RESOLUTION)
    assert (done["status"], done["resolution_number"]) == (
        "effective",
        RESOLUTION["resolution_number"],
    )


async def test_re_signing_proposes_from_the_records_of_a_year(world: World) -> None:
    pooled = await make_pool(world, 3, shares=THREE)
    with on("2026-03-02"):
        made = await propose(pooled, percent(pooled, "50%", "30%", "20%"), valid_from="2026-09-01")
        voted = await world.post("officer", f"/share-schedules/{made.json()['number']}/vote")
        request = voted["consent_request"]
        await world.post("officer", f"/consent-requests/{request}/service", {"how": "公文"})
        said = {"answer": "consented"}
        await world.post("manager", f"/consent-requests/{request}/answers", said)
    with on("2026-04-20"):
        got = await world.get("clerk", f"/pool-years/{pooled.year}/re-signing?year=2027")
    assert (got["year"], got["total_units"], got["clause"]) == (
        2027,
        100_000_000,
        "pool/integrated-circuit/2025.1 第九条",
    )
    lead, silent, _ = got["members"]
    assert lead["score"] == {"numerator": "1", "denominator": "1"}
    assert silent["days"]["consent"]["taken_days"] > silent["days"]["consent"]["allowed_days"]
    assert lead["share_units"] > 50_000_000
    assert (
        await world.call("m2", "GET", f"/pool-years/{pooled.year}/re-signing")
    ).status_code == 403
