"""The lists of applications and of payments, by key in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalogue.paging import check_status, id_page
from catalogue.products.search import like_pattern
from catalogue.rules.subsidy.nouns import BatchStatus, SubsidyStatus
from catalogue.subsidy_shapes import ApplicationItem, ApplicationPage
from service.auth import Actor
from service.kernel.bank_accounts import mask_account

_APPLICATIONS = """
SELECT a.id, a.number, a.status, s.code AS scheme, s.name AS scheme_name, o.name AS enterprise,
  o.uscc AS enterprise_uscc, (SELECT count(*)::int FROM application_line l
    WHERE l.application = a.id) AS lines, a.assessed_fen, a.approved_fen, a.paid_fen,
  a.submitted_at, a.return_due_on, n.number AS notice
FROM application a JOIN scheme s ON s.id = a.scheme JOIN organisation o ON o.id = a.enterprise
LEFT JOIN public_notice n ON n.id = a.notice
WHERE ($1 AND a.submitted_at IS NOT NULL OR a.enterprise = $2)
  AND ($3::text IS NULL OR a.status = $3) AND ($4::text IS NULL OR s.code = $4)
  AND ($5::text IS NULL OR o.uscc = $5)
  AND ($6::text IS NULL OR a.number LIKE $6 OR o.name LIKE $6)
"""


async def application_page(
    actor: Actor,
    status: str | None = None,
    scheme: str | None = None,
    enterprise: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
    q: str | None = None,
) -> ApplicationPage:
    """The applications an actor may see, newest first; drafts are listed to their firm only."""
    check_status(status, SubsidyStatus)
    turned = await id_page(
        _APPLICATIONS,
        "a.id",
        cursor,
        limit,
        actor.sees_all,
        actor.organisation_id,
        status,
        scheme,
        enterprise,
        like_pattern(q) if q else None,
    )
    items = [ApplicationItem(**{k: v for k, v in row.items() if k != "id"}) for row in turned.rows]
    return ApplicationPage(items, turned.next, turned.previous)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment of a batch, with its batch; the account is masked."""

    batch: str
    batch_status: str
    scheme: str
    item: int
    application: str
    policy: str
    payee_kind: str
    payee_name: str
    account_number: str
    bank_name: str
    amount_fen: int
    status: str
    paid_on: date | None
    bank_reference: str | None
    failure: str


_PAYMENTS = """
SELECT i.id, b.number AS batch, b.status AS batch_status, s.code AS scheme, i.number AS item,
  a.number AS application, y.number AS policy, i.payee_kind, i.payee_name, i.account_number,
  i.bank_name, i.amount_fen, i.status, i.paid_on, i.bank_reference, i.failure
FROM payment_item i JOIN payment_batch b ON b.id = i.batch JOIN scheme s ON s.id = b.scheme
JOIN application_line l ON l.id = i.application_line JOIN application a ON a.id = l.application
JOIN policy y ON y.id = l.policy
WHERE ($1::text IS NULL OR s.code = $1) AND ($2::text IS NULL OR b.status = $2)
  AND ($3::text IS NULL OR b.number LIKE $3 OR i.payee_name LIKE $3 OR i.bank_reference LIKE $3)
"""


async def payment_rows(
    scheme: str | None = None,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[PaymentRow], str | None]:
    """The payments of all batches, newest first, and the cursor of what follows."""
    check_status(status, BatchStatus)
    pattern = like_pattern(q) if q else None
    turned = await id_page(_PAYMENTS, "i.id", cursor, limit, scheme, status, pattern)
    rows = [{k: v for k, v in row.items() if k != "id"} for row in turned.rows]
    items = [
        PaymentRow(**row | {"account_number": mask_account(row["account_number"])}) for row in rows
    ]
    return items, turned.next
