"""Calculators of shares, consents, deadlines, agreements; re-signing and balances of a year."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Parameter

from coinsurance.api.pools import INSIDERS
from coinsurance.api.shares import AsKnownAt, AsOf
from coinsurance.consent_shapes import BalancesShape
from coinsurance.pool_what_if_forms import (
    WhatIfAgreementForm,
    WhatIfConsentForm,
    WhatIfDeadlineForm,
    WhatIfReSigningForm,
    WhatIfSharesForm,
)
from coinsurance.pool_what_if_shapes import (
    AgreementAnswer,
    ConsentAnswer,
    DeadlineAnswer,
    ReSigningAnswer,
    SharesAnswer,
)
from coinsurance.pools import balances, re_signing, what_if
from coinsurance.pools.parts import known_at
from service.auth import Actor


class PoolWhatIfRoutes(Controller):
    """Nothing is stored; the same rules as for real pools."""

    path = "/what-if"
    tags = ["what-if"]
    opt = INSIDERS

    @post(
        "/shares",
        summary="Shares, lead, exit, newcomer",
        operation_id="whatIfShares",
        status_code=200,
    )
    async def shares(self, data: WhatIfSharesForm, actor: Actor) -> SharesAnswer:
        return await what_if.shares(actor, data)

    @post("/consents", summary="A vote", operation_id="whatIfConsents", status_code=200)
    async def consents(self, data: WhatIfConsentForm) -> ConsentAnswer:
        return what_if.consent(data)

    @post("/deadlines", summary="Last days", operation_id="whatIfDeadlines", status_code=200)
    async def deadlines(self, data: WhatIfDeadlineForm) -> list[DeadlineAnswer]:
        return what_if.deadlines(data)

    @post(
        "/re-signing",
        summary="Next year's shares from conduct",
        operation_id="whatIfReSigning",
        status_code=200,
    )
    async def re_signing(self, data: WhatIfReSigningForm) -> ReSigningAnswer:
        return re_signing.what_if(data)

    @post(
        "/agreements",
        summary="Check an agreement with its worked cases",
        operation_id="whatIfAgreement",
        status_code=200,
    )
    async def agreements(self, data: WhatIfAgreementForm) -> AgreementAnswer:
        return what_if.agreement(data)


class PoolFigureRoutes(Controller):
    """Figures of a pool year: next year's shares proposed, balances of its book."""

    path = "/pool-years/{number:str}"
    tags = ["pool-years"]
    opt = INSIDERS

    @get(
        "/re-signing",
        summary="Next year's shares proposed from conduct (续签建议)",
        operation_id="getReSigning",
    )
    async def re_signing(
        self,
        number: str,
        actor: Actor,
        year: Annotated[int | None, Parameter(description="The next year unless told")] = None,
    ) -> ReSigningAnswer:
        return await re_signing.proposal(actor, number, year)

    @get("/balances", summary="Balances per member and clause", operation_id="getBalances")
    async def balances(
        self,
        number: str,
        actor: Actor,
        as_of: AsOf = None,
        as_known_at: AsKnownAt = None,
        member: Annotated[str | None, Parameter(description="USCC of a member")] = None,
        clause: Annotated[str | None, Parameter(description="Words of the clause")] = None,
    ) -> BalancesShape:
        return await balances.balances(
            actor,
            number,
            as_of=as_of,
            as_known_at=known_at(as_known_at),
            member=member,
            clause=clause,
        )
