"""Others are charged for a defaulter by consent and resolution only; mirrored once; explained."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql, sql_value
from service.verify import run as verify
from tests.coinsurance.placing import refused
from tests.coinsurance.pooling import RESOLUTION, Pooled, answer_all, make_pool, on
from tests.coinsurance.test_pool_members import owe
from tests.factories import World

SHARES = [40_000_000, 30_000_000, 20_000_000, 10_000_000]
DEFAULT = {"cause": "insolvency", "note": "丧失偿付能力"}
ASK = {"note": "征求分担"}


async def owing(world: World) -> Pooled:
    """40, 30, 20, 10; the second owes the lead 10,000.01 and the third 5,000.03 yuan."""
    pooled = await make_pool(world, 4, shares=SHARES)
    with on("2026-03-02"):
        await owe(pooled, "m2", "clerk", 1_000_001, "2026-03-31")
        await owe(pooled, "m2", "m3", 500_003, "2026-03-31")
    return pooled


@pytest.fixture
async def pooled(world: World) -> Pooled:
    """The pool of these tests."""
    return await owing(world)


def path(pooled: Pooled, *more: str) -> str:
    """The shortfall of the second member."""
    return "/".join((f"/pool-years/{pooled.year}/members/{pooled.usccs['m2']}", *more))


async def agreed(pooled: Pooled) -> str:
    """The second member in default and the others' consent; the request."""
    world = pooled.world
    await world.post("approver", path(pooled, "default"), DEFAULT)
    asked = await world.post("manager", path(pooled, "shortfall"), ASK)
    await answer_all(pooled, asked["consent_request"])
    number: str = asked["consent_request"]
    return number


async def charged(pooled: Pooled) -> Any:
    """The others are charged."""
    return await pooled.world.post("approver", path(pooled, "shortfall", "charges"), RESOLUTION)


async def debts(pooled: Pooled) -> list[tuple[str, str, int, int, str]]:
    """Debtor, creditor, amount, settled, status of every debt, in order."""
    logins = {key: login for login, key in pooled.organisations.items()}
    rows = await sql("SELECT * FROM obligation ORDER BY id")
    return [
        (
            logins[row["debtor"]],
            logins[row["creditor"]],
            row["amount_fen"],
            row["settled_fen"],
            row["status"],
        )
        for row in rows
    ]


async def balances() -> dict[str, int]:
    """What stands on the accounts, by name."""
    rows = await sql(
        "SELECT split_part(a.code, ':', 1) AS name, sum(abs(l.amount_fen))::bigint AS fen"
        " FROM entry_line l JOIN account a ON a.id = l.account GROUP BY 1"
    )
    return {row["name"]: row["fen"] for row in rows}


async def test_the_others_stand_in_by_their_signed_shares(pooled: Pooled) -> None:
    """4:2:1 of 1,000,001 and of 1,500,004 to date; the creditor's own part stays unpaid."""
    with on("2026-04-10"):
        await agreed(pooled)
        made = await charged(pooled)
    parts = [(p["uscc"], p["amount_fen"], p["stands_in"]) for p in made["parts"]]
    lead, third, fourth = (pooled.usccs[m] for m in ("clerk", "m3", "m4"))
    assert parts == [
        (lead, 571_429, False),
        (third, 285_715, True),
        (fourth, 142_857, True),
        (lead, 285_716, True),
        (third, 142_858, False),
        (fourth, 71_429, True),
    ]
    assert made["parts"][4]["exact"] == "3000008/7" and made["parts"][4]["difference"] == "3/7"
    assert made["amount_fen"] == 1_500_004
    assert made["clause"].endswith("第二十二条第七项")
    assert made["resolution_number"] == RESOLUTION["resolution_number"]
    assert await debts(pooled) == [
        ("m2", "clerk", 1_000_001, 428_572, "part_settled"),
        ("m2", "m3", 500_003, 357_145, "part_settled"),
        ("m3", "clerk", 285_715, 0, "open"),
        ("m2", "m3", 285_715, 0, "open"),
        ("m4", "clerk", 142_857, 0, "open"),
        ("m2", "m4", 142_857, 0, "open"),
        ("clerk", "m3", 285_716, 0, "open"),
        ("m2", "clerk", 285_716, 0, "open"),
        ("m4", "m3", 71_429, 0, "open"),
        ("m2", "m4", 71_429, 0, "open"),
    ]
    rows = await sql(
        "SELECT a.owner, sum(l.amount_fen)::bigint AS fen FROM entry_line l JOIN account a"
        " ON a.id = l.account GROUP BY a.owner"
    )
    assert {row["fen"] for row in rows} == {0}, "no position changes; the default stays disclosed"
    assert await balances() == {
        "shortfall_borne": 2 * 785_717,
        "shortfall_recourse": 2 * 785_717,
    }
    with on("2026-04-10"):
        shown = await pooled.world.get("clerk", path(pooled, "shortfall"))
        assert shown["open_fen"] == 1_500_004, "the defaulter owes as much as before"
    assert (await verify()).findings == []


