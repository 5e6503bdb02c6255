"""From stored rows to the facts of a shortfall: consent, open debts, bearers and their shares.

The shares of a debt are those signed for it: of the claim it reimburses, else of its placement on
the day it arose, else of the year. Only who was asked, or leads, bears a part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from coinsurance.placements.gathering import year_schedule
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import ConsentMatter
from coinsurance.rules.placement_lines import policy_shares
from coinsurance.rules.shortfall import Debt, Shares
from coinsurance.settlements import obligations
from service.kernel.calendar import local_day
from service.kernel.db import sql, sql_row, sql_value

KIND = "pool_member"


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest request to take a shortfall over, with what was open and who was asked."""

    id: int
    number: str
    status: str
    closed_at: datetime | None
    asked: frozenset[int]
    debts: frozenset[str]

    @property
    def agreed_on(self) -> date | None:
        """The day the request closed."""
        return local_day(self.closed_at) if self.closed_at else None


async def consent_of(subject: str) -> Consent | None:
    """The latest request about the shortfall of a member; None when nobody was asked."""
    row = await sql_row(
        "SELECT id, number, status, closed_at FROM consent_request WHERE subject_kind = $1"
        " AND subject = $2 AND matter = $3 ORDER BY id DESC LIMIT 1",
        KIND,
        subject,
        ConsentMatter.SHORTFALL.value,
    )
    if row is None:
        return None
    asked = await sql("SELECT organisation FROM consent_party WHERE request = $1", row["id"])
    numbers = await sql(
        "SELECT jsonb_array_elements_text(facts->'open') AS number FROM journal_event"
        " WHERE subject_kind = $1 AND subject = $2 AND event = 'ask_shortfall'"
        " AND facts->>'consent_request' = $3",
        KIND,
        subject,
        row["number"],
    )
    return Consent(
        **row,
        asked=frozenset(party["organisation"] for party in asked),
        debts=frozenset(item["number"] for item in numbers),
    )


@dataclass(frozen=True, slots=True)
class Open:
    """A debt that can be taken over: its row, and what of it is free."""

    row: Any
    free_fen: int


_OPEN = """
SELECT b.id FROM obligation b WHERE b.pool_year = $1 AND b.debtor = $2
  AND b.status IN ('open', 'part_settled') AND NOT EXISTS (SELECT 1 FROM cash_call_part p
    JOIN cash_call k ON k.id = p.cash_call WHERE p.obligation = b.id AND k.status <> 'released')
ORDER BY b.id
"""


async def open_debts(year_id: int, organisation_id: int, *, lock: bool = False) -> list[Open]:
    """What a member owes that is neither disputed nor under payment; an unreleased call is no debt.

    With `lock` the obligations are locked, by key.
    """
    ids = [row["id"] for row in await sql(_OPEN, year_id, organisation_id)]
    if lock:
        rows = await obligations.locked(ids)
    else:
        rows = await sql(obligations.OPEN + " WHERE b.id = ANY($1::bigint[]) ORDER BY b.id", ids)
    found = [Open(row, obligations.free_fen(row)) for row in rows]
    return [item for item in found if item.free_fen > 0]


_CLAIM_SHARES = """
SELECT b.id, p.organisation, p.share_units FROM obligation b JOIN claim_part p
  ON p.movement = b.cause WHERE b.cause_kind = 'claim_movement' AND b.id = ANY($1::bigint[])
UNION ALL
SELECT b.id, s.organisation, s.share_units FROM obligation b JOIN cash_call k ON k.id = b.cause
  JOIN claim_share s ON s.section = k.section
WHERE b.cause_kind = 'cash_call' AND b.id = ANY($1::bigint[])
"""
_SECTION_SHARES = """
SELECT b.id, x.id AS section, x.premium_fen, i.organisation, i.share_units
FROM obligation b JOIN placement l ON l.id = b.placement JOIN risk_section x ON x.risk = l.risk
  CROSS JOIN LATERAL (SELECT h.id FROM share_schedule h WHERE h.placement = l.id
    AND h.section = x.id AND h.status = 'effective'
    AND h.valid_from <= greatest(b.arose_on, l.start_on)
    ORDER BY h.valid_from DESC, h.id DESC LIMIT 1) h
  JOIN share_item i ON i.schedule = h.id
WHERE b.id = ANY($1::bigint[]) ORDER BY b.id, x.id
"""


