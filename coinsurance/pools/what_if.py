"""Calculators of shares, exit, newcomers, consents, deadlines, agreements: nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coinsurance.access import keep_look, view_of, year_row
from coinsurance.pool_what_if_forms import (
    HolderForm,
    LeadRuleForm,
    WhatIfAgreementForm,
    WhatIfConsentForm,
    WhatIfDeadlineForm,
    WhatIfSharesForm,
)
from coinsurance.pool_what_if_shapes import (
    AgreementAnswer,
    ConsentAnswer,
    ConsentPartyAnswer,
    DeadlineAnswer,
    Exact,
    LeadAnswer,
    ShareAnswer,
    ShareChange,
    SharesAnswer,
)
from coinsurance.pools.agreement_records import clauses, examples
from coinsurance.pools.agreements import weight_of
from coinsurance.rules.agreement.book import agreement_terms, terms_of
from coinsurance.rules.agreement.terms import LeadChoice
from coinsurance.rules.consents import Party, Request, check_request, judge, needed_units
from coinsurance.rules.deadlines import Counted, last_day, late_from, told
from coinsurance.rules.nouns import ConsentRule, PoolRole, ShareMode
from coinsurance.rules.shares import (
    Derived,
    Holder,
    Lead,
    after_exit,
    changes,
    derive,
    find_lead,
    ranked,
    with_newcomer,
)
from coinsurance.rules.workflows import CONSENT
from service.auth import Actor
from service.kernel.calendar import OpenTerm, local_day, now, today
from service.kernel.db import sql
from service.kernel.errors import Forbidden, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.rulebook import check_book, parse
from service.kernel.shares import format_percent

NOTE_ZH = "变化只及于新业务；存续保单在了结前按原份额承担，任何成员不因他人退出或违约而自动多担。"
NOTE_EN = (
    "A change holds for new business only; what is in force runs off on its shares, and nobody"
    " carries more because another leaves or defaults."
)


async def shares(actor: Actor, form: WhatIfSharesForm) -> SharesAnswer:
    """Shares and lead, and what an exit or a newcomer would change in new business.

    From the numbers given, or from a pool year whose shares the reader may see; Refused for both.
    """
    mode, choice, clause = form.mode, _choice(form.lead), ""
    if form.pool_year and form.members:
        raise Refused([blocker("shares.year_and_members", "members")])
    if form.pool_year:
        mode, choice, clause, holders = await _of_year(actor, form)
    else:
        holders = _holders(form.members)
    made = derive(mode, holders)
    now_held = ranked(holders, made)
    after = _after(mode, now_held, form)
    return SharesAnswer(
        mode,
        sum(item.share_units for item in made),
        [_share(item) for item in made],
        _lead(find_lead(choice, now_held)),
        [_share(item) for item in after] if after is not None else None,
        _lead(find_lead(choice, _joined(now_held, form, after))) if after is not None else None,
        [ShareChange(c.key, c.before_units, c.after_units) for c in changes(made, after or made)],
        [ShareChange(i.key, i.share_units, i.share_units) for i in made],
        clause,
        NOTE_ZH,
        NOTE_EN,
    )


def _choice(form: LeadRuleForm | None) -> LeadChoice:
    return LeadChoice(form.rule, form.tie) if form else LeadChoice()


def _holders(members: Sequence[HolderForm]) -> list[Holder]:
    names = [member.name for member in members]
    found: list[Finding] = [
        blocker("shares.member_twice", f"members.{n}", name=name)
        for n, name in enumerate(names)
        if name in names[:n]
    ]
    if not members:
        found.append(blocker("shares.empty", "members"))
    if found:
        raise Refused(found)
    return [_holder(member, n) for n, member in enumerate(members)]


def _holder(member: HolderForm, n: int) -> Holder:
    units = weight_of(member.share_units, member.share, f"members.{n}") or 0
    return Holder(member.name, n + 1, units, member.capacity_fen, member.joined_on, member.votes)


_YEAR = """
SELECT o.uscc, m.position, m.risk_capacity_fen, m.event_capacity_fen, m.aggregate_capacity_fen,
  m.joined_on, coalesce(i.share_units, 0)::bigint AS share_units
FROM pool_member m JOIN organisation o ON o.id = m.organisation
LEFT JOIN share_item i ON i.organisation = m.organisation AND i.schedule = (
  SELECT s.id FROM share_schedule s WHERE s.pool_year = m.pool_year AND s.section IS NULL
    AND s.status = 'effective' AND s.valid_from <= $2 ORDER BY s.valid_from DESC LIMIT 1)
