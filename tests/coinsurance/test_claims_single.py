"""Claims on a policy of a single insurer: the same code, one participant of the whole."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from service.kernel.db import sql_value
from tests.catalogue.test_policies import policy
from tests.coinsurance.claiming import at, payment
from tests.coinsurance.test_evidence import run
from tests.factories import World, make_in_library


@pytest.fixture
async def recorded(world: World) -> int:
    """A policy of 10 million yuan from 1 March 2026; the product's deductible is 500,000.00."""
    with at("2026-02-27"):
        product = await make_in_library(world)
        form = policy(world, product, start_on="2026-03-01", end_on="2027-02-28")
        state = await world.post("clerk", "/policies", form)
    policy_id: int = state["id"]
    return policy_id


def _loss(policy_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "policy": policy_id,
        "loss_on": "2026-04-01",
        "cause": "水损",
        "estimate_fen": 200_000_000,
    } | changes


async def _registered(world: World, policy_id: int, **changes: Any) -> str:
    with at("2026-04-02"):
        state = await world.post("firm", "/claims", _loss(policy_id, **changes))
        path = f"/claims/{state['number']}"
        await world.post("clerk", f"{path}/registration", {"flags": ["fraud"]})
    number: str = state["number"]
    return number


async def test_a_single_insurer_decides_alone_and_owes_nobody(
    world: World, recorded: int
) -> None:
    number = await _registered(world, recorded)
    path = f"/claims/{number}"
    with at("2026-04-03"):
        form = {"losses": [{"gross_fen": 150_000_000}]}
        state = await world.post("clerk", f"{path}/assessment", form)
        assert state["assessed_fen"] == 100_000_000
        answer = await world.call("manager", "POST", f"{path}/consent", {})
        assert "claim.consent_alone" in answer.text
        state = await world.post("manager", f"{path}/agreement", {})
        # 保险法第二十三条: ten days; 13 April 2026 is a Monday.
        assert state["payment_due_on"] == "2026-04-13"
        state = await world.post("clerk", f"{path}/payments", payment(100_000_000))
        assert state["status"] == "paid"
        parts = state["movement"]["parts"]
        assert [(p["share_units"], p["amount_fen"]) for p in parts] == [(10**8, 100_000_000)]
        assert state["movement"]["obligations"] == []
        await world.post("manager", f"{path}/closing", {"reason": "赔付完毕"})
    decision = (await world.get("clerk", path))["decisions"][0]
    assert (decision["basis"], decision["basis_zh"]) == ("sole", "独家承保")
    for table in ("entry", "obligation", "claim_notice"):
        assert await sql_value(f"SELECT count(*) FROM {table}") == 0
    assert await sql_value("SELECT paid_fen FROM policy_loss") == 100_000_000


async def test_a_single_insurers_claim_has_its_evidence(
    world: World, recorded: int, tmp_path: Path
) -> None:
    number = await _registered(world, recorded)
    body = {"subject_kind": "claim", "subject": number}
    with at("2026-04-03"):
        await world.post("clerk", f"/claims/{number}/assessment", {"losses": [{"gross_fen": 1}]})
        for who in ("rival", "firm"):
            assert (await world.call(who, "POST", "/evidence-bundles", body)).status_code in (
                403,
                404,
            )
        made = await world.post("clerk", "/evidence-bundles", body)
        whole = await world.post("auditor", "/evidence-bundles", body)
    path = f"/evidence-bundles/{made['number']}"
    assert (await world.call("rival", "GET", f"{path}/archive.zip")).status_code == 404
    other = f"/evidence-bundles/{whole['number']}/archive.zip"
    assert (await world.call("clerk", "GET", other)).status_code == 404
    answer = await world.call("clerk", "GET", f"{path}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(tmp_path)
    for manifest in ("SHA256SUMS", "REGISTRY-SHA256SUMS"):
        run("sha256sum", "-c", "--quiet", manifest, cwd=tmp_path)
    claim = json.loads((tmp_path / "facts/claim.json").read_text("utf-8"))
    assert [row["number"] for row in claim] == [number]
    assert (tmp_path / "calculations/assessment-1.json").exists()
    assert not (tmp_path / "agreement").exists()
    assert "无共保协议" in (await world.call("clerk", "GET", f"{path}/print.html")).text


async def test_sum_insured_is_the_most_of_all_claims(world: World, recorded: int) -> None:
    """保险法第十八条: 10 million in all, whatever each claim comes to."""
    assessed = []
    for n, gross in enumerate((700_000_000, 700_000_000)):
        number = await _registered(world, recorded, event=f"E{n}")
        with at("2026-04-03"):
            form = {"losses": [{"gross_fen": gross}]}
            state = await world.post("clerk", f"/claims/{number}/assessment", form)
            await world.post("manager", f"/claims/{number}/agreement", {})
        assessed.append(state["assessed_fen"])
    assert assessed == [650_000_000, 350_000_000]
    with at("2026-05-06"):
        form = {"policy": recorded, "amount_fen": 650_000_000, "effective_on": "2026-05-06",
                "reason": "恢复保险金额"}  # fmt: skip
        made = await world.post("manager", "/reinstatements", form)
        answer = await world.call("rival_manager", "POST", "/reinstatements", form)
    assert (made["section"], made["left_fen"]) == ("policy", 650_000_000)
    assert answer.status_code == 404


async def test_several_insurers_without_a_pool_are_refused(world: World) -> None:
    with at("2026-02-27"):
        product = await make_in_library(world)
        two = [
            {"uscc": world.usccs["insurer"], "share_units": 60_000_000},
            {"uscc": world.usccs["other_insurer"], "share_units": 40_000_000},
        ]
        form = policy(
            world, product, start_on="2026-03-01", end_on="2027-02-28", insurers=two
        )
        state = await world.post("clerk", "/policies", form)
    with at("2026-04-02"):
        answer = await world.call("firm", "POST", "/claims", _loss(state["id"]))
    assert "claim.several_insurers" in answer.text


async def test_strangers_and_wrong_addresses(world: World, recorded: int) -> None:
    with at("2026-04-02"):
        for who in ("rival", "rival_manager"):
            answer = await world.call(who, "POST", "/claims", _loss(recorded))
            assert answer.status_code == 404
        for changes in ({"placement": "PL-2026-000001"}, {"policy": None}):
            answer = await world.call("firm", "POST", "/claims", _loss(recorded, **changes))
            assert "claim.one_policy" in answer.text
        number = await _registered(world, recorded)
        answer = await world.call("rival", "GET", f"/claims/{number}")
    assert answer.status_code == 404
