"""The library: standing of products, corrections, counts in two times."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Parameter

from catalogue.forms import CorrectionForm, EffectiveForm
from catalogue.products import figures, library, records
from catalogue.shapes import LibraryCount, LibraryFactShape, TrendPoint
from service.auth import COMMITTEE, INSURER, Actor, Role, allow, anyone

APPROVER = allow(Role.COMMITTEE_APPROVER)
AsOf = Annotated[date | None, Parameter(description="Day of the count; today unless told")]
KnownAt = Annotated[
    str | None,
    Parameter(description="ISO 8601 moment with zone, or a day (its end in Shanghai); now"),
]


class LibraryRoutes(Controller):
    """In-library count (在库数) and what moves it."""

    tags = ["library"]

    @get("/library/count", summary="In-library count", operation_id="count", opt=anyone())
    async def count(self, as_of: AsOf = None, as_known_at: KnownAt = None) -> LibraryCount:
        return await figures.count(as_of, as_known_at)

    @get("/library/trend", summary="Count by month", operation_id="trend", opt=anyone())
    async def trend(
        self,
        from_day: date | None = None,
        to_day: date | None = None,
        as_known_at: KnownAt = None,
    ) -> list[TrendPoint]:
        return await figures.monthly(from_day, to_day, as_known_at)

    @get(
        "/products/{number:str}/library-facts",
        summary="What held for a product, and since when that is known",
        operation_id="listLibraryFacts",
        opt=allow(*INSURER, *COMMITTEE, Role.AUDITOR),
    )
    async def facts(self, number: str, actor: Actor) -> list[LibraryFactShape]:
        product = await records.product_row(actor, number)
        return [LibraryFactShape(**row) for row in await library.facts_of(product.id)]

    @post(
        "/products/{number:str}/library-corrections",
        summary="Correct a wrong library fact",
        operation_id="correctFact",
        opt=APPROVER,
    )
    async def correct(
        self, number: str, data: CorrectionForm, actor: Actor
    ) -> library.CorrectionState:
        return await library.correct(actor, number, data)

    @post(
        "/products/{number:str}/suspension",
        summary="Suspend (暂停)",
        operation_id="suspend",
        opt=APPROVER,
    )
    async def suspend(
        self, number: str, data: EffectiveForm, actor: Actor
    ) -> library.StandingState:
        return await library.change_standing(actor, number, "suspend", data)

    @post(
        "/products/{number:str}/resumption",
        summary="Resume (恢复)",
        operation_id="resume",
        opt=APPROVER,
    )
    async def resume(self, number: str, data: EffectiveForm, actor: Actor) -> library.StandingState:
        return await library.change_standing(actor, number, "resume", data)

    @post(
        "/products/{number:str}/withdrawal",
        summary="Leave the library (退出)",
        operation_id="withdraw",
        opt=allow(Role.COMMITTEE_APPROVER, Role.INSURER_MANAGER),
    )
    async def withdraw(
        self, number: str, data: EffectiveForm, actor: Actor
    ) -> library.StandingState:
        return await library.change_standing(actor, number, "withdraw", data)
