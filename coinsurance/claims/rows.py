"""Claims as the use cases act on them, and who may see and handle them.

Every member on the risk sees a claim; peers' parts only who leads, issues, handles or keeps the
accounts, the committee and the auditor. The insured firm sees its own claim without reserves. For
anybody else it does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coinsurance.access import View, need_role, seat_of
from coinsurance.claims import texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.claims.movements import Member, SectionMoney
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import Forbidden, NotFound, Refused
from service.kernel.findings import blocker

_CLAIM = """
SELECT c.*, y.number AS year, y.pool AS pool_id, b.code AS book, a.hash AS terms_hash,
  g.number AS placement_number, l.number AS policy_number, l.insurer,
  h.uscc AS handler_uscc, h.short_name AS handler_name, i.uscc AS insured_uscc,
  i.name AS insured_name
FROM claim c JOIN policy l ON l.id = c.policy JOIN organisation h ON h.id = c.handler
  JOIN organisation i ON i.id = c.insured
  LEFT JOIN placement g ON g.id = c.placement LEFT JOIN pool_year y ON y.id = c.pool_year
  LEFT JOIN book b ON b.id = y.book LEFT JOIN pool_agreement a ON a.id = g.agreement
WHERE c.number = $1
"""
ON_RISK = """
(EXISTS (SELECT 1 FROM claim_section s JOIN claim_share h ON h.section = s.id
   WHERE s.claim = c.id AND h.organisation = $2 AND h.share_units > 0)
 OR (NOT EXISTS (SELECT 1 FROM claim_section s WHERE s.claim = c.id)
   AND EXISTS (SELECT 1 FROM share_schedule s JOIN share_item h
   ON h.schedule = s.id WHERE s.placement = c.placement AND s.status = 'effective'
   AND h.organisation = $2 AND h.share_units > 0)))
"""
"""Condition on a claim `c`: the organisation $2 carries a part of it, or would once registered."""
_TERMS: dict[str, AgreementTerms] = {}


async def terms_by_hash(digest: str) -> AgreementTerms:
    """The terms of an agreement version; its text is read once, since it never changes."""
    if digest not in _TERMS:
        body = await sql_value("SELECT body FROM pool_agreement WHERE hash = $1 LIMIT 1", digest)
        _TERMS[digest] = terms_of(body)
    return _TERMS[digest]


@dataclass(frozen=True, slots=True)
class Found:
    """A claim with what the agreement says (None: a single insurer) and the reader's view."""

    row: Any
    terms: AgreementTerms | None
    view: View
    is_insured: bool = False

    @property
    def id(self) -> int:
        """The key of the claim."""
        key: int = self.row["id"]
        return key

    @property
    def number(self) -> str:
        """The business number of the claim."""
        number: str = self.row["number"]
        return number

    @property
    def status(self) -> str:
        """Where the claim stands."""
        status: str = self.row["status"]
        return status

    @property
    def in_pool(self) -> bool:
        """Whether money moves between members."""
        return self.row["pool_year"] is not None

    @property
    def is_handler(self) -> bool:
        """Whether the reader's organisation handles the claim."""
        handler: int = self.row["handler"]
        return self.view.organisation_id == handler

    def clause(self, key: str) -> str:
        """What an amount cites: the clause of the agreement, or the policy itself."""
        if self.terms is None:
            return f"保单 {self.row['policy_number']}"
        return self.terms.clause(key)


async def claim_for(actor: Actor, number: str, *, lock: bool = False) -> Found:
    """A claim for a reader who may see it, locked if it is to be changed; else NotFound."""
    row = await sql_row(_CLAIM + (" FOR UPDATE OF c" if lock else ""), number)
    if row is None:
        raise NotFound("赔案", "Claim", number)
    terms = await terms_by_hash(row["terms_hash"]) if row["terms_hash"] else None
    mine = actor.organisation_id
    if actor.sees_all:
        return Found(row, terms, View(True, None))
    if mine == row["insured"]:
        return Found(row, terms, View(False, mine), is_insured=True)
    if row["pool_year"] is None:
        if mine == row["insurer"]:
            return Found(row, terms, View(True, mine))
        raise NotFound("赔案", "Claim", number)
    seat = await seat_of(actor, row["pool_year"])
    if seat is not None and (seat.sees_all or mine == row["handler"]):
        return Found(row, terms, View(True, mine, seat))
    query = f"SELECT 1 FROM claim c WHERE c.id = $1 AND {ON_RISK}"  # noqa: S608
    if seat is not None and await sql_value(query, row["id"], mine):
        return Found(row, terms, View(False, mine, seat))
    raise NotFound("赔案", "Claim", number)


async def handled(actor: Actor, number: str) -> Found:
    """A claim locked by the member that handles claims; NotFound or Forbidden for others."""
    found = await claim_for(actor, number, lock=True)
    if found.is_insured or found.view.organisation_id is None:
        raise Forbidden("claim.not_handler")
    if found.in_pool:
        year = {"id": found.row["pool_year"], "number": found.row["year"]}
        await need_role(actor, year, PoolRole.CLAIMS_HANDLER)
        if not found.is_handler:
            await _hand_over(actor, found)
            return await claim_for(actor, number, lock=True)
    return found


