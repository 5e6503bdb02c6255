"""Import of products, policies and catalogue editions from a workbook or a CSV file."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from pydantic import BaseModel, ConfigDict

from catalogue.enrolments import edition_imports
from catalogue.imports import sheets
from catalogue.imports.outcome import ImportResult
from catalogue.policies import imports as policy_imports
from catalogue.products import imports
from service.auth import INSURER, Actor, Role, allow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BODY_MAX_BYTES = sheets.SIZE_MAX_BYTES + 1_048_576


class ImportUpload(BaseModel):
    """A workbook or CSV file; a dry run checks everything and writes nothing."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    file: UploadFile
    dry_run: bool = False


Upload = Annotated[ImportUpload, Body(media_type=RequestEncodingType.MULTI_PART)]


def _answer(done: ImportResult) -> Response[ImportResult]:
    return Response(done, status_code=200 if done.dry_run else 201)


def template_response(content: bytes, name: str) -> Response[bytes]:
    """A template as a download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-import-template.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


class ImportRoutes(Controller):
    """Products of an insurer, many at once (批量导入)."""

    path = "/product-imports"
    tags = ["products"]
    opt = allow(*INSURER)

    @post(
        "/",
        summary="Import drafts from Excel or CSV, all or none",
        operation_id="importProducts",
        request_max_body_size=BODY_MAX_BYTES,
    )
    async def create(self, data: Upload, actor: Actor) -> Response[ImportResult]:
        content = await data.file.read()
        return _answer(
            await imports.import_products(actor, data.file.filename, content, data.dry_run)
        )

    @get(
        "/template.xlsx",
        summary="The template with headers, hints, an example and the choices",
        operation_id="downloadImportTemplate",
        media_type=XLSX,
    )
    async def template(self) -> Response[bytes]:
        return template_response(await imports.template(), "product")


class PolicyImportRoutes(Controller):
    """Policies of an insurer, many at once (保单导入)."""

    path = "/policy-imports"
    tags = ["policies"]
    opt = allow(*INSURER)

    @post(
        "/",
        summary="Import policies from Excel or CSV, all or none",
        operation_id="importPolicies",
        request_max_body_size=BODY_MAX_BYTES,
    )
    async def create(self, data: Upload, actor: Actor) -> Response[ImportResult]:
        content = await data.file.read()
        return _answer(
            await policy_imports.import_policies(actor, data.file.filename, content, data.dry_run)
        )

    @get(
        "/template.xlsx",
        summary="The template with headers, hints and an example",
        operation_id="downloadPolicyTemplate",
        media_type=XLSX,
    )
    async def template(self) -> Response[bytes]:
        return template_response(await policy_imports.template(), "policy")


class EditionImportRoutes(Controller):
    """Editions of the promotion catalogues, many at once (目录版本导入)."""

    path = "/catalogue-edition-imports"
    tags = ["enrolment"]
    opt = allow(Role.COMMITTEE_ADMIN)

    @post(
        "/",
        summary="Import editions from Excel or CSV, all or none",
        operation_id="importCatalogueEditions",
        request_max_body_size=BODY_MAX_BYTES,
    )
    async def create(self, data: Upload, actor: Actor) -> Response[ImportResult]:
        content = await data.file.read()
        return _answer(
            await edition_imports.import_editions(actor, data.file.filename, content, data.dry_run)
        )

    @get(
        "/template.xlsx",
        summary="The template with headers, hints, an example and the choices",
        operation_id="downloadEditionTemplate",
        media_type=XLSX,
    )
    async def template(self) -> Response[bytes]:
        return template_response(await edition_imports.template(), "catalogue-edition")


IMPORT_ROUTES: list[type[Controller]] = [ImportRoutes, PolicyImportRoutes, EditionImportRoutes]
