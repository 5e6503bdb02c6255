"""Reading objects, enrolments and qualifications: who may see what, records and lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from catalogue.paging import Turned, id_page
from catalogue.products.search import like_pattern
from service.auth import Actor
from service.kernel.db import sql_row, sql_value
from service.kernel.errors import Forbidden, NotFound

ON_POLICY = (
    "EXISTS (SELECT 1 FROM policy_insurer s WHERE s.policy = {policy} AND s.insurer = {org})"
)
_OF_INSURER = "EXISTS (SELECT 1 FROM policy y WHERE y.insured_object = o.id AND " + (
    ON_POLICY.format(policy="y.id", org="$2")
)
_ENROLLED_WITH = (
    "EXISTS (SELECT 1 FROM enrolment n WHERE n.insured_object = o.id AND n.status <> 'draft' AND "
    + ON_POLICY.format(policy="n.policy", org="$2")
)
SEES_OBJECT = f"($1 OR o.owner = $2 OR {_OF_INSURER}) OR {_ENROLLED_WITH}))"
SEES_ENROLMENT = (
    "($1 OR n.enterprise = $2 OR (n.status <> 'draft' AND "
    + ON_POLICY.format(policy="n.policy", org="$2")
    + "))"
)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """What a use case needs to know of an object before it acts."""

    id: int
    number: str
    owner_id: int
    kind: str
    revision: int


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """What a use case needs to know of an enrolment before it acts."""

    id: int
    number: str
    enterprise_id: int
    object_id: int
    contract_id: int | None
    policy_id: int
    insurer_id: int
    status: str
    revision: int
    certificate_code: str | None
    submitted_at: datetime | None

    def as_row(self) -> dict[str, Any]:
        """The part that `journal.move` reads."""
        return {"id": self.id, "status": self.status}


async def object_row(
    actor: Actor, number: str, *, own: bool = False, lock: bool = False
) -> ObjectRow:
    """The object for its owner, an insurer of it, committee, auditor; `own`: only its owner."""
    row = await sql_row(
        "SELECT o.id, o.number, o.owner AS owner_id, o.kind, o.revision FROM insured_object o"
        f" WHERE o.number = $3 AND {SEES_OBJECT}" + (" FOR UPDATE OF o" if lock else ""),
        actor.sees_all and not own,
        actor.organisation_id,
        number,
    )
    if row is None or (own and row["owner_id"] != actor.organisation_id):
        raise NotFound("标的", "Object", number)
    return ObjectRow(**row)


async def enrolment_row(actor: Actor, number: str, *, lock: bool = False) -> EnrolmentRow:
    """The enrolment for the firm, the insurers of its policy, committee, auditor."""
    row = await sql_row(
        "SELECT n.id, n.number, n.enterprise AS enterprise_id, n.insured_object AS object_id,"
        " n.contract AS contract_id, n.policy AS policy_id, (SELECT y.insurer FROM policy y"
        " WHERE y.id = n.policy) AS insurer_id, n.status, n.revision, n.certificate_code,"
        f" n.submitted_at FROM enrolment n WHERE n.number = $3 AND {SEES_ENROLMENT}"
        + (" FOR UPDATE OF n" if lock else ""),
        actor.sees_all,
        actor.organisation_id,
        number,
    )
    if row is None:
        raise NotFound("投保登记", "Enrolment", number)
    return EnrolmentRow(**row)


async def check_separate(
    actor: Actor, subject_kind: str, subject: str, others: tuple[str, ...]
) -> None:
    """Four eyes: who acts took none of the other steps of this record (law 9)."""
    if others and await sql_value(
        "SELECT 1 FROM journal_event WHERE subject_kind = $1 AND subject = $2 AND actor = $3"
        " AND event = ANY($4::text[]) LIMIT 1",
        subject_kind,
        subject,
        actor.user_id,
        list(others),
    ):
        raise Forbidden("auth.four_eyes")


_OBJECT = """
SELECT json_build_object('number', o.number, 'revision', o.revision, 'kind', o.kind,
  'name', o.name, 'level', o.level, 'value_fen', o.value_fen,
  'owner', json_build_object('uscc', e.uscc, 'name', e.name),
  'catalogue', (SELECT json_build_object('edition', c.code, 'title', c.title,
    'valid_from', c.valid_from, 'valid_to', c.valid_to, 'example', c.example,
    'number', i.number, 'name', i.name)
    FROM catalogue_item i JOIN catalogue_edition c ON c.id = i.edition
    WHERE i.id = o.catalogue_item),
  'parameters', (SELECT coalesce(json_agg(p), '[]') FROM jsonb_array_elements(o.parameters) p
    WHERE NOT p ? 'declared'),
  'declared', coalesce((SELECT p -> 'declared' FROM jsonb_array_elements(o.parameters) p
    WHERE p ? 'declared'), '{}'),
  'serial_numbers', (SELECT coalesce(json_agg(u.serial_number ORDER BY u.id), '[]')
    FROM object_unit u WHERE u.insured_object = o.id),
  'variety', o.variety, 'batch', o.batch, 'software_version', o.software_version,
  'copyright_number', o.copyright_number, 'test_report_number', o.test_report_number,
  'test_report_body', o.test_report_body, 'test_report_marks', o.test_report_marks,
  'contracts', (SELECT coalesce(json_agg(json_build_object('id', k.id, 'number', k.number,
    'buyer_name', k.buyer_name, 'buyer_uscc', k.buyer_uscc, 'buyer_relation', k.buyer_relation,
    'signed_on', k.signed_on, 'amount_fen', k.amount_fen, 'quantity', k.quantity,
    'unit_price_fen', k.unit_price_fen, 'invoice_number', k.invoice_number,
    'invoiced_on', k.invoiced_on, 'delivered_on', k.delivered_on,
    'delivery_place', k.delivery_place, 'accepted_on', k.accepted_on) ORDER BY k.id), '[]')
    FROM sales_contract k WHERE k.insured_object = o.id),
  'documents', (SELECT coalesce(json_agg(json_build_object('document', d.id,
    'material', x.material, 'file_name', d.file_name, 'sha256', b.sha256) ORDER BY x.id), '[]')
    FROM object_document x JOIN document d ON d.id = x.document
    JOIN document_content b ON b.id = d.content WHERE x.insured_object = o.id),
  'enrolments', (SELECT coalesce(json_agg(json_build_object('number', n.number,
    'status', n.status) ORDER BY n.id), '[]') FROM enrolment n WHERE n.insured_object = o.id
    AND ($2 OR n.enterprise = $3 OR (n.status <> 'draft' AND """
_OBJECT += ON_POLICY.format(policy="n.policy", org="$3")
_OBJECT += """)))
)::text FROM insured_object o JOIN organisation e ON e.id = o.owner WHERE o.id = $1
"""


async def object_record(actor: Actor, number: str) -> dict[str, Any]:
    """One object with units, contracts, documents and enrolments."""
    row = await object_row(actor, number)
    text = await sql_value(_OBJECT, row.id, actor.sees_all, actor.organisation_id)
    record: dict[str, Any] = msgspec.json.decode(text)
    return record


def _page(turned: Turned) -> dict[str, Any]:
    items = [msgspec.json.decode(row["item"]) for row in turned.rows]
    return {"items": items, "next": turned.next, "previous": turned.previous}


_OBJECTS = f"""
SELECT o.id, json_build_object('number', o.number, 'kind', o.kind, 'name', o.name,
  'owner', e.name, 'value_fen', o.value_fen, 'revision', o.revision, 'item', (SELECT c.code || ' '
    || i.number FROM catalogue_item i JOIN catalogue_edition c ON c.id = i.edition
    WHERE i.id = o.catalogue_item))::text AS item
