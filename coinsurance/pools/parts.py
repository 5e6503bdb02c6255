"""What the use cases of pools share: moving a status, steps, history, organisations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from piccolo.table import Table

from catalogue.products.counting import parse_moment
from catalogue.subsidy_shapes import HistoryShape, StepShape
from coinsurance import access as _access  # noqa: F401  registers its texts
from coinsurance.pools import consent_texts as _consent_texts  # noqa: F401  registers the texts
from coinsurance.pools import texts as _texts  # noqa: F401  registers the texts
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.db import sql, sql_value
from service.kernel.errors import Forbidden, Refused
from service.kernel.findings import blocker
from service.kernel.numbering import normalise_uscc
from service.kernel.workflow import Workflow

SYSTEM_ROLES = SYSTEM.roles
"""Roles under which a step that follows from another one is taken."""


async def move(
    actor: Actor,
    workflow: Workflow,
    table: type[Table],
    row: Mapping[str, Any],
    event: str,
    subject: str,
    *,
    note: str = "",
    values: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    effective_on: date | None = None,
    follows: bool = False,
) -> int:
    """Take one step; the revision goes up by one. Returns the journal event.

    `follows`: an automatic step, taken by the program as a consequence of what the actor did.
    """
    _, event_id = await journal.move(
        workflow,
        table,
        {"id": row["id"], "status": row["status"]},
        event,
        actor,
        subject_kind=workflow.name,
        subject=subject,
        note=note,
        roles=SYSTEM_ROLES if follows else None,
        values={"revision": row["revision"] + 1, **(values or {})},
        facts=facts,
        effective_on=effective_on,
    )
    return event_id


async def took(actor: Actor, kind: str, subject: str, events: Collection[str]) -> bool:
    """Whether the person took one of these steps of a record before."""
    return bool(
        await sql_value(
            "SELECT 1 FROM journal_event WHERE subject_kind = $1 AND subject = $2 AND actor = $3"
            " AND event = ANY($4::text[]) LIMIT 1",
            kind,
            subject,
            actor.user_id,
            list(events),
        )
    )


async def four_eyes(actor: Actor, kind: str, subject: str, *events: str) -> None:
    """Forbidden for a person who took one of the steps that prepared this one (law 9)."""
    if await took(actor, kind, subject, events):
        raise Forbidden("auth.four_eyes")


def steps(workflow: Workflow, status: str, roles: Collection[str]) -> list[StepShape]:
    """The steps that these roles may take now."""
    return [
        StepShape(s.event, s.label_zh, s.label_en, s.needs_note)
        for s in workflow.allowed(status, roles)
    ]


async def history(kind: str, subject: str) -> list[HistoryShape]:
    """What happened to a record, in order."""
    rows = await sql(
        "SELECT event, from_status, to_status, note, recorded_at, actor_name AS by"
        " FROM journal_event WHERE subject_kind = $1 AND subject = $2 ORDER BY id",
        kind,
        subject,
    )
    return [HistoryShape(**row) for row in rows]


async def organisations(usccs: Iterable[str], field: str) -> dict[str, Any]:
    """Organisations by credit code in one statement; Refused with one finding for each unknown."""
    codes = [normalise_uscc(code) for code in usccs]
    rows = await sql(
        "SELECT id, uscc, legal_root, kind, name, short_name, active FROM organisation"
        " WHERE uscc = ANY($1::text[])",
        codes,
    )
    known = {row["uscc"]: row for row in rows}
    missing = [
        blocker("pool.unknown_organisation", f"{field}.{n}.uscc", value=code)
        for n, code in enumerate(codes)
        if code not in known
    ]
    if missing:
        raise Refused(missing)
    return known


def known_at(text: str | None) -> datetime | None:
    """The moment of knowledge that a request names; Refused for none or one without zone."""
    return parse_moment(text, "as_known_at") if text else None
