"""The life cycle of an enrolment (投保登记): each step locks, judges, moves, journals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalogue.enrolment_forms import EnrolmentForm
from catalogue.enrolments import records
from catalogue.enrolments import texts as _texts  # noqa: F401  registers the texts
from catalogue.enrolments.certificates import new_code
from catalogue.enrolments.judging import enrolment_facts
from catalogue.enrolments.records import EnrolmentRow, enrolment_row
from catalogue.products.drafts import next_number
from catalogue.rules.enrolment import check_enrolment
from catalogue.rules.subsidy.nouns import EnrolmentStatus
from catalogue.rules.subsidy.workflow import ENROLMENT, SEPARATE
from catalogue.tables import Enrolment
from service.auth import INSURER, SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, Refused, Stale
from service.kernel.findings import Finding, blocker, blockers

BATCH = 200
_SUBMITS = {"draft": "submit", "returned": "resubmit"}
_RETURNED_BY = {step.source: step.roles for step in ENROLMENT.steps if step.event == "return"}


@dataclass(frozen=True, slots=True)
class EnrolmentState:
    """Where an enrolment stands after a step; `findings` are its warnings."""

    number: str
    status: str
    revision: int
    certificate_code: str | None
    findings: list[dict[str, Any]]


async def state_of(enrolment_id: int, found: list[Finding] | None = None) -> EnrolmentState:
    """The state of an enrolment as stored, with what its checks had to say."""
    row = await sql_row(
        "SELECT number, status, revision, certificate_code FROM enrolment WHERE id = $1",
        enrolment_id,
    )
    assert row is not None
    return EnrolmentState(**row, findings=[f.as_dict() for f in found or []])


async def _parts(actor: Actor, form: EnrolmentForm) -> tuple[int, int, int | None]:
    """Keys of the firm's object, policy and contract. Refused with all that are not there."""
    thing = await records.object_row(actor, form.object, own=True)
    found = []
    if not await sql_value(
        "SELECT 1 FROM policy WHERE id = $1 AND insured = $2", form.policy_id, actor.organisation_id
    ):
        found.append(blocker("enrolment.unknown_policy", "policy_id", policy=form.policy_id))
    if form.contract_id is not None and not await sql_value(
        "SELECT 1 FROM sales_contract WHERE id = $1 AND insured_object = $2",
        form.contract_id,
        thing.id,
    ):
        found.append(
            blocker("enrolment.unknown_contract", "contract_id", contract=form.contract_id)
        )
    if found:
        raise Refused(found)
    return thing.id, form.policy_id, form.contract_id


async def create(actor: Actor, form: EnrolmentForm) -> EnrolmentState:
    """Start an enrolment of the firm's object with its policy, as a draft."""
    moment = now()
    async with work():
        object_id, policy_id, contract_id = await _parts(actor, form)
        number = await next_number("EN", moment)
        enrolment_id = await sql_value(
            "INSERT INTO enrolment (number, enterprise, insured_object, contract, policy, status,"
            " decision_note, revision, created_at, created_by)"
            " VALUES ($1, $2, $3, $4, $5, 'draft', '', 1, $6, $7) RETURNING id",
            number,
            actor.organisation_id,
            object_id,
            contract_id,
            policy_id,
            moment,
            actor.user_id,
        )
        facts = {"object": form.object, "policy": policy_id}
        await journal.record(actor, "enrolment", number, "draft", to_status="draft", facts=facts)
    return await state_of(enrolment_id)


async def change(
    actor: Actor, number: str, form: EnrolmentForm, revision: int | None
) -> EnrolmentState:
    """Replace object, policy and contract of a draft or of one that came back."""
    async with work():
        row = await enrolment_row(actor, number, lock=True)
        if revision is not None and revision != row.revision:
            raise Stale("conflict.stale")
        if row.status not in _SUBMITS:
            raise Conflict("enrolment.not_editable")
        object_id, policy_id, contract_id = await _parts(actor, form)
        await sql(
            "UPDATE enrolment SET insured_object = $2, policy = $3, contract = $4,"
            " revision = revision + 1 WHERE id = $1",
            row.id,
            object_id,
            policy_id,
            contract_id,
        )
        facts = {"object": form.object, "policy": policy_id}
        await journal.record(actor, "enrolment", number, "change", facts=facts)
    return await state_of(row.id)


async def findings_of(actor: Actor, number: str) -> list[Finding]:
    """What the checks say of an enrolment now."""
    row = await enrolment_row(actor, number)
    return check_enrolment(await enrolment_facts(row, today()))


async def _judged(row: EnrolmentRow) -> list[Finding]:
    """Warnings of an enrolment whose policy and object are locked; Refused with all findings."""
    await sql("SELECT 1 FROM policy WHERE id = $1 FOR UPDATE", row.policy_id)
    await sql("SELECT 1 FROM insured_object WHERE id = $1 FOR UPDATE", row.object_id)
    found = check_enrolment(await enrolment_facts(row, today()))
    if blockers(found):
        raise Refused(found)
    return found


