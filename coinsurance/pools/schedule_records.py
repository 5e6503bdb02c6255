"""Reading shares: what held on a day as known at a moment, and every schedule there ever was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from coinsurance.access import View, keep_look, view_of, year_row
from coinsurance.pool_shapes import SchedulePage, ScheduleShape, ShareShape, SharesShape
from coinsurance.pools import parts
from coinsurance.pools.schedules import KIND, schedule_row
from coinsurance.rules.workflows import SCHEDULE
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker
from service.kernel.shares import format_percent

_SCHEDULES = """
SELECT s.id, s.number, y.number AS pool_year, p.number AS placement, c.code AS section, s.mode,
  s.valid_from, s.status, s.reason, s.clause, s.resolution_number, s.effective_at, s.recorded_at,
  s.revision, (SELECT r.number FROM consent_request r WHERE r.subject_kind = 'share_schedule'
    AND r.subject = s.number ORDER BY r.id DESC LIMIT 1) AS consent_request
FROM share_schedule s JOIN pool_year y ON y.id = s.pool_year
LEFT JOIN placement p ON p.id = s.placement LEFT JOIN risk_section c ON c.id = s.section
"""
_ITEMS = """
SELECT i.schedule, i.organisation, o.uscc, o.short_name AS name, i.position, i.share_units,
  i.basis_weight FROM share_item i JOIN organisation o ON o.id = i.organisation
WHERE i.schedule = ANY($1::bigint[]) ORDER BY i.schedule, i.position
"""
_HELD = (
    " WHERE s.pool_year = $1 AND s.section IS NOT DISTINCT FROM $2::bigint AND s.status ="
    " 'effective' AND s.valid_from <= $3 AND s.effective_at <= $4"
    " ORDER BY s.valid_from DESC LIMIT 1"
)


async def shares(
    actor: Actor,
    number: str,
    as_of: date | None,
    as_known_at: datetime | None,
    placement: str | None = None,
    section: str | None = None,
) -> SharesShape:
    """The schedule that holds on a day as known at a moment, of the year or of one section.

    Its answer for a past day and moment never changes. A follower sees its own share.
    """
    year = await year_row(number)
    view = await view_of(actor, year)
    await keep_look(actor, "pool_year", number, "shares")
    found = await _section(year, placement, section)
    start_on, end_on = (found or year)["start_on"], (found or year)["end_on"]
    day = as_of or min(max(today(), start_on), end_on)
    moment = as_known_at or now()
    key = found["id"] if found else None
    row = await sql_row(_SCHEDULES + _HELD, year["id"], key, day, moment)
    shown = (await _shapes(actor, view, [row]))[0] if row else None
    code = found["code"] if found else None
    return SharesShape(number, day, moment, placement, code, shown)


async def _section(year: Any, placement: str | None, section: str | None) -> Any:
    """A section of a placement of the year by its code, the first without one; None: the year."""
    if placement is None:
        if section is not None:
            raise Refused([blocker("form.missing", "placement")])
        return None
    row = await sql_row(
        "SELECT c.id, c.code, p.start_on, p.end_on FROM placement p JOIN risk_section c"
        " ON c.risk = p.risk WHERE p.pool_year = $1 AND p.number = $2"
        " AND ($3::text IS NULL OR c.code = $3) ORDER BY c.position LIMIT 1",
        year["id"],
        placement,
        section,
    )
    if row is None:
        raise NotFound("分项", "Section", "/".join(filter(None, (placement, section))))
    return row


async def schedules(
    actor: Actor,
    number: str,
    status: str | None,
    placements: bool,
    cursor: str | None,
    limit: int | None,
) -> SchedulePage:
    """Every schedule of a year, latest first: proposed, refused and withdrawn ones too.

    `placements`: also those of the sections of placements.
    """
    year = await year_row(number)
    view = await view_of(actor, year)
    await keep_look(actor, "pool_year", number, "schedules")
    start, size = decode_cursor(cursor, (int,)), page_size(limit)
    rows = await sql(
        _SCHEDULES + " WHERE s.pool_year = $1 AND ($2::text IS NULL OR s.status = $2)"
        " AND ($3 OR s.section IS NULL) AND ($4::bigint IS NULL OR s.id < $4)"
        " ORDER BY s.id DESC LIMIT $5",
        year["id"],
        status,
        placements,
        start[0] if start else None,
        size + 1,
    )
    shown = rows[:size]
    following = encode_cursor([shown[-1]["id"]]) if len(rows) > size else None
    return SchedulePage(await _shapes(actor, view, shown), following)


async def schedule(actor: Actor, number: str, findings: Sequence[Finding] = ()) -> ScheduleShape:
    """One schedule, masked by the reader's seat; `findings` are warnings of the step before."""
    found = await schedule_row(number)
    view = await view_of(actor, await year_row(found["year"]))
    await keep_look(actor, KIND, number, "schedule")
    row = await sql_row(_SCHEDULES + " WHERE s.id = $1", found["id"])
    told = [finding.as_dict() for finding in findings]
    return (await _shapes(actor, view, [row], told))[0]


async def _shapes(
    actor: Actor, view: View, rows: Sequence[Any], findings: list[dict[str, Any]] | None = None
) -> list[ScheduleShape]:
    items = await sql(_ITEMS, [row["id"] for row in rows])
    by_schedule: dict[int, list[Any]] = {}
    for item in items:
        by_schedule.setdefault(item["schedule"], []).append(item)
    return [_shape(actor, view, row, by_schedule.get(row["id"], []), findings) for row in rows]


def _shape(
    actor: Actor,
    view: View,
    row: Any,
    items: Sequence[Any],
    findings: list[dict[str, Any]] | None,
) -> ScheduleShape:
    return ScheduleShape(
        **{key: value for key, value in dict(row).items() if key != "id"},
        status_zh=SCHEDULE.label(row["status"]),
        total_units=sum(item["share_units"] for item in items),
        shares=[_share(view, item) for item in items],
        findings=findings or [],
        steps=parts.steps(SCHEDULE, row["status"], actor.roles),
    )


def _share(view: View, item: Any) -> ShareShape:
    shown = view.shows(item["organisation"])
    return ShareShape(
        item["uscc"],
        item["name"],
        item["position"],
        item["share_units"] if shown else None,
        format_percent(item["share_units"]) if shown else None,
        item["basis_weight"] if shown else None,
    )
