"""Reading what others took over of a defaulter: each part with its share, exact amount and clause.

A follower reads the parts it bears and those that are paid to it, the defaulter all of its own;
shares and exact amounts of peers stay masked.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from coinsurance.access import View, keep_look, view_of, year_row
from coinsurance.pool_shapes import ShortfallChargeShape, ShortfallPartShape
from coinsurance.pools.members import KIND, member_row, subject_of
from service.auth import Actor
from service.kernel.db import sql

_CHARGES = """
SELECT c.id, c.number, y.number AS pool_year, d.uscc, d.short_name AS name, q.number AS consent,
  c.resolution_number, c.amount_fen, c.effective_on, c.clause, c.reason, o.number AS reversal_of,
  r.number AS reversed_by, e.key AS entry, c.recorded_at, m.organisation AS defaulter
FROM shortfall_charge c JOIN pool_year y ON y.id = c.pool_year
  JOIN pool_member m ON m.id = c.member JOIN organisation d ON d.id = m.organisation
  JOIN consent_request q ON q.id = c.consent JOIN entry e ON e.id = c.entry
  LEFT JOIN shortfall_charge o ON o.id = c.reversal_of
  LEFT JOIN shortfall_charge r ON r.reversal_of = c.id
WHERE c.pool_year = $1 AND ($2::bigint IS NULL OR c.member = $2)
  AND ($3::text IS NULL OR c.number = $3) ORDER BY c.id
"""
_PARTS = """
SELECT p.charge, b.number AS obligation, b.kind, o.uscc, o.short_name AS name, k.uscc AS creditor,
  k.short_name AS creditor_name, p.share_units, p.amount_fen, p.to_date_fen, p.exact_numerator,
  p.exact_denominator, p.organisation, b.creditor AS creditor_id
FROM shortfall_part p JOIN obligation b ON b.id = p.obligation
  JOIN organisation o ON o.id = p.organisation JOIN organisation k ON k.id = b.creditor
WHERE p.charge = ANY($1::bigint[]) ORDER BY p.id
"""


async def charges(actor: Actor, number: str, uscc: str) -> list[ShortfallChargeShape]:
    """Everything that was taken over of a member and taken back, oldest first."""
    year = await year_row(number)
    view = await view_of(actor, year)
    member = await member_row(year, uscc)
    await keep_look(actor, KIND, subject_of(number, member["uscc"]), "shortfall")
    rows = await sql(_CHARGES, year["id"], member["id"], None)
    return await _shapes(view, rows)


async def one(actor: Actor, year: Any, charge: str) -> ShortfallChargeShape:
    """One charge for a reader who may see all of it."""
    rows = await sql(_CHARGES, year["id"], None, charge)
    return (await _shapes(await view_of(actor, year), rows))[0]


async def _shapes(view: View, rows: list[Any]) -> list[ShortfallChargeShape]:
    shown: dict[int, list[ShortfallPartShape]] = {row["id"]: [] for row in rows}
    own = {row["id"]: view.shows(row["defaulter"]) for row in rows}
    for part in await sql(_PARTS, list(shown)):
        mine = part["organisation"], part["creditor_id"]
        if own[part["charge"]] or any(view.shows(key) for key in mine):
            shown[part["charge"]].append(_part(part, view.shows(part["organisation"])))
    return [
        ShortfallChargeShape(
            number=row["number"],
            pool_year=row["pool_year"],
            uscc=row["uscc"],
            name=row["name"],
            consent_request=row["consent"],
            resolution_number=row["resolution_number"],
            amount_fen=row["amount_fen"] if own[row["id"]] else None,
            effective_on=row["effective_on"],
            clause=row["clause"],
            reason=row["reason"],
            reversal_of=row["reversal_of"],
            reversed_by=row["reversed_by"],
            entry=row["entry"],
            recorded_at=row["recorded_at"],
            parts=shown[row["id"]],
        )
        for row in rows
        if own[row["id"]] or shown[row["id"]]
    ]


def _part(row: Any, shown: bool) -> ShortfallPartShape:
    exact = Fraction(int(row["exact_numerator"]), int(row["exact_denominator"]))
    return ShortfallPartShape(
        obligation=row["obligation"],
        kind=row["kind"],
        uscc=row["uscc"],
        name=row["name"],
        creditor=row["creditor"],
        creditor_name=row["creditor_name"],
        stands_in=row["uscc"] != row["creditor"],
        amount_fen=row["amount_fen"],
        share_units=row["share_units"] if shown else None,
        to_date_fen=row["to_date_fen"] if shown else None,
        exact=str(exact) if shown else None,
        difference=str(row["to_date_fen"] - exact) if shown else None,
    )
