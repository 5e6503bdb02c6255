"""Forms of settlement: statements, disputes, runs, bank files, reconciliation, calculators. Fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from coinsurance.rules.settlement.day_count import DayCount
from coinsurance.rules.settlement.debts import Method
from service.kernel.forms import FEN_MAX, Day, Flag, Form, Id, Line, Whole, Words
from service.kernel.money import Rounding

PositiveFen = Annotated[Whole, Field(ge=1, le=FEN_MAX)]
SignedFen = Annotated[Whole, Field(ge=-FEN_MAX, le=FEN_MAX)]
Rate = Annotated[Whole, Field(ge=0, le=10_000_000)]
Name = Annotated[Line, Field(min_length=1, max_length=80)]


class PeriodForm(Form):
    """A statement period: 2026-03 or 2026-Q1, as the agreement has it."""

    period: Line = Field(min_length=7, max_length=7)


class NoteForm(Form):
    """A reason, in words."""

    note: Words = Field(min_length=1, max_length=2000)


class AgreementForm(Form):
    """What is said with an answer; may be empty."""

    note: Words = Field("", max_length=2000)


class DisputeForm(Form):
    """A line of a statement that the member disputes, whole or in part (`amount_fen`)."""

    line: Id
    amount_fen: PositiveFen | None = None
    reason: Words = Field(min_length=2, max_length=2000)


class OutcomeForm(Form):
    """How a dispute ends, in words, with the paper that says so.

    `correction`: key of the entry that corrects the line already, such as the reversal of a premium
    or claim movement. Without one an upheld line is mirrored to the counterparty.
    """

    note: Words = Field(min_length=2, max_length=2000)
    document: Line = Field("", max_length=200)
    correction: Line = Field("", max_length=200)


class RunForm(Form):
    """A settlement run of one pool year: what is due by a day.

    `obligations` picks some by number; empty takes all that are due and undisputed.
    """

    pool_year: Line = Field(min_length=1, max_length=40)
    method: Method = Method.GROSS
    due_until: Day
    obligations: list[Name] = Field(default_factory=list, max_length=5000)


class PaymentForm(Form):
    """What the bank did with one instruction, entered by hand."""

    paid: Flag = True
    amount_fen: PositiveFen | None = None
    paid_on: Day | None = None
    bank_reference: Line = Field("", max_length=80)
    failure: Line = Field("", max_length=200)


class ObligationPaymentForm(Form):
    """An obligation paid outside a run, with the bank's reference."""

    amount_fen: PositiveFen
    paid_on: Day
    bank_reference: Line = Field(min_length=1, max_length=80)


class InterestChargeForm(Form):
    """Interest on an overdue obligation up to a day."""

    until_on: Day


class ReconciliationForm(Form):
    """Reconcile one pool year up to a day."""

    pool_year: Line = Field(min_length=1, max_length=40)
    until_on: Day


class ExplanationForm(Form):
    """Why there is a break; the person who says so is named with it."""

    explanation: Words = Field(min_length=2, max_length=2000)


class AssignmentForm(Form):
    """Which instruction money of a bank row belongs to, and why."""

    reference: Name
    note: Words = Field(min_length=2, max_length=2000)


class ReminderForm(Form):
    """Remind the debtors of one pool year of what is overdue."""

    pool_year: Line = Field(min_length=1, max_length=40)


class CertificateForm(Form):
    """The year-end certificate of one member, or of all members when none is named."""

    pool_year: Line = Field(min_length=1, max_length=40)
    as_of: Day
    member_uscc: Line = Field("", max_length=18)


class EvidenceForm(Form):
    """An evidence bundle: of what, as known at a moment (empty: now)."""

    subject_kind: Literal["statement", "dispute", "claim", "placement", "obligation"]
    subject: Line = Field(min_length=1, max_length=60)


class DebtForm(Form):
    """What one member owes another."""

    reference: Name
    debtor: Name
    creditor: Name
    amount_fen: PositiveFen
    kind: Line = Field("", max_length=40)


class NettingForm(Form):
    """Any debts, to be settled by a method; `sets`: kinds that may be netted with each other.

    With no set and a netting method all kinds are one set.
    """

    debts: list[DebtForm] = Field(min_length=1, max_length=2000)
    method: Method = Method.MULTILATERAL
    sets: list[list[Line]] = Field(default_factory=list, max_length=50)
    members: list[Name] = Field(default_factory=list, max_length=200)


class LatePaymentForm(Form):
    """A payment on a debt."""

    paid_on: Day
    amount_fen: PositiveFen


class RateStepForm(Form):
    """A rate for the days after a day."""

    from_on: Day
    rate_ppm: Rate


class InterestForm(Form):
    """A debt and its interest. One rate, or several with the day after which each holds.

    Interest runs from the day after `due_on`. With DAY the rate is one of a day.
    """

    principal_fen: PositiveFen
    due_on: Day
    until_on: Day
    rate_ppm: Rate | None = None
    rates: list[RateStepForm] = Field(default_factory=list, max_length=100)
    day_count: DayCount = DayCount.ACT_365
    payments: list[LatePaymentForm] = Field(default_factory=list, max_length=500)
    rounding: Rounding = Rounding.HALF_UP


class LegForm(Form):
    """One amount of one side."""

    reference: Line = Field("", max_length=80)
    amount_fen: SignedFen
    payer: Line = Field("", max_length=80)
    payee: Line = Field("", max_length=80)
    on: Day | None = None
    source: Line = Field("", max_length=80)


class ThreeWayForm(Form):
    """Three sides to be compared."""

    expected: list[LegForm] = Field(default_factory=list, max_length=2000)
    stated: list[LegForm] = Field(default_factory=list, max_length=2000)
    banked: list[LegForm] = Field(default_factory=list, max_length=2000)
    cutoff_on: Day | None = None


class StatementRowForm(Form):
    """Lines of one account and reason; debit positive."""

    account: Name
    reason: Name
    amount_fen: SignedFen
    lines: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1


class StatementWhatIfForm(Form):
    """Periods of one member, one after the other: each brings forward what the last carried."""

    brought_forward_fen: SignedFen = 0
    periods: list[list[StatementRowForm]] = Field(min_length=1, max_length=60)
