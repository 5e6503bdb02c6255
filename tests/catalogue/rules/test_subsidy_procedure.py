"""Checklist, public notice, deadlines, ban, retention; the arithmetic of days."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.rules.subsidy import (
    ban_until,
    checklist,
    decision_due_on,
    may_return,
    notice_period,
    objection_due_on,
    procedure_gaps,
    retain_until,
    return_due_on,
)
from catalogue.rules.subsidy.dates import (
    add_months,
    add_years,
    gap_days,
    within_months,
    year_end_on,
)
from catalogue.rules.subsidy.procedure import PROCEDURE_KEYS
from service.kernel.errors import Refused
from tests.catalogue.rules.subsidy_examples import rules

EXAMPLE = rules()
SILENT = rules("henan-first-version-2021")


def test_checklist_follows_the_rule() -> None:
    items = checklist(EXAMPLE, {"policy_copy"})
    codes = [item.code for item in items]
    assert codes[:3] == ["application_form", "business_licence", "policy_copy"]
    assert [item.code for item in items if item.attached] == ["policy_copy"]
    assert [item.code for item in items if not item.required] == [
        "sales_contract",
        "delivery_proof",
        "test_report",
    ]
    assert all(item.title_zh and item.source for item in items)
    assert checklist(SILENT) == []


@pytest.mark.parametrize(
    ("days", "calendar", "published_on", "last_on"),
    [
        (5, "working", date(2025, 9, 1), date(2025, 9, 8)),
        (5, "working", date(2025, 9, 26), date(2025, 10, 10)),  # make-up day 28 Sep, holiday
        (7, "calendar", date(2025, 9, 1), date(2025, 9, 8)),
        (7, "calendar", date(2025, 9, 27), date(2025, 10, 9)),  # ends in the holiday
        (10, "working", date(2024, 2, 8), date(2024, 2, 28)),  # spring festival 2024
    ],
)
def test_notice(days: int, calendar: str, published_on: date, last_on: date) -> None:
    made = rules(public_notice_days={"days": days, "calendar": calendar})
    period = notice_period(made, published_on)
    assert period.last_on == last_on
    assert not period.may_close(last_on)
    assert period.may_close(date.fromordinal(last_on.toordinal() + 1))


def test_deadlines() -> None:
    assert return_due_on(EXAMPLE, date(2025, 9, 1)) == date(2025, 9, 15)
    assert objection_due_on(EXAMPLE, date(2025, 9, 1)) == date(2025, 9, 15)
    assert decision_due_on(EXAMPLE, date(2025, 6, 2)) == date(2025, 7, 14)
    assert may_return(EXAMPLE, 1)
    assert not may_return(EXAMPLE, 2)
    assert may_return(SILENT, 99)


def test_years_from_29_february() -> None:
    assert ban_until(EXAMPLE, date(2024, 2, 29)) == date(2027, 2, 28)
    assert retain_until(EXAMPLE, date(2024, 2, 29)) == date(2034, 2, 28)
    assert ban_until(EXAMPLE, date(2025, 3, 1)) == date(2028, 3, 1)


def test_a_silent_rule_is_not_filled_in() -> None:
    assert [f.params["key"] for f in procedure_gaps(SILENT)] == list(PROCEDURE_KEYS)
    assert procedure_gaps(EXAMPLE) == []
    for ask in (notice_period, return_due_on, objection_due_on, decision_due_on, ban_until):
        with pytest.raises(Refused) as refused:
            ask(SILENT, date(2025, 9, 1))
        assert refused.value.findings[0].code == "subsidy.procedure_missing"


def test_days() -> None:
    assert add_months(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert year_end_on(date(2024, 2, 29)) == date(2025, 2, 27)
    assert year_end_on(date(2023, 3, 1)) == date(2024, 2, 29)
    assert within_months(date(2023, 9, 15), date(2023, 12, 15), 3)
    assert not within_months(date(2023, 9, 15), date(2023, 12, 16), 3)


def test_gap() -> None:
    assert gap_days(date(2025, 5, 31), date(2025, 6, 1)) == 0
    assert gap_days(date(2025, 5, 31), date(2025, 6, 2)) == 1
    assert gap_days(date(2024, 2, 28), date(2024, 3, 1)) == 1
    assert gap_days(date(2025, 5, 31), date(2025, 5, 1)) == 0
