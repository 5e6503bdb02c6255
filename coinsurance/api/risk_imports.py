"""Import of lines and values of a risk from a workbook or a CSV file."""

from __future__ import annotations

from litestar import Controller, Response, get, post

from catalogue.api.imports import BODY_MAX_BYTES, XLSX, Upload, template_response
from catalogue.imports.outcome import ImportResult
from coinsurance.placements import imports
from service.auth import INSURER, Actor, allow


def _answer(done: ImportResult) -> Response[ImportResult]:
    return Response(done, status_code=200 if done.dry_run else 201)


class RiskImportRoutes(Controller):
    """Lines and the schedule of values of a risk, many at once (批量导入)."""

    path = "/risks/{number:str}"
    tags = ["placements"]
    opt = allow(*INSURER)

    @post(
        "/line-imports",
        summary="Import lines from Excel or CSV, all or none",
        operation_id="importLines",
        request_max_body_size=BODY_MAX_BYTES,
    )
    async def lines(self, number: str, data: Upload, actor: Actor) -> Response[ImportResult]:
        content, name = await data.file.read(), data.file.filename
        return _answer(await imports.import_lines(actor, number, name, content, data.dry_run))

    @get(
        "/line-imports/template.xlsx",
        summary="The template of lines with headers, hints and an example",
        operation_id="downloadLineTemplate",
        media_type=XLSX,
    )
    async def line_template(self, number: str, actor: Actor) -> Response[bytes]:
        return template_response(await imports.line_template(actor, number), "risk-line")

    @post(
        "/value-imports",
        summary="Replace the schedule of values from Excel or CSV",
        operation_id="importValues",
        request_max_body_size=BODY_MAX_BYTES,
    )
    async def values(self, number: str, data: Upload, actor: Actor) -> Response[ImportResult]:
        content, name = await data.file.read(), data.file.filename
        return _answer(await imports.import_values(actor, number, name, content, data.dry_run))

    @get(
        "/value-imports/template.xlsx",
        summary="The template of values with headers, hints and an example",
        operation_id="downloadValueTemplate",
        media_type=XLSX,
    )
    async def value_template(self, number: str, actor: Actor) -> Response[bytes]:
        return template_response(await imports.value_template(actor, number), "risk-value")
