"""Identifiers: credit codes exhaustively, clause numbers by worked cases."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.numbering import (
    USCC_ALPHABET,
    business_number,
    check_file_number,
    check_registration_number,
    check_uscc,
    make_uscc,
    normalise_uscc,
    organisation_check_character,
    parse_business_number,
    parse_file_number,
    parse_registration_number,
    uscc_check_character,
)

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "cases" / "kernel" / "numbers.toml").read_text("utf-8")
)
VALID = ("91110000600037341L", "91350100M000100Y43")
CHECKED_ON = date(2026, 1, 1)


def _codes(text: str) -> list[str]:
    return [finding.code for finding in check_uscc(text)]


@pytest.mark.parametrize("case", CASES["uscc"], ids=lambda case: case["source"])
def test_credit_codes(case: dict[str, Any]) -> None:
    assert _codes(case["text"]) == case["findings"]


@pytest.mark.parametrize("code", VALID)
def test_every_change_of_one_character_is_caught(code: str) -> None:
    for position in range(18):
        for other in USCC_ALPHABET.replace(code[position], ""):
            changed = code[:position] + other + code[position + 1 :]
            assert "uscc.check_character" in _codes(changed), changed


@pytest.mark.parametrize("code", VALID)
def test_every_swap_of_neighbours_is_caught(code: str) -> None:
    for position in range(17):
        changed = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
        assert changed == code or "uscc.check_character" in _codes(changed), changed


def test_a_code_with_a_good_outer_and_a_bad_inner_check_is_caught() -> None:
    """What python-stdnum lets through: the organisation code inside has its own check."""
    for code in VALID:
        for other in USCC_ALPHABET.replace(code[16], ""):
            first17 = code[:16] + other
            assert _codes(first17 + uscc_check_character(first17)) == ["uscc.organisation_code"]


@given(
    st.sampled_from("12345679ANY8"),
    st.sampled_from(USCC_ALPHABET),
    st.sampled_from(["100000", "420100", "420111", "110108", "820000"]),
    st.text(USCC_ALPHABET, min_size=8, max_size=8),
)
def test_made_codes_are_valid(registrar: str, kind: str, place: str, body: str) -> None:
    code = make_uscc(registrar + kind + place, body)
    assert check_uscc(code) == []
    assert normalise_uscc(code.lower()) == code
    assert code[8:17] == body + organisation_check_character(body)


@pytest.mark.parametrize(
    ("prefix", "body"),
    [("9142010", "MA000001"), ("91420100", "MA00000O"), ("91AB0100", "MA000001"), ("", "")],
)
def test_no_code_from_parts_that_do_not_fit(prefix: str, body: str) -> None:
    with pytest.raises(ValueError):
        make_uscc(prefix, body)


def test_an_unknown_province_or_registrar_only_warns() -> None:
    for prefix in ("91990100", "M1420100"):
        code = make_uscc(prefix, "MA000001")
        assert [finding.blocks for finding in check_uscc(code)] == [False]


@given(st.text(max_size=40))
def test_any_text_gets_findings_never_an_exception(text: str) -> None:
    for check in (check_uscc, check_registration_number, check_file_number):
        assert all(finding.as_dict() for finding in check(text))


@pytest.mark.parametrize("case", CASES["registration"], ids=lambda case: case["source"])
def test_registration_numbers(case: dict[str, Any]) -> None:
    found = check_registration_number(case["text"], latest=CHECKED_ON)
    assert [finding.code for finding in found] == case["findings"]
    blocked = case["findings"] and case["findings"][0].endswith(("shape", "missing"))
    assert all(finding.blocks == bool(blocked) for finding in found)
    if "insurer" in case:
        number = parse_registration_number(case["text"])
        assert number is not None
        assert len(number.text) == 24
        for name in ("insurer", "class_code", "kind", "filed_on", "serial"):
            assert getattr(number, name) == case[name]


@pytest.mark.parametrize("case", CASES["file"], ids=lambda case: case["source"])
def test_file_numbers(case: dict[str, Any]) -> None:
    found = check_file_number(case["text"], latest=CHECKED_ON)
    assert [finding.code for finding in found] == case["findings"]
    number = parse_file_number(case["text"])
    assert (number.text if number else None) == case.get("same_as")
    if number:
        assert parse_file_number(number.text) == number


def test_business_numbers() -> None:
    assert business_number("P", 2025, 12) == "P-2025-000012"
    assert business_number("P", 2025, 1_234_567) == "P-2025-1234567"
    assert parse_business_number(" p-2025-000012") == ("P", 2025, 12)
    assert parse_business_number("P-2025-12") is None
    for prefix, year, serial in (("p", 2025, 1), ("P", 25_000, 1), ("P", 2025, 0), ("", 2025, 1)):
        with pytest.raises(ValueError):
            business_number(prefix, year, serial)
