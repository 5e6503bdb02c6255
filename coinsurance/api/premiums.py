"""Premium of placements: receipts, movements, reversals, endorsements, shares, explanations."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from coinsurance.premium_forms import (
    EndorsementStepForm,
    PoolEndorsementForm,
    PoolReceiptForm,
    PoolUndoForm,
    ReversalForm,
    ShareEffectForm,
    ShareProposalForm,
    ShareTakingForm,
    TakingForm,
)
from coinsurance.premium_record_shapes import (
    BalanceList,
    EndorsementList,
    PartPage,
    PremiumExplanation,
)
from coinsurance.premium_shapes import EndorsementState, ShareChangeState, TakenAnswer
from coinsurance.premiums import endorsing, issuing, receipts, records, shares
from service.auth import COMMITTEE, INSURER, Actor, Role, allow, confirming

MANAGER = allow(Role.INSURER_MANAGER)
APPROVER = allow(Role.COMMITTEE_APPROVER)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
Member = Annotated[str | None, Parameter(description="Credit code (USCC) of one member")]


class PremiumRoutes(Controller):
    """What comes in on a placement and whose it is."""

    path = "/placements/{number:str}"
    tags = ["premium"]
    opt = allow(*INSURER)

    @post(
        "/receipts",
        summary="Premium received",
        operation_id="receivePoolPremium",
        opt=confirming(),
    )
    async def receive(self, number: str, data: PoolReceiptForm, actor: Actor) -> TakenAnswer:
        return await receipts.receive(actor, number, data)

    @post("/movements", summary="Take up receipts recorded elsewhere", operation_id="takeUpPremium")
    async def take_up(self, number: str, data: TakingForm, actor: Actor) -> TakenAnswer:
        return await receipts.take_up(actor, number, data)

    @post(
        "/receipts/{movement:int}/reversal",
        summary="Reverse a receipt exactly",
        operation_id="reversePoolPremium",
    )
    async def reverse(
        self, number: str, movement: int, data: ReversalForm, actor: Actor
    ) -> TakenAnswer:
        return await receipts.reverse(actor, number, movement, data)

    @post("/endorsements", summary="Propose an endorsement", operation_id="proposeEndorsement")
    async def propose(
        self, number: str, data: PoolEndorsementForm, actor: Actor
    ) -> EndorsementState:
        return await endorsing.propose(actor, number, data)

    @post(
        "/endorsements/{which:int}/issue",
        summary="Issue a consented endorsement",
        operation_id="issueEndorsement",
        opt=MANAGER,
    )
    async def issue(
        self, number: str, which: int, data: EndorsementStepForm, actor: Actor
    ) -> EndorsementState:
        return await issuing.issue(actor, number, which, data)

    @post(
        "/endorsements/{which:int}/withdrawal",
        summary="Withdraw an endorsement",
        operation_id="withdrawEndorsement",
    )
    async def withdraw(
        self, number: str, which: int, data: EndorsementStepForm, actor: Actor
    ) -> EndorsementState:
        return await endorsing.withdraw(actor, number, which, data)

    @post(
        "/endorsements/{which:int}/undoing",
        summary="Propose to undo an endorsement",
        operation_id="undoPoolEndorsement",
    )
    async def undo(
        self, number: str, which: int, data: PoolUndoForm, actor: Actor
    ) -> EndorsementState:
        return await endorsing.propose_undo(actor, number, which, data)

    @post(
        "/share-schedules",
        summary="Propose new shares from a day on",
        operation_id="proposePlacementShares",
    )
    async def propose_shares(
        self, number: str, data: ShareProposalForm, actor: Actor
    ) -> list[ShareChangeState]:
        return await shares.propose(actor, number, data)

    @post(
        "/share-schedules/{schedule:str}/effect",
        summary="Let consented shares take effect",
        operation_id="effectPlacementShares",
        opt=APPROVER,
    )
    async def take_effect(
        self, number: str, schedule: str, data: ShareEffectForm, actor: Actor
    ) -> ShareChangeState:
        return await shares.take_effect(actor, number, schedule, data)

    @post(
        "/share-changes",
        summary="Move premium by a change of shares",
        operation_id="takeUpShareChange",
    )
    async def change_shares(self, number: str, data: ShareTakingForm, actor: Actor) -> TakenAnswer:
        return await shares.take_up(actor, number, data)

    @get("/parts", summary="Every member's parts", operation_id="listPremiumParts", opt=READERS)
    async def parts(
        self,
        number: str,
        actor: Actor,
        member: Member = None,
        component: str | None = None,
        source: str | None = None,
        movement: int | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> PartPage:
        return await records.part_page(
            actor, number, member, component, source, movement, cursor, limit
        )

    @get(
        "/premium-explanation",
        summary="Why each member has its part, by which clause",
        operation_id="explainPremium",
        opt=READERS,
    )
    async def explain(self, number: str, actor: Actor, member: Member = None) -> PremiumExplanation:
        return await records.explanation(actor, number, member)

    @get(
        "/endorsements",
        summary="Endorsements of a placement",
        operation_id="listPlacementEndorsements",
        opt=READERS,
    )
    async def list_endorsements(self, number: str, actor: Actor) -> EndorsementList:
        return await records.endorsements(actor, number)


class PremiumBalanceRoutes(Controller):
    """Premium and fees of a pool year, summed."""

    path = "/pool-years/{number:str}/premium-balances"
    tags = ["premium"]
    opt = READERS

    @get("/", summary="Balances by one key", operation_id="listPremiumBalances")
    async def balances(
        self,
        number: str,
        actor: Actor,
        by: Literal["member", "policy", "source", "clause", "component"] = "member",
        as_of: date | None = None,
    ) -> BalanceList:
        return await records.balances(actor, number, by, as_of)
