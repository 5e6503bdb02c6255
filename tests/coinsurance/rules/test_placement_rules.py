"""Rules of lines, binding, files and character as properties and plain facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules.character import (
    CharacterFacts,
    CoInsurerFacts,
    InsurerTerms,
    check,
    content_hash,
    facts_of,
    standing,
)
from coinsurance.rules.placement_files import Reader, may_read
from coinsurance.rules.placement_lines import MarketLine, counts, policy_shares
from coinsurance.rules.signing import WrittenLine
from service.kernel.money import split
from service.kernel.shares import WHOLE_UNITS

DAY = date(2026, 3, 2)
TERMS = InsurerTerms("P", "S", "L", date(2026, 4, 1), date(2027, 3, 31), 10**10)
FACTS = CharacterFacts(
    subject="RK",
    today=DAY,
    issued="agreement_attached",
    consent_hash="c",
    consented_on=DAY,
    agreement_version="v",
    agreement_hash="h",
    agreement_effective=True,
    lead_fee_ppm=15_000,
    commission_ppm=250_000,
    distance_min_ppm=100_000,
    insurers=(
        CoInsurerFacts("甲", "A", "A", "insurer", True, 60_000_000, TERMS),
        CoInsurerFacts("乙", "B", "B", "insurer", True, 40_000_000, TERMS),
    ),
)


@st.composite
def sections(draw: st.DrawFn) -> list[tuple[int, dict[str, int]]]:
    """Sections with any premium, each shared to the whole by some of six members."""
    made = []
    for _ in range(draw(st.integers(1, 5))):
        names = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True))
        weights = draw(
            st.lists(st.integers(1, 10**6), min_size=len(names), max_size=len(names))
        )
        shares = dict(zip(names, split(WHOLE_UNITS, weights), strict=True))
        made.append((draw(st.integers(0, 10**12)), shares))
    return made


@given(sections())
def test_policy_shares_are_the_whole_and_leave_nobody_out(
    parts: list[tuple[int, dict[str, int]]],
) -> None:
    shares = policy_shares(parts, list("abcdef"))
    assert sum(shares.values()) == WHOLE_UNITS
    carrying = {name for _, section in parts for name, units in section.items() if units}
    assert shares.keys() == carrying
    assert all(units >= 1 for units in shares.values())


@given(sections())
def test_one_section_is_the_policy(parts: list[tuple[int, dict[str, int]]]) -> None:
    shares = policy_shares(parts[:1], list("abcdef"))
    assert shares == {name: units for name, units in parts[0][1].items() if units}


@pytest.mark.parametrize(
    ("status", "valid_until", "member", "wanted"),
    [
        ("written", DAY, "active", True),
        ("written", date(2026, 3, 1), "active", False),
        ("written", DAY, "suspended", False),
        ("declined", DAY, "active", False),
        ("offered", DAY, "active", False),
        ("lapsed", DAY, "active", False),
        ("signed", date(2026, 1, 1), "exited", True),
    ],
)
def test_which_lines_count(status: str, valid_until: date, member: str, wanted: bool) -> None:
    line = MarketLine(WrittenLine("a", 1), status, valid_until, member)
    assert counts(line, DAY) is wanted


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_a_confidential_file_needs_a_reason_to_be_read(
    confidential: bool, sees_all: bool, uploaded: bool, granted: bool
) -> None:
    may = may_read(confidential, Reader(sees_all, uploaded, granted))
    assert may == (not confidential or sees_all or uploaded or granted)


def test_a_check_stands_until_a_fact_changes_and_not_because_a_day_passes() -> None:
    kept = facts_of(FACTS)
    assert standing(kept, replace(FACTS, today=date(2026, 3, 9)))
    for changed in (
        replace(FACTS, agreement_effective=False),
        replace(FACTS, lead_fee_ppm=16_000),
        replace(FACTS, consent_hash="d"),
        replace(FACTS, insurers=FACTS.insurers[:1]),
        replace(FACTS, insurers=(replace(FACTS.insurers[0], active=False), FACTS.insurers[1])),
    ):
        assert not standing(kept, changed)


def test_the_hash_of_a_check_is_over_facts_and_answers() -> None:
    made = check(FACTS)
    assert made.passed and made.hash == content_hash(made.content) == check(FACTS).hash
    other = check(replace(FACTS, consent_hash=None))
    assert not other.passed and other.hash != made.hash
    assert [finding.code for finding in other.findings] == ["character.no_consent"]
