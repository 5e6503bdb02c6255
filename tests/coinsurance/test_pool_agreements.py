"""Agreements: drafted, checked, voted, in force by resolution; a fourth pool from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import coinsurance
from service.kernel.db import sql
from service.kernel.rulebook import load
from tests.coinsurance.pooling import (
    RESOLUTION,
    add_second_officers,
    answer_all,
    invitation,
    make_agreement,
    make_founders,
    make_pool,
    make_schedule,
    on,
)
from tests.factories import World

BOOKS = Path(coinsurance.__file__).parent / "rules" / "books" / "pools"
IC = (BOOKS / "integrated-circuit.toml").read_text("utf-8")
FOURTH = Path(__file__).parent.parent / "cases" / "books" / "commercial-space.toml"


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


def version_of(text: str, version: str, day: str) -> str:
    """The agreement as a new version from another day, its cases citing it."""
    return text.replace("2025.1", version).replace("valid_from = 2025-01-01", f"valid_from = {day}")


async def test_a_pool_is_founded_once_and_from_a_published_rule(world: World) -> None:
    made = await world.post("officer", "/pools", {"family": "pool/biomedicine"})
    assert (made["code"], made["status"], made["industry"]) == (
        "biomedicine",
        "forming",
        "生物医药",
    )
    again = await world.call("officer", "POST", "/pools", {"family": "pool/biomedicine"})
    assert (again.status_code, codes(again)) == (409, ["pool.code_taken"])
    for family, code in (
        ("pool/no-such", "pool.no_book"),
        ("subsidy/eastlake-example", "pool.not_pool_family"),
        ("pool/", "pool.not_pool_family"),
    ):
        answer = await world.call("officer", "POST", "/pools", {"family": family})
        assert codes(answer) == [code]


async def test_an_agreement_takes_effect_by_consent_and_resolution(world: World) -> None:
    pooled = await make_pool(world, 3, until="agreed")
    base = f"/pools/{pooled.code}/agreements/{pooled.version}"
    record = await world.get("m2", base)
    assert (record["status"], record["hash_fits"], record["findings"]) == ("effective", True, [])
    assert record["resolution_number"] == RESOLUTION["resolution_number"]
    assert all(example["passes"] for example in record["examples"])
    clauses = {clause["key"]: clause for clause in record["clauses"]}
    fee = clauses["lead_fee"]
    assert fee["clause"] == "pool/integrated-circuit/2025.1 第十三条第一款"
    assert fee["text"].startswith("按跟单成员保费的 1.5% 向首席支付，另计 6% 增值税")
    assert [event["event"] for event in record["history"]] == ["draft", "ask", "take_effect"]
    listed = await world.get("auditor", f"/pools/{pooled.code}/agreements")
    assert [item["version"] for item in listed] == ["2025.1"]


async def test_who_has_no_part_in_the_pool_does_not_see_its_agreement(world: World) -> None:
    pooled = await make_pool(world, 2, until="agreed")
    base = f"/pools/{pooled.code}/agreements"
    assert await world.get("rival_manager", base) == []
    for path in (f"{base}/{pooled.version}", f"{base}/{pooled.version}/difference"):
        assert (await world.call("rival_manager", "GET", path)).status_code == 404
        assert (await world.call("firm", "GET", path)).status_code == 403
    pool = await world.get("firm", f"/pools/{pooled.code}")
    assert (pool["name"], "members" in pool) == ("集成电路产业科技保险共保体", False)


async def test_an_agreement_whose_example_fails_is_refused(world: World) -> None:
    pooled = await make_founders(world, 2)
    text = IC.replace("rate_ppm = 15_000", "rate_ppm = 250_000").replace(
        "value = 10_000_000\nunit", "value = 10_000_001\nunit"
    )
    answer = await world.call("officer", "POST", f"/pools/{pooled.code}/agreements", {"text": text})
    found = {error["code"]: error for error in answer.json()["errors"]}
    assert answer.status_code == 422
    failing = next(e for e in answer.json()["errors"] if e["code"] == "rulebook.case_fails")
    assert failing["params"]["expected"] == "true"
    assert failing["source"] == "pool/integrated-circuit/2025.1 第十四条第二款"
    assert failing["remedy_zh"] == "请核对规则值与算例"
    fee = found["agreement.fee_like_commission"]
    assert (fee["source"], fee["rule"]) == ("第十三条第一款", "保监发〔2006〕31号")
    assert "agreement.differs_from_published" in found
    assert await world.get("officer", f"/pools/{pooled.code}/agreements") == []


async def test_a_stored_text_that_fails_later_does_not_take_effect(world: World) -> None:
    pooled = await make_founders(world, 2)
    base = f"/pools/{pooled.code}/agreements"
    await world.post("officer", base)
    parties = [{"uscc": uscc} for uscc in pooled.usccs.values()]
    voted = await world.post("officer", f"{base}/2025.1/vote", {"parties": parties})
    await answer_all(pooled, voted["consent_request"])
    broken = IC.replace("joint = true", "joint = false")
    await sql("ALTER TABLE pool_agreement DISABLE TRIGGER pool_agreement_fixed")
    await sql("UPDATE pool_agreement SET body = $1", broken)
    await sql("ALTER TABLE pool_agreement ENABLE TRIGGER pool_agreement_fixed")
    answer = await world.call("approver", "POST", f"{base}/2025.1/effect", RESOLUTION)
    assert set(codes(answer)) == {"agreement.hash_differs", "rulebook.case_fails"}
    record = await world.get("officer", f"{base}/2025.1")
    assert (record["status"], record["hash_fits"]) == ("under_vote", False)


async def test_no_effect_without_consent_and_with_four_eyes(world: World) -> None:
    pooled = await make_founders(world, 2)
    base = f"/pools/{pooled.code}/agreements"
    await world.post("officer", base)
    early = await world.call("approver", "POST", f"{base}/2025.1/effect", RESOLUTION)
    assert codes(early) == ["workflow.step_not_allowed"]
    parties = [{"uscc": uscc} for uscc in pooled.usccs.values()]
    await world.post("officer", f"{base}/2025.1/vote", {"parties": parties})
    waiting = await world.call("approver", "POST", f"{base}/2025.1/effect", RESOLUTION)
    assert codes(waiting) == ["consent.not_given"]
    again = await world.call("officer", "POST", base, {})
    assert (again.status_code, codes(again)) == (409, ["agreement.version_taken"])
    gone = await world.post("officer", f"{base}/2025.1/withdrawal", {"note": "重拟"})
    assert gone["status"] == "withdrawn"


async def test_founders_are_at_least_two_insurers(world: World) -> None:
    pooled = await make_founders(world, 2)
    base = f"/pools/{pooled.code}/agreements"
    await world.post("officer", base)
    for parties, wanted in (
        ([], ["agreement.founders_few"]),
        ([{"uscc": "91420100MA00000000"}], ["pool.unknown_organisation"]),
        (
            [{"uscc": world.usccs["enterprise"]}, {"uscc": pooled.usccs["m2"]}],
            ["agreement.not_direct_insurer"],
        ),
        ([{"uscc": pooled.usccs["m2"]}] * 2, ["agreement.asked_twice"]),
    ):
        answer = await world.call("officer", "POST", f"{base}/2025.1/vote", {"parties": parties})
        assert codes(answer) == wanted


async def test_the_next_version_follows_and_says_what_differs(world: World) -> None:
    pooled = await make_pool(world, 2, "integrated-circuit")
    await add_second_officers(world)
    base = f"/pools/{pooled.code}/agreements"
    text = version_of(IC, "2026.7", "2026-07-01").replace("days = 90", "days = 60")
    with on("2026-06-01"):
        await world.post("manager", base, {"text": text})
        named = await world.call(
            "manager", "POST", f"{base}/2026.7/vote", {"parties": [{"uscc": pooled.usccs["m2"]}]}
        )
        assert codes(named) == ["agreement.parties_known"]
        voted = await world.post("manager", f"{base}/2026.7/vote")
        await answer_all(pooled, voted["consent_request"])
        await world.post("approver", f"{base}/2026.7/effect", RESOLUTION)
    rows = {item["version"]: item for item in await world.get("officer", base)}
    assert (rows["2025.1"]["status"], rows["2025.1"]["valid_to"]) == ("superseded", "2026-06-30")
    assert rows["2026.7"]["status"] == "effective"
    changed = await world.get("m2", f"{base}/2026.7/difference")
    notice = next(change for change in changed if change["key"] == "exit_notice")
    assert (notice["kind"], notice["title"]) == ("changed", "退出通知")
    assert ("90 日" in notice["old"], "60 日" in notice["new"]) == (True, True)
    back = await world.get("m2", f"{base}/2025.1/difference?to=2026.7")
    assert {c["key"] for c in back} >= {"exit_notice", "valid_from"}
    year = await world.get("m2", f"/pool-years/{pooled.year}")
    assert year["agreement"] == "2025.1", "a running year keeps its agreement"


async def test_a_follower_may_not_draft_and_an_older_day_is_refused(world: World) -> None:
    pooled = await make_pool(world, 2)
    base = f"/pools/{pooled.code}/agreements"
    text = version_of(IC, "2024.1", "2024-01-01")
    mine = await world.call("m2_manager", "POST", base, {"text": text})
    assert (mine.status_code, codes(mine)) == (403, ["pool.role_missing"])
    await world.post("officer", base, {"text": text})
    voted = await world.post("officer", f"{base}/2024.1/vote")
    await answer_all(pooled, voted["consent_request"])
    late = await world.call("approver", "POST", f"{base}/2024.1/effect", RESOLUTION)
    assert codes(late) == ["agreement.not_after_last"]
    other = await world.call(
        "officer", "POST", base, {"text": (BOOKS / "biomedicine.toml").read_text("utf-8")}
    )
    assert codes(other) == ["agreement.other_pool"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('rule = "all", days = 10', 'rule = "count", days = 10', "agreement.consent_number"),
        ("deemed = true }", "deemed = 1 }", "agreement.value"),
        ('mode = "gross"', 'mode = "both"', "agreement.value"),
        ("set_off = false", "set_off = true", "agreement.gross_set_off"),
        ('["lead_fee", "lead_fee_tax"]', '["lead_fee_tax"]', "agreement.fee_not_listed"),
        ("value = { allowed = false }", "value = { allowed = true }", "agreement.netting"),
        ("rate_ppm = 43_500", "rate_ppm = 1_000_001", "agreement.rate"),
        ('"CNY"', '"yuan"', "agreement.currency"),
        ('version = "2025.1"', 'version = "2025 .1"', "agreement.version"),
        ("days = 21,", "days = 2.5,", "rulebook.float"),
        ("[values.remittance]", "[values.remitance]", "rulebook.missing_key"),
        ('source = "第十八条"', 'source = ""', "rulebook.source_missing"),
    ],
)  # fmt: skip
async def test_what_cannot_be_an_agreement(world: World, old: str, new: str, code: str) -> None:
    assert old in IC
    answer = await world.call(
        "manager", "POST", "/what-if/agreements", {"text": IC.replace(old, new)}
    )
    assert answer.status_code == 200
    assert code in [finding["code"] for finding in answer.json()["findings"]]
    assert answer.json()["passes"] is False


async def test_a_fourth_pool_is_one_file(world: World) -> None:
    """Commercial space: no code, no migration; published like any rule, then founded and run."""
    await add_second_officers(world)
    text = FOURTH.read_text("utf-8")
    await publish(world, text)
    pooled = await make_founders(world, 3, "commercial-space", serial=800)
    with on("2026-01-05"):
        await make_agreement(pooled)
        await world.post("officer", "/pools/commercial-space/years", {"year": 2026})
        for n, login in enumerate(pooled.members):
            roles = (
                ["lead", "issuer", "claims_handler", "account_keeper"] if n == 0 else ["follower"]
            )
            base = f"/pool-years/{pooled.year}/members"
            await world.post("officer", base, invitation(pooled.usccs[login], roles))
            code = pooled.usccs[login]
            await world.post(pooled.manager(login), f"{base}/{code}/acceptance")
        await make_schedule(pooled, [50_000_000, 30_000_000, 20_000_000])
        await world.post("officer", f"/pool-years/{pooled.year}/signing")
        opened = await world.post("approver", f"/pool-years/{pooled.year}/opening")
    assert opened["status"] == "open"
    record = await world.get("officer", "/pools/commercial-space")
    assert (record["industry"], record["status"]) == ("商业航天", "active")


async def publish(world: World, text: str) -> None:
    """Publish a rule as the console and the API do: one person prepares, another answers for it."""
    book = load(text)
    made = await world.post("pool_officer", "/rule-drafts", {"text": text})
    draft = made["draft"]
    await world.post(
        "approver", f"/rule-drafts/{draft['id']}/publication", {"hash": book.hash, "note": ""}
    )
    listed = await world.get("officer", f"/rule-versions?family={book.family}")
    assert [item["version"] for item in listed] == [book.version]
