"""Life cycles: who may go where, and what a table may not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.kernel.errors import Forbidden, Refused
from service.kernel.workflow import SYSTEM, Step, Workflow

CLERK, OFFICER = frozenset({"insurer_clerk"}), frozenset({"committee_officer"})
FILING = Workflow(
    "filing",
    "draft",
    {
        "draft": ("草稿", "Draft"),
        "submitted": ("已提交", "Submitted"),
        "returned": ("已退回", "Returned"),
        "accepted": ("已受理", "Accepted"),
        "lapsed": ("已失效", "Lapsed"),
    },
    (
        Step("draft", "submit", "submitted", CLERK, "提交", "Submit"),
        Step("submitted", "return", "returned", OFFICER, "退回补正", "Return", needs_note=True),
        Step("submitted", "accept", "accepted", OFFICER, "受理", "Accept"),
        Step("returned", "submit", "submitted", CLERK, "重新提交", "Submit again"),
        Step("returned", "lapse", "lapsed", frozenset(), "逾期失效", "Lapse", automatic=True),
    ),
    frozenset({"accepted", "lapsed"}),
)


def test_the_sample_is_sound() -> None:
    assert FILING.validate() == []


def test_every_pair_of_state_event_and_role() -> None:
    """The table is the only truth: all that is not in it is refused."""
    events = {step.event for step in FILING.steps}
    for state in FILING.states:
        for event in events:
            for role in ("insurer_clerk", "committee_officer", SYSTEM, "auditor"):
                rows = [s for s in FILING.steps if (s.source, s.event) == (state, event)]
                if not rows:
                    with pytest.raises(Refused, match=r"workflow\.step_not_allowed"):
                        FILING.advance(state, event, {role})
                elif role in rows[0].roles or (rows[0].automatic and role == SYSTEM):
                    assert FILING.advance(state, event, {role}) is rows[0]
                    assert rows[0] in FILING.allowed(state, {role})
                else:
                    with pytest.raises(Forbidden) as caught:
                        FILING.advance(state, event, {role})
                    assert caught.value.code == "workflow.role_lacks_step"
                    assert rows[0] not in FILING.allowed(state, {role})


def test_nobody_without_a_role_may_do_anything() -> None:
    assert all(FILING.allowed(state, ()) == () for state in FILING.states)


def test_a_refusal_names_the_steps_that_are_allowed() -> None:
    with pytest.raises(Refused) as caught:
        FILING.advance("submitted", "submit", OFFICER)
    finding = caught.value.findings[0]
    assert finding.params["allowed"] == ["return", "accept"]
    assert finding.text("zh") == "当前状态“已提交”不能“提交”"
    assert finding.remedy("zh") == "您现在可以：退回补正、受理"
    assert finding.remedy("en") == "What you can do now: Return, Accept"


def test_an_unknown_event_or_state_is_refused_not_broken() -> None:
    with pytest.raises(Refused):
        FILING.advance("submitted", "fly", OFFICER)
    with pytest.raises(Refused):
        FILING.advance("nowhere", "submit", CLERK)


def test_a_blank_note_is_refused_where_one_is_needed() -> None:
    with pytest.raises(Refused, match=r"workflow\.note_missing"):
        FILING.advance("submitted", "return", OFFICER, " \n")
    assert FILING.advance("submitted", "return", OFFICER, "缺条款").target == "returned"
    assert FILING.advance("submitted", "accept", OFFICER, "").target == "accepted"


def _codes(**changes: object) -> list[str]:
    return [finding.code for finding in replace(FILING, **changes).validate()]  # type: ignore[arg-type]


def test_a_bad_table_is_found() -> None:
    steps, states = FILING.steps, FILING.states
    twin = replace(steps[0], target="accepted")
    lost = replace(steps[0], event="lose", target="lost")
    assert _codes(steps=(*steps, twin)) == ["workflow.duplicate_step"]
    assert _codes(steps=(*steps, lost)) == ["workflow.unknown_state"]
    assert _codes(final=frozenset({"accepted"})) == ["workflow.dead_end"]
    assert _codes(final=FILING.final | {"returned"}) == ["workflow.final_leads_on"]
    assert _codes(
        states={**states, "island": ("孤岛", "Island")}, final=FILING.final | {"island"}
    ) == ["workflow.unreachable"]
    assert _codes(steps=(*steps, replace(twin, event="x", roles=frozenset()))) == [
        "workflow.wrong_roles"
    ]
    assert _codes(steps=(*steps, replace(twin, event="x", automatic=True))) == [
        "workflow.wrong_roles"
    ]
    stuck = replace(steps[0], source="accepted", target="accepted", event="stay")
    assert _codes(steps=(*steps, stuck), final=frozenset({"lapsed"})) == ["workflow.dead_end"]


def test_the_picture_is_the_same_every_time() -> None:
    assert FILING.to_mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> draft\n"
        "    draft : 草稿（draft）\n"
        "    submitted : 已提交（submitted）\n"
        "    returned : 已退回（returned）\n"
        "    accepted : 已受理（accepted）\n"
        "    lapsed : 已失效（lapsed）\n"
        "    draft --> submitted : 提交\n"
        "    submitted --> returned : 退回补正\n"
        "    submitted --> accepted : 受理\n"
        "    returned --> submitted : 重新提交\n"
        "    returned --> lapsed : 逾期失效\n"
        "    accepted --> [*]\n"
        "    lapsed --> [*]\n"
    )
    assert "draft --> submitted : Submit\n" in FILING.to_mermaid("en")
