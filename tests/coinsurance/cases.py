"""Worked cases of premium as data (tests/cases/pools): asked of the API, compared figure by figure.

A case names its source, or says 自行演算 (derived). `ask` is the body of POST /what-if/<route>;
`expect` holds figures by path: names and positions joined by dots, `*` for every item of a list,
`name=value` for the items whose name has that value; `refused` holds codes of findings.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "cases" / "pools"


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case."""

    file: str
    name: str
    source: str
    route: str
    ask: dict[str, Any]
    expect: dict[str, Any]
    refused: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"


def load_cases(*patterns: str) -> list[Case]:
    """The cases of the files that match, in order."""
    found = []
    for path in sorted({p for pattern in patterns for p in FOLDER.glob(pattern)}):
        table = tomllib.loads(path.read_text("utf-8"))
        for case in table["case"]:
            found.append(
                Case(
                    path.stem,
                    case["name"],
                    case["source"],
                    case.get("route", table.get("route", "")),
                    plain({**table.get("ask", {}), **case["ask"]}),
                    case.get("expect", {}),
                    tuple(case.get("refused", ())),
                )
            )
    return found


def plain(value: Any) -> Any:
    """Days of TOML as the API writes them; what is null in JSON is an empty text in TOML."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else value


def figure(answer: Any, path: str) -> Any:
    """What stands at a path of an answer; a list where the path walks over several items."""
    found, many = [answer], False
    for step in path.split("."):
        if step == "*":
            found, many = [item for value in found for item in value], True
        elif "=" in step:
            name, wanted = step.split("=", 1)
            found = [i for value in found for i in value if str(i[name]) == wanted]
            many = True
        elif step.lstrip("-").isdigit() and isinstance(found[0], list):
            found = [value[int(step)] for value in found]
        else:
            found = [value[step] for value in found]
    return found if many else found[0]


def differences(answer: Any, expect: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Expected and found, for every path where they differ."""
    wanted = {path: plain(value) for path, value in expect.items()}
    seen = {path: plain(figure(answer, path)) for path in wanted}
    return {path: (wanted[path], seen[path]) for path in wanted if wanted[path] != seen[path]}
