"""Members: invitation, roles, capacity, exit with run-off, default disclosed and never spread."""

from __future__ import annotations

from typing import Any

import pytest

from coinsurance import due
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from service.verify import run as verify
from tests.coinsurance.pooling import (
    CAPACITY,
    RESOLUTION,
    ROLES,
    SERVED,
    Pooled,
    answer_all,
    invitation,
    make_insurer,
    make_pool,
    make_schedule,
    on,
)
from tests.factories import World, make_organisation


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


def path(pooled: Pooled, login: str = "", noun: str = "") -> str:
    """The address of the members, of one, or of a step of one."""
    base = f"/pool-years/{pooled.year}/members"
    return "/".join([base, *([pooled.usccs[login]] if login else []), *([noun] if noun else [])])


async def test_what_keeps_an_organisation_out(world: World) -> None:
    pooled = await make_pool(world, 2, until="members")
    branch, branch_code = await make_organisation("示例长江财险汉口分公司", "insurer", 750)
    await sql(
        "UPDATE organisation SET legal_root = $2 WHERE id = $1", branch, pooled.usccs["clerk"]
    )
    rival = world.usccs["other_insurer"]
    for form, wanted in (
        (invitation(branch_code, ["follower"]), ["member.same_legal_person"]),
        (invitation(pooled.usccs["m2"], ["follower"]), ["member.taken"]),
        (invitation(world.usccs["enterprise"], ["follower"]), ["member.not_direct_insurer"]),
        (invitation("91420100MA00000000", ["follower"]), ["pool.unknown_organisation"]),
        (invitation(rival, ["lead", "issuer"]), ["member.role_taken"] * 2),
        (invitation(rival, ["observer", "follower"], (0, 0, 0)), ["member.observer_alone"]),
        (invitation(rival, ["observer"]), ["member.observer_capacity"]),
        (invitation(rival, ["follower"], position=2), ["member.position_taken"]),
        (invitation(rival, ["follower"], (2, 1, 3)), [
            "member.capacity_order", "member.capacity_below_entry", "member.capacity_below_entry",
        ]),
        (invitation(rival, ["follower"], excluded_classes=["无此险种"]), ["member.unknown_class"]),
        (invitation(rival, ["follower"], bank_account="x"), ["bank_account.not_a_number"]),
    ):  # fmt: skip
        answer = await world.call("officer", "POST", path(pooled), form)
        assert (answer.status_code, codes(answer)) == (422, wanted), answer.text
    watching = await world.post("officer", path(pooled), invitation(rival, ["observer"], (0, 0, 0)))
    assert watching["status"] == "invited"


async def test_only_its_own_manager_joins_or_declines(world: World) -> None:
    pooled = await make_pool(world, 2, until="draft")
    await world.post("officer", path(pooled), invitation(pooled.usccs["clerk"], ROLES))
    await world.post("officer", path(pooled), invitation(pooled.usccs["m2"], ["follower"]))
    foreign = await world.call("m2_manager", "POST", path(pooled, "clerk", "acceptance"), {})
    assert (foreign.status_code, codes(foreign)) == (403, ["member.not_own"])
    assert (await world.call("m2", "POST", path(pooled, "m2", "acceptance"), {})).status_code == 403
    gone = await world.post("m2_manager", path(pooled, "m2", "acceptance"), {"accept": False})
    assert gone["status"] == "declined"
    signing = await world.call("officer", "POST", f"/pool-years/{pooled.year}/signing", {})
    assert set(codes(signing)) == {
        "year.role_unheld",
        "year.members_few",
        "year.invitations_open",
        "year.no_schedule",
    }
    hidden = await world.call("m2_manager", "GET", f"/pool-years/{pooled.year}")
    assert hidden.status_code == 404, "who declined has no seat"


