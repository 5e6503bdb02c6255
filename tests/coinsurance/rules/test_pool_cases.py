"""Worked cases of agreements, shares, consents and deadlines, run against rules and calculators."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

import coinsurance
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.cases import answer
from coinsurance.rules.agreement.terms import AgreementTerms
from service.kernel.rulebook.book import canonical_json
from tests.factories import World, make_world

BOOKS = Path(coinsurance.__file__).parent / "rules" / "books" / "pools"
CASES = Path(__file__).resolve().parents[2] / "cases" / "pools"


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))["case"]
    return found


def plain(value: Any) -> Any:
    """Days as texts, for JSON."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def agreement(code: str) -> AgreementTerms:
    return terms_of((BOOKS / f"{code}.toml").read_text("utf-8"))


@pytest.fixture
async def people(client: httpx.AsyncClient) -> World:
    return await make_world(client)


async def ask(world: World, noun: str, body: dict[str, Any], expect: dict[str, Any]) -> Any:
    """The answer of a calculator; None where it refuses with the codes that are expected."""
    got = await world.call("clerk", "POST", f"/what-if/{noun}", plain(body))
    if "errors" in expect:
        assert got.status_code == 422, got.text
        assert [error["code"] for error in got.json()["errors"]] == expect["errors"]
        if "difference_units" in expect:
            told = got.json()["errors"][0]["params"]["difference_units"]
            assert told == expect["difference_units"]
        return None
    assert got.status_code == 200, got.text
    return got.json()


@pytest.mark.parametrize("case", cases("agreement"), ids=named)
def test_agreement(case: dict[str, Any]) -> None:
    frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in case["given"].items()}
    got = answer(agreement(case["book"]), frozen)
    told = {key: got.get(key) for key in case["expect"]}
    assert canonical_json(told) == canonical_json(case["expect"])


@pytest.mark.parametrize("case", cases("deadlines"), ids=named)
async def test_deadline(people: World, case: dict[str, Any]) -> None:
    got = await ask(people, "deadlines", case["given"], case["expect"])
    assert [term["last_on"] or "-" for term in got] == case["expect"]["last_on"]
    if "late_from" in case["expect"]:
        assert [term["late_from"] for term in got] == case["expect"]["late_from"]


@pytest.mark.parametrize("case", cases("shares"), ids=named)
async def test_shares(people: World, case: dict[str, Any]) -> None:
    given, expect = dict(case["given"]), case["expect"]
    if "equal" in given:
        count = given.pop("equal")
        given["members"] = [{"name": f"M{n + 1}", "capacity_fen": 1} for n in range(count)]
    got = await ask(people, "shares", given, expect)
    if got is None:
        return
    units = [share["share_units"] for share in got["shares"]]
    counts = {str(value): units.count(value) for value in set(units)}
    after = [share["share_units"] for share in got["after"] or []]
    seen = {
        "units": units,
        "units_counts": counts,
        "first": units[0],
        "last": units[-1],
        "lead": got["lead"]["name"] or "-",
        "tied": got["lead"]["tied"],
        "decided_by": got["lead"]["decided_by"],
        "after": after,
        "lead_after": (got["lead_after"] or {}).get("name"),
        "run_off": [change["after_units"] for change in got["run_off"]],
    }
    assert {key: seen[key] for key in expect} == expect
    assert sum(units) == 100_000_000
    assert not after or sum(after) == 100_000_000


@pytest.mark.parametrize("case", cases("consents"), ids=named)
async def test_consent(people: World, case: dict[str, Any]) -> None:
    given, expect = dict(case["given"]), case["expect"]
    answers, served = given.pop("answers"), given.pop("served", None)
    weights = given.pop("weights", [0] * len(answers))
    given["parties"] = [
        {
            "name": f"M{n + 1}",
            "weight_units": weight,
            "answer": said,
            **({"served_at": served} if served and not said else {}),
        }
        for n, (said, weight) in enumerate(zip(answers, weights, strict=True))
    ]
    got = await ask(people, "consents", given, expect)
    if got is not None:
        due = {"due_at": got["parties"][-1]["due_at"]}
        assert {key: (got | due)[key] for key in expect} == expect


def test_there_are_enough_and_each_names_its_source() -> None:
    every = [
        (name, c) for name in ("agreement", "deadlines", "shares", "consents") for c in cases(name)
    ]
    assert len(every) >= 90
    assert len({(name, case["name"]) for name, case in every}) == len(every)
    assert all(case["source"].strip() for _, case in every)
