"""Requests for consent (征求同意): service, answers, where they stand."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from coinsurance.api.pools import INSIDERS, PROPOSERS
from coinsurance.consent_shapes import ConsentPage, ConsentRecord, ConsentState
from coinsurance.pool_forms import AnswerForm, ServiceForm
from coinsurance.pools import answering, consent_records
from service.auth import Actor, Role, allow


class ConsentRoutes(Controller):
    """Requests for consent (征求同意)."""

    path = "/consent-requests"
    tags = ["consents"]
    opt = INSIDERS

    @get("/", summary="Requests", operation_id="listConsentRequests")
    async def list_requests(
        self,
        actor: Actor,
        status: str | None = None,
        pool: Annotated[str | None, Parameter(description="Code of the pool")] = None,
        year: Annotated[str | None, Parameter(description="Number of the pool year")] = None,
        matter: str | None = None,
        subject: Annotated[str | None, Parameter(description="Number of the record")] = None,
        mine: Annotated[bool, Parameter(description="Only what I may still answer")] = False,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ConsentPage:
        return await consent_records.requests(
            actor,
            status=status,
            pool=pool,
            year=year,
            matter=matter,
            subject=subject,
            mine=mine,
            cursor=cursor,
            limit=limit,
        )

    @get("/{number:str}", summary="One request", operation_id="getConsentRequest")
    async def one(self, number: str, actor: Actor) -> ConsentRecord:
        return await consent_records.request(actor, number)

    @post(
        "/{number:str}/service",
        summary="Record who was served, how and when (送达)",
        operation_id="serveConsentRequest",
        opt=PROPOSERS,
    )
    async def serve(self, number: str, data: ServiceForm, actor: Actor) -> ConsentState:
        return await answering.serve(actor, number, data)

    @post(
        "/{number:str}/answers",
        summary="Answer for the own organisation",
        operation_id="answerConsentRequest",
        opt=allow(Role.INSURER_MANAGER),
    )
    async def answer(self, number: str, data: AnswerForm, actor: Actor) -> ConsentState:
        return await answering.answer(actor, number, data)
