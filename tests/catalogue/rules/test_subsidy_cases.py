"""Worked cases as data: every file of tests/cases/subsidy, and those inside the shipped books."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalogue.rules.subsidy_examples import answer_of, cases

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['name']}")
def test_case(case: dict[str, Any]) -> None:
    got = answer_of(case)
    assert {key: got[key] for key in case["expect"]} == case["expect"]
    assert got["trace_holds"] is True


def test_there_are_enough_and_each_names_its_source() -> None:
    assert len(CASES) >= 60
    assert len({(case["file"], case["name"]) for case in CASES}) == len(CASES)
    assert all("derived" in case["source"] for case in CASES)
    assert {name for case in CASES for name in case} <= {
        "file",
        "name",
        "book",
        "source",
        "rule",
        "without",
        "given",
        "expect",
    }


def test_the_six_vectors_are_there() -> None:
    words = ("first", "second", "third", "fourth", "fifth", "sixth")
    sources = [case["source"] for case in CASES]
    assert all(any(f"POLICY 9.1, {word} vector" in text for text in sources) for word in words)


def test_every_shipped_book_is_used() -> None:
    assert {case["book"] for case in CASES} >= {
        "national-first-set-2015",
        "national-first-set-2019",
        "national-first-set-2024",
        "national-first-batch-2017",
        "national-first-batch-2025",
        "zhejiang-first-set-2024",
        "haidian-general-2025",
        "eastlake-example-2026",
    }
