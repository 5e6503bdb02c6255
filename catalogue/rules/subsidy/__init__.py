"""The subsidy rule engine (补贴规则): facts in, eligible amounts with a readable trace out.

Read it in this order: ``facts`` (what is judged), ``book`` (what a rule file may say), ``assess``
(the one entry), ``checks_*`` (one function per check), ``steps`` (the arithmetic), ``trace``.

To add a rule key: a field in ``rules``, a line in ``book.SCHEMA`` and its reader, a check or a
step, its texts, a case. To add a rule file: ``books/subsidy/<place>-<subject>-<version>.toml``.
"""

from catalogue.rules.subsidy.assess import assess, payee_of, what_if
from catalogue.rules.subsidy.book import (
    FAMILY_PREFIX,
    SCHEMA,
    check_subsidy_book,
    evaluate,
    is_subsidy_family,
    subsidy_rules,
)
from catalogue.rules.subsidy.facts import (
    ApplicationFacts,
    BanFacts,
    CarrierFacts,
    Context,
    FirmFacts,
    ObjectFacts,
    OtherMoney,
    PaidFacts,
    PolicyLine,
    QualificationFacts,
    StatusFacts,
)
from catalogue.rules.subsidy.funding import Source, funding
from catalogue.rules.subsidy.procedure import (
    ChecklistItem,
    NoticePeriod,
    ban_until,
    checklist,
    decision_due_on,
    may_return,
    notice_period,
    objection_due_on,
    procedure_gaps,
    retain_until,
    return_due_on,
)
from catalogue.rules.subsidy.rules import SubsidyRules
from catalogue.rules.subsidy.trace import Assessment, LineResult, TraceStep, check_trace, replay

__all__ = [
    "FAMILY_PREFIX",
    "SCHEMA",
    "ApplicationFacts",
    "Assessment",
    "BanFacts",
    "CarrierFacts",
    "ChecklistItem",
    "Context",
    "FirmFacts",
    "LineResult",
    "NoticePeriod",
    "ObjectFacts",
    "OtherMoney",
    "PaidFacts",
    "PolicyLine",
    "QualificationFacts",
    "Source",
    "StatusFacts",
    "SubsidyRules",
    "TraceStep",
    "assess",
    "ban_until",
    "check_subsidy_book",
    "check_trace",
    "checklist",
    "decision_due_on",
    "evaluate",
    "funding",
    "is_subsidy_family",
    "may_return",
    "notice_period",
    "objection_due_on",
    "payee_of",
    "procedure_gaps",
    "replay",
    "retain_until",
    "return_due_on",
    "subsidy_rules",
    "what_if",
]
