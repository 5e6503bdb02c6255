"""The shipped subsidy books: sources, readings, examples, families; and what breaks a book."""

from __future__ import annotations

import pytest

from catalogue.rules.subsidy import (
    SCHEMA,
    check_subsidy_book,
    is_subsidy_family,
    procedure_gaps,
    subsidy_rules,
)
from service.kernel.errors import Refused
from service.kernel.rulebook import RuleBook, Status, check_family, load
from tests.catalogue.rules.subsidy_examples import BOOKS, book, books, changed

ALL = books()
ONE = (BOOKS / "zhejiang-first-set-2024.toml").read_text("utf-8")


def _codes(text_or_book: str | RuleBook) -> list[str]:
    made = load(text_or_book) if isinstance(text_or_book, str) else text_or_book
    return [finding.code for finding in check_subsidy_book(made) if finding.blocks]


@pytest.mark.parametrize("name", ALL)
def test_every_shipped_book_can_be_published(name: str) -> None:
    made = ALL[name]
    assert _codes(made) == []
    assert is_subsidy_family(made.family)
    assert name.startswith(made.family.removeprefix("subsidy/"))
    assert len(made.cases) >= 3


def test_books_of_one_family_follow_each_other() -> None:
    found = check_family(ALL.values())
    assert [finding.code for finding in found] == ["rulebook.gap"]
    assert found[0].params["family"] == "subsidy/national-first-batch"


def test_all_named_documents_are_shipped() -> None:
    assert {made.family for made in ALL.values()} == {
        "subsidy/national-first-set",
        "subsidy/national-first-batch",
        "subsidy/shandong-first-version",
        "subsidy/henan-first-version",
        "subsidy/zhejiang-first-set",
        "subsidy/dongguan-general",
        "subsidy/shijiazhuang-general",
        "subsidy/haidian-general",
        "subsidy/shanghai-biomedical",
        "subsidy/eastlake-example",
        "subsidy/eastlake-direct-example",
    }


def test_every_key_of_the_schema_is_used_by_some_book() -> None:
    assert {key for made in ALL.values() for key in made.values} == set(SCHEMA)


@pytest.mark.parametrize("name", [n for n in ALL if not n.startswith("eastlake")])
def test_public_books_cite_and_grade_what_they_say(name: str) -> None:
    made = ALL[name]
    assert made.status is Status.PUBLISHED
    for key, value in made.values.items():
        assert value.source, key
        if key == "rounding":
            assert value.example
            continue
        assert "置信度" in value.note or value.example, key


def test_local_figures_are_examples_only() -> None:
    example = book("eastlake-example-2026")
    assert example.status is Status.EXAMPLE
    assert all(value.example for value in example.values.values())
    assert "示例" in example.title_zh


def test_readings_are_labelled() -> None:
    for name, made in ALL.items():
        for key in ("rate_cap", "limit_rule"):
            value = made.values.get(key)
            if value is None or (key == "limit_rule" and "max_multiple_ppm" not in value.value):  # type: ignore[operator]
                continue
            assert "读法" in value.note, (name, key)


def test_unknown_decline_of_zhejiang_is_not_invented() -> None:
    rows = subsidy_rules(book("zhejiang-first-set-2024")).ratio
    assert {row.condition.year_to for row in rows} == {1}
    assert "待核" in book("zhejiang-first-set-2024").values["ratio"].note


