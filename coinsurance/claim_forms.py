"""Forms of claims (赔案). Amounts in fen; moments with their time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from catalogue.policy_forms import PositiveFen
from coinsurance.rules.claims.nouns import (
    Attendance,
    BeneficiaryKind,
    Charge,
    ClaimFlag,
    Combine,
    NoticeKind,
    Proposal,
)
from service.kernel.forms import Day, Fen, Flag, Form, Id, Line, Ppm, Whole, Words

Uscc = Annotated[Line, Field(min_length=1, max_length=40, examples=["91420100MA4K00013D"])]
SectionCode = Annotated[Line, Field(max_length=20)]
Reason = Annotated[Words, Field(min_length=1, max_length=4000)]
Note = Annotated[Words, Field(max_length=4000)]
Flags = Annotated[list[ClaimFlag], Field(max_length=4)]
Reference = Annotated[Line, Field(max_length=80)]
Name = Annotated[Line, Field(min_length=1, max_length=120)]


class ClaimForm(Form):
    """A notice of loss (报案) on a placement of a pool, or on a policy of a single insurer."""

    placement: Line = Field("", max_length=20)
    policy: Id | None = None
    loss_on: Day
    reported_at: datetime | None = None
    reporter: Line = Field("", max_length=120)
    place: Line = Field("", max_length=200)
    cause: Name
    description: Note = ""
    event: Line = Field("", max_length=40)
    estimate_fen: Fen
    flags: Flags = []


class ReserveLineForm(Form):
    """What is still expected to be paid on a section."""

    section: SectionCode = ""
    outstanding_fen: Fen


class RegistrationForm(Form):
    """Register a claim (立案): the loss day is final from here on; first reserves may be set."""

    loss_on: Day | None = None
    estimate_fen: Fen | None = None
    flags: Flags | None = None
    reserves: list[ReserveLineForm] = Field(default_factory=list, max_length=40)
    note: Note = ""


class FlagsForm(Form):
    """The complexity flags of a claim as they are from now on, with the reason."""

    flags: Flags
    reason: Reason


class NoticeForm(Form):
    """Send a notice to members on the risk; without members to all who have none yet."""

    kind: NoticeKind = NoticeKind.LOSS
    members: list[Uscc] = Field(default_factory=list, max_length=200)
    text: Note = ""


class ServiceForm(Form):
    """How and when a notice was served; without members on all who were sent it and not served."""

    kind: NoticeKind = NoticeKind.LOSS
    members: list[Uscc] = Field(default_factory=list, max_length=200)
    how: Line = Field(min_length=1, max_length=120, examples=["电子邮件并电话确认"])
    served_at: datetime | None = None


class AcknowledgementForm(Form):
    """A member acknowledges the notice it received (签收)."""

    kind: NoticeKind = NoticeKind.LOSS


class AttendanceForm(Form):
    """Whether a member came to the survey."""

    uscc: Uscc
    status: Attendance
    person: Line = Field("", max_length=120)
    note: Note = ""


class SurveyForm(Form):
    """A survey that was held (查勘)."""

    held_on: Day
    place: Line = Field(min_length=1, max_length=200)
    surveyor: Name
    joint: Flag = False
    summary: Reason
    attendance: list[AttendanceForm] = Field(default_factory=list, max_length=200)
    report: Id | None = None


class ReserveForm(Form):
    """A new estimate of what is still to be paid on a section (未决估损)."""

    section: SectionCode = ""
    outstanding_fen: Fen
    effective_on: Day | None = None
    reason: Reason


class LossForm(Form):
    """The loss of a section; of all layers together under `layers`."""

    section: SectionCode = ""
    gross_fen: Fen
    salvage_fen: Fen = 0
    sum_insured_fen: Fen | None = None
    value_fen: Fen | None = None


class DeductibleForm(Form):
    """A deductible: fixed, a rate of the loss, or both; a franchise falls away when exceeded."""

    fixed_fen: Fen = 0
    rate_ppm: Ppm = 0
    combine: Combine = Combine.GREATER
    franchise: Flag = False


class AssessmentForm(Form):
    """Assess a claim (定损理算); the policy's deductible applies unless a stricter one is given."""

    losses: list[LossForm] = Field(min_length=1, max_length=40)
    deductible: DeductibleForm | None = None
    report: Id | None = None
    note: Note = ""


