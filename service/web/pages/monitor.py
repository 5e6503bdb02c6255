"""The library monitor (在库监测): the count against its target, on a screen and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get

from catalogue.products import counting, figures, hindsight, shelf, types
from catalogue.rules.nouns import Stage
from catalogue.shapes import LibraryCount
from service.auth import COMMITTEE, Role, allow
from service.kernel.calendar import SHANGHAI, today
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import blocker
from service.web.charts import trend_svg
from service.web.forms import Form
from service.web.product_views import report_links
from service.web.render import page, svg

AnyRequest = Request[Any, Any, Any]

READERS = allow(*COMMITTEE, Role.AUDITOR)
LABELS = {"as_of": "统计日", "as_known_at": "认知时点"}
INDUSTRIES_SHOWN = 12
SCREEN_REFRESH_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """The day and the moment of the question; ``moment`` as the API takes it."""

    as_of: date
    known: str
    moment: str | None
    chosen: bool = False


@get("/committee/monitor", opt=READERS, include_in_schema=False)
async def monitor(request: AnyRequest) -> Response[Any]:
    form: Form[Any] = Form(None, LABELS, dict(request.query_params))
    try:
        asked = _asked(request)
        count = await figures.count(asked.as_of, asked.moment)
    except DomainError as error:
        form.add(error.findings)
        asked, status = Asked(today(), "", None), error.status
        count = await figures.count()
    else:
        status = 200
    screen = request.query_params.get("screen") == "1"
    answer = page(
        request,
        "monitor/screen.html" if screen else "monitor/monitor.html",
        status,
        form=form,
        asked=asked,
        count=count,
        names=await _names(),
        matrix=_matrix(count),
        trend=await _trend(asked),
        stages=[(zh, count.stage.get(code, 0)) for code, zh in Stage.choices()],
        hindsight=await _hindsight(asked, count),
        query=_query(asked),
        exports=_exports(asked),
    )
    if screen and not request.query_params.get("as_of"):
        answer.headers["Refresh"] = str(SCREEN_REFRESH_SECONDS)
    return answer


@get("/committee/monitor/trend.svg", opt=READERS, include_in_schema=False)
async def trend_chart(request: AnyRequest) -> Response[bytes]:
    asked = _asked(request)
    count = await figures.count(asked.as_of, asked.moment)
    if count.pace is None:
        raise Refused([blocker("form.missing", "as_of")])
    points = [(point.day, point.products) for point in await _trend(asked)]
    ahead = count.pace
    return svg(trend_svg(points, ahead.target, ahead.target_day, projected=ahead.projected))


def _asked(request: AnyRequest) -> Asked:
    """Read day and moment; a moment typed without a zone is Beijing time."""
    known = (request.query_params.get("as_known_at") or "").strip()
    day = (request.query_params.get("as_of") or "").strip()
    try:
        as_of = date.fromisoformat(day) if day else today()
    except ValueError:
        raise Refused([blocker("form.not_a_date", "as_of", value=day[:40])]) from None
    return Asked(as_of, known, _with_zone(known) if known else None, bool(day))


def _with_zone(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    plain = moment.tzinfo is None and len(text) > 10
    return moment.replace(tzinfo=SHANGHAI).isoformat() if plain else text


def _query(asked: Asked) -> dict[str, str]:
    """The question again, for the addresses of chart, exports and screen."""
    known = {"as_known_at": asked.known} if asked.moment else {}
    return {"as_of": asked.as_of.isoformat(), **known}


def _exports(asked: Asked) -> list[tuple[str, list[tuple[str, str]]]]:
    """The same figures as files: count with its splits, trend, map."""
    day, moment = asked.as_of.isoformat(), asked.moment
    return [
        ("统计", report_links("library-count", as_of=day, as_known_at=moment)),
        ("走势", report_links("library-trend", to=day, as_known_at=moment)),
        ("分布", report_links("stage-industry-map", as_of=day, as_known_at=moment)),
    ]


async def _trend(asked: Asked) -> list[Any]:
    first = await counting.first_day()
    if first > asked.as_of:
        return []
    return await figures.monthly(first, asked.as_of, asked.moment)


def _matrix(count: LibraryCount) -> dict[str, Any]:
    """Stage by the most frequent industries, with the empty cells."""
    industries = list(count.industry)[:INDUSTRIES_SHOWN]
    cells = {(stage, industry): n for stage, industry, n in count.map}
    return {
        "rows": [
            {
                "code": code,
                "zh": zh,
                "cells": [(industry, cells.get((code, industry), 0)) for industry in industries],
                "products": count.stage.get(code, 0),
            }
            for code, zh in Stage.choices()
        ],
        "industries": [(industry, count.industry[industry]) for industry in industries],
        "most": max([n for (_, i), n in cells.items() if i in industries], default=1),
        "hidden": max(0, len(count.industry) - len(industries)),
        "empty": sum((code, i) not in cells for code, _ in Stage.choices() for i in industries),
    }


async def _names() -> dict[str, dict[str, str]]:
    """Chinese names of the codes that the splits are keyed by."""
    return {
        "stage": dict(Stage.choices()),
        "type": {row["code"]: row["name"] for row in await types.list_types()},
        "insurer": {row["uscc"]: row["short_name"] for row in await shelf.filers()},
    }


async def _hindsight(asked: Asked, count: LibraryCount) -> dict[str, Any] | None:
    """The same day as known now beside what was known then; None when the question is of now."""
    if asked.moment is None:
        return None
    later = await hindsight.learnt_later(asked.as_of, count.as_known_at)
    return {"now": await figures.count(asked.as_of), "products": later}


ROUTES = [monitor, trend_chart]
