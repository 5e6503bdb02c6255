"""What the checks of an application share: what they look at and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from catalogue.rules.subsidy.facts import ApplicationFacts, PolicyLine
from catalogue.rules.subsidy.rules import SubsidyRules
from catalogue.rules.subsidy.trace_texts import FACT_LABELS, label
from service.kernel.findings import Finding, blocker

Inputs = Mapping[str, object]
Judged = tuple[Inputs, list[Finding]]
"""What a check looked at, shown in the trace, and what it found."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An application under a rule, as the checks of the firm see it."""

    rules: SubsidyRules
    facts: ApplicationFacts

    @property
    def applied_on(self) -> date:
        """The day of application."""
        return self.facts.context.applied_on

    def blocks(self, code: str, key: str, field: str, /, **params: object) -> Finding:
        """Make a blocker with the clause of a rule key."""
        return blocker(code, field, self.rules.source(key), **params)

    def unknown(self, key: str, field: str, name: str) -> Finding:
        """Make the blocker for a fact that the rule needs and nobody has given."""
        zh, en = label(FACT_LABELS, name)
        return self.blocks("subsidy.fact_missing", key, field, fact_zh=zh, fact_en=en)


@dataclass(frozen=True, slots=True)
class One(Whole):
    """One line of an application, as the checks of a line see it."""

    line: PolicyLine

    def field(self, name: str = "") -> str:
        """Return the path of a field of this line."""
        return f"lines.{self.line.key}" + (f".{name}" if name else "")


WholeCheck = Callable[[Whole], Judged | None]
LineCheck = Callable[[One], Judged | None]
"""None: the rule says nothing about it."""


def in_days(value: date, first: date | None, last: date | None) -> bool:
    """Whether a day lies between two days, both included; None is open."""
    return (first is None or first <= value) and (last is None or value <= last)
