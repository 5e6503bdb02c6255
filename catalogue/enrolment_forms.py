"""Forms of insured objects, contracts, enrolments and qualifications. Amounts in fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalogue.rules.subsidy.nouns import CountedBy, Material, Relation, SubjectKind
from service.kernel.forms import FEN_MAX, Day, Flag, Form, Id, Line, Whole, Words

PositiveFen = Annotated[Whole, Field(ge=1, le=FEN_MAX)]
Count = Annotated[Whole, Field(ge=1, le=10_000_000)]


class ParameterForm(Form):
    """A parameter of the object as measured or declared."""

    name: Line = Field(min_length=1, max_length=60)
    value: Line = Field(min_length=1, max_length=60)
    unit: Line = Field("", max_length=20)


class DeclaredForm(Form):
    """What the firm declares of an object for the rules that ask for it; all may be left out."""

    counted_by: CountedBy | None = None
    key_part: Flag | None = None
    customised: Flag | None = None
    in_compensated_set: Flag | None = None
    permit_number: Line = Field("", max_length=60)
    on_sale_since: Day | None = None
    completed_on: Day | None = None
    rd_spend_fen: PositiveFen | None = None


class ObjectForm(Form):
    """Equipment, material or software; `edition` and `item` name a row of a catalogue."""

    kind: SubjectKind
    name: Line = Field(min_length=2, max_length=200)
    level: Literal["", "international", "national", "provincial"] = ""
    edition: Line = Field("", max_length=40)
    item: Line = Field("", max_length=40)
    value_fen: PositiveFen | None = None
    parameters: list[ParameterForm] = Field(default_factory=list, max_length=60)
    serial_numbers: list[Annotated[Line, Field(min_length=1, max_length=80)]] = Field(
        default_factory=list, max_length=500
    )
    variety: Line = Field("", max_length=120)
    batch: Line = Field("", max_length=60)
    software_version: Line = Field("", max_length=40)
    copyright_number: Line = Field("", max_length=40)
    test_report_number: Line = Field("", max_length=60)
    test_report_body: Line = Field("", max_length=120)
    test_report_marks: list[Literal["CMA", "CNAS"]] = Field(default_factory=list, max_length=2)
    declared: DeclaredForm = DeclaredForm()


class ContractForm(Form):
    """The sale of an object; delivery and acceptance may be filled in later."""

    number: Line = Field(min_length=1, max_length=80)
    buyer_name: Line = Field(min_length=1, max_length=120)
    buyer_uscc: Line = Field(min_length=1, max_length=30)
    buyer_relation: Relation
    signed_on: Day
    amount_fen: PositiveFen
    quantity: Count
    unit_price_fen: PositiveFen | None = None
    invoice_number: Line = Field("", max_length=40)
    invoiced_on: Day | None = None
    delivered_on: Day | None = None
    delivery_place: Line = Field("", max_length=200)
    accepted_on: Day | None = None


class ObjectDocumentForm(Form):
    """An uploaded document and what it proves about the object."""

    document: Id
    material: Material


class EnrolmentForm(Form):
    """An object of the firm, the policy that insures it, and the sale where there is one."""

    object: Line = Field(min_length=1, max_length=20)
    policy_id: Id
    contract_id: Id | None = None


class QualificationForm(Form):
    """Ask for a qualification with a money quota for an object."""

    object: Line = Field(min_length=1, max_length=20)
    asked_fen: PositiveFen
    note: Words = Field("", max_length=4000)


class GrantForm(Form):
    """Grant a quota from the first to the last day of validity."""

    quota_fen: PositiveFen
    valid_from: Day
    valid_to: Day
    note: Words = Field("", max_length=4000)


class RequiredForm(Form):
    """A parameter that a catalogue row asks for; `high` is the upper end of a range."""

    name: Line = Field(min_length=1, max_length=60)
    operator: Literal["≥", "≤", "=", "range"]
    value: Line = Field(min_length=1, max_length=60)
    unit: Line = Field("", max_length=20)
    high: Line = Field("", max_length=60)


class ItemForm(Form):
    """One row of an edition."""

    number: Line = Field(min_length=1, max_length=40)
    name: Line = Field(min_length=1, max_length=200)
    parameters: list[RequiredForm] = Field(default_factory=list, max_length=60)


class EditionForm(Form):
    """A new edition of a catalogue; the edition before it ends on the day before."""

    code: Line = Field(min_length=1, max_length=40)
    title: Line = Field(min_length=1, max_length=200)
    kind: Literal["first_set", "first_batch", "first_version"]
    valid_from: Day
    source: Words = Field(min_length=1, max_length=2000)
    example: Flag = False
    items: list[ItemForm] = Field(min_length=1, max_length=5000)


class EditionRowForm(Form):
    """A row of a file of editions: an item, with one of the parameters that it asks for."""

    number: Line = Field(min_length=1, max_length=40)
    name: Line = Field(min_length=1, max_length=200)
    parameter: Line = Field("", max_length=60)
    operator: Literal["", "≥", "≤", "=", "range"] = ""
    value: Line = Field("", max_length=60)
    high: Line = Field("", max_length=60)
    unit: Line = Field("", max_length=20)


class ImportedEditionForm(Form):
    """An edition as a file holds it; rows of the same number are one item."""

    code: Line = Field(min_length=1, max_length=40)
    title: Line = Field(min_length=1, max_length=200)
    kind: Literal["first_set", "first_batch", "first_version"]
    valid_from: Day
    source: Words = Field(min_length=1, max_length=2000)
    example: Flag = False
    rows: list[EditionRowForm] = Field(min_length=1, max_length=5000)
