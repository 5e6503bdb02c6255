"""Requests for consent: service, answers, deadlines, deemed consent, who may and who may not."""

from __future__ import annotations

from typing import Any

from coinsurance import due
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from service.verify import run as verify
from tests.coinsurance.pooling import (
    RESOLUTION,
    SERVED,
    Pooled,
    invitation,
    make_insurer,
    make_pool,
    on,
)
from tests.factories import World


async def admission(world: World, day: str = "2025-09-24") -> tuple[Pooled, str, str]:
    """An open year (40, 30, 30 %) whose members are asked about a newcomer, deemed by clause."""
    pooled = await make_pool(
        world, 3, shares=[40_000_000, 30_000_000, 30_000_000], day="2025-01-06", year=2025
    )
    with on(day):
        made = await make_insurer(world, "m9", 700)
        pooled.organisations["m9"], pooled.usccs["m9"] = made
        state = await world.post(
            "officer",
            f"/pool-years/{pooled.year}/members",
            invitation(made[1], ["follower"]),
        )
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
    return pooled, state["consent_request"], made[1]


async def answer(
    world: World, who: str, request: str, said: str = "consented", note: str = ""
) -> Any:
    return await world.call(
        who, "POST", f"/consent-requests/{request}/answers", {"answer": said, "note": note}
    )


async def test_weighted_request_is_given_once_its_weight_is_there(world: World) -> None:
    pooled, request, uscc = await admission(world)
    with on("2025-09-25"):
        await world.post("officer", f"/consent-requests/{request}/service", SERVED)
        first = await answer(world, "manager", request)
        assert first.json()["status"] == "open"
        early = await world.call(
            "m9_manager", "POST", f"/pool-years/{pooled.year}/members/{uscc}/acceptance", {}
        )
        assert early.json()["code"] == "member.admission_open"
        second = await answer(world, "m2_manager", request)
        assert second.json() | {"revision": 0} == {
            "number": request,
            "status": "given",
            "revision": 0,
            "due_at": "2025-10-15T16:00:00Z",
            "consenting": 2,
            "refusing": 0,
            "missing": 1,
        }
        late = await answer(world, "m3_manager", request)
        assert (late.status_code, late.json()["code"]) == (422, "consent.closed")
        joined = await world.post(
            "m9_manager", f"/pool-years/{pooled.year}/members/{uscc}/acceptance"
        )
    assert joined["status"] == "active"
    member = await world.get("officer", f"/pool-years/{pooled.year}/members/{uscc}")
    assert (member["member"]["joined_on"], member["member"]["share_units"]) == ("2025-09-25", None)


async def test_silence_counts_only_by_clause_after_service_and_deadline(world: World) -> None:
    _, request, _ = await admission(world)
    with on("2025-09-25"):
        await world.post(
            "officer",
            f"/consent-requests/{request}/service",
            SERVED | {"parties": [await code_of(world, "m2")]},
        )
        await answer(world, "manager", request)
    with on("2025-10-15", 23):
        assert (await due.run(now()))["deemed"] == 0
    with on("2025-10-16"):
        late = await answer(world, "m2_manager", request)
        assert late.json()["code"] == "consent.too_late"
        written = await due.run(now())
        assert (written["deemed"], written["closed"]) == (1, 1)
        assert sum((await due.run(now())).values()) == 0
    record = await world.get("officer", f"/consent-requests/{request}")
    party = next(p for p in record["parties"] if p["answer"] == "deemed")
    assert record["status"] == "given"
    assert "第二十二条第三项" in party["note"]
    assert "2025-09-25T10:00+08:00" in party["note"]
    assert "2025-10-16T00:00+08:00" in party["note"]
    unserved = next(p for p in record["parties"] if p["position"] == 3)
    assert (unserved["served_at"], unserved["answer"]) == (None, "")


