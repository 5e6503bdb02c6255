"""Forms of pool premium: receipts, reversals, endorsements, changes of shares. Amounts in fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalogue.policy_forms import ChangeFen, ReceiptForm
from coinsurance.rules.premium_cover import Amount
from service.kernel.forms import Day, Flag, Form, Line, Whole, Words
from service.kernel.shares import WHOLE_UNITS

Reason = Annotated[Words, Field(min_length=1, max_length=2000)]
SectionCode = Annotated[Line, Field(max_length=20)]


class PoolReceiptForm(ReceiptForm):
    """Premium received on a placement; `instalment` says which one it pays, if it is one."""

    instalment: Annotated[Whole, Field(ge=1, le=60)] | None = None


class TakingForm(Form):
    """Take up what was recorded elsewhere."""

    note: Words = Field("", max_length=2000)


class ReversalForm(Form):
    """Turn a receipt around from a day on, not before its own."""

    effective_on: Day
    reason: Reason


class PoolEndorsementForm(Form):
    """An endorsement of a placement (批改), put to the members before it is issued.

    `method`: `stated` takes the amount as written; `pro_rata` returns the premium of the days from
    the effective day on (of an additional premium `premium_change_fen` is that of the whole
    period); `ab_initio` returns everything. `statutory`: the insured ends the contract by law
    (保险法第十五条), which needs nobody's consent.
    """

    kind: Literal["additional_premium", "return_premium", "sum_change", "cancel"]
    effective_on: Day
    method: Amount = Amount.STATED
    premium_change_fen: ChangeFen = 0
    sum_change_fen: ChangeFen = 0
    new_end_on: Day | None = None
    section: SectionCode = ""
    statutory: Flag = False
    reason: Reason


class PoolUndoForm(Form):
    """Undo an issued endorsement by its exact mirror; a cancellation is reinstated."""

    effective_on: Day
    reason: Reason


class EndorsementStepForm(Form):
    """Why an endorsement is issued or withdrawn."""

    note: Words = Field("", max_length=2000)


class ShareForm(Form):
    """A member's new share, in units of 10^8."""

    uscc: Line = Field(min_length=1, max_length=30)
    share_units: Annotated[Whole, Field(ge=0, le=WHOLE_UNITS)]


class ShareProposalForm(Form):
    """New shares of one section (or of all) of a placement from a day on."""

    section: SectionCode = ""
    valid_from: Day
    shares: list[ShareForm] = Field(min_length=1, max_length=200)
    reason: Reason


class ShareEffectForm(Form):
    """Let the new shares take effect on the strength of a resolution (决议)."""

    resolution_number: Line = Field(min_length=1, max_length=80)
    note: Words = Field("", max_length=2000)


class ShareTakingForm(Form):
    """Move premium by the schedules that took effect; `schedule` names the one that is meant."""

    schedule: Line = Field("", max_length=20)
