"""The worked cases of tests/cases/settlement: interest, netting, statements, reconciliation."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from coinsurance.rules.agreement.terms import DisputeLevel
from coinsurance.rules.nouns import DayKind
from coinsurance.rules.settlement.ageing import Bucket, OpenDebt, bucket_of, reminder_stage, table
from coinsurance.rules.settlement.bordereau import BookedLine, compare
from coinsurance.rules.settlement.day_count import DayCount, counted_days
from coinsurance.rules.settlement.debts import Debt, Discharge, Method
from coinsurance.rules.settlement.interest import interest
from coinsurance.rules.settlement.ladder import first_rung, may_escalate, next_rung
from coinsurance.rules.settlement.netting import discharged, plan
from coinsurance.rules.settlement.periods import check_period, parse_period
from coinsurance.rules.settlement.reconciliation import Leg, reconcile
from coinsurance.rules.settlement.statements import SumRow, figures
from service.kernel.errors import Refused
from tests.coinsurance.rules.settlement_cases import FOLDER, cases, debt, named

ON = date(2026, 6, 30)


@pytest.mark.parametrize("case", cases("interest", "days"), ids=named)
def test_days_of_thirty(case: dict[str, Any]) -> None:
    days = [
        counted_days(case["from"], case["to"], basis)
        for basis in (DayCount.THIRTY_360, DayCount.THIRTY_E_360)
    ]
    assert days == [case["us"], case["eu"]]


@pytest.mark.parametrize("case", cases("interest", "interest"), ids=named)
def test_interest(case: dict[str, Any]) -> None:
    found = interest(debt(case), case["until_on"])
    assert (found.days, found.amount_fen) == (case["days"], case["amount_fen"])
    assert found.open_fen == case.get("open_fen", case["principal_fen"])
    if "exact" in case:
        assert found.exact == Fraction(*case["exact"])


@pytest.mark.parametrize("case", cases("interest", "refused"), ids=named)
def test_debts_that_bear_no_interest(case: dict[str, Any]) -> None:
    with pytest.raises(Refused) as told:
        interest(debt({"due_on": date(2026, 1, 1), **case}), date(2026, 2, 1))
    assert [finding.code for finding in told.value.findings] == case["codes"]


@pytest.mark.parametrize("case", cases("netting", "plan"), ids=named)
def test_settling(case: dict[str, Any]) -> None:
    found = plan([Debt(*row) for row in case["debts"]], Method(case["method"]), case["sets"])
    assert [[p.payer, p.payee, p.amount_fen] for p in found.instructions] == case["pays"]
    circles = [[list(circle.members), circle.amount_fen] for circle in found.circles]
    assert circles == case.get("circles", [])
    assert {position.member: position.net_fen for position in found.before} == case["net"]
    assert (found.gross_fen, found.cash_fen) == (case["gross_fen"], case["cash_fen"])


@pytest.mark.parametrize("case", cases("netting", "refused"), ids=named)
def test_settling_that_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(Refused) as told:
        plan([Debt(*row) for row in case["debts"]], Method(case["method"]), case["sets"])
    assert [finding.code for finding in told.value.findings] == case["codes"]


@pytest.mark.parametrize("case", cases("netting", "partial"), ids=named)
def test_part_of_a_payment(case: dict[str, Any]) -> None:
    rows = [Discharge(*row) for row in case["discharges"]]
    done = discharged(rows, case["before_fen"], case["paid_fen"])
    assert {part.reference: part.amount_fen for part in done} == case["done"]


@pytest.mark.parametrize("case", cases("statements", "figures"), ids=named)
def test_statement(case: dict[str, Any]) -> None:
    rows = [SumRow(1, *row) for row in case["rows"]]
    before_fen = case.get("disputed_before_fen", 0)
    found = figures(rows, case["brought_forward_fen"], before_fen)
    assert {part.item.value: part.amount_fen for part in found.items} == case["items"]
    assert found.settled_fen == case["settled_fen"]
    assert found.carried_forward_fen == case["carried_forward_fen"]
    assert found.disputed_fen == case.get("disputed_fen", before_fen)
    assert found.ordinary_fen == case.get("ordinary_fen", found.carried_forward_fen)


@pytest.mark.parametrize("case", cases("statements", "period"), ids=named)
def test_closing_a_period(case: dict[str, Any]) -> None:
    previous = parse_period(case["previous"]) if "previous" in case else None
    found = check_period(
        parse_period(case["period"]), case["kind"], previous, date(2026, 1, 1), case["today"]
    )
    assert [finding.code for finding in found] == case["codes"]


@pytest.mark.parametrize("case", cases("reconciliation", "reconcile"), ids=named)
def test_reconciling(case: dict[str, Any]) -> None:
    sides = [[Leg(*row) for row in case[side]] for side in ("expected", "stated", "banked")]
    found = reconcile(*sides, case.get("cutoff_on"))
    breaks = [[b.code.value, b.reference, b.difference_fen] for b in found.breaks]
    assert breaks == case["breaks"]
    assert list(found.matched) == case.get("matched", [])
    told = {b.reference: [s.code for s in b.suggestions] for b in found.breaks}
    for reference, codes in case.get("suggested", {}).items():
        assert told[reference] == codes


@pytest.mark.parametrize("case", cases("reconciliation", "compare"), ids=named)
def test_comparing_a_members_list(case: dict[str, Any]) -> None:
    sides = [[BookedLine(*row) for row in case[side]] for side in ("stated", "uploaded")]
    found = compare(*sides)
    assert [[line.verdict.value, line.difference_fen] for line in found] == case["verdicts"]


@pytest.mark.parametrize("case", cases("ageing", "bucket"), ids=named)
def test_age_of_a_debt(case: dict[str, Any]) -> None:
    due_on = case.get("due_on")
    assert bucket_of(due_on, ON).value == case["bucket"]
    assert reminder_stage(due_on, ON) == case.get("stage")


@pytest.mark.parametrize("case", cases("ageing", "table"), ids=named)
def test_ageing_table(case: dict[str, Any]) -> None:
    (row,) = table([OpenDebt(*debt) for debt in case["debts"]], ON)
    told = {bucket.value: fen for bucket, fen in row.buckets}
    assert told == {bucket.value: 0 for bucket in Bucket} | case["row"]
    assert row.total_fen == case["total_fen"]


@pytest.mark.parametrize("case", cases("ageing", "ladder"), ids=named)
def test_clock_of_a_level(case: dict[str, Any]) -> None:
    levels = [DisputeLevel(n, d, DayKind(k)) for n, d, k in case["levels"]]
    on = case["on"]
    level = case["level"]
    rung = first_rung(levels, on) if level == 1 else next_rung(levels, level - 1, on)
    assert (rung.level, rung.due_on) == (level, case["due_on"])
    assert [may_escalate(rung, day) for day in (rung.due_on, date(2027, 1, 1))] == [False, True]


def test_every_case_names_its_source() -> None:
    for path in FOLDER.glob("*.toml"):
        for line in path.read_text("utf-8").split("\n[[")[1:]:
            assert 'source = "' in line, (path.name, line[:80])
