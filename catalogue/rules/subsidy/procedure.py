"""What the rule says about the procedure: checklist, public notice, deadlines, ban, retention.

Every day is computed from the official calendar (DESIGN law 12). The first day is not counted and a
last day on a holiday moves to the next working day (民法典 arts. 201, 203). A term that runs into a
year without an official calendar is an OpenTerm: its facts stand, its last day is told later.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from catalogue.rules.subsidy import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules.subsidy.dates import add_years
from catalogue.rules.subsidy.nouns import Material
from catalogue.rules.subsidy.rules import SubsidyRules
from service.kernel.calendar import OpenTerm, term_end
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker

PROCEDURE_NAMES = {
    "public_notice_days": ("公示期", "the public notice"),
    "objection_days": ("异议办理时限", "the time to decide an objection"),
    "return_for_correction_max": ("补正次数上限", "how often an application may be returned"),
    "return_days": ("补正期限", "the time to submit again"),
    "decision_days": ("审核时限", "the time to decide an application"),
    "retention_years": ("档案保存年限", "how long files are kept"),
    "recovery_ban_years": ("追回后限制申报年限", "the ban after a recovery"),
}
PROCEDURE_KEYS = tuple(PROCEDURE_NAMES)
"""What a rule, or the book of procedure beside it, must say before a scheme can be run on it."""


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One paper of the checklist (材料清单) with its clause and whether it is attached."""

    code: str
    title_zh: str
    required: bool
    attached: bool
    source: str


@dataclass(frozen=True, slots=True)
class NoticePeriod:
    """A public notice (公示): published on a day, open up to and including its last day."""

    published_on: date
    last_on: date | OpenTerm
    days: int
    calendar: str
    source: str

    def may_close(self, day: date) -> bool:
        """Whether the notice is over on that day; never before its last day has passed."""
        return not isinstance(self.last_on, OpenTerm) and day > self.last_on


def checklist(rules: SubsidyRules, attached: Collection[str] = ()) -> list[ChecklistItem]:
    """Return the papers the rule asks for, in its order."""
    return [
        ChecklistItem(
            material.code,
            Material.zh_of(material.code),
            material.required,
            material.code in attached,
            material.source,
        )
        for material in rules.materials
    ]


def procedure_gaps(rules: SubsidyRules) -> list[Finding]:
    """Return a blocker for everything the rule must say before a scheme is run on it."""
    return [_gap(key) for key in PROCEDURE_KEYS if not rules.has(key)]


def notice_period(rules: SubsidyRules, published_on: date) -> NoticePeriod:
    """Return the notice that is published on a day. Raises Refused where the rule is silent."""
    rule = rules.notice
    if rule is None:
        raise Refused([_gap("public_notice_days")])
    last_on = term_end(published_on, rule.days, working=rule.calendar == "working")
    source = rules.source("public_notice_days")
    return NoticePeriod(published_on, last_on, rule.days, rule.calendar, source)


def return_due_on(rules: SubsidyRules, returned_on: date) -> date | OpenTerm:
    """Last day to submit again after a return for correction. Raises Refused where silent."""
    return _working(rules.return_days, "return_days", returned_on)


def objection_due_on(rules: SubsidyRules, received_on: date) -> date | OpenTerm:
    """Last day to decide an objection. Raises Refused where the rule is silent."""
    return _working(rules.objection_days, "objection_days", received_on)


def decision_due_on(rules: SubsidyRules, accepted_on: date) -> date | OpenTerm:
    """Last day to decide an accepted application. Raises Refused where the rule is silent."""
    return _working(rules.decision_days, "decision_days", accepted_on)


def may_return(rules: SubsidyRules, times_returned: int) -> bool:
    """Whether an application may be returned once more; a silent rule sets no limit."""
    most = rules.return_for_correction_max
    return most is None or times_returned < most


def ban_until(rules: SubsidyRules, recovered_on: date) -> date:
    """Last day of the ban that follows a recovery. Raises Refused where the rule is silent."""
    return add_years(recovered_on, _said(rules.recovery_ban_years, "recovery_ban_years"))


def retain_until(rules: SubsidyRules, closed_on: date) -> date:
    """Last day to keep the file. Raises Refused where the rule is silent."""
    return add_years(closed_on, _said(rules.retention_years, "retention_years"))


def _working(days: int | None, key: str, first_day: date) -> date | OpenTerm:
    return term_end(first_day, _said(days, key))


def _said(value: int | None, key: str) -> int:
    if value is None:
        raise Refused([_gap(key)])
    return value


def _gap(key: str) -> Finding:
    zh, en = PROCEDURE_NAMES[key]
    return blocker("subsidy.procedure_missing", f"values.{key}", key=key, name_zh=zh, name_en=en)
