"""Log-in, sessions, tokens, throttling: what an attacker would try."""
from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.auth import (
    COOKIE,
    THROTTLE_ADDRESS_MAX,
    THROTTLE_LOGIN_MAX,
    THROTTLE_WINDOW,
    check_password,
    log_in,
    passwords,
)
from service.kernel.calendar import at_moment, now
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import DomainError
from tests.factories import PASSWORD, World

WRONG = "certainly-not-this-1"


async def sign_in(
    client: httpx.AsyncClient, login: str = "clerk", password: str = PASSWORD
) -> httpx.Response:
    """Fill in the log-in page as a browser does."""
    await client.get("/login")
    form = {
        "login": login,
        "password": password,
        "_csrf_token": client.cookies["eastlake_csrf"],
    }
    return await client.post("/login", data=form)


async def ask_token(world: World, **changes: Any) -> httpx.Response:
    body = {"login": "clerk", "password": PASSWORD, "name": "t", "scopes": ["read"], "days": 1}
    return await world.call(None, "POST", "/tokens", body | changes)


async def failures(login: str) -> int:
    count: int = await sql_value("SELECT count(*) FROM login_failure WHERE login = $1", login)
    return count


# --- sessions ---------------------------------------------------------------------------------


async def test_cookie_is_fresh_and_guarded(world: World) -> None:
    answer = await sign_in(world.client)
    assert answer.status_code == 303
    header = next(h for h in answer.headers.get_list("set-cookie") if h.startswith(COOKIE))
    parts = {part.strip().lower() for part in header.split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert "domain" not in header.lower()
    token = answer.cookies[COOKIE]
    row = await sql_row("SELECT token_hash, address FROM session")
    assert row is not None
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    again = await sign_in(world.client)
    assert again.cookies[COOKIE] != token


async def test_cookie_chosen_by_client_is_never_accepted(world: World) -> None:
    world.client.cookies.set(COOKIE, "chosen-by-the-attacker")
    answer = await sign_in(world.client)
    issued = answer.cookies[COOKIE]
    assert issued != "chosen-by-the-attacker"
    attacker = {"cookie": f"{COOKIE}=chosen-by-the-attacker"}
    world.client.cookies.clear()
    stranger = await world.client.get("/insurer/products", headers=attacker)
    assert stranger.status_code in (303, 401)
    owner = await world.client.get("/insurer/products", headers={"cookie": f"{COOKIE}={issued}"})
    assert owner.status_code == 200


async def test_session_expires_and_log_out_ends_it(world: World) -> None:
    answer = await sign_in(world.client)
    cookie = answer.cookies[COOKIE]
    page = await world.client.get("/insurer/products")
    assert page.status_code == 200
    with at_moment(now() + timedelta(hours=13)):
        late = await world.client.get("/insurer/products")
    assert late.status_code in (303, 401)
    form = {"_csrf_token": world.client.cookies["eastlake_csrf"]}
    done = await world.client.post("/logout", data=form)
    assert done.status_code == 303
    assert await sql_value("SELECT count(*) FROM session") == 0
    world.client.cookies.set(COOKIE, cookie)
    assert (await world.client.get("/insurer/products")).status_code in (303, 401)


async def test_cookie_does_not_count_below_api(world: World) -> None:
    await sign_in(world.client)
    assert (await world.client.get("/api/v1/me")).status_code == 401


async def test_bearer_token_does_not_count_on_pages(world: World) -> None:
    page = await world.client.get("/insurer/products", headers=world.headers["clerk"])
    assert page.status_code in (303, 401)


async def test_log_in_without_check_code_is_refused(world: World) -> None:
    answer = await world.client.post("/login", data={"login": "clerk", "password": PASSWORD})
    assert answer.status_code == 403
    assert await sql_value("SELECT count(*) FROM session") == 0


async def test_log_in_and_log_out_are_journalled(world: World) -> None:
    await sign_in(world.client)
    form = {"_csrf_token": world.client.cookies["eastlake_csrf"]}
    await world.client.post("/logout", data=form)
    rows = await sql(
        "SELECT event, actor_name, via FROM journal_event WHERE subject_kind = 'user'"
        " AND subject = 'clerk' ORDER BY id"
    )
    assert [row["event"] for row in rows] == ["log_in", "log_out"]
    assert rows[0]["actor_name"] == "示例clerk"


# --- tokens -----------------------------------------------------------------------------------


async def test_token_is_shown_once_and_only_its_hash_kept(world: World) -> None:
    answer = await ask_token(world, scopes=["read", "write"], days=30)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["token"]
    row = await sql_row("SELECT * FROM api_token WHERE id = $1", answer.json()["id"])
    assert row is not None
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    for name, value in row.items():
        assert token not in str(value), name
    assert len(row["hint"]) == 10
    mine = await world.client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {token}"})
    assert token not in mine.text
    journal = await sql(
        "SELECT facts, subject FROM journal_event WHERE subject_kind = 'token' AND event = 'make'"
        " ORDER BY id DESC LIMIT 1"
    )
    assert journal[0]["subject"] == str(answer.json()["id"])
    assert token not in journal[0]["facts"]


async def test_nothing_of_a_token_request_is_kept_for_replay(world: World) -> None:
    first = await world.call(
        "clerk",
        "POST",
        "/tokens",
        {"name": "t", "scopes": ["read"], "days": 1},
        headers={"Idempotency-Key": "k1"},
    )
    body = {"login": "clerk", "password": PASSWORD, "name": "t", "scopes": ["read"], "days": 1}
    second = await world.call(None, "POST", "/tokens", body, headers={"Idempotency-Key": "k2"})
    assert (first.status_code, second.status_code) == (422, 201) or first.status_code == 403
    assert await sql_value("SELECT count(*) FROM idempotency_key") == 0


async def test_scope_read_cannot_write(world: World) -> None:
    token = (await ask_token(world, scopes=["read"])).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 200
    answer = await world.client.post("/api/v1/products", headers=headers, json={})
    assert answer.status_code == 403
    assert answer.json()["code"] == "auth.scope"


async def test_scope_write_alone_cannot_read(world: World) -> None:
    token = (await ask_token(world, scopes=["write"])).json()["token"]
    answer = await world.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["code"] == "auth.scope"


async def test_token_expires(world: World) -> None:
    token = (await ask_token(world, days=2)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with at_moment(now() + timedelta(days=1, hours=23)):
        assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 200
    with at_moment(now() + timedelta(days=2, minutes=1)):
        answer = await world.client.get("/api/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "auth.token_expired"


async def test_token_is_revoked_at_once_and_only_by_its_owner(world: World) -> None:
    made = (await ask_token(world)).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    foreign = await world.call("manager", "DELETE", f"/tokens/{made['id']}")
    assert foreign.status_code == 404
    assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 200
    assert (await world.call("clerk", "DELETE", f"/tokens/{made['id']}")).status_code == 204
    assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 401
    again = await world.call("clerk", "DELETE", f"/tokens/{made['id']}")
    assert again.status_code == 404


async def test_token_makes_no_token_beyond_itself(world: World) -> None:
    token = (await ask_token(world, scopes=["read"], days=5)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    async def ask(scopes: list[str], days: int) -> httpx.Response:
        body = {"name": "child", "scopes": scopes, "days": days}
        return await world.client.post("/api/v1/tokens", headers=headers, json=body)

    assert (await ask(["read"], 4)).status_code == 201
    wider = await ask(["read", "write"], 1)
    assert (wider.status_code, wider.json()["code"]) == (403, "auth.token_beyond")
    assert (await ask(["read"], 6)).status_code == 403


async def test_token_without_log_in_needs_one(world: World) -> None:
    answer = await world.call(None, "POST", "/tokens", {"name": "t", "scopes": ["read"]})
    assert answer.status_code == 401
    assert answer.json()["code"] == "auth.required"


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer nonsense", "Basic Y2xlcms6eA==", "Bearer elt_é", "x"]
)
async def test_bad_authorization_is_an_error_not_a_stranger(world: World, header: str) -> None:
    answer = await world.client.get(
        "/api/v1/shelf", headers={b"authorization": header.encode("latin1")}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": ["admin"]}, "scopes.0"),
        ({"scopes": []}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"days": "9"}, "days"),
        ({"name": ""}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"extra": 1}, "extra"),
        ({"password": "x" * 201}, "password"),
    ],
)
async def test_malformed_token_request(world: World, changes: dict[str, Any], field: str) -> None:
    before = await sql_value("SELECT count(*) FROM api_token")
    answer = await ask_token(world, **changes)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert await sql_value("SELECT count(*) FROM api_token") == before


