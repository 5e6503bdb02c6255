"""Worked cases of signing, capacity and legal character: market practice, courts, regulator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.coinsurance.cases import Case, differences, load_cases
from tests.factories import World

CASES = load_cases("signing*.toml", "capacity*.toml", "character*.toml")
NONE = -1
"""TOML has no null: -1 stands for a number that is not there."""


def _numbers(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _numbers(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_numbers(item) for item in answer]
    return NONE if answer is None else answer


def test_there_are_enough_cases_and_each_names_its_source() -> None:
    assert len(CASES) >= 55
    assert [str(case) for case in CASES if len(case.source) < 4] == []
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_worked_case(case: Case, world: World) -> None:
    answer = await world.call("auditor", "POST", f"/what-if/{case.route}", case.ask)
    body = answer.json()
    if case.refused:
        assert answer.status_code == 422, answer.text
        assert [error["code"] for error in body["errors"]] == list(case.refused)
    else:
        assert answer.status_code == 200, answer.text
    assert differences(_numbers(body), case.expect) == {}
