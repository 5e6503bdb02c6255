"""Assessing an application: checks of the firm, checks and arithmetic of each line, the trace.

Pure: the same facts and the same rule give the same bytes, so "what would I get" is this function
on facts nobody has stored. Every check runs and every finding comes back (DESIGN law 7). Lines are
taken in the order given; shared limits (policy, product, project, quota, firm, budget) are drawn in
that order. A line with a blocker draws nothing.
"""

from __future__ import annotations

from catalogue.rules.subsidy import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules.subsidy.checks_firm import WHOLE_CHECKS
from catalogue.rules.subsidy.checks_object import OBJECT_CHECKS
from catalogue.rules.subsidy.checks_policy import POLICY_CHECKS
from catalogue.rules.subsidy.facts import ApplicationFacts, PolicyLine
from catalogue.rules.subsidy.judging import Judged, One, Whole
from catalogue.rules.subsidy.nouns import Instrument, Payee
from catalogue.rules.subsidy.rules import SubsidyRules
from catalogue.rules.subsidy.steps import Chain, Purse, draw, run
from catalogue.rules.subsidy.trace import Assessment, LineResult, TraceStep
from service.kernel.findings import Finding, blocker, blockers

LINE_CHECKS = (*POLICY_CHECKS, *OBJECT_CHECKS)
UNCOMPUTABLE = frozenset(
    {"subsidy.amount_negative", "subsidy.ratio_absent", "subsidy.kind_not_covered"}
)
"""Findings with which the arithmetic of a line makes no sense."""
TO_INSURER = frozenset({Instrument.PREMIUM_DIRECT_PAY.value, Instrument.LOSS_SHARING.value})


def assess(rules: SubsidyRules, application: ApplicationFacts) -> Assessment:
    """Return what each line gets, why, and what keeps it from getting more. Amounts in fen."""
    whole = Whole(rules, application)
    steps: list[TraceStep] = []
    found: list[Finding] = []
    for name, key, check in WHOLE_CHECKS:
        _note(rules, name, key, check(whole), steps, found)
    purse = Purse()
    lines = tuple(
        _line(rules, application, line, purse, bool(blockers(found))) for line in application.lines
    )
    too_small = _claim_minimum(rules, lines, steps)
    if too_small:
        found += too_small
        lines = tuple(_without_money(line) for line in lines)
    return Assessment(
        rule_version=rules.version,
        rule_hash=rules.hash,
        instrument=rules.instrument,
        lines=lines,
        findings=tuple(found),
        steps=tuple(steps),
    )


def payee_of(rules: SubsidyRules) -> Payee:
    """Who is paid under a rule: the firm, or the insurer of each line."""
    return Payee.INSURER if rules.instrument in TO_INSURER else Payee.FIRM


what_if = assess
"""“What would I get”: the same function, on facts that nobody has stored."""


def _line(
    rules: SubsidyRules,
    application: ApplicationFacts,
    line: PolicyLine,
    purse: Purse,
    firm_refused: bool,
) -> LineResult:
    one = One(rules, application, line)
    steps: list[TraceStep] = []
    found: list[Finding] = []
    for name, key, check in LINE_CHECKS:
        _note(rules, name, key, check(one), steps, found)
    payee = payee_of(rules)
    if any(finding.code in UNCOMPUTABLE for finding in found):
        return LineResult(line.key, 0, None, None, payee.value, tuple(found), tuple(steps))
    chain = Chain(rules, line, application.context, purse)
    run(chain)
    granted = not firm_refused and not blockers(found) and not chain.findings
    if granted:
        draw(chain)
    return LineResult(
        key=line.key,
        amount_fen=chain.amount_fen if granted else 0,
        base_fen=chain.base_fen,
        would_be_fen=chain.amount_fen,
        payee=payee.value,
        findings=(*found, *chain.findings),
        steps=(*steps, *chain.steps),
    )


def _note(
    rules: SubsidyRules,
    name: str,
    key: str,
    judged: Judged | None,
    steps: list[TraceStep],
    found: list[Finding],
) -> None:
    """Put a check into the trace and keep its findings."""
    if judged is None:
        return
    inputs, findings = judged
    clause = rules.clauses.get(key)
    steps.append(
        TraceStep(
            key,
            "check",
            name,
            inputs,
            ok=not blockers(findings),
            source=clause.source if clause else "",
            example=clause.example if clause else False,
            note=clause.note if clause else "",
        )
    )
    found += findings


def _claim_minimum(
    rules: SubsidyRules, lines: tuple[LineResult, ...], steps: list[TraceStep]
) -> list[Finding]:
    """The whole claim reaches the least amount, where the rule has one."""
    least = rules.minimum.claim_fen
    if least is None:
        return []
    total_fen = sum(line.amount_fen for line in lines)
    found = []
    if 0 < total_fen < least:
        found.append(
            blocker(
                "subsidy.claim_too_small",
                "lines",
                rules.source("amount_minimum"),
                amount_fen=total_fen,
                minimum_fen=least,
            )
        )
    judged = {"claim_fen": total_fen, "minimum_fen": least}, found
    _note(rules, "claim_minimum", "amount_minimum", judged, steps, [])
    return found


def _without_money(line: LineResult) -> LineResult:
    return LineResult(
        line.key, 0, line.base_fen, line.would_be_fen, line.payee, line.findings, line.steps
    )
