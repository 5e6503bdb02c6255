"""The steps of a filing, each a sub-resource of the product."""

from __future__ import annotations

from litestar import Controller, get, post

from catalogue.forms import (
    EffectiveForm,
    NoteForm,
    RecommendationForm,
    ResponseForm,
    ReturnForm,
)
from catalogue.products import decision, desk, filing
from catalogue.products.filing import FilingState
from catalogue.shapes import FindingList, FindingShape
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

OFFICER = allow(Role.COMMITTEE_OFFICER)
APPROVER = allow(Role.COMMITTEE_APPROVER)


class FilingRoutes(Controller):
    """From submission to the decision (报送与审核)."""

    path = "/products/{number:str}"
    tags = ["filing"]

    @get(
        "/findings",
        summary="What submission would say now",
        operation_id="getFilingFindings",
        opt=allow(*INSURER, *COMMITTEE, Role.AUDITOR),
    )
    async def findings(self, number: str, actor: Actor) -> FindingList:
        found = await filing.filing_findings(actor, number)
        shapes = [FindingShape(**f.as_dict()) for f in found]  # type: ignore[arg-type]
        return FindingList(not any(f.blocks for f in found), shapes)

    @get(
        "/likenesses",
        summary="Other entries that may be the same product",
        operation_id="getLikenesses",
        opt=allow(*COMMITTEE, Role.AUDITOR),
    )
    async def likenesses(self, number: str, actor: Actor) -> list[desk.LikenessShape]:
        return await desk.alike(actor, number)

    @post("/submission", summary="Submit", operation_id="submit", opt=allow(*INSURER))
    async def submit(self, number: str, data: NoteForm, actor: Actor) -> FilingState:
        return await filing.submit(actor, number, data)

    @post("/acceptance", summary="Accept (受理)", operation_id="accept", opt=OFFICER)
    async def accept(self, number: str, data: NoteForm, actor: Actor) -> FilingState:
        return await filing.accept(actor, number, data)

    @post("/return", summary="Return (退回补正)", operation_id="return", opt=OFFICER)
    async def give_back(self, number: str, data: ReturnForm, actor: Actor) -> FilingState:
        return await filing.give_back(actor, number, data)

    @post(
        "/objections/{objection:int}/responses",
        summary="Answer an objection",
        operation_id="respond",
        opt=allow(*INSURER),
    )
    async def respond(
        self, number: str, objection: int, data: ResponseForm, actor: Actor
    ) -> FilingState:
        return await filing.respond(actor, number, objection, data)

    @post("/review", summary="Begin the review", operation_id="beginReview", opt=OFFICER)
    async def begin_review(self, number: str, data: NoteForm, actor: Actor) -> FilingState:
        return await filing.begin_review(actor, number, data)

    @post("/notes", summary="Internal note", operation_id="writeNote", opt=allow(*COMMITTEE))
    async def note(self, number: str, data: ResponseForm, actor: Actor) -> FilingState:
        return await filing.write_note(actor, number, data)

    @post("/recommendation", summary="Recommend", operation_id="recommend", opt=OFFICER)
    async def recommend(self, number: str, data: RecommendationForm, actor: Actor) -> FilingState:
        return await filing.recommend(actor, number, data)

    @post("/entry", summary="Enter into the library", operation_id="enter", opt=APPROVER)
    async def enter(self, number: str, data: EffectiveForm, actor: Actor) -> FilingState:
        return await decision.enter(actor, number, data)

    @post("/rejection", summary="Reject (不予入库)", operation_id="reject", opt=APPROVER)
    async def reject(self, number: str, data: NoteForm, actor: Actor) -> FilingState:
        return await decision.reject(actor, number, data)

    @post(
        "/abandonment",
        summary="Withdraw an undecided filing",
        operation_id="abandon",
        opt=allow(*INSURER),
    )
    async def abandon(self, number: str, data: NoteForm, actor: Actor) -> FilingState:
        return await filing.abandon(actor, number, data)
