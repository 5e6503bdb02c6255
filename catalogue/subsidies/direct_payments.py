"""Public money that went to insurers (直接支付), as the insurer and the committee see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalogue.paging import id_page
from service.auth import Actor
from service.kernel.bank_accounts import mask_account


@dataclass(frozen=True, slots=True)
class DirectPaymentShape:
    """One payment to an insurer; `kept_fen` is what has not been claimed back."""

    batch: str
    item: int
    scheme: str
    scheme_name: str
    insurer: str
    policy_id: int
    policy: str
    insured: str
    account_number: str
    amount_fen: int
    kept_fen: int
    status: str
    paid_on: date | None
    bank_reference: str | None


@dataclass(frozen=True, slots=True)
class DirectPaymentPage:
    """A page of payments, newest first; `next` is null on the last, `previous` on the first."""

    items: list[DirectPaymentShape]
    next: str | None
    previous: str | None


_PAYMENTS = """
SELECT i.id, b.number AS batch, i.number AS item, s.code AS scheme, s.name AS scheme_name,
  o.name AS insurer, y.id AS policy_id, y.number AS policy, e.name AS insured, i.account_number,
  i.amount_fen, i.amount_fen - coalesce((SELECT sum(r.amount_fen) FROM recovery r
    WHERE r.application_line = l.id AND r.status <> 'cancelled'), 0)::bigint AS kept_fen,
  i.status, i.paid_on, i.bank_reference
FROM payment_item i JOIN payment_batch b ON b.id = i.batch JOIN scheme s ON s.id = b.scheme
JOIN application_line l ON l.id = i.application_line JOIN policy y ON y.id = l.policy
JOIN organisation o ON o.id = y.insurer JOIN organisation e ON e.id = y.insured
WHERE i.payee_kind = 'insurer' AND b.status NOT IN ('draft', 'approved')
  AND ($1 OR y.insurer = $2)
"""


async def payment_page(
    actor: Actor, cursor: str | None = None, limit: int | None = None
) -> DirectPaymentPage:
    """Payments to insurers that have gone to the bank; accounts are masked."""
    turned = await id_page(_PAYMENTS, "i.id", cursor, limit, actor.sees_all, actor.organisation_id)
    items = [
        DirectPaymentShape(
            **{k: v for k, v in row.items() if k not in ("id", "account_number")},
            account_number=mask_account(row["account_number"]),
        )
        for row in turned.rows
    ]
    return DirectPaymentPage(items, turned.next, turned.previous)
