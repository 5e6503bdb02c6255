"""Forms of policies (保单): what insurers record, by hand, by Excel or by API. Amounts in fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.kernel.forms import FEN_MAX, Day, Form, Line, Ppm, Whole, Words
from service.kernel.shares import WHOLE_UNITS

PositiveFen = Annotated[Whole, Field(ge=1, le=FEN_MAX)]
ChangeFen = Annotated[Whole, Field(ge=-FEN_MAX, le=FEN_MAX)]


class CoInsurerForm(Form):
    """One of several insurers of a policy and its share in units of 10^8."""

    uscc: Line = Field(min_length=1, max_length=30)
    share_units: Annotated[Whole, Field(ge=1, le=WHOLE_UNITS)]


class InstalmentForm(Form):
    """A part of the premium and the day it falls due."""

    due_on: Day
    amount_fen: PositiveFen


class PolicyForm(Form):
    """A policy on a product that is in the library on the day the cover starts."""

    number: Line = Field(min_length=3, max_length=80)
    product: Line = Field(min_length=1, max_length=20)
    insured_uscc: Line = Field(min_length=1, max_length=30)
    object: Line = Field("", max_length=20)
    start_on: Day
    end_on: Day
    sum_insured_fen: PositiveFen
    limit_fen: PositiveFen
    rate_ppm: Annotated[Ppm, Field(ge=1)]
    premium_fen: PositiveFen
    insurers: list[CoInsurerForm] = Field(default_factory=list, max_length=100)
    instalments: list[InstalmentForm] = Field(default_factory=list, max_length=60)
    note: Words = Field("", max_length=2000)


class ReceiptForm(Form):
    """Premium received from one funding source: `own`, or the code of a scheme.

    `payer_account` is the bank account the money came from; one that pays for many firms shows.
    """

    source: Line = Field("own", min_length=1, max_length=40)
    amount_fen: PositiveFen
    received_on: Day
    payer_name: Line = Field(min_length=1, max_length=120)
    payer_uscc: Line = Field("", max_length=30)
    payer_account: Line = Field("", max_length=40)
    invoice_number: Line = Field("", max_length=40)
    invoiced_on: Day | None = None
    bank_reference: Line = Field("", max_length=60)


class ImportedPolicyForm(PolicyForm):
    """A policy with the premium received on it so far, as one file of an insurer holds it."""

    receipts: list[ReceiptForm] = Field(default_factory=list, max_length=60)


class EndorsementForm(Form):
    """A change of a policy (批单) from a day on. What it changes is given as a difference."""

    kind: Literal["additional_premium", "return_premium", "sum_change", "cancel"]
    effective_on: Day
    premium_change_fen: ChangeFen = 0
    sum_change_fen: ChangeFen = 0
    new_end_on: Day | None = None
    reason: Words = Field(min_length=1, max_length=2000)


class UndoForm(Form):
    """Undo one endorsement by another that mirrors it; a cancellation is undone by reinstating."""

    effective_on: Day
    reason: Words = Field(min_length=1, max_length=2000)


class DisputeForm(Form):
    """What the insured finds wrong, or what the insurer answers."""

    text: Words = Field(min_length=1, max_length=2000)


class LossForm(Form):
    """A claim payment on a policy."""

    reference: Line = Field(min_length=1, max_length=60)
    loss_on: Day
    paid_on: Day
    paid_fen: PositiveFen
    payee_name: Line = Field(min_length=1, max_length=120)
