"""The four life cycles of this part: sound tables, every step, every refusal."""

from __future__ import annotations

import itertools

import pytest

from catalogue.rules.subsidy.nouns import (
    EnrolmentStatus,
    PolicyStatus,
    QualificationStatus,
    SubsidyStatus,
)
from catalogue.rules.subsidy.workflow import (
    ENROLMENT,
    POLICY,
    QUALIFICATION,
    SEPARATE,
    SUBSIDY,
    WORKFLOWS,
)
from service.kernel.errors import Forbidden, Refused
from service.kernel.workflow import SYSTEM, Workflow

F, O, A = "enterprise", "committee_officer", "committee_approver"
C, M = "insurer_clerk", "insurer_manager"
ROLES = (C, M, F, O, A, "committee_admin", "auditor", SYSTEM)

# source event target roles note: roles as letters, "-" for an automatic step, "!" for a note.
SUBSIDY_TABLE = """
draft submit submitted F
draft withdraw withdrawn F
submitted accept accepted O
submitted return returned O !
submitted refuse refused O !
submitted withdraw withdrawn F !
returned resubmit submitted F
returned lapse withdrawn -
returned withdraw withdrawn F !
accepted begin_review first_review O
accepted withdraw withdrawn F !
first_review return returned O !
first_review pass_first second_review O
first_review refuse refused A !
first_review withdraw withdrawn F !
second_review return returned O !
second_review send_back first_review OA !
second_review pass_second public_notice OA
second_review refuse refused A !
second_review withdraw withdrawn F !
public_notice contest objection O !
public_notice approve approved A
public_notice refuse refused A !
public_notice withdraw withdrawn F !
objection dismiss public_notice A !
objection uphold refused A !
objection approve_rest approved A !
approved revoke refused A !
approved pay paid -
paid evaluate evaluated O !
paid recover_part part_recovered A !
paid recover recovered A !
evaluated recover_part part_recovered A !
evaluated recover recovered A !
part_recovered evaluate evaluated O !
part_recovered recover_part part_recovered A !
part_recovered recover recovered A !
"""
ENROLMENT_TABLE = """
draft submit submitted F
submitted confirm insurer_confirmed CM
submitted return returned CM !
submitted decline refused M !
returned resubmit submitted F
insurer_confirmed recognise recognised A
insurer_confirmed return returned O !
insurer_confirmed refuse refused A !
recognised activate active -
recognised revoke revoked A !
active expire expired -
active revoke revoked A !
"""
QUALIFICATION_TABLE = """
applied recommend recommended O
applied refuse refused A !
recommended review reviewed OA
recommended refuse refused A !
reviewed grant granted A
reviewed refuse refused A !
granted exhaust exhausted -
granted expire expired -
granted revoke revoked A !
exhausted replenish granted -
exhausted expire expired -
exhausted revoke revoked A !
"""
POLICY_TABLE = """
recorded confirm confirmed F
recorded dispute disputed F !
recorded cancel cancelled -
recorded expire expired -
confirmed dispute disputed F !
confirmed cancel cancelled -
confirmed expire expired -
disputed confirm confirmed F
disputed answer recorded CM !
disputed cancel cancelled -
disputed expire expired -
cancelled reinstate recorded -
"""
LETTERS = {"F": F, "O": O, "A": A, "C": C, "M": M}
Expected = dict[tuple[str, str], tuple[str, frozenset[str], bool]]


def _expected(table: str) -> Expected:
    rows: Expected = {}
    for line in table.split("\n"):
        if not line:
            continue
        source, event, target, letters, *note = line.split()
        roles = frozenset(LETTERS[letter] for letter in letters if letter != "-")
        rows[source, event] = (target, roles, bool(note))
    return rows


ALL = [
    (SUBSIDY, _expected(SUBSIDY_TABLE)),
    (ENROLMENT, _expected(ENROLMENT_TABLE)),
    (QUALIFICATION, _expected(QUALIFICATION_TABLE)),
    (POLICY, _expected(POLICY_TABLE)),
]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_table_is_sound(workflow: Workflow) -> None:
    assert workflow.validate() == []
    assert all(zh and en for zh, en in workflow.states.values())
    assert all(step.label_zh and step.label_en for step in workflow.steps)
    assert "auditor" not in {role for step in workflow.steps for role in step.roles}


@pytest.mark.parametrize(
    ("workflow", "terms"),
    [
        (SUBSIDY, SubsidyStatus),
        (ENROLMENT, EnrolmentStatus),
        (QUALIFICATION, QualificationStatus),
        (POLICY, PolicyStatus),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_states_are_those_of_the_vocabulary(workflow: Workflow, terms: type) -> None:
    assert list(workflow.states) == [term.value for term in terms]


@pytest.mark.parametrize(("workflow", "expected"), ALL, ids=lambda v: getattr(v, "name", ""))
def test_every_state_event_role(workflow: Workflow, expected: Expected) -> None:
    events = {event for _, event in expected}
    for state, event, role in itertools.product(workflow.states, events, ROLES):
        wanted = expected.get((state, event))
        if wanted is None:
            with pytest.raises(Refused) as refused:
                workflow.advance(state, event, {role})
            assert refused.value.findings[0].code == "workflow.step_not_allowed"
            continue
        target, roles, needs_note = wanted
        if role not in (roles or {SYSTEM}):
            with pytest.raises(Forbidden):
                workflow.advance(state, event, {role})
            continue
        step = workflow.advance(state, event, {role}, note="理由")
        assert (step.target, step.needs_note, step.automatic) == (target, needs_note, not roles)
        if needs_note:
            with pytest.raises(Refused):
                workflow.advance(state, event, {role}, note="  ")


@pytest.mark.parametrize(("workflow", "expected"), ALL, ids=lambda v: getattr(v, "name", ""))
def test_no_other_steps(workflow: Workflow, expected: Expected) -> None:
    assert {(step.source, step.event) for step in workflow.steps} == set(expected)


def test_ends() -> None:
    assert SUBSIDY.final == {"refused", "withdrawn", "recovered"}
    assert ENROLMENT.final == {"expired", "refused", "revoked"}
    assert QUALIFICATION.final == {"expired", "revoked", "refused"}
    assert POLICY.final == {"expired"}


def test_money_needs_a_second_person() -> None:
    """Whoever reviewed may not approve, and an officer alone can never get money out."""
    assert set(SEPARATE["subsidy"]["approve"]) >= {"submit", "pass_first", "pass_second"}
    approving = {s.event for s in SUBSIDY.steps if s.target in ("approved", "recovered")}
    assert all(O not in s.roles for s in SUBSIDY.steps if s.event in approving)


def test_four_eyes_name_steps_that_exist() -> None:
    beginnings = {"policy": {"record"}}
    for workflow in WORKFLOWS:
        events = {step.event for step in workflow.steps} | beginnings.get(workflow.name, set())
        for event, others in SEPARATE[workflow.name].items():
            assert event in events
            assert set(others) <= events
            assert event not in others
