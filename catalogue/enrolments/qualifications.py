"""Qualifications (资格) with a money quota: from the application to the last draw.

A quota is never overdrawn: the row is locked, the rest is judged, and a check of the database
holds `drawn_fen <= quota_fen` should anybody write past this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalogue.enrolment_forms import GrantForm, QualificationForm
from catalogue.enrolments import records
from catalogue.enrolments import texts as _texts  # noqa: F401  registers the texts
from catalogue.enrolments.editions import enrolment_rules, match_object
from catalogue.products.drafts import next_number
from catalogue.rules.enrolment import check_grant
from catalogue.rules.subsidy.facts import QualificationFacts
from catalogue.rules.subsidy.nouns import FIRST_KINDS, SubjectKind
from catalogue.rules.subsidy.workflow import QUALIFICATION, SEPARATE
from catalogue.tables import Qualification
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding, blocker

BATCH = 200
_ROW = (
    "SELECT id, number, enterprise, insured_object, status, asked_fen, quota_fen, drawn_fen,"
    " valid_from, valid_to, revision FROM qualification WHERE "
)


@dataclass(frozen=True, slots=True)
class QualificationState:
    """Where a qualification stands after a step. Amounts in fen."""

    number: str
    status: str
    revision: int
    quota_fen: int | None
    drawn_fen: int
    left_fen: int


async def state_of(qualification_id: int) -> QualificationState:
    """The state of a qualification as stored."""
    row = await sql_row(
        "SELECT number, status, revision, quota_fen, drawn_fen,"
        " coalesce(quota_fen, 0) - drawn_fen AS left_fen FROM qualification WHERE id = $1",
        qualification_id,
    )
    assert row is not None
    return QualificationState(**row)


async def _locked(actor: Actor, number: str) -> Any:
    row = await sql_row(_ROW + "number = $1 FOR UPDATE", number)
    if row is None or not (actor.sees_all or actor.owns(row["enterprise"])):
        raise NotFound("资格", "Qualification", number)
    return row


async def _move(
    actor: Actor,
    row: Any,
    event: str,
    note: str = "",
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> QualificationState:
    """One step by somebody who took none of the steps it is apart from."""
    if actor is not SYSTEM:
        QUALIFICATION.advance(row["status"], event, actor.roles, note)
        others = SEPARATE["qualification"].get(event, ())
        await records.check_separate(actor, "qualification", row["number"], others)
    await journal.move(
        QUALIFICATION,
        Qualification,
        row,
        event,
        actor,
        subject_kind="qualification",
        subject=row["number"],
        note=note,
        values={"revision": row["revision"] + 1, **(values or {})},
        facts=facts,
    )
    return await state_of(row["id"])


async def apply(actor: Actor, form: QualificationForm) -> QualificationState:
    """Ask for a qualification for the firm's object. Refused with all findings."""
    moment = now()
    async with work():
        thing = await records.object_row(actor, form.object, own=True, lock=True)
        found = await _applicable(thing.id, thing.kind)
        open_one = await sql_value(
            "SELECT number FROM qualification WHERE insured_object = $1"
            " AND status NOT IN ('refused', 'expired', 'revoked') LIMIT 1",
            thing.id,
        )
        if found:
            raise Refused(found)
        if open_one is not None:
            raise Conflict("qualification.object_open", field="object", number=open_one)
        number = await next_number("QU", moment)
        qualification_id = await sql_value(
            "INSERT INTO qualification (number, enterprise, insured_object, status, asked_fen,"
            " drawn_fen, note, revision, created_at, created_by)"
            " VALUES ($1, $2, $3, 'applied', $4, 0, $5, 1, $6, $7) RETURNING id",
            number,
            actor.organisation_id,
            thing.id,
            form.asked_fen,
            form.note,
            moment,
            actor.user_id,
        )
        facts = {"object": form.object, "asked_fen": form.asked_fen}
        await journal.record(
            actor, "qualification", number, "apply", to_status="applied", facts=facts
        )
    return await state_of(qualification_id)


async def _applicable(object_id: int, kind: str) -> list[Finding]:
    if kind not in FIRST_KINDS:
        return [blocker("qualification.general_object", "object")]
    matched = await match_object(object_id, today())
    if kind != SubjectKind.FIRST_VERSION and (matched is None or not matched[0].holds(today())):
        return [blocker("qualification.no_item", "object")]
    return []


async def recommend(actor: Actor, number: str, note: str = "") -> QualificationState:
    """The recommending unit finds the application complete, valid and reasonable in value."""
    async with work():
        row = await _locked(actor, number)
        return await _move(actor, row, "recommend", note, {"recommended_by": actor.user_id})


async def review(actor: Actor, number: str, note: str = "") -> QualificationState:
    """The experts have passed it."""
    async with work():
        row = await _locked(actor, number)
        return await _move(actor, row, "review", note, {"reviewed_by": actor.user_id})


