"""Claims (赔案): notice, survey, assessment, decision, payment, recovery, closing."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import Parameter

from catalogue.api.parts import Words, tagged
from catalogue.api.products import document_response
from catalogue.api.public import Cursor, Limit
from coinsurance.claim_explain_shapes import Explanation
from coinsurance.claim_forms import (
    AcknowledgementForm,
    AssessmentForm,
    CashCallForm,
    ClaimFileForm,
    ClaimForm,
    ConsentAskForm,
    DecisionForm,
    ExpenseForm,
    FlagsForm,
    NoticeForm,
    OverrideForm,
    PaymentForm,
    ReasonForm,
    RecoveryForm,
    RegistrationForm,
    ReopeningForm,
    ReserveForm,
    ReversalForm,
    ServiceForm,
    SurveyForm,
)
from coinsurance.claim_shapes import (
    AlertPage,
    AlertShape,
    ClaimPage,
    ClaimRecord,
    ClaimState,
    NoticeState,
    OverrideState,
)
from coinsurance.claims import (
    alerts,
    calls,
    consenting,
    cover,
    deciding,
    explaining,
    files,
    listing,
    moving,
    notices,
    notifying,
    paying,
    records,
    surveys,
)
from coinsurance.rules.claims.nouns import RECOVERY_KINDS, RESERVE_KINDS, MovementKind
from service.auth import COMMITTEE, INSURER, Actor, Role, allow, confirming

MEMBERS = allow(*INSURER)
MANAGERS = allow(Role.INSURER_MANAGER)
PARTIES = allow(*INSURER, Role.ENTERPRISE)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
ALL = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
WATCHERS = allow(*COMMITTEE, Role.AUDITOR)
Since = Annotated[date | None, Parameter(description="First day of loss")]
Until = Annotated[date | None, Parameter(description="Last day of loss")]
AsOf = Annotated[date | None, Parameter(description="Day to judge for; today unless told")]


class ClaimRoutes(Controller):
    """A claim on a placement of a pool, or on a policy of a single insurer."""

    path = "/claims"
    tags = ["claims"]
    opt = MEMBERS

    @get("/", summary="Claims the caller may see", operation_id="listClaims", opt=ALL)
    async def list_claims(
        self,
        actor: Actor,
        q: Words = None,
        status: str | None = None,
        pool_year: str | None = None,
        placement: str | None = None,
        loss_from: Since = None,
        loss_to: Until = None,
        flag: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ClaimPage:
        asked = listing.Asked(q, status, pool_year, placement, loss_from, loss_to, flag)
        return await listing.claim_page(actor, asked, cursor, limit)

    @post("/", summary="Notify a loss", operation_id="notifyClaim", opt=PARTIES)
    async def notify(self, data: ClaimForm, actor: Actor) -> Response[ClaimState]:
        state = await notifying.notify(actor, data)
        return tagged(state, state.revision, 201)

    @get("/{number:str}", summary="One claim", operation_id="getClaim", opt=ALL)
    async def one(self, number: str, actor: Actor) -> Response[ClaimRecord]:
        record = await records.claim_record(actor, number)
        return tagged(record, record.revision)

    @get(
        "/{number:str}/explanation",
        summary="Why a claim comes to what it does",
        operation_id="explainClaim",
        opt=READERS,
    )
    async def explanation(self, number: str, actor: Actor, as_of: AsOf = None) -> Explanation:
        return await explaining.explain(actor, number, as_of)

    @post("/{number:str}/registration", summary="Register", operation_id="registerClaim")
    async def register(self, number: str, data: RegistrationForm, actor: Actor) -> ClaimState:
        return await notifying.register(actor, number, data)

    @post("/{number:str}/flags", summary="Complexity flags", operation_id="flagClaim")
    async def flag(self, number: str, data: FlagsForm, actor: Actor) -> ClaimState:
        return await notifying.set_flags(actor, number, data)

    @post("/{number:str}/notices", summary="Send notices", operation_id="sendClaimNotices")
    async def send(self, number: str, data: NoticeForm, actor: Actor) -> NoticeState:
        return await notices.send(actor, number, data)

    @post("/{number:str}/service", summary="Notices were served", operation_id="serveClaimNotices")
    async def serve(self, number: str, data: ServiceForm, actor: Actor) -> NoticeState:
        return await notices.serve(actor, number, data)

    @post(
        "/{number:str}/acknowledgements",
        summary="A member acknowledges its notice",
        operation_id="acknowledgeClaimNotice",
    )
    async def acknowledge(
        self, number: str, data: AcknowledgementForm, actor: Actor
    ) -> NoticeState:
        return await notices.acknowledge(actor, number, data)

    @post("/{number:str}/surveys", summary="A survey was held", operation_id="surveyClaim")
    async def survey(self, number: str, data: SurveyForm, actor: Actor) -> ClaimState:
        return await surveys.hold(actor, number, data)

    @post("/{number:str}/files", summary="Attach a document", operation_id="attachClaimFile")
    async def attach(self, number: str, data: ClaimFileForm, actor: Actor) -> ClaimState:
        return await files.attach(actor, number, data)

    @get(
        "/{number:str}/files/{document_id:int}",
        summary="Read a document of a claim",
        operation_id="readClaimFile",
        opt=READERS,
        media_type="application/octet-stream",
    )
    async def read_file(self, number: str, document_id: int, actor: Actor) -> Response[bytes]:
        return document_response(await files.read(actor, number, document_id))

    @post("/{number:str}/assessment", summary="Assess", operation_id="assessClaim")
    async def assess(self, number: str, data: AssessmentForm, actor: Actor) -> ClaimState:
        return await cover.assess(actor, number, data)


class ClaimDecisionRoutes(Controller):
    """Decisions on a claim, by authority or with the members' consent."""

    path = "/claims/{number:str}"
    tags = ["claims"]
    opt = MANAGERS

    @post("/consent", summary="Ask for consent", operation_id="askClaimConsent")
    async def ask(self, number: str, data: ConsentAskForm, actor: Actor) -> ClaimState:
        return await consenting.ask(actor, number, data)

    @post(
        "/consent-withdrawal",
        summary="Withdraw the question",
        operation_id="withdrawClaimConsent",
    )
    async def withdraw(self, number: str, data: ReasonForm, actor: Actor) -> ClaimState:
        return await consenting.withdraw(actor, number, data)

    @post("/agreement", summary="Agree to pay", operation_id="agreeClaim")
    async def agree(self, number: str, data: DecisionForm, actor: Actor) -> ClaimState:
        return await deciding.agree(actor, number, data)

    @post("/declination", summary="Decline", operation_id="declineClaim")
    async def decline(self, number: str, data: ReasonForm, actor: Actor) -> ClaimState:
        return await deciding.decline(actor, number, data)

    @post("/dispute", summary="Dispute", operation_id="disputeClaim", opt=PARTIES)
    async def dispute(self, number: str, data: ReasonForm, actor: Actor) -> ClaimState:
        return await deciding.dispute(actor, number, data)

    @post("/closing", summary="Close", operation_id="closeClaim")
    async def close(self, number: str, data: ReasonForm, actor: Actor) -> ClaimState:
        return await deciding.close(actor, number, data)

    @post("/reopening", summary="Reopen", operation_id="reopenClaim")
    async def reopen(self, number: str, data: ReopeningForm, actor: Actor) -> ClaimState:
        return await deciding.reopen(actor, number, data)


