"""The life cycle of a claim, walked exhaustively: every state, every event, every role."""

from __future__ import annotations

from itertools import product

import pytest

from coinsurance.rules.claims.movements import paid_event
from coinsurance.rules.claims.workflow import (
    ADVANCEABLE,
    CASH_CALL,
    CLAIM,
    CLOSABLE,
    PAYABLE,
    RECOVERABLE,
    RUNNING,
    WORKFLOWS,
)
from service.auth import Role
from service.kernel.errors import Forbidden, Refused
from service.kernel.workflow import SYSTEM, Workflow

ROLES = [*(role.value for role in Role), SYSTEM]
DESIGN = [
    "notified", "registered", "survey", "assessed", "consent_pending", "agreed", "declined",
    "disputed", "part_paid", "paid", "recovery", "closed", "reopened",
]  # fmt: skip


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_table_is_sound(workflow: Workflow) -> None:
    assert workflow.validate() == []


def test_states_are_those_of_the_design() -> None:
    assert list(CLAIM.states) == DESIGN


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_every_state_event_and_role(workflow: Workflow) -> None:
    """A step is taken exactly where the table has it, and by those it names."""
    events = sorted({step.event for step in workflow.steps})
    table = {(step.source, step.event): step for step in workflow.steps}
    walked = 0
    for state, event, role in product(workflow.states, events, ROLES):
        step = table.get((state, event))
        walked += 1
        if step is None:
            with pytest.raises(Refused) as refused:
                workflow.advance(state, event, {role}, "理由")
            told = refused.value.findings[0].params["allowed"]
            assert told == [s.event for s in workflow.allowed(state, {role})]
        elif step.open_to({role}):
            assert workflow.advance(state, event, {role}, "理由").target == step.target
        else:
            with pytest.raises(Forbidden):
                workflow.advance(state, event, {role}, "理由")
    assert walked == len(workflow.states) * len(events) * len(ROLES)


def test_every_state_can_still_be_closed_and_reopened() -> None:
    """From every state a way leads to closed, and from there back to assessed."""
    for state in CLAIM.states:
        seen, todo = {state}, [state]
        while todo:
            for step in CLAIM.steps_from(todo.pop()):
                if step.target not in seen:
                    seen.add(step.target)
                    todo.append(step.target)
        assert {"closed", "reopened", "assessed"} <= seen


def test_consent_pending_is_left_by_decision_withdrawal_or_dispute_only() -> None:
    events = {step.event for step in CLAIM.steps_from("consent_pending")}
    assert events == {"withdraw", "agree", "decline", "dispute"}


def test_nobody_agrees_or_declines_but_a_manager() -> None:
    for step in CLAIM.steps:
        if step.event in ("agree", "decline", "close", "reopen"):
            assert step.roles == {"insurer_manager"}


def test_sets_of_states_name_states() -> None:
    named = {*CLOSABLE, *PAYABLE, *ADVANCEABLE, *RECOVERABLE, *RUNNING}
    assert named <= set(CLAIM.states)
    assert not PAYABLE & ADVANCEABLE


@pytest.mark.parametrize("status", DESIGN)
@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("paid", [0, 1])
def test_money_moves_the_status_only_by_steps_of_the_table(
    status: str, left: int, paid: int
) -> None:
    event = paid_event(status, left, paid)
    if event is not None:
        assert CLAIM.advance(status, event, {SYSTEM}, None)


def test_a_cash_call_ends_when_it_is_released() -> None:
    assert CASH_CALL.final == {"released"}
