"""What may be written: the forms of API, console and Excel import, one model for all three.

Amounts are integer fen, rates parts per million; limits of length stand here and nowhere else.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalogue.rules.facts import ClauseFacts, ComponentFacts
from catalogue.rules.nouns import Basis, ClauseKind, Stage
from service.kernel.forms import Day, Fen, Flag, Form, Id, Line, Ppm, Whole, Words


class ClauseForm(Form):
    """A filed clause with its file number (备案编号) and registration number (注册号)."""

    kind: ClauseKind = ClauseKind.MAIN
    title: Line = Field(min_length=1, max_length=200)
    file_number: Line = Field("", max_length=120)
    registration_number: Line = Field("", max_length=40)
    model_clause: Line = Field("", max_length=200)

    def facts(self) -> ClauseFacts:
        return ClauseFacts(**{**self.model_dump(), "kind": self.kind.value})


class ComponentForm(Form):
    """A coverage component (保障责任)."""

    name: Line = Field(min_length=1, max_length=120)
    event: Words = Field(min_length=1, max_length=2000)
    exclusions: Words = Field("", max_length=4000)
    limit_fen: Fen | None = None
    deductible_fen: Fen | None = None
    deductible_ppm: Ppm | None = None
    waiting_days: Annotated[Whole, Field(ge=0, le=3650)] = 0
    basis: Basis = Basis.OCCURRENCE

    def facts(self) -> ComponentFacts:
        return ComponentFacts(**{**self.model_dump(), "basis": self.basis.value})


class AttachedDocument(Form):
    """A document already uploaded, and whether the public may read it."""

    id: Id
    public: Flag = False


class DraftForm(Form):
    """What one version of a product says. A draft may be incomplete; submission checks it."""

    name: Line = Field(min_length=2, max_length=120)
    summary: Words = Field("", max_length=2000)
    main_section: Line = Field("", max_length=40)
    stages: list[Stage] = Field(default_factory=list, max_length=4)
    industries: list[Annotated[Line, Field(min_length=1, max_length=40)]] = Field(
        default_factory=list, max_length=20
    )
    target_enterprises: Words = Field("", max_length=2000)
    eligibility: Words = Field("", max_length=2000)
    evidence: list[Annotated[Line, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list, max_length=30
    )
    rate_min_ppm: Ppm | None = None
    rate_max_ppm: Ppm | None = None
    sum_min_fen: Fen | None = None
    sum_max_fen: Fen | None = None
    contact_name: Line = Field("", max_length=60)
    contact_phone: Line = Field("", max_length=40)
    contact_email: Line = Field("", max_length=120)
    clauses: list[ClauseForm] = Field(default_factory=list, max_length=30)
    components: list[ComponentForm] = Field(default_factory=list, max_length=30)
    documents: list[AttachedDocument] = Field(default_factory=list, max_length=50)


class ProductForm(DraftForm):
    """A new product: its type (code of the product type) and the first draft."""

    type_code: Line = Field(min_length=1, max_length=20)


class NoteForm(Form):
    """A step with its reason; some steps insist on one."""

    note: Words = Field("", max_length=4000)


class ObjectionForm(Form):
    """One objection: the field it is about and what must be put right."""

    field: Line = Field("", max_length=80)
    text: Words = Field(min_length=1, max_length=4000)


class ReturnForm(NoteForm):
    """Return for correction (退回补正) with at least one objection."""

    objections: list[ObjectionForm] = Field(min_length=1, max_length=50)


class ResponseForm(Form):
    """The insurer's answer to one objection."""

    text: Words = Field(min_length=1, max_length=4000)


class RecommendationForm(NoteForm):
    """The reviewing officer's recommendation; the approver decides."""

    enter: Flag


class EffectiveForm(NoteForm):
    """A step that changes the library from a day on (default: today)."""

    effective_on: Day | None = None


class CorrectionForm(Form):
    """Correct one wrong library fact: another day, or void; the reason is kept."""

    fact_id: Id
    effective_on: Day | None = None
    void: Flag = False
    note: Words = Field(min_length=1, max_length=4000)
