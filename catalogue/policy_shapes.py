"""What the API answers about policies. Amounts in fen, shares in units of 10^8, rates in ppm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PolicyItem:
    """One row of a list of policies."""

    id: int
    number: str
    status: str
    insurer: str
    insured: str
    insured_uscc: str
    product: str
    product_name: str
    object: str | None
    kind: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    rate_ppm: int
    premium_fen: int
    received_fen: int


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """A page of policies, newest first; `next` is null on the last, `previous` on the first."""

    items: list[PolicyItem]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """A party of a policy."""

    uscc: str
    name: str
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class PolicyProduct:
    """The product and the version that stood in the library when the cover started."""

    number: str
    name: str
    version: int
    type_code: str
    type_name: str


@dataclass(frozen=True, slots=True)
class ObjectBrief:
    """The insured object."""

    number: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class ShareShape:
    """An insurer's share."""

    uscc: str
    name: str
    share_units: int


@dataclass(frozen=True, slots=True)
class InstalmentShape:
    """A part of the premium."""

    number: int
    due_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ReceiptShape:
    """Premium received; negative when given back, then `refund_of` names the receipt.

    `payer_account` is masked for who need not know it. `paid_by_registry`: a direct payment.
    """

    id: int
    source: str
    amount_fen: int
    received_on: date
    payer_name: str
    payer_uscc: str
    payer_account: str
    invoice_number: str
    invoiced_on: date | None
    paid_by_registry: bool
    bank_reference: str
    refund_of: int | None


@dataclass(frozen=True, slots=True)
class EndorsementShape:
    """A change of the policy, what it undoes and what undid it."""

    number: int
    kind: str
    effective_on: date
    premium_change_fen: int
    sum_change_fen: int
    new_end_on: date | None
    reason: str
    undoes: int | None
    undone_by: int | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeShape:
    """What the insured found wrong, and the answer."""

    text: str
    raised_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class LossShape:
    """A claim payment."""

    reference: str
    loss_on: date
    paid_on: date
    paid_fen: int
    payee_name: str


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One policy with everything that happened to it."""

    id: int
    number: str
    status: str
    revision: int
    insurer: Party
    insured: Party
    product: PolicyProduct
    object: ObjectBrief | None
    start_on: date
    end_on: date
    current_end_on: date
    sum_insured_fen: int
    current_sum_fen: int
    limit_fen: int
    rate_ppm: int
    note: str
    premium_fen: int
    current_premium_fen: int
    received_fen: int
    insurers: list[ShareShape]
    instalments: list[InstalmentShape]
    receipts: list[ReceiptShape]
    sources: dict[str, int]
    endorsements: list[EndorsementShape]
    disputes: list[DisputeShape]
    losses: list[LossShape]
