"""Asking members for their consent (征求同意): putting a matter, closing it, what follows.

One mechanism for every matter. A package that asks registers with `when_closed` what follows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.consent_shapes import ConsentState
from coinsurance.pools import parts
from coinsurance.rules.agreement.terms import ConsentTerm
from coinsurance.rules.consents import (
    OPEN,
    Judgement,
    Party,
    Request,
    check_request,
    judge,
    needed_units,
)
from coinsurance.rules.nouns import ConsentMatter
from coinsurance.rules.workflows import CONSENT
from coinsurance.tables import ConsentRequest
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_row, sql_value
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding, blocker

Reaction = Callable[[Actor, Any, str], Awaitable[None]]
_REACTIONS: dict[str, Reaction] = {}
_EVENTS = {"given": "give", "refused": "refuse", "expired": "expire"}


@dataclass(frozen=True, slots=True)
class Matter:
    """What is put to the members, and by which clause. `subject` is the record's number."""

    pool_id: int
    year_id: int | None
    matter: ConsentMatter
    subject_kind: str
    subject: str
    title: str
    term: ConsentTerm
    clause: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A member to be asked, with its weight in units of 10^8."""

    organisation_id: int
    uscc: str
    position: int
    weight_units: int = 0


def when_closed(subject_kind: str, reaction: Reaction) -> None:
    """What follows once a request about that kind of record is given, refused or expired.

    `reaction(actor, request row, outcome)` runs in the transaction that closed the request.
    """
    _REACTIONS[subject_kind] = reaction


_MEMBERS = """
SELECT m.organisation AS organisation_id, o.uscc, m.position, coalesce(i.share_units, 0)::bigint
  AS weight_units, 'lead' = ANY(m.roles) AS leads
FROM pool_member m JOIN organisation o ON o.id = m.organisation
LEFT JOIN share_item i ON i.organisation = m.organisation AND i.schedule = (
  SELECT s.id FROM share_schedule s WHERE s.pool_year = m.pool_year AND s.section IS NULL
    AND s.status = 'effective' AND s.valid_from <= $2 ORDER BY s.valid_from DESC LIMIT 1)
WHERE m.pool_year = $1 AND m.status = 'active' AND NOT m.roles <@ '{observer}'::varchar[]
  AND (m.left_on IS NULL OR m.left_on > $2)
