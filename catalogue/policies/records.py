"""Reading policies: the record as JSON made by the database, lists by key, rows to be locked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from catalogue.paging import id_page
from catalogue.products.search import like_pattern
from service.auth import Actor
from service.kernel.bank_accounts import mask_account
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import Forbidden, NotFound, Refused
from service.kernel.findings import blocker

STATUSES = ("recorded", "confirmed", "disputed", "cancelled", "expired")

_RECORD = """
SELECT json_build_object(
  'id', y.id, 'number', y.number, 'status', y.status, 'revision', y.revision,
  'insurer', json_build_object('uscc', o.uscc, 'name', o.name, 'short_name', o.short_name),
  'insured', json_build_object('uscc', e.uscc, 'name', e.name),
  'product', json_build_object('number', p.number, 'name', v.name, 'version', v.number,
    'type_code', t.code, 'type_name', t.name),
  'object', (SELECT json_build_object('number', b.number, 'kind', b.kind, 'name', b.name)
    FROM insured_object b WHERE b.id = y.insured_object),
  'start_on', y.start_on, 'end_on', y.end_on, 'current_end_on', y.current_end_on,
  'sum_insured_fen', y.sum_insured_fen, 'current_sum_fen', y.current_sum_fen,
  'limit_fen', y.limit_fen, 'rate_ppm', y.rate_ppm, 'note', y.note,
  'premium_fen', y.premium_fen, 'current_premium_fen', y.current_premium_fen,
  'received_fen', (SELECT coalesce(sum(r.amount_fen), 0)::bigint FROM premium_receipt r
    WHERE r.policy = y.id),
  'insurers', (SELECT json_agg(json_build_object('uscc', i.uscc, 'name', i.short_name,
    'share_units', s.share_units) ORDER BY s.position) FROM policy_insurer s
    JOIN organisation i ON i.id = s.insurer WHERE s.policy = y.id),
  'instalments', (SELECT coalesce(json_agg(json_build_object('number', n.number,
    'due_on', n.due_on, 'amount_fen', n.amount_fen) ORDER BY n.number), '[]')
    FROM instalment n WHERE n.policy = y.id),
  'receipts', (SELECT coalesce(json_agg(json_build_object('id', r.id, 'source', r.source,
    'amount_fen', r.amount_fen, 'received_on', r.received_on, 'payer_name', r.payer_name,
    'payer_uscc', r.payer_uscc, 'payer_account', r.payer_account,
    'invoice_number', r.invoice_number, 'invoiced_on', r.invoiced_on,
    'paid_by_registry', r.payment_item IS NOT NULL, 'bank_reference', r.bank_reference,
    'refund_of', r.refund_of) ORDER BY r.id), '[]')
    FROM premium_receipt r WHERE r.policy = y.id),
  'sources', (SELECT coalesce(json_object_agg(source, net), '{}') FROM (SELECT r.source,
    sum(r.amount_fen)::bigint AS net FROM premium_receipt r WHERE r.policy = y.id
    GROUP BY r.source) q),
  'endorsements', (SELECT coalesce(json_agg(json_build_object('number', d.number, 'kind', d.kind,
    'effective_on', d.effective_on, 'premium_change_fen', d.premium_change_fen,
    'sum_change_fen', d.sum_change_fen, 'new_end_on', d.new_end_on, 'reason', d.reason,
    'undoes', (SELECT u.number FROM endorsement u WHERE u.id = d.undoes),
    'undone_by', (SELECT u.number FROM endorsement u WHERE u.undoes = d.id),
    'recorded_at', d.recorded_at) ORDER BY d.number), '[]') FROM endorsement d
    WHERE d.policy = y.id),
  'disputes', (SELECT coalesce(json_agg(json_build_object('text', w.text,
    'raised_at', w.raised_at, 'answer', w.answer, 'answered_at', w.answered_at)
    ORDER BY w.id), '[]') FROM policy_dispute w WHERE w.policy = y.id),
  'losses', (SELECT coalesce(json_agg(json_build_object('reference', l.reference,
    'loss_on', l.loss_on, 'paid_on', l.paid_on, 'paid_fen', l.paid_fen,
    'payee_name', l.payee_name) ORDER BY l.id), '[]') FROM policy_loss l
    WHERE l.policy = y.id))::text
