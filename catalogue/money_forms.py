"""Forms of schemes, payments and recoveries. Amounts in fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalogue.policy_forms import PositiveFen
from service.kernel.forms import Day, Form, Line, Whole, Words

Code = Annotated[Line, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,39}$")]


class SchemeForm(Form):
    """A new scheme: the published rule it follows, its window, its first appropriation.

    The book of procedure says what the rule leaves open (notice, deadlines, bans); empty where the
    rule says it all.
    """

    code: Code
    name: Line = Field(min_length=2, max_length=120)
    rule_family: Line = Field(min_length=1, max_length=60)
    rule_version: Line = Field(min_length=1, max_length=40)
    procedure_family: Line = Field("", max_length=60)
    procedure_version: Line = Field("", max_length=40)
    window_from: Day
    window_to: Day
    appropriation_fen: PositiveFen
    document: Line = Field(min_length=1, max_length=200)
    exclusivity_group: Line = Field("", max_length=40)


class AppropriationForm(Form):
    """More money for a scheme, with the document that grants it."""

    amount_fen: PositiveFen
    document: Line = Field(min_length=1, max_length=200)


class BatchForm(Form):
    """A payment batch: the application lines to pay; empty means all that are approved."""

    lines: list[Whole] = Field(default_factory=list, max_length=5000)


class ResultRow(Form):
    """What the bank says of one payment of a batch."""

    item: Annotated[Whole, Field(ge=1)]
    amount_fen: PositiveFen
    paid: bool
    bank_reference: Line = Field("", max_length=60)
    paid_on: Day | None = None
    failure: Line = Field("", max_length=200)


class ResultForm(Form):
    """The bank's result file for one batch, all rows or none."""

    rows: list[ResultRow] = Field(min_length=1, max_length=5000)


class RecoveryForm(Form):
    """Claim money back for a cause that no endorsement shows."""

    cause: Literal["false_claim", "duplicate"]
    amount_fen: PositiveFen
    reason: Words = Field(min_length=1, max_length=2000)


class RepaymentForm(Form):
    """Money that came back."""

    amount_fen: PositiveFen
    received_on: Day
    bank_reference: Line = Field(min_length=1, max_length=60)
