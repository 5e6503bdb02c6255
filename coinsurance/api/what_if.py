"""Premium calculators (试算): plain numbers in, parts with their explanation out; no writing."""

from __future__ import annotations

from litestar import Controller, post

from coinsurance.premium_shapes import (
    EndorsementAnswer,
    PremiumAnswer,
    RefundAnswer,
    SplitAnswer,
)
from coinsurance.premium_what_if_forms import (
    EndorsementWhatIfForm,
    PremiumForm,
    RefundForm,
    SplitForm,
)
from coinsurance.premiums import what_if
from service.auth import COMMITTEE, INSURER, Role, allow


class PremiumWhatIfRoutes(Controller):
    """Nothing is stored; the same rules as for real placements."""

    path = "/what-if"
    tags = ["what-if"]
    opt = allow(*INSURER, *COMMITTEE, Role.AUDITOR)

    @post("/split", summary="Divide by weights", operation_id="whatIfSplit", status_code=200)
    async def split(self, data: SplitForm) -> SplitAnswer:
        return what_if.split(data)

    @post("/premium", summary="A series of premium", operation_id="whatIfPremium", status_code=200)
    async def premium(self, data: PremiumForm) -> PremiumAnswer:
        return what_if.premium(data)

    @post(
        "/endorsement",
        summary="Premium of an endorsement",
        operation_id="whatIfEndorsement",
        status_code=200,
    )
    async def endorsement(self, data: EndorsementWhatIfForm) -> EndorsementAnswer:
        return what_if.endorsement(data)

    @post("/refund", summary="Refund by source", operation_id="whatIfRefund", status_code=200)
    async def refund(self, data: RefundForm) -> RefundAnswer:
        return what_if.refund(data)
