"""Next year's shares proposed from a year's conduct: gathered from the records, computed by rule.

Remittance: days from a debt of premium, reimbursement or cash call to its last payment, against the
days to its due day; what is disputed does not count. Notice: days from the report of a loss to the
service on each member, borne by the handler. Consent: days from service to answer, against the days
to the deadline; a request that closed before it asks nothing any more. What is not done yet counts
up to the day.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from coinsurance.access import keep_look, view_of, year_row
from coinsurance.pool_what_if_forms import PerformerForm, WhatIfReSigningForm
from coinsurance.pool_what_if_shapes import Exact, ReSigningAnswer, ReSigningMember
from coinsurance.pools.agreements import weight_of
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import ReSigning
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.re_signing import (
    FORMULA_EN,
    FORMULA_ZH,
    MEASURES,
    Conduct,
    Performer,
    Proposed,
    propose,
)
from service.auth import Actor
from service.kernel.calendar import day_end, today
from service.kernel.db import sql
from service.kernel.errors import Forbidden, Refused
from service.kernel.findings import blocker
from service.kernel.shares import format_percent

_MEMBERS = """
SELECT m.organisation, o.uscc, o.short_name, m.position, coalesce(i.share_units, 0)::bigint
  AS share_units
FROM pool_member m JOIN organisation o ON o.id = m.organisation
LEFT JOIN share_item i ON i.organisation = m.organisation AND i.schedule = (
  SELECT s.id FROM share_schedule s WHERE s.pool_year = m.pool_year AND s.section IS NULL
    AND s.status = 'effective' AND s.valid_from <= $2 ORDER BY s.valid_from DESC LIMIT 1)
WHERE m.pool_year = $1 AND m.status IN ('active', 'suspended')
  AND (m.left_on IS NULL OR m.left_on > (SELECT end_on + 1 FROM pool_year WHERE id = $1))
  AND NOT m.roles <@ '{observer}'::varchar[] ORDER BY m.position
"""
_ANSWERS = """
SELECT p.organisation, sum(greatest(d.allowed, 0))::bigint AS allowed_days,
  sum(greatest((coalesce(p.answered_at, $3) AT TIME ZONE 'Asia/Shanghai')::date
    - (p.served_at AT TIME ZONE 'Asia/Shanghai')::date, 0))::bigint AS taken_days
FROM consent_party p JOIN consent_request r ON r.id = p.request
CROSS JOIN LATERAL (SELECT (p.due_at AT TIME ZONE 'Asia/Shanghai')::date - 1
  - (p.served_at AT TIME ZONE 'Asia/Shanghai')::date AS allowed) d
WHERE r.pool_year = $1 AND p.served_at IS NOT NULL AND p.due_at IS NOT NULL
  AND (p.answer IN ('consented', 'refused', 'deemed')
    OR (p.due_at <= $3 AND (r.closed_at IS NULL OR r.closed_at >= p.due_at)))
  AND (p.served_at AT TIME ZONE 'Asia/Shanghai')::date <= $2
GROUP BY p.organisation
"""
_REMITTANCES = """
SELECT o.debtor AS organisation, sum(o.due_on - o.arose_on)::bigint AS allowed_days,
  sum(CASE WHEN o.settled_fen = o.amount_fen AND d.last_on <= $2 THEN d.last_on
    ELSE greatest($2::date, o.due_on) END - o.arose_on)::bigint AS taken_days
FROM obligation o LEFT JOIN LATERAL (SELECT max(settled_on) AS last_on FROM discharge
  WHERE obligation = o.id AND kind <> 'takeover') d ON true
WHERE o.pool_year = $1 AND o.kind IN ('premium_remittance', 'claim_reimbursement', 'cash_call')
  AND o.status NOT IN ('void', 'disputed')
  AND (o.due_on <= $2 OR (o.settled_fen = o.amount_fen AND d.last_on <= $2))
GROUP BY o.debtor
"""
_NOTICES = """
SELECT c.handler AS organisation,
  sum(n.due_on - (c.reported_at AT TIME ZONE 'Asia/Shanghai')::date)::bigint AS allowed_days,
  sum(greatest(coalesce((n.served_at AT TIME ZONE 'Asia/Shanghai')::date, $2::date)
    - (c.reported_at AT TIME ZONE 'Asia/Shanghai')::date, 0))::bigint AS taken_days