async def test_the_new_debts_keep_kind_and_term_and_recourse_is_due_at_once(
    pooled: Pooled,
) -> None:
    with on("2026-04-10"):
        await agreed(pooled)
        await charged(pooled)
    rows = await sql(
        "SELECT kind, due_on::text, due_days, clause FROM obligation WHERE cause_kind = 'shortfall'"
        " ORDER BY id LIMIT 2"
    )
    assert [tuple(row.values())[:3] for row in rows] == [
        ("premium_remittance", "2026-05-06", 21),
        ("premium_remittance", "2026-04-10", 0),
    ]
    assert {row["clause"].split()[-1] for row in rows} == {"第二十二条第七项"}


async def test_nobody_is_charged_without_default_consent_and_resolution(pooled: Pooled) -> None:
    world, address = pooled.world, path(pooled, "shortfall", "charges")
    before = await debts(pooled)
    with on("2026-04-10"):
        bare = {**RESOLUTION, "resolution_number": ""}
        assert (await refused(world, "approver", address, bare))[1]["status"] == 422
        found, answer = await refused(world, "approver", address, RESOLUTION)
        assert found == ["shortfall.not_in_default", "shortfall.not_asked"]
        assert answer["errors"][1]["source"].endswith("第二十二条第七项")
        await world.post("approver", path(pooled, "default"), DEFAULT)
        asked = await world.post("manager", path(pooled, "shortfall"), ASK)
        found, answer = await refused(world, "approver", address, RESOLUTION)
        assert found == ["shortfall.no_consent"]
        assert "征求中" in answer["errors"][0]["message_zh"]
        await answer_all(pooled, asked["consent_request"], refusing=["m4"])
        found, _ = await refused(world, "approver", address, RESOLUTION)
        assert found == ["shortfall.no_consent"]
        for who in ("manager", "officer", "auditor", "m2_manager", "firm"):
            answer = await refused(world, who, address, RESOLUTION)
            assert answer[1]["status"] == 403
    assert await debts(pooled) == before
    assert await sql_value("SELECT count(*) FROM shortfall_charge") == 0


async def test_a_consent_is_about_what_was_open_and_is_used_once(pooled: Pooled) -> None:
    world, address = pooled.world, path(pooled, "shortfall", "charges")
    with on("2026-04-10"):
        request = await agreed(pooled)
        await owe(pooled, "m2", "m4", 77, "2026-04-09")
        made = await charged(pooled)
        assert made["amount_fen"] == 1_500_004, "what came later was not agreed to"
        found, answer = await refused(world, "approver", address, RESOLUTION)
        assert (found, answer["status"]) == (["shortfall.charged_already"], 409)
        assert answer["errors"][0]["params"] == {"number": made["number"], "consent": request}
        await world.post("manager", path(pooled, "shortfall"), ASK)
        found, _ = await refused(world, "approver", address, RESOLUTION)
        assert found == ["shortfall.no_consent"], "the later request is open"


async def test_days_lie_between_the_consent_and_today(pooled: Pooled) -> None:
    world, address = pooled.world, path(pooled, "shortfall", "charges")
    with on("2026-04-10"):
        await agreed(pooled)
    with on("2026-04-20"):
        for day in ("2026-04-09", "2026-04-21"):
            body = {**RESOLUTION, "effective_on": day}
            assert (await refused(world, "approver", address, body))[0] == [
                "shortfall.day_outside"
            ]
        body = {**RESOLUTION, "effective_on": "2026-04-12"}
        made = await world.post("approver", address, body)
        assert made["effective_on"] == "2026-04-12"


async def test_who_asked_does_not_charge(pooled: Pooled) -> None:
    world = pooled.world
    with on("2026-04-10"):
        await sql(
            "UPDATE eastlake_user SET roles = '{committee_officer,committee_approver}'"
            " WHERE login = 'officer'"
        )
        await world.post("approver", path(pooled, "default"), DEFAULT)
        asked = await world.post("officer", path(pooled, "shortfall"), ASK)
        await answer_all(pooled, asked["consent_request"])
        found, answer = await refused(
            world, "officer", path(pooled, "shortfall", "charges"), RESOLUTION
        )
        assert (found, answer["status"]) == (["auth.four_eyes"], 403)


async def second_approver(world: World) -> str:
    """Another approver; its log-in."""
    from tests.coinsurance.pooling import add_second_officers

    await add_second_officers(world)
    return "pool_approver"


