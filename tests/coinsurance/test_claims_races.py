"""Claims raced with real commits: one payment wins, one agreement uses the aggregate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from coinsurance.claims import payment_facts, storing
from coinsurance.rules.claims.payees import Party
from service.auth import Actor
from service.auth.identify import actor_of_token
from service.kernel.db import sql, sql_value
from service.verify.claims import CLAIM_INVARIANTS
from service.verify.settlements import SETTLEMENT_INVARIANTS
from tests.catalogue.test_filing import codes
from tests.coinsurance.claiming import Scene, agreed, at, consented, make_scene, payment, registered
from tests.coinsurance.placing import LIMIT
from tests.elsewhere import committed_world

pytestmark = pytest.mark.commits
RACERS = 12
NAME = "eastlake_claim_races"
SECTIONS = [
    {"code": "A", "title": "物质损失", "limit_fen": LIMIT - 300_000_000,
     "premium_fen": 150_000_000},
    {"code": "B", "title": "营业中断", "limit_fen": 300_000_000, "aggregate_fen": 500_000_000,
     "premium_fen": 50_000_000},
]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def scene(dsn: Any, pool: None) -> AsyncIterator[Scene]:
    """A committed placement in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, NAME, RACERS + 4) as world:
        yield await make_scene(world, sections=SECTIONS, deductible_fen=0)


async def _race(scene: Scene, calls: list[tuple[str, str, Any]]) -> list[httpx.Response]:
    return list(
        await asyncio.gather(
            *(scene.world.call(who, "POST", f"/claims/{path}", body) for who, path, body in calls)
        )
    )


async def _on_section_b(scene: Scene, event: str) -> str:
    """A claim of 3 million assessed on the section with an aggregate of 5, and consented."""
    number = await registered(scene, event=event)
    everybody = [{"uscc": uscc, "status": "attended"} for uscc in scene.year.usccs.values()]
    survey = {"held_on": "2026-03-09", "place": "现场", "surveyor": "示例公估", "joint": True,
              "summary": "查勘", "attendance": everybody}  # fmt: skip
    with at("2026-03-10"):
        await scene.post("clerk", f"{number}/surveys", survey)
        losses = {"losses": [{"section": "B", "gross_fen": 300_000_000}]}
        await scene.post("clerk", f"{number}/assessment", losses)
        await consented(scene, number)
    return number


