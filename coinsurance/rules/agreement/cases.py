"""Worked cases of an agreement: `given.ask` names a topic, the agreement's own terms answer it.

A case that expects another figure than the terms give keeps the agreement from taking effect. To
add a topic: a function here (or a rule that has one) and its name in TOPICS.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from coinsurance.rules import consents, shares
from coinsurance.rules.agreement import money_cases
from coinsurance.rules.agreement.book import agreement_terms
from coinsurance.rules.agreement.given import Answer, Given, as_day, number, numbers
from coinsurance.rules.agreement.reading import member
from coinsurance.rules.agreement.terms import AgreementTerms, Deadline
from coinsurance.rules.backdating import backdated
from coinsurance.rules.deadlines import last_day
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from service.kernel.calendar import OpenTerm
from service.kernel.rulebook import RuleBook


def evaluate(book: RuleBook, given: Given) -> Answer:
    """Answer a worked case. Raises ValueError for one that cannot be read, Refused."""
    return answer(agreement_terms(book), given)


def answer(terms: AgreementTerms, given: Given) -> Answer:
    """Answer a case by the terms; the clause that decided is part of the answer."""
    topic = TOPICS.get(str(given.get("ask", "")))
    if topic is None:
        raise ValueError(f"a case asks one of {', '.join(sorted(TOPICS))}")
    return topic(terms, {key: value for key, value in given.items() if key != "ask"})


def _holders(given: Given) -> list[shares.Holder]:
    """Members M1, M2 … from lists of shares, capacities, votes and days of joining."""
    lists = {
        name: list(cast("tuple[Any, ...]", given[key]))
        for name, key in (
            ("share_units", "shares_units"),
            ("capacity_fen", "capacities_fen"),
            ("votes", "votes"),
            ("joined_on", "joined_on"),
        )
        if key in given
    }
    count = len(next(iter(lists.values()), []))
    return [
        shares.Holder(f"M{n + 1}", n + 1, **{name: values[n] for name, values in lists.items()})
        for n in range(count)
    ]


def _shares(terms: AgreementTerms, given: Given) -> Answer:
    """Shares by the agreement's mode, and who leads by them."""
    holders = _holders(given)
    made = shares.derive(str(given.get("mode", terms.share_mode)), holders)
    lead = shares.find_lead(terms.lead_choice, shares.ranked(holders, made))
    return {
        "shares_units": tuple(item.share_units for item in made),
        "total_units": sum(item.share_units for item in made),
        "lead": lead.key or "",
        "decided_by": lead.decided_by,
        "clause": terms.clause("share_mode"),
    }


def _lead(terms: AgreementTerms, given: Given) -> Answer:
    """Who leads by the agreement's rule."""
    lead = shares.find_lead(terms.lead_choice, _holders(given))
    return {
        "lead": lead.key or "",
        "tied": lead.tied,
        "decided_by": lead.decided_by,
        "clause": terms.clause("lead_choice"),
    }


def _exit(terms: AgreementTerms, given: Given) -> Answer:
    """What the others would hold after a member left, in new business only."""
    made = shares.after_exit(_holders(given), str(given.get("leaver", "")))
    return {
        "shares_units": tuple(item.share_units for item in made),
        "clause": terms.clause("exit_notice"),
    }


def _due(terms: AgreementTerms, given: Given) -> Answer:
    """The last day of one of the agreement's terms."""
    name = str(given.get("term", ""))
    term = terms.consents.get(name.removeprefix("consent_")) if "consent_" in name else None
    found = term or getattr(terms, name, None)
    if found is None or not hasattr(found, "calendar"):
        raise ValueError(f"{name} is no term of this agreement")
    day = last_day(cast("Deadline", found), as_day(given, "start_on"))
    return {
        "due_on": "待日历更新" if isinstance(day, OpenTerm) else day,
        "clause": terms.clause(name),
    }


_SERVED = datetime(2026, 1, 5, tzinfo=UTC)


def _consent(terms: AgreementTerms, given: Given) -> Answer:
    """Whether a matter is agreed to: answers are consented, refused, deemed or silent.

    `after_deadline`: everybody was served and the time to answer has passed.
    """
    matter = member(ConsentMatter, "matter", given.get("matter"))
    term, answers = terms.consents[matter], given.get("answers")
    if not isinstance(answers, tuple):
        raise ValueError("answers is not a list")
    weights = numbers(given, "weights_units") if "weights_units" in given else [0] * len(answers)
    due_at = _SERVED + timedelta(days=1) if term.days is not None else None
    parties = [
        consents.Party(f"M{n + 1}", weight, "" if told == "silent" else str(told), _SERVED, due_at)
        for n, (told, weight) in enumerate(zip(answers, weights, strict=True))
    ]
    units = term.threshold_units
    needed = None if units is None else consents.needed_units(units, weights)
    request = consents.Request(term.rule, term.count, needed, term.deemed)
    late = bool(given.get("after_deadline", False))
    judged = consents.judge(request, parties, _SERVED + timedelta(days=2 if late else 0))
    return {
        "outcome": judged.outcome,
        "missing": judged.missing,
        "to_deem": judged.to_deem,
        "still_needed": judged.still_needed,
        "clause": terms.consent_clause(matter),
    }


def _facility(terms: AgreementTerms, given: Given) -> Answer:
    """Whether a risk is within the limits of the facility."""
    facility = terms.facility
    if facility is None:
        return {"within": False, "clause": terms.clause("facility")}
    within = (
        number(given, "sum_insured_fen") <= facility.sum_insured_max_fen
        and (not facility.classes or given.get("business_class") in facility.classes)
        and (facility.days_max is None or number(given, "days") <= facility.days_max)
    )
    return {"within": within, "clause": terms.clause("facility")}


def _survey(terms: AgreementTerms, given: Given) -> Answer:
    """Whether all members survey a loss together: above the threshold, not at it."""
    limit_fen = terms.survey_threshold_fen
    joint = limit_fen is not None and number(given, "expected_fen") > limit_fen
    return {"joint": joint, "clause": terms.clause("survey_threshold_fen")}


def _roles(terms: AgreementTerms, given: Given) -> Answer:
    """Up to which amount a role may decide a claim alone; 0 where it may not."""
    role = member(PoolRole, "role", given.get("role"))
    amounts = [a.amount_max_fen for a in terms.authority if a.role == role]
    return {"amount_max_fen": max(amounts, default=0), "clause": terms.clause("authority")}


def _backdating(terms: AgreementTerms, given: Given) -> Answer:
    """Whether cover may begin a number of days before binding."""
    declared = bool(given.get("declared", False))
    return {
        "allowed": backdated(number(given, "days"), declared, terms) is None,
        "clause": terms.clause("backdating"),
    }


TOPICS: dict[str, Callable[[AgreementTerms, Given], Answer]] = {
    "shares": _shares,
    "lead": _lead,
    "exit": _exit,
    "due": _due,
    "consent": _consent,
    "facility": _facility,
    "backdating": _backdating,
    "survey": _survey,
    "authority": _roles,
    "premium": money_cases.premium,
    "interest": money_cases.late_interest,
    "backstop": money_cases.bands,
    "signing": money_cases.signing,
}
"""What a case may ask."""