ORDER BY m.position
"""


async def members_to_ask(
    year_id: int, term: ConsentTerm, day: date, *, without: Collection[int] = ()
) -> list[Asked]:
    """Active members of a year that carry risk, weighed by the shares in force on a day.

    The lead is left out where the clause says so, and whoever the matter is about (`without`).
    """
    rows = await sql(_MEMBERS, year_id, day)
    return [
        Asked(row["organisation_id"], row["uscc"], row["position"], row["weight_units"])
        for row in rows
        if row["organisation_id"] not in without and (term.includes_lead or not row["leads"])
    ]


async def ask(actor: Actor, matter: Matter, asked: Sequence[Asked]) -> str:
    """Put a matter to members and return the number of the request. Inside `work()`.

    Raises Conflict while another request on the same record is open, Refused where the rule cannot
    be met by those asked.
    """
    term, moment = matter.term, now()
    weights = [party.weight_units for party in asked]
    units = None if term.threshold_units is None else needed_units(term.threshold_units, weights)
    wanted = Request(term.rule, term.count, units, term.deemed)
    found = check_request(wanted, [Party(p.uscc, p.weight_units) for p in asked])
    if found:
        raise Refused(found)
    other = await open_request(matter.subject_kind, matter.subject)
    if other is not None:
        raise Conflict("consent.already_open", number=other)
    number = await next_number("CR", moment)
    request_id = await sql_value(
        "INSERT INTO consent_request (number, pool, pool_year, matter, subject_kind, subject,"
        " title, rule, needed_count, needed_units, clause, deemed_clause, due_days, due_calendar,"
        " status, revision, opened_at, opened_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " $11, $12, $13, $14, 'open', 1, $15, $16) RETURNING id",
        number,
        matter.pool_id,
        matter.year_id,
        matter.matter.value,
        matter.subject_kind,
        matter.subject,
        matter.title[:200],
        term.rule.value,
        term.count,
        units,
        matter.clause,
        matter.clause if term.deemed else "",
        term.days,
        term.calendar.value,
        moment,
        actor.user_id,
    )
    await sql_many(
        "INSERT INTO consent_party (request, organisation, position, weight_units, served_how,"
        " answer, note) VALUES ($1, $2, $3, $4, '', '', '')",
        [(request_id, p.organisation_id, p.position, p.weight_units) for p in asked],
    )
    await journal.record(
        actor,
        CONSENT.name,
        number,
        "ask",
        to_status=OPEN,
        facts={
            "matter": matter.matter.value,
            "subject": f"{matter.subject_kind}/{matter.subject}",
            "clause": matter.clause,
            "parties": [party.uscc for party in asked],
        },
    )
    return number


async def open_request(subject_kind: str, subject: str) -> str | None:
    """The number of the request on a record that is still open."""
    number: str | None = await sql_value(
        "SELECT number FROM consent_request WHERE subject_kind = $1 AND subject = $2"
        " AND status = 'open'",
        subject_kind,
        subject,
    )
    return number


async def latest_request(subject_kind: str, subject: str) -> Any:
    """The latest request on a record (number, status, clause), None where there never was one."""
    return await sql_row(
        "SELECT number, status, clause, matter FROM consent_request WHERE subject_kind = $1"
        " AND subject = $2 ORDER BY id DESC LIMIT 1",
        subject_kind,
        subject,
    )


async def need_given(subject_kind: str, subject: str, field: str = "consent") -> list[Finding]:
    """What is missing before a matter may take effect: a finding unless its consent was given."""
    row = await latest_request(subject_kind, subject)
    if row is None:
        return [blocker("consent.never_asked", field)]
    if row["status"] != "given":
        return [
            blocker(
                "consent.not_given",
                field,
                row["clause"],
                number=row["number"],
                status_zh=CONSENT.label(row["status"], "zh"),
                status_en=CONSENT.label(row["status"], "en"),
            )
        ]
    return []


async def withdraw(actor: Actor, subject_kind: str, subject: str) -> None:
    """Close the open request on a record whose matter was withdrawn, if there is one."""
    row = await sql_row(
        "SELECT id, number, status, revision FROM consent_request WHERE subject_kind = $1"
        " AND subject = $2 AND status = 'open' FOR UPDATE",
        subject_kind,
        subject,
    )
    if row is not None:
        await _close(actor, row, "withdraw")


async def request_row(number: str, *, lock: bool = False) -> Any:
    """A request with the organisation that opened it; NotFound for an unknown number."""
    row = await sql_row(
        "SELECT r.*, u.organisation AS opener FROM consent_request r"
        " JOIN eastlake_user u ON u.id = r.opened_by WHERE r.number = $1"
        + (" FOR UPDATE OF r" if lock else ""),
        number,
    )
    if row is None:
        raise NotFound("征求同意", "Consent request", number)
    return row


async def party_rows(request_id: int, *, lock: bool = False) -> list[Any]:
    """The members asked, in order, with their codes and names."""
    return await sql(
        "SELECT p.*, o.uscc, o.short_name AS name FROM consent_party p JOIN organisation o"
        " ON o.id = p.organisation WHERE p.request = $1 ORDER BY p.position, p.id"
        + (" FOR UPDATE OF p" if lock else ""),
        request_id,
    )


def facts_of(rows: Sequence[Any]) -> list[Party]:
    """Rows of members asked as the rules see them."""
    return [
        Party(row["uscc"], row["weight_units"], row["answer"], row["served_at"], row["due_at"])
        for row in rows
    ]


def rule_of(row: Any) -> Request:
    """A request's row as the rules see it."""
    return Request(
        row["rule"], row["needed_count"], row["needed_units"], bool(row["deemed_clause"])
    )


async def settle(actor: Actor, row: Any, moment: datetime | None = None) -> str:
    """Judge a locked request and close it when its outcome is there; returns the outcome."""
    judged = judge(rule_of(row), facts_of(await party_rows(row["id"])), moment or now())
    if judged.outcome != OPEN:
        await _close(actor, row, _EVENTS[judged.outcome], judged)
        reaction = _REACTIONS.get(row["subject_kind"])
        if reaction is not None:
            await reaction(actor, row, judged.outcome)
    return judged.outcome


async def _close(actor: Actor, row: Any, event: str, judged: Judgement | None = None) -> None:
    current = await sql_value("SELECT revision FROM consent_request WHERE id = $1", row["id"])
    facts = None
    if judged is not None:
        facts = {
            "consenting": list(judged.consenting),
            "refusing": list(judged.refusing),
            "missing": list(judged.missing),
        }
    await parts.move(
        actor,
        CONSENT,
        ConsentRequest,
        {"id": row["id"], "status": row["status"], "revision": current},
        event,
        row["number"],
        values={"closed_at": now()},
        facts=facts,
        follows=True,
    )


async def state_of(number: str) -> ConsentState:
    """Where a request stands now."""
    row = await request_row(number)
    judged = judge(rule_of(row), facts_of(await party_rows(row["id"])), now())
    return ConsentState(
        number,
        row["status"],
        row["revision"],
        row["due_at"],
        len(judged.consenting),
        len(judged.refusing),
        len(judged.missing),
    )
