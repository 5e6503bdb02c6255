"""Checks before money moves: what other records say against a line (DESIGN law 7, issue 3 point 8).

One function each in one ordered tuple; each has at most one finding of its code, so that one
written note (``WarningNote``) answers it. ``records`` in its parameters are the matching records,
shown side by side. To add a check: write it beside its like, register its text, put it into the
tuple of its module. What the rule of the scheme judges itself is left out (``judged_codes``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from catalogue.rules.checks import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules.checks.doubles import DOUBLES, siblings
from catalogue.rules.checks.facts import LineEvidence
from catalogue.rules.checks.looking import Check, Examined
from catalogue.rules.checks.parameters import (
    CheckParameters,
    Threshold,
    judged_codes,
    parameters_of,
)
from catalogue.rules.checks.premium import PREMIUM
from catalogue.rules.checks.standing import STANDING
from catalogue.rules.checks.worth import WORTH
from service.kernel.findings import Finding

__all__ = [
    "CHECKS",
    "OFFICE_ONLY",
    "Check",
    "CheckParameters",
    "Examined",
    "LineEvidence",
    "Threshold",
    "check_application",
    "check_line",
    "check_lines",
    "for_firm",
    "judged_codes",
    "parameters_of",
    "unanswered",
]

CHECKS: tuple[Check, ...] = (*STANDING, *DOUBLES, *PREMIUM, *WORTH)

OFFICE_ONLY = frozenset(
    {
        "check.claim_like_refund",
        "check.claims_outlier",
        "check.payer_of_many",
        "check.payee_is_applicant",
        "check.material_in_set",
        "check.receipt_outside_period",
        "check.sum_far_above_contract",
    }
)
"""Detections that the firm is not told of: they are for the reviewer to look into."""
HIDDEN = "＊＊＊"


def check_line(facts: LineEvidence, parameters: CheckParameters) -> list[Finding]:
    """Return all findings on a line, blockers first; without what the rule judges itself."""
    one = Examined(facts, parameters)
    found = [finding for check in CHECKS for finding in check(one)]
    kept = [finding for finding in found if finding.code not in parameters.judged]
    return sorted(kept, key=lambda finding: not finding.blocks)


def check_lines(
    lines: Sequence[LineEvidence], parameters: CheckParameters
) -> dict[str, list[Finding]]:
    """Return the findings of each line of one application by key; its lines are compared too.

    What ``lines`` share among themselves counts like a match in another application.
    """
    found = {}
    for position, line in enumerate(lines):
        others = [*lines[:position], *lines[position + 1 :]]
        matches = (*line.matches, *siblings(line, others))
        found[line.key] = check_line(replace(line, matches=matches), parameters)
    return found


def check_application(lines: Sequence[LineEvidence], parameters: CheckParameters) -> list[Finding]:
    """Return the findings of all lines of one application, blockers first."""
    found = [f for findings in check_lines(lines, parameters).values() for f in findings]
    return sorted(found, key=lambda finding: not finding.blocks)


def unanswered(findings: Iterable[Finding], noted_codes: Collection[str]) -> list[Finding]:
    """Return what still stands in the way: every blocker, and warnings without a written note."""
    return [f for f in findings if f.blocks or f.code not in noted_codes]


def for_firm(findings: Iterable[Finding], uscc: str) -> list[Finding]:
    """Return what the applying firm may read: no detections, no records of other firms."""
    shown = []
    for finding in findings:
        if finding.code in OFFICE_ONLY:
            continue
        params = dict(finding.params)
        records = params.get("records", ())
        assert isinstance(records, tuple)
        own = ["application" not in r or r.get("party_uscc") == uscc for r in records]
        numbers = params.get("numbers", ())
        assert isinstance(numbers, tuple)
        params["records"] = tuple(r for r, mine in zip(records, own, strict=True) if mine)
        params["numbers"] = tuple(
            n if mine else HIDDEN for n, mine in zip(numbers, own, strict=True)
        )
        shown.append(replace(finding, params=params))
    return shown