class ClaimMoneyRoutes(Controller):
    """Reserves, payments, expenses, recoveries and cash calls of a claim."""

    path = "/claims/{number:str}"
    tags = ["claims"]
    opt = MEMBERS

    @post("/reserves", summary="Set a reserve", operation_id="reserveClaim")
    async def reserve(self, number: str, data: ReserveForm, actor: Actor) -> ClaimState:
        return await moving.reserve(actor, number, data)

    @post(
        "/reserves/{movement:int}/reversal",
        summary="Reverse a reserve",
        operation_id="reverseClaimReserve",
    )
    async def reverse_reserve(
        self, number: str, movement: int, data: ReversalForm, actor: Actor
    ) -> ClaimState:
        return await moving.reverse(actor, number, movement, data, *RESERVE_KINDS)

    @post("/payments", summary="Pay, or advance", operation_id="payClaim", opt=confirming())
    async def pay(self, number: str, data: PaymentForm, actor: Actor) -> ClaimState:
        return await paying.pay(actor, number, data)

    @post(
        "/payments/{movement:int}/reversal",
        summary="Reverse a payment",
        operation_id="reverseClaimPayment",
    )
    async def reverse_payment(
        self, number: str, movement: int, data: ReversalForm, actor: Actor
    ) -> ClaimState:
        return await paying.reverse_payment(actor, number, movement, data)

    @post(
        "/payment-overrides",
        summary="Answer for one more payment to a beneficiary",
        operation_id="overrideClaimPayment",
        opt=MANAGERS,
    )
    async def override(self, number: str, data: OverrideForm, actor: Actor) -> OverrideState:
        return await paying.override(actor, number, data)

    @post("/expenses", summary="Book an expense", operation_id="bookClaimExpense")
    async def expense(self, number: str, data: ExpenseForm, actor: Actor) -> ClaimState:
        return await moving.expense(actor, number, data)

    @post(
        "/expenses/{movement:int}/reversal",
        summary="Reverse an expense",
        operation_id="reverseClaimExpense",
    )
    async def reverse_expense(
        self, number: str, movement: int, data: ReversalForm, actor: Actor
    ) -> ClaimState:
        return await moving.reverse(actor, number, movement, data, MovementKind.EXPENSE)

    @post("/recoveries", summary="Book a recovery or salvage", operation_id="recoverClaim")
    async def recover(self, number: str, data: RecoveryForm, actor: Actor) -> ClaimState:
        return await moving.recover(actor, number, data)

    @post(
        "/recoveries/{movement:int}/reversal",
        summary="Reverse a recovery",
        operation_id="reverseClaimRecovery",
    )
    async def reverse_recovery(
        self, number: str, movement: int, data: ReversalForm, actor: Actor
    ) -> ClaimState:
        return await moving.reverse(actor, number, movement, data, *RECOVERY_KINDS)

    @post("/cash-calls", summary="Ask for money in advance", operation_id="callClaimCash")
    async def call(self, number: str, data: CashCallForm, actor: Actor) -> ClaimState:
        return await calls.call(actor, number, data)

    @post(
        "/cash-calls/{call:str}/release",
        summary="Release a cash call",
        operation_id="releaseCashCall",
    )
    async def release(self, number: str, call: str, data: ReasonForm, actor: Actor) -> ClaimState:
        return await calls.release(actor, number, call, data)


class LargeLossRoutes(Controller):
    """Large losses (大额损失预警) for the committee and the auditor."""

    path = "/large-losses"
    tags = ["claims"]
    opt = WATCHERS

    @get("/", summary="Large losses, newest first", operation_id="listLargeLosses")
    async def page(
        self, unread: bool | None = None, cursor: Cursor = None, limit: Limit = None
    ) -> AlertPage:
        return await alerts.alert_page(unread, cursor, limit)

    @post(
        "/{number:str}/reading",
        summary="The alert was read",
        operation_id="readLargeLoss",
        opt=allow(*COMMITTEE),
    )
    async def read(self, number: str, actor: Actor) -> AlertShape:
        return await alerts.read(actor, number)