async def _move(
    actor: Actor,
    row: EnrolmentRow,
    event: str,
    note: str = "",
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """One step of the life cycle by somebody who took none of the steps it is apart from."""
    ENROLMENT.advance(row.status, event, actor.roles, note)
    others = SEPARATE["enrolment"].get(event, ())
    await records.check_separate(actor, "enrolment", row.number, others)
    await journal.move(
        ENROLMENT,
        Enrolment,
        row.as_row(),
        event,
        actor,
        subject_kind="enrolment",
        subject=row.number,
        note=note,
        values={"revision": row.revision + 1, **(values or {})},
        facts=facts,
    )


def _codes(found: list[Finding]) -> dict[str, Any]:
    return {"warnings": [f.code for f in found]}


async def submit(actor: Actor, number: str) -> EnrolmentState:
    """Hand the enrolment to the insurer. Refused with all findings at once."""
    async with work():
        row = await enrolment_row(actor, number, lock=True)
        event = _SUBMITS.get(row.status, "submit")
        ENROLMENT.advance(row.status, event, actor.roles)
        found = await _judged(row)
        item = await sql_value(
            "SELECT catalogue_item FROM insured_object WHERE id = $1", row.object_id
        )
        values = {"submitted_at": now(), "matched_item": item}
        await _move(actor, row, event, values=values, facts=_codes(found))
    return await state_of(row.id, found)


async def _as_insurer(actor: Actor, number: str) -> EnrolmentRow:
    """The enrolment, locked, for the insurer that issued the policy."""
    row = await enrolment_row(actor, number, lock=True)
    if actor.has(*INSURER) and not actor.owns(row.insurer_id):
        raise Forbidden("auth.forbidden")
    return row


async def confirm(actor: Actor, number: str, note: str = "") -> EnrolmentState:
    """The insurer confirms that the policy covers the object; it is linked if it was not yet."""
    async with work():
        row = await _as_insurer(actor, number)
        ENROLMENT.advance(row.status, "confirm", actor.roles)
        found = await _judged(row)
        await sql(
            "UPDATE policy SET insured_object = $2, revision = revision + 1"
            " WHERE id = $1 AND insured_object IS NULL",
            row.policy_id,
            row.object_id,
        )
        values = {"confirmed_by": actor.user_id}
        await _move(actor, row, "confirm", note, values, _codes(found))
    return await state_of(row.id, found)


async def send_back(actor: Actor, number: str, note: str) -> EnrolmentState:
    """The insurer, or after its confirmation an officer, returns it with the reason."""
    async with work():
        row = await _as_insurer(actor, number)
        holder = _RETURNED_BY.get(row.status)
        if holder is not None and not actor.has(*holder):
            raise Conflict("enrolment.ball_elsewhere", status=EnrolmentStatus.zh_of(row.status))
        await _move(actor, row, "return", note, {"decision_note": note})
    return await state_of(row.id)


async def decline(actor: Actor, number: str, note: str) -> EnrolmentState:
    """The insurer's manager declines the cover."""
    async with work():
        row = await _as_insurer(actor, number)
        await _move(actor, row, "decline", note, _decision(actor, note))
    return await state_of(row.id)


def _decision(actor: Actor, note: str) -> dict[str, Any]:
    return {"decided_by": actor.user_id, "decided_at": now(), "decision_note": note}


async def recognise(actor: Actor, number: str, note: str = "") -> EnrolmentState:
    """Recognise the enrolment and give it a certificate; open warnings need a written note.

    When the cover has begun already it becomes active at once.
    """
    async with work():
        row = await enrolment_row(actor, number, lock=True)
        ENROLMENT.advance(row.status, "recognise", actor.roles)
        found = await _judged(row)
        if found and not note.strip():
            raise Refused([blocker("enrolment.note_for_warnings", "note", count=len(found))])
        values = {**_decision(actor, note), "certificate_code": new_code()}
        await _move(actor, row, "recognise", note, values, _codes(found))
        start_on = await sql_value("SELECT start_on FROM policy WHERE id = $1", row.policy_id)
        if start_on <= today():
            await _automatic(await enrolment_row(actor, number), "activate", start_on)
    return await state_of(row.id, found)


async def refuse(actor: Actor, number: str, note: str) -> EnrolmentState:
    """The committee refuses to recognise, with the reasons."""
    async with work():
        row = await enrolment_row(actor, number, lock=True)
        await _move(actor, row, "refuse", note, _decision(actor, note))
    return await state_of(row.id)


async def revoke(actor: Actor, number: str, note: str) -> EnrolmentState:
    """Take the recognition back; the certificate then says so to everybody."""
    async with work():
        row = await enrolment_row(actor, number, lock=True)
        await _move(actor, row, "revoke", note, {"decision_note": note})
    return await state_of(row.id)


async def _automatic(row: EnrolmentRow, event: str, effective_on: date) -> None:
    await journal.move(
        ENROLMENT,
        Enrolment,
        row.as_row(),
        event,
        SYSTEM,
        subject_kind="enrolment",
        subject=row.number,
        values={"revision": row.revision + 1},
        effective_on=effective_on,
    )


_DUE = """
SELECT n.number, y.start_on, y.current_end_on FROM enrolment n JOIN policy y ON y.id = n.policy
WHERE n.status = $1 AND CASE WHEN $1 = 'recognised' THEN y.start_on <= $2
  ELSE y.current_end_on < $2 END ORDER BY n.id LIMIT $3 FOR UPDATE OF n SKIP LOCKED
"""


async def due(moment: datetime) -> dict[str, int]:
    """Write what the days have brought: cover begun, cover over. Running it again does nothing.

    Each batch is one transaction; a record that somebody holds is left for the next run.
    """
    day, done = local_day(moment), {"activate": 0, "expire": 0}
    for event, status in (("activate", "recognised"), ("expire", "active")):
        while True:
            async with work():
                rows = await sql(_DUE, status, day, BATCH)
                for row in rows:
                    enrolment = await enrolment_row(SYSTEM_READER, row["number"])
                    since = row["start_on" if event == "activate" else "current_end_on"]
                    await _automatic(enrolment, event, since)
            done[event] += len(rows)
            if len(rows) < BATCH:
                break
    return done


SYSTEM_READER = Actor(name=SYSTEM.name, via=SYSTEM.via, roles=frozenset({"system", "auditor"}))
"""The program reads like an auditor."""