async def test_capacity_changes_are_kept_and_never_below_what_is_used(world: World) -> None:
    pooled = await make_pool(world, 3)
    address = path(pooled, "m2", "capacity")
    more = {
        "risk_capacity_fen": 2 * CAPACITY[0],
        "event_capacity_fen": 2 * CAPACITY[1],
        "aggregate_capacity_fen": 2 * CAPACITY[2],
    }
    bare = await world.call("m2_manager", "PUT", address, more)
    assert bare.status_code == 428
    done = await world.call("m2_manager", "PUT", address, more, headers={"If-Match": "*"})
    assert done.status_code == 200
    stale = await world.call("m2_manager", "PUT", address, more, headers={"If-Match": '"r1"'})
    assert stale.status_code == 412
    await sql(
        "UPDATE pool_member SET aggregate_used_fen = $1 WHERE organisation = $2",
        CAPACITY[2],
        pooled.organisations["m2"],
    )
    less = more | {"risk_capacity_fen": 10**9, "event_capacity_fen": 10**9}
    less["aggregate_capacity_fen"] = CAPACITY[2] - 1
    low = await world.call("m2_manager", "PUT", address, less, headers={"If-Match": "*"})
    assert codes(low) == ["member.capacity_below_used"]
    record = await world.get("m2", path(pooled, "m2"))
    assert record["member"]["aggregate_left_fen"] == CAPACITY[2]
    assert record["history"][-1]["event"] == "change_capacity"


async def test_followers_see_no_figures_of_peers(world: World) -> None:
    pooled = await make_pool(world, 3)
    rows = {row["uscc"]: row for row in await world.get("m2", path(pooled))}
    peer, own = rows[pooled.usccs["m3"]], rows[pooled.usccs["m2"]]
    hidden = (
        "risk_capacity_fen",
        "event_capacity_fen",
        "aggregate_capacity_fen",
        "aggregate_used_fen",
        "aggregate_left_fen",
        "bank_account",
        "share_units",
        "consent_request",
    )
    assert {peer[name] for name in hidden} == {None}
    assert own["risk_capacity_fen"] == CAPACITY[0]
    peer_record = await world.get("m2", path(pooled, "m3"))
    assert (peer_record["history"], peer_record["member"]["share_units"]) == ([], None)
    lead = await world.get("clerk", f"{path(pooled)}?role=follower")
    assert [row["share_units"] is not None for row in lead] == [True, True]
    assert (await world.call("rival", "GET", path(pooled))).status_code == 404
    before = await sql_value("SELECT count(*) FROM pool_look")
    await world.get("auditor", path(pooled))
    assert await sql_value("SELECT count(*) FROM pool_look") == before + 1


async def test_exit_takes_notice_and_leaves_the_old_shares(world: World) -> None:
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    with on("2026-03-02"):
        held = await world.call("manager", "POST", path(pooled, "clerk", "exit"), {"note": "退出"})
        assert codes(held) == ["member.holds_role"] * 4
        soon = await world.call(
            "m2_manager",
            "POST",
            path(pooled, "m2", "exit"),
            {"note": "业务调整", "left_on": "2026-05-29"},
        )
        assert codes(soon) == ["member.exit_too_soon"]
        assert soon.json()["errors"][0]["params"]["earliest_on"] == "2026-06-01"
        state = await world.post("m2_manager", path(pooled, "m2", "exit"), {"note": "业务调整"})
        assert (state["status"], state["left_on"]) == ("active", "2026-06-01")
        again = await world.call("m2_manager", "POST", path(pooled, "m2", "exit"), {"note": "x"})
        assert codes(again) == ["member.exit_noted"]
    with on("2026-05-31"):
        assert (await due.run(now()))["exits"] == 0
    with on("2026-06-01"):
        assert (await due.run(now()))["exits"] == 1
        shares = await world.get("clerk", f"/pool-years/{pooled.year}/shares")
        assert shares["schedule"]["shares"][1]["share_units"] == 30_000_000
        refused = await world.call(
            "officer",
            "POST",
            f"/pool-years/{pooled.year}/shares",
            {
                "reason": "重新分配",
                "shares": [
                    {"uscc": pooled.usccs[m], "share_units": u}
                    for m, u in (("clerk", 60_000_000), ("m2", 20_000_000), ("m3", 20_000_000))
                ],
            },
        )
        assert codes(refused) == ["shares.member_not_active"]
        left = await world.get("m2", path(pooled, "m2"))
        assert (left["member"]["status"], left["history"][-1]["event"]) == ("exited", "leave")
        peers = await world.get("m2", f"/pool-years/{pooled.year}/shares")
        assert [s["share_units"] for s in peers["schedule"]["shares"]] == [None, 30_000_000, None]