FROM insured_object o JOIN organisation e ON e.id = o.owner
WHERE {SEES_OBJECT} AND ($3::text IS NULL OR o.name LIKE $3 OR o.number LIKE $3 OR e.name LIKE $3)
  AND ($4::text IS NULL OR o.kind = $4)
"""


async def object_page(
    actor: Actor, q: str | None, kind: str | None, cursor: str | None, limit: int | None
) -> dict[str, Any]:
    """Objects an actor may see, newest first."""
    pattern = like_pattern(q) if q else None
    seen = (actor.sees_all, actor.organisation_id)
    return _page(await id_page(_OBJECTS, "o.id", cursor, limit, *seen, pattern, kind))


_ENROLMENT_FIELDS = """'number', n.number, 'status', n.status, 'revision', n.revision,
  'enterprise', e.name, 'enterprise_uscc', e.uscc, 'object', o.number, 'object_name', o.name,
  'kind', o.kind, 'insurer', r.short_name, 'policy_id', y.id, 'policy_number', y.number,
  'start_on', y.start_on, 'end_on', y.current_end_on, 'sum_insured_fen', y.current_sum_fen,
  'submitted_at', n.submitted_at, 'certificate_code', n.certificate_code"""
_ENROLMENT_FROM = """FROM enrolment n JOIN organisation e ON e.id = n.enterprise
JOIN insured_object o ON o.id = n.insured_object JOIN policy y ON y.id = n.policy
JOIN organisation r ON r.id = y.insurer"""
_ENROLMENT = f"""
SELECT json_build_object({_ENROLMENT_FIELDS}, 'contract_id', n.contract,
  'matched', (SELECT json_build_object('edition', c.code, 'title', c.title,
    'valid_from', c.valid_from, 'valid_to', c.valid_to, 'example', c.example,
    'number', i.number, 'name', i.name) FROM catalogue_item i
    JOIN catalogue_edition c ON c.id = i.edition WHERE i.id = n.matched_item),
  'decided_at', n.decided_at, 'decision_note', n.decision_note,
  'events', (SELECT coalesce(json_agg(json_build_object('at', j.recorded_at, 'event', j.event,
    'status', j.to_status, 'note', j.note, 'organisation', (SELECT g.short_name
    FROM organisation g WHERE g.id = j.organisation)) ORDER BY j.id), '[]')
    FROM journal_event j WHERE j.subject_kind = 'enrolment' AND j.subject = n.number))::text
{_ENROLMENT_FROM} WHERE n.id = $1
"""


async def enrolment_record(actor: Actor, number: str) -> dict[str, Any]:
    """One enrolment with what has happened to it."""
    row = await enrolment_row(actor, number)
    record: dict[str, Any] = msgspec.json.decode(await sql_value(_ENROLMENT, row.id))
    return record


_ENROLMENTS = f"""
SELECT n.id, json_build_object({_ENROLMENT_FIELDS})::text AS item {_ENROLMENT_FROM}
WHERE {SEES_ENROLMENT} AND ($3::text IS NULL OR n.number LIKE $3 OR o.name LIKE $3
  OR e.name LIKE $3 OR y.number LIKE $3)
  AND ($4::text IS NULL OR n.status = $4) AND ($5::text IS NULL OR o.kind = $5)
