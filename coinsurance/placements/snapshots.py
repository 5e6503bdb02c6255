"""The snapshot of a bound risk (承保快照): everything agreed, frozen with its hash.

Shape, stable for what is built on it: `placement`, `risk`, `pool`, `pool_year`, `agreement`
(version, hash), `policy` (id, number), `issuer`, `insured`, `period`, `money`, `business_class`,
`project`, `character_check`, `zones`, `members` (share of the whole policy) and `sections`, each
with its schedule's number and the shares that hold on the first day of cover.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coinsurance.placements.gathering import Market, Participation
from coinsurance.placements.rows import Access
from service.kernel.db import sql_row


async def build(
    found: Access,
    market: Market,
    *,
    number: str,
    schedules: list[str],
    policy_id: int,
    policy_number: str,
    total: dict[int, int],
    check: Any,
    at_risk: Mapping[str, int],
    moment: datetime,
    declaration: int | None = None,
) -> dict[str, Any]:
    """The snapshot as plain values; `declaration`: that no loss is known, where there is one."""
    risk, terms = found.risk, found.terms
    row = await sql_row(
        "SELECT i.uscc, i.name, n.uscc AS insured_uscc, n.name AS insured_name,"
        " p.number AS product FROM organisation i, organisation n, product p"
        " WHERE i.id = $1 AND n.id = $2 AND p.id = $3",
        risk.issuer_id,
        risk.insured_id,
        risk.product_id,
    )
    assert row is not None
    return {
        "placement": number,
        "risk": risk.number,
        "pool": found.year["pool_code"],
        "pool_year": risk.year,
        "agreement": {"version": terms.version, "hash": terms.hash},
        "policy": {"id": policy_id, "number": policy_number},
        "product": row["product"],
        "issuer": {"uscc": row["uscc"], "name": row["name"]},
        "insured": {"uscc": row["insured_uscc"], "name": row["insured_name"]},
        "title": risk.title,
        "business_class": risk.business_class,
        "project": {"name": risk.project_name, "number": risk.project_number},
        "method": risk.method,
        "year_schedule": market.schedule.number if market.schedule else None,
        "period": {"start_on": risk.start_on.isoformat(), "end_on": risk.end_on.isoformat()},
        "money": {
            "sum_insured_fen": risk.sum_insured_fen,
            "premium_fen": risk.premium_fen,
            "deductible_fen": risk.deductible_fen,
            "rate_ppm": risk.rate_ppm,
        },
        "character_check": {"number": check["number"], "hash": check["hash"]},
        "zones": [{"zone": code, "at_risk_ppm": ppm} for code, ppm in sorted(at_risk.items())],
        "members": [
            {**_member(market, key), "share_units": units} for key, units in total.items()
        ],
        "sections": [
            _section(market, part, schedule)
            for part, schedule in zip(market.sections, schedules, strict=True)
        ],
        "bound_at": moment.isoformat(timespec="microseconds"),
        **({"no_known_loss_document": declaration} if declaration is not None else {}),
    }


def _member(market: Market, organisation_id: int) -> dict[str, Any]:
    member = market.members[organisation_id]
    return {"uscc": member.uscc, "name": member.name, "position": member.position}


def _section(market: Market, part: Participation, schedule: str) -> dict[str, Any]:
    section = part.section
    written = {line.organisation_id: line for line in part.counted}
    shares = []
    for key, units in part.shares.items():
        line = written.get(key)
        shares.append(
            {
                **_member(market, key),
                "share_units": units,
                "written_units": line.written_units if line else units,
                "line": line.id if line else None,
            }
        )
    return {
        "id": section.id,
        "code": section.code,
        "title": section.title,
        "kind": section.kind,
        "attachment_fen": section.attachment_fen,
        "limit_fen": section.limit_fen,
        "aggregate_fen": section.aggregate_fen,
        "premium_fen": section.premium_fen,
        "schedule": schedule,
        "shares": shares,
    }