FROM policy y JOIN organisation o ON o.id = y.insurer JOIN organisation e ON e.id = y.insured
JOIN product p ON p.id = y.product JOIN product_version v ON v.id = y.version
JOIN product_type t ON t.id = p.product_type WHERE y.id = $1
"""


def number_key(text: str) -> str:
    """A policy number without what differs between prints: width, case, spaces, dashes, slashes."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\-‐-―/\\._]", "", folded)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What a use case needs to know of a policy before it acts. Amounts in fen."""

    id: int
    number: str
    status: str
    revision: int
    insurer_id: int
    insured_id: int
    product_id: int
    start_on: date
    end_on: date
    current_end_on: date
    current_sum_fen: int
    current_premium_fen: int
    premium_fen: int
    recorded_by: int

    def as_row(self) -> dict[str, Any]:
        """The part that `journal.move` reads."""
        return {"id": self.id, "status": self.status}


_ROW = (
    "SELECT id, number, status, revision, insurer AS insurer_id, insured AS insured_id,"
    " product AS product_id, start_on, end_on, current_end_on, current_sum_fen,"
    " current_premium_fen, premium_fen, recorded_by FROM policy WHERE id = $1"
)
_SHARED = "EXISTS (SELECT 1 FROM policy_insurer s WHERE s.policy = y.id AND s.insurer = $2)"


async def policy_row(actor: Actor, policy_id: int, *, lock: bool = False) -> PolicyRow:
    """The policy for one of its parties, the committee or the auditor; else NotFound."""
    row = await sql_row(_ROW + (" FOR UPDATE" if lock else ""), policy_id)
    if row is not None and not actor.sees_all:
        mine = actor.organisation_id in (row["insurer_id"], row["insured_id"])
        if not mine and not await sql_value(
            f"SELECT 1 FROM policy y WHERE y.id = $1 AND {_SHARED}",
            policy_id,
            actor.organisation_id,
        ):
            row = None
    if row is None:
        raise NotFound("保单", "Policy", policy_id)
    return PolicyRow(**row)


async def may_write(actor: Actor, policy_id: int) -> bool:
    """Whether the actor's insurer recorded the policy."""
    return actor.owns((await policy_row(actor, policy_id)).insurer_id)


async def recorded_row(actor: Actor, policy_id: int) -> PolicyRow:
    """The policy, locked, for the insurer that recorded it: it alone writes on it.

    NotFound for strangers, Forbidden (policy.not_recording) for a co-insurer.
    """
    policy = await policy_row(actor, policy_id, lock=True)
    if not actor.owns(policy.insurer_id):
        raise Forbidden("policy.not_recording")
    return policy


Discretion = Callable[[Actor, int], Awaitable[bool]]
_DISCRETIONS: list[Discretion] = []


def hide_peers_when(asks: Discretion) -> None:
    """Where `asks(actor, policy id)` says so, a co-insurer reads its own share of a policy only."""
    _DISCRETIONS.append(asks)


async def policy_record(actor: Actor, policy_id: int) -> dict[str, Any]:
    """One policy with shares, receipts, endorsements, disputes and losses.

    Payers' bank accounts are whole for the insurer that recorded them, the committee and the
    auditor, masked for everybody else; shares of the other insurers where `hide_peers_when` says.
    """
    policy = await policy_row(actor, policy_id)
    record: dict[str, Any] = msgspec.json.decode(await sql_value(_RECORD, policy_id))
    if actor.sees_all or actor.owns(policy.insurer_id):
        return record
    for receipt in record["receipts"]:
        receipt["payer_account"] = mask_account(receipt["payer_account"])
    if not actor.owns(policy.insured_id):
        for asks in _DISCRETIONS:
            if await asks(actor, policy_id):
                await _own_share_only(actor, record)
    return record


async def _own_share_only(actor: Actor, record: dict[str, Any]) -> None:
    own = await sql_value("SELECT uscc FROM organisation WHERE id = $1", actor.organisation_id)
    record["insurers"] = [one for one in record["insurers"] if one["uscc"] == own]


_ITEM = """json_build_object('id', y.id, 'number', y.number, 'status', y.status,
 'insurer', o.short_name, 'insured', e.name, 'insured_uscc', e.uscc, 'product', p.number,
 'product_name', v.name, 'object', b.number, 'kind', coalesce(b.kind, 'general'),
 'start_on', y.start_on, 'end_on', y.current_end_on, 'sum_insured_fen', y.current_sum_fen,
 'rate_ppm', y.rate_ppm, 'premium_fen', y.current_premium_fen, 'received_fen',
 (SELECT coalesce(sum(r.amount_fen), 0)::bigint FROM premium_receipt r WHERE r.policy = y.id)
 )::text AS item"""
_LIST = f"""
SELECT y.id, {_ITEM} FROM policy y JOIN organisation o ON o.id = y.insurer
JOIN organisation e ON e.id = y.insured JOIN product p ON p.id = y.product
JOIN product_version v ON v.id = y.version LEFT JOIN insured_object b ON b.id = y.insured_object
WHERE ($1 OR y.insurer = $2 OR y.insured = $2 OR {_SHARED})
  AND ($3::text IS NULL OR y.number_key LIKE $3 OR e.name LIKE $3)
  AND ($4::text IS NULL OR y.status = $4) AND ($5::text IS NULL OR coalesce(b.kind, 'general') = $5)
"""


async def policy_page(
    actor: Actor,
    q: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """The policies an actor may see, newest first, with the cursors of the pages around."""
    if status and status not in STATUSES:
        raise Refused([blocker("form.not_a_choice", "status", value=status, choices=STATUSES)])
    pattern = like_pattern(number_key(q)) if q else None
    turned = await id_page(
        _LIST,
        "y.id",
        cursor,
        limit,
        actor.sees_all,
        actor.organisation_id,
        pattern,
        status,
        kind,
    )
    items = [msgspec.json.decode(row["item"]) for row in turned.rows]
    return {"items": items, "next": turned.next, "previous": turned.previous}


async def sources_fen(policy_id: int) -> dict[str, int]:
    """What each funding source has paid net of refunds, in the order of its first payment."""
    rows = await sql(
        "SELECT source, sum(amount_fen)::bigint AS net FROM premium_receipt WHERE policy = $1"
        " GROUP BY source ORDER BY min(id)",
        policy_id,
    )
    return {row["source"]: row["net"] for row in rows}
