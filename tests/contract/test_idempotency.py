"""A POST repeated with its `Idempotency-Key` is carried out once (DESIGN law 10)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.kernel.db import sql, sql_value
from tests.contract.problems import nothing_written, problem, row_counts
from tests.contract.recipes import recipe
from tests.contract.routes import RouteCase, listed_routes
from tests.contract.stage import Call, Stage, undone
from tests.factories import draft

POSTS = [c for c in listed_routes() if c.is_api and c.method == "POST"]
KEYED = [c for c in POSTS if not c.handler.opt.get("keyless") and not c.is_public]
KEYLESS = [c for c in POSTS if c.handler.opt.get("keyless")]
KEPT = ("content-type", "etag", "location", "cache-control")


async def _send(stage: Stage, case: RouteCase, call: Call, key: str = "key-1") -> httpx.Response:
    """The call of a recipe with a key; the same bytes each time."""
    headers = {**stage.world.headers[call.who or "clerk"], "Idempotency-Key": key, **call.headers}
    path = stage.address(case, call)
    if call.files is None:
        return await stage.client.post(path, json=call.json or {}, headers=headers)
    request = httpx.Request(
        "POST",
        "http://testserver" + path,
        files=call.files,
        data=call.form,
        headers={**headers, "Content-Type": "multipart/form-data; boundary=steady"},
    )
    return await stage.client.send(request)


@pytest.mark.parametrize("case", KEYED, ids=str)
async def test_repeated_post_is_carried_out_once(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    async with undone():
        first = await _send(stage, case, call)
        written = await row_counts()
        again = await _send(stage, case, call)
        assert await row_counts() == written
    assert first.status_code < 300, first.text
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    told = {name: first.headers.get(name) for name in KEPT}
    assert {name: again.headers.get(name) for name in KEPT} == told


@pytest.mark.parametrize("case", KEYLESS, ids=str)
async def test_nothing_made_of_a_secret_is_kept(case: RouteCase, stage: Stage) -> None:
    async with undone():
        answer = await _send(stage, case, recipe(case, stage))
        assert answer.status_code < 300, answer.text
        assert await sql_value("SELECT count(*) FROM idempotency_key") == 0


async def _create(stage: Stage, who: str, key: str, body: Any, query: str = "") -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return await stage.world.call(who, "POST", f"/products{query}", body, headers=headers)


async def test_another_body_or_address_with_the_key_is_a_conflict(stage: Stage) -> None:
    async with undone():
        await _create(stage, "clerk", "k", draft())
        async with nothing_written():
            other = await _create(stage, "clerk", "k", draft(name="另一个产品"))
            elsewhere = await _create(stage, "clerk", "k", draft(), "?x=1")
            path = f"/products/{stage.numbers['draft']}/submission"
            step = await stage.world.call(
                "clerk", "POST", path, draft(), headers={"Idempotency-Key": "k"}
            )
    assert problem(elsewhere, 400)["code"] == "http.unknown_query"
    for answer in (other, step):
        assert problem(answer, 409)["code"] == "conflict.idempotency"


async def test_refused_request_leaves_no_key(stage: Stage) -> None:
    async with undone():
        async with nothing_written():
            for body in ({"name": "x"}, [], {"type_code": "PT999", "name": "示例险"}):
                problem(await _create(stage, "clerk", "k", body), 422)
        made = await _create(stage, "clerk", "k", draft())
    assert (made.status_code, "idempotency-replayed" in made.headers) == (201, False)


async def test_faulty_request_leaves_no_key(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        await sql("INSERT INTO counter (name, value) VALUES ('half-done', 1)")
        raise RuntimeError("in the middle")

    from catalogue.api import products

    async with undone():
        with monkeypatch.context() as patch:
            patch.setattr(products.drafts, "create_product", broken)
            async with nothing_written():
                answer = await _create(stage, "clerk", "k", draft())
            assert answer.status_code == 500
        assert (await _create(stage, "clerk", "k", draft())).status_code == 201


async def test_key_belongs_to_its_user(stage: Stage) -> None:
    async with undone():
        mine = await _create(stage, "clerk", "k", draft())
        colleague = await _create(stage, "manager", "k", draft())
        rival = await _create(stage, "rival", "k", draft(name="另一家的产品"))
    numbers = {answer.json()["number"] for answer in (mine, colleague, rival)}
    assert len(numbers) == 3


async def test_key_does_not_count_without_log_in_and_on_reads(stage: Stage) -> None:
    async with undone():
        for method, who in (("POST", None), ("GET", "clerk"), ("GET", None)):
            headers = {"Idempotency-Key": "k"}
            await stage.world.call(who, method, "/products", headers=headers)
        assert await sql_value("SELECT count(*) FROM idempotency_key") == 0


async def test_replay_serves_nobody_who_has_lost_the_right(stage: Stage) -> None:
    """The key is looked at after the log-in: a revoked token gets no stored answer."""
    async with undone():
        await _create(stage, "clerk", "k", draft())
        await sql("UPDATE api_token SET revoked_at = now()")
        answer = await _create(stage, "clerk", "k", draft())
    problem(answer, 401)


async def test_replay_serves_nobody_who_has_lost_the_role(stage: Stage) -> None:
    async with undone():
        await _create(stage, "clerk", "k", draft())
        await sql("UPDATE eastlake_user SET roles = '{enterprise}' WHERE login = 'clerk'")
        answer = await _create(stage, "clerk", "k", draft())
    problem(answer, 403)


async def test_the_proof_of_nothing_written_notices_a_write(stage: Stage) -> None:
    with pytest.raises(AssertionError, match="left something behind"):
        async with nothing_written():
            await stage.world.post("clerk", "/products", draft())
    async with nothing_written():
        await stage.world.get("clerk", "/products")
