"""Reading requests for consent: lists, and one with every service and answer."""

from __future__ import annotations

from typing import Any

from coinsurance.access import keep_look, seat_of
from coinsurance.consent_shapes import ConsentItem, ConsentPage, ConsentPartyShape, ConsentRecord
from coinsurance.pools import parts
from coinsurance.pools.consents import facts_of, party_rows, request_row, rule_of
from coinsurance.rules.consents import judge
from coinsurance.rules.deadlines import Counted, last_day
from coinsurance.rules.nouns import ConsentMatter, ConsentRule
from coinsurance.rules.workflows import CONSENT
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import OpenTerm, local_day, now
from service.kernel.db import sql, sql_row
from service.kernel.errors import NotFound

_LIST = """
SELECT r.id, r.number, p.code AS pool, y.number AS pool_year, r.matter, r.subject_kind, r.subject,
  r.title, r.status, r.opened_at, r.due_at, m.answer AS my_answer
FROM consent_request r JOIN pool p ON p.id = r.pool LEFT JOIN pool_year y ON y.id = r.pool_year
JOIN eastlake_user u ON u.id = r.opened_by
LEFT JOIN consent_party m ON m.request = r.id AND m.organisation = $2
WHERE ($1 OR m.id IS NOT NULL OR u.organisation = $2)
  AND ($3::text IS NULL OR r.status = $3) AND ($4::text IS NULL OR p.code = $4)
  AND ($5::text IS NULL OR y.number = $5) AND ($6::text IS NULL OR r.matter = $6)
  AND ($7::text IS NULL OR r.subject = $7)
  AND (NOT $8 OR (m.answer = '' AND r.status = 'open'
    AND (m.due_at IS NULL OR m.due_at > $9)))
  AND ($10::bigint IS NULL OR r.id < $10) ORDER BY r.id DESC LIMIT $11
"""


async def requests(
    actor: Actor,
    *,
    status: str | None = None,
    pool: str | None = None,
    year: str | None = None,
    matter: str | None = None,
    subject: str | None = None,
    mine: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> ConsentPage:
    """Requests the reader was asked in or put itself, newest first; committee and auditor: all.

    `mine`: only those its organisation may still answer.
    """
    start, size = decode_cursor(cursor, (int,)), page_size(limit)
    rows = await sql(
        _LIST,
        actor.sees_all,
        actor.organisation_id,
        status,
        pool,
        year,
        matter,
        subject,
        mine,
        now(),
        start[0] if start else None,
        size + 1,
    )
    shown = rows[:size]
    items = [
        ConsentItem(
            matter_zh=ConsentMatter.zh_of(row["matter"]),
            status_zh=CONSENT.label(row["status"]),
            **{key: value for key, value in dict(row).items() if key != "id"},
        )
        for row in shown
    ]
    return ConsentPage(items, encode_cursor([shown[-1]["id"]]) if len(rows) > size else None)


async def request(actor: Actor, number: str) -> ConsentRecord:
    """One request for those asked, who put it, committee and auditor; else NotFound.

    Who answered what is known to all of them; weights and reasons of peers, and the weight needed
    (with the agreed threshold it tells what all who were asked hold), only to those who see the
    shares.
    """
    row = await request_row(number)
    parties = await party_rows(row["id"])
    asked = any(actor.owns(party["organisation"]) for party in parties)
    if not (actor.sees_all or asked or actor.owns(row["opener"])):
        raise NotFound("征求同意", "Consent request", number)
    await keep_look(actor, CONSENT.name, number, "consent")
    sees_all = await _sees_all(actor, row)
    names = await sql_row(
        "SELECT p.code AS pool, y.number AS pool_year FROM consent_request r JOIN pool p"
        " ON p.id = r.pool LEFT JOIN pool_year y ON y.id = r.pool_year WHERE r.id = $1",
        row["id"],
    )
    assert names is not None
    judged = judge(rule_of(row), facts_of(parties), now())
    return ConsentRecord(
        **{name: row[name] for name in _PLAIN},
        **dict(names),
        matter_zh=ConsentMatter.zh_of(row["matter"]),
        rule_zh=ConsentRule.zh_of(row["rule"]),
        status_zh=CONSENT.label(row["status"]),
        needed_units=row["needed_units"] if sees_all else None,
        consenting=len(judged.consenting),
        refusing=len(judged.refusing),
        missing=len(judged.missing),
        parties=[_party(actor, row, party, sees_all) for party in parties],
        history=await parts.history(CONSENT.name, number) if sees_all else [],
    )


_PLAIN = (
    "number",
    "matter",
    "subject_kind",
    "subject",
    "title",
    "rule",
    "needed_count",
    "due_days",
    "due_calendar",
    "clause",
    "deemed_clause",
    "status",
    "revision",
    "opened_at",
    "due_at",
    "closed_at",
)


async def _sees_all(actor: Actor, row: Any) -> bool:
    if actor.sees_all or actor.owns(row["opener"]):
        return True
    seat = await seat_of(actor, row["pool_year"]) if row["pool_year"] else None
    return bool(seat and seat.sees_all)


def _party(actor: Actor, row: Any, party: Any, sees_all: bool) -> ConsentPartyShape:
    shown = sees_all or actor.owns(party["organisation"])
    end = None
    if party["served_at"] is not None and party["due_at"] is None:
        term = Counted(row["due_days"], row["due_calendar"])
        end = last_day(term, local_day(party["served_at"]))
    return ConsentPartyShape(
        uscc=party["uscc"],
        name=party["name"],
        position=party["position"],
        weight_units=party["weight_units"] if shown else None,
        served_at=party["served_at"],
        served_how=party["served_how"],
        due_at=party["due_at"],
        due_open=end if isinstance(end, OpenTerm) else None,
        answer=party["answer"],
        answered_at=party["answered_at"],
        note=party["note"] if shown else None,
    )
