"""Registering products, changing drafts, versions and documents."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body, Parameter
from pydantic import BaseModel, ConfigDict

from catalogue.api.public import Cursor, Limit, Q, as_json
from catalogue.forms import DraftForm, ProductForm
from catalogue.products import desk, documents, drafts, shelf
from catalogue.products.desk import ChangeShape, DeskRecord
from catalogue.products.documents import StoredDocument
from catalogue.products.drafts import DraftState
from catalogue.products.shelf import ShelfQuery
from catalogue.shapes import ProductPage
from service.api import etag, expected_revision
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

IfMatch = Annotated[
    str | None,
    Parameter(header="If-Match", description="ETag of the record the change is based on, or *"),
]


def with_etag(state: DraftState, status_code: int) -> Response[DraftState]:
    """The state of a draft and its ETag."""
    return Response(state, status_code=status_code, headers={"ETag": etag(state.revision)})


class ProductRoutes(Controller):
    """Products of an insurer (产品) and the versions on its desk."""

    path = "/products"
    tags = ["products"]
    opt = allow(*INSURER)

    @post("/", summary="Register a product as a draft", operation_id="createProduct")
    async def create(self, data: ProductForm, actor: Actor) -> Response[DraftState]:
        return with_etag(await drafts.create_product(actor, data), 201)

    @get(
        "/",
        summary="Products the caller may see",
        operation_id="listProducts",
        opt=allow(*INSURER, *COMMITTEE, Role.AUDITOR),
        responses={200: ResponseSpec(ProductPage, description="Newest first")},
    )
    async def list_products(
        self,
        actor: Actor,
        q: Q = None,
        stage: str | None = None,
        industry: str | None = None,
        risk_kind: str | None = None,
        insurer: str | None = None,
        type: str | None = None,
        status: Annotated[
            str | None, Parameter(description="Status of the product or of its filing")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> Any:
        query = ShelfQuery(
            q, stage, industry, risk_kind, insurer, type, None, status, cursor, limit
        )
        return as_json(await shelf.desk_page(actor, query))

    @get(
        "/{number:str}",
        summary="A product with the version being worked on",
        operation_id="getProduct",
        opt=allow(*INSURER, *COMMITTEE, Role.AUDITOR),
    )
    async def one(
        self, number: str, actor: Actor, version: int | None = None
    ) -> Response[DeskRecord]:
        record = await desk.desk_record(actor, number, version)
        return Response(record, headers={"ETag": etag(record.record["revision"])})

    @put("/{number:str}/draft", summary="Replace the open draft", operation_id="changeDraft")
    async def change(
        self, number: str, data: DraftForm, actor: Actor, if_match: IfMatch = None
    ) -> Response[DraftState]:
        revision = expected_revision(if_match)
        return with_etag(await drafts.change_draft(actor, number, data, revision), 200)

    @post(
        "/{number:str}/versions",
        summary="Start a new version from the one in the library",
        operation_id="startVersion",
    )
    async def start_version(self, number: str, actor: Actor) -> Response[DraftState]:
        return with_etag(await drafts.start_version(actor, number), 201)

    @get(
        "/{number:str}/difference",
        summary="What differs between two versions",
        operation_id="compareVersions",
        opt=allow(*INSURER, *COMMITTEE, Role.AUDITOR),
    )
    async def compare(self, number: str, old: int, new: int, actor: Actor) -> list[ChangeShape]:
        return await desk.compare(actor, number, old, new)


class DocumentUpload(BaseModel):
    """A file and what it is."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    file: UploadFile
    kind: str


class DocumentRoutes(Controller):
    """Uploaded files (材料)."""

    path = "/documents"
    tags = ["documents"]

    @post(
        "/",
        summary="Upload a document",
        operation_id="uploadDocument",
        opt=allow(*INSURER, Role.ENTERPRISE),
        request_max_body_size=documents.SIZE_MAX_BYTES + 1_048_576,
    )
    async def upload(
        self,
        data: Annotated[DocumentUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
        actor: Actor,
    ) -> StoredDocument:
        content = await data.file.read()
        return await documents.store(actor, data.file.filename, data.kind, content)

    @get(
        "/{document_id:int}/content",
        summary="Download a document",
        operation_id="downloadDocument",
        opt={"roles": "public"},
        media_type="application/octet-stream",
    )
    async def download(self, document_id: int, actor: Actor) -> Response[bytes]:
        return document_response(await documents.fetch(actor, document_id))


def document_response(found: documents.DocumentBytes) -> Response[bytes]:
    """A document as a download that a browser never runs."""

    return Response(
        found.content,
        media_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.file_name)}",
            "ETag": f'"{found.sha256}"',
        },
    )


__all__ = ["DocumentRoutes", "ProductRoutes", "document_response"]
