"""The worked cases of claims (tests/cases/claims), each through the rule it is about."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from coinsurance.rules.agreement.terms import Authority, BackstopBand, Deadline
from coinsurance.rules.claims.authority import judge
from coinsurance.rules.claims.backstop import check_bands, position
from coinsurance.rules.claims.cover import (
    Deductible,
    Erosion,
    Loss,
    Reinstated,
    ReinstatementTerms,
    Section,
    aggregate_left,
    check_losses,
    pays,
    reinstatement_premium,
)
from coinsurance.rules.claims.deadlines import due_after, is_late, payment_due, reimbursement_due
from coinsurance.rules.claims.decisions import consent_weights
from coinsurance.rules.claims.movements import (
    Member,
    MemberPart,
    SectionMoney,
    check_recovery,
    mirrored,
    parts_of,
)
from coinsurance.rules.claims.nouns import BeneficiaryKind, Combine
from coinsurance.rules.claims.payees import Earlier, Override, Party, PayeeFacts, check_payee
from coinsurance.rules.nouns import DayKind
from coinsurance.rules.settlement.day_count import DayCount
from coinsurance.rules.settlement.interest import LateDebt, Payment, RateStep, interest

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "claims"
DAY = date(2025, 10, 20)


def cases(name: str, table: str = "case") -> list[Any]:
    """The cases of one table of a file, each as a pytest parameter with its name."""
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return [pytest.param(case, id=case["name"]) for case in data[table]]


def test_every_case_names_its_source() -> None:
    count = 0
    for path in FOLDER.glob("*.toml"):
        for table in tomllib.loads(path.read_text("utf-8")).values():
            for case in table if isinstance(table, list) else []:
                count += 1
                assert case["source"].strip(), f"{path.name}: {case['name']}"
    assert count >= 40


@pytest.mark.parametrize("case", cases("authority"))
def test_authority(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    found = judge(
        [
            Authority(a["role"], a["amount_max_fen"], tuple(a.get("flags_allowed", ())))
            for a in given["authority"]
        ],
        given["roles"],
        given["amount_fen"],
        given.get("flags", ()),
        "示例协议 第十二条",
        members=given.get("members", 3),
    )
    assert (found.alone, found.basis.value) == (expect["alone"], expect["basis"])
    assert [f.code for f in found.findings] == expect["codes"]
    assert all(f.source == "示例协议 第十二条" for f in found.findings)


@pytest.mark.parametrize("case", cases("deadlines"))
def test_deadlines(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    kind, start = given.get("kind", "reimbursement"), given["start_on"]
    if kind == "payment":
        due = payment_due(start, None, "")
    elif kind == "none":
        due = due_after(start, None, "")
    else:
        term = Deadline(given["days"], DayKind(given["calendar"]))
        due = reimbursement_due(start, given.get("papers_on"), term, "示例协议 第十五条")
    assert due.on == expect.get("on")
    assert bool(due.waiting_zh) == expect.get("waiting", False)
    assert due.clause == expect.get("clause", due.clause)


@pytest.mark.parametrize("case", cases("deadlines", "late"))
def test_lateness(case: dict[str, Any]) -> None:
    given = case["given"]
    now: datetime = given["now"]
    assert is_late(given.get("served_at"), given.get("due_on"), now) is case["expect"]["late"]


def _bands(rows: list[dict[str, Any]]) -> list[BackstopBand]:
    return [BackstopBand(r["from_ppm"], r.get("to_ppm"), r["pool"], r["government"]) for r in rows]


@pytest.mark.parametrize("case", cases("backstop"))
def test_backstop(case: dict[str, Any]) -> None:
    given = case["given"]
    named = tomllib.loads((FOLDER / "backstop.toml").read_text("utf-8"))["bands"]
    rows = given.get("bands_given") or named.get(given.get("bands", ""), [])
    assert check_bands(_bands(rows)) == []
    found = position(_bands(rows), given["premium_fen"], given["loss_fen"])
    assert {name: getattr(found, name) for name in case["expect"]} == case["expect"]
    assert found.pool_fen + found.government_fen + found.uncovered_fen == given["loss_fen"]


@pytest.mark.parametrize("case", cases("backstop", "wrong"))
def test_wrong_bands(case: dict[str, Any]) -> None:
    assert [f.code for f in check_bands(_bands(case["bands"]))] == case["codes"]


@pytest.mark.parametrize("case", cases("interest"))
def test_interest(case: dict[str, Any]) -> None:
    given = case["given"]
    debt = LateDebt(
        given["principal_fen"],
        given["due_on"],
        (RateStep(given["due_on"], given["rate_ppm"]),),
        DayCount(given.get("day_count", "ACT/365")),
        tuple(Payment(p["on"], p["amount_fen"]) for p in given.get("payments", ())),
    )
    found = interest(debt, given["until_on"])
    assert {"amount_fen": found.amount_fen, "days": found.days} == case["expect"]


def _deductible(given: dict[str, Any]) -> Deductible:
    combine = Combine(given.get("combine", "greater"))
    return Deductible(
        given.get("fixed_fen", 0), given.get("rate_ppm", 0), combine, given.get("franchise", False)
    )


@pytest.mark.parametrize("case", cases("cover"))
def test_cover(case: dict[str, Any]) -> None:
    given, expect = case["given"], dict(case["expect"])
    sections = [Section(**row) for row in given["sections"]]
    losses = [Loss(**row) for row in given["losses"]]
    found = check_losses(losses, sections)
    assert [f.code for f in found] == expect.pop("codes", [])
    if found:
        return
    result = pays(losses, sections, _deductible(given.get("deductible", {})))
    by_section = {section.code: section.payable_fen for section in result.sections}
    assert by_section == expect.pop("sections", by_section)
    assert {name: getattr(result, name) for name in expect} == expect
    assert result.gross_fen == (
        result.salvage_fen + result.average_fen + result.deductible_fen + result.payable_fen
        + result.uncovered_fen
    )  # fmt: skip


@pytest.mark.parametrize("case", cases("cover", "aggregate"))
def test_aggregate(case: dict[str, Any]) -> None:
    given = case["given"]
    left_fen = aggregate_left(
        given["aggregate_fen"],
        [Erosion(e["on"], e["fen"]) for e in given["erosions"]],
        [Reinstated(r["on"], r["fen"]) for r in given.get("reinstated", ())],
        given["loss_on"],
    )
    assert left_fen == case["expect"]["left_fen"]


@pytest.mark.parametrize("case", cases("cover", "reinstatement"))
def test_reinstatement(case: dict[str, Any]) -> None:
    given = dict(case["given"])
    amount_fen = given.pop("amount_fen")
    found = reinstatement_premium(ReinstatementTerms(**given), amount_fen)
    assert found == case["expect"]["premium_fen"]


def _series(shares: list[int], amounts: list[Any]) -> list[list[int]]:
    allocated, total, rows = [0] * len(shares), 0, list[tuple[MemberPart, ...]]()
    for amount in amounts:
        if isinstance(amount, str):
            parts = mirrored(rows[int(amount.split()[1])])
        else:
            members = [Member(n, str(n), s, allocated[n]) for n, s in enumerate(shares)]
            parts = parts_of(members, total + amount)
        total += sum(part.amount_fen for part in parts)
        allocated = [a + p.amount_fen for a, p in zip(allocated, parts, strict=True)]
        rows.append(parts)
    return [[part.amount_fen for part in row] for row in rows]


@pytest.mark.parametrize("case", cases("money", "parts"))
def test_parts(case: dict[str, Any]) -> None:
    given = case["given"]
    assert _series(given["shares"], given["amounts_fen"]) == case["expect"]["parts"]


@pytest.mark.parametrize("case", cases("money", "recovery"))
def test_recovery(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    recovered_fen = given.get("recovered_fen", 0)
    money = SectionMoney("PD", given["paid_fen"], given["paid_fen"], 0, 0, recovered_fen)
    gross_fen, cost_fen = given["gross_fen"], given.get("cost_fen", 0)
    status = given.get("status", "paid")
    found = check_recovery(status, gross_fen, cost_fen, money, DAY, DAY, DAY)
    assert [f.code for f in found] == expect["codes"]
    if not found:
        assert _series(given["shares"], [gross_fen - cost_fen]) == [expect["parts"]]


@pytest.mark.parametrize("case", cases("money", "payee"))
def test_payee(case: dict[str, Any]) -> None:
    given = case["given"]
    facts = PayeeFacts(
        BeneficiaryKind(given.get("kind", "insured")),
        Party(given["beneficiary"], given.get("uscc", "")),
        given["payee"],
        given.get("account", "6222000099998888"),
        given.get("amount_fen", 100),
        given.get("user", 1),
        compensation_proof=given.get("proof", ""),
        earlier=tuple(
            Earlier(
                "CL-2025-000001",
                1,
                Party(e["beneficiary"], e.get("uscc", "")),
                e.get("payee", e["beneficiary"]),
                e.get("account", "6222000033334444"),
                e["amount_fen"],
            )
            for e in given.get("earlier", ())
        ),
        overrides=tuple(
            Override(n, Party(o["beneficiary"]), o["amount_max_fen"], o["granted_by"])
            for n, o in enumerate(given.get("overrides", ()), 1)
        ),
        insured=Party(given["insured"], given.get("insured_uscc", "")) if "insured" in given
        else None,
    )
    assert [f.code for f in check_payee(facts)] == case["expect"]["codes"]


@pytest.mark.parametrize("case", cases("money", "weights"))
def test_weights(case: dict[str, Any]) -> None:
    sections = case["given"]["sections"]
    order = range(len(sections[0]["shares"]))
    found = consent_weights(
        [(s["amount_fen"], dict(zip(order, s["shares"], strict=True))) for s in sections],
        list(order),
    )
    assert list(found.values()) == case["expect"]["weights"]
