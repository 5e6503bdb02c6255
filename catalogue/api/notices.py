"""Public notices (公示) and objections to them: read and written by anybody, decided by two."""

from __future__ import annotations

from litestar import Controller, Response, get, post

from catalogue.api.parts import Words
from catalogue.api.products import document_response
from catalogue.api.public import Cursor, Limit
from catalogue.subsidies import notices, objection_evidence, objections
from catalogue.subsidy_forms import (
    NoticeForm,
    ObjectionDecisionForm,
    ObjectionToNoticeForm,
    ReasonForm,
)
from catalogue.subsidy_shapes import (
    NoticePage,
    NoticeRecord,
    ObjectionPage,
    ObjectionReceipt,
    ObjectionShape,
)
from service.auth import COMMITTEE, Actor, Role, allow, anyone

OFFICE = allow(*COMMITTEE, Role.AUDITOR)
OFFICER = allow(Role.COMMITTEE_OFFICER)
APPROVER = allow(Role.COMMITTEE_APPROVER)
REVIEWERS = allow(Role.COMMITTEE_OFFICER, Role.COMMITTEE_APPROVER)

BODY_MAX_BYTES = 16 * 1_048_576


class NoticeRoutes(Controller):
    """Notice board (公示栏), without log-in."""

    tags = ["notices"]

    @get("/notices", summary="Public notices", operation_id="listNotices", opt=anyone())
    async def list_notices(
        self,
        scheme: str | None = None,
        open: bool | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> NoticePage:
        return await notices.notice_page(scheme, open, cursor, limit)

    @get("/notices/{number:str}", summary="One notice", operation_id="getNotice", opt=anyone())
    async def one(self, number: str) -> NoticeRecord:
        return await notices.notice(number)

    @post(
        "/schemes/{code:str}/notices",
        summary="Give public notice of reviewed applications",
        operation_id="publishNotice",
        opt=REVIEWERS,
    )
    async def publish(self, code: str, data: NoticeForm, actor: Actor) -> NoticeRecord:
        return await notices.publish(actor, code, data)

    @post(
        "/notices/{number:str}/closing",
        summary="Put a notice that is over on file",
        operation_id="closeNotice",
        opt=OFFICER,
    )
    async def close(self, number: str, actor: Actor) -> NoticeRecord:
        return await notices.close(actor, number)

    @post(
        "/notices/{number:str}/objections",
        summary="Object to a line under the real name",
        operation_id="objectToNotice",
        request_max_body_size=BODY_MAX_BYTES,
        opt=anyone(),
    )
    async def object_to(self, number: str, data: ObjectionToNoticeForm) -> ObjectionReceipt:
        return await objections.object_to(number, data)

    @get("/objections", summary="Objections", operation_id="listObjections", opt=OFFICE)
    async def list_objections(
        self,
        actor: Actor,
        status: str | None = None,
        q: Words = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ObjectionPage:
        return await objections.objection_page(actor, status, q, cursor, limit)

    @get(
        "/objections/{number:str}", summary="One objection", operation_id="getObjection", opt=OFFICE
    )
    async def objection(self, number: str, actor: Actor) -> ObjectionShape:
        return await objections.objection(actor, number)

    @get(
        "/objections/{number:str}/evidence/{file:int}",
        summary="A file handed in with an objection",
        operation_id="getObjectionEvidence",
        media_type="application/octet-stream",
        opt=allow(*COMMITTEE),
    )
    async def evidence(self, number: str, file: int) -> Response[bytes]:
        return document_response(await objection_evidence.fetch(number, file))

    @post(
        "/objections/{number:str}/admission",
        summary="Admit an objection (登记异议)",
        operation_id="admitObjection",
        opt=OFFICER,
    )
    async def admit(self, number: str, data: ReasonForm, actor: Actor) -> ObjectionShape:
        return await objections.admit(actor, number, data.note)

    @post(
        "/objections/{number:str}/decision",
        summary="Uphold or dismiss",
        operation_id="decideObjection",
        opt=APPROVER,
    )
    async def decide(
        self, number: str, data: ObjectionDecisionForm, actor: Actor
    ) -> ObjectionShape:
        return await objections.decide(actor, number, data)
