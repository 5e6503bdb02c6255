"""The shipped rule book: its values with sources, its worked cases, and what breaks it."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.rules.filing import SCHEMA, check_filing_book, filing_rules
from catalogue.rules.library_count import DEFINITION
from catalogue.rules.nouns import Stage
from service.kernel.errors import Refused
from service.kernel.rulebook import load
from tests.catalogue.rules.examples import BOOK, book

TEXT = BOOK.read_text()
PUBLIC = {"target_count", "target_day", "covered_stages"}


def _codes(text: str) -> list[str]:
    return [finding.code for finding in check_filing_book(load(text)) if finding.blocks]


def test_the_shipped_book_can_be_published() -> None:
    assert _codes(TEXT) == []
    assert len(book().cases) == 9


def test_values() -> None:
    rules = filing_rules(book())
    assert (rules.target_count, rules.target_day) == (60, date(2027, 12, 31))
    assert rules.covered_stages == tuple(stage.value for stage in Stage)
    assert (rules.acceptance_days, rules.review_days, rules.dormant_months) == (5, 20, 12)
    assert rules.required_documents == ("clause_text",)
    assert rules.library_definition == DEFINITION.id
    assert rules.version == "filing/eastlake-example/2025.1"


def test_only_the_plan_is_cited_as_public_and_the_rest_is_marked() -> None:
    values = book().values
    assert set(values) == set(SCHEMA)
    assert {key for key, value in values.items() if not value.example} == PUBLIC
    assert all("武政办〔2025〕67号" in values[key].source for key in PUBLIC)
    assert all("公开文件未规定" in values[key].source for key in set(values) - PUBLIC)


def test_a_failing_case_keeps_the_book_back() -> None:
    assert _codes(TEXT.replace("term_days = 8,", "term_days = 9,")) == ["rulebook.case_fails"]


def test_another_term_breaks_the_cases() -> None:
    assert "rulebook.case_fails" in _codes(TEXT.replace("value = 20\n", "value = 21\n"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('value = ["clause_text"]', 'value = ["novel"]', "filing.rules_code"),
        ('["research", "production",', '["dreaming", "production",', "filing.rules_code"),
        ('"library-count/1"', '"library-count/9"', "rulebook.not_a_choice"),
        ("value = 12\nunit", 'value = "12"\nunit', "rulebook.wrong_type"),
        ("[values.dormant_months]", "[values.sleepy_months]", "rulebook.unknown_key"),
        ('rule = "pace"', 'rule = "peace"', "rulebook.case_breaks"),
        ("count = 36,", 'count = "36",', "rulebook.case_breaks"),
    ],
)
def test_what_keeps_a_book_back(old: str, new: str, code: str) -> None:
    assert old in TEXT
    assert code in _codes(TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[values.review_days]", "[values.reviews]"),
        ("value = 2027-12-31", 'value = "2027"'),
        ('value = ["clause_text"]', 'value = "clause_text"'),
    ],
)
def test_rules_are_not_made_from_an_unfit_book(old: str, new: str) -> None:
    with pytest.raises(Refused) as refused:
        filing_rules(load(TEXT.replace(old, new)))
    assert refused.value.findings[0].code == "filing.rules_unfit"


def test_known_cases_of_the_book_are_judged() -> None:
    kinds = [case.given["rule"] for case in book().cases]
    assert set(kinds) == {"clock", "count", "pace", "documents"}
