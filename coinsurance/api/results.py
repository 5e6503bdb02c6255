"""Results of pool years, triangles, scorecards, product experience, books as plain text."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from coinsurance.result_shapes import (
    ExperiencePage,
    ResultShape,
    ScorecardShape,
    TriangleShape,
)
from coinsurance.settlements import experience, exports, results
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
Known = Annotated[str | None, Parameter(description="Moment or day")]
TEXT = "text/plain; charset=utf-8"


class ResultRoutes(Controller):
    """What a pool year earned and lost, with numerator, denominator and definition."""

    tags = ["results"]
    opt = READERS

    @get(
        "/pool-years/{number:str}/results",
        summary="Result in two times",
        operation_id="getResult",
    )
    async def result(
        self, number: str, actor: Actor, as_of: date | None = None, as_known_at: Known = None
    ) -> ResultShape:
        return await results.result(actor, number, as_of, as_known_at)

    @get(
        "/pools/{pool:str}/triangles",
        summary="Development triangle, paid and incurred",
        operation_id="getTriangle",
    )
    async def triangle(
        self,
        pool: str,
        actor: Actor,
        as_of: date | None = None,
        as_known_at: Known = None,
        own: bool = False,
    ) -> TriangleShape:
        return await results.triangles(actor, pool, as_of, as_known_at, own)

    @get(
        "/pool-years/{number:str}/scorecards",
        summary="How members keep their terms",
        operation_id="getScorecards",
    )
    async def scorecards(
        self, number: str, actor: Actor, as_of: date | None = None
    ) -> ScorecardShape:
        return await results.scorecard(actor, number, as_of)

    @get(
        "/pool-years/{number:str}/books/{book_format:str}",
        summary="The book for beancount or hledger",
        operation_id="exportBook",
        media_type=TEXT,
    )
    async def book(
        self,
        number: str,
        book_format: str,
        actor: Actor,
        until_on: date | None = None,
    ) -> Response[str]:
        text = await exports.book_text(actor, number, book_format, until_on)
        headers = {"Content-Disposition": f'attachment; filename="{number}.{book_format}"'}
        return Response(text, media_type=TEXT, headers=headers)


class ExperienceRoutes(Controller):
    """What the pools and insurers learnt of products, for the library."""

    path = "/product-experience"
    tags = ["results"]
    opt = READERS

    @get("/", summary="Experience by product version", operation_id="listExperience")
    async def list_experience(
        self,
        actor: Actor,
        as_of: date | None = None,
        health: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ExperiencePage:
        return await experience.page(actor, as_of, health, cursor, limit)

    @post(
        "/",
        summary="Push what is known to the library",
        operation_id="pushExperience",
        opt=allow(Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN),
    )
    async def push(self, actor: Actor) -> ExperiencePage:
        await experience.refresh(actor)
        return await experience.page(actor)