WHERE m.pool_year = $1 AND m.status = 'active' AND NOT m.roles <@ '{observer}'::varchar[]
ORDER BY m.position
"""


async def _of_year(
    actor: Actor, form: WhatIfSharesForm
) -> tuple[Any, LeadChoice, str, list[Holder]]:
    year = await year_row(form.pool_year)
    view = await view_of(actor, year)
    if not view.sees_all:
        raise Forbidden("pool.role_missing", roles=[PoolRole.LEAD.zh])
    await keep_look(actor, "pool_year", year["number"], "what-if")
    terms = terms_of(year["agreement_body"])
    rows = await sql(_YEAR, year["id"], max(today(), year["start_on"]))
    column = f"{terms.capacity_basis}_capacity_fen"
    holders = [
        Holder(r["uscc"], r["position"], r["share_units"], r[column], r["joined_on"]) for r in rows
    ]
    mode = year["share_mode"] if year["share_mode"] == ShareMode.CAPACITY else "fixed"
    return mode, terms.lead_choice, terms.clause("share_mode"), holders


def _after(
    mode: str, holders: Sequence[Holder], form: WhatIfSharesForm
) -> tuple[Derived, ...] | None:
    """The shares of new business after the exit, the newcomer, or both."""
    if not form.exit and form.newcomer is None:
        return None
    left: Sequence[Holder] = holders
    made: tuple[Derived, ...] | None = None
    if form.exit:
        rest = [holder for holder in holders if holder.key != form.exit]
        made = after_exit(holders, form.exit)
        if mode == ShareMode.CAPACITY:
            made = derive(mode, rest)
        left = ranked(rest, made)
    if form.newcomer is None:
        return made
    newcomer = _holder(form.newcomer, max(holder.position for holder in holders))
    if mode == ShareMode.CAPACITY:
        return derive(mode, [*left, newcomer])
    return with_newcomer(left, newcomer)


def _joined(
    holders: Sequence[Holder], form: WhatIfSharesForm, after: Sequence[Derived]
) -> tuple[Holder, ...]:
    known = list(holders)
    if form.newcomer is not None:
        known.append(_holder(form.newcomer, max(holder.position for holder in holders)))
    return ranked(known, after)


def _share(item: Derived) -> ShareAnswer:
    return ShareAnswer(
        item.key,
        item.position,
        item.basis_weight,
        Exact.of(item.exact_units),
        item.share_units,
        format_percent(item.share_units),
        Exact.of(item.share_units - item.exact_units),
    )


def _lead(lead: Lead) -> LeadAnswer:
    return LeadAnswer(lead.key, list(lead.tied), lead.decided_by)


def consent(form: WhatIfConsentForm) -> ConsentAnswer:
    """Where a request would stand, with every member's deadline. Raises Refused."""
    term = Counted(form.days, form.calendar)
    found = _check_consent(form)
    if found:
        raise Refused(found)
    parties = [
        Party(
            party.name,
            party.weight_units,
            party.answer,
            party.served_at,
            late_from(term, local_day(party.served_at)) if party.served_at else None,
        )
        for party in form.parties
    ]
    weights = [party.weight_units for party in parties]
    threshold = form.threshold_units
    units = None if threshold is None else needed_units(threshold, weights)
    request = Request(form.rule, form.count, units, form.deemed)
    found = check_request(request, parties)
    if found:
        raise Refused(found)
    moment = form.moment or now()
    judged = judge(request, parties, moment)
    needed = {ConsentRule.ALL: len(parties), ConsentRule.ANY: 1}.get(form.rule)
    return ConsentAnswer(
        judged.outcome,
        CONSENT.label(judged.outcome),
        needed or form.count or units or 0,
        judged.still_needed,
        list(judged.consenting),
        list(judged.refusing),
        list(judged.missing),
        list(judged.to_deem),
        [_party(term, party, form.deemed, moment) for party in parties],
    )


def _check_consent(form: WhatIfConsentForm) -> list[Finding]:
    wanted = (form.rule == ConsentRule.COUNT, form.rule == ConsentRule.WEIGHTED)
    found: list[Finding] = []
    if wanted != (form.count is not None, form.threshold_units is not None):
        names = {"rule_zh": form.rule.zh, "rule": form.rule.value}
        matter = {"matter_zh": "测算事项", "matter": "what-if"}
        found.append(blocker("agreement.consent_number", "rule", **names, **matter))
    moments = [party.served_at for party in form.parties] + [form.moment]
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        found.append(blocker("consent.moment_without_zone", "moment"))
    return found


def _party(term: Counted, party: Party, deemed: bool, moment: datetime) -> ConsentPartyAnswer:
    end = last_day(term, local_day(party.served_at)) if party.served_at else None
    late = party.is_late(moment)
    return ConsentPartyAnswer(
        party.key,
        party.answer,
        party.due_at,
        end if isinstance(end, OpenTerm) else None,
        late,
        late and deemed,
    )


def deadlines(form: WhatIfDeadlineForm) -> list[DeadlineAnswer]:
    """The last day of each term; a chained one begins on the last day of the one before.

    After a term that cannot be told, chained ones cannot be told either.
    """
    answers: list[DeadlineAnswer] = []
    for n, term in enumerate(form.terms):
        start_on = term.start_on
        if form.chained and n:
            before = answers[-1].last_on
            if before is None:
                answers.append(
                    DeadlineAnswer(
                        start_on, term.days, term.calendar.value, None, None, answers[-1].open
                    )
                )
                continue
            start_on = before
        counted = Counted(term.days, term.calendar)
        end = last_day(counted, start_on)
        answers.append(
            DeadlineAnswer(
                start_on,
                term.days,
                term.calendar.value,
                told(end),
                late_from(counted, start_on),
                end if isinstance(end, OpenTerm) else None,
            )
        )
    return answers


def agreement(form: WhatIfAgreementForm) -> AgreementAnswer:
    """What keeps an agreement from taking effect, its clauses in words, its cases with results."""
    book, found = parse(form.text)
    if book is None:
        return AgreementAnswer(False, None, None, [f.as_dict() for f in found], [], [])
    found = [*found, *check_book(book)]
    told_findings = [finding.as_dict() for finding in found]
    try:
        terms = agreement_terms(book)
    except Refused:
        return AgreementAnswer(False, book.version, book.hash, told_findings, [], [])
    return AgreementAnswer(
        not blockers(found),
        book.version,
        book.hash,
        told_findings,
        clauses(terms),
        examples(book, terms),
    )