async def _hand_over(actor: Actor, found: Found) -> None:
    """The role of handling claims was transferred within the year: the claim goes with it."""
    await sql(
        "UPDATE claim SET handler = $2, revision = revision + 1 WHERE id = $1",
        found.id,
        actor.organisation_id,
    )


async def roles_of_handler(found: Found) -> frozenset[str]:
    """The pool roles that the handler of a claim holds; they decide its authority."""
    if not found.in_pool:
        return frozenset()
    roles = await sql_value(
        "SELECT roles FROM pool_member WHERE pool_year = $1 AND organisation = $2",
        found.row["pool_year"],
        found.row["handler"],
    )
    return frozenset(roles or ())


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section of a claim as stored. Amounts in fen."""

    id: int
    section_id: int | None
    position: int
    code: str
    title: str
    layer: bool
    attachment_fen: int
    limit_fen: int
    aggregate_fen: int | None
    schedule: str | None
    assessed_fen: int
    agreed_fen: int | None
    authorised_fen: int
    paid_fen: int
    reserve_fen: int
    expense_fen: int
    recovered_fen: int

    @property
    def money(self) -> SectionMoney:
        """The running totals as the rules see them."""
        return SectionMoney(
            self.code,
            self.authorised_fen,
            self.paid_fen,
            self.reserve_fen,
            self.expense_fen,
            self.recovered_fen,
        )


_SECTIONS = """
SELECT s.id, s.section AS section_id, s.position, s.code, s.title, s.layer, s.attachment_fen,
  s.limit_fen, s.aggregate_fen, d.number AS schedule, s.assessed_fen, s.agreed_fen,
  s.authorised_fen, s.paid_fen, s.reserve_fen, s.expense_fen, s.recovered_fen
FROM claim_section s LEFT JOIN share_schedule d ON d.id = s.schedule
WHERE s.claim = $1 ORDER BY s.position
"""


async def sections_of(claim_id: int) -> list[SectionRow]:
    """The sections of a claim, in order; none before it is registered."""
    return [SectionRow(**row) for row in await sql(_SECTIONS, claim_id)]


def pick(sections: Sequence[SectionRow], code: str, field: str = "section") -> SectionRow:
    """The section a movement belongs to; its code may stay empty where only one can be meant."""
    if not sections:
        raise Refused([blocker("claim.not_registered", "number")])
    hurt = [s for s in sections if s.assessed_fen or s.authorised_fen or s.paid_fen] or sections
    if not code and len(hurt) == 1:
        return hurt[0]
    chosen = next((section for section in sections if section.code == code), None)
    if chosen is None:
        choices = [section.code for section in sections]
        raise Refused([blocker("claim.unknown_section", field, section=code, choices=choices)])
    return chosen


@dataclass(frozen=True, slots=True)
class OnRisk:
    """A member on the risk of a claim."""

    organisation_id: int
    uscc: str
    name: str
    position: int

    @property
    def label(self) -> str:
        """Name and code, as findings name a member."""
        return f"{self.name}（{self.uscc}）"


async def members_on_risk(claim_id: int) -> list[OnRisk]:
    """Everybody who carries a part of a claim, the lead first."""
    rows = await sql(
        "SELECT h.organisation AS organisation_id, o.uscc, o.short_name AS name,"
        " min(h.position) AS position FROM claim_section s JOIN claim_share h ON h.section = s.id"
        " JOIN organisation o ON o.id = h.organisation WHERE s.claim = $1 AND h.share_units > 0"
        " GROUP BY h.organisation, o.uscc, o.short_name ORDER BY position, organisation_id",
        claim_id,
    )
    return [OnRisk(**row) for row in rows]


_MEMBERS = """
SELECT h.organisation AS organisation_id, o.uscc, h.share_units,
  coalesce(sum(p.amount_fen) FILTER (WHERE m.kind = ANY($2::text[])), 0)::bigint AS allocated_fen,
  coalesce(sum(p.reserve_fen), 0)::bigint AS reserve_fen
FROM claim_share h JOIN organisation o ON o.id = h.organisation
LEFT JOIN claim_movement m ON m.section = h.section
LEFT JOIN claim_part p ON p.movement = m.id AND p.organisation = h.organisation
WHERE h.section = $1 GROUP BY h.organisation, o.uscc, h.share_units, h.position
ORDER BY h.position
"""


async def members_of(section_id: int, kinds: Sequence[str]) -> list[Member]:
    """The members of a section with their shares and what a series has given them so far."""
    return [Member(**row) for row in await sql(_MEMBERS, section_id, list(kinds))]


async def extra_allocated(section_id: int, organisation_id: int, kinds: Sequence[str]) -> int:
    """What a series has given to a member that may be off the risk (a handler without share)."""
    fen: int = await sql_value(
        "SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM claim_movement m JOIN claim_part p"
        " ON p.movement = m.id WHERE m.section = $1 AND p.organisation = $2"
        " AND m.kind = ANY($3::text[])",
        section_id,
        organisation_id,
        list(kinds),
    )
    return fen


def first_day(found: Found) -> date:
    """The earliest day that anything of a claim may bear: the day of the loss."""
    day: date = found.row["loss_on"]
    return day
