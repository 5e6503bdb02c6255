"""Rows of pool premium for exports: every pool year that the reader may see, peers masked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from coinsurance import access
from service.api import PAGE_MAX
from service.auth import Actor
from service.kernel.db import sql, sql_row
from service.kernel.errors import NotFound

_SEES = """
($1::boolean OR EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = y.id
  AND m.organisation = $2 AND m.status <> 'declined' AND ({whole} OR {own})))
"""
_WHOLE = "(m.status = 'active' AND NOT m.roles <@ '{follower,observer}'::varchar[])"


def _visible(own: str) -> str:
    """Condition on rows of a pool year `y`: all of them for a reader that sees all, else its own.

    $1 whether the reader sees every pool, $2 its organisation.
    """
    return _SEES.replace("{whole}", _WHOLE).replace("{own}", own)


_PARTS = f"""
SELECT p.id, y.number AS pool_year, l.number AS placement, c.number AS policy,
  n.name AS insured, v.number, v.kind, v.source, v.effective_on, v.reference, o.uscc, o.name,
  p.component, p.amount_fen, p.to_date_fen, p.exact_numerator, p.exact_denominator, p.clause
FROM premium_part p JOIN premium_movement v ON v.id = p.movement
  JOIN placement l ON l.id = v.placement JOIN pool_year y ON y.id = l.pool_year
  JOIN policy c ON c.id = l.policy JOIN organisation n ON n.id = l.insured
  JOIN organisation o ON o.id = p.organisation
WHERE {_visible("p.organisation = m.organisation")}
  AND ($3::text IS NULL OR y.number = $3) AND ($4::text IS NULL OR l.number = $4)
  AND ($5::text IS NULL OR o.uscc = $5) AND ($6::text IS NULL OR p.component = $6)
  AND p.id > $7 ORDER BY p.id LIMIT $8
"""
_DEBTS = f"""
SELECT b.id, b.number, y.number AS pool_year, coalesce(l.number, '') AS placement,
  coalesce(c.number, '') AS policy, b.kind, d.uscc AS debtor_uscc, d.name AS debtor,
  t.uscc AS creditor_uscc, t.name AS creditor, b.amount_fen, b.settled_fen, b.arose_on, b.due_on,
  b.due_days, b.due_calendar, b.status, b.clause
FROM obligation b JOIN pool_year y ON y.id = b.pool_year
  LEFT JOIN placement l ON l.id = b.placement LEFT JOIN policy c ON c.id = l.policy
  JOIN organisation d ON d.id = b.debtor JOIN organisation t ON t.id = b.creditor
WHERE {_visible("m.organisation IN (b.debtor, b.creditor)")}
  AND ($3::text IS NULL OR y.number = $3) AND ($4::text IS NULL OR l.number = $4)
  AND ($5::text IS NULL OR $5 IN (d.uscc, t.uscc)) AND ($6::text IS NULL OR b.kind = $6)
  AND b.id > $7 ORDER BY b.id LIMIT $8
"""
_BALANCES = f"""
SELECT y.number AS pool_year, l.number AS placement, c.number AS policy, o.uscc, o.name,
  v.source, p.component, p.clause, sum(p.amount_fen)::bigint AS amount_fen
FROM premium_part p JOIN premium_movement v ON v.id = p.movement
  JOIN placement l ON l.id = v.placement JOIN pool_year y ON y.id = l.pool_year
  JOIN policy c ON c.id = l.policy JOIN organisation o ON o.id = p.organisation
WHERE {_visible("p.organisation = m.organisation")}
  AND ($3::text IS NULL OR y.number = $3) AND ($4::text IS NULL OR l.number = $4)
  AND ($5::text IS NULL OR o.uscc = $5) AND ($6::text IS NULL OR p.component = $6)
  AND v.effective_on <= $7
GROUP BY y.number, l.number, c.number, o.uscc, o.name, v.source, p.component, p.clause
ORDER BY y.number, l.number, o.uscc, v.source, p.component, p.clause
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an export is to hold; `kind`: a component, or a kind of debt."""

    pool_year: str | None = None
    placement: str | None = None
    member: str | None = None
    kind: str | None = None


async def parts(actor: Actor, wanted: Wanted) -> AsyncIterator[Any]:
    """Parts of movements in the order they were made."""
    async for row in _paged(_PARTS, actor, wanted, "保费分额"):
        yield row


async def debts(actor: Actor, wanted: Wanted) -> AsyncIterator[Any]:
    """What members owe each other, in the order it arose."""
    async for row in _paged(_DEBTS, actor, wanted, "应付事项"):
        yield row


async def balances(actor: Actor, wanted: Wanted, as_of: date) -> AsyncIterator[Any]:
    """Sums by placement, member, source, component and clause as of a day."""
    await _look(actor, wanted, "保费余额")
    for row in await sql(_BALANCES, *_given(actor, wanted), as_of):
        yield row


async def _paged(query: str, actor: Actor, wanted: Wanted, what: str) -> AsyncIterator[Any]:
    await _look(actor, wanted, what)
    last = 0
    while True:
        rows = await sql(query, *_given(actor, wanted), last, PAGE_MAX)
        for row in rows:
            yield row
        if len(rows) < PAGE_MAX:
            return
        last = rows[-1]["id"]


def _given(actor: Actor, wanted: Wanted) -> tuple[Any, ...]:
    return (
        actor.sees_all,
        actor.organisation_id,
        wanted.pool_year,
        wanted.placement,
        wanted.member,
        wanted.kind,
    )


async def _look(actor: Actor, wanted: Wanted, what: str) -> None:
    """Keep the look; a pool year that the reader has no seat in does not exist."""
    if wanted.pool_year is not None:
        year = await sql_row("SELECT id, number FROM pool_year WHERE number = $1", wanted.pool_year)
        if year is None:
            raise NotFound("业务年度", "Pool year", wanted.pool_year)
        await access.view_of(actor, year)
    kind = "placement" if wanted.placement else "pool_year"
    subject = wanted.placement or wanted.pool_year or "全部"
    await access.keep_look(actor, kind, subject, what, exported=True)
