"""Catalogue editions, insured objects, enrolments (投保登记)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from litestar import Controller, Response, get, post, put

from catalogue.api.parts import APPROVER, FIRM, PARTIES, Day, Words, tagged
from catalogue.api.products import IfMatch
from catalogue.api.public import Cursor, Limit
from catalogue.api.qualifications import CertificateRoutes, QualificationRoutes
from catalogue.enrolment_forms import (
    ContractForm,
    EditionForm,
    EnrolmentForm,
    ObjectDocumentForm,
    ObjectForm,
)
from catalogue.enrolment_shapes import (
    EditionRecord,
    EditionShape,
    EnrolmentPage,
    EnrolmentRecord,
    ItemShape,
    MatchShape,
    ObjectPage,
    ObjectRecord,
)
from catalogue.enrolments import editions, enrolment, objects, records
from catalogue.enrolments.enrolment import EnrolmentState
from catalogue.enrolments.objects import ContractState, ObjectState
from catalogue.forms import NoteForm
from catalogue.rules.subsidy.nouns import EnrolmentStatus, SubjectKind
from service.api import expected_revision
from service.auth import INSURER, Actor, Role, allow, anyone
from service.kernel.calendar import today


class EditionRoutes(Controller):
    """Editions of the promotion catalogues (推广应用指导目录), without log-in."""

    path = "/catalogue-editions"
    tags = ["enrolment"]
    opt = anyone()

    @get("/", summary="Catalogue editions", operation_id="listCatalogueEditions")
    async def list_editions(
        self, kind: SubjectKind | None = None, day: date | None = None
    ) -> list[EditionShape]:
        return [EditionShape(**row) for row in await editions.list_editions(kind, day)]

    @get("/{edition:str}", summary="One edition with its rows", operation_id="getCatalogueEdition")
    async def one(self, edition: str) -> EditionRecord:
        return msgspec.convert(await editions.one_edition(edition), EditionRecord)

    @post(
        "/",
        summary="Add an edition",
        operation_id="addCatalogueEdition",
        opt=allow(Role.COMMITTEE_ADMIN),
    )
    async def add(self, data: EditionForm, actor: Actor) -> EditionRecord:
        return msgspec.convert(await editions.add_edition(actor, data), EditionRecord)


class ItemRoutes(Controller):
    """Rows of the catalogues, without log-in."""

    path = "/catalogue-items"
    tags = ["enrolment"]
    opt = anyone()

    @get("/", summary="Rows valid on a day", operation_id="findCatalogueItems")
    async def find(
        self, kind: SubjectKind | None = None, day: Day = None, q: Words = None
    ) -> list[ItemShape]:
        found = await editions.find_items(kind, day or today(), q)
        return msgspec.convert(found, list[ItemShape])


class ObjectRoutes(Controller):
    """Insured objects (标的): equipment, material, software."""

    path = "/objects"
    tags = ["enrolment"]
    opt = FIRM

    @post("/", summary="Register an object", operation_id="registerObject")
    async def create(self, data: ObjectForm, actor: Actor) -> Response[ObjectState]:
        state = await objects.create_object(actor, data)
        return tagged(state, state.revision, 201)

    @get("/", summary="Objects the caller may see", operation_id="listObjects", opt=PARTIES)
    async def list_objects(
        self,
        actor: Actor,
        q: Words = None,
        kind: SubjectKind | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ObjectPage:
        page = await records.object_page(actor, q, kind, cursor, limit)
        return msgspec.convert(page, ObjectPage)

    @get("/{number:str}", summary="One object", operation_id="getObject", opt=PARTIES)
    async def one(self, number: str, actor: Actor) -> Response[ObjectRecord]:
        record = await records.object_record(actor, number)
        return tagged(msgspec.convert(record, ObjectRecord), record["revision"])

    @put("/{number:str}", summary="Change an object", operation_id="changeObject")
    async def change(
        self, number: str, data: ObjectForm, actor: Actor, if_match: IfMatch = None
    ) -> Response[ObjectState]:
        state = await objects.change_object(actor, number, data, expected_revision(if_match))
        return tagged(state, state.revision)

    @get(
        "/{number:str}/match",
        summary="The exact catalogue row, its day, required against actual",
        operation_id="matchObject",
        opt=PARTIES,
    )
    async def match(self, number: str, actor: Actor, day: Day = None) -> MatchShape:
        return msgspec.convert(await objects.match_of(actor, number, day), MatchShape)

    @post("/{number:str}/contracts", summary="Record a sale", operation_id="addContract")
    async def add_contract(
        self, number: str, data: ContractForm, actor: Actor
    ) -> Response[ContractState]:
        state = await objects.add_contract(actor, number, data)
        return tagged(state, state.revision, 201)

    @put(
        "/{number:str}/contracts/{contract_id:int}",
        summary="Change a sale, or fill in delivery and acceptance",
        operation_id="changeContract",
    )
    async def change_contract(
        self,
        number: str,
        contract_id: int,
        data: ContractForm,
        actor: Actor,
        if_match: IfMatch = None,
    ) -> Response[ContractState]:
        revision = expected_revision(if_match)
        state = await objects.change_contract(actor, number, contract_id, data, revision)
        return tagged(state, state.revision)

    @post("/{number:str}/documents", summary="Attach a document", operation_id="attachToObject")
    async def attach(
        self, number: str, data: ObjectDocumentForm, actor: Actor
    ) -> Response[ObjectRecord]:
        record = await objects.attach(actor, number, data)
        return tagged(msgspec.convert(record, ObjectRecord), record["revision"], 201)


class EnrolmentRoutes(Controller):
    """Enrolments (投保登记) from the draft to the certificate."""

    path = "/enrolments"
    tags = ["enrolment"]
    opt = FIRM

    @post("/", summary="Start an enrolment", operation_id="createEnrolment")
    async def create(self, data: EnrolmentForm, actor: Actor) -> Response[EnrolmentState]:
        state = await enrolment.create(actor, data)
        return tagged(state, state.revision, 201)

    @get("/", summary="Enrolments the caller may see", operation_id="listEnrolments", opt=PARTIES)
    async def list_enrolments(
        self,
        actor: Actor,
        q: Words = None,
        status: EnrolmentStatus | None = None,
        kind: SubjectKind | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> EnrolmentPage:
        page = await records.enrolment_page(actor, q, status, kind, cursor, limit)
        return msgspec.convert(page, EnrolmentPage)

    @get("/{number:str}", summary="One enrolment", operation_id="getEnrolment", opt=PARTIES)
    async def one(self, number: str, actor: Actor) -> Response[EnrolmentRecord]:
        record = await records.enrolment_record(actor, number)
        return tagged(msgspec.convert(record, EnrolmentRecord), record["revision"])

    @put("/{number:str}", summary="Change a draft", operation_id="changeEnrolment")
    async def change(
        self, number: str, data: EnrolmentForm, actor: Actor, if_match: IfMatch = None
    ) -> Response[EnrolmentState]:
        state = await enrolment.change(actor, number, data, expected_revision(if_match))
        return tagged(state, state.revision)

    @get(
        "/{number:str}/findings",
        summary="What the checks say now",
        operation_id="getEnrolmentFindings",
        opt=PARTIES,
    )
    async def findings(self, number: str, actor: Actor) -> list[dict[str, Any]]:
        return [f.as_dict() for f in await enrolment.findings_of(actor, number)]

    @post("/{number:str}/submission", summary="Submit", operation_id="submitEnrolment")
    async def submit(self, number: str, actor: Actor) -> EnrolmentState:
        return await enrolment.submit(actor, number)

    @post(
        "/{number:str}/confirmation",
        summary="The insurer confirms the cover",
        operation_id="confirmEnrolment",
        opt=allow(*INSURER),
    )
    async def confirm(self, number: str, data: NoteForm, actor: Actor) -> EnrolmentState:
        return await enrolment.confirm(actor, number, data.note)

    @post(
        "/{number:str}/return",
        summary="Return for correction",
        operation_id="returnEnrolment",
        opt=allow(*INSURER, Role.COMMITTEE_OFFICER),
    )
    async def send_back(self, number: str, data: NoteForm, actor: Actor) -> EnrolmentState:
        return await enrolment.send_back(actor, number, data.note)

    @post(
        "/{number:str}/decline",
        summary="The insurer declines the cover",
        operation_id="declineEnrolment",
        opt=allow(Role.INSURER_MANAGER),
    )
    async def decline(self, number: str, data: NoteForm, actor: Actor) -> EnrolmentState:
        return await enrolment.decline(actor, number, data.note)

    @post(
        "/{number:str}/recognition",
        summary="Recognise and give a certificate",
        operation_id="recogniseEnrolment",
        opt=APPROVER,
    )
    async def recognise(self, number: str, data: NoteForm, actor: Actor) -> EnrolmentState:
        return await enrolment.recognise(actor, number, data.note)

    @post("/{number:str}/refusal", summary="Refuse", operation_id="refuseEnrolment", opt=APPROVER)
    async def refuse(self, number: str, data: NoteForm, actor: Actor) -> EnrolmentState:
        return await enrolment.refuse(actor, number, data.note)

    @post(
        "/{number:str}/revocation",
        summary="Take the recognition back",
        operation_id="revokeEnrolment",
        opt=APPROVER,
    )
    async def revoke(self, number: str, data: NoteForm, actor: Actor) -> EnrolmentState:
        return await enrolment.revoke(actor, number, data.note)


ENROLMENT_ROUTES: list[Any] = [
    EditionRoutes,
    ItemRoutes,
    ObjectRoutes,
    EnrolmentRoutes,
    QualificationRoutes,
    CertificateRoutes,
]
