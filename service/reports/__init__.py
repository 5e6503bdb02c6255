"""Reports and exports: one registry, three formats (报表与导出).

To add a report: a `Report` in the `REPORTS` of a file here, that file in `_FILES` below.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.errors import Forbidden, NotFound, Refused, Unauthenticated
from service.kernel.findings import Text, blocker, register
from service.reports import (
    claims,
    directory,
    events,
    library,
    money,
    placements,
    policies,
    pools,
    premiums,
    products,
)
from service.reports.shape import Column, Kind, Params, Report, Row
from service.reports.writing import MEDIA_TYPES, write

__all__ = ["MEDIA_TYPES", "REGISTRY", "Column", "Kind", "Report", "ReportFile", "run", "visible"]

ROWS_MAX = {"csv": 100_000, "json": 100_000, "xlsx": 20_000}
"""Rows of one file, by format: an Excel file of 20,000 rows takes some seconds to write."""
_FILES = (
    products,
    policies,
    money,
    premiums,
    placements,
    claims,
    pools,
    library,
    directory,
    events,
)
REGISTRY: dict[str, Report] = {report.name: report for file in _FILES for report in file.REPORTS}


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A finished report."""

    file_name: str
    media_type: str
    content: bytes


def visible(actor: Actor) -> list[Report]:
    """The reports that this person may read, in the order of the registry."""
    return [report for report in REGISTRY.values() if report.open_to(actor)]


async def run(name: str, actor: Actor, params: Params, fmt: str) -> ReportFile:
    """Make a report as csv, xlsx or json.

    Raises NotFound for an unknown report or format, Unauthenticated or Forbidden where the role is
    missing, Refused for a parameter the report does not take or for too many rows.
    """
    report = REGISTRY.get(name)
    if report is None or fmt not in MEDIA_TYPES:
        raise NotFound("报表", "Report", f"{name}.{fmt}")
    if not report.open_to(actor):
        if actor.user_id is None:
            raise Unauthenticated("auth.required")
        raise Forbidden("auth.forbidden")
    strange = [blocker("form.unknown_field", key) for key in params if key not in report.params]
    if strange:
        raise Refused(strange)
    rows: list[Row] = []
    async for row in report.rows(actor, params):
        rows.append(row)
        if len(rows) > ROWS_MAX[fmt]:
            raise Refused([blocker("report.too_many_rows", limit=ROWS_MAX[fmt])])
    content = await asyncio.to_thread(write, fmt, report, params, rows)
    day = params.get("as_of") or today().isoformat()
    return ReportFile(f"{report.title}-{day}.{fmt}", MEDIA_TYPES[fmt], content)


register(
    {
        "report.too_many_rows": Text(
            "超过 {limit} 行，未导出",
            "There are more than {limit} rows; nothing was exported",
            "请加筛选条件后分次导出，或改用 CSV",
            "Filter the list and export it in parts, or take CSV",
        ),
    }
)
