"""Worked cases of splits, premium, fees, refunds: textbooks, other ledgers, courts, practice."""

from __future__ import annotations

import pytest

from tests.coinsurance.cases import Case, differences, load_cases
from tests.factories import World

CASES = load_cases("split*.toml", "premium*.toml", "fees*.toml", "refunds*.toml")


def test_there_are_enough_cases_and_each_names_its_source() -> None:
    assert len(CASES) >= 35
    assert [str(case) for case in CASES if len(case.source) < 4] == []
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_worked_case(case: Case, world: World) -> None:
    answer = await world.call("clerk", "POST", f"/what-if/{case.route}", case.ask)
    body = answer.json()
    if case.refused:
        assert answer.status_code == 422, answer.text
        assert [error["code"] for error in body["errors"]] == list(case.refused)
        assert all(error["remedy_zh"] for error in body["errors"])
    else:
        assert answer.status_code == 200, answer.text
    assert differences(body, case.expect) == {}
