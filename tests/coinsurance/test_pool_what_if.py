"""Calculators of shares, consents, deadlines, re-signing and agreements; nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import coinsurance
from service.kernel.db import sql_value
from tests.coinsurance.pooling import make_pool
from tests.factories import World

BOOKS = Path(coinsurance.__file__).parent / "rules" / "books" / "pools"


async def ask(world: World, noun: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = await world.call("manager", "POST", f"/what-if/{noun}", body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_shares_by_capacity_with_exact_entitlements(world: World) -> None:
    members = [{"name": name, "capacity_fen": 1} for name in ("甲", "乙", "丙")]
    got = await ask(world, "shares", {"mode": "capacity", "members": members})
    assert [s["share_units"] for s in got["shares"]] == [33_333_334, 33_333_333, 33_333_333]
    assert got["shares"][0]["exact_units"] == {"numerator": "100000000", "denominator": "3"}
    assert got["shares"][0]["difference_units"] == {"numerator": "2", "denominator": "3"}
    assert (got["total_units"], got["lead"]["name"]) == (100_000_000, "甲")


async def test_exit_and_newcomer_of_new_business_only(world: World) -> None:
    members = [
        {"name": "甲", "share": "40%"},
        {"name": "乙", "share": "30%"},
        {"name": "丙", "share": "30%"},
    ]
    got = await ask(
        world,
        "shares",
        {"members": members, "exit": "甲", "newcomer": {"name": "丁", "share": "10%"}},
    )
    assert [(s["name"], s["share"]) for s in got["after"]] == [
        ("乙", "45%"),
        ("丙", "45%"),
        ("丁", "10%"),
    ]
    assert [c["before_units"] for c in got["run_off"]] == [40_000_000, 30_000_000, 30_000_000]
    assert got["lead_after"] == {"name": "乙", "tied": ["乙", "丙"], "decided_by": "position"}


async def test_shares_below_the_whole_name_the_difference(world: World) -> None:
    members = [{"name": "甲", "share": "50%"}, {"name": "乙", "share": "49.999999%"}]
    got = await ask(world, "shares", {"members": members}, 422)
    assert got["errors"][0]["params"]["difference_units"] == -1
    assert "-0.000001%" in got["detail"]


async def test_a_vote_with_deemed_consent(world: World) -> None:
    body = {
        "rule": "weighted",
        "threshold_units": 66_666_667,
        "days": 5,
        "calendar": "working",
        "deemed": True,
        "moment": "2025-10-16T09:00:00+08:00",
        "parties": [
            {"name": "甲", "weight_units": 60_000_000, "answer": "consented"},
            {
                "name": "乙",
                "weight_units": 40_000_000,
                "served_at": "2025-09-30T16:00:00+08:00",
            },
        ],
    }
    got = await ask(world, "consents", body)
    assert (got["outcome"], got["to_deem"], got["needed"]) == ("open", ["乙"], 66_666_667)
    assert got["parties"][1]["due_at"] == "2025-10-14T16:00:00Z"
    silent = await ask(world, "consents", body | {"deemed": False})
    assert silent["outcome"] == "expired"


async def test_chained_deadlines_over_new_year(world: World) -> None:
    terms = [
        {"start_on": "2025-01-24", "days": 3, "calendar": "working"},
        {"start_on": "2025-01-01", "days": 3, "calendar": "working"},
        {"start_on": "2025-01-01", "days": 21, "calendar": "calendar"},
    ]
    got = await ask(world, "deadlines", {"terms": terms, "chained": True})
    assert [a["last_on"] for a in got] == ["2025-02-05", "2025-02-08", "2025-03-03"]
    assert (got[1]["start_on"], got[2]["start_on"]) == ("2025-02-05", "2025-02-08")


async def test_a_term_without_calendar_keeps_its_facts(world: World) -> None:
    terms = [
        {"start_on": "2030-01-01", "days": 3, "calendar": "working"},
        {"start_on": "2030-01-01", "days": 3},
    ]
    got = await ask(world, "deadlines", {"terms": terms, "chained": True})
    assert [a["last_on"] for a in got] == [None, None]
    assert got[0]["open"]["missing_year"] == 2030


async def test_re_signing_from_plain_days(world: World) -> None:
    late = {"allowed_days": 10, "taken_days": 20}
    members = [
        {"name": "甲", "share": "50%"},
        {"name": "乙", "share": "50%", "remittance": late, "notice": late, "consent": late},
    ]
    got = await ask(world, "re-signing", {"members": members, "sway_ppm": 200_000})
    # 50 : 50 × (1 − 0.2 × 0.5) = 10 : 9
    assert [m["share_units"] for m in got["members"]] == [52_631_579, 47_368_421]
    assert got["members"][1]["score"] == {"numerator": "1", "denominator": "2"}
    assert "最大余数" in got["formula_zh"]


async def test_an_agreement_is_checked_without_being_kept(world: World) -> None:
    text = (BOOKS / "integrated-circuit.toml").read_text("utf-8")
    good = await ask(world, "agreements", {"text": text})
    assert (good["passes"], len(good["examples"])) == (True, 17)
    bad = await ask(world, "agreements", {"text": text.replace("days = 21,", "days = 30,")})
    failing = bad["findings"][0]
    assert (bad["passes"], failing["code"]) == (False, "rulebook.case_fails")
    assert failing["source"] == "pool/integrated-circuit/2025.1 第十二条第二款"
    assert await sql_value("SELECT count(*) FROM pool_agreement") == 0


async def test_a_pool_year_as_it_stands(world: World) -> None:
    pooled = await make_pool(world, 3)
    got = await ask(world, "shares", {"pool_year": pooled.year, "exit": pooled.usccs["m2"]})
    assert got["lead"]["name"] == pooled.usccs["clerk"]
    assert sum(s["share_units"] for s in got["after"]) == 100_000_000
    both = {"pool_year": pooled.year, "members": [{"name": "甲", "share": "100%"}]}
    assert (await ask(world, "shares", both, 422))["code"] == "shares.year_and_members"
    masked = await world.call("m2_manager", "POST", "/what-if/shares", {"pool_year": pooled.year})
    assert masked.status_code == 403
    foreign = await world.call(
        "rival_manager", "POST", "/what-if/shares", {"pool_year": pooled.year}
    )
    assert foreign.status_code == 404
