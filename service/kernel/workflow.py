"""Life cycles as tables of data (DESIGN law 5): they drive buttons, API, pictures and tests.

Pure: nothing is written here. Only ``journal.move`` turns a step into a changed status.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from service.kernel.errors import Forbidden, Refused
from service.kernel.findings import Finding, Language, Text, blocker, register

SYSTEM = "system"
"""The role of the program itself: the only one that may take an automatic step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way from a state to another. An automatic step has no roles: only SYSTEM takes it."""

    source: str
    event: str
    target: str
    roles: frozenset[str]
    label_zh: str
    label_en: str
    needs_note: bool = False
    automatic: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(self.roles))

    def open_to(self, roles: Collection[str]) -> bool:
        """Whether one of the roles may take this step."""
        return SYSTEM in roles if self.automatic else not self.roles.isdisjoint(roles)

    def label(self, language: Language = "zh") -> str:
        """Return the words on the button."""
        return self.label_zh if language == "zh" else self.label_en


@dataclass(frozen=True, slots=True)
class Workflow:
    """A life cycle. ``states``: code to Chinese and English name; ``final`` ones end it."""

    name: str
    initial: str
    states: Mapping[str, tuple[str, str]]
    steps: tuple[Step, ...]
    final: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        object.__setattr__(self, "final", frozenset(self.final))

    def label(self, state: str, language: Language = "zh") -> str:
        """Return the name of a state; an unknown state is shown as its code."""
        zh, en = self.states.get(state, (state, state))
        return zh if language == "zh" else en

    def steps_from(self, state: str) -> tuple[Step, ...]:
        """Return every step out of a state, whoever may take it."""
        return tuple(step for step in self.steps if step.source == state)

    def allowed(self, state: str, roles: Collection[str]) -> tuple[Step, ...]:
        """Return the steps these roles may take now."""
        return tuple(step for step in self.steps_from(state) if step.open_to(roles))

    def advance(
        self, state: str, event: str, roles: Collection[str], note: str | None = None
    ) -> Step:
        """Return the step for an event.

        A note of None is not judged; a given note must not be blank where the step needs one.
        Raises Refused (workflow.step_not_allowed, workflow.note_missing) and Forbidden
        (workflow.role_lacks_step).
        """
        step = next((s for s in self.steps_from(state) if s.event == event), None)
        if step is None:
            raise Refused([self._not_allowed(state, event, roles)])
        if not step.open_to(roles):
            raise Forbidden(
                "workflow.role_lacks_step",
                field="event",
                event_zh=step.label_zh,
                event_en=step.label_en,
                roles=step.roles or {SYSTEM},
            )
        if step.needs_note and note is not None and not note.strip():
            raise Refused(
                [
                    blocker(
                        "workflow.note_missing",
                        "note",
                        event_zh=step.label_zh,
                        event_en=step.label_en,
                    )
                ]
            )
        return step

    def to_mermaid(self, language: Language = "zh") -> str:
        """Return the life cycle as a Mermaid state diagram, one step a line, in table order."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [
            f"    {state} : {self.label(state, language)}（{state}）"
            if language == "zh"
            else f"    {state} : {self.label(state, language)} ({state})"
            for state in self.states
        ]
        lines += [
            f"    {step.source} --> {step.target} : {step.label(language)}" for step in self.steps
        ]
        lines += [f"    {state} --> [*]" for state in self.states if state in self.final]
        return "\n".join(lines) + "\n"

    def validate(self) -> list[Finding]:
        """Check the table itself; an empty list means that it is sound."""
        return [
            *self._unknown_states(),
            *self._duplicate_steps(),
            *self._wrong_roles(),
            *self._unreachable(),
            *self._wrong_ends(),
        ]

    def reachable(self) -> frozenset[str]:
        """Return the states that can be reached from the first."""
        seen, todo = {self.initial}, [self.initial]
        while todo:
            state = todo.pop()
            for step in self.steps_from(state):
                if step.target not in seen:
                    seen.add(step.target)
                    todo.append(step.target)
        return frozenset(seen)

    def _not_allowed(self, state: str, event: str, roles: Collection[str]) -> Finding:
        mine, known = self.allowed(state, roles), [s for s in self.steps if s.event == event]
        return blocker(
            "workflow.step_not_allowed",
            "event",
            event=event,
            event_zh=known[0].label_zh if known else event,
            event_en=known[0].label_en if known else event,
            state=state,
            state_zh=self.label(state, "zh"),
            state_en=self.label(state, "en"),
            allowed=[step.event for step in mine],
            allowed_zh=[step.label_zh for step in mine],
            allowed_en=[step.label_en for step in mine],
        )

    def _problem(self, code: str, subject: str) -> Finding:
        return blocker(code, self.name, workflow=self.name, subject=subject)

    def _unknown_states(self) -> list[Finding]:
        named = [self.initial, *sorted(self.final)]
        named += [state for step in self.steps for state in (step.source, step.target)]
        unknown = dict.fromkeys(state for state in named if state not in self.states)
        return [self._problem("workflow.unknown_state", state) for state in unknown]

    def _duplicate_steps(self) -> list[Finding]:
        seen: set[tuple[str, str]] = set()
        found = []
        for step in self.steps:
            key = (step.source, step.event)
            if key in seen:
                found.append(self._problem("workflow.duplicate_step", " / ".join(key)))
            seen.add(key)
        return found

    def _wrong_roles(self) -> list[Finding]:
        return [
            self._problem("workflow.wrong_roles", f"{step.source} / {step.event}")
            for step in self.steps
            if step.automatic == bool(step.roles)
        ]

    def _unreachable(self) -> list[Finding]:
        reachable = self.reachable()
        return [
            self._problem("workflow.unreachable", state)
            for state in self.states
            if state not in reachable
        ]

    def _wrong_ends(self) -> list[Finding]:
        found = []
        for state in self.states:
            leads_on = any(step.target != state for step in self.steps_from(state))
            if not leads_on and state not in self.final:
                found.append(self._problem("workflow.dead_end", state))
            if self.steps_from(state) and state in self.final:
                found.append(self._problem("workflow.final_leads_on", state))
        return found


