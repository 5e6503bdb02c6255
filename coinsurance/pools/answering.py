"""Service of requests for consent and the members' answers (送达与答复)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coinsurance.consent_shapes import ConsentState
from coinsurance.pool_forms import AnswerForm, ServiceForm
from coinsurance.pools.consents import facts_of, party_rows, request_row, settle, state_of
from coinsurance.rules.consents import OPEN, check_answer, status_words
from coinsurance.rules.deadlines import Counted, late_from
from coinsurance.rules.workflows import CONSENT
from service.auth import COMMITTEE, Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now
from service.kernel.db import sql, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding, blocker
from service.kernel.numbering import normalise_uscc


async def serve(actor: Actor, number: str, form: ServiceForm) -> ConsentState:
    """Record who was served, how and when; each member's time to answer runs from there.

    By whoever put the request, or the committee. Raises Refused for a member not asked or served
    before, a moment before the request or in the future.
    """
    async with work():
        row = await request_row(number, lock=True)
        if not (actor.owns(row["opener"]) or actor.has(*COMMITTEE)):
            raise NotFound("征求同意", "Consent request", number)
        if row["status"] != OPEN:
            raise Conflict("consent.closed", **status_words(row["status"]))
        rows = await party_rows(row["id"], lock=True)
        served_at = form.served_at or now()
        chosen = _served(rows, form, row["opened_at"], served_at)
        due_at = late_from(Counted(row["due_days"], row["due_calendar"]), local_day(served_at))
        await sql(
            "UPDATE consent_party SET served_at = $2, served_how = $3, due_at = $4"
            " WHERE id = ANY($1::bigint[])",
            [party["id"] for party in chosen],
            served_at,
            form.how,
            due_at,
        )
        await _note_due(row["id"])
        await journal.record(
            actor,
            CONSENT.name,
            number,
            "serve",
            facts={
                "parties": [party["uscc"] for party in chosen],
                "how": form.how,
                "served_at": served_at.isoformat(),
                "due_at": due_at.isoformat() if due_at else None,
            },
        )
    return await state_of(number)


def _served(
    rows: Sequence[Any], form: ServiceForm, opened_at: datetime, served_at: datetime
) -> list[Any]:
    """Those to be recorded as served; Refused with all that is wrong."""
    found: list[Finding] = []
    if served_at.tzinfo is None:
        raise Refused([blocker("consent.moment_without_zone", "served_at")])
    if not opened_at <= served_at <= now():
        found.append(blocker("consent.served_when", "served_at", opened_at=opened_at))
    known = {row["uscc"]: row for row in rows}
    codes = [normalise_uscc(code) for code in form.parties]
    for position, code in enumerate(codes):
        if code not in known:
            found.append(blocker("consent.party_not_asked", f"parties.{position}", value=code))
        elif known[code]["answer"]:
            name = known[code]["name"]
            found.append(blocker("consent.party_answered", f"parties.{position}", name=name))
        elif known[code]["served_at"] is not None or code in codes[:position]:
            name = known[code]["name"]
            found.append(blocker("consent.served_before", f"parties.{position}", name=name))
    unserved = [row for row in rows if row["served_at"] is None and not row["answer"]]
    chosen = [row for row in unserved if not codes or row["uscc"] in codes]
    if not found and not chosen:
        found.append(blocker("consent.all_served", "parties"))
    if found:
        raise Refused(found)
    return chosen


async def _note_due(request_id: int) -> None:
    """Keep the last deadline once every member was served and every deadline is known."""
    await sql(
        "UPDATE consent_request r SET due_at = d.due_at, revision = r.revision + 1"
        " FROM (SELECT max(due_at) AS due_at, bool_and(due_at IS NOT NULL) AS told"
        "  FROM consent_party WHERE request = $1) d"
        " WHERE r.id = $1 AND d.told AND r.due_at IS DISTINCT FROM d.due_at",
        request_id,
    )


async def answer(actor: Actor, number: str, form: AnswerForm) -> ConsentState:
    """A member's answer, for its own organisation only, once, within its time.

    The request closes as soon as its rule is met or can no longer be met.
    """
    async with work():
        row = await request_row(number, lock=True)
        rows = await party_rows(row["id"], lock=True)
        mine = next((p for p in rows if actor.owns(p["organisation"])), None)
        party = facts_of([mine])[0] if mine is not None else None
        if party is None and not actor.owns(row["opener"]):
            raise NotFound("征求同意", "Consent request", number)
        found = check_answer(party, row["status"], now())
        if form.answer == "refused" and not form.note:
            found.append(blocker("consent.reason_missing", "note"))
        if found or mine is None:
            raise Refused(found)
        await sql(
            "UPDATE consent_party SET answer = $2, answered_at = $3, answered_by = $4, note = $5"
            " WHERE id = $1",
            mine["id"],
            form.answer,
            now(),
            actor.user_id,
            form.note,
        )
        await journal.record(
            actor,
            CONSENT.name,
            number,
            "answer",
            note=form.note,
            facts={"party": mine["uscc"], "answer": form.answer},
        )
        await settle(actor, row)
    return await state_of(number)
