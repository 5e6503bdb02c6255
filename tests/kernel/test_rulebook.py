"""Rule books: read, hashed, checked against schema and worked cases, found by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from service.kernel.errors import Refused
from service.kernel.findings import blockers
from service.kernel.money import Rounding, of_ppm
from service.kernel.rulebook import (
    Key,
    Kind,
    RuleBook,
    check_family,
    find,
    kind_of,
    load,
    parse,
    validate,
)

TEXT = (Path(__file__).parent.parent / "cases" / "kernel" / "rule_pilot.toml").read_text("utf-8")
SCHEMA = {
    "rate_cap_ppm": Key(Kind.WHOLE, "ppm", required=False),
    "ratio_ppm": Key(Kind.WHOLE, "ppm"),
    "rounding": Key(Kind.TEXT, choices=tuple(mode.value for mode in Rounding)),
}


def evaluate(book: RuleBook, given: Mapping[str, object]) -> Mapping[str, object]:
    limit_fen, base_fen = given["limit_fen"], given["premium_fen"]
    assert isinstance(limit_fen, int) and isinstance(base_fen, int)
    mode = Rounding(book.text("rounding"))
    if book.has("rate_cap_ppm"):
        base_fen = min(base_fen, of_ppm(limit_fen, book.whole("rate_cap_ppm"), mode))
    return {"base_fen": base_fen, "subsidy_fen": of_ppm(base_fen, book.whole("ratio_ppm"), mode)}


def _codes(text: str) -> list[str]:
    """Codes of reading and, when it can be read, of validating a text."""
    book, found = parse(text)
    if book is not None:
        found += validate(book, SCHEMA, evaluate)
    return [finding.code for finding in found]


def test_the_sample_can_be_published() -> None:
    book = load(TEXT)
    assert validate(book, SCHEMA, evaluate) == []
    assert book.whole("ratio_ppm") == 800_000
    assert book.source("ratio_ppm") == "财建〔2015〕19号：年度保费的80%"
    assert book.values["rounding"].example
    assert book.valid_to == date(2019, 12, 31)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("800_000", "0.8", ["rulebook.float"]),
        ("premium_fen = 25_000_000", "premium_fen = 2.5e7", ["rulebook.float"]),
        ("valid_from = 2015-02-02", "valid_from = 2015-02-02T00:00:00Z", ["rulebook.time"]),
        ("valid_from = 2015-02-02", "valid_from = '2015-02-02'", ["rulebook.field"]),
        ("valid_from = 2015-02-02\n", "", ["rulebook.field"]),
        ('family = "test-first-set"', 'family = " "', ["rulebook.field"]),
        ('status = "example"', 'status = "law"', ["rulebook.status"]),
        ('status = "example"', 'status = "published"', ["rulebook.example_value"]),
        ('version = "2015.1"', 'version = "2015.1"\ncolour = 1', ["rulebook.unknown_field"]),
        ("[rule]", "colour = 1\n[rule]", ["rulebook.unknown_field"]),
        ("example = true", "example = 1", ["rulebook.field"]),
        ("value = 30_000\n", "", ["rulebook.field"]),
        ("[values.ratio_ppm]", "[values.ratio]", ["rulebook.missing_key", "rulebook.unknown_key"]),
        ("value = 800_000", 'value = "80%"', ["rulebook.wrong_type"]),
        ("value = 800_000", "value = true", ["rulebook.wrong_type"]),
        ('value = "down"', 'value = "sideways"', ["rulebook.not_a_choice"]),
        ('unit = "ppm"\nsource = "财建〔2015〕19号：年', 'source = "', ["rulebook.wrong_unit"]),
        ('source = "文件未规定"\n', "", ["rulebook.source_missing"]),
        ("valid_to = 2019-12-31", "valid_to = 2014-12-31", ["timeline.reversed"]),
        ("issued_on = 2015-02-02", "issued_on = 2015-03-02", ["rulebook.retroactive"]),
        ("subsidy_fen = 24_000_000", "subsidy_fen = 24_000_001", ["rulebook.case_fails"]),
        ("{ subsidy_fen = 20_000_000 }", "{ other = 1 }", ["rulebook.case_fails"]),
        ("{ subsidy_fen = 20_000_000 }", "{}", ["rulebook.case_expects_nothing"]),
        ('source = "own arithmetic"\n', "", ["rulebook.case_source_missing"]),
        (
            "limit_fen = 1_000_000_000, premium_fen = 25",
            "premium_fen = 25",
            ["rulebook.case_breaks"],
        ),
        ("[rule]", "[rule", ["rulebook.syntax"]),
        ("[values.ratio_ppm]", "[values.ratio_ppm]\nvalue = 1", ["rulebook.syntax"]),
    ],
)
def test_each_fault_is_found(old: str, new: str, codes: list[str]) -> None:
    assert old in TEXT
    got = _codes(TEXT.replace(old, new, 1))
    assert set(codes) <= set(got), got
    for code in ("rulebook.float", "rulebook.syntax"):
        assert (code in got) == (code in codes)


def test_all_faults_are_told_at_once() -> None:
    text = (
        TEXT.replace("800_000", "800_001")
        .replace('"down"', "7")
        .replace("2019-12-31", "2014-01-01")
    )
    assert set(_codes(text)) >= {"rulebook.wrong_type", "timeline.reversed", "rulebook.case_breaks"}


def test_a_book_without_cases_is_refused() -> None:
    assert _codes(TEXT[: TEXT.index("[[case]]")]) == ["rulebook.no_case"]


def test_load_refuses_with_findings() -> None:
    with pytest.raises(Refused) as caught:
        load("")
    assert {f.field for f in caught.value.findings} >= {"rule.family", "rule.valid_from"}


def test_the_hash_is_of_what_is_said_not_how() -> None:
    spaced = TEXT.replace(" = ", "   =  ").replace("1_000_000_000", "1000000000") + "\n# note\n"
    assert load(spaced).hash == load(TEXT).hash
    assert len(load(TEXT).hash) == 64
    for old, new in (
        ("800_000", "800_001"),
        ("2015.1", "2015.2"),
        ("own arithmetic", "own count"),
        ("2019-12-31", "2019-12-30"),
        ("example = true", "example = false"),
    ):
        assert load(TEXT.replace(old, new)).hash != load(TEXT).hash


def test_a_day_and_its_text_have_different_hashes() -> None:
    extra = '\n[values.start]\nsource = "x"\nvalue = '
    head, cases = TEXT[: TEXT.index("[[case]]")], TEXT[TEXT.index("[[case]]") :]
    day = load(f"{head}{extra}2025-01-01\n{cases}")
    text = load(f'{head}{extra}"2025-01-01"\n{cases}')
    assert (kind_of(day.value("start")), kind_of(text.value("start"))) == (Kind.DATE, Kind.TEXT)
    assert day.hash != text.hash


def test_a_book_cannot_be_changed() -> None:
    book = load(TEXT + '\n[values.tiers]\nsource = "x"\nvalue = [{ from = 1, ratio = [1, 2] }]\n')
    assert book.items("tiers") == ({"from": 1, "ratio": (1, 2)},)
    tier = book.items("tiers")[0]
    for target in (book.values, tier, book.cases[0].given):
        with pytest.raises(TypeError):
            target["x"] = 1  # type: ignore[index]
    for read in (book.text, book.flag, book.table, book.items):
        with pytest.raises(TypeError):
            read("ratio_ppm")
    with pytest.raises(TypeError):
        book.whole("rounding")


def test_one_book_of_a_family_holds_on_a_day() -> None:
    pilot = load(TEXT)
    later = replace(pilot, version="2021.1", valid_from=date(2021, 1, 1), valid_to=None)
    other = replace(pilot, family="other", valid_to=None)
    books = [later, other, pilot]
    assert find(books, "test-first-set", date(2019, 12, 31)) is pilot
    assert find(books, "test-first-set", date(2020, 6, 1)) is None
    assert find(books, "test-first-set", date(2030, 1, 1)) is later
    found = check_family(books)
    assert [f.code for f in found] == ["rulebook.gap"]
    assert blockers(found) == []
    assert (found[0].params["start"], found[0].params["end"]) == (
        date(2020, 1, 1),
        date(2020, 12, 31),
    )


def test_clashes_in_a_family_are_found() -> None:
    pilot = load(TEXT)
    twin = replace(pilot, valid_from=date(2019, 12, 31), valid_to=None)
    wrong = replace(pilot, version="2", valid_to=date(2000, 1, 1))
    assert [f.code for f in check_family([pilot, twin, wrong])] == [
        "rulebook.duplicate",
        "timeline.reversed",
        "rulebook.overlap",
    ]
    with pytest.raises(Refused, match=r"timeline\.overlap"):
        find([pilot, twin], "test-first-set", date(2019, 12, 31))
