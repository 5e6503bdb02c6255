"""The claim calculator over HTTP: worked cases, and nothing is written."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.kernel.db import sql_value
from tests.factories import World

FILE = Path(__file__).resolve().parents[1] / "cases" / "claims" / "what_if.toml"
CASES = tomllib.loads(FILE.read_text("utf-8"))["case"]


def _plain(value: Any) -> Any:
    """TOML days as JSON writes them."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _expect(answer: Any, wanted: Any, path: str = "") -> None:
    """Every value that a case names is what was answered."""
    if isinstance(wanted, dict):
        for name, item in wanted.items():
            _expect(answer[name], item, f"{path}.{name}")
    elif isinstance(wanted, list) and isinstance(answer, list):
        assert len(answer) == len(wanted), f"{path}: {answer}"
        for n, item in enumerate(wanted):
            _expect(answer[n], item, f"{path}.{n}")
    else:
        assert answer == wanted, f"{path}: {answer} is not {wanted}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_worked_case(world: World, case: dict[str, Any]) -> None:
    answer = await world.call("clerk", "POST", "/what-if/claim", _plain(case["given"]))
    if "codes" in case:
        assert answer.status_code == 422
        assert {e["code"] for e in answer.json()["errors"]} == set(case["codes"])
        return
    assert answer.status_code == 200, answer.text
    _expect(answer.json(), _plain(case["expect"]))


async def test_nothing_is_written(world: World) -> None:
    before = await sql_value("SELECT count(*) FROM journal_event")
    await world.post("clerk", "/what-if/claim", _plain(CASES[0]["given"]))
    assert await sql_value("SELECT count(*) FROM journal_event") == before
    assert await sql_value("SELECT count(*) FROM claim") == 0


async def test_firms_do_not_calculate_for_insurers(world: World) -> None:
    answer = await world.call("firm", "POST", "/what-if/claim", {})
    assert answer.status_code == 403
