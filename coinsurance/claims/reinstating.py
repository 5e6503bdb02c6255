"""Reinstatement of an aggregate limit (恢复限额), over the pool and not per member.

With premium it rests on an endorsement that charges it; the premium then runs through the policy
like any other. What was filled up serves losses from its day on only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.access import need_role
from coinsurance.claim_forms import ReinstatementForm
from coinsurance.claim_shapes import ReinstatementState
from coinsurance.claims.cover import NOTHING_USED, Aggregate, aggregates_of, lock_policy
from coinsurance.claims.notifying import Basis, basis_of
from coinsurance.rules.claims.cover import (
    Reinstated,
    ReinstatementTerms,
    aggregate_left,
    reinstatable,
    reinstatement_premium,
)
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker

_SECTION = """
SELECT t.id, t.code, t.limit_fen, t.aggregate_fen, t.premium_fen, g.start_on, g.end_on
FROM placement g JOIN risk_section t ON t.risk = g.risk WHERE g.id = $1
  AND ($2 = '' OR t.code = $2) ORDER BY t.position
"""
_POLICY = """
SELECT NULL::bigint AS id, 'policy' AS code, limit_fen, current_sum_fen AS aggregate_fen,
  premium_fen, start_on, current_end_on AS end_on FROM policy WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    basis: Basis
    section: Any
    state: Aggregate
    premium_fen: int


async def reinstate(actor: Actor, form: ReinstatementForm) -> ReinstatementState:
    """Fill up what claims used of a section from a day on; raises Refused with every finding."""
    async with work():
        basis = await basis_of(actor, form.placement, form.policy)
        await _need_issuer(actor, basis)
        await lock_policy(basis.policy_id)
        section = await _section(basis, form.section)
        states = await aggregates_of(basis.policy_id)
        state = states.get(section["id"], NOTHING_USED)
        asked = _Asked(basis, section, state, _premium(section, form))
        checks = await _check(asked, form)
        if checks:
            raise Refused(checks)
        number = await _write(actor, asked, form)
    filled = (*state.reinstated, Reinstated(form.effective_on, form.amount_fen))
    return ReinstatementState(
        number,
        section["code"],
        form.amount_fen,
        asked.premium_fen,
        form.effective_on,
        aggregate_left(section["aggregate_fen"], state.erosions, filled, form.effective_on),
    )


async def _need_issuer(actor: Actor, basis: Basis) -> None:
    """The issuer of the policy decides; elsewhere it does not exist."""
    if basis.year_id is None:
        if not actor.owns(basis.handler_id):
            raise NotFound("保单", "Policy", basis.policy_id)
        return
    number = await sql_value("SELECT number FROM pool_year WHERE id = $1", basis.year_id)
    await need_role(actor, {"id": basis.year_id, "number": number}, PoolRole.ISSUER)


async def _section(basis: Basis, code: str) -> Any:
    if basis.placement_id is None:
        return await sql_row(_POLICY, basis.policy_id)
    rows = await sql(_SECTION, basis.placement_id, code)
    if len(rows) != 1:
        known = await sql(_SECTION, basis.placement_id, "")
        choices = [row["code"] for row in known]
        raise Refused(
            [blocker("claim.unknown_section", "section", section=code, choices=choices)]
        )
    return rows[0]


def _premium(section: Any, form: ReinstatementForm) -> int:
    days = (section["end_on"] - section["start_on"]).days + 1
    left = max(0, (section["end_on"] - form.effective_on).days + 1)
    terms = ReinstatementTerms(
        section["premium_fen"],
        section["aggregate_fen"] or section["limit_fen"],
        form.rate_ppm,
        min(left, days) if form.by_time else 1,
        days if form.by_time else 1,
    )
    return reinstatement_premium(terms, form.amount_fen)


async def _check(asked: _Asked, form: ReinstatementForm) -> list[Finding]:
    section, state = asked.section, asked.state
    if section["aggregate_fen"] is None:
        return [blocker("claim.reinstate_none", "section", section=section["code"])]
    checks = []
    if not section["start_on"] <= form.effective_on <= section["end_on"]:
        checks.append(
            blocker(
                "claim.day_outside",
                "effective_on",
                day=form.effective_on,
                first=section["start_on"],
                last=section["end_on"],
            )
        )
    used_fen = reinstatable(state.erosions, state.reinstated, form.effective_on)
    if form.amount_fen > used_fen:
        checks.append(
            blocker(
                "claim.reinstate_above",
                "amount_fen",
                amount_fen=form.amount_fen,
                used_fen=used_fen,
            )
        )
    if asked.premium_fen and not await _charged(asked, form):
        checks.append(
            blocker(
                "claim.reinstate_uncharged", "endorsement", premium_fen=asked.premium_fen
            )
        )
    return checks


async def _charged(asked: _Asked, form: ReinstatementForm) -> bool:
    """Whether an endorsement of the policy charges the premium and charges nothing else yet."""
    if form.endorsement is None:
        return False
    fen = await sql_value(
        "SELECT e.premium_change_fen - coalesce((SELECT sum(r.premium_fen) FROM reinstatement r"
        "  WHERE r.policy = e.policy AND r.endorsement = e.number), 0) FROM endorsement e"
        " WHERE e.policy = $1 AND e.number = $2 AND NOT EXISTS (SELECT 1 FROM endorsement u"
        "  WHERE u.undoes = e.id)",
        asked.basis.policy_id,
        form.endorsement,
    )
    return fen is not None and int(fen) >= asked.premium_fen


async def _write(actor: Actor, asked: _Asked, form: ReinstatementForm) -> str:
    number = await next_number("RI", now())
    await sql(
        "INSERT INTO reinstatement (number, policy, placement, section, amount_fen, effective_on,"
        " rate_ppm, by_time, premium_fen, endorsement, reason, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        number,
        asked.basis.policy_id,
        asked.basis.placement_id,
        asked.section["id"],
        form.amount_fen,
        form.effective_on,
        form.rate_ppm,
        form.by_time,
        asked.premium_fen,
        form.endorsement if asked.premium_fen else None,
        form.reason,
        now(),
        actor.user_id,
    )
    await journal.record(
        actor,
        "reinstatement",
        number,
        "reinstate",
        note=form.reason,
        facts={
            "policy": asked.basis.policy_id,
            "section": asked.section["code"],
            "amount_fen": form.amount_fen,
            "premium_fen": asked.premium_fen,
        },
        effective_on=form.effective_on,
    )
    return number
