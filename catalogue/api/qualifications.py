"""Qualifications (资格) and certificates of cover (承保证明)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post

from catalogue.api.parts import APPROVER, FIRM, OFFICER, REVIEWERS, Words, tagged
from catalogue.api.public import Cursor, Limit
from catalogue.enrolment_forms import GrantForm, QualificationForm
from catalogue.enrolment_shapes import QualificationPage, QualificationRecord
from catalogue.enrolments import certificates, qualifications, records
from catalogue.enrolments.certificates import Certificate
from catalogue.enrolments.qualifications import QualificationState
from catalogue.forms import NoteForm
from catalogue.rules.subsidy.nouns import QualificationStatus
from service.auth import COMMITTEE, Actor, Role, allow, anyone

WITHOUT_INSURERS = allow(Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)


class QualificationRoutes(Controller):
    """Qualifications (资格) with a money quota."""

    path = "/qualifications"
    tags = ["enrolment"]
    opt = FIRM

    @post("/", summary="Ask for a qualification", operation_id="applyForQualification")
    async def apply(self, data: QualificationForm, actor: Actor) -> QualificationState:
        return await qualifications.apply(actor, data)

    @get(
        "/",
        summary="Qualifications the caller may see",
        operation_id="listQualifications",
        opt=WITHOUT_INSURERS,
    )
    async def list_qualifications(
        self,
        actor: Actor,
        q: Words = None,
        status: QualificationStatus | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> QualificationPage:
        page = await records.qualification_page(actor, q, status, cursor, limit)
        return msgspec.convert(page, QualificationPage)

    @get(
        "/{number:str}",
        summary="One qualification with its draws",
        operation_id="getQualification",
        opt=WITHOUT_INSURERS,
    )
    async def one(self, number: str, actor: Actor) -> Response[QualificationRecord]:
        record = await records.qualification_record(actor, number)
        return tagged(msgspec.convert(record, QualificationRecord), record["revision"])

    @post(
        "/{number:str}/recommendation",
        summary="Recommend",
        operation_id="recommendQualification",
        opt=OFFICER,
    )
    async def recommend(self, number: str, data: NoteForm, actor: Actor) -> QualificationState:
        return await qualifications.recommend(actor, number, data.note)

    @post(
        "/{number:str}/review",
        summary="Pass the experts",
        operation_id="reviewQualification",
        opt=REVIEWERS,
    )
    async def review(self, number: str, data: NoteForm, actor: Actor) -> QualificationState:
        return await qualifications.review(actor, number, data.note)

    @post(
        "/{number:str}/grant",
        summary="Grant a quota",
        operation_id="grantQualification",
        opt=APPROVER,
    )
    async def grant(self, number: str, data: GrantForm, actor: Actor) -> QualificationState:
        return await qualifications.grant(actor, number, data)

    @post(
        "/{number:str}/refusal",
        summary="Refuse",
        operation_id="refuseQualification",
        opt=APPROVER,
    )
    async def refuse(self, number: str, data: NoteForm, actor: Actor) -> QualificationState:
        return await qualifications.refuse(actor, number, data.note)

    @post(
        "/{number:str}/revocation",
        summary="Take it back",
        operation_id="revokeQualification",
        opt=APPROVER,
    )
    async def revoke(self, number: str, data: NoteForm, actor: Actor) -> QualificationState:
        return await qualifications.revoke(actor, number, data.note)


class CertificateRoutes(Controller):
    """Certificates of cover (承保证明), for everybody who has the code."""

    path = "/certificates"
    tags = ["enrolment"]
    opt = anyone()

    @get("/{certificate:str}", summary="Check a certificate", operation_id="checkCertificate")
    async def one(self, certificate: str) -> Certificate:
        return await certificates.certificate(certificate)

    @get(
        "/{certificate:str}/qr.svg",
        summary="QR code of the public page",
        operation_id="getCertificateQr",
        media_type="image/svg+xml",
    )
    async def qr(self, certificate: str, request: Request[Any, Any, Any]) -> Response[bytes]:
        found = await certificates.certificate(certificate)
        address = str(request.base_url).rstrip("/") + certificates.page_path(found.code)
        return Response(certificates.qr_svg(address), media_type="image/svg+xml")
