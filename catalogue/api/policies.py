"""Policies (保单): recorded by insurers, confirmed or disputed by the insured."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from catalogue.policies import endorsements, recording, records
from catalogue.policies.recording import PolicyState
from catalogue.policy_forms import (
    DisputeForm,
    EndorsementForm,
    LossForm,
    PolicyForm,
    ReceiptForm,
    UndoForm,
)
from catalogue.policy_shapes import PolicyPage, PolicyRecord
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

PARTIES = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
WRITERS = allow(*INSURER)
INSURED = allow(Role.ENTERPRISE)


class PolicyRoutes(Controller):
    """Policies on products of the library; `id` is the registry's, numbers the insurer's."""

    path = "/policies"
    tags = ["policies"]
    opt = WRITERS

    @post("/", summary="Record a policy", operation_id="recordPolicy")
    async def record(self, data: PolicyForm, actor: Actor) -> PolicyState:
        return await recording.record_policy(actor, data)

    @get("/", summary="Policies the caller may see", operation_id="listPolicies", opt=PARTIES)
    async def list_policies(
        self,
        actor: Actor,
        q: Annotated[str | None, Parameter(description="Policy number or insured")] = None,
        status: str | None = None,
        kind: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> PolicyPage:
        page = await records.policy_page(actor, q, status, kind, cursor, limit)
        return msgspec.convert(page, PolicyPage)

    @get("/{policy_id:int}", summary="One policy", operation_id="getPolicy", opt=PARTIES)
    async def one(self, policy_id: int, actor: Actor) -> PolicyRecord:
        return msgspec.convert(await records.policy_record(actor, policy_id), PolicyRecord)

    @post("/{policy_id:int}/receipts", summary="Premium received", operation_id="receivePremium")
    async def receive(self, policy_id: int, data: ReceiptForm, actor: Actor) -> PolicyState:
        return await recording.receive_premium(actor, policy_id, data)

    @post("/{policy_id:int}/endorsements", summary="Endorse (批单)", operation_id="endorsePolicy")
    async def endorse(self, policy_id: int, data: EndorsementForm, actor: Actor) -> PolicyState:
        return await endorsements.endorse(actor, policy_id, data)

    @post(
        "/{policy_id:int}/endorsements/{number:int}/undoing",
        summary="Undo an endorsement by its mirror",
        operation_id="undoEndorsement",
    )
    async def undo(self, policy_id: int, number: int, data: UndoForm, actor: Actor) -> PolicyState:
        return await endorsements.undo(actor, policy_id, number, data)

    @post("/{policy_id:int}/losses", summary="Claim paid", operation_id="reportLoss")
    async def loss(self, policy_id: int, data: LossForm, actor: Actor) -> PolicyState:
        return await recording.report_loss(actor, policy_id, data)

    @post(
        "/{policy_id:int}/confirmation",
        summary="The insured confirms",
        operation_id="confirmPolicy",
        opt=INSURED,
    )
    async def confirm(self, policy_id: int, actor: Actor) -> PolicyState:
        return await recording.confirm(actor, policy_id)

    @post(
        "/{policy_id:int}/disputes",
        summary="The insured disputes (异议)",
        operation_id="disputePolicy",
        opt=INSURED,
    )
    async def dispute(self, policy_id: int, data: DisputeForm, actor: Actor) -> PolicyState:
        return await recording.dispute(actor, policy_id, data)

    @post(
        "/{policy_id:int}/dispute-answers",
        summary="The insurer answers a dispute",
        operation_id="answerDispute",
    )
    async def answer(self, policy_id: int, data: DisputeForm, actor: Actor) -> PolicyState:
        return await recording.answer(actor, policy_id, data)
