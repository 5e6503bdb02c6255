"""Underwriting years: prepared under an agreement, signed, opened, closed, run off, commuted."""

from __future__ import annotations

from typing import Any

from service.kernel.db import sql, sql_value
from tests.coinsurance.pooling import (
    ROLES,
    add_second_officers,
    invitation,
    make_pool,
    make_schedule,
    on,
)
from tests.factories import World


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


async def test_a_year_stands_on_an_agreement_in_force(world: World) -> None:
    pooled = await make_pool(world, 2, until="founded")
    path = f"/pools/{pooled.code}/years"
    none = await world.call("officer", "POST", path, {"year": 2026})
    assert codes(none) == ["agreement.none_effective"]
    other = await make_pool(world, 2, "new-energy", until="agreed")
    path = f"/pools/{other.code}/years"
    early = await world.call("officer", "POST", path, {"year": 2024})
    assert codes(early) == ["agreement.none_effective"]
    named = await world.call("officer", "POST", path, {"year": 2026, "agreement": "9.9"})
    assert codes(named) == ["agreement.not_effective"]
    days = {"year": 2026, "start_on": "2026-07-01", "end_on": "2026-06-30"}
    assert codes(await world.call("officer", "POST", path, days)) == ["year.days_reversed"]
    made = await world.post("officer", path, {"year": 2026})
    assert (made["number"], made["status"]) == ("new-energy-2026", "draft")
    again = await world.call("officer", "POST", path, {"year": 2026})
    assert (again.status_code, codes(again)) == (409, ["year.number_taken"])
    assert await sql_value("SELECT kind FROM book WHERE code = 'pool:new-energy-2026'") == (
        "pool_year"
    )


async def test_a_year_opens_by_another_person_than_signed_it(world: World) -> None:
    pooled = await make_pool(world, 3, until="shares")
    await add_second_officers(world)
    await sql(
        "UPDATE eastlake_user SET roles = '{committee_officer,committee_approver}'"
        " WHERE login = 'officer'"
    )
    early = await world.call("approver", "POST", f"/pool-years/{pooled.year}/opening", {})
    assert codes(early) == ["workflow.step_not_allowed"]
    await world.post("officer", f"/pool-years/{pooled.year}/signing")
    own = await world.call("officer", "POST", f"/pool-years/{pooled.year}/opening", {})
    assert (own.status_code, codes(own)) == (403, ["auth.four_eyes"])
    opened = await world.post("approver", f"/pool-years/{pooled.year}/opening")
    assert opened["status"] == "open"


async def test_the_lead_is_the_one_the_agreement_finds_and_stands_first(world: World) -> None:
    pooled = await make_pool(world, 3, until="draft")
    base = f"/pool-years/{pooled.year}/members"
    with on("2026-01-05"):
        for login, roles, position in (
            ("clerk", ["follower"], 1),
            ("m2", ROLES, 2),
            ("m3", ["follower"], 3),
        ):
            code = pooled.usccs[login]
            await world.post("officer", base, invitation(code, roles, position=position))
            await world.post(pooled.manager(login), f"{base}/{code}/acceptance")
        await make_schedule(pooled, [50_000_000, 30_000_000, 20_000_000])
        answer = await world.call("officer", "POST", f"/pool-years/{pooled.year}/signing", {})
        assert codes(answer) == ["year.lead_not_first", "year.lead_by_rule"]
        assert answer.json()["errors"][1]["source"] == "pool/integrated-circuit/2025.1 第六条"
        transfer = {"role": "lead", "resolution_number": "示例决〔2026〕2号"}
        await world.post("approver", f"{base}/{pooled.usccs['clerk']}/roles", transfer)
        signed = await world.post("officer", f"/pool-years/{pooled.year}/signing")
    assert signed["status"] == "signed"