async def grant(actor: Actor, number: str, form: GrantForm) -> QualificationState:
    """Grant a quota for at most the years of the rule. Refused with all findings."""
    async with work():
        row = await _locked(actor, number)
        QUALIFICATION.advance(row["status"], "grant", actor.roles)
        found = check_grant(
            row["asked_fen"],
            form.quota_fen,
            form.valid_from,
            form.valid_to,
            today(),
            enrolment_rules(),
        )
        if found:
            raise Refused(found)
        values = {
            "quota_fen": form.quota_fen,
            "valid_from": form.valid_from,
            "valid_to": form.valid_to,
            "decided_by": actor.user_id,
        }
        facts = {"quota_fen": form.quota_fen, "valid_to": form.valid_to.isoformat()}
        return await _move(actor, row, "grant", form.note, values, facts)


async def refuse(actor: Actor, number: str, note: str) -> QualificationState:
    """Refuse, with the reasons."""
    async with work():
        row = await _locked(actor, number)
        return await _move(actor, row, "refuse", note, {"decided_by": actor.user_id})


async def revoke(actor: Actor, number: str, note: str) -> QualificationState:
    """Take it back; what was drawn stays drawn."""
    async with work():
        row = await _locked(actor, number)
        return await _move(actor, row, "revoke", note, {"decided_by": actor.user_id})


async def draw(
    qualification_id: int,
    line_id: int,
    amount_fen: int,
    *,
    actor: Actor = SYSTEM,
    on: date | None = None,
) -> int:
    """Draw on a quota for an application line and return what is left, in fen.

    `on` is the day that must lie in the validity (default: today). Callers that draw on several
    lock them in the order of their keys. Raises Refused (not_live, quota_exceeded).
    """
    if amount_fen <= 0:
        raise ValueError("a draw is above zero")
    async with work():
        row = await _held(qualification_id)
        day = on or today()
        live = row["status"] == "granted" and row["valid_from"] <= day <= row["valid_to"]
        if not live and row["status"] != "exhausted":
            raise Refused([blocker("qualification.not_live", number=row["number"], day=day)])
        left_fen: int = row["quota_fen"] - row["drawn_fen"]
        if amount_fen > left_fen:
            raise Refused(
                [
                    blocker(
                        "qualification.quota_exceeded",
                        number=row["number"],
                        wanted_fen=amount_fen,
                        left_fen=left_fen,
                    )
                ]
            )
        await _write(row, line_id, amount_fen, "draw", actor)
        if amount_fen == left_fen:
            await _move(SYSTEM, row, "exhaust")
    return left_fen - amount_fen


async def give_back(
    qualification_id: int, line_id: int, amount_fen: int, *, actor: Actor = SYSTEM
) -> int:
    """Give back what a line drew, never more, and return what is left, in fen.

    An exhausted qualification lives again; one that is over or revoked stays so.
    """
    if amount_fen <= 0:
        raise ValueError("what is given back is above zero")
    async with work():
        row = await _held(qualification_id)
        drawn_fen = await sql_value(
            "SELECT coalesce(sum(amount_fen), 0)::bigint FROM qualification_draw"
            " WHERE qualification = $1 AND application_line = $2",
            qualification_id,
            line_id,
        )
        if amount_fen > drawn_fen:
            raise Refused([blocker("qualification.gives_back_too_much", drawn_fen=drawn_fen)])
        await _write(row, line_id, -amount_fen, "give_back", actor)
        if row["status"] == "exhausted":
            await _move(SYSTEM, row, "replenish")
    left_fen: int = row["quota_fen"] - row["drawn_fen"] + amount_fen
    return left_fen


async def _held(qualification_id: int) -> Any:
    row = await sql_row(_ROW + "id = $1 FOR UPDATE", qualification_id)
    if row is None:
        raise NotFound("资格", "Qualification", qualification_id)
    return row


async def _write(row: Any, line_id: int, amount_fen: int, event: str, actor: Actor) -> None:
    await sql(
        "INSERT INTO qualification_draw (qualification, application_line, amount_fen, drawn_at)"
        " VALUES ($1, $2, $3, $4)",
        row["id"],
        line_id,
        amount_fen,
        now(),
    )
    await sql(
        "UPDATE qualification SET drawn_fen = drawn_fen + $2 WHERE id = $1", row["id"], amount_fen
    )
    facts = {"line": line_id, "amount_fen": amount_fen}
    await journal.record(actor, "qualification", row["number"], event, facts=facts)


async def held_by(enterprise_id: int, on: date) -> tuple[QualificationFacts, ...]:
    """The qualifications of a firm that may be drawn on a day, for the subsidy rules."""
    rows = await sql(
        "SELECT q.number, q.quota_fen - q.drawn_fen AS left_fen, q.valid_from, q.valid_to,"
        " o.number AS product FROM qualification q JOIN insured_object o"
        " ON o.id = q.insured_object WHERE q.enterprise = $1 AND q.status IN ('granted',"
        " 'exhausted') AND q.valid_from <= $2 AND q.valid_to >= $2 ORDER BY q.id",
        enterprise_id,
        on,
    )
    return tuple(QualificationFacts(**row) for row in rows)


async def due(moment: datetime) -> dict[str, int]:
    """Expire what is past its last day. Running it again does nothing."""
    day, done = local_day(moment), 0
    while True:
        async with work():
            rows = await sql(
                _ROW + "status IN ('granted', 'exhausted') AND valid_to < $1"
                " ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
                day,
                BATCH,
            )
            for row in rows:
                await _move(SYSTEM, row, "expire")
        done += len(rows)
        if len(rows) < BATCH:
            return {"expire": done}