async def code_of(world: World, login: str) -> str:
    uscc: str = await sql_value(
        "SELECT o.uscc FROM organisation o JOIN eastlake_user u ON u.organisation = o.id"
        " WHERE u.login = $1",
        login,
    )
    return uscc


async def test_without_a_clause_silence_lets_the_request_expire(world: World) -> None:
    with on("2025-09-24"):
        pooled = await make_pool(world, 3, until="members", day="2025-09-24", year=2026)
        made = await world.post(
            "officer",
            f"/pool-years/{pooled.year}/shares",
            {
                "reason": "首份",
                "shares": [
                    {"uscc": pooled.usccs["clerk"], "share": "40%"},
                    {"uscc": pooled.usccs["m2"], "share": "35%"},
                    {"uscc": pooled.usccs["m3"], "share": "25%"},
                ],
            },
        )
        voted = await world.post("officer", f"/share-schedules/{made['number']}/vote")
        request = voted["consent_request"]
        await world.post("officer", f"/consent-requests/{request}/service", SERVED)
        await answer(world, "manager", request)
    with on("2025-10-20"):
        written = await due.run(now())
        assert (written["deemed"], written["closed"]) == (0, 1)
    record = await world.get("officer", f"/consent-requests/{request}")
    schedule = await world.get("officer", f"/share-schedules/{made['number']}")
    assert (record["status"], schedule["status"]) == ("expired", "refused")


async def test_a_refusal_says_why_and_refuses_what_needs_all(world: World) -> None:
    with on("2025-09-24"):
        pooled = await make_pool(world, 2, until="founded", day="2025-09-24")
        state = await world.post("officer", f"/pools/{pooled.code}/agreements", {})
        base = f"/pools/{pooled.code}/agreements/{state['version']}"
        parties = [{"uscc": uscc} for uscc in pooled.usccs.values()]
        voted = await world.post("officer", f"{base}/vote", {"parties": parties})
        silent = await answer(world, "m2_manager", voted["consent_request"], "refused")
        assert silent.json()["code"] == "consent.reason_missing"
        said = await answer(world, "m2_manager", voted["consent_request"], "refused", "份额过高")
        assert said.json()["status"] == "refused"
    record = await world.get("officer", base)
    assert (record["status"], record["history"][-1]["event"]) == ("refused", "refuse")


async def test_who_was_not_asked_may_not_answer_and_sees_nothing(world: World) -> None:
    _, request, _ = await admission(world)
    with on("2025-09-25"):
        for who in ("rival_manager", "m9_manager"):
            assert (await answer(world, who, request)).status_code == 404
            seen = await world.call(who, "GET", f"/consent-requests/{request}")
            assert seen.status_code == 404
            listed = await world.get(who, "/consent-requests")
            assert listed["items"] == []
        for who in ("m2", "officer", "auditor", "firm", None):
            assert (await answer(world, who, request)).status_code in (401, 403)
        served = await world.call(
            "m2_manager", "POST", f"/consent-requests/{request}/service", SERVED
        )
        assert served.status_code == 404


async def test_an_answer_is_final_and_a_service_recorded_once(world: World) -> None:
    pooled, request, _ = await admission(world)
    path = f"/consent-requests/{request}/service"
    with on("2025-09-25"):
        await answer(world, "m2_manager", request, "refused", "理由")
        again = await answer(world, "m2_manager", request)
        assert again.json()["code"] == "consent.answered"
        await world.post("officer", path, SERVED | {"parties": [pooled.usccs["m3"]]})
        wrong = [pooled.usccs["m2"], pooled.usccs["m3"], "91X"]
        twice = await world.call("officer", "POST", path, SERVED | {"parties": wrong})
        assert [e["code"] for e in twice.json()["errors"]] == [
            "consent.party_answered",
            "consent.served_before",
            "consent.party_not_asked",
        ]
        future = SERVED | {"served_at": "2025-12-01T00:00:00+08:00"}
        assert (await world.call("officer", "POST", path, future)).json()["code"] == (
            "consent.served_when"
        )
        naive = SERVED | {"served_at": "2025-09-25T00:00:00"}
        assert (await world.call("officer", "POST", path, naive)).json()["code"] == (
            "consent.moment_without_zone"
        )


