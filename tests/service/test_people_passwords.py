"""Passwords, the own account, the journal and rule versions through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.auth import COOKIE, log_in
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value
from tests.factories import PASSWORD, World
from tests.service.test_people import STRONG, codes, events, organisation, user

# --- passwords --------------------------------------------------------------------------------


async def test_own_password_ends_other_sessions_and_keeps_tokens(world: World) -> None:
    await log_in("clerk", PASSWORD, "192.0.2.1", 1)
    await log_in("manager", PASSWORD, "192.0.2.1", 1)
    body = {"old_password": PASSWORD, "new_password": STRONG}
    answer = await world.call("clerk", "POST", "/me/password", body)
    assert answer.status_code == 204
    rows = await sql('SELECT u.login FROM session s JOIN eastlake_user u ON u.id = s."user"')
    assert [row["login"] for row in rows] == ["manager"]
    assert (await world.call("clerk", "GET", "/me")).status_code == 200
    assert (await log_in("clerk", STRONG, "192.0.2.1", 1))[1]
    assert "change_password" in [e["event"] for e in await events("user", "clerk")]


async def test_own_password_keeps_the_session_it_was_changed_in(world: World) -> None:
    await log_in("clerk", PASSWORD, "192.0.2.1", 1)
    _, token = await log_in("clerk", PASSWORD, "192.0.2.1", 1)
    world.client.cookies.set(COOKIE, token)
    await world.client.get("/account")
    form = {
        "old_password": PASSWORD,
        "new_password": STRONG,
        "_csrf_token": world.client.cookies["eastlake_csrf"],
    }
    answer = await world.client.post("/account/password", data=form)
    assert answer.status_code == 303
    assert await sql_value("SELECT count(*) FROM session") == 1
    assert (await world.client.get("/account")).status_code == 200


async def test_own_password_needs_the_old_one_and_is_throttled(world: World) -> None:
    body = {"old_password": "not-the-old-one-1", "new_password": "short"}
    answer = await world.call("clerk", "POST", "/me/password", body)
    assert codes(answer) == {
        "old_password": "people.wrong_password",
        "new_password": "auth.weak_password",
    }
    for number in range(4):
        key = {"Idempotency-Key": f"k{number}"}
        await world.call("clerk", "POST", "/me/password", body, headers=key)
    right = {"old_password": PASSWORD, "new_password": STRONG}
    assert (await world.call("clerk", "POST", "/me/password", right)).status_code == 429


async def test_reset_ends_all_sessions_and_lifts_the_throttle(world: World) -> None:
    await log_in("clerk", PASSWORD, "192.0.2.1", 1)
    await sql(
        "INSERT INTO login_failure (login, address, at) SELECT 'clerk', 'x', $1::timestamptz"
        " FROM generate_series(1, 5)",
        now(),
    )
    for who, status in (
        ("rival_manager", 404),
        ("clerk", 403),
        ("officer", 403),
        ("auditor", 403),
        ("manager", 204),
        ("admin", 204),
    ):
        answer = await world.call(who, "POST", "/users/clerk/password", {"password": STRONG})
        assert answer.status_code == status, who
    assert await sql_value("SELECT count(*) FROM session") == 0
    assert (await log_in("clerk", STRONG, "192.0.2.1", 1))[1]
    own = await world.call("admin", "POST", "/users/admin/password", {"password": STRONG})
    assert codes(own) == {"password": "people.own_account"}
    weak = await world.call("admin", "POST", "/users/clerk/password", {"password": "short"})
    assert codes(weak) == {"password": "auth.weak_password"}


async def test_password_is_kept_as_argon2_only(world: World) -> None:
    await world.post("manager", "/users", user())
    row = await sql_row("SELECT * FROM eastlake_user WHERE login = 'new.person'")
    assert row is not None
    assert row["password_hash"].startswith("$argon2id$")
    assert await sql_value("SELECT count(*) FROM idempotency_key") == 0


# --- me, journal, rules -----------------------------------------------------------------------


async def test_me(world: World) -> None:
    me = await world.get("manager", "/me")
    assert me["login"] == "manager"
    assert me["organisation"] == world.usccs["insurer"]
    assert (me["roles"], me["via"], me["scopes"]) == (
        ["insurer_manager"],
        "token",
        ["read", "write"],
    )


async def test_journal_is_read_by_admin_and_auditor_only(world: World) -> None:
    for who in ("clerk", "manager", "firm", "officer", "approver"):
        assert (await world.call(who, "GET", "/journal")).status_code == 403
    assert (await world.call(None, "GET", "/journal")).status_code == 401
    await world.post("manager", "/users", user())
    await world.post("admin", "/organisations", organisation())
    page = await world.get("auditor", "/journal?limit=2")
    assert [item["event"] for item in page["items"]] == ["create", "create"]
    assert page["items"][0]["actor"] == "admin"
    assert page["items"][0]["facts"] == {"kind": "insurer", "name": organisation()["name"]}
    mine = await world.get("admin", "/journal?actor=manager&subject_kind=user")
    assert [item["subject"] for item in mine["items"]] == ["new.person"]
    day = today()
    same = await world.get("admin", f"/journal?actor=manager&day={day}&subject_kind=user")
    assert len(same["items"]) == 1
    later = await world.get("admin", f"/journal?day={day + timedelta(days=1)}")
    assert later["items"] == []
    assert (await world.get("admin", "/journal?actor=nobody"))["items"] == []
    assert (await world.call("admin", "GET", "/journal?day=heute")).status_code == 422


async def test_journal_pages_by_key(world: World) -> None:
    for serial in range(5):
        await world.post("manager", "/users", user(login=f"person{serial}"))
    base = "/journal?actor=manager&event=create&limit=2"
    seen: list[str] = []
    cursor = ""
    while True:
        page = await world.get("auditor", base + cursor)
        seen += [item["subject"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"person{serial}" for serial in (4, 3, 2, 1, 0)]


async def test_rule_versions_are_public(world: World) -> None:
    rules = await world.get(None, "/rule-versions")
    assert "filing" in {rule["family"] for rule in rules}
    for rule in rules:
        whole = await world.get(None, f"/rule-versions/{rule['family']}/{rule['version']}")
        assert whole["rule"] == rule
        assert "[[case]]" in whole["body"]
    assert await world.get(None, "/rule-versions?family=nothing") == []
    assert (await world.call(None, "GET", "/rule-versions/filing/0")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/organisations/%00", "/users/%00", "/rule-versions/a/%00", "/journal?subject=%00"]
)
async def test_nul_in_an_address_is_refused(world: World, path: str) -> None:
    assert (await world.call("admin", "GET", path)).status_code == 400