"""


async def enrolment_page(
    actor: Actor,
    q: str | None,
    status: str | None,
    kind: str | None,
    cursor: str | None,
    limit: int | None,
) -> dict[str, Any]:
    """Enrolments an actor may see, newest first."""
    pattern = like_pattern(q) if q else None
    seen = (actor.sees_all, actor.organisation_id)
    return _page(await id_page(_ENROLMENTS, "n.id", cursor, limit, *seen, pattern, status, kind))


_QUALIFICATION_FIELDS = """'number', n.number, 'status', n.status, 'revision', n.revision,
  'enterprise', e.name, 'enterprise_uscc', e.uscc, 'object', o.number, 'object_name', o.name,
  'kind', o.kind, 'asked_fen', n.asked_fen, 'quota_fen', n.quota_fen, 'drawn_fen', n.drawn_fen,
  'left_fen', coalesce(n.quota_fen, 0) - n.drawn_fen, 'valid_from', n.valid_from,
  'valid_to', n.valid_to, 'note', n.note"""
_QUALIFICATION_FROM = """FROM qualification n JOIN organisation e ON e.id = n.enterprise
JOIN insured_object o ON o.id = n.insured_object"""
_QUALIFICATION = f"""
SELECT json_build_object({_QUALIFICATION_FIELDS}, 'draws', (SELECT coalesce(json_agg(
  json_build_object('application_line', d.application_line, 'amount_fen', d.amount_fen,
  'drawn_at', d.drawn_at) ORDER BY d.id), '[]') FROM qualification_draw d
  WHERE d.qualification = n.id))::text {_QUALIFICATION_FROM}
WHERE n.number = $3 AND ($1 OR n.enterprise = $2)
"""


async def qualification_record(actor: Actor, number: str) -> dict[str, Any]:
    """One qualification with its draws, for its firm, the committee and the auditor."""
    text = await sql_value(_QUALIFICATION, actor.sees_all, actor.organisation_id, number)
    if text is None:
        raise NotFound("资格", "Qualification", number)
    record: dict[str, Any] = msgspec.json.decode(text)
    return record


_QUALIFICATIONS = f"""
SELECT n.id, json_build_object({_QUALIFICATION_FIELDS})::text AS item {_QUALIFICATION_FROM}
WHERE ($1 OR n.enterprise = $2) AND ($3::text IS NULL OR n.number LIKE $3 OR o.name LIKE $3
  OR e.name LIKE $3) AND ($4::text IS NULL OR n.status = $4)
"""


async def qualification_page(
    actor: Actor, q: str | None, status: str | None, cursor: str | None, limit: int | None
) -> dict[str, Any]:
    """Qualifications an actor may see, newest first."""
    pattern = like_pattern(q) if q else None
    seen = (actor.sees_all, actor.organisation_id)
    return _page(await id_page(_QUALIFICATIONS, "n.id", cursor, limit, *seen, pattern, status))
