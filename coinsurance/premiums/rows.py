"""The placement that a use case of premium acts on: locked, with its year, terms and seat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.policies.records import PolicyRow
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor, known
from service.kernel.db import sql_row, sql_value
from service.kernel.errors import Forbidden, NotFound

_SELECT = """
SELECT l.id, l.number, l.risk AS risk_id, l.pool_year AS year_id, l.policy AS policy_id,
  l.issuer AS issuer_id, l.insured AS insured_id, l.start_on, l.end_on, l.cover_from, l.status,
  l.revision, y.number AS year, y.pool AS pool_id, b.code AS book, a.id AS agreement_id,
  a.hash AS agreement_hash, b.id AS book_id, m.roles, m.status AS seat,
  c.number AS c_number, c.status AS c_status, c.revision AS c_revision, c.insurer,
  c.product AS c_product, c.start_on AS c_start_on, c.end_on AS c_end_on, c.current_end_on,
  c.current_sum_fen, c.current_premium_fen, c.premium_fen, c.recorded_by
FROM placement l JOIN pool_year y ON y.id = l.pool_year JOIN book b ON b.id = y.book
  JOIN policy c ON c.id = l.policy
  JOIN pool_agreement a ON a.id = l.agreement
  LEFT JOIN pool_member m ON m.pool_year = y.id AND m.organisation = $2
WHERE l.number = $1
"""
_LOCKED = f"{_SELECT} AND {known.stands(3)} FOR UPDATE OF l, c"
_TERMS: dict[str, AgreementTerms] = {}
"""Terms by the hash of their text: what is in force never changes."""


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """A placement as stored, under the agreement version it was bound with."""

    id: int
    number: str
    risk_id: int
    year_id: int
    policy_id: int
    issuer_id: int
    insured_id: int
    start_on: date
    end_on: date
    cover_from: date | None
    status: str
    revision: int
    year: str
    pool_id: int
    book: str
    book_id: int
    agreement_id: int
    agreement_hash: str
    policy: PolicyRow

    def as_row(self) -> dict[str, Any]:
        """The part that `journal.move` reads."""
        return {"id": self.id, "status": self.status, "revision": self.revision}

    async def terms(self) -> AgreementTerms:
        """What its agreement says; read once for each text."""
        known = _TERMS.get(self.agreement_hash)
        if known is None:
            body = await sql_value(
                "SELECT body FROM pool_agreement WHERE id = $1", self.agreement_id
            )
            known = _TERMS.setdefault(self.agreement_hash, terms_of(body))
        return known


_FIELDS = tuple(name for name in PlacementRow.__dataclass_fields__ if name != "policy")


async def placement_of(
    actor: Actor, number: str, *roles: PoolRole, issuer: bool = False
) -> PlacementRow:
    """The placement and its policy, locked, for an active member with one of the roles.

    `issuer`: only for the member that issued it. NotFound for an organisation without a seat or
    for another issuer's placement, Forbidden for a member without the role.
    """
    row = await sql_row(_LOCKED, number, actor.organisation_id, *known.standing_of(actor))
    known.confirm(actor, row is not None)
    if row is None or row["seat"] is None:
        raise NotFound("共保保单", "Placement", number)
    placement = placement_row(row)
    if row["seat"] != "active" or not set(row["roles"]) & set(roles):
        raise Forbidden("pool.role_missing", roles=[role.zh for role in roles])
    if issuer and not actor.owns(placement.issuer_id):
        raise NotFound("共保保单", "Placement", number)
    return placement


def placement_row(row: Mapping[str, Any]) -> PlacementRow:
    """A row of the query without what concerns the reader."""
    own = {name: row[name] for name in _FIELDS}
    policy = PolicyRow(
        row["policy_id"],
        row["c_number"],
        row["c_status"],
        row["c_revision"],
        row["insurer"],
        row["insured_id"],
        row["c_product"],
        row["c_start_on"],
        row["c_end_on"],
        row["current_end_on"],
        row["current_sum_fen"],
        row["current_premium_fen"],
        row["premium_fen"],
        row["recorded_by"],
    )
    return PlacementRow(**own, policy=policy)


async def unlocked(number: str) -> PlacementRow:
    """The placement for a reading whose access was judged before; NotFound otherwise."""
    row = await sql_row(_SELECT, number, None)
    if row is None:
        raise NotFound("共保保单", "Placement", number)
    return placement_row(row)