async def test_from_closing_to_commutation(world: World) -> None:
    pooled = await make_pool(world, 2)
    base = f"/pool-years/{pooled.year}"
    with on("2026-11-02"):
        blank = await world.call("approver", "POST", f"{base}/closing", {"note": " "})
        assert codes(blank) == ["form.missing"]
        closed = await world.post("approver", f"{base}/closing", {"note": "额度用尽"})
        assert closed["status"] == "closed_new"
        soon = await world.call("approver", "POST", f"{base}/run-off", {})
        assert codes(soon) == ["year.not_over"]
        late = await world.call(
            "officer",
            "POST",
            f"{base}/members",
            invitation(world.usccs["other_insurer"], ["follower"]),
        )
        assert codes(late) == ["year.closed_to_change"]
    with on("2027-01-04"):
        await world.post("approver", f"{base}/run-off")
        done = await world.post("approver", f"{base}/commutation", {"note": "全部结清"})
        assert done["status"] == "commuted"
        stop = await world.post("approver", f"/pools/{pooled.code}/winding-up", {"note": "停止"})
        assert stop["status"] == "run_off"
        shut = await world.post("approver", f"/pools/{pooled.code}/closing", {"note": "关闭"})
        assert shut["status"] == "closed"


async def test_a_pool_with_a_running_year_does_not_close(world: World) -> None:
    pooled = await make_pool(world, 2)
    base = f"/pools/{pooled.code}"
    await world.post("approver", f"{base}/suspension", {"note": "核查"})
    held = await world.call("officer", "POST", f"{base}/years", {"year": 2027})
    assert codes(held) == ["year.wrong_pool_status"]
    await world.post("approver", f"{base}/resumption", {"note": "恢复"})
    await world.post("approver", f"{base}/winding-up", {"note": "停止新业务"})
    open_year = await world.call("approver", "POST", f"{base}/closing", {"note": "关闭"})
    assert codes(open_year) == ["pool.years_running"]
    assert open_year.json()["errors"][0]["params"]["years"] == [pooled.year]


async def test_the_record_of_a_year_tells_what_signing_lacks_to_those_who_act(world: World) -> None:
    pooled = await make_pool(world, 3, until="members")
    seen = await world.get("officer", f"/pool-years/{pooled.year}")
    assert [finding["code"] for finding in seen["readiness"]] == ["year.no_schedule"]
    assert [step["event"] for step in seen["steps"]] == ["sign"]
    member = await world.get("m2", f"/pool-years/{pooled.year}")
    assert (member["readiness"], member["steps"], member["seat_roles"]) == ([], [], ["follower"])
    assert (await world.call("rival", "GET", f"/pool-years/{pooled.year}")).status_code == 404
    assert (await world.call("firm", "GET", f"/pool-years/{pooled.year}")).status_code == 403
    assert (await world.call(None, "GET", f"/pool-years/{pooled.year}")).status_code == 401


async def test_balances_are_masked_and_their_positions_sum_to_zero(world: World) -> None:
    pooled = await make_pool(world, 3)
    empty = await world.get("clerk", f"/pool-years/{pooled.year}/balances")
    assert (empty["rows"], empty["book"], empty["sees_all"]) == ([], f"pool:{pooled.year}", True)
    assert (
        await world.call("rival", "GET", f"/pool-years/{pooled.year}/balances")
    ).status_code == (404)


async def test_lists_of_pools_filter_and_page(world: World) -> None:
    for family in ("biomedicine", "integrated-circuit", "new-energy"):
        await world.post("officer", "/pools", {"family": f"pool/{family}"})
    first = await world.get("firm", "/pools?limit=2")
    assert [item["code"] for item in first["items"]] == ["biomedicine", "integrated-circuit"]
    second = await world.get("clerk", f"/pools?limit=2&cursor={first['next']}")
    assert ([item["code"] for item in second["items"]], second["next"]) == (["new-energy"], None)
    found = await world.get("auditor", "/pools?q=能源&status=forming")
    assert [item["industry"] for item in found["items"]] == ["新能源"]
