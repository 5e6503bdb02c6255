"""Shipped subsidy books by file name, changed ones for tests, and the worked cases."""

from __future__ import annotations

import dataclasses
import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from catalogue.rules.subsidy import SubsidyRules, evaluate, subsidy_rules
from service.kernel.rulebook import RuleBook, RuleValue, load

ROOT = Path(__file__).parents[3]
BOOKS = ROOT / "catalogue" / "rules" / "books" / "subsidy"
CASES = ROOT / "tests" / "cases" / "subsidy"


def books() -> dict[str, RuleBook]:
    return {path.stem: book(path.stem) for path in sorted(BOOKS.glob("*.toml"))}


@cache
def book(name: str) -> RuleBook:
    return load((BOOKS / f"{name}.toml").read_text("utf-8"))


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def changed(name: str, rule: dict[str, Any], without: list[str] | None = None) -> RuleBook:
    """A shipped book with some values replaced and others left out."""
    shipped = book(name)
    values = {k: v for k, v in shipped.values.items() if k not in (without or [])}
    for key, value in rule.items():
        values[key] = RuleValue(_frozen(value), source="test", example=True)
    return dataclasses.replace(shipped, values=MappingProxyType(values))


def rules(name: str = "eastlake-example-2026", **rule: Any) -> SubsidyRules:
    return subsidy_rules(changed(name, rule))


def cases() -> list[dict[str, Any]]:
    return [
        {**case, "file": path.stem}
        for path in sorted(CASES.glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


def answer_of(case: dict[str, Any]) -> dict[str, Any]:
    made = changed(case["book"], case.get("rule", {}), case.get("without"))
    return dict(evaluate(made, _frozen(case["given"])))
