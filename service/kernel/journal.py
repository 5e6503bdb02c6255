"""The event journal: the only writer of events, and the only mover of status columns (law 5, 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from piccolo.table import Table

from service.kernel.calendar import local_day, now
from service.kernel.db import compare_and_set, sql, sql_many, sql_value
from service.kernel.errors import Conflict, Unauthenticated
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.workflow import Step, Workflow


class ActorLike(Protocol):
    """Who acts: what the journal needs to know of `service.auth.Actor`."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def organisation_id(self) -> int | None: ...
    @property
    def roles(self) -> Collection[str]: ...
    @property
    def via(self) -> str: ...
    @property
    def request_id(self) -> str: ...
    @property
    def is_confirmed(self) -> bool: ...


_COLUMNS = (
    "recorded_at",
    "effective_on",
    "actor",
    "actor_name",
    "organisation",
    "via",
    "subject_kind",
    "subject",
    "event",
    "from_status",
    "to_status",
    "note",
    "facts",
    "request_id",
)
_FACTS = _COLUMNS.index("facts")
COLUMNS = (*_COLUMNS, "content_hash")
_INSERT = (
    f"INSERT INTO journal_event ({', '.join(COLUMNS)}) VALUES "
    f"({', '.join(f'${n}' for n in range(1, len(COLUMNS) + 1))}) RETURNING id"
)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the text that hashes are made of."""
    return _ENCODER.encode(value)


def parsed(text: str | None) -> dict[str, Any]:
    """The object behind a JSON column; Piccolo and asyncpg hand JSONB out as text."""
    value: dict[str, Any] = json.loads(text) if text else {}
    return value


def event_text(row: Mapping[str, Any]) -> str:
    """The text an event's hash is taken over: canonical JSON of its columns in table order.

    Moments as ISO 8601 in UTC with microseconds, days as ISO, `facts` as the parsed object.
    """
    facts = row["facts"]
    return _text(row, canonical(json.loads(facts) if isinstance(facts, str) else facts))


def _text(row: Mapping[str, Any], facts: str) -> str:
    """The text of an event whose facts are canonical text."""
    values: list[Any] = []
    for column in _COLUMNS[:_FACTS]:
        value = row[column]
        if isinstance(value, datetime):
            value = value.isoformat(timespec="microseconds")
        elif isinstance(value, date):
            value = value.isoformat()
        values.append(value)
    after = [row[column] for column in _COLUMNS[_FACTS + 1 :]]
    return f"{canonical(values)[:-1]},{facts},{canonical(after)[1:]}"


def event_hash(row: Mapping[str, Any]) -> bytes:
    """SHA-256 over the text of an event."""
    return hashlib.sha256(event_text(row).encode()).digest()


async def record(
    actor: ActorLike,
    subject_kind: str,
    subject: str,
    event: str,
    *,
    from_status: str = "",
    to_status: str = "",
    note: str = "",
    facts: Mapping[str, Any] | None = None,
    effective_on: date | None = None,
    recorded_at: datetime | None = None,
) -> int:
    """Write one event in the current transaction and return its id.

    `effective_on` is the day from which the fact holds (default: today in Shanghai).
    """
    row = event_row(
        actor,
        subject_kind,
        subject,
        event,
        from_status=from_status,
        to_status=to_status,
        note=note,
        facts=facts,
        effective_on=effective_on,
        recorded_at=recorded_at,
    )
    event_id: int = await sql_value(_INSERT, *row)
    return event_id


def event_row(
    actor: ActorLike,
    subject_kind: str,
    subject: str,
    event: str,
    *,
    from_status: str = "",
    to_status: str = "",
    note: str = "",
    facts: Mapping[str, Any] | None = None,
    effective_on: date | None = None,
    recorded_at: datetime | None = None,
) -> tuple[Any, ...]:
    """The values of `COLUMNS` for one event, its hash last.

    For a statement that writes the event together with what it tells of, where single statements
    would cost too many round trips; everybody else calls :func:`record`.
    Raises Unauthenticated for a caller of an earlier request who was not confirmed in this one.
    """
    if not actor.is_confirmed:
        raise Unauthenticated("auth.token_expired")
    moment = recorded_at or now()
    told = canonical(dict(facts or {}))
    row = {
        "recorded_at": moment,
        "effective_on": effective_on or local_day(moment),
        "actor": actor.user_id,
        "actor_name": actor.name,
        "organisation": actor.organisation_id,
        "via": actor.via,
        "subject_kind": subject_kind,
        "subject": subject,
        "event": event,
        "from_status": from_status,
        "to_status": to_status,
        "note": note,
        "facts": told,
        "request_id": actor.request_id,
    }
    return (*row.values(), hashlib.sha256(_text(row, told).encode()).digest())


async def record_rows(rows: Iterable[tuple[Any, ...]]) -> None:
    """Write events made by :func:`event_row` as one batch, for a step that many rows take at once.

    The statement that moves them compares their status too and is counted by its caller.
    """
    await sql_many(_INSERT, rows)


async def move(
    workflow: Workflow,
    table: type[Table],
    row: Mapping[str, Any],
    event: str,
    actor: ActorLike,
    *,
    subject_kind: str,
    subject: str,
    note: str = "",
    roles: Collection[str] | None = None,
    values: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    effective_on: date | None = None,
    recorded_at: datetime | None = None,
) -> tuple[Step, int]:
    """Take one step of a life cycle: judge it, move the status if nobody was faster, journal it.

    `row` needs id and status as the caller read them; `values` are set in the same UPDATE. Returns
    the step and the journal event's id. Raises Refused, Forbidden or Conflict.
    """
    step = workflow.advance(row["status"], event, roles or actor.roles, note)
    moved = await compare_and_set(
        table,
        row["id"],
        column="status",
        expected=step.source,
        values={"status": step.target, **(values or {})},
    )
    if not moved:
        raise Conflict("conflict.status_moved")
    event_id = await record(
        actor,
        subject_kind,
        subject,
        event,
        from_status=step.source,
        to_status=step.target,
        note=note,
        facts=facts,
        effective_on=effective_on,
        recorded_at=recorded_at,
    )
    return step, event_id


async def verify() -> list[Finding]:
    """Recompute the hash of every event and report those whose content no longer fits."""
    found: list[Finding] = []
    last = 0
    while True:
        rows = await sql(
            f"SELECT id, content_hash, {', '.join(_COLUMNS)} FROM journal_event"
            " WHERE id > $1 ORDER BY id LIMIT 5000",
            last,
        )
        if not rows:
            return found
        found += [
            blocker("journal.hash_differs", f"journal_event.{row['id']}", event=row["id"])
            for row in rows
            if event_hash(row) != row["content_hash"]
        ]
        last = rows[-1]["id"]


register(
    {
        "journal.hash_differs": Text(
            "日志第 {event} 条的内容与写入时的摘要不一致",
            "Event {event} of the journal no longer matches the hash it was written with",
            "请停止使用并从备份核对该条记录",
            "Stop and compare this record with a backup",
            "DESIGN law 6",
        ),
    }
)
