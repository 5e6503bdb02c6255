"""What holds for every application: limits, wholeness, monotony, order, the trace."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.rules.subsidy import (
    ApplicationFacts,
    Assessment,
    Context,
    FirmFacts,
    ObjectFacts,
    OtherMoney,
    PaidFacts,
    PolicyLine,
    QualificationFacts,
    SubsidyRules,
    assess,
    check_trace,
    funding,
    what_if,
)
from service.kernel.money import PPM_WHOLE, Rounding, of_ppm
from tests.catalogue.rules.subsidy_examples import rules

DAY = date(2025, 6, 1)
PREMIUM = st.integers(0, 10**9)
SMALL = st.integers(0, 10**9)
SHARE = st.integers(1, PPM_WHOLE)
PREMIUM_INSTRUMENTS = ("premium_subsidy", "premium_direct_pay", "reward_replaced")
BASES = ("premium_paid", "premium_invoice", "annual_premium", "capped_premium")


@st.composite
def rule(draw: st.DrawFn, modes: tuple[str, ...] = tuple(Rounding)) -> SubsidyRules:
    """A rule with some of the limits; shared ones nest: line, quota, firm, total, budget."""
    instrument = draw(st.sampled_from((*PREMIUM_INSTRUMENTS, "loss_sharing")))
    base = "claim_paid" if instrument == "loss_sharing" else draw(st.sampled_from(BASES))
    scopes = draw(st.sets(st.sampled_from(["policy", "firm_year", "total"])))
    values: dict[str, Any] = {
        "instrument": instrument,
        "ratio_base": base,
        "ratio": [{"ratio_ppm": draw(SHARE)}],
        "rounding": {"mode": draw(st.sampled_from(modes))},
    }
    if scopes:
        values["cap"] = [
            {"scope": scope, "cap_fen": draw(st.integers(1, 10**9))} for scope in sorted(scopes)
        ]
    if base == "capped_premium":
        values["rate_cap"] = draw(SHARE)
    if draw(st.booleans()):
        values["stacking_max"] = draw(SHARE)
    if draw(st.booleans()):
        values["quota"] = {"kinds": ["general"]}
    if draw(st.booleans()):
        values["limit_rule"] = {"max_multiple_ppm": draw(st.integers(1, 5 * PPM_WHOLE))}
    made = rules("henan-first-version-2021", subject_kind=["general"], **values)
    drop = {"rate_cap_ppm": None} if base != "capped_premium" else {}
    return dataclasses.replace(made, years_max=None, **drop)


@st.composite
def line(draw: st.DrawFn, key: str) -> PolicyLine:
    premium = draw(PREMIUM)
    own = draw(st.integers(0, premium))
    money = draw(
        st.lists(
            st.builds(
                OtherMoney,
                st.sampled_from(["state", "province"]),
                st.integers(0, 10**8),
                st.sampled_from(["premium", "claim", "object"]),
                st.sampled_from(["firm", "insurer"]),
            ),
            max_size=2,
        )
    )
    return PolicyLine(
        key=key,
        policy=f"P{key}",
        kind="general",
        start_on=DAY,
        end_on=date(2026, 5, 31),
        limit_fen=draw(st.integers(0, 10**11)),
        premium_invoiced_fen=premium,
        annual_premium_fen=draw(st.one_of(st.just(premium), st.integers(0, premium))),
        premium_paid_own_fen=own,
        claim_paid_fen=draw(st.integers(0, 10**9)),
        qualification=draw(st.sampled_from(["Q1", "Q2"])),
        object=ObjectFacts(contract_fen=draw(st.integers(0, 10**10))),
        other_money=tuple(money),
    )


@st.composite
def application(draw: st.DrawFn) -> ApplicationFacts:
    count = draw(st.integers(1, 4))
    held = [
        QualificationFacts(n, draw(SMALL), date(2025, 1, 1), date(2027, 12, 31))
        for n in ("Q1", "Q2")
    ]
    context = Context(
        applied_on=DAY,
        budget_free_fen=draw(st.one_of(st.none(), SMALL)),
        paid=PaidFacts(firm_year_fen=draw(SMALL), total_fen=draw(SMALL)),
        qualifications=tuple(held),
    )
    lines = tuple(draw(line(str(n))) for n in range(count))
    return ApplicationFacts(FirmFacts(), lines, context)


def _cap(made: SubsidyRules, scope: str) -> int | None:
    return next((row.value for row in made.caps if row.scope == scope), None)


def _judged(made: SubsidyRules, facts: ApplicationFacts) -> Assessment:
    answer = assess(made, facts)
    assert check_trace(answer)
    return answer


@given(rule(), application())
@settings(max_examples=150)
def test_never_more_than_cap_quota_budget_or_premium(
    made: SubsidyRules, facts: ApplicationFacts
) -> None:
    answer = _judged(made, facts)
    context = facts.context
    assert all(result.amount_fen >= 0 for result in answer.lines)
    if context.budget_free_fen is not None:
        assert answer.total_fen <= context.budget_free_fen
    for scope, before in (
        ("firm_year", context.paid.firm_year_fen),
        ("total", context.paid.total_fen),
    ):
        cap = _cap(made, scope)
        if cap is not None:
            assert answer.total_fen <= max(0, cap - before)
    per_policy = _cap(made, "policy")
    for result, entry in zip(answer.lines, facts.lines, strict=True):
        whole = entry.claim_paid_fen if made.instrument == "loss_sharing" else entry.premium_fen
        assert whole is not None
        assert result.amount_fen <= whole
        assert per_policy is None or result.amount_fen <= per_policy
    if made.quota is not None:
        for held in context.qualifications:
            drawn = sum(
                result.amount_fen
                for result, entry in zip(answer.lines, facts.lines, strict=True)
                if entry.qualification == held.number
            )
            assert drawn <= held.left_fen


@given(rule(), application())
@settings(max_examples=150)
def test_sources_make_the_whole_and_public_money_keeps_its_ceiling(
    made: SubsidyRules, facts: ApplicationFacts
) -> None:
    answer = _judged(made, facts)
    for result, entry in zip(answer.lines, facts.lines, strict=True):
        sources = funding(made.instrument, entry, result.amount_fen)
        assert sum(source.amount_fen for source in sources) == entry.premium_fen
        if result.amount_fen == 0:
            continue
        on = "claim" if made.instrument == "loss_sharing" else "premium"
        whole = entry.claim_paid_fen if on == "claim" else entry.premium_fen
        assert whole is not None
        ceiling = whole
        if made.stacking_max_ppm is not None:
            ceiling = of_ppm(whole, made.stacking_max_ppm, made.rounding.mode)
        assert entry.other_on(on) + result.amount_fen <= ceiling
        if on == "premium":
            assert all(source.amount_fen >= 0 for source in sources)


@given(rule(modes=("down", "half_up")), application(), st.integers(0, 3), st.integers(0, 10**8))
@settings(max_examples=150)
def test_more_premium_never_gives_less(
    made: SubsidyRules, facts: ApplicationFacts, position: int, more_fen: int
) -> None:
    position = position % len(facts.lines)
    entry = facts.lines[position]
    raised = dataclasses.replace(
        entry,
        premium_invoiced_fen=entry.premium_invoiced_fen + more_fen,
        annual_premium_fen=entry.annual_premium_fen + more_fen,
        premium_paid_own_fen=entry.premium_paid_own_fen
        + (0 if made.instrument == "premium_direct_pay" else more_fen),
    )
    lines = [*facts.lines]
    lines[position] = raised
    before = _judged(made, facts)
    after = _judged(made, dataclasses.replace(facts, lines=tuple(lines)))
    assert after.total_fen >= before.total_fen
    assert after.lines[position].amount_fen >= before.lines[position].amount_fen


@given(rule(), application(), st.randoms())
@settings(max_examples=150)
def test_order_moves_money_between_lines_only(
    made: SubsidyRules, facts: ApplicationFacts, random: Any
) -> None:
    shuffled = list(facts.lines)
    random.shuffle(shuffled)
    before = _judged(made, facts)
    after = _judged(made, dataclasses.replace(facts, lines=tuple(shuffled)))
    assert before.total_fen == after.total_fen


@given(rule(), application())
@settings(max_examples=60)
def test_the_same_facts_give_the_same_bytes(made: SubsidyRules, facts: ApplicationFacts) -> None:
    first, second = assess(made, facts), what_if(made, facts)
    assert first.canonical() == second.canonical()
    assert first.hash == second.hash


@given(rule(), application())
@settings(max_examples=60)
def test_nothing_without_a_reason(made: SubsidyRules, facts: ApplicationFacts) -> None:
    """A line gets money, or it says why not."""
    for result in _judged(made, facts).lines:
        assert (result.amount_fen > 0) != result.refused
        assert result.amount_fen in (0, result.would_be_fen)
