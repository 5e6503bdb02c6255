"""Properties of shares, leads, votes, proposals and agreements, for any numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import coinsurance
from coinsurance.rules import families as _families  # noqa: F401
from coinsurance.rules.agreement.book import SCHEMA, agreement_terms, terms_of
from coinsurance.rules.agreement.terms import LeadChoice, ReSigning
from coinsurance.rules.agreement.words import TITLES, words_of
from coinsurance.rules.consents import EXPIRED, GIVEN, OPEN, Party, Request, judge, needed_units
from coinsurance.rules.consents import REFUSED_OUTCOME as REFUSED
from coinsurance.rules.deadlines import Counted, last_day, late_from
from coinsurance.rules.nouns import ConsentMatter, ConsentRule, DayKind
from coinsurance.rules.re_signing import Conduct, Performer, propose
from coinsurance.rules.shares import (
    Holder,
    after_exit,
    by_capacity,
    changes,
    find_lead,
    with_newcomer,
)
from service.kernel.calendar import day_end, is_working_day
from service.kernel.rulebook import check_book, load
from service.kernel.shares import WHOLE_UNITS

BOOKS = sorted((Path(coinsurance.__file__).parent / "rules" / "books" / "pools").glob("*.toml"))
capacities = st.lists(st.integers(0, 10**17), min_size=1, max_size=60).filter(any)
rules = st.sampled_from(list(ConsentRule))
answers = st.sampled_from(["", "consented", "refused", "deemed"])
DUE = datetime(2026, 3, 2, tzinfo=UTC)


def holders(values: list[int]) -> list[Holder]:
    return [Holder(f"M{n}", n, capacity_fen=value) for n, value in enumerate(values, 1)]


@given(capacities)
def test_shares_by_capacity_are_whole_and_within_one_unit(values: list[int]) -> None:
    made = by_capacity(holders(values))
    assert sum(item.share_units for item in made) == WHOLE_UNITS
    total = sum(values)
    for item, value in zip(made, values, strict=True):
        assert item.exact_units == Fraction(WHOLE_UNITS * value, total)
        assert abs(item.share_units - item.exact_units) < 1
        assert value or item.share_units == 0


@given(capacities, st.randoms())
def test_order_is_by_position_whatever_order_they_are_given_in(
    values: list[int], random: object
) -> None:
    mixed = holders(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert by_capacity(mixed) == by_capacity(holders(values))


@given(st.lists(st.integers(1, 10**17), min_size=2, max_size=60), st.integers(0, 10**6))
def test_after_an_exit_the_others_keep_their_proportions(values: list[int], place: int) -> None:
    place %= len(values)
    made = by_capacity(holders(values))
    members = [Holder(m.key, m.position, m.share_units) for m in made]
    rest = [m for m in members if m.position != place + 1]
    assume(any(m.share_units for m in rest))
    after = after_exit(members, f"M{place + 1}")
    assert sum(item.share_units for item in after) == WHOLE_UNITS
    whole = sum(m.share_units for m in rest)
    for item, member in zip(after, rest, strict=True):
        assert abs(item.share_units - Fraction(WHOLE_UNITS * member.share_units, whole)) < 1
        assert item.share_units >= member.share_units or member.share_units == 0
    moved = {c.key: c for c in changes(made, after)}
    assert moved[f"M{place + 1}"].after_units is None


@given(capacities, st.integers(1, WHOLE_UNITS - 1))
def test_a_newcomer_gets_its_share_and_nobody_gains(values: list[int], share: int) -> None:
    made = by_capacity(holders(values))
    members = [Holder(m.key, m.position, m.share_units) for m in made]
    after = with_newcomer(members, Holder("new", 99, share))
    assert sum(item.share_units for item in after) == WHOLE_UNITS
    assert after[-1].share_units == share
    assert all(
        item.share_units <= member.share_units for item, member in zip(after, members, strict=False)
    )


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=1),
    st.sampled_from(["position", "capacity", "joined", "uscc", "drawn"]),
    st.sampled_from(["largest_share", "elected"]),
)
def test_the_lead_is_one_of_the_largest(
    rows: list[tuple[int, int, int]], tie: str, rule: str
) -> None:
    members = [
        Holder(f"M{n:03}", n, share, capacity, date(2025, 1, 1) + timedelta(days=votes), votes)
        for n, (share, capacity, votes) in enumerate(rows, 1)
    ]
    lead = find_lead(LeadChoice(rule, tie), members)
    assert find_lead(LeadChoice(rule, tie), members[::-1]) == lead
    ranks = {m.key: m.votes if rule == "elected" else m.share_units for m in members}
    assert {ranks[key] for key in lead.tied} == {max(ranks.values())}
    if tie == "drawn" and len(lead.tied) > 1:
        assert lead.key is None
    else:
        assert lead.key in lead.tied


def parties(rows: list[tuple[str, int, bool, bool]]) -> list[Party]:
    return [
        Party(
            f"M{n}",
            weight,
            said,
            DUE - timedelta(days=9) if served else None,
            (DUE if late else DUE + timedelta(days=9)) if served else None,
        )
        for n, (said, weight, served, late) in enumerate(rows)
    ]


asked = st.lists(
    st.tuples(answers, st.integers(0, 10**8), st.booleans(), st.booleans()),
    min_size=1,
    max_size=12,
)


def request_of(rule: ConsentRule, number: int, rows: list[Party], deemed: bool) -> Request:
    count = 1 + number % len(rows) if rule == ConsentRule.COUNT else None
    weights = [party.weight_units for party in rows]
    units = needed_units(1 + number % WHOLE_UNITS, weights)
    return Request(rule, count, units if rule == ConsentRule.WEIGHTED else None, deemed)


@given(rules, st.integers(0, 10**9), asked, st.booleans())
def test_a_vote_has_one_outcome_and_more_answers_never_open_it_again(
    rule: ConsentRule, number: int, rows: list[tuple[str, int, bool, bool]], deemed: bool
) -> None:
    people = parties(rows)
    wanted = request_of(rule, number, people, deemed)
    judged = judge(wanted, people, DUE)
    assert judged.outcome in (OPEN, GIVEN, REFUSED, EXPIRED)
    assert set(judged.consenting) | set(judged.refusing) | set(judged.missing) == {
        party.key for party in people
    }
    if judged.outcome != OPEN:
        assert judged.to_deem == ()
    for place, party in enumerate(people):
        if party.answer:
            continue
        for said in ("consented", "refused"):
            more = [*people]
            more[place] = Party(party.key, party.weight_units, said, party.served_at, party.due_at)
            after = judge(wanted, more, DUE).outcome
            if judged.outcome == GIVEN:
                assert after == GIVEN
            if judged.outcome == REFUSED and said == "refused":
                assert after == REFUSED


@given(rules, st.integers(0, 10**9), asked)
def test_silence_never_counts_without_a_clause_or_a_service(
    rule: ConsentRule, number: int, rows: list[tuple[str, int, bool, bool]]
) -> None:
    people = parties(rows)
    assert judge(request_of(rule, number, people, False), people, DUE).to_deem == ()
    deemable = judge(request_of(rule, number, people, True), people, DUE).to_deem
    known = {party.key: party for party in people}
    for key in deemable:
        assert known[key].answer == ""
        assert known[key].served_at is not None
        assert known[key].due_at is not None
        assert known[key].due_at <= DUE


@given(
    st.dates(date(2023, 1, 1), date(2026, 10, 1)),
    st.integers(0, 60),
    st.sampled_from(list(DayKind)),
)
def test_a_last_day_is_a_working_day_and_its_end_is_the_bound(
    start: date, days: int, kind: DayKind
) -> None:
    term = Counted(days, kind)
    end = last_day(term, start)
    assert isinstance(end, date)
    assert is_working_day(end)
    assert end >= start
    assert late_from(term, start) == day_end(end)
    later = last_day(Counted(days + 1, kind), start)
    assert isinstance(later, date)
    assert later >= end
    if kind == DayKind.CALENDAR:
        assert end >= start + timedelta(days=days)


conduct = st.tuples(st.integers(0, 500), st.integers(0, 500))


@given(
    st.lists(st.tuples(st.integers(0, 10**8), conduct, conduct, conduct), min_size=1, max_size=30),
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)).filter(any),
    st.integers(0, 999_999),
)
def test_re_signing_is_whole_and_never_rewards_lateness(
    rows: list[tuple[int, tuple[int, int], tuple[int, int], tuple[int, int]]],
    weights: tuple[int, int, int],
    sway: int,
) -> None:
    assume(any(row[0] for row in rows))
    rule = ReSigning(*weights, sway_ppm=sway)
    names = ("remittance", "notice", "consent")
    performers = [
        Performer(
            f"M{n}",
            n,
            share,
            {name: Conduct(*days) for name, days in zip(names, measured, strict=True)},
        )
        for n, (share, *measured) in enumerate(rows)
    ]
    made = propose(rule, performers)
    assert sum(item.share.share_units for item in made) == WHOLE_UNITS
    for item in made:
        assert 0 <= item.score <= 1
        kept = item.before_units * (1 - Fraction(sway, 1_000_000))
        assert kept <= item.weight <= item.before_units
        assert abs(item.share.share_units - item.share.exact_units) < 1
    if all(item.score == 1 for item in made) and sum(p.share_units for p in performers) == (
        WHOLE_UNITS
    ):
        assert [i.share.share_units for i in made] == [p.share_units for p in performers]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_shipped_agreement_is_sound_and_every_clause_has_words(path: Path) -> None:
    text = path.read_text("utf-8")
    book = load(text)
    assert check_book(book) == []
    terms = agreement_terms(book)
    assert terms == terms_of(text)
    assert terms.pool_code == path.stem
    for key in terms.clauses:
        assert words_of(terms, key).strip()
        assert TITLES[key]
        assert terms.clause(key) == f"{book.family}/{book.version} {book.values[key].source}"
    assert set(terms.consents) == {matter.value for matter in ConsentMatter}
    assert all(value.source.startswith("第") for value in book.values.values())


def test_the_shipped_agreements_differ_where_practice_does() -> None:
    terms = [terms_of(path.read_text("utf-8")) for path in BOOKS]
    assert {t.share_mode.value for t in terms} == {"fixed", "capacity", "per_risk_line"}
    assert {t.remittance.mode for t in terms} == {"gross", "net"}
    assert {t.no_premium_no_cover for t in terms} == {"none", "first_instalment", "full_premium"}
    assert {t.consents["shares"].rule.value for t in terms} == {"all", "weighted"}
    assert {bool(t.backstop) for t in terms} == {True, False}
    assert {t.netting.allowed for t in terms} == {True, False}


def test_every_key_has_a_title() -> None:
    assert set(TITLES) == set(SCHEMA)