# --- switched off -----------------------------------------------------------------------------


async def test_inactive_user_is_out_at_once(world: World) -> None:
    session = (await sign_in(world.client)).cookies[COOKIE]
    await sql("UPDATE eastlake_user SET active = false WHERE login = 'clerk'")
    assert (await world.call("clerk", "GET", "/me")).status_code == 401
    page = await world.client.get("/insurer/products", headers={"cookie": f"{COOKIE}={session}"})
    assert page.status_code in (303, 401)
    answer = await ask_token(world)
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.bad_credentials")


async def test_inactive_organisation_shuts_out_its_users(world: World) -> None:
    await sql(
        "UPDATE organisation SET active = false WHERE id = $1", world.organisations["insurer"]
    )
    assert (await world.call("clerk", "GET", "/me")).status_code == 401
    assert (await ask_token(world)).status_code == 401
    assert (await world.call("rival", "GET", "/me")).status_code == 200


# --- throttling -------------------------------------------------------------------------------


async def test_five_failures_stop_even_the_right_password(world: World) -> None:
    for _ in range(THROTTLE_LOGIN_MAX):
        answer = await ask_token(world, password=WRONG)
        assert answer.json()["code"] == "auth.bad_credentials"
    for password in (WRONG, PASSWORD):
        answer = await ask_token(world, password=password)
        assert answer.status_code == 429
        assert answer.json()["code"] == "auth.throttled"
        seconds = answer.json()["errors"][0]["params"]["seconds"]
        assert 0 < seconds <= THROTTLE_WINDOW.total_seconds()
        assert str(seconds) in answer.json()["detail"]
    assert (await sign_in(world.client)).status_code == 429
    assert await failures("clerk") == THROTTLE_LOGIN_MAX, "a refused try does not prolong the wait"
    other = await ask_token(world, login="manager")
    assert other.status_code == 201
    with at_moment(now() + THROTTLE_WINDOW + timedelta(seconds=1)):
        assert (await ask_token(world)).status_code == 201
    assert await failures("clerk") == 0


