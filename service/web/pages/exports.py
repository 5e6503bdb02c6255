"""Lists of the console as files: the reports of the registry for the person who is logged in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from service import reports
from service.auth import Actor, anyone
from service.reports.api import report_response


@get("/reports/{file:str}", opt=anyone(), include_in_schema=False)
async def export(request: Request[Any, Any, Any], file: str, actor: Actor) -> Response[bytes]:
    """A report as NAME.csv, NAME.xlsx or NAME.json; each report has its own roles."""
    name, _, fmt = file.rpartition(".")
    params = {key: value for key, value in request.query_params.items() if value}
    return report_response(await reports.run(name, actor, params, fmt))


ROUTES = [export]
