"""Risks (风险提交): drafted, submitted, opened for lines, checked, bound."""

from __future__ import annotations

from litestar import Controller, Response, get, post, put

from catalogue.api.parts import Words, tagged
from catalogue.api.products import IfMatch
from catalogue.api.public import Cursor, Limit
from coinsurance.placement_forms import (
    BindForm,
    CharacterCheckForm,
    LineForm,
    MarketForm,
    NoteForm,
    OffPlatformLineForm,
    RiskChangeForm,
    RiskForm,
    SectionNoteForm,
    SubjectivityForm,
)
from coinsurance.placement_shapes import PlacementState, SigningPreview
from coinsurance.placements import binding, checks, lines, risk_records, risks, subjectivities
from coinsurance.risk_shapes import (
    CheckRecord,
    LineState,
    RiskPage,
    RiskRecord,
    RiskState,
    RoomShape,
    SubjectivityShape,
)
from service.api import expected_revision
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

MEMBERS = allow(*INSURER)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
PARTIES = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)


class RiskRoutes(Controller):
    """A risk of a pool year from its draft to binding."""

    path = "/risks"
    tags = ["placements"]
    opt = MEMBERS

    @get("/", summary="Risks the caller may see", operation_id="listRisks", opt=PARTIES)
    async def list_risks(
        self,
        actor: Actor,
        q: Words = None,
        status: str | None = None,
        pool_year: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> RiskPage:
        return await risk_records.risk_page(actor, q, status, pool_year, cursor, limit)

    @post("/", summary="Draft a risk", operation_id="createRisk")
    async def create(self, data: RiskForm, actor: Actor) -> Response[RiskState]:
        state = await risks.create_risk(actor, data)
        return tagged(state, state.revision, 201)

    @get("/{number:str}", summary="One risk", operation_id="getRisk", opt=PARTIES)
    async def one(self, number: str, actor: Actor) -> Response[RiskRecord]:
        record = await risk_records.risk_record(actor, number)
        return tagged(record, record.revision)

    @put("/{number:str}", summary="Replace a risk before the market", operation_id="changeRisk")
    async def change(
        self, number: str, data: RiskChangeForm, actor: Actor, if_match: IfMatch = None
    ) -> Response[RiskState]:
        revision = expected_revision(if_match)
        state = await risks.change_risk(actor, number, data, revision)
        return tagged(state, state.revision)

    @post("/{number:str}/submission", summary="Submit a risk", operation_id="submitRisk")
    async def submit(self, number: str, actor: Actor) -> RiskState:
        return await risks.submit(actor, number)

    @post("/{number:str}/market", summary="Open a risk for lines", operation_id="openMarket")
    async def market(self, number: str, data: MarketForm, actor: Actor) -> RiskState:
        return await risks.open_market(actor, number, data)

    @post("/{number:str}/withdrawal", summary="Take a risk back", operation_id="withdrawRisk")
    async def withdraw(self, number: str, data: NoteForm, actor: Actor) -> RiskState:
        return await risks.withdraw(actor, number, data)

    @get(
        "/{number:str}/signing",
        summary="What would be signed now, and what is missing",
        operation_id="previewSigning",
        opt=READERS,
    )
    async def signing(self, number: str, actor: Actor) -> SigningPreview:
        return await risk_records.preview(actor, number)

    @get(
        "/{number:str}/capacity",
        summary="What members can still take of a section",
        operation_id="riskCapacity",
        opt=READERS,
    )
    async def capacity(
        self, number: str, actor: Actor, section: str | None = None
    ) -> list[RoomShape]:
        return await risk_records.rooms(actor, number, section)

    @post(
        "/{number:str}/binding",
        summary="Bind a risk",
        operation_id="bindRisk",
        opt=allow(Role.INSURER_MANAGER),
    )
    async def bind(self, number: str, data: BindForm, actor: Actor) -> PlacementState:
        return await binding.bind(actor, number, data)


class LineRoutes(Controller):
    """Lines (份额线) of members on a risk."""

    path = "/risks/{number:str}"
    tags = ["placements"]
    opt = MEMBERS

    @post("/lines", summary="Write the own line", operation_id="writeLine")
    async def write(self, number: str, data: LineForm, actor: Actor) -> LineState:
        return await lines.write_line(actor, number, data)

    @put("/lines/{line_id:int}", summary="Write the own line again", operation_id="changeLine")
    async def change(
        self,
        number: str,
        line_id: int,
        data: LineForm,
        actor: Actor,
        if_match: IfMatch = None,
    ) -> Response[LineState]:
        revision = expected_revision(if_match)
        state = await lines.change_line(actor, number, line_id, data, revision)
        return tagged(state, state.revision)

    @post(
        "/off-platform-lines",
        summary="Record a line given on paper, with its evidence",
        operation_id="recordOffPlatformLine",
    )
    async def off_platform(
        self, number: str, data: OffPlatformLineForm, actor: Actor
    ) -> LineState:
        return await lines.write_off_platform(actor, number, data)

    @post("/declinations", summary="Decline a section", operation_id="declineLine")
    async def decline(self, number: str, data: SectionNoteForm, actor: Actor) -> LineState:
        return await lines.decline(actor, number, data)

    @post(
        "/cut-consents",
        summary="Let the own line to stand be cut",
        operation_id="consentToCut",
    )
    async def consent_to_cut(self, number: str, data: SectionNoteForm, actor: Actor) -> LineState:
        return await lines.consent_to_cut(actor, number, data)

    @post(
        "/subjectivities",
        summary="Raise a condition with a deadline",
        operation_id="raiseSubjectivity",
    )
    async def raise_subjectivity(
        self, number: str, data: SubjectivityForm, actor: Actor
    ) -> SubjectivityShape:
        return await subjectivities.raise_one(actor, number, data)

    @post(
        "/subjectivities/{serial:int}/fulfilment",
        summary="Say how a condition was met",
        operation_id="meetSubjectivity",
    )
    async def meet(
        self, number: str, serial: int, data: NoteForm, actor: Actor
    ) -> SubjectivityShape:
        return await subjectivities.meet(actor, number, serial, data)

    @post(
        "/subjectivities/{serial:int}/waiver",
        summary="Waive a condition",
        operation_id="waiveSubjectivity",
    )
    async def waive(
        self, number: str, serial: int, data: NoteForm, actor: Actor
    ) -> SubjectivityShape:
        return await subjectivities.waive(actor, number, serial, data)

    @post(
        "/character-checks",
        summary="Check the legal character (共保法律性质核查)",
        operation_id="checkCharacter",
    )
    async def check(self, number: str, data: CharacterCheckForm, actor: Actor) -> CheckRecord:
        return await checks.make(actor, number, data)

    @get(
        "/character-checks",
        summary="Legal-character checks of a risk",
        operation_id="listCharacterChecks",
        opt=PARTIES,
    )
    async def list_checks(self, number: str, actor: Actor) -> list[CheckRecord]:
        return await checks.records(actor, number)

    @get(
        "/character-checks/{check:str}",
        summary="A legal-character check, to be printed",
        operation_id="getCharacterCheck",
        opt=PARTIES,
    )
    async def one_check(self, number: str, check: str, actor: Actor) -> CheckRecord:
        return await checks.record(actor, number, check)