async def test_success_forgets_failures(world: World) -> None:
    for _ in range(THROTTLE_LOGIN_MAX - 1):
        await ask_token(world, password=WRONG)
    assert (await ask_token(world)).status_code == 201
    assert await failures("clerk") == 0
    for _ in range(THROTTLE_LOGIN_MAX):
        assert (await ask_token(world, password=WRONG)).status_code == 401
    assert (await ask_token(world)).status_code == 429


async def test_unknown_log_ins_are_throttled_too(world: World) -> None:
    for _ in range(THROTTLE_LOGIN_MAX):
        assert (await ask_token(world, login="nobody.here", password=WRONG)).status_code == 401
    answer = await ask_token(world, login="nobody.here", password=WRONG)
    assert answer.status_code == 429


async def test_one_address_cannot_try_many_log_ins(world: World) -> None:
    moment = now()
    await sql(
        "INSERT INTO login_failure (login, address, at)"
        " SELECT 'u' || n, '127.0.0.1', $1::timestamptz FROM generate_series(1, $2::int) n",
        moment,
        THROTTLE_ADDRESS_MAX,
    )
    assert (await ask_token(world)).status_code == 429
    actor = await check_password("clerk", PASSWORD, "192.0.2.1")
    assert actor.login == "clerk"


async def test_capital_letters_and_spaces_are_one_log_in(world: World) -> None:
    for login in ("clerk", "CLERK", " clerk ", "Clerk", "cLERK"):
        await ask_token(world, login=login, password=WRONG)
    assert (await ask_token(world)).status_code == 429


async def test_idempotency_key_does_not_undo_the_count(world: World) -> None:
    body = {"login": "clerk", "password": WRONG, "name": "t", "scopes": ["read"], "days": 1}
    codes = []
    for number in range(THROTTLE_LOGIN_MAX + 1):
        answer = await world.call(
            None, "POST", "/tokens", body, headers={"Idempotency-Key": f"k{number}"}
        )
        codes.append(answer.status_code)
    assert codes == [401] * THROTTLE_LOGIN_MAX + [429]


@pytest.mark.commits
async def test_a_burst_of_parallel_tries_stays_within_the_limit(pool: None) -> None:
    looked_at = 0
    matches = passwords._matches

    def count(stored: str | None, password: str) -> bool:
        nonlocal looked_at
        looked_at += 1
        return matches(stored, password)

    passwords._matches = count  # type: ignore[assignment]
    try:

        async def attempt() -> str:
            try:
                await check_password("burst.target", WRONG, "198.51.100.7")
            except DomainError as error:
                return error.code
            return "in"

        codes = await asyncio.gather(*(attempt() for _ in range(20)))
    finally:
        passwords._matches = matches
        await sql("DELETE FROM login_failure WHERE login = 'burst.target'")
    assert codes.count("auth.bad_credentials") == looked_at <= THROTTLE_LOGIN_MAX
    assert codes.count("auth.throttled") == 20 - looked_at


async def test_unknown_log_in_takes_as_long_and_says_the_same(world: World) -> None:
    async def cost(login: str) -> tuple[float, str]:
        spent = []
        detail = ""
        for number in range(4):
            begun = time.process_time()
            try:
                await check_password(login, WRONG, f"192.0.2.{number}")
            except DomainError as error:
                detail = error.text("zh")
            spent.append(time.process_time() - begun)
        return sorted(spent)[1], detail

    known, first = await cost("clerk")
    unknown, second = await cost("nobody.at.all")
    assert first == second
    assert 1 / 3 < known / unknown < 3


async def test_nul_and_length_in_a_log_in_are_harmless(world: World) -> None:
    for login in ("clerk\x00", "x" * 10_000, "", "张三", "' OR 1=1 --"):
        with pytest.raises(DomainError) as caught:
            await log_in(login, WRONG, "192.0.2.9", 1)
        assert caught.value.status == 401
