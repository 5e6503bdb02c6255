"""Callers whom a statement confirms while it reads: nobody pays with what was taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coinsurance.claim_shapes import ClaimState
from coinsurance.claims import paying, payment_facts
from service.app import create_app
from service.auth import PUBLIC, Actor, known
from service.auth.actors import Standing
from service.kernel import journal
from service.kernel.db import sql, sql_value
from service.kernel.errors import Unauthenticated, Unavailable
from tests.coinsurance.claiming import Scene, agreed, at, count, make_scene, payment
from tests.coinsurance.paying import make_placement, receipt
from tests.coinsurance.placing import make_zones, plant_year
from tests.factories import World
from tests.test_statement_counts import statements

LOOKUP = "FROM api_token c JOIN eastlake_user u"
CHANGES = {
    "revoked token": ("UPDATE api_token SET revoked_at = now()", 401, "auth.token_expired"),
    "expired token": (
        "UPDATE api_token SET expires_at = '2026-03-16 01:00:00+00'", 401, "auth.token_expired",
    ),
    "read alone": ("UPDATE api_token SET scopes = '{read}'", 403, "auth.scope"),
    "other role": ("UPDATE eastlake_user SET roles = '{auditor}'", 403, "auth.forbidden"),
    "person off": ("UPDATE eastlake_user SET active = false", 401, "auth.token_expired"),
    "firm off": ("UPDATE organisation SET active = false", 401, "auth.token_expired"),
}  # fmt: skip


@pytest.fixture
async def scene(world: World) -> Scene:
    """A placement over four members, cover begun."""
    return await make_scene(world)


async def _known(scene: Scene, number: str) -> None:
    """The clerk is found once to note the use of the token, once to be remembered."""
    for _ in range(2):
        await scene.get("clerk", number)


def _pay(serial: int, fen: int = 1_000, **more: Any) -> dict[str, Any]:
    name = f"示例第三者{serial}"
    return payment(
        fen, f"BK-{serial}", beneficiary_kind="third_party", beneficiary_name=name,
        payee_name=name, payee_account=f"6222{serial:012d}", **more,
    )  # fmt: skip


async def _looked_up(call: Callable[[], Any]) -> int:
    async with statements() as seen:
        await call()
    return sum(LOOKUP in text and "token_hash" in text for text in seen)


async def test_a_known_caller_is_not_looked_up_again(scene: Scene) -> None:
    number = await agreed(scene)
    with at("2026-03-16"):
        await _known(scene, number)
        path = f"{number}/payments"
        assert await _looked_up(lambda: scene.post("clerk", path, _pay(1))) == 0
        assert await _looked_up(lambda: scene.post("clerk", path, _pay(2))) == 0
        assert await _looked_up(lambda: scene.get("clerk", number)) == 1
    with at("2026-03-16", 11):
        assert await _looked_up(lambda: scene.post("clerk", path, _pay(3))) == 1


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_taken_away_counts_at_once(scene: Scene, change: str) -> None:
    number = await agreed(scene)
    statement, status, code = CHANGES[change]
    with at("2026-03-16"):
        await _known(scene, number)
        await scene.post("clerk", f"{number}/payments", _pay(1))
        before = await count("claim_movement"), await count("journal_event")
        await sql(statement)
        answer = await scene.world.call("clerk", "POST", f"/claims/{number}/payments", _pay(2))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert before == (await count("claim_movement"), await count("journal_event"))


async def test_what_else_changed_counts_too(scene: Scene) -> None:
    """A change that takes nothing away: the payment is made, once, under the new name."""
    number = await agreed(scene)
    with at("2026-03-16"):
        await _known(scene, number)
        await scene.post("clerk", f"{number}/payments", _pay(1))
        before = await count("claim_movement")
        await sql("UPDATE eastlake_user SET name = '示例新名' WHERE login = 'clerk'")
        await scene.post("clerk", f"{number}/payments", _pay(2))
    assert await count("claim_movement") == before + 1
    name = await sql_value("SELECT actor_name FROM journal_event ORDER BY id DESC LIMIT 1")
    assert name == "示例新名"


async def test_refusals_are_the_same_for_a_known_caller(scene: Scene) -> None:
    number = await agreed(scene)
    refused = [
        (f"{number}/payments", _pay(1, 10**12), 422, "claim.above_agreed"),
        (f"{number}/payments", _pay(1, -5), 422, ""),
        (f"{number}/payments", _pay(1, section="Z"), 422, ""),
        ("CB-1999-000001/payments", _pay(1), 404, "not_found"),
    ]
    for path, body, status, code in refused:
        answers = []
        for moment in (10, 12):
            with at("2026-03-16", moment):
                if moment == 12:
                    await _known(scene, number)
                answers.append(await scene.world.call("clerk", "POST", f"/claims/{path}", body))
        looked_up, recalled = (answer.json() | {"instance": ""} for answer in answers)
        assert looked_up == recalled
        assert answers[0].status_code == status, answers[0].text
        assert code in answers[0].text


async def test_with_a_key_the_caller_is_looked_up(scene: Scene) -> None:
    number = await agreed(scene)
    key = {"Idempotency-Key": "K1"}

    async def call() -> None:
        path = f"/claims/{number}/payments"
        answer = await scene.world.call("clerk", "POST", path, _pay(1), headers=key)
        assert answer.status_code == 201, answer.text

    with at("2026-03-16"):
        await _known(scene, number)
        assert await _looked_up(call) == 1
        assert await _looked_up(call) == 1
    assert await sql_value("SELECT count(*) FROM claim_movement WHERE kind = 'payment'") == 1


async def test_a_packed_answer_of_a_second_try_is_whole(scene: Scene) -> None:
    number = await agreed(scene)
    with at("2026-03-16"):
        await _known(scene, number)
        await sql("UPDATE eastlake_user SET name = '示例新名' WHERE login = 'clerk'")
        packed = {"Accept-Encoding": "gzip"}
        path = f"/claims/{number}/payments"
        answer = await scene.world.call("clerk", "POST", path, _pay(1), headers=packed)
    assert answer.status_code == 201, answer.text
    assert answer.json()["paid_fen"] == 1_000


async def test_a_route_that_forgets_to_confirm_writes_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal takes nothing of it, so the request is carried out again for a caller found."""
    number = await agreed(scene)
    monkeypatch.setattr(payment_facts.known, "confirm", lambda actor, stood: None)
    with at("2026-03-16"):
        await _known(scene, number)
        await scene.post("clerk", f"{number}/payments", _pay(1))
    assert await sql_value("SELECT count(*) FROM claim_movement WHERE kind = 'payment'") == 1
    doubtful = Actor(user_id=1, standing=Standing("1"))
    with pytest.raises(Unauthenticated):
        journal.event_row(doubtful, "claim", number, "paid")


