"""Worked cases of the agreements in words: no key and no code is left as it stands in the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coinsurance.rules.agreement.book import agreement_terms
from coinsurance.rules.agreement.cases import answer
from service.kernel.rulebook import RuleBook, load
from service.web.pool_case_words import told

BOOKS = Path(__file__).resolve().parents[2] / "coinsurance" / "rules" / "books" / "pools"
RAW = re.compile(r"[a-z]{3,}")


@pytest.mark.parametrize("path", sorted(BOOKS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_case_is_told_in_words(path: Path) -> None:
    book: RuleBook = load(path.read_text())
    assert book.cases
    for case in book.cases:
        got = answer(agreement_terms(book), case.given)
        for name, value in [*told(case.given), *told(case.expect), *told(got)]:
            assert not RAW.search(name), name
            assert name == "依据" or not RAW.search(value), (name, value)


def test_amounts_shares_and_codes() -> None:
    table = {
        "parts_fen": [1, 1_234_567_800],
        "shares_units": (33_333_334, 66_666_666),
        "answers": ["consented", "silent"],
        "missing": [],
        "lead": "",
        "joint": True,
    }
    assert told(table) == [
        ("各成员保费", "0.01 元、12,345,678.00 元"),
        ("各成员份额", "33.333334%、66.666666%"),
        ("各成员答复", "同意、未答复"),
        ("尚未同意", "无"),
        ("首席", "无"),
        ("共同查勘", "是"),
    ]