class ConsentAskForm(Form):
    """Ask the members on the risk for their consent to pay or to decline."""

    proposal: Proposal = Proposal.AGREE
    note: Note = ""


class ReasonForm(Form):
    """A step that needs its reason."""

    reason: Reason


class DecisionForm(Form):
    """A step whose reason may be left out."""

    note: Note = ""


class PaymentForm(Form):
    """A payment to the insured or a third party (赔款), or an advance before agreement (预付)."""

    section: SectionCode = ""
    amount_fen: PositiveFen
    advance: Flag = False
    paid_on: Day | None = None
    papers_on: Day | None = None
    reference: Line = Field(min_length=1, max_length=80)
    beneficiary_kind: BeneficiaryKind = BeneficiaryKind.INSURED
    beneficiary_name: Name
    beneficiary_uscc: Line = Field("", max_length=40)
    payee_name: Name
    payee_account: Line = Field(min_length=1, max_length=60)
    bank_name: Line = Field("", max_length=120)
    authority_reference: Reference = ""
    compensation_proof: Reference = ""
    note: Note = ""


class OverrideForm(Form):
    """A manager answers for one more payment to a beneficiary of the same loss (放行)."""

    beneficiary_name: Name
    beneficiary_uscc: Line = Field("", max_length=40)
    amount_max_fen: PositiveFen
    reason: Reason


class ReversalForm(Form):
    """Reverse a movement by its mirror, once."""

    effective_on: Day | None = None
    reason: Reason


class ExpenseForm(Form):
    """A cost of handling the claim, paid by the handler."""

    section: SectionCode = ""
    charge: Charge
    amount_fen: PositiveFen
    paid_on: Day | None = None
    reference: Line = Field(min_length=1, max_length=80)
    payee_name: Line = Field("", max_length=120)
    note: Note = ""


class RecoveryForm(Form):
    """Money received from whoever caused the loss, or for what it left over; cost comes off."""

    kind: Literal["recovery", "salvage"] = "recovery"
    section: SectionCode = ""
    gross_fen: PositiveFen
    cost_fen: Fen = 0
    received_on: Day | None = None
    reference: Line = Field(min_length=1, max_length=80)
    payer_name: Name
    note: Note = ""


class CashCallForm(Form):
    """Ask the members for money before a large payment."""

    section: SectionCode = ""
    amount_fen: PositiveFen
    note: Note = ""


class ReopeningForm(Form):
    """Reopen a closed claim with a new estimate of what is to be paid."""

    section: SectionCode = ""
    outstanding_fen: PositiveFen
    reason: Reason


class ClaimFileForm(Form):
    """Attach an uploaded document to a claim."""

    document: Id
    kind: Line = Field(min_length=1, max_length=30, examples=["损失清单"])


class ReinstatementForm(Form):
    """Fill up an aggregate limit again from a day on, with or without premium."""

    placement: Line = Field("", max_length=20)
    policy: Id | None = None
    section: SectionCode = ""
    amount_fen: PositiveFen
    effective_on: Day
    rate_ppm: Annotated[Whole, Field(ge=0, le=10_000_000)] = 0
    by_time: Flag = False
    endorsement: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    reason: Reason


class BackstopCallForm(Form):
    """Book what the bands make the government owe by now."""

    government_uscc: Uscc
    effective_on: Day | None = None
    note: Note = ""


class BackstopReceiptForm(Form):
    """Money received from the government."""

    amount_fen: PositiveFen
    received_on: Day | None = None
    reference: Line = Field(min_length=1, max_length=80)
