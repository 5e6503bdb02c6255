"""Pools and the versions of their agreements (共保体、共保协议)."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from coinsurance.pool_forms import AgreementForm, EffectForm, PoolForm, PoolNoteForm, VoteForm
from coinsurance.pool_shapes import (
    AgreementItem,
    AgreementRecord,
    AgreementState,
    ClauseChange,
    PoolPage,
    PoolRecord,
)
from coinsurance.pools import agreement_records, agreements, founding
from service.auth import COMMITTEE, EVERYBODY, INSURER, Actor, Role, allow

ALL = allow(*EVERYBODY)
INSIDERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
OFFICE = allow(Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN)
APPROVER = allow(Role.COMMITTEE_APPROVER)
PROPOSERS = allow(Role.INSURER_MANAGER, Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN)


class PoolRoutes(Controller):
    """Co-insurance pools (共保体)."""

    path = "/pools"
    tags = ["pools"]
    opt = APPROVER

    @get("/", summary="Pools", operation_id="listPools", opt=ALL)
    async def list_pools(
        self,
        status: str | None = None,
        industry: str | None = None,
        q: Annotated[str | None, Parameter(description="Words of name or code")] = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> PoolPage:
        return await founding.pools(status, industry, q, cursor, limit)

    @post("/", summary="Found a pool of a rule family", operation_id="foundPool", opt=OFFICE)
    async def found(self, data: PoolForm, actor: Actor) -> PoolRecord:
        return await founding.found(actor, data)

    @get("/{code:str}", summary="One pool", operation_id="getPool", opt=ALL)
    async def one(self, code: str, actor: Actor) -> PoolRecord:
        return await founding.read(actor, code)

    @post("/{code:str}/suspension", summary="Suspend", operation_id="suspendPool")
    async def suspend(self, code: str, data: PoolNoteForm, actor: Actor) -> PoolRecord:
        return await founding.step(actor, code, "suspend", data.note)

    @post("/{code:str}/resumption", summary="Resume", operation_id="resumePool")
    async def resume(self, code: str, data: PoolNoteForm, actor: Actor) -> PoolRecord:
        return await founding.step(actor, code, "resume", data.note)

    @post("/{code:str}/winding-up", summary="Stop new business", operation_id="windUpPool")
    async def wind_up(self, code: str, data: PoolNoteForm, actor: Actor) -> PoolRecord:
        return await founding.step(actor, code, "wind_up", data.note)

    @post("/{code:str}/closing", summary="Close or give up", operation_id="closePool")
    async def close(self, code: str, data: PoolNoteForm, actor: Actor) -> PoolRecord:
        return await founding.step(actor, code, "close", data.note)


class AgreementRoutes(Controller):
    """Versions of a pool's agreement (共保协议): text, clauses, vote, effect."""

    path = "/pools/{code:str}/agreements"
    tags = ["pools"]
    opt = PROPOSERS

    @get("/", summary="Versions", operation_id="listAgreements", opt=INSIDERS)
    async def versions(self, code: str, actor: Actor) -> list[AgreementItem]:
        return await agreement_records.versions(actor, code)

    @post(
        "/",
        summary="Draft a version; the published book unless told",
        operation_id="draftAgreement",
    )
    async def draft(self, code: str, data: AgreementForm, actor: Actor) -> AgreementState:
        return await agreements.draft(actor, code, data)

    @get(
        "/{agreement:str}",
        summary="A version: clauses in words, worked cases with results",
        operation_id="getAgreement",
        opt=INSIDERS,
    )
    async def one(self, code: str, agreement: str, actor: Actor) -> AgreementRecord:
        return await agreement_records.read(actor, code, agreement)

    @get(
        "/{agreement:str}/difference",
        summary="What a version says otherwise than another",
        operation_id="compareAgreements",
        opt=INSIDERS,
    )
    async def difference(
        self,
        code: str,
        agreement: str,
        actor: Actor,
        to: Annotated[
            str, Parameter(description="The other version; the one before unless told")
        ] = "",
    ) -> list[ClauseChange]:
        return await agreement_records.difference(actor, code, agreement, to)

    @post("/{agreement:str}/vote", summary="Put to the vote", operation_id="voteAgreement")
    async def vote(self, code: str, agreement: str, data: VoteForm, actor: Actor) -> AgreementState:
        return await agreements.vote(actor, code, agreement, data)

    @post(
        "/{agreement:str}/effect",
        summary="Take effect by resolution (生效)",
        operation_id="effectAgreement",
        opt=APPROVER,
    )
    async def effect(
        self, code: str, agreement: str, data: EffectForm, actor: Actor
    ) -> AgreementState:
        return await agreements.take_effect(actor, code, agreement, data)

    @post("/{agreement:str}/withdrawal", summary="Withdraw", operation_id="withdrawAgreement")
    async def withdraw(
        self, code: str, agreement: str, data: PoolNoteForm, actor: Actor
    ) -> AgreementState:
        return await agreements.withdraw(actor, code, agreement, data.note)