async def signed_shares(rows: Sequence[Any]) -> dict[int, dict[int, int]]:
    """Signed units by obligation and organisation; nothing for a debt without shares."""
    ids = [row["id"] for row in rows]
    found: dict[int, dict[int, int]] = {}
    for row in await sql(_CLAIM_SHARES, ids):
        found.setdefault(row["id"], {})[row["organisation"]] = row["share_units"]
    placed = [key for key in ids if key not in found]
    sections: dict[int, dict[int, tuple[int, dict[str, int]]]] = {}
    for row in await sql(_SECTION_SHARES, placed):
        parts = sections.setdefault(row["id"], {})
        _, units = parts.setdefault(row["section"], (row["premium_fen"], {}))
        units[str(row["organisation"])] = row["share_units"]
    for key, parts in sections.items():
        found[key] = await _whole(list(parts.values()))
    for row in rows:
        if row["id"] not in found:
            schedule = await year_schedule(row["pool_year"], row["arose_on"])
            found[row["id"]] = schedule.shares if schedule else {}
    return found


async def _whole(parts: list[tuple[int, dict[str, int]]]) -> dict[int, int]:
    """Shares of all sections together, in the order of keys; order decides last units only."""
    order = sorted({key for _, units in parts for key in units}, key=int)
    return {int(key): units for key, units in policy_shares(parts, order).items() if units}


@dataclass(frozen=True, slots=True)
class Bearer:
    """A member that may bear a part."""

    organisation_id: int
    uscc: str
    name: str
    position: int


async def bearers(
    year_id: int, terms: AgreementTerms, consent: Consent | None, defaulter: int
) -> list[Bearer]:
    """Active members that were asked, and the lead where the clause leaves it out of asking.

    Before anybody was asked: all active ones.
    """
    rows = await sql(
        "SELECT m.organisation AS organisation_id, o.uscc, o.short_name AS name, m.position,"
        " 'lead' = ANY(m.roles) AS leads FROM pool_member m JOIN organisation o"
        " ON o.id = m.organisation WHERE m.pool_year = $1 AND m.status = 'active'"
        " AND m.organisation <> $2 ORDER BY m.position",
        year_id,
        defaulter,
    )
    lead_too = not terms.consents[ConsentMatter.SHORTFALL].includes_lead
    return [
        Bearer(row["organisation_id"], row["uscc"], row["name"], row["position"])
        for row in rows
        if consent is None or row["organisation_id"] in consent.asked or (lead_too and row["leads"])
    ]


async def debts_of(
    items: Sequence[Open], bearing: Sequence[Bearer]
) -> tuple[list[Debt], list[str]]:
    """The debts with the shares of those who bear them, and the numbers of those without any."""
    shares = await signed_shares([item.row for item in items])
    debts, shareless = [], []
    for item in items:
        own = shares[item.row["id"]]
        held: Shares = tuple(
            (bearer.uscc, own[bearer.organisation_id])
            for bearer in bearing
            if own.get(bearer.organisation_id)
        )
        others = [uscc for uscc, _ in held if uscc != item.row["creditor_uscc"]]
        if others:
            row = item.row
            debts.append(Debt(row["number"], row["creditor_uscc"], item.free_fen, held))
        else:
            shareless.append(item.row["number"])
    return debts, shareless


_BEFORE = """
SELECT c.id AS charge, p.obligation, o.uscc, p.share_units, p.amount_fen FROM shortfall_part p
JOIN shortfall_charge c ON c.id = p.charge JOIN organisation o ON o.id = p.organisation
JOIN pool_member m ON m.pool_year = c.pool_year AND m.organisation = p.organisation
WHERE c.member = $1 AND c.id < $2 ORDER BY c.id, p.obligation, m.position
"""


async def before(member_id: int, charge_id: int | None = None) -> Mapping[Shares, dict[str, int]]:
    """What was allocated by series of shares, before a charge or now; reversals count too."""
    last = charge_id or await sql_value("SELECT coalesce(max(id), 0) + 1 FROM shortfall_charge")
    groups: dict[tuple[int, int], list[Any]] = {}
    for row in await sql(_BEFORE, member_id, last):
        groups.setdefault((row["charge"], row["obligation"]), []).append(row)
    found: dict[Shares, dict[str, int]] = {}
    for rows in groups.values():
        series = found.setdefault(tuple((row["uscc"], row["share_units"]) for row in rows), {})
        for row in rows:
            series[row["uscc"]] = series.get(row["uscc"], 0) + row["amount_fen"]
    return found
