"""Claims as the tests want them: a bound placement with cover begun, and claims in every state.

The clock stands still (`at`): the risk was bound before its cover began, the loss happened since.
The first member (clerk, manager) handles claims; m2 to m4 follow with 30, 20 and 10 percent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from coinsurance.rules.accounts import positions as net
from service.kernel.calendar import at_moment
from service.kernel.db import sql, sql_value
from service.kernel.ledger import balances
from tests.coinsurance.placing import (
    Year,
    binding,
    consent,
    line,
    make_market,
    make_zones,
    plant_year,
    write_lines,
)
from tests.factories import World, make_in_library

BOUND = "2026-01-05"
LOSS = "2026-03-02"
ACCOUNT = "6222 0000 1111 2222"


@contextmanager
def at(day: str, hour: int = 10) -> Iterator[None]:
    """The clock at an hour of a day in Shanghai."""
    moment = datetime.fromisoformat(f"{day}T{hour:02d}:00:00+08:00").astimezone(UTC)
    with at_moment(moment):
        yield


@dataclass
class Scene:
    """A world with a placement in force."""

    world: World
    year: Year
    placement: str

    async def post(self, who: str, path: str, json: Any = None) -> Any:
        """A step of a claim that must succeed."""
        return await self.world.post(who, f"/claims/{path}", json)

    async def refused(self, who: str, path: str, json: Any, *codes: str) -> dict[str, Any]:
        """A step that must be refused with all of these codes; returns the answer."""
        answer = await self.world.call(who, "POST", f"/claims/{path}", json)
        assert answer.status_code >= 400, answer.text
        told = {error["code"] for error in answer.json()["errors"]}
        assert set(codes) <= told, told
        body: dict[str, Any] = answer.json()
        return body

    async def get(self, who: str, path: str) -> Any:
        """A claim as somebody sees it."""
        return await self.world.get(who, f"/claims/{path}")


async def make_scene(world: World, **changes: Any) -> Scene:
    """A placement of ten hundred million yuan over four members: 40, 30, 20 and 10 percent."""
    with at("2026-01-02"):
        await make_zones(world)
        product = await make_in_library(world)
    # Tokens last a day from when they are made: people are made by the real clock.
    followers = changes.pop("followers", 3)
    year = await plant_year(
        world, changes.pop("code", "integrated-circuit"), followers=followers, product=product
    )
    lines = changes.pop("lines", None)
    with at(BOUND):
        more = {"start_on": BOUND, "end_on": "2027-01-04", **changes}
        state = await _bound(world, year, lines, **more)
    return Scene(world, year, state["number"])


async def _bound(
    world: World, year: Year, lines: dict[str, Any] | None, **changes: Any
) -> dict[str, Any]:
    """A bound risk at the standing clock; returns the state of its placement."""
    number = await make_market(world, year, **changes)
    shares = lines or {"clerk": "40%", "m2": "30%", "m3": "20%", "m4": "10%"}
    for section in changes.get("sections", [{"code": ""}]):
        each = {who: line(share, section=section["code"]) for who, share in shares.items()}
        await write_lines(world, number, each)
    form = {
        "consent_document": await consent(world),
        "consented_on": "2026-01-04",
        "issued": "agreement_attached",
    }
    check = await world.post("clerk", f"/risks/{number}/character-checks", form)
    state: dict[str, Any] = await world.post("manager", f"/risks/{number}/binding", binding(check))
    return state


def loss(scene: Scene, **changes: Any) -> dict[str, Any]:
    """A fire on 2 March, reported the day after."""
    return {
        "placement": scene.placement,
        "loss_on": LOSS,
        "reported_at": "2026-03-03T09:00:00+08:00",
        "cause": "电气火灾",
        "place": "洁净室甲",
        "estimate_fen": 9_000_000,
    } | changes


async def notified(scene: Scene, **changes: Any) -> str:
    """A claim that was notified by the insured; returns its number."""
    with at("2026-03-03"):
        state = await scene.world.post("firm", "/claims", loss(scene, **changes))
    number: str = state["number"]
    return number


async def registered(scene: Scene, **changes: Any) -> str:
    """A registered claim, its notices sent, served and acknowledged by nobody yet."""
    number = await notified(scene, **changes)
    with at("2026-03-03", 14):
        await scene.post("clerk", f"{number}/registration", {})
        await scene.post("clerk", f"{number}/notices", {"text": "请知悉出险情况"})
        await scene.post("clerk", f"{number}/service", {"how": "电子邮件"})
    return number


async def assessed(
    scene: Scene, gross_fen: int = 60_000_000, section: str = "", **changes: Any
) -> str:
    """An assessed claim; the deductible of 500,000.00 yuan comes off the loss."""
    changes.setdefault("estimate_fen", gross_fen)
    number = await registered(scene, **changes)
    with at("2026-03-10"):
        everybody = [
            {"uscc": uscc, "status": "attended", "person": "查勘员"}
            for uscc in scene.year.usccs.values()
        ]
        await scene.post(
            "clerk",
            f"{number}/surveys",
            {
                "held_on": "2026-03-09",
                "place": "洁净室甲",
                "surveyor": "示例公估",
                "joint": True,
                "summary": "配电柜短路引燃电缆",
                "attendance": everybody,
            },
        )
        losses = [{"section": section, "gross_fen": gross_fen}]
        await scene.post("clerk", f"{number}/assessment", {"losses": losses})
    return number


async def agreed(scene: Scene, gross_fen: int = 60_000_000, **changes: Any) -> str:
    """An agreed claim, within the handler's authority or with everybody's consent."""
    number = await assessed(scene, gross_fen, **changes)
    with at("2026-03-12"):
        answer = await scene.world.call("manager", "POST", f"/claims/{number}/agreement", {})
        if answer.status_code >= 300:
            await consented(scene, number)
            await scene.post("manager", f"{number}/agreement", {})
    return number


async def consented(scene: Scene, number: str, proposal: str = "agree") -> str:
    """Everybody on the risk consents; returns the number of the request."""
    state = await scene.post("manager", f"{number}/consent", {"proposal": proposal})
    request: str = state["consent_request"]
    await scene.world.post("manager", f"/consent-requests/{request}/service", {"how": "电子邮件"})
    for member in ("m2", "m3", "m4"):
        path = f"/consent-requests/{request}/answers"
        answer = await scene.world.call(
            f"{member}_manager", "POST", path, {"answer": "consented"}
        )
        if answer.status_code >= 300:
            assert "consent.closed" in answer.text, answer.text
    return request


def payment(amount_fen: int, reference: str = "BK-1", **changes: Any) -> dict[str, Any]:
    """A payment to the insured itself."""
    return {
        "amount_fen": amount_fen,
        "reference": reference,
        "beneficiary_name": "示例光谷芯片科技有限公司",
        "payee_name": "示例光谷芯片科技有限公司",
        "payee_account": ACCOUNT,
        "bank_name": "示例银行光谷支行",
    } | changes


async def paid(scene: Scene, gross_fen: int = 60_000_000, **changes: Any) -> str:
    """A claim paid in full on 16 March."""
    number = await agreed(scene, gross_fen, **changes)
    with at("2026-03-16"):
        state = await scene.get("clerk", number)
        await scene.post("clerk", f"{number}/payments", payment(state["left_fen"]))
    return number


async def positions(scene: Scene) -> dict[str, int]:
    """Net position of every party in the book of the year, by USCC."""
    rows = await balances(f"pool:{scene.year.number}")
    return net((row.account, row.balance_fen) for row in rows)


async def debts(number: str) -> list[tuple[str, str, str, int]]:
    """The open debts because of a claim: kind, debtor, creditor, amount."""
    rows = await sql(
        "SELECT b.kind, d.uscc AS debtor, c.uscc AS creditor, b.amount_fen FROM obligation b"
        " JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor"
        " WHERE b.number LIKE $1 AND b.status <> 'void' ORDER BY b.id",
        f"{number}-%",
    )
    return [(r["kind"], r["debtor"], r["creditor"], r["amount_fen"]) for r in rows]


async def count(table: str) -> int:
    """How many rows a table has."""
    found: int = await sql_value(f"SELECT count(*) FROM {table}")
    return found
