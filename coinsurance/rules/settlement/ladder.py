"""The ladder of a dispute (争议升级): levels and clocks as the agreement has them.

POOLS §1.3: the nodal officer first, then level by level, at last the regulator or a court.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from coinsurance.rules.agreement.terms import DisputeLevel
from coinsurance.rules.nouns import DayKind
from service.kernel.calendar import OpenTerm, term_end
from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register


@dataclass(frozen=True, slots=True)
class Rung:
    """One level with its clock; `due_on` None: the calendar of that year is not there yet."""

    level: int
    name: str
    started_on: date
    due_on: date | None
    days: int
    calendar: str


def first_rung(levels: Sequence[DisputeLevel], on: date) -> Rung:
    """Where a new dispute stands; Refused when the agreement has no ladder."""
    if not levels:
        raise Refused([blocker("dispute.no_ladder")])
    return _rung(levels, 1, on)


def next_rung(levels: Sequence[DisputeLevel], level: int, on: date) -> Rung:
    """The level above; Refused at the top, from where only a court or the regulator is left."""
    if level >= len(levels):
        raise Refused([blocker("dispute.top_level", "level", level=level)])
    return _rung(levels, level + 1, on)


def may_escalate(rung: Rung, on: date) -> bool:
    """Whether the clock of a level is over, so that either side may go on by itself."""
    return rung.due_on is not None and on > rung.due_on


def _rung(levels: Sequence[DisputeLevel], level: int, on: date) -> Rung:
    term = levels[level - 1]
    end = term_end(on, term.days, working=term.calendar is DayKind.WORKING)
    due_on = None if isinstance(end, OpenTerm) else end
    return Rung(level, term.name, on, due_on, term.days, term.calendar.value)


register(
    {
        "dispute.no_ladder": Text(
            "协议没有约定争议处理的层级与时限",
            "The agreement has no ladder for disputes",
            "请先修订协议，约定各级负责人与时限",
            "Add levels and terms to the agreement first",
            "POOLS §1.3",
        ),
        "dispute.top_level": Text(
            "争议已在最高层级（第 {level} 级）",
            "The dispute stands on the highest level, number {level}",
            "可协商了结，或提交监管部门、仲裁机构或法院",
            "Settle it, or refer it to the regulator, an arbitrator or a court",
            "POOLS §1.3",
        ),
    }
)
