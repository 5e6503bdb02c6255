"""Cover that begins before it is bound (追溯起保): only as the agreement has it.

Neither the insurance law nor POOLS forbids it: what was not possible any more or known when the
contract was made is not insured (《保险法》第二条、第十六条；海上保险另见《海商法》第二百二十四条).
An agreement that says nothing leaves it to the binder, who is told; one with a clause is held to
its days and wants the insured's declaration that no loss is known (无已知损失声明).
"""

from __future__ import annotations

from datetime import date

from coinsurance.rules import placement_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.terms import AgreementTerms
from service.kernel.findings import Finding, blocker, warning


def check_backdating(
    start_on: date, today: date, declared: bool, terms: AgreementTerms
) -> list[Finding]:
    """What an earlier start needs, or that it is one."""
    days = (today - start_on).days
    if days <= 0:
        return []
    clause = terms.clause("backdating") if terms.backdating else ""
    stops = backdated(days, declared, terms)
    return [stops or warning("bind.backdated", "start_on", clause, start=start_on)]


def backdated(days: int, declared: bool, terms: AgreementTerms) -> Finding | None:
    """What stops a start that many days before binding; None: nothing does."""
    term, clause = terms.backdating, terms.clause("backdating")
    if term is None or days <= 0:
        return None
    if days > term.days_max:
        return blocker(
            "bind.backdated_too_far", "start_on", clause, days=days, maximum=term.days_max
        )
    if not declared:
        return blocker("bind.loss_undeclared", "no_known_loss_document", clause, days=days)
    return None
