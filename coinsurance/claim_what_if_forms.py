"""What-if forms of claims (赔案试算): plain numbers in, nothing is written. Amounts in fen.

Every part may be left out; what is given is worked through in the order of a real claim: cover,
authority, deadlines, parts of payments and recoveries, government backstop, interest.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from coinsurance.claim_forms import DeductibleForm
from coinsurance.rules.claims.nouns import ClaimFlag
from coinsurance.rules.nouns import ConsentRule, DayKind
from coinsurance.rules.settlement.day_count import DayCount
from service.kernel.forms import FEN_MAX, Day, Fen, Flag, Form, Line, Ppm, Whole
from service.kernel.shares import WHOLE_UNITS

Name = Annotated[Line, Field(min_length=1, max_length=60)]
Units = Annotated[Whole, Field(ge=0, le=WHOLE_UNITS)]
Weight = Annotated[Whole, Field(ge=0, le=10**30)]
Multiple = Annotated[Whole, Field(ge=0, le=1_000_000_000)]
Rate = Annotated[Whole, Field(ge=0, le=10_000_000)]
Days = Annotated[Whole, Field(ge=0, le=3660)]
Positive = Annotated[Whole, Field(ge=1, le=FEN_MAX)]
MEMBERS_MAX = 200


def _few(named: dict[str, int]) -> dict[str, int]:
    """At most so many names; a limit on the field itself would be published as one of a list."""
    if len(named) > MEMBERS_MAX:
        counts = {"max_length": MEMBERS_MAX, "actual_length": len(named)}
        raise PydanticCustomError("too_long", "too many names", counts)
    return named


UnitsByName = Annotated[dict[Name, Units], AfterValidator(_few)]


class MemberForm(Form):
    """A member on the risk, the lead first: its share in units of 10^8, or a weight."""

    member: Name
    units: Units = 0
    weight: Weight | None = None


class ReinstatementTermsForm(Form):
    """One reinstatement of a section: its rate of the section's premium, by time or not."""

    rate_ppm: Rate = 0
    by_time: Flag = False


class SectionForm(Form):
    """A section (attachment 0) or a layer of the cover, with its aggregate and reinstatements.

    `units`: shares by member where this section is shared differently. Without `aggregate_fen` but
    with reinstatements the aggregate is the limit; each reinstatement fills it up once, as losses
    use it, until it is spent.
    """

    code: Name = "A"
    limit_fen: Positive
    attachment_fen: Fen = 0
    layer: Flag = False
    aggregate_fen: Positive | None = None
    aggregate_used_fen: Fen = 0
    premium_fen: Fen = 0
    reinstatements: list[ReinstatementTermsForm] = Field(default_factory=list, max_length=20)
    units: UnitsByName = Field(default_factory=dict)


class LossForm(Form):
    """The loss of a section; of all layers together under `layers`; empty where there is one."""

    section: Line = Field("", max_length=60)
    gross_fen: Fen
    salvage_fen: Fen = 0
    sum_insured_fen: Fen | None = None
    value_fen: Fen | None = None


class OccurrenceForm(Form):
    """One occurrence: its day and what it hurt; the deductible applies once."""

    loss_on: Day | None = None
    losses: list[LossForm] = Field(min_length=1, max_length=40)


class MovementForm(Form):
    """A movement of a section's series, in order: payments, expenses, recoveries, reversals.

    `of` names the movement that a reversal mirrors, counted from 1; amounts of recoveries are net.
    """

    kind: Literal["payment", "advance", "expense", "recovery", "salvage", "reversal"] = "payment"
    amount_fen: Fen = 0
    cost_fen: Fen = 0
    section: Line = Field("", max_length=60)
    on: Day | None = None
    of: Annotated[Whole, Field(ge=1, le=400)] | None = None


class AuthorityForm(Form):
    """What a role may decide alone."""

    role: Literal["lead", "claims_handler", "issuer"] = "claims_handler"
    amount_max_fen: Fen
    flags_allowed: list[ClaimFlag] = Field(default_factory=list, max_length=4)