def test_only_the_examples_say_all_a_scheme_needs() -> None:
    gaps = {name: procedure_gaps(subsidy_rules(made)) for name, made in ALL.items()}
    assert {name for name, found in gaps.items() if not found} == {
        "eastlake-example-2026",
        "eastlake-direct-example-2026",
    }


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("total_fen = 16_000_000,", "total_fen = 16_000_001,", "rulebook.case_fails"),
        ("value = 20_000\n", "value = 30_000\n", "rulebook.case_fails"),
        ("[values.rate_cap]", "[values.rate_cup]", "rulebook.unknown_key"),
        ('unit = "ppm"\n', "", "rulebook.wrong_unit"),
        ('"capped_premium"', '"premium"', "rulebook.not_a_choice"),
        ('"capped_premium"', '"premium_paid"', "subsidy.rule_needs"),
        ('"premium_subsidy"\nsource', '"loss_sharing"\nsource', "subsidy.rule_needs"),
        ("year_to = 1, ratio_ppm = 900_000", "ratio_ppm = 0", "subsidy.rule_share"),
        ('level = "international", ', "", "subsidy.rule_clash"),
        ('level = "international"', 'level = "galactic"', "subsidy.rule_value"),
        ("sets_max = 3", "sets_most = 3", "subsidy.rule_value"),
        ("sets_max = 3", "sets_max = -3", "subsidy.rule_value"),
        ('on_break = "restart"', 'on_break = "ignore"', "subsidy.rule_value"),
        ("start_to = 2024-08-31", "start_to = 2023-08-31", "subsidy.rule_value"),
        ('code = "policy_copy"', 'code = "poem"', "subsidy.rule_value"),
        ("unit_fen = 1 ", "unit_fen = 0 ", "subsidy.rule_value"),
        ('mode = "down"', 'mode = "sideways"', "subsidy.rule_value"),
        ('"subsidy/zhejiang', '"zhejiang', "subsidy.rule_family"),
        ('source = "浙经信装备〔2022〕9号：费率不超过2%"\n', "", "rulebook.source_missing"),
        ("25_000_000, level", "25_000_000, colour", "rulebook.case_breaks"),
    ],
)
def test_what_keeps_a_book_back(old: str, new: str, code: str) -> None:
    assert old in ONE
    assert code in _codes(ONE.replace(old, new))


def test_without_cases_nothing_is_published() -> None:
    assert "rulebook.no_case" in _codes(ONE[: ONE.index("[[case]]")])


def test_a_missing_key_is_named() -> None:
    assert "rulebook.missing_key" in _codes(changed("haidian-general-2025", {}, ["ratio"]))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"cap": [{"scope": "firm_year", "cap_fen": 1, "year_to": 1}]}, "subsidy.rule_shared_cap"),
        ({"cap": [{"scope": "moon", "cap_fen": 1}]}, "subsidy.rule_value"),
        ({"cap": [{"scope": "total", "cap_fen": 1}] * 2}, "subsidy.rule_clash"),
        ({"stacking_max": 1_000_001}, "subsidy.rule_share"),
        ({"instrument": "reward_replaced"}, "subsidy.rule_needs"),
        ({"subject_conditions": {"statuses": ["高新技术企业"]}}, "subsidy.rule_needs"),
        ({"buyer_exclusions": []}, "subsidy.rule_value"),
        ({"package": {}}, "subsidy.rule_value"),
        ({"quota": {"valid_on": ["birthday"]}}, "subsidy.rule_value"),
        ({"catalogue_editions": [{"edition": "2024", "colour": "red"}]}, "subsidy.rule_value"),
    ],
)
def test_what_does_not_fit_together(rule: dict[str, object], code: str) -> None:
    assert code in _codes(changed("haidian-general-2025", rule))


def test_every_unusable_key_is_told_at_once() -> None:
    broken = changed("haidian-general-2025", {"cap": [{}], "package": {}, "quota": {"kinds": []}})
    with pytest.raises(Refused) as refused:
        subsidy_rules(broken)
    fields = [finding.field for finding in refused.value.findings]
    assert fields == ["values.cap", "values.quota", "values.package"]


def test_a_version_is_known_by_its_hash() -> None:
    made = subsidy_rules(book("haidian-general-2025"))
    assert (made.version, made.hash) == (
        "subsidy/haidian-general/2025.1",
        book("haidian-general-2025").hash,
    )
    assert made.source("ratio").endswith("全额补贴")
    assert subsidy_rules(book("shijiazhuang-general-2019")).is_example("cap")
