"""Pages of settlement: statements, a disputed line, a run with its proof, masked for followers."""

from __future__ import annotations

from service.kernel.db import sql, sql_value
from tests.coinsurance.settling import on, plant_book
from tests.factories import World
from tests.web.console import send, sign_in, words

PERIOD = {"period": "2026-Q1"}


async def _issued(world: World) -> str:
    """A month with premium and a claim, its statements issued in the console."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_00, "2026-03-05", "2026-03-26")
        await book.claim(40_000_00, "2026-03-09", "2026-03-23")
    home = f"/pool-accounts/{book.number}"
    with on("2026-04-02"):
        await sign_in(world.client, "clerk")
        drafted = await send(world.client, f"{home}/statements", PERIOD)
        assert drafted.status_code == 303, words(drafted)[600:2600]
        await sign_in(world.client, "manager")
        assert (await send(world.client, f"{home}/approval", PERIOD)).status_code == 303
        assert (await send(world.client, f"{home}/issue", PERIOD)).status_code == 303
        again = await send(world.client, f"{home}/statements", PERIOD)
        assert again.status_code in (409, 422)
    return book.number


async def test_statements_are_issued_and_a_line_is_disputed_without_blocking_the_rest(
    world: World,
) -> None:
    year = await _issued(world)
    number = await sql_value(
        "SELECT s.number FROM statement s JOIN organisation o ON o.id = s.organisation"
        " JOIN eastlake_user u ON u.organisation = o.id WHERE u.login = 'm2'"
    )
    with on("2026-04-03"):
        await sign_in(world.client, "m2")
        shown = await world.client.get(f"/statements/{number}")
        assert "30,000.00 元" in words(shown) and "40,000.00 元" not in words(shown)
        line = await sql_value(
            "SELECT l.id FROM entry_line l JOIN account a ON a.id = l.account JOIN entry e"
            " ON e.id = l.entry JOIN organisation o ON o.id = a.owner JOIN eastlake_user u"
            " ON u.organisation = o.id WHERE u.login = 'm2' AND e.reason = 'claim_payment'"
        )
        disputed = await send(
            world.client, f"/statements/{number}/disputes", {"line": line, "reason": "责任存疑"}
        )
        assert disputed.status_code == 303, words(disputed)[:2000]
        assert "部分有争议" in words(await world.client.get(f"/statements/{number}"))
        await sign_in(world.client, "m2_manager")
        agreed = await send(world.client, f"/statements/{number}/agreement", {"note": ""})
        assert agreed.status_code == 303, words(agreed)[:2000]
        dispute = await sql_value("SELECT number FROM dispute")
        assert "责任存疑" in words(await world.client.get(f"/pool-disputes/{dispute}"))
        assert dispute in words(await world.client.get(f"/pool-accounts/{year}"))


async def test_run_shows_its_proof_and_needs_another_person(world: World) -> None:
    year = await _issued(world)
    with on("2026-04-03"):
        await sign_in(world.client, "clerk")
        form = {"method": "gross", "due_until": "2026-04-03"}
        made = await send(world.client, f"/pool-accounts/{year}/runs", form)
        assert made.status_code == 303, words(made)[:2000]
        run = await sql_value("SELECT number FROM settlement_run")
        text = words(await world.client.get(f"/settlement-runs/{run}"))
        assert "净额不变的证明" in text and "0.00 元" in text
        await sign_in(world.client, "manager")
        agreed = await send(world.client, f"/settlement-runs/{run}/approval")
        assert agreed.status_code == 303, words(agreed)[:2000]
        file = await send(world.client, f"/settlement-runs/{run}/bank-file")
        assert file.status_code == 200 and "示例" in file.content.decode("utf-8-sig")


async def test_break_is_explained_by_a_named_person(world: World) -> None:
    year = await _issued(world)
    with on("2026-04-10"):
        await sign_in(world.client, "clerk")
        home = f"/pool-accounts/{year}"
        form = {"until_on": "2026-04-10"}
        answer = await send(world.client, f"{home}/reconciliation", form)
        assert answer.status_code == 303, words(answer)[:2000]
        text = words(await world.client.get(home))
        assert "核对差异" in text
        await sign_in(world.client, "rival")
        assert (await world.client.get(home)).status_code == 404


async def _agreed_run(world: World) -> str:
    """The page of a run that another person agreed to, with nine instructions."""
    year = await _issued(world)
    with on("2026-04-03"):
        await sign_in(world.client, "clerk")
        form = {"method": "gross", "due_until": "2026-04-03"}
        await send(world.client, f"/pool-accounts/{year}/runs", form)
        home = f"/settlement-runs/{await sql_value('SELECT number FROM settlement_run')}"
        assert "登记到账" not in words(await world.client.get(home))
        await sign_in(world.client, "manager")
        assert (await send(world.client, f"{home}/approval")).status_code == 303
        await sign_in(world.client, "clerk")
    return home


async def test_result_of_one_instruction_is_entered_by_hand(world: World) -> None:
    home = await _agreed_run(world)
    amount_fen = await sql_value("SELECT amount_fen FROM payment_instruction WHERE number = 1")
    paid = {"instruction": "1", "amount_fen": "100.00", "bank_reference": "HAND-1"}
    with on("2026-04-03", 14):
        chosen = await world.client.get(f"{home}?instruction=1")
        assert 'value="1" selected>001 ' in chosen.text
        assert f"{amount_fen / 100:,.2f} 元" in words(chosen)
        part = await send(world.client, f"{home}/payments", paid)
        assert part.status_code == 303, words(part)[:2000]
        assert "部分到账" in words(await world.client.get(home))
        again = await send(world.client, f"{home}/payments", paid)
        assert again.status_code == 422 and 'value="HAND-1"' in again.text
        assert 'id="f-paid-bank_reference-remarks"' in again.text
        failed = {"instruction": "1", "failure": "账号有误"}
        assert (await send(world.client, f"{home}/failures", failed)).status_code == 303
        shown = await world.client.get(home)
        assert "部分未付成 账号有误" in words(shown)
        assert f'href="{home}?instruction=1#' not in shown.text
        whole = {"instruction": "2", "bank_reference": "HAND-2", "paid_on": "2026-04-03"}
        assert (await send(world.client, f"{home}/payments", whole)).status_code == 303
        late = await send(world.client, f"{home}/failures", {"instruction": "2"})
        assert late.status_code == 409 and "指令已付清" in words(late)
    states = await sql("SELECT status, paid_fen FROM payment_instruction ORDER BY number LIMIT 2")
    assert [row["status"] for row in states] == ["part_failed", "paid"]
    assert states[0]["paid_fen"] == 10_000


async def test_result_is_for_who_keeps_the_accounts_and_not_above_what_is_left(
    world: World,
) -> None:
    home = await _agreed_run(world)
    form = {"instruction": "1", "amount_fen": "9亿元", "bank_reference": "HAND-1"}
    with on("2026-04-03", 14):
        refused = await send(world.client, f"{home}/payments", form)
        assert refused.status_code == 422 and 'id="f-paid-amount_fen-remarks"' in refused.text
        unnamed = await send(world.client, f"{home}/payments", {"instruction": "", **PERIOD})
        assert unnamed.status_code == 422
        await sign_in(world.client, "m2")
        assert "登记结果" not in words(await world.client.get(home))
        follower = await send(world.client, f"{home}/payments", form | {"amount_fen": "1.00"})
        assert follower.status_code == 403 and "操作没有执行" in words(follower)
    assert await sql_value("SELECT sum(paid_fen)::bigint FROM payment_instruction") == 0
