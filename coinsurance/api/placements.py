"""Placements (共保保单), files of risks, and calculators of signing, capacity and character."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from pydantic import BaseModel, ConfigDict

from catalogue.api.parts import Words, tagged
from catalogue.api.products import document_response
from catalogue.api.public import Cursor, Limit
from catalogue.products.documents import SIZE_MAX_BYTES
from coinsurance.placement_forms import (
    GrantForm,
    WhatIfCapacityForm,
    WhatIfCharacterForm,
    WhatIfNewLineForm,
    WhatIfSigningForm,
)
from coinsurance.placement_shapes import (
    Explanation,
    PlacementPage,
    PlacementRecord,
    SigningShape,
    WhatIfCapacity,
    WhatIfCharacter,
    WhatIfLine,
)
from coinsurance.placements import files, records, what_if
from coinsurance.risk_shapes import FileShape, FileView, GrantShape
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
PARTIES = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
KEEPERS = allow(*INSURER, Role.ENTERPRISE)


class PlacementRoutes(Controller):
    """Bound risks with their frozen participation."""

    path = "/placements"
    tags = ["placements"]
    opt = PARTIES

    @get("/", summary="Placements the caller may see", operation_id="listPlacements")
    async def list_placements(
        self,
        actor: Actor,
        q: Words = None,
        status: str | None = None,
        pool_year: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> PlacementPage:
        return await records.placement_page(actor, q, status, pool_year, cursor, limit)

    @get("/{number:str}", summary="One placement", operation_id="getPlacement")
    async def one(self, number: str, actor: Actor) -> Response[PlacementRecord]:
        record = await records.placement_record(actor, number)
        return tagged(record, record.revision)

    @get(
        "/{number:str}/explanation",
        summary="Why each member got its line",
        operation_id="explainPlacement",
        opt=READERS,
    )
    async def explain(self, number: str, actor: Actor) -> Explanation:
        return await records.explanation(actor, number)


class RiskFileUpload(BaseModel):
    """A file of a risk; confidential unless told otherwise."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    file: UploadFile
    kind: str
    confidential: bool = True


class FileRoutes(Controller):
    """Files of a risk (风险资料): confidential ones for named persons, each view kept."""

    path = "/risks/{number:str}/files"
    tags = ["placements"]
    opt = PARTIES

    @get("/", summary="Files of a risk", operation_id="listRiskFiles")
    async def list_files(self, number: str, actor: Actor) -> list[FileShape]:
        return await files.list_files(actor, number)

    @post(
        "/",
        summary="Upload a file of a risk",
        operation_id="uploadRiskFile",
        opt=KEEPERS,
        request_max_body_size=SIZE_MAX_BYTES + 1_048_576,
    )
    async def upload(
        self,
        number: str,
        data: Annotated[RiskFileUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
        actor: Actor,
    ) -> FileShape:
        content = await data.file.read()
        name = data.file.filename
        return await files.upload(actor, number, name, data.kind, data.confidential, content)

    @get(
        "/{file_id:int}/content",
        summary="Read a file; the view is kept",
        operation_id="readRiskFile",
        media_type="application/octet-stream",
    )
    async def content(self, number: str, file_id: int, actor: Actor) -> Response[bytes]:
        return document_response(await files.read(actor, number, file_id))

    @get("/{file_id:int}/views", summary="Who read a file", operation_id="listFileViews")
    async def views(self, number: str, file_id: int, actor: Actor) -> list[FileView]:
        return await files.views(actor, number, file_id)

    @get("/{file_id:int}/grants", summary="Grants of a file", operation_id="listFileGrants")
    async def grants(self, number: str, file_id: int, actor: Actor) -> list[GrantShape]:
        return await files.grants(actor, number, file_id)

    @post(
        "/{file_id:int}/grants",
        summary="Let a person read a confidential file",
        operation_id="grantFile",
        opt=KEEPERS,
    )
    async def grant(
        self, number: str, file_id: int, data: GrantForm, actor: Actor
    ) -> GrantShape:
        return await files.grant(actor, number, file_id, data)

    @post(
        "/{file_id:int}/grants/{grant_id:int}/revocation",
        summary="Take a grant back",
        operation_id="revokeGrant",
        opt=KEEPERS,
    )
    async def revoke(
        self, number: str, file_id: int, grant_id: int, actor: Actor
    ) -> GrantShape:
        return await files.revoke(actor, number, file_id, grant_id)


class PlacementWhatIfRoutes(Controller):
    """Nothing is stored; the same rules as for real risks."""

    path = "/what-if"
    tags = ["what-if"]
    opt = READERS

    @post(
        "/signing", summary="Sign lines down or up", operation_id="whatIfSigning", status_code=200
    )
    async def signing(self, data: WhatIfSigningForm) -> SigningShape:
        return what_if.signing(data)

    @post(
        "/line", summary="What a line would change", operation_id="whatIfLine", status_code=200
    )
    async def line(self, data: WhatIfNewLineForm, actor: Actor) -> WhatIfLine:
        return await what_if.line(actor, data)

    @post(
        "/capacity",
        summary="Do shares fit the members' capacity",
        operation_id="whatIfCapacity",
        status_code=200,
    )
    async def capacity(self, data: WhatIfCapacityForm) -> WhatIfCapacity:
        return what_if.capacity(data)

    @post(
        "/character",
        summary="Co-insurance, or reinsurance by another name",
        operation_id="whatIfCharacter",
        status_code=200,
    )
    async def character(self, data: WhatIfCharacterForm) -> WhatIfCharacter:
        return what_if.character(data)
