"""Cover over the pool: reinstatement of limits, the government backstop, the calculator."""

from __future__ import annotations

from litestar import Controller, get, post

from coinsurance.api.claims import MANAGERS, MEMBERS, READERS, AsOf
from coinsurance.claim_backstop_shapes import BackstopMove, BackstopPosition
from coinsurance.claim_forms import BackstopCallForm, BackstopReceiptForm, ReinstatementForm
from coinsurance.claim_shapes import ReinstatementState
from coinsurance.claim_what_if_forms import ClaimWhatIfForm
from coinsurance.claim_what_if_shapes import ClaimAnswer
from coinsurance.claims import backstop, reinstating, what_if
from service.auth import Actor


class CoverRoutes(Controller):
    """Aggregate limits that are filled up again."""

    path = "/reinstatements"
    tags = ["claims"]
    opt = MANAGERS

    @post("/", summary="Fill up an aggregate", operation_id="reinstateLimit")
    async def reinstate(self, data: ReinstatementForm, actor: Actor) -> ReinstatementState:
        return await reinstating.reinstate(actor, data)


class BackstopRoutes(Controller):
    """The government as a party of a pool year."""

    path = "/pool-years/{number:str}"
    tags = ["claims"]
    opt = MANAGERS

    @get("/backstop", summary="Position in the bands", operation_id="getBackstop", opt=READERS)
    async def position(self, number: str, actor: Actor, as_of: AsOf = None) -> BackstopPosition:
        return await backstop.position_of(actor, number, as_of)

    @post("/backstop-calls", summary="Book what it owes", operation_id="callBackstop")
    async def call(self, number: str, data: BackstopCallForm, actor: Actor) -> BackstopMove:
        return await backstop.call(actor, number, data)

    @post(
        "/backstop-receipts",
        summary="Money from the government",
        operation_id="receiveBackstop",
        opt=MEMBERS,
    )
    async def receive(self, number: str, data: BackstopReceiptForm, actor: Actor) -> BackstopMove:
        return await backstop.receive(actor, number, data)


class ClaimWhatIfRoutes(Controller):
    """The claim calculator; nothing is stored."""

    path = "/what-if"
    tags = ["what-if"]
    opt = READERS

    @post("/claim", summary="Work a claim through", operation_id="whatIfClaim", status_code=200)
    async def claim(self, data: ClaimWhatIfForm) -> ClaimAnswer:
        return what_if.claim(data)