async def owe(pooled: Pooled, debtor: str, creditor: str, amount_fen: int, due_on: str) -> None:
    """An obligation between two members, as premium writes it."""
    entry = await sql_value("SELECT coalesce(max(id), 0) FROM entry")
    serial = await sql_value("SELECT count(*) + 1 FROM obligation")
    await sql(
        "INSERT INTO obligation (number, pool_year, kind, debtor, creditor, amount_fen,"
        " settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,"
        " status, recorded_at) SELECT 'OB-T-' || $1::text, y.id, 'premium_remittance', $3, $4, $5,"
        " 0, $6::text::date - 21, $6::text::date, 21, 'calendar', '第十二条第二款', 'test', 1, $7,"
        " 'open', $8 FROM pool_year y WHERE y.number = $2",
        str(serial),
        pooled.year,
        pooled.organisations[debtor],
        pooled.organisations[creditor],
        amount_fen,
        due_on,
        entry,
        now(),
    )


async def test_a_default_is_disclosed_and_charged_to_nobody(world: World) -> None:
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    late = {"cause": "late_payment", "note": "逾期未付"}
    with on("2026-03-02"):
        await owe(pooled, "m2", "clerk", 1_000_001, "2026-03-31")
        early = await world.call("approver", "POST", path(pooled, "m2", "default"), late)
        assert codes(early) == ["member.not_late"]
        assert early.json()["errors"][0]["source"].endswith("第八条第三款")
    with on("2026-04-29"):
        still = await world.call("approver", "POST", path(pooled, "m2", "default"), late)
        assert codes(still) == ["member.not_late"], "within twenty working days of grace"
    obligations = await sql("SELECT id, debtor, amount_fen, settled_fen FROM obligation")
    with on("2026-05-20"):
        state = await world.post("approver", path(pooled, "m2", "default"), late)
        assert state["status"] == "defaulted"
        shown = await world.get("clerk", path(pooled, "m2", "shortfall"))
        assert (shown["open_fen"], shown["late_fen"], shown["consent_request"]) == (
            1_000_001,
            1_000_001,
            None,
        )
        assert [part["allocated"] for part in shown["would_bear"]] == [714_286, 285_715]
        assert (await world.call("m3", "GET", path(pooled, "m2", "shortfall"))).status_code == 404
        assert await sql("SELECT id, debtor, amount_fen, settled_fen FROM obligation") == (
            obligations
        ), "nobody else was charged"
        asked = await world.post("manager", path(pooled, "m2", "shortfall"), {"note": "征求分担"})
        record = await world.get("officer", f"/consent-requests/{asked['consent_request']}")
        assert {p["uscc"] for p in record["parties"]} == {
            pooled.usccs["clerk"],
            pooled.usccs["m3"],
        }
        assert record["clause"].endswith("第二十二条第七项")
        await answer_all(pooled, asked["consent_request"])
        uncured = await world.call("approver", "POST", path(pooled, "m2", "cure"), {"note": "x"})
        assert codes(uncured) == ["member.still_late"]
        await sql("UPDATE obligation SET settled_fen = amount_fen, status = 'settled'")
        cured = await world.post("approver", path(pooled, "m2", "cure"), {"note": "已付清"})
        assert cured["status"] == "suspended"
        back = await world.post("approver", path(pooled, "m2", "resumption"), {"note": "恢复"})
        assert back["status"] == "active"


async def test_a_lost_licence_needs_no_late_payment(world: World) -> None:
    pooled = await make_pool(world, 3)
    body = {"cause": "licence_lost", "note": "许可证被吊销"}
    state = await world.post("approver", path(pooled, "m3", "default"), body)
    assert state["status"] == "defaulted"
    nothing = await world.call("manager", "POST", path(pooled, "m3", "shortfall"), {"note": "x"})
    assert codes(nothing) == ["member.nothing_open"]
    other = await world.call("manager", "POST", path(pooled, "m2", "shortfall"), {"note": "x"})
    assert codes(other) == ["member.not_in_default"]


