"""Subsidy applications (补贴申请): the firm's draft, the committee's steps, what-if."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from catalogue.forms import NoteForm
from catalogue.subsidies import (
    applications,
    approval,
    assessment,
    listing,
    prefill,
    records,
    review,
    what_if,
)
from catalogue.subsidy_forms import (
    ApplicationDraftForm,
    ApplicationForm,
    ApprovalForm,
    MaterialForm,
    OpinionForm,
    ReasonForm,
    WarningNoteForm,
    WhatIfForm,
)
from catalogue.subsidy_shapes import (
    ApplicationLineShape,
    ApplicationPage,
    ApplicationRecord,
    ApplicationState,
    AssessmentShape,
    CandidateShape,
    ChecklistShape,
    PreviewShape,
    WarningNoteShape,
)
from service.api import etag, expected_revision
from service.auth import COMMITTEE, Actor, Role, allow, anyone

FIRM = allow(Role.ENTERPRISE)
READERS = allow(Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
OFFICE = allow(*COMMITTEE, Role.AUDITOR)
OFFICER = allow(Role.COMMITTEE_OFFICER)
APPROVER = allow(Role.COMMITTEE_APPROVER)
REVIEWERS = allow(Role.COMMITTEE_OFFICER, Role.COMMITTEE_APPROVER)
IfMatch = Annotated[
    str | None,
    Parameter(header="If-Match", description="ETag of the record the change is based on, or *"),
]


def with_etag(state: ApplicationState, status_code: int) -> Response[ApplicationState]:
    """The state of an application and its ETag."""
    return Response(state, status_code=status_code, headers={"ETag": etag(state.revision)})


class WhatIfRoutes(Controller):
    """“What would I get?” under a scheme, without writing anything."""

    path = "/schemes/{code:str}"
    tags = ["schemes"]

    @post(
        "/what-if",
        summary="What plain lines would get (测算)",
        operation_id="whatIf",
        opt=anyone(),
        status_code=200,
    )
    async def what_if(self, code: str, data: WhatIfForm) -> PreviewShape:
        return await what_if.what_if(code, data)

    @get(
        "/eligible-policies",
        summary="The firm's policies with what each would get",
        operation_id="listEligiblePolicies",
        opt=FIRM,
    )
    async def candidates(self, code: str, actor: Actor) -> list[CandidateShape]:
        return await prefill.candidates(actor, code)


class ApplicationRoutes(Controller):
    """Applications of a firm (补贴申请)."""

    path = "/applications"
    tags = ["applications"]
    opt = FIRM

    @post("/", summary="Start a draft", operation_id="createApplication")
    async def create(self, data: ApplicationForm, actor: Actor) -> Response[ApplicationState]:
        return with_etag(await applications.create(actor, data), 201)

    @get("/", summary="Applications", operation_id="listApplications", opt=READERS)
    async def list_applications(
        self,
        actor: Actor,
        status: str | None = None,
        scheme: Annotated[str | None, Parameter(description="Code of the scheme")] = None,
        enterprise: Annotated[str | None, Parameter(description="USCC of the firm")] = None,
        q: Annotated[str | None, Parameter(description="Words of number or firm")] = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ApplicationPage:
        return await listing.application_page(actor, status, scheme, enterprise, cursor, limit, q)

    @get("/{number:str}", summary="One application", operation_id="getApplication", opt=READERS)
    async def one(self, number: str, actor: Actor) -> Response[ApplicationRecord]:
        record = await applications.read(actor, number)
        return Response(record, headers={"ETag": etag(record.revision)})

    @put("/{number:str}/draft", summary="Replace the draft", operation_id="changeApplication")
    async def change(
        self, number: str, data: ApplicationDraftForm, actor: Actor, if_match: IfMatch = None
    ) -> Response[ApplicationState]:
        revision = expected_revision(if_match)
        return with_etag(await applications.change(actor, number, data, revision), 200)

    @get("/{number:str}/lines", summary="Lines", operation_id="getLines", opt=READERS)
    async def lines(self, number: str, actor: Actor) -> list[ApplicationLineShape]:
        row = await records.application_row(actor, number)
        return await records.line_shapes(actor, row)

    @post("/{number:str}/materials", summary="Hand in a document", operation_id="addMaterial")
    async def attach(self, number: str, data: MaterialForm, actor: Actor) -> ApplicationState:
        return await applications.attach(actor, number, data)

    @get(
        "/{number:str}/checklist",
        summary="Papers the rule asks for (材料清单)",
        operation_id="getChecklist",
        opt=READERS,
    )
    async def checklist(self, number: str, actor: Actor) -> list[ChecklistShape]:
        return await applications.checklist(actor, number)

    @get(
        "/{number:str}/assessment-preview",
        summary="What it would get now, and what is missing",
        operation_id="previewAssessment",
        opt=READERS,
    )
    async def preview(self, number: str, actor: Actor) -> PreviewShape:
        return await assessment.preview(actor, number)

    @get(
        "/{number:str}/assessment",
        summary="The assessment step by step (测算过程)",
        operation_id="getAssessment",
        opt=READERS,
    )
    async def assessment(self, number: str, actor: Actor) -> AssessmentShape:
        return await assessment.trace(actor, number)

    @post("/{number:str}/submission", summary="Submit", operation_id="submitApplication")
    async def submit(self, number: str, actor: Actor) -> ApplicationState:
        return await applications.submit(actor, number)

    @post("/{number:str}/withdrawal", summary="Withdraw", operation_id="withdrawApplication")
    async def withdraw(self, number: str, data: NoteForm, actor: Actor) -> ApplicationState:
        return await applications.withdraw(actor, number, data.note)


class ReviewRoutes(Controller):
    """The committee's steps on an application (受理、初审、复审、审批)."""

    path = "/applications/{number:str}"
    tags = ["applications"]
    opt = OFFICER

    @post("/acceptance", summary="Accept (受理)", operation_id="acceptApplication")
    async def accept(self, number: str, data: NoteForm, actor: Actor) -> ApplicationState:
        return await review.accept(actor, number, data.note)

    @post("/return", summary="Return for correction", operation_id="returnApplication")
    async def send_back(self, number: str, data: ReasonForm, actor: Actor) -> ApplicationState:
        return await review.send_back_to_firm(actor, number, data.note)

    @post("/refusal", summary="Refuse", operation_id="refuseApplication", opt=REVIEWERS)
    async def refuse(self, number: str, data: ReasonForm, actor: Actor) -> ApplicationState:
        return await review.refuse(actor, number, data.note)

    @post("/first-review", summary="Begin the first review", operation_id="beginApplicationReview")
    async def begin(self, number: str, data: NoteForm, actor: Actor) -> ApplicationState:
        return await review.begin_review(actor, number, data.note)

    @post("/first-opinion", summary="First opinion (初审意见)", operation_id="giveFirstOpinion")
    async def first(self, number: str, data: OpinionForm, actor: Actor) -> ApplicationState:
        return await review.first_opinion(actor, number, data)

    @post(
        "/second-opinion",
        summary="Second opinion, by another person (复审意见)",
        operation_id="giveSecondOpinion",
        opt=REVIEWERS,
    )
    async def second(self, number: str, data: OpinionForm, actor: Actor) -> ApplicationState:
        return await review.second_opinion(actor, number, data)

    @post(
        "/lines/{line:int}/refusal",
        summary="Refuse one line",
        operation_id="refuseLine",
        opt=REVIEWERS,
    )
    async def refuse_line(
        self, number: str, line: int, data: ReasonForm, actor: Actor
    ) -> ApplicationState:
        return await review.refuse_line(actor, number, line, data.note)

    @post("/warning-notes", summary="Note on a warning", operation_id="noteWarning", opt=REVIEWERS)
    async def note_warning(
        self, number: str, data: WarningNoteForm, actor: Actor
    ) -> list[WarningNoteShape]:
        return await review.note_warning(actor, number, data)

    @get("/warning-notes", summary="Notes on warnings", operation_id="listNotes", opt=OFFICE)
    async def notes(self, number: str, actor: Actor) -> list[WarningNoteShape]:
        return await review.warning_notes(actor, number)

    @post("/approval", summary="Approve (批准)", operation_id="approveApplication", opt=APPROVER)
    async def approve(self, number: str, data: ApprovalForm, actor: Actor) -> ApplicationState:
        return await approval.approve(actor, number, data)

    @post(
        "/revocation",
        summary="Revoke an approval before payment",
        operation_id="revokeApproval",
        opt=APPROVER,
    )
    async def revoke(self, number: str, data: ReasonForm, actor: Actor) -> ApplicationState:
        return await approval.revoke(actor, number, data.note)

    @post("/evaluation", summary="Evaluate (绩效评价)", operation_id="evaluateApplication")
    async def evaluate(self, number: str, data: ReasonForm, actor: Actor) -> ApplicationState:
        return await review.evaluate(actor, number, data.note)
