"""The filing checks (报送审查规则): all of them run, all findings come back (DESIGN law 7).

One function each in one ordered tuple. Fields are paths in the draft form with positions from 0,
such as ``clauses.0.file_number``. To add a check: write the function beside its like, register its
texts in ``texts.py``, put it into ``CHECKS``.
"""

from __future__ import annotations

from datetime import date

from catalogue.rules.facts import InsurerFacts, VersionFacts
from catalogue.rules.filing import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules.filing.book import FAMILY, SCHEMA, check_filing_book, evaluate, filing_rules
from catalogue.rules.filing.clauses import (
    check_file_number_insurer,
    check_file_numbers,
    check_main_clause,
    check_model_clause,
    check_numbers_unique,
    check_registration_numbers,
)
from catalogue.rules.filing.cover import (
    check_components,
    check_deductibles,
    check_limits,
    check_main_section,
    check_rate_band,
    check_sum_band,
)
from catalogue.rules.filing.identity import (
    check_head_office,
    check_industries,
    check_insurer,
    check_licence,
    check_name,
    check_stages,
)
from catalogue.rules.filing.papers import (
    check_audience,
    check_contact,
    check_documents,
    check_evidence,
)
from catalogue.rules.filing.subject import Check, Filing, FilingRules
from service.kernel.findings import Finding

__all__ = [
    "CHECKS",
    "FAMILY",
    "SCHEMA",
    "Check",
    "Filing",
    "FilingRules",
    "check_filing",
    "check_filing_book",
    "evaluate",
    "filing_rules",
]

CHECKS: tuple[Check, ...] = (
    check_insurer,
    check_head_office,
    check_licence,
    check_name,
    check_stages,
    check_industries,
    check_main_clause,
    check_file_numbers,
    check_file_number_insurer,
    check_registration_numbers,
    check_numbers_unique,
    check_model_clause,
    check_components,
    check_limits,
    check_deductibles,
    check_rate_band,
    check_sum_band,
    check_main_section,
    check_audience,
    check_evidence,
    check_documents,
    check_contact,
)


def check_filing(
    version: VersionFacts, insurer: InsurerFacts, rules: FilingRules, on: date | None = None
) -> list[Finding]:
    """Return the findings of every check, blockers first, otherwise in the order of the checks.

    ``on`` is the day of the check: filing dates after it are not plausible.
    """
    filing = Filing(version, insurer, rules, on)
    findings = [finding for check in CHECKS for finding in check(filing)]
    return sorted(findings, key=lambda finding: not finding.blocks)