async def test_receipts_confirm_their_caller_too(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    number = await make_placement(world, year)
    path = f"/placements/{number}/receipts"
    for _ in range(2):
        await world.get("clerk", "/me")
    assert await _looked_up(lambda: world.post("clerk", path, receipt(1_000_001, "B1"))) == 0
    await sql("UPDATE api_token SET revoked_at = now()")
    answer = await world.call("clerk", "POST", path, receipt(1_000_001, "B2"))
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.token_expired")
    assert await count("premium_receipt") == 1


def test_the_public_and_those_looked_up_need_no_statement() -> None:
    assert known.standing_of(PUBLIC) == (None, None, None)
    known.confirm(PUBLIC, False)
    doubtful = Actor(user_id=1, credential_id=7, standing=Standing("1"))
    assert known.standing_of(doubtful)[::2] == (7, "1")
    with pytest.raises(Unauthenticated):
        known.confirm(doubtful, False)
    known.confirm(doubtful, True)
    assert doubtful.is_confirmed
    assert known.standing_of(doubtful) == (None, None, None)


async def test_a_route_that_confirms_nobody_is_a_fault_and_not_carried_out_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await agreed(scene)
    made = []

    async def pay(actor: Actor, number: str, form: Any) -> Any:
        made.append(actor)
        return ClaimState(number, "agreed", "", 1, 0, None, 0, 0, 0, 0, 0, None)

    monkeypatch.setattr(paying, "pay", pay)
    with at("2026-03-16"):
        await _known(scene, number)
        answer = await scene.world.call("clerk", "POST", f"/claims/{number}/payments", _pay(1))
    assert (answer.status_code, answer.json()["code"], len(made)) == (500, "http.fault", 1)


async def test_what_is_busy_is_not_waited_for_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await agreed(scene)
    made = []

    async def read(*args: Any) -> Any:
        made.append(args)
        raise Unavailable

    monkeypatch.setattr(payment_facts, "read", read)
    with at("2026-03-16"):
        for _ in range(2):
            await _known(scene, number)
            path = f"/claims/{number}/payments"
            answer = await scene.world.call("clerk", "POST", path, _pay(1))
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert len(made) == 1
            await sql("UPDATE api_token SET revoked_at = now()")
            answer = await scene.world.call("clerk", "POST", path, _pay(1))
            assert (answer.status_code, answer.json()["code"]) == (401, "auth.token_expired")
            await sql("UPDATE api_token SET revoked_at = NULL")
            made.clear()


def test_the_routes_that_confirm_are_these() -> None:
    """Each of them asks `known.stands` in its first statement, before it writes or locks."""
    confirming = {
        (route.path, handler.operation_id)
        for route in create_app().routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get("confirming")
    }
    assert confirming == {
        ("/api/v1/claims/{number:str}/payments", "payClaim"),
        ("/api/v1/placements/{number:str}/receipts", "receivePoolPremium"),
    }


def test_few_callers_are_remembered() -> None:
    for n in range(known.CALLERS_MAX + 5):
        known.remember(n.to_bytes(4), PUBLIC, "1", known.now())
    assert 0 < len(known._known) <= known.CALLERS_MAX
