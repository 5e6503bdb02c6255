"""Reconciliation: three sides, breaks, members' own lists, certificates, evidence."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from pydantic import BaseModel, ConfigDict, Field

from catalogue.api.public import Cursor, Limit
from catalogue.imports import sheets
from coinsurance.reconciliation_shapes import (
    BordereauShape,
    BreakPage,
    BreakShape,
    ReconciliationShape,
    ThreeWayAnswer,
)
from coinsurance.result_shapes import BundleShape, CertificateShape, VerificationShape
from coinsurance.settlement_forms import (
    CertificateForm,
    EvidenceForm,
    ExplanationForm,
    NoteForm,
    ReconciliationForm,
    ThreeWayForm,
)
from coinsurance.settlements import (
    bordereaux,
    breaks,
    certificates,
    evidence,
    reconciling,
    what_if,
)
from service.auth import COMMITTEE, INSURER, Actor, Role, allow, anyone

MEMBERS = allow(*INSURER)
MANAGERS = allow(Role.INSURER_MANAGER)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_MAX = sheets.SIZE_MAX_BYTES + 1_048_576


class BordereauUpload(BaseModel):
    """A member's own list (Excel or CSV) for one of its statements."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    file: UploadFile
    statement: str = Field(min_length=1, max_length=20)


class ReconciliationRoutes(Controller):
    """Three-way reconciliation without tolerance."""

    path = "/reconciliation"
    tags = ["reconciliation"]
    opt = MEMBERS

    @post("/", summary="Reconcile a pool year", operation_id="reconcile")
    async def reconcile(self, data: ReconciliationForm, actor: Actor) -> ReconciliationShape:
        return await reconciling.run(actor, data)

    @get("/breaks", summary="Breaks of a pool year", operation_id="listBreaks", opt=READERS)
    async def list_breaks(
        self,
        actor: Actor,
        pool_year: str,
        status: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> BreakPage:
        return BreakPage(*await breaks.rows(actor, pool_year, status, cursor, limit))

    @get("/breaks/{number:str}", summary="One break", operation_id="getBreak", opt=READERS)
    async def one(self, number: str, actor: Actor) -> BreakShape:
        return await breaks.record(actor, number)

    @post("/breaks/{number:str}/explanation", summary="Explain", operation_id="explainBreak")
    async def explain(self, number: str, data: ExplanationForm, actor: Actor) -> BreakShape:
        await breaks.explain(actor, number, data.explanation)
        return await breaks.record(actor, number)


class BordereauRoutes(Controller):
    """Members' own lists, compared line by line."""

    path = "/bordereaux"
    tags = ["reconciliation"]
    opt = MEMBERS

    @get("/", summary="Lists sent for a statement", operation_id="listBordereaux", opt=READERS)
    async def list_lists(self, actor: Actor, statement: str) -> list[BordereauShape]:
        return await bordereaux.lists(actor, statement)

    @get(
        "/template.xlsx",
        summary="The template",
        operation_id="downloadBordereauTemplate",
        media_type=XLSX,
    )
    async def template(self) -> Response[bytes]:
        headers = {"Content-Disposition": 'attachment; filename="bordereau-template.xlsx"'}
        return Response(await bordereaux.template(), media_type=XLSX, headers=headers)

    @post(
        "/",
        summary="Compare the member's list with its statement",
        operation_id="uploadBordereau",
        request_max_body_size=FILE_MAX,
    )
    async def upload(
        self,
        data: Annotated[BordereauUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
        actor: Actor,
    ) -> BordereauShape:
        content = await data.file.read()
        number = await bordereaux.take_in(actor, data.statement, data.file.filename, content)
        return await bordereaux.record(actor, number)

    @get("/{number:str}", summary="One list", operation_id="getBordereau", opt=READERS)
    async def one(self, number: str, actor: Actor) -> BordereauShape:
        return await bordereaux.record(actor, number)


class CertificateRoutes(Controller):
    """Year-end no-difference certificates."""

    path = "/certificates/no-difference"
    tags = ["reconciliation"]
    opt = MEMBERS

    @get("/", summary="Of a pool year", operation_id="listNoDifference", opt=READERS)
    async def list_certificates(self, actor: Actor, pool_year: str) -> list[CertificateShape]:
        return await certificates.certificates(actor, pool_year)

    @post("/", summary="Prepare for a member or all", operation_id="prepareNoDifference")
    async def prepare(self, data: CertificateForm, actor: Actor) -> list[CertificateShape]:
        numbers = await certificates.prepare(actor, data)
        return [await certificates.record(actor, number) for number in numbers]

    @get("/{number:str}", summary="One", operation_id="getNoDifference", opt=READERS)
    async def one(self, number: str, actor: Actor) -> CertificateShape:
        return await certificates.record(actor, number)

    @get(
        "/{number:str}/verification",
        summary="Check number and hash, without log-in",
        operation_id="verifyNoDifference",
        opt=anyone(),
    )
    async def verify(
        self,
        number: str,
        given: Annotated[str, Parameter(query="hash", max_length=64)],
    ) -> VerificationShape:
        return await certificates.verify(number, given)

    @post(
        "/{number:str}/confirmation",
        summary="The member confirms",
        operation_id="confirmNoDifference",
        opt=MANAGERS,
    )
    async def confirm(self, number: str, actor: Actor) -> CertificateShape:
        return await certificates.confirm(actor, number)

    @post(
        "/{number:str}/withdrawal",
        summary="Take it back",
        operation_id="withdrawNoDifference",
        opt=MANAGERS,
    )
    async def withdraw(self, number: str, data: NoteForm, actor: Actor) -> CertificateShape:
        return await certificates.withdraw(actor, number, data.note)


class EvidenceRoutes(Controller):
    """Evidence bundles a stranger can check with standard tools."""

    path = "/evidence-bundles"
    tags = ["reconciliation"]
    opt = READERS

    @post("/", summary="Make a bundle", operation_id="makeEvidence")
    async def make(self, data: EvidenceForm, actor: Actor) -> BundleShape:
        return await evidence.make(actor, data)

    @get("/{number:str}", summary="What a bundle holds", operation_id="getEvidence")
    async def one(self, number: str, actor: Actor) -> BundleShape:
        return await evidence.record(actor, number)

    @get(
        "/{number:str}/archive.zip",
        summary="The bundle as an archive",
        operation_id="downloadEvidence",
        media_type="application/zip",
    )
    async def archive(self, number: str, actor: Actor) -> Response[bytes]:
        content = await evidence.archive(actor, number)
        headers = {"Content-Disposition": f'attachment; filename="{number}.zip"'}
        return Response(content, media_type="application/zip", headers=headers)

    @get(
        "/{number:str}/print.html",
        summary="The bundle as one page to print",
        operation_id="printEvidence",
        media_type="text/html",
    )
    async def page(self, number: str, actor: Actor) -> Response[bytes]:
        content = await evidence.page(actor, number)
        return Response(content, media_type="text/html; charset=utf-8")


class ThreeWayRoutes(Controller):
    """Three sides of plain numbers; nothing is stored."""

    path = "/what-if"
    tags = ["what-if"]
    opt = READERS

    @post(
        "/reconciliation",
        summary="Compare three sides",
        operation_id="whatIfReconciliation",
        status_code=200,
    )
    async def compare(self, data: ThreeWayForm) -> ThreeWayAnswer:
        return what_if.three_ways(data)
