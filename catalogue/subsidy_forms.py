"""Forms of subsidy applications: draft, review, public notice, objections. Amounts in fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalogue.rules.subsidy.nouns import CountedBy, Level, Material, SubjectKind
from service.kernel.forms import FEN_MAX, Day, Fen, Flag, Form, Id, Line, Ppm, Whole, Words

Count = Annotated[Whole, Field(ge=0, le=10_000_000)]
Position = Annotated[Whole, Field(ge=1, le=1000)]
PositiveFen = Annotated[Whole, Field(ge=1, le=FEN_MAX)]


class FirmFactsForm(Form):
    """What the firm declares of itself; the registry knows name, place, statuses and bans."""

    registered_on: Day | None = None
    revenue_fen: Fen | None = None
    staff_count: Count | None = None
    rd_share_ppm: Ppm | None = None
    credit_good: Flag | None = None


class LineFactsForm(Form):
    """What the firm declares of a line. It fills only what the registry does not know."""

    product_class: Line = Field("", max_length=40)
    first_time: Flag | None = None
    invoice_on: Day | None = None
    package_compulsory: Count | None = None
    package_optional: Count | None = None
    counted_by: CountedBy | None = None
    ordinal: Count | None = None
    units: Count | None = None
    key_part: Flag | None = None
    customised: Flag | None = None
    in_compensated_set: Flag | None = None
    permit_number: Line = Field("", max_length=60)
    on_sale_since: Day | None = None
    completed_on: Day | None = None
    rd_spend_fen: Fen | None = None
    insurer_capital_fen: Fen | None = None
    insurer_solvency_ppm: Annotated[Whole, Field(ge=0, le=100_000_000)] | None = None


class LineForm(Form):
    """One line: a policy of the firm, its enrolment and qualification by number."""

    policy: Id
    enrolment: Line = Field("", max_length=20)
    qualification: Line = Field("", max_length=20)
    facts: LineFactsForm = LineFactsForm()


class MaterialForm(Form):
    """An uploaded document for one item of the checklist."""

    material: Material
    document: Id


class ApplicationDraftForm(Form):
    """A draft as a whole; everything may be missing until it is submitted."""

    contact_name: Line = Field("", max_length=60)
    contact_phone: Line = Field("", max_length=40)
    bank_name: Line = Field("", max_length=120)
    account_name: Line = Field("", max_length=120)
    account_number: Line = Field("", max_length=40)
    statement_signed_by: Line = Field("", max_length=60)
    firm: FirmFactsForm = FirmFactsForm()
    lines: list[LineForm] = Field(default_factory=list, max_length=500)
    materials: list[MaterialForm] = Field(default_factory=list, max_length=500)


class ApplicationForm(ApplicationDraftForm):
    """A new application for an open scheme."""

    scheme: Line = Field(min_length=1, max_length=40)


class ReasonForm(Form):
    """A step that needs its reason."""

    note: Words = Field(min_length=1, max_length=4000)


class OpinionForm(Form):
    """A reviewer's opinion; a note is needed where the step sends the application back."""

    passed: Flag
    note: Words = Field("", max_length=4000)


class ApprovalForm(Form):
    """Approve; `accept_lower` where less is left than the notice said."""

    note: Words = Field("", max_length=4000)
    accept_lower: Flag = False


class WarningNoteForm(Form):
    """Why a warning on a line may pass."""

    line: Position
    code: Line = Field(min_length=1, max_length=60)
    note: Words = Field(min_length=1, max_length=4000)


class NoticeForm(Form):
    """A public notice over the applications that passed the second review; empty: all of them."""

    title: Line = Field(min_length=2, max_length=200)
    from_on: Day | None = None
    applications: list[Annotated[Line, Field(max_length=20)]] = Field(
        default_factory=list, max_length=2000
    )


EVIDENCE_FILES_MAX = 3
EVIDENCE_BASE64_MAX = 14 * 1_048_576


class EvidenceForm(Form):
    """A file that shows what an objection says: PDF, picture, Word or Excel, in base64."""

    file_name: Line = Field(min_length=1, max_length=200)
    content_base64: str = Field(min_length=1, max_length=EVIDENCE_BASE64_MAX)


class ObjectionToNoticeForm(Form):
    """An objection by anybody, under the real name; only the committee sees who objects.

    The evidence may be handed in as files, 10 MB in all.
    """

    application: Line = Field(min_length=1, max_length=20)
    line: Position
    name: Line = Field(min_length=2, max_length=120)
    contact: Line = Field(min_length=5, max_length=120)
    text: Words = Field(min_length=10, max_length=4000)
    evidence: list[EvidenceForm] = Field(default_factory=list, max_length=EVIDENCE_FILES_MAX)


class ObjectionDecisionForm(Form):
    """What was decided on an objection and why."""

    upheld: Flag
    outcome: Words = Field(min_length=1, max_length=4000)


class WhatIfLineForm(Form):
    """A line in plain words; what is left out is taken to meet the rule."""

    kind: SubjectKind
    premium_fen: PositiveFen
    limit_fen: PositiveFen
    sum_insured_fen: PositiveFen | None = None
    start_on: Day | None = None
    cover_year: Annotated[Whole, Field(ge=1, le=50)] = 1
    level: Level | Literal[""] = ""
    product_class: Line = Field("", max_length=40)
    first_time: Flag | None = None
    value_fen: PositiveFen | None = None
    contract_fen: PositiveFen | None = None
    claim_paid_fen: Fen | None = None
    premium_paid_own_fen: Fen | None = None
    quota_left_fen: Fen | None = None
    other_public_fen: Fen = 0
    package_compulsory: Count | None = None
    package_optional: Count | None = None


class WhatIfForm(Form):
    """“What would I get?” for lines nobody has recorded. Nothing is written."""

    lines: list[WhatIfLineForm] = Field(min_length=1, max_length=50)
    applied_on: Day | None = None