class ConsentForm(Form):
    """Whose consent is needed, and how the members answered (in their order; empty: silent)."""

    rule: ConsentRule
    count: Annotated[Whole, Field(ge=1, le=200)] | None = None
    threshold_units: Units | None = None
    deemed: Flag = False
    after_deadline: Flag = False
    answers: list[Literal["", "consented", "refused", "deemed"]] = Field(
        default_factory=list, max_length=200
    )


class DecisionForm(Form):
    """Who may decide: authority, roles held, flags; and the members' answers if they are asked."""

    authority: list[AuthorityForm] = Field(default_factory=list, max_length=20)
    roles: list[Literal["lead", "claims_handler", "issuer"]] = ["claims_handler"]
    flags: list[ClaimFlag] = Field(default_factory=list, max_length=4)
    amount_fen: Fen | None = None
    consent: ConsentForm | None = None


class TermForm(Form):
    """A term of days and how it is counted."""

    days: Days
    calendar: DayKind = DayKind.WORKING


class DeadlinesForm(Form):
    """The chain: report → notice, agreement → payment, payment or papers → reimbursement."""

    reported_on: Day | None = None
    notice: TermForm | None = None
    agreed_on: Day | None = None
    payment: TermForm | None = None
    paid_on: Day | None = None
    papers_on: Day | None = None
    reimbursement: TermForm | None = None


class BandForm(Form):
    """A band of the year's losses in multiples of its premium: `from_ppm` 2,000,000 is twice.

    Who bears it: by parts (1 to 2), or the government's rate in ppm.
    """

    from_ppm: Multiple
    to_ppm: Multiple | None = None
    pool_parts: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = None
    government_parts: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = None
    government_ppm: Ppm | None = None


class BackstopForm(Form):
    """A pool year's bands, premium and losses so far; `loss_fen` empty: what is payable here."""

    premium_fen: Fen
    loss_before_fen: Fen = 0
    loss_fen: Fen | None = None
    bands: list[BandForm] = Field(min_length=1, max_length=20)


class SettledForm(Form):
    """A payment on a debt."""

    on: Day
    amount_fen: Positive


class RateStepForm(Form):
    """A rate that holds for the days after `from_on`."""

    from_on: Day
    rate_ppm: Ppm


class InterestForm(Form):
    """Interest on a debt as of a day; `due_on` empty: the reimbursement's due day above.

    `principal_fen` empty: the whole of what followers owe.
    """

    principal_fen: Positive | None = None
    due_on: Day | None = None
    as_of: Day
    rate_ppm: Ppm = 0
    rates: list[RateStepForm] = Field(default_factory=list, max_length=40)
    day_count: DayCount = DayCount.ACT_365
    payments: list[SettledForm] = Field(default_factory=list, max_length=200)


class ClaimWhatIfForm(Form):
    """A claim in plain numbers.

    Cover: `sections`, `deductible` and `losses` (one occurrence) or `occurrences` (several in
    order, eroding the aggregate). Shares: `members`; the first handles the claim. Money:
    `movements`; without any, what is payable is paid at once. `payable_fen` skips the cover.
    """

    sections: list[SectionForm] = Field(default_factory=list, max_length=40)
    deductible: DeductibleForm = DeductibleForm()
    losses: list[LossForm] = Field(default_factory=list, max_length=40)
    occurrences: list[OccurrenceForm] = Field(default_factory=list, max_length=100)
    payable_fen: Fen | None = None
    period_from: Day | None = None
    period_to: Day | None = None
    members: list[MemberForm] = Field(default_factory=list, max_length=200)
    handler: Line = Field("", max_length=60)
    expense_sharing: Literal["by_share", "handler_bears"] = "by_share"
    movements: list[MovementForm] = Field(default_factory=list, max_length=400)
    decision: DecisionForm | None = None
    deadlines: DeadlinesForm | None = None
    survey_threshold_fen: Fen | None = None
    cash_call_threshold_fen: Fen | None = None
    large_loss_fen: Fen | None = None
    backstop: BackstopForm | None = None
    interest: list[InterestForm] = Field(default_factory=list, max_length=40)
