"""A member's settlement account changes: asked by itself, verified by the office, paid to then."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from service.kernel.db import sql, sql_value, work
from service.verify.pools import POOL_INVARIANTS
from tests.coinsurance.pooling import Pooled, make_pool
from tests.factories import World
from tests.web.console import send, sign_in, words

NEW = "6222 0000 1111 9999"
ASKED = {"bank_account": NEW, "reason": "基本存款账户迁移"}
CALLED = {"note": "按预留电话回拨，与财务负责人核对无误"}


def path(pooled: Pooled, login: str, end: str = "") -> str:
    return f"/pool-years/{pooled.year}/members/{pooled.usccs[login]}{end}"


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


async def account(pooled: Pooled, login: str) -> str:
    found: str = await sql_value(
        "SELECT bank_account FROM pool_member WHERE organisation = $1", pooled.organisations[login]
    )
    return found


async def test_the_member_asks_and_the_office_confirms(world: World) -> None:
    pooled = await make_pool(world, 3)
    before = await account(pooled, "m2")
    asked = await world.post("m2_manager", path(pooled, "m2", "/account-changes"), ASKED)
    assert (asked["number"], asked["status"], asked["bank_account"]) == (1, "asked", NEW)
    assert await account(pooled, "m2") == before
    again = await world.call("m2_manager", "POST", path(pooled, "m2", "/account-changes"), ASKED)
    assert (again.status_code, codes(again)) == (422, ["member.account_asked"])
    confirm = path(pooled, "m2", "/account-changes/confirmation")
    done = await world.post("officer", confirm, CALLED)
    assert (done["status"], done["note"]) == ("confirmed", CALLED["note"])
    assert await account(pooled, "m2") == NEW
    twice = await world.call("officer", "POST", confirm, CALLED)
    assert twice.status_code == 404
    record = await world.get("m2", path(pooled, "m2"))
    assert [c["status"] for c in record["account_changes"]] == ["confirmed"]
    assert record["member"]["bank_account"] == NEW
    same = await world.call("m2_manager", "POST", path(pooled, "m2", "/account-changes"), ASKED)
    assert codes(same) == ["member.same_account"]
    for name in ("pool_status", "pool_steps", "pool_guards"):
        assert (await POOL_INVARIANTS[name][1]()).findings == [], name


async def test_refused_or_withdrawn_the_account_stays(world: World) -> None:
    pooled = await make_pool(world, 3)
    before = await account(pooled, "m2")
    for who, step in (("officer", "refusal"), ("m2_manager", "withdrawal")):
        await world.post("m2_manager", path(pooled, "m2", "/account-changes"), ASKED)
        await world.post(who, path(pooled, "m2", f"/account-changes/{step}"), {"note": "未能核实"})
    assert await account(pooled, "m2") == before
    record = await world.get("officer", path(pooled, "m2"))
    assert [(c["number"], c["status"]) for c in record["account_changes"]] == [
        (2, "withdrawn"),
        (1, "refused"),
    ]


async def test_nobody_else_asks_sees_or_confirms(world: World) -> None:
    pooled = await make_pool(world, 3)
    ask = path(pooled, "m2", "/account-changes")
    other = await world.call("m3_manager", "POST", ask, ASKED)
    assert (other.status_code, other.json()["code"]) == (403, "member.not_own")
    clerk = await world.call("m2", "POST", ask, ASKED)
    assert clerk.status_code == 403
    bad = await world.call("m2_manager", "POST", ask, ASKED | {"bank_account": "12"})
    assert bad.status_code == 422
    await world.post("m2_manager", ask, ASKED)
    for who in ("m2_manager", "approver"):
        refused = await world.call(who, "POST", f"{ask}/confirmation", CALLED)
        assert refused.status_code == 403
    taken_back = await world.call("m3_manager", "POST", f"{ask}/withdrawal", CALLED)
    assert taken_back.status_code == 403
    assert (await world.get("m3", path(pooled, "m2")))["account_changes"] == []


async def test_the_database_takes_no_account_that_was_not_confirmed(world: World) -> None:
    pooled = await make_pool(world, 3)
    await world.post("m2_manager", path(pooled, "m2", "/account-changes"), ASKED)
    for statement in (
        "UPDATE pool_member SET bank_account = '6222000000000000' WHERE organisation = $1",
        "UPDATE pool_member_account SET bank_account = '6222000000000000'"
        " WHERE member = (SELECT id FROM pool_member WHERE organisation = $1)",
    ):
        with pytest.raises(asyncpg.PostgresError, match=r"ledger\.append_only"):
            async with work():
                await sql(statement, pooled.organisations["m2"])


async def test_on_the_page_of_the_member(world: World) -> None:
    pooled = await make_pool(world, 3)
    home = path(pooled, "m2")
    await sign_in(world.client, "m2_manager")
    peer = await world.client.get(path(pooled, "m3"))
    assert "申请变更结算账户" not in words(peer) and "变更承保能力" not in words(peer)
    wrong = await send(world.client, f"{home}/account-changes", {**ASKED, "bank_account": "12"})
    assert wrong.status_code == 422 and "基本存款账户迁移" in wrong.text
    asked = await send(world.client, f"{home}/account-changes", ASKED)
    assert asked.status_code == 303
    assert "待核实" in words(await world.client.get(home))
    await sign_in(world.client, "officer")
    shown = words(await world.client.get(home))
    assert NEW in shown and "核实并生效" in shown
    done = await send(world.client, f"{home}/account-changes/confirmation", CALLED)
    assert done.status_code == 303
    assert await account(pooled, "m2") == NEW
