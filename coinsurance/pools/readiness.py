"""What a year lacks before it can be signed, opened, run off or commuted; all of it at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.nouns import PoolRole, ShareMode
from coinsurance.rules.shares import Holder, find_lead
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.findings import Finding, blocker, warning

SINGLE_ROLES = (
    PoolRole.LEAD,
    PoolRole.ISSUER,
    PoolRole.CLAIMS_HANDLER,
    PoolRole.ACCOUNT_KEEPER,
)
"""Each is held by exactly one active member once the year is signed."""

_MEMBERS = """
SELECT m.organisation, o.uscc, o.short_name AS name, m.position, m.roles, m.status, m.joined_on,
  m.aggregate_capacity_fen, (SELECT min(b.joined_on) FROM pool_member b JOIN pool_year z
    ON z.id = b.pool_year WHERE z.pool = $2 AND b.organisation = m.organisation
    AND b.status <> 'declined') AS since, coalesce(i.share_units, 0)::bigint AS share_units
FROM pool_member m JOIN organisation o ON o.id = m.organisation
LEFT JOIN share_item i ON i.organisation = m.organisation AND i.schedule = $3
WHERE m.pool_year = $1 ORDER BY m.position
"""


async def missing(year: Any, event: str) -> list[Finding]:
    """What keeps a year from a step; warnings may be let pass."""
    check = _CHECKS.get(event)
    return await check(year) if check else []


async def _to_sign(year: Any) -> list[Finding]:
    schedule = await sql_value(
        "SELECT id FROM share_schedule WHERE pool_year = $1 AND section IS NULL"
        " AND status = 'effective' AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1",
        year["id"],
        year["start_on"],
    )
    rows = await sql(_MEMBERS, year["id"], year["pool"], schedule)
    found = [*_roles(rows), *_enough(rows)]
    open_names = [row["name"] for row in rows if row["status"] == "invited"]
    if open_names:
        found.append(blocker("year.invitations_open", "members", names=open_names))
    if schedule is None and year["share_mode"] != ShareMode.PER_RISK_LINE:
        found.append(blocker("year.no_schedule", "shares", start_on=year["start_on"]))
    return [*found, *_lead(year, rows, schedule is not None)]


def _roles(rows: list[Any]) -> list[Finding]:
    found = []
    for role in SINGLE_ROLES:
        holders = [row for row in rows if row["status"] == "active" and role in row["roles"]]
        if len(holders) != 1:
            found.append(
                blocker(
                    "year.role_unheld",
                    "members",
                    role=role.value,
                    role_zh=role.zh,
                    count=len(holders),
                )
            )
    return found


def _enough(rows: list[Any]) -> list[Finding]:
    carrying = [
        row for row in rows if row["status"] == "active" and PoolRole.OBSERVER not in row["roles"]
    ]
    if len(carrying) < 2:
        return [blocker("year.members_few", "members", count=len(carrying))]
    return []


def _lead(year: Any, rows: list[Any], has_schedule: bool) -> list[Finding]:
    """The lead stands first, and is the one the agreement's rule finds where shares are agreed."""
    active = [row for row in rows if row["status"] == "active"]
    lead = next((row for row in active if PoolRole.LEAD in row["roles"]), None)
    if lead is None:
        return []
    found = []
    if lead["position"] != min(row["position"] for row in active):
        place = {"name": lead["name"], "position": lead["position"]}
        found.append(blocker("year.lead_not_first", "members", **place))
    terms = terms_of(year["agreement_body"])
    if terms.lead_choice.rule != "largest_share" or not has_schedule:
        return found
    chosen = find_lead(terms.lead_choice, [holder(row) for row in active])
    names = {row["uscc"]: row["name"] for row in active}
    clause = terms.clause("lead_choice")
    if chosen.key is None and lead["uscc"] not in chosen.tied:
        tied = [names[key] for key in chosen.tied]
        found.append(blocker("year.lead_drawn", "members", clause, names=tied))
    elif chosen.key is not None and chosen.key != lead["uscc"]:
        told = {"name": names[chosen.key], "decided_by": chosen.decided_by}
        found.append(blocker("year.lead_by_rule", "members", clause, **told))
    return found


def holder(row: Any) -> Holder:
    """A member's row as the rules of shares see it; membership counts from its first year."""
    return Holder(
        row["uscc"],
        row["position"],
        row["share_units"],
        row["aggregate_capacity_fen"],
        row["since"] or row["joined_on"],
    )


async def _to_run_off(year: Any) -> list[Finding]:
    if today() <= year["end_on"]:
        return [blocker("year.not_over", "end_on", end_on=year["end_on"])]
    return []


_POSITIONS = """
SELECT o.short_name AS name FROM account a JOIN entry_line l ON l.account = a.id
JOIN entry e ON e.id = l.entry JOIN organisation o ON o.id = a.owner
WHERE a.book = $1 AND e.kind <> 'pending' GROUP BY o.id, o.short_name
HAVING sum(l.amount_fen) <> 0 ORDER BY o.short_name
"""


async def _to_commute(year: Any) -> list[Finding]:
    """Nothing is owed any more and no member has a net position in the book."""
    found: list[Finding] = []
    owed = await sql_row(
        "SELECT count(*)::int AS count, coalesce(sum(amount_fen - settled_fen), 0)::bigint AS fen"
        " FROM obligation WHERE pool_year = $1 AND status NOT IN ('settled', 'void')",
        year["id"],
    )
    if owed is not None and owed["count"]:
        open_fen, count = owed["fen"], owed["count"]
        found.append(blocker("year.money_open", "obligations", open_fen=open_fen, count=count))
    rows = await sql(_POSITIONS, year["book"])
    if rows:
        names = [row["name"] for row in rows]
        found.append(blocker("year.balances_open", "balances", names=names))
    return found


_CHECKS: dict[str, Callable[[Any], Awaitable[list[Finding]]]] = {
    "sign": _to_sign,
    "open": _to_sign,
    "run_off": _to_run_off,
    "commute": _to_commute,
}


def note_lead(year: Any, rows: list[Any]) -> list[Finding]:
    """A warning where new shares make another member the largest than the present lead."""
    terms = terms_of(year["agreement_body"])
    lead = next((r for r in rows if r["status"] == "active" and PoolRole.LEAD in r["roles"]), None)
    if terms.lead_choice.rule != "largest_share" or lead is None:
        return []
    chosen = find_lead(terms.lead_choice, [holder(row) for row in rows])
    if chosen.key is None or chosen.key == lead["uscc"]:
        return []
    name = next(row["name"] for row in rows if row["uscc"] == chosen.key)
    return [warning("schedule.lead_changes", "shares", terms.clause("lead_choice"), name=name)]