async def test_a_charge_is_mirrored_once_and_may_be_made_again(pooled: Pooled) -> None:
    world = pooled.world
    with on("2026-04-10"):
        before = await debts(pooled)
        await agreed(pooled)
        made = await charged(pooled)
        base = path(pooled, "shortfall", "charges")
        address = f"{base}/{made['number']}/reversal"
        reason = {"reason": "决议文号有误"}
        other = await second_approver(world)
        found, answer = await refused(world, "approver", address, reason)
        assert (found, answer["status"]) == (["auth.four_eyes"], 403)
        early = {**reason, "effective_on": "2026-04-09"}
        assert (await refused(world, other, address, early))[0] == ["shortfall.reversal_day"]
        back = await world.post(other, address, reason)
        assert [p["amount_fen"] for p in back["parts"]] == [
            -p["amount_fen"] for p in made["parts"]
        ]
        assert back["reversal_of"] == made["number"]
        found, answer = await refused(world, other, address, reason)
        assert (found, answer["status"]) == (["shortfall.reversed_before"], 409)
        again = f"{base}/{back['number']}/reversal"
        assert (await refused(world, "approver", again, reason))[0] == [
            "shortfall.reversal_of_reversal"
        ]
        assert (await refused(world, other, f"{base}/SF-2026-999999/reversal", reason))[1][
            "status"
        ] == 404
        found_debts = await debts(pooled)
        assert found_debts[:2] == before
        assert {row[-1] for row in found_debts[2:]} == {"void"}
        assert {row["fen"] for row in await sql(
            "SELECT sum(l.amount_fen)::bigint AS fen FROM entry_line l GROUP BY l.account"
        )} == {0}  # fmt: skip
        renewed = await charged(pooled)
        assert [p["amount_fen"] for p in renewed["parts"]] == [
            p["amount_fen"] for p in made["parts"]
        ]
        listed = await world.get("auditor", base)
        assert [(c["number"], c["reversed_by"]) for c in listed] == [
            (made["number"], back["number"]),
            (back["number"], None),
            (renewed["number"], None),
        ]
    assert (await verify()).findings == []


async def test_what_was_paid_meanwhile_is_owed_back_whole(pooled: Pooled) -> None:
    world = pooled.world
    with on("2026-04-10"):
        await agreed(pooled)
        made = await charged(pooled)
        number = await sql_value(
            "SELECT number FROM obligation WHERE amount_fen = 285715 AND cause_kind = 'shortfall'"
            " ORDER BY id LIMIT 1"
        )
        payment = {"amount_fen": 285_715, "paid_on": "2026-04-10", "bank_reference": "BK-77"}
        await world.post("clerk", f"/obligations/{number}/payments", payment)
        other = await second_approver(world)
        address = path(pooled, "shortfall", "charges", made["number"], "reversal")
        await world.post(other, address, {"reason": "错误"})
    found = await debts(pooled)
    assert found[2] == ("m3", "clerk", 285_715, 285_715, "settled")
    assert found[-1] == ("clerk", "m3", 285_715, 0, "open")
    assert [row[-1] for row in found[3:-1]] == ["void"] * 7
    assert (await verify()).findings == []


async def test_disputed_debts_and_calls_are_left_alone(pooled: Pooled) -> None:
    world = pooled.world
    with on("2026-04-10"):
        await agreed(pooled)
        await sql("UPDATE obligation SET status = 'disputed'")
        found, _ = await refused(
            world, "approver", path(pooled, "shortfall", "charges"), RESOLUTION
        )
    assert found == ["shortfall.nothing_open"]


async def test_a_follower_reads_its_own_part_and_no_share_of_a_peer(pooled: Pooled) -> None:
    world, base = pooled.world, path(pooled, "shortfall", "charges")
    with on("2026-04-10"):
        await agreed(pooled)
        await charged(pooled)
        (own,) = await world.get("m4", base)
        assert own["amount_fen"] is None
        assert {p["uscc"] for p in own["parts"]} == {pooled.usccs["m4"]}
        assert [p["share_units"] for p in own["parts"]] == [10_000_000] * 2
        (third,) = await world.get("m3", base)
        peers = [p for p in third["parts"] if p["uscc"] != pooled.usccs["m3"]]
        assert peers and {p["creditor"] for p in peers} == {pooled.usccs["m3"]}
        hidden = {p[name] for p in peers for name in ("share_units", "exact", "to_date_fen")}
        assert hidden == {None}
        (all_of_it,) = await world.get("m2", base)
        assert len(all_of_it["parts"]) == 6
        assert {p["share_units"] for p in all_of_it["parts"]} == {None}
        assert (await world.call("rival", "GET", base)).status_code == 404
        assert (await world.call("firm", "GET", base)).status_code == 403
