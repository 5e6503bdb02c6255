"""Accumulation zones (风险累积区) and what members have at risk in them."""

from __future__ import annotations

from litestar import Controller, get, post

from catalogue.api.parts import Words
from catalogue.api.public import Cursor, Limit
from coinsurance.placement_forms import ZoneForm
from coinsurance.placements import zones
from coinsurance.risk_shapes import ZonePage, ZoneRecord
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)


class ZoneRoutes(Controller):
    """Zones: park, building, cleanroom, process; exposure counts over all pools."""

    path = "/accumulation-zones"
    tags = ["placements"]
    opt = READERS

    @get("/", summary="Accumulation zones", operation_id="listZones")
    async def list_zones(
        self,
        actor: Actor,
        q: Words = None,
        kind: str | None = None,
        parent: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ZonePage:
        return await zones.zone_page(actor, q, kind, parent, cursor, limit)

    @post(
        "/",
        summary="Register a zone",
        operation_id="createZone",
        opt=allow(*INSURER, Role.COMMITTEE_OFFICER),
    )
    async def create(self, data: ZoneForm, actor: Actor) -> ZoneRecord:
        return await zones.create_zone(actor, data)

    @get("/{code:str}", summary="A zone with its exposure by member", operation_id="getZone")
    async def one(self, code: str, actor: Actor) -> ZoneRecord:
        return await zones.zone_record(actor, code)