async def test_followers_see_answers_but_no_weights_of_peers(world: World) -> None:
    pooled, request, _ = await admission(world)
    with on("2025-09-25"):
        await answer(world, "m2_manager", request, "refused", "内部理由")
    mine = await world.get("m3", f"/consent-requests/{request}")
    told = {p["uscc"]: (p["weight_units"], p["note"], p["answer"]) for p in mine["parties"]}
    assert told[pooled.usccs["m2"]] == (None, None, "refused")
    assert told[pooled.usccs["m3"]] == (30_000_000, "", "")
    assert mine["history"] == []
    lead = await world.get("clerk", f"/consent-requests/{request}")
    assert {p["weight_units"] for p in lead["parties"]} == {40_000_000, 30_000_000}
    # What is needed, over the agreed threshold, is what all who were asked hold.
    assert (mine["needed_units"] is None, lead["needed_units"] is None) == (True, False)


async def test_lists_filter_and_page(world: World) -> None:
    pooled, request, _ = await admission(world)
    mine = await world.get("m2", "/consent-requests?mine=true")
    assert [item["number"] for item in mine["items"]] == [request]
    every = await world.get("m2", f"/consent-requests?pool={pooled.code}&limit=1")
    following = await world.get("m2", f"/consent-requests?limit=1&cursor={every['next']}")
    assert every["items"][0]["number"] != following["items"][0]["number"]
    given = await world.get("auditor", f"/consent-requests?status=given&year={pooled.year}")
    assert {item["matter"] for item in given["items"]} == {"shares"}
    subject = every["items"][0]["subject"]
    one = await world.get("officer", f"/consent-requests?subject={subject}&matter=admission")
    assert len(one["items"]) == 1


async def test_one_matter_is_asked_once_at_a_time(world: World) -> None:
    with on("2025-09-24"):
        pooled = await make_pool(world, 2, until="members", day="2025-09-24")
        shares = [
            {"uscc": pooled.usccs["clerk"], "share": "60%"},
            {"uscc": pooled.usccs["m2"], "share": "40%"},
        ]
        made = await world.post(
            "officer", f"/pool-years/{pooled.year}/shares", {"reason": "首份", "shares": shares}
        )
        path = f"/share-schedules/{made['number']}"
        await world.post("officer", f"{path}/vote")
        again = await world.call("officer", "POST", f"{path}/vote", {})
        assert (again.status_code, again.json()["code"]) == (409, "consent.already_open")
        early = await world.call("approver", "POST", f"{path}/effect", RESOLUTION)
        assert early.json()["code"] == "workflow.step_not_allowed"
        gone = await world.post("officer", f"{path}/withdrawal", {"note": "重拟"})
        assert gone["status"] == "withdrawn"
        closed = await world.get("officer", f"/consent-requests/{gone['consent_request']}")
        assert closed["status"] == "withdrawn"


async def test_a_deadline_without_calendar_waits_and_deems_nothing(world: World) -> None:
    day = "2026-12-20"
    _, request, _ = await admission(world, day)
    with on(day):
        state = await world.post("officer", f"/consent-requests/{request}/service", SERVED)
        assert state["due_at"] is None
    record = await world.get("m2", f"/consent-requests/{request}")
    assert record["parties"][0]["due_open"]["missing_year"] == 2027
    with on("2027-03-01"):
        assert sum((await due.run(now())).values()) == 0
        said = await answer(world, "m2_manager", request)
        assert said.json()["status"] == "open"


async def test_everything_verifies(world: World) -> None:
    await admission(world)
    done = await verify()
    assert done.findings == []
