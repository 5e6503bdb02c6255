"""The life cycles of the pools, walked exhaustively: every state, every event, every role."""

from __future__ import annotations

import itertools

import pytest

from coinsurance.rules.workflows import WORKFLOWS
from service.auth import Role
from service.kernel.errors import Forbidden, Refused
from service.kernel.workflow import SYSTEM, Workflow

ROLES = (*(role.value for role in Role), SYSTEM)
LETTERS = {
    "C": "insurer_clerk",
    "M": "insurer_manager",
    "O": "committee_officer",
    "D": "committee_admin",
    "A": "committee_approver",
}
# source event target roles note: roles as letters, "-" for an automatic step, "!" for a note.
TABLES = {
    "pool": """
forming activate active -
active suspend suspended A !
suspended resume active A !
active wind_up run_off A !
suspended wind_up run_off A !
run_off close closed A !
forming close closed A !
""",
    "pool_agreement": """
draft ask under_vote MOD
under_vote take_effect effective A
under_vote refuse refused -
draft withdraw withdrawn MOD
under_vote withdraw withdrawn MOD
effective supersede superseded -
""",
    "pool_year": """
draft sign signed OD
signed open open A
open close_new closed_new A !
closed_new run_off run_off A
run_off commute commuted A !
""",
    "pool_member": """
invited accept active M
invited decline declined M
active suspend suspended A !
suspended resume active A !
active exit exited MA !
suspended exit exited MA !
active default defaulted A !
suspended default defaulted A !
exited default defaulted A !
defaulted cure suspended A !
active leave exited -
suspended leave exited -
invited refuse_admission declined -
""",
    "pool_member_account": """
asked confirm confirmed OD !
asked refuse refused OD !
asked withdraw withdrawn M !
""",
    "share_schedule": """
proposed consent consented -
proposed refuse refused -
consented take_effect effective A
proposed bind effective -
proposed withdraw withdrawn MOD
consented withdraw withdrawn MOD
""",
    "consent_request": """
open give given -
open refuse refused -
open expire expired -
open withdraw withdrawn -
""",
    "risk": """
draft submit submitted CM
submitted open_market in_market CM
undersubscribed open_market in_market CM
submitted bind placed M
in_market bind placed M
in_market fall_short undersubscribed -
in_market lapse lapsed -
undersubscribed lapse lapsed -
draft withdraw withdrawn CM
submitted withdraw withdrawn CM !
in_market withdraw withdrawn CM !
undersubscribed withdraw withdrawn CM
""",
    "risk_line": """
offered write written CM
offered decline declined CM
written write written CM
written decline declined CM
declined write written CM
written sign signed -
written lapse lapsed -
offered lapse lapsed -
""",
    "placement": """
bound attach in_force -
in_force detach bound -
in_force expire expired -
bound expire expired -
bound cancel cancelled M !
in_force cancel cancelled M !
cancelled reinstate bound M !
""",
    "placement_endorsement": """
proposed consent consented -
proposed refuse refused -
consented issue issued M
proposed withdraw withdrawn CM
consented withdraw withdrawn CM
""",
    "subjectivity": """
open meet met CM !
open waive waived CM !
""",
}
FINAL = {
    "pool": {"closed"},
    "pool_agreement": {"superseded", "refused", "withdrawn"},
    "pool_year": {"commuted"},
    "pool_member": {"declined"},
    "pool_member_account": {"confirmed", "refused", "withdrawn"},
    "share_schedule": {"effective", "refused", "withdrawn"},
    "consent_request": {"given", "refused", "expired", "withdrawn"},
    "risk": {"placed", "withdrawn", "lapsed"},
    "risk_line": {"signed", "lapsed"},
    "placement": {"expired"},
    "placement_endorsement": {"refused", "withdrawn", "issued"},
    "subjectivity": {"met", "waived"},
}
Expected = dict[tuple[str, str], tuple[str, frozenset[str], bool]]


def expected(workflow: Workflow) -> Expected:
    rows: Expected = {}
    for line in TABLES[workflow.name].strip().split("\n"):
        source, event, target, letters, *note = line.split()
        roles = frozenset(LETTERS[letter] for letter in letters if letter != "-")
        rows[source, event] = (target, roles, bool(note))
    return rows


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_table_is_sound(workflow: Workflow) -> None:
    assert workflow.validate() == []
    assert all(zh and en for zh, en in workflow.states.values())
    assert all(step.label_zh and step.label_en for step in workflow.steps)
    assert "auditor" not in {role for step in workflow.steps for role in step.roles}
    assert "enterprise" not in {role for step in workflow.steps for role in step.roles}
    assert workflow.final == FINAL[workflow.name]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_no_other_steps(workflow: Workflow) -> None:
    assert {(step.source, step.event) for step in workflow.steps} == set(expected(workflow))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_every_state_event_role(workflow: Workflow) -> None:
    table = expected(workflow)
    events = {event for _, event in table}
    for state, event, role in itertools.product(workflow.states, events, ROLES):
        wanted = table.get((state, event))
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


def test_every_life_cycle_has_its_table() -> None:
    assert {workflow.name for workflow in WORKFLOWS} == set(TABLES) == set(FINAL)


def test_what_takes_effect_needs_the_approver() -> None:
    """Preparing and deciding belong to different roles, so that four eyes can be kept."""
    deciding = {"take_effect", "open", "default", "cure", "close_new", "commute"}
    for workflow in WORKFLOWS[:6]:
        for step in workflow.steps:
            if step.event in deciding:
                assert step.roles == {"committee_approver"}
