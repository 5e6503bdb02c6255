"""One claim as its reader may see it (see rows.py for who sees what)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from catalogue.subsidy_shapes import HistoryShape
from coinsurance.access import keep_look
from coinsurance.claim_shapes import (
    AssessmentShape,
    ClaimRecord,
    DecisionShape,
    FileShape,
    MovementShape,
    OwedShape,
    PartShape,
    Party,
    PayeeShape,
    SectionShape,
    ShareShape,
    SurveyShape,
)
from coinsurance.claims import alerts, calls, notices
from coinsurance.claims.cover import lefts_of
from coinsurance.claims.rows import Found, SectionRow, claim_for, sections_of
from coinsurance.pools import parts as pool_parts
from coinsurance.rules.claims.nouns import Attendance, Basis
from coinsurance.rules.claims.workflow import CLAIM
from service.auth import Actor
from service.kernel.bank_accounts import mask_account
from service.kernel.db import sql, sql_value

_SHARES = """
SELECT s.code, h.organisation, o.uscc, o.short_name AS name, h.share_units,
  coalesce(t.paid, 0) AS paid_fen, coalesce(t.reserve, 0) AS reserve_fen,
  coalesce(t.expense, 0) AS expense_fen, coalesce(t.recovered, 0) AS recovered_fen
FROM claim_section s JOIN claim_share h ON h.section = s.id
JOIN organisation o ON o.id = h.organisation LEFT JOIN (
  SELECT m.section, p.organisation, sum(p.reserve_fen)::bigint AS reserve,
    (sum(p.amount_fen) FILTER (WHERE m.kind IN ('payment', 'advance')))::bigint AS paid,
    (sum(p.amount_fen) FILTER (WHERE m.kind = 'expense'))::bigint AS expense,
    (sum(p.amount_fen) FILTER (WHERE m.kind IN ('recovery', 'salvage')))::bigint AS recovered
  FROM claim_movement m JOIN claim_part p ON p.movement = m.id WHERE m.claim = $1
  GROUP BY m.section, p.organisation) t ON t.section = s.id AND t.organisation = h.organisation
WHERE s.claim = $1 AND h.share_units > 0 ORDER BY s.position, h.position
"""
_MOVEMENTS = """
SELECT json_build_object('number', m.number, 'kind', m.kind, 'section', s.code,
  'amount_fen', m.amount_fen, 'cost_fen', m.cost_fen, 'reserve_change_fen', m.reserve_change_fen,
  'effective_on', m.effective_on, 'reference', m.reference, 'charge', m.charge,
  'reversal_of', (SELECT r.number FROM claim_movement r WHERE r.id = m.reversal_of),
  'clause', m.clause,
  'parts', (SELECT coalesce(json_agg(json_build_object('organisation', p.organisation,
    'uscc', o.uscc, 'name', o.short_name, 'share_units', p.share_units,
    'amount_fen', p.amount_fen, 'to_date_fen', p.to_date_fen, 'top', p.exact_numerator,
    'bottom', p.exact_denominator, 'reserve_fen', p.reserve_fen, 'called_fen', p.called_fen)
    ORDER BY p.position), '[]') FROM claim_part p JOIN organisation o ON o.id = p.organisation
    WHERE p.movement = m.id),
  'obligations', (SELECT coalesce(json_agg(json_build_object('number', b.number, 'kind', b.kind,
    'debtor', d.uscc, 'creditor', e.uscc, 'debtor_id', b.debtor, 'creditor_id', b.creditor,
    'amount_fen', b.amount_fen, 'due_on', b.due_on, 'due_days', b.due_days,
    'due_calendar', b.due_calendar, 'clause', b.clause, 'status', b.status) ORDER BY b.id), '[]')
    FROM obligation b JOIN organisation d ON d.id = b.debtor JOIN organisation e
    ON e.id = b.creditor WHERE b.cause_kind = 'claim_movement' AND b.cause = m.id))::text AS item
FROM claim_movement m JOIN claim_section s ON s.id = m.section WHERE m.claim = $1 ORDER BY m.number
"""
_FILES = """
SELECT f.document, f.kind, d.file_name AS name, b.sha256 AS hash, f.recorded_at
FROM claim_file f JOIN document d ON d.id = f.document JOIN document_content b ON b.id = d.content
WHERE f.claim = $1 ORDER BY f.id
"""
_SURVEYS = """
SELECT json_build_object('number', s.number, 'held_on', s.held_on, 'place', s.place,
  'surveyor', s.surveyor, 'joint', s.joint, 'summary', s.summary, 'report', s.report,
  'attendance', (SELECT coalesce(json_agg(json_build_object('uscc', o.uscc, 'name', o.short_name,
    'status', a.status, 'status_zh', '', 'person', a.person, 'note', a.note) ORDER BY a.id), '[]')
    FROM claim_attendance a JOIN organisation o ON o.id = a.organisation WHERE a.survey = s.id)
  )::text AS item
