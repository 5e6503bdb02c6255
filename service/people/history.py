"""Reading what was recorded: the journal, and the rule files as they were published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.kernel.calendar import day_end, day_start
from service.kernel.db import sql, sql_row
from service.kernel.errors import NotFound
from service.people.paging import Order, Turn, Where, page_rows
from service.people.shapes import EventPage, EventShape, RuleItem, RuleRecord

_EVENT = (
    "e.id, e.recorded_at, e.effective_on, coalesce(u.login, '') AS actor, e.actor_name,"
    " coalesce(o.uscc, '') AS organisation, e.via, e.subject_kind, e.subject, e.event,"
    " e.from_status, e.to_status, e.note, e.facts, e.request_id"
)
_EVENTS = (
    "journal_event e LEFT JOIN eastlake_user u ON u.id = e.actor"
    " LEFT JOIN organisation o ON o.id = e.organisation"
)
_NEWEST = Order("e.id", "e.id", (int, int), down=True)
_RULE = "family, version, title, status, valid_from, valid_to, hash, published_at"


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Filters of the journal; `actor` a log-in, `day` a day in Shanghai on which it was written."""

    subject_kind: str | None = None
    subject: str | None = None
    event: str | None = None
    actor: str | None = None
    day: date | None = None


async def list_events(query: EventQuery, turn: Turn | None = None) -> EventPage:
    """Events of the journal, newest first. The route lets only admin and auditor in."""
    where = Where()
    for column in ("subject_kind", "subject", "event"):
        value = getattr(query, column)
        if value:
            where.add(f"e.{column} = ?", value.replace("\x00", ""))
    if query.actor:
        login = query.actor.replace("\x00", "")
        where.add("e.actor = (SELECT id FROM eastlake_user WHERE login = ?)", login)
    if query.day is not None:
        where.add(
            "e.recorded_at >= ? AND e.recorded_at < ?", day_start(query.day), day_end(query.day)
        )
    rows, following, previous = await page_rows(_EVENT, _EVENTS, where, _NEWEST, turn or Turn())
    return EventPage([_event(row) for row in rows], following, previous)


def _event(row: Any) -> EventShape:
    values = {name: row[name] for name in EventShape.__slots__}
    return EventShape(**values | {"facts": json.loads(row["facts"])})


async def list_rules(family: str | None = None) -> list[RuleItem]:
    """Every published version of every rule file, or of one family; the latest first."""
    rows = await sql(
        f"SELECT {_RULE} FROM rule_version WHERE status <> 'draft'"
        " AND ($1::text IS NULL OR family = $1) ORDER BY family, valid_from DESC, id DESC",
        family,
    )
    return [RuleItem(**row) for row in rows]


async def get_rule(family: str, version: str) -> RuleRecord:
    """One published version with its text; NotFound."""
    row = await sql_row(
        f"SELECT {_RULE}, body FROM rule_version WHERE family = $1 AND version = $2"
        " AND status <> 'draft'",
        family,
        version,
    )
    if row is None:
        raise NotFound("规则版本", "Rule version", f"{family} {version}")
    values = dict(row)
    body = values.pop("body")
    return RuleRecord(RuleItem(**values), body)
