"""Routes of the reports: what there is, and each as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Controller, Request, Response, Router, get

from service import reports
from service.auth import Actor, anyone
from service.incoming import any_query
from service.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class ReportShape:
    """A report that the caller may read; `definition` says what it counts."""

    name: str
    title: str
    definition: str
    params: list[str]
    columns: list[dict[str, str]]
    files: list[str]


def _shape(report: reports.Report) -> ReportShape:
    return ReportShape(
        report.name,
        report.title,
        report.note,
        list(report.params),
        [{"name": c.name, "title": c.title, "kind": c.kind.value} for c in report.columns],
        [f"/api/v1/reports/{report.name}.{fmt}" for fmt in reports.MEDIA_TYPES],
    )


class ReportRoutes(Controller):
    """Reports and exports (报表与导出); each report has its own roles."""

    path = "/reports"
    tags = ["reports"]
    opt = anyone()

    @get("/", summary="Reports the caller may read", operation_id="listReports")
    async def list_reports(self, actor: Actor) -> list[ReportShape]:
        return [_shape(report) for report in reports.visible(actor)]

    @get(
        "/{file:str}",
        summary="A report as NAME.csv, NAME.xlsx or NAME.json, filtered by its parameters",
        operation_id="downloadReport",
        media_type="application/octet-stream",
        opt=anyone() | any_query(),
    )
    async def download(
        self, file: str, actor: Actor, request: Request[Any, Any, Any]
    ) -> Response[bytes]:
        if actor.via == "token" and "read" not in actor.scopes:
            raise Forbidden("auth.scope", scope="read")
        name, _, fmt = file.rpartition(".")
        params = {key: value for key, value in request.query_params.items() if value}
        return report_response(await reports.run(name, actor, params, fmt))


def report_response(made: reports.ReportFile) -> Response[bytes]:
    """A report as a download."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.file_name)}",
    }
    return Response(made.content, media_type=made.media_type, headers=headers)


ROUTES: list[type | Router] = [ReportRoutes]
