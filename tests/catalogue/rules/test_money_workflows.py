"""Life cycles of batches, recoveries and payees' accounts: sound, and every step as intended."""

from __future__ import annotations

import itertools

import pytest

from catalogue.rules.subsidy.money_workflows import BATCH, MONEY_WORKFLOWS, PAYEE, RECOVERY
from catalogue.rules.subsidy.nouns import BatchStatus, PayeeStatus, RecoveryStatus
from service.kernel.errors import Forbidden, Refused
from service.kernel.workflow import SYSTEM, Workflow

O, A = "committee_officer", "committee_approver"
ROLES = ("insurer_manager", "enterprise", O, A, "committee_admin", "auditor", SYSTEM)
STEPS = {
    "batch": {
        ("draft", "approve"): ("approved", A),
        ("approved", "send"): ("sent", O),
        ("sent", "settle"): ("done", SYSTEM),
        ("sent", "settle_part"): ("part_failed", SYSTEM),
    },
    "recovery": {
        ("proposed", "approve"): ("open", A),
        ("proposed", "cancel"): ("cancelled", A),
        ("proposed", "lapse"): ("cancelled", SYSTEM),
        ("open", "receive_part"): ("open", O),
        ("open", "receive"): ("received", O),
    },
    "payee": {
        ("proposed", "verify"): ("verified", A),
        ("proposed", "refuse"): ("refused", A),
        ("proposed", "replace"): ("replaced", SYSTEM),
        ("verified", "replace"): ("replaced", SYSTEM),
    },
}


@pytest.mark.parametrize("workflow", MONEY_WORKFLOWS, ids=lambda w: w.name)
def test_every_state_event_and_role(workflow: Workflow) -> None:
    assert workflow.validate() == []
    expected = STEPS[workflow.name]
    events = {event for _, event in expected}
    assert {(s.source, s.event) for s in workflow.steps} == set(expected)
    for state, event, role in itertools.product(workflow.states, events, ROLES):
        wanted = expected.get((state, event))
        if wanted is None:
            with pytest.raises(Refused):
                workflow.advance(state, event, {role}, note="理由")
        elif role != wanted[1]:
            with pytest.raises(Forbidden):
                workflow.advance(state, event, {role}, note="理由")
        else:
            assert workflow.advance(state, event, {role}, note="理由").target == wanted[0]


@pytest.mark.parametrize(
    ("workflow", "terms", "final"),
    [
        (BATCH, BatchStatus, {"done", "part_failed"}),
        (RECOVERY, RecoveryStatus, {"received", "cancelled"}),
        (PAYEE, PayeeStatus, {"refused", "replaced"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_states_and_ends(workflow: Workflow, terms: type, final: set[str]) -> None:
    assert list(workflow.states) == [term.value for term in terms]
    assert workflow.final == final