FROM claim_notice n JOIN claim c ON c.id = n.claim
WHERE c.pool_year = $1 AND n.kind = 'loss' AND n.due_on IS NOT NULL
  AND (n.due_on <= $2 OR n.served_at IS NOT NULL)
GROUP BY c.handler
"""


async def _answers(year: Any, day: date) -> dict[int, Conduct]:
    return _conducts(await sql(_ANSWERS, year["id"], day, day_end(day)))


async def _remittances(year: Any, day: date) -> dict[int, Conduct]:
    return _conducts(await sql(_REMITTANCES, year["id"], day))


async def _notices(year: Any, day: date) -> dict[int, Conduct]:
    return _conducts(await sql(_NOTICES, year["id"], day))


def _conducts(rows: list[Any]) -> dict[int, Conduct]:
    return {r["organisation"]: Conduct(r["allowed_days"], r["taken_days"]) for r in rows}


Gather = Callable[[Any, date], Awaitable[dict[int, Conduct]]]
_GATHERERS: dict[str, Gather] = {
    "remittance": _remittances,
    "notice": _notices,
    "consent": _answers,
}
"""Where the occasions of each measure are kept: conduct by organisation up to a day."""


async def proposal(actor: Actor, number: str, year: int | None) -> ReSigningAnswer:
    """Propose the shares of a later year from the conduct of this one; nothing is written.

    For those who see every share. Raises Refused where the agreement has no such clause.
    """
    row = await year_row(number)
    view = await view_of(actor, row)
    if not view.sees_all:
        raise Forbidden("pool.role_missing", roles=[PoolRole.LEAD.zh])
    await keep_look(actor, "pool_year", number, "re-signing")
    terms = terms_of(row["agreement_body"])
    if terms.re_signing is None:
        raise Refused([blocker("re_signing.not_agreed", "agreement")])
    day = min(today(), row["end_on"])
    conduct = {name: await gather(row, day) for name, gather in _GATHERERS.items()}
    members = await sql(_MEMBERS, row["id"], max(day, row["start_on"]))
    performers = [
        Performer(
            member["uscc"],
            member["position"],
            member["share_units"],
            {name: found.get(member["organisation"], Conduct()) for name, found in conduct.items()},
        )
        for member in members
    ]
    clause = terms.clause("re_signing")
    return _answer(terms.re_signing, performers, clause, number, year or row["year"] + 1, day)


def what_if(form: WhatIfReSigningForm) -> ReSigningAnswer:
    """The same from plain numbers."""
    rule = ReSigning(form.remittance_weight, form.notice_weight, form.consent_weight, form.sway_ppm)
    performers = [_performer(member, n) for n, member in enumerate(form.members)]
    return _answer(rule, performers, "", None, None, today())


def _performer(member: PerformerForm, n: int) -> Performer:
    units = weight_of(member.share_units, member.share, f"members.{n}") or 0
    conduct = {
        name: Conduct(getattr(member, name).allowed_days, getattr(member, name).taken_days)
        for name in MEASURES
    }
    return Performer(member.name, n + 1, units, conduct)


def _answer(
    rule: ReSigning,
    performers: list[Performer],
    clause: str,
    number: str | None,
    year: int | None,
    day: date,
) -> ReSigningAnswer:
    made = propose(rule, performers)
    conduct = {performer.key: performer.conduct for performer in performers}
    return ReSigningAnswer(
        number,
        year,
        day,
        clause,
        {
            "remittance_weight": rule.remittance_weight,
            "notice_weight": rule.notice_weight,
            "consent_weight": rule.consent_weight,
            "sway_ppm": rule.sway_ppm,
        },
        FORMULA_ZH,
        FORMULA_EN,
        sum(item.share.share_units for item in made),
        [_member(item, conduct[item.key]) for item in made],
    )


def _member(item: Proposed, conduct: Any) -> ReSigningMember:
    return ReSigningMember(
        item.key,
        item.position,
        item.before_units,
        {name: Exact.of(score) for name, score in item.scores.items()},
        {
            name: {"allowed_days": kept.allowed_days, "taken_days": kept.taken_days}
            for name, kept in conduct.items()
        },
        Exact.of(item.score),
        Exact.of(item.weight),
        Exact.of(item.share.exact_units),
        item.share.share_units,
        format_percent(item.share.share_units),
    )