async def test_roles_are_handed_over_by_resolution_and_held_once(world: World) -> None:
    pooled = await make_pool(world, 3)
    body = {"role": "claims_handler", **RESOLUTION}
    await world.post("approver", path(pooled, "m2", "roles"), body)
    rows = {row["uscc"]: row["roles"] for row in await world.get("officer", path(pooled))}
    assert rows[pooled.usccs["m2"]] == ["follower", "claims_handler"]
    assert "claims_handler" not in rows[pooled.usccs["clerk"]]
    many = await world.call(
        "approver", "POST", path(pooled, "m2", "roles"), {"role": "follower", **RESOLUTION}
    )
    assert codes(many) == ["member.role_of_many"]
    await world.post("approver", path(pooled, "m3", "suspension"), {"note": "核查"})
    sleeping = await world.call(
        "approver", "POST", path(pooled, "m3", "roles"), {"role": "issuer", **RESOLUTION}
    )
    assert codes(sleeping) == ["member.wrong_status"]
    seen = await world.get("m2", f"/pool-years/{pooled.year}/shares")
    assert None not in [s["share_units"] for s in seen["schedule"]["shares"]], "a role sees all"


async def test_admission_needs_the_members_and_then_a_new_schedule(world: World) -> None:
    pooled = await make_pool(world, 3, shares=[50_000_000, 30_000_000, 20_000_000])
    with on("2026-03-02"):
        made = await make_insurer(world, "m4", 770)
        pooled.organisations["m4"], pooled.usccs["m4"] = made
        state = await world.post("officer", path(pooled), invitation(made[1], ["follower"]))
        request = state["consent_request"]
        await world.post("officer", f"/consent-requests/{request}/service", SERVED)
        refusal = {"answer": "refused", "note": "能力不足"}
        await world.post("manager", f"/consent-requests/{request}/answers", refusal)
    member = await world.get("officer", path(pooled, "m4"))
    assert member["member"]["status"] == "declined"
    assert member["history"][-1]["event"] == "refuse_admission"


async def test_a_newcomer_takes_a_share_only_forward(world: World) -> None:
    pooled = await make_pool(world, 2, shares=[60_000_000, 40_000_000])
    with on("2026-03-02"):
        made = await make_insurer(world, "m3", 780)
        pooled.organisations["m3"], pooled.usccs["m3"] = made
        state = await world.post("officer", path(pooled), invitation(made[1], ["follower"]))
        await answer_all(pooled, state["consent_request"])
        await world.post("m3_manager", path(pooled, "m3", "acceptance"))
        pooled.members.append("m3")
        await make_schedule(pooled, [50_000_000, 30_000_000, 20_000_000], "2026-04-01")
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
    early = await world.get("officer", f"/pool-years/{pooled.year}/shares?as_of=2026-03-31")
    later = await world.get("officer", f"/pool-years/{pooled.year}/shares?as_of=2026-04-01")
    assert [s["share_units"] for s in early["schedule"]["shares"]] == [60_000_000, 40_000_000]
    assert [s["share_units"] for s in later["schedule"]["shares"]] == [
        50_000_000,
        30_000_000,
        20_000_000,
    ]
    known = await world.get(
        "officer",
        f"/pool-years/{pooled.year}/shares?as_of=2026-04-01&as_known_at=2026-03-01T00:00:00Z",
    )
    assert known["schedule"]["number"] == early["schedule"]["number"]
    assert (await verify()).findings == []


@pytest.mark.parametrize("who", ["clerk", "m2_manager", "firm", "officer", "auditor"])
async def test_steps_of_the_approver_are_nobody_elses(world: World, who: str) -> None:
    pooled = await make_pool(world, 2)
    for noun in ("suspension", "resumption", "cure"):
        answer = await world.call(who, "POST", path(pooled, "m2", noun), {"note": "x"})
        assert answer.status_code == 403
