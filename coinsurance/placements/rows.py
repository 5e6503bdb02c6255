"""Rows that the use cases of risks act on, and who may see them.

A draft is its issuer's; afterwards the active members of the pool year see the risk, members that
left see those they carry, the insured firm its own. For anybody else it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from coinsurance.access import View, YearLock, need_role, seat_of, year_row
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import PoolRole, RiskMethod
from service.auth import Actor
from service.kernel.db import sql, sql_row
from service.kernel.errors import NotFound, Stale

VISIBLE = """
($1::boolean OR r.issuer = $2 OR (r.status <> 'draft' AND (r.insured = $2
  OR EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = r.pool_year AND m.organisation = $2
    AND (m.status = 'active' OR (m.status IN ('suspended', 'exited', 'defaulted')
      AND EXISTS (SELECT 1 FROM placement l JOIN share_schedule s ON s.placement = l.id
        JOIN share_item i ON i.schedule = s.id
        WHERE l.risk = r.id AND i.organisation = $2)))))))
"""
"""Condition on a risk `r`: $1 whether the reader sees all, $2 its organisation."""

_RISK = (
    "SELECT r.id, r.number, r.pool_year AS year_id, y.number AS year, r.issuer AS issuer_id,"
    " r.insured AS insured_id, r.product AS product_id, r.title, r.site, r.business_class,"
    " r.project_name, r.project_number, r.method, r.start_on, r.end_on, r.rate_ppm,"
    " r.sum_insured_fen, r.premium_fen, r.deductible_fen, r.referral, r.lines_until, r.status,"
    " r.revision, r.recorded_by FROM risk r JOIN pool_year y ON y.id = r.pool_year"
    f" WHERE r.number = $3 AND {VISIBLE}"
)


@dataclass(frozen=True, slots=True)
class RiskRow:
    """A risk as stored. Amounts in fen."""

    id: int
    number: str
    year_id: int
    year: str
    issuer_id: int
    insured_id: int
    product_id: int
    title: str
    site: str
    business_class: str
    project_name: str
    project_number: str
    method: str
    start_on: date
    end_on: date
    rate_ppm: int
    sum_insured_fen: int
    premium_fen: int
    deductible_fen: int
    referral: str
    lines_until: date | None
    status: str
    revision: int
    recorded_by: int

    @property
    def by_lines(self) -> bool:
        """Whether members write lines; otherwise the year's schedule holds."""
        return self.method == RiskMethod.LINES

    def as_row(self) -> dict[str, Any]:
        """The part that `journal.move` reads."""
        return {"id": self.id, "status": self.status}


@dataclass(frozen=True, slots=True)
class Access:
    """A risk with its pool year and what the reader may see of it."""

    risk: RiskRow
    year: Any
    view: View
    is_insured: bool = False

    @property
    def terms(self) -> AgreementTerms:
        """What the agreement of the pool year says."""
        return terms_of(self.year["agreement_body"])

    @property
    def is_issuer(self) -> bool:
        """Whether the reader's organisation is the issuer."""
        return self.view.organisation_id == self.risk.issuer_id

    @property
    def sees_lines(self) -> bool:
        """Whether every member's line may be shown."""
        return self.view.sees_all


async def risk_for(
    actor: Actor, number: str, *, lock: bool = False, year_lock: YearLock = "none"
) -> Access:
    """A risk for a reader who may see it; locked if it is to be changed. Else NotFound.

    `year_lock` "hold": nobody closes the year, changes its shares or suspends the pool meanwhile.
    """
    query = _RISK + (" FOR UPDATE OF r" if lock else "")
    row = await sql_row(query, actor.sees_all, actor.organisation_id, number)
    if row is None:
        raise NotFound("风险", "Risk", number)
    risk = RiskRow(**row)
    year = await year_row(risk.year, year_lock)
    if actor.sees_all:
        return Access(risk, year, View(True, None))
    seat = await seat_of(actor, risk.year_id)
    if seat is None:
        return Access(risk, year, View(False, actor.organisation_id), actor.owns(risk.insured_id))
    sees = seat.sees_all or actor.owns(risk.issuer_id)
    return Access(risk, year, View(sees, seat.organisation_id, seat))


async def issuer_of(actor: Actor, number: str, *, year_lock: YearLock = "none") -> Access:
    """A risk locked by its issuer, who holds the pool's role; NotFound for anybody else."""
    found = await risk_for(actor, number, lock=True, year_lock=year_lock)
    await need_role(actor, found.year, PoolRole.ISSUER)
    if not actor.owns(found.risk.issuer_id):
        raise NotFound("风险", "Risk", number)
    return found


def need_revision(stored: int, expected: int | None) -> None:
    """Stale unless the caller saw the stored revision (None: whatever is there)."""
    if expected is not None and expected != stored:
        raise Stale("conflict.stale")


async def touch(risk_id: int) -> int:
    """Raise the revision of a locked risk, so that checks made before are seen to be older."""
    rows = await sql(
        "UPDATE risk SET revision = revision + 1 WHERE id = $1 RETURNING revision", risk_id
    )
    revision: int = rows[0]["revision"]
    return revision
