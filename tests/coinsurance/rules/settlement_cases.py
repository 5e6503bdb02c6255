"""Reading the worked cases of settlement, and turning their rows into what the rules take."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from coinsurance.rules.settlement.day_count import DayCount
from coinsurance.rules.settlement.interest import LateDebt, Payment, RateStep

FOLDER = Path(__file__).resolve().parent.parent.parent / "cases" / "settlement"


def cases(file: str, table: str) -> list[dict[str, Any]]:
    """The cases of one table of a file."""
    found: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{file}.toml").read_text("utf-8"))[table]
    return found


def named(case: dict[str, Any]) -> str:
    """The name of a case, for the test's id."""
    return str(case["name"])


def debt(case: dict[str, Any]) -> LateDebt:
    """The debt of an interest case."""
    rates = case.get("rates") or [[case.get("due_on"), case["rate_ppm"]]]
    return LateDebt(
        principal_fen=case["principal_fen"],
        due_on=case.get("due_on"),
        rates=tuple(RateStep(*step) for step in rates),
        day_count=DayCount(case.get("day_count", "ACT/365")),
        payments=tuple(Payment(*payment) for payment in case.get("payments", [])),
    )
