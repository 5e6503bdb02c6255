"""Near-duplicates: every reason, its score, the order, and nothing for strangers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.rules.duplicates import (
    components_likeness_ppm,
    jaccard_ppm,
    name_likeness_ppm,
    near_duplicates,
)
from catalogue.rules.facts import CandidateFacts
from tests.catalogue.rules.examples import candidate, clause, component, rider, rules, version

RULES = rules()
MODEL = "广东省技术研发应用综合保险示范条款"
OWN = {"insurer_id": 1, "insurer_name": "国泰财产保险有限责任公司"}


def _reasons(other: CandidateFacts, **changes: Any) -> dict[str, int]:
    found = near_duplicates(version(**changes), [other], rules(likeness_shown_score=0))
    return {reason.code: reason.score for likeness in found for reason in likeness.reasons}


def test_a_stranger_is_not_shown() -> None:
    assert near_duplicates(version(), [candidate()], rules(likeness_shown_score=0)) == []


def test_the_product_itself_is_left_out() -> None:
    same = candidate(number="P-2025-000001", clauses=(clause(),))
    assert near_duplicates(version(), [same], RULES, own_number="P-2025-000001") == []
    assert len(near_duplicates(version(), [same], RULES)) == 1


def test_same_registration_number_however_written() -> None:
    other = candidate(clauses=(rider(registration_number="ｃ0001333 0912022010435441"),))
    assert _reasons(other) == {"likeness.registration_number": 100, "likeness.file_number": 95}
    other = candidate(
        clauses=(rider(registration_number="ｃ0001333 0912022010435441", file_number=""),)
    )
    assert _reasons(other) == {"likeness.registration_number": 100}


def test_same_file_number_in_other_brackets() -> None:
    other = candidate(
        clauses=(clause(file_number="（国泰产险）（备案-责任保险）[2021]（主）53号"),)
    )
    assert _reasons(other, clauses=(clause(registration_number=""),)) == {
        "likeness.file_number": 95
    }


def test_empty_numbers_are_not_the_same() -> None:
    bare = clause(registration_number="", file_number="", model_clause="")
    assert _reasons(candidate(clauses=(bare,)), clauses=(bare,)) == {}


def test_model_clause_of_another_insurer_and_of_its_own() -> None:
    mine = (clause(model_clause=MODEL),)
    theirs = (rider(model_clause=f" {MODEL}", registration_number="", file_number=""),)
    assert _reasons(candidate(clauses=theirs), clauses=mine) == {"likeness.model_clause_other": 50}
    own = candidate(clauses=theirs, **OWN)
    assert _reasons(own, clauses=mine) == {"likeness.model_clause_own": 60}


def test_same_insurer_type_and_name() -> None:
    other = candidate(name=version().name, type_code="PT001", **OWN)
    assert _reasons(other) == {"likeness.name_own": 90}


def test_same_insurer_and_type_with_another_name() -> None:
    other = candidate(name="生物医药研究中止补偿", type_code="PT001", **OWN)
    assert _reasons(other) == {"likeness.type_own": 45}


def test_same_insurer_and_name_under_another_type() -> None:
    other = candidate(name=version().name, type_code="PT002", **OWN)
    assert _reasons(other) == {"likeness.name_own_other_type": 80}


@pytest.mark.parametrize(("type_code", "score"), [("PT001", 60), ("PT002", 50)])
def test_other_insurer_with_the_same_name(type_code: str, score: int) -> None:
    other = candidate(
        name="易安财产保险股份有限公司科技项目研发费用损失保险（芯片版）", type_code=type_code
    )
    mine = "国泰财产保险有限责任公司科技项目研发费用损失保险（芯片版）"
    assert _reasons(other, name=mine) == {"likeness.name_other": score}


def test_similar_components_name_what_is_shared() -> None:
    other = candidate(components=(component(event="研发项目因意外事故终止，费用不能收回"),))
    (likeness,) = near_duplicates(version(), [other], rules(likeness_shown_score=0))
    (reason,) = likeness.reasons
    assert reason.code == "likeness.components"
    assert reason.finding.params["names"] == ["研发费用损失"]
    assert "研发费用损失" in reason.text("zh") and "%" in reason.text("en")


def test_score_is_the_strongest_plus_five_for_each_further() -> None:
    other = candidate(
        name=version().name, type_code="PT001", components=version().components, **OWN
    )
    (likeness,) = near_duplicates(version(), [other], RULES)
    assert [(r.code, r.score) for r in likeness.reasons] == [
        ("likeness.name_own", 90),
        ("likeness.components", 80),
    ]
    assert likeness.score == 95


def test_certainty_needs_a_number() -> None:
    other = candidate(
        name=version().name,
        type_code="PT001",
        components=version().components,
        clauses=(clause(model_clause=MODEL, registration_number=""),),
        **OWN,
    )
    mine = version(clauses=(clause(model_clause=MODEL, registration_number=""),))
    (likeness,) = near_duplicates(mine, [other], RULES)
    assert likeness.score == 99
    (likeness,) = near_duplicates(version(), [candidate(clauses=(clause(),))], RULES)
    assert likeness.score == 100


def test_below_the_threshold_nothing_is_shown() -> None:
    other = candidate(name="生物医药研究中止补偿", type_code="PT001", **OWN)
    assert near_duplicates(version(), [other], rules(likeness_shown_score=46)) == []
    assert len(near_duplicates(version(), [other], rules(likeness_shown_score=45))) == 1


def test_most_alike_first_then_by_number() -> None:
    strong = candidate(number="P-2025-000003", clauses=(clause(),))
    weak = [
        candidate(number=f"P-2025-00000{n}", name="另一", type_code="PT001", **OWN) for n in (2, 1)
    ]
    found = near_duplicates(version(), [*weak, strong], RULES)
    assert [likeness.number for likeness in found] == [
        "P-2025-000003",
        "P-2025-000001",
        "P-2025-000002",
    ]


def test_names_are_compared_without_insurer_and_common_words() -> None:
    first, second = "国泰产险网络安全保险", "网络安全综合保险条款"
    assert name_likeness_ppm(first, second, ["国泰产险"]) == 1_000_000
    assert name_likeness_ppm("网络安全保险", "卫星在轨保险") == 0
    assert name_likeness_ppm("保险", "保险") == 1_000_000


def test_no_components_are_not_alike() -> None:
    assert components_likeness_ppm((), ()) == 0


TEXTS = st.text("研发费用损失网络安全AB12 （）", max_size=12)


@settings(deadline=None)
@given(st.frozensets(TEXTS), st.frozensets(TEXTS))
def test_jaccard(first: frozenset[str], second: frozenset[str]) -> None:
    assert 0 <= jaccard_ppm(first, second) == jaccard_ppm(second, first) <= 1_000_000
    assert jaccard_ppm(first, first) == (1_000_000 if first else 0)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, st.integers(1, 2), st.sampled_from(["PT001", "PT002"]))))
def test_scores_and_order_hold_always(entries: list[tuple[str, int, str]]) -> None:
    others = [
        candidate(number=f"P-2025-{n:06}", name=name, insurer_id=insurer, type_code=type_code)
        for n, (name, insurer, type_code) in enumerate(entries, start=1)
    ]
    found = near_duplicates(version(), others, RULES)
    assert found == near_duplicates(version(), others[::-1], RULES)
    for likeness in found:
        assert 40 <= likeness.score <= 100
        assert all(0 <= reason.score <= likeness.score for reason in likeness.reasons)
