"""The life cycles: sound tables, every step, every refusal."""

from __future__ import annotations

import itertools

import pytest

from catalogue.rules.nouns import FilingStatus, ProductStatus
from catalogue.rules.workflows import FILING, RULE, SHELF
from service.kernel.errors import Forbidden, Refused
from service.kernel.workflow import SYSTEM, Workflow

ROLES = (
    "insurer_clerk",
    "insurer_manager",
    "enterprise",
    "committee_officer",
    "committee_approver",
    "committee_admin",
    "auditor",
)
CLERK, OFFICER, APPROVER = "insurer_clerk", "committee_officer", "committee_approver"
INSURER = frozenset({CLERK, "insurer_manager"})

EXPECTED_FILING = {
    ("draft", "submit"): ("submitted", INSURER, False),
    ("submitted", "accept"): ("accepted", {OFFICER}, False),
    ("submitted", "return"): ("returned", {OFFICER}, True),
    ("accepted", "begin_review"): ("in_review", {OFFICER}, False),
    ("in_review", "return"): ("returned", {OFFICER}, True),
    ("returned", "resubmit"): ("submitted", INSURER, False),
    ("in_review", "enter"): ("in_library", {APPROVER}, False),
    ("in_review", "reject"): ("rejected", {APPROVER}, True),
    ("draft", "abandon"): ("abandoned", INSURER, False),
    ("submitted", "abandon"): ("abandoned", INSURER, True),
    ("accepted", "abandon"): ("abandoned", INSURER, True),
    ("returned", "abandon"): ("abandoned", INSURER, True),
    ("in_review", "abandon"): ("abandoned", INSURER, True),
    ("in_library", "replace"): ("replaced", set(), False),
}
WITHDRAWERS = {APPROVER, "insurer_manager"}
EXPECTED_SHELF = {
    ("new", "enter"): ("in_library", set(), False),
    ("in_library", "suspend"): ("suspended", {APPROVER}, True),
    ("suspended", "resume"): ("in_library", {APPROVER}, True),
    ("in_library", "withdraw"): ("withdrawn", WITHDRAWERS, True),
    ("suspended", "withdraw"): ("withdrawn", WITHDRAWERS, True),
    ("in_library", "void_entry"): ("withdrawn", set(), False),
    ("suspended", "void_entry"): ("withdrawn", set(), False),
    ("suspended", "void_suspension"): ("in_library", set(), False),
}
EXPECTED_RULE = {
    ("draft", "change"): ("draft", {OFFICER, "committee_admin"}, False),
    ("draft", "refuse"): ("draft", {APPROVER}, True),
    ("draft", "publish"): ("published", {APPROVER}, False),
}
ALL = [(FILING, EXPECTED_FILING), (SHELF, EXPECTED_SHELF), (RULE, EXPECTED_RULE)]


@pytest.mark.parametrize("workflow", [FILING, SHELF, RULE])
def test_table_is_sound(workflow: Workflow) -> None:
    assert workflow.validate() == []
    assert all(zh and en for zh, en in workflow.states.values())
    assert all(step.label_zh and step.label_en for step in workflow.steps)


def test_states_are_those_of_the_tables() -> None:
    assert list(FILING.states) == [status.value for status in FilingStatus]
    assert list(SHELF.states) == [status.value for status in ProductStatus]


@pytest.mark.parametrize(("workflow", "expected"), ALL)
def test_every_state_event_role(workflow: Workflow, expected: dict) -> None:
    events = {event for _, event in expected}
    for state, event, role in itertools.product(workflow.states, events, (*ROLES, SYSTEM)):
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
        assert (step.target, step.needs_note) == (target, needs_note)
        assert step.automatic == (not roles)
        if needs_note:
            with pytest.raises(Refused):
                workflow.advance(state, event, {role}, note="  ")


@pytest.mark.parametrize(("workflow", "expected"), ALL)
def test_no_other_steps(workflow: Workflow, expected: dict) -> None:
    assert {(step.source, step.event) for step in workflow.steps} == set(expected)


def test_ends() -> None:
    assert FILING.final == {"rejected", "abandoned", "replaced"}
    assert SHELF.final == {"withdrawn"}
    assert RULE.final == {"published"}


def test_officer_who_reviews_cannot_enter() -> None:
    assert {s.event for s in FILING.allowed("in_review", {OFFICER})} == {"return"}
    assert {s.event for s in FILING.allowed("in_review", {APPROVER})} == {"enter", "reject"}