async def test_one_payment_wins_and_one_agreement_uses_the_aggregate(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _payments(scene)
    await _same_loss(scene)
    await _other_claim_went_back(scene)
    await _paid_while_another_reads(scene)
    await _agreements(scene)
    await _last_of_the_limit(scene)
    await _among_other_steps(scene)
    with monkeypatch.context() as patch:
        await _parts_that_do_not_sum(scene, patch)
    await _reversals(scene)
    await _reversal_and_runs(scene)


async def _payments(scene: Scene) -> None:
    """Everybody pays the whole: one does, the rest are told that it was paid before."""
    number = await _claim(scene, "E1")
    with at("2026-03-16"):
        calls = [
            ("clerk", f"{number}/payments", payment(10_000_000, f"BK-{n}")) for n in range(RACERS)
        ]
        answers = await _race(scene, calls)
    won = [answer for answer in answers if answer.status_code < 300]
    assert len(won) == 1
    assert all(
        codes(a) & {"claim.above_agreed", "claim.not_agreed", "claim.paid_before"}
        for a in answers
        if a not in won
    )
    assert await sql_value("SELECT sum(amount_fen)::bigint FROM claim_movement") == 10_000_000
    parts = await sql("SELECT amount_fen FROM claim_part ORDER BY position")
    assert [row["amount_fen"] for row in parts] == [4_000_000, 3_000_000, 2_000_000, 1_000_000]


async def _claim(scene: Scene, event: str) -> str:
    """An agreed claim of 100,000.00 yuan on section A, on a loss day of its own."""
    day = {
        "E1": "2026-03-02", "E2": "2026-03-01", "E3": "2026-03-01", "E6": "2026-03-03",
        "E7": "2026-02-27", "E8": "2026-02-27", "E9": "2026-02-26", "E10": "2026-02-26",
        "E11": "2026-02-25",
    }[event]  # fmt: skip
    return await agreed(
        scene, 10_000_000, event=event, section="A", loss_on=day, estimate_fen=9_000_000
    )


async def _same_loss(scene: Scene) -> None:
    """Two claims of one loss day: the same beneficiary is paid once without an override."""
    numbers = [await _claim(scene, event) for event in ("E2", "E3")]
    with at("2026-03-16"):
        calls = [
            ("clerk", f"{number}/payments", payment(10_000_000, f"BK-{n}"))
            for n, number in enumerate(numbers)
        ]
        answers = await _race(scene, calls)
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    lost = next(answer for answer in answers if answer.status_code == 422)
    assert codes(lost) == {"claim.paid_before"}


async def _other_claim_went_back(scene: Scene) -> None:
    """A payment on another claim of the loss was reversed: this one is paid all the same."""
    paid, other = [await _claim(scene, event) for event in ("E7", "E8")]
    with at("2026-03-16"):
        await scene.post("clerk", f"{paid}/payments", _victim(1_000, 1))
        await scene.post("clerk", f"{paid}/payments/1/reversal", {"reason": "银行退汇"})
        await scene.post("clerk", f"{other}/payments", _victim(1_000, 2))
        await scene.post("clerk", f"{paid}/payments", _victim(1_000, 3))
        again = await scene.world.call("clerk", "POST", f"/claims/{other}/payments", _victim(9, 3))
    assert again.status_code == 201  # another name, though of the same loss


async def _paid_while_another_reads(scene: Scene) -> None:
    """A payment elsewhere that was not yet committed when this one read its facts counts."""
    open_one, reader = [await _claim(scene, event) for event in ("E9", "E10")]
    later = await payment_facts.read(await _clerk(scene), reader, "", Party("示例受害人"), "")
    assert later is not None and later[3].elsewhere == 0
    with at("2026-03-16"):
        await scene.post("clerk", f"{open_one}/payments", _victim(1_000, 4))
    row = later[0].row
    asked = "SELECT claim_loss_stands($1, $2, $3, $4, $5)"
    args = (row["id"], row["insured"], row["loss_on"], row["event"])
    assert not await sql_value(asked, *args, later[3].elsewhere)
    assert await sql_value(asked, *args, 1)


async def _clerk(scene: Scene) -> Actor:
    token = scene.world.headers["clerk"]["Authorization"].removeprefix("Bearer ")
    actor = await actor_of_token(token)
    assert actor is not None
    return actor


async def _agreements(scene: Scene) -> None:
    numbers = [await _on_section_b(scene, event) for event in ("E4", "E5")]
    with at("2026-03-12"):
        answers = await _race(scene, [("manager", f"{n}/agreement", {}) for n in numbers])
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    lost = next(answer for answer in answers if answer.status_code == 422)
    assert "claim.above_limit" in codes(lost)
    used = "SELECT sum(authorised_fen)::bigint FROM claim_section WHERE code = 'B'"
    assert await sql_value(used) == 300_000_000


async def _last_of_the_limit(scene: Scene) -> None:
    """Many beneficiaries of one claim, agreed up to the limit: what is left is paid once."""
    number = await sql_value(
        "SELECT c.number FROM claim c JOIN claim_section s ON s.claim = c.id"
        " WHERE s.code = 'B' AND s.authorised_fen = s.limit_fen"
    )
    for fen, won in ((100_000_001, 2), (99_999_998, 1), (1, 0)):
        with at("2026-03-16"):
            calls = [("clerk", f"{number}/payments", _victim(fen, n)) for n in range(RACERS)]
            answers = await _race(scene, calls)
        assert [a.status_code for a in answers].count(201) == won, [a.text for a in answers]
        for lost in (answer for answer in answers if answer.status_code != 201):
            assert codes(lost) & {"claim.above_agreed", "claim.not_agreed"}, lost.text
            assert all(e["remedy_zh"] for e in lost.json()["errors"])
    paid = (
        "SELECT s.paid_fen = s.limit_fen AND s.paid_fen = sum(p.amount_fen) AS whole FROM claim c"
        " JOIN claim_section s ON s.claim = c.id JOIN claim_movement m ON m.section = s.id"
        " JOIN claim_part p ON p.movement = m.id WHERE c.number = $1 AND s.code = 'B'"
        " AND m.kind = 'payment' GROUP BY s.id"
    )
    assert await sql_value(paid, number)
    owed = "SELECT count(*) FROM obligation WHERE number LIKE $1 || '-%'"
    assert await sql_value(owed, number) == 9  # three payments, three followers


async def _among_other_steps(scene: Scene) -> None:
    """Payments with and without a key, while the reserve moves too: what was agreed is held."""
    number = await _claim(scene, "E6")
    with at("2026-03-16"):
        calls = [
            scene.world.call(
                "clerk",
                "POST",
                f"/claims/{number}/payments",
                _victim(1_000_001, n),
                headers={"Idempotency-Key": f"race-{n}"} if n % 2 else {},
            )
            for n in range(RACERS)
        ]
        reserves = [
            scene.world.call(
                "clerk",
                "POST",
                f"/claims/{number}/reserves",
                {"section": "A", "outstanding_fen": 500_000 + n, "reason": "重估"},
            )
            for n in range(3)
        ]
        answers = await asyncio.gather(*calls, *reserves)
    paid, moved = answers[:RACERS], answers[RACERS:]
    assert [a.status_code for a in paid].count(201) == 9, [a.text for a in paid]
    assert all(codes(a) == {"claim.above_agreed"} for a in paid if a.status_code != 201)
    assert all(a.status_code == 201 for a in moved), [a.text for a in moved]
    for name, (_, check) in CLAIM_INVARIANTS.items():
        assert (await check()).findings == [], name


async def _parts_that_do_not_sum(scene: Scene, patch: pytest.MonkeyPatch) -> None:
    """What the database refuses at commit is answered, with a key and without; nothing is left."""
    whole = storing._parts
    patch.setattr(storing, "_parts", lambda write: tuple(c[: c.rindex("\n")] for c in whole(write)))
    number = await _claim(scene, "E11")
    counts = "SELECT (SELECT count(*) FROM claim_movement), (SELECT count(*) FROM idempotency_key)"
    before = await sql(counts)
    with at("2026-03-16"):
        for headers in ({"Idempotency-Key": "broken-parts"}, {}):
            refused = await scene.world.call(
                "clerk", "POST", f"/claims/{number}/payments", _victim(1_000, 5), headers=headers
            )
            assert codes(refused) == {"claim.parts_not_whole"}, refused.text
    assert await sql(counts) == before


def _victim(fen: int, n: int) -> dict[str, Any]:
    """A payment to a beneficiary of its own."""
    name = f"示例受害企业{fen}第{n}号"
    return payment(
        fen,
        f"V-{fen}-{n}",
        beneficiary_kind="third_party",
        beneficiary_name=name,
        payee_name=name,
        payee_account=f"420{fen:09d}{n:03d}",
    )


async def _reversals(scene: Scene) -> None:
    """One payment is reversed once, however many try."""
    number = await sql_value(
        "SELECT c.number FROM claim c JOIN claim_movement m ON m.claim = c.id ORDER BY c.id LIMIT 1"
    )
    with at("2026-03-17"):
        body = {"reason": "银行退汇"}
        calls = [("clerk", f"{number}/payments/1/reversal", body)] * RACERS
        answers = await _race(scene, calls)
    assert [a.status_code < 300 for a in answers].count(True) == 1
    mirrored = (
        "SELECT count(*) FROM claim_movement m JOIN claim c ON c.id = m.claim"
        " WHERE c.number = $1 AND m.reversal_of IS NOT NULL"
    )
    assert await sql_value(mirrored, number) == 1


async def _reversal_and_runs(scene: Scene) -> None:
    """Payments are reversed while runs take their debts up: void or in a run, never both."""
    rows = await sql(
        "SELECT c.number AS claim, m.number FROM claim_movement m JOIN claim c ON c.id = m.claim"
        " WHERE m.kind = 'payment' AND m.amount_fen > 0 AND NOT EXISTS (SELECT 1"
        " FROM claim_movement r WHERE r.reversal_of = m.id) ORDER BY m.id"
    )
    assert len(rows) >= 3
    run = {"pool_year": scene.year.number, "method": "gross", "due_until": "2026-04-30"}
    with at("2026-04-30"):
        calls = [
            scene.world.call("clerk", "POST", f"/claims/{row['claim']}/payments/{row['number']}"
                             "/reversal", {"reason": "银行退汇"})
            for row in rows
        ]  # fmt: skip
        calls[1:1] = [scene.world.call("clerk", "POST", "/settlement-runs", run) for _ in range(4)]
        answers = await asyncio.gather(*calls)
    assert max(answer.status_code for answer in answers) < 500
    both = (
        "SELECT b.number FROM obligation b JOIN settlement_part t ON t.obligation = b.id"
        " WHERE b.status = 'void'"
    )
    assert await sql(both) == []
    for name, (_, check) in {**SETTLEMENT_INVARIANTS, **CLAIM_INVARIANTS}.items():
        assert (await check()).findings == [], name
