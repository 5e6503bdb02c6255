"""Schedules of shares (份额表): as of a day as known at a moment, proposals, votes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Parameter

from catalogue.api.public import Cursor, Limit
from coinsurance.api.pools import APPROVER, INSIDERS, PROPOSERS
from coinsurance.pool_forms import EffectForm, PoolNoteForm, ScheduleForm, StepForm
from coinsurance.pool_shapes import SchedulePage, ScheduleShape, SharesShape
from coinsurance.pools import schedule_records, schedules
from coinsurance.pools.parts import known_at
from service.auth import Actor

AsOf = Annotated[date | None, Parameter(description="As of this day; today unless told")]
AsKnownAt = Annotated[
    str | None,
    Parameter(description="ISO 8601 moment with zone, or a day (its end in Shanghai); now"),
]


class ShareRoutes(Controller):
    """Shares of a pool year (份额)."""

    path = "/"
    tags = ["shares"]
    opt = PROPOSERS

    @get(
        "/pool-years/{number:str}/shares",
        summary="Shares as of a day, as known at a moment",
        operation_id="getShares",
        opt=INSIDERS,
    )
    async def shares(
        self,
        number: str,
        actor: Actor,
        as_of: AsOf = None,
        as_known_at: AsKnownAt = None,
        placement: Annotated[
            str | None, Parameter(description="Number of a placement: shares of its section")
        ] = None,
        section: Annotated[
            str | None, Parameter(description="Code of the section; the first unless told")
        ] = None,
    ) -> SharesShape:
        known = known_at(as_known_at)
        return await schedule_records.shares(actor, number, as_of, known, placement, section)

    @post(
        "/pool-years/{number:str}/shares",
        summary="Propose a schedule",
        operation_id="proposeShares",
    )
    async def propose(self, number: str, data: ScheduleForm, actor: Actor) -> ScheduleShape:
        made = await schedules.propose(actor, number, data)
        return await schedule_records.schedule(actor, made)

    @get(
        "/pool-years/{number:str}/share-schedules",
        summary="Every schedule there ever was",
        operation_id="listSchedules",
        opt=INSIDERS,
    )
    async def history(
        self,
        number: str,
        actor: Actor,
        status: str | None = None,
        placements: bool = False,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> SchedulePage:
        return await schedule_records.schedules(actor, number, status, placements, cursor, limit)

    @get(
        "/share-schedules/{number:str}",
        summary="One schedule",
        operation_id="getSchedule",
        opt=INSIDERS,
    )
    async def one(self, number: str, actor: Actor) -> ScheduleShape:
        return await schedule_records.schedule(actor, number)

    @post(
        "/share-schedules/{number:str}/vote",
        summary="Put to the members",
        operation_id="voteSchedule",
    )
    async def vote(self, number: str, data: StepForm, actor: Actor) -> ScheduleShape:
        await schedules.vote(actor, number)
        return await schedule_records.schedule(actor, number)

    @post(
        "/share-schedules/{number:str}/effect",
        summary="Take effect by resolution",
        operation_id="effectSchedule",
        opt=APPROVER,
    )
    async def effect(self, number: str, data: EffectForm, actor: Actor) -> ScheduleShape:
        found = await schedules.take_effect(actor, number, data)
        return await schedule_records.schedule(actor, number, found)

    @post(
        "/share-schedules/{number:str}/withdrawal",
        summary="Withdraw",
        operation_id="withdrawSchedule",
    )
    async def withdraw(self, number: str, data: PoolNoteForm, actor: Actor) -> ScheduleShape:
        await schedules.withdraw(actor, number, data.note)
        return await schedule_records.schedule(actor, number)