FROM claim_survey s WHERE s.claim = $1 ORDER BY s.number
"""
_ASSESSMENTS = """
SELECT json_build_object('number', a.number, 'payable_fen', a.payable_fen, 'content', a.content,
  'hash', a.hash, 'by', u.name, 'recorded_at', a.recorded_at)::text AS item
FROM claim_assessment a JOIN eastlake_user u ON u.id = a.recorded_by WHERE a.claim = $1
ORDER BY a.number
"""
_DECISIONS = """
SELECT d.number, d.kind, d.basis, d.amount_fen, d.clause, r.number AS consent_request, d.reason,
  u.name AS by, d.recorded_at
FROM claim_decision d JOIN eastlake_user u ON u.id = d.recorded_by
LEFT JOIN consent_request r ON r.id = d.consent WHERE d.claim = $1 ORDER BY d.number
"""
_PAYEES = """
SELECT m.number AS movement, k.beneficiary_kind, k.beneficiary_name AS beneficiary,
  k.payee_name AS payee, k.payee_account AS account, k.bank_name, m.amount_fen,
  EXISTS (SELECT 1 FROM claim_movement r WHERE r.reversal_of = m.id) AS reversed,
  (SELECT w.number FROM claim_override w WHERE w.id = k.override) AS override
FROM claim_payee k JOIN claim_movement m ON m.id = k.movement WHERE m.claim = $1 ORDER BY m.number
"""
_INSURED_KINDS = ("payment", "advance")


async def claim_record(actor: Actor, number: str) -> ClaimRecord:
    """One claim; the look of the committee or the auditor is kept."""
    found = await claim_for(actor, number)
    await keep_look(actor, "claim", number, "record")
    sections = await sections_of(found.id)
    row, hidden = found.row, found.is_insured
    agreed = [s.agreed_fen for s in sections if s.agreed_fen is not None]
    consent = None
    if row["consent"] is not None and not hidden:
        consent = await sql_value(
            "SELECT number FROM consent_request WHERE id = $1", row["consent"]
        )
    return ClaimRecord(
        **_head(row),
        consent_request=consent,
        assessed_fen=sum(s.assessed_fen for s in sections),
        agreed_fen=sum(agreed) if agreed else None,
        paid_fen=sum(s.paid_fen for s in sections),
        left_fen=sum(s.authorised_fen - s.paid_fen for s in sections),
        reserve_fen=None if hidden else sum(s.reserve_fen for s in sections),
        expense_fen=None if hidden else sum(s.expense_fen for s in sections),
        recovered_fen=sum(s.recovered_fen for s in sections),
        sees_all=found.view.sees_all,
        is_own=found.is_handler,
        sections=await _sections(found, sections),
        movements=await movements_of(found),
        payees=await _payees(found),
        notices=await notices.notices_of(found),
        surveys=await _surveys(found),
        assessments=await _assessments(found),
        decisions=await _decisions(found),
        cash_calls=[] if hidden else await calls.calls_of(found),
        files=[] if hidden else [FileShape(**f) for f in await sql(_FILES, found.id)],
        alert=await alerts.alert_of(number) if actor.sees_all or found.is_handler else None,
        steps=_steps(actor, found),
        history=[] if hidden else await _history(found),
    )


def _head(row: Any) -> dict[str, Any]:
    return {
        "number": row["number"],
        "status": row["status"],
        "status_zh": CLAIM.label(row["status"]),
        "revision": row["revision"],
        "placement": row["placement_number"],
        "policy": row["policy"],
        "policy_number": row["policy_number"],
        "pool_year": row["year"],
        "insured": Party(row["insured_uscc"], row["insured_name"]),
        "handler": Party(row["handler_uscc"], row["handler_name"]),
        "loss_on": row["loss_on"],
        "reported_at": row["reported_at"],
        "reporter": row["reporter"],
        "place": row["place"],
        "cause": row["cause"],
        "description": row["description"],
        "event": row["event"],
        "flags": list(row["flags"]),
        "estimate_fen": row["estimate_fen"],
        "registered_on": row["registered_on"],
        "agreed_on": row["agreed_on"],
        "payment_due_on": row["payment_due_on"],
        "closed_on": row["closed_on"],
    }


def _steps(actor: Actor, found: Found) -> list[Any]:
    """The buttons: steps of the life cycle for the handler; others may only dispute."""
    steps = pool_parts.steps(CLAIM, found.status, actor.roles)
    return [step for step in steps if found.is_handler or step.event == "dispute"]


async def _history(found: Found) -> list[HistoryShape]:
    return await pool_parts.history("claim", found.number)


async def _sections(found: Found, sections: list[SectionRow]) -> list[SectionShape]:
    lefts = await lefts_of(found, sections)
    shares: dict[str, list[ShareShape]] = {section.code: [] for section in sections}
    for row in await sql(_SHARES, found.id):
        if found.is_insured or found.view.shows(row["organisation"]):
            shares[row["code"]].append(_share(row, found.is_insured))
    hidden = found.is_insured
    return [
        SectionShape(
            section.code,
            section.title,
            section.layer,
            section.attachment_fen,
            section.limit_fen,
            section.aggregate_fen,
            lefts[section.code],
            section.schedule,
            section.assessed_fen,
            section.agreed_fen,
            section.paid_fen,
            section.authorised_fen - section.paid_fen,
            None if hidden else section.reserve_fen,
            None if hidden else section.expense_fen,
            section.recovered_fen,
            shares[section.code],
        )
        for section in sections
    ]


def _share(row: Mapping[str, Any], hidden: bool) -> ShareShape:
    """A share; the insured learns who carries how much, not what insurers reserve or spend."""
    own = dict.fromkeys(("reserve_fen", "expense_fen", "recovered_fen")) if hidden else {}
    values = {key: row[key] for key in ShareShape.__struct_fields__}
    return ShareShape(**{**values, **own})


async def movements_of(found: Found) -> list[MovementShape]:
    """The movements with the parts and debts the reader may see; the insured sees payments."""
    shown = []
    for row in await sql(_MOVEMENTS, found.id):
        item = msgspec.json.decode(row["item"])
        if found.is_insured and item["kind"] not in _INSURED_KINDS:
            continue
        shown.append(_movement(found, item))
    return shown


def _movement(found: Found, item: dict[str, Any]) -> MovementShape:
    hidden = found.is_insured
    mine = found.view.organisation_id
    parts = [p for p in item.pop("parts") if not hidden and found.view.shows(p["organisation"])]
    owed = [
        debt
        for debt in item.pop("obligations")
        if not hidden
        and (found.view.sees_all or mine in (debt["debtor_id"], debt["creditor_id"]))
    ]
    if hidden:
        item["reserve_change_fen"] = 0
    item["parts"] = [_part(part) for part in parts]
    item["obligations"] = [_owed(debt) for debt in owed]
    return msgspec.convert(item, MovementShape)


def _part(part: dict[str, Any]) -> dict[str, Any]:
    exact = Fraction(int(part.pop("top")), int(part.pop("bottom")))
    return {
        **{key: part[key] for key in PartShape.__struct_fields__ if key in part},
        "exact": str(exact),
        "difference": str(part["to_date_fen"] - exact),
    }


def _owed(debt: dict[str, Any]) -> dict[str, Any]:
    return {key: debt[key] for key in OwedShape.__struct_fields__ if key in debt}


async def _payees(found: Found) -> list[PayeeShape]:
    rows = await sql(_PAYEES, found.id)
    whole = found.is_handler
    return [
        PayeeShape(**{**row, "account": row["account"] if whole else mask_account(row["account"])})
        for row in rows
    ]


async def _surveys(found: Found) -> list[SurveyShape]:
    if found.is_insured:
        return []
    shapes = []
    for row in await sql(_SURVEYS, found.id):
        item = msgspec.json.decode(row["item"])
        for person in item["attendance"]:
            person["status_zh"] = Attendance.zh_of(person["status"])
        shapes.append(msgspec.convert(item, SurveyShape))
    return shapes


async def _assessments(found: Found) -> list[AssessmentShape]:
    rows = await sql(_ASSESSMENTS, found.id)
    return [msgspec.json.decode(row["item"], type=AssessmentShape) for row in rows]


async def _decisions(found: Found) -> list[DecisionShape]:
    rows = await sql(_DECISIONS, found.id)
    return [DecisionShape(**row, basis_zh=Basis.zh_of(row["basis"])) for row in rows]