_TABLE_REMEDY = ("请修正流程表", "Correct the table of the life cycle")

register(
    {
        "workflow.step_not_allowed": Text(
            "当前状态“{state_zh}”不能“{event_zh}”",
            "“{event_en}” is not possible in the state “{state_en}”",
            "您现在可以：{allowed_zh}",
            "What you can do now: {allowed_en}",
            "DESIGN law 5",
        ),
        "workflow.role_lacks_step": Text(
            "您的角色不能“{event_zh}”",
            "Your role may not take the step “{event_en}”",
            "此操作须由下列角色办理：{roles}",
            "This step belongs to: {roles}",
            "DESIGN law 5",
        ),
        "workflow.note_missing": Text(
            "“{event_zh}”必须写明意见",
            "“{event_en}” needs a note",
            "请填写意见或理由，对方将据此办理",
            "Write the reason; the other side works from it",
            "DESIGN law 5",
        ),
        "workflow.unknown_state": Text(
            "流程 {workflow} 用到未定义的状态 {subject}",
            "Life cycle {workflow} names the unknown state {subject}",
            *_TABLE_REMEDY,
        ),
        "workflow.duplicate_step": Text(
            "流程 {workflow} 的步骤重复：{subject}",
            "Life cycle {workflow} has the step {subject} twice",
            *_TABLE_REMEDY,
        ),
        "workflow.wrong_roles": Text(
            "流程 {workflow} 的步骤 {subject}：人工步骤须有角色，自动步骤不得有角色",
            "Life cycle {workflow}, step {subject}: a step has roles, an automatic step has none",
            *_TABLE_REMEDY,
        ),
        "workflow.unreachable": Text(
            "流程 {workflow} 的状态 {subject} 无法到达",
            "Life cycle {workflow} never reaches the state {subject}",
            *_TABLE_REMEDY,
        ),
        "workflow.dead_end": Text(
            "流程 {workflow} 的状态 {subject} 没有出口，也未声明为终态",
            "Life cycle {workflow}: {subject} has no way out and is not declared final",
            *_TABLE_REMEDY,
        ),
        "workflow.final_leads_on": Text(
            "流程 {workflow} 的终态 {subject} 还有后续步骤",
            "Life cycle {workflow}: the final state {subject} has a way out",
            *_TABLE_REMEDY,
        ),
    }
)
